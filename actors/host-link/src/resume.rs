//! Picking up after an actor was restarted: what is unresolved comes from the book, and a till that waits for a
//! sale is told what became of it.

use crate::{
    HostLink, Out, State,
    chain::Chain,
    exchange::{Exchange, SaleInHand},
    timing,
};
use mpos_protocol::{
    Flow, Moment,
    book::{ChainRestored, RecordedOutcome, RequestSubject, ResolvedSale, SaleRecord, UnresolvedRequest},
    link::{AuthorisationEnded, AuthorisationResult, NotSent, ResumeLink},
};

/// A till that asks what became of its sale.
pub(crate) struct Resuming {
    flow: Flow,
    transaction_number: Option<u32>,
}

impl HostLink {
    pub(crate) fn begin_resume(&mut self, now: Moment, flow: Flow, resume: ResumeLink, outbox: &mut Out) {
        if let Some((_, told)) = self.last_report.as_ref().filter(|(told_in, _)| *told_in == flow) {
            return outbox.send(told.clone());
        }
        // A sale in hand goes on, and its end is told in its own flow.
        if self.sale.is_none() {
            // A till that forgot its sale since it asked before need not name it again.
            let before = self.resuming.take().filter(|before| before.flow == flow);
            let named_before = before.and_then(|before| before.transaction_number);
            let transaction_number = resume.transaction_number.or(named_before);
            self.resuming = Some(Resuming { flow, transaction_number });
        }
        if self.profile().is_none() {
            // Nothing was ever asked; an enrolment under way goes on to its own end.
            return self.answer_resume(&ChainRestored::default(), outbox);
        }
        self.drop_admin();
        self.line.close();
        self.chain = None;
        self.state = State::Idle;
        self.advance(now, outbox);
    }

    /// The book does not say what became of the sale.
    pub(crate) fn resume_unanswered(&mut self, outbox: &mut Out) {
        if let Some(resuming) = self.resuming.take() {
            let ended = AuthorisationEnded { record: None, result: AuthorisationResult::Unknown };
            outbox.send_in(resuming.flow, ended);
        }
    }

    pub(crate) fn chain_restored(&mut self, now: Moment, restored: ChainRestored, outbox: &mut Out) {
        // News that was not asked for is taken only when nothing is under way: the book also sends it at start.
        if !matches!(self.state, State::Idle | State::ExpectChain) {
            return;
        }
        self.state = State::Idle;
        self.chain = Some(Chain::from(&restored));
        self.recognise_sale_in_hand(&restored, outbox);
        self.answer_resume(&restored, outbox);
        self.pending = restored.unresolved.into_vec().pop().map(|request| exchange_of(request, now));
        self.advance(now, outbox);
    }

    /// The sale that the till waits for may be in the book by now, or even answered.
    fn recognise_sale_in_hand(&mut self, restored: &ChainRestored, outbox: &mut Out) {
        let Some(sale) = &mut self.sale else { return };
        let number = sale.transaction_number;
        if let Some(record) = unresolved_sales(restored).find(|record| record.transaction_number == number) {
            sale.record = Some(record.clone());
            sale.to_ask = None;
        } else if let Some(resolved) = resolved(restored, number) {
            sale.record = Some(resolved.record.clone());
            self.end_sale(result_of(&resolved.outcome), outbox);
        }
    }

    fn answer_resume(&mut self, restored: &ChainRestored, outbox: &mut Out) {
        let Some(resuming) = self.resuming.take() else { return };
        let wanted = |record: &&SaleRecord| {
            resuming.transaction_number.is_none_or(|number| record.transaction_number == number)
        };
        if let Some(record) = unresolved_sales(restored).find(wanted) {
            self.sale = Some(SaleInHand {
                flow: resuming.flow,
                transaction_number: record.transaction_number,
                to_ask: None,
                record: Some(record.clone()),
                is_guess: resuming.transaction_number.is_none(),
            });
            return;
        }
        let resolved = resuming.transaction_number.and_then(|number| resolved(restored, number));
        let ended = match resolved {
            Some(ResolvedSale { record, outcome }) => {
                AuthorisationEnded { record: Some(record.clone()), result: result_of(outcome) }
            }
            None => AuthorisationEnded {
                record: None,
                result: AuthorisationResult::NotSent(NotSent::Interrupted),
            },
        };
        self.report(resuming.flow, ended, outbox);
    }
}

fn unresolved_sales(restored: &ChainRestored) -> impl Iterator<Item = &SaleRecord> {
    restored.unresolved.iter().rev().filter_map(|request| match &request.subject {
        RequestSubject::Sale(record) => Some(record),
        RequestSubject::Reversal { .. } => None,
    })
}

fn resolved(restored: &ChainRestored, transaction_number: u32) -> Option<&ResolvedSale> {
    restored.last_resolved.as_ref().filter(|sale| sale.record.transaction_number == transaction_number)
}

/// An unresolved request as it came from the book. It counts as sent: nobody knows any more that it was not.
fn exchange_of(request: UnresolvedRequest, now: Moment) -> Exchange {
    let UnresolvedRequest { sequence, signed, hash, subject } = request;
    let window = match &subject {
        RequestSubject::Sale(_) => timing::REPEAT_WINDOW_MS,
        RequestSubject::Reversal { .. } => timing::REVERSAL_WINDOW_MS,
    };
    let patience_until_ms = now.uptime_ms.saturating_add(window);
    Exchange { sequence, signed, hash, subject, attempts: 1, patience_until_ms }
}

fn result_of(outcome: &RecordedOutcome) -> AuthorisationResult {
    match outcome.clone() {
        RecordedOutcome::Approved { reference, auth_code } => {
            AuthorisationResult::Approved { reference, auth_code }
        }
        RecordedOutcome::Declined { reference, reason } => {
            AuthorisationResult::Declined { reference, reason }
        }
        RecordedOutcome::Reversed => AuthorisationResult::Reversed,
        RecordedOutcome::Refused => AuthorisationResult::NotSent(NotSent::Interrupted),
    }
}
