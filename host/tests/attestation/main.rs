//! Android Key Attestation chains, good ones and every kind of bad one, made for each test.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod any_bytes;
mod chain;
mod description;
mod phone;
mod rsa;
