//! What the book is to keep: a request before it leaves, its answer before it is reported. And a book that fails, or says
//! nothing.

use crate::{HostLink, Out, State, envelope, exchange::Exchange, timing};
use mpos_ports::KeyFault;
use mpos_protocol::{
    Moment, Sealed,
    book::{
        AnswerRecorded, RecordAnswer, RecordRequest, RecordedOutcome, RequestRecorded, RequestSubject,
        StoreFault,
    },
    host::HostRequest,
    link::{AuthorisationResult, EnrolmentFault, NotSent},
};

impl HostLink {
    /// Signs a request as the next of the chain, and has it kept; it leaves when it is.
    ///
    /// # Errors
    /// [`KeyFault`] when the device's key does not sign.
    pub(crate) fn record(
        &mut self,
        now: Moment,
        request: HostRequest,
        subject: RequestSubject,
        patience_until_ms: u64,
        outbox: &mut Out,
    ) -> Result<(), KeyFault> {
        let (Some(chain), Some(profile)) = (self.chain, self.profile()) else { return Ok(()) };
        let signed = envelope::sign(&*self.keys, profile.terminal, &chain, now, request)?;
        let exchange = Exchange {
            sequence: chain.next_sequence,
            signed: signed.bytes.into(),
            hash: signed.hash,
            subject,
            attempts: 0,
            patience_until_ms,
        };
        let request = RecordRequest {
            sequence: exchange.sequence,
            signed: exchange.signed.clone(),
            hash: exchange.hash,
            subject: exchange.subject.clone(),
        };
        self.send_for_sale(request, outbox);
        self.state = State::ExpectRequestRecorded(Box::new(exchange));
        self.wait_ms(timing::BOOK_WAIT_MS, outbox);
        Ok(())
    }

    pub(crate) fn request_recorded(&mut self, now: Moment, recorded: RequestRecorded, outbox: &mut Out) {
        let expected = matches!(&self.state, State::ExpectRequestRecorded(exchange) if exchange.sequence == recorded.sequence);
        if !expected {
            return;
        }
        let State::ExpectRequestRecorded(exchange) = std::mem::replace(&mut self.state, State::Idle) else {
            return;
        };
        if let Some(chain) = &mut self.chain {
            chain.advance(exchange.hash, exchange.is_sale());
        }
        if let (RequestSubject::Sale(record), Some(sale)) = (&exchange.subject, &mut self.sale) {
            sale.record = Some(record.clone());
            sale.to_ask = None;
        }
        self.pending = Some(*exchange);
        self.advance(now, outbox);
    }

    /// Has the bank's answer kept; it is reported when it is.
    pub(crate) fn record_answer(
        &mut self,
        signed: &[u8],
        outcome: RecordedOutcome,
        result: AuthorisationResult,
        outbox: &mut Out,
    ) {
        let (Some(pending), Ok(signed)) = (&self.pending, Sealed::new(signed)) else { return };
        self.send_for_sale(RecordAnswer { sequence: pending.sequence, signed, outcome }, outbox);
        self.state = State::ExpectAnswerRecorded(result);
        self.wait_ms(timing::BOOK_WAIT_MS, outbox);
    }

    pub(crate) fn answer_recorded(&mut self, now: Moment, recorded: AnswerRecorded, outbox: &mut Out) {
        let expected = self.pending.as_ref().is_some_and(|pending| pending.sequence == recorded.sequence);
        if !expected || !matches!(self.state, State::ExpectAnswerRecorded(_)) {
            return;
        }
        if let State::ExpectAnswerRecorded(result) = std::mem::replace(&mut self.state, State::Idle) {
            // A refused message does not advance the bank's chain, so ours steps back: the book knows where to.
            if matches!(result, AuthorisationResult::Refused(_) | AuthorisationResult::NotSent(_)) {
                self.chain = None;
            }
            self.pending = None;
            self.retries = 0;
            // A reversal in the background must not end a sale that came after it and was not asked yet.
            if self.sale.as_ref().is_some_and(|sale| sale.record.is_some()) {
                self.end_sale(result, outbox);
            }
            self.advance(now, outbox);
        }
    }

    pub(crate) fn recording_failed(&mut self, fault: StoreFault, outbox: &mut Out) {
        self.book_failed(NotSent::Store(fault), EnrolmentFault::Store(fault), outbox);
    }

    /// What was given to the book may or may not be in it. Whoever waits is told, and the book is read again later:
    /// what it then holds without an answer is taken back.
    pub(crate) fn book_failed(&mut self, why: NotSent, why_not_enrolled: EnrolmentFault, outbox: &mut Out) {
        match self.state {
            State::Enrolling(_) => self.enrolment_failed(why_not_enrolled, outbox),
            State::ExpectChain | State::ExpectRequestRecorded(_) | State::ExpectAnswerRecorded(_) => {
                self.chain = None;
                self.end_without_answer(why, outbox);
                self.resume_unanswered(outbox);
                self.retry_later(outbox);
            }
            // The old certificate goes on; the bank orders the renewal again.
            State::ExpectProfileRecorded(_) => self.state = State::Idle,
            // An echo of what was given up before.
            State::Idle
            | State::ExpectLine
            | State::ExpectAnswer
            | State::ExpectAdminAnswer
            | State::ExpectDutyAnswer(..)
            | State::ExpectTransactions
            | State::ExpectRetry => {}
        }
    }
}
