//! The book: the journal, the rules and the index together.
//!
//! Each `record_…` checks that the entry may follow, makes it durable, and only then changes what the book knows.
//! An error leaves the book as it was; after [`StoreFault::Unreadable`] it must be opened again
//! ([`Book::has_failed`]), since only the disk knows then whether the entry is kept.

use crate::{
    entry::Entry,
    index::{Index, IndexUnavailable},
    journal::Journal,
    page::{self, ROWS_READ, RowsFrom},
    state::State,
};
use mpos_ports::AppendFile;
use mpos_protocol::{
    book::{ChainRestored, RecordAnswer, RecordEnrolment, RecordRequest, StoreFault},
    reconcile::ReconcilePage,
    terminal::TerminalProfile,
};
use redb::StorageBackend;

pub use crate::{journal::TornTail, state::SaleRow};

/// The book of one terminal.
pub struct Book {
    journal: Journal,
    state: State,
    index: Index,
    torn: Option<TornTail>,
}

impl Book {
    /// Reads the whole journal, makes what it holds durable, cuts off the torn write of a crash, erases what is not
    /// needed any more, and brings the index up to it. Without a backend there are no look-ups.
    ///
    /// # Errors
    /// [`StoreFault`]. [`StoreFault::Damaged`] names an entry by its number, from 1; 0 is the file's header. It is also
    /// given when the index has seen entries that the journal has not: the journal lost them, or an older copy was
    /// put in its place.
    pub fn open(
        journal: Box<dyn AppendFile>,
        index: Option<Box<dyn StorageBackend>>,
    ) -> Result<Self, StoreFault> {
        let mut state = State::default();
        let mut index = index.map_or_else(Index::none, Index::open);
        let (mut steps, mut erasable, mut seal_at_mark) = (Vec::new(), Vec::new(), None);
        let (mut journal, torn) = Journal::open(journal, |placed| {
            state.check(&placed.entry).map_err(|_| StoreFault::Damaged { entry: placed.number })?;
            let (number, seal) = (placed.number, placed.seal);
            if number == index.entries() {
                seal_at_mark = Some(seal);
            }
            let change = state.apply(placed);
            steps.push((number, seal, change.row));
            erasable.extend(change.erasable);
            Ok(())
        })?;
        if let Some(entry) = state.first_damaged() {
            return Err(StoreFault::Damaged { entry });
        }
        if index.entries() > journal.entries() {
            return Err(StoreFault::Damaged { entry: journal.entries().saturating_add(1) });
        }
        // An erasure that a crash undid.
        erasable.iter().try_for_each(|payload| journal.erase(payload))?;
        index.adopt(seal_at_mark);
        index.catch_up(steps.into_iter());
        Ok(Self { journal, state, index, torn })
    }

    /// Makes durable room for a sale that begins, so that a full disk is found before its card is read. What is open
    /// is resolved first, from the room it was promised. The sale's request is held to the room that there is then.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn make_room(&mut self) -> Result<(), StoreFault> {
        self.journal.make_free(self.state.bytes_for_a_sale())
    }

    /// Keeps what enrolment gave.
    ///
    /// # Errors
    /// [`StoreFault`]; [`StoreFault::OutOfOrder`] while a request is unresolved.
    pub fn record_enrolment(&mut self, enrolment: RecordEnrolment) -> Result<(), StoreFault> {
        self.record(Entry::Enrolled(enrolment.profile))
    }

    /// Keeps a signed request: it may leave once this returns.
    ///
    /// # Errors
    /// [`StoreFault`]; [`StoreFault::Full`] unless what resolves it will fit too.
    pub fn record_request(&mut self, request: RecordRequest) -> Result<(), StoreFault> {
        if request.signed.is_empty() {
            // It would read as one whose bytes were erased.
            return Err(StoreFault::OutOfOrder);
        }
        self.record(Entry::Request(request))
    }

    /// Keeps the bank's signed answer: it may be shown once this returns.
    ///
    /// # Errors
    /// [`StoreFault`]; never [`StoreFault::Full`] for a request that was kept.
    pub fn record_answer(&mut self, answer: RecordAnswer) -> Result<(), StoreFault> {
        self.record(Entry::Answer(answer))
    }

    /// What enrolment gave; none before it.
    pub fn profile(&self) -> Option<&TerminalProfile> {
        self.state.profile()
    }

    /// How many requests wait for their end.
    pub fn unresolved(&self) -> usize {
        self.state.unresolved()
    }

    /// The number that the next tap takes (tag 9F41).
    pub fn next_transaction(&self) -> u32 {
        self.state.next_transaction()
    }

    /// Where the chain of signed messages stands.
    pub fn chain(&self) -> ChainRestored {
        self.state.chain()
    }

    /// A page of the present terminal's transactions from `sequence` on, for the bank to compare. From the index, or from
    /// the journal itself where there is none.
    ///
    /// # Errors
    /// [`StoreFault`], of reading the journal.
    pub fn transactions(&mut self, sequence: u64) -> Result<ReconcilePage, StoreFault> {
        let first = self.state.first_receipt();
        let rows = match self.index.from_sequence(sequence, first, ROWS_READ) {
            Ok(rows) => rows,
            Err(IndexUnavailable) => {
                let mut rows = RowsFrom::new(sequence);
                let mut state = State::default();
                self.journal.read_again(|placed| {
                    let identity = state.first_receipt();
                    let change = state.apply(placed);
                    if state.first_receipt() != identity {
                        rows.forget();
                    }
                    rows.take(change.row);
                })?;
                rows.into_rows()
            }
        };
        Ok(page::of(rows, sequence, self.state.chain_head()))
    }

    /// What was cut off when the book was opened.
    pub fn torn_tail(&self) -> Option<TornTail> {
        self.torn
    }

    /// Whether the disk failed: the book must be opened again before it keeps anything more.
    pub fn has_failed(&self) -> bool {
        self.journal.has_failed()
    }

    /// Look-ups.
    pub fn index(&mut self) -> &mut Index {
        &mut self.index
    }

    fn record(&mut self, entry: Entry) -> Result<(), StoreFault> {
        self.state.check(&entry)?;
        let keep_free = self.state.bytes_to_keep_free(&entry);
        let placed = self.journal.append(entry, keep_free)?;
        let (number, seal) = (placed.number, placed.seal);
        let change = self.state.apply(placed);
        for payload in &change.erasable {
            // The entry is durable whatever becomes of this; a disk that fails here shows in `has_failed`, and
            // the erasure is done again when the book is opened.
            let _ = self.journal.erase(payload);
        }
        self.index.take(number, &seal, change.row);
        Ok(())
    }
}
