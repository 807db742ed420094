//! Look-ups in redb: a sale by receipt number, sequence, reference or time.
//!
//! The index is derived: it may be deleted, lag behind or be damaged, and is brought up to the journal when the book
//! is opened. It is never asked whether something is kept, and when it fails the book goes on without it. The one
//! thing that it proves is loss: an index that has seen more entries than the journal holds.
//!
//! Rows are gathered in memory and committed in batches without a sync ([`Durability::None`]): a sale waits for one
//! sync, the journal's. What a crash takes from the index is read from the journal again.

use crate::{
    index_key::{Key, receipt_in},
    layout::Seal,
    state::SaleRow,
};
use mpos_protocol::{
    book::RecordedOutcome,
    sale::{ReceiptNumber, Reference},
};
use redb::{Builder, Database, Durability, ReadOnlyTable, ReadableDatabase, StorageBackend, TableDefinition};
use serde::{Deserialize, Serialize};
use std::{ops::Range, sync::Arc};

/// Version of the rows; an index of another is rebuilt.
const INDEX_VERSION: u16 = 3;
/// How many rows wait in memory for a commit.
const BATCH_ROWS_MAX: usize = 64;
/// How many commits go unsynced before one is made durable: redb frees no page before that.
const UNSYNCED_COMMITS_MAX: u32 = 32;
/// Memory for cached pages, in bytes.
const CACHE_BYTES: usize = 1 << 20;

/// All rows, by their [`Key`]. Up to version 2 a table of this name had another type: such an index does not open, and
/// is rebuilt.
const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("sales");

type Rows = ReadOnlyTable<&'static [u8], &'static [u8]>;

/// Look-ups are not possible: there is no index, or it failed and will be rebuilt when the book is opened again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ledger's index cannot be used now")]
pub struct IndexUnavailable;

/// Up to where the index has taken the journal in.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    version: u16,
    entries: u32,
    seal: Seal,
}

/// The index of one book.
pub struct Index {
    /// None once it failed, or when there is no place for one.
    database: Option<Database>,
    mark: Mark,
    waiting: Vec<SaleRow>,
    unsynced_commits: u32,
}

impl Index {
    /// An index that finds nothing.
    pub(crate) fn none() -> Self {
        let mark = Mark { version: INDEX_VERSION, ..Mark::default() };
        Self { database: None, mark, waiting: Vec::new(), unsynced_commits: 0 }
    }

    /// Opens what is there; what is damaged or of another version is made anew.
    pub(crate) fn open(backend: Box<dyn StorageBackend>) -> Self {
        let backend = Shared(Arc::from(backend));
        match open_database(backend.clone()).and_then(|database| Ok((read_mark(&database)?, database))) {
            Ok((Some(mark), database)) if mark.version == INDEX_VERSION => {
                return Self { database: Some(database), mark, ..Self::none() };
            }
            Ok((None, database)) => return Self { database: Some(database), ..Self::none() },
            Ok((Some(mark), _)) => {
                tracing::warn!(version = mark.version, "index of another version: rebuilt")
            }
            Err(error) => tracing::warn!(%error, "index damaged: rebuilt"),
        }
        let emptied = backend.set_len(0).map_err(redb::Error::from);
        match emptied.and_then(|()| open_database(backend)) {
            Ok(database) => Self { database: Some(database), ..Self::none() },
            Err(error) => {
                tracing::warn!(%error, "no index: the ledger goes on without look-ups");
                Self::none()
            }
        }
    }

    /// How many entries of the journal it has taken in.
    pub(crate) fn entries(&self) -> u32 {
        self.mark.entries
    }

    /// Makes it an index of the journal whose entry [`entries`](Self::entries) has `seal`: empties it unless that is
    /// the entry it has taken in.
    pub(crate) fn adopt(&mut self, seal: Option<Seal>) {
        if self.mark.entries != 0 && seal != Some(self.mark.seal) {
            tracing::warn!("index of another ledger: rebuilt");
            self.mark = Self::none().mark;
            self.attempt(delete_rows);
        }
    }

    /// Takes in what the journal has and it has not, in one commit, and makes it durable.
    pub(crate) fn catch_up(&mut self, steps: impl Iterator<Item = (u32, Seal, Option<SaleRow>)>) {
        let taken_in = self.mark.entries;
        for (number, seal, row) in steps.filter(|(number, ..)| *number > taken_in) {
            self.mark = Mark { version: INDEX_VERSION, entries: number, seal };
            self.waiting.extend(row);
        }
        self.commit(Durability::Immediate);
    }

    /// Takes in the journal's next entry.
    pub(crate) fn take(&mut self, number: u32, seal: &Seal, row: Option<SaleRow>) {
        if self.database.is_none() {
            return;
        }
        self.mark = Mark { version: INDEX_VERSION, entries: number, seal: *seal };
        self.waiting.extend(row);
        if self.waiting.len() >= BATCH_ROWS_MAX {
            self.unsynced_commits += 1;
            let durable = self.unsynced_commits >= UNSYNCED_COMMITS_MAX;
            self.commit(if durable { Durability::Immediate } else { Durability::None });
        }
    }

    /// The sale with this receipt number.
    ///
    /// # Errors
    /// [`IndexUnavailable`], here and below.
    pub fn by_receipt(&mut self, receipt: ReceiptNumber) -> Result<Option<SaleRow>, IndexUnavailable> {
        self.read(|rows| row(rows, receipt.0))
    }

    /// The sale whose request took this sequence; the later one where the first was refused.
    ///
    /// # Errors
    /// [`IndexUnavailable`].
    pub fn by_sequence(&mut self, sequence: u64) -> Result<Option<SaleRow>, IndexUnavailable> {
        self.read(|rows| referred(rows, Key::Sequence(sequence)))
    }

    /// The sale that the bank knows by this reference.
    ///
    /// # Errors
    /// [`IndexUnavailable`].
    pub fn by_reference(&mut self, reference: &Reference) -> Result<Option<SaleRow>, IndexUnavailable> {
        self.read(|rows| referred(rows, Key::Reference(reference)))
    }

    /// The first `limit` sales from `sequence` on, those with receipts before `first` left out; of two under one
    /// sequence the later.
    ///
    /// # Errors
    /// [`IndexUnavailable`].
    pub fn from_sequence(
        &mut self,
        sequence: u64,
        first: ReceiptNumber,
        limit: usize,
    ) -> Result<Vec<SaleRow>, IndexUnavailable> {
        self.read(|rows| {
            let mut sales = Vec::new();
            let [from, to] = [sequence, u64::MAX].map(|sequence| Key::Sequence(sequence).bytes());
            for found in rows.range(from.as_slice()..=to.as_slice())? {
                let receipt = receipt_of(found?.1.value())?;
                if receipt >= first.0 {
                    sales.extend(row(rows, receipt)?);
                }
                if sales.len() >= limit {
                    break;
                }
            }
            Ok(sales)
        })
    }

    /// The first `limit` sales of a span of time (milliseconds since 1970 UTC), oldest first.
    ///
    /// # Errors
    /// [`IndexUnavailable`].
    pub fn between(&mut self, span_ms: Range<u64>, limit: usize) -> Result<Vec<SaleRow>, IndexUnavailable> {
        self.read(|rows| {
            let [from, to] = [span_ms.start, span_ms.end].map(|at_ms| Key::Time(at_ms, 0).bytes());
            let found = rows.range(from.as_slice()..to.as_slice())?.take(limit);
            let sales = found.map(|time| row(rows, receipt_of(time?.0.value())?));
            Ok(sales.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        })
    }

    fn commit(&mut self, durability: Durability) {
        let (rows, mark) = (core::mem::take(&mut self.waiting), self.mark);
        if matches!(durability, Durability::Immediate) {
            self.unsynced_commits = 0;
        }
        self.attempt(|database| write_rows(database, &rows, &mark, durability));
    }

    fn read<T>(
        &mut self,
        look_up: impl FnOnce(&Rows) -> Result<T, redb::Error>,
    ) -> Result<T, IndexUnavailable> {
        self.commit(Durability::None);
        self.attempt(|database| look_up(&database.begin_read()?.open_table(ROWS)?)).ok_or(IndexUnavailable)
    }

    /// Does something with the database; one that fails is given up.
    fn attempt<T>(&mut self, work: impl FnOnce(&Database) -> Result<T, redb::Error>) -> Option<T> {
        match work(self.database.as_ref()?) {
            Ok(value) => Some(value),
            Err(error) => {
                tracing::warn!(%error, "index given up until the next start");
                self.database = None;
                None
            }
        }
    }
}

fn open_database(backend: Shared) -> Result<Database, redb::Error> {
    let mut builder = Builder::new();
    // A plain open trusts the file and may panic on a damaged one.
    builder.set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true);
    let database = builder.create_with_backend(backend)?;
    let writing = database.begin_write()?;
    writing.open_table(ROWS)?;
    writing.commit()?;
    Ok(database)
}

fn read_mark(database: &Database) -> Result<Option<Mark>, redb::Error> {
    let rows = database.begin_read()?.open_table(ROWS)?;
    let mark = rows.get(Key::Mark.bytes().as_slice())?.map(|bytes| postcard::from_bytes(bytes.value()));
    mark.transpose().map_err(|_| redb::Error::Corrupted("the mark does not decode".into()))
}

fn write_rows(
    database: &Database,
    rows: &[SaleRow],
    mark: &Mark,
    durability: Durability,
) -> Result<(), redb::Error> {
    let mut writing = database.begin_write()?;
    writing.set_durability(durability)?;
    {
        let mut table = writing.open_table(ROWS)?;
        let mut put = |key: Key<'_>, value: &[u8]| table.insert(key.bytes().as_slice(), value).map(drop);
        for row in rows {
            let receipt = row.record.receipt.0;
            put(Key::Sale(receipt), &encode(row)?)?;
            put(Key::Sequence(row.sequence), &receipt.to_be_bytes())?;
            put(Key::Time(row.record.at.unix_ms, receipt), &[])?;
            if let Some(
                RecordedOutcome::Approved { reference, .. } | RecordedOutcome::Declined { reference, .. },
            ) = &row.outcome
            {
                put(Key::Reference(reference), &receipt.to_be_bytes())?;
            }
        }
        put(Key::Mark, &encode(mark)?)?;
    }
    Ok(writing.commit()?)
}

fn delete_rows(database: &Database) -> Result<(), redb::Error> {
    let writing = database.begin_write()?;
    writing.open_table(ROWS)?.retain(|_, _| false)?;
    Ok(writing.commit()?)
}

fn row(rows: &Rows, receipt: u32) -> Result<Option<SaleRow>, redb::Error> {
    let row = rows.get(Key::Sale(receipt).bytes().as_slice())?;
    let row = row.map(|bytes| postcard::from_bytes(bytes.value()));
    row.transpose().map_err(|_| redb::Error::Corrupted("a row does not decode".into()))
}

/// The sale whose receipt number stands under a key.
fn referred(rows: &Rows, key: Key<'_>) -> Result<Option<SaleRow>, redb::Error> {
    match rows.get(key.bytes().as_slice())? {
        Some(receipt) => row(rows, receipt_of(receipt.value())?),
        None => Ok(None),
    }
}

fn receipt_of(bytes: &[u8]) -> Result<u32, redb::Error> {
    receipt_in(bytes).ok_or_else(|| redb::Error::Corrupted("a row leads to no receipt".into()))
}

fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, redb::Error> {
    postcard::to_allocvec(value).map_err(|_| redb::Error::Corrupted("a row does not encode".into()))
}

/// A backend that is still there after a failed open, to be emptied. It takes no lock: the journal's keeps other
/// processes out.
#[derive(Clone, Debug)]
struct Shared(Arc<dyn StorageBackend>);

impl StorageBackend for Shared {
    fn len(&self) -> Result<u64, std::io::Error> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), std::io::Error> {
        self.0.read(offset, out)
    }

    fn set_len(&self, length: u64) -> Result<(), std::io::Error> {
        self.0.set_len(length)
    }

    fn sync_data(&self) -> Result<(), std::io::Error> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), std::io::Error> {
        self.0.write(offset, data)
    }
}
