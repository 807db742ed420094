//! DER read one field at a time, strictly and without a panic, for the structures of the attestation extension.
//!
//! They are read by hand and not by derive, because two of them (the authorisation lists) hold fields that come and
//! go with each version of Android: what is not known is stepped over. Every reading is bounded by its slice.

use der::{Decode, Header, Reader, SliceReader, Tag, TagNumber};

/// How a SEQUENCE begins.
const SEQUENCE: u8 = 0x30;

/// The length of the SEQUENCE that `bytes` begin with, its tag and length included.
pub(super) fn first_length(bytes: &[u8]) -> Option<usize> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let sequence = reader.tlv_bytes().ok()?;
    (bytes.first() == Some(&SEQUENCE)).then_some(sequence.len())
}

/// What is left of one structure's content.
pub(super) struct Fields<'a>(SliceReader<'a>);

impl<'a> Fields<'a> {
    /// Of a structure's content, without its tag and length.
    pub(super) fn new(content: &'a [u8]) -> Option<Self> {
        SliceReader::new(content).ok().map(Self)
    }

    /// Of a whole SEQUENCE with nothing behind it.
    pub(super) fn of_sequence(bytes: &'a [u8]) -> Option<Self> {
        let mut outer = Self::new(bytes)?;
        let content = outer.content(Tag::Sequence)?;
        outer.is_done().then(|| Self::new(content))?
    }

    /// Whether nothing is left.
    pub(super) fn is_done(&self) -> bool {
        self.0.is_finished()
    }

    /// The next field's content, whose tag must be this one.
    pub(super) fn content(&mut self, tag: Tag) -> Option<&'a [u8]> {
        let (found, content) = self.next()?;
        (found == tag).then_some(content)
    }

    /// The next field of an authorisation list: `[number] EXPLICIT`, and what is inside.
    pub(super) fn numbered(&mut self) -> Option<(u32, Self)> {
        match self.next()? {
            (Tag::ContextSpecific { constructed: true, number: TagNumber(number) }, content) => {
                Some((number, Self::new(content)?))
            }
            _ => None,
        }
    }

    /// The SEQUENCE that comes next.
    pub(super) fn sequence(&mut self) -> Option<Self> {
        Self::new(self.content(Tag::Sequence)?)
    }

    /// The SET OF that comes next. Its members' order is not looked at: not every phone sorts them.
    pub(super) fn set(&mut self) -> Option<Self> {
        Self::new(self.content(Tag::Set)?)
    }

    /// The OCTET STRING that comes next.
    pub(super) fn octets(&mut self) -> Option<&'a [u8]> {
        self.content(Tag::OctetString)
    }

    /// The INTEGER that comes next: not negative, and no longer than it must be.
    pub(super) fn integer(&mut self) -> Option<u64> {
        u64::decode(&mut self.0).ok()
    }

    /// The ENUMERATED that comes next: not negative, in one byte.
    pub(super) fn enumerated(&mut self) -> Option<u8> {
        match self.content(Tag::Enumerated)? {
            [value @ 0..=0x7F] => Some(*value),
            _ => None,
        }
    }

    /// The BOOLEAN that comes next.
    pub(super) fn boolean(&mut self) -> Option<bool> {
        bool::decode(&mut self.0).ok()
    }

    /// An error of the reader ends the reading: whoever gets `None` asks for no more.
    fn next(&mut self) -> Option<(Tag, &'a [u8])> {
        let header = Header::decode(&mut self.0).ok()?;
        let content = self.0.read_slice(header.length()).ok()?;
        Some((header.tag(), content))
    }
}
