//! Reads what is whole of a damaged journal, for the engineer who must account for it.
//!
//! An entry whose header holds can be stepped over even if the rest of it does not, and the next one's seal is then
//! checked against the seal that stands in the file. After a damaged header the next header is looked for.

use crate::{
    entry::Entry,
    layout::{self, ENTRY_HEADER_BYTES, EntryHeader, FILE_HEADER_BYTES, Frame, PayloadState, SEAL_BYTES},
};

/// What is left of a journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Salvage {
    /// The entries that verify, with their numbers.
    pub entries: Vec<(u32, Entry)>,
    /// The numbers of those that do not, or are missing before one that does.
    pub damaged: Vec<u32>,
}

/// Reads `journal`, the bytes of a file, and skips what is damaged.
pub fn salvage(journal: &[u8]) -> Salvage {
    let mut found = Salvage::default();
    let mut before = Some(layout::first_seal(&layout::file_header()).to_vec());
    let (mut at, mut next) = (FILE_HEADER_BYTES, 1_u32);
    while let Some(rest) = journal.get(at..).filter(|rest| rest.len() >= ENTRY_HEADER_BYTES) {
        let frame = EntryHeader::read(rest).and_then(|header| Frame::split(header, rest));
        let Some(frame) = frame.filter(|frame| frame.header.number >= next) else {
            (at, before) = (at + ENTRY_HEADER_BYTES, None);
            continue;
        };
        let number = frame.header.number;
        found.damaged.extend(next..number);
        let sealed = match &before {
            Some(before) => frame.follows(before),
            None => seals_before(journal, at).any(|before| frame.follows(before)),
        };
        match sealed.then(|| decode(&frame)).flatten() {
            Some(entry) => found.entries.push((number, entry)),
            None => found.damaged.push(number),
        }
        before = Some(frame.seal.to_vec());
        at += frame.header.entry_bytes();
        next = number.saturating_add(1);
    }
    found
}

fn decode(frame: &Frame<'_>) -> Option<Entry> {
    let payload = (frame.payload_state() == PayloadState::Whole).then_some(frame.payload);
    Entry::decode(frame.header.kind, frame.body, payload)
}

/// Where the seal of the entry that ends at `at` may stand: before 1 to 16 bytes of END.
fn seals_before(journal: &[u8], at: usize) -> impl Iterator<Item = &[u8]> {
    (1..=ENTRY_HEADER_BYTES).filter_map(move |end_bytes| {
        let end = at.checked_sub(end_bytes)?;
        journal.get(end.checked_sub(SEAL_BYTES)?..end)
    })
}
