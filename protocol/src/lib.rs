//! Every message there is: between actors, between the shell and the till, between a terminal and its bank.
//!
//! Where to start:
//! - [`routes`]: the one table of who may send what to whom inside a terminal;
//! - [`host`]: the table of requests and answers between a terminal and the bank host;
//! - [`admin`]: those of them that move no money; [`reconcile`]: among them how the two books are compared;
//! - [`signed`]: the envelope that makes each of those provable;
//! - [`screen`]: what any shell draws, and says back; [`pad`]: the PIN pad, which is a picture;
//! - [`frame`]: how a message lies in memory when it crosses from actor to actor, or from shell to till.
//!
//! Everything here is data. Each variable-length field carries its limit in its type ([`Bytes`], [`Text`],
//! [`List`]), so that decoding bytes from outside can neither allocate without bound nor panic. The encodings
//! are pinned by `tests/golden/`: a changed byte shows in review.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod admin;
pub mod amount;
pub mod book;
pub mod bounded;
pub mod card;
pub mod frame;
pub mod host;
pub mod link;
pub mod moment;
pub mod pad;
pub mod phone_number;
pub mod pin;
pub mod reconcile;
pub mod routes;
pub mod sale;
pub mod screen;
pub mod secret;
pub mod shell;
pub mod signed;
pub mod standing;
pub mod supervision;
pub mod table;
pub mod terminal;

pub use amount::{Amount, Currency};
pub use bounded::{Bytes, List, Text, TooLong};
pub use frame::{FRAME_BYTES_MAX, Flow, FrameError, FrameHeader};
pub use moment::Moment;
pub use routes::{ActorId, ROUTES, actor, inbox};
pub use secret::{Sealed, Secret};
pub use table::{Actor, Message, Never, Route, Sends};

/// Version of the frames and messages in this crate; the first byte of every frame and of every signed content.
///
/// A terminal and a host that do not share it refuse each other with a named error rather than guess.
pub const PROTOCOL_VERSION: u8 = 1;
