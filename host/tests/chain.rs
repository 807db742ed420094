//! The chain of signed messages: what is repeated is answered again, what does not fit is refused by name, and what
//! is taken back stays so.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod support;

use mpos_host::{
    books::{CaseBody, Sender},
    tickets::Tickets,
    verify::{Message, verify},
};
use mpos_protocol::{
    host::{HostAnswer, HostRefusal, HostRequest},
    signed::Hash,
};
use std::{net::IpAddr, time::Duration};
use support::{Card, Pin, Scene};

fn refused(answer: &HostAnswer) -> HostRefusal {
    match answer {
        HostAnswer::Refused(refusal) => *refusal,
        other => panic!("not refused: {other:?}"),
    }
}

fn approved(answer: &HostAnswer) -> bool {
    matches!(answer, HostAnswer::Approved { .. })
}

#[tokio::test]
async fn the_same_bytes_get_the_stored_answer_and_take_money_once_even_days_and_a_restart_later() {
    let mut card = Card::mastercard();
    let mut scene = Scene::start(std::slice::from_ref(&card));
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    let message = terminal.purchase(&mut card, 700, Pin::None);
    support::terminal::send(&mut line, &message).await.unwrap();
    let first = support::terminal::receive(&mut line).await.unwrap();
    assert!(approved(&terminal.read_answer(&first).answer));

    scene.restart();
    scene.clock.advance(Duration::from_hours(48));
    terminal.address = scene.address();
    let mut line = terminal.connect().await.unwrap();
    for _ in 0..3 {
        support::terminal::send(&mut line, &message).await.unwrap();
        assert_eq!(support::terminal::receive(&mut line).await.unwrap(), first);
    }
    assert_eq!(scene.balance(&card), 100_000 - 700);
    assert_eq!(scene.console.sales(10).unwrap().len(), 1);
}

#[tokio::test]
async fn a_used_sequence_with_other_bytes_a_gap_and_a_broken_chain_are_refused_by_name() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    let first = terminal.purchase(&mut card, 100, Pin::None);
    assert!(approved(&terminal.ask(&mut line, &first).await));

    let sale = terminal.sale(&mut card, 100, Pin::None).request;
    let good = terminal.content(HostRequest::Authorise(sale));
    let spoilt = |spoil: fn(&mut mpos_protocol::signed::RequestContent)| {
        let mut content = good.clone();
        spoil(&mut content);
        terminal.sign_content(&content).0
    };
    for (message, refusal) in [
        (spoilt(|content| content.sequence = 1), HostRefusal::Replayed { expected: 2 }),
        (spoilt(|content| content.sequence = 0), HostRefusal::Replayed { expected: 2 }),
        (spoilt(|content| content.sequence = 3), HostRefusal::SequenceGap { expected: 2 }),
        (spoilt(|content| content.sequence = u64::MAX), HostRefusal::SequenceGap { expected: 2 }),
        (spoilt(|content| content.previous = Hash([9; 32])), HostRefusal::BrokenChain),
        (spoilt(|content| content.time_ms -= 3_600_000), HostRefusal::StaleTime(-3600)),
        (spoilt(|content| content.version = 2), HostRefusal::Version(1)),
        (spoilt(|content| content.terminal.0 += 1), HostRefusal::WrongTerminal),
        (vec![1, 2, 3], HostRefusal::Malformed),
        (Vec::new(), HostRefusal::Malformed),
    ] {
        let answer = refused(&terminal.ask(&mut line, &message).await);
        match (answer, refusal) {
            // The clocks run on between signing and arriving.
            (HostRefusal::StaleTime(seconds), HostRefusal::StaleTime(expected)) => {
                assert!((expected - 5..=expected).contains(&seconds));
            }
            (answer, refusal) => assert_eq!(answer, refusal),
        }
    }
    // None of it moved the chain.
    assert!(approved(&terminal.ask(&mut line, &terminal.sign_content(&good).0).await));
    assert_eq!(scene.balance(&card), 100_000 - 200);
    assert_eq!(scene.refusals().len(), 10);
    assert!(scene.refusals().contains(&"Replayed { expected: 2 }".to_owned()));
}

#[tokio::test]
async fn of_a_message_with_one_bit_changed_none_is_accepted() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let mut terminal = scene.terminal().await;
    let message = terminal.purchase(&mut card, 100, Pin::None);
    let sender = Sender {
        terminal: terminal.profile.terminal,
        certificate: [0; 32],
        peer: IpAddr::from([127, 0, 0, 1]),
    };
    let key = ring::signature::KeyPair::public_key(&terminal.device.signing).as_ref().try_into().unwrap();
    let check = |bytes: Vec<u8>| match verify(
        sender,
        &key,
        bytes,
        0,
        (&scene.config.bank.issuer, &Tickets::new(&[0; 32])),
    ) {
        Message::Chained(case) => case.body,
        Message::Admin(_) => panic!("a purchase is in the chain"),
    };
    assert!(matches!(check(message.clone()), CaseBody::Verified(_)));
    for bit in 0..message.len() * 8 {
        let mut altered = message.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert!(matches!(check(altered), CaseBody::Refused { .. }), "bit {bit}");
    }
    let mut line = terminal.connect().await.unwrap();
    let mut altered = message.clone();
    *altered.last_mut().unwrap() ^= 1;
    assert_eq!(refused(&terminal.ask(&mut line, &altered).await), HostRefusal::BadSignature);
    assert!(approved(&terminal.ask(&mut line, &message).await));
}

#[tokio::test]
async fn a_message_of_another_terminal_is_refused_on_this_one_s_connection() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let (mut mine, mut other) = (scene.terminal().await, scene.terminal().await);
    let mut line = mine.connect().await.unwrap();
    let message = other.purchase(&mut card, 100, Pin::None);
    assert_eq!(refused(&mine.ask(&mut line, &message).await), HostRefusal::WrongTerminal);
    // Signed by this one's key in the other's name: the same.
    let sale = mine.sale(&mut card, 100, Pin::None).request;
    let mut content = mine.content(HostRequest::Authorise(sale));
    content.terminal = other.profile.terminal;
    assert_eq!(
        refused(&mine.ask(&mut line, &mine.sign_content(&content).0).await),
        HostRefusal::WrongTerminal
    );
    assert_eq!(scene.balance(&card), 100_000);
}

#[tokio::test]
async fn a_reversal_gives_the_money_back_once() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    let sale = terminal.purchase(&mut card, 900, Pin::None);
    let (sequence, hash) = (terminal.next_sequence - 1, terminal.head);
    let HostAnswer::Approved { reference, .. } = terminal.ask(&mut line, &sale).await else {
        panic!("not approved")
    };
    assert_eq!(scene.balance(&card), 100_000 - 900);

    let reversal = terminal.reversal(sequence, hash);
    let reversed = HostAnswer::Reversed { reference: Some(reference) };
    for _ in 0..2 {
        assert_eq!(terminal.ask(&mut line, &reversal).await, reversed);
        assert_eq!(scene.balance(&card), 100_000);
    }
    // Asked anew, in a message of its own.
    let again = terminal.reversal(sequence, hash);
    assert_eq!(terminal.ask(&mut line, &again).await, reversed);
    assert_eq!(scene.balance(&card), 100_000);
    assert!(scene.console.sales(10).unwrap()[0].reversed);

    // A reversal is not taken back, nor is what is not there, nor what was something else.
    let (reversal_sequence, reversal_hash) = (terminal.next_sequence - 1, terminal.head);
    for (sequence, hash, refusal) in [
        (reversal_sequence, reversal_hash, HostRefusal::NotAllowed),
        (0, hash, HostRefusal::NotAllowed),
        (u64::MAX, hash, HostRefusal::NotAllowed),
        (sequence, Hash([1; 32]), HostRefusal::BrokenChain),
    ] {
        let request = mpos_protocol::host::ReverseRequest {
            sequence,
            hash,
            cause: mpos_protocol::host::ReversalCause::NoAnswer,
        };
        let message = terminal.sign_content(&terminal.content(HostRequest::Reverse(request))).0;
        assert_eq!(refused(&terminal.ask(&mut line, &message).await), refusal);
    }
}

#[tokio::test]
async fn a_request_that_never_came_is_taken_back_and_refused_when_it_comes_late() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    let lost = terminal.purchase(&mut card, 900, Pin::None);
    let (sequence, hash) = (terminal.next_sequence - 1, terminal.head);
    // A reversal is taken at any age.
    scene.clock.advance(Duration::from_hours(1));
    let reversal = terminal.reversal(sequence, hash);
    scene.clock.advance(Duration::from_hours(100));
    for _ in 0..2 {
        assert_eq!(terminal.ask(&mut line, &reversal).await, HostAnswer::Reversed { reference: None });
    }
    assert_eq!(refused(&terminal.ask(&mut line, &lost).await), HostRefusal::AlreadyReversed);
    let mut line = terminal.connect().await.unwrap();
    let next = terminal.purchase(&mut card, 50, Pin::None);
    assert!(approved(&terminal.ask(&mut line, &next).await));
    assert_eq!(refused(&terminal.ask(&mut line, &lost).await), HostRefusal::AlreadyReversed);
    assert_eq!(scene.balance(&card), 100_000 - 50);
}

#[tokio::test]
async fn a_declined_sale_is_reversed_without_money() {
    let mut card = Card { balance: 10, ..Card::mastercard() };
    let scene = Scene::start(std::slice::from_ref(&card));
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    let sale = terminal.purchase(&mut card, 900, Pin::None);
    let (sequence, hash) = (terminal.next_sequence - 1, terminal.head);
    let HostAnswer::Declined { reference, .. } = terminal.ask(&mut line, &sale).await else {
        panic!("not declined")
    };
    let reversal = terminal.reversal(sequence, hash);
    let reversed = HostAnswer::Reversed { reference: Some(reference) };
    assert_eq!(terminal.ask(&mut line, &reversal).await, reversed);
    assert_eq!(scene.balance(&card), 10);
}

#[tokio::test]
async fn a_refund_that_names_no_purchase_is_not_allowed_and_moves_nothing() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    let mut sale = terminal.sale(&mut card, 100, Pin::None).request;
    sale.kind = mpos_protocol::card::TransactionKind::Refund;
    let message = terminal.sign_content(&terminal.content(HostRequest::Authorise(sale))).0;
    assert_eq!(refused(&terminal.ask(&mut line, &message).await), HostRefusal::NotAllowed);
    assert_eq!(scene.balance(&card), 100_000);
}
