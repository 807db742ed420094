//! The schemes' public keys, as they are published: by RID, index and set.
//!
//! The same index occurs with two moduli, one live and one for tests, so the set is part of the key's
//! name. Published lists contain keys with a wrong checksum; a key that comes with one is refused
//! unless it agrees (see `validate`).

use alloc::vec::Vec;

use mpos_crypto::emv_certificate::CaPublicKey;
use mpos_protocol::{Bytes, TooLong};
use serde::{Deserialize, Serialize};

use super::{TerminalSettings, hex};

/// One certification authority public key (EMV 4.3 Book 2, 11.2.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaKey {
    /// Registered application provider: the first five bytes of the AID.
    #[serde(with = "hex::fixed")]
    pub rid: [u8; 5],
    /// Which of the scheme's keys (8F).
    #[serde(with = "hex::byte")]
    pub index: u8,
    /// Live or test.
    #[serde(default)]
    pub set: CaKeySet,
    /// Modulus, big-endian.
    pub modulus: Bytes<256>,
    /// Exponent, big-endian: `03` or `010001`.
    pub exponent: Bytes<3>,
    /// SHA-1 over RID, index, modulus and exponent, as published.
    #[serde(with = "hex::fixed_option", default)]
    pub checksum: Option<[u8; 20]>,
}

/// Live keys or test keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaKeySet {
    /// Keys of real cards.
    #[default]
    Live,
    /// Keys of test cards.
    Test,
}

/// An issuer certificate that is no longer trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokedCertificate {
    /// The scheme.
    #[serde(with = "hex::fixed")]
    pub rid: [u8; 5],
    /// The CA key that signed it.
    #[serde(with = "hex::byte")]
    pub index: u8,
    /// The certificate's serial number.
    #[serde(with = "hex::fixed")]
    pub serial: [u8; 3],
}

impl TryFrom<&CaPublicKey> for CaKey {
    type Error = TooLong;

    /// A live key with its checksum, or why it is none that a scheme could have.
    fn try_from(key: &CaPublicKey) -> Result<Self, TooLong> {
        let exponent = key.exponent.to_be_bytes();
        let leading = exponent.iter().take_while(|byte| **byte == 0).count();
        Ok(Self {
            rid: key.rid,
            index: key.index,
            set: CaKeySet::default(),
            modulus: Bytes::new(&key.modulus)?,
            exponent: Bytes::new(exponent.get(leading..).unwrap_or_default())?,
            checksum: Some(key.sha1_checksum()),
        })
    }
}

impl CaKey {
    /// The key as the certificate functions take it.
    pub fn to_public_key(&self) -> CaPublicKey {
        CaPublicKey {
            rid: self.rid,
            index: self.index,
            modulus: Vec::from(&*self.modulus),
            exponent: self.exponent.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)),
        }
    }
}

impl TerminalSettings {
    /// The key of the set in use.
    pub fn ca_key(&self, rid: [u8; 5], index: u8) -> Option<&CaKey> {
        self.ca_keys.iter().find(|key| key.rid == rid && key.index == index && key.set == self.ca_key_set)
    }

    /// Whether the issuer's certificate was revoked.
    pub fn is_revoked(&self, rid: [u8; 5], index: u8, serial: [u8; 3]) -> bool {
        self.revoked_certificates.contains(&RevokedCertificate { rid, index, serial })
    }
}
