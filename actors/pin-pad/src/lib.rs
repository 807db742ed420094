//! Touches in, an encrypted PIN block out, and nothing else leaves.
//!
//! The kernel binds the entry to a card's account number and the till asks for the PIN. The pad shuffles the digits,
//! hands the shell a picture, and reads the points that were touched on it: no digit is known outside of this actor.
//! The block (ISO 9564-1 format 4, under an AES-DUKPT PIN key that is used once) goes to the till. Digits and their
//! order lie in locked memory and are wiped when the entry ends, however it ends.
//!
//! Why the pad is a picture, and what that does not protect from: `docs/adr/0005`.
#![forbid(unsafe_code)]

mod block;
mod glyphs;
mod picture;
mod typing;

use mpos_ports::{Entropy, KeyStore, LockedMemory};
use mpos_protocol::{
    ActorId, Amount, Bytes, Flow, Moment, Secret, actor, inbox,
    pad::Exposure,
    pin::{PinBlockFormat, PinFault, messages::*},
    supervision::DeliveryFault,
};
use mpos_runtime::{Actor, Outbox};
use picture::Touched;
use std::sync::Arc;
use typing::Typing;

/// The entry ends when no key is pressed for so long.
pub const PIN_KEY_TIMEOUT_MS: u32 = 30_000;
/// The longest an entry lasts, however many keys are pressed. The till waits a little longer.
pub const PIN_ENTRY_MS_MAX: u32 = 120_000;

/// The pad.
pub struct PinPad {
    keys: Arc<dyn KeyStore>,
    entropy: Box<dyn Entropy>,
    typing: Typing,
    /// The card read last, until a PIN is asked for.
    card: Option<BoundCard>,
    /// The entry in progress.
    entry: Option<Entry>,
    /// Counts entries, so that the timer of an earlier one is told by its number.
    entries: u32,
    /// Counts pads, so that a touch on an earlier one is told by its number.
    pads: u32,
    /// What the shell said last of who else sees the pad.
    exposure: Exposure,
}

struct BoundCard {
    flow: Flow,
    pan: Secret<Bytes<19>>,
}

/// A PIN is asked for.
struct Entry {
    /// For this flow and card.
    card: BoundCard,
    amount: Amount,
    /// What the bank takes.
    format: PinBlockFormat,
    /// The customer asked for the order of a telephone.
    is_fixed: bool,
    /// Uptime at its beginning.
    began_ms: u64,
    /// Uptime at the last key that counted.
    key_ms: u64,
}

impl Entry {
    /// Uptime at which it ends unless a key is pressed.
    fn ends_ms(&self) -> u64 {
        let without_key = self.key_ms.saturating_add(PIN_KEY_TIMEOUT_MS.into());
        without_key.min(self.began_ms.saturating_add(PIN_ENTRY_MS_MAX.into()))
    }
}

type Out = Outbox<actor::PinPad>;

impl PinPad {
    /// A pad that takes its keys from `keys`, the order of digits and the blocks' fill from `entropy`, and keeps what is
    /// typed in `memory`.
    pub fn new(keys: Arc<dyn KeyStore>, entropy: Box<dyn Entropy>, memory: Box<dyn LockedMemory>) -> Self {
        let exposure = Exposure::default();
        let typing = Typing::new(memory);
        Self { keys, entropy, typing, card: None, entry: None, entries: 0, pads: 0, exposure }
    }

    fn begin(&mut self, now: Moment, flow: Flow, ask: AskPin, outbox: &mut Out) {
        self.fail(PinFault::Cancelled, outbox);
        // Nobody types a PIN that could be bound to nothing, or to another card.
        let Some(card) = self.card.take().filter(|card| card.flow == flow) else {
            return outbox.send(PinFailed { fault: PinFault::NoCard });
        };
        let (began_ms, key_ms) = (now.uptime_ms, now.uptime_ms);
        let AskPin { amount, format } = ask;
        self.entry = Some(Entry { card, amount, format, is_fixed: false, began_ms, key_ms });
        self.entries = self.entries.wrapping_add(1);
        outbox.after_ms(PIN_KEY_TIMEOUT_MS.into(), PinTimer { entry: self.entries });
        self.show(outbox);
    }

    /// Shows a new pad of the entry in progress: nothing is typed on it, and its digits lie in a new order, or nowhere
    /// while somebody else may see them.
    fn show(&mut self, outbox: &mut Out) {
        let Some(entry) = &self.entry else { return };
        if self.exposure.is_any() {
            self.typing.wipe();
        } else if entry.is_fixed {
            self.typing.lay_out_fixed();
        } else if self.typing.shuffle(&mut *self.entropy).is_err() {
            return self.fail(PinFault::KeyUnavailable, outbox);
        }
        self.pads = self.pads.wrapping_add(1);
        let show = ShowPinPad {
            pad: self.pads,
            amount: entry.amount,
            fixed: entry.is_fixed,
            exposure: self.exposure,
            keys: picture::keys(&self.typing),
        };
        outbox.send_in(entry.card.flow, show);
    }

    fn touched(&mut self, now: Moment, touch: &PinPadTouched, outbox: &mut Out) {
        let Some(entry) = &mut self.entry else { return };
        // What was meant for another pad would be another digit on this one.
        if touch.pad != self.pads || self.exposure.is_any() {
            return;
        }
        let counts = match picture::touched(*touch.at.expose()) {
            Some(Touched::Digit(key)) => self.typing.press(key),
            Some(Touched::Clear) if self.typing.count() > 0 => {
                self.typing.clear();
                true
            }
            Some(Touched::Confirm) if self.typing.is_whole() => return self.finish(outbox),
            Some(Touched::Clear | Touched::Confirm) | None => false,
        };
        if counts {
            entry.key_ms = now.uptime_ms;
            let filled = u8::try_from(self.typing.count()).unwrap_or(u8::MAX);
            let changed = PinPadChanged { pad: self.pads, filled, can_confirm: self.typing.is_whole() };
            outbox.send_in(entry.card.flow, changed);
        }
    }

    /// The PIN is whole and confirmed: its block leaves, if there is a key for it.
    fn finish(&mut self, outbox: &mut Out) {
        let Some(Entry { card: BoundCard { flow, pan }, format, .. }) = self.entry.take() else { return };
        let bound = (self.typing.digits(), pan.expose().as_ref());
        let block = block::encipher(format, bound, &*self.keys, &mut *self.entropy);
        self.typing.wipe();
        outbox.send_in(flow, HidePinPad);
        match block {
            Ok(block) => outbox.send_in(flow, PinReady { block }),
            Err(fault) => outbox.send_in(flow, PinFailed { fault }),
        }
    }

    /// Ends the entry in progress, if there is one, without a PIN.
    fn fail(&mut self, fault: PinFault, outbox: &mut Out) {
        self.typing.wipe();
        if let Some(Entry { card: BoundCard { flow, .. }, .. }) = self.entry.take() {
            outbox.send_in(flow, HidePinPad);
            outbox.send_in(flow, PinFailed { fault });
        }
    }

    fn arrange(&mut self, arrange: ArrangePinPad, outbox: &mut Out) {
        match &mut self.entry {
            Some(entry) if arrange.pad == self.pads => entry.is_fixed = arrange.fixed,
            _ => return,
        }
        self.show(outbox);
    }

    fn exposed(&mut self, exposure: Exposure, outbox: &mut Out) {
        if self.exposure != exposure {
            self.exposure = exposure;
            self.show(outbox);
        }
    }

    /// A timer fell due: the entry ends, or is given the time that its last key left it.
    fn timer(&mut self, now: Moment, timer: PinTimer, outbox: &mut Out) {
        let Some(entry) = self.entry.as_ref().filter(|_| timer.entry == self.entries) else { return };
        match entry.ends_ms().checked_sub(now.uptime_ms) {
            None | Some(0) => self.fail(PinFault::TimedOut, outbox),
            Some(left_ms) => outbox.after_ms(left_ms, timer),
        }
    }
}

impl Actor for PinPad {
    type Name = actor::PinPad;

    fn handle(&mut self, now: Moment, flow: Flow, message: inbox::PinPad, outbox: &mut Out) {
        match message {
            inbox::PinPad::BindPinToCard(BindPinToCard { pan }) => self.card = Some(BoundCard { flow, pan }),
            inbox::PinPad::AskPin(ask) => self.begin(now, flow, ask, outbox),
            inbox::PinPad::StopPin(StopPin) => {
                self.card = None;
                self.fail(PinFault::Cancelled, outbox);
            }
            inbox::PinPad::Reserved3(never) => match never {},
            inbox::PinPad::PinAbandoned(PinAbandoned) => self.fail(PinFault::Cancelled, outbox),
            inbox::PinPad::PinTimer(timer) => self.timer(now, timer, outbox),
            inbox::PinPad::PinPadTouched(touch) => self.touched(now, &touch, outbox),
            inbox::PinPad::ArrangePinPad(arrange) => self.arrange(arrange, outbox),
            inbox::PinPad::PinPadExposed(exposed) => self.exposed(exposed.exposure, outbox),
        }
    }

    /// Without a shell to show the pad or a till to take the block the entry ends: digits are never kept waiting.
    fn undelivered(
        &mut self,
        _now: Moment,
        _flow: Flow,
        to: ActorId,
        message: &'static str,
        cause: DeliveryFault,
        outbox: &mut Out,
    ) {
        self.card = None;
        self.entry = None;
        self.typing.wipe();
        outbox.tell_undelivered(to, message, cause);
    }
}
