//! A sale without an answer: sent again, then taken back, however long that takes.

use crate::support::{
    Event, Terminal,
    bank::{answer, approved, bank_key, content_for, declined, framed, open, reversed, sign},
};
use mpos_protocol::{
    Bytes,
    host::{HostAnswer, HostRefusal, HostRequest, ReversalCause, ReverseRequest},
    inbox,
    link::{AuthorisationResult, LineFault, LinkProgress, NotSent},
    signed::{AnswerContent, Hash, Signed},
    terminal::TerminalId,
};
use p256::ecdsa::SigningKey;
use std::sync::atomic::Ordering;

/// Lets every connection stand and every message be lost, until the link has taken the sale back.
fn let_the_answers_be_lost(terminal: &mut Terminal) -> Vec<u8> {
    for _ in 0..50 {
        if let Some(last) = terminal.sent().pop().filter(|last| is_reversal(last)) {
            return last;
        }
        if terminal.has_line() {
            terminal.open_line();
            terminal.run_ledger();
        }
        terminal.next_timer();
        terminal.run_ledger();
    }
    panic!("no reversal: {:#?}", terminal.events);
}

fn is_reversal(message: &[u8]) -> bool {
    matches!(open(message).0.request, HostRequest::Reverse(_))
}

/// A sale that was told as unknown: no connection comes about any more, and its reversal is in the book.
fn unknown_sale(terminal: &mut Terminal, number: u32) -> Vec<u8> {
    let flow = terminal.sale_on_the_line(number);
    let told = terminal.ended().len();
    let reversal = let_the_answers_be_lost(terminal);
    while terminal.ended().len() == told {
        terminal.next_timer();
        terminal.close_line(LineFault::Unreachable);
    }
    assert_eq!(terminal.ended()[told].0, flow);
    assert_eq!(terminal.ended()[told].1.result, AuthorisationResult::Unknown);
    reversal
}

#[test]
fn a_lost_line_is_followed_by_the_same_bytes_on_a_new_one() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    let first = terminal.line();
    terminal.close_line(LineFault::Broken);
    assert!((500..1_000).contains(&terminal.next_timer().unwrap()));
    assert_ne!(terminal.line(), first);
    terminal.open_line();
    let sent = terminal.sent();
    assert_eq!((sent.len(), &sent[0]), (2, &sent[1]));
    terminal.receive(&answer(&sent[1], approved()));
    terminal.run_ledger();
    assert!(matches!(terminal.only_end(flow), AuthorisationResult::Approved { .. }));
    let told: Vec<_> = terminal
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Till(_, inbox::Till::LinkProgress(progress)) => Some(*progress),
            _ => None,
        })
        .collect();
    assert_eq!(told[..2], [LinkProgress::Connecting, LinkProgress::Sent]);
    assert_eq!(told.last(), Some(&LinkProgress::Repeating));
}

#[test]
fn silence_ends_in_a_reversal_that_names_the_sale_and_follows_it() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    let (_, sale) = open(&terminal.sent()[0]);
    let reversal = let_the_answers_be_lost(&mut terminal);
    let (request, _) = open(&reversal);
    assert_eq!((request.sequence, request.previous), (2, sale));
    let expected = ReverseRequest { sequence: 1, hash: sale, cause: ReversalCause::NoAnswer };
    assert_eq!(request.request, HostRequest::Reverse(expected));
    assert!(terminal.sent().len() > 2, "the sale was sent again first");
    assert!((20_000..60_000).contains(&terminal.uptime_ms), "{}", terminal.uptime_ms);
    let recorded = terminal.place(|event| {
        matches!(event, Event::FromLedger(inbox::HostLink::RequestRecorded(recorded)) if recorded.sequence == 2)
    });
    let left = terminal.place(|event| {
        matches!(event, Event::Line(crate::support::ports::LineCommand::Send(_, bytes))
            if bytes.ends_with(&reversal))
    });
    assert!(recorded < left);

    terminal.receive(&answer(&reversal, reversed()));
    assert_eq!(terminal.ended(), []);
    terminal.run_ledger();
    assert_eq!(terminal.only_end(flow), AuthorisationResult::Reversed);
    assert_eq!(terminal.ended()[0].1.record.as_ref().unwrap().transaction_number, 1);

    terminal.sale_on_the_line(2);
    let (next, _) = open(terminal.sent().last().unwrap());
    assert_eq!((next.sequence, next.previous), (3, open(&reversal).1));
}

#[test]
fn an_unanswered_reversal_is_told_as_unknown_and_tried_with_growing_pauses_until_it_is_answered() {
    let mut terminal = Terminal::enrolled();
    let reversal = unknown_sale(&mut terminal, 1);
    let mut tries = vec![terminal.uptime_ms];
    while tries.len() < 13 {
        terminal.wait_until("try", Terminal::has_line);
        tries.push(terminal.uptime_ms);
        terminal.close_line(LineFault::Unreachable);
    }
    let pauses: Vec<_> = tries.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!((2_000..4_000).contains(&pauses[0]), "{pauses:?}");
    assert!((4_000..8_000).contains(&pauses[1]), "{pauses:?}");
    assert!((8_000..16_000).contains(&pauses[2]), "{pauses:?}");
    assert!((300_000..600_000).contains(&pauses[11]), "{pauses:?}");

    terminal.wait_until("try", Terminal::has_line);
    terminal.open_line();
    assert_eq!(terminal.sent().pop().unwrap(), reversal, "the same bytes");
    terminal.receive(&answer(&reversal, reversed()));
    terminal.run_ledger();
    assert_eq!(terminal.ended().len(), 1, "nobody waits for it any more");

    terminal.sale_on_the_line(2);
    let (next, _) = open(terminal.sent().last().unwrap());
    assert_eq!((next.sequence, next.previous), (3, open(&reversal).1));
}

#[test]
fn a_new_sale_waits_for_the_reversal_before_it() {
    let mut terminal = Terminal::enrolled();
    let reversal = unknown_sale(&mut terminal, 1);
    let flow = terminal.authorise(2);
    terminal.open_line();
    assert_eq!(terminal.sent().pop().unwrap(), reversal, "the reversal goes first, without a pause");
    terminal.receive(&answer(&reversal, reversed()));
    terminal.run_ledger();
    let sale = terminal.sent().pop().unwrap();
    let (request, _) = open(&sale);
    assert_eq!((request.sequence, request.previous), (3, open(&reversal).1));
    terminal.receive(&answer(&sale, approved()));
    terminal.run_ledger();
    assert_eq!(terminal.ended().len(), 2);
    assert_eq!(terminal.ended()[1].0, flow);
    assert!(matches!(terminal.results()[1], AuthorisationResult::Approved { .. }));
}

#[test]
fn a_new_sale_ends_when_the_reversal_before_it_gets_no_answer() {
    let mut terminal = Terminal::enrolled();
    unknown_sale(&mut terminal, 1);
    let begun = terminal.uptime_ms;
    let flow = terminal.authorise(2);
    while terminal.ended().len() == 1 {
        if terminal.has_line() {
            terminal.open_line();
        }
        terminal.next_timer();
        assert!(terminal.uptime_ms < begun + 60_000, "the merchant waits for ever");
    }
    assert_eq!(terminal.ended()[1].0, flow);
    assert_eq!(terminal.results()[1], AuthorisationResult::NotSent(NotSent::Busy));
    assert_eq!(terminal.ended()[1].1.record, None);
}

#[test]
fn a_sale_that_cannot_be_connected_is_not_told_as_the_one_before_it() {
    let mut terminal = Terminal::enrolled();
    unknown_sale(&mut terminal, 1);
    terminal.authorise(2);
    terminal.close_line(LineFault::Unreachable);
    let unreachable = AuthorisationResult::NotSent(NotSent::Line(LineFault::Unreachable));
    assert_eq!(terminal.results()[1], unreachable);
}

/// What is answered, and what is wrong with it.
fn bad_answers(request: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let content = content_for(request, approved());
    let signed = |content: &AnswerContent| sign(content, &bank_key());
    let unsigned = Signed { signature: Bytes::new(&[1; 64]).unwrap(), ..signed_of(&signed(&content)) };
    vec![
        ("another key", sign(&content, &SigningKey::from_slice(&[0x43; 32]).unwrap())),
        ("no signature", framed(&unsigned.to_bytes().unwrap())),
        ("another sequence", signed(&AnswerContent { sequence: 2, ..content.clone() })),
        ("another terminal", signed(&AnswerContent { terminal: TerminalId(17), ..content.clone() })),
        ("another request", signed(&AnswerContent { request: Hash([7; 32]), ..content.clone() })),
        ("another version", signed(&AnswerContent { version: 9, ..content.clone() })),
        ("reversed", signed(&AnswerContent { answer: reversed(), ..content.clone() })),
        ("the request itself", framed(request)),
        ("noise", framed(&[0x5A; 300])),
        ("too long", framed(&[0; 5000])),
        ("nothing", framed(&[])),
    ]
}

fn signed_of(framed: &[u8]) -> Signed {
    Signed::from_bytes(&crate::support::bank::unframed(framed)).unwrap()
}

#[test]
fn an_answer_that_is_not_the_banks_word_on_this_sale_is_never_an_approval() {
    for case in 0..11 {
        let mut terminal = Terminal::enrolled();
        let flow = terminal.sale_on_the_line(1);
        let sale = terminal.sent()[0].clone();
        let (what, bytes) = bad_answers(&sale).swap_remove(case);
        terminal.receive(&bytes);
        assert!(!terminal.has_line(), "{what}: a line that says so is not to be trusted");
        terminal.run_ledger();
        terminal.open_line();
        let reversal = terminal.sent().pop().unwrap();
        let HostRequest::Reverse(reverse) = open(&reversal).0.request else { panic!("{what}") };
        assert_eq!((reverse.sequence, reverse.cause), (1, ReversalCause::BadAnswer), "{what}");
        terminal.receive(&answer(&reversal, reversed()));
        terminal.run_ledger();
        assert_eq!(terminal.only_end(flow), AuthorisationResult::Reversed, "{what}");
    }
}

#[test]
fn a_reversal_that_the_bank_refuses_stays_open() {
    for refusal in [HostAnswer::Refused(HostRefusal::NotAllowed), approved(), declined()] {
        let mut terminal = Terminal::enrolled();
        terminal.sale_on_the_line(1);
        let reversal = let_the_answers_be_lost(&mut terminal);
        terminal.receive(&answer(&reversal, refusal));
        terminal.run_ledger();
        assert_eq!(terminal.ended(), []);
        terminal.wait_until("word", |terminal| !terminal.ended().is_empty());
        assert_eq!(terminal.results(), [AuthorisationResult::Unknown]);
    }
}

#[test]
fn a_reversal_that_cannot_be_signed_is_tried_again() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    let sale = terminal.sent()[0].clone();
    terminal.keys.cannot_sign.store(true, Ordering::SeqCst);
    terminal.receive(&framed(&[0]));
    assert_eq!(terminal.only_end(flow), AuthorisationResult::Unknown);
    // The next sale cannot be asked before that one is taken back; it was never asked.
    terminal.authorise(2);
    assert_eq!(terminal.results()[1], AuthorisationResult::NotSent(NotSent::KeyUnavailable));
    terminal.keys.cannot_sign.store(false, Ordering::SeqCst);
    terminal.wait_until("connection for the reversal", Terminal::has_line);
    terminal.open_line();
    let HostRequest::Reverse(reverse) = open(&terminal.sent().pop().unwrap()).0.request else {
        panic!("a reversal")
    };
    assert_eq!(reverse.hash, open(&sale).1);
}
