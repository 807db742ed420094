//! Payment cryptography: what terminal, card and host must agree on to the bit.
//!
//! No keys of its own, no I/O, no clock and no generator of randomness: all of it comes in as a parameter, so
//! every function can be held to the vectors of the standard that it cites. Digits (PIN, PAN) come one a byte, as ASCII
//! or by value; where an EMV data element is meant, it is the value as the card gave it.
//!
//! | module | standard |
//! |---|---|
//! | [`dukpt`] | ANSI X9.24-3-2017, AES-DUKPT: a key for each use, none kept |
//! | [`pin_block`] | ISO 9564-1 formats 4 and 0 |
//! | [`arqc`] | EMV 4.3 Book 2, A1 and 8.2: master keys, session keys, application cryptograms, the issuer's answer |
//! | [`emv_certificate`] | EMV 4.3 Book 2, 5 and 6: recovery of keys and of signed dynamic data |
//! | [`key_wrap`] | ECIES on P-256: how the initial key reaches a terminal |
//! | [`seal`] | AES-GCM under a key that is used once |

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod aes_block;
mod digits;
mod rsa_public;

pub mod arqc;
pub mod dukpt;
pub mod emv_certificate;
pub mod error;
pub mod key;
pub mod key_wrap;
pub mod pin_block;
pub mod seal;

pub use error::CryptoError;
pub use key::SecretKey;
