//! Activation codes: once, in time, and not by guessing.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod support;

use mpos_host::enrolment::{AGAIN_WITHIN_MS, WRONG_CODES_OF_PEER_MAX, WRONG_CODES_WINDOW_MS};
use mpos_protocol::{
    Bytes,
    host::{ALPN_ENROLMENT, EnrolmentAnswer, EnrolmentRequest, HostAnswer, HostRefusal},
};
use p256::elliptic_curve::sec1::ToSec1Point;
use std::time::Duration;
use support::{
    Card, Pin, Scene, Terminal,
    terminal::{Device0, connect, enrolment_request, p256_secret, receive, send},
};

async fn enrol(scene: &Scene, code: &str) -> Result<Terminal, HostRefusal> {
    Terminal::enrol(&scene.bank, scene.address(), code, scene.clock.clone()).await
}

async fn ask(scene: &Scene, request: &EnrolmentRequest) -> EnrolmentAnswer {
    let mut line = connect(scene.address(), &scene.bank.server_ca, ALPN_ENROLMENT, None).await.unwrap();
    send(&mut line, &postcard::to_allocvec(request).unwrap()).await.unwrap();
    postcard::from_bytes(&receive(&mut line).await.unwrap()).unwrap()
}

fn request(code: &str, device: &Device0) -> EnrolmentRequest {
    enrolment_request(code, device, p256_secret().public_key().to_sec1_point(false).as_bytes())
}

#[tokio::test]
async fn a_code_makes_one_terminal_and_is_then_used() {
    let scene = Scene::start(&[]);
    let code = scene.code();
    assert_eq!(code.len(), 19);
    let first = enrol(&scene, &code).await.unwrap();
    assert_eq!(first.profile.terminal.to_string(), "TM000016");
    assert_eq!(first.profile.certificates.len(), 2);
    assert_eq!(enrol(&scene, &code).await.err(), Some(HostRefusal::CodeUsed));
    let second = enrol(&scene, &scene.code()).await.unwrap();
    assert_eq!(second.profile.terminal.to_string(), "TM000017");
    assert_ne!(first.keys.initial_key_id(), second.keys.initial_key_id());
    assert_eq!(scene.console.terminals().unwrap().len(), 2);
}

#[tokio::test]
async fn a_code_expires() {
    let scene = Scene::start(&[]);
    let code = scene.code();
    scene.clock.advance(Duration::from_hours(72) + Duration::from_secs(1));
    assert_eq!(enrol(&scene, &code).await.err(), Some(HostRefusal::CodeExpired));
}

#[tokio::test]
async fn two_devices_with_one_code_make_one_terminal() {
    let scene = Scene::start(&[]);
    let code = scene.code();
    let (one, other) = tokio::join!(enrol(&scene, &code), enrol(&scene, &code));
    let used = [one.err(), other.err()];
    assert!(used.contains(&None) && used.contains(&Some(HostRefusal::CodeUsed)), "{used:?}");
    assert_eq!(scene.console.terminals().unwrap().len(), 1);
}

#[tokio::test]
async fn wrong_codes_and_no_codes_look_alike_and_then_everybody_there_waits() {
    let mut scene = Scene::start(&[]);
    let good = scene.code();
    let wrong = ["ABCD-EFGH-JKMN-PQRS", "", "0000000000000000", "ABCD", "AAAA-AAAA-AAAA-AAAA"];
    assert_eq!(wrong.len(), WRONG_CODES_OF_PEER_MAX);
    for code in wrong {
        assert_eq!(enrol(&scene, code).await.err(), Some(HostRefusal::CodeUnknown), "{code}");
    }
    // The right code too: else the wait would tell which is right. A restart does not help.
    scene.restart();
    for code in [&good, "ABCD-EFGH-JKMN-PQRS"] {
        match enrol(&scene, code).await.err() {
            Some(HostRefusal::TooManyAttempts(seconds)) => {
                assert!((800..=900).contains(&seconds), "{seconds}")
            }
            other => panic!("{other:?}"),
        }
    }
    scene.clock.advance(Duration::from_millis(WRONG_CODES_WINDOW_MS));
    assert!(enrol(&scene, &good).await.is_ok());
}

#[tokio::test]
async fn a_device_whose_answer_was_lost_gets_its_terminal_again() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let code = scene.code();
    let device = Device0::new();
    let EnrolmentAnswer::Enrolled { profile, initial_key_id, .. } =
        ask(&scene, &request(&code, &device)).await
    else {
        panic!("not enrolled")
    };
    // The answer is lost, with the key that it was wrapped to.
    scene.clock.advance(Duration::from_millis(AGAIN_WITHIN_MS / 2));
    let key = device.key.serialize_der();
    let again = Terminal::enrol_device(&scene.bank, scene.address(), &code, scene.clock.clone(), device)
        .await
        .unwrap();
    assert_eq!(again.profile, profile);
    assert_eq!(again.keys.initial_key_id(), initial_key_id);
    assert_eq!(scene.console.terminals().unwrap().len(), 1);

    // It sells; from then on it has its answer, and the code is used for good.
    let mut terminal = again;
    let mut line = terminal.connect().await.unwrap();
    let message = terminal.purchase(&mut card, 100, Pin::None);
    assert!(matches!(terminal.ask(&mut line, &message).await, HostAnswer::Approved { .. }));
    let refused = EnrolmentAnswer::Refused(HostRefusal::CodeUsed);
    assert_eq!(ask(&scene, &request(&code, &terminal.device)).await, refused);
    assert_eq!(terminal.device.key.serialize_der(), key);
}

#[tokio::test]
async fn a_device_that_asks_again_too_late_finds_its_code_used() {
    let scene = Scene::start(&[]);
    let code = scene.code();
    let device = Device0::new();
    assert!(matches!(ask(&scene, &request(&code, &device)).await, EnrolmentAnswer::Enrolled { .. }));
    scene.clock.advance(Duration::from_millis(AGAIN_WITHIN_MS + 1000));
    let refused = EnrolmentAnswer::Refused(HostRefusal::CodeUsed);
    assert_eq!(ask(&scene, &request(&code, &device)).await, refused);
}

#[tokio::test]
async fn a_spoilt_request_leaves_the_code_good() {
    let scene = Scene::start(&[]);
    let code = scene.code();
    let device = Device0::new();
    let good = request(&code, &device);
    let mut altered = good.certificate_request.to_vec();
    let last = altered.len() - 1;
    altered[last] ^= 1;
    for (request, refusal) in [
        (
            EnrolmentRequest { certificate_request: altered.try_into().unwrap(), ..good.clone() },
            HostRefusal::BadCertificateRequest,
        ),
        (
            EnrolmentRequest { certificate_request: Bytes::default(), ..good.clone() },
            HostRefusal::BadCertificateRequest,
        ),
        (
            EnrolmentRequest { key_agreement: Bytes::new(&[4; 65]).unwrap(), ..good.clone() },
            HostRefusal::Malformed,
        ),
        (EnrolmentRequest { version: 9, ..good.clone() }, HostRefusal::Version(1)),
    ] {
        assert_eq!(ask(&scene, &request).await, EnrolmentAnswer::Refused(refusal));
    }
    assert!(matches!(ask(&scene, &good).await, EnrolmentAnswer::Enrolled { .. }));
}

#[test]
fn a_code_prints_in_fours_and_is_not_in_debugging_output() {
    let scene = Scene::start(&[]);
    let merchant = mpos_protocol::terminal::Merchant::default();
    let code = scene.console.create_activation_code(&merchant, Duration::from_secs(1)).unwrap();
    assert_eq!(code.to_string().split('-').map(str::len).collect::<Vec<_>>(), [4; 4]);
    assert_eq!(format!("{code:?}"), "ActivationCode");
}
