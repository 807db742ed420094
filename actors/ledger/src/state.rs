//! The rules of the book: which entry may follow, and what each one changes.
//!
//! A sale is resolved by its own answer, or by the answer `Reversed` to a reversal that names it; once its reversal
//! is kept, only that counts. A request that the bank *refused* was not processed: the bank's chain did not
//! advance, so the terminal's steps back too, and the next request takes the same sequence and follows the same
//! hash. Its receipt number is not used again: the merchant may have seen it.

use crate::{
    entry::Entry,
    journal::{Payload, Placed},
    layout::PayloadState,
};
use core::ops::Range;
use mpos_protocol::{
    book::{
        ChainRestored, RecordAnswer, RecordRequest, RecordedOutcome, RequestSubject, ResolvedSale,
        SaleRecord, StoreFault, UNRESOLVED_MAX, UnresolvedRequest,
    },
    reconcile::ChainHead,
    sale::ReceiptNumber,
    signed::Hash,
    terminal::TerminalProfile,
};
use serde::{Deserialize, Serialize};

/// The longest entry that a request or an answer makes, in bytes.
pub(crate) const ENTRY_BYTES_MAX: u64 = 6400;
/// What a sale without its reversal may still need: the reversal and its answer, which are more than its own answer.
const SALE_CLAIM_BYTES: u64 = 2 * ENTRY_BYTES_MAX;
/// Tag 9F41 counts in at most 8 digits (EMV Book 3, Annex A) and starts again at 1.
const TRANSACTION_NUMBER_MAX: u32 = 99_999_999;

/// A sale as look-ups find it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleRow {
    /// The sequence of its request.
    pub sequence: u64,
    /// SHA-256 of its request's content.
    pub hash: Hash,
    /// What was asked.
    pub record: SaleRecord,
    /// How it ended; none while that is not known.
    pub outcome: Option<RecordedOutcome>,
}

/// A request that waits for its answer.
struct Open {
    request: RecordRequest,
    /// The chain's head before it: where a refusal steps back to.
    head_before: Hash,
    /// Its entry's number.
    entry: u32,
    /// Its signed bytes in the file.
    payload: Payload,
}

/// What an entry changed.
#[derive(Default)]
pub(crate) struct Change {
    /// A sale that began or ended.
    pub(crate) row: Option<SaleRow>,
    /// Signed bytes that are not needed any more.
    pub(crate) erasable: Vec<Range<u64>>,
}

impl Change {
    fn erase(&mut self, payload: Payload) {
        if payload.state != PayloadState::Erased {
            self.erasable.push(payload.at);
        }
    }
}

/// Everything the book knows without looking it up.
pub(crate) struct State {
    profile: Option<TerminalProfile>,
    next_sequence: u64,
    head: Hash,
    next_receipt: u32,
    /// The first receipt of the present identity: sequences before it are those of another terminal.
    first_receipt: u32,
    next_transaction: u32,
    /// Oldest first.
    unresolved: Vec<Open>,
    last_resolved: Option<ResolvedSale>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            profile: None,
            next_sequence: 1,
            head: Hash::default(),
            next_receipt: 1,
            first_receipt: 1,
            next_transaction: 1,
            unresolved: Vec::new(),
            last_resolved: None,
        }
    }
}

impl State {
    pub(crate) fn profile(&self) -> Option<&TerminalProfile> {
        self.profile.as_ref()
    }

    pub(crate) fn unresolved(&self) -> usize {
        self.unresolved.len()
    }

    pub(crate) fn next_transaction(&self) -> u32 {
        self.next_transaction
    }

    /// The first receipt of the present identity.
    pub(crate) fn first_receipt(&self) -> ReceiptNumber {
        ReceiptNumber(self.first_receipt)
    }

    /// Where the chain stands, for the bank.
    pub(crate) fn chain_head(&self) -> ChainHead {
        ChainHead { next_sequence: self.next_sequence, head: self.head }
    }

    /// Where the chain stands, for the host link.
    pub(crate) fn chain(&self) -> ChainRestored {
        let unresolved: Vec<_> = self.unresolved.iter().map(|open| unresolved_of(&open.request)).collect();
        ChainRestored {
            next_sequence: self.next_sequence,
            head: self.head,
            next_receipt: ReceiptNumber(self.next_receipt),
            unresolved: unresolved.try_into().expect("never more than UNRESOLVED_MAX are kept"),
            last_resolved: self.last_resolved.clone(),
        }
    }

    /// The first unresolved request whose signed bytes are not as they were written, by its entry's number.
    pub(crate) fn first_damaged(&self) -> Option<u32> {
        self.unresolved.iter().find(|open| open.payload.state != PayloadState::Whole).map(|open| open.entry)
    }

    /// Bytes that must be free as a sale begins, so that its request can be kept however long it is: the request, what
    /// [`bytes_to_keep_free`](Self::bytes_to_keep_free) asks for after it, and what is open already.
    pub(crate) fn bytes_for_a_sale(&self) -> u64 {
        self.claims() + ENTRY_BYTES_MAX + SALE_CLAIM_BYTES
    }

    /// Bytes that must be free once `entry` is kept, so that whatever is unresolved then can be resolved: an
    /// answer, or a reversal and its answer. An answer uses what its request kept free.
    pub(crate) fn bytes_to_keep_free(&self, entry: &Entry) -> u64 {
        let claims = self.claims();
        match entry {
            Entry::Request(RecordRequest { subject: RequestSubject::Sale(_), .. }) => {
                claims + SALE_CLAIM_BYTES
            }
            Entry::Request(RecordRequest { subject: RequestSubject::Reversal { .. }, .. }) => {
                claims.saturating_sub(ENTRY_BYTES_MAX)
            }
            Entry::Enrolled(_) | Entry::Answer(_) => 0,
        }
    }

    fn claims(&self) -> u64 {
        self.unresolved.iter().map(|open| self.claim(open)).sum()
    }

    fn claim(&self, open: &Open) -> u64 {
        match open.request.subject {
            RequestSubject::Sale(_) if self.reversal_of(open.request.sequence).is_some() => 0,
            RequestSubject::Sale(_) => SALE_CLAIM_BYTES,
            RequestSubject::Reversal { .. } => ENTRY_BYTES_MAX,
        }
    }

    /// Whether `entry` may be the next.
    ///
    /// # Errors
    /// [`StoreFault::OutOfOrder`]; [`StoreFault::TooManyUnresolved`].
    pub(crate) fn check(&self, entry: &Entry) -> Result<(), StoreFault> {
        let allowed = match entry {
            // Requests of the old identity could never be resolved under the new one.
            Entry::Enrolled(_) => self.unresolved.is_empty(),
            Entry::Request(request) => return self.check_request(request),
            Entry::Answer(answer) => self.admits_answer(answer),
        };
        if allowed { Ok(()) } else { Err(StoreFault::OutOfOrder) }
    }

    fn check_request(&self, request: &RecordRequest) -> Result<(), StoreFault> {
        let allowed = match &request.subject {
            RequestSubject::Sale(sale) => {
                // Only the newest may be without its reversal (`UnresolvedRequest`).
                let each_taken_back = self.unresolved.iter().all(|open| match open.request.subject {
                    RequestSubject::Sale(_) => self.reversal_of(open.request.sequence).is_some(),
                    RequestSubject::Reversal { .. } => true,
                });
                sale.receipt.0 == self.next_receipt && each_taken_back
            }
            RequestSubject::Reversal { of } => self.is_open_sale(*of) && self.reversal_of(*of).is_none(),
        };
        if !allowed || self.profile.is_none() || request.sequence != self.next_sequence {
            return Err(StoreFault::OutOfOrder);
        }
        // A sale leaves a place for its reversal.
        let places = if matches!(request.subject, RequestSubject::Sale(_)) { 2 } else { 1 };
        if self.unresolved.len() + places > UNRESOLVED_MAX {
            Err(StoreFault::TooManyUnresolved)
        } else {
            Ok(())
        }
    }

    fn admits_answer(&self, answer: &RecordAnswer) -> bool {
        let Some(open) = self.find(answer.sequence) else { return false };
        match (&open.request.subject, &answer.outcome) {
            (RequestSubject::Sale(_), RecordedOutcome::Reversed) => false,
            (RequestSubject::Sale(_), _) if self.reversal_of(answer.sequence).is_some() => false,
            (_, RecordedOutcome::Refused) => answer.sequence.checked_add(1) == Some(self.next_sequence),
            (RequestSubject::Sale(_), _) => true,
            (RequestSubject::Reversal { .. }, outcome) => *outcome == RecordedOutcome::Reversed,
        }
    }

    /// Takes in an entry that [`check`](Self::check) has let through and that is durable.
    pub(crate) fn apply(&mut self, placed: Placed) -> Change {
        match placed.entry {
            Entry::Enrolled(profile) => {
                if self.profile.as_ref().is_none_or(|old| old.terminal != profile.terminal) {
                    // Another terminal to the bank: its chain begins anew.
                    (self.next_sequence, self.head) = (1, Hash::default());
                    self.first_receipt = self.next_receipt;
                }
                self.profile = Some(profile);
                Change::default()
            }
            Entry::Request(request) => {
                let head_before = core::mem::replace(&mut self.head, request.hash);
                self.next_sequence += 1;
                let row = self.begin(&request);
                let (entry, payload) = (placed.number, placed.payload);
                self.unresolved.push(Open { request, head_before, entry, payload });
                Change { row, erasable: Vec::new() }
            }
            Entry::Answer(answer) => self.resolve(&answer),
        }
    }

    fn begin(&mut self, request: &RecordRequest) -> Option<SaleRow> {
        let RequestSubject::Sale(record) = &request.subject else { return None };
        self.next_receipt = record.receipt.0.saturating_add(1);
        self.next_transaction = record.transaction_number % TRANSACTION_NUMBER_MAX + 1;
        Some(SaleRow {
            sequence: request.sequence,
            hash: request.hash,
            record: record.clone(),
            outcome: None,
        })
    }

    fn resolve(&mut self, answer: &RecordAnswer) -> Change {
        let mut change = Change::default();
        let Some(open) = self.remove(answer.sequence) else { return change };
        change.erase(open.payload);
        if answer.outcome == RecordedOutcome::Refused {
            (self.next_sequence, self.head) = (answer.sequence, open.head_before);
        }
        let sale = match open.request.subject {
            RequestSubject::Sale(record) => Some((answer.sequence, open.request.hash, record)),
            RequestSubject::Reversal { of } if answer.outcome == RecordedOutcome::Reversed => {
                self.remove(of).and_then(|sale| {
                    change.erase(sale.payload);
                    if let RequestSubject::Sale(record) = sale.request.subject {
                        Some((of, sale.request.hash, record))
                    } else {
                        None
                    }
                })
            }
            // The reversal was refused: the sale is still to be resolved.
            RequestSubject::Reversal { .. } => None,
        };
        if let Some((sequence, hash, record)) = sale {
            let outcome = answer.outcome.clone();
            self.last_resolved = Some(ResolvedSale { record: record.clone(), outcome: outcome.clone() });
            change.row = Some(SaleRow { sequence, hash, record, outcome: Some(outcome) });
        }
        change
    }

    fn find(&self, sequence: u64) -> Option<&Open> {
        self.unresolved.iter().find(|open| open.request.sequence == sequence)
    }

    fn remove(&mut self, sequence: u64) -> Option<Open> {
        let place = self.unresolved.iter().position(|open| open.request.sequence == sequence)?;
        Some(self.unresolved.remove(place))
    }

    fn is_open_sale(&self, sequence: u64) -> bool {
        self.find(sequence).is_some_and(|open| matches!(open.request.subject, RequestSubject::Sale(_)))
    }

    fn reversal_of(&self, sequence: u64) -> Option<&Open> {
        let names = |open: &&Open| open.request.subject == RequestSubject::Reversal { of: sequence };
        self.unresolved.iter().find(names)
    }
}

fn unresolved_of(request: &RecordRequest) -> UnresolvedRequest {
    let RecordRequest { sequence, signed, hash, subject } = request.clone();
    UnresolvedRequest { sequence, signed, hash, subject }
}
