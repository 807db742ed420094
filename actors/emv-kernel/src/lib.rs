//! The EMV contactless kernel: from "present card" to a cryptogram for the bank.
//!
//! Sans-I/O: it says which command to send and takes the card's answer; it has no clock, no generator of
//! randomness, no device, and allocates within the bounds of [`limits`]. Online-only by its development
//! settings; what a card sends, whatever it is, ends in a command or an outcome.
//!
//! ```text
//! Tap::start ─► PresentCard ─► card_found ─► Command ─► card_answered ─► … ─► CardDone ─► finish
//!                   ▲                            │ card_lost, "see phone"         │ verify (RSA)
//!                   └────────────────────────────┘                                ▼
//!                                                                              Outcome
//! ```
//!
//! | phase | module | source (EMV Contactless unless named) |
//! |---|---|---|
//! | settings, their limits | [`settings`], [`limits`] | Books B, C-2, C-3 |
//! | the tap: presentations, candidates, ends | [`tap`] | Book B, start A to D |
//! | pre-processing, directory, candidates | `entry_point` | Book B, pre-processing and candidates |
//! | Mastercard, Maestro | `kernel2` | Book C-2 |
//! | Visa, Electron, V PAY | `kernel3` | Book C-3 |
//! | records, static data to be authenticated | `records` | EMV 4.3 Book 3, 10.2 and 10.3 |
//! | data authentication | `oda`, [`verdict`] | EMV 4.3 Book 2, 6 |
//! | what is told to card and bank | `terminal_data`, `pending` | EMV 4.3 Book 3, 5.4 |
//! | the outcome | [`outcome`], [`error`] | Book A, outcomes |
//!
//! EMV 4.3 is cited by clause, the contactless books by the name of the phase.
//!
//! Where to start reading: [`Tap`], then `kernel2/mod.rs`.

#![no_std]
#![forbid(unsafe_code)]
#![warn(clippy::indexing_slicing)]

extern crate alloc;

pub mod actor;
mod apdu;
mod card_data;
mod entry_point;
pub mod error;
mod kernel2;
mod kernel3;
pub mod limits;
mod next;
mod oda;
pub mod outcome;
mod pending;
mod records;
pub mod settings;
pub mod tap;
mod terminal_data;
pub mod transaction;
mod tvr;
pub mod verdict;

pub use apdu::Apdu;
pub use error::{CardFault, CommandKind, Fault, LinkFault, Refusal, TerminalFault};
pub use outcome::{
    AccountData, Application, CryptogramKind, Cvm, DataRecord, MessageId, Outcome, OutcomeKind, Scheme,
};
pub use pending::PendingVerification;
pub use settings::{KernelId, SettingsFault, TerminalSettings};
pub use tap::{PresentCard, Step, Tap};
pub use transaction::{Transaction, TransactionType};
pub use verdict::{NotPerformed, OdaFault, OdaVerdict, Verification};
