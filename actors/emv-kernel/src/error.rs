//! Why a tap did not end in a question to the bank: whose fault it was, and exactly what.
//!
//! Nested by who is at fault. Every variant is a fact with its data, so that a log line or
//! `mpos emv run` can say what happened without guessing; none carries account data.

use mpos_tlv::{DolFault, StatusWord, Tag, TlvFault, Track2Fault};

use crate::verdict::OdaFault;

/// Why a tap ended as it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The card's answer is not what EMV allows, or a refusal of the command itself.
    #[error("card: {0}")]
    Card(#[from] CardFault),
    /// Card and terminal understood each other, and one of them said no.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// The link to the card.
    #[error("link: {0}")]
    Link(#[from] LinkFault),
    /// The caller or its settings.
    #[error("terminal: {0}")]
    Terminal(#[from] TerminalFault),
}

/// The commands of a tap, as faults name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandKind {
    /// SELECT of the directory `2PAY.SYS.DDF01`.
    SelectPpse,
    /// SELECT of an application.
    Select,
    /// GET PROCESSING OPTIONS.
    GetProcessingOptions,
    /// READ RECORD.
    ReadRecord,
    /// GENERATE AC.
    GenerateAc,
}

/// What a card did that it must not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardFault {
    /// A status word other than 9000.
    #[error("{command:?} was answered with {status}")]
    Status {
        /// The command.
        command: CommandKind,
        /// Its status word.
        status: StatusWord,
    },
    /// An answer of fewer than two bytes.
    #[error("the answer to {0:?} has no status word")]
    NoStatus(CommandKind),
    /// An answer that is not the template it must be, or has something after it.
    #[error("the answer to {0:?} is not in the template it must be in")]
    Template(CommandKind),
    /// An answer that is not BER-TLV.
    #[error("the answer to {0:?} cannot be read: {1}")]
    Tlv(CommandKind, TlvFault),
    /// A data object list that cannot be filled.
    #[error("{0}: {1}")]
    Dol(Tag, DolFault),
    /// A mandatory object is missing.
    #[error("{0} is missing")]
    Missing(Tag),
    /// An object has a length that its definition does not allow.
    #[error("{0} has a wrong length")]
    Length(Tag),
    /// An object has a value that its definition does not allow.
    #[error("{0} has a value that is not allowed")]
    Value(Tag),
    /// An object was given twice (EMV 4.3 Book 3, 7.1).
    #[error("{0} was given twice")]
    Duplicate(Tag),
    /// Account data that cannot be read.
    #[error("{0}: {1}")]
    Account(Tag, Track2Fault),
    /// Account number and track 2 equivalent data disagree.
    #[error("the account numbers in 5A and 57 differ")]
    AccountsDiffer,
    /// The AFL names more records than [`crate::limits::RECORDS_MAX`].
    #[error("too many records")]
    TooManyRecords,
    /// More data than [`crate::limits`] allows to keep.
    #[error("too much data")]
    TooMuchData,
    /// More commands than [`crate::limits::COMMANDS_MAX`].
    #[error("too many commands")]
    TooManyCommands,
    /// A cryptogram of a kind that was not asked for and is not lower.
    #[error("a cryptogram that was not asked for (CID {0:02X})")]
    CryptogramKind(u8),
    /// A card without EMV mode.
    #[error("the card has mag-stripe mode only")]
    NoEmvMode,
}

/// A rule of card or terminal that ended the tap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The amount is zero and no combination takes it.
    #[error("the amount is zero")]
    ZeroAmount,
    /// The amount is over every combination's limit, or over this card's.
    #[error("the amount is over the contactless limit")]
    OverLimit,
    /// Nothing on the card is accepted here.
    #[error("the card has no application that is accepted here")]
    NoCommonApplication,
    /// The card wants its chip to be inserted.
    #[error("the card asks for another interface")]
    OtherInterface,
    /// The customer has to act on the device, and did not within the tries there are.
    #[error("the customer has to act on the device")]
    SeePhone,
    /// No way to verify the customer that both sides have, where one is required.
    #[error("the customer cannot be verified")]
    NoCommonCvm,
    /// What the card says about its verification and what it signed differ.
    #[error("the card transaction qualifiers are not the ones the card signed")]
    CtqAltered,
    /// Terminal and issuer action codes refuse (the TVR of the outcome says why).
    #[error("the action codes refuse")]
    ActionCodes,
    /// The card refused (AAC).
    #[error("the card refused")]
    ByCard,
    /// The card's date has passed.
    #[error("the card expired")]
    Expired,
    /// Data authentication failed.
    #[error("data authentication failed: {0}")]
    Authentication(#[from] OdaFault),
}

/// The link to the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkFault {
    /// The card left the field, and again at each new presentation.
    #[error("the card left the field")]
    CardLeft,
    /// The card left after GENERATE AC was sent: it may have counted the sale, we have no cryptogram.
    #[error("the card left when its cryptogram was asked for")]
    CardLeftAtCryptogram,
}

/// A fault of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TerminalFault {
    /// An amount of more than twelve digits.
    #[error("the amount has more than twelve digits")]
    Amount,
    /// A date or time that is not BCD or not in the calendar.
    #[error("date or time is not YYMMDD and HHMMSS in BCD")]
    DateTime,
    /// A call that does not fit the state of the tap.
    #[error("the tap does not wait for this")]
    OutOfOrder,
}
