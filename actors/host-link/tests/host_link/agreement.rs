//! Whatever happens to messages, lines, mailboxes and actors: the books of terminal and bank agree, the till is told
//! nothing that is not so, and each page of the book that the bank orders meanwhile says what the bank has.
//!
//! Each case is a sequence of events drawn at random, then a time in which everything works. A line delivers what
//! it delivers at most once and may be arbitrarily late; an answer may come twice.

use crate::support::{
    Event, Terminal,
    bank::{Bank, declined, open},
    ports::LineCommand,
};
use mpos_protocol::{
    Flow,
    admin::AdminRequest,
    book::{RecordedOutcome, RequestSubject, StoreFault},
    host::{HostAnswer, HostRefusal, HostRequest},
    inbox,
    link::{AuthorisationResult, LineFault, LineOpened},
    reconcile::messages::TransactionsRead,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

#[derive(Clone, Debug)]
enum Action {
    Sell,
    Resume { knows_its_sale: bool },
    RestartLink(u8),
    LedgerWorks,
    LedgerFails(bool),
    LedgerFull(bool),
    LineOpens,
    LineFails(LineFault),
    BankReads { which: usize, then: Then },
    BankIsHeard { twice: bool },
    TimePasses,
}

/// What the bank says to a sale that it sees for the first time.
#[derive(Clone, Copy, Debug)]
enum Then {
    Approves,
    Declines,
    IsBusy,
    Refuses,
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let fault = prop_oneof![
        Just(LineFault::Broken),
        Just(LineFault::Unreachable),
        Just(LineFault::CertificateRevoked)
    ];
    let then = prop_oneof![
        4 => Just(Then::Approves),
        1 => Just(Then::Declines),
        1 => Just(Then::IsBusy),
        1 => Just(Then::Refuses),
    ];
    let action = prop_oneof![
        4 => Just(Action::Sell),
        1 => any::<bool>().prop_map(|knows_its_sale| Action::Resume { knows_its_sale }),
        1 => any::<u8>().prop_map(Action::RestartLink),
        12 => Just(Action::LedgerWorks),
        1 => any::<bool>().prop_map(Action::LedgerFails),
        1 => any::<bool>().prop_map(Action::LedgerFull),
        8 => Just(Action::LineOpens),
        3 => fault.prop_map(Action::LineFails),
        8 => (any::<usize>(), then).prop_map(|(which, then)| Action::BankReads { which, then }),
        6 => any::<bool>().prop_map(|twice| Action::BankIsHeard { twice }),
        3 => Just(Action::TimePasses),
    ];
    prop::collection::vec(action, 1..80)
}

/// A sale as the till knows it.
struct Sale {
    flow: Flow,
    number: u32,
}

struct World {
    terminal: Terminal,
    bank: Bank,
    /// On its way to the bank, by line.
    requests: Vec<(u32, Vec<u8>)>,
    /// On its way back.
    answers: VecDeque<(u32, Vec<u8>)>,
    /// Lines on which the bank has read or said something.
    spoken: BTreeSet<u32>,
    sale: Option<Sale>,
    sales: u32,
    told: BTreeMap<u32, AuthorisationResult>,
    /// Up to where the terminal's events were looked at.
    seen: usize,
    recorded: BTreeSet<Vec<u8>>,
    pending_records: BTreeMap<u64, Vec<u8>>,
    /// Sales that left, by sequence and hash, whose end is not durable.
    open_sales: BTreeSet<u64>,
    durable: BTreeMap<u64, RecordedOutcome>,
    asked_answers: BTreeMap<u64, RecordedOutcome>,
    numbers: BTreeMap<u64, u32>,
}

impl World {
    fn new() -> Self {
        Self {
            terminal: Terminal::enrolled(),
            bank: Bank::default(),
            requests: Vec::new(),
            answers: VecDeque::new(),
            spoken: BTreeSet::new(),
            sale: None,
            sales: 0,
            told: BTreeMap::new(),
            seen: 0,
            recorded: BTreeSet::new(),
            pending_records: BTreeMap::new(),
            open_sales: BTreeSet::new(),
            durable: BTreeMap::new(),
            asked_answers: BTreeMap::new(),
            numbers: BTreeMap::new(),
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Sell if self.sale.is_none() => {
                self.sales += 1;
                self.sale = Some(Sale { flow: Flow(100 + self.sales), number: self.sales });
                self.terminal.authorise(self.sales);
            }
            Action::Sell => {}
            Action::Resume { knows_its_sale } => self.resume(knows_its_sale),
            Action::RestartLink(seed) => {
                self.terminal.restart_link(seed);
                self.resume(true);
            }
            Action::LedgerWorks => self.terminal.run_ledger(),
            Action::LedgerFails(kept) => self.ledger_fails(kept),
            Action::LedgerFull(full) => self.terminal.ledger_full = full,
            Action::LineOpens => self.line_opens(),
            Action::LineFails(fault) => self.line_fails(fault),
            Action::BankReads { which, then } => self.bank_reads(which, then),
            Action::BankIsHeard { twice } => self.bank_is_heard(twice),
            Action::TimePasses => {
                self.terminal.next_timer();
            }
        }
        self.look();
    }

    fn resume(&mut self, knows_its_sale: bool) {
        if let Some(Sale { flow, number }) = self.sale {
            self.terminal.resume(flow, knows_its_sale.then_some(number));
        }
    }

    /// The disk fails under the next entry, which may be on it all the same.
    fn ledger_fails(&mut self, kept: bool) {
        let Some(sent) = self.terminal.to_ledger.pop_front() else { return };
        let message = sent.decode::<mpos_protocol::actor::Ledger>().unwrap();
        if matches!(message, inbox::Ledger::ReadTransactions(_)) {
            let page = Err(StoreFault::Unreadable);
            return self.terminal.tell(inbox::HostLink::TransactionsRead(TransactionsRead { page }));
        }
        if kept {
            self.terminal.keep_and_fail(message);
        } else {
            let fault = StoreFault::Unreadable;
            self.terminal
                .tell(inbox::HostLink::RecordingFailed(mpos_protocol::book::RecordingFailed { fault }));
        }
    }

    fn line_opens(&mut self) {
        if self.terminal.has_line() {
            let line = self.terminal.line();
            self.terminal.tell(inbox::HostLink::LineOpened(LineOpened { line }));
        }
    }

    fn line_fails(&mut self, fault: LineFault) {
        if !self.terminal.has_line() {
            return;
        }
        let line = self.terminal.line();
        if fault == LineFault::CertificateRevoked {
            if self.spoken.contains(&line) {
                return;
            }
            // The door was never opened, so nothing passes it later.
            self.requests.retain(|(on, _)| *on != line);
        }
        self.terminal.close_line(fault);
    }

    fn bank_reads(&mut self, which: usize, then: Then) {
        if self.requests.is_empty() {
            return;
        }
        let (line, message) = self.requests.remove(which % self.requests.len());
        self.bank.next = match then {
            Then::Approves => None,
            Then::Declines => Some(declined()),
            Then::IsBusy => Some(HostAnswer::Refused(HostRefusal::Busy)),
            Then::Refuses => Some(HostAnswer::Refused(HostRefusal::BadKeySerial)),
        };
        let answer = self.bank.handle(&message);
        self.bank.next = None;
        self.spoken.insert(line);
        self.answers.push_back((line, answer));
    }

    fn bank_is_heard(&mut self, twice: bool) {
        let Some((line, answer)) = self.answers.pop_front() else { return };
        for _ in 0..=u8::from(twice) {
            self.terminal.receive_on(line, &answer);
        }
    }

    /// Looks at what happened, in order, and holds it against the promises.
    fn look(&mut self) {
        let events = self.terminal.events[self.seen..].to_vec();
        self.seen += events.len();
        for event in events {
            match event {
                Event::ToLedger(inbox::Ledger::RecordRequest(request)) => {
                    self.pending_records.insert(request.sequence, request.signed.to_vec());
                    if let RequestSubject::Sale(record) = request.subject {
                        self.numbers.insert(request.sequence, record.transaction_number);
                    }
                }
                Event::ToLedger(inbox::Ledger::RecordAnswer(answer)) => {
                    self.asked_answers.insert(answer.sequence, answer.outcome);
                }
                Event::FromLedger(inbox::HostLink::RequestRecorded(recorded)) => {
                    self.recorded.insert(self.pending_records[&recorded.sequence].clone());
                }
                Event::FromLedger(inbox::HostLink::AnswerRecorded(recorded)) => {
                    let outcome = self.asked_answers[&recorded.sequence].clone();
                    self.durable.insert(recorded.sequence, outcome);
                    self.open_sales.remove(&recorded.sequence);
                }
                Event::FromLedger(inbox::HostLink::ChainRestored(chain)) => {
                    self.recorded.extend(chain.unresolved.iter().map(|open| open.signed.to_vec()));
                    let unresolved: BTreeSet<_> = chain.unresolved.iter().map(|open| open.sequence).collect();
                    self.open_sales.retain(|sequence| unresolved.contains(sequence));
                }
                Event::Line(LineCommand::Send(line, bytes)) => self.left(line, &bytes),
                Event::Till(flow, inbox::Till::AuthorisationEnded(ended)) => {
                    let sale = self.sale.take().expect("a sale ends once, and only one that was begun");
                    assert_eq!(flow, sale.flow);
                    if let Some(record) = &ended.record {
                        // A till and a link that both forgot the sale hear that one was taken back.
                        let taken_back = matches!(
                            ended.result,
                            AuthorisationResult::Reversed | AuthorisationResult::Unknown
                        );
                        assert!(record.transaction_number == sale.number || taken_back);
                    }
                    self.told.insert(sale.number, ended.result);
                }
                _ => {}
            }
        }
    }

    fn left(&mut self, line: u32, bytes: &[u8]) {
        let message = crate::support::bank::unframed(bytes);
        let (request, _) = open(&message);
        let is_page = matches!(request.request, HostRequest::Admin(AdminRequest::Reconcile(_)));
        assert!(is_page || self.recorded.contains(&message), "it left before it was recorded");
        match request.request {
            HostRequest::Authorise(_) => {
                let others = self.open_sales.iter().filter(|sequence| **sequence != request.sequence);
                assert_eq!(others.count(), 0, "a sale left before the one before it was taken back");
                self.open_sales.insert(request.sequence);
            }
            HostRequest::Reverse(reverse) => {
                self.open_sales.remove(&reverse.sequence);
            }
            HostRequest::Admin(AdminRequest::Reconcile(page)) => {
                assert_eq!(self.open_sales.len(), 0, "a page left while a sale was open");
                self.bank.check(&page);
            }
            HostRequest::Admin(_) => panic!("nobody asked for one here"),
        }
        self.requests.push((line, message));
    }

    /// From now on everything works.
    fn calm(&mut self) {
        self.terminal.ledger_full = false;
        for _ in 0..60 {
            self.terminal.run_ledger();
            self.line_opens();
            self.terminal.run_ledger();
            self.look();
            while !self.requests.is_empty() {
                self.bank_reads(0, Then::Approves);
                self.look();
            }
            while !self.answers.is_empty() {
                self.bank_is_heard(false);
                self.terminal.run_ledger();
                self.look();
            }
            self.terminal.next_timer();
            self.look();
        }
        self.terminal.run_ledger();
        self.look();
    }

    fn check(mut self) {
        self.calm();
        assert_eq!(self.bank.complaints, [], "sequences are consecutive, and each names the one before");
        assert!(self.sale.is_none(), "the till still waits: {:#?}", self.terminal.events);
        assert_eq!(self.terminal.unresolved_in_book(), 0, "{:#?}", self.terminal.events);
        let taken: BTreeSet<u32> = self.bank.taken.values().copied().collect();
        assert_eq!(taken.len(), self.bank.taken.len(), "one sale is taken once");
        for (number, result) in &self.told {
            match result {
                AuthorisationResult::Approved { .. } => {
                    assert!(taken.contains(number), "{number} is told as approved and not taken");
                }
                AuthorisationResult::Unknown => {}
                other => assert!(!taken.contains(number), "{number} is told as {other:?} and taken"),
            }
        }
        let approved_in_book: BTreeSet<u32> = self.terminal.approved_in_book();
        assert_eq!(taken, approved_in_book);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn the_books_agree_whatever_happens_on_the_way(actions in actions()) {
        let mut world = World::new();
        for action in actions {
            world.act(action);
        }
        world.check();
    }

    #[test]
    fn a_page_that_is_ordered_meanwhile_says_what_the_bank_has_and_is_in_nobodys_way(actions in actions()) {
        let mut world = World::new();
        world.terminal.reconcile_from = Some(1);
        for action in actions {
            world.act(action);
        }
        world.check();
    }
}
