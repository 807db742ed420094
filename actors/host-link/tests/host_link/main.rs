//! The link between a real ledger and a bank with real keys: what it sends, when, and what it says of it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod admin;
mod agreement;
mod duties;
mod enrolment;
mod faults;
mod line;
mod network;
mod reconcile;
mod resume;
mod reversal;
mod sale;
mod support;
