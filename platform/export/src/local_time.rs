//! Times as whoever sits here reads them: in the zone of this machine.

use jiff::{Timestamp, ZonedDateTime, civil, tz::TimeZone};

/// Milliseconds since 1970 UTC as a time here.
pub fn at(unix_ms: u64) -> ZonedDateTime {
    let time =
        i64::try_from(unix_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or_default();
    time.to_zoned_datetime(TimeZone::system())
}

/// The same as lists and receipts write it: `2026-11-24 16:30:40`.
pub fn text(unix_ms: u64) -> String {
    written(at(unix_ms).datetime(), '-')
}

/// `2026-11-24 16:30:40`, or with another sign in the day: `2026/11/24 16:30:40`.
pub fn written(time: civil::DateTime, within_day: char) -> String {
    let day = day_written(time.date(), within_day);
    format!("{day} {:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

/// `2026-11-24`, or with another sign. By hand: what reads any pattern takes room on the phone.
pub fn day_written(day: civil::Date, within: char) -> String {
    format!("{:04}{within}{:02}{within}{:02}", day.year(), day.month(), day.day())
}
