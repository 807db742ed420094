//! What each side says of a transaction, in words that the bank's staff reads and the books keep.

use super::{Held, HeldWhat};
use mpos_protocol::{
    Amount,
    card::TransactionKind,
    reconcile::{BookedOutcome, BookedTransaction, ChainHead},
    sale::ReceiptNumber,
    signed::Hash,
};

/// Bytes of a hash that are shown: enough to tell two messages apart by eye.
const HASH_BYTES_SHOWN: usize = 8;

/// What the terminal says, and what the bank.
pub(super) fn of(told: Option<&BookedTransaction>, held: Option<&Held>) -> (String, String) {
    // Messages are named where they are what differs.
    let names_messages = told.zip(held).is_some_and(|(told, held)| told.hash != held.hash);
    let named =
        |hash: Hash| if names_messages { format!(", message {}", short(hash)) } else { String::new() };
    let terminal = told.map_or_else(
        || "nothing".to_owned(),
        |told| {
            let words = transaction(told.receipt, told.kind, told.amount, &told.outcome);
            format!("{words}{}", named(told.hash))
        },
    );
    let bank = held.map_or_else(
        || "nothing".to_owned(),
        |held| {
            let words = match &held.what {
                HeldWhat::Transaction { receipt, kind, amount, outcome } => {
                    transaction(*receipt, *kind, *amount, outcome)
                }
                HeldWhat::TakenBack => "taken back before it came".to_owned(),
                HeldWhat::NoTransaction => "a reversal, no transaction".to_owned(),
            };
            format!("{words}{}", named(held.hash))
        },
    );
    (terminal, bank)
}

/// Where a chain stands.
pub(super) fn of_chain(chain: ChainHead) -> String {
    match chain.next_sequence.saturating_sub(1) {
        0 => "no message yet".to_owned(),
        last => format!("last message {last}, {}", short(chain.head)),
    }
}

fn transaction(
    receipt: ReceiptNumber,
    kind: TransactionKind,
    amount: Amount,
    outcome: &BookedOutcome,
) -> String {
    let kind = match kind {
        TransactionKind::Purchase => "purchase",
        TransactionKind::Refund => "refund",
    };
    let outcome = match outcome {
        BookedOutcome::Approved { reference } => format!("approved {}", plain(reference)),
        BookedOutcome::Declined { reference } => format!("declined {}", plain(reference)),
        BookedOutcome::Reversed => "reversed".to_owned(),
        BookedOutcome::Refused => "refused by the bank".to_owned(),
        BookedOutcome::Unresolved => "not known yet".to_owned(),
    };
    format!("{kind} {receipt}, EUR {amount}, {outcome}")
}

/// A reference as a terminal gave it: whatever is no letter or digit could move a staff member's screen.
fn plain(reference: &str) -> String {
    let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '?' };
    reference.chars().map(plain).collect()
}

fn short(hash: Hash) -> String {
    let shown = hash.0.first_chunk::<HASH_BYTES_SHOWN>().map_or_else(String::new, hex::encode);
    format!("{shown}…")
}
