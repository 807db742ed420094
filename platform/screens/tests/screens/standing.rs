//! What the bank holds against this device, where the merchant sees it.

use crate::support::{Shop, not_approved, text};
use mpos_protocol::{
    inbox,
    sale::{Cause, SaleOutcome},
    screen::TextStyle,
    shell::StandingChanged,
    standing::{Concern, Decision, Opinion},
};

const OLD: Concern = Concern::SystemTooOld { patch: 202_401 };

fn told(decision: Decision, concerns: &[Concern]) -> inbox::Shell {
    let opinion = Opinion { decision, concerns: concerns.to_vec().try_into().expect("few") };
    inbox::Shell::StandingChanged(StandingChanged { opinion, reason: text("in English") })
}

#[test]
fn a_warning_stands_in_the_menu_until_the_bank_takes_it_back() {
    let mut shop = Shop::open();
    shop.hear(told(Decision::Warned, &[OLD]));
    shop.at("menu");
    shop.says(TextStyle::Warning, "The phone's security update is of 2024-01: too old.");
    shop.says(
        TextStyle::Body,
        "Install the updates in the phone's settings; if there are none, use a newer phone.",
    );
    assert!(shop.can_press("payment"));
    shop.hear(told(Decision::Allowed, &[]));
    assert_eq!(shop.texts(TextStyle::Warning), Vec::<String>::new());
}

#[test]
fn a_sale_on_a_blocked_device_ends_with_the_reason_and_what_to_do() {
    let mut shop = Shop::open();
    shop.begin_payment(&["1", "2", "3"]);
    shop.hear(told(Decision::Blocked, &[Concern::Rooted, OLD]));
    shop.end_sale(not_approved(SaleOutcome::Cancelled, Cause::Blocked(Concern::Rooted)));
    shop.says(TextStyle::Body, "This phone is rooted: other programs can read what mPOS does.");
    shop.says(TextStyle::Body, "Nothing was charged. Put the maker's own system back, or use another phone.");
    shop.press("done");
    shop.at("menu");
    assert_eq!(shop.texts(TextStyle::Failure).len(), 2, "all that the bank holds against it");
}
