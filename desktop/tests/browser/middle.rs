//! In the middle of each flow: the page is loaded anew, or the bank cannot be reached. Nothing typed is lost that may
//! be kept, nothing is paid or given back twice, and the same can be done again.

use crate::{
    activation::emailed_code,
    business::{opens_details, opens_history},
    demo::{BankHost, Demo, SUPERVISOR_CODE, activated_folder},
    user::User,
};

const LOST: &str = "The bank cannot be reached";

/// A demo whose bank is another process, which can be ended and started again at the same place.
fn with_bank_elsewhere(folder: tempfile::TempDir) -> (Demo, BankHost) {
    let bank = BankHost::start(folder.path(), "127.0.0.1:0");
    let address = bank.address.clone();
    (Demo::start(folder, &["--host", &address]), bank)
}

#[test]
fn a_bank_that_is_lost_in_a_payment_charges_nothing_and_the_next_one_works() {
    let (demo, bank) = with_bank_elsewhere(activated_folder());
    let user = User::of(&demo);
    user.begins_payment("210");
    let bank = bank.stop();
    user.holds("mastercard");
    user.sees(LOST);
    assert!(user.reads().contains("Nothing was charged"), "{}", user.reads());
    user.presses("Done");
    let _bank = bank.start_again();
    user.pays("220", "mastercard", "Approved");
}

#[test]
fn a_bank_that_is_lost_in_a_refund_gives_nothing_back_and_then_once() {
    let (demo, bank) = with_bank_elsewhere(activated_folder());
    let user = User::of(&demo);
    opens_details(&user, "1.00");
    // At the code.
    let bank = bank.stop();
    user.presses("Refund Transaction");
    user.types("Supervisor code", SUPERVISOR_CODE);
    user.presses("Next");
    user.sees(LOST);
    let bank = bank.start_again();
    // What was typed is still there.
    user.presses("Next");
    // At the card.
    user.sees("Step 2 of 3");
    let bank = bank.stop();
    user.holds("mastercard");
    user.sees(LOST);
    assert!(user.reads().contains("Nothing was given back"), "{}", user.reads());
    user.presses("Done");
    let _bank = bank.start_again();
    opens_details(&user, "1.00");
    user.presses("Refund Transaction");
    user.types("Supervisor code", SUPERVISOR_CODE);
    user.presses("Next");
    user.sees("Step 2 of 3");
    user.holds("mastercard");
    user.sees("Approved");
    user.presses("Done");
    opens_details_of_refunded(&user);
}

fn opens_details_of_refunded(user: &User) {
    opens_history(user);
    user.presses("Gjenero transaksionet");
    user.sees("1 · EUR 1.00");
    user.wait_for("one refund of it", || user.reads().contains("EUR 0.00").then_some(()));
}

#[test]
fn a_bank_that_is_lost_in_history_and_receipt_is_told_and_asked_again() {
    let (demo, bank) = with_bank_elsewhere(activated_folder());
    let user = User::of(&demo);
    opens_history(&user);
    let bank = bank.stop();
    user.presses("Gjenero transaksionet");
    user.sees(LOST);
    let bank = bank.start_again();
    user.presses("Try again");
    user.sees("1 · EUR 1.00");
    user.clicks("//*[@id='app']//ul//button[contains(., 'Purchase')]", "the purchase");
    user.presses("SMS Receipt");
    user.types("Phone number", "383 44 123 456");
    let bank = bank.stop();
    user.presses("Send");
    user.sees(LOST);
    let _bank = bank.start_again();
    // What was typed is still there.
    user.presses("Send");
    user.sees("The receipt is on its way to 383 44 123 456");
}

#[test]
fn a_bank_that_is_lost_in_the_activation_takes_the_same_code_later() {
    let demo = Demo::new();
    let user = User::of(&demo);
    let code = emailed_code(&user);
    let folder = demo.interrupt();
    let (demo, bank) = with_bank_elsewhere(folder);
    let bank = bank.stop();
    user.visit(&demo.address);
    user.types("Activation code", &code);
    user.presses("Next");
    user.sees(LOST);
    let _bank = bank.start_again();
    user.presses("Next");
    user.sees("supervisor code");
}

#[test]
fn a_page_that_is_loaded_anew_in_a_refund_goes_on_where_it_was() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    user.pays("1250", "mastercard", "Approved");
    user.presses("Done");
    opens_details(&user, "12.50");
    user.browser.reload();
    user.presses("Refund Transaction");
    let amount = user.line("Amount to give back");
    user.browser.clear(&amount);
    user.types("Amount to give back", "5.00");
    user.browser.reload();
    user.sees("Step 1 of 3");
    // The code is never kept by a page.
    user.types("Supervisor code", SUPERVISOR_CODE);
    user.presses("Next");
    user.sees("Step 2 of 3");
    user.browser.reload();
    user.sees("Tap your card");
    user.holds("mastercard");
    user.sees("Approved");
    assert!(user.reads().contains("EUR 5.00"), "a part of it: {}", user.reads());
    user.browser.reload();
    user.sees("Step 3 of 3");
    user.presses("Done");
    // The rest is what is left by default.
    opens_details(&user, "12.50");
    user.presses("Refund Transaction");
    user.types("Supervisor code", SUPERVISOR_CODE);
    user.presses("Next");
    user.sees("Step 2 of 3");
    user.holds("mastercard");
    user.sees("Approved");
    assert!(user.reads().contains("EUR 7.50"), "what was left: {}", user.reads());
}

#[test]
fn a_page_that_is_loaded_anew_in_history_and_receipt_goes_on_where_it_was() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    opens_history(&user);
    user.browser.reload();
    user.presses("Gjenero transaksionet");
    user.sees("1 · EUR 1.00");
    user.browser.reload();
    user.sees("1 · EUR 1.00");
    user.clicks("//*[@id='app']//ul//button[contains(., 'Purchase')]", "the purchase");
    user.presses("SMS Receipt");
    user.types("Phone number", "38344123456");
    user.sees("Send");
    user.browser.reload();
    user.presses("Send");
    user.sees("The receipt is on its way to 383 44 123 456");
}
