//! Saying what the book has, when the bank orders it: page after page, behind whoever waits.

use crate::support::{
    Event, Terminal,
    bank::{Bank, answer, approved, open, standing},
};
use mpos_protocol::{
    Flow,
    admin::{AdminAnswer, AdminRequest},
    book::StoreFault,
    host::{HostAnswer, HostRequest},
    inbox,
    link::{AuthorisationResult, LineFault},
    reconcile::{
        BookedOutcome, RECONCILE_PAGE_MAX, ReconcileFault, ReconcilePage, messages::TransactionsRead,
    },
    standing::{Orders, Standing, StandingReport},
};

const FLOW: Flow = Flow(77);

/// A terminal that sold so often; from here on the test plays its bank.
fn terminal_with(sales: u32) -> Terminal {
    let (mut terminal, mut bank) = (Terminal::enrolled(), Bank::default());
    for number in 1..=sales {
        terminal.sale_on_the_line(number);
        let sale = terminal.sent().pop().unwrap();
        terminal.receive(&bank.handle(&sale));
        terminal.run_ledger();
    }
    terminal.is_vouched_for = false;
    terminal.events.retain(|event| matches!(event, Event::Line(_)));
    terminal
}

fn admin_of(message: &[u8]) -> AdminRequest {
    match open(message).0.request {
        HostRequest::Admin(request) => request,
        other => panic!("not administrative: {other:?}"),
    }
}

fn last_sent(terminal: &Terminal) -> Vec<u8> {
    terminal.sent().pop().expect("something was sent")
}

fn report(terminal: &Terminal) -> StandingReport {
    match admin_of(&last_sent(terminal)) {
        AdminRequest::ReportStanding(report) => report,
        other => panic!("no report: {other:?}"),
    }
}

/// The page that was sent last.
fn page(terminal: &Terminal) -> ReconcilePage {
    match admin_of(&last_sent(terminal)) {
        AdminRequest::Reconcile(page) => page,
        other => panic!("no page: {other:?}"),
    }
}

fn bank_says(terminal: &mut Terminal, told: AdminAnswer) {
    terminal.receive(&answer(&last_sent(terminal), HostAnswer::Admin(told)));
    terminal.run_ledger();
}

fn order(from: u64) -> AdminAnswer {
    let orders = Orders { reconcile_from: Some(from), ..Orders::default() };
    AdminAnswer::Standing(Standing { orders, ..standing() })
}

/// Reports, and is told to say what its book has from here on.
fn ordered(terminal: &mut Terminal, from: u64) {
    terminal.check_standing(FLOW);
    report(terminal);
    bank_says(terminal, order(from));
}

fn sells(terminal: &mut Terminal, number: u32) {
    let flow = terminal.authorise(number);
    terminal.run_ledger();
    let sale = last_sent(terminal);
    assert!(matches!(open(&sale).0.request, HostRequest::Authorise(_)), "the sale goes first");
    terminal.receive(&answer(&sale, approved()));
    let (told_in, ended) = {
        terminal.run_ledger();
        terminal.ended().pop().expect("the sale ended")
    };
    assert_eq!(told_in, flow);
    assert!(matches!(ended.result, AuthorisationResult::Approved { .. }));
}

#[test]
fn an_order_leads_to_pages_until_the_bank_has_them_all() {
    let mut terminal = terminal_with(RECONCILE_PAGE_MAX as u32 + 3);
    ordered(&mut terminal, 1);
    let first = page(&terminal);
    assert_eq!((first.from, first.to, first.transactions.len()), (1, 33, RECONCILE_PAGE_MAX));
    assert!(!first.is_last());
    assert!(first.transactions.iter().all(|told| matches!(told.outcome, BookedOutcome::Approved { .. })));
    bank_says(&mut terminal, AdminAnswer::Reconciled { next: Some(33) });
    let last = page(&terminal);
    assert_eq!((last.from, last.to, last.transactions.len(), last.is_last()), (33, 36, 3, true));
    let sent = terminal.sent().len();
    bank_says(&mut terminal, AdminAnswer::Reconciled { next: None });
    assert_eq!(terminal.sent().len(), sent, "nothing more is owed");
    assert!(terminal.has_line());
    let told = terminal.events.iter().filter(|event| matches!(event, Event::Till(..))).count();
    assert_eq!(told, 1, "the till hears of its report and of nothing else");
}

#[test]
fn a_report_says_where_the_chain_stands() {
    let mut terminal = terminal_with(2);
    terminal.check_standing(FLOW);
    let told = report(&terminal).chain;
    assert_eq!(told.next_sequence, 3);
    bank_says(&mut terminal, order(3));
    let page = page(&terminal);
    assert_eq!((page.chain, page.transactions.len(), page.from, page.to), (told, 0, 3, 3));
}

#[test]
fn a_line_that_is_lost_in_the_middle_ends_the_pages_until_the_next_order() {
    let mut terminal = terminal_with(RECONCILE_PAGE_MAX as u32 + 1);
    ordered(&mut terminal, 1);
    bank_says(&mut terminal, AdminAnswer::Reconciled { next: Some(33) });
    assert_eq!(page(&terminal).from, 33);
    let sent = terminal.sent().len();
    terminal.close_line(LineFault::Broken);
    terminal.run_ledger();
    assert_eq!(terminal.sent().len(), sent);
    assert!(!terminal.has_line(), "no line is opened for it");

    // Neither is anybody kept from selling.
    terminal.check_standing(Flow(78));
    bank_says(&mut terminal, AdminAnswer::Standing(standing()));
    sells(&mut terminal, 50);
    ordered(&mut terminal, 33);
    assert_eq!((page(&terminal).from, page(&terminal).to), (33, 35));
}

#[test]
fn a_sale_that_begins_while_the_book_is_read_goes_first_and_the_page_is_read_anew() {
    let mut terminal = terminal_with(2);
    terminal.check_standing(FLOW);
    terminal.receive(&answer(&last_sent(&terminal), HostAnswer::Admin(order(1))));
    assert_eq!(terminal.to_ledger.len(), 1, "the ledger has not read yet");
    sells(&mut terminal, 3);
    let page = page(&terminal);
    assert_eq!((page.from, page.to, page.transactions.len()), (1, 4, 3), "with the sale that went first");
    let pages = terminal
        .sent()
        .into_iter()
        .filter(|sent| matches!(&open(sent).0.request, HostRequest::Admin(AdminRequest::Reconcile(_))));
    assert_eq!(pages.count(), 1, "the page that was read before the sale was not sent");
}

#[test]
fn a_sale_that_begins_while_a_page_is_under_way_follows_its_answer() {
    let mut terminal = terminal_with(RECONCILE_PAGE_MAX as u32 + 1);
    ordered(&mut terminal, 1);
    let (asked, flow) = (last_sent(&terminal), terminal.authorise(90));
    let told = AdminAnswer::Reconciled { next: Some(33) };
    terminal.receive(&answer(&asked, HostAnswer::Admin(told)));
    terminal.run_ledger();
    let sale = last_sent(&terminal);
    assert!(matches!(open(&sale).0.request, HostRequest::Authorise(_)), "before the next page");
    terminal.receive(&answer(&sale, approved()));
    terminal.run_ledger();
    assert_eq!(terminal.ended().last().unwrap().0, flow);
    assert_eq!((page(&terminal).from, page(&terminal).to), (33, 35));
}

#[test]
fn a_bank_that_sends_the_terminal_back_or_beyond_its_book_is_not_followed() {
    for next in [0, 1, 4, u64::MAX] {
        let mut terminal = terminal_with(2);
        ordered(&mut terminal, 1);
        let sent = terminal.sent().len();
        bank_says(&mut terminal, AdminAnswer::Reconciled { next: Some(next) });
        assert_eq!(terminal.sent().len(), sent, "{next}");
        sells(&mut terminal, 3);
    }
}

#[test]
fn a_bank_that_does_not_compare_ends_it_and_the_line_stays() {
    for fault in [ReconcileFault::OutOfPlace { expected: 1 }, ReconcileFault::TooManyDifferences] {
        let mut terminal = terminal_with(2);
        ordered(&mut terminal, 1);
        let sent = terminal.sent().len();
        bank_says(&mut terminal, AdminAnswer::ReconcileRefused(fault));
        assert_eq!(terminal.sent().len(), sent);
        assert!(terminal.has_line());
        sells(&mut terminal, 3);
    }
}

#[test]
fn a_ledger_that_is_silent_full_or_broken_costs_the_page_and_no_sale() {
    type Fail = fn(&mut Terminal);
    let ways: [Fail; 4] = [
        // Its mailbox is full.
        |_| {},
        // It was started anew before it read its mailbox.
        |terminal| {
            terminal.to_ledger.clear();
            terminal.next_timer();
        },
        |terminal| {
            terminal.to_ledger.clear();
            let page = Err(StoreFault::Unreadable);
            terminal.tell(inbox::HostLink::TransactionsRead(TransactionsRead { page }));
        },
        // It answers something else than was asked.
        |terminal| {
            terminal.to_ledger.clear();
            let page = Ok(ReconcilePage { from: 9, ..ReconcilePage::default() });
            terminal.tell(inbox::HostLink::TransactionsRead(TransactionsRead { page }));
        },
    ];
    for (way, fail) in ways.into_iter().enumerate() {
        let mut terminal = terminal_with(2);
        terminal.check_standing(FLOW);
        let asked = last_sent(&terminal);
        terminal.ledger_full = way == 0;
        terminal.receive(&answer(&asked, HostAnswer::Admin(order(1))));
        terminal.ledger_full = false;
        let sent = terminal.sent().len();
        fail(&mut terminal);
        terminal.run_ledger();
        assert_eq!(terminal.sent().len(), sent, "no page ({way})");
        let failed = |event: &Event| matches!(event, Event::Till(_, inbox::Till::DeliveryFailed(_)));
        assert!(!terminal.events.iter().any(failed), "and nobody is told ({way})");
        sells(&mut terminal, 3);
    }
}

#[test]
fn a_page_that_nobody_asked_for_is_ignored() {
    let mut terminal = terminal_with(1);
    let sent = terminal.sent().len();
    let page = Ok(ReconcilePage { from: 1, ..ReconcilePage::default() });
    terminal.tell(inbox::HostLink::TransactionsRead(TransactionsRead { page }));
    assert_eq!(terminal.sent().len(), sent);
    ordered(&mut terminal, 1);
    page_is_of_one_sale(&terminal);
}

fn page_is_of_one_sale(terminal: &Terminal) {
    assert_eq!((page(terminal).from, page(terminal).to, page(terminal).transactions.len()), (1, 2, 1));
}
