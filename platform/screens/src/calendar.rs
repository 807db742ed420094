//! Days as a merchant means them: local to the terminal, from midnight to one second before the next.
//!
//! The offset from UTC is the one of now: it is the only one that comes with a [`Moment`]. What lies beyond a change
//! to or from summer time is shown, and found, an hour off.

use mpos_protocol::{Moment, moment::LocalTime};

const DAY_S: i64 = 86_400;

/// Why a text is no point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateFault {
    /// Not of the form `2022/09/02 00:00:00`.
    Form,
    /// Of the form, but no calendar has it: 2022/02/30.
    NoSuchDay,
}

/// Which end of a range is meant: a date without a time of day is its first or its last second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    From,
    To,
}

/// From the first to the last second of `from_day` to `to_day`, counted from today: 0 is today, 1 is yesterday.
/// Milliseconds since 1970 UTC, both inclusive.
pub(crate) fn days_ago(now: Moment, from_day: i64, to_day: i64) -> (u64, u64) {
    let today = local_s(now).div_euclid(DAY_S);
    let utc_ms = |local_s: i64| utc_ms(now, local_s);
    (utc_ms((today - from_day) * DAY_S), utc_ms((today - to_day + 1) * DAY_S - 1).saturating_add(999))
}

/// How many days ago this week's Monday was.
pub(crate) fn days_since_monday(now: Moment) -> i64 {
    // 1970-01-01 was a Thursday.
    (local_s(now).div_euclid(DAY_S) + 3).rem_euclid(7)
}

/// How many days ago the first of this month was.
pub(crate) fn days_since_first(now: Moment) -> i64 {
    i64::from(now.local().day) - 1
}

/// `2022/09/02 00:00:00`, local.
pub(crate) fn write(now: Moment, unix_ms: u64) -> String {
    let LocalTime { year, month, day, hour, minute, second } = Moment { unix_ms, ..now }.local();
    format!("{year:04}/{month:02}/{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// Reads a date and time of day, or a date alone; `/`, `-` and `.` part a date. Milliseconds since 1970 UTC.
///
/// # Errors
/// [`DateFault`].
pub(crate) fn read(now: Moment, typed: &str, end: End) -> Result<u64, DateFault> {
    let mut halves = typed.split_whitespace();
    let (date, time) = (halves.next().ok_or(DateFault::Form)?, halves.next());
    if halves.next().is_some() {
        return Err(DateFault::Form);
    }
    let [year, month, day] = numbers(date, &['/', '-', '.'])?;
    let last = if end == End::To { [23, 59, 59] } else { [0, 0, 0] };
    let [hour, minute, second] = time.map_or(Ok(last), |time| match time.matches(':').count() {
        1 => numbers(&format!("{time}:{:02}", last[2]), &[':']),
        _ => numbers(time, &[':']),
    })?;
    if !(1970..=9999).contains(&year) {
        return Err(DateFault::Form);
    }
    let exists = (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
    if !exists || hour > 23 || minute > 59 || second > 59 {
        return Err(DateFault::NoSuchDay);
    }
    let at = utc_ms(now, days_before(year, month, day) * DAY_S + hour * 3600 + minute * 60 + second);
    Ok(if end == End::To { at.saturating_add(999) } else { at })
}

fn numbers(text: &str, marks: &[char]) -> Result<[i64; 3], DateFault> {
    let number = |part: &str| {
        let plain = (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| part.parse().ok()).flatten().ok_or(DateFault::Form)
    };
    let mut parts = text.split(marks);
    let mut next = || number(parts.next().unwrap_or_default());
    let three = [next()?, next()?, next()?];
    if parts.next().is_none() { Ok(three) } else { Err(DateFault::Form) }
}

fn local_s(now: Moment) -> i64 {
    i64::try_from(now.unix_ms / 1000).unwrap_or(i64::MAX / 2) + i64::from(now.utc_offset_s)
}

fn utc_ms(now: Moment, local_s: i64) -> u64 {
    let utc_s = local_s.saturating_sub(i64::from(now.utc_offset_s)).max(0);
    u64::try_from(utc_s).unwrap_or_default().saturating_mul(1000)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to this one.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let past = year - 1;
    let leap_days = past / 4 - past / 100 + past / 400 - 477;
    let months: i64 = (1..month).map(|month| days_of(year, month)).sum();
    (year - 1970) * 365 + leap_days + months + day - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2022-09-02 10:00:00 UTC, two hours ahead: a Friday.
    const NOW: Moment = Moment { unix_ms: 1_662_112_800_000, utc_offset_s: 7200, uptime_ms: 0 };

    #[test]
    fn a_day_goes_from_midnight_to_its_last_second_where_the_terminal_is() {
        let (from, to) = days_ago(NOW, 0, 0);
        assert_eq!((&*write(NOW, from), &*write(NOW, to)), ("2022/09/02 00:00:00", "2022/09/02 23:59:59"));
        assert_eq!(to - from, 86_399_999);
        assert_eq!(days_since_monday(NOW), 4);
        assert_eq!(days_since_first(NOW), 1);
        let late = Moment { unix_ms: NOW.unix_ms + 12 * 3_600_000, ..NOW };
        assert_eq!(write(late, days_ago(late, 1, 1).0), "2022/09/02 00:00:00", "it is past midnight here");
    }

    #[test]
    fn what_is_written_is_read_back() {
        for day in (0..80_000).step_by(17) {
            let at = Moment { unix_ms: day * 86_400_000 + 12_345_000, ..NOW };
            let written = write(at, at.unix_ms);
            assert_eq!(read(NOW, &written, End::From), Ok(at.unix_ms), "{written}");
        }
    }

    #[test]
    fn a_date_is_read_in_the_forms_that_people_type() {
        let first = read(NOW, "2022/09/02 00:00:00", End::From).unwrap();
        let last = read(NOW, "2022/09/02 23:59:59", End::To).unwrap();
        for typed in ["2022/09/02", " 2022-9-2 ", "2022.09.02 00:00"] {
            assert_eq!(read(NOW, typed, End::From), Ok(first), "{typed}");
        }
        for typed in ["2022/09/02", "2022/09/02 23:59"] {
            assert_eq!(read(NOW, typed, End::To), Ok(last), "{typed}");
        }
    }

    #[test]
    fn what_is_no_date_is_told_apart() {
        for (typed, fault) in [
            ("", DateFault::Form),
            ("today", DateFault::Form),
            ("2022/09", DateFault::Form),
            ("22/09/02", DateFault::Form),
            ("2022/09/02 00:00:00 x", DateFault::Form),
            ("2022/09/02 1:2:3:4", DateFault::Form),
            ("+2022/09/02", DateFault::Form),
            ("20222/09/02", DateFault::Form),
            ("2022/02/29", DateFault::NoSuchDay),
            ("1900/02/29", DateFault::Form),
            ("2022/13/01", DateFault::NoSuchDay),
            ("2022/00/01", DateFault::NoSuchDay),
            ("2022/01/00", DateFault::NoSuchDay),
            ("2022/09/02 24:00:00", DateFault::NoSuchDay),
            ("2022/09/02 00:60:00", DateFault::NoSuchDay),
        ] {
            assert_eq!(read(NOW, typed, End::From), Err(fault), "{typed}");
        }
        assert!(read(NOW, "2024/02/29", End::From).is_ok());
    }
}
