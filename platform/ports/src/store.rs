//! A file that grows: what the ledger's journal needs of a disk, and no more.

use alloc::vec::Vec;

/// An append-only file. Bytes are durable once [`sync`](Self::sync) has returned, and not before.
pub trait AppendFile: Send {
    /// The whole content.
    ///
    /// # Errors
    /// [`FileFault`].
    fn read_all(&mut self) -> Result<Vec<u8>, FileFault>;

    /// Writes `bytes` at `offset`, which is at most the end.
    ///
    /// # Errors
    /// [`FileFault`]; after an error any part of `bytes` may be there.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), FileFault>;

    /// Makes all that was written durable (fdatasync).
    ///
    /// # Errors
    /// [`FileFault`]; after an error nothing is known of what was written since the last sync.
    fn sync(&mut self) -> Result<(), FileFault>;

    /// Makes room for `bytes` more from `offset` on (zeros), so that a later write can not run out of space.
    ///
    /// # Errors
    /// [`FileFault::Full`] when there is none.
    fn reserve(&mut self, offset: u64, bytes: u64) -> Result<(), FileFault>;
}

/// Why a file failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// No space left.
    #[error("no space left")]
    Full,
    /// Anything else.
    #[error("the file system refused")]
    Refused,
}
