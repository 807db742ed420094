//! Payments, from the amount to the result.

use crate::{
    demo::Demo,
    user::{BACKSPACE, ENTER, ESCAPE, TAB, User},
};

fn seconds_left(user: &User) -> u32 {
    user.wait_for("the countdown", || {
        let text = user.text_of("//*[@id='app']//*[@role='timer']")?;
        text.split_whitespace().next()?.parse().ok()
    })
}

#[test]
fn a_payment_without_pin_is_approved_with_every_field_of_the_receipt() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    user.sees("Main menu");
    user.keeps_picture("menu");
    user.presses("New payment");
    user.presses("1");
    user.presses("2");
    user.presses("3");
    user.sees("EUR 1.23");
    user.keeps_picture("amount");
    user.presses("Next");
    user.sees("Tap your card");
    user.sees("EUR 1.23");
    assert!(seconds_left(&user) <= 30);
    user.keeps_picture("tap");
    user.holds("mastercard");
    user.sees("Approved");
    user.keeps_picture("approved");
    for (label, value) in [
        ("Receipt", "000002"),
        ("Terminal ID", "TM000016"),
        ("Card", "***0036"),
        ("Card type", "Mastercard"),
        ("Transaction Type", "Purchase"),
    ] {
        assert_eq!(user.field(label), value, "{label}");
    }
    assert_eq!(user.field("Reference number").len(), 12);
    assert_eq!(user.field("Auth Code").len(), 6);
    user.presses("Done");
    user.sees("Main menu");
    assert_eq!(
        user.browser.complaints(),
        [""; 0],
        "a script complained, or the page's policy refused something"
    );
}

#[test]
fn a_pin_is_asked_for_above_40_euro_and_shown_as_dots() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    user.begins_payment("4001");
    user.holds("visa");
    user.sees("Enter the PIN");
    user.types_pin("1234");
    user.sees("●●●●");
    user.keeps_picture("pin");
    user.presses("OK");
    user.sees("Approved");
    assert_eq!(user.field("Card type"), "VISA");
    user.presses("Done");
    // At the limit itself none is asked for.
    user.pays("4000", "visa", "Approved");
}

#[test]
fn a_declined_payment_says_so_and_what_to_do() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    user.pays("200", "insufficient-funds", "Declined");
    user.keeps_picture("declined");
    assert!(!user.reads().contains("Approved"));
    user.presses("Done");
    user.sees("Main menu");
}

#[test]
fn the_countdown_runs_and_cancel_ends_the_wait_with_nothing_charged() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    user.begins_payment("500");
    let first = seconds_left(&user);
    user.wait_for("a second less", || (seconds_left(&user) < first).then_some(()));
    user.presses("Cancel");
    user.sees("Cancelled");
    user.sees("Nothing was charged");
    user.presses("Done");
    user.pays("500", "maestro", "Approved");
}

#[test]
fn a_card_that_is_taken_away_too_early_can_be_tapped_again() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    user.begins_payment("300");
    user.holds("slow");
    user.clicks("//button[.='Take the card away']", "the card in the field");
    user.wait_for("the card being asked for again", || (!user.reads().contains("Result")).then_some(()));
    user.holds("mastercard");
    user.sees("Approved");
}

#[test]
fn the_keyboard_alone_makes_a_payment() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    user.sees("Main menu");
    // The primary button.
    user.browser.keys(ENTER);
    user.sees("Type the amount");
    user.browser.keys("5299");
    user.sees("EUR 52.99");
    user.browser.keys(&format!("{BACKSPACE}{BACKSPACE}00{ENTER}"));
    user.sees("Tap your card");
    user.sees("EUR 52.00");
    let card = "mastercard";
    for _key in 0..40 {
        user.browser.keys(TAB);
        let focused = user.browser.focused().and_then(|element| user.browser.text(&element).ok());
        if focused.is_some_and(|text| text.starts_with(&format!("{card}\n"))) {
            break;
        }
    }
    user.browser.keys(" ");
    user.sees("Enter the PIN");
    user.browser.keys(ESCAPE);
    user.sees("Cancelled");
    assert!(!user.reads().contains("Approved"));
}
