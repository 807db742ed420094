//! A refund, in its three steps.

use crate::support::{NOW, Shop, amount, approved, grant, page, text, transaction};
use mpos_protocol::{
    admin::{AdminAnswer, SupervisorFault, SupervisorPurpose, TransactionResult},
    card::TransactionKind,
    inbox,
    sale::{Cause, DeclineReason, Receipt, SaleOutcome},
    screen::{Act, Node, TextStyle},
    shell::{BankAsk, BeginRefund, Refusal, RequestRefused, SaleProgress},
};
use mpos_screens::ToTerminal;

/// At the details of a purchase of 3.63, of which 1.00 was given back before.
fn details() -> Shop {
    let mut shop = Shop::open();
    shop.press("history");
    shop.press("generate");
    shop.asked();
    let mut purchase = transaction(1);
    purchase.refunded = 100;
    let mut declined = transaction(2);
    declined.result = TransactionResult::Declined { reason: DeclineReason::Expired };
    shop.answer(page(vec![purchase, declined], 2, None));
    shop.act(Act::Open(text("4864FC000001")));
    shop.at("history.details");
    shop
}

fn asking_code() -> Shop {
    let mut shop = details();
    shop.press("refund");
    shop.at("refund.code");
    shop.says(TextStyle::Heading, "Step 1 of 3");
    shop
}

#[test]
fn a_purchase_is_given_back_in_three_steps() {
    let mut shop = asking_code();
    assert_eq!(&*shop.input("amount").value, "2.63", "all that is left, unless another amount is typed");
    shop.type_into("amount", "1,50");
    shop.type_into("code", "4711");
    shop.press("next");
    let reference = text("4864FC000001");
    let ask = shop.asked();
    let BankAsk::CheckSupervisorCode { code, purpose } = ask else { panic!("{ask:?}") };
    assert_eq!(&**code.expose(), "4711");
    assert_eq!(purpose, SupervisorPurpose::Refund { reference: text("4864FC000001") });
    shop.answer(AdminAnswer::Granted { grant: grant(), seconds: 300 });
    let begun = BeginRefund { reference, amount: amount(150), grant: grant() };
    assert_eq!(shop.sent(), ToTerminal::BeginRefund(begun));
    shop.hear(inbox::Shell::SaleProgress(SaleProgress::TapCard { amount: amount(150), seconds_left: 27 }));
    shop.at("payment.tap");
    for (style, words) in [
        (TextStyle::Heading, "ProCredit Bank"),
        (TextStyle::Heading, "Step 2 of 3"),
        (TextStyle::Prompt, "Tap your card"),
        (TextStyle::Amount, "EUR 1.50"),
    ] {
        shop.says(style, words);
    }
    assert!(shop.can_press("cancel"));
    assert!(shop.screen().nodes.iter().any(|node| matches!(node, Node::Countdown { seconds_left: 27, .. })));
    let kind = TransactionKind::Refund;
    shop.end_sale(Receipt { kind, refund_of: Some(text("4864FC000001")), ..approved() });
    shop.at("result.approved");
    shop.says(TextStyle::Heading, "Step 3 of 3");
    assert!(shop.fields().contains(&("Transaction Type".to_owned(), "Refund".to_owned())));
    shop.press("done");
    shop.at("menu");
}

#[test]
fn more_than_is_left_is_refused_at_once_with_what_is_left() {
    let mut shop = asking_code();
    shop.type_into("code", "4711");
    for (typed, reason) in [
        ("2.64", "at most EUR 2.63"),
        ("0", "is zero"),
        ("-1", "negative"),
        ("1.234", "two decimals"),
        ("one", "not an amount"),
        ("99999999999999", "more than a card transaction"),
    ] {
        shop.type_into("amount", typed);
        shop.press("next");
        assert!(shop.error_of("amount").contains(reason), "{typed}: {}", shop.error_of("amount"));
        assert_eq!(&*shop.input("amount").value, typed);
    }
    assert!(shop.sent.is_empty());
}

#[test]
fn a_wrong_code_is_said_with_the_tries_left_and_a_lock_with_the_time_left() {
    let mut shop = asking_code();
    shop.press("next");
    assert!(shop.error_of("code").contains("4 to 8 digits"));
    shop.type_into("code", "4712");
    shop.press("next");
    shop.asked();
    shop.answer(AdminAnswer::SupervisorRefused(SupervisorFault::Wrong { tries_left: 1 }));
    shop.says(TextStyle::Failure, "one more try");
    assert_eq!((shop.input("code").filled, &*shop.input("amount").value), (0, "2.63"));
    shop.type_into("code", "4712");
    shop.press("next");
    shop.asked();
    shop.answer(AdminAnswer::SupervisorRefused(SupervisorFault::Locked { seconds: 300 }));
    shop.says(TextStyle::Failure, "Wait 5:00");
    shop.pass(61);
    shop.says(TextStyle::Failure, "Wait 3:59");
}

#[test]
fn a_refund_that_the_till_does_not_begin_is_back_at_its_first_step() {
    let mut shop = asking_code();
    shop.type_into("code", "4711");
    shop.press("next");
    shop.asked();
    shop.answer(AdminAnswer::Granted { grant: grant(), seconds: 300 });
    shop.sent();
    let refused = RequestRefused { refusal: Refusal::Busy, reason: text("in English") };
    shop.hear(inbox::Shell::RequestRefused(refused));
    shop.at("refund.code");
    shop.says(TextStyle::Failure, "Another sale is in progress");
    assert_eq!(shop.input("code").filled, 0, "the code is typed anew");
}

#[test]
fn a_refund_that_is_declined_says_that_nothing_was_given_back() {
    for (reason, words) in [
        (DeclineReason::OtherCard, "This is not the card that paid."),
        (DeclineReason::MoreThanPaid, "more than what is left"),
        (DeclineReason::Expired, "The card has expired."),
    ] {
        let mut shop = Shop::open();
        shop.end_sale(Receipt {
            kind: TransactionKind::Refund,
            outcome: SaleOutcome::Declined,
            cause: Some(Cause::Declined(reason)),
            ..approved()
        });
        shop.says(TextStyle::Body, words);
        shop.says(TextStyle::Body, "Nothing was given back.");
        assert!(!shop.can_press("again"), "a refund begins with the supervisor");
    }
}

#[test]
fn only_an_approved_purchase_with_something_left_is_offered_for_refund() {
    let mut shop = details();
    assert!(shop.can_press("refund") && shop.can_press("sms"));
    assert!(shop.fields().contains(&("Left".to_owned(), "EUR 2.63".to_owned())));
    shop.act(Act::Back);
    shop.act(Act::Open(text("4864FC000002")));
    assert!(!shop.can_press("refund") && !shop.can_press("sms"));
    shop.says(TextStyle::Body, "The card has expired.");
    assert_eq!(NOW.unix_ms, shop.now.unix_ms);
}

#[test]
fn cancel_and_back_lead_to_the_purchase() {
    let mut shop = asking_code();
    shop.press("cancel");
    shop.at("history.details");
    shop.press("refund");
    shop.act(Act::Back);
    shop.at("history.details");
}
