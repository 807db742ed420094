//! BER-TLV as EMV uses it: decode over borrowed bytes, encode into a vector.
//!
//! The decoder accepts what real cards send and the books allow: tags of one to three bytes, lengths
//! of one to three bytes even where a shorter form would do (`81 05`), `00` filler between objects.
//! Everything else (indefinite lengths, longer tags, values past the end, nesting deeper than
//! [`NESTING_MAX`]) is a fault. An iterator ends after its first fault, so no input loops.

use alloc::vec::Vec;

use crate::tag::Tag;

/// Deepest nesting of templates that is walked. PPSE answers nest four deep; the rest is margin.
pub const NESTING_MAX: usize = 8;

/// Longest value that is decoded or encoded, in bytes: what a two-byte length can say.
pub const VALUE_BYTES_MAX: usize = 0xFFFF;

/// What is wrong with bytes that should be BER-TLV.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlvFault {
    /// The bytes end inside a tag.
    #[error("the bytes end inside a tag")]
    TagCut,
    /// A tag of more than three bytes.
    #[error("a tag is longer than three bytes")]
    TagTooLong,
    /// The bytes end inside a length.
    #[error("the bytes end inside a length")]
    LengthCut,
    /// An indefinite length, or one of more than two bytes.
    #[error("the length form {0:02X} is not allowed")]
    LengthForm(u8),
    /// A value that is longer than the bytes that are left.
    #[error("the value of {tag} says {said} bytes, {left} are left")]
    ValueCut {
        /// The object.
        tag: Tag,
        /// Its length as written.
        said: usize,
        /// The bytes there are.
        left: usize,
    },
    /// Templates nested deeper than [`NESTING_MAX`].
    #[error("templates are nested too deeply")]
    TooDeep,
}

/// One data object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// Its tag.
    pub tag: Tag,
    /// Its value.
    pub value: &'a [u8],
    /// The whole object as it was sent: tag, length and value. Signatures cover these bytes.
    pub raw: &'a [u8],
}

/// The data objects of one level, in order. Made by [`decode`].
#[derive(Clone, Debug)]
pub struct Tlvs<'a> {
    rest: &'a [u8],
}

/// The data objects at the top level of `bytes`.
pub fn decode(bytes: &[u8]) -> Tlvs<'_> {
    Tlvs { rest: bytes }
}

impl Tlvs<'_> {
    /// How many bytes were not decoded yet.
    pub const fn left(&self) -> usize {
        self.rest.len()
    }
}

impl<'a> Iterator for Tlvs<'a> {
    type Item = Result<Tlv<'a>, TlvFault>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        // EMV 4.3 Book 3, Annex B1: 00 before, between or after objects means nothing.
        while let [0, rest @ ..] = self.rest {
            self.rest = rest;
        }
        if self.rest.is_empty() {
            return None;
        }
        match first(self.rest) {
            Ok((tlv, rest)) => {
                self.rest = rest;
                Some(Ok(tlv))
            }
            Err(fault) => {
                self.rest = &[];
                Some(Err(fault))
            }
        }
    }
}

/// The value of the first object `wanted` at the top level of `bytes`.
///
/// # Errors
/// The first fault met before the object is found.
pub fn find(bytes: &[u8], wanted: Tag) -> Result<Option<&[u8]>, TlvFault> {
    for tlv in decode(bytes) {
        let tlv = tlv?;
        if tlv.tag == wanted {
            return Ok(Some(tlv.value));
        }
    }
    Ok(None)
}

/// The value at the end of `path`: each tag is looked for in the value of the one before.
///
/// # Errors
/// The first fault met on the way; [`TlvFault::TooDeep`] for a path longer than [`NESTING_MAX`].
pub fn find_path<'a>(bytes: &'a [u8], path: &[Tag]) -> Result<Option<&'a [u8]>, TlvFault> {
    if path.len() > NESTING_MAX {
        return Err(TlvFault::TooDeep);
    }
    let mut level = bytes;
    for tag in path {
        match find(level, *tag)? {
            Some(value) => level = value,
            None => return Ok(None),
        }
    }
    Ok(Some(level))
}

/// Visits every object, templates before their contents, with its depth (0 at the top).
///
/// # Errors
/// The first fault at any level; [`TlvFault::TooDeep`] past [`NESTING_MAX`].
pub fn walk<'a>(bytes: &'a [u8], visit: &mut impl FnMut(usize, Tlv<'a>)) -> Result<(), TlvFault> {
    walk_level(bytes, 0, visit)
}

fn walk_level<'a>(
    bytes: &'a [u8],
    depth: usize,
    visit: &mut impl FnMut(usize, Tlv<'a>),
) -> Result<(), TlvFault> {
    if depth >= NESTING_MAX {
        return Err(TlvFault::TooDeep);
    }
    for tlv in decode(bytes) {
        let tlv = tlv?;
        visit(depth, tlv);
        if tlv.tag.is_constructed() {
            walk_level(tlv.value, depth.saturating_add(1), visit)?;
        }
    }
    Ok(())
}

/// The first object of `bytes`, which start at a tag, and what follows it.
#[inline]
fn first(bytes: &[u8]) -> Result<(Tlv<'_>, &[u8]), TlvFault> {
    let (tag, rest) = take_tag(bytes)?;
    let (said, rest) = take_length(rest)?;
    let Some((value, after)) = rest.split_at_checked(said) else {
        return Err(TlvFault::ValueCut { tag, said, left: rest.len() });
    };
    let raw_length = bytes.len().saturating_sub(after.len());
    let raw = bytes.get(..raw_length).unwrap_or(bytes);
    Ok((Tlv { tag, value, raw }, after))
}

/// EMV 4.3 Book 3, Annex B1: the tag at the start of `bytes`, and what follows it.
#[inline]
pub(crate) fn take_tag(bytes: &[u8]) -> Result<(Tag, &[u8]), TlvFault> {
    const NUMBER_FOLLOWS: u8 = 0x1F;
    const MORE_FOLLOWS: u8 = 0x80;
    match *bytes {
        [] => Err(TlvFault::TagCut),
        [one, ref rest @ ..] if one & NUMBER_FOLLOWS != NUMBER_FOLLOWS => Ok((Tag(u32::from(one)), rest)),
        [one, two, ref rest @ ..] if two & MORE_FOLLOWS == 0 => {
            Ok((Tag(u32::from_be_bytes([0, 0, one, two])), rest))
        }
        [one, two, three, ref rest @ ..] if three & MORE_FOLLOWS == 0 => {
            Ok((Tag(u32::from_be_bytes([0, one, two, three])), rest))
        }
        [_, _, _, ..] => Err(TlvFault::TagTooLong),
        _ => Err(TlvFault::TagCut),
    }
}

/// EMV 4.3 Book 3, Annex B2: the length at the start of `bytes`, and what follows it.
#[inline]
fn take_length(bytes: &[u8]) -> Result<(usize, &[u8]), TlvFault> {
    match *bytes {
        [] => Err(TlvFault::LengthCut),
        [short @ 0..=0x7F, ref rest @ ..] => Ok((usize::from(short), rest)),
        [0x81, length, ref rest @ ..] => Ok((usize::from(length), rest)),
        [0x82, high, low, ref rest @ ..] => Ok((usize::from(u16::from_be_bytes([high, low])), rest)),
        [0x81 | 0x82, ..] => Err(TlvFault::LengthCut),
        [form, ..] => Err(TlvFault::LengthForm(form)),
    }
}

/// Appends one object to `out`, with the shortest form of its length.
///
/// # Panics
/// If `value` is longer than [`VALUE_BYTES_MAX`]: what we encode is ours, and never that long.
pub fn push(out: &mut Vec<u8>, tag: Tag, value: &[u8]) {
    push_tag(out, tag);
    push_length(out, value.len());
    out.extend_from_slice(value);
}

/// Appends a template to `out`: `contents` appends what is in it.
///
/// # Panics
/// If the contents are longer than [`VALUE_BYTES_MAX`].
pub fn push_template(out: &mut Vec<u8>, tag: Tag, contents: impl FnOnce(&mut Vec<u8>)) {
    let mut inner = Vec::new();
    contents(&mut inner);
    push(out, tag, &inner);
}

/// Appends the one to three bytes of a tag.
pub fn push_tag(out: &mut Vec<u8>, tag: Tag) {
    let bytes = tag.0.to_be_bytes();
    let leading = bytes.iter().take(3).take_while(|byte| **byte == 0).count();
    out.extend(bytes.iter().skip(leading));
}

fn push_length(out: &mut Vec<u8>, length: usize) {
    let length = u16::try_from(length).expect("a value of ours is shorter than 64 KiB");
    match length.to_be_bytes() {
        [0, short @ 0..=0x7F] => out.push(short),
        [0, low] => out.extend([0x81, low]),
        [high, low] => out.extend([0x82, high, low]),
    }
}
