//! The index finds what the journal holds, and may be lost at any time.

use crate::{
    disk::Disk,
    script::{approved, at_ms, declined, enrolled, open, refused, reverse, reversed, sell, sell_approved},
};
use mpos_ledger::{Book, book::SaleRow};
use mpos_protocol::{
    Text,
    book::{RecordedOutcome, StoreFault},
    sale::ReceiptNumber,
};
use redb::{Builder, StorageBackend, TableDefinition};
use std::{
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

/// An index's file in memory; clones are the same file.
#[derive(Clone, Debug, Default)]
pub(crate) struct IndexDisk {
    bytes: Arc<Mutex<Vec<u8>>>,
    fails: Arc<AtomicBool>,
}

impl IndexDisk {
    fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().unwrap().clone()
    }

    fn holding(bytes: Vec<u8>) -> Self {
        Self { bytes: Arc::new(Mutex::new(bytes)), ..Self::default() }
    }

    fn check(&self) -> io::Result<()> {
        if self.fails.load(Ordering::Relaxed) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

impl StorageBackend for IndexDisk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let (bytes, start) = (self.bytes.lock().unwrap(), offset as usize);
        let found = bytes.get(start..start + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(found);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.check()?;
        self.bytes.lock().unwrap().resize(length as usize, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.check()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.check()?;
        let (mut bytes, start) = (self.bytes.lock().unwrap(), offset as usize);
        bytes[start..start + data.len()].copy_from_slice(data);
        Ok(())
    }
}

pub(crate) fn open_indexed(journal: &Disk, index: &IndexDisk) -> Result<Book, StoreFault> {
    Book::open(Box::new(journal.clone()), Some(Box::new(index.clone())))
}

/// Approved, declined, refused, approved under the refused one's sequence, reversed, open.
pub(crate) fn busy_journal() -> Disk {
    let journal = Disk::default();
    let mut book = enrolled(&journal);
    sell_approved(&mut book);
    let sequence = sell(&mut book);
    book.record_answer(declined(sequence)).unwrap();
    let sequence = sell(&mut book);
    book.record_answer(refused(sequence)).unwrap();
    sell_approved(&mut book);
    let of = sell(&mut book);
    let reversal = reverse(&mut book, of);
    book.record_answer(reversed(reversal)).unwrap();
    sell(&mut book);
    journal
}

fn all(book: &mut Book) -> Vec<SaleRow> {
    book.index().between(0..u64::MAX, 100).unwrap()
}

#[test]
fn a_sale_is_found_by_receipt_sequence_reference_and_time() {
    let mut book = open_indexed(&busy_journal(), &IndexDisk::default()).unwrap();
    let rows = all(&mut book);
    let receipts: Vec<_> = rows.iter().map(|row| row.record.receipt.0).collect();
    assert_eq!(receipts, [1, 2, 3, 4, 5, 6]);
    let outcome = |index: usize| rows[index].outcome.clone();
    assert!(matches!(outcome(0), Some(RecordedOutcome::Approved { .. })));
    assert!(matches!(outcome(1), Some(RecordedOutcome::Declined { .. })));
    assert_eq!(outcome(2), Some(RecordedOutcome::Refused));
    assert_eq!((outcome(4), outcome(5)), (Some(RecordedOutcome::Reversed), None));

    let index = book.index();
    for row in &rows {
        assert_eq!(index.by_receipt(row.record.receipt).unwrap().as_ref(), Some(row));
    }
    assert_eq!(index.by_sequence(1).unwrap().as_ref(), Some(&rows[0]));
    assert_eq!(index.by_sequence(3).unwrap().as_ref(), Some(&rows[3]), "the refused one gave it up");
    let reference = Text::clipped("4864FC000003");
    assert_eq!(index.by_reference(&reference).unwrap().as_ref(), Some(&rows[3]));
    assert_eq!(index.by_reference(&Text::clipped("0")).unwrap(), None);
    assert_eq!(index.by_receipt(ReceiptNumber(7)).unwrap(), None);
    let (from, to) = (at_ms(ReceiptNumber(2)), at_ms(ReceiptNumber(5)));
    assert_eq!(index.between(from..to, 100).unwrap(), rows[1..4]);
    assert_eq!(index.between(from..to, 2).unwrap(), rows[1..3]);
}

#[test]
fn an_index_of_version_2_is_rebuilt() {
    let (journal, old) = (busy_journal(), IndexDisk::default());
    let sales: TableDefinition<'_, u32, &[u8]> = TableDefinition::new("sales");
    let marks: TableDefinition<'_, (), &[u8]> = TableDefinition::new("marks");
    let writing = Builder::new().create_with_backend(old.clone()).unwrap().begin_write().unwrap();
    writing.open_table(sales).unwrap().insert(1, [9].as_slice()).unwrap();
    writing.open_table(marks).unwrap().insert((), [2, 6].as_slice()).unwrap();
    writing.commit().unwrap();
    let expected = all(&mut open_indexed(&journal, &IndexDisk::default()).unwrap());
    assert_eq!(all(&mut open_indexed(&journal, &old).unwrap()), expected);
}

#[test]
fn what_is_recorded_is_found_at_once() {
    let mut book = open_indexed(&Disk::default(), &IndexDisk::default()).unwrap();
    book.record_enrolment(crate::script::enrolment(16)).unwrap();
    for receipt in 1..300 {
        let sequence = sell(&mut book);
        if receipt % 7 == 0 {
            assert_eq!(book.index().by_sequence(sequence).unwrap().unwrap().outcome, None);
        }
        book.record_answer(approved(sequence)).unwrap();
    }
    let last = book.index().by_receipt(ReceiptNumber(299)).unwrap().unwrap();
    assert!(matches!(last.outcome, Some(RecordedOutcome::Approved { .. })));
    assert_eq!(book.index().between(0..u64::MAX, usize::MAX).unwrap().len(), 299);
}

#[test]
fn an_index_that_is_absent_behind_cut_or_of_another_journal_is_brought_up() {
    let journal = busy_journal();
    let current = IndexDisk::default();
    let expected = all(&mut open_indexed(&journal, &current).unwrap());

    let behind = IndexDisk::default();
    drop(open_indexed(&Disk::default(), &behind).unwrap());
    let other = IndexDisk::default();
    drop(
        open_indexed(
            &{
                let journal = Disk::default();
                sell_approved(&mut enrolled(&journal));
                journal
            },
            &other,
        )
        .unwrap(),
    );
    let cut = IndexDisk::holding(current.bytes()[..5000].to_vec());
    for index in [IndexDisk::default(), behind, other, cut, IndexDisk::holding(vec![7; 9000])] {
        assert_eq!(all(&mut open_indexed(&journal, &index).unwrap()), expected);
        assert_eq!(all(&mut open_indexed(&journal, &index).unwrap()), expected);
    }
}

#[test]
fn an_index_with_flipped_bits_is_never_believed_and_never_stops_the_book() {
    let journal = busy_journal();
    let whole = IndexDisk::default();
    let expected = all(&mut open_indexed(&journal, &whole).unwrap());
    let bytes = whole.bytes();
    for bit in (0..bytes.len() * 8).step_by(bytes.len() * 8 / 600) {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let mut book = open_indexed(&journal, &IndexDisk::holding(damaged)).unwrap();
        assert_eq!(all(&mut book), expected, "bit {bit}");
    }
}

#[test]
fn an_index_that_fails_is_given_up_and_sales_go_on() {
    let (journal, index) = (busy_journal(), IndexDisk::default());
    let mut book = open_indexed(&journal, &index).unwrap();
    book.record_answer(approved(6)).unwrap();
    index.fails.store(true, Ordering::Relaxed);
    for _ in 0..3000 {
        sell_approved(&mut book);
    }
    assert!(book.index().by_receipt(ReceiptNumber(1)).is_err());
    drop(book);
    let mut book = open_indexed(&journal, &index).unwrap();
    assert!(book.index().by_receipt(ReceiptNumber(1)).is_err());
    sell_approved(&mut book);
    drop(book);
    index.fails.store(false, Ordering::Relaxed);
    let mut book = open_indexed(&journal, &index).unwrap();
    assert_eq!(book.index().between(0..u64::MAX, usize::MAX).unwrap().len(), 3007);
}

#[test]
fn an_index_ahead_of_the_journal_shows_that_entries_were_lost() {
    let (journal, index) = (Disk::default(), IndexDisk::default());
    let mut book = enrolled(&journal);
    sell_approved(&mut book);
    let older = journal.bytes();
    sell_approved(&mut book);
    drop(book);
    drop(open_indexed(&journal, &index).unwrap());
    journal.replace(&older);
    assert_eq!(open_indexed(&journal, &index).err(), Some(StoreFault::Damaged { entry: 4 }));
    journal.replace(&[]);
    assert_eq!(open_indexed(&journal, &index).err(), Some(StoreFault::Damaged { entry: 1 }));
    assert!(open(&journal).is_ok(), "without the index it is a new book");
}
