//! Looks for secrets in bytes, in each form that a program could have written them: as text, as digits packed in half
//! bytes or one in a byte, and any of these as hexadecimal, as a list of numbers or in base64.
//!
//! A form is searched for only if it is too long to come about by chance in the keys, signatures and ciphertexts that
//! are everywhere here: five bytes, once in a million megabytes. What is shorter is searched for with its padding.

use std::{
    collections::{BTreeSet, HashMap},
    fmt::Write,
    fs,
    path::Path,
};

/// The shortest form, in bytes.
const FORM_BYTES_MIN: usize = 5;
/// By how many of its first bytes a form is found.
const START: usize = 4;

/// A secret in one form.
pub(crate) struct Form {
    /// Which secret, and how it is written.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// All that is searched for.
#[derive(Default)]
pub(crate) struct Search {
    forms: Vec<Form>,
    starts: HashMap<[u8; START], Vec<usize>>,
}

impl Search {
    /// A number, in every form.
    pub(crate) fn number(&mut self, what: &str, digits: &str) {
        self.text(what, digits);
        let spread: Vec<u8> = digits.bytes().map(|digit| digit - b'0').collect();
        self.bytes(what, "a digit a byte", &spread);
        self.packed(what, digits);
    }

    /// Letters and digits, as they are written.
    pub(crate) fn text(&mut self, what: &str, text: &str) {
        self.bytes(what, "text", text.as_bytes());
        let units: Vec<[u8; 2]> = text.encode_utf16().map(u16::to_le_bytes).collect();
        self.add(what, "UTF-16LE", units.concat());
        self.add(what, "UTF-16BE", units.iter().flat_map(|[low, high]| [*high, *low]).collect());
    }

    /// Half bytes, written as hexadecimal digits: at the beginning of a byte and in its middle, where the neighbours'
    /// half bytes are not known, or are padding.
    pub(crate) fn packed(&mut self, what: &str, digits: &str) {
        let whole = |digits: &str| hex::decode(&digits[..digits.len() / 2 * 2]).unwrap();
        let aligned =
            whole(&if digits.len().is_multiple_of(2) { digits.to_owned() } else { format!("{digits}F") });
        let shifted = whole(&digits[1..]);
        if shifted.len() >= FORM_BYTES_MIN {
            self.bytes(what, "packed", &aligned);
            return self.bytes(what, "packed from the middle of a byte", &shifted);
        }
        let length = digits.len();
        for padded in [
            format!("{digits}FF"),
            format!("{digits}00"),
            format!("{length:02X}{digits}"),
            format!("F{digits}F"),
            format!("0{digits}F"),
            format!("0{digits}0"),
            format!("{length:X}{digits}F"),
        ] {
            self.bytes(what, &format!("packed as {padded}").replace(digits, "…"), &whole(&padded));
        }
    }

    /// Bytes: as they are, in hexadecimal, as a list of numbers, in base64.
    fn bytes(&mut self, what: &str, how: &str, bytes: &[u8]) {
        self.add(what, how, bytes.to_vec());
        for separator in ["", " ", ":", ", ", ", 0x"] {
            let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            let lower = pairs.join(separator);
            let upper = pairs.join(separator).to_uppercase().replace('X', "x");
            self.add(what, &format!("{how}, hexadecimal"), lower.into_bytes());
            self.add(what, &format!("{how}, hexadecimal in capitals"), upper.into_bytes());
        }
        let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
        for separator in [",", ", "] {
            self.add(what, &format!("{how}, a list of numbers"), numbers.join(separator).into_bytes());
        }
        for before in 0..3 {
            let encoded = inside_base64(bytes, before);
            let for_addresses = encoded.replace('+', "-").replace('/', "_");
            self.add(what, &format!("{how}, base64"), encoded.into_bytes());
            self.add(what, &format!("{how}, base64 for addresses"), for_addresses.into_bytes());
        }
    }

    /// The same bytes are one form, of the first name.
    fn add(&mut self, what: &str, how: &str, bytes: Vec<u8>) {
        assert!(bytes.len() >= FORM_BYTES_MIN, "{what}, {how}: is too short to be searched for");
        let start = *bytes.first_chunk().unwrap();
        let same_start = self.starts.entry(start).or_default();
        if same_start.iter().all(|form| self.forms[*form].bytes != bytes) {
            same_start.push(self.forms.len());
            self.forms.push(Form { name: format!("{what}: {how}"), bytes });
        }
    }

    /// Everything that is searched for.
    pub(crate) fn forms(&self) -> &[Form] {
        &self.forms
    }

    /// What is in these bytes, by name.
    pub(crate) fn found(&self, bytes: &[u8]) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        for (place, start) in bytes.windows(START).enumerate() {
            let start: &[u8; START] = start.try_into().unwrap();
            for form in self.starts.get(start).into_iter().flatten().map(|form| &self.forms[*form]) {
                if bytes[place..].starts_with(&form.bytes) {
                    found.insert(form.name.as_str());
                }
            }
        }
        found
    }

    /// The files of a folder and of those in it, and what is in each: `file: secret: form`.
    pub(crate) fn found_below(&self, folder: &Path) -> (Vec<String>, String) {
        let (mut files, mut found) = (Vec::new(), String::new());
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                for name in self.found(&fs::read(&path).unwrap()) {
                    writeln!(found, "{}: {name}", path.display()).unwrap();
                }
                files.push(path.display().to_string());
            }
        }
        (files, found)
    }
}

/// The characters of RFC 4648, section 4, that bytes come to where so many others are before them, and any after.
fn inside_base64(bytes: &[u8], before: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (from, to) = (8 * before, 8 * (before + bytes.len()));
    let bit = |at: usize| usize::from(bytes[(at - from) / 8] >> (7 - at % 8) & 1);
    let whole = (from.div_ceil(6)..to / 6).map(|place| 6 * place..6 * place + 6);
    whole.map(|bits| char::from(ALPHABET[bits.fold(0, |value, at| value << 1 | bit(at))])).collect()
}

#[test]
fn a_secret_is_found_in_each_form_that_somebody_else_wrote() {
    let mut search = Search::default();
    search.number("PIN", "739182645073");
    search.number("code", "83651947");
    search.number("PAN", "5413330089030036");
    search.packed("track", "5413330089030036D3512201");
    search.text("activation", "ABCD-EFGH-JKMN-PQRS");
    let written: [(&str, &[u8]); 22] = [
        ("PIN: text", b"\"pin\":\"739182645073\""),
        ("PIN: UTF-16LE", b"7\x003\x009\x001\x008\x002\x006\x004\x005\x000\x007\x003\x00"),
        ("PIN: UTF-16BE", b"\x007\x003\x009\x001\x008\x002\x006\x004\x005\x000\x007\x003"),
        ("PIN: a digit a byte", b"\x0C\x07\x03\x09\x01\x08\x02\x06\x04\x05\x00\x07\x03\x0F"),
        ("PIN: a digit a byte, hexadecimal", b"070309010802060405000703"),
        ("PIN: a digit a byte, a list of numbers", b"[7, 3, 9, 1, 8, 2, 6, 4, 5, 0, 7, 3]"),
        ("PIN: packed", b"\x4C\x73\x91\x82\x64\x50\x73\xAA"),
        ("PIN: packed from the middle of a byte", b"\x47\x39\x18\x26\x45\x07\x3A"),
        ("PIN: packed, hexadecimal", b"4c 73 91 82 64 50 73 aa"),
        ("PIN: packed, a list of numbers", b"[76,115,145,130,100,80,115,170]"),
        ("PIN: packed, base64", b"TXORgmRQc6o="),
        ("PIN: text, base64", b"NzM5MTgyNjQ1MDcz"),
        ("PIN: text, base64", b"eDczOTE4MjY0NTA3M3k="),
        ("PIN: text, base64", b"eHg3MzkxODI2NDUwNzN5eQ=="),
        ("PIN: text, hexadecimal", b"373339313832363435303733"),
        ("code: packed as …FF", b"\x08\x83\x65\x19\x47\xFF\xFF\xFF"),
        ("code: packed as F…F", b"\xF8\x36\x51\x94\x7F"),
        ("PAN: packed, base64", b"eFQTMwCJAwA2eXo="),
        ("track: packed, hexadecimal", b"57105413330089030036d3512201"),
        ("track: packed from the middle of a byte", b"\xB5\x41\x33\x30\x08\x90\x30\x03\x6D\x35\x12\x20\x1F"),
        ("activation: text", b"--activation-code ABCD-EFGH-JKMN-PQRS"),
        ("activation: text, hexadecimal in capitals", b"414243442D454647482D4A4B4D4E2D50515253"),
    ];
    for (name, bytes) in written {
        assert!(search.found(bytes).contains(name), "{name} in {bytes:02x?}: {:?}", search.found(bytes));
    }
    for other in [&b"***0036"[..], b"5413330089130036", b"\x73\x91\x82\x64\x50\x00", b"7391826450"] {
        assert_eq!(search.found(other), BTreeSet::new());
    }
}
