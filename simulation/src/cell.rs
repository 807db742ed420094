//! One actor in its supervisor's care: a step, a panic, a new life.
//!
//! It does what the runtime's adapter does (`actors/runtime/src/adapter.rs`), without threads.

use mpos_protocol::{
    Flow, Moment,
    frame::{self, Sender},
    routes::ActorId,
    supervision::DeliveryFault,
};
use mpos_runtime::{Actor, Sent, Step, step, step_undelivered};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A message in a mailbox.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Who sent it.
    pub from: ActorId,
    /// For whom.
    pub to: ActorId,
    /// In which flow.
    pub flow: Flow,
    /// The row's name.
    pub name: &'static str,
    /// The frame.
    pub frame: Vec<u8>,
    /// When it set out.
    pub at: Moment,
}

impl Letter {
    /// What an actor sent.
    pub fn from_sent(sent: &Sent, at: Moment) -> Self {
        Self {
            from: sent.from(),
            to: sent.to(),
            flow: sent.flow(),
            name: sent.name(),
            frame: sent.frame().to_vec(),
            at,
        }
    }

    /// What an edge sends; `None` when it fits no frame.
    pub fn from_edge<From, M>(flow: Flow, message: &M, at: Moment) -> Option<Self>
    where
        From: mpos_protocol::Sends<M> + Sender,
        M: mpos_protocol::Message,
    {
        let mut frame = Vec::new();
        frame::encode::<From, M>(flow, message, &mut frame).ok()?;
        let to = <M::To as mpos_protocol::Actor>::ID;
        Some(Self { from: From::SENDER, to, flow, name: M::NAME, frame, at })
    }
}

/// How a step went.
pub enum Stepped {
    /// It sent this.
    Done(Step),
    /// It panicked, by itself: a fault of the program.
    Panicked(String),
    /// There was no actor, or the frame was none of its own.
    Nothing,
}

/// An actor and the means to build it again.
pub trait Cell {
    /// Which.
    fn who(&self) -> ActorId;
    /// Which life it is in: 1 at first.
    fn life(&self) -> u32;
    /// One message.
    fn handle(&mut self, letter: &Letter) -> Stepped;
    /// Something that it sent did not arrive.
    fn undelivered(&mut self, now: Moment, sent: &Sent, fault: DeliveryFault) -> Stepped;
    /// Builds it anew.
    fn rebuild(&mut self);
}

/// A cell for one type of actor.
pub struct ActorCell<A> {
    factory: Box<dyn Fn() -> A>,
    actor: Option<A>,
    life: u32,
}

impl<A: Actor> ActorCell<A> {
    /// The actor that `factory` builds, now and after each panic.
    pub fn boxed(factory: impl Fn() -> A + 'static) -> Box<dyn Cell> {
        let actor = Some(factory());
        Box::new(Self { factory: Box::new(factory), actor, life: 1 })
    }

    fn run(&mut self, work: impl FnOnce(&mut A) -> Step) -> Stepped {
        let Some(actor) = &mut self.actor else { return Stepped::Nothing };
        match catch_unwind(AssertUnwindSafe(|| work(actor))) {
            Ok(step) => Stepped::Done(step),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
                Stepped::Panicked(text.unwrap_or_else(|| "no text".to_owned()))
            }
        }
    }
}

impl<A: Actor> Cell for ActorCell<A> {
    fn who(&self) -> ActorId {
        <A::Name as mpos_protocol::Actor>::ID
    }

    fn life(&self) -> u32 {
        self.life
    }

    fn handle(&mut self, letter: &Letter) -> Stepped {
        let Ok((header, message)) = frame::decode::<A::Name>(&letter.frame) else { return Stepped::Nothing };
        let at = letter.at;
        self.run(|actor| step(actor, at, header.flow, message))
    }

    fn undelivered(&mut self, now: Moment, sent: &Sent, fault: DeliveryFault) -> Stepped {
        self.run(|actor| step_undelivered(actor, now, sent, fault))
    }

    fn rebuild(&mut self) {
        // The old one first: it may hold what the new one needs.
        self.actor = None;
        self.actor = Some((self.factory)());
        self.life += 1;
    }
}
