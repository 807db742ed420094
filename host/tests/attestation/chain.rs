//! The way from leaf to root.

use crate::phone::{AnyKey, Description, Phone, named};
use mpos_host::attestation::{
    AttestationFault, CHAIN_CERTIFICATES_MAX, Dates, RevocationStatus, RevokedSerials, split_chain,
};
use rcgen::{BasicConstraints, CustomExtension, IsCa, KeyUsagePurpose, date_time_ymd};
use std::rc::Rc;

const TEE: u8 = 1;

/// Seconds since 1970 of 2026-01-01.
const YEAR_2026_S: u64 = 20_454 * 86_400;
/// Seconds since 1970 of 2027-01-01.
const YEAR_2027_S: u64 = 20_819 * 86_400;

#[test]
fn a_chain_to_a_root_of_each_kind_is_followed() {
    for root in [AnyKey::p256(), AnyKey::p384(), AnyKey::rsa()] {
        let phone = Phone::with_root(TEE, root);
        let attested = phone.verified().unwrap();
        assert_eq!(attested.key, phone.key());
    }
}

#[test]
fn the_root_may_be_left_out_when_a_pinned_key_signed_the_last_certificate() {
    for root in [AnyKey::p384(), AnyKey::rsa()] {
        let phone = Phone::with_root(TEE, root);
        let chain = phone.chain();
        phone.judged(&chain[..3]).unwrap();
        // Nothing else may.
        assert_eq!(phone.judged(&chain[..2]), Err(AttestationFault::Incomplete { position: 1 }));
    }
}

#[test]
fn any_of_several_pinned_roots_ends_a_chain_and_none_pinned_ends_no_chain() {
    let mut phone = Phone::new(TEE);
    phone.requirements.roots.insert(0, AnyKey::p384().pin());
    phone.verified().unwrap();
    phone.requirements.roots.clear();
    assert_eq!(phone.verified(), Err(AttestationFault::UnknownRoot { position: 3 }));
}

/// One change to what is signed, and what the bank says of it.
type Row = (&'static str, fn(&mut Phone), AttestationFault);

const WRONG: &[Row] = &[
    (
        "a self-made root of the same name",
        |phone| phone.keys[3] = Rc::new(AnyKey::p384()),
        AttestationFault::UnknownRoot { position: 3 },
    ),
    (
        "an intermediate that is no longer valid",
        |phone| phone.certificates[2].not_after = date_time_ymd(2026, 1, 1),
        AttestationFault::Expired { position: 2, until_s: YEAR_2026_S },
    ),
    (
        "an intermediate that is not yet valid",
        |phone| phone.certificates[1].not_before = date_time_ymd(2027, 1, 1),
        AttestationFault::NotYetValid { position: 1, from_s: YEAR_2027_S },
    ),
    (
        "a leaf that is no longer valid",
        |phone| phone.certificates[0].not_after = date_time_ymd(2026, 1, 1),
        AttestationFault::Expired { position: 0, until_s: YEAR_2026_S },
    ),
    (
        "a root that is no longer valid",
        |phone| phone.certificates[3].not_after = date_time_ymd(2026, 1, 1),
        AttestationFault::Expired { position: 3, until_s: YEAR_2026_S },
    ),
    (
        "an issuer that says that it is no authority",
        |phone| phone.certificates[1].is_ca = IsCa::ExplicitNoCa,
        AttestationFault::NotAuthority { position: 1 },
    ),
    (
        "an issuer whose key is for something else",
        |phone| phone.certificates[2].key_usages = vec![KeyUsagePurpose::DigitalSignature],
        AttestationFault::KeyUsage { position: 2 },
    ),
    (
        "an issuer that does not say what its key is for",
        |phone| phone.certificates[2].key_usages.clear(),
        AttestationFault::KeyUsage { position: 2 },
    ),
    (
        "more authorities than one allows",
        |phone| phone.certificates[2].is_ca = IsCa::Ca(BasicConstraints::Constrained(0)),
        AttestationFault::PathLength { position: 2, found: 1, most: 0 },
    ),
    (
        "a critical extension that nobody knows",
        |phone| {
            let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
            extension.set_criticality(true);
            phone.certificates[1].custom_extensions.push(extension);
        },
        AttestationFault::Critical { position: 1 },
    ),
    (
        "an attested key that attests",
        |phone| {
            let attesting = extension(phone.describe());
            phone.certificates[1].custom_extensions.push(attesting);
        },
        AttestationFault::Extended { position: 1 },
    ),
    (
        "two attestations in the leaf",
        |phone| {
            let attesting = extension(phone.describe());
            phone.certificates[0].custom_extensions.push(attesting);
        },
        AttestationFault::Malformed { position: 0 },
    ),
    ("no attestation in the leaf", |phone| phone.description = None, AttestationFault::NoDescription),
    (
        "an issuer's key of a kind that is not accepted",
        |phone| phone.keys[1] = Rc::new(AnyKey::ed25519()),
        AttestationFault::Algorithm { position: 0 },
    ),
    (
        "a leaf that is not P-256",
        |phone| {
            phone.keys[0] = Rc::new(AnyKey::p384());
            phone.key_known = false;
        },
        AttestationFault::Key,
    ),
];

#[test]
fn each_thing_that_is_wrong_with_a_certificate_is_told_as_what_it_is() {
    for (name, change, fault) in WRONG {
        let mut phone = Phone::new(TEE);
        change(&mut phone);
        assert_eq!(phone.verified(), Err(*fault), "{name}");
    }
}

fn extension(description: &Description) -> CustomExtension {
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 11_129, 2, 1, 17], description.to_der())
}

/// One change to what was signed.
type Tampered = (&'static str, fn(&mut Vec<Vec<u8>>), AttestationFault);

#[test]
fn certificates_in_another_order_missing_or_changed_are_told_as_such() {
    let rows: &[Tampered] = &[
        ("none", Vec::clear, AttestationFault::Empty),
        ("a leaf alone", |chain| chain.truncate(1), AttestationFault::Incomplete { position: 0 }),
        ("two swapped", |chain| chain.swap(1, 2), AttestationFault::Order { position: 0 }),
        ("root first", |chain| chain.reverse(), AttestationFault::Order { position: 0 }),
        ("one left out", |chain| drop(chain.remove(2)), AttestationFault::Order { position: 1 }),
        ("no leaf", |chain| drop(chain.remove(0)), AttestationFault::NoDescription),
        (
            "too many",
            |chain| chain.resize(CHAIN_CERTIFICATES_MAX + 1, Vec::new()),
            AttestationFault::TooLong { found: 7, most: 6 },
        ),
        ("an empty one", |chain| chain[1].clear(), AttestationFault::Malformed { position: 1 }),
        ("a byte behind", |chain| chain[2].push(0), AttestationFault::Malformed { position: 2 }),
        (
            "an end that is missing",
            |chain| chain[0].truncate(400),
            AttestationFault::Malformed { position: 0 },
        ),
        ("a long one", |chain| chain[3].resize(5000, 0), AttestationFault::Malformed { position: 3 }),
        (
            "a signature of something else",
            |chain| {
                let other = Phone::new(TEE).chain();
                chain[0] = other[0].clone();
            },
            AttestationFault::Signature { position: 0 },
        ),
        (
            "an intermediate's namesake",
            |chain| {
                let other = Phone::new(TEE).chain();
                chain[2] = other[2].clone();
            },
            AttestationFault::Signature { position: 2 },
        ),
    ];
    for (name, tamper, fault) in rows {
        let phone = Phone::new(TEE);
        let mut chain = phone.chain();
        tamper(&mut chain);
        assert_eq!(phone.judged(&chain), Err(*fault), "{name}");
    }
}

#[test]
fn the_dates_of_leaf_and_root_bind_when_the_bank_says_so_and_others_always() {
    let mut phone = Phone::new(TEE);
    for position in [0, 3] {
        phone.certificates[position].not_after = date_time_ymd(2026, 1, 1);
    }
    phone.requirements.dates = Dates::default();
    phone.verified().unwrap();
    phone.requirements.dates.root = true;
    assert_eq!(phone.verified(), Err(AttestationFault::Expired { position: 3, until_s: YEAR_2026_S }));
    phone.requirements.dates = Dates { leaf: true, root: false };
    assert_eq!(phone.verified(), Err(AttestationFault::Expired { position: 0, until_s: YEAR_2026_S }));
    phone.requirements.dates = Dates::default();
    phone.certificates[1].not_after = date_time_ymd(2026, 1, 1);
    assert_eq!(phone.verified(), Err(AttestationFault::Expired { position: 1, until_s: YEAR_2026_S }));
}

#[test]
fn phones_of_the_first_years_are_accepted_when_the_bank_says_so_and_late_fetched_certificates_never() {
    let mut phone = Phone::new(TEE);
    phone.certificates[1].not_before = date_time_ymd(2016, 1, 1);
    phone.certificates[1].not_after = date_time_ymd(2026, 1, 1);
    phone.certificates[1].is_ca = IsCa::ExplicitNoCa;
    phone.certificates[1].key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let expired = AttestationFault::Expired { position: 1, until_s: YEAR_2026_S };
    assert_eq!(phone.verified(), Err(expired));
    phone.requirements.old_factory_chains = true;
    phone.verified().unwrap();
    // A leaf is no factory's, and the next above is an authority's on every phone.
    phone.certificates[0].not_after = date_time_ymd(2026, 1, 1);
    assert_eq!(phone.verified(), Err(AttestationFault::Expired { position: 0, until_s: YEAR_2026_S }));
    phone.certificates[0].not_after = date_time_ymd(2048, 1, 1);
    phone.certificates[2].is_ca = IsCa::ExplicitNoCa;
    assert_eq!(phone.verified(), Err(AttestationFault::NotAuthority { position: 2 }));
    phone.certificates[2].is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // Fetched, for days.
    phone.certificates[1].not_before = date_time_ymd(2025, 12, 20);
    assert_eq!(phone.verified(), Err(expired));
    phone.certificates[1].not_before = date_time_ymd(2027, 1, 1);
    phone.certificates[1].not_after = date_time_ymd(2037, 1, 1);
    assert_eq!(phone.verified(), Err(AttestationFault::NotYetValid { position: 1, from_s: YEAR_2027_S }));
    // An attested key is refused as an issuer as before.
    phone.certificates[1].not_before = date_time_ymd(2016, 1, 1);
    let attesting = extension(phone.describe());
    phone.certificates[1].custom_extensions.push(attesting);
    assert_eq!(phone.verified(), Err(AttestationFault::Extended { position: 1 }));
}

#[test]
fn a_certificate_is_valid_from_its_first_second_to_its_last() {
    let mut phone = Phone::new(TEE);
    phone.certificates[1].not_before = date_time_ymd(2026, 1, 1);
    phone.certificates[1].not_after = date_time_ymd(2027, 1, 1);
    let chain = phone.chain();
    let mut at = |second: u64| {
        phone.now_ms = second * 1000;
        phone.judged(&chain).map(|_| ())
    };
    assert_eq!(at(YEAR_2026_S), Ok(()));
    assert_eq!(at(YEAR_2027_S), Ok(()));
    let early = AttestationFault::NotYetValid { position: 1, from_s: YEAR_2026_S };
    assert_eq!(at(YEAR_2026_S - 1), Err(early));
    assert_eq!(at(YEAR_2027_S + 1), Err(AttestationFault::Expired { position: 1, until_s: YEAR_2027_S }));
}

#[test]
fn a_certificate_on_the_list_is_refused_wherever_it_stands() {
    // The serial numbers of leaf, batch, intermediate and root.
    for (position, serial) in ["40a7", "41a7", "42a7", "43a7"].into_iter().enumerate() {
        for (word, status) in
            [("REVOKED", RevocationStatus::Revoked), ("SUSPENDED", RevocationStatus::Suspended)]
        {
            let list = format!(r#"{{"entries": {{"{serial}": {{"status": "{word}"}}}}}}"#);
            let mut phone = Phone::new(TEE);
            phone.requirements.revoked = RevokedSerials::from_json(list.as_bytes()).unwrap();
            assert_eq!(phone.verified(), Err(AttestationFault::Revoked { position, status }));
        }
    }
}

#[test]
fn a_key_below_an_attested_one_is_refused_even_when_the_attested_one_plays_the_authority() {
    // Whoever has a good phone has an attested key, and may sign with it whatever it likes.
    let honest = Phone::new(TEE);
    let mut forged = Phone::new(TEE);
    forged.keys = [&[Rc::new(AnyKey::p256())][..], &honest.keys].concat();
    let mut certificates = honest.certificates.clone();
    certificates[0].custom_extensions.push(extension(&honest.description.clone().unwrap()));
    certificates.insert(0, forged.certificates[0].clone());
    certificates[0].distinguished_name = named("forged leaf");
    forged.certificates = certificates;
    forged.requirements = honest.requirements.clone();
    assert_eq!(forged.verified(), Err(AttestationFault::NotAuthority { position: 1 }));
    // An attested key whose certificate says that it is an authority's: some keepers have been talked into that.
    forged.certificates[1].is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    forged.certificates[1].key_usages = vec![KeyUsagePurpose::KeyCertSign];
    assert_eq!(forged.verified(), Err(AttestationFault::Extended { position: 1 }));
}

#[test]
fn a_chain_that_came_in_one_piece_is_parted_into_the_same_certificates() {
    let chain = Phone::new(TEE).chain();
    let mut joined = chain.concat();
    assert_eq!(split_chain(&joined), Ok(chain.clone()));
    assert_eq!(split_chain(&[]), Ok(Vec::new()));
    joined.pop();
    assert_eq!(split_chain(&joined), Err(AttestationFault::Malformed { position: 3 }));
    let other = [&chain[0][..], &[0x04, 0x00]].concat();
    assert_eq!(split_chain(&other), Err(AttestationFault::Malformed { position: 1 }));
    let many = AttestationFault::TooLong { found: 7, most: CHAIN_CERTIFICATES_MAX };
    assert_eq!(split_chain(&chain[0].repeat(7)), Err(many));
}
