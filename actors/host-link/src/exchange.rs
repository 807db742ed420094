//! A request's way: recorded, sent, sent again, answered, recorded ([`crate::recording`]); or taken back.

use crate::{
    HostLink, Out, State,
    duties::Duty,
    envelope,
    line::Oversized,
    sale_message::{authorise_request, sale_record},
    timing,
};
use mpos_ports::{LineKind, LineTarget};
use mpos_protocol::{
    Flow, Moment, Sealed,
    book::{ReadChain, RecordedOutcome, RequestSubject, SaleRecord},
    host::{AuthoriseRequest, HostAnswer, HostRefusal, HostRequest, ReversalCause, ReverseRequest},
    link::{
        AuthorisationEnded, AuthorisationResult, Authorise, EnrolmentFault, LineFault, LineReceived,
        LinkProgress, NoReply, NotSent,
    },
    signed::{Hash, SIGNED_BYTES_MAX},
};

/// A signed request that is, or is about to be, in the book without an answer.
pub(crate) struct Exchange {
    pub(crate) sequence: u64,
    pub(crate) signed: Sealed<SIGNED_BYTES_MAX>,
    pub(crate) hash: Hash,
    pub(crate) subject: RequestSubject,
    /// How often it was sent.
    pub(crate) attempts: u32,
    /// Until when somebody waits for it (uptime).
    pub(crate) patience_until_ms: u64,
}

impl Exchange {
    pub(crate) fn is_sale(&self) -> bool {
        matches!(self.subject, RequestSubject::Sale(_))
    }
}

/// The sale that the till waits for.
pub(crate) struct SaleInHand {
    pub(crate) flow: Flow,
    /// Tag 9F41, to know it again in the book.
    pub(crate) transaction_number: u32,
    /// Still to be asked; none once it is recorded.
    pub(crate) to_ask: Option<Box<Authorise>>,
    /// As the book has it.
    pub(crate) record: Option<SaleRecord>,
    /// Found in the book for a till that could not name its sale: it may be one whose end was told before, so it is
    /// taken back and not asked for again.
    pub(crate) is_guess: bool,
}

impl HostLink {
    pub(crate) fn begin_sale(&mut self, now: Moment, flow: Flow, authorise: Authorise, outbox: &mut Out) {
        if let Some(why) = self.not_ready() {
            return outbox
                .send(AuthorisationEnded { record: None, result: AuthorisationResult::NotSent(why) });
        }
        self.last_report = None;
        self.retries = 0;
        self.drop_admin();
        self.sale = Some(SaleInHand {
            flow,
            transaction_number: authorise.transaction_number,
            to_ask: Some(Box::new(authorise)),
            record: None,
            is_guess: false,
        });
        outbox.send(LinkProgress::Connecting);
        self.hurry();
        self.advance(now, outbox);
    }

    /// Somebody waits now: a pause between two tries in the background ends, and the book is asked again, since one that
    /// was started anew forgot the question.
    pub(crate) fn hurry(&mut self) {
        if matches!(self.state, State::ExpectRetry | State::ExpectChain | State::ExpectTransactions) {
            self.state = State::Idle;
        }
    }

    /// Takes the next step, if none is under way: read the chain, take back what is open, connect, send, ask.
    pub(crate) fn advance(&mut self, now: Moment, outbox: &mut Out) {
        if !matches!(self.state, State::Idle) || self.profile().is_none() {
            return;
        }
        if self.chain.is_none() {
            self.state = State::ExpectChain;
            self.wait_ms(timing::BOOK_WAIT_MS, outbox);
            return self.send_for_sale(ReadChain, outbox);
        }
        match &self.pending {
            None if self.sale.is_none() && self.admin.is_none() && self.duties.are_done() => {}
            Some(pending) if pending.is_sale() && !self.is_in_hand(pending) => {
                self.begin_reversal(now, ReversalCause::Restarted, outbox);
            }
            _ if !self.line.is_open() => self.connect(outbox),
            Some(_) => self.transmit(outbox),
            None if self.sale.is_some() && self.duties.ticket(now).is_some() => self.record_sale(now, outbox),
            None if self.sale.is_some() || self.duties.is_report_awaited() => {
                self.transmit_report(now, outbox);
            }
            None if self.admin.is_some() => self.transmit_admin(now, outbox),
            None => self.transmit_duty(now, outbox),
        }
    }

    /// Whether the till still waits for this very request.
    fn is_in_hand(&self, exchange: &Exchange) -> bool {
        let number = match &exchange.subject {
            RequestSubject::Sale(record) => record.transaction_number,
            RequestSubject::Reversal { .. } => return false,
        };
        self.sale
            .as_ref()
            .is_some_and(|sale| sale.transaction_number == number && sale.record.is_some() && !sale.is_guess)
    }

    fn connect(&mut self, outbox: &mut Out) {
        let Some(config) = &self.config else { return };
        let certificates = config.profile.iter().flat_map(|profile| profile.certificates.iter());
        let certificates = certificates.map(|certificate| certificate.to_vec()).collect();
        let target = LineTarget {
            address: config.bank_address.to_string(),
            kind: LineKind::Terminal { certificates },
        };
        self.line.open(target);
        self.state = State::ExpectLine;
        self.wait_ms(timing::LINE_WAIT_MS, outbox);
    }

    pub(crate) fn line_opened(&mut self, now: Moment, outbox: &mut Out) {
        match self.state {
            State::Enrolling(_) => self.enrolment_line_opened(outbox),
            State::ExpectLine => {
                self.state = State::Idle;
                self.advance(now, outbox);
            }
            _ => {}
        }
    }

    /// Signs the sale in hand and has it recorded; it leaves when it is.
    fn record_sale(&mut self, now: Moment, outbox: &mut Out) {
        let Some((chain, authorise)) =
            self.chain.zip(self.sale.as_ref().and_then(|sale| sale.to_ask.as_deref()))
        else {
            return;
        };
        let record = sale_record(authorise, chain.next_receipt);
        let standing = self.duties.ticket(now).cloned().unwrap_or_default();
        let request = HostRequest::Authorise(AuthoriseRequest {
            standing,
            ..authorise_request(authorise, chain.next_receipt)
        });
        let patience = now.uptime_ms.saturating_add(timing::REPEAT_WINDOW_MS);
        if self.record(now, request, RequestSubject::Sale(record), patience, outbox).is_err() {
            self.end_without_answer(NotSent::KeyUnavailable, outbox);
        }
    }

    fn transmit(&mut self, outbox: &mut Out) {
        let Some(pending) = &mut self.pending else { return };
        self.line.send(&pending.signed);
        pending.attempts = pending.attempts.saturating_add(1);
        let progress = match (pending.is_sale(), pending.attempts) {
            (true, 1) => LinkProgress::Sent,
            (true, _) => LinkProgress::Repeating,
            (false, _) => LinkProgress::Reversing,
        };
        self.tell(progress, outbox);
        self.state = State::ExpectAnswer;
        self.wait_ms(timing::ANSWER_WAIT_MS, outbox);
    }

    fn tell(&self, progress: LinkProgress, outbox: &mut Out) {
        if let Some(sale) = &self.sale {
            outbox.send_in(sale.flow, progress);
        }
    }

    pub(crate) fn line_received(&mut self, now: Moment, received: &LineReceived, outbox: &mut Out) {
        self.line.received(received);
        loop {
            match self.line.next_message() {
                Ok(None) => return,
                Ok(Some(message)) if matches!(self.state, State::Enrolling(_)) => {
                    self.enrolment_answered(&message, outbox);
                }
                Ok(Some(message)) if matches!(self.state, State::ExpectAdminAnswer) => {
                    self.admin_answered(&message, outbox);
                }
                Ok(Some(message)) if matches!(self.state, State::ExpectDutyAnswer(..)) => {
                    self.duty_answered(now, &message, outbox);
                }
                Ok(Some(message)) => self.answered(now, &message, outbox),
                Err(Oversized) => {
                    self.line.close();
                    return self.line_closed(now, LineFault::Broken, outbox);
                }
            }
        }
    }

    fn answered(&mut self, now: Moment, message: &[u8], outbox: &mut Out) {
        let (State::ExpectAnswer, Some(pending), Some(profile)) =
            (&self.state, &self.pending, self.profile())
        else {
            return;
        };
        let is_sale = pending.is_sale();
        let answer = envelope::verify(profile, pending.sequence, pending.hash, message);
        let (outcome, result) = match answer {
            Ok(HostAnswer::Approved { reference, auth_code }) if is_sale => (
                RecordedOutcome::Approved { reference: reference.clone(), auth_code: auth_code.clone() },
                AuthorisationResult::Approved { reference, auth_code },
            ),
            Ok(HostAnswer::Declined { reference, reason }) if is_sale => (
                RecordedOutcome::Declined { reference: reference.clone(), reason },
                AuthorisationResult::Declined { reference, reason },
            ),
            Ok(HostAnswer::Reversed { .. }) if !is_sale => {
                (RecordedOutcome::Reversed, AuthorisationResult::Reversed)
            }
            Ok(HostAnswer::Refused(HostRefusal::Busy)) => {
                return self.no_answer(now, LineFault::TimedOut, outbox);
            }
            Ok(HostAnswer::Refused(refusal)) if is_sale && pending.attempts == 1 => {
                if matches!(refusal, HostRefusal::KeyUsedBefore | HostRefusal::KeyUnknown) {
                    self.duties.keys_are_spent();
                }
                (RecordedOutcome::Refused, AuthorisationResult::Refused(refusal))
            }
            // What is refused is this copy; one that was sent before it may still be processed.
            Ok(HostAnswer::Refused(_)) if is_sale => {
                return self.begin_reversal(now, ReversalCause::NoAnswer, outbox);
            }
            // The bank will not take it back, or says what does not belong here: a person must look, and the
            // sale stays unknown until the bank's word changes.
            Ok(_) if !is_sale => return self.no_answer(now, LineFault::TimedOut, outbox),
            Ok(_) | Err(envelope::NotTheAnswer) => {
                self.line.close();
                return if is_sale {
                    self.begin_reversal(now, ReversalCause::BadAnswer, outbox);
                } else {
                    self.no_answer(now, LineFault::Broken, outbox);
                };
            }
        };
        self.record_answer(message, outcome, result, outbox);
    }

    pub(crate) fn line_closed(&mut self, now: Moment, fault: LineFault, outbox: &mut Out) {
        match self.state {
            State::Enrolling(_) => self.enrolment_line_closed(fault, outbox),
            State::ExpectLine => self.no_line(now, fault, outbox),
            State::ExpectAnswer => self.no_answer(now, fault, outbox),
            State::ExpectAdminAnswer | State::ExpectDutyAnswer(..) => {
                self.unanswered(now, NoReply::NotSent(NotSent::Line(fault)), outbox);
            }
            _ => {}
        }
    }

    /// What moves no money got no answer on this line. An old line may have died unseen, and then nothing was asked: it
    /// is asked once more, on a new one. A supervisor's code is not, since the bank counts each try; nor is a page to be
    /// compared, since nobody waits for it and the bank orders it again.
    fn unanswered(&mut self, now: Moment, why: NoReply, outbox: &mut Out) {
        let again = self.line.is_old();
        match self.state {
            State::ExpectDutyAnswer(duty, _) if again && duty != Duty::Reconcile => self.state = State::Idle,
            State::ExpectAdminAnswer if again && self.may_ask_again() => self.state = State::Idle,
            State::ExpectDutyAnswer(duty, _) => {
                self.state = State::Idle;
                self.duty_failed(duty, why, outbox);
            }
            _ => self.end_admin(Err(why), outbox),
        }
        self.advance(now, outbox);
    }

    /// How long an answer is waited for on this line.
    pub(crate) fn answer_wait_ms(&self) -> u32 {
        if self.line.is_old() { timing::OLD_LINE_WAIT_MS } else { timing::ANSWER_WAIT_MS }
    }

    fn no_line(&mut self, now: Moment, fault: LineFault, outbox: &mut Out) {
        self.state = State::Idle;
        if self.sale.as_ref().is_some_and(|sale| sale.record.is_none()) {
            self.end_sale(AuthorisationResult::NotSent(NotSent::Line(fault)), outbox);
        }
        self.end_admin(Err(NoReply::NotSent(NotSent::Line(fault))), outbox);
        self.put_off_duties(NoReply::NotSent(NotSent::Line(fault)), outbox);
        if self.pending.is_some() {
            self.no_answer(now, fault, outbox);
        }
    }

    /// The pending request got no answer on this line: again, or take it back, or later.
    fn no_answer(&mut self, now: Moment, fault: LineFault, outbox: &mut Out) {
        self.line.close();
        self.state = State::Idle;
        let Some(pending) = &self.pending else { return };
        let (is_sale, patient) = (pending.is_sale(), now.uptime_ms < pending.patience_until_ms);
        let unseen = is_sale && self.is_unseen(pending, fault);
        if unseen && (!patient || is_about_certificate(fault)) {
            let result = AuthorisationResult::NotSent(NotSent::Line(fault));
            self.record_answer(&[], RecordedOutcome::Refused, result, outbox);
        } else if patient && self.sale.is_some() {
            self.tell(if is_sale { LinkProgress::Repeating } else { LinkProgress::Reversing }, outbox);
            self.state = State::ExpectRetry;
            let pause = self.jittered(timing::RETRY_MS);
            self.wait_ms(pause, outbox);
        } else if is_sale {
            self.begin_reversal(now, ReversalCause::NoAnswer, outbox);
        } else {
            self.end_without_answer(NotSent::Busy, outbox);
            self.retry_later(outbox);
        }
    }

    /// Whether the bank cannot have seen this request: it never left, or it left once, on a line on which the bank
    /// said nothing but that it does not take our certificate, which TLS says before it hands over any message.
    fn is_unseen(&self, exchange: &Exchange, fault: LineFault) -> bool {
        match exchange.attempts {
            0 => true,
            1 => is_about_certificate(fault) && self.line.is_one_sided(),
            _ => false,
        }
    }

    /// Goes on when nobody waits, after a pause that doubles each time.
    pub(crate) fn retry_later(&mut self, outbox: &mut Out) {
        // What is open goes first, and it cannot go now.
        self.end_admin(Err(NoReply::NotSent(NotSent::Busy)), outbox);
        self.put_off_duties(NoReply::NotSent(NotSent::Busy), outbox);
        self.state = State::ExpectRetry;
        let pause = self.jittered(timing::backoff_ms(self.retries));
        self.retries = self.retries.saturating_add(1);
        self.wait_ms(pause, outbox);
    }

    /// A line that nobody waits for may lie on a network that is gone, which is noticed only when an answer stays out:
    /// the next message opens one that is sure to live. And what is put off goes on, once, where a network is there.
    pub(crate) fn network_changed(&mut self, available: bool, outbox: &mut Out) {
        match self.state {
            State::Idle => self.line.close(),
            State::ExpectRetry if available && self.retries > 0 => {
                self.retries = 0;
                let pause = self.jittered(timing::RETRY_MS);
                self.wait_ms(pause, outbox);
            }
            _ => {}
        }
    }

    /// Has a reversal of the pending sale recorded; it is sent when it is.
    fn begin_reversal(&mut self, now: Moment, cause: ReversalCause, outbox: &mut Out) {
        self.state = State::Idle;
        let Some(pending) = &self.pending else { return };
        let of = pending.sequence;
        let request = HostRequest::Reverse(ReverseRequest { sequence: of, hash: pending.hash, cause });
        let patience = now.uptime_ms.saturating_add(timing::REVERSAL_WINDOW_MS);
        self.tell(LinkProgress::Reversing, outbox);
        if self.record(now, request, RequestSubject::Reversal { of }, patience, outbox).is_err() {
            self.end_without_answer(NotSent::KeyUnavailable, outbox);
            self.retry_later(outbox);
        }
    }

    pub(crate) fn timer(&mut self, now: Moment, outbox: &mut Out) {
        match self.state {
            State::Enrolling(_) => {
                self.line.close();
                self.enrolment_line_closed(LineFault::TimedOut, outbox);
            }
            State::ExpectLine => {
                self.line.close();
                self.no_line(now, LineFault::TimedOut, outbox);
            }
            State::ExpectAnswer => self.no_answer(now, LineFault::TimedOut, outbox),
            State::ExpectAdminAnswer | State::ExpectDutyAnswer(..) => {
                self.line.close();
                self.unanswered(now, NoReply::NoAnswer, outbox);
            }
            State::ExpectTransactions => {
                self.no_page();
                self.advance(now, outbox);
            }
            // The book is silent: it may or may not have what it was given.
            State::ExpectChain | State::ExpectRequestRecorded(_) | State::ExpectAnswerRecorded(_) => {
                self.book_failed(NotSent::Interrupted, EnrolmentFault::Interrupted, outbox);
            }
            // The book is silent: the old certificate goes on.
            State::ExpectProfileRecorded(_) | State::ExpectRetry => {
                self.state = State::Idle;
                self.advance(now, outbox);
            }
            State::Idle => {}
        }
    }
}

fn is_about_certificate(fault: LineFault) -> bool {
    use LineFault::{CertificateExpired, CertificateRefused, CertificateRevoked};
    matches!(fault, CertificateRevoked | CertificateExpired | CertificateRefused)
}
