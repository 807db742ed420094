//! Transactions: what is asked for ([`form`]), the supervisor's word for those of all terminals ([`code`]), the list
//! with its totals ([`list`]), one of them ([`details`]), and all of them for a file ([`export`]).

mod code;
mod details;
mod export;
mod form;
mod list;

pub use export::{EXPORT_ROWS_MAX, Export, ExportFormat};
pub(crate) use form::Form;

use mpos_protocol::{
    Text,
    admin::{Grant, HISTORY_SEARCH_MAX, HistoryRequest, HistoryScope},
};

/// What is looked at.
#[derive(Clone)]
pub(crate) struct Query {
    /// Milliseconds since 1970 UTC, inclusive.
    pub(crate) from_ms: u64,
    /// Milliseconds since 1970 UTC, inclusive.
    pub(crate) to_ms: u64,
    /// The supervisor's agreement, for those of all terminals.
    pub(crate) grant: Option<Grant>,
    pub(crate) search: Option<Text<HISTORY_SEARCH_MAX>>,
}

impl Query {
    /// One page of it: the first, or the one below.
    pub(crate) fn page(&self, before: Option<u64>) -> HistoryRequest {
        HistoryRequest {
            scope: match &self.grant {
                None => HistoryScope::Device,
                Some(grant) => HistoryScope::Merchant { grant: grant.clone() },
            },
            from_ms: self.from_ms,
            to_ms: self.to_ms,
            search: self.search.clone(),
            before,
        }
    }
}
