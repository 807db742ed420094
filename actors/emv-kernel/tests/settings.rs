//! Settings: their JSON for people, their postcard for terminals, and what is refused.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use mpos_emv_kernel::settings::{CaKey, CaKeySet, KernelSettings};
use mpos_emv_kernel::{SettingsFault, TerminalSettings};
use mpos_protocol::{Bytes, List};
use support::{bytes, change_combinations, settings, with_kernel2, with_kernel3};

#[test]
fn the_documented_example_is_read() {
    let page = include_str!("../../../docs/emv-run.md");
    let example = page.split("```json").nth(2).and_then(|rest| rest.split("```").next()).unwrap();
    let read: TerminalSettings = serde_json::from_str(example).unwrap();
    assert_eq!(read.validate(), Ok(()));
    assert_eq!(read.country, [0x09, 0x00]);
    assert_eq!(read.combinations.len(), 2);
    assert!(matches!(read.combinations[1].kernel, KernelSettings::Kernel3(_)));
    assert_eq!(read.combinations[1].cvm_limit, Some(4001));
}

#[test]
fn settings_survive_both_encodings() {
    let before = settings();
    assert_eq!(before.validate(), Ok(()));
    let json = serde_json::to_string_pretty(&before).unwrap();
    assert!(json.contains("\"ttq\": \"24004000\""), "bytes are hexadecimal");
    assert_eq!(serde_json::from_str::<TerminalSettings>(&json).unwrap(), before);
    let wire = postcard::to_allocvec(&before).unwrap();
    assert!(wire.len() < 2048);
    assert_eq!(postcard::from_bytes::<TerminalSettings>(&wire).unwrap(), before);
}

#[test]
fn json_that_is_no_settings_says_where() {
    let json = serde_json::to_string(&settings()).unwrap();
    for (good, bad) in [
        ("\"24004000\"", "\"240040\""),
        ("\"24004000\"", "\"2400400G\""),
        ("\"24004000\"", "\"2400400000\""),
        ("\"ttq\"", "\"tqt\""),
        ("\"kernel3\"", "\"kernel4\""),
    ] {
        let error = serde_json::from_str::<TerminalSettings>(&json.replace(good, bad)).unwrap_err();
        assert!(error.line() > 0, "{error}");
    }
}

#[test]
fn lists_are_bounded_while_they_are_decoded() {
    let mut json: serde_json::Value = serde_json::to_value(settings()).unwrap();
    let one = json["combinations"][0].clone();
    json["combinations"] = vec![one; 17].into();
    assert!(serde_json::from_value::<TerminalSettings>(json).is_err());
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let fault = |settings: TerminalSettings| settings.validate().unwrap_err();

    let mut none = settings();
    none.combinations = List::default();
    assert_eq!(fault(none), SettingsFault::NoCombinations);

    let mut twice = settings();
    let first = twice.combinations[0].clone();
    twice.combinations = List::try_from(vec![first.clone(), first]).unwrap();
    assert_eq!(fault(twice), SettingsFault::DuplicateCombination(1));

    let mut short = settings();
    change_combinations(&mut short, |combination| combination.aid = Bytes::new(&[0xA0, 0, 0, 0]).unwrap());
    assert_eq!(fault(short), SettingsFault::AidLength(0));

    let mut limit = settings();
    change_combinations(&mut limit, |combination| combination.cvm_limit = Some(u64::MAX));
    assert_eq!(fault(limit), SettingsFault::Limit(0));

    let no_emv = with_kernel2(settings(), |kernel| kernel.kernel_configuration = 0x40);
    assert_eq!(fault(no_emv), SettingsFault::EmvModeOff(0));
    let no_emv = with_kernel3(settings(), |kernel| kernel.ttq = [0x84, 0, 0, 0]);
    assert_eq!(fault(no_emv), SettingsFault::TtqWithoutEmv(2));
}

/// Mastercard's published live key 04 and its published checksum (RID A000000004).
fn published() -> CaKey {
    CaKey {
        rid: [0xA0, 0, 0, 0, 4],
        index: 0x04,
        set: CaKeySet::Live,
        modulus: Bytes::new(&bytes(
            "A6DA428387A502D7DDFB7A74D3F412BE762627197B25435B7A81716A700157DDD06F7CC99D6CA28C2470527E2C03616B\
             9C59217357C2674F583B3BA5C7DCF2838692D023E3562420B4615C439CA97C44DC9A249CFCE7B3BFB22F68228C3AF133\
             29AA4A613CF8DD853502373D62E49AB256D2BC17120E54AEDCED6D96A4287ACC5C04677D4A5A320DB8BEE2F775E5FEC5",
        ))
        .unwrap(),
        exponent: Bytes::new(&[3]).unwrap(),
        checksum: Some(bytes("381A035DA58B482EE2AF75F4C3F2CA469BA4AA6C").try_into().unwrap()),
    }
}

fn with_keys(keys: Vec<CaKey>) -> Result<(), SettingsFault> {
    let mut settings = settings();
    settings.ca_keys = List::try_from(keys).unwrap();
    settings.validate()
}

#[test]
fn a_key_must_agree_with_its_published_checksum() {
    assert_eq!(with_keys(vec![published()]), Ok(()));
    let mut wrong = published();
    wrong.index = 0x05;
    assert_eq!(with_keys(vec![published(), wrong]), Err(SettingsFault::Checksum(1)));
}

#[test]
fn keys_are_told_apart_by_scheme_index_and_set() {
    let test = CaKey { set: CaKeySet::Test, ..published() };
    assert_eq!(with_keys(vec![published(), test]), Ok(()));
    assert_eq!(with_keys(vec![published(), published()]), Err(SettingsFault::DuplicateCaKey(1)));
}

#[test]
fn what_is_no_key_is_refused() {
    let modulus = |bytes: &[u8]| CaKey { modulus: Bytes::new(bytes).unwrap(), ..published() };
    assert_eq!(with_keys(vec![modulus(&[0xFF; 63])]), Err(SettingsFault::Modulus(0)));
    assert_eq!(with_keys(vec![modulus(&[0xFE; 64])]), Err(SettingsFault::Modulus(0)));
    let mut leading = [0xFF; 64];
    leading[0] = 0;
    assert_eq!(with_keys(vec![modulus(&leading)]), Err(SettingsFault::Modulus(0)));
    let exponent = CaKey { exponent: Bytes::new(&[0x02]).unwrap(), ..published() };
    assert_eq!(with_keys(vec![exponent]), Err(SettingsFault::Exponent(0)));
}
