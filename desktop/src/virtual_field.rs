//! The contactless field of a desktop: a hand that holds one virtual card to the reader, or none.
//!
//! For a command the hand holds its card all the time, and it is tapped whenever the reader looks for one. At the
//! demo's table a user holds it there and takes it away, also in the middle of a tap; when the reader lets go of a
//! card the hand takes it back, as a customer does.

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

/// The field and the hand over it: clones share both.
#[derive(Clone)]
pub(crate) struct VirtualField {
    hand: Arc<Mutex<Hand>>,
    reader: Inlet<actor::Shell>,
}

#[derive(Default)]
struct Hand {
    card: Option<Held>,
    /// The reader looks for a card, and has found none.
    is_polling: bool,
    /// Counts the cards: an answer that was waited for is not the next card's.
    cards: u64,
}

struct Held {
    card: VirtualCard,
    /// The reader has found it.
    is_tapped: bool,
    /// Called when a card that a user holds is back in the hand; none for one that stays at the reader.
    taken_back: Option<Box<dyn FnOnce() + Send>>,
}

impl VirtualField {
    /// An empty field; `reader` is told when a card arrives.
    pub(crate) fn new(reader: Inlet<actor::Shell>) -> Self {
        Self { hand: Arc::default(), reader }
    }

    /// Takes this card in hand: it is tapped each time the reader looks for one.
    pub(crate) fn hold(&self, card: VirtualCard) {
        self.put(Held { card, is_tapped: false, taken_back: None });
    }

    /// Holds this card to the reader until it is taken away or the reader lets go of it; `taken_back` is called then.
    pub(crate) fn present(&self, card: VirtualCard, taken_back: impl FnOnce() + Send + 'static) {
        self.put(Held { card, is_tapped: false, taken_back: Some(Box::new(taken_back)) });
    }

    /// Takes a presented card away, whatever it is doing.
    pub(crate) fn take_away(&self) {
        self.hand().take_back();
    }

    fn put(&self, held: Held) {
        let mut hand = self.hand();
        hand.take_back();
        hand.card = Some(held);
        hand.cards += 1;
        if hand.is_polling {
            self.tap(&mut hand);
        }
    }

    /// The reader looks, and finds what is held to it.
    fn tap(&self, hand: &mut Hand) {
        if let Some(held) = &mut hand.card {
            held.card.tap();
            held.is_tapped = true;
            hand.is_polling = false;
            // Undelivered, the reader's own countdown ends the wait.
            let _told = self.reader.send(TagArrived);
        }
    }

    fn hand(&self) -> MutexGuard<'_, Hand> {
        self.hand.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hand {
    fn take_back(&mut self) {
        if let Some(taken_back) = self.card.as_mut().and_then(|held| held.taken_back.take()) {
            self.card = None;
            taken_back();
        }
    }
}

impl CardField for VirtualField {
    fn start_polling(&mut self) {
        let mut hand = self.hand();
        hand.is_polling = true;
        self.tap(&mut hand);
    }

    fn stop_polling(&mut self) {
        let mut hand = self.hand();
        hand.is_polling = false;
        // One that the reader has not found yet stays for when it looks again.
        if hand.card.as_ref().is_some_and(|held| held.is_tapped) {
            hand.take_back();
        }
    }

    fn transceive(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), FieldLoss> {
        let (pause, number) = {
            let hand = self.hand();
            let held = hand.card.as_ref().filter(|held| held.is_tapped).ok_or(FieldLoss::Left)?;
            (held.card.response_time(), hand.cards)
        };
        // The hand is free meanwhile: a slow card can be taken away.
        thread::sleep(pause.min(FRAME_WAIT_MAX));
        if pause > FRAME_WAIT_MAX {
            return Err(FieldLoss::Silent);
        }
        let answer = {
            let mut hand = self.hand();
            let is_there = hand.cards == number;
            let held = hand.card.as_mut().filter(|_| is_there).ok_or(FieldLoss::Left)?;
            held.card.transmit(command)
        };
        match answer {
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
