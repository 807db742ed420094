//! After an entry its digits are nowhere in the memory of the process, however it ended. The pad runs as in the
//! program: in the runtime, on its threads, with the flight recorder on.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "memory is searched, as a file, for something random"
)]

#[path = "support/keys.rs"]
mod keys;
#[path = "support/memory_search.rs"]
mod memory_search;
#[path = "support/reader.rs"]
mod reader;

use keys::{Keys, open_block};
use memory_search::{Form, Rare};
use mpos_pin_pad::{PIN_KEY_TIMEOUT_MS, PinPad};
use mpos_ports::{Clock, Entropy, LOCKED_BYTES, LockedMemory, Shell};
use mpos_protocol::{
    ActorId, Amount, Bytes, Secret, actor, frame, inbox,
    pad::{Exposure, PadPoint, PadRole},
    pin::{EncryptedPinBlock, PinFault, messages::*},
    shell::{BeginPurchase, CancelFlow},
};
use mpos_runtime::{Actor, DeliveryFault, Flow, Inlet, Moment, Outbox, Recorder, Running, Runtime};
use reader::{place_for, place_of};
use std::{
    sync::{
        Arc,
        atomic::AtomicU32,
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

const PAN: &[u8] = b"5413330089010036";
/// The longest PIN.
const DIGITS: usize = 12;
/// How long what must come is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

struct Still;

impl Clock for Still {
    fn now(&self) -> Moment {
        Moment::default()
    }
}

struct System;

impl Entropy for System {
    fn fill(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).unwrap();
    }
}

/// Not locked, which is the system's part, and not wiped but by the pad.
struct Memory([u8; LOCKED_BYTES]);

impl LockedMemory for Memory {
    fn bytes(&self) -> &[u8; LOCKED_BYTES] {
        &self.0
    }

    fn bytes_mut(&mut self) -> &mut [u8; LOCKED_BYTES] {
        &mut self.0
    }
}

/// The pad, with somebody who makes its time run out or has it panic: both when the shell cancels.
struct Hurried {
    pad: PinPad,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Ready,
    Cancelled,
    TimedOut,
    Covered,
    Panicked,
}

impl Actor for Hurried {
    type Name = actor::PinPad;

    fn handle(&mut self, now: Moment, flow: Flow, message: inbox::PinPad, outbox: &mut Outbox<Self::Name>) {
        let is_cancel = matches!(message, inbox::PinPad::PinAbandoned(_));
        match self.end {
            End::TimedOut if is_cancel => {
                let late = Moment { uptime_ms: now.uptime_ms + u64::from(PIN_KEY_TIMEOUT_MS), ..now };
                self.pad.handle(late, flow, inbox::PinPad::PinTimer(PinTimer { entry: 1 }), outbox);
            }
            End::Panicked if is_cancel => panic!("in the middle of an entry"),
            _ => self.pad.handle(now, flow, message, outbox),
        }
    }

    fn undelivered(
        &mut self,
        now: Moment,
        flow: Flow,
        to: ActorId,
        message: &'static str,
        cause: DeliveryFault,
        outbox: &mut Outbox<Self::Name>,
    ) {
        self.pad.undelivered(now, flow, to, message, cause, outbox);
    }
}

/// A till and a kernel that do nothing else: a purchase reads the card, a cancelled flow asks for the PIN.
struct Asking(Sender<inbox::Till>);

impl Actor for Asking {
    type Name = actor::Till;

    fn handle(&mut self, _: Moment, _: Flow, message: inbox::Till, outbox: &mut Outbox<Self::Name>) {
        match message {
            inbox::Till::BeginPurchase(_) => outbox.send(mpos_protocol::card::messages::AbortTap),
            inbox::Till::CancelFlow(_) => {
                outbox.send(AskPin { amount: Amount::from_minor(4001).unwrap(), format: Default::default() })
            }
            other => self.0.send(other).unwrap(),
        }
    }

    fn undelivered(
        &mut self,
        _: Moment,
        _: Flow,
        to: ActorId,
        message: &'static str,
        cause: DeliveryFault,
        _: &mut Outbox<Self::Name>,
    ) {
        panic!("{message} did not reach {to:?}: {cause:?}");
    }
}

struct Reading;

impl Actor for Reading {
    type Name = actor::EmvKernel;

    fn handle(&mut self, _: Moment, _: Flow, _: inbox::EmvKernel, outbox: &mut Outbox<Self::Name>) {
        outbox.send(BindPinToCard { pan: Secret::new(Bytes::new(PAN).unwrap()) });
    }

    fn undelivered(
        &mut self,
        _: Moment,
        _: Flow,
        to: ActorId,
        message: &'static str,
        cause: DeliveryFault,
        _: &mut Outbox<Self::Name>,
    ) {
        panic!("{message} did not reach {to:?}: {cause:?}");
    }
}

struct Seen(Sender<inbox::Shell>);

impl Shell for Seen {
    fn receive(&mut self, bytes: &[u8]) {
        self.0.send(frame::decode::<actor::Shell>(bytes).unwrap().1).unwrap();
    }
}

struct World {
    running: Running,
    shell: Inlet<actor::Shell>,
    shown: Receiver<inbox::Shell>,
    told: Receiver<inbox::Till>,
}

impl World {
    fn new(end: End) -> Self {
        let (show, shown) = channel();
        let (tell, told) = channel();
        let keys = Arc::new(Keys(AtomicU32::new(1)));
        let running = Runtime::new(Arc::new(Still), Box::new(Seen(show)), Some(Recorder::new()))
            .spawn(move || Asking(tell.clone()))
            .spawn(|| Reading)
            .spawn(move || {
                let memory = Box::new(Memory([0; LOCKED_BYTES]));
                Hurried { pad: PinPad::new(keys.clone(), Box::new(System), memory), end }
            })
            .start()
            .unwrap();
        let shell = running.inlet();
        let world = Self { running, shell, shown, told };
        world.shell.send(BeginPurchase { amount: Amount::from_minor(4001).unwrap() }).unwrap();
        world
    }

    /// Asks until the card, which comes over another thread, is there.
    fn pad(&self) -> ShowPinPad {
        loop {
            self.shell.send(CancelFlow).unwrap();
            match self.shown.recv_timeout(Duration::from_millis(200)) {
                Ok(inbox::Shell::ShowPinPad(pad)) => return pad,
                Ok(other) => panic!("{other:?}"),
                Err(_) => assert!(matches!(
                    self.told.recv_timeout(PATIENCE),
                    Ok(inbox::Till::PinFailed(PinFailed { fault: PinFault::NoCard }))
                )),
            }
        }
    }

    fn touch(&self, pad: u32, at: PadPoint) {
        self.shell.send(PinPadTouched { pad, at: Secret::new(at) }).unwrap();
    }

    /// Types all of them by what the keys show; the dots say that each was taken.
    fn types(&self, pad: &ShowPinPad, rare: &Rare) {
        for index in 0..rare.len() {
            self.touch(pad.pad, place_of(char::from(b'0' + rare.digit(index)), &pad.keys));
            let dots = self.shown.recv_timeout(PATIENCE).unwrap();
            assert!(
                matches!(dots, inbox::Shell::PinPadChanged(PinPadChanged { filled, .. }) if usize::from(filled) == index + 1)
            );
        }
    }

    fn told(&self) -> inbox::Till {
        self.told.recv_timeout(PATIENCE).unwrap()
    }
}

fn rare() -> Rare {
    Rare::new(DIGITS, || {
        let mut byte = [0];
        getrandom::fill(&mut byte).unwrap();
        byte[0]
    })
}

/// Whether the bank opens the block to these digits; it is the bank that wipes what it opened.
fn is_of(block: &EncryptedPinBlock, rare: &Rare) -> bool {
    let pin = open_block(block, PAN).unwrap();
    pin.as_digits().iter().enumerate().all(|(index, digit)| *digit == rare.digit(index) + b'0')
}

#[test]
fn the_search_finds_digits_in_each_form_and_only_while_they_are_there() {
    let rare = rare();
    assert_eq!(rare.found(), [], "nothing is there yet");
    for form in [Form::Text, Form::Values, Form::Packed, Form::PackedShifted] {
        let mut planted = Box::new([0; 64]);
        rare.write(form, &mut planted[7..]);
        // An optimising compiler leaves out what nobody reads.
        std::hint::black_box(&mut planted);
        assert!(rare.found().iter().any(|(found, _)| *found == form), "{form:?}");
        planted.fill(0);
        std::hint::black_box(&mut planted);
        assert_eq!(rare.found(), [], "{form:?}, {}", planted.len());
    }
}

#[test]
fn no_digit_of_a_pin_is_in_memory_after_its_entry_however_it_ended() {
    for end in [End::Ready, End::Cancelled, End::TimedOut, End::Covered, End::Panicked] {
        let rare = rare();
        let world = World::new(end);
        let pad = world.pad();
        world.types(&pad, &rare);
        let during: Vec<_> = rare.found().into_iter().map(|(form, _)| form).collect();
        assert_eq!(
            during,
            [Form::Text],
            "{end:?}: in the pad's own memory, while they are typed, and nowhere else"
        );
        match end {
            End::Ready => world.touch(pad.pad, place_for(PadRole::Confirm, &pad.keys)),
            End::Covered => {
                let exposure = Exposure { covered: true, captured: false };
                world.shell.send(PinPadExposed { exposure }).unwrap();
                assert!(matches!(world.shown.recv_timeout(PATIENCE), Ok(inbox::Shell::ShowPinPad(_))));
            }
            End::Cancelled | End::TimedOut | End::Panicked => world.shell.send(PinAbandoned).unwrap(),
        }
        match end {
            End::Ready => {
                let inbox::Till::PinReady(ready) = world.told() else { panic!("no block") };
                assert!(is_of(&ready.block, &rare), "it is the PIN that was typed");
            }
            End::Cancelled => assert!(
                matches!(world.told(), inbox::Till::PinFailed(failed) if failed.fault == PinFault::Cancelled)
            ),
            End::TimedOut => assert!(
                matches!(world.told(), inbox::Till::PinFailed(failed) if failed.fault == PinFault::TimedOut)
            ),
            End::Panicked => assert!(matches!(world.told(), inbox::Till::ActorRestarted(_))),
            End::Covered => {}
        }
        assert_eq!(rare.found(), [], "{end:?}");
        world.running.stop().unwrap();
        assert_eq!(rare.found(), [], "{end:?}, and after all has stopped");
    }
}
