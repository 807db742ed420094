//! Bytes of anybody's making: refused, and never a panic.

use crate::phone::Phone;
use proptest::{prelude::*, sample::Index};

const TEE: u8 = 1;

/// One change to a string of bytes.
#[derive(Clone, Debug)]
enum Change {
    Set(Index, u8),
    CutOff(Index),
    TakeOut(Index),
    PutIn(Index, Vec<u8>),
    /// A part of it once more, somewhere else.
    Copy(Index, Index, u8),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        any::<Index>().prop_map(Change::CutOff),
        any::<Index>().prop_map(Change::TakeOut),
        (any::<Index>(), prop::collection::vec(any::<u8>(), 1..8))
            .prop_map(|(at, some)| Change::PutIn(at, some)),
        (any::<Index>(), any::<Index>(), any::<u8>())
            .prop_map(|(from, to, length)| Change::Copy(from, to, length)),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    if bytes.is_empty() {
        return;
    }
    match change {
        Change::Set(at, byte) => *at.get_mut(bytes) = *byte,
        Change::CutOff(at) => bytes.truncate(at.index(bytes.len())),
        Change::TakeOut(at) => drop(bytes.remove(at.index(bytes.len()))),
        Change::PutIn(at, some) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, some.iter().copied());
        }
        Change::Copy(from, to, length) => {
            let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
            let part: Vec<u8> = bytes.iter().skip(from).take(usize::from(*length)).copied().collect();
            bytes.splice(to..to, part);
        }
    }
}

#[test]
fn a_chain_with_a_bit_of_any_byte_flipped_is_refused() {
    let phone = Phone::new(TEE);
    let mut chain = phone.chain();
    phone.judged(&chain).unwrap();
    for position in 0..chain.len() {
        for index in 0..chain[position].len() {
            let bit = 1 << (index % 8);
            chain[position][index] ^= bit;
            assert!(phone.judged(&chain).is_err(), "bit {bit} of byte {index} of certificate {position}");
            chain[position][index] ^= bit;
        }
    }
}

proptest! {
    // Each makes a phone and signs its chain.
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_changed_chain_is_refused(
        position in 0..4_usize,
        changes in prop::collection::vec(change(), 1..4),
    ) {
        let phone = Phone::new(TEE);
        let chain = phone.chain();
        let mut changed = chain.clone();
        for change in &changes {
            apply(&mut changed[position], change);
        }
        prop_assert!(changed == chain || phone.judged(&changed).is_err());
    }

    #[test]
    fn a_signed_description_of_any_bytes_ends_in_a_word_and_proves_no_more_than_it_says(
        changes in prop::collection::vec(change(), 1..6),
    ) {
        let mut phone = Phone::new(TEE);
        let mut bytes = phone.describe().to_der();
        for change in &changes {
            apply(&mut bytes, change);
        }
        phone.describe().raw = Some(bytes);
        if let Ok(attested) = phone.verified() {
            prop_assert_eq!(attested.key, phone.key());
            prop_assert!(attested.level >= phone.requirements.least_level);
        }
    }

    #[test]
    fn any_bytes_in_the_place_of_certificates_are_refused(
        chain in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..8),
    ) {
        prop_assert!(Phone::new(TEE).judged(&chain).is_err());
    }
}
