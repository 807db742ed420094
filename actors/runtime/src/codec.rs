//! Frames as people read them, for receivers known by value only: the recorder's file and the border's check.
//!
//! Everywhere else a receiver is a type. Here one match leads from its name to its inbox.

use mpos_protocol::{
    Actor as Name, ROUTES, Route, actor,
    frame::{self, FRAME_HEADER_BYTES},
    routes::ActorId,
};

/// What can be done with the frames to one receiver.
#[derive(Clone, Copy)]
pub(crate) struct Codec {
    /// Appends the frame's message as JSON, secrets masked, and says whether the frame decoded.
    pub(crate) write_json: fn(frame: &[u8], json: &mut Vec<u8>) -> bool,
    /// Whether this JSON is a message to the receiver, and its row's name.
    pub(crate) name_of_json: fn(json: &str) -> Option<&'static str>,
    /// Whether the frame decodes.
    pub(crate) decodes: fn(frame: &[u8]) -> bool,
}

impl Codec {
    const fn of<To: Name>() -> Self {
        Self {
            write_json: |frame, json| {
                frame::decode::<To>(frame)
                    .is_ok_and(|(_header, message)| serde_json::to_writer(json, &message).is_ok())
            },
            name_of_json: |json| serde_json::from_str(json).ok().map(|message| To::name(&message)),
            decodes: |frame| frame::decode::<To>(frame).is_ok(),
        }
    }
}

macro_rules! receivers {
    ($($name:ident),+ $(,)?) => {
        /// The codec of a receiver; `None` for edges that only send.
        pub(crate) fn codec(to: ActorId) -> Option<Codec> {
            match to {
                $( ActorId::$name => Some(Codec::of::<actor::$name>()), )+
                ActorId::Network | ActorId::Clock | ActorId::Supervisor => None,
            }
        }
    };
}
receivers!(Shell, Till, NfcReader, EmvKernel, PinPad, HostLink, Ledger, ReceiptSender);

/// The row of a frame, by its sender, its receiver and the body's first byte.
pub(crate) fn row_of_frame(from: ActorId, to: ActorId, frame: &[u8]) -> Option<&'static Route> {
    let ordinal = *frame.get(FRAME_HEADER_BYTES)?;
    ROUTES.iter().find(|row| row.from == from && row.to == to && row.ordinal == ordinal)
}
