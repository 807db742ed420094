//! What a terminal says of its transactions, so that the bank can hold them against its own books.
//!
//! The bank orders it in the answer to a report ([`crate::standing::Orders`]); the terminal's book is then read a page
//! at a time, and each page goes to the bank as an administrative message, signed like all of them. No money moves and
//! no book is changed by it: where the two differ, the bank keeps both words for a person to look at.

use crate::{
    Amount, List,
    card::TransactionKind,
    sale::{ReceiptNumber, Reference},
    signed::Hash,
};
use serde::{Deserialize, Serialize};

/// Most transactions of a page: the page takes less than half of a signed message.
pub const RECONCILE_PAGE_MAX: usize = 32;

/// Where a terminal's chain of signed messages stands: the same at terminal and bank whenever nothing is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    /// The sequence that the next message takes; 0 when nothing is said.
    pub next_sequence: u64,
    /// SHA-256 of the last message's content; zeros before the first.
    pub head: Hash,
}

/// How a transaction ended, as the terminal's book has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BookedOutcome {
    /// Paid.
    Approved {
        /// The bank's reference.
        reference: Reference,
    },
    /// Not paid.
    Declined {
        /// The bank's reference.
        reference: Reference,
    },
    /// Taken back.
    Reversed,
    /// The bank would not process it; the next message takes its sequence.
    Refused,
    /// Not known yet.
    Unresolved,
}

/// A transaction as the terminal's book has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookedTransaction {
    /// The sequence of its request.
    pub sequence: u64,
    /// SHA-256 of the request's content.
    pub hash: Hash,
    /// The receipt's number.
    pub receipt: ReceiptNumber,
    /// Purchase or refund.
    pub kind: TransactionKind,
    /// How much.
    pub amount: Amount,
    /// How it ended.
    pub outcome: BookedOutcome,
}

/// A page of the terminal's book.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconcilePage {
    /// The first sequence that the page is about.
    pub from: u64,
    /// The sequence after the last one that it is about: the book has no other transactions from `from` up to here. On
    /// the last page where the chain stands.
    pub to: u64,
    /// By their sequence, each once. One that the bank refused stands last, with the sequence `to` of the last page,
    /// since no other message has taken it yet.
    pub transactions: List<BookedTransaction, RECONCILE_PAGE_MAX>,
    /// Where the chain stood as the page was read.
    pub chain: ChainHead,
}

impl ReconcilePage {
    /// Whether no page follows.
    pub fn is_last(&self) -> bool {
        self.to == self.chain.next_sequence
    }
}

/// Why the bank does not compare a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ReconcileFault {
    /// It leaves out what was not compared yet.
    #[error("the page begins after sequence {expected}, from where on nothing was compared yet")]
    OutOfPlace {
        /// Where the bank would go on.
        expected: u64,
    },
    /// Its sequences contradict each other.
    #[error("the page's sequences contradict each other")]
    Nonsense,
    /// The bank keeps no more differences of this terminal.
    #[error("the bank keeps no more differences of this terminal")]
    TooManyDifferences,
}

/// Messages between ledger and link.
pub mod messages {
    use super::ReconcilePage;
    use crate::book::StoreFault;
    use serde::{Deserialize, Serialize};

    /// Read a page of the terminal's transactions. Answered by `TransactionsRead`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct ReadTransactions {
        /// The first sequence.
        pub from: u64,
    }

    /// A page of the terminal's transactions.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct TransactionsRead {
        /// The page, or why there is none: a book that cannot be read now keeps nobody from selling by this.
        pub page: Result<ReconcilePage, StoreFault>,
    }
}
