//! A terminal as a whole: every actor wired to its ports, and the screens before it. A desktop and a phone start the
//! same one, so that what is tested on the one is what the other runs; they differ in where keys live, in the field
//! that a card comes into, in what the device says of itself, and in who draws.
//!
//! ```text
//! shell ── events ─► session (screens) ◄──► wiring (actors) ◄──► ports: keys, field, watch, files, the line
//! ```
//!
//! [`wiring`] starts the actors and ends them. [`session`] is the thread between them and a shell that draws.
//! [`saving`] is what the file holds that a merchant takes away, [`language`] the words that were chosen.
#![forbid(unsafe_code)]

pub mod language;
pub mod saving;
pub mod session;
pub mod wiring;

pub use session::{Ended, Face, Hand, Session};
pub use wiring::{Around, BankContact, Bare, Ports, Terminal, TerminalError};

/// The bank of the brochure, as receipts and reports name it.
pub const BANK_NAME: &str = "ProCredit Bank";
