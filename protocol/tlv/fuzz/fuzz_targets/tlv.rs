//! Everything in the crate that reads bytes, on the same bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mpos_tlv::{AccountNumber, StatusWord, Tag, Track2, decode, dol, find_path, mask_account_data, walk};

fuzz_target!(|bytes: &[u8]| {
    let mut top_level = 0;
    let readable = walk(bytes, &mut |depth, tlv| {
        if depth == 0 {
            top_level += tlv.raw.len();
        }
    });
    assert!(top_level <= bytes.len());
    if readable.is_ok() {
        assert!(decode(bytes).all(|tlv| tlv.is_ok()));
    }
    let _ = find_path(bytes, &[Tag::FCI_TEMPLATE, Tag::FCI_PROPRIETARY_TEMPLATE, Tag::PDOL]);
    if let Ok(filled) = dol::fill(bytes, |_| Some(&[0x12, 0x34])) {
        assert!(filled.len() <= dol::FILLED_BYTES_MAX);
    }
    let _ = StatusWord::split(bytes);
    let _ = Track2::parse(bytes);
    let _ = AccountNumber::from_bcd(bytes);

    let masked = mask_account_data(bytes);
    assert_eq!(masked.len(), bytes.len());
    assert_eq!(mask_account_data(&masked), masked);
});
