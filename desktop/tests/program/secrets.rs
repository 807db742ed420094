//! No PIN, account number, track or supervisor's code in anything that a sale leaves behind or prints, in any form.

use crate::support::{HostProcess, World, mpos, text};
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

#[test]
fn neither_files_nor_words_hold_a_supervisors_code() {
    /// Right, and wrong: each is as rare as the PIN above.
    const CODES: [&str; 2] = ["83651947", "46917382"];
    let world = World::new();
    let data = world.path("all");
    let sale = mpos(&data, &["pay", "--json", "--amount", "3.63"]);
    let report: serde_json::Value = serde_json::from_slice(&sale.stdout).unwrap();
    let reference = report["reference"].as_str().unwrap();
    let secrets = CODES.map(str::to_owned);
    let refund = ["-vv", "refund", "--reference", reference, "--supervisor-code"];
    for (arguments, exit) in [
        (&["-vv", "supervisor-code", "--code", CODES[0]][..], 0),
        (&[&refund[..], &[CODES[1]]].concat(), 1),
        (&[&refund[..], &[CODES[0]]].concat(), 0),
        (&["-vv", "history", "--merchant", "--supervisor-code", CODES[0]], 0),
    ] {
        let output = mpos(&data, arguments);
        assert_eq!(output.status.code(), Some(exit), "{}", text(&output.stderr));
        for (name, bytes) in [("standard output", &output.stdout), ("standard error", &output.stderr)] {
            secrets.iter().for_each(|secret| find(name, bytes, secret));
        }
        // The flight recorder's last frames are of this very command.
        assert!(search(&data.join("terminal"), &secrets) >= 4);
    }
    assert!(search(&data.join("bank"), &secrets) >= 2);
}

#[test]
#[cfg(target_os = "linux")]
fn the_program_leaves_no_core_dump() {
    let world = World::new();
    let host = HostProcess::start(&world.bank());
    let limits = fs::read_to_string(format!("/proc/{}/limits", host.child.id())).unwrap();
    let limit = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    assert_eq!(limit.split_whitespace().take(2).collect::<Vec<_>>(), ["0", "0"]);
}
