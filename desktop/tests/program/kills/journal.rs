//! What a terminal's book holds, read entry by entry and without the ledger's own rules: they are what is tested.

use mpos_ledger::{Book, Entry, salvage::salvage};
use mpos_protocol::{
    book::{RecordedOutcome, RequestSubject, SaleRecord},
    card::TransactionKind,
};
use mpos_std::file_store::FileStore;
use std::{collections::BTreeMap, fs, path::Path};

const FILE: &str = "ledger.journal";

/// A sale and its end, if it has one.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) record: SaleRecord,
    pub(crate) outcome: Option<RecordedOutcome>,
}

impl Kept {
    pub(crate) fn is_approved(&self) -> bool {
        matches!(self.outcome, Some(RecordedOutcome::Approved { .. }))
    }

    pub(crate) fn is_refund(&self) -> bool {
        self.record.kind == TransactionKind::Refund
    }
}

/// A terminal's book.
pub(crate) struct Journal {
    bytes: Vec<u8>,
    /// In the order in which they were asked.
    pub(crate) sales: Vec<Kept>,
}

impl Journal {
    /// Of a terminal that may be writing: a last entry that is not whole yet is left out.
    pub(crate) fn read(terminal: &Path) -> Self {
        let bytes = fs::read(terminal.join(FILE)).expect("there is a journal");
        let found = salvage(&bytes);
        assert!(found.damaged.is_empty(), "damaged entries: {:?}", found.damaged);
        let mut sales: Vec<Kept> = Vec::new();
        // Which sale, or which reversal's sale, a sequence stands for now: after a refusal it is given again.
        let mut of_sequence: BTreeMap<u64, usize> = BTreeMap::new();
        for (_number, entry) in found.entries {
            match entry {
                Entry::Enrolled(_) => {}
                Entry::Request(request) => match request.subject {
                    RequestSubject::Sale(record) => {
                        of_sequence.insert(request.sequence, sales.len());
                        sales.push(Kept { record, outcome: None });
                    }
                    RequestSubject::Reversal { of } => {
                        of_sequence.insert(request.sequence, of_sequence[&of]);
                    }
                },
                Entry::Answer(answer) => {
                    let sale = &mut sales[of_sequence[&answer.sequence]];
                    assert!(sale.outcome.is_none(), "two ends of {:?}: {answer:?}", sale.record);
                    sale.outcome = Some(answer.outcome);
                }
            }
        }
        Self { bytes, sales }
    }

    /// The receipts of sales without an end.
    pub(crate) fn open(&self) -> Vec<u32> {
        let open = self.sales.iter().filter(|sale| sale.outcome.is_none());
        open.map(|sale| sale.record.receipt.0).collect()
    }

    /// Opens a copy of it as a terminal would, which finds it whole and with nothing open.
    pub(crate) fn opens_whole(&self, scratch: &Path) {
        fs::write(scratch, &self.bytes).unwrap();
        let book = Book::open(Box::new(FileStore::open(scratch).unwrap()), None).unwrap();
        assert_eq!((book.unresolved(), book.torn_tail()), (0, None));
    }
}
