//! AES-GCM under a key that is used for one message only.

use crate::{CryptoError, SecretKey};
use alloc::vec::Vec;

/// The longest message that is sealed.
pub const SEALED_BYTES_MAX: usize = 64 * 1024;

/// Enciphers and authenticates `plaintext`, and authenticates `aad` with it. `key` must be used this once
/// (DUKPT, [`DataEncrypt`](crate::dukpt::KeyUsage::DataEncrypt)). The result is 16 bytes longer.
///
/// # Errors
/// [`CryptoError::MessageLength`] above [`SEALED_BYTES_MAX`].
pub fn seal_once(key: &SecretKey, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
    unimplemented!()
}

/// Opens what [`seal_once`] made.
///
/// # Errors
/// [`CryptoError::NotAuthentic`], [`CryptoError::MessageLength`].
pub fn open_once(
    key: &SecretKey,
    aad: &[u8],
    sealed: &[u8],
) -> Result<zeroize::Zeroizing<Vec<u8>>, CryptoError> {
    unimplemented!()
}
