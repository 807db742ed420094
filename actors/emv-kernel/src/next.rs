//! What a kernel's step can lead to, as Entry Point sees it.
//!
//! Both kernels return the same two shapes: the way on, or the way out. `?` on a fault of the card is
//! the way out that the kernels share: this card does not work here.

use alloc::boxed::Box;

use crate::apdu::Apdu;
use crate::error::{CardFault, Fault, Refusal};
use crate::outcome::{MessageId, Outcome, OutcomeKind};
use crate::pending::PendingVerification;

/// The way on: a command, and the state `S` that waits for its answer; or the card is done.
pub(crate) enum Next<S> {
    Send(Apdu, S),
    CardDone(Box<PendingVerification>),
}

/// The way out.
pub(crate) enum Halt {
    /// Book A, *Select Next*: the next candidate (start C).
    SelectNext(Fault),
    /// Book A, *Try Again* with "see phone" (start B).
    SeePhone,
    /// An end without a record of the card's.
    End(OutcomeKind, MessageId, Fault),
    /// An end with one.
    Outcome(Box<Outcome>),
}

impl From<CardFault> for Halt {
    /// What the card sent cannot be used: "try another card".
    fn from(fault: CardFault) -> Self {
        Self::End(OutcomeKind::EndApplication, MessageId::TRY_ANOTHER_CARD, Fault::Card(fault))
    }
}

impl Halt {
    /// Declined, by a rule.
    pub(crate) const fn declined(refusal: Refusal) -> Self {
        Self::End(OutcomeKind::Declined, MessageId::NOT_AUTHORISED, Fault::Refused(refusal))
    }

    /// The card's chip has to be inserted.
    pub(crate) const fn other_interface() -> Self {
        Self::End(
            OutcomeKind::TryAnotherInterface,
            MessageId::INSERT,
            Fault::Refused(Refusal::OtherInterface),
        )
    }

    /// *Select Next* for a fault of this application.
    pub(crate) fn select_next(fault: impl Into<Fault>) -> Self {
        Self::SelectNext(fault.into())
    }
}

/// What every kernel is started with: an application was selected, its answer is in `card`.
pub(crate) struct Selected {
    pub(crate) application: crate::outcome::Application,
    pub(crate) transaction: crate::transaction::Transaction,
    pub(crate) terminal: crate::terminal_data::TerminalData,
    pub(crate) card: crate::card_data::CardData,
}
