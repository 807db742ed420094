//! Digits in, an encrypted PIN block out, and nothing else leaves.
//!
//! The kernel binds the entry to a card's account number, the till asks for the PIN, the shell hands the digits
//! over; the block (ISO 9564-1 format 4, under an AES-DUKPT PIN key that is used once) goes to the till. Digits and
//! account number live in types that zeroize, and are dropped when the entry ends, however it ends.
#![forbid(unsafe_code)]

mod block;

use mpos_ports::{Entropy, KeyStore};
use mpos_protocol::{
    ActorId, Bytes, Flow, Moment, Secret, actor, inbox,
    pin::{PinFault, messages::*},
    supervision::DeliveryFault,
};
use mpos_runtime::{Actor, Outbox};
use std::sync::Arc;

/// The entry ends when no digits come for so long.
pub const PIN_TIMEOUT_MS: u32 = 30_000;

/// The pad.
pub struct PinPad {
    keys: Arc<dyn KeyStore>,
    entropy: Box<dyn Entropy>,
    /// The card read last, until a PIN is asked for.
    card: Option<BoundCard>,
    /// The entry in progress: the flow and card for which a PIN is asked.
    entry: Option<BoundCard>,
    /// Counts entries, so that the timer of an earlier one is told by its number.
    entries: u32,
}

struct BoundCard {
    flow: Flow,
    pan: Secret<Bytes<19>>,
}

impl PinPad {
    /// A pad that takes its keys from `keys` and the blocks' fill from `entropy`.
    pub fn new(keys: Arc<dyn KeyStore>, entropy: Box<dyn Entropy>) -> Self {
        Self { keys, entropy, card: None, entry: None, entries: 0 }
    }

    fn begin(&mut self, flow: Flow, ask: AskPin, outbox: &mut Outbox<actor::PinPad>) {
        self.fail(PinFault::Cancelled, outbox);
        // Nobody types a PIN that could be bound to nothing, or to another card.
        let Some(card) = self.card.take().filter(|card| card.flow == flow) else {
            return outbox.send(PinFailed { fault: PinFault::NoCard });
        };
        self.entry = Some(card);
        self.entries = self.entries.wrapping_add(1);
        outbox.after_ms(PIN_TIMEOUT_MS.into(), PinTimer { entry: self.entries });
        outbox.send(ShowPinPad { amount: ask.amount });
    }

    /// The digits end the entry in progress, with a block or without.
    fn typed(&mut self, typed: &PinTyped, outbox: &mut Outbox<actor::PinPad>) {
        let Some(BoundCard { flow, pan }) = self.entry.take() else { return };
        outbox.send_in(flow, HidePinPad);
        match block::encipher(typed.digits.expose(), pan.expose(), &*self.keys, &mut *self.entropy) {
            Ok(block) => outbox.send_in(flow, PinReady { block }),
            Err(fault) => outbox.send_in(flow, PinFailed { fault }),
        }
    }

    /// Ends the entry in progress, if there is one, without a PIN.
    fn fail(&mut self, fault: PinFault, outbox: &mut Outbox<actor::PinPad>) {
        if let Some(BoundCard { flow, .. }) = self.entry.take() {
            outbox.send_in(flow, HidePinPad);
            outbox.send_in(flow, PinFailed { fault });
        }
    }
}

impl Actor for PinPad {
    type Name = actor::PinPad;

    fn handle(&mut self, _now: Moment, flow: Flow, message: inbox::PinPad, outbox: &mut Outbox<Self::Name>) {
        match message {
            inbox::PinPad::BindPinToCard(BindPinToCard { pan }) => self.card = Some(BoundCard { flow, pan }),
            inbox::PinPad::AskPin(ask) => self.begin(flow, ask, outbox),
            inbox::PinPad::PinTyped(typed) => self.typed(&typed, outbox),
            inbox::PinPad::StopPin(StopPin) => {
                self.card = None;
                self.fail(PinFault::Cancelled, outbox);
            }
            inbox::PinPad::PinAbandoned(PinAbandoned) => self.fail(PinFault::Cancelled, outbox),
            inbox::PinPad::PinTimer(PinTimer { entry }) => {
                if entry == self.entries {
                    self.fail(PinFault::TimedOut, outbox);
                }
            }
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
        outbox: &mut Outbox<Self::Name>,
    ) {
        self.card = None;
        self.entry = None;
        outbox.tell_undelivered(to, message, cause);
    }
}
