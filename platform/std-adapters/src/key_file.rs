//! The terminal's keys in a file: what Android Keystore is to a phone.
//!
//! `terminal.keys` holds the device key, the secret of an enrolment under way and the AES-DUKPT register, sealed
//! with AES-256-GCM under the key in `device.key`; both are readable by their owner alone. This keeps the keys out
//! of a copy, a backup or a support bundle that has only one of the two files, and shows any change to them. It
//! keeps nothing from who can read the whole folder or the process's memory, and cannot tell an older copy of the
//! file that was put back: the bank can, since it refuses a key serial number that was used before. A phone has
//! hardware for that; this is for a desktop and for tests.
//!
//! Keys are given out in batches: the register is made durable *after* the batch, then the batch is handed out from
//! memory. A crash loses what is left of it and can give no key twice; the file never holds what a used key could
//! be derived from.

mod content;
mod slots;
#[cfg(test)]
mod tests;

use crate::{
    certificate_request::certificate_request,
    file_store::{FileStore, StoreError, open_private},
};
use content::Content;
use mpos_crypto::{
    CryptoError, SecretKey,
    dukpt::{KeySize, KeyUsage, Ksn, TerminalKeys},
    key_wrap,
};
use mpos_ports::{AppendFile, FileFault, KeyFault, KeyStore};
use mpos_protocol::host::KEY_WRAP_CONTEXT;
use p256::{
    ecdsa::{Signature, SigningKey, signature::Signer},
    elliptic_curve::sec1::ToSec1Point,
};
use slots::{Found, SealingKey, Slots, SlotsFault};
use std::{
    fs,
    io::{self, Read, Write},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};
use zeroize::Zeroizing;

/// The sealed keys.
pub const KEYS_FILE: &str = "terminal.keys";
/// What they are sealed under.
pub const SEALING_KEY_FILE: &str = "device.key";

/// How many working keys are reserved by one durable write. A crash loses at most so many of two thousand million.
const BATCH_KEYS: u32 = 16;
/// A random scalar is out of range once in 2^32; so many in a row are a broken generator.
const SCALAR_DRAWS_MAX: u32 = 8;

/// The key store of a desktop.
pub struct KeyFile(Mutex<Keys>);

struct Keys {
    slots: Slots,
    /// As it is on the disk.
    content: Content,
    /// The register from which the present batch is handed out: behind the one on the disk.
    batch: Option<TerminalKeys>,
    /// How many keys are left of the batch.
    left: u32,
}

impl KeyFile {
    /// Opens the keys in `folder`, or makes an empty file for them, and locks it until this is dropped.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(KEYS_FILE);
        let mut file = FileStore::open(&path)?;
        let bytes = file.read_all().map_err(|fault| store_error(&path, SlotsFault::File(fault)))?;
        let key = sealing_key(&folder.join(SEALING_KEY_FILE), bytes.is_empty())?;
        Self::over(Box::new(file), key).map_err(|fault| store_error(&path, fault))
    }

    /// The keys in this file, wherever it is, sealed under this key (AES-256).
    ///
    /// # Errors
    /// [`KeyFault::Damaged`] when the file is damaged, made by a newer program or sealed under another key.
    pub fn in_file(file: Box<dyn AppendFile>, key: Zeroizing<[u8; 32]>) -> Result<Self, KeyFault> {
        Self::over(file, key).map_err(|fault| match fault {
            SlotsFault::File(FileFault::Full) => KeyFault::Full,
            SlotsFault::File(FileFault::Refused) => KeyFault::Unavailable,
            SlotsFault::Damaged | SlotsFault::Newer(_) => KeyFault::Damaged,
        })
    }

    fn over(file: Box<dyn AppendFile>, key: SealingKey) -> Result<Self, SlotsFault> {
        let (slots, found) = Slots::open(file, key)?;
        let mut keys = Keys { slots, content: Content::default(), batch: None, left: 0 };
        keys.take_up(found)?;
        Ok(Self(Mutex::new(keys)))
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        // A panic between two steps leaves the file ahead of memory, never behind.
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.recover();
        keys
    }
}

impl Keys {
    /// Goes on with what the file holds.
    fn take_up(&mut self, found: Found) -> Result<(), FileFault> {
        (self.content, self.batch, self.left) = (found.content, None, 0);
        if !found.other_is_broken {
            return Ok(());
        }
        // The broken place may have held the register after one more batch, and that batch may be used.
        tracing::warn!("one place of the key file is torn or damaged: a batch of keys is skipped");
        if let Some(register) = &mut self.content.register {
            advance(register);
        }
        self.slots.store(&self.content)
    }

    /// After the disk failed the file is read again, so that one call that fails does not end all sales until the
    /// program is started anew. While the disk fails nothing is handed out.
    fn recover(&mut self) {
        if !self.slots.has_failed() {
            return;
        }
        // Memory may be ahead of the file, and what is left of the batch in memory is lost, which loses keys only.
        self.left = 0;
        let recovered = self.slots.load().and_then(|found| Ok(self.take_up(found)?));
        if let Err(fault) = recovered {
            tracing::warn!(?fault, "the key file cannot be read again yet");
        }
    }

    fn device(&mut self) -> Result<&p256::SecretKey, KeyFault> {
        if self.content.device.is_none() {
            self.content.device = Some(draw_secret()?);
            self.store()?;
        }
        self.content.device.as_ref().ok_or(KeyFault::Unavailable)
    }

    fn store(&mut self) -> Result<(), KeyFault> {
        self.slots.store(&self.content).map_err(|fault| match fault {
            FileFault::Full => KeyFault::Full,
            FileFault::Refused => KeyFault::Unavailable,
        })
    }

    /// Makes the register durable as it is after the next batch, and the batch ready.
    fn reserve_batch(&mut self) -> Result<(), KeyFault> {
        let register = self.content.register.as_mut().ok_or(KeyFault::NotEnrolled)?;
        let batch = TerminalKeys::from_bytes(&register.to_bytes()).map_err(|_| KeyFault::Damaged)?;
        let count = advance(register);
        if count == 0 {
            return Err(KeyFault::Exhausted);
        }
        self.store()?;
        (self.batch, self.left) = (Some(batch), count);
        Ok(())
    }
}

impl Keys {
    /// The next key of the batch; of a new one when it is used up.
    fn hand_out(
        &mut self,
        take: impl FnOnce(&mut TerminalKeys) -> Result<(Ksn, SecretKey), CryptoError>,
    ) -> Result<(Ksn, SecretKey), KeyFault> {
        if self.left == 0 {
            self.reserve_batch()?;
        }
        let batch = self.batch.as_mut().ok_or(KeyFault::NotEnrolled)?;
        let key = take(batch).map_err(|error| match error {
            CryptoError::CounterExhausted => KeyFault::Exhausted,
            _ => KeyFault::Damaged,
        })?;
        self.left -= 1;
        Ok(key)
    }
}

impl KeyStore for KeyFile {
    fn device_public_key(&self) -> Result<[u8; 65], KeyFault> {
        self.keys().device().and_then(public_point)
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], KeyFault> {
        let mut keys = self.keys();
        let signature: Signature = SigningKey::from(keys.device()?).sign(message);
        Ok(signature.to_bytes().into())
    }

    fn begin_key_agreement(&self) -> Result<[u8; 65], KeyFault> {
        let mut keys = self.keys();
        let secret = draw_secret()?;
        let point = public_point(&secret)?;
        keys.content.agreement = Some(secret);
        keys.store()?;
        Ok(point)
    }

    fn install_initial_key(&self, wrapped: &[u8], initial_key_id: [u8; 8]) -> Result<(), KeyFault> {
        let mut keys = self.keys();
        let secret = keys.content.agreement.as_ref().ok_or(KeyFault::Unwrap)?;
        let secret = Zeroizing::new(<[u8; 32]>::from(secret.to_bytes()));
        let key = key_wrap::unwrap(&secret, KEY_WRAP_CONTEXT, wrapped).map_err(|_| KeyFault::Unwrap)?;
        let key = SecretKey::from_slice(&key).map_err(|_| KeyFault::Unwrap)?;
        keys.content.register = Some(TerminalKeys::load(&key, initial_key_id));
        keys.content.agreement = None;
        (keys.batch, keys.left) = (None, 0);
        keys.store()
    }

    fn next_working_key(&self, usage: KeyUsage) -> Result<(Ksn, SecretKey), KeyFault> {
        self.keys().hand_out(|batch| batch.next_working_key(usage, KeySize::Aes128))
    }

    fn next_tdea_key(&self, usage: KeyUsage) -> Result<(Ksn, SecretKey), KeyFault> {
        self.keys().hand_out(|batch| batch.next_tdea_key(usage))
    }

    fn keys_left(&self) -> Result<u32, KeyFault> {
        let keys = self.keys();
        Ok(keys.content.register.as_ref().map_or(0, TerminalKeys::counters_left).saturating_add(keys.left))
    }

    fn certificate_request(&self, subject: &str) -> Result<Vec<u8>, KeyFault> {
        let key = self.keys().device()?.public_key();
        certificate_request(&key, subject, |message| self.sign(message))
    }
}

/// Moves the register on by a batch; how many keys that were.
fn advance(register: &mut TerminalKeys) -> u32 {
    let step = |_: &u32| register.next_working_key(KeyUsage::DataEncrypt, KeySize::Aes128).is_ok();
    u32::try_from((0..BATCH_KEYS).take_while(step).count()).unwrap_or(BATCH_KEYS)
}

fn draw_secret() -> Result<p256::SecretKey, KeyFault> {
    let mut scalar = Zeroizing::new([0; 32]);
    for _ in 0..SCALAR_DRAWS_MAX {
        getrandom::fill(&mut *scalar).map_err(|_| KeyFault::Unavailable)?;
        if let Ok(secret) = p256::SecretKey::from_slice(&*scalar) {
            return Ok(secret);
        }
    }
    Err(KeyFault::Unavailable)
}

fn public_point(secret: &p256::SecretKey) -> Result<[u8; 65], KeyFault> {
    secret.public_key().to_sec1_point(false).as_bytes().try_into().map_err(|_| KeyFault::Unavailable)
}

/// Reads the sealing key; makes one only where there are no keys that another one sealed.
fn sealing_key(path: &Path, may_make: bool) -> Result<SealingKey, StoreError> {
    let failed = |source| StoreError::new(path, source);
    let mut key = SealingKey::default();
    match fs::metadata(path) {
        Ok(found) if found.len() == key.len() as u64 => {
            open_private(path).and_then(|mut file| file.read_exact(&mut *key)).map_err(failed)?;
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        // Missing, or a crash ended its making.
        _ if may_make => {
            getrandom::fill(&mut *key).map_err(|error| failed(io::Error::other(error)))?;
            let file = open_private(path);
            file.and_then(|mut file| {
                file.set_len(0)?;
                file.write_all(&*key)?;
                file.sync_all()
            })
            .map_err(failed)?;
        }
        _ => return Err(StoreError::Damaged { path: path.to_owned() }),
    }
    Ok(key)
}

fn store_error(path: &Path, fault: SlotsFault) -> StoreError {
    let path = path.to_owned();
    match fault {
        SlotsFault::File(FileFault::Full) => StoreError::Full { path },
        // What the system said is in the log.
        SlotsFault::File(fault) => StoreError::Failed { path, source: io::Error::other(fault) },
        SlotsFault::Damaged => StoreError::Damaged { path },
        SlotsFault::Newer(version) => StoreError::NewerVersion { path, version },
    }
}
