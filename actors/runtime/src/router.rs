//! From a name to its mailbox, over threads; and the one place where a message is stamped, recorded and delivered.
//!
//! Recording and delivery happen under one lock, so the recording's order is each mailbox's order, and the time
//! that a receiver is given is the time that was recorded: what [`crate::replay`] feeds is what was handled.

use crate::{
    notices::Notices,
    outbox::Sent,
    pool::Pool,
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

/// A message in a mailbox.
pub(crate) struct Delivery {
    pub(crate) sent: Sent,
    /// When it was sent.
    pub(crate) at: Moment,
    /// Its number in the recording; 0 when nothing is recorded.
    pub(crate) number: u64,
    /// Which life of the actor a timer belongs to; 0 for messages, which outlive a restart.
    pub(crate) life: u32,
}

impl actix::Message for Delivery {
    type Result = ();
}

/// A message that did not reach its mailbox.
pub(crate) struct Undelivered {
    pub(crate) sent: Sent,
    pub(crate) at: Moment,
    pub(crate) number: u64,
    pub(crate) cause: DeliveryFault,
}

/// One receiver.
#[derive(Default)]
struct Slot {
    mailbox: OnceLock<Recipient<Delivery>>,
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
    pub(crate) fn open(&self, who: ActorId, mailbox: Recipient<Delivery>) -> bool {
        self.slot(who).is_some_and(|slot| slot.mailbox.set(mailbox).is_ok())
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
        cause: u64,
        undelivered: &mut Vec<Undelivered>,
    ) {
        let at = self.now();
        let mut log = self.log();
        for sent in sent {
            let number = log.as_mut().map_or(0, |log| log.record(&sent, at, cause));
            if let Err((delivery, fault)) = self.put(Delivery { sent, at, number, life: 0 }) {
                if let Some(log) = &mut log {
                    log.last_was_undelivered(fault);
                }
                undelivered.push(Undelivered { sent: delivery.sent, at, number, cause: fault });
            }
        }
    }

    /// Delivers one message whose failure is handled by trying again: it is recorded only once it is delivered.
    pub(crate) fn try_deliver(&self, sent: Sent, cause: u64, life: u32) -> Result<(), (Sent, DeliveryFault)> {
        let at = self.now();
        let mut log = self.log();
        let number = log.as_mut().map_or(0, |log| log.record(&sent, at, cause));
        self.put(Delivery { sent, at, number, life }).map_err(|(delivery, fault)| {
            if let Some(log) = &mut log {
                log.forget_last();
            }
            (delivery.sent, fault)
        })
    }

    /// Stamps and records a message that is handed over without a mailbox.
    pub(crate) fn stamp(&self, sent: Sent, cause: u64) -> Delivery {
        let at = self.now();
        let number = self.log().map_or(0, |mut log| log.record(&sent, at, cause));
        Delivery { sent, at, number, life: 0 }
    }

    fn log(&self) -> Option<MutexGuard<'_, Log>> {
        self.recorder.as_ref().map(Recorder::lock)
    }

    fn put(&self, delivery: Delivery) -> Result<(), (Delivery, DeliveryFault)> {
        let slot = self.slot(delivery.sent.to()).filter(|slot| !slot.down.load(Ordering::Acquire));
        let Some(mailbox) = slot.and_then(|slot| slot.mailbox.get()) else {
            return Err((delivery, DeliveryFault::Closed));
        };
        // Never `do_send`: it would ignore the mailbox's bound.
        mailbox.try_send(delivery).map_err(|error| match error {
            SendError::Full(delivery) => (delivery, DeliveryFault::Full),
            SendError::Closed(delivery) => (delivery, DeliveryFault::Closed),
        })
    }
}
