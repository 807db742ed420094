//! The contactless field of a phone: Android finds a card and hands over its `IsoDep`; the reader's thread talks to it.
//!
//! Reader mode is on while the kernel looks for a card. Its thread brings the card here and waits until the kernel lets
//! go of it: Android gives a card's session to who holds that thread.

use crate::{
    face::Shell,
    java::{self, JavaFault},
};
use jni::{objects::JObject, refs::Global};
use mpos_ports::{CardField, FieldLoss};
use mpos_protocol::{actor, card::messages::TagArrived};
use mpos_runtime::Inlet;
use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// One answer takes no longer: well above what cards need, and above a slow signature of theirs.
const ANSWER_WAIT_MS: i32 = 1_500;
/// A card is let go of within the kernel's own limits; this one only keeps Android's thread from waiting for ever.
const EXCHANGE_MAX: Duration = Duration::from_secs(60);

/// The field. Clones share it.
#[derive(Clone)]
pub(crate) struct PhoneField {
    state: Arc<State>,
    shell: Shell,
    reader: Inlet<actor::Shell>,
}

#[derive(Default)]
struct State {
    card: Mutex<Present>,
    let_go: Condvar,
}

#[derive(Default)]
struct Present {
    is_polling: bool,
    card: Option<Arc<Global<JObject<'static>>>>,
}

impl PhoneField {
    /// An empty field; `reader` is told when a card arrives, `shell` switches reader mode.
    pub(crate) fn new(shell: Shell, reader: Inlet<actor::Shell>) -> Self {
        Self { state: Arc::default(), shell, reader }
    }

    /// A card arrived. Returns when the kernel has let go of it, at once when none is wanted.
    pub(crate) fn arrived(&self, card: Global<JObject<'static>>) {
        if !self.present().is_polling {
            return java::close(&card);
        }
        // Gone again before it was connected: the kernel goes on looking.
        if let Err(fault) = java::connect(&card, ANSWER_WAIT_MS) {
            tracing::info!(%fault, "a card left before it was connected");
            return java::close(&card);
        }
        let card = Arc::new(card);
        {
            let mut present = self.present();
            if !present.is_polling || present.card.is_some() {
                drop(present);
                return java::close(&card);
            }
            present.is_polling = false;
            present.card = Some(Arc::clone(&card));
        }
        // Undelivered, the reader's own countdown ends the wait.
        let _told = self.reader.send(TagArrived);
        let is_held =
            |present: &mut Present| present.card.as_ref().is_some_and(|held| Arc::ptr_eq(held, &card));
        let waited = self.state.let_go.wait_timeout_while(self.present(), EXCHANGE_MAX, is_held);
        let (mut present, _timed_out) = waited.unwrap_or_else(PoisonError::into_inner);
        if is_held(&mut present) {
            present.card = None;
        }
        drop(present);
        java::close(&card);
    }

    /// Says again to the shell, which is another one now, whether it is to look for cards.
    pub(crate) fn tell_shell(&self) {
        let is_wanted = {
            let present = self.present();
            present.is_polling || present.card.is_some()
        };
        self.shell.polling(is_wanted);
    }

    fn present(&self) -> MutexGuard<'_, Present> {
        self.state.card.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn let_go(&self, is_polling: bool) {
        let mut present = self.present();
        present.card = None;
        present.is_polling = is_polling;
        drop(present);
        self.state.let_go.notify_all();
    }
}

impl CardField for PhoneField {
    fn start_polling(&mut self) {
        self.let_go(true);
        self.shell.polling(true);
    }

    fn stop_polling(&mut self) {
        self.let_go(false);
        self.shell.polling(false);
    }

    fn transceive(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), FieldLoss> {
        let card = self.present().card.clone().ok_or(FieldLoss::Left)?;
        *response = java::transceive(&card, command).map_err(|fault| match fault {
            JavaFault::TagLost => FieldLoss::Left,
            _ => FieldLoss::Silent,
        })?;
        Ok(())
    }
}
