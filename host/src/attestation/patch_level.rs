//! A patch level: the month of the security updates that a phone has.
//!
//! Android writes the system's as YYYYMM, the vendor's and the boot image's as YYYYMMDD, and some phones write all
//! three in the long form. The day says nothing that a policy asks for, so a level here is a month.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A year that a patch level may have; Android's levels begin in 2015.
const YEARS: std::ops::RangeInclusive<u32> = 2015..=2999;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// A month of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PatchLevel {
    year: u32,
    month: u32,
}

impl PatchLevel {
    /// From the number that Android writes: YYYYMM or YYYYMMDD. `None` when it is no month from 2015 on.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        let number = u32::try_from(number).ok()?;
        // Six digits, or eight.
        let month_number = if number > 999_999 { number / 100 } else { number };
        let (year, month) = (month_number / 100, month_number % 100);
        (YEARS.contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// The month of a time, in milliseconds since 1970 (UTC).
    #[must_use]
    pub fn at(unix_ms: u64) -> Self {
        // Days to a date in the calendar of 400-year eras that begin on the first of March.
        let days = unix_ms / DAY_MS + 719_468;
        let day_of_era = days % 146_097;
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let (month, carried) =
            if month_from_march < 10 { (month_from_march + 3, 0) } else { (month_from_march - 9, 1) };
        let year = days / 146_097 * 400 + year_of_era + carried;
        Self { year: u32::try_from(year).unwrap_or(u32::MAX), month: u32::try_from(month).unwrap_or(1) }
    }

    /// The level this many months earlier; January of the year 0 at the earliest.
    #[must_use]
    pub const fn months_before(self, months: u32) -> Self {
        let count = (self.year.saturating_mul(12).saturating_add(self.month - 1)).saturating_sub(months);
        Self { year: count / 12, month: count % 12 + 1 }
    }

    /// As Android writes it: YYYYMM.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.year.saturating_mul(100).saturating_add(self.month)
    }
}

impl fmt::Display for PatchLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY_MS, PatchLevel};

    #[test]
    fn both_forms_are_one_month_and_what_is_no_month_is_none() {
        let november = PatchLevel::from_number(202_611);
        assert_eq!(november, PatchLevel::from_number(20_261_105));
        assert_eq!(november.map(|level| level.to_string()), Some("2026-11".to_owned()));
        for number in [0, 1, 202_600, 202_613, 201_412, 20_261_305, 99_999_999, u64::MAX] {
            assert_eq!(PatchLevel::from_number(number), None, "{number}");
        }
    }

    #[test]
    fn a_time_falls_into_its_month_at_both_ends_of_it() {
        // Days since 1970: 2024-02-29, 2024-03-01, 2026-12-31, 2027-01-01.
        for (day, number) in [(19_782, 202_402), (19_783, 202_403), (20_818, 202_612), (20_819, 202_701)] {
            assert_eq!(PatchLevel::at(day * DAY_MS).number(), number);
            assert_eq!(PatchLevel::at(day * DAY_MS + DAY_MS - 1).number(), number);
        }
        assert_eq!(PatchLevel::at(0).number(), 197_001);
        let _ = PatchLevel::at(u64::MAX);
    }

    #[test]
    fn months_are_counted_back_over_the_turn_of_a_year() {
        let level = PatchLevel::from_number(202_602).expect("a month");
        assert_eq!(level.months_before(0), level);
        assert_eq!(level.months_before(2).number(), 202_512);
        assert_eq!(level.months_before(14).number(), 202_412);
        assert_eq!(level.months_before(u32::MAX).number(), 1);
    }
}
