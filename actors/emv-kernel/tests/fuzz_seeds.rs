//! The fuzzer's seeds are whole taps; this says what they are and keeps them right.
//!
//! `MPOS_WRITE_SEEDS=1 cargo test -p mpos-emv-kernel --test fuzz_seeds` writes them anew, with the
//! settings that go with them.

#![allow(clippy::disallowed_methods, reason = "it reads and writes the fuzz seeds, which are files")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::PathBuf;

use mpos_emv_kernel::TerminalSettings;
use support::mastercard::Mastercard;
use support::visa::Visa;
use support::{Card, change_combinations, play, purchase, refund, settings, with_kernel3};

/// Choices of the fuzz target's first byte.
const AMOUNT_4001: u8 = 2;
const REFUND: u8 = 4;
const MAY_APPROVE: u8 = 8;
const FDDA_ONLINE: u8 = 16;

fn settings_for(choice: u8) -> TerminalSettings {
    let mut settings = settings();
    if choice & MAY_APPROVE != 0 {
        settings.terminal_type = 0x22;
        change_combinations(&mut settings, |combination| combination.floor_limit = 5000);
    }
    if choice & FDDA_ONLINE != 0 {
        settings = with_kernel3(settings, |kernel| kernel.ttq[0] |= 0x11);
    }
    settings
}

/// A tap as the fuzz target reads it: the choice, then each answer with its length.
fn seed(choice: u8, mut card: impl Card) -> Vec<u8> {
    let amount = if choice & AMOUNT_4001 != 0 { 4001 } else { 100 };
    let transaction = if choice & REFUND != 0 { refund(amount) } else { purchase(amount) };
    let mut seed = vec![choice];
    play(settings_for(choice), transaction, &mut |command: &[u8]| {
        let answer = card.answer(command);
        match &answer {
            Some(answer) => {
                seed.extend(u16::try_from(answer.len()).unwrap().to_be_bytes());
                seed.extend(answer);
            }
            None => seed.extend([0xFF, 0xFF]),
        }
        answer
    });
    seed
}

/// A Mastercard that leaves before its first record, once.
fn leaving() -> impl Card {
    let mut inner = Mastercard::new();
    let mut left = false;
    move |command: &[u8]| {
        if command.starts_with(&[0x00, 0xB2]) && !left {
            left = true;
            return None;
        }
        inner.answer(command)
    }
}

fn approving_visa() -> Visa {
    let mut card = Visa::with_fdda("2000");
    card.set(0x9F27, "40");
    card
}

#[test]
fn the_seeds_are_the_taps_they_are_named_for() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let settings = serde_json::to_string_pretty(&settings()).unwrap() + "\n";
    let files = [
        ("settings.json", settings.into_bytes()),
        ("seeds/kernel/mastercard", seed(0, Mastercard::new())),
        ("seeds/kernel/mastercard_pin", seed(AMOUNT_4001, Mastercard::new())),
        ("seeds/kernel/mastercard_phone", seed(AMOUNT_4001, Mastercard::phone())),
        ("seeds/kernel/mastercard_refund", seed(REFUND, Mastercard::new())),
        ("seeds/kernel/mastercard_approves", seed(MAY_APPROVE, Mastercard::new())),
        ("seeds/kernel/mastercard_leaves", seed(0, leaving())),
        ("seeds/kernel/visa", seed(0, Visa::online("0000"))),
        ("seeds/kernel/visa_phone", seed(AMOUNT_4001, Visa::online("0080"))),
        ("seeds/kernel/visa_fdda", seed(FDDA_ONLINE, Visa::with_fdda("0080"))),
        ("seeds/kernel/visa_approves", seed(MAY_APPROVE | FDDA_ONLINE, approving_visa())),
        ("seeds/kernel/visa_refund", seed(REFUND, Visa::online("8000"))),
    ];
    let write = std::env::var_os("MPOS_WRITE_SEEDS").is_some();
    for (name, content) in files {
        let path = folder.join(name);
        if write {
            std::fs::write(&path, &content).unwrap();
        }
        assert!(std::fs::read(&path).unwrap() == content, "{name}: write it anew, see above");
    }
}
