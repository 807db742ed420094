//! The way in for edges: typed messages from Rust, raw frames from a border (JNI, a browser's socket).

use crate::{
    codec::{decodes, row_of_frame},
    outbox::Sent,
    router::Router,
};
use mpos_protocol::{
    Flow, FrameError, Message, Sends, actor,
    frame::{self, Sender},
    routes::ActorId,
    supervision::DeliveryFault,
};
use std::{marker::PhantomData, sync::Arc};

/// An edge that a program may speak for. The clock and the supervisor are the runtime's own: nobody else can send
/// a timer or a restart.
pub trait Edge: Sender + sealed::Sealed {}
impl Edge for actor::Shell {}
impl Edge for actor::Network {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for mpos_protocol::actor::Shell {}
    impl Sealed for mpos_protocol::actor::Network {}
}

/// A handle through which the edge `From` sends. Cheap to clone, usable on any thread, and valid before the
/// runtime starts and after it stops (when each send reports `Closed`).
pub struct Inlet<From> {
    router: Arc<Router>,
    from: PhantomData<fn() -> From>,
}

/// Why a raw frame was not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdmitError {
    /// It is no frame, or none that this edge may send.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// It did not reach its mailbox.
    #[error("the message was not delivered: {0:?}")]
    Undelivered(DeliveryFault),
}

impl<From: Edge> Inlet<From> {
    pub(crate) fn new(router: Arc<Router>) -> Self {
        Self { router, from: PhantomData }
    }

    /// Sends a message that belongs to no flow yet.
    ///
    /// # Errors
    /// As [`send_in`](Self::send_in).
    pub fn send<M: Message>(&self, message: M) -> Result<(), DeliveryFault>
    where
        From: Sends<M>,
    {
        self.send_in(Flow::default(), message)
    }

    /// Sends a message in a flow that the edge was told of.
    ///
    /// # Errors
    /// `Full` or `Closed`: the caller decides what the edge does then. A flow may wait for the message, so the till
    /// is told as well (`DeliveryFailed`), unless the message was for the till itself.
    pub fn send_in<M: Message>(&self, flow: Flow, message: M) -> Result<(), DeliveryFault>
    where
        From: Sends<M>,
    {
        // A message longer than a frame fits no mailbox.
        let sent = Sent::encode::<From, M>(flow, message, self.router.pool.take())
            .map_err(|_| DeliveryFault::Full)?;
        self.deliver(sent)
    }

    /// Takes in a frame from a border. Whatever sender it claims, it is this edge's; it is refused unless the table
    /// has the row and its body decodes.
    ///
    /// # Errors
    /// [`AdmitError`]; never panics on any bytes.
    pub fn admit(&self, bytes: &mut [u8]) -> Result<(), AdmitError> {
        let header = frame::admit(bytes, From::SENDER)?;
        let row = row_of_frame(header.from, header.to, bytes).ok_or(FrameError::Body)?;
        if !decodes(header.to, bytes) {
            return Err(FrameError::Body.into());
        }
        let sent = Sent::from_admitted(bytes, row, header.flow, self.router.pool.take());
        self.deliver(sent).map_err(AdmitError::Undelivered)
    }

    fn deliver(&self, sent: Sent) -> Result<(), DeliveryFault> {
        let mut undelivered = Vec::new();
        self.router.deliver(std::iter::once(sent), self.router.now(), 0, &mut undelivered);
        let Some((sent, fault)) = undelivered.pop() else { return Ok(()) };
        if sent.to() != ActorId::Till {
            self.router.notify_lost(sent.heading(), fault, sent.stamp().number);
        }
        Err(fault)
    }
}

impl<From> Clone for Inlet<From> {
    fn clone(&self) -> Self {
        Self { router: self.router.clone(), from: PhantomData }
    }
}
