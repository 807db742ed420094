//! Data object lists: what a card wants to be told, and how a terminal fills it in.
//!
//! A DOL is a list of tags and lengths (PDOL, CDOL1, UDOL …). The answer is the values alone, in
//! order, each cut or padded to its length by the rule of its format.

use alloc::vec::Vec;

use crate::ber::{self, TlvFault};
use crate::tag::{Format, Tag};

/// Longest filled list, in bytes: the command's data is at most 255, less `83 81 xx` around a PDOL.
pub const FILLED_BYTES_MAX: usize = 252;

/// What is wrong with bytes that should be a data object list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DolFault {
    /// A tag is cut or too long.
    #[error("the list holds a bad tag: {0}")]
    BadTag(TlvFault),
    /// The list ends after a tag, without its length.
    #[error("{0} has no length")]
    LengthMissing(Tag),
    /// More is asked for than one command can carry.
    #[error("the list asks for more than {FILLED_BYTES_MAX} bytes")]
    TooLong,
}

/// One entry of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DolEntry {
    /// What is asked for.
    pub tag: Tag,
    /// In how many bytes.
    pub length: u8,
}

/// The entries of a list, in order. Made by [`entries`].
#[derive(Clone, Debug)]
pub struct DolEntries<'a> {
    rest: &'a [u8],
}

/// The entries of `dol`.
pub fn entries(dol: &[u8]) -> DolEntries<'_> {
    DolEntries { rest: dol }
}

impl Iterator for DolEntries<'_> {
    type Item = Result<DolEntry, DolFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let rest = core::mem::take(&mut self.rest);
        let (tag, rest) = match ber::take_tag(rest) {
            Ok(taken) => taken,
            Err(fault) => return Some(Err(DolFault::BadTag(fault))),
        };
        let [length, rest @ ..] = rest else {
            return Some(Err(DolFault::LengthMissing(tag)));
        };
        self.rest = rest;
        Some(Ok(DolEntry { tag, length: *length }))
    }
}

/// Whether `dol` asks for `wanted`. A malformed list asks for what stands before the fault.
pub fn asks_for(dol: &[u8], wanted: Tag) -> bool {
    entries(dol).map_while(Result::ok).any(|entry| entry.tag == wanted)
}

/// The values that `dol` asks for, concatenated. `lookup` gives the value of a tag; what it does not
/// know is filled with zeros.
///
/// # Errors
/// A malformed list, or one that asks for more than [`FILLED_BYTES_MAX`] bytes.
pub fn fill<'v>(dol: &[u8], mut lookup: impl FnMut(Tag) -> Option<&'v [u8]>) -> Result<Vec<u8>, DolFault> {
    let mut filled = Vec::with_capacity(FILLED_BYTES_MAX);
    for entry in entries(dol) {
        let DolEntry { tag, length } = entry?;
        let length = usize::from(length);
        if filled.len().saturating_add(length) > FILLED_BYTES_MAX {
            return Err(DolFault::TooLong);
        }
        // EMV 4.3 Book 3, 5.4: unknown and constructed objects are answered with zeros.
        let value = if tag.is_constructed() { None } else { lookup(tag) };
        push_fitted(&mut filled, tag.format(), value.unwrap_or_default(), length);
    }
    Ok(filled)
}

/// EMV 4.3 Book 3, 5.4, step 2: cuts or pads one value to `length`.
fn push_fitted(out: &mut Vec<u8>, format: Format, value: &[u8], length: usize) {
    let padding = length.saturating_sub(value.len());
    let surplus = value.len().saturating_sub(length);
    match format {
        Format::Numeric => {
            out.extend(core::iter::repeat_n(0x00, padding));
            out.extend_from_slice(value.get(surplus..).unwrap_or_default());
        }
        // An absent value is zeros whatever its format.
        Format::CompressedNumeric if !value.is_empty() => {
            out.extend(value.iter().take(length));
            out.extend(core::iter::repeat_n(0xFF, padding));
        }
        _ => {
            out.extend(value.iter().take(length));
            out.extend(core::iter::repeat_n(0x00, padding));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    fn fill_one(dol: &[u8], value: &'static [u8]) -> Vec<u8> {
        fill(dol, |_| Some(value)).unwrap()
    }

    // EMV 4.3 Book 3, 5.4, step 2, its five cases.
    #[test]
    fn numeric_values_are_cut_and_padded_on_the_left() {
        assert_eq!(fill_one(&hex!("9F0206"), &hex!("1234")), hex!("000000001234"));
        assert_eq!(fill_one(&hex!("9F0202"), &hex!("000000001234")), hex!("1234"));
    }

    #[test]
    fn compressed_numeric_values_are_padded_with_f_on_the_right() {
        assert_eq!(fill_one(&hex!("5A0A"), &hex!("1234567890123456")), hex!("1234567890123456FFFF"));
        assert_eq!(fill_one(&hex!("5A02"), &hex!("1234567890123456")), hex!("1234"));
    }

    #[test]
    fn other_values_are_cut_and_padded_on_the_right() {
        assert_eq!(fill_one(&hex!("9F3302"), &hex!("E0F0C8")), hex!("E0F0"));
        assert_eq!(fill_one(&hex!("9F3304"), &hex!("E0F0C8")), hex!("E0F0C800"));
    }

    #[test]
    fn what_the_terminal_does_not_know_is_zeros() {
        assert_eq!(fill(&hex!("9F0206 5A03 DF0102"), |_| None).unwrap(), [0; 11]);
        // A template is never filled in, even when a value is at hand.
        assert_eq!(fill_one(&hex!("7003"), &hex!("AABBCC")), [0; 3]);
    }

    #[test]
    fn a_malformed_list_is_a_fault() {
        assert_eq!(fill(&hex!("9F02"), |_| None), Err(DolFault::LengthMissing(Tag(0x9F02))));
        assert_eq!(fill(&hex!("9F"), |_| None), Err(DolFault::BadTag(TlvFault::TagCut)));
        assert_eq!(fill(&hex!("DF01FF"), |_| None), Err(DolFault::TooLong));
        assert_eq!(fill(&hex!("DF01F0 DF0210"), |_| None), Err(DolFault::TooLong));
    }
}
