//! Whole taps of the virtual cards, driven by a reader that is written here and shares nothing with the kernel: what
//! the cards send is checked against the scheme's keys and, by an issuer written here too, against README.md's table.

#![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

mod any_bytes;
mod bank;
mod catalogue;
mod issuer;
mod mastercard;
mod order;
mod reader;
mod visa;
