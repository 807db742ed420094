//! A sale: what is asked of the bank, how it ended, and what the receipt says.

use crate::{
    Amount, Bytes, Currency, Moment, Text,
    admin::Grant,
    card::{CardScheme, Cvm, MaskedPan, TapFault, TransactionKind},
    host::HostRefusal,
    link::NotSent,
    pin::PinFault,
    standing::Concern,
    terminal::TerminalId,
};
use serde::{Deserialize, Serialize};

/// Six decimal digits on the receipt; counts up by one for each request that reaches the book.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReceiptNumber(pub u32);

impl core::fmt::Display for ReceiptNumber {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

/// The bank's reference of a transaction (RRN): 12 characters such as `4864FC149502`.
pub type Reference = Text<12>;
/// The issuer's approval code: 6 characters.
pub type AuthCode = Text<6>;

/// Why the bank said no. Each has words of its own for the merchant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeclineReason {
    /// Not enough money (ISO 8583 code 51).
    InsufficientFunds,
    /// The PIN is wrong; how many tries are left is the issuer's secret (55).
    WrongPin,
    /// Too many wrong PINs (75).
    PinBlocked,
    /// The issuer wants a PIN (65/1A).
    PinRequired,
    /// The card has expired (54).
    Expired,
    /// Blocked, lost or stolen: the same words for each, to keep merchant and customer safe (41, 43, 62).
    CardBlocked,
    /// No such card at this issuer (14).
    UnknownCard,
    /// The cryptogram does not verify, or its counter has been seen (the card may be a copy).
    CryptogramRefused,
    /// The cryptogram is about another amount, currency or terminal number than the message.
    DataMismatch,
    /// Above the card's or the bank's limit (61).
    OverLimit,
    /// The issuer cannot be reached (91).
    IssuerUnavailable,
    /// No reason given (05).
    DoNotHonour,
    /// A refund: the supervisor's agreement is over, or was about another purchase.
    SupervisorRequired,
    /// A refund: not the card that paid.
    OtherCard,
    /// A refund: more than is left of the purchase.
    MoreThanPaid,
    /// A refund: of something else than an approved purchase of this business.
    NotRefundable,
}

/// What a refund gives back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundOf {
    /// The purchase's reference.
    pub reference: Reference,
    /// The supervisor's agreement.
    pub grant: Grant,
}

/// How a sale ended for the merchant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SaleOutcome {
    /// Paid.
    Approved,
    /// Not paid: the card, the terminal's rules or the bank said no.
    Declined,
    /// Not paid: this card does not work here.
    TryAnotherCard,
    /// Not paid: the bank's answer did not come, and the bank has confirmed that nothing is taken.
    Reversed,
    /// Not known yet: the bank is asked until it answers; nothing is lost.
    Unknown,
    /// Not paid: ended before the bank was asked.
    Cancelled,
}

/// Why a sale was not approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// The bank said no.
    Declined(DeclineReason),
    /// The card did not come so far.
    Tap(TapFault),
    /// No PIN came.
    Pin(PinFault),
    /// The bank would not process the message.
    Refused(HostRefusal),
    /// The request never left.
    NotSent(NotSent),
    /// No answer came; the bank has confirmed that nothing is taken.
    Reversed,
    /// No answer came, and none to the reversal.
    Unknown,
    /// An actor had to be restarted.
    Interrupted,
    /// The bank lets this device sell nothing as it is.
    Blocked(Concern),
}

/// A finished sale: every field of the brochure's receipt, and why it ended as it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// `ProCredit Bank`.
    pub bank: Text<64>,
    /// How it ended.
    pub outcome: SaleOutcome,
    /// The currency.
    pub currency: Currency,
    /// The amount.
    pub amount: Amount,
    /// The receipt's number; none when the bank was never asked.
    pub receipt: Option<ReceiptNumber>,
    /// When, by the terminal's clock.
    pub at: Moment,
    /// The bank's reference; none without its answer.
    pub reference: Option<Reference>,
    /// The terminal.
    pub terminal: TerminalId,
    /// The card; none when none was read.
    pub card: Option<ReceiptCard>,
    /// The approval code; none unless approved.
    pub auth_code: Option<AuthCode>,
    /// Purchase or refund.
    pub kind: TransactionKind,
    /// Of a refund: the purchase's reference.
    pub refund_of: Option<Reference>,
    /// Why not; none when it was approved. For those who say it in another language.
    pub cause: Option<Cause>,
    /// Why not, as a sentence for the merchant.
    pub reason: Option<Text<160>>,
    /// What to do next, as a sentence for the merchant.
    pub next: Option<Text<160>>,
}

/// The card on a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptCard {
    /// `***0036`.
    pub pan: MaskedPan,
    /// Under "Card type".
    pub scheme: CardScheme,
    /// The application.
    pub aid: Bytes<16>,
    /// How the customer was verified.
    pub cvm: Cvm,
}

/// Messages about the receipt.
pub mod messages {
    use super::Receipt;
    use crate::Text;
    use serde::{Deserialize, Serialize};

    /// Lay out the receipt of a finished sale.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct MakeReceipt {
        /// The sale.
        pub receipt: Receipt,
    }

    /// The receipt as lines of text.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct ReceiptMade {
        /// The sale.
        pub receipt: Receipt,
        /// What is printed.
        pub text: Text<1024>,
    }
}
