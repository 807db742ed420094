//! Money: whole minor units of one currency, never a fraction, never below zero.

use core::fmt;
use serde::{Deserialize, Serialize};

/// An amount in minor units (cents). The largest is what EMV's amount field holds: 12 digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Amount(u64);

/// Why a typed amount is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Empty, or with something other than digits and one decimal point.
    #[error("is not an amount: type it as 12.30")]
    NotANumber,
    /// A minus sign.
    #[error("is negative: an amount is above zero")]
    Negative,
    /// More than two decimals.
    #[error("has more than two decimals: the smallest coin is 0.01")]
    TooFine,
    /// Zero.
    #[error("is zero: an amount is above zero")]
    Zero,
    /// More than the 12 digits of tag 9F02.
    #[error("is more than 9999999999.99, the most that a card transaction can say")]
    TooLarge,
}

impl Amount {
    /// Twelve decimal digits: what tag 9F02 (n 12) can say (EMV Book 3, Annex A).
    pub const MAX: Amount = Amount(999_999_999_999);

    /// From minor units; `None` above [`Amount::MAX`].
    pub const fn from_minor(minor: u64) -> Option<Self> {
        if minor <= Self::MAX.0 { Some(Self(minor)) } else { None }
    }

    /// In minor units.
    pub const fn minor(self) -> u64 {
        self.0
    }

    /// Reads what a merchant types: `1`, `1.2`, `1.23`, or with a comma.
    ///
    /// # Errors
    /// [`AmountError`], one for each way in which it is not an amount above zero.
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        let text = text.trim();
        if text.starts_with('-') {
            return Err(AmountError::Negative);
        }
        let (whole, decimals) = text.split_once(['.', ',']).unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(decimals) || text.ends_with(['.', ',']) {
            return Err(AmountError::NotANumber);
        }
        let cents = match decimals.len() {
            0 => Ok(0),
            1 => decimals.parse::<u64>().map(|tenths| tenths * 10),
            2 => decimals.parse(),
            _ => return Err(AmountError::TooFine),
        };
        let whole: u64 = whole.parse().map_err(|_| AmountError::TooLarge)?;
        let minor = whole
            .checked_mul(100)
            .zip(cents.ok())
            .and_then(|(hundreds, cents)| hundreds.checked_add(cents))
            .ok_or(AmountError::TooLarge)?;
        match Self::from_minor(minor).ok_or(AmountError::TooLarge)? {
            Amount(0) => Err(AmountError::Zero),
            amount => Ok(amount),
        }
    }
}

impl fmt::Display for Amount {
    /// Two decimals and no currency: `1.23`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// A currency of ISO 4217. The product knows one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Currency {
    /// Euro, 978, two decimals.
    #[default]
    Eur,
}

impl Currency {
    /// The numeric code as tag 5F2A wants it (n 3, in two bytes).
    pub const fn numeric(self) -> [u8; 2] {
        match self {
            Currency::Eur => [0x09, 0x78],
        }
    }

    /// The three letters.
    pub const fn code(self) -> &'static str {
        match self {
            Currency::Eur => "EUR",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_reads_as_it_prints() {
        for (typed, printed) in [("1.23", "1.23"), ("1", "1.00"), ("0,5", "0.50"), (" 40.00 ", "40.00")] {
            assert_eq!(alloc::format!("{}", Amount::parse(typed).unwrap()), printed);
        }
    }

    #[test]
    fn what_is_no_amount_is_refused_by_name() {
        for (typed, error) in [
            ("0", AmountError::Zero),
            ("0.00", AmountError::Zero),
            ("-1", AmountError::Negative),
            ("1.234", AmountError::TooFine),
            ("", AmountError::NotANumber),
            (".5", AmountError::NotANumber),
            ("1.", AmountError::NotANumber),
            ("1e3", AmountError::NotANumber),
            ("10000000000.00", AmountError::TooLarge),
            ("99999999999999999999999", AmountError::TooLarge),
        ] {
            assert_eq!(Amount::parse(typed), Err(error), "{typed}");
        }
    }
}
