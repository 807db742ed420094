//! One of each message between a terminal and its bank, and of the envelope around them.

use super::*;
use mpos_protocol::{PROTOCOL_VERSION, host::*, signed::*};
use serde::Serialize;

/// A message on the line: name and bytes.
pub(crate) type Line = (&'static str, Vec<u8>);

pub(crate) fn lines() -> Vec<Line> {
    [requests(), answers(), envelope(), enrolment()].into_iter().flatten().collect()
}

fn line(name: &'static str, message: &impl Serialize) -> Line {
    (name, postcard::to_allocvec(message).expect("encodes"))
}

fn authorise() -> HostRequest {
    HostRequest::Authorise(AuthoriseRequest {
        receipt: ReceiptNumber(17),
        kind: TransactionKind::Purchase,
        amount: amount(),
        currency: Currency::Eur,
        transaction_number: 77,
        aid: aid(),
        scheme: CardScheme::Mastercard,
        pan: MaskedPan(36),
        cvm: Cvm::Pin,
        de55: bytes(&[0x9F, 0x26, 0x01, 0xAA]),
        card_data: card_data(),
        pin: Some(pin_block()),
        refund: None,
        standing: bytes(&[0x71; 32]),
    })
}

fn requests() -> Vec<Line> {
    let reverse =
        |cause| HostRequest::Reverse(ReverseRequest { sequence: 41, hash: Hash([0x44; 32]), cause });
    vec![
        line("HostRequest.Authorise", &authorise()),
        line("HostRequest.Reverse/NoAnswer", &reverse(ReversalCause::NoAnswer)),
        line("HostRequest.Reverse/BadAnswer", &reverse(ReversalCause::BadAnswer)),
        line("HostRequest.Reverse/Restarted", &reverse(ReversalCause::Restarted)),
    ]
}

fn answers() -> Vec<Line> {
    let refused = HostRefusal::SequenceGap { expected: 43 };
    vec![
        line("HostAnswer.Approved", &HostAnswer::Approved { reference: reference(), auth_code: auth_code() }),
        line(
            "HostAnswer.Declined",
            &HostAnswer::Declined { reference: reference(), reason: DeclineReason::InsufficientFunds },
        ),
        line("HostAnswer.Reversed", &HostAnswer::Reversed { reference: Some(reference()) }),
        line("HostAnswer.Refused", &HostAnswer::Refused(refused)),
    ]
}

fn envelope() -> Vec<Line> {
    let request = RequestContent {
        version: PROTOCOL_VERSION,
        terminal: TerminalId(16),
        sequence: 42,
        time_ms: 1_795_537_840_000,
        previous: Hash([0x22; 32]),
        request: authorise(),
    };
    let answer = AnswerContent {
        version: PROTOCOL_VERSION,
        terminal: TerminalId(16),
        sequence: 42,
        request: Hash([0x55; 32]),
        time_ms: 1_795_537_840_100,
        answer: HostAnswer::Approved { reference: reference(), auth_code: auth_code() },
    };
    let content = request.to_content().expect("encodes");
    vec![
        ("RequestContent", content.to_vec()),
        ("RequestContent.signing_input", RequestContent::signing_input(&[0xAB])),
        ("AnswerContent", answer.to_content().expect("encodes").to_vec()),
        ("AnswerContent.signing_input", AnswerContent::signing_input(&[0xAB])),
        ("Signed", Signed { content, signature: bytes(&[0x99; 64]) }.to_bytes().expect("encodes").to_vec()),
    ]
}

fn enrolment() -> Vec<Line> {
    let request = EnrolmentRequest {
        version: PROTOCOL_VERSION,
        activation_code: text("ABCDEFGHJKMNPQRS"),
        certificate_request: bytes(&[0x30, 0x03]),
        key_agreement: bytes(&[4; 65]),
        device: Device { model: text("Pixel 8"), system: text("Android 16"), software: text("0.1.0") },
        attestation: Some(bytes(&[0x30, 1, 2])),
    };
    let enrolled = EnrolmentAnswer::Enrolled {
        profile: profile(),
        wrapped_initial_key: bytes(&[0x66; 4]),
        initial_key_id: [1, 2, 3, 4, 5, 6, 7, 8],
    };
    vec![
        line("EnrolmentRequest", &request),
        line("EnrolmentAnswer.Enrolled", &enrolled),
        line("EnrolmentAnswer.Refused", &EnrolmentAnswer::Refused(HostRefusal::TooManyAttempts(60))),
    ]
}
