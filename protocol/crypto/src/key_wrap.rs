//! A key on its way to one recipient: ECIES on P-256 (ephemeral ECDH, HKDF-SHA256, AES-128-GCM).
//!
//! The bank sends a terminal its initial key this way: only the holder of the recipient's secret opens it, and only
//! in the context (terminal, purpose) for which it was wrapped.

use crate::CryptoError;
use alloc::vec::Vec;
use zeroize::Zeroizing;

/// Wraps `plaintext` (at most [`WRAPPED_BYTES_MAX`]) for a public key (SEC1, 33 or 65 bytes). `ephemeral_secret` is
/// 32 fresh random bytes; `context` must be equal when unwrapping.
///
/// # Errors
/// [`CryptoError::PublicPoint`]; [`CryptoError::SecretScalar`] (draw again); [`CryptoError::MessageLength`].
pub fn wrap(
    recipient_public_sec1: &[u8],
    ephemeral_secret: &[u8; 32],
    context: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    unimplemented!()
}

/// Unwraps what [`wrap`] made. `recipient_secret` is the scalar, 32 bytes big-endian.
///
/// # Errors
/// [`CryptoError::SecretScalar`], [`CryptoError::PublicPoint`], [`CryptoError::NotAuthentic`].
pub fn unwrap(
    recipient_secret: &[u8; 32],
    context: &[u8],
    message: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    unimplemented!()
}

/// The longest plaintext that is wrapped: keys are short.
pub const WRAPPED_BYTES_MAX: usize = 1024;
