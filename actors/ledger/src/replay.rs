//! Reads a journal back, entry by entry, and says how it ends: whole, in a torn write, or in damage.
//!
//! A crash can leave one entry in part, the last, and that one was never acknowledged: it is cut off. Everything
//! else that does not verify is damage. They are told apart by what is on the disk, not by hope:
//! - an entry that has a successor was acknowledged, for the next is written only after that;
//! - a write that did not arrive leaves zeros: the end of the entry, or a whole sector of it. A flipped bit
//!   leaves the entry's last byte not zero, and its header not zero;
//! - the file always reaches past its last entry, since room is made durable before it is written to: an entry
//!   that reaches the end of the file shows that the file was cut.

use crate::{
    entry::ENTRY_VERSION,
    layout::{
        self, ENTRY_HEADER_BYTES, EntryHeader, FILE_HEADER_BYTES, Frame, PayloadState, SECTOR_BYTES, Seal,
        is_zero,
    },
};
use mpos_protocol::book::StoreFault;

/// Bytes after the last entry that are always there.
pub(crate) const TAIL_BYTES: usize = ENTRY_HEADER_BYTES;

/// What a file is before its first entry is read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// Never finished being made: nothing was ever acknowledged.
    New,
    /// A journal of this version.
    Journal,
}

/// Reads the file's header.
///
/// # Errors
/// [`StoreFault::NewerVersion`]; [`StoreFault::Damaged`] at entry 0, which stands for the file's header.
pub(crate) fn start(bytes: &[u8]) -> Result<Start, StoreFault> {
    let damaged = StoreFault::Damaged { entry: 0 };
    let (header, entries) = bytes.split_at_checked(FILE_HEADER_BYTES).unwrap_or((bytes, &[]));
    match layout::header_version(header) {
        Some(layout::JOURNAL_VERSION) => Ok(Start::Journal),
        Some(version) if version > layout::JOURNAL_VERSION => Err(StoreFault::NewerVersion { version }),
        Some(_) => Err(damaged),
        None if is_torn_header(header) && is_zero(entries) => Ok(Start::New),
        None => Err(damaged),
    }
}

/// Whether `header` is what a crash leaves of a new header: its beginning, then zeros.
fn is_torn_header(header: &[u8]) -> bool {
    let written = layout::written_bytes(header);
    // The room after the header is durable before the header is written, so a short file holds none of it.
    written == 0
        || (header.len() == FILE_HEADER_BYTES
            && header.get(..written) == layout::file_header().get(..written))
}

/// Where a journal's entries end, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// After the last entry; only zeros follow.
    Whole,
    /// With an entry that was never acknowledged, or with bytes that are none.
    Torn,
    /// At an entry that was acknowledged and does not verify.
    Damaged,
    /// At an entry of a version that this program does not know.
    Newer(u16),
}

/// Reads the entries of a whole or torn journal in order.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    /// Where the next entry starts.
    pub(crate) at: usize,
    /// Where the last read entry starts.
    pub(crate) last: usize,
    /// How many were read.
    pub(crate) entries: u32,
    /// The last one's seal.
    pub(crate) seal: Seal,
}

impl<'a> Reader<'a> {
    /// At the first entry of `bytes`, a file whose header holds.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: FILE_HEADER_BYTES,
            last: FILE_HEADER_BYTES,
            entries: 0,
            seal: layout::first_seal(bytes),
        }
    }

    /// The next entry, or how the journal ends. An entry whose payload is not whole is given out only when
    /// another follows: whether it may have been erased is the caller's to know.
    pub(crate) fn next(&mut self) -> Result<Frame<'a>, End> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if rest.len() < TAIL_BYTES {
            return Err(End::Damaged);
        }
        let Some(header) = EntryHeader::read(rest) else {
            return Err(self.end_without_header(rest));
        };
        if header.number != self.entries.wrapping_add(1) {
            return Err(End::Damaged);
        }
        if header.version > ENTRY_VERSION {
            return Err(End::Newer(header.version));
        }
        let frame = Frame::split(header, rest).ok_or(End::Damaged)?;
        let (entry, after) = rest.split_at_checked(header.entry_bytes()).ok_or(End::Damaged)?;
        if after.len() < TAIL_BYTES {
            return Err(End::Damaged);
        }
        let is_last = is_zero(after);
        if !frame.follows(&self.seal) || (is_last && frame.payload_state() != PayloadState::Whole) {
            let torn = is_last && arrived_in_part(entry, self.at);
            return Err(if torn { End::Torn } else { End::Damaged });
        }
        self.last = self.at;
        self.at += entry.len();
        self.entries = header.number;
        self.seal = frame.seal.try_into().map_err(|_| End::Damaged)?;
        Ok(frame)
    }

    /// How the journal ends at `rest`, which starts with no header.
    fn end_without_header(&self, rest: &[u8]) -> End {
        let (header, after) = rest.split_at_checked(ENTRY_HEADER_BYTES).unwrap_or((rest, &[]));
        match (is_zero(header), is_zero(after)) {
            (true, true) => End::Whole,
            // The header alone, and not all of it.
            (false, true) => End::Torn,
            // The sector with the header did not arrive, or a bit of the unused space was flipped.
            (true, false) if !has_header(after, self.entries) => End::Torn,
            _ => End::Damaged,
        }
    }
}

/// Whether a later entry's header lies in `bytes`, which start on an entry's alignment.
fn has_header(bytes: &[u8], after: u32) -> bool {
    let (blocks, _) = bytes.as_chunks::<ENTRY_HEADER_BYTES>();
    blocks.iter().filter_map(|block| EntryHeader::read(block)).any(|header| header.number > after)
}

/// Whether `entry`, which starts at offset `at` of the file, shows that the disk got only some of it.
fn arrived_in_part(entry: &[u8], at: usize) -> bool {
    let to_sector = SECTOR_BYTES - at % SECTOR_BYTES;
    let sectors = entry.get(to_sector..).unwrap_or_default().chunks_exact(SECTOR_BYTES);
    entry.last() == Some(&0) || sectors.into_iter().any(is_zero)
}
