//! ISO 9564-1 PIN blocks: how a PIN is enciphered and bound to the account number.
//!
//! [`encipher_format4`] (AES, with random fill: the same PIN never gives the same block) is what terminals send.
//! [`encipher_format0`] (triple DES) is there for a bank whose security module takes no other, under a key that is used
//! once. Deciphering with another key or account number gives nonsense, which is refused; it can pass for a PIN about
//! once in 17 million tries (format 0 more often, when only the account number is another), so a block is no proof of
//! origin: the signed message around it is. Reading a block takes as long for a wrong one as for a right one.

mod format0;
mod format4;

pub use format0::{
    clear_format0, decipher_format0, encipher_format0, pan_field_format0, pin_field_format0, read_format0,
};
pub use format4::{
    Format4Steps, decipher_format4, encipher_format4, pan_field_format4, pin_field_format4, read_format4,
};

use crate::{CryptoError, digits};
use alloc::boxed::Box;
use core::fmt;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq, ConstantTimeGreater, ConstantTimeLess};
use zeroize::{Zeroize, Zeroizing};

/// Fewest digits of a PIN. ISO 9564-1, 5.1
pub const PIN_DIGITS_MIN: usize = 4;
/// Most digits of a PIN.
pub const PIN_DIGITS_MAX: usize = 12;

/// Bytes of control, length, digits and fill.
const DIGITS_FIELD_BYTES: usize = 8;
/// The same in half bytes.
const DIGITS_FIELD_NIBBLES: usize = 2 * DIGITS_FIELD_BYTES;
/// Where the digits begin, in half bytes.
const PIN_STARTS_AT: usize = 2;

/// A PIN in memory: 4 to 12 ASCII digits, zeroized when dropped, never printed. They are on the heap, so that handing
/// the PIN on leaves no copy where it was.
pub struct Pin {
    digits: Box<[u8; PIN_DIGITS_MAX]>,
    length: usize,
}

impl Pin {
    /// ASCII digits.
    #[must_use]
    pub fn as_digits(&self) -> &[u8] {
        &self.digits[..self.length]
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        self.digits.as_mut_slice().zeroize();
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin")
    }
}

/// What the digits of a format stand between.
struct Layout {
    /// First half byte: the format's number.
    control: u8,
    /// What follows the PIN's digits.
    fill: u8,
}

impl Layout {
    /// Writes control, length, digits, fill: where they are to be, as a copy would stay behind.
    fn write(&self, pin: &[u8], field: &mut [u8; DIGITS_FIELD_BYTES]) -> Result<(), CryptoError> {
        if !(PIN_DIGITS_MIN..=PIN_DIGITS_MAX).contains(&pin.len()) {
            return Err(CryptoError::PinLength);
        }
        let mut nibbles = Zeroizing::new([self.fill; DIGITS_FIELD_NIBBLES]);
        nibbles[0] = self.control;
        nibbles[1] = pin.len() as u8;
        for (nibble, digit) in nibbles[PIN_STARTS_AT..].iter_mut().zip(pin) {
            *nibble = digits::value(*digit).ok_or(CryptoError::PinDigit)?;
        }
        field.fill(0);
        digits::pack(field, 0, nibbles.iter().copied());
        Ok(())
    }

    /// The PIN in a field. Each half byte is looked at whatever the others are, so the time tells nothing of it.
    fn read(&self, field: &[u8; DIGITS_FIELD_BYTES]) -> Result<Pin, CryptoError> {
        let mut nibbles = Zeroizing::new([0; DIGITS_FIELD_NIBBLES]);
        for (pair, byte) in nibbles.as_chunks_mut::<2>().0.iter_mut().zip(field) {
            *pair = [byte >> 4, byte & 0xF];
        }
        let [control, length, rest @ ..] = &*nibbles;
        let mut pin = Pin { digits: Box::new([0; PIN_DIGITS_MAX]), length: 0 };
        let too_short = length.ct_lt(&(PIN_DIGITS_MIN as u8));
        let too_long = length.ct_gt(&(PIN_DIGITS_MAX as u8));
        let mut fits = control.ct_eq(&self.control) & !too_short & !too_long;
        for (place, nibble) in (0_u8..).zip(rest) {
            let is_digit_here = place.ct_lt(length);
            fits &= Choice::conditional_select(&nibble.ct_eq(&self.fill), &nibble.ct_lt(&10), is_digit_here);
            if let Some(digit) = pin.digits.get_mut(usize::from(place)) {
                *digit = u8::conditional_select(&0, &(b'0' + nibble), is_digit_here);
            }
        }
        pin.length = usize::from(*length);
        if bool::from(fits) { Ok(pin) } else { Err(CryptoError::PinBlockMalformed) }
    }
}

fn xor<const N: usize>(block: &mut [u8; N], with: &[u8; N]) {
    block.iter_mut().zip(with).for_each(|(byte, with)| *byte ^= with);
}
