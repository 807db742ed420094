//! What the bank compares with its own books: the terminal's transactions, by their sequence, a page at a time.
//!
//! A sequence is taken once, except that one which the bank refused is taken again by the next message: the later
//! transaction is the one that counts, and a refused one is on a page only while nothing followed it.

use crate::state::SaleRow;
use mpos_protocol::{
    List,
    book::RecordedOutcome,
    reconcile::{BookedOutcome, BookedTransaction, ChainHead, RECONCILE_PAGE_MAX, ReconcilePage},
};
use std::collections::BTreeMap;

/// One more than a page holds: whether another follows.
pub(crate) const ROWS_READ: usize = RECONCILE_PAGE_MAX + 1;

/// The first rows from a sequence on, gathered from all of a journal's.
pub(crate) struct RowsFrom {
    sequence: u64,
    rows: BTreeMap<u64, SaleRow>,
}

impl RowsFrom {
    pub(crate) fn new(sequence: u64) -> Self {
        Self { sequence, rows: BTreeMap::new() }
    }

    /// A sale that began or ended.
    pub(crate) fn take(&mut self, row: Option<SaleRow>) {
        let Some(row) = row.filter(|row| row.sequence >= self.sequence) else { return };
        self.rows.insert(row.sequence, row);
        if self.rows.len() > ROWS_READ {
            self.rows.pop_last();
        }
    }

    /// The terminal became another one: what it was before is not compared.
    pub(crate) fn forget(&mut self) {
        self.rows.clear();
    }

    pub(crate) fn into_rows(self) -> Vec<SaleRow> {
        self.rows.into_values().collect()
    }
}

/// The page that `rows` make, the first at `from` or after it.
pub(crate) fn of(mut rows: Vec<SaleRow>, from: u64, chain: ChainHead) -> ReconcilePage {
    let follows = rows.len() > RECONCILE_PAGE_MAX;
    rows.truncate(RECONCILE_PAGE_MAX);
    let to = match rows.last() {
        Some(last) if follows => last.sequence.saturating_add(1),
        _ => chain.next_sequence,
    };
    let transactions = rows.into_iter().map(transaction).collect::<Vec<_>>();
    let transactions = List::try_from(transactions).expect("rows were cut to what a page holds");
    ReconcilePage { from, to, transactions, chain }
}

fn transaction(row: SaleRow) -> BookedTransaction {
    let SaleRow { sequence, hash, record, outcome } = row;
    let outcome = match outcome {
        Some(RecordedOutcome::Approved { reference, .. }) => BookedOutcome::Approved { reference },
        Some(RecordedOutcome::Declined { reference, .. }) => BookedOutcome::Declined { reference },
        Some(RecordedOutcome::Reversed) => BookedOutcome::Reversed,
        Some(RecordedOutcome::Refused) => BookedOutcome::Refused,
        None => BookedOutcome::Unresolved,
    };
    let (receipt, kind, amount) = (record.receipt, record.kind, record.amount);
    BookedTransaction { sequence, hash, receipt, kind, amount, outcome }
}
