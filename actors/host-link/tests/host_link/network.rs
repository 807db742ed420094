//! The device's networks come and go.

use crate::support::{
    Terminal,
    bank::{answer, approved},
};
use mpos_protocol::{
    inbox,
    link::{AuthorisationResult, LineFault, NetworkChanged},
};

/// Twice the pause between tries while somebody waits.
const SOON_MS: u64 = 1_000;

fn change(terminal: &mut Terminal, available: bool) {
    terminal.tell(inbox::HostLink::NetworkChanged(NetworkChanged { available }));
}

fn approves(terminal: &mut Terminal) {
    let request = terminal.sent().pop().unwrap();
    terminal.receive(&answer(&request, approved()));
    terminal.run_ledger();
}

#[test]
fn a_line_that_nobody_waits_for_is_closed_and_the_next_sale_opens_another() {
    for available in [true, false] {
        let mut terminal = Terminal::enrolled();
        terminal.sale_on_the_line(1);
        approves(&mut terminal);
        assert!(terminal.has_line(), "it is kept for the next sale");
        let old = terminal.line();
        change(&mut terminal, available);
        assert!(!terminal.has_line());
        terminal.sale_on_the_line(2);
        assert_ne!(terminal.line(), old);
        approves(&mut terminal);
        assert_eq!(terminal.results().len(), 2);
    }
}

#[test]
fn a_sale_that_waits_for_its_answer_keeps_its_line() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    change(&mut terminal, false);
    change(&mut terminal, true);
    assert!(terminal.has_line());
    approves(&mut terminal);
    assert!(matches!(terminal.only_end(flow), AuthorisationResult::Approved { .. }));
    assert_eq!(terminal.sent().len(), 1);
}

/// A terminal with a sale to be taken back, and a bank that it could not reach for a while.
fn out_of_reach() -> Terminal {
    let mut terminal = Terminal::enrolled();
    terminal.sale_on_the_line(1);
    terminal.close_line(LineFault::Broken);
    for _try in 0..200 {
        let waited = terminal.next_timer().expect("something is to be done");
        terminal.run_ledger();
        if terminal.has_line() {
            terminal.close_line(LineFault::Unreachable);
        }
        if waited > 60_000 {
            assert!(matches!(terminal.results()[..], [AuthorisationResult::Unknown]));
            return terminal;
        }
    }
    panic!("the pauses do not grow");
}

#[test]
fn what_was_put_off_is_tried_as_soon_as_there_is_a_network_and_not_while_there_is_none() {
    let mut terminal = out_of_reach();
    change(&mut terminal, false);
    change(&mut terminal, true);
    // Networks that come and go do not put it off again.
    change(&mut terminal, true);
    let waited = terminal.next_timer().expect("the next try");
    assert!(waited <= SOON_MS, "{waited} ms");
    assert!(terminal.has_line());

    let mut terminal = out_of_reach();
    change(&mut terminal, false);
    let waited = terminal.next_timer().expect("the next try");
    assert!(waited > SOON_MS, "{waited} ms");
}
