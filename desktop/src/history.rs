//! `mpos history`: the transactions of a range, of this terminal or of the whole business, as a table or a file.

use crate::{
    arguments::{Format, History},
    asking::Range,
    bank::{BANK_NAME, Bank},
    counter::Counter,
    data_folder::DataFolder,
    error::ProgramError,
    exit::Exit,
};
use jiff::{ZonedDateTime, civil, tz::TimeZone};
use mpos_export::{self as export, Report, local_time};
use mpos_protocol::admin::{HISTORY_RANGE_MAX_MS, HistoryFault, HistoryScope, SupervisorPurpose};
use std::{
    fs,
    io::{self, Write},
    path::Path,
};

/// Runs the command.
///
/// # Errors
/// [`ProgramError`].
pub(crate) fn run(data: Option<&Path>, history: History) -> Result<Exit, ProgramError> {
    let range = range(&history)?;
    let code = history.supervisor_code.as_ref().map(|code| code.clone().supervisor_code()).transpose()?;
    let folder = DataFolder::open(data)?;
    let bank = Bank::open(&folder, &history.bank)?;
    let counter = Counter::open(&folder, &bank)?;
    let listed = (|| {
        let scope = match (&code, history.merchant) {
            (Some(code), true) => {
                HistoryScope::Merchant { grant: counter.agreed(code, SupervisorPurpose::MerchantHistory)? }
            }
            _ => HistoryScope::Device,
        };
        counter.transactions(&scope, &range)
    })();
    let identity = counter.identity().clone();
    counter.close();
    let (page, rows) = listed?;
    let report = Report {
        bank: BANK_NAME.to_owned(),
        merchant: identity.merchant,
        terminal: (!history.merchant).then_some(identity.terminal),
        from: local_time::at(range.from_ms),
        to: local_time::at(range.to_ms),
        totals: page.totals,
        rows,
    };
    let bytes = match history.format {
        Format::Table => export::table::write(&report).into_bytes(),
        Format::Json => export::json::write(&report)?,
        Format::Csv => export::csv::write(&report)?,
        Format::Pdf => export::pdf::write(&report),
    };
    match &history.output {
        Some(path) => {
            fs::write(path, &bytes).map_err(|source| ProgramError::File { path: path.clone(), source })?;
            eprintln!("{} transactions written to {}", report.rows.len(), path.display());
        }
        None => {
            let mut out = io::stdout().lock();
            out.write_all(&bytes).and_then(|()| out.flush()).map_err(ProgramError::Output)?;
        }
    }
    Ok(Exit::Done)
}

/// The range asked for: today unless told otherwise, checked before anything starts.
fn range(history: &History) -> Result<Range, ProgramError> {
    let now = ZonedDateTime::now();
    let midnight = civil::Time::midnight();
    let from = history.from.map_or_else(|| now.date().to_datetime(midnight), |time| time.first());
    let to = history.to.map_or_else(|| last_of(now.date()), |time| time.last());
    let (from_ms, to_ms) = (unix_ms(from)?, unix_ms(to)?);
    if from_ms > unix_ms(now.datetime())? {
        return Err(ProgramError::RangeInTheFuture { from: local_time::written(from, '/') });
    }
    if to_ms < from_ms {
        return Err(ProgramError::History(HistoryFault::Reversed));
    }
    if to_ms - from_ms > HISTORY_RANGE_MAX_MS {
        return Err(ProgramError::History(HistoryFault::TooLong));
    }
    Ok(Range { from_ms, to_ms, search: history.search.clone() })
}

fn unix_ms(time: civil::DateTime) -> Result<u64, ProgramError> {
    let zoned = time.to_zoned_datetime(TimeZone::system()).ok();
    zoned
        .and_then(|zoned| u64::try_from(zoned.timestamp().as_millisecond()).ok())
        .ok_or(ProgramError::NotATime { time: time.to_string() })
}

fn last_of(date: civil::Date) -> civil::DateTime {
    date.to_datetime(civil::time(23, 59, 59, 999_000_000))
}

/// A time as a user gives it: a day, or a second of one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GivenTime {
    date: civil::Date,
    time: Option<civil::Time>,
}

impl GivenTime {
    /// Reads `2026-11-24` or `2026-11-24 16:30:40`, with dashes or slashes.
    ///
    /// # Errors
    /// What it should look like.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (date, time) =
            text.trim().split_once([' ', 'T']).map_or((text.trim(), None), |(d, t)| (d, Some(t)));
        let expected = || "write a day as 2026-11-24, or a time as \"2026-11-24 16:30:40\"".to_owned();
        let date = date.replace('/', "-").parse().map_err(|_| expected())?;
        let time = time.map(|time| time.trim().parse().map_err(|_| expected())).transpose()?;
        Ok(Self { date, time })
    }

    fn first(self) -> civil::DateTime {
        self.date.to_datetime(self.time.unwrap_or(civil::Time::midnight()))
    }

    fn last(self) -> civil::DateTime {
        self.time.map_or_else(|| last_of(self.date), |time| self.date.to_datetime(time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_the_brochure_and_as_iso_write_it() {
        for text in ["2022-09-02", "2022/09/02", "2022/09/02 00:00:00", "2022-09-02T00:00:00"] {
            let time = GivenTime::parse(text).unwrap();
            assert_eq!(time.first().to_string(), "2022-09-02T00:00:00", "{text}");
        }
        assert_eq!(GivenTime::parse("2022/09/02").unwrap().last().to_string(), "2022-09-02T23:59:59.999");
        assert_eq!(
            GivenTime::parse("2022/09/02 12:00:00").unwrap().last().to_string(),
            "2022-09-02T12:00:00"
        );
        for text in ["", "yesterday", "2022-13-01", "2022-02-30", "2022-09-02 25:00:00", "02.09.2022"] {
            assert!(GivenTime::parse(text).is_err(), "{text}");
        }
    }
}
