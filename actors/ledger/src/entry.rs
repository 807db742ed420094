//! What one entry of the journal says.
//!
//! The bodies are postcard of the types below, pinned by `tests/golden.rs`: a changed byte is a new
//! [`ENTRY_VERSION`] and a way to read the old one, never an accident.

use mpos_protocol::{
    Sealed,
    book::{RecordAnswer, RecordRequest, RequestSubject},
    signed::Hash,
    terminal::TerminalProfile,
};
use serde::{Deserialize, Serialize};

/// Version of the bodies, written in each entry's header.
pub const ENTRY_VERSION: u16 = 1;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "lives for one append or one step of a replay")]
pub enum Entry {
    /// What enrolment gave.
    Enrolled(TerminalProfile),
    /// A signed request, kept before it left. Its signed bytes are empty once they were erased: they hold the
    /// encrypted account data and PIN block, which must not stay on the device after the bank has answered.
    Request(RecordRequest),
    /// The bank's signed answer.
    Answer(RecordAnswer),
}

/// An entry's kind as the header writes it. Never 0, so that a header is never all zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum Kind {
    Enrolled = 1,
    Request = 2,
    Answer = 3,
}

/// An entry as it is written: a body that stays, and a payload that may be erased later.
pub(crate) struct Encoded {
    pub(crate) kind: Kind,
    pub(crate) body: Vec<u8>,
    pub(crate) payload: Vec<u8>,
}

/// A request without its signed bytes.
#[derive(Serialize, Deserialize)]
struct RequestBody {
    sequence: u64,
    hash: Hash,
    subject: RequestSubject,
}

impl Entry {
    /// As it is written; `None` if it cannot be encoded, which the bounds of its types exclude.
    pub(crate) fn encode(&self) -> Option<Encoded> {
        let (kind, body, payload) = match self {
            Entry::Enrolled(profile) => (Kind::Enrolled, postcard::to_allocvec(profile), Vec::new()),
            Entry::Request(request) => {
                let body = RequestBody {
                    sequence: request.sequence,
                    hash: request.hash,
                    subject: request.subject.clone(),
                };
                (Kind::Request, postcard::to_allocvec(&body), request.signed.to_vec())
            }
            Entry::Answer(answer) => (Kind::Answer, postcard::to_allocvec(answer), Vec::new()),
        };
        Some(Encoded { kind, body: body.ok()?, payload })
    }

    /// Reads an entry back; `None` for bytes that are none, or that have something left over.
    pub(crate) fn decode(kind: u16, body: &[u8], payload: Option<&[u8]>) -> Option<Self> {
        const ENROLLED: u16 = Kind::Enrolled as u16;
        const REQUEST: u16 = Kind::Request as u16;
        const ANSWER: u16 = Kind::Answer as u16;
        match kind {
            ENROLLED => whole(body).map(Entry::Enrolled),
            REQUEST => {
                let RequestBody { sequence, hash, subject } = whole(body)?;
                let signed = Sealed::new(payload.unwrap_or_default()).ok()?;
                Some(Entry::Request(RecordRequest { sequence, signed, hash, subject }))
            }
            ANSWER => whole(body).map(Entry::Answer),
            _ => None,
        }
    }
}

fn whole<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Option<T> {
    match postcard::take_from_bytes(body) {
        Ok((value, [])) => Some(value),
        _ => None,
    }
}
