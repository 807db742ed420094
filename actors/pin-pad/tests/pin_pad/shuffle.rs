//! Each order of the digits is as likely as any other, and no entry has the order of the one before.

use crate::{
    desk::{Desk, FLOW, PAN, Seeded, failed},
    reader::read,
};
use mpos_ports::Entropy;
use mpos_protocol::pin::PinFault;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// So many entries are looked at, of each generator.
const ORDERS: u32 = 30_000;
/// What chi-square with 81 degrees of freedom (10 places by 10 digits, where each row and column has its sum) exceeds
/// once in a million: by Wilson and Hilferty, 81 (1 - 2/729 + 4.753 sqrt(2/729))^3.
const ONE_IN_A_MILLION: f64 = 157.0;

/// The system's generator, as the desktop uses it.
struct System;

impl Entropy for System {
    fn fill(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).unwrap();
    }
}

/// The order of the next entry, from the upper left.
fn next_order(desk: &mut Desk, known: &mut BTreeMap<Vec<u8>, char>) -> Vec<char> {
    desk.bind(FLOW, PAN);
    desk.ask(FLOW);
    let keys = desk.shown().keys.iter().filter(|key| !key.glyph.expose().is_empty());
    keys.map(|key| {
        let strokes: Vec<u8> = key.glyph.expose().lines().flatten().flatten().copied().collect();
        *known.entry(strokes).or_insert_with(|| read(key).unwrap())
    })
    .collect()
}

fn chi_square(desk: &mut Desk) -> f64 {
    let mut counts = [[0_u32; 10]; 10];
    let mut known = BTreeMap::new();
    for _order in 0..ORDERS {
        for (place, digit) in next_order(desk, &mut known).into_iter().enumerate() {
            counts[place][digit.to_digit(10).unwrap() as usize] += 1;
        }
    }
    let expected = f64::from(ORDERS) / 10.0;
    let sum: f64 =
        counts.iter().flatten().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
    // Within one order a place has one digit, and a digit one place: that widens the sum by 10/9.
    sum * 9.0 / 10.0
}

#[test]
fn every_digit_is_as_often_at_every_place() {
    let seeded = chi_square(&mut Desk::new());
    assert!(seeded < ONE_IN_A_MILLION, "seeded: {seeded}");
    let system = chi_square(&mut Desk::with(Box::new(System)));
    assert!(system < ONE_IN_A_MILLION, "of the system: {system}");
    assert!(seeded > 30.0 && system > 30.0, "too even to be chance: {seeded} {system}");
}

/// The first byte decides which digit lies on the last key: 250 of its values do so evenly, and the other six are
/// drawn again.
#[test]
fn bytes_that_would_favour_some_digits_are_drawn_again() {
    struct First(Option<u8>);
    impl Entropy for First {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill_with(|| self.0.take().unwrap_or(0));
        }
    }
    let mut counts = BTreeMap::new();
    for first in 0..=255 {
        let mut desk = Desk::with(Box::new(First(Some(first))));
        let order = next_order(&mut desk, &mut BTreeMap::new());
        *counts.entry(order[9]).or_insert(0) += 1;
    }
    let mut counts: Vec<u32> = counts.into_values().collect();
    counts.sort_unstable();
    // Drawn again, the byte is 0 here.
    assert_eq!(counts, [25, 25, 25, 25, 25, 25, 25, 25, 25, 31]);
}

#[test]
fn a_generator_that_is_broken_ends_the_entry_and_nothing_hangs() {
    struct Stuck;
    impl Entropy for Stuck {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(255);
        }
    }
    let mut desk = Desk::with(Box::new(Stuck));
    desk.bind(FLOW, PAN);
    let out = desk.ask(FLOW);
    assert_eq!(out[..2], failed(PinFault::KeyUnavailable)[..], "{out:?}");
    assert!(desk.is_wiped());
}

#[test]
fn each_entry_has_a_new_order() {
    let mut desk = Desk::new();
    let mut known = BTreeMap::new();
    let orders: BTreeSet<_> = (0..100).map(|_entry| next_order(&mut desk, &mut known)).collect();
    assert_eq!(orders.len(), 100);
}

proptest! {
    #[test]
    fn each_order_has_each_digit_once(seed in 1_u64..) {
        let mut order = next_order(&mut Desk::with(Box::new(Seeded(seed))), &mut BTreeMap::new());
        order.sort_unstable();
        prop_assert_eq!(order, ('0'..='9').collect::<Vec<_>>());
    }
}
