//! Files that only one mPOS at a time writes, readable by their owner alone: the ledger's journal, and its index.
//!
//! What goes wrong is told twice: to the program as a [`StoreError`] with the path and what to do, to the actor as
//! the port's [`FileFault`], which knows no path; the log has both.

use mpos_ports::{AppendFile, FileFault};
use mpos_protocol::book::StoreFault;
use redb::backends::FileBackend;
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// Zeros are written in pieces of so many bytes.
const ZEROS_BYTES: usize = 64 * 1024;

/// Why a file of the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has it.
    #[error("{} is in use: close the other mPOS, or give this one a folder of its own", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// No space.
    #[error("{}: the disk is full; free some space and start again", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Not allowed.
    #[error("{}: reading and writing it is not allowed; correct its owner and rights", path.display())]
    NotAllowed {
        /// The file.
        path: PathBuf,
    },
    /// Its bytes are not what was written.
    #[error("{} is damaged or was made on another device; it is left as it is", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// Made by a newer program.
    #[error("{} is of version {version}: start the newer mPOS that made it", path.display())]
    NewerVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u16,
    },
    /// Anything else.
    #[error("{}: {source}", path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl StoreError {
    pub(crate) fn new(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Self::Full { path }
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::NotAllowed { path },
            _ => Self::Failed { path, source },
        }
    }
}

impl From<&StoreError> for StoreFault {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::InUse { .. } => Self::InUse,
            StoreError::Full { .. } => Self::Full,
            StoreError::Damaged { .. } => Self::Damaged { entry: 0 },
            StoreError::NewerVersion { version, .. } => Self::NewerVersion { version: *version },
            StoreError::NotAllowed { .. } | StoreError::Failed { .. } => Self::Unreadable,
        }
    }
}

/// A file that grows; locked while it is open.
#[derive(Debug)]
pub struct FileStore {
    file: File,
    path: PathBuf,
}

impl FileStore {
    /// Opens the file, or makes it, with rights for its owner alone, and locks it until this is dropped.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let file = open_private(path).map_err(|source| StoreError::new(path, source))?;
        match try_lock(&file) {
            Ok(()) => Ok(Self { file, path: path.to_owned() }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(StoreError::new(path, source)),
        }
    }

    fn write_zeros(&mut self, offset: u64, bytes: u64) -> io::Result<()> {
        let zeros = vec![0; ZEROS_BYTES];
        self.file.seek(SeekFrom::Start(offset))?;
        let mut left = bytes;
        while left > 0 {
            let piece = usize::try_from(left).unwrap_or(ZEROS_BYTES).min(ZEROS_BYTES);
            self.file.write_all(zeros.get(..piece).unwrap_or(&zeros))?;
            left -= piece as u64;
        }
        Ok(())
    }

    fn fault(&self, doing: &'static str, source: io::Error) -> FileFault {
        let error = StoreError::new(&self.path, source);
        tracing::error!(doing, %error, "a file failed");
        if matches!(error, StoreError::Full { .. }) { FileFault::Full } else { FileFault::Refused }
    }
}

impl AppendFile for FileStore {
    fn read_all(&mut self) -> Result<Vec<u8>, FileFault> {
        let mut bytes = Vec::new();
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.read_to_end(&mut bytes))
            .map_err(|source| self.fault("read", source))?;
        Ok(bytes)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), FileFault> {
        self.file
            .seek(SeekFrom::Start(offset))
            .and_then(|_| self.file.write_all(bytes))
            .map_err(|source| self.fault("write", source))
    }

    fn sync(&mut self) -> Result<(), FileFault> {
        self.file.sync_data().map_err(|source| self.fault("sync", source))
    }

    /// Writes zeros: unlike a `fallocate`, whose blocks the file system must convert at their first write, within
    /// the sync that a sale waits for. What could not be made whole is taken back.
    fn reserve(&mut self, offset: u64, bytes: u64) -> Result<(), FileFault> {
        self.write_zeros(offset, bytes).map_err(|source| {
            // If this fails too there are zeros more than asked for, which harm nobody.
            let _ = self.file.set_len(offset);
            self.fault("make room", source)
        })
    }
}

/// Locks the whole file, unless another process has it.
#[cfg(not(target_os = "android"))]
fn try_lock(file: &File) -> Result<(), TryLockError> {
    file.try_lock()
}

/// The same by the system's own name: the standard library has no locks for Android.
#[cfg(target_os = "android")]
fn try_lock(file: &File) -> Result<(), TryLockError> {
    use rustix::fs::{FlockOperation, flock};
    flock(file, FlockOperation::NonBlockingLockExclusive).map_err(|error| match io::Error::from(error) {
        error if error.kind() == ErrorKind::WouldBlock => TryLockError::WouldBlock,
        error => TryLockError::Error(error),
    })
}

/// Opens the ledger's index: the journal's lock covers it too.
///
/// # Errors
/// [`StoreError`]; the ledger can do without an index.
pub fn open_index(path: &Path) -> Result<FileBackend, StoreError> {
    let file = open_private(path).map_err(|source| StoreError::new(path, source))?;
    FileBackend::new(file).map_err(|error| StoreError::new(path, io::Error::other(error)))
}

/// Opens or makes a file with rights for its owner alone; a new one is durable with its name in the folder.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    match options.open(path) {
        Ok(file) => {
            keep_private(&file)?;
            Ok(file)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            options.create(true).truncate(false);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let file = options.open(path)?;
            keep_private(&file)?;
            file.sync_all()?;
            sync_folder(path)?;
            Ok(file)
        }
        Err(error) => Err(error),
    }
}

/// Takes away what others could do with the file, whatever a copy or a restore gave them.
#[cfg(unix)]
fn keep_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    const OWNER_ONLY: u32 = 0o600;
    const RIGHTS: u32 = 0o777;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(ErrorKind::InvalidInput.into());
    }
    let mode = found.permissions().mode() & RIGHTS;
    if mode == OWNER_ONLY { Ok(()) } else { file.set_permissions(fs::Permissions::from_mode(OWNER_ONLY)) }
}

#[cfg(not(unix))]
fn keep_private(_file: &File) -> io::Result<()> {
    Ok(())
}

/// Makes the names in the file's folder durable.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_what_was_written_and_has_zeros_where_room_was_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut store = FileStore::open(&path).unwrap();
        assert_eq!(store.read_all().unwrap(), []);
        store.reserve(0, 200_000).unwrap();
        store.write_at(100, b"kept").unwrap();
        store.sync().unwrap();
        drop(store);
        let bytes = FileStore::open(&path).unwrap().read_all().unwrap();
        assert_eq!((bytes.len(), &bytes[100..104]), (200_000, &b"kept"[..]));
        assert_eq!(bytes.iter().filter(|&&byte| byte != 0).count(), 4);
    }

    #[test]
    fn a_file_has_one_user_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let first = FileStore::open(&path).unwrap();
        let second = FileStore::open(&path).unwrap_err();
        assert!(matches!(&second, StoreError::InUse { path: named } if *named == path));
        assert_eq!(StoreFault::from(&second), StoreFault::InUse);
        drop(first);
        assert!(FileStore::open(&path).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_a_file_also_one_that_was_copied_with_wider_rights() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let rights = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let path = folder.path().join("journal");
        drop(FileStore::open(&path).unwrap());
        assert_eq!(rights(&path), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        drop(FileStore::open(&path).unwrap());
        assert_eq!(rights(&path), 0o600);
        drop(open_index(&folder.path().join("index")).unwrap());
        assert_eq!(rights(&folder.path().join("index")), 0o600);
    }

    #[test]
    fn what_the_system_says_becomes_a_fault_with_its_path() {
        for (kind, fault) in [
            (ErrorKind::StorageFull, StoreFault::Full),
            (ErrorKind::QuotaExceeded, StoreFault::Full),
            (ErrorKind::PermissionDenied, StoreFault::Unreadable),
            (ErrorKind::ReadOnlyFilesystem, StoreFault::Unreadable),
            (ErrorKind::Other, StoreFault::Unreadable),
        ] {
            let error = StoreError::new(Path::new("/data/journal"), kind.into());
            assert_eq!(StoreFault::from(&error), fault);
            assert!(error.to_string().starts_with("/data/journal"), "{error}");
        }
        let folder = tempfile::tempdir().unwrap();
        assert!(FileStore::open(folder.path()).is_err(), "a folder is no file");
        assert!(FileStore::open(&folder.path().join("missing").join("journal")).is_err());
    }
}
