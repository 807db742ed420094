//! The wire is pinned: bytes of every message there is, as they were reviewed, in `golden/`. A changed byte is a
//! decision: run with `MPOS_BLESS=1` to write the files anew, and let the difference be reviewed.

mod samples;

use mpos_protocol::{
    Actor, FrameHeader, PROTOCOL_VERSION, ROUTES,
    admin::{ADMIN_SEQUENCE, AdminRequest},
    frame::{self, FRAME_HEADER_BYTES},
    host::{EnrolmentAnswer, EnrolmentRequest, HostRequest},
    inbox,
    routes::{ActorId, actor},
    signed::{AnswerContent, Content, Hash, RequestContent, SIGNED_BYTES_MAX, Signed},
    terminal::TerminalId,
};
use proptest::prelude::*;
use samples::{PAN_MARK, POINT_MARK, SEALED_MARK, SECRET_MARK, Sample};
use std::{collections::BTreeSet, fs, path::Path};

#[test]
fn every_message_between_actors_has_the_bytes_that_were_reviewed() {
    let lines = samples::rows().into_iter().map(|sample| {
        let body = hex::encode(&sample.frame[FRAME_HEADER_BYTES..]);
        format!("{} = {body}", sample.name)
    });
    compare("actors.txt", lines);
}

#[test]
fn every_message_to_and_from_the_bank_has_the_bytes_that_were_reviewed() {
    let lines = samples::host::lines().into_iter().map(|(name, bytes)| (name.to_owned(), bytes));
    let lines = lines.chain(samples::admin::lines());
    compare("host.txt", lines.map(|(name, bytes)| format!("{name} = {}", hex::encode(bytes))));
}

#[test]
fn every_name_has_the_number_that_was_reviewed() {
    compare("numbers.txt", samples::numbers::numbers());
}

#[test]
fn a_frames_header_has_the_bytes_that_were_reviewed() {
    let begin = samples::rows().into_iter().find(|sample| sample.row == "BeginPurchase").unwrap();
    // Version 1, Shell (0), Till (1), reserved, flow (little-endian), ordinal 2, 4001 as a varint.
    assert_eq!(hex::encode(&begin.frame), "010001000102030402a11f");
    let (header, _body) = FrameHeader::split(&begin.frame).unwrap();
    assert_eq!((header.from, header.to, header.flow.0), (ActorId::Shell, ActorId::Till, 0x0403_0201));
    assert_eq!(begin.frame[0], PROTOCOL_VERSION);
}

#[test]
fn every_row_of_the_table_has_a_sample() {
    let sampled: BTreeSet<_> = samples::rows().iter().map(|sample| (sample.to, sample.row)).collect();
    let missing: Vec<_> = ROUTES.iter().filter(|row| !sampled.contains(&(row.to, row.name))).collect();
    assert!(missing.is_empty(), "no sample in tests/samples/mod.rs for {missing:#?}");
    for sample in samples::rows() {
        let ordinal = sample.frame[FRAME_HEADER_BYTES];
        let row = ROUTES.iter().find(|row| {
            row.from == sample.from && row.to == sample.to && row.name == sample.row && row.ordinal == ordinal
        });
        assert!(row.is_some_and(|row| row.secret == sample.secret), "{} is not as its row", sample.name);
    }
}

/// A secret must be flagged, for the recorder keeps the bytes of a row that is not; and what is flagged must hold
/// one, for a recording is worth less with each row that it cannot keep as it was.
#[test]
fn a_row_is_flagged_secret_exactly_when_it_carries_a_secret() {
    let marks = [SECRET_MARK.as_bytes(), &PAN_MARK, &POINT_MARK];
    let carries = |sample: &Sample| marks.iter().any(|mark| holds(&sample.frame, mark));
    let samples = samples::rows();
    // Of a row with several messages, one that carries a secret is enough.
    let carrying: BTreeSet<_> =
        samples.iter().filter(|sample| carries(sample)).map(|sample| (sample.to, sample.row)).collect();
    for sample in &samples {
        let carries = carrying.contains(&(sample.to, sample.row));
        assert_eq!(sample.secret, carries, "{} and its flag `secret`", sample.name);
    }
}

#[test]
fn what_people_read_of_a_message_shows_neither_secrets_nor_ciphertexts() {
    for sample in samples::rows() {
        let json = sample.json.to_uppercase();
        for coordinate in ["9371", "7193"] {
            assert!(!json.contains(coordinate), "{}: {json}", sample.name);
        }
        for mark in [SECRET_MARK.as_bytes(), &PAN_MARK, &SEALED_MARK] {
            assert!(!holds(json.as_bytes(), mark), "{}: {json}", sample.name);
            assert!(!json.contains(&hex::encode_upper(mark)), "{}: {json}", sample.name);
        }
    }
}

#[test]
fn the_longest_page_of_a_reconciliation_takes_less_than_half_of_a_signed_message() {
    let page = AdminRequest::Reconcile(samples::reconcile::longest_page());
    let content = RequestContent {
        version: PROTOCOL_VERSION,
        terminal: TerminalId(u32::MAX),
        sequence: ADMIN_SEQUENCE,
        time_ms: u64::MAX,
        previous: Hash::default(),
        request: HostRequest::Admin(page),
    };
    let content = content.to_content().unwrap();
    assert!(content.len() < SIGNED_BYTES_MAX / 2, "{}", content.len());
}

#[test]
fn no_truncation_and_no_changed_byte_makes_a_decoder_panic() {
    for Sample { frame, .. } in samples::rows() {
        for end in 0..frame.len() {
            decode_as_everything(&frame[..end]);
        }
        for position in 0..frame.len() {
            for change in [0x01, 0x80, 0xFF] {
                let mut changed = frame.clone();
                changed[position] ^= change;
                decode_as_everything(&changed);
            }
        }
    }
    for (_name, bytes) in samples::host::lines() {
        for position in 0..bytes.len() {
            decode_line(&bytes[..position]);
            for change in [0x01, 0x80, 0xFF] {
                let mut changed = bytes.clone();
                changed[position] ^= change;
                decode_line(&changed);
            }
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        decode_line(&bytes);
        decode_as_everything(&bytes);
    }

    #[test]
    fn no_body_behind_a_good_header_makes_a_decoder_panic(
        from in 0_u8..12, to in 0_u8..12, body in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let mut frame = vec![PROTOCOL_VERSION, from, to, 0, 1, 0, 0, 0];
        frame.extend(body);
        decode_as_everything(&frame);
    }

    #[test]
    fn a_frame_that_decodes_encodes_to_a_frame_that_decodes_to_the_same(
        ordinal in 0_u8..16, body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut frame = vec![PROTOCOL_VERSION, ActorId::Shell as u8, ActorId::Till as u8, 0, 1, 0, 0, 0, ordinal];
        frame.extend(body);
        if let Ok((_header, message)) = frame::decode::<actor::Till>(&frame) {
            let again: inbox::Till = postcard::from_bytes(&postcard::to_allocvec(&message).unwrap()).unwrap();
            prop_assert_eq!(again, message);
        }
    }
}

fn decode_as_everything(frame: &[u8]) {
    fn decode<To: Actor>(frame: &[u8]) {
        let _ = frame::decode::<To>(frame);
    }
    decode::<actor::Shell>(frame);
    decode::<actor::Till>(frame);
    decode::<actor::NfcReader>(frame);
    decode::<actor::EmvKernel>(frame);
    decode::<actor::PinPad>(frame);
    decode::<actor::HostLink>(frame);
    decode::<actor::Ledger>(frame);
    decode::<actor::ReceiptSender>(frame);
    let _ = frame::admit(&mut frame.to_vec(), ActorId::Shell);
}

fn decode_line(bytes: &[u8]) {
    if let Ok(signed) = Signed::from_bytes(bytes) {
        let _ = RequestContent::from_content(&signed.content);
        let _ = AnswerContent::from_content(&signed.content);
    }
    let _ = RequestContent::from_content(bytes);
    let _ = AnswerContent::from_content(bytes);
    let _ = postcard::take_from_bytes::<EnrolmentRequest>(bytes);
    let _ = postcard::take_from_bytes::<EnrolmentAnswer>(bytes);
}

fn holds(text: &[u8], mark: &[u8]) -> bool {
    text.windows(mark.len()).any(|window| window == mark)
}

/// Holds `lines` against a golden file, or writes the file anew when asked to.
fn compare(file: &str, lines: impl IntoIterator<Item = String>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file);
    let made: Vec<String> = lines.into_iter().collect();
    if std::env::var_os("MPOS_BLESS").is_some() {
        fs::write(&path, made.join("\n") + "\n").expect("the golden file is writable");
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    let golden: Vec<&str> = golden.lines().collect();
    for (position, line) in made.iter().enumerate() {
        assert_eq!(
            golden.get(position),
            Some(&line.as_str()),
            "the wire changed: tests/golden/{file} line {}",
            position + 1
        );
    }
    assert_eq!(golden.len(), made.len(), "tests/golden/{file} holds messages that are no more");
}
