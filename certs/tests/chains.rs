//! The bank's certificates as TLS sees them: each chain verified, or refused, by rustls-webpki.

#![allow(clippy::unwrap_used)]

use mpos_certs::{DeviceCa, authority::Authority, server};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::time::Duration;
use webpki::{
    CertRevocationList, EndEntityCert, Error, ExpirationPolicy, KeyUsage, OwnedCertRevocationList,
    RevocationCheckDepth, RevocationOptionsBuilder, UnknownStatusPolicy, anchor_from_trusted_cert,
    ring::ECDSA_P256_SHA256,
};

const NOW_MS: u64 = 1_795_000_000_000;
const DAY_MS: u64 = 24 * 3600 * 1000;

fn device_ca() -> DeviceCa {
    DeviceCa::new(Authority::create("mPOS device CA", NOW_MS).unwrap())
}

fn request() -> Vec<u8> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    CertificateParams::default().serialize_request(&key).unwrap().der().to_vec()
}

fn verify(
    certificate: &[u8],
    ca: &[u8],
    usage: KeyUsage,
    at_ms: u64,
    list: Option<&[u8]>,
) -> Result<(), Error> {
    verify_chain(&[CertificateDer::from(certificate)], ca, usage, at_ms, list)
}

/// A full verification of a chain, leaf first, with the list's expiry enforced, as the host's TLS does it.
fn verify_chain(
    chain: &[CertificateDer],
    ca: &[u8],
    usage: KeyUsage,
    at_ms: u64,
    list: Option<&[u8]>,
) -> Result<(), Error> {
    let ca = CertificateDer::from(ca);
    let anchors = [anchor_from_trusted_cert(&ca)?];
    let time = UnixTime::since_unix_epoch(Duration::from_millis(at_ms));
    let list = list.map(|der| CertRevocationList::from(OwnedCertRevocationList::from_der(der).unwrap()));
    let lists: Vec<_> = list.iter().collect();
    let revocation = RevocationOptionsBuilder::new(&lists).ok().map(|options| {
        options
            .with_depth(RevocationCheckDepth::EndEntity)
            .with_status_policy(UnknownStatusPolicy::Deny)
            .with_expiration_policy(ExpirationPolicy::Enforce)
            .build()
    });
    let (leaf, intermediates) = chain.split_first().unwrap();
    let leaf = EndEntityCert::try_from(leaf)?;
    let algorithms = [ECDSA_P256_SHA256];
    leaf.verify_for_usage(&algorithms, &anchors, intermediates, time, usage, revocation, None).map(|_| ())
}

#[test]
fn a_terminals_certificate_leads_to_the_device_ca() {
    let ca = device_ca();
    let certificate = ca.issue(&request(), "TM000016", NOW_MS).unwrap();
    for at_ms in [NOW_MS, NOW_MS + 364 * DAY_MS] {
        assert_eq!(verify(&certificate, ca.certificate(), KeyUsage::client_auth(), at_ms, None), Ok(()));
    }
}

#[test]
fn another_ca_of_the_same_name_is_not_the_device_ca() {
    let (ca, namesake) = (device_ca(), device_ca());
    let certificate = namesake.issue(&request(), "TM000016", NOW_MS).unwrap();
    let refused = verify(&certificate, ca.certificate(), KeyUsage::client_auth(), NOW_MS, None);
    assert_eq!(refused, Err(Error::InvalidSignatureForPublicKey));
}

#[test]
fn an_expired_certificate_and_one_that_is_not_valid_yet_are_refused() {
    let ca = device_ca();
    let certificate = ca.issue(&request(), "TM000016", NOW_MS).unwrap();
    let at = |at_ms| verify(&certificate, ca.certificate(), KeyUsage::client_auth(), at_ms, None);
    assert!(matches!(at(NOW_MS + 366 * DAY_MS), Err(Error::CertExpired { .. })));
    assert!(matches!(at(NOW_MS - DAY_MS), Err(Error::CertNotValidYet { .. })));
}

#[test]
fn a_terminals_certificate_is_no_servers_and_the_other_way_round() {
    let ca = device_ca();
    let client = ca.issue(&request(), "TM000016", NOW_MS).unwrap();
    let refused = verify(&client, ca.certificate(), KeyUsage::server_auth(), NOW_MS, None);
    assert!(matches!(refused, Err(Error::RequiredEkuNotFoundContext(_))), "{refused:?}");

    let bank_ca = Authority::create("mPOS bank CA", NOW_MS).unwrap();
    let host = server::certify(&bank_ca, &["localhost"], NOW_MS, time::Duration::days(90)).unwrap();
    let refused = verify(&host.certificate, bank_ca.certificate(), KeyUsage::client_auth(), NOW_MS, None);
    assert!(matches!(refused, Err(Error::RequiredEkuNotFoundContext(_))), "{refused:?}");
}

#[test]
fn a_terminals_certificate_certifies_nobody() {
    let ca = device_ca();
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let request = CertificateParams::default().serialize_request(&key).unwrap().der().to_vec();
    let terminal = ca.issue(&request, "TM000016", NOW_MS).unwrap();
    // A terminal that plays authority with its own key and certificate.
    let as_issuer = rcgen::Issuer::from_ca_cert_der(&terminal.as_slice().into(), &key).unwrap();
    let victim = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let forged = CertificateParams::default().signed_by(&victim, &as_issuer).unwrap();
    let chain = [forged.der().clone(), CertificateDer::from(terminal)];
    let refused = verify_chain(&chain, ca.certificate(), KeyUsage::client_auth(), NOW_MS, None);
    assert_eq!(refused, Err(Error::EndEntityUsedAsCa));
}

#[test]
fn a_revoked_certificate_is_refused_and_others_are_not() {
    let ca = device_ca();
    let (lost, kept) = (
        ca.issue(&request(), "TM000016", NOW_MS).unwrap(),
        ca.issue(&request(), "TM000017", NOW_MS).unwrap(),
    );
    let list = ca.revocation_list(&[(lost.clone(), NOW_MS)], NOW_MS).unwrap();
    let with_list = |certificate: &[u8], at_ms| {
        verify(certificate, ca.certificate(), KeyUsage::client_auth(), at_ms, Some(&list))
    };
    assert_eq!(with_list(&lost, NOW_MS), Err(Error::CertRevoked));
    assert_eq!(with_list(&kept, NOW_MS), Ok(()));
    // A list that nobody renewed lets nobody in.
    assert!(matches!(with_list(&kept, NOW_MS + 31 * DAY_MS), Err(Error::CrlExpired { .. })));
}

#[test]
fn an_empty_list_revokes_nobody_and_a_namesakes_list_does_not_count() {
    let (ca, namesake) = (device_ca(), device_ca());
    let certificate = ca.issue(&request(), "TM000016", NOW_MS).unwrap();
    let with_list =
        |list: &[u8]| verify(&certificate, ca.certificate(), KeyUsage::client_auth(), NOW_MS, Some(list));
    assert_eq!(with_list(&ca.revocation_list(&[], NOW_MS).unwrap()), Ok(()));
    let foreign = namesake.revocation_list(&[], NOW_MS).unwrap();
    assert_eq!(with_list(&foreign), Err(Error::InvalidCrlSignatureForPublicKey));
}

#[test]
fn a_host_is_known_by_its_names_and_by_no_other() {
    let ca = Authority::create("mPOS bank CA", NOW_MS).unwrap();
    let names = ["localhost", "127.0.0.1", "::1", "pos.bank.example"];
    let host = server::certify(&ca, &names, NOW_MS, time::Duration::days(90)).unwrap();
    assert_eq!(verify(&host.certificate, ca.certificate(), KeyUsage::server_auth(), NOW_MS, None), Ok(()));
    let der = CertificateDer::from(host.certificate);
    let certificate = EndEntityCert::try_from(&der).unwrap();
    let is_valid_for = |name: &str| {
        certificate.verify_is_valid_for_subject_name(&ServerName::try_from(name.to_owned()).unwrap()).is_ok()
    };
    assert!(names.into_iter().all(is_valid_for));
    assert!(!["127.0.0.2", "bank.example", "evil.pos.bank.example"].into_iter().any(is_valid_for));
}

#[test]
fn an_authority_is_the_same_after_a_restart() {
    let before = Authority::create("mPOS device CA", NOW_MS).unwrap();
    let after = DeviceCa::new(Authority::from_parts(before.certificate(), &before.key()).unwrap());
    let certificate = after.issue(&request(), "TM000016", NOW_MS).unwrap();
    let list = after.revocation_list(&[], NOW_MS).unwrap();
    let verified = verify(&certificate, before.certificate(), KeyUsage::client_auth(), NOW_MS, Some(&list));
    assert_eq!(verified, Ok(()));
}
