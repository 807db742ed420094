//! ISO 9564-1 format 4: a PIN enciphered under AES and bound to the account number.
//!
//! The block holds 8 random bytes, so the same PIN never gives the same block. Deciphering with another key or
//! account number gives nonsense, which is refused; it can pass for a PIN about once in 17 million tries, so the
//! block is no proof of origin: the signed message around it is.

use crate::{
    CryptoError, SecretKey,
    aes_block::{AesBlock, BLOCK_BYTES},
    digits::{self, Pan},
};
use core::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Fewest digits of a PIN. ISO 9564-1, 5.1
pub const PIN_DIGITS_MIN: usize = 4;
/// Most digits of a PIN.
pub const PIN_DIGITS_MAX: usize = 12;

/// Control nibble of format 4.
const CONTROL: u8 = 4;
/// Nibbles of the PIN field's first half: control, length, digits and fill.
const FIRST_HALF_NIBBLES: usize = 16;
/// Where the digits begin, in nibbles.
const PIN_STARTS_AT: usize = 2;
/// What follows the PIN's digits.
const FILL: u8 = 0xA;
/// The account number is padded on the left to this many digits.
const PAN_FIELD_DIGITS_MIN: usize = 12;

/// A PIN in memory: 4 to 12 ASCII digits, zeroized when dropped, never printed.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Pin {
    digits: [u8; PIN_DIGITS_MAX],
    length: usize,
}

impl Pin {
    /// ASCII digits.
    #[must_use]
    pub fn as_digits(&self) -> &[u8] {
        &self.digits[..self.length]
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin")
    }
}

/// Enciphers a PIN. `pin` and `pan` are digits, one a byte; `fill` is 8 fresh random bytes; `key` is used for this
/// block alone (DUKPT, [`PinEncryption`](crate::dukpt::KeyUsage::PinEncryption)).
///
/// # Errors
/// [`CryptoError::PinLength`], [`CryptoError::PinDigit`], [`CryptoError::Pan`].
// ISO 9564-1, 9.4.2
pub fn encipher_format4(
    pin: &[u8],
    pan: &[u8],
    key: &SecretKey,
    fill: [u8; 8],
) -> Result<[u8; 16], CryptoError> {
    let pan_field = pan_field(pan)?;
    let mut block = pin_field(pin, fill)?;
    let aes = AesBlock::new(key);
    aes.encrypt(&mut block);
    xor(&mut block, &pan_field);
    aes.encrypt(&mut block);
    Ok(*block)
}

/// Deciphers a block that was made for this account number (digits, one a byte) and key.
///
/// # Errors
/// [`CryptoError::PinBlockMalformed`], [`CryptoError::Pan`].
// ISO 9564-1, 9.4.2
pub fn decipher_format4(block: &[u8; 16], pan: &[u8], key: &SecretKey) -> Result<Pin, CryptoError> {
    let pan_field = pan_field(pan)?;
    let mut block = Zeroizing::new(*block);
    let aes = AesBlock::new(key);
    aes.decrypt(&mut block);
    xor(&mut block, &pan_field);
    aes.decrypt(&mut block);
    read_pin_field(&block)
}

/// Control, length, digits, fill to 8 bytes; then 8 random bytes. ISO 9564-1, 9.4.2
fn pin_field(pin: &[u8], fill: [u8; 8]) -> Result<Zeroizing<[u8; BLOCK_BYTES]>, CryptoError> {
    if !(PIN_DIGITS_MIN..=PIN_DIGITS_MAX).contains(&pin.len()) {
        return Err(CryptoError::PinLength);
    }
    let mut nibbles = Zeroizing::new([FILL; FIRST_HALF_NIBBLES]);
    nibbles[0] = CONTROL;
    nibbles[1] = pin.len() as u8;
    for (nibble, digit) in nibbles[PIN_STARTS_AT..].iter_mut().zip(pin) {
        *nibble = digits::value(*digit).ok_or(CryptoError::PinDigit)?;
    }
    let mut field = Zeroizing::new([0; BLOCK_BYTES]);
    digits::pack(&mut field[..8], 0, nibbles.iter().copied());
    field[8..].copy_from_slice(&fill);
    Ok(field)
}

fn read_pin_field(field: &[u8; BLOCK_BYTES]) -> Result<Pin, CryptoError> {
    let mut nibbles = Zeroizing::new([0; FIRST_HALF_NIBBLES]);
    for (pair, byte) in nibbles.as_chunks_mut::<2>().0.iter_mut().zip(field) {
        *pair = [byte >> 4, byte & 0xF];
    }
    let [CONTROL, length, rest @ ..] = &*nibbles else {
        return Err(CryptoError::PinBlockMalformed);
    };
    let length = usize::from(*length);
    if !(PIN_DIGITS_MIN..=PIN_DIGITS_MAX).contains(&length) {
        return Err(CryptoError::PinBlockMalformed);
    }
    let (pin, fill) = rest.split_at(length);
    if pin.iter().any(|digit| *digit > 9) || fill.iter().any(|nibble| *nibble != FILL) {
        return Err(CryptoError::PinBlockMalformed);
    }
    let mut digits = [0; PIN_DIGITS_MAX];
    for (ascii, digit) in digits.iter_mut().zip(pin) {
        *ascii = b'0' + digit;
    }
    Ok(Pin { digits, length })
}

/// How many digits beyond 12, the digits, zeros. ISO 9564-1, 9.4.2
fn pan_field(pan: &[u8]) -> Result<[u8; BLOCK_BYTES], CryptoError> {
    let pan = Pan::new(pan)?;
    let pan = pan.as_digits();
    let (beyond, padding) = match pan.len().checked_sub(PAN_FIELD_DIGITS_MIN) {
        Some(beyond) => (beyond, 0),
        None => (0, PAN_FIELD_DIGITS_MIN - pan.len()),
    };
    let mut field = [0; BLOCK_BYTES];
    field[0] = (beyond as u8) << 4;
    digits::pack(&mut field, 1 + padding, pan.iter().copied());
    Ok(field)
}

fn xor(block: &mut [u8; BLOCK_BYTES], with: &[u8; BLOCK_BYTES]) {
    block.iter_mut().zip(with).for_each(|(byte, with)| *byte ^= with);
}
