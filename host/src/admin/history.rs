//! The history: a terminal's own transactions, or with the supervisor's agreement those of all the business's terminals.
//!
//! A page is a look at the books as they are; the next one goes on below the last transaction of the one before, so that
//! what is sold meanwhile neither repeats nor leaves out any. Totals are of the whole range, whatever is searched for.

use super::{KnownTerminal, NotAnswered};
use crate::{
    bank::IssuerKeys,
    refund::grant_hash,
    store::{
        Store,
        history::{self, Range},
        supervisor,
    },
};
use mpos_protocol::admin::{AdminAnswer, HISTORY_RANGE_MAX_MS, HistoryFault, HistoryRequest, HistoryScope};

pub(crate) async fn page(
    (store, keys): (&Store, &IssuerKeys),
    from: &KnownTerminal,
    request: &HistoryRequest,
    now_ms: u64,
) -> Result<AdminAnswer, NotAnswered> {
    let range_ms = match request.to_ms.checked_sub(request.from_ms) {
        None => return Ok(refuse(from, HistoryFault::Reversed)),
        Some(range_ms) if range_ms > HISTORY_RANGE_MAX_MS => return Ok(refuse(from, HistoryFault::TooLong)),
        Some(_) => (request.from_ms, request.to_ms),
    };
    let terminal = match &request.scope {
        HistoryScope::Device => Some(from.terminal),
        HistoryScope::Merchant { grant } => {
            let hash = grant_hash(grant);
            if !supervisor::may_see_merchant_history(store, &hash, from.terminal, now_ms).await? {
                return Ok(refuse(from, HistoryFault::GrantExpired));
            }
            None
        }
    };
    let range = Range {
        business: from.business,
        terminal,
        range_ms,
        search: request.search.as_deref().map(str::trim).filter(|search| !search.is_empty()),
        before: request.before,
    };
    Ok(AdminAnswer::History(history::page(store, keys, &range).await?))
}

fn refuse(from: &KnownTerminal, fault: HistoryFault) -> AdminAnswer {
    tracing::warn!(?fault, terminal = %from.terminal, business = from.business.0, "no history shown");
    AdminAnswer::HistoryRefused(fault)
}
