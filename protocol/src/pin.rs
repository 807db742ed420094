//! The PIN's way: points that were touched from the shell to the PIN pad, an encrypted block from there on, and
//! nothing else. What the pad looks like is in [`pad`](crate::pad).

use crate::{Amount, Bytes, Sealed, Secret};
use serde::{Deserialize, Serialize};

/// Fewest digits of a PIN (ISO 9564-1, 5.1).
pub const PIN_DIGITS_MIN: usize = 4;
/// Most digits of a PIN (ISO 9564-1, 5.1).
pub const PIN_DIGITS_MAX: usize = 12;

/// A PIN block under a key derived for it alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncryptedPinBlock {
    /// Which key: initial key id and counter, 12 bytes.
    pub ksn: Bytes<12>,
    /// ISO 9564-1: 16 bytes of format 4, or 8 of format 0.
    pub block: Sealed<16>,
}

/// How a PIN is put into its block (ISO 9564-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PinBlockFormat {
    /// Format 4, under an AES key: the same PIN never gives the same block.
    #[default]
    Format4,
    /// Format 0, under a triple DES key of three parts: for a bank whose security module takes no other.
    Format0,
}

/// Why no PIN came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PinFault {
    /// The customer, or the merchant, pressed cancel.
    Cancelled,
    /// No key for too long.
    TimedOut,
    /// Fewer than 4 or more than 12 digits, or something else than digits.
    WrongLength,
    /// The key store could not give a PIN key, or the platform no random order of digits.
    KeyUnavailable,
    /// No card was bound to this entry.
    NoCard,
}

/// Messages of a PIN entry.
pub mod messages {
    use super::{Amount, EncryptedPinBlock, PinBlockFormat, PinFault, Secret};
    use crate::{
        Bytes,
        pad::{Exposure, PadKeys, PadPoint},
    };
    use serde::{Deserialize, Serialize};

    /// The account number that the block is bound to. The one message that carries one.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub struct BindPinToCard {
        /// 8 to 19 digits, one a byte, 0 to 9.
        pub pan: Secret<Bytes<19>>,
    }

    /// Collect a PIN for this amount.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct AskPin {
        /// Shown above the pad.
        pub amount: Amount,
        /// What the bank takes.
        pub format: PinBlockFormat,
    }

    /// Give up.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct StopPin;

    /// Show this pad, in the place of the one before. Nothing is typed on it yet.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub struct ShowPinPad {
        /// Its number: counts up with each pad.
        pub pad: u32,
        /// Shown above the pad.
        pub amount: Amount,
        /// The digits are in the order of a telephone, as the customer asked, and not shuffled.
        pub fixed: bool,
        /// Why no strokes are drawn and no touch counts.
        pub exposure: Exposure,
        /// The keys.
        pub keys: PadKeys,
    }

    /// What was typed on the pad has changed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct PinPadChanged {
        /// Which pad.
        pub pad: u32,
        /// How many digits there are: the dots.
        pub filled: u8,
        /// Whether OK can be pressed.
        pub can_confirm: bool,
    }

    /// Take the pad away.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct HidePinPad;

    /// The customer's digits, before the pad was a picture. Nobody can make one, and no bytes decode as one.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub enum Reserved3 {}

    /// The pad was touched. What lies outside of its keys, and what was meant for another pad, does nothing.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub struct PinPadTouched {
        /// Which pad was seen.
        pub pad: u32,
        /// Where.
        pub at: Secret<PadPoint>,
    }

    /// The customer wants the digits in the order of a telephone (to find them without seeing them), or shuffled
    /// again. What was typed is wiped, and another pad is shown.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct ArrangePinPad {
        /// Which pad was seen.
        pub pad: u32,
        /// The order of a telephone.
        pub fixed: bool,
    }

    /// Something else may see the pad from now on, or no more. It holds for later entries, until it is told anew.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct PinPadExposed {
        /// What.
        pub exposure: Exposure,
    }

    /// The customer pressed cancel.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct PinAbandoned;

    /// It is time to look whether a key was pressed in time.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct PinTimer {
        /// Which entry it may end.
        pub entry: u32,
    }

    /// The PIN, encrypted.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct PinReady {
        /// For the bank.
        pub block: EncryptedPinBlock,
    }

    /// No PIN will come.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct PinFailed {
        /// Why.
        pub fault: PinFault,
    }
}
