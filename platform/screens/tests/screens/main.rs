//! Whole flows through the screens, as a merchant takes them: each test presses what is seen and plays the till.

mod activation;
mod events;
mod history;
mod network;
mod payment;
mod pin;
mod refund;
mod sms;
mod standing;
mod support;
