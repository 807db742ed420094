//! The PIN's way: digits from the shell to the PIN pad, an encrypted block from there on, and nothing else.

use crate::{Amount, Bytes, Sealed, Secret, Text};
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
    /// ISO 9564-1 format 4, 16 bytes.
    pub block: Sealed<16>,
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
    /// The key store could not give a PIN key.
    KeyUnavailable,
    /// No card was bound to this entry.
    NoCard,
}

/// Messages of a PIN entry.
pub mod messages {
    use super::{Amount, EncryptedPinBlock, PinFault, Secret, Text};
    use crate::Bytes;
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
    }

    /// Give up.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct StopPin;

    /// Show the pad.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct ShowPinPad {
        /// Shown above the pad.
        pub amount: Amount,
    }

    /// Take the pad away.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct HidePinPad;

    /// The customer's digits.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub struct PinTyped {
        /// As typed.
        pub digits: Secret<Text<12>>,
    }

    /// The customer pressed cancel.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct PinAbandoned;

    /// No key was pressed in time.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct PinTimer {
        /// Which entry it ends.
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
