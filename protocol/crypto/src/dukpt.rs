//! AES-DUKPT, ANSI X9.24-3-2017: each message has a key of its own, and a terminal that is opened tells nothing
//! about the keys it used before.
//!
//! The host derives any key from the base derivation key (BDK) and the key serial number ([`host_working_key`]).
//! The terminal never holds the BDK, and not even its own initial key after loading: it keeps a register of 32
//! intermediate keys ([`TerminalKeys`]) from which only future keys follow.

use crate::{CryptoError, SecretKey};
use core::fmt;
use zeroize::Zeroizing;
use alloc::vec::Vec;

/// Key serial number: who, and which of its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ksn {
    /// Names the initial key: BDK identifier and derivation identifier (X9.24-3, 6.1).
    pub initial_key_id: [u8; 8],
    /// Counts the terminal's keys from 1.
    pub counter: u32,
}

impl Ksn {
    /// As it is sent: identifier, then counter, big-endian.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 12] {
        unimplemented!()
    }

    /// From the form in which it is sent.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 12]) -> Self {
        unimplemented!()
    }
}

impl fmt::Display for Ksn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        unimplemented!()
    }
}

/// What a key is for; each purpose has its own key (X9.24-3, 6.3.2, "Key Usage Indicator").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum KeyUsage {
    /// Enciphers keys.
    KeyEncryption = 0x0002,
    /// Enciphers PIN blocks.
    PinEncryption = 0x1000,
    /// The terminal makes message authentication codes.
    MacGeneration = 0x2000,
    /// The terminal checks message authentication codes.
    MacVerification = 0x2001,
    /// Message authentication codes both ways.
    MacBoth = 0x2002,
    /// The terminal enciphers data.
    DataEncrypt = 0x3000,
    /// The terminal deciphers data.
    DataDecrypt = 0x3001,
    /// Data both ways.
    DataBoth = 0x3002,
    /// Derives keys below an initial key.
    KeyDerivation = 0x8000,
    /// Derives the initial key from the BDK.
    InitialKey = 0x8001,
}

/// How long a working key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeySize {
    /// 16 bytes.
    Aes128,
    /// 24 bytes.
    Aes192,
    /// 32 bytes.
    Aes256,
}

/// The terminal's initial key, as the bank derives it. As long as the BDK.
///
/// # Errors
/// None for a key of a valid length; the type is for the caller's `?`.
pub fn derive_initial_key(bdk: &SecretKey, initial_key_id: [u8; 8]) -> Result<SecretKey, CryptoError> {
    unimplemented!()
}

/// The key that the terminal used under `ksn`, as the bank derives it.
///
/// # Errors
/// [`CryptoError::CounterInvalid`]; [`CryptoError::KeyStrongerThanItsSource`].
pub fn host_working_key(
    bdk: &SecretKey,
    ksn: Ksn,
    usage: KeyUsage,
    size: KeySize,
) -> Result<SecretKey, CryptoError> {
    unimplemented!()
}

/// The terminal's register of intermediate derivation keys.
pub struct TerminalKeys {
    initial_key_id: [u8; 8],
}

impl TerminalKeys {
    /// Starts a register; the caller erases its copy of the initial key (dropping it does).
    #[must_use]
    pub fn load(initial_key: &SecretKey, initial_key_id: [u8; 8]) -> Self {
        unimplemented!()
    }

    /// Names the initial key.
    #[must_use]
    pub const fn initial_key_id(&self) -> [u8; 8] {
        self.initial_key_id
    }

    /// The next key and its serial number. The register has moved on when this returns: keep it
    /// ([`to_bytes`](Self::to_bytes)) durably before the key is used.
    ///
    /// # Errors
    /// [`CryptoError::CounterExhausted`]; [`CryptoError::KeyStrongerThanItsSource`] (nothing moves then).
    pub fn next_working_key(
        &mut self,
        usage: KeyUsage,
        size: KeySize,
    ) -> Result<(Ksn, SecretKey), CryptoError> {
        unimplemented!()
    }

    /// The register, for sealed storage.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        unimplemented!()
    }

    /// The register from storage.
    ///
    /// # Errors
    /// [`CryptoError::RegisterMalformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CryptoError> {
        unimplemented!()
    }
}
