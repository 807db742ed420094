//! EMV public-key certificates: EMV 4.3 Book 2, 5 and 6. From a scheme's CA key to a card's signature.
//!
//! An EMV signature holds the data that it signs: raising it to the public exponent gives the data back. Each
//! `recover_…` function does the steps of its section in the book's order and names the step that failed. What comes
//! in is from a card, so any bytes at all are an answer, never a panic.
//!
//! The chain of a contactless card: [`recover_issuer_key`] with the scheme's key that tag 8F names,
//! [`recover_icc_key`] with the issuer's, then [`recover_cda`] (Mastercard) or [`recover_signed_dynamic`] (Visa's
//! fDDA). Revocation of an issuer's certificate is the caller's: the serial number is in the result.

mod dynamic;
mod fault;
mod key;
mod recovered;

pub use dynamic::{CdaData, SignedDynamicData, recover_cda, recover_signed_dynamic, transaction_data_hash};
pub use fault::CertificateFault;
pub use key::{
    CaPublicKey, IccPublicKey, IssuerPublicKey, RsaPublicKey, recover_icc_key, recover_issuer_key,
};

use crate::rsa_public;
use alloc::vec::Vec;

/// What a certificate or signature holds, read from header to trailer: for whoever looks into one that does not verify.
/// It is as long as the key's modulus and proves nothing.
///
/// # Errors
/// The key cannot be used, or did not make it: [`CertificateFault::Modulus`], [`CertificateFault::Exponent`],
/// [`CertificateFault::Length`], [`CertificateFault::Range`].
// EMV 4.3 Book 2, A2.1
pub fn recovered_data(signed: &[u8], key: &RsaPublicKey) -> Result<Vec<u8>, CertificateFault> {
    let data = rsa_public::power(signed, key.exponent, &key.modulus)?;
    Ok(data[..key.modulus.len()].to_vec())
}

/// A month, as certificates' expiry is given, and the one in which a terminal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct YearMonth {
    year: u16,
    month: u8,
}

impl YearMonth {
    /// From the first two bytes of the transaction date (9A), `YYMM` in BCD. Years 50 to 99 are 1950 to 1999.
    // EMV 4.3 Book 4, 6.7.3
    #[must_use]
    pub const fn from_bcd(year_month: [u8; 2]) -> Option<Self> {
        let (Some(year), Some(month @ 1..=12)) = (from_bcd(year_month[0]), from_bcd(year_month[1])) else {
            return None;
        };
        let century = if year < 50 { 2000 } else { 1900 };
        Some(Self { year: century + year as u16, month })
    }
}

const fn from_bcd(byte: u8) -> Option<u8> {
    let (tens, ones) = (byte >> 4, byte & 0xF);
    if tens > 9 || ones > 9 { None } else { Some(tens * 10 + ones) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_ordered_across_centuries() {
        let month = |bcd| YearMonth::from_bcd(bcd).unwrap();
        assert!(month([0x99, 0x12]) < month([0x00, 0x01]));
        assert!(month([0x26, 0x11]) < month([0x26, 0x12]));
        assert!(month([0x26, 0x12]) < month([0x49, 0x01]));
    }

    #[test]
    fn what_is_no_month_is_none() {
        for bytes in [[0x26, 0x00], [0x26, 0x13], [0x26, 0x0A], [0x2A, 0x01], [0xA2, 0x01]] {
            assert_eq!(YearMonth::from_bcd(bytes), None);
        }
    }
}
