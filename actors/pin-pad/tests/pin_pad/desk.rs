//! A pad on a desk: what it is told, what it sends, and what its memory holds.

use crate::{
    keys::Keys,
    reader::{place_for, place_of},
};
use mpos_pin_pad::{PIN_KEY_TIMEOUT_MS, PinPad};
use mpos_ports::{Entropy, LOCKED_BYTES, LockedMemory};
use mpos_protocol::{
    ActorId, Amount, Bytes, Flow, Moment, Secret, actor, inbox,
    pad::{Exposure, PadPoint, PadRole},
    pin::{PinBlockFormat, PinFault, messages::*},
};
use mpos_runtime::{Sent, Step, step};
use std::sync::{Arc, Mutex, atomic::AtomicU32};

pub(crate) const FLOW: Flow = Flow(4);
pub(crate) const PAN: &[u8] = b"5413330089010036";

/// A seeded generator (xorshift): the same orders in each run.
pub(crate) struct Seeded(pub(crate) u64);

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            *byte = (self.0 >> 32) as u8;
        }
    }
}

/// Memory that shows what was in it when it was last used.
pub(crate) struct Watched {
    bytes: [u8; LOCKED_BYTES],
    seen: Arc<Mutex<[u8; LOCKED_BYTES]>>,
}

impl LockedMemory for Watched {
    fn bytes(&self) -> &[u8; LOCKED_BYTES] {
        *self.seen.lock().unwrap() = self.bytes;
        &self.bytes
    }

    fn bytes_mut(&mut self) -> &mut [u8; LOCKED_BYTES] {
        *self.seen.lock().unwrap() = self.bytes;
        &mut self.bytes
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        *self.seen.lock().unwrap() = self.bytes;
    }
}

/// What one step sent, in order.
#[derive(Debug, PartialEq)]
pub(crate) enum Out {
    Shell(Flow, inbox::Shell),
    Till(Flow, inbox::Till),
    Timer(u64, PinTimer),
}

pub(crate) struct Desk {
    pub(crate) pad: PinPad,
    pub(crate) keys: Arc<Keys>,
    pub(crate) seen: Arc<Mutex<[u8; LOCKED_BYTES]>>,
    pub(crate) now: Moment,
    /// The pad that was shown last.
    pub(crate) shown: Option<ShowPinPad>,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::with(Box::new(Seeded(0x9E37_79B9_7F4A_7C15)))
    }

    pub(crate) fn with(entropy: Box<dyn Entropy>) -> Self {
        let keys = Arc::new(Keys(AtomicU32::new(1)));
        let seen = Arc::new(Mutex::new([0; LOCKED_BYTES]));
        let memory = Watched { bytes: [0; LOCKED_BYTES], seen: seen.clone() };
        let pad = PinPad::new(keys.clone(), entropy, Box::new(memory));
        Self { pad, keys, seen, now: Moment::default(), shown: None }
    }

    /// With a card, and the PIN asked for.
    pub(crate) fn asked() -> Self {
        let mut desk = Self::new();
        desk.bind(FLOW, PAN);
        desk.ask(FLOW);
        desk
    }

    pub(crate) fn tell(&mut self, flow: Flow, message: inbox::PinPad) -> Vec<Out> {
        let step = step(&mut self.pad, self.now, flow, message);
        let out = sends(&step);
        for out in &out {
            if let Out::Shell(_, inbox::Shell::ShowPinPad(show)) = out {
                self.shown = Some(show.clone());
            }
        }
        out
    }

    pub(crate) fn bind(&mut self, flow: Flow, pan: &[u8]) {
        let pan = Secret::new(Bytes::new(pan).unwrap());
        assert_eq!(self.tell(flow, inbox::PinPad::BindPinToCard(BindPinToCard { pan })), []);
    }

    pub(crate) fn ask(&mut self, flow: Flow) -> Vec<Out> {
        self.ask_in(flow, PinBlockFormat::Format4)
    }

    pub(crate) fn ask_in(&mut self, flow: Flow, format: PinBlockFormat) -> Vec<Out> {
        self.tell(flow, inbox::PinPad::AskPin(AskPin { amount: amount(), format }))
    }

    /// The pad that is seen.
    pub(crate) fn shown(&self) -> &ShowPinPad {
        self.shown.as_ref().expect("a pad was shown")
    }

    /// As the shell does: in no flow.
    pub(crate) fn touch_of(&mut self, pad: u32, at: PadPoint) -> Vec<Out> {
        let touch = PinPadTouched { pad, at: Secret::new(at) };
        self.tell(Flow::default(), inbox::PinPad::PinPadTouched(touch))
    }

    pub(crate) fn touch(&mut self, at: PadPoint) -> Vec<Out> {
        let pad = self.shown().pad;
        self.touch_of(pad, at)
    }

    /// Touches the key that shows this digit.
    pub(crate) fn digit(&mut self, digit: char) -> Vec<Out> {
        let at = place_of(digit, &self.shown().keys);
        self.touch(at)
    }

    pub(crate) fn key(&mut self, role: PadRole) -> Vec<Out> {
        let at = place_for(role, &self.shown().keys);
        self.touch(at)
    }

    pub(crate) fn types(&mut self, digits: &str) {
        for digit in digits.chars() {
            self.digit(digit);
        }
    }

    /// Types digits and confirms; what the last touch sent.
    pub(crate) fn typed(&mut self, digits: &str) -> Vec<Out> {
        self.types(digits);
        self.key(PadRole::Confirm)
    }

    pub(crate) fn arrange(&mut self, fixed: bool) -> Vec<Out> {
        let pad = self.shown().pad;
        self.tell(Flow::default(), inbox::PinPad::ArrangePinPad(ArrangePinPad { pad, fixed }))
    }

    pub(crate) fn expose(&mut self, covered: bool, captured: bool) -> Vec<Out> {
        let exposure = Exposure { covered, captured };
        self.tell(Flow::default(), inbox::PinPad::PinPadExposed(PinPadExposed { exposure }))
    }

    pub(crate) fn timer(&mut self, entry: u32) -> Vec<Out> {
        self.tell(FLOW, inbox::PinPad::PinTimer(PinTimer { entry }))
    }

    pub(crate) fn stop(&mut self) -> Vec<Out> {
        self.tell(FLOW, inbox::PinPad::StopPin(StopPin))
    }

    /// Whether the memory holds nothing. The pad uses it when it is stopped, and that shows what was there before.
    pub(crate) fn is_wiped(&mut self) -> bool {
        self.stop();
        *self.seen.lock().unwrap() == [0; LOCKED_BYTES]
    }
}

pub(crate) fn amount() -> Amount {
    Amount::from_minor(4001).unwrap()
}

pub(crate) fn sends(step: &Step) -> Vec<Out> {
    let read = |sent: &Sent| match sent.to() {
        ActorId::Shell => Out::Shell(sent.flow(), sent.decode::<actor::Shell>().unwrap()),
        _ => Out::Till(sent.flow(), sent.decode::<actor::Till>().unwrap()),
    };
    let mut out: Vec<Out> = step.sent.iter().map(read).collect();
    for timer in &step.timers {
        let inbox::PinPad::PinTimer(ends) = timer.message.decode::<actor::PinPad>().unwrap() else {
            panic!("a timer")
        };
        out.push(Out::Timer(timer.delay_ms, ends));
    }
    out
}

/// The beginning of an entry: its pad, and the time for its first key.
#[track_caller]
pub(crate) fn assert_begun(out: &[Out], pad: u32, entry: u32) {
    let [Out::Shell(FLOW, inbox::Shell::ShowPinPad(show)), timer] = out else { panic!("{out:?}") };
    assert_eq!((show.pad, show.amount, show.fixed), (pad, amount(), false));
    assert_eq!(*timer, Out::Timer(PIN_KEY_TIMEOUT_MS.into(), PinTimer { entry }));
}

pub(crate) fn changed(pad: u32, filled: u8) -> Vec<Out> {
    let changed = PinPadChanged { pad, filled, can_confirm: filled >= 4 };
    vec![Out::Shell(FLOW, inbox::Shell::PinPadChanged(changed))]
}

pub(crate) fn failed(fault: PinFault) -> Vec<Out> {
    vec![
        Out::Shell(FLOW, inbox::Shell::HidePinPad(HidePinPad)),
        Out::Till(FLOW, inbox::Till::PinFailed(PinFailed { fault })),
    ]
}
