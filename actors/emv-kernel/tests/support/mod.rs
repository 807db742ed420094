//! What the tests of the kernel share: a terminal, a card in the field, and the tap between them.
//!
//! Cards are of two kinds. A [`script`] is a list of commands and answers, each with a comment: what the
//! kernel says is part of the test. [`mastercard`] and [`visa`] answer by themselves and sign for real.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "tests")]

// The throw-away keys and the signing are the ones that the cryptography crate's own tests use.
#[path = "../../../../protocol/crypto/tests/support/mod.rs"]
pub(crate) mod authority;
pub(crate) mod certificates;
pub(crate) mod mastercard;
pub(crate) mod visa;

use std::sync::Arc;

use mpos_emv_kernel::settings::{CaKey, CaKeySet, Kernel2Settings, Kernel3Settings, KernelSettings};
use mpos_emv_kernel::{Outcome, PresentCard, Step, Tap, TerminalSettings, Transaction, TransactionType};
use mpos_protocol::{Bytes, List};

/// Index (8F) of the test CA's keys.
pub(crate) const CA_INDEX: u8 = 0xF1;

/// More steps than any tap may take: four presentations of [`mpos_emv_kernel::limits::COMMANDS_MAX`].
const STEPS_MAX: usize = 4 * 160 + 10;

/// The development settings with the test CA's key for both schemes.
pub(crate) fn settings() -> TerminalSettings {
    let key = |rid: [u8; 5]| CaKey {
        rid,
        index: CA_INDEX,
        set: CaKeySet::Live,
        modulus: Bytes::new(authority::CA.modulus).unwrap(),
        exponent: Bytes::new(&[3]).unwrap(),
        checksum: None,
    };
    let keys = vec![key([0xA0, 0, 0, 0, 4]), key([0xA0, 0, 0, 0, 3])];
    TerminalSettings::development(List::try_from(keys).unwrap())
}

/// Changes every combination of kernel 2.
pub(crate) fn with_kernel2(
    mut settings: TerminalSettings,
    change: impl Fn(&mut Kernel2Settings),
) -> TerminalSettings {
    change_combinations(&mut settings, |combination| {
        if let KernelSettings::Kernel2(kernel) = &mut combination.kernel {
            change(kernel);
        }
    });
    settings
}

/// Changes every combination of kernel 3.
pub(crate) fn with_kernel3(
    mut settings: TerminalSettings,
    change: impl Fn(&mut Kernel3Settings),
) -> TerminalSettings {
    change_combinations(&mut settings, |combination| {
        if let KernelSettings::Kernel3(kernel) = &mut combination.kernel {
            change(kernel);
        }
    });
    settings
}

pub(crate) fn change_combinations(
    settings: &mut TerminalSettings,
    change: impl Fn(&mut mpos_emv_kernel::settings::Combination),
) {
    let mut combinations = settings.combinations.to_vec();
    combinations.iter_mut().for_each(change);
    settings.combinations = List::try_from(combinations).unwrap();
}

/// A purchase on 24 November 2026.
pub(crate) fn purchase(amount: u64) -> Transaction {
    Transaction {
        amount,
        amount_other: 0,
        currency: [0x09, 0x78],
        date: [0x26, 0x11, 0x24],
        time: [0x16, 0x30, 0x40],
        kind: TransactionType::Purchase,
        unpredictable_numbers: [[0x11; 4], [0x22; 4], [0x33; 4], [0x44; 4]],
        sequence_counter: 7,
    }
}

pub(crate) fn refund(amount: u64) -> Transaction {
    Transaction { kind: TransactionType::Refund, ..purchase(amount) }
}

/// What a card in the field does with a command.
pub(crate) trait Card {
    /// Data and status word; none if it leaves the field instead.
    fn answer(&mut self, command: &[u8]) -> Option<Vec<u8>>;
}

impl<F: FnMut(&[u8]) -> Option<Vec<u8>>> Card for F {
    fn answer(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        self(command)
    }
}

/// A tap that ended.
pub(crate) struct Played {
    pub(crate) outcome: Outcome,
    /// Every command, in order.
    pub(crate) commands: Vec<Vec<u8>>,
    /// How the card was asked for, each time.
    pub(crate) presentations: Vec<PresentCard>,
}

impl Played {
    /// The data of the first command that begins with `header`.
    pub(crate) fn command(&self, header: &[u8]) -> &[u8] {
        self.commands.iter().find(|command| command.starts_with(header)).expect("it was sent")
    }

    pub(crate) fn record(&self) -> &mpos_emv_kernel::DataRecord {
        self.outcome.record.as_ref().expect("the card gave a cryptogram")
    }
}

/// Runs a tap to its end, data authentication included.
pub(crate) fn play(settings: TerminalSettings, transaction: Transaction, card: &mut impl Card) -> Played {
    let (mut tap, mut step) = Tap::start(Arc::new(settings), transaction);
    let mut commands = Vec::new();
    let mut presentations = Vec::new();
    for _ in 0..STEPS_MAX {
        step = match step {
            Step::PresentCard(present) => {
                presentations.push(present);
                tap.card_found()
            }
            Step::Command(command) => {
                commands.push(command.as_bytes().to_vec());
                match card.answer(command.as_bytes()) {
                    Some(response) => tap.card_answered(&response),
                    None => tap.card_lost(),
                }
            }
            Step::CardDone(pending) => {
                let verification = pending.verify();
                return Played { outcome: pending.finish(verification), commands, presentations };
            }
            Step::Ended(outcome) => return Played { outcome: *outcome, commands, presentations },
        };
    }
    panic!("the tap did not end");
}

/// Lines of `comment, command, answer`; an answer of `-` means that the card leaves.
pub(crate) type Script<'a> = &'a [(&'a str, &'a str, &'a str)];

/// Runs a tap against a script; every command must be the script's next.
pub(crate) fn play_script(
    settings: TerminalSettings,
    transaction: Transaction,
    script: Script<'_>,
) -> Played {
    let mut lines = script.iter();
    let mut card = |command: &[u8]| {
        let (comment, expected, answer) = lines.next().expect("the script has a line for each command");
        assert_eq!(hex::encode_upper(command), compact(expected), "{comment}");
        (*answer != "-").then(|| bytes(answer))
    };
    let played = play(settings, transaction, &mut card);
    assert!(lines.next().is_none(), "the tap ended before the script: {:?}", played.outcome.reason);
    played
}

/// Hexadecimal with spaces, as bytes.
pub(crate) fn bytes(hexadecimal: &str) -> Vec<u8> {
    hex::decode(compact(hexadecimal)).expect("hexadecimal")
}

fn compact(hexadecimal: &str) -> String {
    hexadecimal.chars().filter(|char| !char.is_whitespace()).collect()
}

/// One object, from a tag and a value in hexadecimal.
pub(crate) fn tlv(tag: u32, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    mpos_tlv::ber::push(&mut out, mpos_tlv::Tag(tag), value);
    out
}

/// Data with status 9000.
pub(crate) fn ok(data: &[u8]) -> Option<Vec<u8>> {
    Some([data, &[0x90, 0x00]].concat())
}

/// A status word alone.
pub(crate) fn status(word: u16) -> Option<Vec<u8>> {
    Some(word.to_be_bytes().to_vec())
}

/// A directory: for each application its name and what else stands in its entry.
pub(crate) fn ppse(entries: &[(&str, &str)]) -> Vec<u8> {
    let entries: Vec<u8> = entries
        .iter()
        .flat_map(|(aid, rest)| tlv(0x61, &[tlv(0x4F, &bytes(aid)), bytes(rest)].concat()))
        .collect();
    let proprietary = tlv(0xA5, &tlv(0xBF0C, &entries));
    tlv(0x6F, &[tlv(0x84, b"2PAY.SYS.DDF01"), proprietary].concat())
}

/// The answer to SELECT of an application.
pub(crate) fn fci(aid: &[u8], proprietary: &[u8]) -> Vec<u8> {
    tlv(0x6F, &[tlv(0x84, aid), tlv(0xA5, proprietary)].concat())
}
