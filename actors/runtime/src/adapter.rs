//! One generic actix actor around any of ours: mailbox, decoding, one step, delivery, timers.

use crate::{
    Actor, Outbox,
    outbox::Sent,
    pool::{Heading, Stamp},
    router::{Router, Undelivered},
    supervisor::{PanicCount, Supervised, caught},
    threads::Thread,
};
use actix::{AsyncContext, Context, Handler};
use mpos_ports::Shell;
use mpos_protocol::{Actor as Name, Flow, routes::ActorId, supervision::DeliveryFault};
use std::{sync::Arc, time::Duration};

/// When a timer's message finds its own mailbox full: how long until it is tried again, in milliseconds.
const TIMER_RETRY_MS: u64 = 5;

/// An actor of ours on actix.
pub(crate) struct Adapter<A: Actor> {
    supervised: Supervised<A>,
    outbox: Outbox<A::Name>,
    /// Emptied after each step; kept for its memory.
    undelivered: Vec<Undelivered>,
    router: Arc<Router>,
}

impl<A: Actor> Adapter<A> {
    pub(crate) fn new(factory: impl Fn() -> A + 'static, router: Arc<Router>) -> Self {
        Self {
            supervised: Supervised::new(factory, router.clone()),
            outbox: Outbox::new(router.pool.clone()),
            undelivered: Vec::new(),
            router,
        }
    }

    fn step(&mut self, sent: Sent, context: &mut Context<Self>) {
        let (heading, stamp) = (sent.heading(), sent.stamp());
        if self.supervised.is_down() {
            self.router.notify_lost(heading, DeliveryFault::Closed, stamp.number);
            return;
        }
        if stamp.life != 0 && stamp.life != self.supervised.life() {
            return; // a timer of an actor that is no more
        }
        let Ok(message) = sent.decode::<A::Name>() else {
            // Cannot be: senders are typed and the border decodes what it admits.
            tracing::error!(?sent, "a frame does not decode");
            self.router.notify_lost(heading, DeliveryFault::Closed, stamp.number);
            return;
        };
        self.outbox.reuse(sent);
        self.outbox.begin(heading.flow);
        let outbox = &mut self.outbox;
        let done =
            self.supervised.run(heading.name, |actor| actor.handle(stamp.at, heading.flow, message, outbox));
        match done {
            Some(()) => self.dispatch(stamp, context),
            None => self.panicked(heading, stamp.number, context),
        }
    }

    /// Lets the sends of the step go, and tells the actor of those that did not arrive.
    fn dispatch(&mut self, handled: Stamp, context: &mut Context<Self>) {
        self.set_timers(handled.number, context);
        if self.outbox.is_empty() {
            return;
        }
        let at = if Thread::may_block(A::Name::ID) { self.router.now() } else { handled.at };
        self.router.deliver(self.outbox.drain_sent(), at, handled.number, &mut self.undelivered);
        if self.undelivered.is_empty() {
            return;
        }
        let life = self.supervised.life();
        for (sent, fault) in std::mem::take(&mut self.undelivered) {
            if self.supervised.is_down() || self.supervised.life() != life {
                // It panicked over the one before: who sent this is no more.
                self.router.notify_lost(sent.heading(), fault, sent.stamp().number);
            } else {
                self.tell_undelivered(&sent, fault, context);
            }
        }
    }

    fn tell_undelivered(&mut self, sent: &Sent, fault: DeliveryFault, context: &mut Context<Self>) {
        tracing::warn!(message = ?sent, ?fault, "a message was not delivered");
        let Heading { to, flow, name, .. } = sent.heading();
        let Stamp { at, number, .. } = sent.stamp();
        self.outbox.begin(flow);
        let outbox = &mut self.outbox;
        let told =
            self.supervised.run("undelivered", |actor| actor.undelivered(at, flow, to, name, fault, outbox));
        if told.is_none() {
            self.panicked(sent.heading(), number, context);
            return;
        }
        self.set_timers(number, context);
        let mut again = Vec::new();
        self.router.deliver(self.outbox.drain_sent(), at, number, &mut again);
        for (sent, fault) in again {
            self.router.notify_lost(sent.heading(), fault, sent.stamp().number);
        }
    }

    fn set_timers(&mut self, cause: u64, context: &mut Context<Self>) {
        let life = self.supervised.life();
        for timer in self.outbox.drain_timers() {
            run_timer(timer.message, timer.delay_ms, cause, life, context);
        }
    }

    /// The step over `handled` panicked: its sends are dropped, the till is told, others go on.
    fn panicked(&mut self, handled: Heading, number: u64, context: &mut Context<Self>) {
        self.outbox.begin(Flow::default());
        if self.supervised.is_down() {
            self.router.notify_lost(handled, DeliveryFault::Closed, number);
            return;
        }
        let who = A::Name::ID;
        let Ok(mut notice) = self.router.restart_notice(who, handled.flow) else { return };
        if who == ActorId::Till {
            // Before all that waits in its mailbox: the new till must know first that it is new.
            self.router.stamp(&mut notice, number);
            self.step(notice, context);
        } else {
            self.router.notify(notice, number);
        }
    }
}

/// Puts `message` into the actor's own mailbox after a time, unless the actor has been started anew by then.
fn run_timer<A: Actor>(
    message: Sent,
    delay_ms: u64,
    cause: u64,
    life: u32,
    context: &mut Context<Adapter<A>>,
) {
    context.run_later(Duration::from_millis(delay_ms), move |adapter, context| {
        if life != adapter.supervised.life() {
            return;
        }
        match adapter.router.try_deliver(message, cause, life) {
            Err((message, DeliveryFault::Full)) => run_timer(message, TIMER_RETRY_MS, cause, life, context),
            Ok(()) | Err((_, DeliveryFault::Closed)) => {}
        }
    });
}

/// Nothing in it is ever pinned.
impl<A: Actor> Unpin for Adapter<A> {}

impl<A: Actor> actix::Actor for Adapter<A> {
    type Context = Context<Self>;
}

impl<A: Actor> Handler<Sent> for Adapter<A> {
    type Result = ();

    fn handle(&mut self, sent: Sent, context: &mut Self::Context) {
        self.step(sent, context);
        if A::Name::ID == ActorId::Till {
            self.router.flush_notices();
        }
    }
}

/// The edge that draws, on actix: it receives frames and answers through an [`Inlet`](crate::Inlet).
pub(crate) struct ShellAdapter {
    shell: Box<dyn Shell>,
    panics: PanicCount,
    router: Arc<Router>,
}

impl ShellAdapter {
    pub(crate) fn new(shell: Box<dyn Shell>, router: Arc<Router>) -> Self {
        Self { shell, panics: PanicCount::default(), router }
    }
}

impl actix::Actor for ShellAdapter {
    type Context = Context<Self>;
}

impl Handler<Sent> for ShellAdapter {
    type Result = ();

    /// A shell keeps no state that a flow depends on (the whole screen is sent each time), so one that panicked is
    /// simply given the next frame; one that panics too often is given no more.
    fn handle(&mut self, sent: Sent, _context: &mut Self::Context) {
        let (heading, stamp) = (sent.heading(), sent.stamp());
        if self.router.is_down(ActorId::Shell) {
            self.router.notify_lost(heading, DeliveryFault::Closed, stamp.number);
        } else if caught(ActorId::Shell, heading.name, || self.shell.receive(sent.frame())).is_none() {
            self.router.count_panic(ActorId::Shell);
            if !self.panics.may_live_on(stamp.at.uptime_ms) {
                self.router.take_down(ActorId::Shell);
            }
            self.router.notify_lost(heading, DeliveryFault::Closed, stamp.number);
        }
        self.router.pool.give(sent.into_parcel());
    }
}
