//! New certificates and keys before the old ones end, and the bank's word without which nothing is sold.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use mpos_crypto::{SecretKey, dukpt::TerminalKeys, key_wrap};
use mpos_protocol::{
    Bytes,
    admin::{AdminAnswer, AdminRequest},
    host::{ALPN_TERMINAL, HostAnswer, HostRefusal, HostRequest, KEY_WRAP_CONTEXT},
    standing::{DeviceState, Standing, StandingReport},
};
use p256::elliptic_curve::sec1::ToSec1Point;
use rcgen::CertificateParams;
use rustls::version::TLS13;
use std::time::Duration;
use support::{
    Card, Pin, Scene,
    pki::CLIENT_LIFETIME_DAYS,
    terminal::{Device0, Line, Terminal, p256_secret},
};

async fn standing(terminal: &Terminal, line: &mut Line, keys_left: u32) -> Standing {
    match terminal.report_of(line, DeviceState::default(), keys_left).await.unwrap() {
        HostAnswer::Admin(AdminAnswer::Standing(standing)) => standing,
        other => panic!("no standing: {other:?}"),
    }
}

fn request_of(device: &Device0) -> AdminRequest {
    let request = CertificateParams::default().serialize_request(&device.key).unwrap();
    AdminRequest::RenewCertificate { certificate_request: Bytes::new(request.der()).unwrap() }
}

async fn sells(terminal: &mut Terminal, line: &mut Line, card: &mut Card) -> HostAnswer {
    let sale = terminal.sale(card, 100, Pin::None).request;
    let content = terminal.content(HostRequest::Authorise(sale));
    let (message, hash) = terminal.sign_content(&content);
    let answer = terminal.ask(line, &message).await;
    if !matches!(answer, HostAnswer::Refused(_)) {
        (terminal.next_sequence, terminal.head) = (terminal.next_sequence + 1, hash);
    }
    answer
}

fn is_approved(answer: &HostAnswer) -> bool {
    matches!(answer, HostAnswer::Approved { .. })
}

#[tokio::test]
async fn a_certificate_in_the_last_third_of_its_life_is_renewed_and_the_old_one_ends_with_the_first_use() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    assert!(!standing(&terminal, &mut line, u32::MAX).await.orders.renew_certificate);
    let other = scene.terminal().await;
    scene.console.renew_certificate(other.profile.terminal).unwrap();
    let mut other_line = other.connect().await.unwrap();
    assert!(standing(&other, &mut other_line, u32::MAX).await.orders.renew_certificate, "the staff wants it");
    scene.clock.advance(Duration::from_hours(24 * (CLIENT_LIFETIME_DAYS / 3 * 2 + 1)));
    let mut line = terminal.connect().await.unwrap();
    assert!(standing(&terminal, &mut line, u32::MAX).await.orders.renew_certificate);

    let old = terminal.profile.certificates.clone();
    let renewed = terminal.ask_admin(&mut line, request_of(&terminal.device)).await;
    let AdminAnswer::CertificateRenewed { certificates } = renewed else { panic!("{renewed:?}") };
    assert_ne!(certificates[0], old[0]);
    assert_eq!(certificates[1..], old[1..]);
    assert!(is_approved(&sells(&mut terminal, &mut line, &mut card).await), "the old one is still good");

    terminal.profile.certificates = certificates;
    let mut new_line = terminal.connect().await.unwrap();
    assert!(!standing(&terminal, &mut new_line, u32::MAX).await.orders.renew_certificate);
    assert!(is_approved(&sells(&mut terminal, &mut new_line, &mut card).await));
    let on_old = sells(&mut terminal, &mut line, &mut card).await;
    assert_eq!(on_old, HostAnswer::Refused(HostRefusal::WrongTerminal), "an open line of the old one too");
    terminal.profile.certificates = old;
    let mut line = terminal.connect_with(ALPN_TERMINAL, &[&TLS13]).await.unwrap();
    assert!(terminal.report(&mut line).await.is_err(), "the old one opens no line");
}

#[tokio::test]
async fn of_several_certificates_that_were_given_the_one_that_was_kept_is_good() {
    let scene = Scene::start(&[]);
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    let mut given = Vec::new();
    for _ in 0..10 {
        let renewed = terminal.ask_admin(&mut line, request_of(&terminal.device)).await;
        let AdminAnswer::CertificateRenewed { certificates } = renewed else { panic!("{renewed:?}") };
        given.push(certificates);
        scene.clock.advance(Duration::from_secs(1));
    }
    // The answers after the fourth were lost, say. Of ten, the newest eight wait for their first use.
    terminal.profile.certificates = given[3].clone();
    let mut line = terminal.connect().await.unwrap();
    standing(&terminal, &mut line, u32::MAX).await;
    for other in [&given[1], &given[2], &given[9]] {
        terminal.profile.certificates = other.clone();
        let mut line = terminal.connect_with(ALPN_TERMINAL, &[&TLS13]).await.unwrap();
        assert!(terminal.report(&mut line).await.is_err(), "the others are worth nothing now");
    }
}

#[tokio::test]
async fn a_certificate_is_renewed_for_the_same_device_only_and_revoked_with_the_old_one() {
    let scene = Scene::start(&[]);
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    let foreign = terminal.admin(request_of(&Device0::new()));
    let refused = HostAnswer::Refused(HostRefusal::BadCertificateRequest);
    assert_eq!(terminal.ask(&mut line, &foreign).await, refused);
    let renewed = terminal.ask_admin(&mut line, request_of(&terminal.device)).await;
    let AdminAnswer::CertificateRenewed { certificates } = renewed else { panic!("{renewed:?}") };
    scene.console.revoke(terminal.profile.terminal).unwrap();
    terminal.profile.certificates = certificates;
    let mut line = terminal.connect_with(ALPN_TERMINAL, &[&TLS13]).await.unwrap();
    match terminal.report(&mut line).await {
        // Whether the list was made anew by then or not.
        Err(_) | Ok(HostAnswer::Refused(HostRefusal::TerminalBlocked)) => {}
        other => panic!("{other:?}"),
    }
}

/// Fetches new keys; those of before are given back.
async fn renew_keys(terminal: &mut Terminal, line: &mut Line) -> TerminalKeys {
    let secret = p256_secret();
    let point = secret.public_key().to_sec1_point(false);
    let key_agreement = Bytes::new(point.as_bytes()).unwrap();
    let renewed = terminal.ask_admin(line, AdminRequest::RenewKeys { key_agreement }).await;
    let AdminAnswer::KeysRenewed { wrapped_initial_key, initial_key_id } = renewed else {
        panic!("{renewed:?}")
    };
    let secret: [u8; 32] = secret.to_bytes().into();
    let key = key_wrap::unwrap(&secret, KEY_WRAP_CONTEXT, &wrapped_initial_key).unwrap();
    let keys = TerminalKeys::load(&SecretKey::from_slice(&key).unwrap(), initial_key_id);
    std::mem::replace(&mut terminal.keys, keys)
}

#[tokio::test]
async fn new_keys_take_the_old_ones_place_when_they_are_first_used() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    assert!(is_approved(&sells(&mut terminal, &mut line, &mut card).await));
    let old = renew_keys(&mut terminal, &mut line).await;
    assert_ne!(terminal.keys.initial_key_id(), old.initial_key_id());
    assert_eq!(terminal.keys.initial_key_id()[..4], old.initial_key_id()[..4], "of the same BDK");

    // Lost, say: the old ones still sell, and the next ones are others.
    terminal.keys = old;
    assert!(is_approved(&sells(&mut terminal, &mut line, &mut card).await));
    let old = renew_keys(&mut terminal, &mut line).await;
    assert!(is_approved(&sells(&mut terminal, &mut line, &mut card).await));
    let new = std::mem::replace(&mut terminal.keys, old);
    let answer = sells(&mut terminal, &mut line, &mut card).await;
    assert_eq!(answer, HostAnswer::Refused(HostRefusal::KeyUnknown));
    terminal.keys = new;
    assert!(is_approved(&sells(&mut terminal, &mut line, &mut card).await));
    // A supervisor's code is the first use too.
    renew_keys(&mut terminal, &mut line).await;
    assert_eq!(terminal.define(&mut line, "4711").await, AdminAnswer::SupervisorDefined);
    assert!(is_approved(&sells(&mut terminal, &mut line, &mut card).await));
}

#[tokio::test]
async fn keys_are_renewed_before_they_end_and_when_the_banks_staff_wants_it() {
    let scene = Scene::start(&[]);
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    assert!(!standing(&terminal, &mut line, 1 << 16).await.orders.renew_keys);
    assert!(standing(&terminal, &mut line, (1 << 16) - 1).await.orders.renew_keys);
    scene.console.renew_keys(terminal.profile.terminal).unwrap();
    assert!(standing(&terminal, &mut line, u32::MAX).await.orders.renew_keys);
    renew_keys(&mut terminal, &mut line).await;
    assert!(!standing(&terminal, &mut line, u32::MAX).await.orders.renew_keys);
    let unknown = mpos_protocol::terminal::TerminalId(9_999);
    assert!(scene.console.renew_keys(unknown).is_err());
}

#[tokio::test]
async fn an_old_copy_of_the_keys_is_refused_and_new_ones_mend_it() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    let backup = terminal.keys.to_bytes();
    assert!(is_approved(&sells(&mut terminal, &mut line, &mut card).await));
    terminal.keys = TerminalKeys::from_bytes(&backup).unwrap();
    let answer = sells(&mut terminal, &mut line, &mut card).await;
    assert_eq!(answer, HostAnswer::Refused(HostRefusal::KeyUsedBefore));
    renew_keys(&mut terminal, &mut line).await;
    assert!(is_approved(&sells(&mut terminal, &mut line, &mut card).await));
}

#[tokio::test]
async fn nothing_is_sold_without_the_banks_fresh_word_on_this_terminal() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let (mut terminal, other) = (scene.terminal().await, scene.terminal().await);
    let mut line = terminal.connect().await.unwrap();
    let ticket = terminal.ticket.lock().unwrap().clone();
    let missing = HostAnswer::Refused(HostRefusal::StandingMissing);
    let foreign = other.ticket.lock().unwrap().clone();
    for bad in [Bytes::default(), foreign, Bytes::new(&[0; 32]).unwrap()] {
        *terminal.ticket.lock().unwrap() = bad;
        assert_eq!(sells(&mut terminal, &mut line, &mut card).await, missing);
    }
    *terminal.ticket.lock().unwrap() = ticket;
    assert!(is_approved(&sells(&mut terminal, &mut line, &mut card).await));
    scene.clock.advance(Duration::from_mins(11));
    assert_eq!(sells(&mut terminal, &mut line, &mut card).await, missing, "it was good for ten minutes");
    terminal.fetch_ticket(&mut line).await;
    assert!(is_approved(&sells(&mut terminal, &mut line, &mut card).await));
    assert_eq!(scene.refusals(), ["StandingMissing"; 4]);
}

#[tokio::test]
async fn a_report_answers_a_fresh_challenge_of_this_terminal_or_gets_one() {
    let scene = Scene::start(&[]);
    let (terminal, other) = (scene.terminal().await, scene.terminal().await);
    let mut line = terminal.connect().await.unwrap();
    let report =
        |challenge| AdminRequest::ReportStanding(StandingReport { challenge, ..StandingReport::default() });
    let challenge_for = async |terminal: &Terminal, line: &mut Line| match terminal
        .ask_admin(line, report(Bytes::default()))
        .await
    {
        AdminAnswer::Challenge(challenge) => challenge,
        other => panic!("{other:?}"),
    };
    let challenge = challenge_for(&terminal, &mut line).await;
    let foreign = challenge_for(&other, &mut other.connect().await.unwrap()).await;
    for bad in [foreign, Bytes::new(&[1; 32]).unwrap(), Bytes::new(&challenge[..31]).unwrap()] {
        let answer = terminal.ask_admin(&mut line, report(bad)).await;
        assert!(matches!(answer, AdminAnswer::Challenge(_)), "{answer:?}");
    }
    let answer = terminal.ask_admin(&mut line, report(challenge.clone())).await;
    assert!(matches!(answer, AdminAnswer::Standing(_)), "{answer:?}");
    scene.clock.advance(Duration::from_secs(301));
    let answer = terminal.ask_admin(&mut line, report(challenge)).await;
    assert!(matches!(answer, AdminAnswer::Challenge(_)), "too old: {answer:?}");
}
