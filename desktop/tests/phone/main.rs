//! The phone's library itself, run: as it is in the APK, through the natives that Java calls, against a bank in another
//! process. There is no Java: `android/loader` gives the library a table of JNI functions, and this is what stands behind
//! it, with a key store, a card and a merchant who reads screens and presses what is on them.
//!
//! It needs the library and the loader, for another processor than this one: `cargo xtask ci --only apk` makes them and
//! runs these tests with `MPOS_PHONE`, the loader's command line, a word a line.

mod air;
mod deaths;
#[path = "../shared/host_process.rs"]
mod host_process;
#[allow(dead_code, reason = "the benchmark asks for the process too")]
mod loader;
mod merchant;
mod pace;
mod phone;
mod sales;
mod wire;
#[allow(dead_code, reason = "the benchmark asks for the process too")]
mod world;
