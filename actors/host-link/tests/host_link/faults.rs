//! A book that fails, and a mailbox that is full, at each point of a sale.

use crate::support::{
    Event, Terminal,
    bank::{answer, approved, open, reversed},
};
use mpos_protocol::{
    book::StoreFault,
    host::{HostRequest, ReversalCause},
    inbox,
    link::{AuthorisationResult, LineFault, NotSent},
};

fn is_reading(terminal: &Terminal) -> bool {
    let to_ledger = |event: &&Event| matches!(event, Event::ToLedger(_));
    let last = terminal.events.iter().rev().find(to_ledger);
    matches!(last, Some(Event::ToLedger(inbox::Ledger::ReadChain(_))))
}

#[test]
fn a_book_that_cannot_be_read_ends_the_sale_and_is_read_again() {
    let mut terminal = Terminal::enrolled();
    terminal.restart_link(9);
    let flow = terminal.authorise(1);
    assert!(is_reading(&terminal));
    terminal.fail_ledger(StoreFault::Unreadable);
    let failed = AuthorisationResult::NotSent(NotSent::Store(StoreFault::Unreadable));
    assert_eq!(terminal.only_end(flow), failed);
    assert!(terminal.next_timer().unwrap() >= 2_000);
    assert!(is_reading(&terminal));
    terminal.run_ledger();
    terminal.sale_on_the_line(2);
    assert_eq!(terminal.sent().len(), 1);
}

#[test]
fn a_request_that_the_book_does_not_keep_never_leaves() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.authorise(1);
    terminal.run_ledger();
    terminal.open_line();
    terminal.fail_ledger(StoreFault::Full);
    assert_eq!(terminal.only_end(flow), AuthorisationResult::NotSent(NotSent::Store(StoreFault::Full)));
    assert_eq!(terminal.sent(), Vec::<Vec<u8>>::new());
    terminal.sale_on_the_line(2);
    assert_eq!(open(&terminal.sent()[0]).0.sequence, 1);
}

#[test]
fn a_request_that_was_kept_although_the_book_failed_is_taken_back() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.authorise(1);
    terminal.run_ledger();
    terminal.open_line();
    // The write reached the disk, its success did not reach the ledger.
    let kept = terminal.to_ledger.pop_front().unwrap();
    terminal.fail_ledger(StoreFault::Unreadable);
    terminal.ask_ledger(kept.decode::<mpos_protocol::actor::Ledger>().unwrap());
    assert_eq!(terminal.sent(), Vec::<Vec<u8>>::new(), "nobody waits for it any more");
    assert!(matches!(terminal.only_end(flow), AuthorisationResult::NotSent(NotSent::Store(_))));
    terminal.next_timer();
    terminal.run_ledger();
    let HostRequest::Reverse(reverse) = open(&terminal.sent()[0]).0.request else { panic!("a reversal") };
    assert_eq!((reverse.sequence, reverse.cause), (1, ReversalCause::Restarted));
}

#[test]
fn an_answer_that_the_book_does_not_keep_is_not_told_and_the_sale_is_taken_back() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    let sale = terminal.sent()[0].clone();
    terminal.receive(&answer(&sale, approved()));
    terminal.fail_ledger(StoreFault::Unreadable);
    assert_eq!(terminal.only_end(flow), AuthorisationResult::Unknown);
    assert!(terminal.next_timer().unwrap() >= 2_000);
    terminal.run_ledger();
    let reversal = terminal.sent().pop().unwrap();
    let HostRequest::Reverse(reverse) = open(&reversal).0.request else { panic!("a reversal") };
    assert_eq!(reverse.hash, open(&sale).1);
    terminal.receive(&answer(&reversal, reversed()));
    terminal.run_ledger();
    terminal.sale_on_the_line(2);
    assert_eq!(open(terminal.sent().last().unwrap()).0.sequence, 3);
}

#[test]
fn a_reversal_that_the_book_does_not_keep_is_made_again() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    terminal.receive(&[0, 0, 0, 1, 0]);
    terminal.fail_ledger(StoreFault::Full);
    assert_eq!(terminal.only_end(flow), AuthorisationResult::Unknown);
    terminal.next_timer();
    terminal.run_ledger();
    terminal.open_line();
    assert!(matches!(open(terminal.sent().last().unwrap()).0.request, HostRequest::Reverse(_)));
}

#[test]
fn a_book_that_fails_under_an_old_reversal_does_not_make_the_new_sale_unknown() {
    let mut terminal = Terminal::enrolled();
    terminal.sale_on_the_line(1);
    terminal.restart_link(9);
    let flow = terminal.authorise(2);
    assert!(terminal.step_ledger());
    // The reversal of the first sale is on its way to the book.
    terminal.fail_ledger(StoreFault::Full);
    assert_eq!(terminal.only_end(flow), AuthorisationResult::NotSent(NotSent::Store(StoreFault::Full)));
}

/// The ledger was started anew and forgot what was in its mailbox.
fn forget(terminal: &mut Terminal) {
    assert!(!terminal.to_ledger.is_empty());
    terminal.to_ledger.clear();
}

#[test]
fn a_book_that_says_nothing_is_waited_for_ten_seconds_and_read_again() {
    let mut terminal = Terminal::enrolled();
    terminal.restart_link(9);
    let flow = terminal.authorise(1);
    assert!(is_reading(&terminal));
    forget(&mut terminal);
    // It was asked as the link started, and again for the sale.
    assert_eq!([terminal.next_timer(), terminal.next_timer()], [Some(10_000), Some(0)]);
    assert_eq!(terminal.only_end(flow), AuthorisationResult::NotSent(NotSent::Interrupted));
    terminal.next_timer();
    assert!(is_reading(&terminal));
    terminal.run_ledger();
    terminal.sale_on_the_line(2);
    assert_eq!(terminal.sent().len(), 1);
}

#[test]
fn a_request_of_which_the_book_says_nothing_never_leaves() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.authorise(1);
    terminal.run_ledger();
    terminal.open_line();
    forget(&mut terminal);
    terminal.wait_until("end", |terminal| !terminal.ended().is_empty());
    assert_eq!(terminal.only_end(flow), AuthorisationResult::NotSent(NotSent::Interrupted));
    assert_eq!(terminal.sent(), Vec::<Vec<u8>>::new());
    terminal.sale_on_the_line(2);
    assert_eq!(open(&terminal.sent()[0]).0.sequence, 1);
}

#[test]
fn an_answer_of_which_the_book_says_nothing_is_told_as_unknown_and_the_sale_is_taken_back() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    let sale = terminal.sent()[0].clone();
    terminal.receive(&answer(&sale, approved()));
    forget(&mut terminal);
    terminal.wait_until("end", |terminal| !terminal.ended().is_empty());
    assert_eq!(terminal.only_end(flow), AuthorisationResult::Unknown);
    terminal.wait_until("reversal", |terminal| terminal.sent().len() > 1);
    let reversal = terminal.sent().pop().unwrap();
    let HostRequest::Reverse(reverse) = open(&reversal).0.request else { panic!("a reversal") };
    assert_eq!(reverse.hash, open(&sale).1);
    terminal.receive(&answer(&reversal, reversed()));
    terminal.run_ledger();
    terminal.sale_on_the_line(2);
    assert_eq!(open(terminal.sent().last().unwrap()).0.sequence, 3);
}

#[test]
fn a_full_mailbox_before_the_sale_left_ends_it_with_nothing_asked() {
    for recording in [false, true] {
        let mut terminal = Terminal::enrolled();
        terminal.ledger_full = !recording;
        if !recording {
            terminal.restart_link(9);
        }
        let flow = terminal.authorise(1);
        if recording {
            terminal.ledger_full = true;
            terminal.open_line();
        }
        assert_eq!(terminal.only_end(flow), AuthorisationResult::NotSent(NotSent::Interrupted));
        let told = terminal.place(
            |event| matches!(event, Event::Till(in_flow, inbox::Till::DeliveryFailed(_)) if *in_flow == flow),
        );
        assert!(told > 0);
        terminal.ledger_full = false;
        terminal.next_timer();
        terminal.run_ledger();
        terminal.sale_on_the_line(2);
        assert_eq!(terminal.sent().len(), 1);
    }
}

#[test]
fn a_full_mailbox_for_the_answer_leaves_the_sale_unknown_and_goes_on_in_the_background() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    let sale = terminal.sent()[0].clone();
    terminal.ledger_full = true;
    terminal.receive(&answer(&sale, approved()));
    assert_eq!(terminal.only_end(flow), AuthorisationResult::Unknown);
    terminal.ledger_full = false;
    terminal.next_timer();
    terminal.run_ledger();
    assert!(matches!(open(terminal.sent().last().unwrap()).0.request, HostRequest::Reverse(_)));
}

#[test]
fn a_full_mailbox_for_the_reversal_leaves_the_sale_unknown_and_goes_on_in_the_background() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    terminal.ledger_full = true;
    terminal.receive(&[0, 0, 0, 1, 0]);
    assert_eq!(terminal.only_end(flow), AuthorisationResult::Unknown);
    for _ in 0..3 {
        terminal.next_timer();
    }
    terminal.ledger_full = false;
    terminal.wait_until("connection for the reversal", Terminal::has_line);
    terminal.open_line();
    assert!(matches!(open(terminal.sent().last().unwrap()).0.request, HostRequest::Reverse(_)));
    assert_eq!(terminal.ended().len(), 1);
}

#[test]
fn what_goes_to_the_book_goes_in_the_flow_of_the_sale() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.authorise(1);
    terminal.run_ledger();
    terminal.open_line();
    assert_eq!(terminal.to_ledger.front().unwrap().flow(), flow, "the line's events have no flow");
    terminal.run_ledger();
    let sale = terminal.sent()[0].clone();
    terminal.receive(&answer(&sale, approved()));
    assert_eq!(terminal.to_ledger.front().unwrap().flow(), flow);
}

#[test]
fn a_recording_that_fails_after_it_was_given_up_changes_nothing() {
    let mut terminal = Terminal::enrolled();
    terminal.sale_on_the_line(1);
    let before = terminal.events.len();
    terminal.fail_ledger(StoreFault::OutOfOrder);
    assert_eq!(terminal.events.len(), before);
    terminal.close_line(LineFault::Broken);
    terminal.next_timer();
    terminal.open_line();
    assert_eq!(terminal.sent()[0], terminal.sent()[1]);
}

#[test]
fn an_end_that_the_till_had_no_room_for_is_told_as_lost_and_progress_is_not() {
    for (lost, told) in [("AuthorisationEnded", true), ("LinkProgress", false)] {
        let mut terminal = Terminal::enrolled();
        terminal.till_loses = Some(lost);
        let flow = terminal.sale_on_the_line(1);
        let sale = terminal.sent()[0].clone();
        terminal.receive(&answer(&sale, approved()));
        terminal.run_ledger();
        let is_told = terminal.events.iter().any(|event| {
            matches!(event, Event::Till(in_flow, inbox::Till::DeliveryFailed(failed))
                if *in_flow == flow && &*failed.message == lost)
        });
        assert_eq!(is_told, told, "{lost}");
        terminal.till_loses = None;
        if told {
            terminal.resume(flow, Some(1));
        }
        assert!(matches!(terminal.only_end(flow), AuthorisationResult::Approved { .. }));
    }
}
