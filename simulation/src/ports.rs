//! A terminal's ports in a run: chance for randomness, a card in a customer's hand, a line that only notes what it is
//! told, memory and a device that say nothing.

use crate::draw::Draw;
use mpos_cards::VirtualCard;
use mpos_ports::{
    BankLine, CardField, DeviceWatch, Entropy, FieldLoss, LOCKED_BYTES, LineTarget, LockedMemory,
};
use mpos_protocol::{Text, standing::DeviceState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Randomness from the run's seed.
pub struct DrawnEntropy(pub Draw);

impl Entropy for DrawnEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }
}

/// A card that a customer may hold to one terminal at a time.
pub type CustomersCard = Arc<Mutex<VirtualCard>>;

/// The field of one terminal; clones are the same one.
#[derive(Clone, Default)]
pub struct Field(Arc<Mutex<Hand>>);

#[derive(Default)]
struct Hand {
    card: Option<CustomersCard>,
    is_polling: bool,
    in_field: bool,
    /// After so many commands the card is taken away.
    leaves_in: Option<u32>,
}

impl Field {
    /// The customer holds this card to the terminal from now on, or none.
    pub fn hold(&self, card: Option<CustomersCard>) {
        let mut hand = locked(&self.0);
        (hand.card, hand.in_field, hand.leaves_in) = (card, false, None);
    }

    /// Whether the reader looks and a card is there to be found.
    pub fn is_wanted(&self) -> bool {
        let hand = locked(&self.0);
        hand.is_polling && hand.card.is_some()
    }

    /// The card comes into the field; false when nobody looks any more.
    pub fn arrive(&self, leaves_in: Option<u32>) -> bool {
        let mut hand = locked(&self.0);
        let arrives = hand.is_polling && hand.card.is_some();
        if let (true, Some(card)) = (arrives, &hand.card) {
            locked(card).tap();
            (hand.is_polling, hand.in_field, hand.leaves_in) = (false, true, leaves_in);
        }
        arrives
    }

    /// The process behind it is gone.
    pub fn switch_off(&self) {
        let mut hand = locked(&self.0);
        (hand.is_polling, hand.in_field) = (false, false);
    }
}

impl CardField for Field {
    fn start_polling(&mut self) {
        locked(&self.0).is_polling = true;
    }

    fn stop_polling(&mut self) {
        self.switch_off();
    }

    fn transceive(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), FieldLoss> {
        let mut hand = locked(&self.0);
        let leaves = hand.leaves_in == Some(0);
        hand.leaves_in = hand.leaves_in.map(|commands| commands.saturating_sub(1));
        if leaves {
            hand.in_field = false;
        }
        let card = hand.card.as_ref().filter(|_| hand.in_field).ok_or(FieldLoss::Left)?;
        match locked(card).transmit(command) {
            Ok(answer) => {
                *response = answer;
                Ok(())
            }
            Err(mpos_cards::FieldLoss::Left) => Err(FieldLoss::Left),
            Err(mpos_cards::FieldLoss::Silent) => Err(FieldLoss::Silent),
        }
    }
}

/// What a link told its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineCommand {
    /// Connect.
    Open(u32),
    /// Send.
    Send(u32, Vec<u8>),
    /// Let go.
    Close(u32),
}

/// A line that notes what it is told; clones share the notes.
#[derive(Clone, Default)]
pub struct NotedLine(Arc<Mutex<Vec<LineCommand>>>);

impl NotedLine {
    /// What it was told since the last call.
    pub fn take(&self) -> Vec<LineCommand> {
        std::mem::take(&mut *locked(&self.0))
    }
}

impl BankLine for NotedLine {
    fn open(&mut self, line: u32, _target: LineTarget) {
        locked(&self.0).push(LineCommand::Open(line));
    }

    fn send(&mut self, line: u32, bytes: &[u8]) {
        locked(&self.0).push(LineCommand::Send(line, bytes.to_vec()));
    }

    fn close(&mut self, line: u32) {
        locked(&self.0).push(LineCommand::Close(line));
    }
}

/// Memory that is locked nowhere.
pub struct PlainMemory([u8; LOCKED_BYTES]);

impl PlainMemory {
    /// Zeros.
    pub const fn new() -> Self {
        Self([0; LOCKED_BYTES])
    }
}

impl Default for PlainMemory {
    fn default() -> Self {
        Self::new()
    }
}

impl LockedMemory for PlainMemory {
    fn bytes(&self) -> &[u8; LOCKED_BYTES] {
        &self.0
    }

    fn bytes_mut(&mut self) -> &mut [u8; LOCKED_BYTES] {
        &mut self.0
    }
}

/// A device with nothing to hold against it.
pub struct GoodDevice;

impl DeviceWatch for GoodDevice {
    fn state(&mut self) -> DeviceState {
        DeviceState { software: Text::clipped(env!("CARGO_PKG_VERSION")), ..DeviceState::default() }
    }
}
