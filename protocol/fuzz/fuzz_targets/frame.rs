//! What crosses the border from a shell, and what a replay reads: a frame, decoded for every receiver.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mpos_protocol::{
    Actor,
    frame::{FRAME_HEADER_BYTES, admit, decode},
    routes::{ActorId, actor},
};

fuzz_target!(|bytes: &[u8]| {
    // Whomever the bytes are for: a header that says so comes first.
    read::<actor::Shell>(bytes);
    read::<actor::Till>(bytes);
    read::<actor::NfcReader>(bytes);
    read::<actor::EmvKernel>(bytes);
    read::<actor::PinPad>(bytes);
    read::<actor::HostLink>(bytes);
    read::<actor::Ledger>(bytes);
    read::<actor::ReceiptSender>(bytes);

    let mut frame = bytes.to_vec();
    if let Ok(header) = admit(&mut frame, ActorId::Shell) {
        assert_eq!((header.from, frame.get(1)), (ActorId::Shell, Some(&(ActorId::Shell as u8))));
    }
});

fn read<To: Actor>(bytes: &[u8]) {
    let mut frame = bytes.to_vec();
    if let Some(to) = frame.get_mut(2) {
        *to = To::ID as u8;
    }
    let Ok((header, message)) = decode::<To>(&frame) else { return };
    assert_eq!(header.to, To::ID);

    // What was read can be written, and reads the same.
    let body = postcard::to_allocvec(&message).expect("a message encodes");
    let mut again = frame[..FRAME_HEADER_BYTES].to_vec();
    again.extend_from_slice(&body);
    let (_, same) = decode::<To>(&again).expect("what we encode, we decode");
    assert_eq!(postcard::to_allocvec(&same).expect("a message encodes"), body);

    // And it can be recorded and loaded.
    let json = serde_json::to_string(&message).expect("a message is JSON");
    assert!(serde_json::from_str::<To::Inbox>(&json).is_ok(), "{json}");
}
