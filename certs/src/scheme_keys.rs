//! The card schemes' side of a development bank: a CA for each scheme, and the bank's issuer key under it.
//!
//! Terminals are given the CAs' public keys at enrolment; the virtual cards carry certificates that lead back to
//! them. Real scheme keys exist only at Mastercard and Visa, so these are made at the first start of a development
//! bank, kept in an owner-only folder and worth nothing elsewhere. Their index ([`CA_KEY_INDEX`]) is apart from those
//! of live and of the schemes' own test keys, so that a terminal cannot take one for another.

pub mod certificate;
pub mod key_file;

use std::path::{Path, PathBuf};

use mpos_crypto::emv_certificate::{CaPublicKey, RsaPublicKey};
use zeroize::Zeroizing;

use crate::rsa_key::{PublicExponent, RsaKeyError, RsaPrivateKey};
use certificate::IssuedKey;
use key_file::KeyFileError;

/// Index (8F) of the development CA key of each scheme. Live keys have low numbers; the test keys of Mastercard's that
/// are in use have EF and above, Visa's 50 to 99.
pub const CA_KEY_INDEX: u8 = 0xD1;

/// Bits of each scheme's CA key.
const CA_BITS: u32 = 1408;
/// What the key files say on their first line.
const FILE_KIND: &str = "mpos scheme keys 1";

/// A payment scheme with a CA of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Mastercard and Maestro.
    Mastercard,
    /// Visa, Electron and V PAY.
    Visa,
}

impl Scheme {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Mastercard, Self::Visa];

    /// Registered application provider identifier, with which the AIDs of the scheme begin.
    #[must_use]
    pub const fn rid(self) -> [u8; 5] {
        match self {
            Self::Mastercard => [0xA0, 0x00, 0x00, 0x00, 0x04],
            Self::Visa => [0xA0, 0x00, 0x00, 0x00, 0x03],
        }
    }

    /// Bits of the issuer key: one that leaves a remainder beside its certificate (tag 92) and one that does not, so
    /// that terminals meet both. EMV wants CA ≥ issuer ≥ card.
    // EMV 4.3 Book 2, D1.1
    const fn issuer_bits(self) -> u32 {
        match self {
            Self::Mastercard => 1152,
            Self::Visa => 1024,
        }
    }

    const fn file_name(self) -> &'static str {
        match self {
            Self::Mastercard => "scheme-mastercard.keys",
            Self::Visa => "scheme-visa.keys",
        }
    }
}

/// Why scheme keys could not be had, or could not certify.
#[derive(Debug, thiserror::Error)]
pub enum SchemeKeyError {
    /// The file cannot be read or written, or is not one of ours.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// The file holds keys that do not belong there.
    #[error("{}: the keys in this file are damaged", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
    /// A key could not be made, or does not sign.
    #[error("scheme key: {0}")]
    Key(#[from] RsaKeyError),
    /// The key to be certified does not fit the key that certifies it.
    #[error("a key of {0} bytes cannot be certified here")]
    CertifiedKeyLength(usize),
    /// An account number is 8 to 19 digits.
    #[error("an account number is 8 to 19 digits")]
    Pan,
}

/// The CA and the issuer key of each scheme.
#[derive(Debug)]
pub struct SchemeKeys {
    mastercard: KeyPair,
    visa: KeyPair,
}

#[derive(Debug)]
struct KeyPair {
    ca: RsaPrivateKey,
    issuer: RsaPrivateKey,
}

impl SchemeKeys {
    /// Reads the keys from `dir`, or makes them at the first start (some hundred milliseconds, both schemes side by
    /// side). The folder is made if need be; files are for their owner only and written whole or not at all.
    ///
    /// # Errors
    /// [`SchemeKeyError::File`] or [`SchemeKeyError::Damaged`], naming the file; a damaged file is left as it is.
    pub fn open_or_create(dir: &Path) -> Result<Self, SchemeKeyError> {
        let lock = key_file::lock(dir)?;
        let (mastercard, visa) = std::thread::scope(|scope| {
            let mastercard = scope.spawn(|| KeyPair::open_or_create(dir, Scheme::Mastercard));
            let visa = KeyPair::open_or_create(dir, Scheme::Visa);
            (mastercard.join().expect("making a key does not panic"), visa)
        });
        drop(lock);
        Ok(Self { mastercard: mastercard?, visa: visa? })
    }

    /// What terminals are given: the public CA key of each scheme.
    #[must_use]
    pub fn ca_public_keys(&self) -> Vec<CaPublicKey> {
        Scheme::ALL.iter().map(|scheme| self.ca_public_key(*scheme)).collect()
    }

    /// The public CA key of one scheme.
    #[must_use]
    pub fn ca_public_key(&self, scheme: Scheme) -> CaPublicKey {
        let key = self.keys(scheme).ca.public();
        CaPublicKey { rid: scheme.rid(), index: CA_KEY_INDEX, modulus: key.modulus, exponent: key.exponent }
    }

    /// The bank's public issuer key under one scheme.
    #[must_use]
    pub fn issuer_public_key(&self, scheme: Scheme) -> RsaPublicKey {
        self.keys(scheme).issuer.public()
    }

    /// Certifies the bank's issuer key for cards whose account number begins as `pan` (ASCII digits) does: tags 90, 92
    /// and 9F32.
    ///
    /// # Errors
    /// [`SchemeKeyError::Pan`], [`SchemeKeyError::Key`].
    pub fn issuer_certificate(&self, scheme: Scheme, pan: &str) -> Result<IssuedKey, SchemeKeyError> {
        let keys = self.keys(scheme);
        certificate::certify_issuer(&keys.ca, pan, &keys.issuer.public())
    }

    /// Certifies a card's key together with its account number and its static data to be authenticated (records, then
    /// AIP): tags 9F46, 9F48 and 9F47.
    ///
    /// # Errors
    /// [`SchemeKeyError::Pan`], [`SchemeKeyError::CertifiedKeyLength`], [`SchemeKeyError::Key`].
    pub fn icc_certificate(
        &self,
        scheme: Scheme,
        pan: &str,
        key: &RsaPublicKey,
        static_data: &[u8],
    ) -> Result<IssuedKey, SchemeKeyError> {
        certificate::certify_icc(&self.keys(scheme).issuer, pan, key, static_data)
    }

    const fn keys(&self, scheme: Scheme) -> &KeyPair {
        match scheme {
            Scheme::Mastercard => &self.mastercard,
            Scheme::Visa => &self.visa,
        }
    }
}

impl KeyPair {
    fn open_or_create(dir: &Path, scheme: Scheme) -> Result<Self, SchemeKeyError> {
        let path = dir.join(scheme.file_name());
        if let Some(text) = key_file::read(&path, FILE_KIND)? {
            return Self::from_text(&text, scheme).ok_or(SchemeKeyError::Damaged { path });
        }
        let made = Self {
            ca: RsaPrivateKey::generate(CA_BITS, PublicExponent::Three)?,
            issuer: RsaPrivateKey::generate(scheme.issuer_bits(), PublicExponent::Three)?,
        };
        key_file::write(&path, FILE_KIND, &made.to_text())?;
        Ok(made)
    }

    /// The CA's key on one line, the issuer's on the next.
    fn to_text(&self) -> Zeroizing<String> {
        let (ca, issuer) = (self.ca.to_text(), self.issuer.to_text());
        let mut text = Zeroizing::new(String::with_capacity(ca.len() + issuer.len() + 2));
        for line in [ca, issuer] {
            text.push_str(&line);
            text.push('\n');
        }
        text
    }

    fn from_text(text: &str, scheme: Scheme) -> Option<Self> {
        let mut keys = text.lines().map(RsaPrivateKey::from_text);
        let ca = keys.next()?.ok().filter(|key| key.modulus_bits() == CA_BITS)?;
        let issuer = keys.next()?.ok().filter(|key| key.modulus_bits() == scheme.issuer_bits())?;
        keys.next().is_none().then_some(Self { ca, issuer })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mpos_crypto::emv_certificate::{YearMonth, recover_icc_key, recover_issuer_key};

    const TODAY: [u8; 2] = [0x26, 0x11];

    #[test]
    fn the_same_keys_come_back_from_the_same_folder() {
        let dir = tempfile::tempdir().unwrap();
        let first = SchemeKeys::open_or_create(dir.path()).unwrap();
        let again = SchemeKeys::open_or_create(dir.path()).unwrap();
        assert_eq!(first.ca_public_keys(), again.ca_public_keys());
        let elsewhere = SchemeKeys::open_or_create(&dir.path().join("elsewhere")).unwrap();
        assert_ne!(first.ca_public_keys(), elsewhere.ca_public_keys());
    }

    #[test]
    fn two_starts_at_once_agree_on_the_keys() {
        let dir = tempfile::tempdir().unwrap();
        let open = || SchemeKeys::open_or_create(dir.path()).unwrap().ca_public_keys();
        let (one, other) = std::thread::scope(|scope| {
            let one = scope.spawn(open);
            let other = scope.spawn(open);
            (one.join().unwrap(), other.join().unwrap())
        });
        assert_eq!(one, other);
    }

    #[test]
    fn a_damaged_file_is_named_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        SchemeKeys::open_or_create(dir.path()).unwrap();
        let path = dir.path().join("scheme-visa.keys");
        let mut text = std::fs::read_to_string(&path).unwrap();
        text.replace_range(40..41, if &text[40..41] == "0" { "1" } else { "0" });
        std::fs::write(&path, &text).unwrap();
        let error = SchemeKeys::open_or_create(dir.path()).unwrap_err();
        assert!(error.to_string().contains("scheme-visa.keys"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn a_terminal_recovers_the_chain_from_the_ca_key() {
        let dir = tempfile::tempdir().unwrap();
        let keys = SchemeKeys::open_or_create(dir.path()).unwrap();
        let card = RsaPrivateKey::generate(1024, PublicExponent::F4).unwrap().public();
        let pan_value = [0x54, 0x13, 0x33, 0x00, 0x89, 0x02, 0x00, 0x36];
        let today = YearMonth::from_bcd(TODAY).unwrap();
        for scheme in Scheme::ALL {
            let issuer = keys.issuer_certificate(scheme, "5413330089020036").unwrap();
            let ca = keys.ca_public_key(scheme);
            let IssuedKey { certificate, remainder, exponent } = &issuer;
            let recovered =
                recover_issuer_key(&ca, certificate, remainder, exponent, &pan_value, today).unwrap();
            assert_eq!(recovered.key, keys.keys(scheme).issuer.public());
            assert_eq!(remainder.is_empty(), scheme == Scheme::Visa);

            let icc = keys.icc_certificate(scheme, "5413330089020036", &card, b"static").unwrap();
            let IssuedKey { certificate, remainder, exponent } = &icc;
            let key =
                |data| recover_icc_key(&recovered, certificate, remainder, exponent, data, &pan_value, today);
            assert_eq!(key(b"static").unwrap().key, card);
            assert!(key(b"another").is_err());
        }
    }

    #[test]
    fn a_key_longer_than_its_issuers_is_not_certified() {
        let dir = tempfile::tempdir().unwrap();
        let keys = SchemeKeys::open_or_create(dir.path()).unwrap();
        let card = RsaPublicKey { modulus: vec![0xFF; 145], exponent: 3 };
        let refused = keys.icc_certificate(Scheme::Mastercard, "5413330089020036", &card, &[]);
        assert!(matches!(refused, Err(SchemeKeyError::CertifiedKeyLength(145))));
    }
}
