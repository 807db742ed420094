//! The key under which the file of transaction keys is sealed: 32 random bytes, on the disk only as the phone's key
//! store sealed them. So the file of keys is worth nothing on another phone, or after the key store was emptied.

use crate::java::JavaFault;
use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::Path,
};
use zeroize::Zeroizing;

/// The sealed key, in the terminal's folder.
pub(crate) const SEALED_KEY_FILE: &str = "device.key";
/// Where it is written before it has its name.
const UNFINISHED_FILE: &str = "device.key.new";
/// What a key store makes of 32 bytes is far shorter.
const SEALED_BYTES_MAX: u64 = 4096;
const KEY_BYTES: usize = 32;

/// Seals and opens: the phone's key store, or what stands in for it in a test.
pub(crate) trait Seal {
    /// Bytes that only [`open`](Self::open) of this store understands.
    fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, JavaFault>;
    /// What was sealed.
    fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, JavaFault>;
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SealingKeyFault {
    /// The file.
    #[error("the file of the sealing key: {0}")]
    File(#[from] io::Error),
    /// There is no file, and there are keys that one sealed.
    #[error("the sealing key is missing")]
    Missing,
    /// The key store does not open or seal it.
    #[error("the key store: {0}")]
    Store(#[from] JavaFault),
    /// What it opens is no key.
    #[error("the sealing key is damaged")]
    Damaged,
}

/// Reads the key; makes one only where there are no keys that another one sealed.
///
/// # Errors
/// [`SealingKeyFault`].
pub(crate) fn open(
    folder: &Path,
    store: &impl Seal,
    may_make: bool,
) -> Result<Zeroizing<[u8; KEY_BYTES]>, SealingKeyFault> {
    let path = folder.join(SEALED_KEY_FILE);
    match fs::metadata(&path) {
        Ok(found) if found.len() > SEALED_BYTES_MAX => Err(SealingKeyFault::Damaged),
        Ok(_) => {
            let plain = store.open(&fs::read(&path)?)?;
            let key = plain.as_slice().try_into().map_err(|_| SealingKeyFault::Damaged)?;
            Ok(Zeroizing::new(key))
        }
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        Err(_) if may_make => make(folder, store),
        Err(_) => Err(SealingKeyFault::Missing),
    }
}

fn make(folder: &Path, store: &impl Seal) -> Result<Zeroizing<[u8; KEY_BYTES]>, SealingKeyFault> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    getrandom::fill(&mut *key).map_err(|error| io::Error::other(error.to_string()))?;
    let sealed = store.seal(&*key)?;
    // Under its name it is whole, or not there.
    let unfinished = folder.join(UNFINISHED_FILE);
    let mut file = File::create(&unfinished)?;
    file.write_all(&sealed)?;
    file.sync_all()?;
    fs::rename(&unfinished, folder.join(SEALED_KEY_FILE))?;
    File::open(folder)?.sync_all()?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Turns bytes around, and knows what it sealed by a mark.
    struct Mirror(u8);

    impl Seal for Mirror {
        fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, JavaFault> {
            Ok(std::iter::once(self.0).chain(plain.iter().rev().copied()).collect())
        }

        fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, JavaFault> {
            match sealed.split_first() {
                Some((mark, sealed)) if *mark == self.0 => {
                    Ok(Zeroizing::new(sealed.iter().rev().copied().collect()))
                }
                _ => Err(JavaFault::Threw("Keys.open")),
            }
        }
    }

    #[test]
    fn a_key_is_made_once_and_only_its_sealed_form_is_on_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let made = open(folder.path(), &Mirror(1), true).unwrap();
        assert_eq!(*open(folder.path(), &Mirror(1), false).unwrap(), *made);
        let kept = fs::read(folder.path().join(SEALED_KEY_FILE)).unwrap();
        assert!(!kept.windows(KEY_BYTES).any(|window| window == *made));
    }

    #[test]
    fn a_key_is_not_made_anew_where_another_one_sealed_something() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(open(folder.path(), &Mirror(1), false), Err(SealingKeyFault::Missing)));
        open(folder.path(), &Mirror(1), true).unwrap();
        let emptied = open(folder.path(), &Mirror(2), true);
        assert!(matches!(emptied, Err(SealingKeyFault::Store(_))), "another store opens it not");
        fs::write(folder.path().join(SEALED_KEY_FILE), [1, 2, 3]).unwrap();
        assert!(matches!(open(folder.path(), &Mirror(1), true), Err(SealingKeyFault::Damaged)));
    }
}
