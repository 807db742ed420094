//! The pad with real keys, pressed by somebody who reads what is drawn on it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "a golden file is written, and the system's generator looked at"
)]

mod block;
mod desk;
mod entry;
mod exposure;
mod glyphs;
#[path = "../support/keys.rs"]
mod keys;
#[path = "../support/reader.rs"]
mod reader;
mod shuffle;
mod wiping;
