//! The person at a terminal: what was begun, what was shown, and what is done next.

use mpos_protocol::{
    Amount,
    card::TransactionKind,
    sale::{Receipt, Reference, SaleOutcome},
    shell::Refusal,
};

/// What a merchant is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doing {
    /// The program does not run.
    Closed,
    /// It was started and has not said that it is open.
    Opening,
    /// Nothing.
    Idle,
    /// A sale or a refund, by its place in the list.
    Selling(usize),
    /// The supervisor is asked about a refund.
    Asking(Purchase),
}

/// A purchase that was shown as approved: what may be given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// The bank's name for it.
    pub reference: Reference,
    /// How much.
    pub amount: Amount,
    /// With which card.
    pub card: usize,
}

/// How an attempt ended for the merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// This was shown.
    Shown(Box<Receipt>),
    /// It was not begun, or the program said that it had forgotten it.
    Refused(Refusal),
    /// The program was gone.
    Lost,
}

/// A sale or a refund that was begun.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Which.
    pub kind: TransactionKind,
    /// How much. Of purchases, no two in a run are the same.
    pub amount: Amount,
    /// With which card.
    pub card: usize,
    /// Of a refund: the purchase.
    pub refund_of: Option<Reference>,
    /// When.
    pub began_ms: u64,
    /// How it ended.
    pub end: Option<End>,
}

/// The merchant.
#[derive(Clone, Debug)]
pub struct Merchant {
    /// What is going on.
    pub doing: Doing,
    /// Since when.
    pub since_ms: u64,
    /// All that was begun.
    pub attempts: Vec<Attempt>,
    /// How many more are to be begun.
    pub left: u32,
    /// Whether a card is to be held to the terminal.
    pub holds_card: bool,
}

impl Merchant {
    /// Who is to begin so many.
    pub const fn new(left: u32) -> Self {
        Self { doing: Doing::Closed, since_ms: 0, attempts: Vec::new(), left, holds_card: false }
    }

    /// Does something else from now on.
    pub fn turn_to(&mut self, doing: Doing, now_ms: u64) {
        (self.doing, self.since_ms) = (doing, now_ms);
    }

    /// The program is gone.
    pub fn lose_program(&mut self, now_ms: u64) {
        if let Doing::Selling(place) = self.doing
            && let Some(attempt) = self.attempts.get_mut(place)
        {
            attempt.end.get_or_insert(End::Lost);
        }
        self.holds_card = false;
        self.turn_to(Doing::Closed, now_ms);
    }

    /// The attempt that a receipt is about: the newest of its kind and amount. A till that was started anew and found
    /// nobody who knows its sale tells of it without an amount.
    pub fn attempt_of(&mut self, receipt: &Receipt) -> Option<&mut Attempt> {
        if let (SaleOutcome::Unknown, None, Doing::Selling(place)) =
            (receipt.outcome, receipt.receipt, &self.doing)
        {
            return self.attempts.get_mut(*place);
        }
        let is_it = |attempt: &&mut Attempt| {
            attempt.kind == receipt.kind
                && attempt.amount == receipt.amount
                && attempt.refund_of == receipt.refund_of
        };
        self.attempts.iter_mut().rev().find(is_it)
    }
}
