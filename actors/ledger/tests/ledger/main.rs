//! The ledger held to its promise: what was acknowledged is there, and damage is named.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stops at any fault and says where, and keeps golden files"
)]

mod actor;
mod crash;
mod damage;
mod disk;
mod golden;
mod index;
mod page;
mod rules;
mod script;
mod space;
