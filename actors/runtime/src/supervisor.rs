//! Panics are caught here, and the actor is built anew.
//!
//! A fault of the program in one actor must not take the terminal with it. What the actor held in memory is gone;
//! its factory builds it again from what is durable. An actor that panics again and again is left down: a terminal
//! that says so is better than one that restarts for ever in the middle of a payment.

use crate::{Actor, router::Router};
use mpos_protocol::{Actor as Name, routes::ActorId};
use std::{
    any::Any,
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

/// An actor that panics more often than this within [`PANIC_WINDOW_MS`] stays down.
pub const PANICS_PER_WINDOW_MAX: usize = 5;
/// The window, in milliseconds.
pub const PANIC_WINDOW_MS: u64 = 60_000;

/// Runs `step`; a panic goes to the log, without anything of the message that was handled.
pub(crate) fn caught<T>(who: ActorId, doing: &'static str, step: impl FnOnce() -> T) -> Option<T> {
    // Unwind safety: what `step` may have left half-changed is thrown away with the actor.
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(value) => Some(value),
        Err(panic) => {
            tracing::error!(actor = ?who, doing, panic = panic_text(&*panic), "an actor panicked");
            None
        }
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no text")
}

/// When an actor panicked: whether it may live on.
#[derive(Default)]
pub(crate) struct PanicCount {
    at_uptime_ms: VecDeque<u64>,
}

impl PanicCount {
    /// Counts one more; false when that was one too many.
    pub(crate) fn may_live_on(&mut self, uptime_ms: u64) -> bool {
        let window_start = uptime_ms.saturating_sub(PANIC_WINDOW_MS);
        self.at_uptime_ms.retain(|at| *at >= window_start);
        self.at_uptime_ms.push_back(uptime_ms);
        self.at_uptime_ms.len() <= PANICS_PER_WINDOW_MAX
    }
}

/// An actor and the means to build it again.
pub(crate) struct Supervised<A> {
    factory: Box<dyn Fn() -> A>,
    actor: Option<A>,
    life: u32,
    panics: PanicCount,
    router: Arc<Router>,
}

impl<A: Actor> Supervised<A> {
    pub(crate) fn new(factory: impl Fn() -> A + 'static, router: Arc<Router>) -> Self {
        let mut supervised =
            Self { factory: Box::new(factory), actor: None, life: 0, panics: PanicCount::default(), router };
        supervised.build();
        supervised
    }

    /// Which life the actor is in: 1 at first.
    pub(crate) fn life(&self) -> u32 {
        self.life
    }

    pub(crate) fn is_down(&self) -> bool {
        self.actor.is_none()
    }

    /// One step; `None` when it panicked, after which the actor has a new life or is down.
    pub(crate) fn run<T>(&mut self, doing: &'static str, step: impl FnOnce(&mut A) -> T) -> Option<T> {
        let actor = self.actor.as_mut()?;
        let done = caught(A::Name::ID, doing, || step(actor));
        if done.is_none() && self.count_panic() {
            self.build();
        }
        done
    }

    /// Builds the actor, again when that panics too, as often as it may.
    fn build(&mut self) {
        loop {
            // The old one first: it may hold what the new one needs (a file's lock). Its drop may panic as well.
            let old = self.actor.take();
            caught(A::Name::ID, "drop", || drop(old));
            self.actor = caught(A::Name::ID, "start", || (self.factory)());
            if self.actor.is_some() {
                self.life += 1;
                return;
            }
            if !self.count_panic() {
                return;
            }
        }
    }

    /// Counts a panic, and takes the actor down when it was one too many.
    fn count_panic(&mut self) -> bool {
        let who = A::Name::ID;
        self.router.count_panic(who);
        let lives_on = self.panics.may_live_on(self.router.now().uptime_ms);
        if !lives_on {
            tracing::error!(actor = ?who, "an actor panicked too often and stays down");
            self.router.take_down(who);
            let old = self.actor.take();
            caught(who, "drop", || drop(old));
        }
        lives_on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_are_counted_within_a_minute_only() {
        let mut count = PanicCount::default();
        for second in 0..PANICS_PER_WINDOW_MAX as u64 {
            assert!(count.may_live_on(second * 1000));
        }
        assert!(count.may_live_on(PANIC_WINDOW_MS + 1), "the first one is a minute ago");
        assert!(!count.may_live_on(PANIC_WINDOW_MS + 1));
    }
}
