//! The simulation is one that can fail: it repeats itself, everything goes wrong in it, and no broken safeguard
//! escapes it. Seeds that once failed are run again for ever.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

use mpos_simulation::{
    campaign::{Plan, run, simulate},
    house::House,
    mutant::Mutant,
};
use std::sync::{Arc, LazyLock};

/// Seeds that found a fault once, with what it was.
const FOUND: &[(u64, &str)] = &[
    (
        14,
        "one call to the disk that failed ended the keys, and all sales, until the program was started again",
    ),
    (98, "a line that had died unseen since the last sale cost the next one"),
    (115, "as 14, at another call"),
    (
        5_938,
        "a till and a link that both panicked no longer knew where the bank was, until the program was started anew",
    ),
    (6_086, "a link that had not got what a till that panicked told it refused every sale as not enrolled"),
    (
        10_514,
        "a link whose answer a ledger that panicked forgot waited for it until the program was started anew",
    ),
    (
        21_154,
        "a till that panicked over a report, and learned nothing from a silent book, showed a sale of 0.00",
    ),
    (
        1_000_071,
        "a till that panicked, while the ledger did too, sold nothing until the program was started again",
    ),
];

static HOUSE: LazyLock<Arc<House>> = LazyLock::new(|| Arc::new(House::new().unwrap()));

#[test]
fn a_seed_is_a_run() {
    // Another house has other keys: they are real, and nothing that happens depends on them.
    let other = Arc::new(House::new().unwrap());
    for seed in [3, 4, 17] {
        let first = simulate(&HOUSE, seed, None, false).unwrap();
        let again = simulate(&other, seed, None, true).unwrap();
        assert_eq!(first.trace.hash(), again.trace.hash(), "seed {seed}");
        assert_eq!((first.steps, first.faults), (again.steps, again.faults));
        assert!(!again.trace.lines().is_empty());
    }
}

#[test]
fn everything_goes_wrong_and_the_books_agree() {
    let plan = Plan { first: 100_000, count: 150, mutant: None, stops_at_failure: false };
    let summary = run(&HOUSE, plan, |_| {}).unwrap();
    assert_eq!(summary.failures, []);
    assert_eq!(summary.unseen_faults(), [], "{summary}");
    let (torn, lost) = summary.torn_and_lost;
    assert!(torn > 0 && lost > 0, "{summary}");
    let tally = summary.tally;
    assert!(
        tally.approved > 300 && tally.refunds > 100 && tally.reversed > 0 && tally.unknown > 0,
        "{summary}"
    );
}

#[test]
fn seeds_that_failed_once_pass() {
    for (seed, was) in FOUND {
        let report = simulate(&HOUSE, *seed, None, false).unwrap();
        assert_eq!(report.violations, Vec::<String>::new(), "seed {seed}, which found: {was}");
    }
}

#[test]
fn each_broken_safeguard_is_missed_within_its_seeds() {
    for mutant in Mutant::ALL.iter().copied() {
        let plan = Plan { first: 1, count: mutant.seeds_max(), mutant: Some(mutant), stops_at_failure: true };
        let summary = run(&HOUSE, plan, |_| {}).unwrap();
        assert!(!summary.failures.is_empty(), "{} was not found in {} seeds", mutant.name(), plan.count);
    }
}
