//! Between till, host link and the network's edge.

use crate::{
    Amount, Currency, Moment, Sealed, Secret, Text,
    admin::AdminAnswer,
    book::{SaleRecord, StoreFault},
    card::{CardAuthorisation, TransactionKind},
    host::HostRefusal,
    pin::EncryptedPinBlock,
    sale::{AuthCode, DeclineReason, Reference, RefundOf},
    shell::{ACTIVATION_CODE_TYPED_MAX, BankAsk},
    standing::BanksWord,
    terminal::TerminalProfile,
};
use serde::{Deserialize, Serialize};

/// Most bytes that the network's edge hands over at once.
pub const LINE_CHUNK_BYTES_MAX: usize = 16 * 1024;

/// Where the bank is, and who this terminal is to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigureLink {
    /// `host:port`.
    pub bank_address: Text<128>,
    /// What enrolment gave; none before it.
    pub profile: Option<TerminalProfile>,
}

/// The networks of this device changed: a line that stands may lie on one that is gone, and what waits for its next try
/// need not wait where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkChanged {
    /// Whether there is one that leads to the internet.
    pub available: bool,
}

/// Become a terminal of this bank.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Enrol {
    /// As typed.
    pub code: Secret<Text<ACTIVATION_CODE_TYPED_MAX>>,
}

/// Enrolment ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EnrolmentEnded {
    /// Durable.
    Enrolled(TerminalProfile),
    /// Not.
    Failed(EnrolmentFault),
}

/// Why enrolment failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EnrolmentFault {
    /// The bank refused it.
    Refused(HostRefusal),
    /// The code is not of the form that the bank sends.
    MalformedCode,
    /// There was no connection.
    Line(LineFault),
    /// The bank's answer makes no sense.
    BadAnswer,
    /// No answer in time.
    NoAnswer,
    /// The key store failed.
    KeyUnavailable,
    /// The book failed.
    Store(StoreFault),
    /// An actor had to be restarted in the middle.
    Interrupted,
}

/// A sale for the bank to decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorise {
    /// Purchase or refund.
    pub kind: TransactionKind,
    /// How much.
    pub amount: Amount,
    /// In which currency.
    pub currency: Currency,
    /// When, by the terminal's clock.
    pub at: Moment,
    /// Tag 9F41 of the tap.
    pub transaction_number: u32,
    /// What the kernel has for the bank.
    pub card: CardAuthorisation,
    /// The PIN, where one was required.
    pub pin: Option<EncryptedPinBlock>,
    /// Of a refund: what is given back.
    pub refund: Option<RefundOf>,
}

/// An administrative request for the bank: signed, and not chained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutToBank {
    /// What is asked.
    pub ask: BankAsk,
}

/// How an administrative request ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankReplied {
    /// The answer, or why there is none.
    pub result: Result<AdminAnswer, NoReply>,
}

/// Report this device's state to the bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckStanding;

/// What the bank made of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingTold {
    /// Its word, or why there is none.
    pub result: Result<BanksWord, NoReply>,
}

/// The bank gave this terminal a new certificate, and the book has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileRenewed {
    /// All of it.
    pub profile: TerminalProfile,
}

/// Why an administrative request has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoReply {
    /// It never left, or its line broke.
    NotSent(NotSent),
    /// No answer in time, or none that makes sense.
    NoAnswer,
    /// The bank would not process it.
    Refused(HostRefusal),
}

/// The link went one step further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkProgress {
    /// Connecting to the bank.
    Connecting,
    /// The request is on its way.
    Sent,
    /// No answer: asking again, with the same bytes.
    Repeating,
    /// No answer: taking it back.
    Reversing,
}

/// How asking the bank ended. Whatever it says is durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorisationEnded {
    /// The sale as the book has it; none when it never reached the book.
    pub record: Option<SaleRecord>,
    /// How.
    pub result: AuthorisationResult,
}

/// How asking the bank ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuthorisationResult {
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
    /// The host would not process the message; nothing is taken.
    Refused(HostRefusal),
    /// It never left this terminal; nothing is taken.
    NotSent(NotSent),
    /// No answer came, and the bank has confirmed that nothing is taken.
    Reversed,
    /// No answer came and none to the reversal: the bank is asked until it answers.
    Unknown,
}

/// Why a request never left this terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotSent {
    /// There was no connection.
    Line(LineFault),
    /// The book could not keep it.
    Store(StoreFault),
    /// The device key could not sign it.
    KeyUnavailable,
    /// Another request is under way.
    Busy,
    /// Not enrolled.
    NotEnrolled,
    /// An actor had to be restarted before it was sent.
    Interrupted,
    /// The bank lets this device sell nothing as it is.
    Blocked,
}

/// Forget what is in flight, read the book again, resolve what is open. Answered by `AuthorisationEnded`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumeLink {
    /// The sale whose end the till waits for, by its tag 9F41; none when the till itself lost it.
    pub transaction_number: Option<u32>,
}

/// A connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineOpened {
    /// Which: events of one that was given up are ignored.
    pub line: u32,
}

/// Bytes from the bank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineReceived {
    /// Which connection.
    pub line: u32,
    /// As they came. Sealed: an enrolment brings a wrapped key.
    pub bytes: Sealed<LINE_CHUNK_BYTES_MAX>,
}

/// The connection is gone, or never stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineClosed {
    /// Which connection.
    pub line: u32,
    /// Why.
    pub fault: LineFault,
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineFault {
    /// The address is not one.
    BadAddress,
    /// Nobody listens there, or no network.
    Unreachable,
    /// Not in time.
    TimedOut,
    /// It is not the bank: its certificate is not from the bank's CA, has expired, or names another host.
    NotTheBank,
    /// The bank does not take this terminal's certificate: revoked.
    CertificateRevoked,
    /// The bank does not take this terminal's certificate: expired.
    CertificateExpired,
    /// The bank does not take this terminal's certificate: not of its making, or none.
    CertificateRefused,
    /// No TLS version or protocol in common.
    Incompatible,
    /// The other side closed it.
    Closed,
    /// It broke.
    Broken,
}

/// A reply or a retry is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkTimer {
    /// Which wait it ends.
    pub wait: u32,
}
