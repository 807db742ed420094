//! How the journal's bytes lie.
//!
//! ```text
//! file header, 512 bytes             entry, a multiple of 16 bytes
//!   0  "mPOS journal\n\0\0\0"          0  number    u32   1, 2, 3…
//!  16  version u16, 14 zeros           4  body      u16   bytes
//!  32  SHA-256 of bytes 0..32          6  payload   u16   bytes
//!  64  zeros                           8  version   u16
//!                                     10  kind      u16
//! all integers little-endian          12  check     first 4 bytes of SHA-256 of bytes 0..12
//!                                     16  body
//!                                         digest    SHA-256 of the payload, only if there is one
//!                                         payload
//!                                         seal      SHA-256(seal before, header, body, digest)
//!                                         END       1 to 16 bytes of 0xA5
//! ```
//!
//! - The seal chains each entry to all before it; the first follows the file header's SHA-256.
//! - The payload is sealed by its digest alone, so it can be erased (zeros) and the chain still verifies.
//! - Entries begin on 16 bytes, so a header lies within one disk sector and is written whole or not at all.
//! - An entry ends in a byte that is not zero, and the space after the last entry is zeros: an entry that
//!   arrived in part shows as zeros where the disk got nothing, which no flipped bit imitates.

use crate::entry::{ENTRY_VERSION, Encoded};
use sha2::{Digest, Sha256};

/// Version of this layout.
pub(crate) const JOURNAL_VERSION: u16 = 1;
/// The file's header, in bytes: one disk sector, never written again.
pub(crate) const FILE_HEADER_BYTES: usize = 512;
/// What a disk writes whole or not at all, in bytes.
pub(crate) const SECTOR_BYTES: usize = 512;
/// An entry's header, in bytes; also what entries are aligned to.
pub(crate) const ENTRY_HEADER_BYTES: usize = 16;
/// A SHA-256, in bytes.
pub(crate) const SEAL_BYTES: usize = 32;
const END_BYTE: u8 = 0xA5;
const MAGIC: &[u8; 16] = b"mPOS journal\n\0\0\0";
const HEADER_SEALED_BYTES: usize = 32;

/// The hash that chains an entry to all before it.
pub(crate) type Seal = [u8; SEAL_BYTES];

/// The header of a new file.
pub(crate) fn file_header() -> [u8; FILE_HEADER_BYTES] {
    let mut header = [0; FILE_HEADER_BYTES];
    let [magic, version, ..] = header.as_chunks_mut::<16>().0 else { return header };
    *magic = *MAGIC;
    let [low, high, ..] = version;
    [*low, *high] = JOURNAL_VERSION.to_le_bytes();
    let seal = first_seal(&header);
    if let Some(place) = header.get_mut(HEADER_SEALED_BYTES..HEADER_SEALED_BYTES + SEAL_BYTES) {
        place.copy_from_slice(&seal);
    }
    header
}

/// The version that a whole header names; `None` for a header that does not verify.
pub(crate) fn header_version(header: &[u8]) -> Option<u16> {
    let (sealed, rest) = header.split_first_chunk::<HEADER_SEALED_BYTES>()?;
    let (seal, zeros) = rest.split_first_chunk::<SEAL_BYTES>()?;
    let (magic, rest) = sealed.split_first_chunk::<16>()?;
    let version = rest.first_chunk::<2>().map(|bytes| u16::from_le_bytes(*bytes))?;
    let whole =
        header.len() == FILE_HEADER_BYTES && magic == MAGIC && *seal == first_seal(header) && is_zero(zeros);
    whole.then_some(version)
}

/// What the first entry's seal follows.
pub(crate) fn first_seal(header: &[u8]) -> Seal {
    Sha256::digest(header.get(..HEADER_SEALED_BYTES).unwrap_or_default()).into()
}

/// An entry's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntryHeader {
    pub(crate) number: u32,
    pub(crate) body_bytes: u16,
    pub(crate) payload_bytes: u16,
    pub(crate) version: u16,
    pub(crate) kind: u16,
}

impl EntryHeader {
    /// Reads a header; `None` unless its check holds.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (fields, rest) = bytes.split_first_chunk::<12>()?;
        let check = rest.first_chunk::<4>()?;
        let [n0, n1, n2, n3, b0, b1, p0, p1, v0, v1, k0, k1] = *fields;
        let read = Self {
            number: u32::from_le_bytes([n0, n1, n2, n3]),
            body_bytes: u16::from_le_bytes([b0, b1]),
            payload_bytes: u16::from_le_bytes([p0, p1]),
            version: u16::from_le_bytes([v0, v1]),
            kind: u16::from_le_bytes([k0, k1]),
        };
        // A kind is never 0, so zeros are no header whatever their check.
        (read.kind != 0 && *check == check_of(fields)).then_some(read)
    }

    fn to_bytes(self) -> Vec<u8> {
        let shorts = [self.body_bytes, self.payload_bytes, self.version, self.kind].map(u16::to_le_bytes);
        let mut bytes = [&self.number.to_le_bytes(), shorts.as_flattened()].concat();
        let check = check_of(&bytes);
        bytes.extend_from_slice(&check);
        bytes
    }

    const fn digest_bytes(self) -> usize {
        if self.payload_bytes == 0 { 0 } else { SEAL_BYTES }
    }

    /// The whole entry, in bytes.
    pub(crate) const fn entry_bytes(self) -> usize {
        let content = ENTRY_HEADER_BYTES
            + self.body_bytes as usize
            + self.digest_bytes()
            + self.payload_bytes as usize
            + SEAL_BYTES;
        // At least one byte of END.
        (content / ENTRY_HEADER_BYTES + 1) * ENTRY_HEADER_BYTES
    }
}

fn check_of(fields: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..]: Seal = Sha256::digest(fields).into();
    [a, b, c, d]
}

/// One entry in the file, taken apart; nothing is verified yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) header: EntryHeader,
    pub(crate) body: &'a [u8],
    /// Absent when there is no payload.
    digest: &'a [u8],
    pub(crate) payload: &'a [u8],
    pub(crate) seal: &'a [u8],
    end: &'a [u8],
    /// Header and body.
    sealed: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Takes the entry that starts at `bytes` apart; `None` when it reaches over their end.
    pub(crate) fn split(header: EntryHeader, bytes: &'a [u8]) -> Option<Self> {
        let whole = bytes.get(..header.entry_bytes())?;
        let (sealed, rest) = whole.split_at_checked(ENTRY_HEADER_BYTES + usize::from(header.body_bytes))?;
        let (digest, rest) = rest.split_at_checked(header.digest_bytes())?;
        let (payload, rest) = rest.split_at_checked(usize::from(header.payload_bytes))?;
        let (seal, end) = rest.split_at_checked(SEAL_BYTES)?;
        let body = sealed.get(ENTRY_HEADER_BYTES..)?;
        Some(Self { header, body, digest, payload, seal, end, sealed })
    }

    /// Where the payload lies from the entry's start, in bytes.
    pub(crate) fn payload_offset(&self) -> usize {
        self.sealed.len() + self.digest.len()
    }

    /// Whether header, body, digest and END are what was written after the entry that `before` seals.
    pub(crate) fn follows(&self, before: &[u8]) -> bool {
        self.end.iter().all(|&byte| byte == END_BYTE)
            && self.seal == seal_of(before, self.sealed, self.digest)
    }

    /// What became of the payload since it was written.
    pub(crate) fn payload_state(&self) -> PayloadState {
        if self.payload.is_empty() || self.digest == Seal::from(Sha256::digest(self.payload)) {
            PayloadState::Whole
        } else if is_zero(self.payload) {
            PayloadState::Erased
        } else {
            PayloadState::Altered
        }
    }
}

/// What became of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PayloadState {
    /// As it was written.
    Whole,
    /// Zeros.
    Erased,
    /// Erased in part, or damaged: which of the two is known by whether it is still needed.
    Altered,
}

fn seal_of(before: &[u8], sealed: &[u8], digest: &[u8]) -> Seal {
    Sha256::new().chain_update(before).chain_update(sealed).chain_update(digest).finalize().into()
}

/// An entry ready to be written.
pub(crate) struct Sealed {
    pub(crate) bytes: Vec<u8>,
    pub(crate) seal: Seal,
    /// Where in `bytes` the payload lies.
    pub(crate) payload: core::ops::Range<usize>,
}

/// Lays out entry `number` after the entry that `before` seals; `None` if body or payload exceed 65,535 bytes,
/// which the bounds of their types exclude.
pub(crate) fn seal(number: u32, before: &Seal, entry: &Encoded) -> Option<Sealed> {
    let header = EntryHeader {
        number,
        body_bytes: u16::try_from(entry.body.len()).ok()?,
        payload_bytes: u16::try_from(entry.payload.len()).ok()?,
        version: ENTRY_VERSION,
        kind: entry.kind as u16,
    };
    let mut bytes = Vec::with_capacity(header.entry_bytes());
    bytes.extend_from_slice(&header.to_bytes());
    bytes.extend_from_slice(&entry.body);
    let digest = if entry.payload.is_empty() { Vec::new() } else { Sha256::digest(&entry.payload).to_vec() };
    let seal = seal_of(before, &bytes, &digest);
    bytes.extend_from_slice(&digest);
    let payload = bytes.len()..bytes.len() + entry.payload.len();
    bytes.extend_from_slice(&entry.payload);
    bytes.extend_from_slice(&seal);
    bytes.resize(header.entry_bytes(), END_BYTE);
    Some(Sealed { bytes, seal, payload })
}

/// Whether all of `bytes` are zero.
pub(crate) fn is_zero(bytes: &[u8]) -> bool {
    const ZEROS: [u8; 512] = [0; 512];
    bytes.chunks(ZEROS.len()).all(|piece| ZEROS.starts_with(piece))
}

/// How many bytes there are up to the last that is not zero.
pub(crate) fn written_bytes(bytes: &[u8]) -> usize {
    let zeros: usize = bytes.rchunks(SECTOR_BYTES).take_while(|piece| is_zero(piece)).map(<[u8]>::len).sum();
    let rest = bytes.get(..bytes.len() - zeros).unwrap_or_default();
    rest.len() - rest.iter().rev().take_while(|&&byte| byte == 0).count()
}
