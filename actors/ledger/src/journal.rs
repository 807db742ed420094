//! The append-only file that is the truth: one write and one sync an entry.
//!
//! Room is made in chunks of durable zeros before it is written to. So a sync need not change the file's size, the
//! end of the entries is told from damage (`replay`), and a full disk is found before a request is written:
//! [`Journal::append`] says how much must stay free for what the request will still need.

use crate::{
    entry::Entry,
    layout::{self, FILE_HEADER_BYTES, PayloadState, Seal},
    replay::{self, End, Reader, Start, TAIL_BYTES},
};
use core::ops::Range;
use mpos_ports::{AppendFile, FileFault};
use mpos_protocol::book::StoreFault;

/// Room is made in steps of so many bytes, about forty sales.
pub(crate) const CHUNK_BYTES: u64 = 64 * 1024;
/// A journal longer than this is not opened: 32-bit phones must hold it in memory to check it.
const JOURNAL_BYTES_MAX: usize = 1 << 30;

/// Bytes after the last entry that were cut off: the write of a crash, never acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// The number that the entry would have had.
    pub entry: u32,
    /// How many bytes of the file were set to zero.
    pub bytes: usize,
}

/// A journal that can be appended to.
pub(crate) struct Journal {
    file: Box<dyn AppendFile>,
    /// Where the next entry goes.
    end: u64,
    /// Up to where the file has durable room.
    length: u64,
    entries: u32,
    seal: Seal,
    /// Whether a write or a sync failed: what is on the disk is not known then, until the file is read again.
    failed: bool,
}

/// An entry and where it lies.
pub(crate) struct Placed {
    pub(crate) number: u32,
    pub(crate) seal: Seal,
    pub(crate) entry: Entry,
    pub(crate) payload: Payload,
}

/// An entry's payload in the file.
pub(crate) struct Payload {
    /// Empty when there is none.
    pub(crate) at: Range<u64>,
    pub(crate) state: PayloadState,
}

impl Journal {
    /// Reads the file, hands each entry to `visit`, and makes what was read durable before anything is built upon
    /// it: after a failed sync the system may show bytes that the disk does not have. An empty file becomes a
    /// journal.
    ///
    /// # Errors
    /// [`StoreFault`]; `visit`'s.
    pub(crate) fn open(
        mut file: Box<dyn AppendFile>,
        visit: impl FnMut(Placed) -> Result<(), StoreFault>,
    ) -> Result<(Self, Option<TornTail>), StoreFault> {
        let bytes = file.read_all().map_err(fault_of)?;
        if bytes.len() > JOURNAL_BYTES_MAX {
            return Err(StoreFault::Unreadable);
        }
        match replay::start(&bytes)? {
            Start::New => Ok((Self::create(file, &bytes)?, None)),
            Start::Journal => Self::resume(file, &bytes, visit),
        }
    }

    fn create(mut file: Box<dyn AppendFile>, found: &[u8]) -> Result<Self, StoreFault> {
        let found_bytes = found.len() as u64;
        if found_bytes < CHUNK_BYTES {
            file.reserve(found_bytes, CHUNK_BYTES - found_bytes).map_err(fault_of)?;
        }
        // The room is durable before the header is, so a file with a header was never shorter.
        file.write_at(0, &vec![0; found.len()]).and_then(|()| file.sync()).map_err(fault_of)?;
        let header = layout::file_header();
        file.write_at(0, &header).and_then(|()| file.sync()).map_err(fault_of)?;
        Ok(Self {
            file,
            end: FILE_HEADER_BYTES as u64,
            length: found_bytes.max(CHUNK_BYTES),
            entries: 0,
            seal: layout::first_seal(&header),
            failed: false,
        })
    }

    fn resume(
        mut file: Box<dyn AppendFile>,
        bytes: &[u8],
        mut visit: impl FnMut(Placed) -> Result<(), StoreFault>,
    ) -> Result<(Self, Option<TornTail>), StoreFault> {
        let mut reader = Reader::new(bytes);
        let end = loop {
            match reader.next() {
                Ok(frame) => visit(place(&reader, &frame)?)?,
                Err(end) => break end,
            }
        };
        let torn = match end {
            End::Whole => None,
            End::Torn => Some(torn_tail(bytes, &reader)),
            End::Damaged => return Err(StoreFault::Damaged { entry: reader.entries.saturating_add(1) }),
            End::Newer(version) => return Err(StoreFault::NewerVersion { version }),
        };
        // The last entry (or the header) as it was read, and zeros after it, whatever the disk has of them.
        let last = if reader.entries == 0 { 0 } else { reader.last };
        let mut again = bytes.get(last..reader.at).unwrap_or_default().to_vec();
        again.resize(bytes.len() - last, 0);
        file.write_at(last as u64, &again).and_then(|()| file.sync()).map_err(fault_of)?;
        let journal = Self {
            file,
            end: reader.at as u64,
            length: bytes.len() as u64,
            entries: reader.entries,
            seal: reader.seal,
            failed: false,
        };
        Ok((journal, torn))
    }

    /// Makes sure that `bytes` are durably free, as [`append`](Self::append) would with an entry of that length.
    ///
    /// # Errors
    /// As [`append`](Self::append); nothing is written.
    pub(crate) fn make_free(&mut self, bytes: u64) -> Result<(), StoreFault> {
        if self.failed {
            return Err(StoreFault::Unreadable);
        }
        self.make_room(self.end + bytes + TAIL_BYTES as u64)
    }

    /// Reads the file's entries once more, those that this journal has kept, and hands each to `visit`.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub(crate) fn read_again(&mut self, mut visit: impl FnMut(Placed)) -> Result<(), StoreFault> {
        let bytes = self.file.read_all().map_err(fault_of)?;
        let mut reader = Reader::new(&bytes);
        while reader.entries < self.entries {
            let damaged = StoreFault::Damaged { entry: reader.entries.saturating_add(1) };
            let frame = reader.next().map_err(|_end| damaged)?;
            visit(place(&reader, &frame)?);
        }
        Ok(())
    }

    /// Writes `entry` and makes it durable; `keep_free` bytes are durably free after it.
    ///
    /// # Errors
    /// [`StoreFault::Full`] before anything is written, and the journal goes on as it was.
    /// [`StoreFault::Unreadable`] when the disk failed: whether the entry is kept is not known until the file is
    /// opened again, and until then nothing more is written.
    pub(crate) fn append(&mut self, entry: Entry, keep_free: u64) -> Result<Placed, StoreFault> {
        if self.failed {
            return Err(StoreFault::Unreadable);
        }
        let number = self.entries.checked_add(1).ok_or(StoreFault::Full)?;
        let sealed = entry.encode().and_then(|encoded| layout::seal(number, &self.seal, &encoded));
        let sealed = sealed.ok_or(StoreFault::OutOfOrder)?;
        let next_end = self.end + sealed.bytes.len() as u64;
        self.make_room(next_end + keep_free + TAIL_BYTES as u64)?;
        self.write_durably(self.end, &sealed.bytes)?;
        let at = self.end + sealed.payload.start as u64..self.end + sealed.payload.end as u64;
        let payload = Payload { at, state: PayloadState::Whole };
        (self.end, self.entries, self.seal) = (next_end, number, sealed.seal);
        Ok(Placed { number, seal: sealed.seal, entry, payload })
    }

    /// Overwrites a payload with zeros. It becomes durable with the next sync: what is erased is of no use to the
    /// ledger any more, so nothing waits for it, and an erasure that a crash undid is done again at the next open.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub(crate) fn erase(&mut self, payload: &Range<u64>) -> Result<(), StoreFault> {
        let length = usize::try_from(payload.end.saturating_sub(payload.start)).unwrap_or_default();
        self.file.write_at(payload.start, &vec![0; length]).map_err(|fault| self.fail(fault))
    }

    /// Whether the disk failed, so that the file must be opened again before anything more is kept.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed
    }

    /// How many entries there are.
    pub(crate) fn entries(&self) -> u32 {
        self.entries
    }

    /// Extends the file by durable zeros up to `end` at least.
    fn make_room(&mut self, end: u64) -> Result<(), StoreFault> {
        if end <= self.length {
            return Ok(());
        }
        let least = end - self.length;
        let chunks = least.next_multiple_of(CHUNK_BYTES);
        let made = match self.file.reserve(self.length, chunks) {
            Ok(()) => chunks,
            // Nearly full: what is needed may still fit.
            Err(FileFault::Full) => {
                self.file.reserve(self.length, least).map(|()| least).map_err(fault_of)?
            }
            Err(fault) => return Err(self.fail(fault)),
        };
        self.file.sync().map_err(|fault| self.fail(fault))?;
        self.length += made;
        Ok(())
    }

    fn write_durably(&mut self, offset: u64, bytes: &[u8]) -> Result<(), StoreFault> {
        self.file.write_at(offset, bytes).and_then(|()| self.file.sync()).map_err(|fault| self.fail(fault))
    }

    fn fail(&mut self, fault: FileFault) -> StoreFault {
        self.failed = true;
        fault_of(fault)
    }
}

/// The entry that `reader` has just read.
fn place(reader: &Reader<'_>, frame: &layout::Frame<'_>) -> Result<Placed, StoreFault> {
    let number = frame.header.number;
    let state = frame.payload_state();
    let payload = (state == PayloadState::Whole).then_some(frame.payload);
    // The seal holds, so bytes that are no entry were written so.
    let entry =
        Entry::decode(frame.header.kind, frame.body, payload).ok_or(StoreFault::Damaged { entry: number })?;
    let start = (reader.last + frame.payload_offset()) as u64;
    let payload = Payload { at: start..start + frame.payload.len() as u64, state };
    Ok(Placed { number, seal: reader.seal, entry, payload })
}

fn torn_tail(bytes: &[u8], reader: &Reader<'_>) -> TornTail {
    let tail = bytes.get(reader.at..).unwrap_or_default();
    TornTail { entry: reader.entries.saturating_add(1), bytes: layout::written_bytes(tail) }
}

fn fault_of(fault: FileFault) -> StoreFault {
    match fault {
        FileFault::Full => StoreFault::Full,
        FileFault::Refused => StoreFault::Unreadable,
    }
}
