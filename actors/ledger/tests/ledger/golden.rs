//! The journal's bytes are pinned: a book that was written by this version can be read by every later one.
//!
//! `tests/vectors/journal-v1.hex` is the used part of a journal that this test's script writes, 64 bytes a line. It
//! changes only together with a new version of the entries or of the layout; the failing test prints the new one.

use crate::{
    disk::Disk,
    script::{declined, enrolled, entries_of, open, reverse, reversed, sell, told},
};

const GOLDEN: &str = include_str!("../vectors/journal-v1.hex");

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
    assert_eq!(lines.join("\n"), GOLDEN.trim_end(), "the journal's bytes have changed");

    let mut padded = hex::decode(GOLDEN.split_whitespace().collect::<String>()).unwrap();
    padded.resize(bytes.len(), 0);
    assert_eq!(told(&open(&Disk::holding(&padded)).unwrap()), told(&open(&disk).unwrap()));
}
