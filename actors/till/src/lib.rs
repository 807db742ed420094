//! The flow: which step of an activation, a sale, a refund or a question is next, and what the merchant is told.
//!
//! A sale, in the stages of [`sale::Stage`]:
//!
//! ```text
//! BeginPurchase ─► ExpectTap ─► (ExpectStanding ─►) (ExpectPin ─►) ExpectBank ─► ExpectReceipt ─► SaleEnded
//! ```
//!
//! As a sale begins the bank is asked what it makes of this device ([`standing`]) and the ledger for room ([`room`]),
//! while the card is waited for; no PIN is asked for before the device may sell and the sale could be kept. A refund
//! is a sale with the supervisor's agreement in place of a PIN. One flow at a time; each has a number of its own, and
//! messages of an ended one are dropped. When an actor has to be restarted in mid-flow the flow still ends clearly:
//! before the bank was asked nothing is charged, after that the host link says from the book what became of it (see
//! [`recovery`]).
#![forbid(unsafe_code)]

mod activation;
mod asking;
mod recovery;
mod room;
mod sale;
mod standing;
mod wording;

use mpos_ports::Entropy;
use mpos_protocol::{
    ActorId, Flow, Moment, Text, actor,
    book::{LedgerOpened, OpenLedger},
    inbox,
    link::{CheckStanding, EnrolmentEnded, NoReply},
    sale::Receipt,
    shell::{FlowTimer, OpenTerminal, Refusal, RequestRefused, SaleEnded, TerminalOpened},
    standing::Opinion,
    supervision::DeliveryFault,
    terminal::TerminalProfile,
};
use mpos_runtime::{Actor, Outbox};
use sale::Sale;

pub(crate) type Out = Outbox<actor::Till>;

const SECOND_MS: u64 = 1_000;

/// The till.
pub struct Till {
    entropy: Box<dyn Entropy>,
    terminal: Terminal,
    activity: Activity,
    bank_address: Text<128>,
    /// The flow begun last.
    flow: Flow,
    /// Tag 9F41 of the next tap.
    next_transaction: u32,
    /// The receipt that is being laid out.
    laid_out: Option<Receipt>,
    /// The end of a sale that was told last, until a flow begins.
    told: Option<SaleEnded>,
    /// What the bank last made of this device, as the shell knows it.
    opinion: Opinion,
    /// The link was told once more in this flow what it seems to have forgotten.
    link_reminded: bool,
    /// Uptime of the message that is being handled.
    uptime_ms: u64,
    /// Uptime at which what is waited for has taken too long.
    limit_ms: u64,
    /// Uptime at which the link is not asked any more what became of the sale.
    give_up_ms: u64,
}

/// What the book says of this terminal.
enum Terminal {
    /// It has not been read.
    Closed,
    /// It could not be read when this till was started anew.
    Lost,
    NotActivated,
    Activated(Box<TerminalProfile>),
    Unusable,
}

/// What is going on.
enum Activity {
    Idle,
    /// The book is being read, at the shell's wish.
    Opening,
    /// Enrolment is under way.
    Activating,
    Sale(Box<Sale>),
    /// The bank is asked something that moves no money.
    Asking,
    /// The shell had no room for the end of the sale: it is told again.
    Telling,
    /// The book is being read again, since it could not be when this till was started anew.
    Reopening,
    /// This till was started anew in the middle of a flow, and asks the link what became of it.
    Recovering(recovery::Step),
}

impl Till {
    /// A till that has not opened its book; `entropy` makes the unpredictable numbers of taps.
    pub fn new(entropy: Box<dyn Entropy>) -> Self {
        Self {
            entropy,
            terminal: Terminal::Closed,
            activity: Activity::Idle,
            bank_address: Text::default(),
            flow: Flow::default(),
            next_transaction: 0,
            laid_out: None,
            told: None,
            opinion: Opinion::default(),
            link_reminded: false,
            uptime_ms: 0,
            limit_ms: 0,
            give_up_ms: 0,
        }
    }

    /// The same, that knows the bank's address before the shell says it: one that is started anew can tell a link that was
    /// started anew too.
    #[must_use]
    pub fn of_bank(self, bank_address: Text<128>) -> Self {
        Self { bank_address, ..self }
    }

    fn profile(&self) -> Option<&TerminalProfile> {
        match &self.terminal {
            Terminal::Activated(profile) => Some(profile),
            _ => None,
        }
    }

    /// A number that no flow of this process had, also when this till was started anew in the middle.
    fn begin_flow(&mut self, now: Moment) -> Flow {
        let clock = u32::try_from(now.uptime_ms & u64::from(u32::MAX)).unwrap_or_default();
        self.flow = Flow(self.flow.0.wrapping_add(1).max(clock));
        self.told = None;
        self.link_reminded = false;
        self.flow
    }

    /// Waits for at most so long; [`second_passed`](Self::second_passed) sees to it.
    fn allow_ms(&mut self, ms: u64) {
        self.limit_ms = self.uptime_ms.saturating_add(ms);
    }

    /// Has the flow in progress looked at again in a second.
    fn tick(&self, outbox: &mut Out) {
        outbox.after_ms(SECOND_MS, FlowTimer { of: self.flow });
    }

    /// A second of the flow in progress went by.
    fn second_passed(&mut self, now: Moment, outbox: &mut Out) {
        self.count_down(now, outbox);
        self.ask_ledger_again(outbox);
        if now.uptime_ms >= self.limit_ms {
            // Whoever was to answer is silent beyond its own limits.
            match &self.activity {
                Activity::Idle | Activity::Opening => {}
                Activity::Activating => self.lost(ActorId::HostLink, Refusal::Interrupted, outbox),
                Activity::Sale(_) => self.sale_took_too_long(outbox),
                Activity::Reopening => self.activity = Activity::Idle,
                Activity::Asking => self.bank_replied(Err(NoReply::NoAnswer), outbox),
                Activity::Telling => self.tell_again(outbox),
                Activity::Recovering(_) => self.recovery_took_too_long(outbox),
            }
        }
        if !matches!(self.activity, Activity::Idle | Activity::Opening) {
            self.tick(outbox);
        }
    }

    fn open(&mut self, open: OpenTerminal, outbox: &mut Out) {
        self.bank_address = open.bank_address;
        if matches!(self.activity, Activity::Idle) {
            self.activity = Activity::Opening;
            outbox.send(OpenLedger);
        } else {
            refuse(Refusal::Busy, outbox);
        }
    }

    fn ledger_opened(&mut self, opened: LedgerOpened, outbox: &mut Out) {
        let answer = match opened {
            LedgerOpened::Open { profile, unresolved: _, next_transaction } => {
                self.next_transaction = next_transaction;
                self.configure(profile, outbox)
            }
            LedgerOpened::Failed(fault) => {
                self.terminal = Terminal::Unusable;
                TerminalOpened::Unusable { fault, reason: wording::unusable(fault) }
            }
        };
        match self.activity {
            Activity::Opening => {
                self.activity = Activity::Idle;
                let is_activated = matches!(answer, TerminalOpened::Activated { .. });
                outbox.send(answer);
                if is_activated {
                    outbox.send_in(Flow::default(), CheckStanding);
                }
            }
            Activity::Recovering(_) => self.book_is_read(outbox),
            Activity::Reopening => self.activity = Activity::Idle,
            _ => {}
        }
    }

    /// Hands kernel and link what enrolment gave.
    fn configure(&mut self, profile: Option<TerminalProfile>, outbox: &mut Out) -> TerminalOpened {
        let (terminal, opened) = match profile {
            None => (Terminal::NotActivated, TerminalOpened::NotActivated),
            Some(profile) => {
                let (terminal, merchant) = (profile.terminal, profile.merchant.clone());
                (Terminal::Activated(Box::new(profile)), TerminalOpened::Activated { terminal, merchant })
            }
        };
        self.terminal = terminal;
        // Without an address the link keeps the one that it has.
        if !self.bank_address.is_empty() {
            self.configure_link(outbox);
        }
        self.configure_kernel(outbox);
        opened
    }

    /// Whether `flow` is the one in progress.
    fn is_current(&self, flow: Flow) -> bool {
        flow == self.flow
    }

    /// Whether a message that was lost in `flow` may be about the one in progress: what the edges send belongs to no
    /// flow, nor does what is sent because of it.
    fn may_concern(&self, flow: Flow) -> bool {
        self.is_current(flow) || flow == Flow::default()
    }
}

fn refuse(refusal: Refusal, outbox: &mut Out) {
    outbox.send(RequestRefused { refusal, reason: wording::refusal(refusal) });
}

impl Actor for Till {
    type Name = actor::Till;

    fn handle(&mut self, now: Moment, flow: Flow, message: inbox::Till, outbox: &mut Out) {
        use inbox::Till as In;
        self.uptime_ms = now.uptime_ms;
        match message {
            In::OpenTerminal(open) => self.open(open, outbox),
            In::Activate(activate) => self.begin_activation(now, activate, outbox),
            In::BeginPurchase(purchase) => self.begin_purchase(now, purchase, outbox),
            In::BeginRefund(refund) => self.begin_refund(now, refund, outbox),
            In::AskBank(ask) => self.ask_the_bank(now, ask, outbox),
            In::CancelFlow(_) => self.cancel(outbox),
            // Whatever was given up meanwhile: the terminal is the bank's.
            In::EnrolmentEnded(EnrolmentEnded::Enrolled(profile)) => self.enrolled(profile, outbox),
            In::LedgerOpened(opened) => self.ledger_opened(opened, outbox),
            In::StandingTold(told) => self.standing_told(flow, told.result, outbox),
            In::ProfileRenewed(renewed) => self.terminal = Terminal::Activated(Box::new(renewed.profile)),
            In::ActorRestarted(restarted) => self.actor_restarted(flow, restarted.who, outbox),
            In::DeliveryFailed(failed) => self.delivery_failed(flow, &failed, outbox),
            In::FlowTimer(FlowTimer { of }) if self.is_current(of) => self.second_passed(now, outbox),
            // What follows belongs to one flow, and is dropped when that has ended.
            In::AuthorisationEnded(ended) if matches!(self.activity, Activity::Recovering(_)) => {
                self.recovered(ended, outbox);
            }
            _ if !self.is_current(flow) => {}
            In::EnrolmentEnded(EnrolmentEnded::Failed(fault)) => self.enrolment_failed(fault, outbox),
            In::RoomMade(made) => self.room_made(made, outbox),
            In::TapProgress(progress) => self.tap_progress(progress.message, outbox),
            In::TapEnded(ended) => self.tap_ended(ended.outcome, outbox),
            In::PinReady(ready) => self.pin_ready(ready.block, outbox),
            In::PinFailed(failed) => self.pin_failed(failed.fault, outbox),
            In::LinkProgress(progress) => self.link_progress(progress, outbox),
            In::AuthorisationEnded(ended) => self.authorisation_ended(&ended, outbox),
            In::BankReplied(replied) => self.bank_replied(replied.result, outbox),
            In::ReceiptMade(made) => self.receipt_made(made, outbox),
            In::FlowTimer(_) => {}
        }
    }

    fn undelivered(
        &mut self,
        now: Moment,
        flow: Flow,
        to: ActorId,
        message: &'static str,
        cause: DeliveryFault,
        outbox: &mut Out,
    ) {
        self.uptime_ms = now.uptime_ms;
        if self.may_concern(flow) {
            self.not_delivered(to, message, cause, outbox);
        }
    }
}
