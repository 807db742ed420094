//! What is paid: all that a tap needs to know that is not a setting.
//!
//! The kernel has no clock and no generator of randomness, so date, time and one unpredictable number
//! for each presentation of a card come in here. The same transaction gives the same commands.

use crate::error::TerminalFault;
use crate::limits::{AMOUNT_MAX, ATTEMPTS_MAX};

/// One transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Amount authorised (9F02), minor units.
    pub amount: u64,
    /// Amount other (9F03), minor units; 0, as there is no cashback.
    pub amount_other: u64,
    /// Currency (5F2A), ISO 4217 numeric, BCD: `0978` is the euro.
    pub currency: [u8; 2],
    /// Transaction date (9A), YYMMDD, BCD.
    pub date: [u8; 3],
    /// Transaction time (9F21), HHMMSS, BCD.
    pub time: [u8; 3],
    /// Transaction type (9C).
    pub kind: TransactionType,
    /// Unpredictable numbers (9F37): one for each presentation of the card.
    pub unpredictable_numbers: [[u8; 4]; ATTEMPTS_MAX],
    /// Transaction sequence counter (9F41).
    pub sequence_counter: u32,
}

/// Transaction type (9C).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TransactionType {
    /// 00: goods and services.
    #[default]
    Purchase,
    /// 20: refund.
    Refund,
}

impl TransactionType {
    /// Its value in BCD.
    pub const fn code(self) -> u8 {
        match self {
            Self::Purchase => 0x00,
            Self::Refund => 0x20,
        }
    }

    /// The type of a value in BCD; none for what this kernel does not do.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0x00 => Some(Self::Purchase),
            0x20 => Some(Self::Refund),
            _ => None,
        }
    }
}

impl Transaction {
    /// Checks what the types cannot.
    ///
    /// # Errors
    /// An amount of more than twelve digits; a date or time that is none.
    pub fn validate(&self) -> Result<(), TerminalFault> {
        if self.amount > AMOUNT_MAX || self.amount_other > AMOUNT_MAX {
            return Err(TerminalFault::Amount);
        }
        let [_, month, day] = self.date;
        let [hour, minute, second] = self.time;
        let is_bcd = self.date.iter().chain(&self.time).all(|byte| byte >> 4 <= 9 && byte & 0x0F <= 9);
        let in_calendar = (0x01..=0x12).contains(&month) && (0x01..=0x31).contains(&day);
        let on_clock = hour <= 0x23 && minute <= 0x59 && second <= 0x59;
        if is_bcd && in_calendar && on_clock { Ok(()) } else { Err(TerminalFault::DateTime) }
    }

    pub(crate) const fn is_refund(&self) -> bool {
        matches!(self.kind, TransactionType::Refund)
    }
}

/// `number` in `N` bytes of BCD, right-justified; digits that do not fit are lost.
pub(crate) fn bcd<const N: usize>(mut number: u64) -> [u8; N] {
    let mut bytes = [0; N];
    for byte in bytes.iter_mut().rev() {
        let pair = u8::try_from(number % 100).unwrap_or_default();
        *byte = ((pair / 10) << 4) | (pair % 10);
        number /= 100;
    }
    bytes
}

/// A date YYMMDD in BCD as one that can be compared: EMV 4.3 Book 4, 6.7.3: years 50 to 99 are of the
/// twentieth century.
pub(crate) const fn sortable_date([year, month, day]: [u8; 3]) -> [u8; 4] {
    let century = if year >= 0x50 { 0x19 } else { 0x20 };
    [century, year, month, day]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_twelve_digits() {
        assert_eq!(bcd::<6>(4001), [0, 0, 0, 0, 0x40, 0x01]);
        assert_eq!(bcd::<6>(AMOUNT_MAX), [0x99; 6]);
    }

    #[test]
    fn centuries_change_at_50() {
        assert!(sortable_date([0x49, 1, 1]) > sortable_date([0x50, 1, 1]));
        assert!(sortable_date([0x26, 1, 1]) > sortable_date([0x99, 12, 31]));
    }
}
