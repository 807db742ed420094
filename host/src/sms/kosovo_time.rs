//! The time of day in Kosovo, for what a customer reads: the host itself counts in UTC.
//!
//! Central European time, with summer time as in the European Union (Directive 2000/84/EC): from the last Sunday of
//! March to that of October, each at 01:00 UTC.

use mpos_protocol::{Moment, moment::LocalTime};

const HOUR_S: i32 = 3600;
const DAY_MS: u64 = 86_400_000;
/// 1970-01-01 was a Thursday; Sunday is 0.
const FIRST_WEEKDAY: u64 = 4;
/// The last Sunday of a month of 31 days is on this day or after it.
const LAST_SUNDAY_MIN: u64 = 25;

/// Date and time of day in Kosovo.
pub(crate) fn local(unix_ms: u64) -> LocalTime {
    let utc = Moment { unix_ms, utc_offset_s: 0, uptime_ms: 0 };
    let utc_offset_s = if is_summer(&utc.local(), unix_ms) { 2 * HOUR_S } else { HOUR_S };
    Moment { utc_offset_s, ..utc }.local()
}

fn is_summer(utc: &LocalTime, unix_ms: u64) -> bool {
    let weekday = (unix_ms / DAY_MS + FIRST_WEEKDAY) % 7;
    let day = u64::from(utc.day);
    let past_last_sunday = match weekday {
        0 => day >= LAST_SUNDAY_MIN && utc.hour >= 1,
        days_since_sunday => day.saturating_sub(days_since_sunday) >= LAST_SUNDAY_MIN,
    };
    match utc.month {
        3 => past_last_sunday,
        10 => !past_last_sunday,
        month => (4..=9).contains(&month),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_change_on_the_last_sundays_of_march_and_october() {
        for (unix_s, hour, day) in [
            // 2026-03-29 00:59:59 UTC and a second later; 2026-10-25 likewise.
            (1_774_745_999, 1, 29),
            (1_774_746_000, 3, 29),
            (1_792_889_999, 2, 25),
            (1_792_890_000, 2, 25),
            // 2026-03-31 22:00, 2026-10-31 23:30, 2026-11-24 11:00, 2026-07-01 22:30 UTC.
            (1_774_994_400, 0, 1),
            (1_793_489_400, 0, 1),
            (1_795_518_000, 12, 24),
            (1_782_945_000, 0, 2),
        ] {
            let local = local(unix_s * 1000);
            assert_eq!((local.hour, local.day), (hour, day), "{unix_s}");
        }
    }
}
