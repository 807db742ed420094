//! Digits in, an encrypted PIN block out, and nothing else leaves.
//!
//! The kernel binds the entry to a card's account number, the till asks for the PIN, the shell hands the digits
//! over; the block (ISO 9564-1 format 4, under an AES-DUKPT PIN key that is used once) goes to the till. Digits and
//! account number live in types that zeroize, and are dropped when the entry ends, however it ends.
#![forbid(unsafe_code)]

mod block;

use mpos_ports::{Entropy, KeyStore};
use mpos_protocol::{
    ActorId, Bytes, Flow, Moment, Secret, Text, actor, inbox,
    pin::{PinFault, messages::*},
    supervision::{DeliveryFailed, DeliveryFault},
};
use mpos_runtime::{Actor, Outbox};
use std::sync::Arc;

/// The entry ends when no digits come for so long.
pub const PIN_TIMEOUT_MS: u32 = 30_000;

/// The pad.
pub struct PinPad {
    keys: Arc<dyn KeyStore>,
    entropy: Box<dyn Entropy>,
    /// The card of the flow in progress.
    card: Option<BoundCard>,
    /// The entry in progress.
    entry: Option<Flow>,
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

    /// Ends the entry in progress, if there is one, and forgets the card.
    fn finish(&mut self, result: Result<PinReady, PinFault>, outbox: &mut Outbox<actor::PinPad>) {
        self.card = None;
        let Some(flow) = self.entry.take() else { return };
        outbox.send_in(flow, HidePinPad);
        match result {
            Ok(ready) => outbox.send_in(flow, ready),
            Err(fault) => outbox.send_in(flow, PinFailed { fault }),
        }
    }

    fn encipher(&mut self, digits: &str) -> Result<PinReady, PinFault> {
        let card = self.card.as_ref().filter(|card| Some(card.flow) == self.entry).ok_or(PinFault::NoCard)?;
        let block = block::encipher(digits, card.pan.expose(), &*self.keys, &mut *self.entropy)?;
        Ok(PinReady { block })
    }
}

impl Actor for PinPad {
    type Name = actor::PinPad;

    fn handle(&mut self, _now: Moment, flow: Flow, message: inbox::PinPad, outbox: &mut Outbox<Self::Name>) {
        match message {
            inbox::PinPad::BindPinToCard(BindPinToCard { pan }) => self.card = Some(BoundCard { flow, pan }),
            inbox::PinPad::AskPin(AskPin { amount }) => {
                self.entry = Some(flow);
                self.entries = self.entries.wrapping_add(1);
                outbox.after_ms(PIN_TIMEOUT_MS.into(), PinTimer { entry: self.entries });
                outbox.send(ShowPinPad { amount });
            }
            inbox::PinPad::PinTyped(PinTyped { digits }) => {
                let result = self.encipher(digits.expose());
                self.finish(result, outbox);
            }
            inbox::PinPad::StopPin(StopPin) | inbox::PinPad::PinAbandoned(PinAbandoned) => {
                self.finish(Err(PinFault::Cancelled), outbox);
            }
            inbox::PinPad::PinTimer(PinTimer { entry }) => {
                if entry == self.entries {
                    self.finish(Err(PinFault::TimedOut), outbox);
                }
            }
        }
    }

    /// Without a shell to show the pad or a till to take the block the entry ends: digits are never kept waiting.
    fn undelivered(
        &mut self,
        _now: Moment,
        flow: Flow,
        to: ActorId,
        message: &'static str,
        cause: DeliveryFault,
        outbox: &mut Outbox<Self::Name>,
    ) {
        self.card = None;
        self.entry = None;
        if to != ActorId::Till {
            let failed = DeliveryFailed { from: ActorId::PinPad, to, message: Text::clipped(message), cause };
            outbox.send_in(flow, failed);
        }
    }
}
