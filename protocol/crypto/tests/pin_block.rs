//! Format 4 PIN blocks against published ones, and there and back.

#![allow(clippy::unwrap_used)]

use mpos_crypto::{
    CryptoError, SecretKey,
    pin_block::{decipher_format4, encipher_format4},
};
use proptest::prelude::*;

const VECTORS: &str = include_str!("vectors/pin_block_format4.txt");
const PAN: &[u8] = b"4111111111111111";

fn key(byte: u8) -> SecretKey {
    SecretKey::from_slice(&[byte; 16]).unwrap()
}

#[test]
fn blocks_are_the_standards() {
    let mut checked = 0;
    for line in VECTORS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let [pan, pin, fill, key, block] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let key = SecretKey::from_slice(&hex::decode(key).unwrap()).unwrap();
        let fill = hex::decode(fill).unwrap().try_into().unwrap();
        let enciphered = encipher_format4(pin.as_bytes(), pan.as_bytes(), &key, fill).unwrap();
        assert_eq!(hex::encode_upper(enciphered), block);
        let deciphered = decipher_format4(&enciphered, pan.as_bytes(), &key).unwrap();
        assert_eq!(deciphered.as_digits(), pin.as_bytes());
        checked += 1;
    }
    assert_eq!(checked, 9);
}

#[test]
fn digits_are_taken_as_text_and_by_value() {
    let as_text = encipher_format4(b"1234", PAN, &key(7), [9; 8]);
    let by_value =
        encipher_format4(&[1, 2, 3, 4], &[4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], &key(7), [9; 8]);
    assert_eq!(as_text, by_value);
}

#[test]
fn what_is_no_pin_or_no_account_number_is_refused() {
    for (pin, pan, expected) in [
        (&b"123"[..], PAN, CryptoError::PinLength),
        (b"1234567890123", PAN, CryptoError::PinLength),
        (b"", PAN, CryptoError::PinLength),
        (b"12a4", PAN, CryptoError::PinDigit),
        (b"1234", b"", CryptoError::Pan),
        (b"1234", b"41111111111111111111", CryptoError::Pan),
        (b"1234", b"4111-1111", CryptoError::Pan),
    ] {
        assert_eq!(encipher_format4(pin, pan, &key(7), [0; 8]), Err(expected));
    }
}

#[test]
fn another_key_another_account_or_an_altered_block_is_no_pin() {
    let block = encipher_format4(b"4821", PAN, &key(7), [1, 2, 3, 4, 5, 6, 7, 8]).unwrap();
    let refused = |block: &[u8; 16], pan: &[u8], of: u8| decipher_format4(block, pan, &key(of)).err();
    assert_eq!(refused(&block, PAN, 8), Some(CryptoError::PinBlockMalformed));
    assert_eq!(refused(&block, b"4111111111111112", 7), Some(CryptoError::PinBlockMalformed));
    for position in 0..16 {
        let mut altered = block;
        altered[position] ^= 1;
        assert_eq!(refused(&altered, PAN, 7), Some(CryptoError::PinBlockMalformed));
    }
}

#[test]
fn a_pin_prints_nothing_of_itself() {
    let block = encipher_format4(b"4821", PAN, &key(7), [0; 8]).unwrap();
    assert_eq!(format!("{:?}", decipher_format4(&block, PAN, &key(7)).unwrap()), "Pin");
}

proptest! {
    #[test]
    fn a_block_gives_the_pin_back(
        pin in "[0-9]{4,12}", pan in "[0-9]{1,19}", key: [u8; 16], fill: [u8; 8],
    ) {
        let key = SecretKey::from_slice(&key).unwrap();
        let block = encipher_format4(pin.as_bytes(), pan.as_bytes(), &key, fill).unwrap();
        let deciphered = decipher_format4(&block, pan.as_bytes(), &key).unwrap();
        prop_assert_eq!(deciphered.as_digits(), pin.as_bytes());
    }

    #[test]
    fn any_bytes_are_an_answer(block: [u8; 16], pan in proptest::collection::vec(any::<u8>(), 0..24), key: [u8; 32]) {
        let _ = decipher_format4(&block, &pan, &SecretKey::from_slice(&key).unwrap());
    }
}
