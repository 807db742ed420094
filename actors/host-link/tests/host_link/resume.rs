//! A till that asks what became of its sale, of this link or of a new one.

use crate::support::{
    Terminal,
    bank::{answer, approved, open, reversed},
};
use mpos_protocol::{
    Flow,
    book::StoreFault,
    host::{HostAnswer, HostRefusal, HostRequest, ReversalCause},
    link::{AuthorisationResult, LineFault, NotSent},
};

fn approves(terminal: &mut Terminal, flow: Flow) {
    let request = terminal.sent().pop().unwrap();
    terminal.receive(&answer(&request, approved()));
    terminal.run_ledger();
    assert!(matches!(terminal.only_end(flow), AuthorisationResult::Approved { .. }));
    assert_eq!(terminal.ended()[0].1.record.as_ref().unwrap().transaction_number, 1);
}

#[test]
fn a_sale_that_a_new_link_does_not_find_was_never_sent() {
    for number in [Some(1), None] {
        let mut terminal = Terminal::enrolled();
        let flow = terminal.authorise(1);
        terminal.run_ledger();
        terminal.restart_link(9);
        terminal.resume(flow, number);
        terminal.run_ledger();
        assert_eq!(terminal.only_end(flow), AuthorisationResult::NotSent(NotSent::Interrupted));
    }
}

#[test]
fn a_sale_that_was_recorded_and_not_sent_is_sent_by_a_new_link() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.authorise(1);
    terminal.run_ledger();
    terminal.open_line();
    // The ledger keeps it, and the link dies before it hears of that.
    let request = terminal.to_ledger.pop_front().unwrap();
    terminal.restart_link(9);
    terminal.ask_ledger(request.decode::<mpos_protocol::actor::Ledger>().unwrap());
    assert_eq!(terminal.sent(), Vec::<Vec<u8>>::new());
    terminal.resume(flow, Some(1));
    terminal.run_ledger();
    terminal.open_line();
    approves(&mut terminal, flow);
}

#[test]
fn a_sale_that_neither_till_nor_link_can_name_is_taken_back_and_told() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    terminal.restart_link(9);
    terminal.resume(flow, None);
    terminal.run_ledger();
    terminal.open_line();
    let sent = terminal.sent();
    let HostRequest::Reverse(reverse) = open(&sent[1]).0.request else { panic!("a reversal") };
    assert_eq!((sent.len(), reverse.sequence), (2, 1));
    terminal.receive(&answer(&sent[1], reversed()));
    terminal.run_ledger();
    assert_eq!(terminal.only_end(flow), AuthorisationResult::Reversed);
    assert_eq!(terminal.ended()[0].1.record.as_ref().unwrap().transaction_number, 1);
}

#[test]
fn a_sale_that_was_told_as_not_charged_is_not_asked_for_by_a_till_of_a_later_sale() {
    let mut terminal = Terminal::enrolled();
    terminal.authorise(1);
    terminal.run_ledger();
    terminal.open_line();
    // It is kept although the disk failed: the merchant is told that it was not.
    let kept = terminal.to_ledger.pop_front().unwrap();
    terminal.keep_and_fail(kept.decode::<mpos_protocol::actor::Ledger>().unwrap());
    assert!(matches!(terminal.results()[..], [AuthorisationResult::NotSent(NotSent::Store(_))]));
    let later = terminal.authorise(2);
    terminal.restart_link(9);
    terminal.resume(later, None);
    terminal.run_ledger();
    terminal.open_line();
    assert!(terminal.sent().iter().all(|sent| matches!(open(sent).0.request, HostRequest::Reverse(_))));
    assert_eq!(terminal.sent().len(), 1);
}

#[test]
fn a_sale_that_was_sent_and_not_answered_is_sent_again_with_the_same_bytes() {
    for (number, restarted) in [(Some(1), true), (Some(1), false), (None, false)] {
        let mut terminal = Terminal::enrolled();
        let flow = terminal.sale_on_the_line(1);
        if restarted {
            terminal.restart_link(9);
        }
        terminal.resume(flow, number);
        terminal.run_ledger();
        terminal.open_line();
        let sent = terminal.sent();
        assert_eq!((sent.len(), &sent[0]), (2, &sent[1]));
        approves(&mut terminal, flow);
    }
}

#[test]
fn a_sale_whose_answer_was_recorded_and_not_told_is_told_from_the_book() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    let sale = terminal.sent()[0].clone();
    terminal.receive(&answer(&sale, approved()));
    let record = terminal.to_ledger.pop_front().unwrap();
    terminal.restart_link(9);
    terminal.ask_ledger(record.decode::<mpos_protocol::actor::Ledger>().unwrap());
    assert_eq!(terminal.ended(), []);
    terminal.resume(flow, Some(1));
    terminal.run_ledger();
    assert!(matches!(terminal.only_end(flow), AuthorisationResult::Approved { .. }));
    assert_eq!(terminal.sent().len(), 1);
}

#[test]
fn a_till_that_forgot_its_sale_since_it_asked_is_told_of_the_sale_that_it_named() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    let sale = terminal.sent()[0].clone();
    terminal.receive(&answer(&sale, approved()));
    terminal.restart_link(9);
    terminal.resume(flow, Some(1));
    terminal.resume(flow, None);
    terminal.run_ledger();
    assert!(matches!(terminal.only_end(flow), AuthorisationResult::Approved { .. }));
}

#[test]
fn a_resume_while_the_answer_is_being_recorded_tells_it_once() {
    for number in [Some(1), None] {
        let mut terminal = Terminal::enrolled();
        let flow = terminal.sale_on_the_line(1);
        let sale = terminal.sent()[0].clone();
        terminal.receive(&answer(&sale, approved()));
        terminal.resume(flow, number);
        terminal.run_ledger();
        assert!(matches!(terminal.only_end(flow), AuthorisationResult::Approved { .. }));
    }
}

#[test]
fn a_resume_at_each_stage_of_a_sale_ends_it_once() {
    for stage in 0..4 {
        let mut terminal = Terminal::enrolled();
        let flow = terminal.authorise(1);
        if stage >= 1 {
            terminal.run_ledger();
        }
        if stage >= 2 {
            terminal.open_line();
        }
        if stage >= 3 {
            terminal.run_ledger();
        }
        terminal.resume(flow, Some(1));
        terminal.run_ledger();
        terminal.open_line();
        terminal.run_ledger();
        approves(&mut terminal, flow);
        let sent = terminal.sent();
        assert!(sent.iter().all(|message| *message == sent[0]), "stage {stage}: one request");
    }
}

#[test]
fn a_till_that_missed_the_end_of_its_sale_is_told_again() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    let sale = terminal.sent()[0].clone();
    terminal.receive(&answer(&sale, approved()));
    terminal.run_ledger();
    for number in [None, Some(1)] {
        terminal.resume(flow, number);
    }
    let ended = terminal.ended();
    assert_eq!(ended.len(), 3);
    assert!(ended.iter().all(|end| *end == ended[0]));
    assert_eq!(terminal.sent().len(), 1);
}

#[test]
fn a_till_of_another_flow_is_not_told_the_sale_before() {
    let mut terminal = Terminal::enrolled();
    terminal.sale_on_the_line(1);
    let sale = terminal.sent()[0].clone();
    terminal.receive(&answer(&sale, approved()));
    terminal.run_ledger();
    terminal.resume(Flow(7), None);
    terminal.run_ledger();
    assert_eq!(terminal.results()[1], AuthorisationResult::NotSent(NotSent::Interrupted));
}

#[test]
fn a_reversal_that_a_new_link_finds_goes_on_for_the_till_that_waits() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    terminal.receive(&[0, 0, 0, 1, 0]);
    terminal.run_ledger();
    terminal.restart_link(9);
    terminal.resume(flow, Some(1));
    terminal.run_ledger();
    terminal.open_line();
    let reversal = terminal.sent().pop().unwrap();
    terminal.receive(&answer(&reversal, reversed()));
    terminal.run_ledger();
    assert_eq!(terminal.only_end(flow), AuthorisationResult::Reversed);
}

#[test]
fn a_sale_that_nobody_asks_for_is_taken_back_at_start() {
    let mut terminal = Terminal::enrolled();
    terminal.sale_on_the_line(1);
    terminal.restart_link(9);
    terminal.run_ledger();
    terminal.open_line();
    let HostRequest::Reverse(reverse) = open(&terminal.sent().pop().unwrap()).0.request else {
        panic!("a reversal")
    };
    assert_eq!((reverse.sequence, reverse.cause), (1, ReversalCause::Restarted));
    assert_eq!(terminal.ended(), []);
}

#[test]
fn a_book_that_cannot_say_what_became_of_the_sale_leaves_it_unknown() {
    for number in [Some(1), None] {
        let mut terminal = Terminal::enrolled();
        let flow = terminal.sale_on_the_line(1);
        terminal.restart_link(9);
        terminal.resume(flow, number);
        terminal.fail_ledger(StoreFault::Unreadable);
        assert_eq!(terminal.only_end(flow), AuthorisationResult::Unknown);
    }
}

#[test]
fn a_link_that_was_given_no_terminal_was_asked_nothing() {
    let mut terminal = Terminal::new();
    terminal.resume(Flow(7), None);
    assert_eq!(terminal.only_end(Flow(7)), AuthorisationResult::NotSent(NotSent::Interrupted));
}

#[test]
fn a_sale_from_the_book_may_have_been_sent_before_whatever_the_door_says() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    terminal.restart_link(9);
    terminal.resume(flow, Some(1));
    terminal.run_ledger();
    terminal.open_line();
    terminal.close_line(LineFault::CertificateRevoked);
    terminal.run_ledger();
    assert_eq!(terminal.ended(), [], "the link before this one may have reached the bank");
}

#[test]
fn a_refusal_of_a_sale_from_the_book_is_no_word_on_the_copy_that_was_sent_before() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    terminal.restart_link(9);
    terminal.resume(flow, Some(1));
    terminal.run_ledger();
    terminal.open_line();
    let sale = terminal.sent().pop().unwrap();
    terminal.receive(&answer(&sale, HostAnswer::Refused(HostRefusal::BadKeySerial)));
    terminal.run_ledger();
    let reversal = terminal.sent().pop().unwrap();
    terminal.receive(&answer(&reversal, reversed()));
    terminal.run_ledger();
    assert_eq!(terminal.only_end(flow), AuthorisationResult::Reversed);
}
