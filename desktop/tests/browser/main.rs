//! The merchant's phone as a merchant uses it: a real Chromium, driven over WebDriver, in front of the real `mpos demo`.
//! What is pressed and read here is what is seen: words, labels and roles, never the page's own state.
//!
//! `MPOS_SCREENS=1` keeps pictures of the screens in `docs/screens`; a plain run touches no tracked file.

mod activation;
mod business;
mod demo;
mod faults;
mod frames;
#[path = "../shared/host_process.rs"]
mod host_process;
mod looks;
mod middle;
mod payment;
mod pin;
mod proxy;
mod user;
mod webdriver;
