//! Where a message stands in its terminal's chain: it is next, a repeat, too early, changed, or taken back.
//!
//! Each content names its place and the hash of the one before it. A message that does not fit is refused by name
//! and moves nothing: the terminal may send the right one in its place.

use super::holdings::{Holdings, KeptMessage, MessageId, NewMessage, NewSale, TerminalState};
use super::settle::Draws;
use crate::{
    authorise::{self, Rules},
    issuer::Presented,
    reverse,
};
use mpos_protocol::{
    host::{AuthoriseRequest, HostAnswer, HostRefusal, ReverseRequest},
    signed::Hash,
    terminal::TerminalId,
};
use std::net::IpAddr;

/// Whose connection a message came on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The terminal of the client certificate.
    pub terminal: TerminalId,
    /// SHA-256 of that certificate.
    pub certificate: [u8; 32],
    /// From where.
    pub peer: IpAddr,
}

/// A message to decide.
#[derive(Clone, Debug)]
pub struct Case {
    /// Whose connection.
    pub sender: Sender,
    /// When it came, milliseconds since 1970.
    pub received_ms: u64,
    /// SHA-256 of the content, or of all that came when it does not decode.
    pub hash: Hash,
    /// All that came.
    pub bytes: Vec<u8>,
    /// What it is.
    pub body: CaseBody,
}

/// What a message is, as far as can be told without the books.
#[derive(Clone, Debug)]
pub enum CaseBody {
    /// Not worth looking further; still recorded.
    Refused {
        /// As it says; 0 when it does not decode.
        sequence: u64,
        /// Why.
        refusal: HostRefusal,
    },
    /// Signed by the terminal whose connection it is.
    Verified(Box<Verified>),
}

/// A message whose signature holds.
#[derive(Clone, Debug)]
pub struct Verified {
    /// 1, 2, 3…
    pub sequence: u64,
    /// When it was signed, milliseconds since 1970 by the terminal's clock.
    pub signed_ms: u64,
    /// Hash of the terminal's message before it.
    pub previous: Hash,
    /// When the bank last said that this terminal may sell, by the ticket that it shows, milliseconds since 1970.
    pub standing_ms: Option<u64>,
    /// What it asks.
    pub asked: Asked,
}

/// What a message asks.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "most are sales")]
pub enum Asked {
    /// Decide a sale; with what the card proved.
    Authorise(AuthoriseRequest, Presented),
    /// Take a request back.
    Reverse(ReverseRequest),
}

impl Case {
    /// The sequence that the answer names.
    pub fn sequence(&self) -> u64 {
        match &self.body {
            CaseBody::Refused { sequence, .. } => *sequence,
            CaseBody::Verified(verified) => verified.sequence,
        }
    }
}

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "most are accepted")]
pub enum Verdict {
    /// It was answered before: the same bytes again.
    Repeat(Vec<u8>),
    /// It moves nothing.
    Refuse(HostRefusal),
    /// It has its place.
    Accept(Accepted),
}

/// What an accepted message came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its number.
    pub id: MessageId,
    /// The answer.
    pub answer: HostAnswer,
    /// The sale, when it asked for one.
    pub sale: Option<NewSale>,
}

/// Decides one case. Money, PIN tries and counters move here; the message has its place once
/// [`Holdings::place`] is told.
pub fn decide(holdings: &mut Holdings, case: &Case, rules: &Rules, draws: &mut dyn Draws) -> Verdict {
    let verified = match &case.body {
        CaseBody::Refused { refusal, .. } => return Verdict::Refuse(*refusal),
        CaseBody::Verified(verified) => verified,
    };
    let Some(state) = holdings.terminals.get(&case.sender.terminal) else {
        return Verdict::Refuse(HostRefusal::WrongTerminal);
    };
    if state.certificate != case.sender.certificate {
        return Verdict::Refuse(HostRefusal::WrongTerminal);
    }
    if !state.active {
        return Verdict::Refuse(HostRefusal::TerminalBlocked);
    }
    if let Some(verdict) = repeated(holdings, state, case.sender.terminal, verified.sequence, case.hash) {
        return verdict;
    }
    match in_its_place(holdings, case, verified).and_then(|()| match &verified.asked {
        Asked::Authorise(sale, presented) => {
            authorise::authorise(holdings, case, verified, (sale, presented), rules, draws)
        }
        Asked::Reverse(request) => reverse::reverse(holdings, case.sender.terminal, request),
    }) {
        Ok(accepted) => Verdict::Accept(accepted),
        Err(refusal) => Verdict::Refuse(refusal),
    }
}

/// A place that is taken: the same content gets its answer again, at any time; another is a replay.
fn repeated(
    holdings: &Holdings,
    state: &TerminalState,
    terminal: TerminalId,
    sequence: u64,
    hash: Hash,
) -> Option<Verdict> {
    if sequence >= state.next_sequence {
        return None;
    }
    Some(match holdings.messages.get(&(terminal, sequence)) {
        Some(KeptMessage::Answered { hash: kept, answer, .. }) if *kept == hash => {
            Verdict::Repeat(answer.clone())
        }
        Some(KeptMessage::TakenBack { hash: kept }) if *kept == hash => {
            Verdict::Refuse(HostRefusal::AlreadyReversed)
        }
        _ => Verdict::Refuse(HostRefusal::Replayed { expected: state.next_sequence }),
    })
}

/// Whether the message is the next of its chain. A reversal may leave out the request that it names, if that
/// never came: the hash it names for it takes the place of the message's own.
fn in_its_place(holdings: &mut Holdings, case: &Case, verified: &Verified) -> Result<(), HostRefusal> {
    let terminal = case.sender.terminal;
    let state = holdings.terminals.get(&terminal).ok_or(HostRefusal::WrongTerminal)?;
    let expected = state.next_sequence;
    if verified.sequence == expected {
        let follows = verified.previous == state.last_hash;
        return if follows { Ok(()) } else { Err(HostRefusal::BrokenChain) };
    }
    let Asked::Reverse(request) = &verified.asked else {
        return Err(HostRefusal::SequenceGap { expected });
    };
    if request.sequence != expected || expected.checked_add(1) != Some(verified.sequence) {
        return Err(HostRefusal::SequenceGap { expected });
    }
    if verified.previous != request.hash {
        return Err(HostRefusal::BrokenChain);
    }
    let taken_back = NewMessage {
        id: holdings.next_message(),
        terminal,
        sequence: expected,
        hash: request.hash,
        received_ms: case.received_ms,
        bytes: None,
        sale: None,
    };
    holdings.place(taken_back);
    Ok(())
}
