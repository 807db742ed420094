//! ISO 9564-1 format 0 (ANSI X9.8): under triple DES. The same PIN, account and key give the same block, so the key must
//! serve one block only: [`host_tdea_key`](crate::dukpt::host_tdea_key), and the terminal's side of it.
//!
//! DES in software looks into tables, at places that depend on key and data; AES here does not. Who shares the processor
//! may see such looks, one more reason why a key serves once, and why format 4 is what terminals send.

use super::{DIGITS_FIELD_BYTES, Layout, Pin, xor};
use crate::{
    CryptoError, SecretKey,
    digits::{self, Pan},
};
use des::{
    TdesEde2, TdesEde3,
    cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit},
};
use zeroize::Zeroizing;

const LAYOUT: Layout = Layout { control: 0, fill: 0xF };
/// How many of the account number's digits enter the block: the rightmost, the check digit left out.
const PAN_DIGITS: usize = 12;
/// Where they begin in the account number's field, in half bytes.
const PAN_STARTS_AT: usize = 4;

/// Enciphers a PIN under a key of 16 or 24 bytes. `pin` and `pan` are digits, one a byte.
///
/// # Errors
/// [`CryptoError::PinLength`], [`CryptoError::PinDigit`], [`CryptoError::Pan`], [`CryptoError::KeyLength`].
// ISO 9564-1, 9.3.2
pub fn encipher_format0(pin: &[u8], pan: &[u8], key: &SecretKey) -> Result<[u8; 8], CryptoError> {
    let mut block = clear_format0(pin, pan)?;
    let cipher = Tdea::new(key)?;
    cipher.encrypt(&mut block);
    Ok(*block)
}

/// Deciphers a block that was made for this account number and key.
///
/// # Errors
/// [`CryptoError::PinBlockMalformed`], [`CryptoError::Pan`], [`CryptoError::KeyLength`].
// ISO 9564-1, 9.3.2
pub fn decipher_format0(block: &[u8; 8], pan: &[u8], key: &SecretKey) -> Result<Pin, CryptoError> {
    let mut clear = Zeroizing::new(*block);
    Tdea::new(key)?.decrypt(&mut clear);
    read_format0(&clear, pan)
}

/// The block before it is enciphered: control, length, digits and fill, with the account number's digits added.
///
/// # Errors
/// [`CryptoError::PinLength`], [`CryptoError::PinDigit`], [`CryptoError::Pan`].
pub fn clear_format0(pin: &[u8], pan: &[u8]) -> Result<Zeroizing<[u8; DIGITS_FIELD_BYTES]>, CryptoError> {
    let pan_field = pan_field_format0(pan)?;
    let mut block = pin_field_format0(pin)?;
    xor(&mut block, &pan_field);
    Ok(block)
}

/// The PIN in a clear block.
///
/// # Errors
/// [`CryptoError::PinBlockMalformed`], [`CryptoError::Pan`].
pub fn read_format0(clear: &[u8; DIGITS_FIELD_BYTES], pan: &[u8]) -> Result<Pin, CryptoError> {
    let mut field = Zeroizing::new(*clear);
    xor(&mut field, &pan_field_format0(pan)?);
    LAYOUT.read(&field)
}

/// The PIN's field: control, length, digits, fill.
///
/// # Errors
/// [`CryptoError::PinLength`], [`CryptoError::PinDigit`].
pub fn pin_field_format0(pin: &[u8]) -> Result<Zeroizing<[u8; DIGITS_FIELD_BYTES]>, CryptoError> {
    let mut field = Zeroizing::new([0; DIGITS_FIELD_BYTES]);
    LAYOUT.write(pin, &mut field)?;
    Ok(field)
}

/// The account number's field: four zeros, then the twelve digits before the check digit; a shorter number is padded on
/// the left.
///
/// # Errors
/// [`CryptoError::Pan`].
pub fn pan_field_format0(pan: &[u8]) -> Result<[u8; DIGITS_FIELD_BYTES], CryptoError> {
    let pan = Pan::new(pan)?;
    let (_check_digit, pan) = pan.as_digits().split_last().ok_or(CryptoError::Pan)?;
    let pan = pan.get(pan.len().saturating_sub(PAN_DIGITS)..).unwrap_or_default();
    let mut field = [0; DIGITS_FIELD_BYTES];
    digits::pack(&mut field, PAN_STARTS_AT + PAN_DIGITS - pan.len(), pan.iter().copied());
    Ok(field)
}

/// Triple DES under a key of 16 or 24 bytes. Erased when dropped.
enum Tdea {
    TwoKeys(TdesEde2),
    ThreeKeys(TdesEde3),
}

impl Tdea {
    fn new(key: &SecretKey) -> Result<Self, CryptoError> {
        const LENGTH: &str = "its length was looked at";
        let key = key.as_bytes();
        match key.len() {
            16 => Ok(Self::TwoKeys(TdesEde2::new_from_slice(key).expect(LENGTH))),
            24 => Ok(Self::ThreeKeys(TdesEde3::new_from_slice(key).expect(LENGTH))),
            other => Err(CryptoError::KeyLength(other)),
        }
    }

    fn encrypt(&self, block: &mut [u8; DIGITS_FIELD_BYTES]) {
        match self {
            Self::TwoKeys(cipher) => cipher.encrypt_block(block.into()),
            Self::ThreeKeys(cipher) => cipher.encrypt_block(block.into()),
        }
    }

    fn decrypt(&self, block: &mut [u8; DIGITS_FIELD_BYTES]) {
        match self {
            Self::TwoKeys(cipher) => cipher.decrypt_block(block.into()),
            Self::ThreeKeys(cipher) => cipher.decrypt_block(block.into()),
        }
    }
}
