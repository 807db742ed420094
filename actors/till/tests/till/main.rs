//! The till on its own: each test plays the other actors and the shell.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod anew;
mod asking;
mod lost;
mod opening;
mod room;
mod sale;
mod standing;
mod support;
