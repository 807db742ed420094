//! What the bank compares: each of the terminal's transactions once, a page at a time, with an index or without one.

use crate::{
    disk::Disk,
    index::{IndexDisk, busy_journal, open_indexed},
    script::{approved, enrolled, enrolment, open, refused, reverse, reversed, sell, sell_approved},
};
use mpos_ledger::{Book, BookFiles, Ledger};
use mpos_protocol::{
    Flow, Moment, actor,
    book::{RequestSubject, StoreFault},
    inbox,
    reconcile::{
        BookedOutcome, ChainHead, RECONCILE_PAGE_MAX, ReconcilePage,
        messages::{ReadTransactions, TransactionsRead},
    },
};
use mpos_runtime::{ActorId, step};

/// The same journal's book with an index, and without one.
fn both(journal: &Disk) -> [Book; 2] {
    [open_indexed(journal, &IndexDisk::default()).unwrap(), open(journal).unwrap()]
}

fn places(page: &ReconcilePage) -> Vec<(u64, u32)> {
    page.transactions.iter().map(|told| (told.sequence, told.receipt.0)).collect()
}

/// Pages from `from` to the last.
fn pages(book: &mut Book, from: u64) -> Vec<ReconcilePage> {
    let mut pages = vec![book.transactions(from).unwrap()];
    while let Some(last) = pages.last().filter(|page| !page.is_last()) {
        pages.push(book.transactions(last.to).unwrap());
    }
    pages
}

#[test]
fn a_page_has_each_sequence_once_with_how_it_ended() {
    for mut book in both(&busy_journal()) {
        let chain = book.chain();
        let page = book.transactions(1).unwrap();
        // The third sale was refused, and the fourth took its sequence; the sixth message takes the fourth back.
        assert_eq!(places(&page), [(1, 1), (2, 2), (3, 4), (4, 5), (6, 6)]);
        let head = ChainHead { next_sequence: chain.next_sequence, head: chain.head };
        assert_eq!((page.from, page.to, page.chain, page.is_last()), (1, 7, head, true));
        let outcomes: Vec<_> = page.transactions.iter().map(|told| told.outcome.clone()).collect();
        assert!(matches!(
            outcomes.as_slice(),
            [
                BookedOutcome::Approved { .. },
                BookedOutcome::Declined { .. },
                BookedOutcome::Approved { .. },
                BookedOutcome::Reversed,
                BookedOutcome::Unresolved
            ]
        ));
        let open = &chain.unresolved[0];
        assert!(matches!(open.subject, RequestSubject::Sale(_)));
        assert_eq!(page.transactions[4].hash, open.hash, "the hash is the one that the bank got");
        assert_eq!(places(&book.transactions(4).unwrap()), [(4, 5), (6, 6)]);
        let beyond = book.transactions(9).unwrap();
        assert_eq!((places(&beyond), beyond.to), (vec![], 7), "nothing is made up");
    }
}

#[test]
fn a_sale_that_the_bank_refused_stands_last_while_nothing_took_its_sequence() {
    let journal = Disk::default();
    let mut book = enrolled(&journal);
    sell_approved(&mut book);
    let sequence = sell(&mut book);
    book.record_answer(refused(sequence)).unwrap();
    drop(book);
    for mut book in both(&journal) {
        let page = book.transactions(1).unwrap();
        assert_eq!((places(&page), page.to), (vec![(1, 1), (2, 2)], 2));
        assert_eq!(page.transactions[1].outcome, BookedOutcome::Refused);
        sell(&mut book);
        let page = book.transactions(1).unwrap();
        assert_eq!((places(&page), page.to), (vec![(1, 1), (2, 3)], 3));
        book.record_answer(approved(2)).unwrap();
    }
}

#[test]
fn a_long_book_is_read_in_bounded_pages_that_neither_overlap_nor_leave_out() {
    let journal = Disk::default();
    let mut book = enrolled(&journal);
    for receipt in 1..=2 * RECONCILE_PAGE_MAX + 5 {
        let sequence = sell(&mut book);
        if receipt % 10 == 0 {
            let reversal = reverse(&mut book, sequence);
            book.record_answer(reversed(reversal)).unwrap();
        } else {
            book.record_answer(approved(sequence)).unwrap();
        }
    }
    drop(book);
    let [mut indexed, mut plain] = both(&journal);
    let found = pages(&mut indexed, 1);
    assert_eq!(found, pages(&mut plain, 1));
    assert_eq!(found.len(), 3);
    let lengths: Vec<_> = found.iter().map(|page| page.transactions.len()).collect();
    assert_eq!(lengths, [RECONCILE_PAGE_MAX, RECONCILE_PAGE_MAX, 5]);
    let receipts: Vec<_> = found.iter().flat_map(places).map(|(_, receipt)| receipt).collect();
    assert_eq!(receipts, (1..=69).collect::<Vec<_>>());
    for pair in found.windows(2) {
        assert_eq!(pair[0].to, pair[1].from);
    }
}

#[test]
fn a_device_that_became_another_terminal_tells_nothing_of_the_one_before() {
    let journal = Disk::default();
    let mut book = enrolled(&journal);
    for _ in 0..5 {
        sell_approved(&mut book);
    }
    book.record_enrolment(enrolment(17)).unwrap();
    drop(book);
    for mut book in both(&journal) {
        let page = book.transactions(1).unwrap();
        assert_eq!((places(&page), page.to), (vec![], 1), "its chain begins anew");
    }
    let mut book = open(&journal).unwrap();
    sell_approved(&mut book);
    drop(book);
    for mut book in both(&journal) {
        assert_eq!(places(&book.transactions(1).unwrap()), [(1, 6)]);
    }
}

#[test]
fn a_page_is_the_answer_to_a_question_and_a_fault_is_told_in_it() {
    let ask = |ledger: &mut Ledger| {
        let read = inbox::Ledger::ReadTransactions(ReadTransactions { from: 1 });
        let sent = step(ledger, Moment::default(), Flow(3), read).sent;
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].to(), ActorId::HostLink);
        match sent[0].decode::<actor::HostLink>().unwrap() {
            inbox::HostLink::TransactionsRead(TransactionsRead { page }) => page,
            other => panic!("{other:?}"),
        }
    };
    let journal = busy_journal();
    let files = journal.clone();
    let mut ledger =
        Ledger::new(Box::new(move || Ok(BookFiles { journal: Box::new(files.clone()), index: None })));
    assert_eq!(ask(&mut ledger).unwrap(), open(&journal).unwrap().transactions(1).unwrap());

    let mut broken = Ledger::new(Box::new(|| Err(StoreFault::Unreadable)));
    assert_eq!(ask(&mut broken), Err(StoreFault::Unreadable), "and no recording has failed");
}
