//! The journal's bytes are pinned: a book that was written by this version can be read by every later one.
//!
//! `tests/vectors/journal-v1.hex` is the used part of a journal that this test's script writes, 64 bytes a line. It
//! changes only together with a new version of the entries or of the layout; `MPOS_BLESS=1` writes it anew.

use crate::{
    disk::Disk,
    script::{declined, enrolled, entries_of, open, reverse, reversed, sell, told},
};
use std::fs;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/journal-v1.hex");

fn script() -> Disk {
    let disk = Disk::default();
    let mut book = enrolled(&disk);
    let sequence = sell(&mut book);
    book.record_answer(declined(sequence)).unwrap();
    let of = sell(&mut book);
    let reversal = reverse(&mut book, of);
    book.record_answer(reversed(reversal)).unwrap();
    sell(&mut book);
    disk
}

#[test]
fn a_journal_of_version_1_is_written_and_read_as_ever() {
    let disk = script();
    let bytes = disk.bytes();
    let used = &bytes[..entries_of(&bytes).last().unwrap().end];
    let lines: Vec<String> = used.chunks(64).map(hex::encode).collect();
    let written = lines.join("\n") + "\n";
    if std::env::var_os("MPOS_BLESS").is_some() {
        fs::write(GOLDEN, &written).unwrap();
    }
    let golden = fs::read_to_string(GOLDEN).unwrap();
    assert!(
        written == golden,
        "the journal's bytes have changed: let the difference of {GOLDEN} be reviewed"
    );

    let mut padded = hex::decode(golden.split_whitespace().collect::<String>()).unwrap();
    padded.resize(bytes.len(), 0);
    assert_eq!(told(&open(&Disk::holding(&padded)).unwrap()), told(&open(&disk).unwrap()));
}
