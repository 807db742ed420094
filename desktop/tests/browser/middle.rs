//! In the middle of each flow: the page is loaded anew, or the bank cannot be reached. Nothing typed is lost that may
//! be kept, nothing is paid or given back twice, and the same can be done again.

use crate::{
    activation::emailed_code,
    business::{opens_details, opens_history},
    demo::{Demo, SUPERVISOR_CODE, activated_folder},
    host_process::HostProcess,
    user::User,
};
use std::path::PathBuf;
use tempfile::TempDir;

const LOST: &str = "The bank cannot be reached";

/// A bank in a process of its own, which can be lost, and come back at the same place.
struct Bank {
    folder: PathBuf,
    process: HostProcess,
}

impl Bank {
    /// Ends it at once, as a crash would.
    fn gets_lost(self) -> LostBank {
        LostBank { folder: self.folder, address: self.process.address.clone() }
    }
}

struct LostBank {
    folder: PathBuf,
    address: String,
}

impl LostBank {
    fn comes_back(self) -> Bank {
        let process = HostProcess::start_at(&self.folder, &self.address);
        Bank { folder: self.folder, process }
    }
}

/// A demo whose bank is another process.
fn with_bank_elsewhere(folder: TempDir) -> (Demo, Bank) {
    let bank = Bank { folder: folder.path().to_owned(), process: HostProcess::start(folder.path()) };
    let demo = Demo::start(folder, &["--host", &bank.process.address]);
    (demo, bank)
}

/// From the details of a purchase to the card.
fn agrees_to_refund(user: &User) {
    user.presses("Refund Transaction");
    comes_to_the_card(user);
}

/// From a form without a code to the card.
fn comes_to_the_card(user: &User) {
    user.types("Supervisor code", SUPERVISOR_CODE);
    user.presses("Next");
    user.sees("Step 2 of 3");
}

#[test]
fn a_bank_that_is_lost_in_a_payment_charges_nothing_and_the_next_one_works() {
    let (demo, bank) = with_bank_elsewhere(activated_folder());
    let user = User::of(&demo);
    user.begins_payment("210");
    let bank = bank.gets_lost();
    user.holds("mastercard");
    user.sees(LOST);
    assert!(user.reads().contains("Nothing was charged"), "{}", user.reads());
    user.presses("Done");
    let _bank = bank.comes_back();
    user.pays("220", "mastercard", "Approved");
}

#[test]
fn a_bank_that_is_lost_in_a_refund_gives_nothing_back_and_then_once() {
    let (demo, bank) = with_bank_elsewhere(activated_folder());
    let user = User::of(&demo);
    opens_details(&user, "1.00");
    // At the code.
    let bank = bank.gets_lost();
    user.presses("Refund Transaction");
    user.types("Supervisor code", SUPERVISOR_CODE);
    user.presses("Next");
    user.sees(LOST);
    let bank = bank.comes_back();
    // What was typed is still there.
    user.presses("Next");
    // At the card.
    user.sees("Step 2 of 3");
    let bank = bank.gets_lost();
    user.holds("mastercard");
    user.sees(LOST);
    assert!(user.reads().contains("Nothing was given back"), "{}", user.reads());
    user.presses("Done");
    let _bank = bank.comes_back();
    opens_details(&user, "1.00");
    agrees_to_refund(&user);
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
    let bank = bank.gets_lost();
    user.presses("Gjenero transaksionet");
    user.sees(LOST);
    let bank = bank.comes_back();
    user.presses("Try again");
    user.sees("1 · EUR 1.00");
    user.clicks("//*[@id='app']//ul//button[contains(., 'Purchase')]", "the purchase");
    user.presses("SMS Receipt");
    user.types("Phone number", "383 44 123 456");
    let bank = bank.gets_lost();
    user.presses("Send");
    user.sees(LOST);
    let _bank = bank.comes_back();
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
    let bank = bank.gets_lost();
    user.visit(&demo.address);
    user.types("Activation code", &code);
    user.presses("Next");
    user.sees(LOST);
    let _bank = bank.comes_back();
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
    comes_to_the_card(&user);
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
    agrees_to_refund(&user);
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
