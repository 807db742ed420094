//! Data that is damaged, of a newer version, or not what it should be: named, left as it is, and nothing sold on it.

use crate::support::{World, fails, mpos, pay, text};
use mpos_protocol::signed::Hash;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Journal and key file begin alike: a magic, the version in byte 16, and in bytes 32 to 63 the SHA-256 of the 32
/// bytes before.
fn make_newer(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    bytes[16] = 2;
    let hash = Hash::of(&bytes[..32]);
    bytes[32..64].copy_from_slice(&hash.0);
    fs::write(file, bytes).unwrap();
}

fn flip(file: &Path, place: usize) {
    let mut bytes = fs::read(file).unwrap();
    bytes[place] ^= 0x01;
    fs::write(file, bytes).unwrap();
}

/// A folder after two sales.
fn folder() -> (World, PathBuf) {
    let world = World::new();
    let data = world.path("data");
    for amount in ["1.23", "2.34"] {
        assert_eq!(pay(&data, amount, "mastercard", &[]).1, Some(0));
    }
    (world, data)
}

/// What a sale says on this folder, which must fail, must not change the file, and must name it or what is wrong.
fn refuses(data: &Path, file: &Path, words: &str) {
    let before = fs::read(file).unwrap_or_default();
    let sold = text(&mpos(data, &["host", "transactions"]).stdout).lines().count();
    let (message, exit) = fails(data, &["pay", "--amount", "3.45"]);
    assert!(message.contains(words), "{message}");
    assert!(matches!(exit, Some(2 | 3)), "{exit:?}: {message}");
    assert!(!message.contains("panicked"), "{message}");
    assert_eq!(fs::read(file).unwrap_or_default(), before, "{} was changed", file.display());
    let now = text(&mpos(data, &["host", "transactions"]).stdout).lines().count();
    assert_eq!(now, sold, "something was sold");
}

#[test]
fn a_journal_of_a_newer_version_is_left_alone() {
    let (_world, data) = folder();
    let journal = data.join("terminal/ledger.journal");
    make_newer(&journal);
    refuses(&data, &journal, "newer than this program understands");
}

#[test]
fn a_journal_that_was_changed_in_the_middle_is_named_and_kept() {
    let (_world, data) = folder();
    let journal = data.join("terminal/ledger.journal");
    let whole = fs::read(&journal).unwrap();
    // In the first entry, after the header of 512 bytes.
    flip(&journal, 600);
    refuses(&data, &journal, "is damaged at entry 1");
    fs::write(&journal, whole).unwrap();
    assert_eq!(pay(&data, "3.45", "mastercard", &[]).0["receipt"], "000003");
}

#[test]
fn what_is_whole_of_a_damaged_journal_can_be_read_and_the_damage_is_named() {
    let (_world, data) = folder();
    let read = |more: &[&str]| mpos(&data, &[&["journal"], more].concat());
    let whole = read(&["--json"]);
    assert_eq!(whole.status.code(), Some(0));
    let entries = text(&whole.stdout);
    // Enrolled, and for each sale its request and its answer.
    assert_eq!(entries.lines().count(), 5, "{entries}");
    assert_eq!(entries.matches("\"approved\"").count(), 2, "{entries}");
    flip(&data.join("terminal/ledger.journal"), 600);
    let damaged = read(&[]);
    assert_eq!(damaged.status.code(), Some(1));
    let (table, message) = (text(&damaged.stdout), text(&damaged.stderr));
    assert_eq!(table.lines().count(), 1 + 4, "{table}");
    assert!(table.contains("1.23") && table.contains("2.34"), "{table}");
    assert!(message.contains("1 of 5 entries are damaged or missing: 1."), "{message}");
}

#[test]
fn the_terminals_keys_of_a_newer_version_or_damaged_are_named() {
    let (_world, data) = folder();
    let keys = data.join("terminal/terminal.keys");
    let whole = fs::read(&keys).unwrap();
    make_newer(&keys);
    refuses(&data, &keys, "terminal.keys");
    fs::write(&keys, &whole[..100]).unwrap();
    refuses(&data, &keys, "terminal.keys");
    fs::write(&keys, &whole).unwrap();
    assert_eq!(pay(&data, "3.45", "mastercard", &[]).0["outcome"], "approved");
}

#[test]
fn the_banks_books_cut_off_are_named() {
    let (_world, data) = folder();
    let books = data.join("bank/host.sqlite");
    let whole = fs::read(&books).unwrap();
    fs::write(&books, &whole[..whole.len() / 2]).unwrap();
    let (message, exit) = fails(&data, &["pay", "--amount", "3.45"]);
    assert!(message.contains("host.sqlite") && exit == Some(3), "{message}");
    fs::write(
        &books,
        b"this is no database, and it is longer than a header of one hundred bytes would be, by far",
    )
    .unwrap();
    let (message, _) = fails(&data, &["host", "transactions"]);
    assert!(message.contains("host.sqlite"), "{message}");
}

#[test]
fn a_folder_where_a_file_should_be_is_named() {
    let (_world, data) = folder();
    let journal = data.join("terminal/ledger.journal");
    let kept = data.join("kept");
    fs::rename(&journal, &kept).unwrap();
    fs::create_dir(&journal).unwrap();
    let (message, exit) = fails(&data, &["pay", "--amount", "3.45"]);
    assert!(message.contains("cannot be read or written") && exit == Some(3), "{message}");
    fs::remove_dir(&journal).unwrap();
    fs::rename(&kept, &journal).unwrap();
    assert_eq!(pay(&data, "3.45", "mastercard", &[]).0["receipt"], "000003");
    // And a file where the data folder should be.
    let file = data.join("terminal/ledger.index");
    let (message, exit) = fails(&file, &["pay", "--amount", "3.45"]);
    assert!(message.contains("ledger.index") && exit == Some(2), "{message}");
}

#[test]
fn a_lost_index_is_made_anew() {
    let (_world, data) = folder();
    fs::write(data.join("terminal/ledger.index"), "nonsense").unwrap();
    assert_eq!(pay(&data, "3.45", "mastercard", &[]).0["receipt"], "000003");
    fs::remove_file(data.join("terminal/ledger.index")).unwrap();
    assert_eq!(pay(&data, "4.56", "mastercard", &[]).0["receipt"], "000004");
}

#[test]
fn two_terminals_do_not_share_a_book() {
    let (_world, data) = folder();
    let mut first = crate::support::command(&data)
        .arg("terminal")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = std::io::BufReader::new(first.stderr.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut said, &mut line).unwrap();
    assert!(line.starts_with("Ready"), "{line}");
    let (message, exit) = fails(&data, &["pay", "--amount", "3.45"]);
    assert!(message.contains("is in use") && exit == Some(3), "{message}");
    drop(first.stdin.take());
    assert_eq!(first.wait().unwrap().code(), Some(0));
}
