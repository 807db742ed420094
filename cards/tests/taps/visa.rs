//! Visa, Electron and V PAY: fDDA, cryptogram, card transaction qualifiers.

use mpos_certs::scheme_keys::Scheme;
use mpos_crypto::emv_certificate::{CertificateFault, SignedDynamicData, recover_signed_dynamic};
use mpos_tlv::Tag;

use crate::bank::Drawer;
use crate::issuer::expected_cryptogram;
use crate::mastercard::icc_key;
use crate::reader::{TTQ_ODA, TTQ_ODA_CVM, TTQ_SMALL, Tap, tap};

fn visa_tap(name: &str, ttq: [u8; 4]) -> Tap {
    tap(&mut Drawer::new().card(name), ttq, 0)
}

fn fdda(tap: &Tap) -> Result<SignedDynamicData, CertificateFault> {
    let covered = [
        Tag::UNPREDICTABLE_NUMBER,
        Tag::AMOUNT_AUTHORISED,
        Tag::TRANSACTION_CURRENCY_CODE,
        Tag::CARD_AUTHENTICATION_RELATED_DATA,
    ]
    .map(|tag| tap.get(tag))
    .concat();
    let key = icc_key(tap, Scheme::Visa)?;
    recover_signed_dynamic(&key, tap.get(Tag::SIGNED_DYNAMIC_APPLICATION_DATA), &covered)
}

#[test]
fn a_visa_card_signs_in_processing_options_and_the_issuer_computes_the_same() {
    for name in ["visa", "electron", "v-pay"] {
        let tap = visa_tap(name, TTQ_ODA);
        assert_eq!(fdda(&tap).unwrap().icc_dynamic_number, tap.get(Tag::ATC));
        assert_eq!(*tap.get(Tag::APPLICATION_CRYPTOGRAM), expected_cryptogram(&tap.objects), "{name}");
        let related = tap.get(Tag::CARD_AUTHENTICATION_RELATED_DATA);
        assert_eq!(related[0], 0x01);
        assert_eq!(related[5..], *tap.get(Tag::CTQ));
        assert!(!tap.has(Tag::ISSUER_PUBLIC_KEY_REMAINDER));
    }
}

#[test]
fn without_authentication_for_online_there_is_no_signature_and_one_record() {
    let tap = visa_tap("visa", TTQ_SMALL);
    assert!(!tap.has(Tag::SIGNED_DYNAMIC_APPLICATION_DATA));
    assert!(!tap.has(Tag::CARD_AUTHENTICATION_RELATED_DATA));
    assert_eq!(tap.get(Tag::AFL), [0x08, 0x01, 0x01, 0x00]);
    assert_eq!(*tap.get(Tag::APPLICATION_CRYPTOGRAM), expected_cryptogram(&tap.objects));
}

#[test]
fn a_phone_has_no_records_and_the_whole_of_its_long_issuer_data_is_covered() {
    let tap = visa_tap("visa-phone", TTQ_ODA_CVM);
    assert!(!tap.has(Tag::AFL));
    assert_eq!(tap.get(Tag::CTQ), [0x00, 0x80]);
    assert_eq!(tap.get(Tag::ISSUER_APPLICATION_DATA).len(), 32);
    assert_eq!(*tap.get(Tag::APPLICATION_CRYPTOGRAM), expected_cryptogram(&tap.objects));

    let mut altered = tap.objects.clone();
    *altered.get_mut(&Tag::ISSUER_APPLICATION_DATA).unwrap().last_mut().unwrap() ^= 1;
    assert_ne!(*tap.get(Tag::APPLICATION_CRYPTOGRAM), expected_cryptogram(&altered));
}

#[test]
fn a_card_asks_for_online_pin_when_verification_is_required() {
    assert_eq!(visa_tap("visa", TTQ_ODA).get(Tag::CTQ), [0x00, 0x00]);
    let tap = visa_tap("visa", TTQ_ODA_CVM);
    assert_eq!(tap.get(Tag::CTQ), [0x80, 0x00]);
    assert!(fdda(&tap).is_ok());
}

#[test]
fn a_card_that_cannot_verify_its_holder_declines() {
    let tap = visa_tap("visa", [0x21, 0xC0, 0x00, 0x00]);
    assert_eq!(tap.get(Tag::CRYPTOGRAM_INFORMATION_DATA), [0x00]);
    assert_eq!(tap.get(Tag::ISSUER_APPLICATION_DATA)[4] & 0x30, 0x00);
    assert_eq!(*tap.get(Tag::APPLICATION_CRYPTOGRAM), expected_cryptogram(&tap.objects));
}

#[test]
fn electron_tells_the_kind_of_cryptogram_in_the_issuers_data_only() {
    assert!(visa_tap("visa", TTQ_ODA).has(Tag::CRYPTOGRAM_INFORMATION_DATA));
    let tap = visa_tap("electron", TTQ_ODA);
    assert!(!tap.has(Tag::CRYPTOGRAM_INFORMATION_DATA));
    assert_eq!(tap.get(Tag::ISSUER_APPLICATION_DATA)[4] & 0x30, 0x20);
}

#[test]
fn a_forged_visa_card_is_found() {
    assert_eq!(fdda(&visa_tap("visa+wrong-certificate", TTQ_ODA)).err(), Some(CertificateFault::Pan));
    assert_eq!(fdda(&visa_tap("visa+wrong-certificate:data", TTQ_ODA)).err(), Some(CertificateFault::Hash));
    assert!(fdda(&visa_tap("visa+wrong-certificate:issuer", TTQ_ODA)).is_err());
    assert!(fdda(&visa_tap("visa+wrong-certificate:key", TTQ_ODA)).is_err());
}
