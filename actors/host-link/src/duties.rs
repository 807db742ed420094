//! What the link owes the bank beside sales: a report of the device's state, before each sale and when it is asked for;
//! a new client certificate, a new initial key, or a look at its book ([`crate::reconcile`]), when the bank orders it.
//!
//! Each is an administrative message: signed, and neither recorded nor repeated. A report that fails is told to who
//! waits for it. A renewal that fails is ordered again with the next report's answer, and until then the terminal goes
//! on with what it has: the old certificate and key are good until the new ones are first used.

use crate::{
    HostLink, Out, State, chain::Chain, enrolment::REQUEST_SUBJECT, envelope, reconcile::Comparison, timing,
};
use mpos_ports::KeyFault;
use mpos_protocol::{
    Bytes, Flow, Moment,
    admin::{ADMIN_SEQUENCE, AdminAnswer, AdminRequest},
    book::RecordEnrolment,
    host::{HostAnswer, HostRequest},
    link::{AuthorisationResult, LineFault, NoReply, NotSent, ProfileRenewed, StandingTold},
    sale::ReceiptNumber,
    signed::Hash,
    standing::{BanksWord, Challenge, Orders, Standing, StandingReport, Ticket, join_attestation},
    terminal::TerminalProfile,
};

/// Times in a row that the bank may answer a report with a challenge: once is what it does.
const CHALLENGES_MAX: u8 = 2;

/// What is owed, and what earlier reports earned.
#[derive(Default)]
pub(crate) struct Duties {
    /// The flow in which a report was asked for.
    report: Option<Flow>,
    /// Report with an attestation, for nobody.
    attest: bool,
    renew_keys: bool,
    renew_certificate: bool,
    pub(crate) comparison: Comparison,
    challenge: Challenge,
    /// How often the report under way was answered with a challenge.
    challenged: u8,
    ticket: Ticket,
    /// Until when the ticket is shown (uptime).
    ticket_until_ms: u64,
}

/// Which duty is under way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duty {
    /// A report; with an attestation or without.
    Report {
        attests: bool,
    },
    RenewKeys,
    RenewCertificate,
    /// A page of the book.
    Reconcile,
}

impl Duties {
    /// Whether something is owed that nobody else has to wait for.
    pub(crate) fn are_done(&self) -> bool {
        self.report.is_none() && self.in_the_background().is_none()
    }

    /// Whether somebody waits for a report.
    pub(crate) fn is_report_awaited(&self) -> bool {
        self.report.is_some()
    }

    fn in_the_background(&self) -> Option<Duty> {
        if self.renew_keys {
            Some(Duty::RenewKeys)
        } else if self.renew_certificate {
            Some(Duty::RenewCertificate)
        } else if self.attest {
            Some(Duty::Report { attests: true })
        } else if self.comparison.is_owed() {
            Some(Duty::Reconcile)
        } else {
            None
        }
    }

    /// What a sale shows now; none when a report has to come first.
    pub(crate) fn ticket(&self, now: Moment) -> Option<&Ticket> {
        Some(&self.ticket).filter(|ticket| !ticket.is_empty() && now.uptime_ms < self.ticket_until_ms)
    }

    /// The bank refused what was made under the present keys: they were used before, in another copy of this store, or
    /// are none that it gave last.
    pub(crate) fn keys_are_spent(&mut self) {
        self.renew_keys = true;
    }

    fn done(&mut self, duty: Duty) {
        match duty {
            Duty::Report { attests: true } => self.attest = false,
            Duty::Report { attests: false } => self.report = None,
            Duty::RenewKeys => self.renew_keys = false,
            Duty::RenewCertificate => self.renew_certificate = false,
            Duty::Reconcile => self.comparison.end(),
        }
    }

    fn take(&mut self, standing: Standing, now: Moment, attested: bool) -> BanksWord {
        let Orders { attest, renew_certificate, renew_keys, reconcile_from } = standing.orders;
        // What was attested just now is not attested again.
        self.attest = attest && !attested;
        self.renew_certificate |= renew_certificate;
        self.renew_keys |= renew_keys;
        if let Some(from) = reconcile_from {
            self.comparison.order(from);
        }
        self.challenge = standing.challenge;
        self.ticket = standing.ticket;
        self.ticket_until_ms = now.uptime_ms.saturating_add(u64::from(standing.seconds) * 1000);
        standing.word
    }
}

impl HostLink {
    /// The till wants the bank's word on this device, now.
    pub(crate) fn begin_report(&mut self, now: Moment, flow: Flow, outbox: &mut Out) {
        if let Some(why) = self.not_ready() {
            return outbox.send(StandingTold { result: Err(NoReply::NotSent(why)) });
        }
        self.duties.report = Some(flow);
        self.hurry();
        self.advance(now, outbox);
    }

    /// The line stands and nobody waits for anything else: report.
    pub(crate) fn transmit_report(&mut self, now: Moment, outbox: &mut Out) {
        self.transmit_duty_of(Duty::Report { attests: false }, now, outbox);
    }

    /// The line stands and nobody waits: see to what is owed.
    pub(crate) fn transmit_duty(&mut self, now: Moment, outbox: &mut Out) {
        match self.duties.in_the_background() {
            Some(Duty::Reconcile) if !self.page_is_read(outbox) => {}
            Some(duty) => self.transmit_duty_of(duty, now, outbox),
            None => {}
        }
    }

    fn transmit_duty_of(&mut self, duty: Duty, now: Moment, outbox: &mut Out) {
        let Some(terminal) = self.profile().map(|profile| profile.terminal) else { return };
        // Outside of the chain: no sequence, nothing before it.
        let place = Chain {
            next_sequence: ADMIN_SEQUENCE,
            head: Hash::default(),
            next_receipt: ReceiptNumber::default(),
        };
        let signed = self.request_for(duty).and_then(|request| {
            envelope::sign(&*self.keys, terminal, &place, now, HostRequest::Admin(request))
        });
        let Ok(signed) = signed else {
            self.duty_failed(duty, NoReply::NotSent(NotSent::KeyUnavailable), outbox);
            return self.advance(now, outbox);
        };
        self.line.send(&signed.bytes);
        self.state = State::ExpectDutyAnswer(duty, signed.hash);
        self.wait_ms(self.answer_wait_ms(), outbox);
    }

    fn request_for(&mut self, duty: Duty) -> Result<AdminRequest, KeyFault> {
        Ok(match duty {
            Duty::Report { attests } => {
                let attestation = if attests { self.attestation()? } else { None };
                AdminRequest::ReportStanding(StandingReport {
                    challenge: self.duties.challenge.clone(),
                    state: self.watch.state(),
                    keys_left: self.keys.keys_left()?,
                    attestation,
                    chain: self.chain_head().unwrap_or_default(),
                })
            }
            Duty::Reconcile => self.duties.comparison.request(),
            Duty::RenewKeys => AdminRequest::RenewKeys {
                key_agreement: Bytes::new(&self.keys.begin_key_agreement()?)
                    .map_err(|_| KeyFault::Unavailable)?,
            },
            Duty::RenewCertificate => AdminRequest::RenewCertificate {
                certificate_request: Bytes::try_from(self.keys.certificate_request(REQUEST_SUBJECT)?)
                    .map_err(|_| KeyFault::Unavailable)?,
            },
        })
    }

    fn attestation(&self) -> Result<Option<mpos_protocol::standing::Attestation>, KeyFault> {
        let Ok(challenge) = <&[u8; 32]>::try_from(&*self.duties.challenge) else { return Ok(None) };
        let chain = self.keys.attest(challenge)?;
        Ok(if chain.is_empty() { None } else { join_attestation(&chain) })
    }

    pub(crate) fn duty_answered(&mut self, now: Moment, message: &[u8], outbox: &mut Out) {
        let (State::ExpectDutyAnswer(duty, asked), Some(profile)) = (&self.state, self.profile()) else {
            return;
        };
        let (duty, asked) = (*duty, *asked);
        let answer = envelope::verify(profile, ADMIN_SEQUENCE, asked, message);
        self.state = State::Idle;
        match (duty, answer) {
            (Duty::Report { .. }, Ok(HostAnswer::Admin(AdminAnswer::Challenge(challenge))))
                if self.duties.challenged < CHALLENGES_MAX =>
            {
                self.duties.challenged += 1;
                self.duties.challenge = challenge;
                return self.transmit_duty_of(duty, now, outbox);
            }
            (Duty::Report { attests }, Ok(HostAnswer::Admin(AdminAnswer::Standing(standing)))) => {
                self.told_standing(standing, attests, now, outbox);
            }
            (
                Duty::RenewKeys,
                Ok(HostAnswer::Admin(AdminAnswer::KeysRenewed { wrapped_initial_key, initial_key_id })),
            ) => {
                // One that does not open leaves the old register as it is, and that is good for as long as it was.
                let _opened = self.keys.install_initial_key(&wrapped_initial_key, initial_key_id);
                self.duties.done(duty);
            }
            (
                Duty::RenewCertificate,
                Ok(HostAnswer::Admin(AdminAnswer::CertificateRenewed { certificates })),
            ) => {
                self.duties.done(duty);
                if let Some(profile) = self.profile() {
                    let profile = TerminalProfile { certificates, ..profile.clone() };
                    outbox.send_in(Flow::default(), RecordEnrolment { profile: profile.clone() });
                    self.state = State::ExpectProfileRecorded(Box::new(profile));
                    return self.wait_ms(timing::BOOK_WAIT_MS, outbox);
                }
            }
            (Duty::Reconcile, Ok(HostAnswer::Admin(AdminAnswer::Reconciled { next }))) => {
                self.reconciled(next)
            }
            // The next report's answer says from where the bank wants to hear of it.
            (Duty::Reconcile, Ok(HostAnswer::Admin(AdminAnswer::ReconcileRefused(_)))) => {
                self.duties.done(duty)
            }
            (_, Ok(HostAnswer::Refused(refusal))) => {
                self.duty_failed(duty, NoReply::Refused(refusal), outbox);
            }
            (_, Ok(_) | Err(envelope::NotTheAnswer)) => {
                self.line.close();
                self.duty_failed(duty, NoReply::NoAnswer, outbox);
            }
        }
        self.advance(now, outbox);
    }

    fn told_standing(&mut self, standing: Standing, attested: bool, now: Moment, outbox: &mut Out) {
        self.duties.challenged = 0;
        let word = self.duties.take(standing, now, attested);
        let flow = if attested { Some(Flow::default()) } else { self.duties.report.take() };
        if let Some(flow) = flow {
            outbox.send_in(flow, StandingTold { result: Ok(word) });
        }
        if self.duties.ticket(now).is_none() && self.sale.as_ref().is_some_and(|sale| sale.record.is_none()) {
            // The till has been told why, or is told by this: nothing was asked of the bank.
            self.end_without_answer(NotSent::Blocked, outbox);
        }
    }

    /// The duty under way came to nothing.
    pub(crate) fn duty_failed(&mut self, duty: Duty, why: NoReply, outbox: &mut Out) {
        self.duties.challenged = 0;
        let flow = self.duties.report;
        self.duties.done(duty);
        if duty != (Duty::Report { attests: false }) {
            return;
        }
        if let Some(flow) = flow {
            outbox.send_in(flow, StandingTold { result: Err(why) });
        }
        // A sale that waited for the ticket: nothing was asked of the bank.
        if self.sale.as_ref().is_some_and(|sale| sale.record.is_none()) {
            match why {
                NoReply::NotSent(why) => self.end_without_answer(why, outbox),
                NoReply::NoAnswer => self.end_without_answer(NotSent::Line(LineFault::TimedOut), outbox),
                NoReply::Refused(refusal) => self.end_sale(AuthorisationResult::Refused(refusal), outbox),
            }
        }
    }

    /// Tells who waits for a report that it cannot be made now, and forgets what else is owed until the next one.
    pub(crate) fn put_off_duties(&mut self, why: NoReply, outbox: &mut Out) {
        self.duties.attest = false;
        self.duties.renew_certificate = false;
        self.duties.comparison.end();
        if let Some(flow) = self.duties.report.take() {
            outbox.send_in(flow, StandingTold { result: Err(why) });
        }
    }

    /// The book has the new certificate: the next line shows it.
    pub(crate) fn profile_recorded(&mut self, now: Moment, outbox: &mut Out) {
        if let State::ExpectProfileRecorded(profile) = std::mem::replace(&mut self.state, State::Idle) {
            if let Some(config) = &mut self.config {
                config.profile = Some((*profile).clone());
            }
            self.line.close();
            outbox.send_in(Flow::default(), ProfileRenewed { profile: *profile });
        }
        self.advance(now, outbox);
    }
}
