//! Time as an actor sees it: it arrives with the message, so that a recorded run replays to the same states.

use core::fmt;
use serde::{Deserialize, Serialize};

/// A point in time, by three clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Milliseconds since 1970-01-01 00:00 UTC; may jump when the clock is set.
    pub unix_ms: u64,
    /// Seconds that local time is ahead of UTC.
    pub utc_offset_s: i32,
    /// Milliseconds since the process started; never goes back.
    pub uptime_ms: u64,
}

/// A date and time of day, local to the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// Full year, 1970 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
}

impl Moment {
    /// The terminal's wall clock. Times outside the years 1970 to 9999 are held at the nearest end.
    pub fn local(self) -> LocalTime {
        const YEAR_9999_END_S: i64 = 253_402_300_799;
        let utc_s = i64::try_from(self.unix_ms / 1000).unwrap_or(YEAR_9999_END_S);
        let local_s = utc_s.saturating_add(i64::from(self.utc_offset_s)).clamp(0, YEAR_9999_END_S);
        let (year, month, day) = civil_date(local_s / 86_400);
        let second_of_day = local_s % 86_400;
        let part = |value: i64| u8::try_from(value).unwrap_or_default();
        LocalTime {
            year,
            month,
            day,
            hour: part(second_of_day / 3600),
            minute: part(second_of_day / 60 % 60),
            second: part(second_of_day % 60),
        }
    }
}

/// The Gregorian date of a day counted from 1970-01-01, by counting in eras of 400 years that begin in March.
fn civil_date(days: i64) -> (u16, u8, u8) {
    const DAYS_PER_ERA: i64 = 146_097;
    let shifted = days + 719_468;
    let era = shifted / DAYS_PER_ERA;
    let day_of_era = shifted % DAYS_PER_ERA;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (u16::try_from(year).unwrap_or(9999), u8::try_from(month).unwrap_or(12), u8::try_from(day).unwrap_or(31))
}

impl LocalTime {
    /// YYMMDD, two digits a byte: tag 9A.
    pub fn emv_date(self) -> [u8; 3] {
        [bcd(u8::try_from(self.year % 100).unwrap_or_default()), bcd(self.month), bcd(self.day)]
    }

    /// HHMMSS, two digits a byte: tag 9F21.
    pub fn emv_time(self) -> [u8; 3] {
        [bcd(self.hour), bcd(self.minute), bcd(self.second)]
    }
}

/// Two decimal digits in one byte; `value` is below 100.
const fn bcd(value: u8) -> u8 {
    ((value / 10 % 10) << 4) | (value % 10)
}

impl fmt::Display for LocalTime {
    /// As the brochure's receipt writes it: `2022-10-24 16:30:40`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second } = self;
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn local_time_follows_the_calendar() {
        for (unix_s, offset_s, text) in [
            (0_u64, 0, "1970-01-01 00:00:00"),
            (951_782_400, 0, "2000-02-29 00:00:00"),
            (1_666_621_840, 7200, "2022-10-24 16:30:40"),
            (1_709_164_799, 3600, "2024-02-29 00:59:59"),
            (4_102_444_799, 0, "2099-12-31 23:59:59"),
            (1000, -3600, "1970-01-01 00:00:00"),
        ] {
            let moment = Moment { unix_ms: unix_s * 1000, utc_offset_s: offset_s, uptime_ms: 0 };
            assert_eq!(moment.local().to_string(), text);
        }
    }

    #[test]
    fn the_card_gets_date_and_time_in_bcd() {
        let local = Moment { unix_ms: 1_666_621_840_000, utc_offset_s: 7200, uptime_ms: 0 }.local();
        assert_eq!(local.emv_date(), [0x22, 0x10, 0x24]);
        assert_eq!(local.emv_time(), [0x16, 0x30, 0x40]);
    }
}
