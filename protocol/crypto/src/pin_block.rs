//! ISO 9564-1 format 4: a PIN enciphered under AES and bound to the account number.
//!
//! The block holds 8 random bytes, so the same PIN never gives the same block; deciphering with another account
//! number gives nonsense, which is refused.

use crate::{CryptoError, SecretKey};

/// A PIN in memory: 4 to 12 ASCII digits, zeroized when dropped.
pub struct Pin {
    digits: [u8; 12],
    length: usize,
}

impl Pin {
    /// ASCII digits.
    #[must_use]
    pub fn as_digits(&self) -> &[u8] {
        unimplemented!()
    }
}

/// Enciphers a PIN. `pin` and `pan` are ASCII digits; `fill` is 8 fresh random bytes; `key` is an AES key
/// (DUKPT, [`PinEncryption`](crate::dukpt::KeyUsage::PinEncryption)).
///
/// # Errors
/// [`CryptoError::PinLength`], [`CryptoError::PinDigit`], [`CryptoError::Pan`].
pub fn encipher_format4(
    pin: &[u8],
    pan: &[u8],
    key: &SecretKey,
    fill: [u8; 8],
) -> Result<[u8; 16], CryptoError> {
    unimplemented!()
}

/// Deciphers a block that was made for this account number (ASCII digits) and key.
///
/// # Errors
/// [`CryptoError::PinBlockMalformed`], [`CryptoError::Pan`].
pub fn decipher_format4(block: &[u8; 16], pan: &[u8], key: &SecretKey) -> Result<Pin, CryptoError> {
    unimplemented!()
}
