//! Enrolment: what goes out, what comes back, and each way in which it fails.

use crate::support::{
    Event, Terminal, authorise,
    bank::{framed, terminal_profile},
    device,
    ports::LineCommand,
};
use mpos_ports::LineKind;
use mpos_protocol::{
    Bytes, Flow, Secret, Text,
    book::StoreFault,
    host::{EnrolmentAnswer, EnrolmentRequest, HostRefusal},
    inbox,
    link::{ConfigureLink, Enrol, EnrolmentEnded, EnrolmentFault, LineFault},
    signed::Hash,
    standing::enrolment_challenge,
};
use std::sync::atomic::Ordering;

const FLOW: Flow = Flow(5);
const CODE: &str = "abcd efgh-jkmn PQRS";

fn unenrolled() -> Terminal {
    let mut terminal = Terminal::new();
    terminal.tell(inbox::HostLink::ConfigureLink(ConfigureLink {
        bank_address: Text::clipped("bank.test:8443"),
        profile: None,
    }));
    terminal
}

fn enrol(terminal: &mut Terminal, code: &str) {
    let enrol = Enrol { code: Secret::new(Text::clipped(code)) };
    terminal.tell_in(FLOW, inbox::HostLink::Enrol(enrol));
}

fn asked() -> Terminal {
    let mut terminal = unenrolled();
    enrol(&mut terminal, CODE);
    terminal.open_line();
    terminal
}

fn enrolled() -> Vec<u8> {
    let answer = EnrolmentAnswer::Enrolled {
        profile: terminal_profile(),
        wrapped_initial_key: Bytes::new(&[1; 97]).unwrap(),
        initial_key_id: [7; 8],
    };
    framed(&postcard::to_allocvec(&answer).unwrap())
}

fn ends(terminal: &Terminal) -> Vec<EnrolmentEnded> {
    let ended = |event: &Event| match event {
        Event::Till(FLOW, inbox::Till::EnrolmentEnded(ended)) => Some(ended.clone()),
        _ => None,
    };
    terminal.events.iter().filter_map(ended).collect()
}

fn fails_with(terminal: &Terminal, fault: EnrolmentFault) {
    assert_eq!(ends(terminal), [EnrolmentEnded::Failed(fault)]);
}

#[test]
fn a_device_becomes_a_terminal_when_the_book_has_kept_it() {
    let mut terminal = asked();
    let Some(Event::Line(LineCommand::Open(_, target))) =
        terminal.events.iter().find(|event| matches!(event, Event::Line(LineCommand::Open(..))))
    else {
        panic!("a line")
    };
    assert_eq!((target.address.as_str(), &target.kind), ("bank.test:8443", &LineKind::Enrolment));
    let request: EnrolmentRequest = postcard::from_bytes(&terminal.sent()[0]).unwrap();
    assert_eq!(&*request.activation_code, "ABCDEFGHJKMNPQRS");
    assert_eq!((&request.device, &*request.certificate_request), (&device(), b"mPOS device".as_slice()));

    terminal.receive(&enrolled());
    assert!(!terminal.has_line());
    assert_eq!(ends(&terminal), [], "not durable yet");
    terminal.run_ledger();
    assert_eq!(ends(&terminal), [EnrolmentEnded::Enrolled(terminal_profile())]);

    terminal.tell_in(Flow(6), inbox::HostLink::Authorise(authorise(1)));
    terminal.run_ledger();
    terminal.open_line();
    terminal.run_ledger();
    let (first, _) = crate::support::bank::open(&terminal.sent()[1]);
    assert_eq!((first.sequence, first.previous), (1, Hash::default()));
}

#[test]
fn what_cannot_be_a_code_is_not_sent() {
    for code in ["", "ABCD", "ABCD-EFGH-JKMN-PQR0"] {
        let mut terminal = unenrolled();
        enrol(&mut terminal, code);
        fails_with(&terminal, EnrolmentFault::MalformedCode);
        assert!(!terminal.events.iter().any(|event| matches!(event, Event::Line(_))));
    }
}

#[test]
fn each_refusal_of_the_bank_is_told_as_it_is() {
    for refusal in [HostRefusal::CodeUnknown, HostRefusal::CodeUsed, HostRefusal::TooManyAttempts(30)] {
        let mut terminal = asked();
        let answer = postcard::to_allocvec(&EnrolmentAnswer::Refused(refusal)).unwrap();
        terminal.receive(&framed(&answer));
        fails_with(&terminal, EnrolmentFault::Refused(refusal));
        assert!(!terminal.has_line());
        enrol(&mut terminal, CODE);
        assert!(terminal.has_line(), "it may be tried again");
    }
}

#[test]
fn a_line_that_fails_is_told_before_and_after_the_request() {
    let mut terminal = unenrolled();
    enrol(&mut terminal, CODE);
    terminal.close_line(LineFault::NotTheBank);
    fails_with(&terminal, EnrolmentFault::Line(LineFault::NotTheBank));

    let mut terminal = asked();
    terminal.close_line(LineFault::Closed);
    fails_with(&terminal, EnrolmentFault::Line(LineFault::Closed));

    let mut terminal = unenrolled();
    enrol(&mut terminal, CODE);
    terminal.next_timer();
    fails_with(&terminal, EnrolmentFault::Line(LineFault::TimedOut));
}

#[test]
fn a_bank_that_does_not_answer_is_given_up() {
    let mut terminal = asked();
    terminal.next_timer();
    assert_eq!(ends(&terminal), [], "the wait for the line is over");
    terminal.next_timer();
    assert_eq!(terminal.uptime_ms, 20_000);
    fails_with(&terminal, EnrolmentFault::NoAnswer);
}

#[test]
fn bytes_that_are_no_answer_are_refused() {
    let with_more = {
        let mut answer = postcard::to_allocvec(&EnrolmentAnswer::Refused(HostRefusal::CodeUsed)).unwrap();
        answer.push(0);
        framed(&answer)
    };
    for bytes in [framed(&[]), framed(&[9, 9, 9]), framed(&[0; 40_000][..300]), with_more] {
        let mut terminal = asked();
        terminal.receive(&bytes);
        fails_with(&terminal, EnrolmentFault::BadAnswer);
    }
    let mut terminal = asked();
    terminal.receive(&[0xFF; 4]);
    fails_with(&terminal, EnrolmentFault::Line(LineFault::Broken));
}

#[test]
fn a_key_store_that_fails_ends_it_before_and_after_the_request() {
    let mut terminal = unenrolled();
    terminal.keys.cannot_request.store(true, Ordering::SeqCst);
    enrol(&mut terminal, CODE);
    fails_with(&terminal, EnrolmentFault::KeyUnavailable);

    let mut terminal = asked();
    terminal.keys.cannot_unwrap.store(true, Ordering::SeqCst);
    terminal.receive(&enrolled());
    fails_with(&terminal, EnrolmentFault::KeyUnavailable);
    assert!(terminal.to_ledger.is_empty());
}

#[test]
fn a_book_that_fails_ends_it_and_it_may_be_tried_again() {
    let mut terminal = asked();
    terminal.receive(&enrolled());
    terminal.fail_ledger(StoreFault::Full);
    fails_with(&terminal, EnrolmentFault::Store(StoreFault::Full));

    let mut terminal = asked();
    terminal.ledger_full = true;
    terminal.receive(&enrolled());
    fails_with(&terminal, EnrolmentFault::Interrupted);

    let mut terminal = asked();
    terminal.receive(&enrolled());
    terminal.to_ledger.clear();
    terminal.next_timer();
    terminal.next_timer();
    fails_with(&terminal, EnrolmentFault::Interrupted);
    enrol(&mut terminal, CODE);
    assert!(terminal.has_line());
}

#[test]
fn a_till_that_asks_again_begins_anew() {
    let mut terminal = asked();
    let first = terminal.line();
    enrol(&mut terminal, CODE);
    assert_ne!(terminal.line(), first);
    terminal.open_line();
    terminal.receive(&enrolled());
    terminal.run_ledger();
    assert_eq!(ends(&terminal), [EnrolmentEnded::Enrolled(terminal_profile())]);
}

#[test]
fn a_terminal_is_not_enrolled_twice_and_a_link_without_an_address_enrols_nobody() {
    for mut terminal in [Terminal::enrolled(), Terminal::new()] {
        enrol(&mut terminal, CODE);
        fails_with(&terminal, EnrolmentFault::Interrupted);
    }
}

#[test]
fn a_till_that_was_started_anew_does_not_end_an_enrolment_under_way() {
    let mut terminal = asked();
    terminal.resume(FLOW, None);
    terminal.receive(&enrolled());
    terminal.run_ledger();
    assert_eq!(ends(&terminal), [EnrolmentEnded::Enrolled(terminal_profile())]);
}

#[test]
fn a_platform_that_attests_does_so_for_the_code_that_was_typed_and_others_say_nothing() {
    for attests in [true, false] {
        let mut terminal = unenrolled();
        terminal.keys.attests.store(attests, Ordering::SeqCst);
        enrol(&mut terminal, CODE);
        terminal.open_line();
        let request: EnrolmentRequest = postcard::from_bytes(&terminal.sent()[0]).unwrap();
        let chain = [&enrolment_challenge("ABCDEFGHJKMNPQRS")[..], &[0x30, 0]].concat();
        assert_eq!(request.attestation.as_deref(), attests.then_some(&chain[..]));
    }
}
