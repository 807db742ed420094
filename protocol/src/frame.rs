//! A frame: eight bytes of header and the postcard of the receiver's inbox. What crosses from shell to till
//! (JNI, a browser's socket) is the same frame that actors exchange.
//!
//! ```text
//! 0  version      PROTOCOL_VERSION
//! 1  from         ActorId
//! 2  to           ActorId
//! 3  reserved     0
//! 4  flow         u32, little-endian
//! 8  body         postcard of the receiver's inbox enum; its first byte is the row's ordinal
//! ```

use crate::{Actor, Message, PROTOCOL_VERSION, ROUTES, Sends, routes::ActorId};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Header, in bytes.
pub const FRAME_HEADER_BYTES: usize = 8;
/// The longest frame, header included. The largest message is the kernel's configuration (CA keys).
pub const FRAME_BYTES_MAX: usize = 64 * 1024;

/// One run of a flow (one sale, one activation): answers that belong to an ended flow are told by it and dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Flow(pub u32);

/// What stands before a frame's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// The sender.
    pub from: ActorId,
    /// The receiver.
    pub to: ActorId,
    /// The flow it belongs to.
    pub flow: Flow,
}

/// Why bytes are not a frame for the one who holds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Shorter than a header and one byte of body.
    #[error("the frame ends before its body")]
    TooShort,
    /// Longer than [`FRAME_BYTES_MAX`].
    #[error("the frame is longer than {FRAME_BYTES_MAX} bytes")]
    TooLong,
    /// Made by another version of this program.
    #[error("the frame is of version {0}, this program speaks {PROTOCOL_VERSION}")]
    Version(u8),
    /// A sender or receiver that does not exist.
    #[error("the frame names actor {0}, which does not exist")]
    UnknownActor(u8),
    /// Addressed to another actor.
    #[error("the frame is for {0:?}")]
    NotForMe(ActorId),
    /// The table has no such arrow.
    #[error("no row lets {from:?} send message {ordinal} to {to:?}")]
    NoRoute {
        /// The sender.
        from: ActorId,
        /// The receiver.
        to: ActorId,
        /// The body's first byte.
        ordinal: u8,
    },
    /// The body does not decode as the receiver's inbox, or bytes are left over.
    #[error("the frame's body does not decode")]
    Body,
}

impl FrameHeader {
    /// Reads the header; the rest is the body.
    ///
    /// # Errors
    /// All of [`FrameError`] but `NotForMe`, `NoRoute` and `Body`.
    pub fn split(frame: &[u8]) -> Result<(Self, &[u8]), FrameError> {
        if frame.len() > FRAME_BYTES_MAX {
            return Err(FrameError::TooLong);
        }
        let (header, body) = frame.split_first_chunk::<FRAME_HEADER_BYTES>().ok_or(FrameError::TooShort)?;
        let [version, from, to, _reserved, flow @ ..] = *header;
        if version != PROTOCOL_VERSION {
            return Err(FrameError::Version(version));
        }
        if body.is_empty() {
            return Err(FrameError::TooShort);
        }
        let actor = |byte| ActorId::from_byte(byte).ok_or(FrameError::UnknownActor(byte));
        Ok((Self { from: actor(from)?, to: actor(to)?, flow: Flow(u32::from_le_bytes(flow)) }, body))
    }

    fn to_bytes(self) -> [u8; FRAME_HEADER_BYTES] {
        let [a, b, c, d] = self.flow.0.to_le_bytes();
        [PROTOCOL_VERSION, self.from as u8, self.to as u8, 0, a, b, c, d]
    }
}

/// Writes a frame into `buffer`, which is cleared first and keeps its capacity: the sender must have a row.
///
/// # Errors
/// [`FrameError::TooLong`] when the message does not fit [`FRAME_BYTES_MAX`].
pub fn encode<From, M>(flow: Flow, message: &M, buffer: &mut Vec<u8>) -> Result<(), FrameError>
where
    From: Sends<M> + Sender,
    M: Message,
{
    let header = FrameHeader { from: From::SENDER, to: M::To::ID, flow };
    buffer.clear();
    buffer.extend_from_slice(&header.to_bytes());
    // The receiver's inbox enum, without building it: postcard writes a variant's position, then its payload.
    buffer.push(M::ORDINAL);
    // Nothing of ours fails to serialize but by its length.
    postcard::serialize_with_flavor(message, Append(buffer)).map_err(|_| FrameError::TooLong)
}

/// Writes behind what a buffer holds, up to a whole frame. The buffer stays in its place, also after an error: it
/// may hold a secret, and its owner wipes it.
struct Append<'a>(&'a mut Vec<u8>);

impl postcard::ser_flavors::Flavor for Append<'_> {
    type Output = ();

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        if bytes.len() > FRAME_BYTES_MAX.saturating_sub(self.0.len()) {
            return Err(postcard::Error::SerializeBufferFull);
        }
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        if self.0.len() >= FRAME_BYTES_MAX {
            return Err(postcard::Error::SerializeBufferFull);
        }
        self.0.push(byte);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// Reads a frame addressed to `To`.
///
/// # Errors
/// [`FrameError`]; never panics on any bytes.
pub fn decode<To: Actor>(frame: &[u8]) -> Result<(FrameHeader, To::Inbox), FrameError> {
    let (header, body) = FrameHeader::split(frame)?;
    if header.to != To::ID {
        return Err(FrameError::NotForMe(header.to));
    }
    Ok((header, decode_body::<To>(body)?))
}

/// Reads what stands after the header of a frame to `To`.
///
/// # Errors
/// [`FrameError::Body`].
pub fn decode_body<To: Actor>(body: &[u8]) -> Result<To::Inbox, FrameError> {
    let mut deserializer = postcard::Deserializer::from_bytes(body);
    let message = To::Inbox::deserialize(&mut deserializer).map_err(|_| FrameError::Body)?;
    match deserializer.finalize() {
        Ok([]) => Ok(message),
        _ => Err(FrameError::Body),
    }
}

/// Reads the header of a frame that comes over a border (JNI, a socket), sets its sender to `from` whatever the
/// bytes claim, and refuses it unless the table has the row.
///
/// # Errors
/// [`FrameError`].
pub fn admit(frame: &mut [u8], from: ActorId) -> Result<FrameHeader, FrameError> {
    let (header, body) = FrameHeader::split(frame)?;
    let ordinal = *body.first().ok_or(FrameError::TooShort)?;
    let row = |route: &&crate::Route| route.from == from && route.to == header.to && route.ordinal == ordinal;
    if ROUTES.iter().find(row).is_none() {
        return Err(FrameError::NoRoute { from, to: header.to, ordinal });
    }
    if let Some(byte) = frame.get_mut(1) {
        *byte = from as u8;
    }
    Ok(FrameHeader { from, ..header })
}

/// A marker type's own name as a value, for edges that send but have no inbox.
pub trait Sender {
    /// Who it is.
    const SENDER: ActorId;
}

macro_rules! senders {
    ($($name:ident),+) => { $( impl Sender for crate::actor::$name { const SENDER: ActorId = ActorId::$name; } )+ };
}
senders!(
    Shell,
    Till,
    NfcReader,
    EmvKernel,
    PinPad,
    HostLink,
    Ledger,
    ReceiptSender,
    Network,
    Clock,
    Supervisor
);
