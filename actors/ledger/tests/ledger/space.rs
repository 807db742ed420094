//! A full disk is found before a sale begins, never between a request and its answer.

use crate::{
    disk::Disk,
    script::{
        approved, enrolled, entries_of, open, refused, reversal, reverse, reversed, sale, sell, signed, told,
    },
};
use mpos_protocol::{
    Bytes,
    book::{RecordAnswer, RecordRequest, RequestSubject, StoreFault},
    card::MaskedPan,
    signed::{Hash, SIGNED_BYTES_MAX},
};

#[test]
fn a_sale_that_could_not_be_resolved_is_refused_and_one_that_began_can_always_be() {
    for room in 0..64 {
        let disk = Disk::default();
        let mut book = enrolled(&disk);
        disk.limit_to(Some(64 * 1024 + room * 1024));
        let mut sales = 0;
        loop {
            let before = (told(&book), disk.bytes());
            match book.record_request(sale(&book.chain())) {
                Ok(()) if sales % 3 == 0 => {
                    let (of, longest) = (book.chain().next_sequence - 1, |sequence| RecordAnswer {
                        signed: signed(sequence, SIGNED_BYTES_MAX),
                        ..reversed(sequence)
                    });
                    let reversal =
                        RecordRequest { signed: signed(of, SIGNED_BYTES_MAX), ..reversal(&book.chain(), of) };
                    let sequence = reversal.sequence;
                    assert_eq!(book.record_request(reversal), Ok(()));
                    assert_eq!(book.record_answer(longest(sequence)), Ok(()));
                }
                Ok(()) => {
                    let sequence = book.chain().next_sequence - 1;
                    let answer =
                        RecordAnswer { signed: signed(sequence, SIGNED_BYTES_MAX), ..approved(sequence) };
                    assert_eq!(book.record_answer(answer), Ok(()));
                }
                Err(fault) => {
                    assert_eq!(fault, StoreFault::Full);
                    assert!(!book.has_failed());
                    assert_eq!((told(&book), disk.bytes()), before, "and nothing was written");
                    break;
                }
            }
            sales += 1;
        }
        assert!(sales > 4);
        disk.limit_to(None);
        assert_eq!(book.record_request(sale(&book.chain())), Ok(()), "room was made");
    }
}

#[test]
fn a_sale_that_was_promised_room_is_kept_however_long_it_is_and_whatever_is_open() {
    for room in 0..64 {
        let disk = Disk::default();
        let mut book = enrolled(&disk);
        disk.limit_to(Some(64 * 1024 + room * 1024));
        let mut unresolved = None;
        while book.make_room() == Ok(()) {
            // What the sale before left open is taken back from what it kept free.
            if let Some(of) = unresolved.take() {
                let reversal = reverse(&mut book, of);
                assert_eq!(book.record_answer(reversed(reversal)), Ok(()));
            }
            let mut request = sale(&book.chain());
            let sequence = request.sequence;
            request.signed = signed(sequence, SIGNED_BYTES_MAX);
            assert_eq!(book.record_request(request), Ok(()));
            unresolved = Some(sequence);
        }
        let of = unresolved.unwrap();
        let reversal = reverse(&mut book, of);
        assert_eq!(book.record_answer(reversed(reversal)), Ok(()));
    }
}

#[test]
fn an_open_sale_survives_a_full_disk_and_a_restart() {
    let disk = Disk::default();
    let mut book = enrolled(&disk);
    disk.limit_to(Some(disk.bytes().len()));
    let mut open_sequence = None;
    while let Ok(()) = book.record_request(sale(&book.chain())) {
        let sequence = book.chain().next_sequence - 1;
        if disk.bytes().len() - entries_of(&disk.bytes()).last().unwrap().end < 16 * 1024 {
            open_sequence = Some(sequence);
            break;
        }
        book.record_answer(approved(sequence)).unwrap();
    }
    drop(book);
    let mut book = open(&disk).unwrap();
    let of = open_sequence.unwrap();
    let reversal = reverse(&mut book, of);
    assert_eq!(book.record_answer(refused(reversal)), Ok(()));
    let reversal = reverse(&mut book, of);
    assert_eq!(book.record_answer(reversed(reversal)), Ok(()));
}

#[test]
fn no_book_is_begun_on_a_full_disk() {
    let disk = Disk::default();
    disk.limit_to(Some(1000));
    assert_eq!(open(&disk).err(), Some(StoreFault::Full));
    disk.limit_to(None);
    assert!(open(&disk).is_ok());
}

#[test]
fn the_longest_request_and_answer_fit_what_is_kept_free_for_them() {
    const KEPT_FREE: usize = 6400;
    let disk = Disk::default();
    let mut book = enrolled(&disk);
    let mut request = sale(&book.chain());
    (request.signed, request.hash) = (signed(1, SIGNED_BYTES_MAX), Hash([0xFF; 32]));
    if let RequestSubject::Sale(record) = &mut request.subject {
        record.card.aid = Bytes::new(&[0xA0; 16]).unwrap();
        record.card.pan = MaskedPan(9999);
        (record.at.unix_ms, record.at.uptime_ms, record.at.utc_offset_s) = (u64::MAX, u64::MAX, i32::MIN);
        record.transaction_number = u32::MAX;
    }
    book.record_request(request).unwrap();
    let answer = RecordAnswer { signed: signed(2, SIGNED_BYTES_MAX), ..approved(1) };
    book.record_answer(answer).unwrap();
    let longest = entries_of(&disk.bytes()).iter().map(|entry| entry.len()).max().unwrap();
    assert!((KEPT_FREE - 256..=KEPT_FREE).contains(&longest), "{longest}");
    sell(&mut book);
}
