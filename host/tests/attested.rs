//! A device that proves where its key lives, or does not, before a bank that wants it proved.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "attestation/phone.rs"]
#[allow(dead_code, reason = "more is changed of a phone where its chain is checked")]
mod phone;
#[path = "attestation/rsa.rs"]
#[allow(dead_code, reason = "more is changed of a phone where its chain is checked")]
mod rsa;
mod support;

use der::pem::{LineEnding, encode_string};
use mpos_host::{
    HostConfig,
    attestation::SecurityLevel,
    standing::{Policy, ROOTS_FILE},
};
use mpos_protocol::{
    Text,
    admin::AdminAnswer,
    host::{HostAnswer, HostRefusal, HostRequest},
    standing::{
        Attestation, AttestationFlaw, Concern, Decision, DeviceState, Standing, StandingReport,
        enrolment_challenge, join_attestation,
    },
};
use phone::{AnyKey, PACKAGE, Phone, SIGNER};
use rcgen::KeyPair;
use std::{fs, rc::Rc, time::Duration};
use support::{
    Card, Pin, Scene,
    terminal::{Device0, Line, Terminal},
};

const STRONG_BOX: u8 = 2;
const TRUSTED_ENVIRONMENT: u8 = 1;

/// A bank that wants proof, and trusts the root of `phone`.
fn bank_of(phone: &Phone, cards: &[Card]) -> Scene {
    bank_that_wants(SecurityLevel::TrustedEnvironment, phone, cards)
}

fn bank_that_wants(least: SecurityLevel, phone: &Phone, cards: &[Card]) -> Scene {
    let root = phone.chain().pop().unwrap();
    Scene::start_with(cards, |config: &mut HostConfig| {
        config.policy = Policy::bank();
        config.policy.application_packages = vec![PACKAGE.to_owned()];
        config.policy.application_signers = vec![SIGNER];
        config.policy.security_level_least = least;
        config.policy.system_patch_months_max = None;
        fs::create_dir_all(&config.data).unwrap();
        let pem = encode_string("CERTIFICATE", LineEnding::LF, &root).unwrap();
        fs::write(config.data.join(ROOTS_FILE), serde_json::to_vec(&[pem]).unwrap()).unwrap();
    })
}

/// What the phone attests of this key for this challenge.
fn attest(phone: &mut Phone, key: &KeyPair, challenge: [u8; 32]) -> Attestation {
    phone.keys[0] = Rc::new(AnyKey::of(KeyPair::try_from(key.serialize_der()).unwrap()));
    phone.describe().challenge = challenge.to_vec();
    join_attestation(&phone.chain()).unwrap()
}

async fn enrol(scene: &Scene, code: &str, phone: &mut Phone) -> Result<Terminal, HostRefusal> {
    let device = Device0::new();
    let challenge = enrolment_challenge(&code.replace('-', ""));
    let attestation = attest(phone, &device.key, challenge);
    enrol_with(scene, code, device, Some(attestation)).await
}

async fn enrol_with(
    scene: &Scene,
    code: &str,
    device: Device0,
    attestation: Option<Attestation>,
) -> Result<Terminal, HostRefusal> {
    let (address, clock) = (scene.address(), scene.clock.clone());
    Terminal::enrol_attested(&scene.bank, address, code, clock, (device, attestation)).await
}

/// Reports in order, and attests for the bank's challenge where a phone is given.
async fn report(terminal: &Terminal, line: &mut Line, phone: Option<&mut Phone>) -> Standing {
    report_of(terminal, line, DeviceState::default(), phone).await
}

async fn report_of(
    terminal: &Terminal,
    line: &mut Line,
    state: DeviceState,
    phone: Option<&mut Phone>,
) -> Standing {
    let report = StandingReport { state, keys_left: u32::MAX, ..StandingReport::default() };
    let key = Device0::new().key;
    let attest = |challenge| phone.map(|phone| attest(phone, &key, challenge));
    match terminal.report_with(line, report, attest).await.unwrap() {
        HostAnswer::Admin(AdminAnswer::Standing(standing)) => standing,
        other => panic!("no standing: {other:?}"),
    }
}

fn refused(flaw: AttestationFlaw) -> HostRefusal {
    HostRefusal::AttestationRefused(flaw)
}

fn concerns(standing: &Standing) -> (Decision, Vec<Concern>) {
    (standing.word.opinion.decision, standing.word.opinion.concerns.to_vec())
}

#[tokio::test]
async fn a_phone_that_proves_itself_is_enrolled_and_sells() {
    let mut card = Card::mastercard();
    let mut phone = Phone::new(STRONG_BOX);
    let scene = bank_of(&phone, std::slice::from_ref(&card));
    let mut terminal = enrol(&scene, &scene.code(), &mut phone).await.unwrap();
    let mut line = terminal.connect().await.unwrap();
    let message = terminal.purchase(&mut card, 100, Pin::None);
    assert!(matches!(terminal.ask(&mut line, &message).await, HostAnswer::Approved { .. }));
    let listed = &scene.console.terminals().unwrap()[0];
    assert!(listed.attestation.starts_with("StrongBox, patch "), "{}", listed.attestation);
    assert_eq!(listed.decision.as_deref(), Some("Allowed"));
}

#[tokio::test]
async fn a_device_that_proves_nothing_or_the_wrong_thing_is_refused_by_name_and_its_code_is_still_good() {
    let mut phone = Phone::new(STRONG_BOX);
    let scene = bank_of(&phone, &[]);
    let code = scene.code();
    let outcome = enrol_with(&scene, &code, Device0::new(), None).await.err();
    assert_eq!(outcome, Some(refused(AttestationFlaw::Absent)));
    // Another key than the one of the certificate request.
    let challenge = enrolment_challenge(&code.replace('-', ""));
    let foreign = attest(&mut phone, &Device0::new().key, challenge);
    let outcome = enrol_with(&scene, &code, Device0::new(), Some(foreign)).await.err();
    assert_eq!(outcome, Some(refused(AttestationFlaw::WrongKey)));
    // Another code's.
    let device = Device0::new();
    let copied = attest(&mut phone, &device.key, enrolment_challenge("ABCDEFGHJKMNPQRS"));
    let outcome = enrol_with(&scene, &code, device, Some(copied)).await.err();
    assert_eq!(outcome, Some(refused(AttestationFlaw::WrongChallenge)));
    let outcome = enrol(&scene, &code, &mut Phone::new(STRONG_BOX)).await.err();
    assert_eq!(outcome, Some(refused(AttestationFlaw::UntrustedRoot)), "a root of the same name");
    let garbage = Attestation::new(&[0x30, 0x80, 1]).unwrap();
    let outcome = enrol_with(&scene, &code, Device0::new(), Some(garbage)).await.err();
    assert_eq!(outcome, Some(refused(AttestationFlaw::Malformed)));

    assert!(enrol(&scene, &code, &mut phone).await.is_ok());
}

#[tokio::test]
async fn a_key_that_is_kept_less_well_than_the_table_asks_is_refused() {
    let mut phone = Phone::new(TRUSTED_ENVIRONMENT);
    let scene = bank_that_wants(SecurityLevel::StrongBox, &phone, &[]);
    let outcome = enrol(&scene, &scene.code(), &mut phone).await.err();
    assert_eq!(outcome, Some(refused(AttestationFlaw::SecurityLevel)));
}

#[tokio::test]
async fn a_new_proof_is_ordered_in_time_and_a_terminal_without_one_sells_nothing_in_the_end() {
    let mut card = Card::mastercard();
    let mut phone = Phone::new(STRONG_BOX);
    let scene = bank_of(&phone, std::slice::from_ref(&card));
    let mut terminal = enrol(&scene, &scene.code(), &mut phone).await.unwrap();
    let mut line = terminal.connect().await.unwrap();
    assert!(!report(&terminal, &mut line, None).await.orders.attest);
    scene.console.ask_attestation(terminal.profile.terminal).unwrap();
    assert!(report(&terminal, &mut line, None).await.orders.attest, "the staff wants it");
    assert!(!report(&terminal, &mut line, Some(&mut phone)).await.orders.attest);

    scene.clock.advance(Duration::from_hours(12));
    let mut line = terminal.connect().await.unwrap();
    let due = report(&terminal, &mut line, None).await;
    assert!(due.orders.attest && due.word.opinion.decision == Decision::Allowed);
    scene.clock.advance(Duration::from_hours(13));
    let mut line = terminal.connect().await.unwrap();
    let late = report(&terminal, &mut line, None).await;
    let too_old = Concern::Attestation(AttestationFlaw::TooOld);
    assert_eq!(concerns(&late), (Decision::Blocked, vec![too_old]));
    assert!(late.ticket.is_empty());
    *terminal.ticket.lock().unwrap() = late.ticket;
    let sale = terminal.sale(&mut card, 100, Pin::None).request;
    let (message, _) = terminal.sign_content(&terminal.content(HostRequest::Authorise(sale)));
    let missing = HostAnswer::Refused(HostRefusal::StandingMissing);
    assert_eq!(terminal.ask(&mut line, &message).await, missing);
    let mended = report(&terminal, &mut line, Some(&mut phone)).await;
    assert_eq!(concerns(&mended), (Decision::Allowed, vec![]));
}

#[tokio::test]
async fn a_proof_that_was_refused_blocks_until_there_is_a_good_one() {
    let mut phone = Phone::new(STRONG_BOX);
    let scene = bank_of(&phone, &[]);
    let terminal = enrol(&scene, &scene.code(), &mut phone).await.unwrap();
    let mut line = terminal.connect().await.unwrap();
    let mut rooted = Phone::new(STRONG_BOX);
    let bad = report(&terminal, &mut line, Some(&mut rooted)).await;
    let untrusted = Concern::Attestation(AttestationFlaw::UntrustedRoot);
    assert_eq!(concerns(&bad), (Decision::Blocked, vec![untrusted]));
    let silent = report(&terminal, &mut line, None).await;
    assert_eq!(concerns(&silent), (Decision::Blocked, vec![untrusted]), "it is not forgotten");
    assert!(silent.orders.attest);
    let good = report(&terminal, &mut line, Some(&mut phone)).await;
    assert_eq!(concerns(&good), (Decision::Allowed, vec![]));
}

#[tokio::test]
async fn what_a_device_says_of_itself_is_graded_and_shown_to_the_banks_staff() {
    let mut phone = Phone::new(STRONG_BOX);
    let scene = bank_of(&phone, &[]);
    let terminal = enrol(&scene, &scene.code(), &mut phone).await.unwrap();
    let mut line = terminal.connect().await.unwrap();
    let state = DeviceState {
        software: Text::clipped("1.0.0"),
        debugger: true,
        rooted: true,
        ..DeviceState::default()
    };
    let standing = report_of(&terminal, &mut line, state, None).await;
    assert_eq!(concerns(&standing), (Decision::Blocked, vec![Concern::Debugger, Concern::Rooted]));
    let listed = &scene.console.terminals().unwrap()[0];
    assert_eq!(listed.decision.as_deref(), Some("Blocked"));
    assert_eq!((&*listed.concerns, &*listed.software), ("Debugger, Rooted", "1.0.0"));
    let fine = report(&terminal, &mut line, None).await;
    assert_eq!(fine.word.opinion.decision, Decision::Allowed);
}
