//! What a card said of itself, kept for the time of one application.
//!
//! Only objects that the books name are kept, each once: a second one is a fault, as a card that
//! repeats itself leaves open which of the two was meant (EMV 4.3 Book 3, 7.1). Bounded in objects and
//! bytes, and wiped on drop, as the account number is among them.

use alloc::vec::Vec;

use mpos_tlv::{StatusWord, Tag, Tlv, ber, decode};
use zeroize::Zeroize;

use crate::error::{CardFault, CommandKind};
use crate::limits::{CARD_BYTES_MAX, CARD_OBJECTS_MAX};

pub(crate) struct CardData {
    bytes: Vec<u8>,
    objects: Vec<Object>,
}

/// Where a value lies in the bytes.
struct Object {
    tag: Tag,
    start: usize,
    length: usize,
}

impl CardData {
    pub(crate) fn new() -> Self {
        // Reserved at once: a vector that grows leaves copies of account data behind.
        Self { bytes: Vec::with_capacity(CARD_BYTES_MAX), objects: Vec::with_capacity(CARD_OBJECTS_MAX) }
    }

    /// Keeps the known objects of `tlvs`, those inside templates too.
    pub(crate) fn keep(&mut self, command: CommandKind, tlvs: &[u8]) -> Result<(), CardFault> {
        self.keep_level(command, tlvs, 0)
    }

    /// Keeps the answer to GET PROCESSING OPTIONS. EMV 4.3 Book 3, 6.5.8.4: format 2 (77) holds objects, format 1 (80)
    /// AIP and AFL alone.
    pub(crate) fn keep_options(&mut self, data: &[u8]) -> Result<(), CardFault> {
        let command = CommandKind::GetProcessingOptions;
        let tlv = only_object(command, data)?;
        match tlv.tag {
            Tag::RESPONSE_TEMPLATE_2 => self.keep(command, tlv.value),
            Tag::RESPONSE_TEMPLATE_1 => {
                let (aip, afl) = tlv.value.split_first_chunk::<2>().ok_or(CardFault::Length(tlv.tag))?;
                self.put(Tag::AIP, aip)?;
                self.put(Tag::AFL, afl)
            }
            _ => Err(CardFault::Template(command)),
        }
    }

    fn keep_level(&mut self, command: CommandKind, tlvs: &[u8], depth: usize) -> Result<(), CardFault> {
        if depth >= ber::NESTING_MAX {
            return Err(CardFault::Tlv(command, mpos_tlv::TlvFault::TooDeep));
        }
        for tlv in decode(tlvs) {
            let Tlv { tag, value, .. } = tlv.map_err(|fault| CardFault::Tlv(command, fault))?;
            if tag.is_constructed() {
                self.keep_level(command, value, depth.saturating_add(1))?;
            } else if tag.name().is_some() {
                self.put(tag, value)?;
            }
        }
        Ok(())
    }

    /// Keeps one object. An empty one is as good as absent (EMV 4.3 Book 3, 7.1).
    pub(crate) fn put(&mut self, tag: Tag, value: &[u8]) -> Result<(), CardFault> {
        if value.is_empty() {
            return Ok(());
        }
        if self.get(tag).is_some() {
            return Err(CardFault::Duplicate(tag));
        }
        if value.len() > length_max(tag) {
            return Err(CardFault::Length(tag));
        }
        let start = self.bytes.len();
        if start.saturating_add(value.len()) > CARD_BYTES_MAX || self.objects.len() >= CARD_OBJECTS_MAX {
            return Err(CardFault::TooMuchData);
        }
        self.bytes.extend_from_slice(value);
        self.objects.push(Object { tag, start, length: value.len() });
        Ok(())
    }

    /// The value of an object.
    pub(crate) fn get(&self, tag: Tag) -> Option<&[u8]> {
        let object = self.objects.iter().find(|object| object.tag == tag)?;
        self.bytes.get(object.start..object.start.saturating_add(object.length))
    }

    /// The value of an object that must be there.
    pub(crate) fn require(&self, tag: Tag) -> Result<&[u8], CardFault> {
        self.get(tag).ok_or(CardFault::Missing(tag))
    }

    /// The value of an object of a fixed length, if it is there.
    pub(crate) fn fixed<const N: usize>(&self, tag: Tag) -> Result<Option<[u8; N]>, CardFault> {
        self.get(tag).map(|value| value.try_into().map_err(|_| CardFault::Length(tag))).transpose()
    }

    /// The value of an object of a fixed length that must be there.
    pub(crate) fn require_fixed<const N: usize>(&self, tag: Tag) -> Result<[u8; N], CardFault> {
        self.fixed(tag)?.ok_or(CardFault::Missing(tag))
    }
}

/// The longest value of an object of variable length that goes to the bank as it is: field 55 is bounded.
const fn length_max(tag: Tag) -> usize {
    match tag {
        Tag::ISSUER_APPLICATION_DATA | Tag::FORM_FACTOR_INDICATOR | Tag::CUSTOMER_EXCLUSIVE_DATA => 32,
        _ => CARD_BYTES_MAX,
    }
}

impl Drop for CardData {
    fn drop(&mut self) {
        // What was used: the space behind it was never written.
        self.bytes.as_mut_slice().zeroize();
    }
}

/// The data of an answer with status 9000.
pub(crate) fn success(command: CommandKind, response: &[u8]) -> Result<&[u8], CardFault> {
    match StatusWord::split(response) {
        Some((data, status)) if status.is_ok() => Ok(data),
        Some((_, status)) => Err(CardFault::Status { command, status }),
        None => Err(CardFault::NoStatus(command)),
    }
}

/// The one object that `data` is made of.
pub(crate) fn only_object(command: CommandKind, data: &[u8]) -> Result<Tlv<'_>, CardFault> {
    let mut objects = decode(data);
    let first = objects.next().ok_or(CardFault::Template(command))?;
    let tlv = first.map_err(|fault| CardFault::Tlv(command, fault))?;
    if objects.next().is_some() { Err(CardFault::Template(command)) } else { Ok(tlv) }
}

/// The contents of the template that `data` must be.
pub(crate) fn template(command: CommandKind, data: &[u8], tag: Tag) -> Result<&[u8], CardFault> {
    let tlv = only_object(command, data)?;
    if tlv.tag == tag { Ok(tlv.value) } else { Err(CardFault::Template(command)) }
}
