//! The pace of a card at 106 kbit/s, against what was computed by hand.

use crate::air::{Exchange, GENERATE_AC, SIGNS, frames, on_air};
use std::time::Instant;

#[test]
fn a_short_exchange_takes_its_bits_and_two_delays() {
    // READ RECORD of 5 bytes: 9 × 8 + 2 = 74 bits. An answer of 10: 9 × 13 + 2 = 119. 193 bits of 9.4395 µs are
    // 1,821.8 µs; two delays of 86.4 µs.
    assert_eq!(on_air(5, 10).as_micros(), 1_994);
}

#[test]
fn a_long_answer_comes_in_frames_that_are_confirmed() {
    // 300 bytes are 253 and 47: 2,306 bits, an R-block of 29, and 452; with the command's 74 it is 2,861 bits,
    // 27,006.4 µs, and four delays of 86.4 µs.
    assert_eq!(on_air(5, 300).as_micros(), 27_352);
    // What just fits is one frame.
    assert_eq!((frames(253).count, frames(254).count), (1, 3));
}

#[test]
fn a_paced_exchange_takes_no_less_than_card_and_air() {
    let exchange = Exchange::paced(Instant::now(), &[0x80, GENERATE_AC, 0, 0, 0], &[0; 12]);
    assert_eq!(exchange.card, SIGNS);
    assert!(exchange.took >= exchange.card + exchange.air);
}
