//! What the pad lets out is a block that only the bank opens, for the card that was read.

use crate::{
    desk::{Desk, FLOW, Out, PAN, amount, assert_begun, failed, sends},
    keys::open_block,
};
use mpos_protocol::{
    ActorId, Bytes, Flow, Moment, Secret, Text, inbox,
    pad::PadRole,
    pin::{EncryptedPinBlock, PinBlockFormat, PinFault, messages::*},
    supervision::{DeliveryFailed, DeliveryFault},
};
use mpos_runtime::{step, step_undelivered};
use std::sync::atomic::Ordering;

fn block(out: &[Out]) -> EncryptedPinBlock {
    match out {
        [Out::Shell(FLOW, inbox::Shell::HidePinPad(_)), Out::Till(FLOW, inbox::Till::PinReady(ready))] => {
            ready.block.clone()
        }
        other => panic!("{other:?}"),
    }
}

fn opened(block: &EncryptedPinBlock, pan: &[u8]) -> Option<Vec<u8>> {
    open_block(block, pan).map(|pin| pin.as_digits().to_vec())
}

#[test]
fn the_bank_opens_a_block_of_every_length_of_pin_and_card() {
    for pan_digits in 12..=19 {
        for pin_digits in 4..=12 {
            let pan = &b"5413330089010036123"[..pan_digits];
            let pin = &"907856341209"[..pin_digits];
            let mut desk = Desk::new();
            desk.bind(FLOW, pan);
            assert_begun(&desk.ask(FLOW), 1, 1);
            let block = block(&desk.typed(pin));
            assert_eq!(opened(&block, pan).as_deref(), Some(pin.as_bytes()));
        }
    }
}

#[test]
fn a_bank_that_asks_for_format_0_gets_a_block_of_eight_bytes_that_it_opens() {
    for pin in ["1234", "12345678", "123456789012"] {
        let mut desk = Desk::new();
        desk.bind(FLOW, PAN);
        desk.ask_in(FLOW, PinBlockFormat::Format0);
        let block = block(&desk.typed(pin));
        assert_eq!(block.block.len(), 8);
        assert_eq!(opened(&block, PAN).as_deref(), Some(pin.as_bytes()));
    }
}

#[test]
fn the_card_may_come_as_digits_or_by_value() {
    let by_value: Vec<u8> = PAN.iter().map(|digit| digit - b'0').collect();
    let mut desk = Desk::new();
    desk.bind(FLOW, &by_value);
    desk.ask(FLOW);
    let block = block(&desk.typed("1234"));
    assert_eq!(opened(&block, PAN).as_deref(), Some(b"1234".as_slice()));
}

#[test]
fn a_block_opens_for_its_own_card_only_and_no_two_are_alike() {
    let mut desk = Desk::new();
    let mut blocks = Vec::new();
    for _ in 0..2 {
        desk.bind(FLOW, PAN);
        desk.ask(FLOW);
        blocks.push(block(&desk.typed("1234")));
    }
    assert!(blocks[0].ksn != blocks[1].ksn && blocks[0].block != blocks[1].block);
    assert_ne!(opened(&blocks[0], b"5413330089010044").as_deref(), Some(b"1234".as_slice()));
}

#[test]
fn a_key_is_taken_only_for_a_whole_pin_that_was_confirmed() {
    let mut desk = Desk::asked();
    desk.types("123");
    assert_eq!(desk.key(PadRole::Confirm), [], "three digits are no PIN");
    desk.types("4");
    desk.key(PadRole::Clear);
    assert_eq!(desk.key(PadRole::Confirm), []);
    desk.types("5678");
    assert_eq!(desk.keys.0.load(Ordering::SeqCst), 1);
    block(&desk.key(PadRole::Confirm));
    assert_eq!(desk.keys.0.load(Ordering::SeqCst), 2);
}

#[test]
fn keys_that_are_used_up_end_the_entry() {
    let mut desk = Desk::asked();
    desk.keys.0.store(0, Ordering::SeqCst);
    assert_eq!(desk.typed("1234"), failed(PinFault::KeyUnavailable));
}

#[test]
fn without_the_card_of_this_flow_no_pin_is_asked_for() {
    let no_card = [Out::Till(FLOW, inbox::Till::PinFailed(PinFailed { fault: PinFault::NoCard }))];
    let mut desk = Desk::new();
    assert_eq!(desk.ask(FLOW), no_card);
    desk.bind(Flow(3), PAN);
    assert_eq!(desk.ask(FLOW), no_card);
    desk.bind(FLOW, PAN);
    desk.stop();
    assert_eq!(desk.ask(FLOW), no_card, "the card was forgotten");
    // One card, one entry.
    desk.bind(FLOW, PAN);
    desk.ask(FLOW);
    block(&desk.typed("1234"));
    assert_eq!(desk.ask(FLOW), no_card);
}

#[test]
fn an_account_number_that_is_none_gives_no_block() {
    for pan in [&b""[..], b"54133300890100A6", &[10; 16]] {
        let mut desk = Desk::new();
        desk.bind(FLOW, pan);
        desk.ask(FLOW);
        assert_eq!(desk.typed("1234"), failed(PinFault::NoCard));
    }
}

#[test]
fn a_pad_that_cannot_be_shown_and_a_block_that_is_lost_are_told_and_the_digits_forgotten() {
    for lost in ["ShowPinPad", "PinPadChanged", "PinReady"] {
        let mut desk = Desk::new();
        desk.bind(FLOW, PAN);
        let mut sent = step(
            &mut desk.pad,
            Moment::default(),
            FLOW,
            inbox::PinPad::AskPin(AskPin { amount: amount(), format: Default::default() }),
        )
        .sent;
        let pad = sent[0].decode::<mpos_protocol::actor::Shell>().unwrap();
        let inbox::Shell::ShowPinPad(pad) = pad else { panic!("{pad:?}") };
        desk.shown = Some(pad);
        let touch = |desk: &mut Desk, role, digit| {
            let keys = &desk.shown().keys;
            let at = match digit {
                Some(digit) => crate::reader::place_of(digit, keys),
                None => crate::reader::place_for(role, keys),
            };
            let touch = PinPadTouched { pad: desk.shown().pad, at: Secret::new(at) };
            step(&mut desk.pad, Moment::default(), Flow::default(), inbox::PinPad::PinPadTouched(touch)).sent
        };
        if lost != "ShowPinPad" {
            for digit in "1234".chars() {
                sent = touch(&mut desk, PadRole::Digit, Some(digit));
            }
        }
        if lost == "PinReady" {
            sent = touch(&mut desk, PadRole::Confirm, None);
        }
        let sent = sent.iter().find(|sent| sent.name() == lost).unwrap();
        let step = step_undelivered(&mut desk.pad, Moment::default(), sent, DeliveryFault::Full);
        let told = DeliveryFailed {
            from: ActorId::PinPad,
            to: sent.to(),
            message: Text::clipped(lost),
            cause: DeliveryFault::Full,
        };
        assert_eq!(sends(&step), [Out::Till(FLOW, inbox::Till::DeliveryFailed(told))]);
        assert_eq!(desk.digit('1'), []);
        assert!(desk.is_wiped(), "{lost}");
    }
}

#[test]
fn nothing_that_is_printed_or_recorded_shows_touches_strokes_card_or_block() {
    let mut desk = Desk::new();
    let bind = inbox::PinPad::BindPinToCard(BindPinToCard { pan: Secret::new(Bytes::new(PAN).unwrap()) });
    let mut printed = format!("{bind:?}");
    desk.tell(FLOW, bind);
    let out = desk.ask(FLOW);
    let Out::Shell(_, inbox::Shell::ShowPinPad(show)) = &out[0] else { panic!("{out:?}") };
    let json = serde_json::to_string(show).unwrap();
    assert!(json.contains(r#""glyph":"secret""#) && json.contains(r#""pad":1"#), "{json}");
    let at = crate::reader::place_of('9', &show.keys);
    let touch = PinPadTouched { pad: 1, at: Secret::new(at) };
    printed += &format!("{out:?}{touch:?}{}", serde_json::to_string(&touch).unwrap());
    assert!(printed.contains(r#""at":"secret""#) && !printed.contains(&format!("x: {}", at.x)), "{printed}");
    let out = desk.typed("907856");
    printed += &format!("{out:?}");
    let hexadecimal: String = block(&out).block.iter().map(|byte| format!("{byte:02X}")).collect();
    for secret in ["907856", "5413330089010036", "35343133333330303839303130303336", &hexadecimal] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
