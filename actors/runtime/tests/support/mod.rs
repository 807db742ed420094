//! Actors whose step is a closure, a clock that stands where it is put, and a shell that shows what it was sent.

#![allow(dead_code, reason = "each test file uses its part")]

use mpos_ports::{Clock, Shell};
use mpos_protocol::{
    Amount, List, Secret, frame, inbox,
    pad::{Exposure, Glyph, PadArea, PadKey, PadPoint, PadRole},
    pin::messages::{PinPadTouched, ShowPinPad},
};
use mpos_runtime::{Actor, ActorId, DeliveryFault, Flow, Moment, Outbox, Recorder, Runtime, actor};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

/// How long a test waits for what must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// How long a test waits for what must not come.
pub(crate) const QUIET: Duration = Duration::from_millis(150);

pub(crate) fn amount(minor: u64) -> Amount {
    Amount::from_minor(minor).expect("is an amount")
}

/// Strokes that are no letters: what a recording must not hold.
pub(crate) const STROKES: [u8; 9] = [4, 91, 73, 17, 39, 19, 37, 71, 93];

/// A pad with one key.
pub(crate) fn pad(amount: Amount) -> ShowPinPad {
    let glyph = Secret::new(Glyph::new(&STROKES).expect("fits"));
    let key = PadKey { role: PadRole::Digit, row: 1, column: 1, area: PadArea::default(), glyph };
    let Ok(keys) = List::try_from(vec![key]) else { unreachable!("one key") };
    ShowPinPad { pad: 1, amount, fixed: false, exposure: Exposure::default(), keys }
}

/// A touch at this point of it.
pub(crate) fn touch(x: u16, y: u16) -> PinPadTouched {
    PinPadTouched { pad: 1, at: Secret::new(PadPoint { x, y }) }
}

/// A clock that the test moves.
#[derive(Default)]
pub(crate) struct TestClock(AtomicU64);

impl TestClock {
    pub(crate) fn set_uptime_ms(&self, uptime_ms: u64) {
        self.0.store(uptime_ms, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Moment {
        let uptime_ms = self.0.load(Ordering::SeqCst);
        Moment { unix_ms: 1_795_537_840_000 + uptime_ms, utc_offset_s: 3600, uptime_ms }
    }
}

/// Hands the test each message that the shell is sent.
struct Screen(Sender<inbox::Shell>);

impl Shell for Screen {
    fn receive(&mut self, frame: &[u8]) {
        let (_, message) = frame::decode::<actor::Shell>(frame).expect("frames to the shell decode");
        // A test that has seen enough no longer listens.
        let _ = self.0.send(message);
    }
}

/// A runtime, what its shell receives, and its clock.
pub(crate) fn runtime(recorder: Option<Recorder>) -> (Runtime, Receiver<inbox::Shell>, Arc<TestClock>) {
    let (screen, shown) = channel();
    let clock = Arc::new(TestClock::default());
    (Runtime::new(clock.clone(), Box::new(Screen(screen)), recorder), shown, clock)
}

/// What was not delivered, as its sender was told.
pub(crate) type Undelivered = (ActorId, &'static str, DeliveryFault);

/// An actor of the name `$name` whose step is a closure over `(Moment, Flow, message, outbox)`.
macro_rules! scripted {
    ($($type:ident: $name:ident),+) => { $(
        pub(crate) struct $type {
            step: Box<dyn FnMut(Moment, Flow, inbox::$name, &mut Outbox<actor::$name>)>,
            undelivered: Box<dyn FnMut(Undelivered, &mut Outbox<actor::$name>)>,
        }

        impl $type {
            pub(crate) fn new(
                step: impl FnMut(Moment, Flow, inbox::$name, &mut Outbox<actor::$name>) + 'static,
            ) -> Self {
                let undelivered = |lost: Undelivered, _: &mut Outbox<actor::$name>| panic!("{lost:?}");
                Self { step: Box::new(step), undelivered: Box::new(undelivered) }
            }

            pub(crate) fn on_undelivered(
                mut self,
                undelivered: impl FnMut(Undelivered, &mut Outbox<actor::$name>) + 'static,
            ) -> Self {
                self.undelivered = Box::new(undelivered);
                self
            }
        }

        impl Actor for $type {
            type Name = actor::$name;

            fn handle(
                &mut self,
                now: Moment,
                flow: Flow,
                message: inbox::$name,
                outbox: &mut Outbox<actor::$name>,
            ) {
                (self.step)(now, flow, message, outbox);
            }

            fn undelivered(
                &mut self,
                _now: Moment,
                _flow: Flow,
                to: ActorId,
                message: &'static str,
                cause: DeliveryFault,
                outbox: &mut Outbox<actor::$name>,
            ) {
                (self.undelivered)((to, message, cause), outbox);
            }
        }
    )+ };
}
scripted!(TestTill: Till, TestReader: NfcReader, TestKernel: EmvKernel, TestPinPad: PinPad, TestLedger: Ledger);
