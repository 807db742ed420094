//! A payment, from the amount to its result.

use crate::support::{NOW, Shop, amount, approved, not_approved};
use mpos_protocol::{
    Amount,
    admin::{AdminAnswer, Language},
    card::{TapFault, TapMessage},
    inbox,
    link::{LineFault, NotSent},
    sale::{Cause, DeclineReason, Receipt, SaleOutcome},
    screen::{Act, Node, ScreenEvent, Sound, TextStyle},
    shell::{BeginPurchase, Refusal, RequestRefused, SaleProgress},
};
use mpos_screens::ToTerminal;

fn progress(progress: SaleProgress) -> inbox::Shell {
    inbox::Shell::SaleProgress(progress)
}

fn tapping() -> Shop {
    let mut shop = Shop::open();
    shop.begin_payment(&["1", "2", "3"]);
    assert_eq!(shop.sent(), ToTerminal::BeginPurchase(BeginPurchase { amount: amount(123) }));
    shop.hear(progress(SaleProgress::TapCard { amount: amount(123), seconds_left: 27 }));
    shop.at("payment.tap");
    shop
}

fn refused(refusal: Refusal) -> inbox::Shell {
    let reason = mpos_protocol::Text::clipped("in English");
    inbox::Shell::RequestRefused(RequestRefused { refusal, reason })
}

fn lit(shop: &Shop) -> Option<u8> {
    shop.screen().nodes.iter().find_map(|node| match node {
        Node::Lights { lit } => Some(*lit),
        _ => None,
    })
}

#[test]
fn the_amount_is_typed_in_cents() {
    let mut shop = Shop::open();
    shop.press("payment");
    shop.says(TextStyle::Amount, "EUR 0.00");
    assert!(!shop.can_press("next"));
    shop.keys(&["1", "2", "3", "0"]);
    shop.says(TextStyle::Amount, "EUR 12.30");
    shop.keys(&["Erase"]);
    shop.says(TextStyle::Amount, "EUR 1.23");
    shop.keys(&["Clear"]);
    shop.says(TextStyle::Amount, "EUR 0.00");
    shop.keys(&["9"; 14]);
    shop.says(TextStyle::Amount, "EUR 9999999999.99");
}

#[test]
fn a_card_is_tapped_and_the_result_has_every_field_of_the_brochure_in_its_order() {
    let mut shop = tapping();
    shop.says(TextStyle::Heading, "ProCredit Bank");
    shop.says(TextStyle::Prompt, "Tap your card");
    shop.says(TextStyle::Amount, "EUR 1.23");
    let countdown = shop.screen().nodes.iter().any(
        |node| matches!(node, Node::Countdown { seconds_left: 27, seconds_total: 30, text } if &**text == "27 seconds left"),
    );
    let marks = shop.screen().nodes.iter().any(|node| matches!(node, Node::Marks(marks) if marks.len() == 2));
    assert!(countdown && marks);
    assert_eq!(lit(&shop), Some(1));
    let number = shop.screen().number;
    shop.hear(progress(SaleProgress::TapCard { amount: amount(123), seconds_left: 26 }));
    assert_eq!(shop.screen().number, number, "a second less is the same place");
    shop.hear(progress(SaleProgress::Card(TapMessage::HoldCard)));
    shop.hear(progress(SaleProgress::Card(TapMessage::CardReadOk)));
    shop.says(TextStyle::Prompt, "Take the card away");
    assert_eq!(lit(&shop), Some(4));
    assert_eq!(shop.screen().tone.unwrap().sound, Sound::Success);
    for (step, words) in
        [(SaleProgress::Connecting, "Connecting to the bank"), (SaleProgress::Online, "Waiting for the bank")]
    {
        shop.hear(progress(step));
        shop.says(TextStyle::Prompt, words);
        assert!(!shop.can_press("cancel"), "the bank is asked");
    }
    shop.end_sale(approved());
    shop.at("result.approved");
    let seen: Vec<String> = shop
        .screen()
        .nodes
        .iter()
        .flat_map(|node| match node {
            Node::Text { text, .. } => vec![text.to_string()],
            Node::Fields(fields) => {
                fields.iter().map(|field| format!("{}: {}", field.label, field.value)).collect()
            }
            Node::Buttons(buttons) => buttons.iter().map(|button| button.label.to_string()).collect(),
            _ => Vec::new(),
        })
        .collect();
    assert_eq!(
        seen,
        [
            "ProCredit Bank",
            "Approved",
            "EUR 1.23",
            "Receipt: 000017",
            "2022-10-24 16:30:40",
            "Reference number: 4864FC149502",
            "Terminal ID: TM000016",
            "Card: ***0036",
            "Auth Code: 252095",
            "Card type: Mastercard",
            "Transaction Type: Purchase",
            "SMS Receipt",
            "Done",
        ]
    );
    shop.press("done");
    shop.at("menu");
}

#[test]
fn a_cancelled_payment_stays_until_the_till_has_ended_it() {
    let mut shop = tapping();
    shop.press("cancel");
    assert!(matches!(shop.sent(), ToTerminal::CancelFlow(_)));
    shop.at("payment.tap");
    assert!(!shop.can_press("cancel"), "once is enough");
    shop.act(Act::Back);
    shop.at("payment.tap");
    shop.end_sale(not_approved(SaleOutcome::Cancelled, Cause::Tap(TapFault::Cancelled)));
    shop.at("result.cancelled");
    shop.says(TextStyle::Body, "The sale was cancelled.");
    shop.says(TextStyle::Body, "Nothing was charged.");
}

#[test]
fn what_may_be_tried_again_begins_with_the_same_amount_and_what_is_not_settled_may_not() {
    for (outcome, cause, name, again) in [
        (SaleOutcome::Declined, Cause::Declined(DeclineReason::InsufficientFunds), "result.declined", true),
        (SaleOutcome::TryAnotherCard, Cause::Tap(TapFault::NoCommonApplication), "result.another", true),
        (SaleOutcome::Reversed, Cause::Reversed, "result.reversed", true),
        (
            SaleOutcome::Cancelled,
            Cause::NotSent(NotSent::Line(LineFault::TimedOut)),
            "result.cancelled",
            true,
        ),
        (SaleOutcome::Unknown, Cause::Unknown, "result.unknown", false),
    ] {
        let mut shop = tapping();
        shop.end_sale(not_approved(outcome, cause));
        shop.at(name);
        assert_eq!(shop.can_press("again"), again, "{outcome:?}");
        assert!(!shop.can_press("sms"), "only what was paid has a receipt");
        if again {
            shop.press("again");
            shop.at("payment.amount");
            shop.says(TextStyle::Amount, "EUR 1.23");
        }
    }
}

#[test]
fn a_card_that_is_wanted_again_is_asked_for_with_the_alert() {
    let mut shop = tapping();
    let mut tones = 0;
    for (message, words) in [
        (TapMessage::PresentCardAgain, "Hold the card to the device again"),
        (TapMessage::OneCardOnly, "One card only"),
        (TapMessage::SeePhone, "See your phone"),
    ] {
        shop.hear(progress(SaleProgress::Card(message)));
        shop.says(TextStyle::Prompt, words);
        let tone = shop.screen().tone.unwrap();
        assert_eq!(tone.sound, Sound::Alert);
        assert!(tone.number > tones, "each tone has a number of its own");
        tones = tone.number;
    }
}

#[test]
fn a_request_that_is_refused_gives_the_amount_back_with_the_reason() {
    let mut shop = Shop::open();
    shop.begin_payment(&["1", "2", "3"]);
    shop.sent();
    shop.hear(refused(Refusal::AmountOverLimit));
    shop.at("payment.amount");
    shop.says(TextStyle::Amount, "EUR 1.23");
    shop.says(TextStyle::Failure, "above what one sale on this terminal may be");
    shop.keys(&["Erase"]);
    assert!(shop.texts(TextStyle::Failure).is_empty());
}

#[test]
fn a_till_that_forgot_a_sale_sends_the_merchant_to_the_last_receipt() {
    let mut shop = tapping();
    shop.hear(refused(Refusal::Interrupted));
    shop.says(TextStyle::Failure, "Look at the last receipt");
}

/// What a till tells that was started anew and learns nothing.
fn of_nothing_known() -> Receipt {
    let unknown = not_approved(SaleOutcome::Unknown, Cause::Unknown);
    Receipt { receipt: None, reference: None, card: None, amount: Amount::default(), ..unknown }
}

#[test]
fn a_till_that_knows_nothing_ends_the_sale_that_is_seen_as_unknown_with_its_amount() {
    let mut shop = tapping();
    shop.end_sale(of_nothing_known());
    shop.at("result.unknown");
    assert!(shop.texts(TextStyle::Amount).iter().any(|amount| amount == "EUR 1.23"), "{:?}", shop.screen());
}

#[test]
fn a_till_that_knows_nothing_shows_no_sale_where_none_is_seen() {
    let mut shop = Shop::open();
    shop.end_sale(of_nothing_known());
    shop.at("menu");
    shop.press("settings");
    shop.press("probe");
    shop.asked();
    shop.end_sale(of_nothing_known());
    shop.at("settings");
    shop.says(TextStyle::Failure, "Try again");
}

#[test]
fn a_second_press_of_next_is_of_a_place_that_was_left() {
    let mut shop = Shop::open();
    shop.press("payment");
    shop.keys(&["1"]);
    let next =
        ScreenEvent { screen: shop.screen().number, act: Act::Press(mpos_protocol::Text::clipped("next")) };
    shop.event(next.clone());
    shop.event(next);
    assert_eq!(shop.sent.len(), 1);
}

#[test]
fn a_sale_waits_for_a_question_whose_place_was_left_and_can_be_taken_back_meanwhile() {
    let mut shop = Shop::open();
    shop.press("settings");
    shop.press("probe");
    shop.asked();
    shop.act(Act::Back);
    shop.begin_payment(&["1"]);
    shop.at("payment.starting");
    assert!(shop.sent.is_empty(), "the till is still asking");
    shop.press("cancel");
    shop.at("payment.amount");
    shop.press("next");
    shop.answer(AdminAnswer::SupervisorState { defined: true });
    assert_eq!(shop.sent(), ToTerminal::BeginPurchase(BeginPurchase { amount: amount(1) }));
}

#[test]
fn a_sale_that_the_till_has_in_progress_is_shown_wherever_the_merchant_is() {
    let mut shop = Shop::open();
    shop.press("history");
    shop.hear(progress(SaleProgress::Reversing));
    shop.at("payment.bank");
    shop.says(TextStyle::Warning, "taking it back");
    shop.end_sale(not_approved(SaleOutcome::Reversed, Cause::Reversed));
    shop.at("result.reversed");
}

#[test]
fn an_end_that_is_told_twice_is_shown_once() {
    let mut shop = tapping();
    shop.end_sale(approved());
    shop.press("done");
    shop.end_sale(approved());
    shop.at("menu");
}

#[test]
fn a_page_that_is_loaded_anew_sees_where_the_terminal_is_and_pays_nothing_twice() {
    let mut shop = tapping();
    let before = shop.screen().clone();
    let effects = shop.screens.act(NOW, ScreenEvent { screen: 0, act: Act::ShellReady });
    assert_eq!(effects.screen.as_ref(), Some(&before));
    assert!(effects.messages.is_empty());
}

#[test]
fn every_cause_is_said_with_what_to_do_in_every_language() {
    for (outcome, cause) in [
        (SaleOutcome::Declined, Cause::Declined(DeclineReason::CardBlocked)),
        (SaleOutcome::Cancelled, Cause::NotSent(NotSent::KeyUnavailable)),
        (SaleOutcome::Cancelled, Cause::Refused(mpos_protocol::host::HostRefusal::BrokenChain)),
        (SaleOutcome::Cancelled, Cause::NotSent(NotSent::Store(mpos_protocol::book::StoreFault::Full))),
        (SaleOutcome::Cancelled, Cause::Interrupted),
    ] {
        let mut said = Vec::new();
        for language in Language::ALL {
            let mut shop = Shop::new(language);
            shop.end_sale(not_approved(outcome, cause));
            // The reason, what to do, and the date of the receipt.
            let body = shop.texts(TextStyle::Body);
            assert_eq!(body.len(), 3, "{cause:?} {body:?}");
            said.push(body);
        }
        assert!(said[0][0] != said[1][0] && said[1][0] != said[2][0], "{said:?}");
    }
}
