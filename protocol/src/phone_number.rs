//! A customer's mobile number in Kosovo: typed in many ways, kept in one, shown as `383 44 123 456`.
//!
//! +383 and eight digits, of which the first two are 43 to 49 for mobile networks. Numbers are ported between
//! operators, so nothing is told from them but that an SMS can arrive.

use crate::Text;
use alloc::string::String;
use core::fmt;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// The country's code (ITU-T E.164).
const COUNTRY: &str = "383";
/// Digits after it.
const NATIONAL_DIGITS: usize = 8;
/// First two of them, of mobile networks.
const MOBILE: core::ops::RangeInclusive<u8> = 43..=49;
/// Country codes of the networks that served Kosovo before it had its own.
const FORMER_COUNTRIES: [&str; 3] = ["377", "386", "381"];
/// Stands for all but the last two digits of a number that was masked.
const NOBODY: &str = "383430000";
/// The longest number as typed, spaces and all.
pub const PHONE_NUMBER_TYPED_MAX: usize = 32;

/// A mobile number of Kosovo: `383` and eight digits. Personal data: it does not print itself.
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneNumber(Text<11>);

/// Why a text is no such number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneNumberError {
    /// Nothing was typed.
    #[error("type the customer's number, such as 383 44 123 456")]
    Empty,
    /// Something that is no digit.
    #[error("\"{0}\" is not a digit: a number is such as 383 44 123 456")]
    NotADigit(char),
    /// A country that served Kosovo before +383.
    #[error("numbers with +{0} are no longer used in Kosovo: ask for the one with +383")]
    FormerCountry(&'static str),
    /// Of another country.
    #[error("only numbers of Kosovo get receipts: 383 4x xxx xxx")]
    OtherCountry,
    /// A fixed line or an unknown network.
    #[error("this is not a mobile number: after 383 it goes on with 43 to 49")]
    NotMobile,
    /// Digits are missing.
    #[error("the number is too short: after 383 there are eight digits")]
    TooShort,
    /// Digits are too many.
    #[error("the number is too long: after 383 there are eight digits")]
    TooLong,
}

impl PhoneNumber {
    /// Reads a number as people type it: `383`, `+383`, `00383` or `0` before `4x`, or nothing, and any spaces,
    /// dashes and brackets.
    ///
    /// # Errors
    /// [`PhoneNumberError`].
    pub fn parse(typed: &str) -> Result<Self, PhoneNumberError> {
        let mut digits = String::with_capacity(PHONE_NUMBER_TYPED_MAX);
        let trimmed = typed.trim();
        let plus = trimmed.starts_with('+');
        for character in trimmed.strip_prefix('+').unwrap_or(trimmed).chars() {
            match character {
                '0'..='9' if digits.len() == PHONE_NUMBER_TYPED_MAX => return Err(PhoneNumberError::TooLong),
                '0'..='9' => digits.push(character),
                ' ' | '-' | '(' | ')' | '/' | '.' | '\u{a0}' => {}
                other => return Err(PhoneNumberError::NotADigit(other)),
            }
        }
        if digits.is_empty() {
            return Err(PhoneNumberError::Empty);
        }
        let national = national(&digits, plus)?;
        match national.len() {
            NATIONAL_DIGITS => {}
            0..NATIONAL_DIGITS => return Err(PhoneNumberError::TooShort),
            _ => return Err(PhoneNumberError::TooLong),
        }
        let network = national.get(..2).and_then(|network| network.parse().ok());
        if !network.is_some_and(|network| MOBILE.contains(&network)) {
            return Err(PhoneNumberError::NotMobile);
        }
        let mut whole = String::from(COUNTRY);
        whole.push_str(national);
        Text::new(&whole).map(Self).map_err(|_| PhoneNumberError::TooLong)
    }

    /// As a gateway wants it: eleven digits.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// As people read it: `383 44 123 456`.
    pub fn grouped(&self) -> String {
        group(&self.0)
    }

    /// With all but the last two digits hidden: for logs and lists.
    pub fn masked(&self) -> String {
        let last = self.0.get(self.0.len().saturating_sub(2)..).unwrap_or_default();
        let mut masked = String::from("383 ** *** *");
        masked.push_str(last);
        masked
    }
}

/// Groups what was typed so far as a number is written: `383 44 123 456`. Other characters than digits fall out.
pub fn group(typed: &str) -> String {
    let mut grouped = String::new();
    for (place, digit) in typed.chars().filter(char::is_ascii_digit).take(11).enumerate() {
        if matches!(place, 3 | 5 | 8) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

fn national(digits: &str, plus: bool) -> Result<&str, PhoneNumberError> {
    let international = digits.strip_prefix("00").or(plus.then_some(digits));
    if let Some(national) = international.unwrap_or(digits).strip_prefix(COUNTRY) {
        // People write the 0 of a call from within the country after the code too.
        return Ok(national.strip_prefix('0').unwrap_or(national));
    }
    let former = |digits: &str| FORMER_COUNTRIES.into_iter().find(|country| digits.starts_with(country));
    match international {
        Some(number) => {
            Err(former(number).map_or(PhoneNumberError::OtherCountry, PhoneNumberError::FormerCountry))
        }
        None => match (digits.strip_prefix('0'), former(digits)) {
            (Some(national), _) => Ok(national),
            (None, Some(country)) if digits.len() > NATIONAL_DIGITS => {
                Err(PhoneNumberError::FormerCountry(country))
            }
            (None, _) => Ok(digits),
        },
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl Serialize for PhoneNumber {
    /// For people (recordings, logs) masked, as [`crate::Secret`] is.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&self.masked())
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for PhoneNumber {
    /// What is no such number does not decode; a masked one is replayed as nobody's, with the digits that it shows.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let masked = alloc::borrow::Cow::<str>::deserialize(deserializer)?;
            let shown =
                masked.get(masked.len().saturating_sub(2)..).filter(|shown| shown.parse::<u8>().is_ok());
            return Ok(Self(Text::clipped(&[NOBODY, shown.unwrap_or("00")].concat())));
        }
        let digits = Text::<11>::deserialize(deserializer)?;
        match Self::parse(&digits) {
            Ok(number) if number.0 == digits => Ok(number),
            _ => Err(D::Error::custom("not a mobile number of Kosovo")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_people_type_it() {
        for typed in [
            "383 44 123 456",
            "+383 44 123 456",
            "0038344123456",
            "044 123 456",
            "044/123-456",
            "44123456",
            "+383 (0)44 123 456",
        ] {
            let number = PhoneNumber::parse(typed).unwrap();
            assert_eq!((number.digits(), &*number.grouped()), ("38344123456", "383 44 123 456"), "{typed}");
        }
    }

    #[test]
    fn what_cannot_get_a_receipt_is_named() {
        for (typed, why) in [
            ("", PhoneNumberError::Empty),
            (" + ", PhoneNumberError::Empty),
            ("383 44 12x 456", PhoneNumberError::NotADigit('x')),
            ("+377 44 123 456", PhoneNumberError::FormerCountry("377")),
            ("00386 49 123 456", PhoneNumberError::FormerCountry("386")),
            ("386 49 123 456", PhoneNumberError::FormerCountry("386")),
            ("+49 170 1234567", PhoneNumberError::OtherCountry),
            ("383 38 123 456", PhoneNumberError::NotMobile),
            ("383 42 123 456", PhoneNumberError::NotMobile),
            ("383 44 123 45", PhoneNumberError::TooShort),
            ("383", PhoneNumberError::TooShort),
            ("383 44 123 4567", PhoneNumberError::TooLong),
            ("0000000000000000000000000000000000000", PhoneNumberError::TooLong),
        ] {
            assert_eq!(PhoneNumber::parse(typed), Err(why), "{typed}");
        }
    }

    #[test]
    fn a_number_groups_while_it_is_typed_and_does_not_print_itself() {
        for (typed, grouped) in [
            ("", ""),
            ("383", "383"),
            ("3834", "383 4"),
            ("3834412", "383 44 12"),
            ("383 44 1234567", "383 44 123 456"),
        ] {
            assert_eq!(group(typed), grouped);
        }
        let number = PhoneNumber::parse("38344123456").unwrap();
        assert_eq!(alloc::format!("{number:?}"), "383 ** *** *56");
    }

    #[test]
    fn a_masked_number_reads_as_one_that_is_masked_alike() {
        let number = PhoneNumber::parse("38344123456").unwrap();
        let shown = serde_json::to_string(&number).unwrap();
        let replayed: PhoneNumber = serde_json::from_str(&shown).unwrap();
        assert_ne!(replayed, number);
        assert_eq!(serde_json::to_string(&replayed).unwrap(), shown);
        for other in ["\"\"", "\"ë\"", "\"a number\""] {
            assert_eq!(
                serde_json::from_str::<PhoneNumber>(other).unwrap().digits(),
                "38343000000",
                "{other}"
            );
        }
    }
}
