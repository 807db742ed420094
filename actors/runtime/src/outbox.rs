//! What an actor may send: typed by the table, bounded, and gone only when its step is over.
//!
//! A send is encoded at once into a pooled frame and kept until the step ends; a step that panics sends nothing.
//! What a full mailbox means is decided by the sender, in [`Actor::undelivered`].

use crate::{
    Actor, DeliveryFault, Inbox,
    pool::{Heading, Parcel, Pool, Stamp},
};
use mpos_protocol::{
    Actor as Name, Flow, FrameError, Message, Moment, Route, Sends, Text, actor,
    frame::{self, FRAME_HEADER_BYTES, Sender},
    routes::ActorId,
    supervision::DeliveryFailed,
};
use std::{fmt, marker::PhantomData, mem};

/// Most messages, timers included, that one step may send. No flow needs ten; more is a loop gone wrong, which
/// panics in the sender and is handled as any panic.
pub const SENDS_PER_STEP_MAX: usize = 32;

/// The messages of one step of the actor `Name`.
pub struct Outbox<Name> {
    flow: Flow,
    sent: Vec<Sent>,
    timers: Vec<Timer>,
    pool: Pool,
    /// The parcel in which the message that is being handled came, for the first answer.
    spare: Option<Box<Parcel>>,
    name: PhantomData<fn() -> Name>,
}

impl<From: Name + Sender> Outbox<From> {
    pub(crate) fn new(pool: Pool) -> Self {
        Self {
            flow: Flow::default(),
            sent: Vec::with_capacity(SENDS_PER_STEP_MAX),
            timers: Vec::new(),
            pool,
            spare: None,
            name: PhantomData,
        }
    }

    /// Sends `message` in the flow of the message that is being handled.
    ///
    /// # Panics
    /// Above [`SENDS_PER_STEP_MAX`], and when the message is longer than a frame: both are faults of the program.
    pub fn send<M: Message>(&mut self, message: M)
    where
        From: Sends<M>,
    {
        self.send_in(self.flow, message);
    }

    /// Sends `message` in another flow: the till begins one, the host link goes on with one when bytes arrive.
    ///
    /// # Panics
    /// As [`send`](Self::send).
    pub fn send_in<M: Message>(&mut self, flow: Flow, message: M)
    where
        From: Sends<M>,
    {
        self.check_room();
        let sent = Sent::encode::<From, M>(flow, message, self.parcel());
        self.sent.push(sent.expect("a message fits a frame"));
    }

    /// Tells the till that `message` did not reach `to`: the common end of
    /// [`Actor::undelivered`](crate::Actor::undelivered).
    ///
    /// # Panics
    /// As [`send`](Self::send).
    pub fn tell_undelivered(&mut self, to: ActorId, message: &'static str, cause: DeliveryFault)
    where
        From: Sends<DeliveryFailed>,
    {
        self.send(DeliveryFailed { from: From::SENDER, to, message: Text::clipped(message), cause });
    }

    /// Hands `message` back to this actor after `delay_ms` milliseconds, in the present flow. Only rows that the
    /// table has `from [Clock]` to this actor can be asked for. A timer cannot be taken back: it carries a number by
    /// which the actor tells whether it still waits for it. A restart voids the timers set before.
    ///
    /// # Panics
    /// As [`send`](Self::send).
    pub fn after_ms<M: Message<To = From>>(&mut self, delay_ms: u64, message: M)
    where
        actor::Clock: Sends<M>,
    {
        self.check_room();
        let sent = Sent::encode::<actor::Clock, M>(self.flow, message, self.parcel());
        self.timers.push(Timer { delay_ms, message: sent.expect("a timer fits a frame") });
    }

    /// An actor that answers what it receives never asks the pool.
    fn parcel(&mut self) -> Box<Parcel> {
        self.spare.take().unwrap_or_else(|| self.pool.take())
    }

    fn check_room(&self) {
        let count = self.sent.len() + self.timers.len();
        assert!(
            count < SENDS_PER_STEP_MAX,
            "one step of {:?} sends more than {SENDS_PER_STEP_MAX}",
            From::ID
        );
    }

    /// A step begins, in `flow`; what a step before it left (because it panicked) is dropped.
    pub(crate) fn begin(&mut self, flow: Flow) {
        self.flow = flow;
        self.sent.clear();
        self.timers.clear();
    }

    /// Takes back the parcel of a message that was decoded.
    pub(crate) fn reuse(&mut self, sent: Sent) {
        if self.spare.is_some() {
            self.pool.give(sent.0);
        } else {
            self.spare = Pool::clean(sent.0);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    pub(crate) fn drain_sent(&mut self) -> impl Iterator<Item = Sent> {
        self.sent.drain(..)
    }

    pub(crate) fn drain_timers(&mut self) -> impl Iterator<Item = Timer> {
        self.timers.drain(..)
    }

    pub(crate) fn take(&mut self) -> Step {
        Step { sent: mem::take(&mut self.sent), timers: mem::take(&mut self.timers) }
    }
}

/// A message on its way: a frame, and what is known of it without decoding.
pub struct Sent(Box<Parcel>);

impl Sent {
    pub(crate) fn encode<From, M>(flow: Flow, message: M, mut parcel: Box<Parcel>) -> Result<Self, FrameError>
    where
        From: Sends<M> + Sender,
        M: Message,
    {
        parcel.heading =
            Heading { from: From::SENDER, to: M::To::ID, flow, name: M::NAME, secret: M::SECRET };
        let room = parcel.frame.capacity();
        frame::encode::<From, M>(flow, &message, &mut parcel.frame)?;
        debug_assert!(
            !M::SECRET || parcel.frame.capacity() == room,
            "{} outgrew its buffer and left a copy",
            M::NAME
        );
        Ok(Self(parcel))
    }

    /// A frame that came over a border and that [`frame::admit`] let pass.
    pub(crate) fn from_admitted(frame: &[u8], row: &Route, flow: Flow, mut parcel: Box<Parcel>) -> Self {
        let Route { from, to, name, secret, .. } = *row;
        parcel.heading = Heading { from, to, flow, name, secret };
        parcel.frame.extend_from_slice(frame);
        Self(parcel)
    }

    pub(crate) fn heading(&self) -> Heading {
        self.0.heading
    }

    pub(crate) fn stamp(&self) -> Stamp {
        self.0.stamp
    }

    pub(crate) fn set_stamp(&mut self, stamp: Stamp) {
        self.0.stamp = stamp;
    }

    pub(crate) fn into_parcel(self) -> Box<Parcel> {
        self.0
    }

    /// Who sent it.
    pub fn from(&self) -> ActorId {
        self.0.heading.from
    }

    /// For whom it is.
    pub fn to(&self) -> ActorId {
        self.0.heading.to
    }

    /// In which flow.
    pub fn flow(&self) -> Flow {
        self.0.heading.flow
    }

    /// The row's name.
    pub fn name(&self) -> &'static str {
        self.0.heading.name
    }

    /// The whole frame.
    pub fn frame(&self) -> &[u8] {
        &self.0.frame
    }

    /// The message, when `To` is the receiver.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn decode<To: Name>(&self) -> Result<To::Inbox, FrameError> {
        if self.to() != To::ID {
            return Err(FrameError::NotForMe(self.to()));
        }
        frame::decode_body::<To>(self.frame().get(FRAME_HEADER_BYTES..).ok_or(FrameError::TooShort)?)
    }
}

impl actix::Message for Sent {
    type Result = ();
}

impl fmt::Debug for Sent {
    /// The arrow, without what it carries.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} -> {:?}: {}", self.from(), self.to(), self.name())
    }
}

/// A message that comes back.
#[derive(Debug)]
pub struct Timer {
    /// After so long.
    pub delay_ms: u64,
    /// From the clock to the actor itself.
    pub message: Sent,
}

/// What one step sent.
#[derive(Debug)]
pub struct Step {
    /// Messages, in order.
    pub sent: Vec<Sent>,
    /// Timers, in order.
    pub timers: Vec<Timer>,
}

/// One step of an actor outside a running system: for tests, replay and simulation.
pub fn step<A: Actor>(actor: &mut A, now: Moment, flow: Flow, message: Inbox<A>) -> Step {
    let mut outbox = Outbox::new(Pool::default());
    outbox.begin(flow);
    actor.handle(now, flow, message, &mut outbox);
    outbox.take()
}

/// Tells an actor outside a running system that something it sent was not delivered.
pub fn step_undelivered<A: Actor>(
    actor: &mut A,
    now: Moment,
    undelivered: &Sent,
    cause: DeliveryFault,
) -> Step {
    let mut outbox = Outbox::new(Pool::default());
    let flow = undelivered.flow();
    outbox.begin(flow);
    actor.undelivered(now, flow, undelivered.to(), undelivered.name(), cause, &mut outbox);
    outbox.take()
}
