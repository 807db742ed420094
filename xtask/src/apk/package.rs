//! The APK before it is signed: a zip whose libraries lie uncompressed at the edges of 16 KiB pages, so that Android
//! maps them from where they are. Entries have one order and no time, so that the same content is the same file.

use super::{abi::Abi, bytes, shell::Shell};
use crate::failure::Failure;
use std::{
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// A page of a phone with Android 15.
pub(crate) const PAGE_BYTES: u16 = 16 * 1024;
/// Android reads the table of resources where it lies, in words.
const WORD_BYTES: u16 = 4;
/// Where the library finds its bank.
pub(crate) const BANK_ENTRY: &str = "assets/bank.pem";
/// The longest resource.
const RESOURCE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Writes the APK.
///
/// # Errors
/// When a file cannot be read or written.
pub(crate) fn write(
    path: &Path,
    shell: &Shell,
    bank: &[u8],
    libraries: impl Iterator<Item = (Abi, PathBuf)>,
) -> Result<(), Failure> {
    let failed = |source: io::Error| Failure::File { path: path.to_owned(), source };
    let mut zip = ZipWriter::new(File::create(path).map_err(failed)?);
    for (name, content) in resources(&shell.resources)? {
        let options = if name == "resources.arsc" { stored(WORD_BYTES) } else { deflated() };
        entry(&mut zip, &name, &content, options).map_err(failed)?;
    }
    entry(&mut zip, "classes.dex", &shell.dex, deflated()).map_err(failed)?;
    entry(&mut zip, BANK_ENTRY, bank, deflated()).map_err(failed)?;
    for (abi, library) in libraries {
        let name = format!("lib/{}/libmpos.so", abi.name());
        entry(&mut zip, &name, &bytes(&library)?, stored(PAGE_BYTES)).map_err(failed)?;
    }
    zip.finish().map_err(|error| failed(error.into())).map(drop)
}

/// What aapt packed, by name.
fn resources(path: &Path) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let failed = |source: io::Error| Failure::File { path: path.to_owned(), source };
    let mut packed =
        ZipArchive::new(File::open(path).map_err(failed)?).map_err(|error| failed(error.into()))?;
    let mut entries = Vec::new();
    for index in 0..packed.len() {
        let entry = packed.by_index(index).map_err(|error| failed(error.into()))?;
        let name = entry.name().map_err(|error| failed(error.into()))?.into_owned();
        let mut content = Vec::new();
        entry.take(RESOURCE_BYTES_MAX).read_to_end(&mut content).map_err(failed)?;
        entries.push((name, content));
    }
    // The manifest first, as package installers look for it there.
    entries.sort_by_key(|(name, _)| (name != "AndroidManifest.xml", name.clone()));
    Ok(entries)
}

fn entry(
    zip: &mut ZipWriter<File>,
    name: &str,
    content: &[u8],
    options: SimpleFileOptions,
) -> io::Result<()> {
    zip.start_file(name, options)?;
    zip.write_all(content)
}

fn deflated() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).compression_level(Some(9))
}

fn stored(alignment: u16) -> SimpleFileOptions {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    // In the field by which apksigner knows how to align the entry when it writes it again.
    stored.with_android_alignment(alignment)
}
