//! A receipt by SMS: made of what the books say, kept in the same moment as it is promised, sent by [`crate::sms`].

use super::KnownTerminal;
use crate::{
    clock::Clock,
    config::HostConfig,
    draws::References,
    error::BooksError,
    sms::text::{self, Said},
    store::{
        Store,
        messages::{Limits, NewSms, Queueing},
    },
};
use mpos_protocol::{
    Text,
    admin::{AdminAnswer, ReceiptFault, ReceiptRequest},
};
use std::sync::Arc;
use tokio::sync::Notify;

/// Receipts of one transaction.
const OF_TRANSACTION_MAX: u32 = 3;
/// Receipts of one terminal in the window: more is no shop, and each costs the bank.
const OF_TERMINAL_MAX: u32 = 30;
/// The window.
const WINDOW_MS: u64 = 60 * 60 * 1000;

/// Who takes receipts in.
pub(crate) struct Receipts {
    store: Store,
    clock: Arc<dyn Clock>,
    references: References,
    bank_name: Text<64>,
    queued: Arc<Notify>,
}

impl Receipts {
    pub(crate) fn new(
        store: &Store,
        config: &HostConfig,
        references: &References,
        queued: Arc<Notify>,
    ) -> Self {
        Self {
            store: store.clone(),
            clock: Arc::clone(&config.clock),
            references: references.clone(),
            bank_name: config.bank_name.clone(),
            queued,
        }
    }

    /// Queues a receipt; one that was queued before, by the same id, once.
    pub(crate) async fn queue(
        &self,
        from: &KnownTerminal,
        request: &ReceiptRequest,
    ) -> Result<AdminAnswer, BooksError> {
        let queued = self.try_queue(from, request).await?;
        let (terminal, phone) = (from.terminal, request.phone.masked());
        Ok(match queued {
            Ok(()) => {
                tracing::info!(%terminal, phone, "receipt queued");
                self.queued.notify_one();
                AdminAnswer::ReceiptQueued
            }
            Err(fault) => {
                tracing::warn!(?fault, %terminal, phone, "receipt not sent");
                AdminAnswer::ReceiptRefused(fault)
            }
        })
    }

    async fn try_queue(
        &self,
        from: &KnownTerminal,
        request: &ReceiptRequest,
    ) -> Result<Result<(), ReceiptFault>, BooksError> {
        let now_ms = self.clock.unix_ms();
        let mut queueing = Queueing::begin(&self.store).await?;
        if queueing.has(from.terminal, &request.id).await? {
            return Ok(Ok(()));
        }
        let named = self.references.message_of(&request.reference);
        let Some(paid) = queueing.sale(from.business, &request.reference, named).await? else {
            return Ok(Err(ReceiptFault::UnknownReference));
        };
        let Some(auth_code) = &paid.auth_code else { return Ok(Err(ReceiptFault::NotPaid)) };
        let limits = Limits {
            of_sale: OF_TRANSACTION_MAX,
            of_terminal: OF_TERMINAL_MAX,
            since_ms: now_ms.saturating_sub(WINDOW_MS),
        };
        if !queueing.within(limits, from.terminal, paid.message).await? {
            return Ok(Err(ReceiptFault::TooMany));
        }
        let body = text::receipt(
            request.language,
            &Said {
                bank: &self.bank_name,
                kind: paid.kind,
                amount: paid.amount,
                currency: paid.currency,
                scheme: paid.scheme,
                card: paid.card,
                at_ms: paid.signed_ms,
                reference: &request.reference,
                terminal: paid.terminal,
                auth_code,
            },
        );
        let sms = NewSms { terminal: from.terminal, id: &request.id, sale: paid.message, now_ms };
        queueing.add(&sms, &request.phone, &body).await?;
        queueing.commit().await?;
        Ok(Ok(()))
    }
}
