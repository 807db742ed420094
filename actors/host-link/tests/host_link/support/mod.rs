//! A terminal around the link: the real ledger over a file in memory, a till that listens, a line that keeps what
//! it is told. A test plays the network and the bank.

pub(crate) mod bank;
pub(crate) mod ports;

use bank::terminal_profile;
use mpos_host_link::HostLink;
use mpos_ledger::{BookFiles, Entry, Ledger, salvage::salvage};
use mpos_ports::AppendFile;
use mpos_protocol::{
    Amount, Bytes, Flow, Moment, Sealed, Text, actor,
    book::{
        OpenLedger, ReadChain, RecordAnswer, RecordEnrolment, RecordRequest, RecordedOutcome, RequestSubject,
        StoreFault,
    },
    card::{CardAuthorisation, CardScheme, CardSummary, Cvm, MaskedPan, TransactionKind},
    frame::FRAME_BYTES_MAX,
    inbox,
    link::{
        AuthorisationEnded, AuthorisationResult, Authorise, CheckStanding, ConfigureLink, LineClosed,
        LineFault, LineOpened, LineReceived, LinkTimer, ResumeLink,
    },
    supervision::DeliveryFault,
    terminal::Device,
};
use mpos_runtime::{Sent, Step, step, step_undelivered};
use ports::{Counter, FakeKeys, FakeWatch, LineCommand, LineLog, MemoryFile};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

/// A Tuesday in November 2026.
pub(crate) const START_UNIX_MS: u64 = 1_795_500_000_000;

/// What happened, in order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    Line(LineCommand),
    /// The network's side of the line ended.
    LineLost,
    Till(Flow, inbox::Till),
    /// Handed to the ledger, not yet handled.
    ToLedger(inbox::Ledger),
    /// The ledger's word, as the link got it.
    FromLedger(inbox::HostLink),
}

pub(crate) struct Terminal {
    pub(crate) link: HostLink,
    ledger: Ledger,
    pub(crate) file: MemoryFile,
    pub(crate) keys: Arc<FakeKeys>,
    line: LineLog,
    pub(crate) events: Vec<Event>,
    /// What waits in the ledger's mailbox.
    pub(crate) to_ledger: VecDeque<Sent>,
    pub(crate) timers: Vec<(u64, u32, Flow)>,
    pub(crate) uptime_ms: u64,
    pub(crate) ledger_full: bool,
    /// The bank vouches for this device as soon as it reports, unseen by the test; false when a test plays that.
    pub(crate) is_vouched_for: bool,
    /// From where on the bank that vouches wants to hear of the book.
    pub(crate) reconcile_from: Option<u64>,
    /// The row for which the till never has room.
    pub(crate) till_loses: Option<&'static str>,
}

impl Terminal {
    /// Enrolled, configured, and idle.
    pub(crate) fn enrolled() -> Self {
        let mut terminal = Self::new();
        terminal.ask_ledger(inbox::Ledger::RecordEnrolment(RecordEnrolment { profile: terminal_profile() }));
        terminal.ask_ledger(inbox::Ledger::OpenLedger(OpenLedger));
        terminal.configure();
        terminal.events.clear();
        terminal
    }

    /// Not enrolled, without an address.
    pub(crate) fn new() -> Self {
        let (file, keys, line) = (MemoryFile::default(), Arc::new(FakeKeys::default()), LineLog::default());
        let journal = file.clone();
        let open = move || Ok(BookFiles { journal: Box::new(journal.clone()), index: None });
        Self {
            link: new_link(&keys, &line, 0),
            ledger: Ledger::new(Box::new(open)),
            file,
            keys,
            line,
            events: Vec::new(),
            to_ledger: VecDeque::new(),
            timers: Vec::new(),
            uptime_ms: 0,
            ledger_full: false,
            is_vouched_for: true,
            reconcile_from: None,
            till_loses: None,
        }
    }

    pub(crate) fn configure(&mut self) {
        self.tell(inbox::HostLink::ConfigureLink(ConfigureLink {
            bank_address: Text::clipped("bank.test:8443"),
            profile: Some(terminal_profile()),
        }));
    }

    /// The link panicked: a new one, the till's words to it, and no timer of the old one.
    pub(crate) fn restart_link(&mut self, seed: u8) {
        self.link = new_link(&self.keys, &self.line, seed);
        self.timers.clear();
        self.configure();
    }

    pub(crate) fn now(&self) -> Moment {
        Moment { unix_ms: START_UNIX_MS + self.uptime_ms, utc_offset_s: 3600, uptime_ms: self.uptime_ms }
    }

    pub(crate) fn tell(&mut self, message: inbox::HostLink) {
        self.tell_in(Flow::default(), message);
    }

    pub(crate) fn tell_in(&mut self, flow: Flow, message: inbox::HostLink) {
        let now = self.now();
        let step = step(&mut self.link, now, flow, message);
        self.take(step);
    }

    fn take(&mut self, step: Step) {
        let commands = std::mem::take(&mut *self.line.0.lock().unwrap());
        let mut vouched = None;
        for command in commands {
            match &command {
                LineCommand::Send(line, bytes) if self.is_vouched_for && bank::is_report(bytes) => {
                    vouched = Some((*line, bank::vouched(bytes, self.reconcile_from)));
                }
                _ => self.events.push(Event::Line(command)),
            }
        }
        for timer in step.timers {
            let inbox::HostLink::LinkTimer(LinkTimer { wait }) =
                timer.message.decode::<actor::HostLink>().unwrap()
            else {
                panic!("the link set a timer that is none");
            };
            // The wait for a report's answer is over at once.
            if vouched.is_none() {
                self.timers.push((self.uptime_ms + timer.delay_ms, wait, timer.message.flow()));
            }
        }
        let mut undelivered = Vec::new();
        for sent in step.sent {
            assert!(sent.frame().len() <= FRAME_BYTES_MAX);
            match sent.to() {
                mpos_protocol::ActorId::Ledger if self.ledger_full => undelivered.push(sent),
                mpos_protocol::ActorId::Till if self.till_loses == Some(sent.name()) => {
                    undelivered.push(sent)
                }
                mpos_protocol::ActorId::Ledger => {
                    self.events.push(Event::ToLedger(sent.decode::<actor::Ledger>().unwrap()));
                    self.to_ledger.push_back(sent);
                }
                _ => self.events.push(Event::Till(sent.flow(), sent.decode::<actor::Till>().unwrap())),
            }
        }
        for sent in undelivered {
            let now = self.now();
            let step = step_undelivered(&mut self.link, now, &sent, DeliveryFault::Full);
            self.take(step);
        }
        if let Some((line, answer)) = vouched {
            self.receive_on(line, &answer);
        }
    }

    /// The ledger handles what waits in its mailbox, and the link hears of it.
    pub(crate) fn run_ledger(&mut self) {
        while self.step_ledger() {}
    }

    pub(crate) fn step_ledger(&mut self) -> bool {
        let Some(sent) = self.to_ledger.pop_front() else { return false };
        self.ask_ledger_in(sent.flow(), sent.decode::<actor::Ledger>().unwrap());
        true
    }

    pub(crate) fn ask_ledger(&mut self, message: inbox::Ledger) {
        self.ask_ledger_in(Flow::default(), message);
    }

    fn ask_ledger_in(&mut self, flow: Flow, message: inbox::Ledger) {
        let now = self.now();
        for sent in step(&mut self.ledger, now, flow, message).sent {
            if sent.to() == mpos_protocol::ActorId::HostLink {
                let message = sent.decode::<actor::HostLink>().unwrap();
                self.events.push(Event::FromLedger(message.clone()));
                self.tell_in(sent.flow(), message);
            }
        }
    }

    /// The ledger keeps it, and the link hears that it did not.
    pub(crate) fn keep_and_fail(&mut self, message: inbox::Ledger) {
        step(&mut self.ledger, Moment::default(), Flow::default(), message);
        let fault = StoreFault::Unreadable;
        self.tell(inbox::HostLink::RecordingFailed(mpos_protocol::book::RecordingFailed { fault }));
    }

    /// How many requests the book holds without an answer.
    pub(crate) fn unresolved_in_book(&mut self) -> usize {
        let read = inbox::Ledger::ReadChain(ReadChain);
        let sent = step(&mut self.ledger, Moment::default(), Flow::default(), read).sent;
        match sent[0].decode::<actor::HostLink>().unwrap() {
            inbox::HostLink::ChainRestored(chain) => chain.unresolved.len(),
            other => panic!("{other:?}"),
        }
    }

    /// The transaction numbers of the sales that the journal says were approved.
    pub(crate) fn approved_in_book(&mut self) -> BTreeSet<u32> {
        let journal = self.file.read_all().unwrap();
        let (mut asked, mut approved) = (BTreeMap::new(), BTreeSet::new());
        for (_, entry) in salvage(&journal).entries {
            match entry {
                Entry::Request(RecordRequest { sequence, subject: RequestSubject::Sale(record), .. }) => {
                    asked.insert(sequence, record.transaction_number);
                }
                Entry::Answer(RecordAnswer {
                    sequence, outcome: RecordedOutcome::Approved { .. }, ..
                }) => {
                    approved.insert(asked[&sequence]);
                }
                _ => {}
            }
        }
        approved
    }

    /// What waits in the ledger's mailbox is lost, and this is what the link hears instead.
    pub(crate) fn fail_ledger(&mut self, fault: StoreFault) {
        self.to_ledger.clear();
        self.tell(inbox::HostLink::RecordingFailed(mpos_protocol::book::RecordingFailed { fault }));
    }

    /// Lets time pass up to the next timer, hands it back, and says how long it took; `None` when there is none.
    pub(crate) fn next_timer(&mut self) -> Option<u64> {
        let place = (0..self.timers.len()).min_by_key(|place| self.timers[*place].0)?;
        let (due, wait, flow) = self.timers.remove(place);
        let waited = due.saturating_sub(self.uptime_ms);
        self.uptime_ms += waited;
        self.tell_in(flow, inbox::HostLink::LinkTimer(LinkTimer { wait }));
        Some(waited)
    }

    /// Runs timers, and the ledger after each, until `done`.
    pub(crate) fn wait_until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        for _ in 0..200 {
            if done(self) {
                return;
            }
            self.next_timer();
            self.run_ledger();
        }
        panic!("no {what} after {} ms: {:#?}", self.uptime_ms, self.events);
    }

    // ---- The network.

    /// The line opened last.
    pub(crate) fn line(&self) -> u32 {
        let opened = |event: &Event| match event {
            Event::Line(LineCommand::Open(line, _)) => Some(*line),
            _ => None,
        };
        self.events.iter().rev().find_map(opened).expect("a line was opened")
    }

    /// Whether the line opened last was closed by neither side since.
    pub(crate) fn has_line(&self) -> bool {
        let newest = |event: &&Event| {
            matches!(event, Event::LineLost | Event::Line(LineCommand::Open(..) | LineCommand::Close(_)))
        };
        let newest = self.events.iter().rev().find(newest);
        matches!(newest, Some(Event::Line(LineCommand::Open(..))))
    }

    pub(crate) fn open_line(&mut self) {
        let line = self.line();
        self.tell(inbox::HostLink::LineOpened(LineOpened { line }));
    }

    pub(crate) fn close_line(&mut self, fault: LineFault) {
        let line = self.line();
        self.events.push(Event::LineLost);
        self.tell(inbox::HostLink::LineClosed(LineClosed { line, fault }));
    }

    pub(crate) fn receive(&mut self, bytes: &[u8]) {
        let line = self.line();
        self.receive_on(line, bytes);
    }

    pub(crate) fn receive_on(&mut self, line: u32, bytes: &[u8]) {
        let bytes = Sealed::new(bytes).unwrap();
        self.tell(inbox::HostLink::LineReceived(LineReceived { line, bytes }));
    }

    /// Everything that was sent on any line, without its length prefix.
    pub(crate) fn sent(&self) -> Vec<Vec<u8>> {
        let message = |event: &Event| match event {
            Event::Line(LineCommand::Send(_, bytes)) => Some(bank::unframed(bytes)),
            _ => None,
        };
        self.events.iter().filter_map(message).collect()
    }

    // ---- The till.

    pub(crate) fn authorise(&mut self, number: u32) -> Flow {
        let flow = Flow(100 + number);
        self.tell_in(flow, inbox::HostLink::Authorise(authorise(number)));
        flow
    }

    /// The till wants the bank's word; it is given where the bank vouches for the device.
    pub(crate) fn check_standing(&mut self, flow: Flow) {
        self.tell_in(flow, inbox::HostLink::CheckStanding(CheckStanding));
        self.run_ledger();
        if self.has_line() {
            self.open_line();
        }
    }

    pub(crate) fn resume(&mut self, flow: Flow, transaction_number: Option<u32>) {
        self.tell_in(flow, inbox::HostLink::ResumeLink(ResumeLink { transaction_number }));
    }

    /// A sale up to its request on the line: asked, connected, recorded, sent.
    pub(crate) fn sale_on_the_line(&mut self, number: u32) -> Flow {
        let sent = self.sent().len();
        let flow = self.authorise(number);
        self.run_ledger();
        if self.sent().len() == sent {
            self.open_line();
            self.run_ledger();
        }
        flow
    }

    /// Every end of an authorisation that was told, oldest first.
    pub(crate) fn ended(&self) -> Vec<(Flow, AuthorisationEnded)> {
        let ended = |event: &Event| match event {
            Event::Till(flow, inbox::Till::AuthorisationEnded(ended)) => Some((*flow, ended.clone())),
            _ => None,
        };
        self.events.iter().filter_map(ended).collect()
    }

    /// The one end that was told, which must be in `flow`.
    pub(crate) fn only_end(&self, flow: Flow) -> AuthorisationResult {
        let ended = self.ended();
        assert_eq!(ended.len(), 1, "{:#?}", self.events);
        assert_eq!(ended[0].0, flow);
        ended[0].1.result.clone()
    }

    pub(crate) fn results(&self) -> Vec<AuthorisationResult> {
        self.ended().into_iter().map(|(_, ended)| ended.result).collect()
    }

    /// The place of the first such event.
    pub(crate) fn place(&self, what: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().position(what).expect("it happened")
    }
}

fn new_link(keys: &Arc<FakeKeys>, line: &LineLog, seed: u8) -> HostLink {
    HostLink::new(
        keys.clone(),
        Box::new(Counter(seed)),
        Box::new(line.clone()),
        device(),
        Box::new(FakeWatch),
    )
}

pub(crate) fn device() -> Device {
    Device {
        model: Text::clipped("Test model"),
        system: Text::clipped("Test system"),
        software: Text::clipped("0"),
    }
}

pub(crate) fn authorise(number: u32) -> Authorise {
    Authorise {
        kind: TransactionKind::Purchase,
        amount: Amount::from_minor(u64::from(number) * 100).unwrap(),
        currency: mpos_protocol::Currency::Eur,
        at: Moment { unix_ms: START_UNIX_MS, utc_offset_s: 3600, uptime_ms: 1 },
        transaction_number: number,
        card: CardAuthorisation {
            card: CardSummary {
                pan: MaskedPan(36),
                scheme: CardScheme::Mastercard,
                aid: Bytes::new(&[0xA0, 0, 0, 0, 4, 0x10, 0x10]).unwrap(),
                label: Text::clipped("Mastercard"),
            },
            cvm: Cvm::None,
            tvr: [0; 5],
            de55: Bytes::new(&[0x9F, 0x26, 1, 7]).unwrap(),
            card_data: Default::default(),
        },
        pin: None,
        refund: None,
    }
}
