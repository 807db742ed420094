//! A till between the other actors, which are played by the test.

use mpos_ports::Entropy;
use mpos_protocol::{
    ActorId, Amount, Bytes, Currency, Flow, Message, Moment, Text, actor,
    book::{LedgerOpened, MakeRoom, RoomMade, SaleRecord, StoreFault},
    card::{
        CardAuthorisation, CardScheme, CardSummary, Cvm, MaskedPan, TapOutcome, TransactionKind,
        messages::TapEnded,
    },
    inbox,
    link::{AuthorisationEnded, AuthorisationResult, CheckStanding, StandingTold},
    sale::{Receipt, ReceiptCard, ReceiptNumber, messages::ReceiptMade},
    shell::{
        ActivationEnded, BeginPurchase, FlowTimer, OpenTerminal, RequestRefused, SaleEnded, SaleProgress,
    },
    standing::{BanksWord, Opinion},
    supervision::{ActorRestarted, DeliveryFailed, DeliveryFault},
    terminal::{Merchant, TerminalId, TerminalProfile},
};
use mpos_runtime::{Sent, Step, step, step_undelivered};
use mpos_till::Till;

pub(crate) const SALE_MAX: u64 = 50_000;
/// 2026-11-24 07:00 UTC.
const START_UNIX_MS: u64 = 1_795_503_600_000;

struct Counter(u8);

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }
}

pub(crate) struct Counterpart {
    pub(crate) till: Till,
    pub(crate) sent: Vec<Sent>,
    /// When the next timer is due, and its message.
    timers: Vec<(u64, Sent)>,
    pub(crate) uptime_ms: u64,
    /// The flow of what the till sent to other actors last.
    pub(crate) flow: Flow,
    /// What the bank makes of this device, told as soon as it is asked; none when a test tells it.
    pub(crate) opinion: Option<Opinion>,
    /// What the ledger says of room, as soon as it is asked; none when a test tells it.
    pub(crate) room: Option<Result<(), StoreFault>>,
    /// Whose mailbox is full.
    pub(crate) full: Option<(ActorId, DeliveryFault)>,
}

impl Counterpart {
    pub(crate) fn new() -> Self {
        Self {
            till: Till::new(Box::new(Counter(0))),
            sent: Vec::new(),
            timers: Vec::new(),
            uptime_ms: 1_000,
            flow: Flow::default(),
            opinion: Some(Opinion::default()),
            room: Some(Ok(())),
            full: None,
        }
    }

    /// Activated and idle; the next transaction is number 7.
    pub(crate) fn activated() -> Self {
        let mut world = Self::new();
        world.open();
        world.opened(Some(profile()));
        world.sent.clear();
        world
    }

    pub(crate) fn open(&mut self) {
        let bank_address = Text::clipped("bank.test:8443");
        self.tell_in(Flow::default(), inbox::Till::OpenTerminal(OpenTerminal { bank_address }));
    }

    pub(crate) fn opened(&mut self, profile: Option<TerminalProfile>) {
        let opened = LedgerOpened::Open { profile, unresolved: 0, next_transaction: 7 };
        self.tell(inbox::Till::LedgerOpened(opened));
    }

    pub(crate) fn begin(&mut self, minor: u64) {
        let amount = Amount::from_minor(minor).unwrap();
        self.tell_in(Flow::default(), inbox::Till::BeginPurchase(BeginPurchase { amount }));
    }

    /// In the flow that is in progress.
    pub(crate) fn tell(&mut self, message: inbox::Till) {
        self.tell_in(self.flow, message);
    }

    pub(crate) fn tell_in(&mut self, flow: Flow, message: inbox::Till) {
        let now = self.now();
        let step = step(&mut self.till, now, flow, message);
        self.take(step);
    }

    pub(crate) fn now(&self) -> Moment {
        Moment { unix_ms: START_UNIX_MS + self.uptime_ms, utc_offset_s: 3600, uptime_ms: self.uptime_ms }
    }

    fn take(&mut self, step: Step) {
        for timer in step.timers {
            self.timers.push((self.uptime_ms + timer.delay_ms, timer.message));
        }
        let (mut undelivered, mut asked) = (Vec::new(), Vec::new());
        for sent in step.sent {
            let answer = self.answer_at_once(&sent);
            if let Some(answer) = answer {
                if sent.flow() != Flow::default() {
                    self.flow = sent.flow();
                }
                asked.push((sent.flow(), answer));
                continue;
            }
            if let Some((to, cause)) = self.full
                && to == sent.to()
            {
                undelivered.push((sent, cause));
                continue;
            }
            if sent.flow() != Flow::default() {
                self.flow = sent.flow();
            }
            self.sent.push(sent);
        }
        for (sent, cause) in undelivered {
            self.flow = sent.flow();
            let now = self.now();
            let step = step_undelivered(&mut self.till, now, &sent, cause);
            // As the runtime does: what is lost again is told as a message.
            let full = self.full.take();
            self.take(step);
            self.full = full;
        }
        for (flow, answer) in asked {
            self.tell_in(flow, answer);
        }
    }

    /// What the bank and the ledger say by themselves.
    fn answer_at_once(&self, sent: &Sent) -> Option<inbox::Till> {
        if sent.name() == CheckStanding::NAME {
            let result = Ok(BanksWord { opinion: self.opinion.clone()?, ..BanksWord::default() });
            return Some(inbox::Till::StandingTold(StandingTold { result }));
        }
        if sent.name() == MakeRoom::NAME {
            return Some(inbox::Till::RoomMade(RoomMade { result: self.room? }));
        }
        None
    }

    /// One timer; `false` when there is none.
    pub(crate) fn next_timer(&mut self) -> bool {
        let Some(place) = (0..self.timers.len()).min_by_key(|place| self.timers[*place].0) else {
            return false;
        };
        let (due, timer) = self.timers.remove(place);
        self.uptime_ms = self.uptime_ms.max(due);
        let message = timer.decode::<actor::Till>().unwrap();
        assert!(matches!(message, inbox::Till::FlowTimer(FlowTimer { .. })));
        self.tell_in(timer.flow(), message);
        true
    }

    pub(crate) fn wait_ms(&mut self, ms: u64) {
        let until = self.uptime_ms + ms;
        while self.timers.iter().any(|(due, _)| *due <= until) {
            self.next_timer();
        }
        self.uptime_ms = until;
    }

    /// The till panicked over a message of `flow`, and is a new one.
    pub(crate) fn restart_till(&mut self, flow: Flow) {
        self.till = Till::new(Box::new(Counter(9)));
        self.timers.clear();
        self.tell_in(flow, inbox::Till::ActorRestarted(ActorRestarted { who: ActorId::Till }));
    }

    /// `who` panicked over a message that belonged to no flow.
    pub(crate) fn restarted(&mut self, who: ActorId) {
        self.tell_in(Flow::default(), inbox::Till::ActorRestarted(ActorRestarted { who }));
    }

    pub(crate) fn not_delivered(&mut self, flow: Flow, from: ActorId, to: ActorId) {
        let message = Text::clipped("Anything");
        let failed = DeliveryFailed { from, to, message, cause: DeliveryFault::Full };
        self.tell_in(flow, inbox::Till::DeliveryFailed(failed));
    }

    // ---- The other actors' words.

    pub(crate) fn tap_ends(&mut self, outcome: TapOutcome) {
        self.tell(inbox::Till::TapEnded(TapEnded { outcome }));
    }

    /// A card that needs no PIN, or one that does, goes online.
    pub(crate) fn card_goes_online(&mut self, cvm: Cvm) {
        self.tap_ends(TapOutcome::OnlineRequest(authorisation(cvm)));
    }

    pub(crate) fn bank_says(&mut self, result: AuthorisationResult) {
        let ended = AuthorisationEnded { record: Some(record()), result };
        self.tell(inbox::Till::AuthorisationEnded(ended));
    }

    /// The receipt sender does what was asked of it last.
    pub(crate) fn receipt_is_made(&mut self) {
        let receipt = self.asked_receipts().pop().expect("a receipt was asked for");
        let asked = self.sent.iter().rev().find(|sent| sent.to() == ActorId::ReceiptSender);
        let flow = asked.map(Sent::flow).unwrap_or_default();
        self.tell_in(flow, inbox::Till::ReceiptMade(ReceiptMade { receipt, text: Text::clipped("printed") }));
    }

    // ---- What the till sent.

    pub(crate) fn names_to(&self, to: ActorId) -> Vec<&'static str> {
        self.sent.iter().filter(|sent| sent.to() == to).map(Sent::name).collect()
    }

    fn to_shell(&self) -> impl Iterator<Item = inbox::Shell> {
        let to_shell = self.sent.iter().filter(|sent| sent.to() == ActorId::Shell);
        to_shell.map(|sent| sent.decode::<actor::Shell>().unwrap())
    }

    pub(crate) fn ended(&self) -> Vec<SaleEnded> {
        let ended = |message| if let inbox::Shell::SaleEnded(ended) = message { Some(ended) } else { None };
        self.to_shell().filter_map(ended).collect()
    }

    pub(crate) fn progress(&self) -> Vec<SaleProgress> {
        let progress =
            |message| if let inbox::Shell::SaleProgress(progress) = message { Some(progress) } else { None };
        self.to_shell().filter_map(progress).collect()
    }

    pub(crate) fn refused(&self) -> Vec<RequestRefused> {
        let refused =
            |message| if let inbox::Shell::RequestRefused(refused) = message { Some(refused) } else { None };
        self.to_shell().filter_map(refused).collect()
    }

    pub(crate) fn activation(&self) -> Vec<ActivationEnded> {
        let ended =
            |message| if let inbox::Shell::ActivationEnded(ended) = message { Some(ended) } else { None };
        self.to_shell().filter_map(ended).collect()
    }

    pub(crate) fn shell(&self) -> Vec<inbox::Shell> {
        self.to_shell().collect()
    }

    pub(crate) fn link(&self) -> Vec<inbox::HostLink> {
        let to_link = self.sent.iter().filter(|sent| sent.to() == ActorId::HostLink);
        to_link.map(|sent| sent.decode::<actor::HostLink>().unwrap()).collect()
    }

    pub(crate) fn kernel(&self) -> Vec<inbox::EmvKernel> {
        let to_kernel = self.sent.iter().filter(|sent| sent.to() == ActorId::EmvKernel);
        to_kernel.map(|sent| sent.decode::<actor::EmvKernel>().unwrap()).collect()
    }

    pub(crate) fn asked_receipts(&self) -> Vec<Receipt> {
        let asked = self.sent.iter().filter(|sent| sent.to() == ActorId::ReceiptSender);
        let receipt = |sent: &Sent| {
            let inbox::ReceiptSender::MakeReceipt(make) = sent.decode::<actor::ReceiptSender>().unwrap();
            make.receipt
        };
        asked.map(receipt).collect()
    }
}

pub(crate) fn profile() -> TerminalProfile {
    TerminalProfile {
        terminal: TerminalId(16),
        bank: Text::clipped("ProCredit Bank"),
        merchant: Merchant { name: Text::clipped("Shop"), address: Text::clipped("Street") },
        currency: Currency::Eur,
        sale_max: Amount::from_minor(SALE_MAX).unwrap(),
        certificates: Default::default(),
        bank_signing_key: Bytes::default(),
        emv_settings: Bytes::new(&[1, 2, 3]).unwrap(),
    }
}

pub(crate) fn authorisation(cvm: Cvm) -> CardAuthorisation {
    CardAuthorisation {
        card: CardSummary {
            pan: MaskedPan(36),
            scheme: CardScheme::Mastercard,
            aid: Bytes::new(&[0xA0, 0, 0, 0, 4, 0x10, 0x10]).unwrap(),
            label: Text::clipped("Mastercard"),
        },
        cvm,
        ..CardAuthorisation::default()
    }
}

/// The sale as the book has it.
pub(crate) fn record() -> SaleRecord {
    SaleRecord {
        receipt: ReceiptNumber(3),
        kind: TransactionKind::Purchase,
        amount: Amount::from_minor(123).unwrap(),
        currency: Currency::Eur,
        at: Moment { unix_ms: START_UNIX_MS, utc_offset_s: 3600, uptime_ms: 0 },
        transaction_number: 7,
        card: ReceiptCard {
            pan: MaskedPan(36),
            scheme: CardScheme::Mastercard,
            aid: Bytes::new(&[0xA0, 0, 0, 0, 4, 0x10, 0x10]).unwrap(),
            cvm: Cvm::None,
        },
        refund_of: None,
    }
}

pub(crate) fn approved() -> AuthorisationResult {
    AuthorisationResult::Approved {
        reference: Text::clipped("4864FC149502"),
        auth_code: Text::clipped("252095"),
    }
}
