//! The actor: each receipt asked for comes back with its text, whole.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use mpos_protocol::{
    ActorId, Amount, Bytes, Currency, Flow, Moment, Text, actor,
    card::{CardScheme, Cvm, MaskedPan, TransactionKind},
    inbox,
    sale::{
        Receipt, ReceiptCard, ReceiptNumber, SaleOutcome,
        messages::{MakeReceipt, ReceiptMade},
    },
    supervision::{DeliveryFailed, DeliveryFault},
    terminal::TerminalId,
};
use mpos_receipt_sender::ReceiptSender;
use mpos_runtime::{Step, step, step_undelivered};

const FLOW: Flow = Flow(4);

/// Every field as long as it may be.
fn longest(outcome: SaleOutcome) -> Receipt {
    let filled = |length: usize| "m".repeat(length);
    Receipt {
        bank: Text::new(&filled(64)).unwrap(),
        outcome,
        currency: Currency::Eur,
        amount: Amount::MAX,
        receipt: Some(ReceiptNumber(u32::MAX)),
        at: Moment { unix_ms: u64::MAX, utc_offset_s: i32::MAX, uptime_ms: u64::MAX },
        reference: Some(Text::new(&filled(12)).unwrap()),
        terminal: TerminalId(u32::MAX),
        card: Some(ReceiptCard {
            pan: MaskedPan(u16::MAX),
            scheme: CardScheme::VisaElectron,
            aid: Bytes::new(&[0xA0; 16]).unwrap(),
            cvm: Cvm::Pin,
        }),
        auth_code: Some(Text::new(&filled(6)).unwrap()),
        kind: TransactionKind::Purchase,
        refund_of: None,
        cause: None,
        reason: Some(Text::new(&filled(160)).unwrap()),
        next: Some(Text::new(&filled(160)).unwrap()),
    }
}

fn ask(receipt: &Receipt) -> Step {
    let make = inbox::ReceiptSender::MakeReceipt(MakeReceipt { receipt: receipt.clone() });
    step(&mut ReceiptSender, Moment::default(), FLOW, make)
}

fn made(receipt: &Receipt) -> ReceiptMade {
    let step = ask(receipt);
    assert_eq!((step.sent.len(), step.sent[0].flow()), (1, FLOW));
    match step.sent[0].decode::<actor::Till>().unwrap() {
        inbox::Till::ReceiptMade(made) => made,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_longest_receipt_is_laid_out_whole_and_comes_back_with_its_sale() {
    for outcome in [
        SaleOutcome::Approved,
        SaleOutcome::Declined,
        SaleOutcome::TryAnotherCard,
        SaleOutcome::Reversed,
        SaleOutcome::Unknown,
        SaleOutcome::Cancelled,
    ] {
        let receipt = longest(outcome);
        let ReceiptMade { receipt: returned, text } = made(&receipt);
        assert_eq!(returned, receipt);
        assert!(text.ends_with(&format!("{}\n", receipt.next.as_deref().unwrap())), "{text}");
        assert_eq!(text.lines().count(), 13);
    }
}

#[test]
fn each_outcome_has_a_headline_of_its_own() {
    let headline = |outcome| made(&longest(outcome)).text.lines().nth(1).unwrap().to_owned();
    let mut headlines = [
        SaleOutcome::Approved,
        SaleOutcome::Declined,
        SaleOutcome::TryAnotherCard,
        SaleOutcome::Reversed,
        SaleOutcome::Unknown,
        SaleOutcome::Cancelled,
    ]
    .map(headline)
    .to_vec();
    headlines.sort();
    headlines.dedup();
    assert_eq!(headlines.len(), 6);
}

#[test]
fn no_receipt_shows_more_of_the_card_than_its_last_four_digits() {
    let mut receipt = longest(SaleOutcome::Approved);
    receipt.card.as_mut().unwrap().pan = MaskedPan(36);
    assert!(made(&receipt).text.contains("Card              ***0036\n"));
}

#[test]
fn a_till_without_room_is_told_that_the_receipt_was_lost() {
    let sent = ask(&longest(SaleOutcome::Approved)).sent;
    let step = step_undelivered(&mut ReceiptSender, Moment::default(), &sent[0], DeliveryFault::Full);
    let failed = DeliveryFailed {
        from: ActorId::ReceiptSender,
        to: ActorId::Till,
        message: Text::clipped("ReceiptMade"),
        cause: DeliveryFault::Full,
    };
    assert_eq!(step.sent[0].decode::<actor::Till>().unwrap(), inbox::Till::DeliveryFailed(failed));
}
