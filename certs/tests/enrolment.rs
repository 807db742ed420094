//! Certificate requests: what is taken from them, what is not, and which are refused.

#![allow(clippy::unwrap_used)]

use der::{Decode, Encode, asn1::Any};
use mpos_certs::{
    CertsError, DeviceCa,
    authority::Authority,
    enrol::{BadRequest, REQUEST_BYTES_MAX, device_key},
};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PublicKeyData,
};
use x509_cert::{Certificate, request::CertReq};

const NOW_MS: u64 = 1_795_000_000_000;

fn key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
}

fn request(params: &CertificateParams, key: &KeyPair) -> Vec<u8> {
    params.serialize_request(key).unwrap().der().to_vec()
}

fn issue(request: &[u8]) -> Result<Certificate, CertsError> {
    let ca = DeviceCa::new(Authority::create("mPOS device CA", NOW_MS).unwrap());
    Ok(Certificate::from_der(&ca.issue(request, "TM000016", NOW_MS)?).unwrap())
}

#[test]
fn a_requests_key_is_taken_and_its_wishes_are_not() {
    let key = key();
    let mut wishes = CertificateParams::new(vec!["bank.example".to_owned()]).unwrap();
    wishes.distinguished_name.push(DnType::CommonName, "TM999999");
    wishes.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    wishes.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    wishes.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let mut request_params = wishes;
    // rcgen asks for no CA in a request; the other wishes are asked for.
    request_params.is_ca = IsCa::NoCa;
    let request = request(&request_params, &key);

    assert_eq!(device_key(&request).unwrap()[..], *key.der_bytes());
    let certificate = issue(&request).unwrap();
    let certificate = certificate.tbs_certificate();
    let subject = certificate.subject().to_string();
    assert!(subject.contains("CN=TM000016") && !subject.contains("TM999999"), "{subject}");
    let extensions = format!("{:?}", certificate.extensions().unwrap());
    let oids: Vec<_> =
        certificate.extensions().unwrap().iter().map(|extension| extension.extn_id.to_string()).collect();
    // Authority key identifier, key usage, extended key usage, subject key identifier, basic constraints.
    for oid in &oids {
        assert!(
            ["2.5.29.35", "2.5.29.15", "2.5.29.37", "2.5.29.14", "2.5.29.19"].contains(&oid.as_str()),
            "{oid}"
        );
    }
    assert!(!extensions.contains("2.5.29.17"), "no subject alternative name");
}

#[test]
fn serial_numbers_are_positive_and_never_the_same() {
    let request = request(&CertificateParams::default(), &key());
    let serials: Vec<_> = (0..8)
        .map(|_| issue(&request).unwrap().tbs_certificate().serial_number().as_bytes().to_vec())
        .collect();
    for (at, serial) in serials.iter().enumerate() {
        assert!(serial.len() == 16 && serial[0] < 0x80);
        assert!(!serials[..at].contains(serial));
    }
}

#[test]
fn a_key_of_another_kind_is_refused() {
    for algorithm in [&PKCS_ECDSA_P384_SHA384, &PKCS_ED25519] {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let request = request(&CertificateParams::default(), &key);
        assert_eq!(device_key(&request), Err(BadRequest::Key));
    }
}

#[test]
fn a_request_for_a_key_that_did_not_sign_it_is_refused() {
    let params = CertificateParams::default();
    let own = CertReq::from_der(&request(&params, &key())).unwrap();
    let anothers = CertReq::from_der(&request(&params, &key())).unwrap();
    let stolen = CertReq { info: anothers.info, ..own }.to_der().unwrap();
    assert_eq!(device_key(&stolen), Err(BadRequest::Signature));
    assert!(matches!(issue(&stolen), Err(CertsError::Request(BadRequest::Signature))));
}

#[test]
fn no_altered_or_cut_request_is_accepted() {
    let good = request(&CertificateParams::default(), &key());
    assert!(device_key(&good).is_ok());
    for position in 0..good.len() {
        let mut altered = good.clone();
        altered[position] ^= 1;
        assert!(device_key(&altered).is_err(), "byte {position}");
        assert!(device_key(&good[..position]).is_err(), "cut at {position}");
    }
    assert_eq!(device_key(&[&good[..], &[0]].concat()), Err(BadRequest::Malformed));
    assert_eq!(device_key(&vec![0x30; REQUEST_BYTES_MAX + 1]), Err(BadRequest::Malformed));
    assert_eq!(device_key(&Any::null().to_der().unwrap()), Err(BadRequest::Malformed));
}
