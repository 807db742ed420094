//! All transactions of a range for a file: page after page is asked for, then they are handed out. Writing the file
//! is the program's work.

use super::Query;
use crate::words::{Phrase, say};
use mpos_protocol::{
    admin::{HistoryPage, HistoryTotals, Transaction},
    terminal::{Merchant, TerminalId},
};

/// Most transactions of one export: beyond it the memory of a small phone is better spent.
pub const EXPORT_ROWS_MAX: usize = 10_000;

/// What kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// Comma-separated values.
    Csv,
    /// With the bank's heading, to be printed.
    Pdf,
}

/// What is to be written to a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Export {
    /// What kind of file.
    pub format: ExportFormat,
    /// The terminal that asks.
    pub terminal: TerminalId,
    /// Its business.
    pub merchant: Merchant,
    /// Of all terminals of the business, or of this one.
    pub of_merchant: bool,
    /// Begin of the range, milliseconds since 1970 UTC, inclusive.
    pub from_ms: u64,
    /// End of the range, inclusive.
    pub to_ms: u64,
    /// What was searched for.
    pub search: Option<String>,
    /// Of the whole range.
    pub totals: HistoryTotals,
    /// Newest first.
    pub transactions: Vec<Transaction>,
}

/// An export while its pages come.
pub(crate) struct Gathering {
    format: ExportFormat,
    rows: Vec<Transaction>,
    totals: HistoryTotals,
}

/// What to do after a page.
pub(crate) enum Gathered {
    /// Ask for the page below this one.
    More(u64),
    /// All is here.
    All,
    /// It cannot be.
    Failed(Phrase),
}

impl Gathering {
    /// Refuses a range with more transactions than an export takes.
    pub(crate) fn begin(format: ExportFormat, totals: HistoryTotals) -> Result<Self, Phrase> {
        if totals.transactions as usize > EXPORT_ROWS_MAX {
            return Err(say("export-too-many").number("limit", EXPORT_ROWS_MAX as u64));
        }
        Ok(Self { format, rows: Vec::new(), totals })
    }

    pub(crate) fn count(&self) -> usize {
        self.rows.len()
    }

    /// Takes a page. One that brings nothing and still names a next one ends the export: the bank makes no sense.
    pub(crate) fn take(&mut self, page: HistoryPage) -> Gathered {
        let rows = page.transactions.into_vec();
        let brings_nothing = rows.is_empty();
        self.totals = page.totals;
        self.rows.extend(rows);
        match page.next {
            _ if self.rows.len() > EXPORT_ROWS_MAX => {
                Gathered::Failed(say("export-too-many").number("limit", EXPORT_ROWS_MAX as u64))
            }
            Some(_) if brings_nothing => Gathered::Failed(say("ask-no-sense")),
            Some(next) => Gathered::More(next),
            None => Gathered::All,
        }
    }

    pub(crate) fn finish(self, query: &Query, terminal: TerminalId, merchant: Merchant) -> Export {
        Export {
            format: self.format,
            terminal,
            merchant,
            of_merchant: query.grant.is_some(),
            from_ms: query.from_ms,
            to_ms: query.to_ms,
            search: query.search.as_ref().map(ToString::to_string),
            totals: self.totals,
            transactions: self.rows,
        }
    }
}
