//! Account data: the card's number, its expiry, its track 2 equivalent data.
//!
//! These types are the only ones here that hold account data. They zeroize when dropped, are not
//! `Copy`, and have neither `Debug` nor `Display`: what may be shown is a [`MaskedPan`].

use alloc::vec::Vec;
use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Most digits in an account number (ISO/IEC 7812-1).
pub const PAN_DIGITS_MAX: usize = 19;
/// Fewest digits that are taken for an account number: an issuer number and a check digit.
pub const PAN_DIGITS_MIN: usize = 8;
/// Longest track 2 equivalent data, in bytes (EMV 4.3 Book 3, Annex A, tag 57).
pub const TRACK2_BYTES_MAX: usize = 19;

/// The separator between account number and expiry, one digit.
const SEPARATOR: u8 = 0xD;
/// The filler after the last digit.
const FILLER: u8 = 0xF;

/// What is wrong with account data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Track2Fault {
    /// An account number of fewer than 8 or more than 19 digits.
    #[error("an account number has 8 to 19 digits")]
    PanLength,
    /// Something that is no digit where one must be.
    #[error("a digit is not a digit")]
    NotADigit,
    /// Track 2 equivalent data without a separator.
    #[error("the separator after the account number is missing")]
    SeparatorMissing,
    /// Track 2 equivalent data that ends before its expiry, or is longer than 19 bytes.
    #[error("track 2 equivalent data is too short or too long")]
    TrackLength,
}

/// An account number, as ASCII digits.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct AccountNumber {
    digits: [u8; PAN_DIGITS_MAX],
    length: usize,
}

impl AccountNumber {
    /// Reads the value of tag `5A`: digits two a byte, then `F`s.
    ///
    /// # Errors
    /// Anything but 8 to 19 digits and filler.
    pub fn from_bcd(value: &[u8]) -> Result<Self, Track2Fault> {
        let mut pan = Self::empty();
        let mut nibbles = nibbles(value);
        for nibble in nibbles.by_ref() {
            if nibble == FILLER {
                break;
            }
            pan.push(nibble)?;
        }
        if nibbles.any(|nibble| nibble != FILLER) {
            return Err(Track2Fault::NotADigit);
        }
        pan.check_length()
    }

    /// Reads ASCII digits.
    ///
    /// # Errors
    /// Anything but 8 to 19 digits.
    pub fn from_ascii(digits: &[u8]) -> Result<Self, Track2Fault> {
        let mut pan = Self::empty();
        for digit in digits {
            pan.push(digit.wrapping_sub(b'0'))?;
        }
        pan.check_length()
    }

    /// The digits, ASCII.
    pub fn digits(&self) -> &[u8] {
        self.digits.get(..self.length).unwrap_or_default()
    }

    /// As the value of tag `5A`: digits two a byte, an odd last one followed by `F`.
    pub fn to_bcd(&self) -> Zeroizing<Vec<u8>> {
        let digit = |ascii: &u8| ascii.wrapping_sub(b'0') & 0x0F;
        let pairs = self.digits().chunks(2);
        Zeroizing::new(
            pairs
                .map(|pair| pair.first().map_or(0, digit) << 4 | pair.get(1).map_or(FILLER, digit))
                .collect(),
        )
    }

    /// What may be shown of it.
    pub fn masked(&self) -> MaskedPan {
        masked(self.digits())
    }

    const fn empty() -> Self {
        Self { digits: [0; PAN_DIGITS_MAX], length: 0 }
    }

    fn push(&mut self, digit: u8) -> Result<(), Track2Fault> {
        if digit > 9 {
            return Err(Track2Fault::NotADigit);
        }
        let place = self.digits.get_mut(self.length).ok_or(Track2Fault::PanLength)?;
        *place = b'0'.saturating_add(digit);
        self.length = self.length.saturating_add(1);
        Ok(())
    }

    fn check_length(self) -> Result<Self, Track2Fault> {
        if self.length < PAN_DIGITS_MIN { Err(Track2Fault::PanLength) } else { Ok(self) }
    }
}

/// Track 2 equivalent data (tag `57`), read.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Track2 {
    pan: AccountNumber,
    expiry: [u8; 2],
    raw: [u8; TRACK2_BYTES_MAX],
    raw_length: usize,
}

impl Track2 {
    /// Reads account number and expiry; what follows them is kept but not looked at. The month is not
    /// judged: a masked recording has zeros there.
    ///
    /// # Errors
    /// Too short or long, no separator, or no digits where they must be.
    pub fn parse(value: &[u8]) -> Result<Self, Track2Fault> {
        let mut raw = [0; TRACK2_BYTES_MAX];
        raw.get_mut(..value.len()).ok_or(Track2Fault::TrackLength)?.copy_from_slice(value);

        let mut pan = AccountNumber::empty();
        let mut nibbles = nibbles(value);
        loop {
            match nibbles.next().ok_or(Track2Fault::SeparatorMissing)? {
                SEPARATOR => break,
                digit => pan.push(digit)?,
            }
        }
        let mut expiry_digits = [0_u8; 4];
        for digit in &mut expiry_digits {
            *digit = nibbles.next().ok_or(Track2Fault::TrackLength)?;
            if *digit > 9 {
                return Err(Track2Fault::NotADigit);
            }
        }
        let [y1, y2, m1, m2] = expiry_digits;
        let expiry = [y1 << 4 | y2, m1 << 4 | m2];
        Ok(Self { pan: pan.check_length()?, expiry, raw, raw_length: value.len() })
    }

    /// The account number.
    pub const fn pan(&self) -> &AccountNumber {
        &self.pan
    }

    /// YYMM, BCD.
    pub const fn expiry(&self) -> [u8; 2] {
        self.expiry
    }

    /// The value of tag `57` as the card gave it.
    pub fn as_bytes(&self) -> &[u8] {
        self.raw.get(..self.raw_length).unwrap_or_default()
    }
}

/// The last four digits of an account number; prints as `***0036`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct MaskedPan(pub u16);

impl fmt::Display for MaskedPan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "***{:04}", self.0 % 10_000)
    }
}

/// What may be shown of an account number given as ASCII digits.
pub fn masked(digits: &[u8]) -> MaskedPan {
    let last = digits.last_chunk::<4>().copied().unwrap_or(*b"0000");
    MaskedPan(last.iter().fold(0, |number, digit| {
        let digit = u16::from(digit.wrapping_sub(b'0') % 10);
        // Four digits: at most 9999.
        number * 10 + digit
    }))
}

/// The two digits of each byte, in order.
pub(crate) fn nibbles(bytes: &[u8]) -> impl Iterator<Item = u8> + '_ {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0F])
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;
    use std::string::ToString;

    #[test]
    fn account_numbers_of_any_length_are_read() {
        assert!(AccountNumber::from_bcd(&hex!("5413330089020036")).unwrap().digits() == b"5413330089020036");
        assert!(AccountNumber::from_bcd(&hex!("541333008902003F")).unwrap().digits() == b"541333008902003");
        assert!(AccountNumber::from_bcd(&hex!("6799998900000060015F")).unwrap().digits().len() == 19);
        assert!(AccountNumber::from_bcd(&hex!("5413330089020036FFFF")).is_ok());
    }

    #[test]
    fn an_account_number_goes_back_to_the_bytes_it_came_from() {
        for value in [&hex!("5413330089020036")[..], &hex!("541333008902003F")] {
            assert!(AccountNumber::from_bcd(value).unwrap().to_bcd().as_slice() == value);
        }
    }

    #[test]
    fn what_is_no_account_number_is_refused() {
        let fault = |value: &[u8]| AccountNumber::from_bcd(value).err();
        assert_eq!(fault(&hex!("541333")), Some(Track2Fault::PanLength));
        assert_eq!(fault(&hex!("54133300890200365413")), Some(Track2Fault::PanLength));
        assert_eq!(fault(&hex!("5413A30089020036")), Some(Track2Fault::NotADigit));
        assert_eq!(fault(&hex!("54133300890F0036")), Some(Track2Fault::NotADigit));
        assert_eq!(fault(&[]), Some(Track2Fault::PanLength));
    }

    #[test]
    fn track_2_is_number_separator_expiry_and_the_rest() {
        let value = hex!("5413330089020036D2512201012345678F");
        let track = Track2::parse(&value).unwrap();
        assert!(track.pan().digits() == b"5413330089020036");
        assert_eq!(track.expiry(), hex!("2512"));
        assert_eq!(track.as_bytes(), value);
        assert_eq!(track.pan().masked().to_string(), "***0036");
    }

    #[test]
    fn damaged_track_2_is_refused() {
        let fault = |value: &[u8]| Track2::parse(value).err();
        assert_eq!(fault(&hex!("54133300890200365413")), Some(Track2Fault::PanLength));
        assert_eq!(fault(&hex!("5413330089020036")), Some(Track2Fault::SeparatorMissing));
        assert_eq!(fault(&hex!("5413330089020036D251")), Some(Track2Fault::TrackLength));
        assert_eq!(fault(&hex!("5413330089020036D25A20")), Some(Track2Fault::NotADigit));
        assert_eq!(fault(&[0; 20]), Some(Track2Fault::TrackLength));
    }

    #[test]
    fn a_mask_shows_four_digits_and_their_zeros() {
        assert_eq!(masked(b"5413330089020036").to_string(), "***0036");
        assert_eq!(masked(b"12").to_string(), "***0000");
    }
}
