//! The durable book of this terminal: what was asked of the bank, and how it ended.
//!
//! Its promise: a request is durable before it leaves, and an answer is durable before it is shown. Whatever was
//! acknowledged is there after any crash, and damage is found and named instead of being read as something else.
//!
//! | file          | what it holds                                                                            |
//! |---------------|------------------------------------------------------------------------------------------|
//! | [`entry`]     | what one entry says: enrolled, asked, answered                                           |
//! | `layout`      | how an entry lies in the file: header, seal of the chain, erasable payload               |
//! | `replay`      | reads a file back; tells the torn write of a crash from damage                           |
//! | `journal`     | the append-only file: one write and one sync an entry, room made before it is needed     |
//! | [`salvage`]   | reads what is whole of a damaged file                                                    |
//! | `state`       | the rules: which entry may follow, when a request is resolved                            |
//! | [`index`]     | look-ups in redb, rebuilt from the journal at will                                       |
//! | `page`        | what the bank compares with its own books, a page at a time                              |
//! | [`actor`]     | messages in, messages out                                                                |
//! | [`book`]      | all of it together; what the actor and tools use                                         |
//!
//! Why a journal of our own, and what it costs: `docs/adr/0001-the-journal-is-the-truth.md`.
#![forbid(unsafe_code)]

pub mod actor;
pub mod book;
pub mod entry;
pub mod index;
mod index_key;
mod journal;
mod layout;
mod page;
mod replay;
pub mod salvage;
mod state;

pub use actor::{BookFiles, Ledger, OpenFiles};
pub use book::{Book, TornTail};
pub use entry::Entry;
