//! Whether a function's time tells something of its input: Welch's t between two classes of inputs, measured in turn.
//!
//! The method is that of Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?" (2017): inputs of a fixed
//! class and of a random one in random order, so that the machine's moods fall on both; slow measurements cropped at
//! several percentiles, since what interrupts a function is not the function; and the largest t of all. The unit does not
//! matter, and neither does the machine: a figure is judged beside that of a function that is known to leak.

use std::{hint::black_box, time::Instant};

/// Shares of the fastest measurements that are looked at, in percent.
const CROPS: [usize; 5] = [100, 95, 90, 75, 50];

/// Which class an input is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// The same secret thing each time, such as the right PIN.
    Fixed,
    /// Another one each time.
    Random,
}

impl Class {
    /// The bytes of this class. Both are written alike, so that nothing but their content differs when they are read.
    pub(crate) fn pick<const N: usize>(self, fixed: [u8; N], random: [u8; N]) -> [u8; N] {
        let mask = black_box(if self == Self::Fixed { 0xFF } else { 0x00 });
        std::array::from_fn(|place| fixed[place] & mask | random[place] & !mask)
    }
}

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Measurements of both classes together.
    pub(crate) samples: usize,
    /// Calls in a measurement: one alone may be shorter than the clock's step.
    pub(crate) calls: usize,
}

/// The absolute t of `call`, whose inputs `make` makes. Above about 5, the classes differ in time.
pub(crate) fn largest_t<I>(
    effort: Effort,
    mut make: impl FnMut(Class, &mut Numbers) -> I,
    call: impl Fn(&I) -> bool,
) -> f64 {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let mut inputs = Vec::with_capacity(effort.calls);
    let (mut fixed, mut random) = (Vec::new(), Vec::new());
    for _ in 0..effort.samples {
        let class = if numbers.next() & 1 == 0 { Class::Fixed } else { Class::Random };
        inputs.clear();
        inputs.extend((0..effort.calls).map(|_| make(class, &mut numbers)));
        black_box(&mut inputs);
        let begun = Instant::now();
        for input in &inputs {
            black_box(call(black_box(input)));
        }
        let nanoseconds = begun.elapsed().as_nanos() as f64;
        if class == Class::Fixed { fixed.push(nanoseconds) } else { random.push(nanoseconds) }
    }
    let mut all: Vec<f64> = fixed.iter().chain(&random).copied().collect();
    all.sort_unstable_by(f64::total_cmp);
    let cropped = CROPS.map(|percent| {
        let limit = all.get(all.len() * percent / 100).copied().unwrap_or(f64::INFINITY);
        welch(&Moments::below(&fixed, limit), &Moments::below(&random, limit)).abs()
    });
    cropped.into_iter().fold(0.0, f64::max)
}

/// Count, mean and variance of measurements.
struct Moments {
    count: f64,
    mean: f64,
    variance: f64,
}

impl Moments {
    fn below(measured: &[f64], limit: f64) -> Self {
        let kept = || measured.iter().filter(|value| **value <= limit);
        let count = (kept().count() as f64).max(2.0);
        let mean = kept().sum::<f64>() / count;
        let variance = kept().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
        Self { count, mean, variance }
    }
}

/// Welch's t.
fn welch(one: &Moments, other: &Moments) -> f64 {
    let error = (one.variance / one.count + other.variance / other.count).sqrt();
    if error > 0.0 { (one.mean - other.mean) / error } else { 0.0 }
}

/// Numbers that look random (splitmix64), the same in each run.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next() as u8)
    }
}
