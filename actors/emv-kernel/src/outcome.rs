//! How a tap ended, and what the bank is told about it (EMV Contactless Book A, outcomes).
//!
//! *Select Next* and *Try Again* never come out: the kernel goes on by itself, or asks for the card
//! once more ([`crate::Step::PresentCard`]). Account data are in [`AccountData`], which zeroizes and
//! cannot be printed; everything else here may be shown.

use alloc::vec::Vec;
use core::fmt;

use mpos_protocol::Bytes;
use mpos_tlv::{AccountNumber, MaskedPan, Track2};

use crate::error::Fault;
use crate::settings::KernelId;
use crate::verdict::OdaVerdict;

/// The end of a tap.
#[derive(Clone)]
pub struct Outcome {
    /// What happens now.
    pub kind: OutcomeKind,
    /// What merchant and customer are told.
    pub message: MessageId,
    /// How the customer was, or is to be, verified.
    pub cvm: Cvm,
    /// Why, unless the bank is asked.
    pub reason: Option<Fault>,
    /// The application that was chosen, if it came to that.
    pub application: Option<Application>,
    /// What the card gave, if it gave a cryptogram.
    pub record: Option<DataRecord>,
}

/// What happens after a tap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutcomeKind {
    /// Approved by card and terminal. Only with a floor limit above zero.
    Approved,
    /// Ask the bank. For a refund too, although the card then gives an AAC: what counts there is that
    /// the card was read.
    OnlineRequest,
    /// No.
    Declined,
    /// Not contactless: the card wants its chip inserted, or the amount is over the limit.
    TryAnotherInterface,
    /// This card does not work here; another may.
    EndApplication,
}

impl OutcomeKind {
    /// Its name in Book A.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approved => "Approved",
            Self::OnlineRequest => "Online Request",
            Self::Declined => "Declined",
            Self::TryAnotherInterface => "Try Another Interface",
            Self::EndApplication => "End Application",
        }
    }
}

/// A message to merchant and customer (EMV Contactless Book A, message identifiers).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MessageId(pub u8);

impl MessageId {
    /// Approved.
    pub const APPROVED: Self = Self(0x03);
    /// Not authorised.
    pub const NOT_AUTHORISED: Self = Self(0x07);
    /// Please enter your PIN.
    pub const ENTER_PIN: Self = Self(0x09);
    /// Processing error.
    pub const PROCESSING_ERROR: Self = Self(0x0F);
    /// Please remove card.
    pub const REMOVE_CARD: Self = Self(0x10);
    /// Welcome.
    pub const WELCOME: Self = Self(0x14);
    /// Present card.
    pub const PRESENT_CARD: Self = Self(0x15);
    /// Processing.
    pub const PROCESSING: Self = Self(0x16);
    /// Card read OK, please remove it.
    pub const CARD_READ_OK: Self = Self(0x17);
    /// Please insert or swipe card.
    pub const INSERT_OR_SWIPE: Self = Self(0x18);
    /// Please present one card only.
    pub const ONE_CARD_ONLY: Self = Self(0x19);
    /// Authorising, please wait.
    pub const AUTHORISING: Self = Self(0x1B);
    /// Insert, swipe or try another card.
    pub const TRY_ANOTHER_CARD: Self = Self(0x1C);
    /// Please insert card.
    pub const INSERT: Self = Self(0x1D);
    /// Clear the display.
    pub const CLEAR: Self = Self(0x1E);
    /// See phone for instructions.
    pub const SEE_PHONE: Self = Self(0x20);
    /// Present card again.
    pub const PRESENT_AGAIN: Self = Self(0x21);

    /// Its name in Book A.
    pub const fn name(self) -> &'static str {
        match self {
            Self::APPROVED => "Approved",
            Self::NOT_AUTHORISED => "Not authorised",
            Self::ENTER_PIN => "Enter PIN",
            Self::PROCESSING_ERROR => "Processing error",
            Self::REMOVE_CARD => "Remove card",
            Self::WELCOME => "Welcome",
            Self::PRESENT_CARD => "Present card",
            Self::PROCESSING => "Processing",
            Self::CARD_READ_OK => "Card read OK, remove card",
            Self::INSERT_OR_SWIPE => "Insert or swipe card",
            Self::ONE_CARD_ONLY => "Present one card only",
            Self::AUTHORISING => "Authorising, please wait",
            Self::TRY_ANOTHER_CARD => "Insert, swipe or try another card",
            Self::INSERT => "Insert card",
            Self::CLEAR => "",
            Self::SEE_PHONE => "See phone for instructions",
            Self::PRESENT_AGAIN => "Present card again",
            _ => "Unknown message",
        }
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageId({:02X} {})", self.0, self.name())
    }
}

/// How a customer is verified (EMV Contactless Book A, outcomes).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cvm {
    /// Not at all.
    #[default]
    NoCvm,
    /// A PIN, to be entered now and checked by the bank.
    OnlinePin,
    /// On the customer's own device ("confirmation code verified").
    OnDevice,
    /// A signature. Only with settings that allow one.
    Signature,
}

impl Cvm {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoCvm => "No CVM",
            Self::OnlinePin => "Online PIN",
            Self::OnDevice => "Confirmation code verified",
            Self::Signature => "Signature",
        }
    }
}

/// The application that was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its name on the card (84, or 4F of the directory), 5 to 16 bytes.
    pub aid: Bytes<16>,
    /// The kernel that ran.
    pub kernel: KernelId,
    /// The brand.
    pub scheme: Scheme,
    /// Its label as the card gives it (50), or empty. ASCII.
    pub label: Bytes<16>,
}

/// The brand under which a card is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// A000000004, other than Maestro.
    Mastercard,
    /// A0000000043060.
    Maestro,
    /// A000000003, other than the two below.
    Visa,
    /// A0000000032010.
    VisaElectron,
    /// A0000000032020.
    VPay,
    /// Another AID of the settings.
    Other,
}

impl Scheme {
    /// The brand of an AID.
    pub fn of_aid(aid: &[u8]) -> Self {
        match aid {
            [0xA0, 0, 0, 0, 0x04, 0x30, 0x60, ..] => Self::Maestro,
            [0xA0, 0, 0, 0, 0x04, ..] => Self::Mastercard,
            [0xA0, 0, 0, 0, 0x03, 0x20, 0x10, ..] => Self::VisaElectron,
            [0xA0, 0, 0, 0, 0x03, 0x20, 0x20, ..] => Self::VPay,
            [0xA0, 0, 0, 0, 0x03, ..] => Self::Visa,
            _ => Self::Other,
        }
    }

    /// As a receipt prints it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mastercard => "Mastercard",
            Self::Maestro => "Maestro",
            Self::Visa => "VISA",
            Self::VisaElectron => "VISA Electron",
            Self::VPay => "V PAY",
            Self::Other => "Other",
        }
    }
}

/// What a card that gave a cryptogram left with the terminal.
#[derive(Clone)]
pub struct DataRecord {
    /// The last four digits.
    pub pan: MaskedPan,
    /// The account data, for the hand that encrypts it.
    pub account: AccountData,
    /// The application cryptogram (9F26). Zeros in a replay whose masked signature hides it.
    pub cryptogram: [u8; 8],
    /// Its kind.
    pub cryptogram_kind: CryptogramKind,
    /// Terminal verification results (95), as the card was told and the bank is told.
    pub tvr: [u8; 5],
    /// CVM results (9F34).
    pub cvm_results: [u8; 3],
    /// Data authentication, with its exact reason.
    pub verdict: OdaVerdict,
    /// The data elements for the bank (field 55), BER-TLV. No account data but 5F34.
    pub host_tags: Vec<u8>,
}

/// The kind of a cryptogram (EMV 4.3 Book 3, 6.5.5.4, table 14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CryptogramKind {
    /// Declined.
    Aac,
    /// Approved offline.
    Tc,
    /// Ask the bank.
    Arqc,
}

impl CryptogramKind {
    /// From bits 8 and 7 of the cryptogram information data; none for `11`.
    pub const fn from_cid(cid: u8) -> Option<Self> {
        match cid >> 6 {
            0b00 => Some(Self::Aac),
            0b01 => Some(Self::Tc),
            0b10 => Some(Self::Arqc),
            _ => None,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aac => "AAC",
            Self::Tc => "TC",
            Self::Arqc => "ARQC",
        }
    }
}

/// The account data of a card. Zeroized on drop, without `Debug`.
#[derive(Clone)]
pub struct AccountData {
    /// The account number.
    pub pan: AccountNumber,
    /// Which of the account's cards (5F34), BCD; none if the card does not say.
    pub sequence_number: Option<u8>,
    /// YYMM, BCD.
    pub expiry: [u8; 2],
    /// Track 2 equivalent data (57), if the card gave it.
    pub track2: Option<Track2>,
}

impl Drop for AccountData {
    fn drop(&mut self) {
        // The number and the track wipe themselves.
        zeroize::Zeroize::zeroize(&mut self.expiry);
    }
}
