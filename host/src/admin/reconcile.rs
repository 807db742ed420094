//! A page of a terminal's book, compared and noted: what differs is kept and told, what does not differ any more has
//! ended, and the mark goes on. And when a terminal is asked for pages at all.
//!
//! A pass is ordered with the answer to a report, so before each sale; it must cost the sales nothing. So a terminal
//! whose chain is the bank's is asked only when enough is new or the last pass is a while ago; one whose chain is not the
//! bank's is asked at once, and then no more until one of the two moves.

use super::{KnownTerminal, NotAnswered};
use crate::{
    reconcile::{Comparison, Difference, compare},
    store::{
        Store,
        reconciliation::{Place, Reconciling},
    },
};
use mpos_protocol::{
    admin::AdminAnswer,
    reconcile::{ChainHead, ReconcileFault, ReconcilePage},
};

/// So many new messages are compared whatever the time.
const NEW_MESSAGES: u64 = 16;
/// After so long anything new is compared.
const AGAIN_MS: u64 = 10 * 60 * 1000;

/// From which sequence on a terminal whose chain stands at `told` shall say what its book has; none when it need not.
pub(crate) fn ordered_from(place: &Place, bank: ChainHead, told: ChainHead, now_ms: u64) -> Option<u64> {
    // One that says nothing of its chain is taken at its pages' word.
    let told = if told.next_sequence == 0 { bank } else { told };
    let is_due = match place.passed_ms {
        _ if place.wanted => true,
        Some(_) if place.passed == (told, bank) => false,
        _ if told != bank => true,
        // They were not the same, and are now: the right copy is back, and what differed has ended.
        Some(_) if place.passed.0 != place.passed.1 => true,
        Some(passed_ms) => {
            let new = bank.next_sequence.saturating_sub(place.passed.1.next_sequence);
            new >= NEW_MESSAGES || now_ms.saturating_sub(passed_ms) >= AGAIN_MS
        }
        None => bank.next_sequence > 1,
    };
    is_due.then(|| place.mark.min(told.next_sequence).min(bank.next_sequence).max(1))
}

/// Compares a page that came signed as `signed`.
pub(crate) async fn page(
    store: &Store,
    from: &KnownTerminal,
    page: &ReconcilePage,
    (signed, now_ms): (&[u8], u64),
) -> Result<AdminAnswer, NotAnswered> {
    let terminal = from.terminal;
    let mut reconciling = Reconciling::begin(store).await?;
    let (place, chain) = reconciling.place(terminal).await?;
    let expected = place.mark.max(place.cursor);
    if page.from > expected {
        return Ok(refuse(from, ReconcileFault::OutOfPlace { expected }));
    }
    let bank = reconciling.held(terminal, page, chain).await?;
    let found = match compare(page, &bank) {
        Ok(found) => found,
        Err(fault) => return Ok(refuse(from, fault)),
    };
    let open = reconciling.open_between(terminal, (page.from, found.end)).await?;
    let is_new = |found: &&Difference| !open.iter().any(|open| open.is(found));
    let new: Vec<&Difference> = found.differences.iter().filter(is_new).collect();
    let (heads, mut after) = ((page.chain, chain), place_after(&place, page, chain, &found));
    after.compared_ms = Some(now_ms);
    if !reconciling.has_room_for(terminal, new.len()).await? {
        // It is asked again when something moves, and not before: it would be the same.
        let stopped = Place { passed_ms: Some(now_ms), passed: heads, wanted: false, ..place };
        reconciling.keep(terminal, &stopped).await?;
        reconciling.commit().await?;
        return Ok(refuse(from, ReconcileFault::TooManyDifferences));
    }
    for open in &open {
        let is_there = found.differences.iter().any(|found| open.is(found));
        let was_looked_at =
            if open.sequence == 0 { found.with_chains } else { found.waiting != Some(open.sequence) };
        if was_looked_at && !is_there {
            reconciling.end(open, now_ms).await?;
            tracing::info!(%terminal, sequence = open.sequence, "terminal and bank agree again");
        }
    }
    if !new.is_empty() {
        reconciling.add(terminal, &new, (signed, now_ms)).await?;
    }
    if after.mark < place.mark {
        after.compared = reconciling.transactions_before(terminal, after.mark).await?;
    }
    if found.next.is_none() {
        after = Place { passed_ms: Some(now_ms), passed: heads, wanted: false, ..after };
    }
    reconciling.keep(terminal, &after).await?;
    reconciling.commit().await?;
    new.into_iter().for_each(|difference| tell(from, difference));
    Ok(AdminAnswer::Reconciled { next: found.next })
}

/// Where the reconciliation stands after a page. The mark goes on over what was compared without a gap, and never to
/// where only one of the two has anything.
fn place_after(place: &Place, page: &ReconcilePage, bank: ChainHead, found: &Comparison) -> Place {
    let waiting_or_end = found.waiting.unwrap_or(found.end);
    let reached = waiting_or_end.min(page.chain.next_sequence).min(bank.next_sequence).max(1);
    let mark = match (page.from <= place.mark, found.next) {
        (false, _) => place.mark,
        (true, None) => reached,
        (true, Some(_)) => reached.max(place.mark),
    };
    let newly = found.transactions.iter().filter(|sequence| (place.mark..mark).contains(*sequence)).count();
    Place {
        mark,
        cursor: found.next.unwrap_or(mark),
        compared: place.compared.saturating_add(u64::try_from(newly).unwrap_or(u64::MAX)),
        // A page further on says nothing of what holds the mark.
        waiting: if page.from <= place.mark { found.waiting } else { place.waiting.or(found.waiting) },
        ..place.clone()
    }
}

fn refuse(from: &KnownTerminal, fault: ReconcileFault) -> AdminAnswer {
    tracing::warn!(terminal = %from.terminal, ?fault, "a page of a terminal's book is not compared");
    AdminAnswer::ReconcileRefused(fault)
}

fn tell(from: &KnownTerminal, difference: &Difference) {
    tracing::warn!(
        terminal = %from.terminal,
        sequence = difference.sequence,
        kind = %difference.kind,
        terminal_says = difference.terminal_says,
        bank_says = difference.bank_says,
        "terminal and bank differ: see the list of differences"
    );
}
