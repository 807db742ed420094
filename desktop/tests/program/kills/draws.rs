//! What chance decides in a storm, from one seed: the same seed draws the same faults, in the same order on each line
//! and at each till. When they fall is the machine's.

use std::{ops::Range, time::Duration};

/// A stream of draws (SplitMix64).
pub(crate) struct Draws(u64);

impl Draws {
    /// Streams of one seed are independent of each other.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut of_streams = Self(seed);
        let start = of_streams.next() ^ stream.wrapping_mul(0xA076_1D64_78BD_642F);
        Self(start)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn within(&mut self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.within(0..100) < chance
    }

    pub(crate) fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let place = self.within(0..choices.len() as u64);
        &choices[usize::try_from(place).expect("a place in memory")]
    }

    /// Evenly below a short limit half of the time, below a long one the other half: most of what happens, happens
    /// soon.
    pub(crate) fn soon(&mut self, short: u64, long: u64) -> u64 {
        let limit = if self.percent(50) { short } else { long };
        self.within(0..limit)
    }

    pub(crate) fn soon_ms(&mut self, short: u64, long: u64) -> Duration {
        Duration::from_millis(self.soon(short, long))
    }
}
