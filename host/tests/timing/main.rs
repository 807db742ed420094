//! Secrets are compared and read in a time that tells nothing of them. No limit in it is a time: what must be constant is
//! measured beside a comparison that is not, on the same machine in the same minute, and must be far below it.

#![allow(clippy::unwrap_used, reason = "tests")]

mod measure;
mod subjects;

use subjects::{LEAKS, SUBJECTS, Subject};

/// Measurements of each function in a round.
const SAMPLES: usize = 4000;
/// What is busy beside the test can spoil a round; it does not spoil each in favour of one class.
const ROUNDS_MAX: usize = 6;
/// How far below the leaking comparison a constant one must be.
const FAR_BELOW: f64 = 10.0;

/// The figures of each round, up to the first in which the function is far below the leaking comparison.
fn rounds((_, subject): Subject) -> (bool, Vec<(f64, f64)>) {
    let mut figures = Vec::new();
    for _ in 0..ROUNDS_MAX {
        let (leaking, measured) = (LEAKS.1(SAMPLES), subject(SAMPLES));
        figures.push((leaking, measured));
        if measured * FAR_BELOW <= leaking {
            return (true, figures);
        }
    }
    (false, figures)
}

#[test]
fn a_wrong_secret_takes_as_long_as_the_right_one() {
    for subject in SUBJECTS {
        let (is_constant, figures) = rounds(*subject);
        assert!(is_constant, "{}: t of the leaking comparison, and its own: {figures:.1?}", subject.0);
    }
}

#[test]
fn a_comparison_that_stops_early_would_be_found() {
    let (is_constant, figures) = rounds(LEAKS);
    assert!(!is_constant, "the measurement finds nothing: {figures:.1?}");
}
