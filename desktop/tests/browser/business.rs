//! What a supervisor agrees to and what a customer takes home: the code, the history, refunds, receipts by SMS, files.

use crate::{
    activation::emailed_code,
    demo::{Demo, SUPERVISOR_CODE, activated_folder},
    user::User,
};
use serde_json::json;
use std::fs;

pub(crate) fn opens_history(user: &User) {
    user.presses("Transaction History");
    user.sees("Date Range");
}

fn opens_purchase(user: &User, amount: &str) {
    let row = format!("//*[@id='app']//ul//button[contains(., 'Purchase') and span[.='{amount}']]");
    user.clicks(&row, amount);
}

/// From the main menu to the details of today's purchase of this amount.
pub(crate) fn opens_details(user: &User, amount: &str) {
    opens_history(user);
    user.presses("Gjenero transaksionet");
    opens_purchase(user, amount);
    user.sees("Refund Transaction");
}

#[test]
fn a_supervisor_code_is_typed_twice_and_an_easy_one_is_refused_with_the_reason() {
    let demo = Demo::new();
    let user = User::of(&demo);
    let code = emailed_code(&user);
    user.types("Activation code", &code);
    user.presses("Next");
    user.sees("Define the supervisor code");
    user.keeps_picture("supervisor-code");
    let types = |first: &str, second: &str| {
        for (label, code) in [("Supervisor code", first), ("Supervisor code once more", second)] {
            user.browser.clear(&user.line(label));
            user.types(label, code);
        }
        user.presses("Confirm");
    };
    types("2345", "2345");
    user.sees("Digits in a row are easy to guess");
    types(SUPERVISOR_CODE, "2581");
    user.sees("The two codes are not the same");
    types(SUPERVISOR_CODE, SUPERVISOR_CODE);
    user.sees("The supervisor code is defined");
    user.sees("New payment");
}

#[test]
fn a_purchase_is_refunded_to_its_own_card_after_three_steps_and_only_once() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    user.pays("1250", "mastercard", "Approved");
    user.presses("Done");
    opens_details(&user, "12.50");
    user.keeps_picture("details");
    let refund = |code: &str, card: &str, result: &str| {
        user.presses("Refund Transaction");
        user.sees("Step 1 of 3");
        user.types("Supervisor code", code);
        user.presses("Next");
        user.sees("Step 2 of 3");
        user.sees("Tap your card");
        user.holds(card);
        user.sees("Step 3 of 3");
        user.sees(result);
    };
    // Another card is not the one that paid.
    refund(SUPERVISOR_CODE, "visa", "This is not the card that paid");
    user.presses("Done");
    opens_details(&user, "12.50");
    refund(SUPERVISOR_CODE, "mastercard", "Approved");
    user.keeps_picture("refund");
    assert_eq!(user.field("Transaction Type"), "Refund");
    user.presses("Done");
    opens_history(&user);
    user.presses("Gjenero transaksionet");
    opens_purchase(&user, "12.50");
    user.sees("Refunded");
    assert!(!user.reads().contains("Refund Transaction"), "all of it was given back");
}

#[test]
fn a_wrong_supervisor_code_gives_nothing_back() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    opens_details(&user, "1.00");
    user.presses("Refund Transaction");
    user.types("Supervisor code", "9073");
    user.presses("Next");
    user.sees("The supervisor code is wrong");
    assert!(user.reads().contains("Step 1 of 3"));
}

#[test]
fn a_receipt_arrives_on_the_customers_phone() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    user.pays("640", "visa", "Approved");
    user.presses("SMS Receipt");
    user.types("Phone number", "38344");
    user.presses("Send");
    user.sees("The number is too short");
    let line = user.line("Phone number");
    user.browser.clear(&line);
    user.types("Phone number", "38344123456");
    user.wait_for("the number in groups", || {
        let value = user.browser.script("arguments[1](arguments[0].value)", &json!([line.as_argument()]));
        (value == "383 44 123 456").then_some(())
    });
    user.keeps_picture("sms");
    user.presses("Send");
    user.sees("The receipt is on its way to 383 44 123 456");
    let phone = "//section[contains(h2, 'customer')]";
    let message = user.wait_for("the message", || user.text_of(phone).filter(|text| text.contains("6.40")));
    assert!(message.contains("SMS to 383 44 123 456"), "{message}");
}

#[test]
fn a_history_is_exported_and_a_place_that_cannot_be_written_is_told() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    opens_history(&user);
    user.keeps_picture("history-form");
    user.presses("Gjenero transaksionet");
    user.sees("1.00");
    user.keeps_picture("history");
    for (button, begins) in [("Export CSV", "Time,Terminal ID"), ("Export PDF", "%PDF-")] {
        user.presses(button);
        let ending = button.rsplit(' ').next().unwrap_or_default().to_lowercase();
        let link = format!("//section[h2='Saved by the phone']//a[contains(., '.{ending}')]");
        let name = user.wait_for(&link, || user.text_of(&link));
        user.sees(&format!("Saved: {name}"));
        let fetch =
            "fetch(arguments[0]).then((file) => file.text()).then((text) => arguments[1](text.slice(0, 60)))";
        let content = user.browser.script(fetch, &json!([format!("/phone/1/files/{name}")]));
        assert!(content.as_str().is_some_and(|text| text.starts_with(begins)), "{content}");
    }

    let folder = activated_folder();
    fs::write(folder.path().join("terminal/exports"), "a file where a folder should be").expect("written");
    let demo = Demo::start(folder, &[]);
    let user = User::of(&demo);
    opens_history(&user);
    user.presses("Gjenero transaksionet");
    user.presses("Export CSV");
    user.sees("The file may not be written there");
}

#[test]
fn the_history_of_the_business_shows_both_its_terminals() {
    let demo = Demo::start(activated_folder(), &["--phones", "2"]);
    let user = User::of(&demo);
    user.browser.open(&format!("http://{}/?phone=2", demo.address));
    let code = emailed_code(&user);
    user.types("Activation code", &code);
    user.presses("Next");
    user.sees("Type it to add this terminal");
    user.types("Supervisor code", SUPERVISOR_CODE);
    user.presses("Confirm");
    user.sees("New payment");
    user.pays("777", "visa", "Approved");
    assert_eq!(user.field("Terminal ID"), "TM000017");
    user.presses("Done");
    opens_history(&user);
    user.presses("Gjenero transaksionet");
    user.sees("7.77");
    assert!(!user.reads().contains("1.00"), "the other terminal's is none of this device's");
    user.presses("Back");
    user.chooses("Merchant Transactions");
    user.presses("Gjenero transaksionet");
    user.types("Supervisor code", SUPERVISOR_CODE);
    user.presses("Next");
    user.sees("7.77");
    user.sees("1.00");
    user.sees("TM000016");
}

#[test]
fn dates_that_make_no_range_are_told_and_markup_is_only_text() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    opens_history(&user);
    let asks = |from: &str, to: &str| {
        for (label, date) in [("From Date", from), ("To Date", to)] {
            user.browser.clear(&user.line(label));
            user.types(label, date);
        }
        user.presses("Gjenero transaksionet");
    };
    asks("2025/02/02 00:00:00", "2025/02/01 00:00:00");
    user.sees("To Date is before From Date");
    asks("2020/01/01 00:00:00", "2025/02/01 00:00:00");
    user.sees("longer than a year");
    asks("<b>soon</b>", "2025/02/01 00:00:00");
    user.sees("That is not a date");
    assert_eq!(user.browser.find("//*[@id='app']//b").len(), 0);
}

#[test]
fn a_language_changes_every_word_and_is_kept() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    user.presses("Settings");
    user.chooses("Shqip");
    user.wait_for("Albanian", || (!user.reads().contains("Settings")).then_some(()));
    user.browser.reload();
    let language = "arguments[0](document.getElementById('app').lang)";
    user.wait_for("Albanian after a reload", || {
        (user.browser.script(language, &json!([])) == "sq").then_some(())
    });
    let again = Demo::start(demo.interrupt(), &[]);
    user.visit(&again.address);
    user.wait_for("Albanian after a restart", || {
        (user.browser.script(language, &json!([])) == "sq" && user.reads().contains("ProCredit"))
            .then_some(())
    });
    user.keeps_picture("menu-sq");
}
