//! What an actor needs of the platform it runs on: traits only, no implementation.
//!
//! Actors call these; `platform/std-adapters` implements them for a desktop, `android/` for a phone, and a
//! simulation implements them over virtual time and simulated disks. No actor reaches a clock, a file, a socket
//! or a source of randomness in any other way.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod card;
pub mod clock;
pub mod device;
pub mod entropy;
pub mod keys;
pub mod memory;
pub mod network;
pub mod shell;
pub mod store;

pub use card::{CardField, FieldLoss};
pub use clock::Clock;
pub use device::DeviceWatch;
pub use entropy::Entropy;
pub use keys::{KeyFault, KeyStore};
pub use memory::{LOCKED_BYTES, LockedMemory};
pub use network::{BankLine, LineKind, LineTarget};
pub use shell::Shell;
pub use store::{AppendFile, FileFault};
