//! What is said about a card: APDUs, the kernel's outcome, and the little that others may know of it.

use crate::{Amount, Bytes, Currency, Sealed, Text, moment::LocalTime};
use core::fmt;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A command APDU: header, length, up to 255 bytes of data, expected length (ISO 7816-4, short form).
pub type CommandApdu = Bytes<261>;
/// Data elements for the bank (field 55), BER-TLV.
pub type De55 = Bytes<512>;

/// A response APDU (up to 256 bytes and a status word). People see it with the account data masked.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ResponseApdu(Bytes<258>);

impl ResponseApdu {
    /// Wraps a card's answer; `None` above 258 bytes.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        Bytes::new(bytes).ok().map(Self)
    }

    /// The answer as the card gave it.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn masked(&self) -> Bytes<258> {
        // Masking keeps the length, so it still fits.
        Bytes::try_from(mpos_tlv::mask::mask_account_data(&self.0)).unwrap_or_default()
    }
}

impl fmt::Debug for ResponseApdu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.masked(), f)
    }
}

impl Drop for ResponseApdu {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

impl Serialize for ResponseApdu {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            self.masked().serialize(serializer)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for ResponseApdu {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Bytes::deserialize(deserializer).map(Self)
    }
}

/// The last four digits of an account number; prints as `***0036`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MaskedPan(pub u16);

impl fmt::Display for MaskedPan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "***{:04}", self.0 % 10_000)
    }
}

/// The brand under which a card is accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CardScheme {
    /// A0000000041010.
    #[default]
    Mastercard,
    /// A0000000043060.
    Maestro,
    /// A0000000031010.
    Visa,
    /// A0000000032010.
    VisaElectron,
    /// A0000000032020.
    VPay,
}

impl CardScheme {
    /// As the receipt prints it under "Card type".
    pub const fn name(self) -> &'static str {
        match self {
            CardScheme::Mastercard => "Mastercard",
            CardScheme::Maestro => "Maestro",
            CardScheme::Visa => "VISA",
            CardScheme::VisaElectron => "VISA Electron",
            CardScheme::VPay => "V PAY",
        }
    }
}

/// How the customer was verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cvm {
    /// Not at all: up to the limit none is required.
    #[default]
    None,
    /// A PIN, checked by the bank.
    Pin,
    /// On the customer's own device.
    Device,
}

/// What a purchase or refund is to a card: tag 9C.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransactionKind {
    /// 00, goods and services.
    #[default]
    Purchase,
    /// 20, refund.
    Refund,
}

impl TransactionKind {
    /// As the receipt prints it under "Transaction Type".
    pub const fn name(self) -> &'static str {
        match self {
            TransactionKind::Purchase => "Purchase",
            TransactionKind::Refund => "Refund",
        }
    }
}

/// What may be known of a card by everyone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardSummary {
    /// Last four digits.
    pub pan: MaskedPan,
    /// The brand.
    pub scheme: CardScheme,
    /// The application chosen (5 to 16 bytes).
    pub aid: Bytes<16>,
    /// Its name as the card gives it (tag 50 or 9F12).
    pub label: Text<16>,
}

/// Account data under a data key that was derived for it alone (AES-DUKPT, ANSI X9.24-3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncryptedCardData {
    /// Which key: initial key id and counter, 12 bytes.
    pub ksn: Bytes<12>,
    /// AES-128-GCM: the TLVs 5A, 5F24, 5F34 and 57, and the 16-byte tag.
    pub ciphertext: Sealed<96>,
}

/// What the kernel has for the bank when a card asks to go online.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardAuthorisation {
    /// The card.
    pub card: CardSummary,
    /// How the customer was, or is to be, verified.
    pub cvm: Cvm,
    /// Terminal verification results, tag 95 as the kernel left it.
    pub tvr: [u8; 5],
    /// The data elements as the card and terminal gave them, cryptogram included.
    pub de55: De55,
    /// The account data.
    pub card_data: EncryptedCardData,
}

/// How a tap ended (EMV Contactless Book A, 6.2: outcomes). Online-only: nothing is approved here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "one tap, one outcome; boxing saves nothing")]
pub enum TapOutcome {
    /// Ask the bank.
    OnlineRequest(CardAuthorisation),
    /// The card or the terminal's rules say no.
    Declined(TapFault),
    /// This card cannot be used here; another may.
    TryAnotherCard(TapFault),
    /// No contactless way; the terminal has no other.
    TryAnotherInterface(TapFault),
    /// The reader gave up: no card in time, or it was cancelled.
    EndedWithoutCard(TapFault),
}

/// Why a tap did not reach the bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TapFault {
    /// No card came before the countdown ended.
    NoCardInTime,
    /// Cancelled from the screen.
    Cancelled,
    /// The card left the field, and again on each new try.
    CardMoved,
    /// The card left after its cryptogram was asked for: it may count this sale as begun.
    CardMovedAtCryptogram,
    /// The card's answer is not what EMV allows.
    CardMisbehaved,
    /// Nothing on the card is accepted here.
    NoCommonApplication,
    /// The card's certificates or signature do not verify.
    AuthenticationFailed,
    /// The card's date has passed.
    Expired,
    /// The card refused by itself (AAC).
    RefusedByCard,
    /// The terminal's or issuer's action codes refuse.
    RefusedByTerminal,
    /// No way to verify the customer that both sides have.
    NoCommonCvm,
    /// The amount is above what this card type may be used for contactless.
    OverLimit,
    /// An actor had to be restarted in the middle, or was never set up.
    Interrupted,
    /// The key store gave no key for the card's data.
    KeyUnavailable,
}

/// What the customer is to see while the card is in the field (Book A, 9.4: message identifiers).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TapMessage {
    /// 15: present card.
    PresentCard,
    /// 16: processing, hold it there.
    HoldCard,
    /// 17: card read OK, remove it.
    CardReadOk,
    /// 19: present one card only.
    OneCardOnly,
    /// 20: see your phone.
    SeePhone,
    /// 21: present the card again.
    PresentCardAgain,
}

/// Messages of the tap.
pub mod messages {
    use super::{
        Amount, CommandApdu, Currency, EmvTime, ResponseApdu, TapMessage, TapOutcome, TransactionKind,
    };
    use crate::Bytes;
    use serde::{Deserialize, Serialize};

    /// Limits, action codes, CA keys, as enrolment delivered them.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct ConfigureKernel {
        /// postcard of the kernel's settings.
        pub emv_settings: Bytes<16384>,
    }

    /// Run one transaction up to its outcome.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct StartTap {
        /// What it is.
        pub kind: TransactionKind,
        /// For how much.
        pub amount: Amount,
        /// In which currency.
        pub currency: Currency,
        /// Tags 9A and 9F21, BCD.
        pub local: EmvTime,
        /// Tag 9F41.
        pub transaction_number: u32,
        /// Unpredictable numbers (tag 9F37), one for each time the card may be presented.
        pub unpredictable: [[u8; 4]; 4],
        /// How long to wait for a card.
        pub wait_ms: u32,
    }

    /// Give up the tap.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct AbortTap;

    /// Look for a card for so long.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct StartPolling {
        /// For so long first no field: the card, or the customer's phone, is to notice that it was let go.
        pub hold_ms: u32,
        /// Then give up.
        pub wait_ms: u32,
    }

    /// One command to the card.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct TransmitApdu {
        /// The command.
        pub command: CommandApdu,
    }

    /// The card may leave.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct StopPolling;

    /// The platform found a card in the field.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct TagArrived;

    /// No card came in time.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct PollingTimer {
        /// Which wait it ends.
        pub polling: u32,
    }

    /// A card is in the field and selected.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct CardPresent;

    /// The card's answer.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct CardAnswered {
        /// Data and status word.
        pub response: ResponseApdu,
    }

    /// There is no card to speak to.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub enum CardLost {
        /// It left the field.
        Left,
        /// It is there and does not answer in time.
        Silent,
        /// Its answer was longer than an answer can be.
        Garbled,
        /// None came before the wait ended.
        NeverCame,
    }

    /// Verification of the card's certificates ended.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct CardAuthenticated {
        /// The kernel's verdict as a number of its own (0 is: verified), so that a replay can be given the
        /// recorded one: the recording's certificates are masked and would not verify.
        pub verdict: u8,
        /// The cryptogram that the card's signature held (CDA); for the same reason.
        pub cryptogram: Option<[u8; 8]>,
    }

    /// What the customer is to see now.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct TapProgress {
        /// The message.
        pub message: TapMessage,
    }

    /// The tap ended.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct TapEnded {
        /// How.
        pub outcome: TapOutcome,
    }
}

/// Date and time as the card wants them (tags 9A and 9F21).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmvTime {
    /// YYMMDD, BCD.
    pub date: [u8; 3],
    /// HHMMSS, BCD.
    pub time: [u8; 3],
}

impl From<LocalTime> for EmvTime {
    fn from(local: LocalTime) -> Self {
        Self { date: local.emv_date(), time: local.emv_time() }
    }
}
