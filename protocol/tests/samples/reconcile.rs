//! One of each message by which the books of terminal and bank are compared.

use super::*;
use mpos_protocol::{
    admin::{AdminAnswer, AdminRequest},
    reconcile::{messages::*, *},
};

fn transaction(sequence: u64, outcome: BookedOutcome) -> BookedTransaction {
    BookedTransaction {
        sequence,
        hash: Hash([0x44; 32]),
        receipt: ReceiptNumber(17),
        kind: TransactionKind::Refund,
        amount: amount(),
        outcome,
    }
}

fn page() -> ReconcilePage {
    let outcomes = [
        BookedOutcome::Approved { reference: reference() },
        BookedOutcome::Declined { reference: reference() },
        BookedOutcome::Reversed,
        BookedOutcome::Unresolved,
        BookedOutcome::Refused,
    ];
    ReconcilePage {
        from: 38,
        to: 42,
        transactions: list(
            (38..).zip(outcomes).map(|(place, outcome)| transaction(place, outcome)).collect(),
        ),
        chain: ChainHead { next_sequence: 42, head: Hash([0x22; 32]) },
    }
}

pub(crate) fn requests() -> Vec<(&'static str, AdminRequest)> {
    vec![("Reconcile", AdminRequest::Reconcile(page()))]
}

pub(crate) fn replies() -> Vec<(&'static str, AdminAnswer)> {
    vec![
        ("Reconciled", AdminAnswer::Reconciled { next: Some(42) }),
        ("ReconcileRefused", AdminAnswer::ReconcileRefused(ReconcileFault::OutOfPlace { expected: 7 })),
    ]
}

pub(crate) fn rows() -> Vec<Sample> {
    vec![
        row(actor::Ledger, "Page", TransactionsRead { page: Ok(page()) }),
        row(actor::Ledger, "Failed", TransactionsRead { page: Err(StoreFault::Unreadable) }),
        row(actor::HostLink, "", ReadTransactions { from: 38 }),
    ]
}

/// A page that is as long as one can be.
pub(crate) fn longest_page() -> ReconcilePage {
    let outcome = BookedOutcome::Approved { reference: reference() };
    let longest = BookedTransaction {
        receipt: ReceiptNumber(u32::MAX),
        amount: mpos_protocol::Amount::MAX,
        ..transaction(u64::MAX, outcome)
    };
    ReconcilePage {
        from: u64::MAX,
        to: u64::MAX,
        transactions: list(vec![longest; RECONCILE_PAGE_MAX]),
        chain: ChainHead { next_sequence: u64::MAX, head: Hash([0xFF; 32]) },
    }
}
