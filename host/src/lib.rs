//! The bank host: it makes phones into terminals, decides what they ask, and can prove who asked for what.
//!
//! A message's way through it, file by file:
//!
//! 1. [`listener`] takes the connection, `door` finds it a place, `tls` says who it is, by certificate and ALPN;
//! 2. `terminal_link` reads the message, and [`verify`] checks who signed it, on threads of its own;
//! 3. [`issuer`] looks at what came with it: card data, cryptogram, PIN;
//! 4. [`writer`] gathers what waits into one batch, and [`books`] settle it: [`books::chain`] says where each message
//!    stands, [`authorise`] and [`reverse`] what becomes of it, `store` makes it durable in one commit;
//! 5. only then do the answers leave.
//!
//! What moves no money ([`admin`]: the supervisor's code, the history, receipts) is outside of the chain and does not
//! wait for the writer; receipts leave by [`sms`], and [`reconcile`] holds a terminal's book against the bank's.
//! [`enrolment`] is the other line: an activation code becomes a
//! terminal. [`attestation`] checks where a device's key lives, and [`standing`] what the bank makes of the device.
//! [`console`] is the bank's staff's side.
//! A repeat of a message is answered from the books; a host that was killed at any point goes on from them.
#![forbid(unsafe_code)]

pub mod admin;
pub mod attestation;
pub mod authorise;
pub mod bank;
pub mod books;
pub mod clock;
pub mod config;
pub mod console;
mod door;
mod draws;
pub mod enrolment;
pub mod error;
pub mod issuer;
mod line;
pub mod listener;
mod presence;
pub mod reconcile;
pub mod refund;
pub mod reverse;
pub mod running;
pub mod sms;
pub mod standing;
mod store;
mod terminal_link;
pub mod tickets;
mod tls;
pub mod verify;
pub mod writer;

pub use authorise::Rules;
pub use bank::Bank;
pub use books::BusinessId;
pub use clock::{Clock, SystemClock};
pub use config::{HostConfig, Limits};
pub use console::{
    ActivationCode, BusinessListed, ChainRefusal, Console, DifferenceListed, ReconciliationListed, SmsListed,
    SupervisorUse, TerminalListed,
};
pub use error::HostError;
pub use issuer::AccountSeed;
pub use running::{Host, RunningHost};
pub use sms::{KeptMessages, NotTaken, Sms, SmsGateway, Taking};
pub use store::DATABASE_FILE;
