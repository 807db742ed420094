//! How fast one host is, measured in one run: signatures by two implementations, and purchases of many terminals.
//!
//! Purchases are made, with their cryptograms, and signed before the clock starts: that is the phones' work and the
//! cards'. Timed is the host's whole work for each (TLS 1.3, signature, DUKPT, card data, ARQC, decision, durable
//! commit, signed answer) and the load generator's TLS and framing, all on the same processors. Answers are verified
//! after the clock has stopped.
#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on ends")]

#[path = "../tests/support/mod.rs"]
mod support;

use mpos_host::HostConfig;
use mpos_protocol::{
    admin::{AdminAnswer, AdminRequest},
    host::HostAnswer,
    standing::{Challenge, StandingReport},
};
use p256::ecdsa::signature::Verifier;
use ring::signature::{ECDSA_P256_SHA256_FIXED, KeyPair, UnparsedPublicKey};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};
use support::{
    Card, Pin, Scene, Terminal,
    card::Version,
    terminal::{Device0, Line, receive, send},
};

/// How long each implementation verifies.
const VERIFY_FOR: Duration = Duration::from_millis(1500);
/// Terminals, each with a connection and a card of its own, each with one purchase under way.
const TERMINALS: usize = 64;
const PURCHASES_EACH: usize = 600;
const WARM_UP_EACH: usize = 60;

fn main() {
    signatures();
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(purchases());
}

fn signatures() {
    let device = Device0::new();
    let message = vec![0x5A; 700];
    let signature = device.signing.sign(&ring::rand::SystemRandom::new(), &message).unwrap();
    let point = device.signing.public_key().as_ref();

    let ring_key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
    let by_ring = each(|| ring_key.verify(black_box(&message), signature.as_ref()).unwrap());
    let p256_key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).unwrap();
    let p256_signature = p256::ecdsa::Signature::from_slice(signature.as_ref()).unwrap();
    let by_p256 = each(|| p256_key.verify(black_box(&message), &p256_signature).unwrap());
    println!(
        "verify a 700-byte message: ring {by_ring:.1} µs, p256 {by_p256:.1} µs, ratio {:.2}",
        by_p256 / by_ring
    );
}

/// Microseconds a call.
fn each(mut call: impl FnMut()) -> f64 {
    let begun = Instant::now();
    let mut calls = 0_u32;
    while begun.elapsed() < VERIFY_FOR {
        for _ in 0..100 {
            call();
        }
        calls += 100;
    }
    begun.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
}

async fn purchases() {
    let cards: Vec<Card> = (0..TERMINALS)
        .map(|at| {
            let version = if at % 2 == 0 { Version::Mastercard20 } else { Version::Visa18 };
            Card { balance: 100_000_000, ..Card::new(&format!("54133300{at:08}"), version) }
        })
        .collect();
    let scene = Scene::start_with(&cards, |_: &mut HostConfig| {});
    let preparing = Instant::now();
    let mut shops = Vec::new();
    for card in &cards {
        let mut terminal = scene.terminal().await;
        let mut card = card.clone();
        let messages: Vec<_> = (0..WARM_UP_EACH + 2 * PURCHASES_EACH)
            .map(|at| terminal.purchase(&mut card, 100 + u64::try_from(at).unwrap() % 900, Pin::None))
            .collect();
        shops.push((terminal, messages));
    }
    let bytes: usize = shops.iter().flat_map(|(_, messages)| messages).map(Vec::len).sum();
    println!(
        "prepared {} purchases of {} bytes on average in {:.1} s",
        TERMINALS * (WARM_UP_EACH + 2 * PURCHASES_EACH),
        bytes / (TERMINALS * (WARM_UP_EACH + 2 * PURCHASES_EACH)),
        preparing.elapsed().as_secs_f64()
    );

    drop(drive(&mut shops, WARM_UP_EACH, Before::Nothing).await);
    for before in [Before::Nothing, Before::Report] {
        measure(&mut shops, before).await;
    }
}

async fn measure(shops: &mut [(Terminal, Vec<Vec<u8>>)], before: Before) {
    let begun = Instant::now();
    let mut taken = drive(shops, PURCHASES_EACH, before).await;
    let seconds = begun.elapsed().as_secs_f64();

    let mut approved = 0;
    for ((terminal, _), taken) in shops.iter().zip(&taken) {
        for (_, answer) in taken {
            approved +=
                usize::from(matches!(terminal.read_answer(answer).answer, HostAnswer::Approved { .. }));
        }
    }
    assert_eq!(approved, TERMINALS * PURCHASES_EACH, "each purchase is approved");
    let mut times: Vec<Duration> = taken.iter_mut().flatten().map(|(time, _)| *time).collect();
    times.sort_unstable();
    let milliseconds = |part: usize| times[(times.len() - 1) * part / 1000].as_secs_f64() * 1e3;
    println!(
        "{TERMINALS} terminals over mutual TLS, {approved} purchases signed beforehand, {}, each durable before its \
         answer: {:.0}/s; {:.1} ms median, {:.1} ms at 99 %",
        match before {
            Before::Nothing => "one after the other",
            Before::Report => "a report of the device before each",
        },
        f64::from(u32::try_from(approved).unwrap()) / seconds,
        milliseconds(500),
        milliseconds(990)
    );
}

/// What a terminal sends before each purchase.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Report,
}

type Taken = Vec<(Duration, Vec<u8>)>;

/// Each terminal sends its next `count` messages, one after the other. Times are from a purchase, or the report before
/// it, to its answer.
async fn drive(shops: &mut [(Terminal, Vec<Vec<u8>>)], count: usize, before: Before) -> Vec<Taken> {
    let mut driving = Vec::new();
    for (terminal, messages) in shops.iter_mut() {
        let mut line = terminal.connect().await.unwrap();
        let report = match before {
            Before::Nothing => None,
            Before::Report => Some(report(terminal, &mut line).await),
        };
        let messages: Vec<_> = messages.drain(..count).collect();
        driving.push((line, report, messages));
    }
    let tasks: Vec<_> = driving
        .into_iter()
        .map(|(mut line, report, messages)| {
            tokio::spawn(async move {
                let mut taken = Vec::with_capacity(messages.len());
                for message in messages {
                    let begun = Instant::now();
                    if let Some(report) = &report {
                        send(&mut line, report).await.unwrap();
                        receive(&mut line).await.unwrap();
                    }
                    send(&mut line, &message).await.unwrap();
                    let answer = receive(&mut line).await.unwrap();
                    taken.push((begun.elapsed(), answer));
                }
                taken
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.unwrap());
    }
    all
}

/// A report that the bank takes: its challenge is good for longer than the measurement.
async fn report(terminal: &Terminal, line: &mut Line) -> Vec<u8> {
    let report = |challenge| {
        AdminRequest::ReportStanding(StandingReport {
            challenge,
            keys_left: u32::MAX,
            ..StandingReport::default()
        })
    };
    match terminal.ask_admin(line, report(Challenge::default())).await {
        AdminAnswer::Challenge(challenge) => terminal.admin(report(challenge)),
        other => panic!("no challenge: {other:?}"),
    }
}
