//! BER-TLV against examples of the books, and against anything at all.

use hex_literal::hex;
use mpos_tlv::ber::{NESTING_MAX, push, push_template};
use mpos_tlv::{StatusWord, Tag, TlvFault, decode, find, find_path, mask_account_data, walk};
use proptest::prelude::*;

#[test]
fn a_ppse_answer_is_found_by_path() {
    // The shape of EMV Contactless Book B, 3.3.1, table 3-2, with two applications.
    let fci = hex!(
        "6F41 840E 325041592E5359532E4444463031 A52F BF0C2C"
        "6114 4F07A0000000041010 870101 9F2A0102 500241 42"
        "6114 4F07A0000000031010 870102 9F2A0103 500243 44"
    );
    let entries = find_path(
        &fci,
        &[Tag::FCI_TEMPLATE, Tag::FCI_PROPRIETARY_TEMPLATE, Tag::FCI_ISSUER_DISCRETIONARY_DATA],
    )
    .unwrap()
    .unwrap();
    let aids: Vec<_> =
        decode(entries).map(|entry| find(entry.unwrap().value, Tag::ADF_NAME).unwrap().unwrap()).collect();
    assert_eq!(aids, [hex!("A0000000041010"), hex!("A0000000031010")]);
    assert_eq!(find_path(&fci, &[Tag::FCI_TEMPLATE, Tag::PAN]), Ok(None));
}

#[test]
fn tags_take_one_to_three_bytes_and_no_more() {
    let tags: Vec<_> = decode(&hex!("5A00 9F0200 DF812900")).map(|tlv| tlv.unwrap().tag.0).collect();
    assert_eq!(tags, [0x5A, 0x9F02, 0xDF_8129]);
    assert_eq!(find(&hex!("DF81828300"), Tag::PAN), Err(TlvFault::TagTooLong));
    assert_eq!(find(&hex!("9F"), Tag::PAN), Err(TlvFault::TagCut));
    assert_eq!(find(&hex!("DF81"), Tag::PAN), Err(TlvFault::TagCut));
}

#[test]
fn lengths_may_be_padded_but_not_indefinite() {
    for padded in [&hex!("5A 02 AABB")[..], &hex!("5A 8102 AABB"), &hex!("5A 820002 AABB")] {
        let tlv = decode(padded).next().unwrap().unwrap();
        assert_eq!(tlv.value, hex!("AABB"));
        // Signatures cover the bytes as they were sent, padding and all.
        assert_eq!(tlv.raw, padded);
    }
    assert_eq!(find(&hex!("5A 80 AABB0000"), Tag::AIP), Err(TlvFault::LengthForm(0x80)));
    assert_eq!(find(&hex!("5A 83000002 AABB"), Tag::AIP), Err(TlvFault::LengthForm(0x83)));
    assert_eq!(find(&hex!("5A"), Tag::AIP), Err(TlvFault::LengthCut));
    assert_eq!(find(&hex!("5A 8200"), Tag::AIP), Err(TlvFault::LengthCut));
    assert_eq!(
        find(&hex!("5A 03 AABB"), Tag::AIP),
        Err(TlvFault::ValueCut { tag: Tag::PAN, said: 3, left: 2 })
    );
}

#[test]
fn zeros_between_objects_mean_nothing() {
    let bytes = hex!("0000 5A01AA 00 8200 0000");
    let tags: Vec<_> = decode(&bytes).map(|tlv| tlv.unwrap().tag).collect();
    assert_eq!(tags, [Tag::PAN, Tag::AIP]);
}

#[test]
fn templates_nest_only_so_deep() {
    let nested = |levels: usize| {
        (0..levels).fold(Vec::new(), |inner, _| {
            let mut outer = Vec::new();
            push(&mut outer, Tag::RECORD_TEMPLATE, &inner);
            outer
        })
    };
    let mut deepest = 0;
    assert_eq!(walk(&nested(NESTING_MAX - 1), &mut |depth, _| deepest = depth), Ok(()));
    assert_eq!(deepest, NESTING_MAX - 2);
    assert_eq!(walk(&nested(NESTING_MAX + 1), &mut |_, _| {}), Err(TlvFault::TooDeep));
}

#[test]
fn an_iterator_ends_after_its_first_fault() {
    let mut tlvs = decode(&[0x5A, 0x03, 0x5A, 0x00]);
    assert!(tlvs.next().unwrap().is_err());
    assert!(tlvs.next().is_none());
}

fn any_tag() -> impl Strategy<Value = Tag> {
    prop_oneof![
        (1..=0xDF_u32).prop_filter("one byte", |tag| tag & 0x1F != 0x1F).prop_map(Tag),
        (0_u32..=0x7F).prop_map(|low| Tag(0x9F00 | low)),
        (0_u32..=0x7F, 0x80_u32..=0xFF).prop_map(|(low, middle)| Tag(0xDF_0000 | middle << 8 | low)),
    ]
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(objects in prop::collection::vec((any_tag(), prop::collection::vec(any::<u8>(), 0..300)), 0..8)) {
        let mut bytes = Vec::new();
        push_template(&mut bytes, Tag::RECORD_TEMPLATE, |out| {
            for (tag, value) in &objects {
                push(out, *tag, value);
            }
        });
        let record = find(&bytes, Tag::RECORD_TEMPLATE).unwrap().unwrap();
        let decoded: Vec<_> = decode(record).map(|tlv| tlv.map(|tlv| (tlv.tag, tlv.value.to_vec())).unwrap()).collect();
        prop_assert_eq!(decoded, objects);
    }

    #[test]
    fn no_bytes_make_a_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut covered = 0;
        let _ = walk(&bytes, &mut |depth, tlv| if depth == 0 { covered += tlv.raw.len() });
        prop_assert!(covered <= bytes.len());
        let _ = mpos_tlv::dol::fill(&bytes, |_| Some(&[1, 2, 3]));
        let _ = mpos_tlv::Track2::parse(&bytes);
        let _ = mpos_tlv::AccountNumber::from_bcd(&bytes);
    }

    #[test]
    fn masking_keeps_length_status_and_structure_and_leaks_no_number(
        before in prop::collection::vec((any_tag(), prop::collection::vec(any::<u8>(), 0..20)), 0..4),
        pan in "[1-9]{16}",
        tag in any_tag(),
    ) {
        let bcd = hex::decode(&pan).unwrap();
        let mut data = Vec::new();
        push_template(&mut data, Tag::RECORD_TEMPLATE, |out| {
            for (tag, value) in before.iter().filter(|(tag, _)| !tag.is_constructed()) {
                push(out, *tag, value);
            }
            push(out, Tag::PAN, &bcd);
            if !tag.is_constructed() {
                push(out, tag, pan.as_bytes());
            }
        });
        let mut response = data.clone();
        response.extend(StatusWord::OK.to_bytes());
        let masked = mask_account_data(&response);
        prop_assert_eq!(masked.len(), response.len());
        prop_assert!(!hex::encode(&masked).contains(&pan));
        prop_assert!(!String::from_utf8_lossy(&masked).contains(&pan));
        let mut shape = Vec::new();
        let mut masked_shape = Vec::new();
        walk(&data, &mut |depth, tlv| shape.push((depth, tlv.tag, tlv.value.len()))).unwrap();
        walk(&masked[..data.len()], &mut |depth, tlv| masked_shape.push((depth, tlv.tag, tlv.value.len()))).unwrap();
        prop_assert_eq!(shape, masked_shape);
    }

    #[test]
    fn masking_takes_anything(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let masked = mask_account_data(&bytes);
        prop_assert_eq!(masked.len(), bytes.len());
        // Masking what is masked changes nothing more.
        prop_assert_eq!(mask_account_data(&masked), masked);
    }
}
