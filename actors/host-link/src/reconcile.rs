//! Saying what the terminal's book has, when the bank orders it: read from the ledger a page at a time, and sent as any
//! other duty. It starts with a report's answer and ends with the last page, or with whatever goes wrong: nothing is
//! lost by that, since the next report's answer orders it again from where the bank got to.
//!
//! Whoever waits goes first. A sale that begins while the ledger reads makes the page stale, and it is read anew after
//! the sale; one that begins while a page is under way waits for its answer, as it does for any other duty's.

use crate::{HostLink, Out, State, chain::Chain, timing};
use mpos_protocol::{
    Moment,
    admin::AdminRequest,
    reconcile::{
        ChainHead, ReconcilePage,
        messages::{ReadTransactions, TransactionsRead},
    },
};

/// What the bank wants to hear of the book, and what of it was read.
#[derive(Default)]
pub(crate) struct Comparison {
    /// The sequence from which on; none when nothing is owed.
    from: Option<u64>,
    page: Option<ReconcilePage>,
}

impl Comparison {
    pub(crate) fn order(&mut self, from: u64) {
        *self = Self { from: Some(from), page: None };
    }

    pub(crate) fn is_owed(&self) -> bool {
        self.from.is_some()
    }

    /// The page that is to be sent, if the chain is where it was as the page was read.
    fn has_page(&self, chain: Option<ChainHead>) -> bool {
        self.page.as_ref().is_some_and(|page| Some(page.from) == self.from && Some(page.chain) == chain)
    }

    pub(crate) fn request(&mut self) -> AdminRequest {
        AdminRequest::Reconcile(self.page.take().unwrap_or_default())
    }

    pub(crate) fn end(&mut self) {
        *self = Self::default();
    }

    /// The bank has a page, and says where the next begins. A bank that sends us back, or to where no book is, is not
    /// followed.
    fn go_on(&mut self, next: Option<u64>, chain: Option<ChainHead>) {
        let (from, end) = (self.from.unwrap_or(0), chain.map_or(0, |chain| chain.next_sequence));
        *self = Self { from: next.filter(|next| *next > from && *next <= end), page: None };
    }
}

impl HostLink {
    /// The line stands and nobody waits: has the ledger read the next page, unless it is there. True when it was there.
    pub(crate) fn page_is_read(&mut self, outbox: &mut Out) -> bool {
        let Some(from) = self.duties.comparison.from else { return false };
        if self.duties.comparison.has_page(self.chain_head()) {
            return true;
        }
        outbox.send(ReadTransactions { from });
        self.state = State::ExpectTransactions;
        self.wait_ms(timing::BOOK_WAIT_MS, outbox);
        false
    }

    pub(crate) fn transactions_read(&mut self, now: Moment, read: TransactionsRead, outbox: &mut Out) {
        // One that is not waited for any more is stale.
        if !matches!(self.state, State::ExpectTransactions) {
            return;
        }
        self.no_page_is_awaited();
        self.duties.comparison.page = read.page.ok();
        if !self.duties.comparison.has_page(self.chain_head()) {
            // Read again at once, it could be as little what is wanted: the next order will do.
            self.duties.comparison.end();
        }
        self.advance(now, outbox);
    }

    pub(crate) fn reconciled(&mut self, next: Option<u64>) {
        let chain = self.chain_head();
        self.duties.comparison.go_on(next, chain);
    }

    /// The ledger says nothing of the page, or could not be asked.
    pub(crate) fn no_page(&mut self) {
        self.no_page_is_awaited();
        self.duties.comparison.end();
    }

    fn no_page_is_awaited(&mut self) {
        if matches!(self.state, State::ExpectTransactions) {
            self.state = State::Idle;
        }
    }

    /// Where this terminal's chain stands; none before the ledger said so.
    pub(crate) fn chain_head(&self) -> Option<ChainHead> {
        self.chain.map(|Chain { next_sequence, head, .. }| ChainHead { next_sequence, head })
    }
}
