//! Each way in which a certificate or signature can be wrong, and the fault that names it. Certificates are made
//! here, with every hash right, so that a fault is that of its field and not of the hash over it.

#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod support;

use mpos_crypto::emv_certificate::{
    CaPublicKey, CdaData, CertificateFault, IccPublicKey, IssuerPublicKey, RsaPublicKey, YearMonth,
    recover_cda, recover_icc_key, recover_issuer_key, recover_signed_dynamic,
};
use proptest::prelude::*;
use support::{CA, ICC, ISSUER, TestKey, ToSign, split};

const PAN: [u8; 8] = [0x54, 0x13, 0x33, 0x00, 0x89, 0x02, 0x00, 0x36];
const RECORDS: &[u8] = b"records, then the AIP";
const UNPREDICTABLE_NUMBER: [u8; 4] = [0x8B, 0x55, 0x63, 0x3B];

/// Positions in a certificate's fields; the issuer's, and how much further the card's are.
const FORMAT: usize = 0;
const HOLDER: usize = 1;
const MONTH: usize = 5;
const YEAR: usize = 6;
const HASH_ALGORITHM: usize = 10;
const KEY_ALGORITHM: usize = 11;
const KEY_LENGTH: usize = 12;
const ICC_SHIFT: usize = 6;

fn today() -> YearMonth {
    YearMonth::from_bcd([0x26, 0x11]).unwrap()
}

fn ca() -> CaPublicKey {
    CaPublicKey { rid: [0xA0, 0, 0, 0, 4], index: 0xF1, modulus: CA.modulus.to_vec(), exponent: 3 }
}

fn key(key: &TestKey) -> RsaPublicKey {
    RsaPublicKey { modulus: key.modulus.to_vec(), exponent: 3 }
}

fn issuer() -> IssuerPublicKey {
    IssuerPublicKey { key: key(&ISSUER), serial: [0, 0, 1] }
}

fn icc() -> IccPublicKey {
    IccPublicKey { key: key(&ICC), serial: [0, 0, 2] }
}

fn issuer_certificate() -> ToSign {
    let (start, remainder) = split(ISSUER.modulus, &CA, 36);
    assert!(remainder.is_empty(), "this issuer's key fits its certificate");
    let mut fields =
        vec![0x02, 0x54, 0x13, 0x33, 0xFF, 0x11, 0x26, 0, 0, 1, 1, 1, ISSUER.modulus.len() as u8, 1];
    fields.extend(start);
    ToSign::new(fields, vec![3])
}

fn icc_remainder() -> Vec<u8> {
    let (_start, remainder) = split(ICC.modulus, &ISSUER, 42);
    assert_eq!(remainder.len(), 10, "this card's key is longer than its certificate's space");
    remainder
}

fn icc_certificate() -> ToSign {
    let mut fields = vec![0x04];
    fields.extend(PAN);
    fields.extend([0xFF, 0xFF, 0x11, 0x26, 0, 0, 2, 1, 1, ICC.modulus.len() as u8, 1]);
    fields.extend(split(ICC.modulus, &ISSUER, 42).0);
    ToSign::new(fields, [&icc_remainder()[..], &[3], RECORDS].concat())
}

fn signature() -> ToSign {
    let mut fields = vec![0x05, 0x01, 38, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x80];
    fields.extend([0xAC; 8]);
    fields.extend([0x4A; 20]);
    ToSign::new(fields, UNPREDICTABLE_NUMBER.to_vec())
}

fn recover_issuer(certificate: &[u8]) -> Result<IssuerPublicKey, CertificateFault> {
    recover_issuer_key(&ca(), certificate, &[], &[3], &PAN, today())
}

fn recover_icc(certificate: &[u8]) -> Result<IccPublicKey, CertificateFault> {
    recover_icc_key(&issuer(), certificate, &icc_remainder(), &[3], RECORDS, &PAN, today())
}

fn recover_signature(sdad: &[u8]) -> Result<CdaData, CertificateFault> {
    recover_cda(&icc(), sdad, UNPREDICTABLE_NUMBER)
}

#[test]
fn a_chain_without_fault_is_recovered() {
    assert_eq!(recover_issuer(&issuer_certificate().sign(&CA)), Ok(issuer()));
    assert_eq!(recover_icc(&icc_certificate().sign(&ISSUER)), Ok(icc()));
    let signed = recover_signature(&signature().sign(&ICC)).unwrap();
    assert_eq!(signed.icc_dynamic_number, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!((signed.cid, signed.cryptogram), (0x80, [0xAC; 8]));
    assert_eq!(signed.transaction_data_hash, [0x4A; 20]);
}

/// What every recovery checks first, whatever is signed.
fn check_envelope<T: std::fmt::Debug + PartialEq>(
    good: &ToSign,
    signer: &TestKey,
    recover: impl Fn(&[u8]) -> Result<T, CertificateFault>,
) {
    let recover_changed = |change: &dyn Fn(&mut ToSign)| {
        let mut changed = good.clone();
        change(&mut changed);
        recover(&changed.sign(signer))
    };
    assert_eq!(recover_changed(&|signed| signed.trailer = 0xBD), Err(CertificateFault::Trailer));
    assert_eq!(recover_changed(&|signed| signed.header = 0x4A), Err(CertificateFault::Header));
    assert_eq!(recover_changed(&|signed| signed.fields[FORMAT] = 0x03), Err(CertificateFault::Format));
    assert_eq!(recover_changed(&|signed| signed.hash_error = 1), Err(CertificateFault::Hash));
    assert_eq!(recover_changed(&|signed| signed.also_covered.push(0)), Err(CertificateFault::Hash));

    let signed = good.sign(signer);
    assert_eq!(recover(&signed[1..]), Err(CertificateFault::Length));
    assert_eq!(recover(&[&signed[..], &[0]].concat()), Err(CertificateFault::Length));
    assert_eq!(recover(&[]), Err(CertificateFault::Length));
    assert_eq!(recover(signer.modulus), Err(CertificateFault::Range));
    let mut altered = signed;
    *altered.last_mut().unwrap() ^= 1;
    assert!(recover(&altered).is_err());
}

#[test]
fn each_step_common_to_all_signatures_names_its_fault() {
    check_envelope(&issuer_certificate(), &CA, recover_issuer);
    check_envelope(&icc_certificate(), &ISSUER, recover_icc);
    check_envelope(&signature(), &ICC, recover_signature);
}

#[test]
fn each_field_of_an_issuer_certificate_names_its_fault() {
    for (position, value, fault) in [
        (HASH_ALGORITHM, 2, CertificateFault::HashAlgorithm),
        (HOLDER, 0x55, CertificateFault::IssuerIdentifier),
        (HOLDER + 1, 0xFF, CertificateFault::IssuerIdentifier),
        (HOLDER + 3, 0xF0, CertificateFault::IssuerIdentifier),
        (HOLDER + 3, 0x01, CertificateFault::IssuerIdentifier),
        (MONTH, 0x10, CertificateFault::Expired),
        (YEAR, 0x25, CertificateFault::Expired),
        (YEAR, 0x99, CertificateFault::Expired),
        (MONTH, 0x13, CertificateFault::ExpiryMalformed),
        (YEAR, 0x2A, CertificateFault::ExpiryMalformed),
        (KEY_ALGORITHM, 2, CertificateFault::KeyAlgorithm),
        (KEY_LENGTH, 0, CertificateFault::Modulus),
        (KEY_LENGTH, 63, CertificateFault::Modulus),
        (KEY_LENGTH, 249, CertificateFault::KeyLength),
        (KEY_LENGTH, 248, CertificateFault::KeyLength),
    ] {
        let mut certificate = issuer_certificate();
        certificate.fields[position] = value;
        assert_eq!(recover_issuer(&certificate.sign(&CA)), Err(fault), "field {position} = {value:02X}");
    }
}

#[test]
fn each_field_of_an_icc_certificate_names_its_fault() {
    for (position, value, fault) in [
        (HOLDER, 0x55, CertificateFault::Pan),
        (HOLDER + 9, 0xF0, CertificateFault::Pan),
        (HASH_ALGORITHM + ICC_SHIFT, 0, CertificateFault::HashAlgorithm),
        (MONTH + ICC_SHIFT, 0x10, CertificateFault::Expired),
        (MONTH + ICC_SHIFT, 0x00, CertificateFault::ExpiryMalformed),
        (KEY_ALGORITHM + ICC_SHIFT, 0, CertificateFault::KeyAlgorithm),
        (KEY_LENGTH + ICC_SHIFT, 143, CertificateFault::KeyLength),
        (KEY_LENGTH + ICC_SHIFT, 177, CertificateFault::KeyLength),
    ] {
        let mut certificate = icc_certificate();
        certificate.fields[position] = value;
        assert_eq!(recover_icc(&certificate.sign(&ISSUER)), Err(fault), "field {position} = {value:02X}");
    }
    let certificate = icc_certificate().sign(&ISSUER);
    let recover = |remainder: &[u8], records: &[u8], pan: &[u8]| {
        recover_icc_key(&issuer(), &certificate, remainder, &[3], records, pan, today()).unwrap_err()
    };
    assert_eq!(recover(&[], RECORDS, &PAN), CertificateFault::Hash);
    assert_eq!(recover(&icc_remainder(), b"other records", &PAN), CertificateFault::Hash);
    assert_eq!(recover(&icc_remainder(), RECORDS, &[0; 11]), CertificateFault::Pan);
}

#[test]
fn an_exponent_or_modulus_that_emv_does_not_have_is_refused() {
    for exponent in [&[][..], &[5], &[0, 3], &[1, 0, 0], &[0, 1, 0, 1]] {
        let mut certificate = issuer_certificate();
        certificate.also_covered = exponent.to_vec();
        let recovered = recover_issuer_key(&ca(), &certificate.sign(&CA), &[], exponent, &PAN, today());
        assert_eq!(recovered, Err(CertificateFault::Exponent));
    }
    let mut even = issuer_certificate();
    *even.fields.last_mut().unwrap() ^= 1;
    assert_eq!(recover_issuer(&even.sign(&CA)), Err(CertificateFault::Modulus));

    let certificate = issuer_certificate().sign(&CA);
    let with_ca = |ca: CaPublicKey| recover_issuer_key(&ca, &certificate, &[], &[3], &PAN, today());
    assert_eq!(with_ca(CaPublicKey { exponent: 2, ..ca() }), Err(CertificateFault::Exponent));
    assert_eq!(with_ca(CaPublicKey { modulus: vec![], ..ca() }), Err(CertificateFault::Modulus));
    assert_eq!(with_ca(CaPublicKey { modulus: vec![0x80; 248], ..ca() }), Err(CertificateFault::Modulus));
}

#[test]
fn each_length_in_a_signature_names_its_fault() {
    for (position, value) in [(2, 37), (2, 0), (2, 1), (2, 200), (3, 1), (3, 9), (3, 255), (3, 0)] {
        let mut signature = signature();
        signature.fields[position] = value;
        let recovered = recover_signature(&signature.sign(&ICC));
        assert_eq!(recovered, Err(CertificateFault::DynamicDataLength), "field {position} = {value}");
    }
    let mut signature = signature();
    signature.fields[1] = 2;
    assert_eq!(recover_signature(&signature.sign(&ICC)), Err(CertificateFault::HashAlgorithm));
}

#[test]
fn what_follows_the_cda_data_is_kept() {
    let mut with_relay_resistance = signature();
    with_relay_resistance.fields[2] += 14;
    with_relay_resistance.fields.extend(1..=14);
    let signed = recover_signature(&with_relay_resistance.sign(&ICC)).unwrap();
    assert_eq!(signed.rest, (1..=14).collect::<Vec<u8>>());
}

#[test]
fn a_key_of_65537_is_recovered_with_the_same_steps() {
    let mut certificate = issuer_certificate();
    certificate.also_covered = vec![1, 0, 1];
    let recovered = recover_issuer_key(&ca(), &certificate.sign(&CA), &[], &[1, 0, 1], &PAN, today());
    assert_eq!(recovered.unwrap().key.exponent, 65537);
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..260)
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer(
        modulus in bytes(), exponent: u32, certificate in bytes(), remainder in bytes(), card_exponent in bytes(),
        pan in bytes(), number: [u8; 4],
    ) {
        let ca = CaPublicKey { modulus: modulus.clone(), exponent, ..ca() };
        let _ = recover_issuer_key(&ca, &certificate, &remainder, &card_exponent, &pan, today());
        let key = RsaPublicKey { modulus, exponent };
        let issuer = IssuerPublicKey { key: key.clone(), serial: [0; 3] };
        let _ = recover_icc_key(&issuer, &certificate, &remainder, &card_exponent, &pan, &pan, today());
        let icc = IccPublicKey { key, serial: [0; 3] };
        let _ = recover_cda(&icc, &certificate, number);
        let _ = recover_signed_dynamic(&icc, &certificate, &pan);
    }

    /// Signed by the right key, so that the fields are reached.
    #[test]
    fn any_signed_fields_are_an_answer(
        mut fields in proptest::collection::vec(any::<u8>(), 4..200), pan in bytes(), remainder in bytes(),
    ) {
        let sign = |format: u8, fields: &mut Vec<u8>, signer: &TestKey, also_covered: Vec<u8>| {
            fields[0] = format;
            fields.truncate(signer.modulus.len() - 22);
            ToSign::new(fields.clone(), also_covered).sign(signer)
        };
        let certificate = sign(0x02, &mut fields, &CA, [&remainder[..], &[3]].concat());
        let _ = recover_issuer_key(&ca(), &certificate, &remainder, &[3], &pan, today());
        let certificate = sign(0x04, &mut fields, &ISSUER, [&remainder[..], &[3]].concat());
        let _ = recover_icc_key(&issuer(), &certificate, &remainder, &[3], b"", &pan, today());
        fields[1] = 1;
        let sdad = sign(0x05, &mut fields, &ICC, UNPREDICTABLE_NUMBER.to_vec());
        let _ = recover_signature(&sdad);
    }
}
