//! Times as whoever sits here reads them: in the zone of this machine.

use jiff::{Timestamp, ZonedDateTime, tz::TimeZone};

/// Milliseconds since 1970 UTC as a time here.
pub fn at(unix_ms: u64) -> ZonedDateTime {
    let time =
        i64::try_from(unix_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or_default();
    time.to_zoned_datetime(TimeZone::system())
}

/// The same as lists and receipts write it: `2026-11-24 16:30:40`.
pub fn text(unix_ms: u64) -> String {
    at(unix_ms).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
