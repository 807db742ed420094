//! What the ledger keeps, and what it is asked.

use crate::{
    Amount, Currency, List, Moment, Sealed,
    card::TransactionKind,
    frame::FRAME_BYTES_MAX,
    sale::{AuthCode, DeclineReason, ReceiptCard, ReceiptNumber, Reference},
    signed::{Hash, SIGNED_BYTES_MAX},
    terminal::TerminalProfile,
};
use serde::{Deserialize, Serialize};

/// Most requests that may wait for their resolution at once; a terminal with more sells nothing until some resolve.
/// The link keeps two at most, a sale and its reversal; all of them together must fit the one frame that tells them.
pub const UNRESOLVED_MAX: usize = 8;

/// What a request has beside its signed bytes, at most.
const UNRESOLVED_REST_BYTES_MAX: usize = 512;

const _: () = assert!(UNRESOLVED_MAX * (SIGNED_BYTES_MAX + UNRESOLVED_REST_BYTES_MAX) < FRAME_BYTES_MAX);

/// Read the book. Answered by `LedgerOpened` to the till and `ChainRestored` to the host link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenLedger;

/// What the book holds of this terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "read once a start")]
pub enum LedgerOpened {
    /// It is whole.
    Open {
        /// What enrolment gave; none before it.
        profile: Option<TerminalProfile>,
        /// Requests whose end is not known yet.
        unresolved: u8,
        /// The number that the next tap takes (tag 9F41); no recorded sale has it.
        next_transaction: u32,
    },
    /// It cannot be used.
    Failed(StoreFault),
}

/// Why the book could not be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum StoreFault {
    /// No space.
    #[error("the disk is full")]
    Full,
    /// The file system refuses.
    #[error("the ledger cannot be read or written (permissions, or the disk is failing)")]
    Unreadable,
    /// An entry does not verify.
    #[error("the ledger is damaged at entry {entry}")]
    Damaged {
        /// The first entry that does not.
        entry: u32,
    },
    /// Written by a newer program.
    #[error("the ledger is of version {version}, newer than this program understands")]
    NewerVersion {
        /// The file's version.
        version: u16,
    },
    /// Another process has it open.
    #[error("another mPOS is using the same data")]
    InUse,
    /// Too many requests wait for their resolution.
    #[error("too many sales wait for the bank's confirmation")]
    TooManyUnresolved,
    /// Asked for something that does not follow from what it holds (a sequence that is not the next one).
    #[error("the ledger was asked to record something out of order")]
    OutOfOrder,
}

/// A sale as the book keeps it beside its signed bytes: what history and receipts need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleRecord {
    /// The receipt's number.
    pub receipt: ReceiptNumber,
    /// Purchase or refund.
    pub kind: TransactionKind,
    /// How much.
    pub amount: Amount,
    /// In which currency.
    pub currency: Currency,
    /// When, by the terminal's clock.
    pub at: Moment,
    /// Tag 9F41 of the tap; tells the sale in progress from others after an actor was restarted.
    pub transaction_number: u32,
    /// The card, masked.
    pub card: ReceiptCard,
    /// Of a refund: the purchase's reference.
    pub refund_of: Option<Reference>,
}

/// What a signed request is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RequestSubject {
    /// A sale.
    Sale(SaleRecord),
    /// Taking back the request of this sequence.
    Reversal {
        /// The sale's sequence.
        of: u64,
    },
}

/// How a request ended, as the bank's signed answer says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordedOutcome {
    /// Paid.
    Approved {
        /// The bank's reference.
        reference: Reference,
        /// The issuer's code.
        auth_code: AuthCode,
    },
    /// Not paid.
    Declined {
        /// The bank's reference.
        reference: Reference,
        /// Why.
        reason: DeclineReason,
    },
    /// The host would not process it: nothing is taken. The chain does not advance past a refused message.
    Refused,
    /// The reversal is done: the sale it names is not taken.
    Reversed,
}

/// Keep what enrolment gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordEnrolment {
    /// All of it.
    pub profile: TerminalProfile,
}

/// Enrolment is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentRecorded;

/// Keep a signed request before it leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordRequest {
    /// Its sequence: the last one's plus one.
    pub sequence: u64,
    /// The whole signed message, to be sent and sent again as it is.
    pub signed: Sealed<SIGNED_BYTES_MAX>,
    /// SHA-256 of its content: the next message names it.
    pub hash: Hash,
    /// What it is about.
    pub subject: RequestSubject,
}

/// The request is durable: it may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecorded {
    /// Which.
    pub sequence: u64,
}

/// Keep the bank's signed answer before it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordAnswer {
    /// The request's sequence.
    pub sequence: u64,
    /// The whole signed answer.
    pub signed: Sealed<SIGNED_BYTES_MAX>,
    /// What it says.
    pub outcome: RecordedOutcome,
}

/// The answer is durable: it may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerRecorded {
    /// Which.
    pub sequence: u64,
}

/// The book could not keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingFailed {
    /// Why.
    pub fault: StoreFault,
}

/// Make durable room for a sale before its card is read: its request and answer, or its reversal and the answer to
/// that, beside what is open. Nothing is kept by it. Answered by `RoomMade`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MakeRoom;

/// Whether the book could keep a sale that begins now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomMade {
    /// Why it could not.
    pub result: Result<(), StoreFault>,
}

/// Where does the chain stand? Answered by `ChainRestored`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadChain;

/// Where the chain of signed messages stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainRestored {
    /// The sequence that the next request takes.
    pub next_sequence: u64,
    /// SHA-256 of the last request's content; zeros before the first.
    pub head: Hash,
    /// The number that the next receipt takes.
    pub next_receipt: ReceiptNumber,
    /// Requests without an answer, oldest first.
    pub unresolved: List<UnresolvedRequest, UNRESOLVED_MAX>,
    /// The newest sale whose end is known, so that one whose answer was kept just before an actor panicked is
    /// still told to the merchant as what it is.
    pub last_resolved: Option<ResolvedSale>,
}

/// A sale whose end is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolvedSale {
    /// The sale.
    pub record: SaleRecord,
    /// How it ended.
    pub outcome: RecordedOutcome,
}

/// A request without an answer. Only the newest may be without its reversal: the link records the reversal of a
/// sale before any further sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnresolvedRequest {
    /// Its sequence.
    pub sequence: u64,
    /// The whole signed message.
    pub signed: Sealed<SIGNED_BYTES_MAX>,
    /// SHA-256 of its content.
    pub hash: Hash,
    /// What it is about.
    pub subject: RequestSubject,
}
