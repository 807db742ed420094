//! What the bank makes of a device, finding by finding, at the edge of each threshold; and its table as a file.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

use mpos_host::{
    attestation::{AttestationFault, PatchLevel, SecurityLevel},
    standing::{
        AttestationTrust, Evidence, Finding, POLICY_FILE, Policy, PolicyError, Proof, ROOTS_FILE,
        STATUS_FILE, TrustError, Version, decide, decision_name,
    },
};
use mpos_protocol::{
    Text,
    standing::{AttestationFlaw, Concern, Decision, DeviceState, Opinion},
};
use proptest::prelude::*;
use std::fs;
use tempfile::TempDir;

/// 2026-11-24, in milliseconds since 1970.
const NOW_MS: u64 = 20_781 * 24 * 60 * 60 * 1000;
const HOUR_MS: u64 = 60 * 60 * 1000;

/// A phone that nothing can be held against by [`strict`].
#[derive(Clone)]
struct Phone {
    state: DeviceState,
    proof: Proof,
    sent_ms: u64,
}

impl Phone {
    fn good() -> Self {
        Self {
            state: DeviceState {
                software: Text::clipped("1.4.0"),
                system: Text::clipped("Android 16"),
                system_patch: Some(202_611),
                ..DeviceState::default()
            },
            proof: good(SecurityLevel::TrustedEnvironment, Some(202_611), NOW_MS),
            sent_ms: NOW_MS,
        }
    }

    fn opinion(&self, policy: &Policy) -> Opinion {
        let Self { state, proof, sent_ms } = self;
        decide(&Evidence { state, proof: *proof, sent_ms: *sent_ms, now_ms: NOW_MS }, policy)
    }
}

fn good(level: SecurityLevel, patch: Option<u64>, at_ms: u64) -> Proof {
    Proof::Good { level, patch: patch.map(|number| PatchLevel::from_number(number).unwrap()), at_ms }
}

/// A bank that lets nothing pass: each finding blocks.
fn strict() -> Policy {
    let mut policy = Policy::bank();
    for finding in Finding::ALL {
        policy.set_decision(finding, Decision::Blocked);
    }
    policy.software_least = Version::parse("1.4.0");
    policy
}

/// A finding, a phone that has just so much, one that has it, and what is told of that one.
type Row = (Finding, fn(&mut Phone), fn(&mut Phone), Concern);

const ROWS: &[Row] = &[
    (
        Finding::AttestationAbsent,
        |_| {},
        |phone| phone.proof = Proof::Absent,
        Concern::Attestation(AttestationFlaw::Absent),
    ),
    (
        Finding::AttestationRefused,
        |_| {},
        |phone| phone.proof = Proof::Refused(AttestationFlaw::BootUnverified),
        Concern::Attestation(AttestationFlaw::BootUnverified),
    ),
    (
        Finding::AttestationTooOld,
        |phone| phone.proof = good(SecurityLevel::StrongBox, Some(202_611), NOW_MS - 24 * HOUR_MS),
        |phone| phone.proof = good(SecurityLevel::StrongBox, Some(202_611), NOW_MS - 24 * HOUR_MS - 1),
        Concern::Attestation(AttestationFlaw::TooOld),
    ),
    (
        Finding::SecurityLevel,
        |phone| phone.proof = good(SecurityLevel::TrustedEnvironment, Some(202_611), NOW_MS),
        |phone| phone.proof = good(SecurityLevel::Software, Some(202_611), NOW_MS),
        Concern::Attestation(AttestationFlaw::SecurityLevel),
    ),
    (Finding::Debugger, |_| {}, |phone| phone.state.debugger = true, Concern::Debugger),
    (Finding::Rooted, |_| {}, |phone| phone.state.rooted = true, Concern::Rooted),
    (Finding::Emulator, |_| {}, |phone| phone.state.emulator = true, Concern::Emulator),
    (
        Finding::ClockSkew,
        |phone| phone.sent_ms = NOW_MS + 120_000,
        |phone| phone.sent_ms = NOW_MS + 121_000,
        Concern::ClockSkew { seconds: 121 },
    ),
    (
        Finding::ClockSkew,
        |phone| phone.sent_ms = NOW_MS - 120_000,
        |phone| phone.sent_ms = NOW_MS - 121_000,
        Concern::ClockSkew { seconds: -121 },
    ),
    (
        Finding::SoftwareTooOld,
        |phone| phone.state.software = Text::clipped("1.10.0"),
        |phone| phone.state.software = Text::clipped("1.3.99"),
        Concern::SoftwareTooOld,
    ),
    (
        Finding::SoftwareTooOld,
        |_| {},
        |phone| phone.state.software = Text::clipped("of my own"),
        Concern::SoftwareTooOld,
    ),
    (
        Finding::SystemTooOld,
        |phone| phone.proof = good(SecurityLevel::TrustedEnvironment, Some(202_511), NOW_MS),
        |phone| phone.proof = good(SecurityLevel::TrustedEnvironment, Some(202_510), NOW_MS),
        Concern::SystemTooOld { patch: 202_510 },
    ),
];

#[test]
fn each_finding_is_held_against_a_device_from_its_threshold_on_and_as_the_table_says() {
    for (index, (finding, just_good, bad, concern)) in ROWS.iter().enumerate() {
        let mut phone = Phone::good();
        just_good(&mut phone);
        assert_eq!(phone.opinion(&strict()).decision, Decision::Allowed, "row {index}");
        bad(&mut phone);
        for decision in [Decision::Allowed, Decision::Warned, Decision::Blocked] {
            let mut policy = strict();
            policy.set_decision(*finding, decision);
            let opinion = phone.opinion(&policy);
            assert_eq!(opinion.decision, decision, "row {index}");
            let told = if decision == Decision::Allowed { vec![] } else { vec![*concern] };
            assert_eq!(opinion.concerns.to_vec(), told, "row {index}");
        }
    }
    for finding in Finding::ALL {
        assert!(ROWS.iter().any(|row| row.0 == finding), "{finding:?} has no row");
    }
}

#[test]
fn a_good_phone_is_allowed_by_a_bank_that_lets_nothing_pass_and_nothing_is_told() {
    assert_eq!(Phone::good().opinion(&strict()), Opinion::default());
}

#[test]
fn the_attested_patch_is_believed_and_the_reported_one_where_none_is_attested() {
    let old = Concern::SystemTooOld { patch: 202_001 };
    let told = |attested: Option<u64>, reported: Option<u32>| {
        let mut phone = Phone::good();
        phone.proof = good(SecurityLevel::StrongBox, attested, NOW_MS);
        phone.state.system_patch = reported;
        phone.opinion(&strict()).concerns.to_vec()
    };
    assert_eq!(told(Some(202_001), Some(202_611)), [old]);
    assert_eq!(told(Some(202_611), Some(202_001)), []);
    assert_eq!(told(None, Some(202_001)), [old]);
    assert_eq!(told(None, Some(202_611)), []);
    for none in [None, Some(0), Some(202_613)] {
        assert_eq!(told(None, none), [Concern::SystemTooOld { patch: 0 }]);
    }
    let mut any = strict();
    any.system_patch_months_max = None;
    let phone = Phone { proof: good(SecurityLevel::StrongBox, None, NOW_MS), ..Phone::good() };
    assert_eq!(phone.opinion(&any).decision, Decision::Allowed);
}

#[test]
fn the_gravest_concern_comes_first_and_all_there_can_be_are_told() {
    let mut phone = Phone::good();
    phone.state = DeviceState { debugger: true, rooted: true, emulator: true, ..DeviceState::default() };
    phone.proof = good(SecurityLevel::Software, None, 0);
    phone.sent_ms = 0;
    let mut policy = strict();
    for finding in [Finding::AttestationTooOld, Finding::Debugger] {
        policy.set_decision(finding, Decision::Warned);
    }
    let opinion = phone.opinion(&policy);
    assert_eq!(opinion.decision, Decision::Blocked);
    assert_eq!(opinion.concerns.len(), 8);
    let first = Concern::Attestation(AttestationFlaw::SecurityLevel);
    let last = [Concern::Attestation(AttestationFlaw::TooOld), Concern::Debugger];
    assert_eq!(opinion.concerns[0], first);
    assert_eq!(opinion.concerns[6..], last);
}

#[test]
fn a_bank_of_phones_blocks_a_desktop_and_a_development_bank_says_nothing_of_it() {
    let desktop = Phone {
        state: DeviceState { software: Text::clipped("0.1.0"), ..DeviceState::default() },
        proof: Proof::Absent,
        sent_ms: NOW_MS,
    };
    assert_eq!(desktop.opinion(&Policy::bank()).decision, Decision::Blocked);
    assert_eq!(desktop.opinion(&Policy::development()), Opinion::default());
    assert_eq!(Phone::good().opinion(&Policy::bank()), Opinion::default());
}

#[test]
fn an_attestation_without_certificates_is_none_and_a_grade_hides_no_forgery() {
    assert_eq!(Proof::new(Err(AttestationFault::Empty), NOW_MS), Proof::Absent);
    assert_eq!(
        Proof::new(Err(AttestationFault::Signer), NOW_MS),
        Proof::Refused(AttestationFault::Signer.flaw())
    );
    let requirements = Policy::bank().requirements(AttestationTrust::default());
    // Level and patch are graded afterwards: a key in software with another's signature is told by the signature.
    assert_eq!((requirements.least_level, requirements.least_patch), (SecurityLevel::Software, None));
}

fn opened(text: &str) -> Result<Policy, PolicyError> {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(POLICY_FILE), text).unwrap();
    Policy::open(folder.path(), Policy::bank())
}

#[test]
fn a_table_comes_back_from_its_file_as_it_was_written() {
    let folder = TempDir::new().unwrap();
    assert_eq!(Policy::open(folder.path(), Policy::development()).unwrap(), Policy::development());
    let mut policy = strict();
    policy.set_decision(Finding::ClockSkew, Decision::Warned);
    policy.application_packages = vec!["bank.test.mpos".to_owned()];
    policy.application_signers = vec![[0xA5; 32]];
    policy.boot_keys = vec![[1; 32], [2; 32]];
    policy.system_patch_months_max = None;
    policy.old_factory_chains = true;
    policy.security_level_least = SecurityLevel::StrongBox;
    policy.write(folder.path()).unwrap();
    policy.write(folder.path()).unwrap();
    assert_eq!(Policy::open(folder.path(), Policy::development()).unwrap(), policy);
}

#[test]
fn what_a_file_leaves_out_is_as_built_in() {
    let policy = opened(r#"{"clock-skew": "block", "clock-skew-seconds-max": 30}"#).unwrap();
    assert_eq!(policy.decision(Finding::ClockSkew), Decision::Blocked);
    assert_eq!(policy.clock_skew_seconds_max, 30);
    assert_eq!(policy.decision(Finding::Rooted), Policy::bank().decision(Finding::Rooted));
    assert_eq!(opened("{}").unwrap(), Policy::bank());
}

#[test]
fn what_is_not_understood_is_refused_with_the_field_and_what_is_allowed() {
    for (text, field, allowed) in [
        (r#"{"debuger": "block"}"#, "\"debuger\"", "debugger"),
        (r#"{"debugger": "blok"}"#, "\"debugger\"", "\"allow\", \"warn\" or \"block\""),
        (r#"{"debugger": true}"#, "\"debugger\"", "\"allow\", \"warn\" or \"block\""),
        (r#"{"debugger": "Block"}"#, "\"debugger\"", "\"allow\", \"warn\" or \"block\""),
        (r#"{"debugger": "allow", "rooted": "warn", "debugger": "block"}"#, "\"debugger\"", "twice"),
        (r#"{"attestation-hours-max": 0}"#, "\"attestation-hours-max\"", "from 1 to 87600"),
        (r#"{"attestation-hours-max": 87601}"#, "\"attestation-hours-max\"", "from 1 to 87600"),
        (r#"{"clock-skew-seconds-max": -1}"#, "\"clock-skew-seconds-max\"", "from 1 to 86400"),
        (r#"{"clock-skew-seconds-max": 1.5}"#, "\"clock-skew-seconds-max\"", "from 1 to 86400"),
        (r#"{"clock-skew-seconds-max": null}"#, "\"clock-skew-seconds-max\"", "from 1 to 86400"),
        (r#"{"system-patch-months-max": 121}"#, "\"system-patch-months-max\"", "from 0 to 120"),
        (r#"{"software-least": "1.4"}"#, "\"software-least\"", "\"1.4.0\""),
        (r#"{"security-level-least": "tee"}"#, "\"security-level-least\"", "\"trusted-environment\""),
        (r#"{"old-factory-chains": "yes"}"#, "\"old-factory-chains\"", "true or false"),
        (r#"{"application-packages": "a"}"#, "\"application-packages\"", "package names"),
        (r#"{"application-packages": ["a b"]}"#, "\"application-packages\"", "package names"),
        (r#"{"application-signers": ["00"]}"#, "\"application-signers\"", "64 hexadecimal digits"),
        (r#"{"boot-keys": [7]}"#, "\"boot-keys\"", "64 hexadecimal digits"),
        ("[]", "policy.json", "JSON object"),
        ("", "policy.json", "JSON object"),
        (r#"{"debugger": "block"} and more"#, "policy.json", "JSON object"),
    ] {
        let error = opened(text).unwrap_err().to_string();
        assert!(error.contains(field) && error.contains(allowed), "{text}: {error}");
    }
}

#[test]
fn the_page_has_a_row_of_each_field_with_what_is_built_in() {
    let page = include_str!("../../docs/attestation.md");
    let (_, page) = page.split_once("## The bank's table").unwrap();
    let (bank, development) = (Policy::bank(), Policy::development());
    let fields = bank.to_json();
    for field in fields.as_object().unwrap().keys() {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{field}` |")));
        let row = row.unwrap_or_else(|| panic!("docs/attestation.md has no row of {field}"));
        if let Some(finding) = Finding::from_name(field) {
            let [bank, development] =
                [&bank, &development].map(|policy| decision_name(policy.decision(finding)));
            assert!(row.ends_with(&format!("| {bank} | {development} |")), "{row}");
        }
    }
}

#[test]
fn roots_and_revoked_certificates_are_read_as_google_publishes_them() {
    let folder = TempDir::new().unwrap();
    let empty = AttestationTrust::open(folder.path()).unwrap();
    assert!(empty.roots.is_empty() && empty.revoked.is_empty());
    let key = rcgen::KeyPair::generate().unwrap();
    let root = rcgen::CertificateParams::default().self_signed(&key).unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(ROOTS_FILE, &format!("[{:?}]", root.pem()));
    write(
        STATUS_FILE,
        r#"{"entries": {"2c8cdddfd5e03bfc": {"status": "REVOKED", "reason": "KEY_COMPROMISE"}}}"#,
    );
    let trust = AttestationTrust::open(folder.path()).unwrap();
    assert_eq!((trust.roots.len(), trust.revoked.len()), (1, 1));
    write(ROOTS_FILE, &format!("[{:?}, \"nonsense\"]", root.pem()));
    let error = AttestationTrust::open(folder.path()).unwrap_err();
    assert!(matches!(error, TrustError::NotARoot { position: 2, .. }), "{error}");
    write(ROOTS_FILE, "{}");
    let error = AttestationTrust::open(folder.path()).unwrap_err();
    assert!(matches!(error, TrustError::NotRoots { .. }), "{error}");
    write(ROOTS_FILE, "[]");
    write(STATUS_FILE, "{}");
    let error = AttestationTrust::open(folder.path()).unwrap_err();
    assert!(error.to_string().contains(STATUS_FILE), "{error}");
}

proptest! {
    #[test]
    fn times_of_any_kind_are_decided_without_a_panic(sent_ms: u64, at_ms: u64, now_ms: u64, patch: Option<u32>) {
        let mut phone = Phone::good();
        phone.state.system_patch = patch;
        let proof = good(SecurityLevel::StrongBox, None, at_ms);
        let evidence = Evidence { state: &phone.state, proof, sent_ms, now_ms };
        let opinion = decide(&evidence, &strict());
        prop_assert_eq!(opinion.decision == Decision::Allowed, opinion.concerns.is_empty());
    }
}
