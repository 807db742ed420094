//! The contactless field of a desktop: one virtual card, tapped when the reader looks for it.

use mpos_cards::VirtualCard;
use mpos_ports::{CardField, FieldLoss};
use mpos_protocol::{actor, card::messages::TagArrived};
use mpos_runtime::Inlet;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// A reader waits no longer than this for one answer: what an Android phone is set to, well above what cards need.
const FRAME_WAIT_MAX: Duration = Duration::from_millis(1_500);

/// The hand that holds the card: clones share it.
#[derive(Clone)]
pub(crate) struct VirtualField {
    card: Arc<Mutex<Option<VirtualCard>>>,
    reader: Inlet<actor::Shell>,
}

impl VirtualField {
    /// An empty field; `reader` is told when a card arrives.
    pub(crate) fn new(reader: Inlet<actor::Shell>) -> Self {
        Self { card: Arc::default(), reader }
    }

    /// Takes this card in hand: it is tapped each time the reader looks for one.
    pub(crate) fn hold(&self, card: VirtualCard) {
        *self.in_hand() = Some(card);
    }

    fn in_hand(&self) -> MutexGuard<'_, Option<VirtualCard>> {
        self.card.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CardField for VirtualField {
    fn start_polling(&mut self) {
        if let Some(card) = &mut *self.in_hand() {
            card.tap();
            // Undelivered, the reader's own countdown ends the wait.
            let _told = self.reader.send(TagArrived);
        }
    }

    fn stop_polling(&mut self) {}

    fn transceive(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), FieldLoss> {
        let mut in_hand = self.in_hand();
        let card = in_hand.as_mut().ok_or(FieldLoss::Left)?;
        let pause = card.response_time();
        if pause > FRAME_WAIT_MAX {
            thread::sleep(FRAME_WAIT_MAX);
            return Err(FieldLoss::Silent);
        }
        thread::sleep(pause);
        match card.transmit(command) {
            Ok(answer) => {
                *response = answer;
                Ok(())
            }
            Err(mpos_cards::FieldLoss::Left) => Err(FieldLoss::Left),
            Err(mpos_cards::FieldLoss::Silent) => {
                thread::sleep(FRAME_WAIT_MAX);
                Err(FieldLoss::Silent)
            }
        }
    }
}
