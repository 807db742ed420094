//! What a card remembers from one tap to the next: its RSA key and its transaction counter.
//!
//! One file an application. The counter (ATC, 9F36) is on the disk before the card answers with it, so that it never
//! goes back, not across runs and not between programs that hold the same card: an issuer refuses a counter that does.

use std::path::{Path, PathBuf};

use mpos_certs::rsa_key::{PublicExponent, RsaPrivateKey};
use mpos_certs::scheme_keys::key_file::{self, KeyFileError};
use zeroize::Zeroizing;

use crate::CardsError;

/// Bits of a card's RSA key: no longer than the shortest issuer key that certifies one.
pub(crate) const ICC_KEY_BITS: u32 = 1024;

/// What the files say on their first line.
const FILE_KIND: &str = "mpos card 1";
/// Longest body: a counter and an RSA key.
const BODY_BYTES_MAX: usize = 2048;

/// The folder of the cards' files, or none: then each card remembers for itself, as long as it lives.
#[derive(Clone, Debug)]
pub struct CardStore {
    dir: Option<PathBuf>,
}

impl CardStore {
    /// Opens the folder, and makes it if need be, for its owner only.
    ///
    /// # Errors
    /// [`CardsError::Store`].
    pub fn open(dir: &Path) -> Result<Self, CardsError> {
        key_file::lock(dir)?;
        Ok(Self { dir: Some(dir.to_path_buf()) })
    }

    /// Cards that begin anew with each program, and whose copies count apart: for simulations.
    #[must_use]
    pub const fn in_memory() -> Self {
        Self { dir: None }
    }

    /// The memory of the application with this name; made at its first use, with an RSA key if it is to have one.
    pub(crate) fn memory(&self, name: &str, key: Option<PublicExponent>) -> Result<CardMemory, CardsError> {
        let make = || key.map(|exponent| RsaPrivateKey::generate(ICC_KEY_BITS, exponent)).transpose();
        let Some(dir) = &self.dir else {
            return Ok(CardMemory { counter: Counter::Held(0), key: make()? });
        };
        let file = CardFile { dir: dir.clone(), path: dir.join(name).with_extension("card") };
        let _lock = key_file::lock(dir)?;
        let key = match file.read()? {
            Some((_, found)) if found.is_some() == key.is_some() => found,
            Some(_) => return Err(file.damaged()),
            None => {
                let made = make()?;
                file.write(0, made.as_ref())?;
                made
            }
        };
        Ok(CardMemory { counter: Counter::Kept(file), key })
    }
}

/// One application's memory.
#[derive(Clone)]
pub(crate) struct CardMemory {
    counter: Counter,
    key: Option<RsaPrivateKey>,
}

/// Where the counter (ATC) is; the value is the last one that was used.
#[derive(Clone)]
enum Counter {
    Kept(CardFile),
    Held(u16),
}

/// One application's file.
#[derive(Clone)]
struct CardFile {
    dir: PathBuf,
    path: PathBuf,
}

impl CardMemory {
    /// The card's RSA key, if it has one.
    pub(crate) const fn key(&self) -> Option<&RsaPrivateKey> {
        self.key.as_ref()
    }

    /// The next value of the counter, on the disk when this returns. `None` when all were used: the application is
    /// then blocked for good.
    pub(crate) fn next_counter(&mut self) -> Result<Option<[u8; 2]>, CardsError> {
        let next = match &mut self.counter {
            Counter::Held(last) => last.checked_add(1).inspect(|next| *last = *next),
            Counter::Kept(file) => {
                let _lock = key_file::lock(&file.dir)?;
                // Read again: another program may hold the same card.
                let (last, _) = file.read()?.ok_or_else(|| file.damaged())?;
                let next = last.checked_add(1);
                if let Some(next) = next {
                    file.write(next, self.key.as_ref())?;
                }
                next
            }
        };
        Ok(next.map(u16::to_be_bytes))
    }
}

impl CardFile {
    fn read(&self) -> Result<Option<(u16, Option<RsaPrivateKey>)>, CardsError> {
        let Some(text) = key_file::read(&self.path, FILE_KIND)? else { return Ok(None) };
        let parsed = || {
            let mut lines = text.lines();
            let counter = u16::from_str_radix(lines.next()?, 16).ok()?;
            let key = lines.next().map(RsaPrivateKey::from_text).transpose().ok()?;
            lines.next().is_none().then_some((counter, key))
        };
        parsed().map(Some).ok_or_else(|| self.damaged())
    }

    fn write(&self, counter: u16, key: Option<&RsaPrivateKey>) -> Result<(), KeyFileError> {
        let mut body = Zeroizing::new(String::with_capacity(BODY_BYTES_MAX));
        body.push_str(&format!("{counter:04x}\n"));
        if let Some(key) = key {
            body.push_str(&key.to_text());
            body.push('\n');
        }
        key_file::write(&self.path, FILE_KIND, &body)
    }

    fn damaged(&self) -> CardsError {
        CardsError::Damaged { path: self.path.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_goes_on_where_it_was_and_the_key_stays() {
        let dir = tempfile::tempdir().unwrap();
        let store = CardStore::open(dir.path()).unwrap();
        let mut first = store.memory("a", Some(PublicExponent::Three)).unwrap();
        assert_eq!(first.next_counter().unwrap(), Some([0, 1]));
        let mut again =
            CardStore::open(dir.path()).unwrap().memory("a", Some(PublicExponent::Three)).unwrap();
        assert_eq!(again.key().unwrap().public(), first.key().unwrap().public());
        assert_eq!(again.next_counter().unwrap(), Some([0, 2]));
        // Both programs hold the card.
        assert_eq!(first.next_counter().unwrap(), Some([0, 3]));
        assert_eq!(again.next_counter().unwrap(), Some([0, 4]));
    }

    #[test]
    fn a_counter_that_is_used_up_does_not_begin_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut memory = CardStore::open(dir.path()).unwrap().memory("a", None).unwrap();
        let Counter::Kept(file) = &memory.counter else { panic!("a store with a folder") };
        file.write(0xFFFE, None).unwrap();
        assert_eq!(memory.next_counter().unwrap(), Some([0xFF, 0xFF]));
        assert_eq!(memory.next_counter().unwrap(), None);
        assert_eq!(memory.next_counter().unwrap(), None);
    }

    #[test]
    fn cards_without_a_folder_count_each_for_itself() {
        let mut first = CardStore::in_memory().memory("a", None).unwrap();
        assert_eq!(first.next_counter().unwrap(), Some([0, 1]));
        let mut copy = first.clone();
        assert_eq!(first.next_counter().unwrap(), Some([0, 2]));
        assert_eq!(copy.next_counter().unwrap(), Some([0, 2]));
    }

    #[test]
    fn a_damaged_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let store = CardStore::open(dir.path()).unwrap();
        for body in ["", "zz\n", "0001\nno key\n", "0001\n\n\n"] {
            key_file::write(&dir.path().join("a.card"), FILE_KIND, body).unwrap();
            let error = store.memory("a", None).err().unwrap();
            assert!(error.to_string().contains("a.card"), "{error}");
        }
        std::fs::write(dir.path().join("a.card"), "no file of ours").unwrap();
        assert!(matches!(store.memory("a", None), Err(CardsError::Store(KeyFileError::Damaged { .. }))));
    }
}
