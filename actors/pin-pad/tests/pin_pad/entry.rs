//! An entry from its beginning to its end: which touches count, and when time is up.

use crate::desk::{Desk, FLOW, Out, PAN, amount, assert_begun, changed, failed};
use mpos_pin_pad::{PIN_ENTRY_MS_MAX, PIN_KEY_TIMEOUT_MS};
use mpos_protocol::{
    Flow, inbox,
    pad::{PAD_UNITS, PadPoint, PadRole},
    pin::{PinFault, messages::*},
};

#[test]
fn dots_follow_the_digits_up_to_twelve_and_clear_takes_them_away() {
    let mut desk = Desk::asked();
    for (count, digit) in (1..=12).zip("123456789012".chars()) {
        assert_eq!(desk.digit(digit), changed(1, count));
    }
    assert_eq!(desk.digit('3'), [], "a thirteenth is not taken");
    assert_eq!(desk.key(PadRole::Clear), changed(1, 0));
    assert_eq!(desk.key(PadRole::Clear), [], "there is nothing to clear");
    assert_eq!(desk.key(PadRole::Confirm), []);
}

#[test]
fn a_touch_counts_everywhere_on_a_key_and_nowhere_beside_it() {
    let mut desk = Desk::asked();
    let areas: Vec<_> = desk.shown().keys.iter().map(|key| (key.role, key.area)).collect();
    for (role, area) in areas {
        let (right, bottom) = (area.left + area.width - 1, area.top + area.height - 1);
        for (x, y) in [(area.left, area.top), (right, bottom), (area.left, bottom), (right, area.top)] {
            desk.key(PadRole::Clear);
            let out = desk.touch(PadPoint { x, y });
            assert_eq!(!out.is_empty(), role == PadRole::Digit, "{role:?} at {x} {y}");
        }
    }
    desk.key(PadRole::Clear);
    // The gaps, and beyond the pad.
    for (x, y) in [(3_300, 100), (6_700, 100), (100, 2_450), (5_000, 7_600), (PAD_UNITS, 0), (0, u16::MAX)] {
        assert_eq!(desk.touch(PadPoint { x, y }), [], "{x} {y}");
    }
}

#[test]
fn cancel_ends_the_entry_from_either_side() {
    for (flow, message) in [
        (Flow::default(), inbox::PinPad::PinAbandoned(PinAbandoned)),
        (FLOW, inbox::PinPad::StopPin(StopPin)),
    ] {
        let mut desk = Desk::new();
        assert_eq!(desk.tell(flow, message.clone()), [], "there is nothing to end");
        desk.bind(FLOW, PAN);
        desk.ask(FLOW);
        desk.types("12");
        assert_eq!(desk.tell(flow, message.clone()), failed(PinFault::Cancelled));
        assert_eq!(desk.tell(flow, message), []);
        assert_eq!(desk.digit('1'), [], "the entry is over");
    }
}

#[test]
fn an_entry_ends_30_s_after_its_last_key_and_only_its_own() {
    let mut desk = Desk::asked();
    desk.now.uptime_ms = 20_000;
    desk.digit('1');
    // A touch that does nothing gives no time.
    desk.now.uptime_ms = 29_000;
    desk.touch(PadPoint { x: 3_300, y: 0 });
    desk.now.uptime_ms = u64::from(PIN_KEY_TIMEOUT_MS);
    assert_eq!(desk.timer(1), [Out::Timer(20_000, PinTimer { entry: 1 })]);
    desk.now.uptime_ms = 49_999;
    assert_eq!(desk.timer(1), [Out::Timer(1, PinTimer { entry: 1 })]);
    desk.now.uptime_ms = 50_000;
    assert_eq!(desk.timer(1), failed(PinFault::TimedOut));
    // The card of the next sale is there when another timer of the last entry comes.
    desk.bind(FLOW, PAN);
    assert_eq!(desk.timer(1), []);
    assert_begun(&desk.ask(FLOW), 2, 2);
    desk.now.uptime_ms = 100_000;
    assert_eq!(desk.timer(1), []);
    assert_eq!(desk.timer(2), failed(PinFault::TimedOut));
}

#[test]
fn however_many_keys_are_pressed_an_entry_ends() {
    let mut desk = Desk::asked();
    for seconds in (0..u64::from(PIN_ENTRY_MS_MAX) / 1000).step_by(10) {
        desk.now.uptime_ms = seconds * 1000;
        assert_ne!(desk.digit('1'), []);
        desk.key(PadRole::Clear);
    }
    desk.now.uptime_ms = u64::from(PIN_ENTRY_MS_MAX) - 1;
    assert_eq!(desk.timer(1), [Out::Timer(1, PinTimer { entry: 1 })]);
    desk.now.uptime_ms += 1;
    assert_eq!(desk.timer(1), failed(PinFault::TimedOut));
}

#[test]
fn touches_that_nobody_asked_for_do_not_lose_the_card() {
    let mut desk = Desk::new();
    desk.bind(FLOW, PAN);
    assert_eq!(desk.touch_of(0, PadPoint { x: 100, y: 100 }), []);
    assert_begun(&desk.ask(FLOW), 1, 1);
    assert_eq!(desk.digit('1'), changed(1, 1));
}

#[test]
fn a_second_entry_gives_up_the_first_and_a_touch_of_the_first_does_nothing() {
    let mut desk = Desk::new();
    desk.bind(Flow(3), PAN);
    desk.ask(Flow(3));
    let first = desk.shown().pad;
    desk.types("1234");
    desk.bind(FLOW, PAN);
    let out = desk.ask(FLOW);
    let given_up = Out::Till(Flow(3), inbox::Till::PinFailed(PinFailed { fault: PinFault::Cancelled }));
    assert!(out.contains(&given_up));
    assert_begun(&out[2..], 2, 2);
    assert_eq!(desk.touch_of(first, PadPoint { x: 100, y: 100 }), []);
    assert_eq!(desk.key(PadRole::Confirm), [], "nothing of the first is left");
    assert_eq!(desk.digit('1'), changed(2, 1));
}

#[test]
fn the_order_of_a_telephone_is_given_when_it_is_asked_for_and_for_this_entry_only() {
    let mut desk = Desk::asked();
    desk.types("12");
    let first = desk.shown().pad;
    desk.arrange(true);
    assert!(desk.shown().fixed && desk.shown().pad == first + 1 && desk.shown().amount == amount());
    let lies: Vec<_> = desk.shown().keys.iter().map(crate::reader::read).collect();
    let digits = ['1', '2', '3', '4', '5', '6', '7', '8', '9'].map(Some);
    assert_eq!(lies, [&digits[..], &[None, Some('0'), None]].concat());
    let places: Vec<_> = desk.shown().keys.iter().map(|key| (key.row, key.column)).collect();
    assert_eq!(places, (1..=4).flat_map(|row| (1..=3).map(move |column| (row, column))).collect::<Vec<_>>());
    assert_eq!(desk.touch_of(first, PadPoint { x: 100, y: 100 }), [], "the pad of before");
    assert_eq!(desk.digit('1'), changed(first + 1, 1), "what was typed before is gone");
    // A pad that is seen no more is not arranged.
    let late = ArrangePinPad { pad: first, fixed: false };
    assert_eq!(desk.tell(Flow::default(), inbox::PinPad::ArrangePinPad(late)), []);
    desk.arrange(false);
    assert!(!desk.shown().fixed);
    desk.arrange(true);
    desk.stop();
    desk.bind(FLOW, PAN);
    desk.ask(FLOW);
    assert!(!desk.shown().fixed, "the next customer has not asked");
}
