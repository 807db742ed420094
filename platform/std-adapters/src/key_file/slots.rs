//! Two places for one sealed content: the new one is durable before the old one is erased, so that a crash at any
//! write leaves one of them whole, and what was used cannot be derived from what is left.
//!
//! ```text
//!    0  header: "mPOS key file\n\0\0", version u16, zeros, SHA-256 of the 32 bytes before it, zeros
//!  512  place 0, 4096 bytes      generation u64, nonce 12, AES-256-GCM of the content, padded; tag 16
//! 4608  place 1, the same        zeros when it is empty
//! ```
//!
//! The tag covers the header and the generation too, so there is no bit in the file that could change unseen.

use super::content::Content;
use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use mpos_ports::{AppendFile, FileFault};
use mpos_protocol::signed::Hash;
use zeroize::Zeroizing;

/// Version of this layout.
const FILE_VERSION: u16 = 1;
const MAGIC: &[u8; 16] = b"mPOS key file\n\0\0";
const HEADER_BYTES: usize = 512;
const HEADER_HASHED_BYTES: usize = 32;
const PLACE_BYTES: usize = 4096;
const FILE_BYTES: usize = HEADER_BYTES + 2 * PLACE_BYTES;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
const CONTENT_BYTES: usize = PLACE_BYTES - 8 - NONCE_BYTES - TAG_BYTES;

/// AES-256 key under which the contents are sealed.
pub(super) type SealingKey = Zeroizing<[u8; 32]>;

/// Why a file gives no content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SlotsFault {
    /// The disk.
    File(FileFault),
    /// Damaged, or sealed under another key.
    Damaged,
    /// Made by a newer program.
    Newer(u16),
}

impl From<FileFault> for SlotsFault {
    fn from(fault: FileFault) -> Self {
        Self::File(fault)
    }
}

/// What was found in a file.
pub(super) struct Found {
    pub(super) content: Content,
    /// Whether a place is neither empty nor whole: a crash tore a write that was never built upon, or it is
    /// damaged. Its content may have been newer than this one.
    pub(super) other_is_broken: bool,
}

/// The file.
pub(super) struct Slots {
    file: Box<dyn AppendFile>,
    key: SealingKey,
    generation: u64,
    /// Where the present content is: 0 or 1.
    place: usize,
    /// Whether the disk failed: what it holds is not known then, until the file is read again.
    failed: bool,
}

impl Slots {
    /// Reads the file; an empty one, or one whose making a crash ended, gets an empty content.
    pub(super) fn open(file: Box<dyn AppendFile>, key: SealingKey) -> Result<(Self, Found), SlotsFault> {
        let mut slots = Self { file, key, generation: 0, place: 1, failed: true };
        let found = slots.load()?;
        Ok((slots, found))
    }

    /// Whether the disk failed: what it holds is not known until the file is read again.
    pub(super) const fn has_failed(&self) -> bool {
        self.failed
    }

    /// Reads the file, also again after the disk failed.
    pub(super) fn load(&mut self) -> Result<Found, SlotsFault> {
        let bytes = self.file.read_all()?;
        let places = [0, 1].map(|place| self.read(&bytes, place));
        let newest = match places {
            [Place::Whole(a), Place::Whole(b)] if b.0 > a.0 => Some((b, 1, false)),
            [Place::Whole(a), other] => Some((a, 0, matches!(other, Place::Broken))),
            [other, Place::Whole(b)] => Some((b, 1, matches!(other, Place::Broken))),
            _ => None,
        };
        match (header_version(&bytes), newest) {
            (Some(FILE_VERSION), Some(((generation, content), place, other_is_broken))) => {
                self.make_durable(&bytes, place)?;
                (self.generation, self.place, self.failed) = (generation, place, false);
                Ok(Found { content, other_is_broken })
            }
            (Some(version), _) if version > FILE_VERSION => Err(SlotsFault::Newer(version)),
            (None, newest)
                if is_unfinished(&bytes, newest.as_ref().map(|((generation, _), ..)| *generation)) =>
            {
                (self.generation, self.place, self.failed) = (0, 1, false);
                self.create(bytes.len()).inspect_err(|_| self.failed = true)?;
                Ok(Found { content: Content::default(), other_is_broken: false })
            }
            _ => Err(SlotsFault::Damaged),
        }
    }

    /// Writes a place again as it was read: after a sync that failed the system shows what the disk may not have, and
    /// forgets to write it.
    fn make_durable(&mut self, bytes: &[u8], place: usize) -> Result<(), FileFault> {
        let start = HEADER_BYTES + place * PLACE_BYTES;
        self.file.write_at(offset_of(place), bytes.get(start..start + PLACE_BYTES).unwrap_or_default())?;
        self.file.sync()
    }

    /// The header is written last: a file that has it has a content.
    fn create(&mut self, found_bytes: usize) -> Result<(), SlotsFault> {
        if found_bytes < FILE_BYTES {
            self.file.reserve(found_bytes as u64, (FILE_BYTES - found_bytes) as u64)?;
        }
        self.file.write_at(0, &[0; FILE_BYTES])?;
        self.file.sync()?;
        self.store(&Content::default())?;
        self.file.write_at(0, &header())?;
        Ok(self.file.sync()?)
    }

    /// Replaces the content: durable when this returns, and the one before is gone.
    ///
    /// After an error only [`load`](Self::load) tells which of the two is there.
    pub(super) fn store(&mut self, content: &Content) -> Result<(), FileFault> {
        if self.failed {
            return Err(FileFault::Refused);
        }
        self.failed = true;
        let (old, new) = (self.place, 1 - self.place);
        let sealed = self.seal(self.generation + 1, content).ok_or(FileFault::Refused)?;
        self.file.write_at(offset_of(new), &sealed)?;
        self.file.sync()?;
        self.file.write_at(offset_of(old), &[0; PLACE_BYTES])?;
        self.file.sync()?;
        (self.generation, self.place, self.failed) = (self.generation + 1, new, false);
        Ok(())
    }

    fn seal(&self, generation: u64, content: &Content) -> Option<Vec<u8>> {
        let content = content.to_bytes();
        let mut plain = Zeroizing::new(vec![0; CONTENT_BYTES]);
        let (length, rest) = plain.split_first_chunk_mut::<2>()?;
        *length = u16::try_from(content.len()).ok()?.to_le_bytes();
        rest.get_mut(..content.len())?.copy_from_slice(&content);
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).ok()?;
        let payload = Payload { msg: &plain, aad: &associated(generation) };
        let sealed = self.cipher().encrypt(&nonce.into(), payload).ok()?;
        Some([&generation.to_le_bytes()[..], &nonce, &sealed].concat())
    }

    fn read(&self, bytes: &[u8], place: usize) -> Place {
        let start = HEADER_BYTES + place * PLACE_BYTES;
        let Some(place) = bytes.get(start..start + PLACE_BYTES) else { return Place::Empty };
        if place.iter().all(|&byte| byte == 0) {
            return Place::Empty;
        }
        self.unseal(place).map_or(Place::Broken, Place::Whole)
    }

    fn unseal(&self, place: &[u8]) -> Option<(u64, Content)> {
        let (generation, rest) = place.split_first_chunk::<8>()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let generation = u64::from_le_bytes(*generation);
        let payload = Payload { msg: sealed, aad: &associated(generation) };
        let plain = Zeroizing::new(self.cipher().decrypt(&(*nonce).into(), payload).ok()?);
        let (length, rest) = plain.split_first_chunk::<2>()?;
        let content = rest.get(..usize::from(u16::from_le_bytes(*length)))?;
        Some((generation, Content::from_bytes(content)?))
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&(*self.key).into())
    }
}

/// What a place holds.
#[allow(clippy::large_enum_variant, reason = "two of them live while a file is opened")]
enum Place {
    Empty,
    Whole((u64, Content)),
    Broken,
}

const fn offset_of(place: usize) -> u64 {
    (HEADER_BYTES + place * PLACE_BYTES) as u64
}

fn associated(generation: u64) -> Vec<u8> {
    [&MAGIC[..], &FILE_VERSION.to_le_bytes(), &generation.to_le_bytes()].concat()
}

fn header() -> Vec<u8> {
    let mut header = [&MAGIC[..], &FILE_VERSION.to_le_bytes()].concat();
    header.resize(HEADER_HASHED_BYTES, 0);
    let hash = Hash::of(&header);
    header.extend_from_slice(&hash.0);
    header.resize(HEADER_BYTES, 0);
    header
}

/// The version that a whole header names.
fn header_version(bytes: &[u8]) -> Option<u16> {
    let (hashed, rest) = bytes.get(..HEADER_BYTES)?.split_first_chunk::<HEADER_HASHED_BYTES>()?;
    let (hash, zeros) = rest.split_first_chunk::<32>()?;
    let (magic, version) = hashed.split_first_chunk::<16>()?;
    let whole = magic == MAGIC && *hash == Hash::of(hashed).0 && zeros.iter().all(|&byte| byte == 0);
    whole.then(|| version.first_chunk::<2>().map(|bytes| u16::from_le_bytes(*bytes)))?
}

/// Whether a crash ended the making of the file: its header did not arrive, or only its beginning, and it holds no
/// content but the first, which is empty.
fn is_unfinished(bytes: &[u8], newest: Option<u64>) -> bool {
    let found = bytes.get(..HEADER_BYTES).unwrap_or(bytes);
    let written = found.len() - found.iter().rev().take_while(|&&byte| byte == 0).count();
    newest.is_none_or(|generation| generation <= 1)
        && (written == 0 || (bytes.len() == FILE_BYTES && found.get(..written) == header().get(..written)))
}
