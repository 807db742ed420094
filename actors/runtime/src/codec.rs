//! Frames as people read them, for receivers known by value only: the recorder's file and the border's check.
//!
//! Everywhere else a receiver is a type. Here one match leads from its name to its inbox.

use mpos_protocol::{
    Actor as Name, ROUTES, Route, actor,
    frame::{self, FRAME_HEADER_BYTES},
    routes::ActorId,
};

/// With `$receiver` as the actor of that name; `$edge` for those that only send.
///
/// A match for each thing that can be done, and no table of all of them: a program that only writes a recording holds
/// nothing of what reads one.
macro_rules! by_receiver {
    ($to:expr, |$receiver:ident| $known:expr, $edge:expr) => {
        match $to {
            ActorId::Shell => by_receiver!(@ $receiver Shell $known),
            ActorId::Till => by_receiver!(@ $receiver Till $known),
            ActorId::NfcReader => by_receiver!(@ $receiver NfcReader $known),
            ActorId::EmvKernel => by_receiver!(@ $receiver EmvKernel $known),
            ActorId::PinPad => by_receiver!(@ $receiver PinPad $known),
            ActorId::HostLink => by_receiver!(@ $receiver HostLink $known),
            ActorId::Ledger => by_receiver!(@ $receiver Ledger $known),
            ActorId::ReceiptSender => by_receiver!(@ $receiver ReceiptSender $known),
            ActorId::Network | ActorId::Clock | ActorId::Supervisor => $edge,
        }
    };
    (@ $receiver:ident $name:ident $known:expr) => {{
        type $receiver = actor::$name;
        $known
    }};
}

/// Appends the frame's message as JSON, secrets masked, and says whether the frame decoded.
pub(crate) fn write_json(to: ActorId, frame: &[u8], json: &mut Vec<u8>) -> bool {
    fn write<To: Name>(frame: &[u8], json: &mut Vec<u8>) -> bool {
        frame::decode::<To>(frame)
            .is_ok_and(|(_header, message)| serde_json::to_writer(json, &message).is_ok())
    }
    by_receiver!(to, |To| write::<To>(frame, json), false)
}

/// The name of the row whose message to the receiver this JSON is.
pub(crate) fn name_of_json(to: ActorId, json: &str) -> Option<&'static str> {
    fn name<To: Name>(json: &str) -> Option<&'static str> {
        serde_json::from_str(json).ok().map(|message| To::name(&message))
    }
    by_receiver!(to, |To| name::<To>(json), None)
}

/// Whether the frame decodes.
pub(crate) fn decodes(to: ActorId, frame: &[u8]) -> bool {
    by_receiver!(to, |To| frame::decode::<To>(frame).is_ok(), false)
}

/// The row of a frame, by its sender, its receiver and the body's first byte.
pub(crate) fn row_of_frame(from: ActorId, to: ActorId, frame: &[u8]) -> Option<&'static Route> {
    let ordinal = *frame.get(FRAME_HEADER_BYTES)?;
    ROUTES.iter().find(|row| row.from == from && row.to == to && row.ordinal == ordinal)
}
