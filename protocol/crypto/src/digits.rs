//! Decimal digits, one a byte, as ASCII or as their value: the two do not overlap, so both are taken everywhere.

use crate::CryptoError;

/// Most digits of an account number (ISO/IEC 7812-1).
pub(crate) const PAN_DIGITS_MAX: usize = 19;

/// The digit's value, if it is one.
pub(crate) const fn value(digit: u8) -> Option<u8> {
    match digit {
        0..=9 => Some(digit),
        b'0'..=b'9' => Some(digit - b'0'),
        _ => None,
    }
}

/// Writes digits into `packed`, two a byte, beginning at nibble `first`. What does not fit is left out.
pub(crate) fn pack(packed: &mut [u8], first: usize, digits: impl IntoIterator<Item = u8>) {
    for (nibble, digit) in (first..).zip(digits) {
        if let Some(byte) = packed.get_mut(nibble / 2) {
            *byte |= if nibble % 2 == 0 { digit << 4 } else { digit };
        }
    }
}

/// An account number of 1 to 19 digits, by value.
pub(crate) struct Pan {
    digits: [u8; PAN_DIGITS_MAX],
    length: usize,
}

impl Pan {
    pub(crate) fn new(pan: &[u8]) -> Result<Self, CryptoError> {
        let mut digits = [0; PAN_DIGITS_MAX];
        let room = digits.get_mut(..pan.len()).ok_or(CryptoError::Pan)?;
        for (to, from) in room.iter_mut().zip(pan) {
            *to = value(*from).ok_or(CryptoError::Pan)?;
        }
        if pan.is_empty() {
            return Err(CryptoError::Pan);
        }
        Ok(Self { digits, length: pan.len() })
    }

    pub(crate) fn as_digits(&self) -> &[u8] {
        &self.digits[..self.length]
    }
}
