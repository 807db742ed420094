//! The pad with real keys: what it lets out is a block that only the bank opens, for the card that was read.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use mpos_crypto::{
    dukpt::{KeySize, KeyUsage, Ksn, derive_initial_key, host_working_key},
    key::SecretKey,
    pin_block,
};
use mpos_pin_pad::{PIN_TIMEOUT_MS, PinPad};
use mpos_ports::{Entropy, KeyFault, KeyStore};
use mpos_protocol::{
    ActorId, Amount, Bytes, Flow, Moment, Secret, Text, actor, inbox,
    pin::{EncryptedPinBlock, PinFault, messages::*},
    supervision::{DeliveryFailed, DeliveryFault},
};
use mpos_runtime::{Step, step, step_undelivered};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

const FLOW: Flow = Flow(4);
const PAN: &[u8] = b"5413330089010036";
const INITIAL_KEY_ID: [u8; 8] = [0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56];

fn bdk() -> SecretKey {
    SecretKey::from_slice(&[0xFE; 16]).unwrap()
}

/// The terminal's keys by the bank's derivation; counter 0 means that there are none.
struct Keys(AtomicU32);

impl KeyStore for Keys {
    fn next_working_key(&self, usage: KeyUsage) -> Result<(Ksn, SecretKey), KeyFault> {
        let counter = self.0.load(Ordering::SeqCst);
        if counter == 0 {
            return Err(KeyFault::Exhausted);
        }
        self.0.store(counter + 1, Ordering::SeqCst);
        let ksn = Ksn { initial_key_id: INITIAL_KEY_ID, counter };
        let key = host_working_key(&bdk(), ksn, usage, KeySize::Aes128);
        Ok((ksn, key.map_err(|_| KeyFault::Unavailable)?))
    }

    fn device_public_key(&self) -> Result<[u8; 65], KeyFault> {
        Err(KeyFault::Unavailable)
    }

    fn sign(&self, _message: &[u8]) -> Result<[u8; 64], KeyFault> {
        Err(KeyFault::Unavailable)
    }

    fn begin_key_agreement(&self) -> Result<[u8; 65], KeyFault> {
        Err(KeyFault::Unavailable)
    }

    fn install_initial_key(&self, _wrapped: &[u8], _id: [u8; 8]) -> Result<(), KeyFault> {
        Err(KeyFault::Unavailable)
    }

    fn keys_left(&self) -> Result<u32, KeyFault> {
        unreachable!("the pad counts no keys")
    }

    fn certificate_request(&self, _subject: &str) -> Result<Vec<u8>, KeyFault> {
        Err(KeyFault::Unavailable)
    }
}

struct Counter(u8);

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }
}

struct Desk {
    pad: PinPad,
    keys: Arc<Keys>,
}

/// What one step sent, in order.
#[derive(Debug, PartialEq)]
enum Out {
    Shell(Flow, inbox::Shell),
    Till(Flow, inbox::Till),
    Timer(u64, PinTimer),
}

impl Desk {
    fn new() -> Self {
        let keys = Arc::new(Keys(AtomicU32::new(1)));
        Self { pad: PinPad::new(keys.clone(), Box::new(Counter(0))), keys }
    }

    fn tell(&mut self, flow: Flow, message: inbox::PinPad) -> Vec<Out> {
        sends(&step(&mut self.pad, Moment::default(), flow, message))
    }

    fn bind(&mut self, flow: Flow, pan: &[u8]) {
        let pan = Secret::new(Bytes::new(pan).unwrap());
        assert_eq!(self.tell(flow, inbox::PinPad::BindPinToCard(BindPinToCard { pan })), []);
    }

    fn ask(&mut self, flow: Flow) -> Vec<Out> {
        self.tell(flow, inbox::PinPad::AskPin(AskPin { amount: amount() }))
    }

    /// As the shell does: in no flow.
    fn typed(&mut self, digits: &str) -> Vec<Out> {
        self.tell(Flow::default(), typed(digits))
    }
}

fn typed(digits: &str) -> inbox::PinPad {
    inbox::PinPad::PinTyped(PinTyped { digits: Secret::new(Text::new(digits).unwrap()) })
}

fn amount() -> Amount {
    Amount::from_minor(4001).unwrap()
}

fn sends(step: &Step) -> Vec<Out> {
    let mut out = Vec::new();
    for sent in &step.sent {
        out.push(match sent.to() {
            ActorId::Shell => Out::Shell(sent.flow(), sent.decode::<actor::Shell>().unwrap()),
            _ => Out::Till(sent.flow(), sent.decode::<actor::Till>().unwrap()),
        });
    }
    for timer in &step.timers {
        let inbox::PinPad::PinTimer(ends) = timer.message.decode::<actor::PinPad>().unwrap() else {
            panic!("a timer")
        };
        out.push(Out::Timer(timer.delay_ms, ends));
    }
    out
}

fn shown(entry: u32) -> Vec<Out> {
    vec![
        Out::Shell(FLOW, inbox::Shell::ShowPinPad(ShowPinPad { amount: amount() })),
        Out::Timer(PIN_TIMEOUT_MS.into(), PinTimer { entry }),
    ]
}

fn failed(fault: PinFault) -> Vec<Out> {
    vec![
        Out::Shell(FLOW, inbox::Shell::HidePinPad(HidePinPad)),
        Out::Till(FLOW, inbox::Till::PinFailed(PinFailed { fault })),
    ]
}

fn block(out: &[Out]) -> EncryptedPinBlock {
    match out {
        [Out::Shell(FLOW, inbox::Shell::HidePinPad(_)), Out::Till(FLOW, inbox::Till::PinReady(ready))] => {
            ready.block.clone()
        }
        other => panic!("{other:?}"),
    }
}

/// The bank's side.
fn open_block(block: &EncryptedPinBlock, pan: &[u8]) -> Option<Vec<u8>> {
    let ksn = Ksn::from_bytes((&*block.ksn).try_into().unwrap());
    let key = host_working_key(&bdk(), ksn, KeyUsage::PinEncryption, KeySize::Aes128).unwrap();
    let pin = pin_block::decipher_format4((&*block.block).try_into().unwrap(), pan, &key).ok()?;
    Some(pin.as_digits().to_vec())
}

#[test]
fn the_bank_opens_a_block_of_every_length_of_pin_and_card() {
    for pan_digits in 12..=19 {
        for pin_digits in 4..=12 {
            let pan = &b"5413330089010036123"[..pan_digits];
            let pin = &"907856341209"[..pin_digits];
            let mut desk = Desk::new();
            desk.bind(FLOW, pan);
            assert_eq!(desk.ask(FLOW), shown(1));
            let block = block(&desk.typed(pin));
            assert_eq!(open_block(&block, pan).as_deref(), Some(pin.as_bytes()));
        }
    }
}

#[test]
fn the_card_may_come_as_digits_or_by_value() {
    let by_value: Vec<u8> = PAN.iter().map(|digit| digit - b'0').collect();
    let mut desk = Desk::new();
    desk.bind(FLOW, &by_value);
    desk.ask(FLOW);
    let block = block(&desk.typed("1234"));
    assert_eq!(open_block(&block, PAN).as_deref(), Some(b"1234".as_slice()));
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
    assert_ne!(open_block(&blocks[0], b"5413330089010044").as_deref(), Some(b"1234".as_slice()));
    assert!(derive_initial_key(&bdk(), INITIAL_KEY_ID).is_ok());
}

#[test]
fn what_is_no_pin_ends_the_entry_and_uses_no_key() {
    for digits in ["", "1", "123", "12a4", "12 34", "１２３４", "-1234"] {
        let mut desk = Desk::new();
        desk.bind(FLOW, PAN);
        desk.ask(FLOW);
        assert_eq!(desk.typed(digits), failed(PinFault::WrongLength), "{digits}");
        assert_eq!(desk.keys.0.load(Ordering::SeqCst), 1);
        assert_eq!(desk.typed("1234"), [], "the entry is over");
    }
    assert!(Text::<12>::new("1234567890123").is_err(), "13 digits do not reach the pad");
}

#[test]
fn keys_that_are_used_up_end_the_entry() {
    let mut desk = Desk::new();
    desk.keys.0.store(0, Ordering::SeqCst);
    desk.bind(FLOW, PAN);
    desk.ask(FLOW);
    assert_eq!(desk.typed("1234"), failed(PinFault::KeyUnavailable));
}

#[test]
fn without_the_card_of_this_flow_no_pin_is_asked_for() {
    let no_card = [Out::Till(FLOW, inbox::Till::PinFailed(PinFailed { fault: PinFault::NoCard }))];
    let mut desk = Desk::new();
    assert_eq!(desk.ask(FLOW), no_card);
    desk.bind(Flow(3), PAN);
    assert_eq!(desk.ask(FLOW), no_card);
    assert_eq!(desk.typed("1234"), []);
    desk.bind(FLOW, PAN);
    desk.tell(FLOW, inbox::PinPad::StopPin(StopPin));
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
fn cancel_ends_the_entry_from_either_side() {
    for (flow, message) in [
        (Flow::default(), inbox::PinPad::PinAbandoned(PinAbandoned)),
        (FLOW, inbox::PinPad::StopPin(StopPin)),
    ] {
        let mut desk = Desk::new();
        assert_eq!(desk.tell(flow, message.clone()), [], "there is nothing to end");
        desk.bind(FLOW, PAN);
        desk.ask(FLOW);
        assert_eq!(desk.tell(flow, message.clone()), failed(PinFault::Cancelled));
        assert_eq!(desk.tell(flow, message), []);
    }
}

#[test]
fn an_entry_ends_in_time_and_only_its_own() {
    let timer = |entry| inbox::PinPad::PinTimer(PinTimer { entry });
    let mut desk = Desk::new();
    desk.bind(FLOW, PAN);
    assert_eq!(desk.ask(FLOW), shown(1));
    block(&desk.typed("1234"));
    // The card of the next sale is there when the timer of the last entry comes.
    desk.bind(FLOW, PAN);
    assert_eq!(desk.tell(FLOW, timer(1)), []);
    assert_eq!(desk.ask(FLOW), shown(2));
    assert_eq!(desk.tell(FLOW, timer(1)), []);
    assert_eq!(desk.tell(FLOW, timer(2)), failed(PinFault::TimedOut));
}

#[test]
fn digits_that_nobody_asked_for_do_not_lose_the_card() {
    let mut desk = Desk::new();
    desk.bind(FLOW, PAN);
    assert_eq!(desk.typed("1234"), []);
    assert_eq!(desk.ask(FLOW), shown(1));
    block(&desk.typed("1234"));
}

#[test]
fn a_second_entry_gives_up_the_first() {
    let mut desk = Desk::new();
    desk.bind(Flow(3), PAN);
    desk.ask(Flow(3));
    desk.bind(FLOW, PAN);
    let out = desk.ask(FLOW);
    let given_up = Out::Till(Flow(3), inbox::Till::PinFailed(PinFailed { fault: PinFault::Cancelled }));
    assert!(out.contains(&given_up));
    assert_eq!(out[2..], shown(2)[..]);
    block(&desk.typed("1234"));
}

#[test]
fn a_pad_that_cannot_be_shown_and_a_block_that_is_lost_are_told_and_the_digits_forgotten() {
    for lost in ["ShowPinPad", "PinReady"] {
        let mut desk = Desk::new();
        desk.bind(FLOW, PAN);
        let ask = inbox::PinPad::AskPin(AskPin { amount: amount() });
        let mut sent = step(&mut desk.pad, Moment::default(), FLOW, ask).sent;
        if lost == "PinReady" {
            sent = step(&mut desk.pad, Moment::default(), Flow::default(), typed("1234")).sent;
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
        assert_eq!(desk.typed("1234"), []);
    }
}

#[test]
fn nothing_that_is_printed_or_recorded_shows_pin_card_or_block() {
    let mut desk = Desk::new();
    let bind = inbox::PinPad::BindPinToCard(BindPinToCard { pan: Secret::new(Bytes::new(PAN).unwrap()) });
    let digits = typed("907856");
    let mut printed = format!("{bind:?}{digits:?}");
    desk.tell(FLOW, bind);
    desk.ask(FLOW);
    let sent = step(&mut desk.pad, Moment::default(), Flow::default(), digits).sent;
    let ready = sent[1].decode::<actor::Till>().unwrap();
    printed.push_str(&format!("{sent:?}{ready:?}"));
    let inbox::Till::PinReady(PinReady { block }) = &ready else { panic!("{ready:?}") };
    let hexadecimal: String = block.block.iter().map(|byte| format!("{byte:02X}")).collect();
    for secret in ["907856", "5413330089010036", "35343133333330303839303130303336", &hexadecimal] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
