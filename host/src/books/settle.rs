//! One batch of messages, settled: loaded, decided one after the other, signed, and made durable together. Its
//! answers exist for others only after that.

use super::{
    Books, Recall, Wanted,
    chain::{Accepted, Asked, Case, CaseBody, Verdict, decide},
    holdings::{Holdings, MessageId, NewMessage, NewRefusal},
};
use crate::{authorise::Rules, error::BooksError, issuer::Presented, refund::grant_hash};
use mpos_protocol::{
    PROTOCOL_VERSION,
    host::HostAnswer,
    sale::{AuthCode, Reference},
    signed::AnswerContent,
};

/// The bank's hand: signs answers.
pub trait AnswerSigner: Send + Sync {
    /// The answer as it is sent and kept: postcard of a `Signed`.
    ///
    /// # Errors
    /// [`BooksError::Signing`] when the key cannot be used.
    fn sign(&self, content: &AnswerContent) -> Result<Vec<u8>, BooksError>;
}

/// What the bank makes up for a sale.
pub trait Draws: Send {
    /// Six random digits.
    fn auth_code(&mut self) -> AuthCode;
    /// A name for the sale that is this message: one each.
    fn reference(&mut self, message: MessageId) -> Reference;
    /// The message that would have this name; `None` when none could.
    fn message_of(&self, reference: &str) -> Option<MessageId>;
}

/// Settles `cases`; the answers are in their order. On an error nothing was done to any of them.
///
/// # Errors
/// What the books or the signing key report.
pub async fn settle<B: Books>(
    books: &mut B,
    cases: &[Case],
    rules: &Rules,
    signer: &dyn AnswerSigner,
    draws: &mut dyn Draws,
) -> Result<Vec<Vec<u8>>, BooksError> {
    let mut holdings = books.open(wanted(cases)).await?;
    let recall = to_recall(&holdings, cases, draws);
    if !recall.places.is_empty() || !recall.purchases.is_empty() {
        books.recall(&mut holdings, recall).await?;
    }
    let mut answers = Vec::with_capacity(cases.len());
    for case in cases {
        answers.push(settle_one(&mut holdings, case, rules, signer, draws)?);
    }
    books.keep(&holdings.into_changes()).await?;
    Ok(answers)
}

fn wanted(cases: &[Case]) -> Wanted {
    let mut wanted = Wanted::default();
    for case in cases {
        wanted.terminals.push(case.sender.terminal);
        if let CaseBody::Verified(verified) = &case.body
            && let Asked::Authorise(sale, Presented::Card(evidence)) = &verified.asked
        {
            wanted.accounts.push(evidence.account);
            wanted.grants.extend(sale.refund.as_ref().map(|of| grant_hash(&of.grant)));
        }
    }
    wanted.terminals.sort_unstable();
    wanted.terminals.dedup();
    wanted.accounts.sort_unstable();
    wanted.accounts.dedup();
    wanted
}

/// Messages that a case repeats or takes back, and purchases that one refunds. In the usual flow there are none.
fn to_recall(holdings: &Holdings, cases: &[Case], draws: &dyn Draws) -> Recall {
    let mut recall = Recall::default();
    for case in cases {
        let CaseBody::Verified(verified) = &case.body else { continue };
        let terminal = case.sender.terminal;
        let next = holdings.terminals.get(&terminal).map_or(0, |state| state.next_sequence);
        let mut seen = |sequence: u64| {
            if sequence < next {
                recall.places.push((terminal, sequence));
            }
        };
        seen(verified.sequence);
        match &verified.asked {
            Asked::Reverse(request) => seen(request.sequence),
            Asked::Authorise(sale, _) => {
                let purchase = sale.refund.as_ref().and_then(|of| draws.message_of(&of.reference));
                recall.purchases.extend(purchase);
            }
        }
    }
    recall.places.sort_unstable();
    recall.places.dedup();
    recall.purchases.sort_unstable();
    recall.purchases.dedup();
    recall
}

fn settle_one(
    holdings: &mut Holdings,
    case: &Case,
    rules: &Rules,
    signer: &dyn AnswerSigner,
    draws: &mut dyn Draws,
) -> Result<Vec<u8>, BooksError> {
    match decide(holdings, case, rules, draws) {
        Verdict::Repeat(answer) => Ok(answer),
        Verdict::Refuse(refusal) => {
            tracing::warn!(
                ?refusal,
                terminal = %case.sender.terminal,
                peer = %case.sender.peer,
                sequence = case.sequence(),
                "message refused"
            );
            holdings.refuse(NewRefusal {
                at_ms: case.received_ms,
                refusal,
                terminal: case.sender.terminal,
                peer: case.sender.peer,
                hash: case.hash,
            });
            signer.sign(&answer_to(case, HostAnswer::Refused(refusal)))
        }
        Verdict::Accept(Accepted { id, answer, sale }) => {
            let answer = signer.sign(&answer_to(case, answer))?;
            holdings.place(NewMessage {
                id,
                terminal: case.sender.terminal,
                sequence: case.sequence(),
                hash: case.hash,
                received_ms: case.received_ms,
                bytes: Some((case.bytes.clone(), answer.clone())),
                sale,
            });
            if let Some(state) = holdings.terminal_mut(case.sender.terminal) {
                state.next_sequence = case.sequence().saturating_add(1);
                state.last_hash = case.hash;
            }
            Ok(answer)
        }
    }
}

/// The content of an answer.
fn answer_to(case: &Case, answer: HostAnswer) -> AnswerContent {
    AnswerContent {
        version: PROTOCOL_VERSION,
        terminal: case.sender.terminal,
        sequence: case.sequence(),
        request: case.hash,
        time_ms: case.received_ms,
        answer,
    }
}
