//! A card that answers whatever the input says, against the whole kernel, data authentication included.
//!
//! Input: one byte that chooses transaction and terminal, then the answers, each a length of two bytes and
//! its bytes. A length of `FFFF` is a card that leaves. The seeds are whole taps of the test cards
//! (`tests/fuzz_seeds.rs` writes and checks them), so that every phase is reached from the start.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use mpos_emv_kernel::limits::{ATTEMPTS_MAX, COMMANDS_MAX};
use mpos_emv_kernel::settings::KernelSettings;
use mpos_emv_kernel::{Outcome, OutcomeKind, Step, Tap, TerminalSettings, Transaction, TransactionType};

/// As the test cards' CA wants it.
static SETTINGS: LazyLock<TerminalSettings> =
    LazyLock::new(|| serde_json::from_str(include_str!("../settings.json")).expect("settings of ours"));

fuzz_target!(|input: &[u8]| {
    let Some((&choice, mut rest)) = input.split_first() else { return };
    let (mut tap, mut step) = Tap::start(Arc::new(settings(choice)), transaction(choice));
    let mut commands = 0;
    let mut presentations = 0;
    let outcome = loop {
        step = match step {
            Step::PresentCard(_) => {
                presentations += 1;
                tap.card_found()
            }
            Step::Command(command) => {
                commands += 1;
                assert!((5..=261).contains(&command.as_bytes().len()));
                match take_answer(&mut rest) {
                    Some(answer) => tap.card_answered(answer),
                    None => tap.card_lost(),
                }
            }
            Step::CardDone(pending) => {
                let verification = pending.verify();
                break pending.finish(verification);
            }
            Step::Ended(outcome) => break *outcome,
        };
        assert!(presentations <= ATTEMPTS_MAX);
        assert!(commands <= ATTEMPTS_MAX * usize::from(COMMANDS_MAX));
    };
    check(&outcome);
});

/// What holds of every outcome.
fn check(outcome: &Outcome) {
    if matches!(outcome.kind, OutcomeKind::OnlineRequest | OutcomeKind::Approved) {
        let record = outcome.record.as_ref().expect("the bank is asked with a cryptogram");
        assert!(record.host_tags.len() <= 512);
        assert!(outcome.reason.is_none() && outcome.application.is_some());
    } else {
        assert!(outcome.reason.is_some());
    }
}

fn take_answer<'i>(rest: &mut &'i [u8]) -> Option<&'i [u8]> {
    let (length, after) = rest.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    if length == 0xFFFF {
        *rest = after;
        return None;
    }
    let (answer, after) = after.split_at(length.min(after.len()));
    *rest = after;
    Some(answer)
}

fn transaction(choice: u8) -> Transaction {
    Transaction {
        amount: [100, 4000, 4001, 0][usize::from(choice & 3)],
        amount_other: 0,
        currency: [0x09, 0x78],
        date: [0x26, 0x11, 0x24],
        time: [0x16, 0x30, 0x40],
        kind: if choice & 4 == 0 { TransactionType::Purchase } else { TransactionType::Refund },
        unpredictable_numbers: [[0x11; 4], [0x22; 4], [0x33; 4], [0x44; 4]],
        sequence_counter: 7,
    }
}

/// Bit 4: a terminal that may approve; bit 5: one that verifies fDDA online too.
fn settings(choice: u8) -> TerminalSettings {
    let mut settings = SETTINGS.clone();
    let mut combinations = settings.combinations.into_vec();
    for combination in &mut combinations {
        if choice & 8 != 0 {
            combination.floor_limit = 5000;
        }
        if let KernelSettings::Kernel3(kernel) = &mut combination.kernel
            && choice & 16 != 0
        {
            kernel.ttq[0] |= 0x11;
        }
    }
    settings.combinations = combinations.try_into().expect("as many as before");
    if choice & 8 != 0 {
        settings.terminal_type = 0x22;
    }
    settings
}
