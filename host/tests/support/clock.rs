//! A clock that a test can set ahead.

use mpos_host::{Clock, SystemClock};
use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

#[derive(Debug, Default)]
pub struct TestClock(AtomicI64);

impl TestClock {
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn unix_ms(&self) -> u64 {
        SystemClock.unix_ms().saturating_add_signed(self.0.load(Ordering::SeqCst))
    }
}
