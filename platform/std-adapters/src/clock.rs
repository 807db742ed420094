//! The machine's clocks.

use jiff::{Timestamp, tz::TimeZone};
use mpos_ports::Clock;
use mpos_protocol::Moment;
use std::time::Instant;

/// The system's wall clock and time zone, and a monotonic clock that starts with this value.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
    zone: TimeZone,
}

impl SystemClock {
    /// Starts counting uptime; reads the system's time zone.
    pub fn new() -> Self {
        Self { started: Instant::now(), zone: TimeZone::system() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        let now = Timestamp::now();
        Moment {
            // A clock set before 1970 reads as 1970: the bank refuses it as stale, with the difference named.
            unix_ms: u64::try_from(now.as_millisecond()).unwrap_or_default(),
            utc_offset_s: self.zone.to_offset(now).seconds(),
            uptime_ms: u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
        }
    }
}
