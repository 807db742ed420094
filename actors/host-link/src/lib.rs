//! Signed messages to the bank. Nothing leaves before the ledger holds it, and nothing is reported before the
//! ledger holds the answer.
//!
//! One request is under way at a time. Its life, in the states of [`State`]:
//!
//! ```text
//! Authorise ─► ExpectLine ─► ExpectRequestRecorded ─► ExpectAnswer ─► ExpectAnswerRecorded ─► AuthorisationEnded
//!                  │ no line: nothing was asked            │ no answer
//!                  ▼                                       ▼
//!               NotSent                  the same bytes again, on a new line, for REPEAT_WINDOW_MS;
//!                                        then a reversal, recorded and sent in the same way, until it is answered
//! ```
//!
//! What moves no money ([`admin`], [`duties`]) goes when none of this is under way, and is neither recorded nor repeated.
//! A sale is recorded only with the bank's fresh word that this device may sell.
//!
//! A repeat is safe because the bank answers the same terminal and sequence with the stored answer; a reversal is
//! safe because it may come in the place of the request it names (see `ReverseRequest`).
#![forbid(unsafe_code)]

mod admin;
mod chain;
mod duties;
mod enrolment;
mod envelope;
mod exchange;
mod line;
mod reconcile;
mod recording;
mod resume;
mod sale_message;
mod timing;

use admin::Admin;
use chain::Chain;
use duties::{Duties, Duty};
use enrolment::Enrolment;
use exchange::{Exchange, SaleInHand};
use line::Line;
use mpos_ports::{BankLine, DeviceWatch, Entropy, KeyStore};
use mpos_protocol::{
    ActorId, Flow, Message, Moment, Sends, actor, inbox,
    link::{
        AuthorisationEnded, AuthorisationResult, ConfigureLink, EnrolmentFault, LinkProgress, LinkTimer,
        NotSent,
    },
    reconcile::messages::ReadTransactions,
    signed::Hash,
    supervision::DeliveryFault,
    terminal::{Device, TerminalProfile},
};
use mpos_runtime::{Actor, Outbox};
use std::sync::Arc;

pub(crate) type Out = Outbox<actor::HostLink>;

/// The link.
pub struct HostLink {
    keys: Arc<dyn KeyStore>,
    entropy: Box<dyn Entropy>,
    device: Device,
    watch: Box<dyn DeviceWatch>,
    line: Line,
    config: Option<ConfigureLink>,
    chain: Option<Chain>,
    state: State,
    /// The sale that the till waits for.
    sale: Option<SaleInHand>,
    /// The newest recorded request without a recorded answer.
    pending: Option<Exchange>,
    /// A till that asks what became of its sale, once the chain has been read.
    resuming: Option<resume::Resuming>,
    /// The administrative request that the till waits for.
    admin: Option<Admin>,
    /// What the bank is owed besides.
    duties: Duties,
    /// What was told last, for a till that panicked while it heard it.
    last_report: Option<(Flow, AuthorisationEnded)>,
    /// Counts waits, so that the timer of an earlier one is told by its number.
    wait: u32,
    /// Tries in the background since a request was asked or answered: each pause is longer than the one before.
    retries: u32,
}

/// What is waited for.
enum State {
    Idle,
    /// The ledger's word on where the chain stands.
    ExpectChain,
    /// A connection.
    ExpectLine,
    /// That this request is durable.
    ExpectRequestRecorded(Box<Exchange>),
    /// The bank's answer to the pending request.
    ExpectAnswer,
    /// That the answer is durable; then this is reported.
    ExpectAnswerRecorded(AuthorisationResult),
    /// The bank's answer to the administrative request.
    ExpectAdminAnswer,
    /// The bank's answer to a report or a renewal, whose content has this hash.
    ExpectDutyAnswer(Duty, Hash),
    /// A page of transactions from the ledger, for the bank to compare.
    ExpectTransactions,
    /// That the profile with a new certificate is durable.
    ExpectProfileRecorded(Box<TerminalProfile>),
    /// The time for the next try.
    ExpectRetry,
    /// Enrolment, which has states of its own.
    Enrolling(Box<Enrolment>),
}

impl HostLink {
    /// A link without an address yet; `device` is what the bank's staff sees of it, `watch` what it is asked about
    /// before each sale.
    pub fn new(
        keys: Arc<dyn KeyStore>,
        mut entropy: Box<dyn Entropy>,
        line: Box<dyn BankLine>,
        device: Device,
        watch: Box<dyn DeviceWatch>,
    ) -> Self {
        let mut first_line = [0; 4];
        entropy.fill(&mut first_line);
        Self {
            keys,
            entropy,
            device,
            watch,
            line: Line::new(line, u32::from_le_bytes(first_line)),
            config: None,
            chain: None,
            state: State::Idle,
            sale: None,
            pending: None,
            resuming: None,
            admin: None,
            duties: Duties::default(),
            last_report: None,
            wait: 0,
            retries: 0,
        }
    }

    fn profile(&self) -> Option<&TerminalProfile> {
        self.config.as_ref()?.profile.as_ref()
    }

    /// Why nothing new can be asked of the bank now.
    fn not_ready(&self) -> Option<NotSent> {
        if self.profile().is_none() {
            Some(NotSent::NotEnrolled)
        } else if self.sale.is_some() || matches!(self.state, State::Enrolling(_)) {
            Some(NotSent::Busy)
        } else {
            None
        }
    }

    /// Ends the current wait and begins another.
    fn wait_ms(&mut self, ms: u32, outbox: &mut Out) {
        self.wait = self.wait.wrapping_add(1);
        outbox.after_ms(ms.into(), LinkTimer { wait: self.wait });
    }

    /// A number between `ms` and twice that: terminals that lost the same bank must not come back in step.
    fn jittered(&mut self, ms: u32) -> u32 {
        let mut random = [0; 4];
        self.entropy.fill(&mut random);
        ms.saturating_add(u32::from_le_bytes(random) % ms.max(1))
    }

    /// Tells the till how its sale ended, if it waits for one.
    fn end_sale(&mut self, result: AuthorisationResult, outbox: &mut Out) {
        if let Some(sale) = self.sale.take() {
            self.report(sale.flow, AuthorisationEnded { record: sale.record, result }, outbox);
        }
    }

    /// Tells the till that its sale has no answer: one that was recorded may have reached the bank, another
    /// certainly has not, and `why` says what kept it.
    fn end_without_answer(&mut self, why: NotSent, outbox: &mut Out) {
        let recorded = self.sale.as_ref().is_some_and(|sale| sale.record.is_some());
        let result = if recorded { AuthorisationResult::Unknown } else { AuthorisationResult::NotSent(why) };
        self.end_sale(result, outbox);
    }

    /// Sends in the flow of the sale in hand: events of the line belong to none, and what becomes of a message is
    /// told to the till in the flow of that message.
    fn send_for_sale<M: Message>(&self, message: M, outbox: &mut Out)
    where
        actor::HostLink: Sends<M>,
    {
        match &self.sale {
            Some(sale) => outbox.send_in(sale.flow, message),
            None => outbox.send(message),
        }
    }

    fn report(&mut self, flow: Flow, ended: AuthorisationEnded, outbox: &mut Out) {
        self.last_report = Some((flow, ended.clone()));
        outbox.send_in(flow, ended);
    }
}

impl Actor for HostLink {
    type Name = actor::HostLink;

    fn handle(&mut self, now: Moment, flow: Flow, message: inbox::HostLink, outbox: &mut Out) {
        match message {
            inbox::HostLink::ConfigureLink(config) => {
                self.config = Some(config);
                self.advance(now, outbox);
            }
            inbox::HostLink::Enrol(enrol) => self.begin_enrolment(flow, &enrol, outbox),
            inbox::HostLink::Authorise(authorise) => self.begin_sale(now, flow, authorise, outbox),
            inbox::HostLink::PutToBank(put) => self.begin_admin(now, flow, &put, outbox),
            inbox::HostLink::ResumeLink(resume) => self.begin_resume(now, flow, resume, outbox),
            inbox::HostLink::ChainRestored(chain) => self.chain_restored(now, chain, outbox),
            inbox::HostLink::RequestRecorded(recorded) => self.request_recorded(now, recorded, outbox),
            inbox::HostLink::AnswerRecorded(recorded) => self.answer_recorded(now, recorded, outbox),
            inbox::HostLink::EnrolmentRecorded(_)
                if matches!(self.state, State::ExpectProfileRecorded(_)) =>
            {
                self.profile_recorded(now, outbox);
            }
            inbox::HostLink::EnrolmentRecorded(_) => self.enrolment_recorded(outbox),
            inbox::HostLink::CheckStanding(_) => self.begin_report(now, flow, outbox),
            inbox::HostLink::TransactionsRead(read) => self.transactions_read(now, read, outbox),
            inbox::HostLink::RecordingFailed(failed) => self.recording_failed(failed.fault, outbox),
            inbox::HostLink::LineOpened(opened) => {
                if self.line.opened(opened.line) {
                    self.line_opened(now, outbox);
                }
            }
            inbox::HostLink::LineReceived(received) => self.line_received(now, &received, outbox),
            inbox::HostLink::LineClosed(closed) => {
                if self.line.closed(closed.line) {
                    self.line_closed(now, closed.fault, outbox);
                }
            }
            inbox::HostLink::NetworkChanged(changed) => self.network_changed(changed.available, outbox),
            inbox::HostLink::LinkTimer(timer) => {
                if timer.wait == self.wait {
                    self.timer(now, outbox);
                }
            }
        }
    }

    /// The ledger's mailbox is full: it keeps nothing of this message, as when it fails to. The till's is: it is told
    /// that the end of something was lost, and asks again (`last_report` is kept for that); progress may be lost.
    fn undelivered(
        &mut self,
        _now: Moment,
        _flow: Flow,
        to: ActorId,
        message: &'static str,
        cause: DeliveryFault,
        outbox: &mut Out,
    ) {
        if message == LinkProgress::NAME {
            return;
        }
        if message == ReadTransactions::NAME {
            // Nothing was to be kept, and the bank orders it again.
            return self.no_page();
        }
        if to == ActorId::Ledger {
            self.book_failed(NotSent::Interrupted, EnrolmentFault::Interrupted, outbox);
        }
        outbox.tell_undelivered(to, message, cause);
    }
}
