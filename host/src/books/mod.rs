//! The bank's books: who has how much, what each terminal has said, what each sale came to.
//!
//! Deciding is sans-I/O: a batch of cases is decided against [`Holdings`], what the books hold about the terminals,
//! messages and accounts in it, and leaves its changes to be kept. Where the books are is behind
//! [`Books`]: SQLite in a bank, memory in a simulation ([`memory`]). [`mod@settle`] joins the two: load, decide, sign,
//! keep, and only then is anything answered.

pub mod chain;
pub mod holdings;
pub mod memory;
#[cfg(test)]
mod property;
pub mod settle;

use self::holdings::GrantHash;
pub use chain::{Case, CaseBody, Sender};
pub use holdings::{
    Account, AccountId, AccountKey, BusinessId, Changes, Holdings, KeptMessage, KeptSale, MessageId,
    NewMessage, NewSale, PinReference, SaleResult, TerminalState,
};
pub use settle::{AnswerSigner, Draws, settle};

use crate::error::BooksError;
use mpos_protocol::terminal::TerminalId;
use std::future::Future;

/// What a batch needs to know, first round: the terminals and accounts it names.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Terminals that sent something.
    pub terminals: Vec<TerminalId>,
    /// Accounts that a card presented.
    pub accounts: Vec<AccountKey>,
    /// Grants that a refund shows.
    pub grants: Vec<GrantHash>,
}

/// What a batch needs to know, second round.
#[derive(Clone, Debug, Default)]
pub struct Recall {
    /// Messages that are repeated or taken back.
    pub places: Vec<(TerminalId, u64)>,
    /// Purchases that are refunded.
    pub purchases: Vec<MessageId>,
}

/// Where the books are. One transaction is open at a time: `open`, `recall` as often as wanted, `keep`. A
/// transaction that is opened anew without `keep` is given up.
pub trait Books: Send {
    /// Begins a transaction and loads what `wanted` names, what exists of it.
    fn open(&mut self, wanted: Wanted) -> impl Future<Output = Result<Holdings, BooksError>> + Send;

    /// Loads these messages and sales into `holdings`: with the sales their accounts, with a refund its purchase, and
    /// with a purchase its refunds that stand.
    fn recall(
        &mut self,
        holdings: &mut Holdings,
        recall: Recall,
    ) -> impl Future<Output = Result<(), BooksError>> + Send;

    /// Makes the changes durable, all or none.
    fn keep(&mut self, changes: &Changes) -> impl Future<Output = Result<(), BooksError>> + Send;
}
