//! The device key and the transaction keys: made, kept and used here, and never handed to Java, a page or a log.

use alloc::vec::Vec;
use mpos_crypto::{
    dukpt::{KeyUsage, Ksn},
    key::SecretKey,
};

/// Where a terminal's keys live: Android Keystore on a phone, a sealed file with owner-only rights on a desktop.
pub trait KeyStore: Send + Sync {
    /// The device's public key, uncompressed SEC1 (65 bytes); made on the first call.
    ///
    /// # Errors
    /// [`KeyFault`].
    fn device_public_key(&self) -> Result<[u8; 65], KeyFault>;

    /// ECDSA P-256 with SHA-256 over `message`; fixed form `r || s` (FIPS 186-5; IEEE P1363).
    ///
    /// # Errors
    /// [`KeyFault`].
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], KeyFault>;

    /// Begins an enrolment: a fresh key-agreement point (uncompressed SEC1), whose secret stays here until
    /// [`install_initial_key`](Self::install_initial_key) or the next call.
    ///
    /// # Errors
    /// [`KeyFault`].
    fn begin_key_agreement(&self) -> Result<[u8; 65], KeyFault>;

    /// Unwraps the AES-DUKPT initial key that the bank sent to the point of the last
    /// [`begin_key_agreement`](Self::begin_key_agreement) and starts its register (ANSI X9.24-3, 6.3). Durable
    /// when it returns; the initial key itself is not kept.
    ///
    /// # Errors
    /// [`KeyFault::Unwrap`] when it was not made for that point.
    fn install_initial_key(&self, wrapped: &[u8], initial_key_id: [u8; 8]) -> Result<(), KeyFault>;

    /// A key that is used once, and its serial number. The counter is durable before the key is handed out, so a
    /// crash can lose a key and can never give one twice.
    ///
    /// # Errors
    /// [`KeyFault`].
    fn next_working_key(&self, usage: KeyUsage) -> Result<(Ksn, SecretKey), KeyFault>;

    /// As [`next_working_key`](Self::next_working_key), a triple DES key of three parts (24 bytes): for PIN blocks of
    /// format 0.
    ///
    /// # Errors
    /// [`KeyFault`].
    fn next_tdea_key(&self, usage: KeyUsage) -> Result<(Ksn, SecretKey), KeyFault>;

    /// How many working keys can still be handed out at most; none of an enrolment that is not there.
    ///
    /// # Errors
    /// [`KeyFault`].
    fn keys_left(&self) -> Result<u32, KeyFault>;

    /// Where the device key lives, attested by the platform for this challenge: certificates in DER, that of the key
    /// first. Before a terminal is enrolled the device key is made for the challenge, and kept while it is the same
    /// one; afterwards a key of the same home stands for it. Empty where the platform attests nothing.
    ///
    /// # Errors
    /// [`KeyFault`].
    fn attest(&self, _challenge: &[u8; 32]) -> Result<Vec<Vec<u8>>, KeyFault> {
        Ok(Vec::new())
    }

    /// The device key as PKCS #10 wants it: DER of the certificate request with `subject` as common name.
    ///
    /// # Errors
    /// [`KeyFault`].
    fn certificate_request(&self, subject: &str) -> Result<Vec<u8>, KeyFault>;
}

/// Why a key could not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// The store cannot be read or written.
    #[error("the key store cannot be read or written")]
    Unavailable,
    /// The store is damaged, or was made on another device.
    #[error("the key store is damaged or belongs to another device")]
    Damaged,
    /// No initial key was installed.
    #[error("no transaction keys: the terminal is not enrolled")]
    NotEnrolled,
    /// The counter has no keys left.
    #[error("the transaction keys are used up: the terminal must be enrolled anew")]
    Exhausted,
    /// The wrapped key does not open.
    #[error("the bank's key was not made for this device")]
    Unwrap,
    /// No room to keep the counter.
    #[error("no space left to keep the key counter")]
    Full,
}
