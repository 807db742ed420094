//! Each entry has an order of its own, and nothing but the generator decides it. That all orders are alike is tested
//! beside the shuffle itself.

use crate::{
    desk::{Desk, FLOW, PAN, Seeded, failed},
    reader::read,
};
use mpos_ports::Entropy;
use mpos_protocol::pin::PinFault;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

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
