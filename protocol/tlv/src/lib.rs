//! The bytes that EMV cards, terminals and hosts exchange, below the level of any protocol.
//!
//! A leaf crate: kernel, virtual cards and bank host all read and write the same BER-TLV, so the
//! knowledge of it lives here once, free of I/O and of state. Everything that decodes works on
//! borrowed bytes, is bounded by named constants and returns a typed fault: no input makes it panic.
//!
//! | module | holds | source |
//! |---|---|---|
//! | [`ber`] | BER-TLV decoding and encoding | EMV 4.3 Book 3, Annex B |
//! | [`tag`] | the tags by number, name and format | EMV 4.3 Book 3, Annex A; Books C-2, C-3 |
//! | [`dol`] | data object lists and how to fill them | EMV 4.3 Book 3, 5.4 |
//! | [`status_word`] | SW1 SW2 of a response | ISO/IEC 7816-4, 5.1.3 |
//! | [`track2`] | account number, expiry, track 2 equivalent data | ISO/IEC 7813 |
//! | [`mask`] | a card's response without account data | the flight recorder's rule |

#![no_std]
#![forbid(unsafe_code)]
#![warn(clippy::indexing_slicing)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod ber;
pub mod dol;
pub mod mask;
pub mod status_word;
pub mod tag;
pub mod track2;

pub use ber::{Tlv, TlvFault, Tlvs, decode, find, find_path, walk};
pub use dol::{DolEntry, DolFault};
pub use mask::mask_account_data;
pub use status_word::StatusWord;
pub use tag::{Format, Tag};
pub use track2::{AccountNumber, MaskedPan, Track2, Track2Fault};
