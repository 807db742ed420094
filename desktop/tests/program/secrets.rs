//! No PIN, account number or track in anything that a sale leaves behind or prints, in any form.

use crate::support::{World, mpos, text};
use mpos_cards::catalogue;
use std::{fs, path::Path};

/// A PIN that no other number here contains.
const PIN: &str = "1234";

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

fn find(place: &str, bytes: &[u8], what: &str, digits: &str) {
    for form in forms(digits) {
        assert!(!bytes.windows(form.len()).any(|window| window == form), "{what} in {place}");
    }
}

fn search(folder: &Path, accounts: &[String]) -> usize {
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files += search(&path, accounts);
            continue;
        }
        files += 1;
        let bytes = fs::read(&path).unwrap();
        for account in accounts {
            find(&path.display().to_string(), &bytes, "an account number", account);
        }
    }
    files
}

#[test]
fn neither_files_nor_words_hold_an_account_number_or_a_pin() {
    let world = World::new();
    let data = world.path("all");
    let accounts: Vec<String> = catalogue::accounts().iter().map(|account| account.pan.to_owned()).collect();
    for card in ["mastercard", "visa", "maestro"] {
        let sale = ["-vv", "pay", "--amount", "52.00", "--card", card, "--pin", PIN];
        let output = mpos(&data, &sale);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(text(&output.stderr).lines().count() > 5, "it says much at -vv");
        for (name, bytes) in [("standard output", &output.stdout), ("standard error", &output.stderr)] {
            for account in &accounts {
                find(name, bytes, "an account number", account);
            }
            assert!(!text(bytes).contains(&format!("\"{PIN}\"")), "the PIN in {name}");
        }
    }
    assert!(search(&data.join("terminal"), &accounts) >= 4, "journal, index, keys and recording");
    assert!(search(&data.join("bank"), &accounts) >= 2, "books and keys");
    let recording = fs::read_to_string(data.join("terminal/last-tap.jsonl")).unwrap();
    assert!(!recording.contains(&format!("\"{PIN}\"")), "the PIN in the recording");
}
