//! The two bytes that end every answer of a card, and how to split them off.

use core::fmt;

/// SW1 SW2 (ISO/IEC 7816-4, 5.1.3).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatusWord(pub u16);

impl StatusWord {
    /// Done.
    pub const OK: Self = Self(0x9000);
    /// The selected file or application is invalidated (blocked).
    pub const INVALIDATED: Self = Self(0x6283);
    /// Wrong length.
    pub const WRONG_LENGTH: Self = Self(0x6700);
    /// Conditions of use not satisfied.
    pub const CONDITIONS_NOT_SATISFIED: Self = Self(0x6985);
    /// "See phone": the customer has to act on the device (Visa).
    pub const SEE_PHONE: Self = Self(0x6986);
    /// Select another interface: the card wants contact (Book C-3).
    pub const USE_CONTACT: Self = Self(0x6984);
    /// Function not supported; for SELECT also a blocked card.
    pub const FUNCTION_NOT_SUPPORTED: Self = Self(0x6A81);
    /// File or application not found.
    pub const NOT_FOUND: Self = Self(0x6A82);
    /// Record not found.
    pub const RECORD_NOT_FOUND: Self = Self(0x6A83);
    /// Incorrect P1 P2.
    pub const WRONG_P1_P2: Self = Self(0x6A86);
    /// Referenced data not found.
    pub const DATA_NOT_FOUND: Self = Self(0x6A88);
    /// Instruction not supported.
    pub const INSTRUCTION_NOT_SUPPORTED: Self = Self(0x6D00);
    /// Class not supported.
    pub const CLASS_NOT_SUPPORTED: Self = Self(0x6E00);
    /// No precise diagnosis.
    pub const UNKNOWN: Self = Self(0x6F00);

    /// Splits an answer into its data and its status; `None` if it has fewer than two bytes.
    pub fn split(response: &[u8]) -> Option<(&[u8], Self)> {
        let (data, status) = response.split_last_chunk::<2>()?;
        Some((data, Self(u16::from_be_bytes(*status))))
    }

    /// Whether the command succeeded.
    pub const fn is_ok(self) -> bool {
        self.0 == Self::OK.0
    }

    /// SW1 SW2 as bytes.
    pub const fn to_bytes(self) -> [u8; 2] {
        self.0.to_be_bytes()
    }
}

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

impl fmt::Debug for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StatusWord({:04X})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_data_and_two_bytes() {
        assert_eq!(StatusWord::split(&[0x6F, 0x00, 0x90, 0x00]), Some((&[0x6F, 0x00][..], StatusWord::OK)));
        assert_eq!(StatusWord::split(&[0x6A, 0x82]), Some((&[][..], StatusWord::NOT_FOUND)));
        assert_eq!(StatusWord::split(&[0x90]), None);
        assert_eq!(StatusWord::split(&[]), None);
    }
}
