//! Mastercard and Maestro: certificates, CDA, cryptogram.

use mpos_certs::scheme_keys::Scheme;
use mpos_crypto::emv_certificate::{
    CdaData, CertificateFault, IccPublicKey, IssuerPublicKey, YearMonth, recover_cda, recover_icc_key,
    recover_issuer_key, transaction_data_hash,
};
use mpos_tlv::Tag;

use crate::bank::{Drawer, schemes};
use crate::issuer::expected_cryptogram;
use crate::reader::{TTQ_SMALL, Tap, UNPREDICTABLE_NUMBER, tap};

const ARQC_WITH_CDA: u8 = 0x90;
const TC_WITH_CDA: u8 = 0x50;
const ARQC: u8 = 0x80;
const AAC: u8 = 0x00;

pub(crate) fn month() -> YearMonth {
    YearMonth::from_bcd([0x26, 0x11]).unwrap()
}

pub(crate) fn issuer_key(tap: &Tap, scheme: Scheme) -> Result<IssuerPublicKey, CertificateFault> {
    let ca = schemes().ca_public_key(scheme);
    assert_eq!(tap.get(Tag::CA_PUBLIC_KEY_INDEX), [ca.index]);
    let remainder = tap.objects.get(&Tag::ISSUER_PUBLIC_KEY_REMAINDER).cloned().unwrap_or_default();
    let certificate = tap.get(Tag::ISSUER_PUBLIC_KEY_CERTIFICATE);
    let exponent = tap.get(Tag::ISSUER_PUBLIC_KEY_EXPONENT);
    recover_issuer_key(&ca, certificate, &remainder, exponent, tap.get(Tag::PAN), month())
}

pub(crate) fn icc_key(tap: &Tap, scheme: Scheme) -> Result<IccPublicKey, CertificateFault> {
    recover_icc_key(
        &issuer_key(tap, scheme)?,
        tap.get(Tag::ICC_PUBLIC_KEY_CERTIFICATE),
        tap.get(Tag::ICC_PUBLIC_KEY_REMAINDER),
        tap.get(Tag::ICC_PUBLIC_KEY_EXPONENT),
        &tap.static_data,
        tap.get(Tag::PAN),
        month(),
    )
}

fn cda(tap: &Tap) -> Result<CdaData, CertificateFault> {
    let key = icc_key(tap, Scheme::Mastercard)?;
    recover_cda(&key, tap.get(Tag::SIGNED_DYNAMIC_APPLICATION_DATA), UNPREDICTABLE_NUMBER)
}

#[test]
fn a_mastercard_signs_its_cryptogram_and_the_issuer_computes_the_same() {
    for name in ["mastercard", "mastercard-phone", "maestro"] {
        let mut tap = tap(&mut Drawer::new().card(name), TTQ_SMALL, ARQC_WITH_CDA);
        let signed = cda(&tap).unwrap();
        assert_eq!([signed.cid], *tap.get(Tag::CRYPTOGRAM_INFORMATION_DATA));
        assert_eq!(signed.cid, 0x80);
        assert!(!tap.has(Tag::APPLICATION_CRYPTOGRAM));
        let [options, values] = &tap.told;
        assert_eq!(
            signed.transaction_data_hash,
            transaction_data_hash(&[options, values, &tap.answer_unsigned])
        );

        tap.objects.insert(Tag::APPLICATION_CRYPTOGRAM, signed.cryptogram.to_vec());
        assert_eq!(signed.cryptogram, expected_cryptogram(&tap.objects), "{name}");
    }
}

#[test]
fn both_exponents_are_met() {
    let exponent = |name| {
        let tap = tap(&mut Drawer::new().card(name), TTQ_SMALL, ARQC_WITH_CDA);
        icc_key(&tap, Scheme::Mastercard).unwrap().key.exponent
    };
    assert_eq!(exponent("mastercard"), 3);
    assert_eq!(exponent("maestro"), 65537);
}

#[test]
fn a_request_to_approve_offline_is_sent_online() {
    let tap = tap(&mut Drawer::new().card("mastercard"), TTQ_SMALL, TC_WITH_CDA);
    assert_eq!(cda(&tap).unwrap().cid, 0x80);
}

#[test]
fn without_cda_the_cryptogram_is_plain() {
    for (reference, cid) in [(ARQC, 0x80), (AAC, 0x00), (0x10, 0x00)] {
        let tap = tap(&mut Drawer::new().card("mastercard"), TTQ_SMALL, reference);
        assert_eq!(tap.get(Tag::CRYPTOGRAM_INFORMATION_DATA), [cid]);
        assert!(!tap.has(Tag::SIGNED_DYNAMIC_APPLICATION_DATA));
        assert_eq!(*tap.get(Tag::APPLICATION_CRYPTOGRAM), expected_cryptogram(&tap.objects));
    }
}

#[test]
fn the_cryptogram_covers_each_element() {
    let tap = tap(&mut Drawer::new().card("mastercard"), TTQ_SMALL, ARQC);
    for tag in [
        Tag::AMOUNT_AUTHORISED,
        Tag::AMOUNT_OTHER,
        Tag::TERMINAL_COUNTRY_CODE,
        Tag::TVR,
        Tag::TRANSACTION_CURRENCY_CODE,
        Tag::TRANSACTION_DATE,
        Tag::TRANSACTION_TYPE,
        Tag::UNPREDICTABLE_NUMBER,
        Tag::AIP,
        Tag::ATC,
    ] {
        let mut altered = tap.objects.clone();
        altered.get_mut(&tag).unwrap()[0] ^= 1;
        assert_ne!(*tap.get(Tag::APPLICATION_CRYPTOGRAM), expected_cryptogram(&altered), "{tag}");
    }
}

#[test]
fn a_phone_says_that_its_owner_was_verified() {
    let tap = tap(&mut Drawer::new().card("mastercard-phone"), TTQ_SMALL, ARQC_WITH_CDA);
    assert_eq!(tap.get(Tag::AIP)[0] & 0x02, 0x02);
    assert_eq!(tap.get(Tag::POS_CARDHOLDER_INTERACTION), [0x00, 0x10, 0x00]);
    assert!(tap.has(Tag::FORM_FACTOR_INDICATOR));
}

#[test]
fn each_forgery_is_found_at_its_own_step() {
    let found = |name: &str| {
        let tap = tap(&mut Drawer::new().card(name), TTQ_SMALL, ARQC_WITH_CDA);
        (
            issuer_key(&tap, Scheme::Mastercard).is_ok(),
            icc_key(&tap, Scheme::Mastercard).err(),
            cda(&tap).is_ok(),
        )
    };
    assert_eq!(found("mastercard"), (true, None, true));
    assert_eq!(found("wrong-certificate"), (true, Some(CertificateFault::Pan), false));
    assert_eq!(found("wrong-certificate:data"), (true, Some(CertificateFault::Hash), false));
    assert_eq!(found("wrong-certificate:key"), (true, None, false));
    assert!(!found("wrong-certificate:issuer").0);
}
