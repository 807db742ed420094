//! What an actor is, and what carries messages between actors.
//!
//! An [`Actor`] is a state machine that owns its state and does no I/O of its own beyond the ports it was built
//! with: a message comes in with the time, messages go out through an [`Outbox`]. This crate wraps each in one
//! generic adapter over actix (the only crate that names it), so that the same state machine runs on a phone, on a
//! desktop, in [`replay`] of a recorded tap and, a step at a time, in tests ([`step`]).
//!
//! Where to start:
//! - [`Outbox`]: what an actor may send, and what happens when a mailbox is full;
//! - [`Runtime`]: how a program wires actors, edges and threads together, and stops them;
//! - [`Recording`]: the flight recorder's file, which [`replay`] feeds back to an actor.
#![forbid(unsafe_code)]

mod adapter;
mod codec;
mod inlet;
mod notices;
mod outbox;
mod pool;
mod recorder;
mod recording;
mod replay;
mod router;
mod runtime;
mod supervisor;
mod threads;

pub use inlet::{AdmitError, Edge, Inlet};
pub use mpos_protocol::{Flow, Moment, actor, inbox, routes::ActorId, supervision::DeliveryFault};
pub use outbox::{Outbox, SENDS_PER_STEP_MAX, Sent, Step, Timer, step, step_undelivered};
pub use recorder::{RECORDER_BYTES_MAX, RECORDER_FRAMES_MAX, Recorder};
pub use recording::{RecordedFrame, Recording, RecordingError};
pub use replay::{ReplayReport, ReplayStep, ReplayedSend, SendText, replay};
pub use runtime::{MAILBOX_FRAMES_MAX, Running, Runtime, StartError, StillRunning};
pub use supervisor::{PANIC_WINDOW_MS, PANICS_PER_WINDOW_MAX};
pub use threads::Thread;

/// Everything that `A` can receive.
pub type Inbox<A> = <<A as Actor>::Name as mpos_protocol::Actor>::Inbox;

/// A state machine that receives the messages of one inbox of the table (`protocol/src/routes.rs`).
///
/// It reads no clock, file, socket or random source but through the ports it was built with, so that a recorded
/// run replays to the same states. What it sends leaves when the step is over: a step that panics sends nothing.
pub trait Actor: Sized + 'static {
    /// Its name in the table, such as [`actor::Till`].
    type Name: mpos_protocol::Actor + mpos_protocol::frame::Sender;

    /// One step. `flow` is the run of a flow to which the message belongs, and which everything sent through
    /// `outbox` inherits.
    ///
    /// `now` is when the message set out: when an edge sent it, a timer fell due, or the reader or the ledger (whose
    /// steps wait for a card, for a disk) was done. What other actors send in turn carries the same time. So it may
    /// be a little before that of the message handled before: subtract with saturation.
    fn handle(&mut self, now: Moment, flow: Flow, message: Inbox<Self>, outbox: &mut Outbox<Self::Name>);

    /// A message that this actor sent in the step before did not reach its mailbox: the explicit outcome of a full
    /// one. There is no default: each actor decides what its flow does then.
    ///
    /// What is sent from here and is not delivered either is told to the till as `DeliveryFailed`, so that two full
    /// mailboxes cannot keep each other busy for ever.
    fn undelivered(
        &mut self,
        now: Moment,
        flow: Flow,
        to: ActorId,
        message: &'static str,
        cause: DeliveryFault,
        outbox: &mut Outbox<Self::Name>,
    );
}
