//! Between shell and till: what the merchant does, what the merchant is told.

use crate::{
    Amount, Flow, Secret, Text,
    admin::{
        AdminAnswer, Grant, HistoryRequest, ReceiptRequest, SUPERVISOR_CODE_DIGITS_MAX, SupervisorPurpose,
    },
    book::StoreFault,
    card::TapMessage,
    link::{EnrolmentFault, NoReply},
    sale::{Receipt, Reference},
    standing::Opinion,
    terminal::{Merchant, TerminalId},
};
use serde::{Deserialize, Serialize};

/// The longest activation code as typed, spaces and dashes included.
pub const ACTIVATION_CODE_TYPED_MAX: usize = 40;

/// First message after start. Says where the bank is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenTerminal {
    /// `host:port` of the bank's terminal link.
    pub bank_address: Text<128>,
}

/// The merchant typed the activation code that the bank e-mailed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Activate {
    /// As typed; grouping and case are forgiven.
    pub code: Secret<Text<ACTIVATION_CODE_TYPED_MAX>>,
}

/// The merchant typed an amount and pressed Next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeginPurchase {
    /// How much.
    pub amount: Amount,
}

/// The supervisor agreed to a refund: tap the customer's card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeginRefund {
    /// The purchase's reference.
    pub reference: Reference,
    /// How much of it.
    pub amount: Amount,
    /// The supervisor's agreement, as the bank gave it.
    pub grant: Grant,
}

/// Ask the bank something that moves no money.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskBank {
    /// What.
    pub ask: BankAsk,
}

/// A supervisor's code as typed.
pub type TypedCode = Secret<Text<SUPERVISOR_CODE_DIGITS_MAX>>;

/// What the bank is asked, in clear; the link encrypts the codes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum BankAsk {
    /// Whether the business has a supervisor's code.
    SupervisorState,
    /// The business's first code.
    DefineSupervisorCode {
        /// As typed, twice the same.
        code: TypedCode,
    },
    /// Does the supervisor agree?
    CheckSupervisorCode {
        /// As typed.
        code: TypedCode,
        /// To what.
        purpose: SupervisorPurpose,
    },
    /// Transactions.
    History(HistoryRequest),
    /// A receipt by SMS.
    SendReceipt(ReceiptRequest),
}

/// What the bank said to [`AskBank`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "most are pages of a history")]
pub enum BankAnswered {
    /// Its answer.
    Answered(AdminAnswer),
    /// None.
    Failed {
        /// Why.
        fault: NoReply,
        /// The same as a sentence, with what to do.
        reason: Text<256>,
    },
}

/// The bank's opinion of this device is another one than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingChanged {
    /// What it is.
    pub opinion: Opinion,
    /// The gravest concern as a sentence, with what to do; empty when there is none.
    pub reason: Text<256>,
}

/// The merchant pressed Cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelFlow;

/// The terminal is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TerminalOpened {
    /// No bank knows it yet: it wants an activation code.
    NotActivated,
    /// Ready to sell.
    Activated {
        /// Its name.
        terminal: TerminalId,
        /// Its business.
        merchant: Merchant,
    },
    /// Its book cannot be read; nothing can be sold before that is mended.
    Unusable {
        /// What is wrong.
        fault: StoreFault,
        /// A sentence that names what is wrong and what to do.
        reason: Text<256>,
    },
}

/// Activation ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActivationEnded {
    /// The terminal is one of the bank's.
    Activated {
        /// Its name.
        terminal: TerminalId,
        /// Its business.
        merchant: Merchant,
    },
    /// It is not.
    Failed {
        /// What went wrong.
        fault: EnrolmentFault,
        /// The same as a sentence, with what to do.
        reason: Text<256>,
    },
}

/// A sale went one step further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SaleProgress {
    /// Waiting for a card.
    TapCard {
        /// What is to be paid.
        amount: Amount,
        /// Until the reader gives up.
        seconds_left: u8,
    },
    /// What the customer is to see while the card is in the field.
    Card(TapMessage),
    /// Connecting to the bank.
    Connecting,
    /// The bank has been asked.
    Online,
    /// No answer: asking again.
    Repeating,
    /// No answer: taking it back.
    Reversing,
}

/// A sale ended. What it shows is durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleEnded {
    /// The sale.
    pub receipt: Receipt,
    /// As printed.
    pub text: Text<1024>,
}

/// A request could not be started; nothing happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRefused {
    /// Why.
    pub refusal: Refusal,
    /// The same as a sentence, with what to do.
    pub reason: Text<256>,
}

/// Why a request was not started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// Another flow is in progress.
    Busy,
    /// Activate first.
    NotActivated,
    /// It is activated already.
    AlreadyActivated,
    /// Zero.
    AmountZero,
    /// More than one sale may be.
    AmountOverLimit,
    /// The book cannot be written: no sale begins that could not be kept.
    BookUnusable,
    /// The program could not do it now: a mailbox was full.
    Overloaded,
    /// A part of the program failed in the middle of the flow and was started anew. The words say what is known.
    Interrupted,
}

/// A second of the flow in progress went by (the till to itself).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowTimer {
    /// Which flow; the timer of an ended one is dropped.
    pub of: Flow,
}
