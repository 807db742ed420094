//! A development bank: every key that a bank's host and its card bureau need, made at the first start and kept in
//! one owner-only folder. A real bank has them in HSMs; nothing here is committed or leaves the folder.

use crate::{
    CertsError, DeviceCa,
    authority::Authority,
    backup_ca,
    scheme_keys::{SchemeKeys, key_file},
    server,
};
use der::Decode;
use mpos_crypto::SecretKey;
use std::{
    fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};
use time::Duration;
use x509_cert::Certificate;
use zeroize::{Zeroize, Zeroizing};

/// Where a development host is reached.
const HOST_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// The two CAs' certificates as terminals are given them.
const BANK_CA_FILE: &str = "bank-ca.pem";
const KEYS_FILE: &str = "bank.keys";
const KEYS_KIND: &str = "mpos development bank 1";

/// The bank.
#[derive(Debug)]
pub struct DevelopmentBank {
    folder: PathBuf,
    keys: Keys,
    backup: KeyAndCertificate,
    /// The card schemes' keys.
    pub schemes: SchemeKeys,
    /// Certifies terminals.
    pub devices: DeviceCa,
}

/// What the keys file holds, line by line.
#[derive(Clone)]
struct Keys {
    device_ca: KeyAndCertificate,
    server_ca: KeyAndCertificate,
    server: KeyAndCertificate,
    signing: Zeroizing<Vec<u8>>,
    bdk: Zeroizing<Vec<u8>>,
    bdk_id: Vec<u8>,
    mastercard: Zeroizing<Vec<u8>>,
    visa: Zeroizing<Vec<u8>>,
    reference: Zeroizing<Vec<u8>>,
}

/// PKCS #8 DER, and DER.
#[derive(Clone)]
pub(crate) struct KeyAndCertificate {
    pub(crate) key: Zeroizing<Vec<u8>>,
    pub(crate) certificate: Vec<u8>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl std::fmt::Debug for KeyAndCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyAndCertificate")
    }
}

impl DevelopmentBank {
    /// Reads the keys from `folder`, or makes them at the first start (under a second).
    ///
    /// # Errors
    /// [`CertsError`], naming the file; a damaged file is left as it is.
    pub fn open_or_create(folder: &Path) -> Result<Self, CertsError> {
        let schemes = SchemeKeys::open_or_create(folder)?;
        let lock = key_file::lock(folder)?;
        let path = folder.join(KEYS_FILE);
        let keys = match key_file::read(&path, KEYS_KIND)? {
            Some(text) => {
                let keys =
                    Keys::from_text(&text).ok_or_else(|| CertsError::Damaged { path: path.clone() })?;
                match keys.with_server_renewed(unix_ms())? {
                    Some(renewed) => renewed.kept_in(&path)?,
                    None => keys,
                }
            }
            None => Keys::create(unix_ms())?.kept_in(&path)?,
        };
        let authority = Authority::from_parts(&keys.device_ca.certificate, &keys.device_ca.key)?;
        let backup = backup_ca::open_or_create(folder, &keys.server_ca, unix_ms())?;
        let bank =
            Self { folder: folder.to_owned(), keys, backup, schemes, devices: DeviceCa::new(authority) };
        bank.publish_cas()?;
        drop(lock);
        Ok(bank)
    }

    /// The CA that certifies the host, and the one that will if the bank has to leave the first: terminals trust no
    /// other. DER.
    pub fn server_cas(&self) -> [&[u8]; 2] {
        [&self.keys.server_ca.certificate, &self.backup.certificate]
    }

    /// Leaves the CA in use: the host is certified by the backup from its next start on, and there is a new backup.
    /// Terminals that pin both go on without noticing, and are given the new pair before the bank moves again.
    ///
    /// # Errors
    /// [`CertsError`]; after a crash in the middle, the next start finishes the move.
    pub fn move_to_backup_ca(&mut self) -> Result<(), CertsError> {
        let lock = key_file::lock(&self.folder)?;
        let backup = Authority::from_parts(&self.backup.certificate, &self.backup.key)?;
        let server = KeyAndCertificate::of_server(&backup, unix_ms())?;
        let moved = Keys { server_ca: self.backup.clone(), server, ..self.keys.clone() };
        self.keys = moved.kept_in(&self.folder.join(KEYS_FILE))?;
        self.backup = backup_ca::open_or_create(&self.folder, &self.keys.server_ca, unix_ms())?;
        self.publish_cas()?;
        drop(lock);
        Ok(())
    }

    /// Both CAs as a file, PEM, to be handed to terminals.
    pub fn server_ca_file(&self) -> PathBuf {
        self.folder.join(BANK_CA_FILE)
    }

    /// The host's chain, leaf first, DER each; and its key, PKCS #8 DER.
    pub fn server(&self) -> (Vec<Vec<u8>>, Zeroizing<Vec<u8>>) {
        let Keys { server, server_ca, .. } = &self.keys;
        (vec![server.certificate.clone(), server_ca.certificate.clone()], server.key.clone())
    }

    /// The key that signs answers, PKCS #8 DER.
    pub fn signing_key(&self) -> Zeroizing<Vec<u8>> {
        self.keys.signing.clone()
    }

    /// The base derivation key of the terminals' transaction keys (AES-128, ANSI X9.24-3), and its name.
    pub fn base_derivation_key(&self) -> (SecretKey, [u8; 4]) {
        (secret(&self.keys.bdk), self.keys.bdk_id.as_slice().try_into().expect("checked when it was read"))
    }

    /// Issuer master key for the cryptograms of Mastercard and Maestro cards: two-key triple DES.
    pub fn mastercard_master_key(&self) -> SecretKey {
        secret(&self.keys.mastercard)
    }

    /// The same for Visa, Electron and V PAY.
    pub fn visa_master_key(&self) -> SecretKey {
        secret(&self.keys.visa)
    }

    /// The key under which PINs and account numbers are compared, never kept.
    pub fn reference_key(&self) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(&self.keys.reference);
        key
    }

    fn publish_cas(&self) -> Result<(), CertsError> {
        let path = self.server_ca_file();
        let pem = self.server_cas().map(pem).concat();
        if fs::read_to_string(&path).is_ok_and(|published| published == pem) {
            return Ok(());
        }
        // Put in its place whole, as a terminal may be reading it.
        let beside = path.with_extension("new");
        fs::write(&beside, pem)
            .and_then(|()| fs::rename(&beside, &path))
            .map_err(|source| key_file::KeyFileError::Io { path, source }.into())
    }
}

impl Keys {
    fn create(now_ms: u64) -> Result<Self, CertsError> {
        let device_ca = Authority::create("mPOS device CA", now_ms)?;
        let server_ca = Authority::create("mPOS bank CA", now_ms)?;
        let signing = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
        Ok(Self {
            device_ca: KeyAndCertificate::of(&device_ca),
            server: KeyAndCertificate::of_server(&server_ca, now_ms)?,
            server_ca: KeyAndCertificate::of(&server_ca),
            signing: Zeroizing::new(signing.serialize_der()),
            bdk: random(16)?,
            bdk_id: random(4)?.to_vec(),
            mastercard: des_key()?,
            visa: des_key()?,
            reference: random(32)?,
        })
    }

    /// The same with a new host certificate, when the old one is in the last third of its life or over.
    fn with_server_renewed(&self, now_ms: u64) -> Result<Option<Self>, CertsError> {
        let certificate =
            Certificate::from_der(&self.server.certificate).map_err(|_| CertsError::NotACertificate)?;
        let ends = certificate.tbs_certificate().validity().not_after.to_unix_duration();
        let last_third =
            std::time::Duration::from_hours(24 * server::SERVER_LIFETIME_DAYS.unsigned_abs() / 3);
        if std::time::Duration::from_millis(now_ms) + last_third < ends {
            return Ok(None);
        }
        let server_ca = Authority::from_parts(&self.server_ca.certificate, &self.server_ca.key)?;
        let server = KeyAndCertificate::of_server(&server_ca, now_ms)?;
        Ok(Some(Self { server, ..self.clone() }))
    }

    fn kept_in(self, path: &Path) -> Result<Self, CertsError> {
        key_file::write(path, KEYS_KIND, &self.to_text())?;
        Ok(self)
    }

    fn to_text(&self) -> Zeroizing<String> {
        let fields: [&[u8]; 12] = [
            &self.device_ca.key,
            &self.device_ca.certificate,
            &self.server_ca.key,
            &self.server_ca.certificate,
            &self.server.key,
            &self.server.certificate,
            &self.signing,
            &self.bdk,
            &self.bdk_id,
            &self.mastercard,
            &self.visa,
            &self.reference,
        ];
        fields_to_text(&fields)
    }

    fn from_text(text: &str) -> Option<Self> {
        let mut fields = fields_from_text(text)?.into_iter();
        let mut next = || fields.next();
        let keys = Self {
            device_ca: KeyAndCertificate { key: next()?, certificate: next()?.to_vec() },
            server_ca: KeyAndCertificate { key: next()?, certificate: next()?.to_vec() },
            server: KeyAndCertificate { key: next()?, certificate: next()?.to_vec() },
            signing: next()?,
            bdk: next()?,
            bdk_id: next()?.to_vec(),
            mastercard: next()?,
            visa: next()?,
            reference: next()?,
        };
        let lengths =
            [keys.bdk.len(), keys.bdk_id.len(), keys.mastercard.len(), keys.visa.len(), keys.reference.len()];
        (lengths == [16, 4, 16, 16, 32] && fields.next().is_none()).then_some(keys)
    }
}

/// A line of hexadecimal for each field.
pub(crate) fn fields_to_text(fields: &[&[u8]]) -> Zeroizing<String> {
    // Sized beforehand, so that no copy of a secret is left where it grew.
    let length: usize = fields.iter().map(|field| field.len() * 2 + 1).sum();
    let mut text = Zeroizing::new(String::with_capacity(length));
    for field in fields {
        let mut line = hex::encode(field);
        text.push_str(&line);
        text.push('\n');
        line.zeroize();
    }
    text
}

/// The fields again; `None` when one is no hexadecimal.
pub(crate) fn fields_from_text(text: &str) -> Option<Vec<Zeroizing<Vec<u8>>>> {
    text.lines().map(|line| Some(Zeroizing::new(hex::decode(line).ok()?))).collect()
}

impl KeyAndCertificate {
    pub(crate) fn of(authority: &Authority) -> Self {
        Self { key: authority.key(), certificate: authority.certificate().to_vec() }
    }

    fn of_server(authority: &Authority, now_ms: u64) -> Result<Self, CertsError> {
        let lifetime = Duration::days(server::SERVER_LIFETIME_DAYS);
        let made = server::certify(authority, &HOST_NAMES, now_ms, lifetime)?;
        Ok(Self { key: made.key, certificate: made.certificate })
    }
}

fn secret(bytes: &[u8]) -> SecretKey {
    SecretKey::from_slice(bytes).expect("its length was checked when it was read")
}

fn random(length: usize) -> Result<Zeroizing<Vec<u8>>, CertsError> {
    let mut bytes = Zeroizing::new(vec![0; length]);
    getrandom::fill(&mut bytes).map_err(|_| CertsError::Random)?;
    Ok(bytes)
}

/// A two-key triple DES key: its two halves differ (they would be single DES otherwise) and each byte has odd parity.
fn des_key() -> Result<Zeroizing<Vec<u8>>, CertsError> {
    loop {
        let mut key = random(16)?;
        for byte in key.iter_mut() {
            *byte = *byte & 0xFE | u8::from(byte.wrapping_shr(1).count_ones() % 2 == 0);
        }
        if key.get(..8) != key.get(8..) {
            return Ok(key);
        }
    }
}

fn pem(certificate: &[u8]) -> String {
    use der::pem::{LineEnding, encode_string};
    encode_string("CERTIFICATE", LineEnding::LF, certificate).expect("any bytes can be written as PEM")
}

fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: u64 = 24 * 3600 * 1000;
    const NOW_MS: u64 = 1_795_000_000_000;

    #[test]
    fn a_host_certificate_is_renewed_in_the_last_third_of_its_life_and_nothing_else_is() {
        let keys = Keys::create(NOW_MS).unwrap();
        assert!(keys.with_server_renewed(NOW_MS).unwrap().is_none());
        assert!(keys.with_server_renewed(NOW_MS + 265 * DAY_MS).unwrap().is_none());
        for later in [266, 397, 5000] {
            let renewed = keys.with_server_renewed(NOW_MS + later * DAY_MS).unwrap().unwrap();
            assert_ne!(renewed.server.certificate, keys.server.certificate);
            assert_ne!(renewed.server.key, keys.server.key);
            assert_eq!(renewed.server_ca.certificate, keys.server_ca.certificate);
            assert_eq!((&renewed.bdk, &renewed.signing), (&keys.bdk, &keys.signing));
        }
    }

    #[test]
    fn keys_read_as_they_were_written() {
        let keys = Keys::create(NOW_MS).unwrap();
        let text = keys.to_text();
        assert_eq!(Keys::from_text(&text).unwrap().to_text(), text);
        let (all_but_last, _) = text.trim_end().rsplit_once('\n').unwrap();
        for bad in [all_but_last, &format!("{}00\n", *text), &text.replacen('3', "x", 1), ""] {
            assert!(Keys::from_text(bad).is_none());
        }
    }

    #[test]
    fn des_keys_have_odd_parity_and_two_halves() {
        for _ in 0..50 {
            let key = des_key().unwrap();
            assert!(key.iter().all(|byte| byte.count_ones() % 2 == 1));
            assert_ne!(key[..8], key[8..]);
        }
    }
}
