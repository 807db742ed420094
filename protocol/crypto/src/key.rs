//! A symmetric key in memory: zeroized when dropped, compared in constant time, never printed.

use crate::CryptoError;
use core::fmt;
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

const KEY_BYTES_MAX: usize = 32;

/// A symmetric key of 16, 24 or 32 bytes: AES, or two- or three-key triple DES.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretKey {
    bytes: [u8; KEY_BYTES_MAX],
    length: usize,
}

impl SecretKey {
    /// Copies a key in; the caller's copy is the caller's to erase.
    ///
    /// # Errors
    /// [`CryptoError::KeyLength`] unless there are 16, 24 or 32 bytes.
    pub fn from_slice(key: &[u8]) -> Result<Self, CryptoError> {
        if !matches!(key.len(), 16 | 24 | 32) {
            return Err(CryptoError::KeyLength(key.len()));
        }
        let mut bytes = [0; KEY_BYTES_MAX];
        bytes[..key.len()].copy_from_slice(key);
        Ok(Self { bytes, length: key.len() })
    }

    /// The key itself. Each call is a place where it is used: keep them few.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl ConstantTimeEq for SecretKey {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.bytes.ct_eq(&other.bytes) & (self.length as u64).ct_eq(&(other.length as u64))
    }
}

impl PartialEq for SecretKey {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for SecretKey {}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({} bits)", self.length * 8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn a_key_has_16_24_or_32_bytes() {
        for length in 0..=40 {
            assert_eq!(SecretKey::from_slice(&[7; 40][..length]).is_ok(), matches!(length, 16 | 24 | 32));
        }
    }

    #[test]
    fn a_key_prints_its_length_only() {
        assert_eq!(format!("{:?}", SecretKey::from_slice(&[0xAB; 24]).unwrap()), "SecretKey(192 bits)");
    }

    #[test]
    fn keys_of_different_length_differ_even_when_the_rest_is_zero() {
        let (short, long) =
            (SecretKey::from_slice(&[0; 16]).unwrap(), SecretKey::from_slice(&[0; 24]).unwrap());
        assert_ne!(short, long);
        assert_eq!(short, short.clone());
    }
}
