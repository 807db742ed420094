//! Files that hold secrets or counters of the development bank: owner-only, written whole or not at all, and damage is
//! seen.
//!
//! A file is text: a first line that says what it is and in which version, the body, and a last line with the SHA-256
//! of all before it. It is written beside its place and renamed over it once it is on the disk, so a crash leaves the
//! old file or the new one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Longest file that is read, in bytes: several times the longest that is written.
const FILE_BYTES_MAX: u64 = 16 * 1024;
/// Before the checksum, on the last line.
const CHECKSUM: &str = "sha256 ";
/// The file in a folder that whoever writes there locks.
const LOCK_FILE: &str = ".lock";

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// It is cut, altered, too long or not text.
    #[error("{}: this file is damaged", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
    /// Its first line is another one.
    #[error("{}: this file is of another kind, or of a newer version", path.display())]
    OtherKind {
        /// Which file.
        path: PathBuf,
    },
}

/// A folder that no one else writes to for as long as this lives.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Makes the folder if need be (for its owner only) and waits until no one else writes to it.
///
/// # Errors
/// [`KeyFileError::Io`].
pub fn lock(dir: &Path) -> Result<Lock, KeyFileError> {
    let path = dir.join(LOCK_FILE);
    let lock = || {
        make_folder(dir)?;
        let file = owner_only(OpenOptions::new().write(true).create(true).truncate(false)).open(&path)?;
        file.lock()?;
        Ok(Lock { _file: file })
    };
    lock().map_err(|source| KeyFileError::Io { path: dir.to_path_buf(), source })
}

/// The body of the file; `None` if there is no such file.
///
/// # Errors
/// [`KeyFileError`].
pub fn read(path: &Path, kind: &str) -> Result<Option<Zeroizing<String>>, KeyFileError> {
    let io_error = |source| KeyFileError::Io { path: path.to_path_buf(), source };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_error(error)),
    };
    let length = file.metadata().map_err(io_error)?.len();
    let damaged = || KeyFileError::Damaged { path: path.to_path_buf() };
    if length > FILE_BYTES_MAX {
        return Err(damaged());
    }
    // Sized beforehand, so that no copy of a secret is left where the buffer grew.
    let mut bytes = Zeroizing::new(Vec::with_capacity(FILE_BYTES_MAX as usize));
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes).map_err(io_error)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| damaged())?;

    let (covered, sum) = text.rsplit_once(CHECKSUM).ok_or_else(damaged)?;
    if sum != checksum(covered) {
        return Err(damaged());
    }
    let (first, body) = covered.split_once('\n').ok_or_else(damaged)?;
    if first != kind {
        return Err(KeyFileError::OtherKind { path: path.to_path_buf() });
    }
    Ok(Some(Zeroizing::new(body.to_owned())))
}

/// Writes the file; `body` is whole lines. When this returns, the file is on the disk.
///
/// # Errors
/// [`KeyFileError::Io`]; the old file is then as it was.
pub fn write(path: &Path, kind: &str, body: &str) -> Result<(), KeyFileError> {
    let mut text = Zeroizing::new(String::with_capacity(FILE_BYTES_MAX as usize));
    for part in [kind, "\n", body] {
        text.push_str(part);
    }
    let sum = checksum(&text);
    text.push_str(CHECKSUM);
    text.push_str(&sum);
    replace(path, text.as_bytes()).map_err(|source| KeyFileError::Io { path: path.to_path_buf(), source })
}

fn checksum(covered: &str) -> String {
    hex::encode(Sha256::digest(covered)) + "\n"
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    // What a crash left there is of no use, and its rights might be others.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = owner_only(OpenOptions::new().write(true).create_new(true)).open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    // The rename is on the disk when the folder is.
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(unix)]
fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

#[cfg(not(unix))]
fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn make_folder(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

#[cfg(not(unix))]
fn make_folder(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "test 1";

    #[test]
    fn what_was_written_is_read_and_what_was_not_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.keys");
        assert!(read(&path, KIND).unwrap().is_none());
        for body in ["", "one\n", "two\nlines\n"] {
            write(&path, KIND, body).unwrap();
            assert_eq!(read(&path, KIND).unwrap().unwrap().as_str(), body);
        }
        assert!(matches!(read(&path, "test 2"), Err(KeyFileError::OtherKind { .. })));
    }

    #[test]
    fn any_damage_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.keys");
        write(&path, KIND, "a body\n").unwrap();
        let good = fs::read(&path).unwrap();
        for place in 0..good.len() {
            let mut bad = good.clone();
            bad[place] ^= 1;
            fs::write(&path, &bad).unwrap();
            assert!(read(&path, KIND).is_err(), "byte {place}");
            fs::write(&path, &good[..place]).unwrap();
            assert!(read(&path, KIND).is_err(), "cut at {place}");
        }
        fs::write(&path, vec![b'x'; FILE_BYTES_MAX as usize + 1]).unwrap();
        assert!(matches!(read(&path, KIND), Err(KeyFileError::Damaged { .. })));
    }

    #[test]
    fn errors_name_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("no-such-folder").join("a.keys");
        let error = write(&path, KIND, "").unwrap_err();
        assert!(error.to_string().contains("a.keys"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn files_and_folders_are_for_their_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("keys");
        let held = lock(&folder).unwrap();
        let path = folder.join("a.keys");
        fs::write(path.with_extension("new"), "left by a crash").unwrap();
        write(&path, KIND, "secret\n").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&path)), (0o700, 0o600));
        drop(held);
    }
}
