//! What the supervisor has for the till and could not deliver at once.
//!
//! A notice (an actor was restarted, a message was lost) must not itself be lost to a full mailbox. It goes the
//! way of every message, so that it never overtakes what an actor sent before it died; only when the till's
//! mailbox is full does it wait here, until the till has handled a message and so made room.

use crate::{outbox::Sent, pool::Heading, router::Router};
use mpos_protocol::{
    Flow, Text, actor,
    frame::FrameError,
    routes::ActorId,
    supervision::{ActorRestarted, DeliveryFailed, DeliveryFault},
};
use std::{
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// Most notices that wait. One more than this means that the till has not handled a message for as many faults;
/// it is told of the first ones, which say the same.
const NOTICES_MAX: usize = 64;

/// Notices that wait for room in the till's mailbox.
#[derive(Default)]
pub(crate) struct Notices {
    waiting: Mutex<VecDeque<(Sent, u64)>>,
    any: AtomicBool,
}

impl Notices {
    fn waiting(&self) -> MutexGuard<'_, VecDeque<(Sent, u64)>> {
        // Each change of the queue is one call, so it is whole even if a holder panicked.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Router {
    /// `who` was started anew while it handled a message of `flow`.
    pub(crate) fn restart_notice(&self, who: ActorId, flow: Flow) -> Result<Sent, FrameError> {
        Sent::encode::<actor::Supervisor, _>(flow, ActorRestarted { who }, self.pool.take())
    }

    /// Tells the till that `lost` did not arrive.
    pub(crate) fn notify_lost(&self, lost: Heading, fault: DeliveryFault, cause: u64) {
        let Heading { from, to, flow, name: message, .. } = lost;
        if self.is_stopping() {
            return tracing::debug!(?from, ?to, message, "not delivered at the stop");
        }
        tracing::warn!(?from, ?to, message, ?fault, "a message was not delivered");
        let failed = DeliveryFailed { from, to, message: Text::clipped(message), cause: fault };
        match Sent::encode::<actor::Supervisor, _>(flow, failed, self.pool.take()) {
            Ok(notice) => self.notify(notice, cause),
            Err(error) => tracing::error!(%error, "a notice does not fit a frame"),
        }
    }

    /// Puts `notice` on its way to the till.
    pub(crate) fn notify(&self, notice: Sent, cause: u64) {
        let mut waiting = self.notices.waiting();
        if waiting.len() < NOTICES_MAX {
            waiting.push_back((notice, cause));
            self.notices.any.store(true, Ordering::SeqCst);
        } else {
            tracing::error!(?notice, "too many notices wait for the till");
        }
        self.flush(&mut waiting);
    }

    /// Called when the till has handled a message: there may be room now.
    ///
    /// None is forgotten: a notice waits only when it found the mailbox full with the queue locked, so the till
    /// has a message yet to handle, after which it looks here.
    pub(crate) fn flush_notices(&self) {
        if self.notices.any.load(Ordering::SeqCst) {
            self.flush(&mut self.notices.waiting());
        }
    }

    fn flush(&self, waiting: &mut VecDeque<(Sent, u64)>) {
        while let Some((notice, cause)) = waiting.pop_front() {
            match self.try_deliver(notice, cause, 0) {
                Ok(()) => {}
                Err((notice, DeliveryFault::Full)) => {
                    waiting.push_front((notice, cause));
                    return;
                }
                Err((notice, DeliveryFault::Closed)) => {
                    tracing::error!(?notice, "there is no till to tell");
                }
            }
        }
        self.notices.any.store(false, Ordering::SeqCst);
    }
}
