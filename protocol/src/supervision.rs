//! What the supervisor tells the till: an actor was started anew, or a message did not arrive.

use crate::{Text, routes::ActorId};
use serde::{Deserialize, Serialize};

/// An actor panicked in mid-flow and was started anew from its durable state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActorRestarted {
    /// Which.
    pub who: ActorId,
}

/// A message did not reach its mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryFailed {
    /// Who sent it.
    pub from: ActorId,
    /// Whose mailbox it was.
    pub to: ActorId,
    /// The row's name.
    pub message: Text<32>,
    /// What kept it.
    pub cause: DeliveryFault,
}

/// What keeps a message from its mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeliveryFault {
    /// The mailbox is full.
    Full,
    /// The actor is gone (the program is stopping).
    Closed,
}
