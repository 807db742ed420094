//! No money lost, none taken twice: shown by running everything under a scheduler that a seed drives.
//!
//! The terminals' actors, the ledger's journal and index, the key file, the bank's verification, rules and writer are
//! the ones that ship. What is simulated lies behind their ports: time, threads, disks, the network, cards in hands,
//! people, the bank's database, and the death of each process. A seed draws what goes wrong and when; after the run
//! the books of terminals, bank and issuer must agree ([`invariant`]).
//!
//! | file | what it holds |
//! |---|---|
//! | [`world`] | one run: virtual time, which mailbox is next, what happens when |
//! | [`draw`], [`fault`] | chance from the seed; what goes wrong, how likely, how often it did |
//! | [`process`], [`cell`] | a terminal's process: mailboxes, supervision |
//! | [`terminal`], [`disk`], [`ports`] | a terminal's wiring, its disk, its other ports |
//! | `trouble` | clocks, disks, mailboxes and the bank going wrong; when calm comes |
//! | `network` | connections, and what becomes of what is sent on them |
//! | [`bank`], [`books`] | the bank's process and its books |
//! | [`merchant`], `shop` | people |
//! | [`invariant`] | what must hold |
//! | [`mutant`] | safeguards broken on purpose, to see that they are missed |
//! | [`campaign`] | many seeds, and what to print of them |
//!
//! `cargo xtask simulate --help` runs it; `docs/reliability.md` says what was found.
#![forbid(unsafe_code)]

pub mod bank;
pub mod books;
pub mod campaign;
pub mod cell;
pub mod disk;
pub mod draw;
pub mod fault;
pub mod house;
pub mod invariant;
pub mod merchant;
pub mod mutant;
mod network;
pub mod ports;
pub mod process;
mod shop;
pub mod terminal;
pub mod trace;
mod trouble;
pub mod world;
