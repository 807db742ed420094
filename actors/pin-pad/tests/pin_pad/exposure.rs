//! While somebody else may see the pad nothing is drawn, nothing is taken, and nothing that was typed is kept.

use crate::{
    desk::{Desk, FLOW, Out, PAN, changed, failed},
    reader::read,
};
use mpos_protocol::{
    inbox,
    pad::{Exposure, PadPoint, PadRole},
    pin::PinFault,
};

fn digits(desk: &Desk) -> Vec<char> {
    desk.shown().keys.iter().filter_map(read).collect()
}

#[test]
fn a_pad_that_is_covered_or_captured_shows_and_takes_nothing_until_that_ends() {
    for (covered, captured) in [(true, false), (false, true), (true, true)] {
        let mut desk = Desk::asked();
        let before = digits(&desk);
        desk.types("1234");
        let out = desk.expose(covered, captured);
        assert!(matches!(out[..], [Out::Shell(FLOW, inbox::Shell::ShowPinPad(_))]), "{out:?}");
        assert_eq!(desk.shown().exposure, Exposure { covered, captured });
        assert!(desk.shown().keys.iter().all(|key| key.glyph.expose().is_empty()));
        let pad = desk.shown().pad;
        for y in (0..10_000).step_by(500) {
            for x in (0..10_000).step_by(500) {
                assert_eq!(desk.touch_of(pad, PadPoint { x, y }), []);
            }
        }
        assert_eq!(desk.expose(covered, captured), [], "it is known");
        desk.expose(false, false);
        let after = digits(&desk);
        assert!(after.len() == 10 && after != before, "shuffled anew: {before:?} {after:?}");
        assert_eq!(desk.key(PadRole::Confirm), [], "what was typed is gone");
        assert_eq!(desk.digit('7'), changed(3, 1));
    }
}

#[test]
fn exposure_that_was_told_before_the_entry_holds_for_it() {
    let mut desk = Desk::new();
    assert_eq!(desk.expose(true, false), []);
    desk.bind(FLOW, PAN);
    desk.ask(FLOW);
    assert!(digits(&desk).is_empty() && desk.shown().exposure.covered);
    // Another order draws nothing either.
    desk.arrange(true);
    assert!(digits(&desk).is_empty() && desk.shown().exposure.covered);
    desk.expose(false, false);
    assert!(desk.shown().fixed, "the customer's order is still wanted");
    assert_eq!(digits(&desk).iter().collect::<String>(), "1234567890");
}

#[test]
fn the_time_for_a_key_runs_on_while_the_pad_is_covered() {
    let mut desk = Desk::asked();
    desk.now.uptime_ms = 29_000;
    desk.expose(true, false);
    desk.now.uptime_ms = 30_000;
    assert_eq!(desk.timer(1), failed(PinFault::TimedOut));
    assert!(desk.is_wiped());
}
