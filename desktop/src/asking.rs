//! What the commands ask the bank through the terminal: the supervisor's agreement, transactions, receipts.

use crate::{counter::Counter, error::ProgramError};
use mpos_protocol::{
    Text,
    admin::{
        AdminAnswer, Grant, HistoryPage, HistoryRequest, HistoryScope, ReceiptRequest, SupervisorPurpose,
        Transaction,
    },
    sale::Reference,
    shell::{BankAsk, TypedCode},
};

/// Most transactions of one list or file; who needs more asks for a shorter range.
pub(crate) const LISTED_MAX: usize = 10_000;

/// A range of the history, as a command asks for it.
pub(crate) struct Range {
    /// Milliseconds since 1970 UTC, inclusive.
    pub(crate) from_ms: u64,
    /// Milliseconds since 1970 UTC, inclusive.
    pub(crate) to_ms: u64,
    /// A part of a reference, or a card's last four digits.
    pub(crate) search: Option<Text<12>>,
}

impl Counter<'_> {
    /// Asks for the supervisor's agreement.
    ///
    /// # Errors
    /// [`ProgramError::Supervisor`] when the code is not taken.
    pub(crate) fn agreed(&self, code: &TypedCode, purpose: SupervisorPurpose) -> Result<Grant, ProgramError> {
        match self.ask(BankAsk::CheckSupervisorCode { code: code.clone(), purpose })? {
            AdminAnswer::Granted { grant, .. } => Ok(grant),
            AdminAnswer::SupervisorRefused(fault) => Err(ProgramError::Supervisor(fault)),
            _ => Err(ProgramError::OutOfTurn),
        }
    }

    /// Defines the business's first code.
    ///
    /// # Errors
    /// [`ProgramError::Supervisor`].
    pub(crate) fn define_code(&self, code: &TypedCode) -> Result<(), ProgramError> {
        match self.ask(BankAsk::DefineSupervisorCode { code: code.clone() })? {
            AdminAnswer::SupervisorDefined => Ok(()),
            AdminAnswer::SupervisorRefused(fault) => Err(ProgramError::Supervisor(fault)),
            _ => Err(ProgramError::OutOfTurn),
        }
    }

    /// All transactions of a range, page by page, up to [`LISTED_MAX`]; the first page's totals with all rows.
    ///
    /// # Errors
    /// [`ProgramError::History`], [`ProgramError::TooManyTransactions`].
    pub(crate) fn transactions(
        &self,
        scope: &HistoryScope,
        range: &Range,
    ) -> Result<(HistoryPage, Vec<Transaction>), ProgramError> {
        let mut rows = Vec::new();
        let first = self.page(scope, range, None)?;
        if usize::try_from(first.totals.transactions).unwrap_or(usize::MAX) > LISTED_MAX {
            return Err(ProgramError::TooManyTransactions { found: first.totals.transactions });
        }
        rows.extend(first.transactions.iter().cloned());
        let mut next = first.next;
        while let Some(before) = next {
            let page = self.page(scope, range, Some(before))?;
            rows.extend(page.transactions.iter().cloned());
            // Sales of this very moment may come in between; the list does not grow without end for them.
            next = page.next.filter(|_| rows.len() < LISTED_MAX);
        }
        Ok((first, rows))
    }

    fn page(
        &self,
        scope: &HistoryScope,
        range: &Range,
        before: Option<u64>,
    ) -> Result<HistoryPage, ProgramError> {
        let request = HistoryRequest {
            scope: scope.clone(),
            from_ms: range.from_ms,
            to_ms: range.to_ms,
            search: range.search.clone(),
            before,
        };
        match self.ask(BankAsk::History(request))? {
            AdminAnswer::History(page) => Ok(page),
            AdminAnswer::HistoryRefused(fault) => Err(ProgramError::History(fault)),
            _ => Err(ProgramError::OutOfTurn),
        }
    }

    /// The transaction of this reference within the last year, of this terminal or of another of its business.
    ///
    /// # Errors
    /// [`ProgramError::NoTransaction`].
    pub(crate) fn transaction(
        &self,
        reference: &Reference,
        code: &TypedCode,
        range: &Range,
    ) -> Result<Transaction, ProgramError> {
        let found = |rows: Vec<Transaction>| rows.into_iter().find(|row| row.reference == *reference);
        if let Some(row) = found(self.transactions(&HistoryScope::Device, range)?.1) {
            return Ok(row);
        }
        let grant = self.agreed(code, SupervisorPurpose::MerchantHistory)?;
        found(self.transactions(&HistoryScope::Merchant { grant }, range)?.1)
            .ok_or_else(|| ProgramError::NoTransaction { reference: reference.to_string() })
    }

    /// Has a receipt sent by SMS.
    ///
    /// # Errors
    /// [`ProgramError::Receipt`].
    pub(crate) fn send_receipt(&self, request: ReceiptRequest) -> Result<(), ProgramError> {
        match self.ask(BankAsk::SendReceipt(request))? {
            AdminAnswer::ReceiptQueued => Ok(()),
            AdminAnswer::ReceiptRefused(fault) => Err(ProgramError::Receipt(fault)),
            _ => Err(ProgramError::OutOfTurn),
        }
    }
}
