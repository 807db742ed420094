//! Administrative messages: the supervisor's code, the history, receipts by SMS, the comparison of the books (classes
//! x6xx and x5xx of ISO 8583).
//!
//! They move no money, so they are signed like every message but stand outside of the terminal's chain: their
//! sequence is 0, the book does not keep them, and one without an answer is simply asked again. What must not happen
//! twice names itself: a receipt by its `id`, a code by the key it is encrypted under, which the bank takes once.

use crate::{
    Amount, Bytes, Currency, List, Sealed, Text,
    card::{CardScheme, Cvm, MaskedPan, TransactionKind},
    phone_number::PhoneNumber,
    reconcile::{ReconcileFault, ReconcilePage},
    sale::{AuthCode, DeclineReason, ReceiptNumber, Reference},
    standing::{Challenge, Standing, StandingReport},
    terminal::{CHAIN_CERTIFICATES_MAX, Certificate, PublicPoint, TerminalId},
};
use serde::{Deserialize, Serialize};

/// The sequence of an administrative message.
pub const ADMIN_SEQUENCE: u64 = 0;

/// Fewest digits of a supervisor's code.
pub const SUPERVISOR_CODE_DIGITS_MIN: usize = 4;
/// Most digits of a supervisor's code.
pub const SUPERVISOR_CODE_DIGITS_MAX: usize = 8;
/// What an encrypted code is bound to (the associated data of its AES-GCM).
pub const SUPERVISOR_CODE_CONTEXT: &[u8] = b"mpos/1 supervisor code";

/// Most transactions on a page of the history: the page fits a signed message.
pub const HISTORY_PAGE_MAX: usize = 16;
/// The longest range of a history, milliseconds: 366 days.
pub const HISTORY_RANGE_MAX_MS: u64 = 366 * 86_400_000;
/// The longest text that a history is searched for: a whole reference.
pub const HISTORY_SEARCH_MAX: usize = 12;

/// A supervisor's code under a data key that was derived for it alone (AES-DUKPT, ANSI X9.24-3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncryptedCode {
    /// Which key: initial key id and counter, 12 bytes.
    pub ksn: Bytes<12>,
    /// AES-128-GCM of its ASCII digits, and the 16-byte tag.
    pub ciphertext: Sealed<32>,
}

/// The bank's word that the supervisor agreed: 16 random bytes, good for one purpose, one terminal and a few minutes.
pub type Grant = Sealed<16>;

/// What a supervisor agrees to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SupervisorPurpose {
    /// This terminal joins a business that has its code.
    Join,
    /// A refund of this purchase.
    Refund {
        /// The purchase's reference.
        reference: Reference,
    },
    /// The transactions of all the business's terminals.
    MerchantHistory,
}

/// What a terminal asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AdminRequest {
    /// Whether the business has a supervisor's code.
    SupervisorState,
    /// The business's first code.
    DefineSupervisorCode {
        /// The code.
        code: EncryptedCode,
    },
    /// Does the supervisor agree?
    CheckSupervisorCode {
        /// The code.
        code: EncryptedCode,
        /// To what.
        purpose: SupervisorPurpose,
    },
    /// Transactions, newest first.
    History(HistoryRequest),
    /// Send a receipt by SMS.
    SendReceipt(ReceiptRequest),
    /// What this terminal's device is like.
    ReportStanding(StandingReport),
    /// A new client certificate for the same key, when the bank ordered it.
    RenewCertificate {
        /// PKCS #10 request for the device key, DER.
        certificate_request: Bytes<1024>,
    },
    /// A new initial key, when the bank ordered it.
    RenewKeys {
        /// A P-256 point made for this, to which the key is wrapped.
        key_agreement: PublicPoint,
    },
    /// What the terminal's book says, to be compared with the bank's.
    Reconcile(ReconcilePage),
}

/// What the bank answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "most are pages of a history")]
pub enum AdminAnswer {
    /// Whether the business has a supervisor's code.
    SupervisorState {
        /// It has.
        defined: bool,
    },
    /// The code is defined.
    SupervisorDefined,
    /// The supervisor agrees.
    Granted {
        /// To be shown with what was agreed to.
        grant: Grant,
        /// For how long, seconds.
        seconds: u16,
    },
    /// The supervisor's code was not taken.
    SupervisorRefused(SupervisorFault),
    /// A page of the history.
    History(HistoryPage),
    /// The history cannot be shown.
    HistoryRefused(HistoryFault),
    /// The receipt is kept and will be sent.
    ReceiptQueued,
    /// The receipt will not be sent.
    ReceiptRefused(ReceiptFault),
    /// What the bank makes of the terminal's state.
    Standing(Standing),
    /// The report names no challenge, or an old one: this is one to name.
    Challenge(Challenge),
    /// The certificate, then its issuers. The old one is good until this one is first used.
    CertificateRenewed {
        /// DER each.
        certificates: List<Certificate, CHAIN_CERTIFICATES_MAX>,
    },
    /// The initial key. The old one is good until this one is first used.
    KeysRenewed {
        /// Wrapped to the point that was sent (ECIES; see `mpos-crypto`).
        wrapped_initial_key: Sealed<256>,
        /// The key's name: the first 8 bytes of each KSN.
        initial_key_id: [u8; 8],
    },
    /// The page is compared, and what differs is kept for the bank's staff.
    Reconciled {
        /// Where the next page begins; none when the books are compared.
        next: Option<u64>,
    },
    /// The page is not compared.
    ReconcileRefused(ReconcileFault),
}

/// Why a supervisor's code was not taken. Wrong ones are counted over all terminals of the business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum SupervisorFault {
    /// It is not the code.
    #[error("the supervisor code is wrong; {tries_left} more before there is a pause")]
    Wrong {
        /// How many more are taken before there is a pause.
        tries_left: u8,
    },
    /// Too many were wrong: none is looked at now.
    #[error("too many supervisor codes were wrong: wait {seconds} seconds, then try again")]
    Locked {
        /// Until the next may be tried.
        seconds: u32,
    },
    /// Too many were wrong: the bank must reset the code.
    #[error("too many supervisor codes were wrong: only the bank can reset the code")]
    LockedByBank,
    /// The business has none yet.
    #[error("the business has no supervisor code yet: define one first")]
    NotDefined,
    /// The business has one already.
    #[error("the business has a supervisor code already; the bank can reset it")]
    AlreadyDefined,
    /// It is one that anybody would try.
    #[error("choose another supervisor code: {0}")]
    Trivial(TrivialCode),
    /// It does not decrypt, or its key was used before.
    #[error("the bank could not read the supervisor code: type it again")]
    BadKeySerial,
    /// There is no purchase of this reference that could be refunded.
    #[error("there is no purchase of this reference that could be refunded")]
    NotRefundable,
}

/// Why a code is too easy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum TrivialCode {
    /// Fewer than 4 or more than 8 digits, or something else than digits.
    #[error("it has 4 to 8 digits")]
    Length,
    /// One digit again and again: 7777.
    #[error("one digit again and again is easily guessed")]
    SameDigit,
    /// Up or down by one: 2345, 9876.
    #[error("digits in a row are easily guessed")]
    Sequence,
    /// A part again and again: 1212, 123123.
    #[error("a part again and again is easily guessed")]
    Repeated,
}

/// Looks at a supervisor's code as it was typed.
///
/// # Errors
/// Why it is not one.
pub fn check_supervisor_code(typed: &str) -> Result<(), TrivialCode> {
    let digits = typed.as_bytes();
    let counts = SUPERVISOR_CODE_DIGITS_MIN..=SUPERVISOR_CODE_DIGITS_MAX;
    if !counts.contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return Err(TrivialCode::Length);
    }
    let steps = |by: u8| digits.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(by));
    if steps(0) {
        return Err(TrivialCode::SameDigit);
    }
    if steps(1) || steps(u8::MAX) {
        return Err(TrivialCode::Sequence);
    }
    let repeats = |part: usize| {
        digits.len().is_multiple_of(part) && digits.chunks(part).all(|chunk| *chunk == digits[..part])
    };
    if (2..=digits.len() / 2).any(repeats) { Err(TrivialCode::Repeated) } else { Ok(()) }
}

/// Transactions of a range of time, a page at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRequest {
    /// Whose.
    pub scope: HistoryScope,
    /// From here, inclusive, milliseconds since 1970 UTC.
    pub from_ms: u64,
    /// To here, inclusive. At most [`HISTORY_RANGE_MAX_MS`] after the first.
    pub to_ms: u64,
    /// Only those whose reference contains this, whose card ends in these four digits, or has this token.
    pub search: Option<Text<HISTORY_SEARCH_MAX>>,
    /// Go on below this one: `next` of the page before.
    pub before: Option<u64>,
}

/// Whose transactions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HistoryScope {
    /// This terminal's.
    Device,
    /// Those of all the business's terminals.
    Merchant {
        /// The supervisor's agreement.
        grant: Grant,
    },
}

/// Why there is no history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum HistoryFault {
    /// The end is before the beginning.
    #[error("the end of the range is before its beginning")]
    Reversed,
    /// Longer than a year.
    #[error("the range is longer than a year: choose a shorter one")]
    TooLong,
    /// The supervisor's agreement is over: the code is wanted again.
    #[error("the supervisor's agreement is over: give the code again")]
    GrantExpired,
}

/// A page of the history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    /// Of the whole range, whatever the page.
    pub totals: HistoryTotals,
    /// Newest first.
    pub transactions: List<Transaction, HISTORY_PAGE_MAX>,
    /// Where the next page begins; none on the last.
    pub next: Option<u64>,
}

/// What was paid and given back: approved, and not taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryTotals {
    /// All transactions of the range, declined and reversed ones too.
    pub transactions: u32,
    /// Purchases.
    pub purchases: u32,
    /// Their sum, minor units.
    pub purchased: u64,
    /// Refunds.
    pub refunds: u32,
    /// Their sum, minor units.
    pub refunded: u64,
}

impl HistoryTotals {
    /// What is left for the merchant, minor units.
    pub fn net(&self) -> i64 {
        let minor = |sum: u64| i64::try_from(sum).unwrap_or(i64::MAX);
        minor(self.purchased).saturating_sub(minor(self.refunded))
    }
}

/// The same for all transactions of one card at one business, and useless elsewhere: 12 hexadecimal digits of a keyed
/// hash that only the bank can make, so that no terminal holds a key from which card numbers could be tried.
pub type CardToken = Text<12>;

/// A transaction as the bank holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// The bank's reference.
    pub reference: Reference,
    /// The terminal.
    pub terminal: TerminalId,
    /// Its receipt number there.
    pub receipt: ReceiptNumber,
    /// Purchase or refund.
    pub kind: TransactionKind,
    /// When the terminal signed it, milliseconds since 1970 UTC.
    pub at_ms: u64,
    /// How much.
    pub amount: Amount,
    /// In which currency.
    pub currency: Currency,
    /// The card's last four digits.
    pub card: MaskedPan,
    /// The brand.
    pub scheme: CardScheme,
    /// How the customer was verified.
    pub cvm: Cvm,
    /// How it ended.
    pub result: TransactionResult,
    /// How much of it was given back, minor units.
    pub refunded: u64,
    /// Of a refund: the purchase.
    pub refund_of: Option<Reference>,
    /// Tells the business's transactions of one card; none of a card that the bank does not know.
    pub card_token: Option<CardToken>,
}

impl Transaction {
    /// How much may still be given back; zero unless it is an approved purchase.
    pub fn refundable(&self) -> Amount {
        match (self.kind, &self.result) {
            (TransactionKind::Purchase, TransactionResult::Approved { .. }) => {
                Amount::from_minor(self.amount.minor().saturating_sub(self.refunded)).unwrap_or_default()
            }
            _ => Amount::default(),
        }
    }
}

/// How a transaction ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransactionResult {
    /// Paid.
    Approved {
        /// The issuer's code.
        auth_code: AuthCode,
    },
    /// Not paid.
    Declined {
        /// Why.
        reason: DeclineReason,
    },
    /// Taken back: the terminal did not see the answer.
    Reversed,
}

/// A receipt to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptRequest {
    /// Made once for each press of the button: asked again with the same one, it is sent once.
    pub id: [u8; 16],
    /// The transaction; one of the terminal's business.
    pub reference: Reference,
    /// To whom.
    pub phone: PhoneNumber,
    /// In which language.
    pub language: Language,
}

/// Why a receipt is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ReceiptFault {
    /// The business has no such transaction.
    #[error("the business has no transaction of this reference")]
    UnknownReference,
    /// The transaction was not paid, or was taken back.
    #[error("there is no receipt by SMS of a transaction that was not paid")]
    NotPaid,
    /// Too many receipts of this transaction, or of this terminal in a short time.
    #[error("too many receipts were sent: try again in an hour")]
    TooMany,
}

/// A language of screens and receipts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// Shqip.
    Albanian,
    /// English.
    #[default]
    English,
    /// Srpski, in Latin letters.
    Serbian,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Albanian, Self::English, Self::Serbian];

    /// ISO 639-1.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Albanian => "sq",
            Self::English => "en",
            Self::Serbian => "sr",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_anybody_would_try_is_none() {
        for (code, why) in [
            ("123", TrivialCode::Length),
            ("123456789", TrivialCode::Length),
            ("12a4", TrivialCode::Length),
            ("", TrivialCode::Length),
            ("7777", TrivialCode::SameDigit),
            ("00000000", TrivialCode::SameDigit),
            ("1234", TrivialCode::Sequence),
            ("98765", TrivialCode::Sequence),
            ("1212", TrivialCode::Repeated),
            ("123123", TrivialCode::Repeated),
            ("47474747", TrivialCode::Repeated),
        ] {
            assert_eq!(check_supervisor_code(code), Err(why), "{code}");
        }
        for code in ["4711", "2580", "90817263", "1235", "8901"] {
            assert_eq!(check_supervisor_code(code), Ok(()), "{code}");
        }
    }
}
