//! The line: pieces of messages, messages that are none, events of lines that were given up.

use crate::support::{
    Event, Terminal,
    bank::{answer, approved, declined},
    ports::LineCommand,
};
use mpos_protocol::{
    inbox,
    link::{AuthorisationResult, LineClosed, LineFault, LineOpened, LinkTimer},
};

#[test]
fn an_answer_may_come_byte_by_byte() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    let request = terminal.sent()[0].clone();
    for byte in answer(&request, approved()) {
        assert_eq!(terminal.ended(), []);
        terminal.receive(&[byte]);
    }
    terminal.run_ledger();
    assert!(matches!(terminal.only_end(flow), AuthorisationResult::Approved { .. }));
}

#[test]
fn an_answer_that_comes_twice_in_one_piece_is_taken_once_and_spoils_no_later_sale() {
    let mut terminal = Terminal::enrolled();
    terminal.sale_on_the_line(1);
    let request = terminal.sent()[0].clone();
    terminal.receive(&answer(&request, approved()).repeat(2));
    terminal.run_ledger();
    terminal.sale_on_the_line(2);
    let request = terminal.sent()[1].clone();
    terminal.receive(&answer(&request, declined()));
    terminal.run_ledger();
    assert_eq!(terminal.sent().len(), 2, "nothing is taken back");
    assert!(matches!(
        terminal.results()[..],
        [AuthorisationResult::Approved { .. }, AuthorisationResult::Declined { .. }]
    ));
}

#[test]
fn a_length_beyond_any_message_closes_the_line_and_the_sale_is_sent_again() {
    for prefix in [[0, 0, 0xA0, 1], [0xFF; 4]] {
        let mut terminal = Terminal::enrolled();
        let flow = terminal.sale_on_the_line(1);
        terminal.receive(&prefix);
        assert!(!terminal.has_line());
        terminal.next_timer();
        terminal.open_line();
        let sent = terminal.sent();
        assert_eq!(sent[0], sent[1]);
        terminal.receive(&answer(&sent[0], approved()));
        terminal.run_ledger();
        assert!(matches!(terminal.only_end(flow), AuthorisationResult::Approved { .. }));
    }
}

#[test]
fn events_of_a_line_that_was_given_up_change_nothing() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    let (old, request) = (terminal.line(), terminal.sent()[0].clone());
    terminal.close_line(LineFault::Broken);
    terminal.next_timer();
    assert_ne!(terminal.line(), old);
    for event in [
        inbox::HostLink::LineOpened(LineOpened { line: old }),
        inbox::HostLink::LineClosed(LineClosed { line: old, fault: LineFault::Closed }),
    ] {
        terminal.tell(event);
        assert_eq!(terminal.sent().len(), 1);
        assert!(terminal.has_line());
    }
    terminal.receive_on(old, &answer(&request, declined()));
    terminal.open_line();
    terminal.receive_on(old, &answer(&request, declined()));
    terminal.run_ledger();
    assert_eq!(terminal.ended(), []);
    terminal.receive(&answer(&request, approved()));
    terminal.run_ledger();
    assert!(matches!(terminal.only_end(flow), AuthorisationResult::Approved { .. }));
}

#[test]
fn the_line_of_a_link_that_died_does_not_speak_to_the_next_one() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    let (old, request) = (terminal.line(), terminal.sent()[0].clone());
    terminal.restart_link(0x77);
    terminal.resume(flow, Some(1));
    terminal.run_ledger();
    assert_ne!(terminal.line(), old);
    terminal.receive_on(old, &answer(&request, approved()));
    terminal.run_ledger();
    assert_eq!(terminal.ended(), []);
}

#[test]
fn the_timer_of_an_earlier_wait_is_ignored() {
    let mut terminal = Terminal::enrolled();
    terminal.sale_on_the_line(1);
    let current = terminal.timers.iter().map(|(_, wait, _)| *wait).max().unwrap();
    assert!(current > 2, "it waited for the line and for the answer to the report before");
    for wait in (0..current).chain([current + 1, u32::MAX]) {
        let before = terminal.events.len();
        terminal.tell(inbox::HostLink::LinkTimer(LinkTimer { wait }));
        assert_eq!(terminal.events.len(), before);
    }
    terminal.tell(inbox::HostLink::LinkTimer(LinkTimer { wait: current }));
    assert!(matches!(
        terminal.events.iter().rev().find(|event| matches!(event, Event::Line(_))),
        Some(Event::Line(LineCommand::Close(_)))
    ));
}

#[test]
fn a_line_that_the_bank_closes_while_it_is_idle_is_opened_anew_for_the_next_sale() {
    let mut terminal = Terminal::enrolled();
    terminal.sale_on_the_line(1);
    let request = terminal.sent()[0].clone();
    terminal.receive(&answer(&request, approved()));
    terminal.run_ledger();
    let old = terminal.line();
    terminal.close_line(LineFault::Closed);
    terminal.authorise(2);
    terminal.run_ledger();
    assert_ne!(terminal.line(), old);
    terminal.open_line();
    terminal.run_ledger();
    assert_eq!(terminal.sent().len(), 2);
}
