//! A sale that the bank answers, and one that it cannot be asked.

use crate::support::{
    Event, Terminal,
    bank::{answer, approved, declined, open},
    ports::LineCommand,
};
use mpos_protocol::{
    Flow,
    host::{HostAnswer, HostRefusal, HostRequest},
    inbox,
    link::{AuthorisationEnded, AuthorisationResult, LineFault, NotSent},
    sale::ReceiptNumber,
    signed::Hash,
};
use std::sync::atomic::Ordering;

#[test]
fn an_approved_sale_is_recorded_before_it_leaves_and_its_answer_before_it_is_told() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    let request = terminal.sent()[0].clone();
    terminal.receive(&answer(&request, approved()));
    assert_eq!(terminal.ended(), [], "the answer is not durable yet");
    terminal.run_ledger();
    let [(told_in, AuthorisationEnded { record: Some(record), result })] = &terminal.ended()[..] else {
        panic!("{:#?}", terminal.events);
    };
    assert_eq!((*told_in, record.receipt, record.transaction_number), (flow, ReceiptNumber(1), 1));
    assert!(matches!(result, AuthorisationResult::Approved { auth_code, .. } if &**auth_code == "252095"));

    let recorded = terminal.place(|e| matches!(e, Event::FromLedger(inbox::HostLink::RequestRecorded(_))));
    let left = terminal.place(|e| matches!(e, Event::Line(LineCommand::Send(..))));
    let kept = terminal.place(|e| matches!(e, Event::FromLedger(inbox::HostLink::AnswerRecorded(_))));
    let told = terminal.place(|e| matches!(e, Event::Till(_, inbox::Till::AuthorisationEnded(_))));
    assert!(recorded < left && left < kept && kept < told);
}

#[test]
fn nothing_leaves_while_the_request_is_not_recorded() {
    let mut terminal = Terminal::enrolled();
    terminal.authorise(1);
    terminal.run_ledger();
    terminal.open_line();
    assert_eq!(terminal.to_ledger.len(), 1);
    assert_eq!(terminal.sent(), Vec::<Vec<u8>>::new());
    terminal.run_ledger();
    assert_eq!(terminal.sent().len(), 1);
}

#[test]
fn a_declined_sale_is_told_with_the_banks_reason() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    let request = terminal.sent()[0].clone();
    terminal.receive(&answer(&request, declined()));
    terminal.run_ledger();
    assert!(matches!(terminal.only_end(flow), AuthorisationResult::Declined { .. }));
}

#[test]
fn sales_follow_one_another_on_one_line_each_naming_the_one_before() {
    let mut terminal = Terminal::enrolled();
    for number in 1..=3 {
        terminal.sale_on_the_line(number);
        let request = terminal.sent().pop().unwrap();
        terminal.receive(&answer(&request, approved()));
        terminal.run_ledger();
    }
    let mut previous = Hash::default();
    for (message, sequence) in terminal.sent().iter().zip(1..) {
        let (request, hash) = open(message);
        assert_eq!((request.sequence, request.previous), (sequence, previous));
        let HostRequest::Authorise(sale) = request.request else { panic!("a sale") };
        assert_eq!(u64::from(sale.receipt.0), sequence);
        previous = hash;
    }
    let opened = terminal.events.iter().filter(|e| matches!(e, Event::Line(LineCommand::Open(..)))).count();
    assert_eq!((terminal.results().len(), opened), (3, 1));
}

#[test]
fn a_bank_that_cannot_be_reached_is_asked_nothing_and_nothing_is_recorded() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.authorise(1);
    terminal.run_ledger();
    terminal.close_line(LineFault::Unreachable);
    let unreachable = AuthorisationResult::NotSent(NotSent::Line(LineFault::Unreachable));
    assert_eq!(terminal.only_end(flow), unreachable);
    assert_eq!(terminal.ended()[0].1.record, None);
    assert!(!terminal.events.iter().any(|e| matches!(e, Event::ToLedger(inbox::Ledger::RecordRequest(_)))));
}

#[test]
fn a_connection_that_does_not_come_about_in_time_is_given_up() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.authorise(1);
    terminal.run_ledger();
    assert_eq!(terminal.next_timer(), Some(15_000));
    let timed_out = AuthorisationResult::NotSent(NotSent::Line(LineFault::TimedOut));
    assert_eq!(terminal.only_end(flow), timed_out);
    assert!(!terminal.has_line());
}

#[test]
fn a_second_sale_is_refused_while_one_is_under_way() {
    let mut terminal = Terminal::enrolled();
    terminal.sale_on_the_line(1);
    let second = terminal.authorise(2);
    assert_eq!(terminal.only_end(second), AuthorisationResult::NotSent(NotSent::Busy));
    let request = terminal.sent()[0].clone();
    terminal.receive(&answer(&request, approved()));
    terminal.run_ledger();
    assert_eq!(terminal.ended().len(), 2);
    assert!(matches!(terminal.results()[1], AuthorisationResult::Approved { .. }));
}

#[test]
fn a_terminal_that_is_not_enrolled_sells_nothing() {
    let mut terminal = Terminal::new();
    let flow = terminal.authorise(1);
    assert_eq!(terminal.only_end(flow), AuthorisationResult::NotSent(NotSent::NotEnrolled));
}

#[test]
fn a_key_that_cannot_sign_ends_the_sale_before_anything_is_recorded() {
    let mut terminal = Terminal::enrolled();
    terminal.keys.cannot_sign.store(true, Ordering::SeqCst);
    let flow = terminal.sale_on_the_line(1);
    assert_eq!(terminal.only_end(flow), AuthorisationResult::NotSent(NotSent::KeyUnavailable));
    terminal.keys.cannot_sign.store(false, Ordering::SeqCst);
    terminal.sale_on_the_line(2);
    let (request, _) = open(&terminal.sent()[0]);
    assert_eq!(request.sequence, 1);
}

#[test]
fn a_busy_bank_is_asked_again_with_the_same_bytes() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    let request = terminal.sent()[0].clone();
    terminal.receive(&answer(&request, HostAnswer::Refused(HostRefusal::Busy)));
    assert!(terminal.next_timer().unwrap() < 1_000);
    terminal.open_line();
    assert_eq!(terminal.sent(), [request.clone(), request.clone()]);
    terminal.receive(&answer(&request, approved()));
    terminal.run_ledger();
    assert!(matches!(terminal.only_end(flow), AuthorisationResult::Approved { .. }));
}

#[test]
fn after_a_refusal_the_next_sale_follows_what_the_book_says() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    let request = terminal.sent()[0].clone();
    terminal.receive(&answer(&request, HostAnswer::Refused(HostRefusal::TerminalBlocked)));
    terminal.run_ledger();
    assert_eq!(terminal.only_end(flow), AuthorisationResult::Refused(HostRefusal::TerminalBlocked));
    terminal.sale_on_the_line(2);
    let (second, _) = open(&terminal.sent()[1]);
    assert_eq!((second.sequence, second.previous), (1, Hash::default()));
    let HostRequest::Authorise(sale) = second.request else { panic!("a sale") };
    assert_eq!(sale.receipt, ReceiptNumber(2), "a receipt number that was shown is not used again");
}

#[test]
fn a_refused_copy_says_nothing_of_the_copy_before_it_so_the_sale_is_taken_back() {
    let mut terminal = Terminal::enrolled();
    terminal.sale_on_the_line(1);
    terminal.close_line(LineFault::Broken);
    terminal.next_timer();
    terminal.open_line();
    let request = terminal.sent()[1].clone();
    terminal.receive(&answer(&request, HostAnswer::Refused(HostRefusal::TerminalBlocked)));
    terminal.run_ledger();
    assert_eq!(terminal.ended(), []);
    let (reversal, _) = open(&terminal.sent()[2]);
    assert!(matches!(reversal.request, HostRequest::Reverse(reverse) if reverse.sequence == 1));
}

#[test]
fn a_certificate_that_the_bank_does_not_take_means_that_it_never_saw_the_sale() {
    for fault in [LineFault::CertificateRevoked, LineFault::CertificateExpired, LineFault::CertificateRefused]
    {
        let mut terminal = Terminal::enrolled();
        // The bank vouched for the device on an earlier line.
        terminal.check_standing(Flow(99));
        terminal.close_line(LineFault::Closed);
        let flow = terminal.sale_on_the_line(1);
        terminal.close_line(fault);
        terminal.run_ledger();
        assert_eq!(terminal.only_end(flow), AuthorisationResult::NotSent(NotSent::Line(fault)));
        assert_eq!(terminal.ended()[0].1.record.as_ref().unwrap().transaction_number, 1);
        terminal.sale_on_the_line(2);
        let (second, _) = open(&terminal.sent()[1]);
        assert_eq!((second.sequence, second.previous), (1, Hash::default()), "nothing is left to take back");
    }
}

#[test]
fn a_certificate_that_is_refused_after_the_bank_spoke_proves_nothing() {
    let mut terminal = Terminal::enrolled();
    terminal.sale_on_the_line(1);
    terminal.receive(&[0]);
    terminal.close_line(LineFault::CertificateRevoked);
    terminal.run_ledger();
    assert_eq!(terminal.ended(), []);
}

#[test]
fn a_sale_that_was_recorded_and_never_left_ends_without_a_reversal() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.authorise(1);
    terminal.run_ledger();
    terminal.open_line();
    terminal.close_line(LineFault::Broken);
    terminal.run_ledger();
    terminal.close_line(LineFault::Unreachable);
    assert_eq!(terminal.ended(), [], "there is time to try again");
    terminal.uptime_ms += 20_000;
    terminal.next_timer();
    terminal.close_line(LineFault::Unreachable);
    terminal.run_ledger();
    let unreachable = AuthorisationResult::NotSent(NotSent::Line(LineFault::Unreachable));
    assert_eq!(terminal.only_end(flow), unreachable);
    assert_eq!(terminal.sent(), Vec::<Vec<u8>>::new());
    let flow = terminal.sale_on_the_line(2);
    let request = terminal.sent()[0].clone();
    terminal.receive(&answer(&request, approved()));
    terminal.run_ledger();
    assert_eq!(terminal.ended()[1].0, flow);
    assert_ne!(flow, Flow::default());
}
