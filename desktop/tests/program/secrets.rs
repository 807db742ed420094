//! No PIN, account number or track in anything that a sale leaves behind or prints, in any form.

use crate::support::{World, mpos, text};
use mpos_cards::catalogue;
use std::{fs, path::Path};

/// A PIN that no other number here contains. It is wrong, so the sale is declined by the bank, which had to compare it.
const PIN: &str = "739182645073";

/// What must not be found: the digits as text, as half bytes, and as the hexadecimal of both.
fn forms(digits: &str) -> Vec<Vec<u8>> {
    let padded = if digits.len().is_multiple_of(2) { digits.to_owned() } else { format!("{digits}F") };
    let packed = hex::decode(padded).unwrap();
    let ascii_hex = hex::encode(digits);
    vec![
        digits.as_bytes().to_vec(),
        packed,
        ascii_hex.clone().into_bytes(),
        ascii_hex.to_uppercase().into_bytes(),
    ]
}

fn find(place: &str, bytes: &[u8], digits: &str) {
    for form in forms(digits) {
        assert!(!bytes.windows(form.len()).any(|window| window == form), "{digits} in {place}");
    }
}

/// Looks for all of it in all files of a folder; how many files there are.
fn search(folder: &Path, secrets: &[String]) -> usize {
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files += search(&path, secrets);
            continue;
        }
        files += 1;
        let bytes = fs::read(&path).unwrap();
        for secret in secrets {
            find(&path.display().to_string(), &bytes, secret);
        }
    }
    files
}

#[test]
fn neither_files_nor_words_hold_an_account_number_or_a_pin() {
    let world = World::new();
    let data = world.path("all");
    let mut secrets: Vec<String> =
        catalogue::accounts().iter().map(|account| account.pan.to_owned()).collect();
    secrets.push(PIN.to_owned());
    for card in ["mastercard", "visa", "maestro"] {
        let sale = ["-vv", "pay", "--amount", "52.00", "--card", card, "--pin", PIN];
        let output = mpos(&data, &sale);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        assert!(text(&output.stdout).contains("The PIN is wrong."), "{}", text(&output.stdout));
        assert!(text(&output.stderr).lines().count() > 5, "it says much at -vv");
        for (name, bytes) in [("standard output", &output.stdout), ("standard error", &output.stderr)] {
            secrets.iter().for_each(|secret| find(name, bytes, secret));
        }
    }
    assert!(search(&data.join("terminal"), &secrets) >= 4, "journal, index, keys and recording");
    assert!(search(&data.join("bank"), &secrets) >= 2, "books and keys");
}
