//! Refunds: money goes back to the card that paid, once, with the supervisor's word, and never more than was paid.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod support;

use mpos_protocol::{
    Sealed,
    admin::{AdminAnswer, Grant, SupervisorFault, SupervisorPurpose},
    card::TransactionKind,
    host::{HostAnswer, HostRefusal, HostRequest},
    sale::{DeclineReason, Reference},
};
use std::time::Duration;
use support::{
    Card, Line, Pin, Scene, Terminal,
    card::{CID_AAC, CID_ARQC, CID_TC, Version},
};

const CODE: &str = "4711";

async fn shop(scene: &Scene) -> (Terminal, Line) {
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    assert_eq!(terminal.define(&mut line, CODE).await, AdminAnswer::SupervisorDefined);
    (terminal, line)
}

async fn agreed(terminal: &mut Terminal, line: &mut Line, reference: &Reference) -> Grant {
    let purpose = SupervisorPurpose::Refund { reference: reference.clone() };
    terminal.agree(line, CODE, purpose).await.unwrap()
}

/// Asks for a refund with the supervisor's word; why not, or none.
async fn give_back(
    (terminal, line): (&mut Terminal, &mut Line),
    card: &mut Card,
    amount: u64,
    reference: &Reference,
) -> Option<DeclineReason> {
    let grant = agreed(terminal, line, reference).await;
    let message = terminal.refund(card, amount, reference, &grant);
    outcome(&terminal.ask(line, &message).await)
}

fn outcome(answer: &HostAnswer) -> Option<DeclineReason> {
    match answer {
        HostAnswer::Approved { .. } => None,
        HostAnswer::Declined { reason, .. } => Some(*reason),
        other => panic!("neither approved nor declined: {other:?}"),
    }
}

#[tokio::test]
async fn a_purchase_is_given_back_in_parts_and_never_more_than_was_paid() {
    for mut card in [Card::mastercard(), Card::visa(), Card::new("5413330089020044", Version::Mastercard20)] {
        let scene = Scene::start(std::slice::from_ref(&card));
        let (mut terminal, mut line) = shop(&scene).await;
        let reference = terminal.buy(&mut line, &mut card, 1000).await;
        for (amount, expected) in [
            (1001, Some(DeclineReason::MoreThanPaid)),
            (300, None),
            (701, Some(DeclineReason::MoreThanPaid)),
            (0, Some(DeclineReason::MoreThanPaid)),
            (700, None),
        ] {
            let answer = give_back((&mut terminal, &mut line), &mut card, amount, &reference).await;
            assert_eq!(answer, expected, "{amount}");
        }
        assert_eq!(scene.balance(&card), 100_000);
        // Nothing is left: the supervisor is not even asked.
        let purpose = SupervisorPurpose::Refund { reference: reference.clone() };
        let refused = terminal.agree(&mut line, CODE, purpose).await;
        assert_eq!(refused, Err(SupervisorFault::NotRefundable));
    }
}

#[tokio::test]
async fn a_grant_is_used_up_by_the_refund_it_was_given_for_and_by_nothing_else() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let (mut terminal, mut line) = shop(&scene).await;
    let mut other = scene.terminal().await;
    let mut other_line = other.connect().await.unwrap();
    let (paid, paid_too) =
        (terminal.buy(&mut line, &mut card, 1000).await, terminal.buy(&mut line, &mut card, 1000).await);
    let grant = agreed(&mut terminal, &mut line, &paid).await;
    let history = terminal.agree(&mut line, CODE, SupervisorPurpose::MerchantHistory).await.unwrap();
    let needed = Some(DeclineReason::SupervisorRequired);
    for (reference, shown) in [
        (&paid_too, &grant),
        (&paid, &history),
        (&paid, &Sealed::default()),
        (&paid, &Sealed::new(&[9; 16]).unwrap()),
    ] {
        let message = terminal.refund(&mut card, 100, reference, shown);
        assert_eq!(outcome(&terminal.ask(&mut line, &message).await), needed);
    }
    let message = other.refund(&mut card, 100, &paid, &grant);
    assert_eq!(outcome(&other.ask(&mut other_line, &message).await), needed);
    // A refund that is declined leaves it, one that is approved takes it.
    let message = terminal.refund(&mut card, 1001, &paid, &grant);
    let declined = outcome(&terminal.ask(&mut line, &message).await);
    assert_eq!(declined, Some(DeclineReason::MoreThanPaid));
    let message = terminal.refund(&mut card, 100, &paid, &grant);
    let approved = terminal.ask(&mut line, &message).await;
    assert_eq!(outcome(&approved), None);
    assert_eq!(terminal.ask(&mut line, &message).await, approved, "asked again, it is answered again");
    let message = terminal.refund(&mut card, 100, &paid, &grant);
    assert_eq!(outcome(&terminal.ask(&mut line, &message).await), needed);

    let grant = agreed(&mut terminal, &mut line, &paid).await;
    scene.clock.advance(Duration::from_secs(301));
    let message = terminal.refund(&mut card, 100, &paid, &grant);
    assert_eq!(outcome(&terminal.ask(&mut line, &message).await), needed);
    assert_eq!(scene.balance(&card), 100_000 - 1900);
}

#[tokio::test]
async fn only_a_paid_purchase_of_this_business_on_this_card_is_given_back() {
    let mut card = Card::mastercard();
    let (mut wife_s, mut unknown) = (Card::visa(), Card::new("5413330089029999", Version::Mastercard16));
    let scene = Scene::start(&[card.clone(), wife_s.clone()]);
    let (mut terminal, mut line) = shop(&scene).await;
    let mut stranger = scene.terminal_of("Barnatorja Ilir").await;
    let mut stranger_line = stranger.connect().await.unwrap();
    assert_eq!(stranger.define(&mut stranger_line, CODE).await, AdminAnswer::SupervisorDefined);
    let reference = terminal.buy(&mut line, &mut card, 1000).await;

    let other_card = give_back((&mut terminal, &mut line), &mut wife_s, 100, &reference).await;
    assert_eq!(other_card, Some(DeclineReason::OtherCard));
    let unknown_card = give_back((&mut terminal, &mut line), &mut unknown, 100, &reference).await;
    assert_eq!(unknown_card, Some(DeclineReason::UnknownCard));
    let purpose = SupervisorPurpose::Refund { reference: reference.clone() };
    let refused = stranger.agree(&mut stranger_line, CODE, purpose).await;
    assert_eq!(refused, Err(SupervisorFault::NotRefundable));

    // A refund is no purchase, nor is what was declined or what was taken back.
    let grant = agreed(&mut terminal, &mut line, &reference).await;
    let message = terminal.refund(&mut card, 100, &reference, &grant);
    let HostAnswer::Approved { reference: refund, .. } = terminal.ask(&mut line, &message).await else {
        panic!("not approved")
    };
    let message = terminal.purchase(&mut card, 500_000, Pin::None);
    let HostAnswer::Declined { reference: declined, .. } = terminal.ask(&mut line, &message).await else {
        panic!("not declined")
    };
    let taken_back = terminal.buy(&mut line, &mut card, 500).await;
    let grant = agreed(&mut terminal, &mut line, &taken_back).await;
    let reversal = terminal.reversal(terminal.next_sequence - 1, terminal.head);
    assert!(matches!(terminal.ask(&mut line, &reversal).await, HostAnswer::Reversed { .. }));
    let message = terminal.refund(&mut card, 100, &taken_back, &grant);
    let after = outcome(&terminal.ask(&mut line, &message).await);
    assert_eq!(after, Some(DeclineReason::NotRefundable));
    for reference in [refund, declined, taken_back] {
        let purpose = SupervisorPurpose::Refund { reference };
        let refused = terminal.agree(&mut line, CODE, purpose).await;
        assert_eq!(refused, Err(SupervisorFault::NotRefundable));
    }
    assert_eq!(scene.balance(&card), 100_000 - 900);
}

#[tokio::test]
async fn a_card_proves_itself_to_get_its_money_back_and_may_have_expired() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let (mut terminal, mut line) = shop(&scene).await;
    let reference = terminal.buy(&mut line, &mut card, 1000).await;
    let number = |terminal: &Terminal| u32::try_from(terminal.next_sequence).unwrap();
    for (kind, cid, expected) in [
        (TransactionKind::Refund, CID_TC, Some(DeclineReason::CryptogramRefused)),
        (TransactionKind::Purchase, CID_ARQC, Some(DeclineReason::DataMismatch)),
        (TransactionKind::Refund, CID_ARQC, None),
        (TransactionKind::Refund, CID_AAC, None),
    ] {
        let grant = agreed(&mut terminal, &mut line, &reference).await;
        let mut sale = terminal.refund_sale(&mut card, 100, &reference, &grant);
        sale.request.de55 = card.tap_for(100, number(&terminal), kind, cid).de55;
        let message = terminal.sign(HostRequest::Authorise(sale.request));
        assert_eq!(outcome(&terminal.ask(&mut line, &message).await), expected, "{kind:?} {cid:02X}");
    }
    // The same cryptogram again is a copy; one for a purchase is none.
    let grant = agreed(&mut terminal, &mut line, &reference).await;
    let mut copy =
        terminal.refund_sale(&mut Card { atc: card.atc - 1, ..card.clone() }, 100, &reference, &grant);
    copy.request.transaction_number = number(&terminal);
    let message = terminal.sign(HostRequest::Authorise(copy.request));
    let copied = outcome(&terminal.ask(&mut line, &message).await);
    assert_eq!(copied, Some(DeclineReason::CryptogramRefused));
    let mut declining = terminal.sale(&mut card, 100, Pin::None).request;
    declining.de55 = card.tap_for(100, number(&terminal), TransactionKind::Purchase, CID_AAC).de55;
    let message = terminal.sign(HostRequest::Authorise(declining));
    let no_arqc = outcome(&terminal.ask(&mut line, &message).await);
    assert_eq!(no_arqc, Some(DeclineReason::CryptogramRefused));

    // The card is good until the end of 2039.
    scene.clock.advance(Duration::from_hours(20 * 366 * 24));
    terminal.fetch_ticket(&mut line).await;
    let message = terminal.purchase(&mut card, 100, Pin::None);
    assert_eq!(outcome(&terminal.ask(&mut line, &message).await), Some(DeclineReason::Expired));
    assert_eq!(give_back((&mut terminal, &mut line), &mut card, 100, &reference).await, None);
    assert_eq!(scene.balance(&card), 100_000 - 700);

    // A purchase that names a purchase, and a refund that names none.
    let grant = agreed(&mut terminal, &mut line, &reference).await;
    let refund = terminal.refund_sale(&mut card, 100, &reference, &grant).request;
    let mut purchase = refund.clone();
    purchase.kind = TransactionKind::Purchase;
    let mut of_nothing = refund;
    of_nothing.refund = None;
    for request in [purchase, of_nothing] {
        let (message, _) = terminal.sign_content(&terminal.content(HostRequest::Authorise(request)));
        let refused = terminal.ask(&mut line, &message).await;
        assert_eq!(refused, HostAnswer::Refused(HostRefusal::NotAllowed));
    }
}

#[tokio::test]
async fn a_refund_that_is_taken_back_may_be_made_again_and_what_was_spent_is_owed() {
    let mut card = Card { balance: 1000, ..Card::mastercard() };
    let scene = Scene::start(std::slice::from_ref(&card));
    let (mut terminal, mut line) = shop(&scene).await;
    let reference = terminal.buy(&mut line, &mut card, 1000).await;
    assert_eq!(give_back((&mut terminal, &mut line), &mut card, 1000, &reference).await, None);
    let (sequence, hash) = (terminal.next_sequence - 1, terminal.head);
    assert_eq!(scene.balance(&card), 1000);
    // The customer spends it before the terminal takes it back.
    terminal.buy(&mut line, &mut card, 600).await;
    let reversal = terminal.reversal(sequence, hash);
    for _ in 0..2 {
        assert!(matches!(terminal.ask(&mut line, &reversal).await, HostAnswer::Reversed { .. }));
        assert_eq!(scene.balance(&card), 0);
    }
    // 600 are owed: what comes pays that first.
    assert_eq!(give_back((&mut terminal, &mut line), &mut card, 700, &reference).await, None);
    assert_eq!(scene.balance(&card), 100);
    assert_eq!(give_back((&mut terminal, &mut line), &mut card, 300, &reference).await, None);
    assert_eq!(scene.balance(&card), 400);
}

#[tokio::test]
async fn a_purchase_that_is_taken_back_gives_what_is_left_of_it() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let (mut terminal, mut line) = shop(&scene).await;
    let mut other = scene.terminal().await;
    let mut other_line = other.connect().await.unwrap();
    // The answer is lost; at the next till the purchase is in the history and is given back in part.
    let reference = terminal.buy(&mut line, &mut card, 1000).await;
    assert_eq!(give_back((&mut other, &mut other_line), &mut card, 300, &reference).await, None);
    let (sequence, hash) = (other.next_sequence - 1, other.head);
    let reversal = terminal.reversal(terminal.next_sequence - 1, terminal.head);
    assert!(matches!(terminal.ask(&mut line, &reversal).await, HostAnswer::Reversed { .. }));
    assert_eq!(scene.balance(&card), 100_000);
    // The refund went with it: taken back once more, nothing moves.
    let reversal = other.reversal(sequence, hash);
    assert!(matches!(other.ask(&mut other_line, &reversal).await, HostAnswer::Reversed { .. }));
    assert_eq!(scene.balance(&card), 100_000);
    assert!(scene.console.sales(10).unwrap().iter().all(|sale| sale.reversed));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_terminals_that_refund_the_same_purchase_at_once_one_does() {
    for _ in 0..8 {
        let mut card = Card::mastercard();
        let scene = Scene::start(std::slice::from_ref(&card));
        let (mut terminal, mut line) = shop(&scene).await;
        let mut other = scene.terminal().await;
        let mut other_line = other.connect().await.unwrap();
        let reference = terminal.buy(&mut line, &mut card, 1000).await;
        let grant = agreed(&mut terminal, &mut line, &reference).await;
        let other_grant = agreed(&mut other, &mut other_line, &reference).await;
        let first = terminal.refund(&mut card, 600, &reference, &grant);
        let second = other.refund(&mut card, 600, &reference, &other_grant);
        let (first, second) =
            tokio::join!(terminal.ask(&mut line, &first), other.ask(&mut other_line, &second));
        let approved = [first, second].iter().filter(|answer| outcome(answer).is_none()).count();
        // Whichever was first; when it was the second, the first's card counter is an old one.
        assert_eq!(approved, 1);
        assert_eq!(scene.balance(&card), 100_000 - 400);
    }
}
