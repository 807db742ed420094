//! Application cryptograms: EMV 4.3 Book 2, A1, and what Visa and Mastercard build from it.
//!
//! Issuer and card assemble the data elements themselves; here is only the arithmetic: issuer master key → card
//! master key → session key → MAC over bytes. All keys are two-key triple DES, 16 bytes.

use crate::{CryptoError, SecretKey};

/// How the last block of a MAC's input is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// ISO/IEC 9797-1 method 1: zeros, none when the data ends on a block.
    Zeros,
    /// ISO/IEC 9797-1 method 2: `80`, then zeros.
    Iso80,
}

/// How a scheme's cryptogram version turns the card's master key into a cryptogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CryptogramKind {
    /// Visa cryptogram version 10: the card's master key itself, zero padding.
    VisaCvn10,
    /// Visa cryptogram version 18: EMV common session key, padding `80`.
    VisaCvn18,
    /// Mastercard cryptogram version 10 (and 11): Mastercard's session key, padding `80`.
    MastercardCvn10,
    /// Mastercard cryptogram version 14 (and 15): EMV common session key, padding `80`.
    MastercardCvn14,
}

/// The application cryptogram over `data`, from the card's master key. `unpredictable_number` (9F37) enters
/// Mastercard's session key only.
///
/// # Errors
/// [`CryptoError::KeyLength`] unless the key has 16 bytes.
pub fn application_cryptogram(
    kind: CryptogramKind,
    icc_master_key: &SecretKey,
    atc: [u8; 2],
    unpredictable_number: [u8; 4],
    data: &[u8],
) -> Result<[u8; 8], CryptoError> {
    unimplemented!()
}

/// The card's master key from the issuer's. `pan` is ASCII digits, `psn` the sequence number (5F34) as the card
/// gives it, BCD; 0 when it has none. Option A up to 16 digits, option B above.
///
/// # Errors
/// [`CryptoError::KeyLength`], [`CryptoError::Pan`].
// EMV 4.3 Book 2, A1.4
pub fn derive_icc_master_key(
    issuer_master_key: &SecretKey,
    pan: &[u8],
    psn: u8,
) -> Result<SecretKey, CryptoError> {
    unimplemented!()
}

/// EMV common session key for one transaction.
///
/// # Errors
/// [`CryptoError::KeyLength`].
// EMV 4.3 Book 2, A1.3.1
pub fn session_key_common(icc_master_key: &SecretKey, atc: [u8; 2]) -> Result<SecretKey, CryptoError> {
    unimplemented!()
}

/// Mastercard's session key, which depends on the terminal's unpredictable number too.
///
/// # Errors
/// [`CryptoError::KeyLength`].
pub fn session_key_mastercard(
    icc_master_key: &SecretKey,
    atc: [u8; 2],
    unpredictable_number: [u8; 4],
) -> Result<SecretKey, CryptoError> {
    unimplemented!()
}

/// ISO/IEC 9797-1 algorithm 3 with DES ("retail MAC"), all 8 bytes of it.
///
/// # Errors
/// [`CryptoError::KeyLength`] unless the key has 16 bytes.
// EMV 4.3 Book 2, A1.2.1
pub fn cryptogram(key: &SecretKey, data: &[u8], padding: Padding) -> Result<[u8; 8], CryptoError> {
    unimplemented!()
}
