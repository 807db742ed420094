//! The zip: which files are in it, where the libraries lie, and that nothing in it is a key.

use super::{
    super::{abi::Abi, package::BANK_ENTRY},
    is_page,
};
use crate::failure::Failure;
use std::{
    io::{self, Cursor, Read},
    path::Path,
};
use zip::{CompressionMethod, ZipArchive};

/// An entry is no longer than this: a library without its symbols.
const ENTRY_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// How private keys are marked. Written in two parts, as the tree is searched for them too.
const KEY_MARKS: &[&str] = &[concat!("PRIV", "ATE KEY-----"), "SEALING_KEY", "debug.keystore"];
/// Endings of files that hold keys.
const KEY_FILES: &[&str] = &[".key", ".keystore", ".jks", ".p12", ".pfx", ".pk8"];

/// The content of the APK.
pub(super) struct Archive<'a> {
    file: &'a [u8],
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    start: u64,
    is_stored: bool,
    content: Vec<u8>,
}

impl<'a> Archive<'a> {
    /// Reads all of it.
    ///
    /// # Errors
    /// When it is no zip.
    pub(super) fn read(path: &Path, file: &'a [u8]) -> Result<Self, Failure> {
        let failed = |source: io::Error| Failure::File { path: path.to_owned(), source };
        let mut zip = ZipArchive::new(Cursor::new(file)).map_err(|error| failed(error.into()))?;
        let mut entries = Vec::new();
        for index in 0..zip.len() {
            let entry = zip.by_index(index).map_err(|error| failed(error.into()))?;
            let name = entry.name().map_err(|error| failed(error.into()))?.into_owned();
            let is_stored = entry.compression() == CompressionMethod::Stored;
            let start = entry.data_start().unwrap_or_default();
            let mut content = Vec::new();
            entry.take(ENTRY_BYTES_MAX).read_to_end(&mut content).map_err(failed)?;
            entries.push(Entry { name, start, is_stored, content });
        }
        Ok(Self { file, entries })
    }

    /// One file of it.
    pub(super) fn content(&self, name: &str) -> Option<&[u8]> {
        self.entries.iter().find(|entry| entry.name == name).map(|entry| &*entry.content)
    }

    /// What does not hold.
    pub(super) fn check(&self, abis: &[Abi]) -> Vec<String> {
        let mut findings = Vec::new();
        let libraries = abis.iter().map(|abi| format!("lib/{}/libmpos.so", abi.name()));
        let fixed = ["AndroidManifest.xml", "classes.dex", "resources.arsc", BANK_ENTRY].map(str::to_owned);
        for name in libraries.chain(fixed) {
            if self.content(&name).is_none() {
                findings.push(format!("{name} is missing"));
            }
        }
        for entry in &self.entries {
            findings.extend(entry.check(abis));
        }
        let bank = self.content(BANK_ENTRY).unwrap_or_default();
        if !String::from_utf8_lossy(bank).lines().any(|line| line.starts_with("address:")) {
            findings.push(format!("{BANK_ENTRY} says not where the bank is"));
        }
        // The whole file too: between the entries there are signatures, and nothing else.
        findings.extend(key_in(self.file).map(|mark| format!("it holds a key: `{mark}`")));
        findings
    }
}

impl Entry {
    fn check(&self, abis: &[Abi]) -> Vec<String> {
        let name = &self.name;
        let mut findings = Vec::new();
        if KEY_FILES.iter().any(|ending| name.ends_with(ending)) {
            findings.push(format!("{name} is a file of keys"));
        }
        findings.extend(key_in(&self.content).map(|mark| format!("{name} holds a key: `{mark}`")));
        if name.starts_with("lib/") {
            if !abis.iter().any(|abi| *name == format!("lib/{}/libmpos.so", abi.name())) {
                findings.push(format!("{name} is a library that nobody asked for"));
            }
            if !self.is_stored || !is_page(self.start) {
                findings.push(format!(
                    "{name} must lie uncompressed at a page's beginning, not at {}",
                    self.start
                ));
            }
        }
        if name == "resources.arsc" && (!self.is_stored || !self.start.is_multiple_of(4)) {
            findings
                .push(format!("{name} must lie uncompressed at a word's beginning, not at {}", self.start));
        }
        findings
    }
}

fn key_in(content: &[u8]) -> Option<&'static str> {
    KEY_MARKS.iter().copied().find(|mark| content.windows(mark.len()).any(|window| window == mark.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::{ZipWriter, write::SimpleFileOptions};

    fn apk(entries: &[(&str, &[u8], u16)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content, alignment) in entries {
            let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
            zip.start_file(*name, stored.with_alignment(*alignment)).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn found(entries: &[(&str, &[u8], u16)]) -> Vec<String> {
        let file = apk(entries);
        Archive::read(Path::new("x.apk"), &file).unwrap().check(&[Abi::Arm64])
    }

    const GOOD: [(&str, &[u8], u16); 5] = [
        ("AndroidManifest.xml", b"m", 1),
        ("classes.dex", b"d", 1),
        ("resources.arsc", b"r", 4),
        ("assets/bank.pem", b"address: bank:1\n", 1),
        ("lib/arm64-v8a/libmpos.so", b"l", 16_384),
    ];

    #[test]
    fn an_apk_with_all_in_its_place_is_good_and_each_missing_file_is_named() {
        assert_eq!(found(&GOOD), Vec::<String>::new());
        for (name, ..) in GOOD {
            let rest: Vec<_> = GOOD.into_iter().filter(|(other, ..)| *other != name).collect();
            assert!(found(&rest).iter().any(|finding| finding.contains(name)), "{name}");
        }
    }

    #[test]
    fn a_library_off_its_page_or_of_another_processor_is_found() {
        let mut entries = GOOD;
        entries[4].2 = 4;
        assert!(found(&entries)[0].contains("page's beginning"));
        let other = [&GOOD[..], &[("lib/mips/libmpos.so", b"l", 16_384)]].concat();
        assert!(found(&other)[0].contains("nobody asked for"));
    }

    #[test]
    fn a_key_is_found_in_a_file_and_by_its_name() {
        let key = format!("-----BEGIN {}", KEY_MARKS[0]);
        let with = [&GOOD[..], &[("assets/x", key.as_bytes(), 1), ("assets/y.jks", b"", 1)]].concat();
        let findings = found(&with);
        assert!(findings.iter().any(|finding| finding.contains("assets/x holds a key")));
        assert!(findings.iter().any(|finding| finding.contains("assets/y.jks is a file of keys")));
    }
}
