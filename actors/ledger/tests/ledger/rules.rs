//! Which entry may follow which.

use crate::{
    disk::Disk,
    script::{
        approved, declined, enrolled, enrolment, open, refused, reversal, reverse, reversed, sale, sell,
        sell_approved, told,
    },
};
use mpos_protocol::{
    book::{RecordedOutcome, StoreFault, UNRESOLVED_MAX},
    sale::ReceiptNumber,
    signed::Hash,
};

const OUT_OF_ORDER: Result<(), StoreFault> = Err(StoreFault::OutOfOrder);

#[test]
fn the_first_request_has_sequence_and_receipt_one_and_follows_zeros() {
    let chain = enrolled(&Disk::default()).chain();
    assert_eq!((chain.next_sequence, chain.next_receipt), (1, ReceiptNumber(1)));
    assert_eq!(chain.head, Hash::default());
    assert!(chain.unresolved.is_empty());
}

#[test]
fn nothing_is_asked_before_enrolment() {
    let mut book = open(&Disk::default()).unwrap();
    assert_eq!(book.record_request(sale(&book.chain())), OUT_OF_ORDER);
}

#[test]
fn a_request_must_take_the_next_sequence_and_receipt() {
    let mut book = enrolled(&Disk::default());
    sell_approved(&mut book);
    let chain = book.chain();
    for (sequence, receipt) in [(1, 2), (3, 2), (2, 1), (2, 3)] {
        let mut wrong = chain.clone();
        (wrong.next_sequence, wrong.next_receipt) = (sequence, ReceiptNumber(receipt));
        assert_eq!(book.record_request(sale(&wrong)), OUT_OF_ORDER);
    }
    assert_eq!(book.chain(), chain);
    assert_eq!(book.record_request(sale(&chain)), Ok(()));
}

#[test]
fn an_answer_must_belong_to_an_unresolved_request() {
    let mut book = enrolled(&Disk::default());
    assert_eq!(book.record_answer(approved(1)), OUT_OF_ORDER);
    sell_approved(&mut book);
    assert_eq!(book.record_answer(approved(1)), OUT_OF_ORDER);
    assert_eq!(book.record_answer(declined(1)), OUT_OF_ORDER);
    sell(&mut book);
    assert_eq!(book.record_answer(reversed(2)), OUT_OF_ORDER, "a sale is reversed through its reversal");
    assert_eq!(book.record_answer(declined(2)), Ok(()));
    assert_eq!(book.unresolved(), 0);
}

#[test]
fn after_a_refusal_the_same_sequence_follows_the_same_hash_with_a_new_receipt() {
    let disk = Disk::default();
    let mut book = enrolled(&disk);
    sell_approved(&mut book);
    let before = book.chain();
    let sequence = sell(&mut book);
    book.record_answer(refused(sequence)).unwrap();
    let after = book.chain();
    assert_eq!((after.next_sequence, after.head), (before.next_sequence, before.head));
    assert_eq!(after.next_receipt, ReceiptNumber(before.next_receipt.0 + 1));
    assert!(after.unresolved.is_empty());
    assert_eq!(sell(&mut book), sequence);
    book.record_answer(approved(sequence)).unwrap();
    let told_before = told(&book);
    drop(book);
    assert_eq!(told(&open(&disk).unwrap()), told_before, "and a restart reads it so");
}

#[test]
fn a_refused_reversal_leaves_its_sale_to_be_resolved() {
    let mut book = enrolled(&Disk::default());
    let of = sell(&mut book);
    let before = book.chain();
    let reversal = reverse(&mut book, of);
    book.record_answer(refused(reversal)).unwrap();
    assert_eq!(book.chain(), before);
    let again = reverse(&mut book, of);
    assert_eq!(again, reversal);
    book.record_answer(reversed(again)).unwrap();
    assert_eq!(book.unresolved(), 0);
}

#[test]
fn only_the_newest_request_can_be_refused() {
    let mut book = enrolled(&Disk::default());
    let of = sell(&mut book);
    let reversal = reverse(&mut book, of);
    assert_eq!(book.record_answer(refused(of)), OUT_OF_ORDER);
    assert_eq!(book.record_answer(refused(reversal)), Ok(()));
    assert_eq!(book.record_answer(refused(of)), Ok(()));
    assert_eq!(book.chain().next_sequence, of);
}

#[test]
fn once_its_reversal_is_kept_a_sale_can_only_end_reversed() {
    let mut book = enrolled(&Disk::default());
    let of = sell(&mut book);
    let reversal = reverse(&mut book, of);
    assert_eq!(book.record_answer(approved(of)), OUT_OF_ORDER);
    assert_eq!(book.record_answer(approved(reversal)), OUT_OF_ORDER);
    assert_eq!(book.record_answer(reversed(reversal)), Ok(()));
    assert_eq!(book.unresolved(), 0);
    let resolved = book.chain().last_resolved.unwrap();
    assert_eq!((resolved.record.receipt, resolved.outcome), (ReceiptNumber(1), RecordedOutcome::Reversed));
}

#[test]
fn a_reversal_names_an_open_sale_that_has_none() {
    let mut book = enrolled(&Disk::default());
    assert_eq!(book.record_request(reversal(&book.chain(), 1)), OUT_OF_ORDER);
    let of = sell(&mut book);
    let first = reverse(&mut book, of);
    assert_eq!(book.record_request(reversal(&book.chain(), of)), OUT_OF_ORDER, "it has one");
    assert_eq!(book.record_request(reversal(&book.chain(), first)), OUT_OF_ORDER, "not of a reversal");
    book.record_answer(reversed(first)).unwrap();
    assert_eq!(book.record_request(reversal(&book.chain(), of)), OUT_OF_ORDER, "it is resolved");
}

#[test]
fn the_next_sale_waits_for_the_reversal_of_an_open_one() {
    let mut book = enrolled(&Disk::default());
    let of = sell(&mut book);
    assert_eq!(book.record_request(sale(&book.chain())), OUT_OF_ORDER);
    reverse(&mut book, of);
    assert_eq!(book.record_request(sale(&book.chain())), Ok(()));
}

#[test]
fn at_most_so_many_requests_are_open_and_the_last_sale_still_has_a_place_for_its_reversal() {
    let disk = Disk::default();
    let mut book = enrolled(&disk);
    for _ in 0..UNRESOLVED_MAX / 2 {
        let of = sell(&mut book);
        reverse(&mut book, of);
    }
    assert_eq!(book.unresolved(), UNRESOLVED_MAX);
    assert_eq!(book.record_request(sale(&book.chain())), Err(StoreFault::TooManyUnresolved));
    let kept = told(&book);
    drop(book);
    let mut book = open(&disk).unwrap();
    assert_eq!(told(&book), kept);
    book.record_answer(reversed(2)).unwrap();
    assert_eq!(book.record_request(sale(&book.chain())), Ok(()));
}

#[test]
fn a_terminal_is_not_enrolled_anew_while_a_request_is_open() {
    let mut book = enrolled(&Disk::default());
    let sequence = sell(&mut book);
    assert_eq!(book.record_enrolment(enrolment(17)), OUT_OF_ORDER);
    book.record_answer(declined(sequence)).unwrap();
    assert_eq!(book.record_enrolment(enrolment(17)), Ok(()));
}

#[test]
fn another_terminal_begins_a_chain_and_the_same_one_goes_on() {
    let disk = Disk::default();
    let mut book = enrolled(&disk);
    sell_approved(&mut book);
    let chain = book.chain();
    book.record_enrolment(enrolment(16)).unwrap();
    assert_eq!(book.chain(), chain);
    book.record_enrolment(enrolment(17)).unwrap();
    let begun = book.chain();
    assert_eq!((begun.next_sequence, begun.head), (1, Hash::default()));
    assert_eq!(begun.next_receipt, chain.next_receipt, "receipt numbers go on");
    drop(book);
    assert_eq!(open(&disk).unwrap().chain(), begun);
}

#[test]
fn the_next_transaction_number_was_never_used_and_starts_again_after_eight_digits() {
    let mut book = enrolled(&Disk::default());
    assert_eq!(book.next_transaction(), 1);
    let mut request = sale(&book.chain());
    if let mpos_protocol::book::RequestSubject::Sale(record) = &mut request.subject {
        record.transaction_number = 41;
    }
    book.record_request(request).unwrap();
    assert_eq!(book.next_transaction(), 42);
    book.record_answer(declined(1)).unwrap();
    let mut request = sale(&book.chain());
    if let mpos_protocol::book::RequestSubject::Sale(record) = &mut request.subject {
        record.transaction_number = 99_999_999;
    }
    book.record_request(request).unwrap();
    assert_eq!(book.next_transaction(), 1);
}
