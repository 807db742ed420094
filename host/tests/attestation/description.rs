//! What the leaf says of its key, and what the bank asks for.

use crate::phone::{
    NOW_PATCH, PACKAGE, Phone, SIGNER, application, enumerated, integer, list, octets, root_of_trust,
    sequence, tlv,
};
use mpos_host::attestation::{AttestationFault, Attested, BootState, PatchLevel, SecurityLevel};

const SOFTWARE: u8 = 0;
const TEE: u8 = 1;
const STRONG_BOX: u8 = 2;

#[test]
fn a_good_phone_is_told_with_what_it_proved() {
    for (level, told) in [(TEE, SecurityLevel::TrustedEnvironment), (STRONG_BOX, SecurityLevel::StrongBox)] {
        let phone = Phone::new(level);
        let expected = Attested {
            key: phone.key(),
            level: told,
            attestation_version: 300,
            boot: BootState::Verified,
            os_version: Some(140_000),
            os_patch: PatchLevel::from_number(NOW_PATCH),
            vendor_patch: PatchLevel::from_number(202_611),
            boot_patch: PatchLevel::from_number(202_610),
            application_version: 12,
        };
        assert_eq!(phone.verified(), Ok(expected));
    }
}

#[test]
fn the_first_phones_that_attest_name_no_curve_and_no_boot_hash() {
    let mut phone = Phone::new(TEE);
    let description = phone.describe();
    description.version = 1;
    description.leave_out(10);
    let boot = [octets(&[1; 32]), vec![1, 1, 0xFF], enumerated(0)].concat();
    description.set(704, sequence(&boot));
    phone.verified().unwrap();
    // From the third version on it is there.
    phone.describe().version = 3;
    assert_eq!(phone.verified(), Err(AttestationFault::Description { field: "rootOfTrust" }));
}

/// One change to a good phone, and what the bank says of it.
type Row = (&'static str, fn(&mut Phone), AttestationFault);

const fn below(found: SecurityLevel, required: SecurityLevel) -> AttestationFault {
    AttestationFault::SecurityLevel { found, required }
}

fn patch(number: u64) -> PatchLevel {
    PatchLevel::from_number(number).unwrap()
}

const TRUSTED: SecurityLevel = SecurityLevel::TrustedEnvironment;

const NOT_AS_ASKED: &[Row] = &[
    ("another challenge", |phone| phone.challenge[31] ^= 1, AttestationFault::Challenge),
    ("a part of it", |phone| phone.describe().challenge.truncate(31), AttestationFault::Challenge),
    ("no challenge", |phone| phone.describe().challenge.clear(), AttestationFault::Challenge),
    (
        "a key in software",
        |phone| phone.describe().key_level = SOFTWARE,
        below(SecurityLevel::Software, TRUSTED),
    ),
    (
        "an attestation in software",
        |phone| phone.describe().attestation_level = SOFTWARE,
        below(SecurityLevel::Software, TRUSTED),
    ),
    (
        "no StrongBox where it is asked for",
        |phone| phone.requirements.least_level = SecurityLevel::StrongBox,
        below(TRUSTED, SecurityLevel::StrongBox),
    ),
    (
        "a key that also decrypts",
        |phone| phone.describe().set(1, tlv(&[0x31], &[integer(1), integer(2)].concat())),
        AttestationFault::Purpose,
    ),
    (
        "a key that attests",
        |phone| phone.describe().set(1, tlv(&[0x31], &integer(7))),
        AttestationFault::Purpose,
    ),
    ("a key for nothing", |phone| phone.describe().leave_out(1), AttestationFault::Purpose),
    ("an RSA key", |phone| phone.describe().set(2, integer(1)), AttestationFault::KeyKind),
    ("a P-384 key", |phone| phone.describe().set(10, integer(2)), AttestationFault::KeyKind),
    ("an imported key", |phone| phone.describe().set(702, integer(2)), AttestationFault::Origin { found: 2 }),
    ("a key of unknown origin", |phone| phone.describe().leave_out(702), AttestationFault::OriginUnknown),
    (
        "a key of all applications",
        |phone| phone.describe().software.push((600, vec![5, 0])),
        AttestationFault::AllApplications,
    ),
    ("no root of trust", |phone| phone.describe().leave_out(704), AttestationFault::BootUnknown),
    (
        "an unlocked bootloader",
        |phone| phone.describe().set(704, root_of_trust(&[0; 32], false, 2)),
        AttestationFault::Unlocked,
    ),
    (
        "a system of the owner's",
        |phone| phone.describe().set(704, root_of_trust(&[1; 32], true, 1)),
        AttestationFault::BootState { found: BootState::SelfSigned },
    ),
    (
        "a system of nobody's",
        |phone| phone.describe().set(704, root_of_trust(&[1; 32], true, 2)),
        AttestationFault::BootState { found: BootState::Unverified },
    ),
    (
        "a system that failed",
        |phone| phone.describe().set(704, root_of_trust(&[1; 32], true, 3)),
        AttestationFault::BootState { found: BootState::Failed },
    ),
    ("no application", |phone| phone.describe().leave_out(709), AttestationFault::ApplicationUnknown),
    (
        "another application",
        |phone| phone.describe().set(709, octets(&application(&[("bank.test.mpos2", 1)], &[SIGNER]))),
        AttestationFault::Package,
    ),
    (
        "another one beside ours",
        |phone| {
            phone.describe().set(709, octets(&application(&[(PACKAGE, 1), ("evil", 1)], &[SIGNER])));
        },
        AttestationFault::Package,
    ),
    (
        "no package",
        |phone| phone.describe().set(709, octets(&application(&[], &[SIGNER]))),
        AttestationFault::Package,
    ),
    (
        "another signer",
        |phone| phone.describe().set(709, octets(&application(&[(PACKAGE, 1)], &[[9; 32]]))),
        AttestationFault::Signer,
    ),
    (
        "another signer beside ours",
        |phone| phone.describe().set(709, octets(&application(&[(PACKAGE, 1)], &[SIGNER, [9; 32]]))),
        AttestationFault::Signer,
    ),
    (
        "no signer",
        |phone| phone.describe().set(709, octets(&application(&[(PACKAGE, 1)], &[]))),
        AttestationFault::Signer,
    ),
];

#[test]
fn each_fact_that_is_not_as_the_bank_asks_is_told_with_what_was_found() {
    for (name, change, fault) in NOT_AS_ASKED {
        let mut phone = Phone::new(TEE);
        change(&mut phone);
        assert_eq!(phone.verified(), Err(*fault), "{name}");
    }
}

#[test]
fn the_key_that_the_bank_knows_must_be_the_attested_one() {
    let phone = Phone::new(TEE);
    let chain = phone.chain();
    let mut asked = Phone { requirements: phone.requirements.clone(), ..Phone::new(TEE) };
    assert_eq!(asked.judged(&chain), Err(AttestationFault::Key));
    asked.key_known = false;
    assert_eq!(asked.judged(&chain).unwrap().key, phone.key());
}

#[test]
fn what_the_system_says_in_the_keeper_s_place_does_not_count() {
    for number in [1, 2, 702, 704, 706] {
        let mut phone = Phone::new(TEE);
        phone.requirements.least_patch = Some(patch(202_601));
        let description = phone.describe();
        let field = description.hardware.iter().find(|(found, _)| *found == number).unwrap().clone();
        description.leave_out(number);
        description.software.push(field);
        assert!(phone.verified().is_err(), "{number} of the software's list was taken");
    }
}

#[test]
fn a_system_of_the_owner_s_is_accepted_when_the_bank_names_its_key_and_the_loader_is_locked() {
    let mut phone = Phone::new(TEE);
    phone.requirements.boot_keys = vec![[3; 32], [4; 32]];
    phone.describe().set(704, root_of_trust(&[4; 32], true, 1));
    assert_eq!(phone.verified().unwrap().boot, BootState::SelfSigned);
    phone.describe().set(704, root_of_trust(&[5; 32], true, 1));
    assert_eq!(phone.verified(), Err(AttestationFault::BootState { found: BootState::SelfSigned }));
    phone.describe().set(704, root_of_trust(&[4; 32], false, 1));
    assert_eq!(phone.verified(), Err(AttestationFault::Unlocked));
}

#[test]
fn the_patch_level_is_held_against_a_month_and_against_an_age() {
    let mut phone = Phone::new(TEE);
    let mut judged = |found: u64, least: Option<u64>, months: Option<u32>| {
        phone.describe().set(706, integer(found));
        phone.requirements.least_patch = least.map(patch);
        phone.requirements.patch_months_max = months;
        phone.verified().map(|_| ())
    };
    let too_old = |found, required| {
        Err(AttestationFault::PatchTooOld { found: patch(found), required: patch(required) })
    };
    assert_eq!(judged(202_601, Some(202_601), None), Ok(()));
    assert_eq!(judged(202_512, Some(202_601), None), too_old(202_512, 202_601));
    // Now it is November 2026.
    assert_eq!(judged(202_511, None, Some(12)), Ok(()));
    assert_eq!(judged(202_510, None, Some(12)), too_old(202_510, 202_511));
    assert_eq!(judged(202_611, None, Some(0)), Ok(()));
    // The stricter of the two.
    assert_eq!(judged(202_602, Some(202_601), Some(6)), too_old(202_602, 202_605));
    assert_eq!(judged(202_602, Some(202_604), Some(12)), too_old(202_602, 202_604));
    assert_eq!(judged(0, None, Some(12)), Err(AttestationFault::PatchUnknown));
    assert_eq!(judged(0, None, None), Ok(()));
}

#[test]
fn of_several_packages_of_ours_the_oldest_version_counts() {
    let mut phone = Phone::new(TEE);
    phone.requirements.packages.push("bank.test.second".to_owned());
    phone.describe().set(709, octets(&application(&[(PACKAGE, 9), ("bank.test.second", 4)], &[SIGNER])));
    assert_eq!(phone.verified().unwrap().application_version, 4);
}

/// A field, and how it is broken.
type Broken = (&'static str, fn(&mut Phone));

const BROKEN: &[Broken] = &[
    ("attestationVersion", |phone| phone.describe().version = 0),
    ("attestationSecurityLevel", |phone| phone.describe().attestation_level = 3),
    ("keyMintSecurityLevel", |phone| phone.describe().key_level = 0x7F),
    ("KeyDescription", |phone| phone.describe().raw = Some(Vec::new())),
    ("KeyDescription", |phone| {
        let whole = phone.describe().to_der();
        phone.describe().raw = Some([whole, vec![5, 0]].concat());
    }),
    ("hardwareEnforced", |phone| {
        let parts = [integer(3), enumerated(1), integer(3), enumerated(1), octets(&[7; 32]), octets(&[])];
        phone.describe().raw = Some(sequence(&[parts.concat(), list(&[])].concat()));
    }),
    ("purpose", |phone| phone.describe().set(1, tlv(&[0x31], &integer(2).repeat(9)))),
    ("purpose", |phone| phone.describe().set(1, integer(2))),
    ("algorithm", |phone| phone.describe().set(2, vec![2, 2, 0, 3])),
    ("algorithm", |phone| phone.describe().set(2, vec![2, 1, 0x83])),
    ("algorithm", |phone| phone.describe().set(2, integer(3).repeat(2))),
    ("origin", |phone| phone.describe().set(702, Vec::new())),
    ("rootOfTrust", |phone| phone.describe().set(704, root_of_trust(&[1; 32], true, 4))),
    ("rootOfTrust", |phone| {
        let boot = [octets(&[1; 32]), vec![1, 1, 1], enumerated(0), octets(&[])].concat();
        phone.describe().set(704, sequence(&boot));
    }),
    ("attestationApplicationId", |phone| phone.describe().set(709, octets(b"not DER"))),
    ("attestationApplicationId", |phone| {
        phone.describe().set(709, octets(&application(&[(PACKAGE, 1); 17], &[SIGNER])));
    }),
    ("attestationApplicationId", |phone| {
        phone.describe().set(709, octets(&application(&[(PACKAGE, 1)], &[SIGNER; 17])));
    }),
    // The same field twice: two readers could take it for two things.
    ("AuthorizationList", |phone| phone.describe().hardware.push((704, root_of_trust(&[1; 32], true, 0)))),
    ("AuthorizationList", |phone| {
        phone.describe().hardware.extend((2000..2100).map(|number| (number, vec![5, 0])));
    }),
];

#[test]
fn a_description_that_does_not_decode_is_told_with_the_field() {
    for (index, (field, change)) in BROKEN.iter().enumerate() {
        let mut phone = Phone::new(TEE);
        change(&mut phone);
        assert_eq!(phone.verified(), Err(AttestationFault::Description { field }), "row {index}");
    }
}
