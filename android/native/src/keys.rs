//! The terminal's keys on a phone: the device key in Android Keystore, where it signs and never leaves, and the
//! transaction keys in the key file of every terminal, sealed under a key that Android Keystore sealed.
//!
//! Where the key store was emptied (its owner cleared the credentials, or set the phone back) the keys are gone for
//! good, and the terminal must be activated anew. Its old files are set aside, not erased: a sale that was not settled
//! is then to be found in them, and the bank's books have what the bank heard of.

use crate::{
    java::{self, JavaFault},
    sealing_key::{self, SEALED_KEY_FILE, Seal, SealingKeyFault},
};
use mpos_crypto::{
    dukpt::{KeyUsage, Ksn},
    key::SecretKey,
};
use mpos_ports::{AppendFile, KeyFault, KeyStore};
use mpos_std::{
    certificate_request::certificate_request,
    file_store::{FileStore, StoreError},
    key_file::{KEYS_FILE, KeyFile},
};
use mpos_terminal::wiring::{INDEX_FILE, JOURNAL_FILE, RECORDING_FILE};
use p256::{PublicKey, ecdsa::Signature, elliptic_curve::sec1::ToSec1Point, pkcs8::DecodePublicKey};
use std::{
    fs, io,
    path::Path,
    sync::{Mutex, PoisonError},
};
use x509_cert::{
    Certificate,
    der::{Decode, Encode},
};
use zeroize::Zeroizing;

/// Signs, and is the TLS identity.
const DEVICE_KEY: &str = "device";
/// Attested in the device key's place, once that one is in a certificate.
const STAND_IN_KEY: &str = "stand-in";
/// Folders of old files at most: each is a key store that was emptied.
const ASIDE_MAX: u32 = 100;

/// Why a terminal's keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysFault {
    /// There is no room for its files.
    #[error("the phone's storage is full")]
    Full,
    /// Its files.
    #[error("the terminal's keys: {0}")]
    File(#[source] StoreError),
    /// The phone's key store, for now or for good.
    #[error("the keys of this terminal cannot be opened ({0})")]
    Sealed(#[source] SealingKeyFault),
    /// The key file under its key.
    #[error("the terminal's keys: {0}")]
    Keys(#[from] KeyFault),
    /// Old files cannot be set aside.
    #[error("the old files of this terminal cannot be set aside: {0}")]
    Aside(#[source] io::Error),
}

impl From<StoreError> for KeysFault {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::Full { .. }) { Self::Full } else { Self::File(error) }
    }
}

impl From<SealingKeyFault> for KeysFault {
    fn from(fault: SealingKeyFault) -> Self {
        match fault {
            SealingKeyFault::File(error) if error.kind() == io::ErrorKind::StorageFull => Self::Full,
            fault => Self::Sealed(fault),
        }
    }
}

/// Android Keystore, and the key file.
pub(crate) struct PhoneKeys {
    file: KeyFile,
    /// Read once: Android's answer takes some milliseconds.
    device: Mutex<Option<PublicKey>>,
}

impl PhoneKeys {
    /// Opens the keys in `folder`, or makes the file for them. After the key store was emptied the files of the old
    /// terminal are set aside.
    ///
    /// # Errors
    /// [`KeysFault`].
    pub(crate) fn open(folder: &Path) -> Result<Self, KeysFault> {
        match Self::open_as_it_is(folder) {
            // A file that cannot be read is no sign of that.
            Err(KeysFault::Sealed(fault)) if !matches!(fault, SealingKeyFault::File(_)) && was_emptied() => {
                tracing::warn!(%fault, "the phone's key store was emptied: the terminal must be activated anew");
                set_aside(folder).map_err(KeysFault::Aside)?;
                Self::open_as_it_is(folder)
            }
            opened => opened,
        }
    }

    fn open_as_it_is(folder: &Path) -> Result<Self, KeysFault> {
        let mut file = FileStore::open(&folder.join(KEYS_FILE))?;
        let is_new = file.read_all().map_err(|_| KeyFault::Unavailable)?.is_empty();
        let key = sealing_key::open(folder, &Keystore, is_new)?;
        Ok(Self { file: KeyFile::in_file(Box::new(file), key)?, device: Mutex::default() })
    }

    fn device(&self) -> Result<PublicKey, KeyFault> {
        let mut device = self.device.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = &*device {
            return Ok(*key);
        }
        let mut chain = java::key_chain(DEVICE_KEY).map_err(unavailable)?;
        if chain.is_empty() {
            chain = java::make_key(DEVICE_KEY, &[]).map_err(unavailable)?;
        }
        let key = public_key(&chain).ok_or(KeyFault::Damaged)?;
        *device = Some(key);
        Ok(key)
    }
}

impl KeyStore for PhoneKeys {
    fn device_public_key(&self) -> Result<[u8; 65], KeyFault> {
        self.device()?.to_sec1_point(false).as_bytes().try_into().map_err(|_| KeyFault::Damaged)
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], KeyFault> {
        self.device()?;
        let der = java::sign(DEVICE_KEY, message).map_err(unavailable)?;
        let signature = Signature::from_der(&der).map_err(|_| KeyFault::Unavailable)?;
        Ok(signature.to_bytes().into())
    }

    fn begin_key_agreement(&self) -> Result<[u8; 65], KeyFault> {
        self.file.begin_key_agreement()
    }

    fn install_initial_key(&self, wrapped: &[u8], initial_key_id: [u8; 8]) -> Result<(), KeyFault> {
        self.file.install_initial_key(wrapped, initial_key_id)
    }

    fn next_working_key(&self, usage: KeyUsage) -> Result<(Ksn, SecretKey), KeyFault> {
        self.file.next_working_key(usage)
    }

    fn next_tdea_key(&self, usage: KeyUsage) -> Result<(Ksn, SecretKey), KeyFault> {
        self.file.next_tdea_key(usage)
    }

    fn keys_left(&self) -> Result<u32, KeyFault> {
        self.file.keys_left()
    }

    fn attest(&self, challenge: &[u8; 32]) -> Result<Vec<Vec<u8>>, KeyFault> {
        let is_enrolled = self.file.keys_left()? > 0;
        let name = if is_enrolled { STAND_IN_KEY } else { DEVICE_KEY };
        let mut chain = java::key_chain(name).map_err(unavailable)?;
        if !attests(&chain, challenge) {
            // Under the lock: nobody signs with the key that goes.
            let mut device = self.device.lock().unwrap_or_else(PoisonError::into_inner);
            chain = java::make_key(name, challenge).map_err(unavailable)?;
            if !is_enrolled {
                *device = Some(public_key(&chain).ok_or(KeyFault::Damaged)?);
            }
        }
        // A system that attests nothing gives a certificate that the key signed itself.
        Ok(if attests(&chain, challenge) { chain } else { Vec::new() })
    }

    fn certificate_request(&self, subject: &str) -> Result<Vec<u8>, KeyFault> {
        certificate_request(&self.device()?, subject, |message| self.sign(message))
    }
}

/// Whether the first certificate answers this challenge: the extension holds it as it is. The bank looks closely.
fn attests(chain: &[Vec<u8>], challenge: &[u8; 32]) -> bool {
    chain.first().is_some_and(|leaf| leaf.windows(challenge.len()).any(|window| window == challenge))
}

fn public_key(chain: &[Vec<u8>]) -> Option<PublicKey> {
    let leaf = Certificate::from_der(chain.first()?).ok()?;
    let info = leaf.tbs_certificate().subject_public_key_info().to_der().ok()?;
    PublicKey::from_public_key_der(&info).ok()
}

fn unavailable(fault: JavaFault) -> KeyFault {
    tracing::error!(%fault, "the phone's key store failed");
    KeyFault::Unavailable
}

/// Whether the phone's key store answers and has no device key: a store that is only busy answers not at all.
fn was_emptied() -> bool {
    java::key_chain(DEVICE_KEY).is_ok_and(|chain| chain.is_empty())
}

/// Moves the files of the terminal that was into a folder of their own.
fn set_aside(folder: &Path) -> io::Result<()> {
    let mut numbers = 1..=ASIDE_MAX;
    let free = numbers.find_map(|number| {
        let aside = folder.join(format!("lost-{number}"));
        (!aside.exists()).then_some(aside)
    });
    let aside = free.ok_or(io::ErrorKind::StorageFull)?;
    fs::create_dir(&aside)?;
    // The keys last: while they are there, a crash in between is found and mended at the next start.
    for name in [RECORDING_FILE, INDEX_FILE, JOURNAL_FILE, SEALED_KEY_FILE, KEYS_FILE] {
        match fs::rename(folder.join(name), aside.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::File::open(folder)?.sync_all()
}

/// The phone's own.
struct Keystore;

impl Seal for Keystore {
    fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, JavaFault> {
        java::seal(plain)
    }

    fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, JavaFault> {
        java::open(sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_terminal_that_lost_its_keys_are_kept_beside_the_new_one() {
        let folder = tempfile::tempdir().unwrap();
        for round in ["lost-1", "lost-2"] {
            fs::write(folder.path().join(JOURNAL_FILE), round).unwrap();
            fs::write(folder.path().join(KEYS_FILE), b"keys").unwrap();
            fs::write(folder.path().join("language"), b"sq").unwrap();
            set_aside(folder.path()).unwrap();
            assert_eq!(fs::read(folder.path().join(round).join(JOURNAL_FILE)).unwrap(), round.as_bytes());
            assert!(!folder.path().join(JOURNAL_FILE).exists() && !folder.path().join(KEYS_FILE).exists());
            assert!(folder.path().join("language").exists(), "what is no terminal's stays");
        }
    }

    #[test]
    fn a_chain_answers_a_challenge_that_is_in_its_first_certificate_alone() {
        let challenge = [7; 32];
        let with = [&[1, 2][..], &challenge, &[3]].concat();
        assert!(attests(std::slice::from_ref(&with), &challenge));
        assert!(!attests(&[vec![1; 64], with], &challenge));
        assert!(!attests(&[], &challenge));
        assert!(public_key(&[vec![0x30, 0]]).is_none());
    }
}
