//! The real program, as a user runs it: one process for a sale, or a host and its terminals in processes of their own.

#![allow(clippy::unwrap_used, reason = "tests")]

mod card_transcript;
mod damaged_folder;
mod demo;
mod full_disk;
#[path = "../shared/host_process.rs"]
mod host_process;
mod issuer;
mod kills;
mod locked_books;

mod lost_answer;
mod policy;
mod proxy;
mod purchase;
mod reconcile;
mod refund;
mod restored_copy;
mod search;
mod secrets;
mod separate_host;
mod staff_orders;
mod support;
mod toolbox;
mod watched;
