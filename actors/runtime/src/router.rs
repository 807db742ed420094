//! From a name to its mailbox, over threads; and the one place where a message is stamped, recorded and delivered.
//!
//! Recording and delivery happen under one lock, so the recording's order is each mailbox's order, and the time
//! that a receiver is given is the time that was recorded: what [`crate::replay`] feeds is what was handled.

use crate::{
    notices::Notices,
    outbox::Sent,
    pool::{Pool, Stamp},
    recorder::{Log, Recorder},
};
use actix::{Recipient, prelude::SendError};
use mpos_ports::Clock;
use mpos_protocol::{Moment, routes::ActorId, supervision::DeliveryFault};
use std::sync::{
    Arc, MutexGuard, OnceLock,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

const ACTORS: usize = ActorId::ALL.len();

/// A message that did not reach its mailbox, and why.
pub(crate) type Undelivered = (Sent, DeliveryFault);

/// One receiver.
#[derive(Default)]
struct Slot {
    mailbox: OnceLock<Recipient<Sent>>,
    down: AtomicBool,
    panics: AtomicU32,
}

/// Shared by all actors and edges of a runtime.
pub(crate) struct Router {
    slots: [Slot; ACTORS],
    clock: Arc<dyn Clock>,
    recorder: Option<Recorder>,
    pub(crate) pool: Pool,
    pub(crate) notices: Notices,
}

impl Router {
    pub(crate) fn new(clock: Arc<dyn Clock>, recorder: Option<Recorder>) -> Self {
        Self {
            slots: std::array::from_fn(|_| Slot::default()),
            clock,
            recorder,
            pool: Pool::default(),
            notices: Notices::default(),
        }
    }

    fn slot(&self, who: ActorId) -> Option<&Slot> {
        self.slots.get(who as usize)
    }

    /// Opens the mailbox of `who`; false when it was open.
    pub(crate) fn open(&self, who: ActorId, mailbox: Recipient<Sent>) -> bool {
        self.slot(who).is_some_and(|slot| slot.mailbox.set(mailbox).is_ok())
    }

    /// Everybody is being taken down: what does not arrive any more is nobody's fault.
    pub(crate) fn is_stopping(&self) -> bool {
        self.is_down(ActorId::Supervisor)
    }

    /// From now on deliveries to `who` report `Closed`.
    pub(crate) fn take_down(&self, who: ActorId) {
        if let Some(slot) = self.slot(who) {
            slot.down.store(true, Ordering::Release);
        }
    }

    pub(crate) fn is_down(&self, who: ActorId) -> bool {
        self.slot(who).is_some_and(|slot| slot.down.load(Ordering::Acquire))
    }

    pub(crate) fn count_panic(&self, who: ActorId) {
        if let Some(slot) = self.slot(who) {
            slot.panics.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn panics(&self, who: ActorId) -> u32 {
        self.slot(who).map_or(0, |slot| slot.panics.load(Ordering::Relaxed))
    }

    pub(crate) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Delivers what one step sent, in order, all of it with one time. `cause` is the number of the message that
    /// the step handled.
    pub(crate) fn deliver(
        &self,
        sent: impl Iterator<Item = Sent>,
        at: Moment,
        cause: u64,
        undelivered: &mut Vec<Undelivered>,
    ) {
        let mut log = self.log();
        for mut sent in sent {
            let number = log.as_mut().map_or(0, |log| log.record(&sent, at, cause));
            sent.set_stamp(Stamp { at, number, life: 0 });
            if let Err((sent, fault)) = self.put(sent) {
                if let Some(log) = &mut log {
                    log.last_was_undelivered(fault);
                }
                undelivered.push((sent, fault));
            }
        }
    }

    /// Delivers one message whose failure is handled by trying again: it is recorded only once it is delivered.
    pub(crate) fn try_deliver(&self, mut sent: Sent, cause: u64, life: u32) -> Result<(), Undelivered> {
        let at = self.now();
        let mut log = self.log();
        let number = log.as_mut().map_or(0, |log| log.record(&sent, at, cause));
        sent.set_stamp(Stamp { at, number, life });
        self.put(sent).inspect_err(|_| {
            if let Some(log) = &mut log {
                log.forget_last();
            }
        })
    }

    /// Stamps and records a message that is handed over without a mailbox.
    pub(crate) fn stamp(&self, sent: &mut Sent, cause: u64) {
        let at = self.now();
        let number = self.log().map_or(0, |mut log| log.record(sent, at, cause));
        sent.set_stamp(Stamp { at, number, life: 0 });
    }

    fn log(&self) -> Option<MutexGuard<'_, Log>> {
        self.recorder.as_ref().map(Recorder::lock)
    }

    fn put(&self, sent: Sent) -> Result<(), Undelivered> {
        let slot = self.slot(sent.to()).filter(|slot| !slot.down.load(Ordering::Acquire));
        let Some(mailbox) = slot.and_then(|slot| slot.mailbox.get()) else {
            return Err((sent, DeliveryFault::Closed));
        };
        // Never `do_send`: it would ignore the mailbox's bound.
        mailbox.try_send(sent).map_err(|error| match error {
            SendError::Full(sent) => (sent, DeliveryFault::Full),
            SendError::Closed(sent) => (sent, DeliveryFault::Closed),
        })
    }
}
