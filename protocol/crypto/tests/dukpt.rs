//! DUKPT against the standard's vectors.

#![allow(clippy::unwrap_used)]

use mpos_crypto::{
    CryptoError, SecretKey,
    dukpt::{KeySize, KeyUsage, Ksn, TerminalKeys, derive_initial_key, host_tdea_key, host_working_key},
    pin_block::{decipher_format0, encipher_format0},
};

const INITIAL_KEY_ID: [u8; 8] = [0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56];
const VECTORS: &str = include_str!("vectors/dukpt_aes.txt");

fn key(hex: &str) -> SecretKey {
    SecretKey::from_slice(&hex::decode(hex).unwrap()).unwrap()
}

fn usage(name: &str) -> KeyUsage {
    match name {
        "pin" => KeyUsage::PinEncryption,
        "mac_generation" => KeyUsage::MacGeneration,
        "mac_verification" => KeyUsage::MacVerification,
        "mac_both" => KeyUsage::MacBoth,
        "data_encrypt" => KeyUsage::DataEncrypt,
        "data_decrypt" => KeyUsage::DataDecrypt,
        "data_both" => KeyUsage::DataBoth,
        "key_encryption" => KeyUsage::KeyEncryption,
        other => panic!("{other}"),
    }
}

fn size(bits: &str) -> KeySize {
    match bits {
        "128" => KeySize::Aes128,
        "192" => KeySize::Aes192,
        "256" => KeySize::Aes256,
        other => panic!("{other}"),
    }
}

struct Vector<'a> {
    bdk: SecretKey,
    ksn: Ksn,
    usage: KeyUsage,
    size: KeySize,
    working_key: SecretKey,
    line: &'a str,
}

fn vectors() -> impl Iterator<Item = Vector<'static>> {
    VECTORS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let [bdk, counter, name, bits, expected] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let counter = u32::from_str_radix(counter, 16).unwrap();
        Vector {
            bdk: key(bdk),
            ksn: Ksn { initial_key_id: INITIAL_KEY_ID, counter },
            usage: usage(name),
            size: size(bits),
            working_key: key(expected),
            line,
        }
    })
}

#[test]
fn initial_keys_are_the_standards() {
    // X9.24-3 Supplement, Test Vectors, pages 2 and 7.
    for (bdk, initial_key) in [
        ("FEDCBA9876543210F1F1F1F1F1F1F1F1", "1273671EA26AC29AFA4D1084127652A1"),
        (
            "FEDCBA9876543210F1F1F1F1F1F1F1F1FEDCBA9876543210F1F1F1F1F1F1F1F1",
            "CE9CE0C101D1138F97FB6CAD4DF045A7083D4EAE2D35A31789D01CCF0949550F",
        ),
    ] {
        assert_eq!(derive_initial_key(&key(bdk), INITIAL_KEY_ID).unwrap(), key(initial_key));
    }
}

#[test]
fn the_hosts_working_keys_are_the_standards() {
    let mut checked = 0;
    for vector in vectors() {
        let derived = host_working_key(&vector.bdk, vector.ksn, vector.usage, vector.size).unwrap();
        assert!(derived == vector.working_key, "{}", vector.line);
        checked += 1;
    }
    assert!(checked > 80, "only {checked} vectors read");
}

#[test]
fn the_terminals_working_keys_are_the_standards() {
    for vector in vectors().filter(|vector| vector.ksn.counter <= 8) {
        let initial_key = derive_initial_key(&vector.bdk, INITIAL_KEY_ID).unwrap();
        let mut terminal = TerminalKeys::load(&initial_key, INITIAL_KEY_ID);
        for _ in 1..vector.ksn.counter {
            terminal.next_working_key(KeyUsage::DataBoth, KeySize::Aes128).unwrap();
        }
        let (ksn, derived) = terminal.next_working_key(vector.usage, vector.size).unwrap();
        assert_eq!(ksn, vector.ksn);
        assert!(derived == vector.working_key, "{}", vector.line);
    }
}

#[test]
fn a_192_bit_bdk_gives_keys_of_up_to_192_bits_on_both_sides() {
    let bdk = key("FEDCBA9876543210F1F1F1F1F1F1F1F1FEDCBA9876543210");
    let mut terminal = TerminalKeys::load(&derive_initial_key(&bdk, INITIAL_KEY_ID).unwrap(), INITIAL_KEY_ID);
    for size in [KeySize::Aes128, KeySize::Aes192] {
        let (ksn, working_key) = terminal.next_working_key(KeyUsage::DataEncrypt, size).unwrap();
        assert_eq!(host_working_key(&bdk, ksn, KeyUsage::DataEncrypt, size).unwrap(), working_key);
    }
}

#[test]
fn triple_des_keys_of_three_parts_are_the_standards() {
    // X9.24-3 Supplement, Test Vectors, "3TDEA from an AES-128 BDK", counter 1, as two collections of them agree.
    let bdk = key("FEDCBA9876543210F1F1F1F1F1F1F1F1");
    let ksn = Ksn { initial_key_id: INITIAL_KEY_ID, counter: 1 };
    for (name, expected) in [
        ("pin", "EA8B3F37EB9B15831167EF2977FD8762D9B5913F35766F6A"),
        ("mac_generation", "2A1061A6EAC2C14FAC3758EA07B3648A624B24E942785BF1"),
        ("data_encrypt", "F716DFBC6B2D2D5825B694EEEE181A013F2F1C09380BBE0C"),
    ] {
        assert_eq!(host_tdea_key(&bdk, ksn, usage(name)).unwrap(), key(expected), "{name}");
    }
}

#[test]
fn terminal_and_host_agree_on_triple_des_keys_and_a_pin_under_one() {
    let (bdk, pan) = (key("FEDCBA9876543210F1F1F1F1F1F1F1F1"), b"4111111111111111");
    let mut terminal = TerminalKeys::load(&derive_initial_key(&bdk, INITIAL_KEY_ID).unwrap(), INITIAL_KEY_ID);
    for counter in 1..=40 {
        let (ksn, key) = terminal.next_tdea_key(KeyUsage::PinEncryption).unwrap();
        assert_eq!(ksn.counter, counter);
        let block = encipher_format0(b"4821", pan, &key).unwrap();
        let at_host = host_tdea_key(&bdk, ksn, KeyUsage::PinEncryption).unwrap();
        assert_eq!(decipher_format0(&block, pan, &at_host).unwrap().as_digits(), b"4821");
        assert_ne!(at_host, host_tdea_key(&bdk, ksn, KeyUsage::DataEncrypt).unwrap());
    }
    let bad = Ksn { initial_key_id: INITIAL_KEY_ID, counter: 0 };
    assert_eq!(host_tdea_key(&bdk, bad, KeyUsage::PinEncryption), Err(CryptoError::CounterInvalid));
}

#[test]
fn the_host_refuses_serial_numbers_that_no_terminal_makes() {
    let bdk = key("FEDCBA9876543210F1F1F1F1F1F1F1F1");
    for counter in [0, 0x0001_FFFF, 0xFFFF_8000, u32::MAX] {
        let ksn = Ksn { initial_key_id: INITIAL_KEY_ID, counter };
        let refused = host_working_key(&bdk, ksn, KeyUsage::PinEncryption, KeySize::Aes128);
        assert_eq!(refused, Err(CryptoError::CounterInvalid));
    }
}

#[test]
fn a_working_key_is_not_stronger_than_the_bdk() {
    let bdk = key("FEDCBA9876543210F1F1F1F1F1F1F1F1");
    let ksn = Ksn { initial_key_id: INITIAL_KEY_ID, counter: 1 };
    for size in [KeySize::Aes192, KeySize::Aes256] {
        let refused = host_working_key(&bdk, ksn, KeyUsage::DataEncrypt, size);
        assert_eq!(refused, Err(CryptoError::KeyStrongerThanItsSource));
    }
}

#[test]
fn a_serial_number_reads_as_it_is_written() {
    let ksn = Ksn { initial_key_id: INITIAL_KEY_ID, counter: 0x00AB_CDEF };
    assert_eq!(ksn.to_string(), "123456789012345600ABCDEF");
    assert_eq!(Ksn::from_bytes(ksn.to_bytes()), ksn);
}
