//! mPOS on a phone: the library that the Java shell loads.
//!
//! Java draws and listens, and knows five functions of this library (`Native`): [`start`](natives), `event`, `tag`,
//! `saved` and `stop`. This library calls Java for four things: to show a screen, to switch the reader on and off, to
//! save a file (`Shell`), and to use the phone's key store (`Keys`); and the card's `IsoDep` for each command.
//!
//! ```text
//! Java ── natives ─► running: session (screens) ◄──► actors ─► ports: field (IsoDep), keys (Keys), watch, files, line
//!      ◄─ java ───── face                                                                  │
//!      ◄─ java ────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! It starts when Java loads it and says `start`; its threads end with `stop`, or with the process. No panic and no
//! error crosses the border: each becomes one exception ([`guard`]). All that is `unsafe` is in [`java`], [`natives`]
//! and [`log`].

mod bank_file;
mod device;
mod error;
mod face;
mod field;
mod guard;
mod java;
mod keys;
mod log;
mod natives;
mod running;
mod sealing_key;
mod watch;

// Unwinds panics where no system library does: Android gives an application none.
#[cfg(all(target_os = "android", feature = "unwinder"))]
use unwinding as _;
