//! The desktop's side of the ports: clock, entropy, files, keys, locked memory, and the line to the bank.
//!
//! Each module implements one trait of `mpos-ports` and knows no actor: what happens outside is told through a
//! trait of its own (such as [`tls_line::LineEvents`]) that the program wires to the runtime.
#![forbid(unsafe_code)]

pub mod bank_pins;
pub mod certificate_request;
pub mod clock;
mod device_signer;
pub mod device_watch;
pub mod entropy;
pub mod file_store;
pub mod key_file;
pub mod locked_page;
pub mod tls_line;
mod tls_profile;
