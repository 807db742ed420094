//! PIN blocks of formats 4 and 0 against published ones, and there and back.

#![allow(clippy::unwrap_used)]

use mpos_crypto::{
    CryptoError, SecretKey,
    pin_block::{
        Format4Steps, clear_format0, decipher_format0, decipher_format4, encipher_format0, encipher_format4,
        pan_field_format4, pin_field_format4, read_format0, read_format4,
    },
};
use proptest::prelude::*;

const VECTORS: &str = include_str!("vectors/pin_block_format4.txt");
const VECTORS_FORMAT0: &str = include_str!("vectors/pin_block_format0.txt");
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
fn the_steps_of_a_block_are_the_same_both_ways() {
    let (fill, key) = ([9; 8], key(7));
    let there = Format4Steps::encipher(b"1234", PAN, &key, fill).unwrap();
    let back = Format4Steps::decipher(&there.enciphered, PAN, &key).unwrap();
    for steps in [&there, &back] {
        assert_eq!(hex::encode_upper(steps.pin_field), "441234AAAAAAAAAA0909090909090909");
        assert_eq!(hex::encode_upper(steps.pan_field), "44111111111111111000000000000000");
        assert_eq!((steps.block_a, steps.block_b), (there.block_a, there.block_b));
    }
    assert_eq!(read_format4(&back.pin_field).unwrap().as_digits(), b"1234");
    // A short account number is padded on the left, a long one says how long it is.
    assert_eq!(hex::encode_upper(pan_field_format4(b"1").unwrap()), "00000000000010000000000000000000");
    assert_eq!(
        hex::encode_upper(pan_field_format4(b"1234567890123456789").unwrap()),
        "71234567890123456789000000000000"
    );
}

#[test]
fn format_0_blocks_are_the_published_ones() {
    let mut checked = 0;
    for line in VECTORS_FORMAT0.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let [pan, pin, clear, key, enciphered] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let block = clear_format0(pin.as_bytes(), pan.as_bytes()).unwrap();
        assert_eq!(hex::encode_upper(*block), clear);
        assert_eq!(read_format0(&block, pan.as_bytes()).unwrap().as_digits(), pin.as_bytes());
        checked += 1;
        if key != "-" {
            let key = SecretKey::from_slice(&hex::decode(key).unwrap()).unwrap();
            let block = encipher_format0(pin.as_bytes(), pan.as_bytes(), &key).unwrap();
            assert_eq!(hex::encode_upper(block), enciphered);
        }
    }
    assert_eq!(checked, 2);
}

#[test]
fn format_0_takes_triple_des_keys_of_two_and_three_parts_only() {
    let three = SecretKey::from_slice(&hex::decode("0123456789ABCDEF".repeat(3)).unwrap()).unwrap();
    // With equal parts, two and three keys are the same cipher.
    let two = SecretKey::from_slice(&three.as_bytes()[..16]).unwrap();
    assert_eq!(encipher_format0(b"1234", PAN, &three), encipher_format0(b"1234", PAN, &two));
    let refused = encipher_format0(b"1234", PAN, &SecretKey::from_slice(&[1; 32]).unwrap());
    assert_eq!(refused, Err(CryptoError::KeyLength(32)));
}

#[test]
fn format_0_reads_nothing_from_another_key_or_a_malformed_block() {
    let key = |byte| SecretKey::from_slice(&[byte; 24]).unwrap();
    let block = encipher_format0(b"4821", PAN, &key(7)).unwrap();
    let refused = Some(CryptoError::PinBlockMalformed);
    assert_eq!(decipher_format0(&block, PAN, &key(9)).err(), refused);
    let clear = clear_format0(b"4821", PAN).unwrap();
    // Control, too short, too long, a letter for a digit, a digit for the fill.
    for (byte, flip) in [(0, 0x10), (0, 0x07), (0, 0x0B), (1, 0x80), (7, 0x01)] {
        let mut malformed = *clear;
        malformed[byte] ^= flip;
        assert_eq!(read_format0(&malformed, PAN).err(), refused, "byte {byte}");
    }
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
    fn a_format_0_block_gives_the_pin_back(
        pin in "[0-9]{4,12}", pan in "[0-9]{1,19}", key: [u8; 24],
    ) {
        let key = SecretKey::from_slice(&key).unwrap();
        let block = encipher_format0(pin.as_bytes(), pan.as_bytes(), &key).unwrap();
        let deciphered = decipher_format0(&block, pan.as_bytes(), &key).unwrap();
        prop_assert_eq!(deciphered.as_digits(), pin.as_bytes());
    }

    #[test]
    fn a_field_that_is_read_is_one_that_would_be_written(pin in "[0-9]{4,12}", byte in 0..8_usize, flip: u8) {
        let mut field = *pin_field_format4(pin.as_bytes(), [0; 8]).unwrap();
        field[byte] ^= flip;
        if let Ok(read) = read_format4(&field) {
            prop_assert_eq!(*pin_field_format4(read.as_digits(), [0; 8]).unwrap(), field);
        }
    }

    #[test]
    fn any_bytes_are_an_answer(block: [u8; 16], pan in proptest::collection::vec(any::<u8>(), 0..24), key: [u8; 32]) {
        let _ = decipher_format4(&block, &pan, &SecretKey::from_slice(&key).unwrap());
    }
}
