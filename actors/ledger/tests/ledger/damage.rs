//! Damage is found and named; what a crash left is cut off; nothing that was acknowledged is read as something else.

use crate::{
    disk::Disk,
    script::{
        approved, enrolled, entries_of, open, payload_of, reverse, reversed, sell, sell_approved, told,
    },
};
use mpos_ledger::{Entry, salvage::salvage};
use mpos_protocol::book::StoreFault;

const FILE_HEADER: usize = 512;

fn damaged(entry: usize) -> Option<StoreFault> {
    Some(StoreFault::Damaged { entry: entry as u32 })
}

/// A journal of so many approved sales, then one that was reversed, then an open one.
fn journal(sales: usize) -> Vec<u8> {
    let disk = Disk::default();
    let mut book = enrolled(&disk);
    (0..sales).for_each(|_| sell_approved(&mut book));
    let of = sell(&mut book);
    let reversal = reverse(&mut book, of);
    book.record_answer(reversed(reversal)).unwrap();
    sell(&mut book);
    disk.bytes()
}

#[test]
fn every_truncation_of_a_64_kib_journal_is_found() {
    const KIB_64: usize = 64 * 1024;
    let mut sales = 40;
    let whole = loop {
        let whole = journal(sales);
        if entries_of(&whole).last().unwrap().end >= KIB_64 {
            break whole;
        }
        sales += 1;
    };
    let entries = entries_of(&whole);
    let all = told(&open(&Disk::holding(&whole)).unwrap());
    let end = entries.last().unwrap().end;
    for length in 1..end + 64 {
        let found = open(&Disk::holding(&whole[..length]));
        if length < FILE_HEADER {
            assert_eq!(found.err(), damaged(0), "cut at {length}");
        } else if length < end + 16 {
            // The entry that lost its end, or whose successor is not to be seen any more.
            let lost = entries.iter().position(|entry| length < entry.end + 16).unwrap() + 1;
            let named = [damaged(lost), damaged(lost + 1)];
            assert!(named.contains(&found.err()), "cut at {length}");
        } else {
            assert_eq!(told(&found.unwrap()), all, "only unused space is gone at {length}");
        }
    }
}

#[test]
fn every_flipped_bit_of_the_file_header_is_found() {
    let whole = journal(2);
    for bit in 0..FILE_HEADER * 8 {
        let fault = open(&Disk::holding(&flipped(&whole, bit))).err();
        assert_eq!(fault, damaged(0), "bit {bit}");
    }
}

#[test]
fn every_flipped_bit_of_the_last_entries_is_found_and_named() {
    let whole = journal(3);
    let all = told(&open(&Disk::holding(&whole)).unwrap());
    let entries = entries_of(&whole);
    for (index, entry) in entries.iter().enumerate().skip(entries.len() - 5) {
        let payload = payload_of(&whole, entry);
        let is_erased = !payload.is_empty() && whole[payload.clone()].iter().all(|&byte| byte == 0);
        for bit in entry.start * 8..entry.end * 8 {
            let disk = Disk::holding(&flipped(&whole, bit));
            let found = open(&disk);
            if is_erased && payload.contains(&(bit / 8)) {
                assert_eq!(told(&found.unwrap()), all, "bit {bit}: nothing was there");
                assert_eq!(disk.bytes(), whole, "bit {bit}: erased again");
            } else {
                assert_eq!(found.err(), damaged(index + 1), "bit {bit} of entry {}", index + 1);
            }
        }
    }
}

#[test]
fn a_flipped_bit_of_the_unused_space_is_cleared() {
    let whole = journal(1);
    let all = told(&open(&Disk::holding(&whole)).unwrap());
    let end = entries_of(&whole).last().unwrap().end;
    for bit in (end * 8..(end + 40) * 8).chain((end * 8..whole.len() * 8).step_by(997)) {
        let disk = Disk::holding(&flipped(&whole, bit));
        let book = open(&disk).unwrap();
        assert_eq!(told(&book), all, "bit {bit}");
        assert_eq!(book.torn_tail().unwrap().entry as usize, entries_of(&whole).len() + 1);
        assert_eq!(disk.bytes(), whole, "bit {bit}");
    }
}

#[test]
fn the_first_damaged_entry_of_several_is_named() {
    let mut bytes = journal(3);
    let entries = entries_of(&bytes);
    for entry in [2, 4, 7] {
        bytes[entries[entry].start + 40] ^= 1;
    }
    assert_eq!(open(&Disk::holding(&bytes)).err(), damaged(3));
}

#[test]
fn entries_that_change_places_or_are_left_out_break_the_chain() {
    let whole = journal(3);
    let entries = entries_of(&whole);
    let (first, second) = (entries[3].clone(), entries[5].clone());
    let mut swapped = whole.clone();
    assert_eq!(first.len(), second.len());
    let kept = swapped[first.clone()].to_vec();
    swapped.copy_within(second.clone(), first.start);
    swapped[second].copy_from_slice(&kept);
    assert_eq!(open(&Disk::holding(&swapped)).err(), damaged(4));

    let mut shorter = whole.clone();
    let hole = entries[3].clone();
    shorter.drain(hole.clone());
    shorter.resize(whole.len(), 0);
    assert_eq!(open(&Disk::holding(&shorter)).err(), damaged(4));
}

#[test]
fn an_acknowledged_entry_whose_sector_was_lost_is_damage_as_soon_as_another_follows() {
    let whole = journal(3);
    let entries = entries_of(&whole);
    for index in 0..entries.len() - 1 {
        let mut bytes = whole.clone();
        bytes[entries[index].clone()].fill(0);
        assert_eq!(open(&Disk::holding(&bytes)).err(), damaged(index + 1));
    }
}

#[test]
fn a_file_or_an_entry_of_a_newer_version_is_told_as_such() {
    use sha2::{Digest, Sha256};
    let whole = journal(1);
    let mut newer_file = whole.clone();
    newer_file[16] = 2;
    let hash = Sha256::digest(&newer_file[..32]);
    newer_file[32..64].copy_from_slice(&hash);
    assert_eq!(open(&Disk::holding(&newer_file)).err(), Some(StoreFault::NewerVersion { version: 2 }));

    let mut newer_entry = whole.clone();
    let start = entries_of(&whole)[2].start;
    newer_entry[start + 8] = 9;
    let check = Sha256::digest(&newer_entry[start..start + 12]);
    newer_entry[start + 12..start + 16].copy_from_slice(&check[..4]);
    assert_eq!(open(&Disk::holding(&newer_entry)).err(), Some(StoreFault::NewerVersion { version: 9 }));
}

#[test]
fn what_is_whole_of_a_damaged_journal_can_be_read() {
    let whole = journal(3);
    let complete = salvage(&whole);
    assert!(complete.damaged.is_empty());
    let entries = entries_of(&whole);
    assert_eq!(complete.entries.len(), entries.len());
    for (index, entry) in entries.iter().enumerate() {
        // In the header, in the body, in the seal's last byte.
        for offset in [0, 5, 14, 20, entry.len() - 17] {
            let mut bytes = whole.clone();
            bytes[entry.start + offset] ^= 0x10;
            let left = salvage(&bytes);
            let number = index as u32 + 1;
            assert!(left.damaged.contains(&number) || index + 1 == entries.len(), "{number} at {offset}");
            let others =
                complete.entries.iter().filter(|(other, _)| *other != number && *other != number + 1);
            assert!(others.into_iter().all(|other| left.entries.contains(other)), "{number} at {offset}");
            assert!(left.entries.iter().all(|other| complete.entries.contains(other)));
        }
    }
}

#[test]
fn any_bytes_at_all_are_opened_or_refused_without_a_panic() {
    proptest::proptest!(proptest::test_runner::Config::with_cases(256), |(
        position in 0_usize..8192,
        junk in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..600),
        length in 0_usize..12_000,
    )| {
        let mut bytes = journal(2);
        bytes.truncate(length);
        let end = bytes.len().min(position + junk.len());
        let start = position.min(end);
        bytes[start..end].copy_from_slice(&junk[..end - start]);
        let _ = open(&Disk::holding(&bytes));
        let _ = salvage(&bytes);
    });
}

#[test]
fn the_signed_bytes_of_a_request_are_gone_once_it_is_resolved() {
    let disk = Disk::default();
    let mut book = enrolled(&disk);
    let of = sell(&mut book);
    let chain = book.chain();
    let signed = chain.unresolved[0].signed.clone();
    let is_there = |signed: &[u8]| disk.bytes().windows(64).any(|window| window == &signed[100..164]);
    assert!(is_there(&signed));
    book.record_answer(approved(of)).unwrap();
    assert!(!is_there(&signed));

    let of = sell(&mut book);
    let reversal = reverse(&mut book, of);
    let open_requests = book.chain().unresolved;
    assert!(open_requests.iter().all(|request| is_there(&request.signed)));
    book.record_answer(reversed(reversal)).unwrap();
    assert!(!open_requests.iter().any(|request| is_there(&request.signed)));
    let erased = salvage(&disk.bytes());
    assert!(erased.damaged.is_empty());
    assert!(erased.entries.iter().all(|(_, entry)| match entry {
        Entry::Request(request) => request.signed.is_empty(),
        _ => true,
    }));
}

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}
