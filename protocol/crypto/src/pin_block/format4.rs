//! ISO 9564-1 format 4: under AES, with 8 random bytes in each block.

use super::{Layout, Pin, xor};
use crate::{
    CryptoError, SecretKey,
    aes_block::{AesBlock, BLOCK_BYTES},
    digits::{self, Pan},
};
use alloc::boxed::Box;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const LAYOUT: Layout = Layout { control: 4, fill: 0xA };
/// The account number is padded on the left to this many digits.
const PAN_FIELD_DIGITS_MIN: usize = 12;

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
    Ok(Format4Steps::encipher(pin, pan, key, fill)?.enciphered)
}

/// Deciphers a block that was made for this account number (digits, one a byte) and key.
///
/// # Errors
/// [`CryptoError::PinBlockMalformed`], [`CryptoError::Pan`].
// ISO 9564-1, 9.4.2
pub fn decipher_format4(block: &[u8; 16], pan: &[u8], key: &SecretKey) -> Result<Pin, CryptoError> {
    read_format4(&Format4Steps::decipher(block, pan, key)?.pin_field)
}

/// Each block between a PIN and its enciphered form, for whoever compares another implementation with this one. Made on
/// the heap, where it stays until it is erased.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Format4Steps {
    /// Control, length, digits, fill; 8 random bytes.
    pub pin_field: [u8; BLOCK_BYTES],
    /// The account number's field.
    pub pan_field: [u8; BLOCK_BYTES],
    /// The PIN's field enciphered ("block A").
    pub block_a: [u8; BLOCK_BYTES],
    /// The same with the account number's field added ("block B").
    pub block_b: [u8; BLOCK_BYTES],
    /// The second encipherment: what is sent.
    pub enciphered: [u8; BLOCK_BYTES],
}

impl Format4Steps {
    /// From the PIN; parameters and errors as for [`encipher_format4`].
    ///
    /// # Errors
    /// [`CryptoError::PinLength`], [`CryptoError::PinDigit`], [`CryptoError::Pan`].
    pub fn encipher(
        pin: &[u8],
        pan: &[u8],
        key: &SecretKey,
        fill: [u8; 8],
    ) -> Result<Box<Self>, CryptoError> {
        let mut steps = Self::blank(pan)?;
        write_pin_field(pin, fill, &mut steps.pin_field)?;
        let aes = AesBlock::new(key);
        steps.block_a = steps.pin_field;
        aes.encrypt(&mut steps.block_a);
        steps.block_b = steps.block_a;
        let Self { pan_field, block_b, .. } = &mut *steps;
        xor(block_b, pan_field);
        steps.enciphered = steps.block_b;
        aes.encrypt(&mut steps.enciphered);
        Ok(steps)
    }

    /// From the enciphered block. Whether there is a PIN in it, [`read_format4`] says.
    ///
    /// # Errors
    /// [`CryptoError::Pan`].
    pub fn decipher(block: &[u8; 16], pan: &[u8], key: &SecretKey) -> Result<Box<Self>, CryptoError> {
        let mut steps = Self::blank(pan)?;
        let aes = AesBlock::new(key);
        (steps.enciphered, steps.block_b) = (*block, *block);
        aes.decrypt(&mut steps.block_b);
        steps.block_a = steps.block_b;
        let Self { pan_field, block_a, .. } = &mut *steps;
        xor(block_a, pan_field);
        steps.pin_field = steps.block_a;
        aes.decrypt(&mut steps.pin_field);
        Ok(steps)
    }

    /// With the account number's field only.
    fn blank(pan: &[u8]) -> Result<Box<Self>, CryptoError> {
        let pan_field = pan_field_format4(pan)?;
        let none = [0; BLOCK_BYTES];
        Ok(Box::new(Self { pin_field: none, pan_field, block_a: none, block_b: none, enciphered: none }))
    }
}

/// The PIN's field in the clear: control, length, digits, fill to 8 bytes; then 8 random bytes.
///
/// # Errors
/// [`CryptoError::PinLength`], [`CryptoError::PinDigit`].
// ISO 9564-1, 9.4.2
pub fn pin_field_format4(pin: &[u8], fill: [u8; 8]) -> Result<Zeroizing<[u8; BLOCK_BYTES]>, CryptoError> {
    let mut field = Zeroizing::new([0; BLOCK_BYTES]);
    write_pin_field(pin, fill, &mut field)?;
    Ok(field)
}

fn write_pin_field(pin: &[u8], fill: [u8; 8], field: &mut [u8; BLOCK_BYTES]) -> Result<(), CryptoError> {
    // Twice 8 bytes, which is all that a field of 16 can be.
    let [digits, random] = field.as_chunks_mut().0 else { return Err(CryptoError::PinLength) };
    LAYOUT.write(pin, digits)?;
    *random = fill;
    Ok(())
}

/// The PIN in its field.
///
/// # Errors
/// [`CryptoError::PinBlockMalformed`].
pub fn read_format4(field: &[u8; BLOCK_BYTES]) -> Result<Pin, CryptoError> {
    let digits = field.first_chunk().ok_or(CryptoError::PinBlockMalformed)?;
    LAYOUT.read(digits)
}

/// The account number's field: how many digits beyond 12, the digits, zeros.
///
/// # Errors
/// [`CryptoError::Pan`].
// ISO 9564-1, 9.4.2
pub fn pan_field_format4(pan: &[u8]) -> Result<[u8; BLOCK_BYTES], CryptoError> {
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
