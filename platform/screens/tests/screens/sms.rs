//! The receipt by SMS.

use crate::support::{Shop, approved, text};
use mpos_protocol::{
    admin::{AdminAnswer, ReceiptFault, ReceiptRequest},
    inbox,
    link::NoReply,
    screen::{Act, TextStyle},
    shell::{BankAnswered, BankAsk},
};

fn asking_number() -> Shop {
    let mut shop = Shop::open();
    shop.end_sale(approved());
    shop.press("sms");
    shop.at("sms.number");
    shop
}

fn request(shop: &mut Shop) -> ReceiptRequest {
    match shop.asked() {
        BankAsk::SendReceipt(request) => request,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_number_is_grouped_while_it_is_typed_and_the_receipt_is_sent() {
    let mut shop = asking_number();
    assert_eq!(&*shop.input("phone").hint, "383 4x xxx xxx");
    shop.type_into("phone", "383441");
    assert_eq!(&*shop.input("phone").value, "383 44 1");
    shop.type_into("phone", "38344123456");
    assert_eq!(&*shop.input("phone").value, "383 44 123 456");
    shop.press("send");
    let request = request(&mut shop);
    assert_eq!((request.phone.digits(), &*request.reference), ("38344123456", "4864FC149502"));
    assert!(!shop.can_press("send"));
    shop.answer(AdminAnswer::ReceiptQueued);
    shop.at("sms.sent");
    shop.says(TextStyle::Success, "383 44 123 456");
    shop.press("done");
    shop.at("result.approved");
}

#[test]
fn a_number_is_taken_as_people_write_it() {
    for typed in ["+383 44 123 456", "0038344123456", "044 123-456", "44123456"] {
        let mut shop = asking_number();
        shop.type_into("phone", typed);
        shop.press("send");
        assert_eq!(request(&mut shop).phone.digits(), "38344123456", "{typed}");
    }
}

#[test]
fn a_number_that_gets_no_receipt_stays_with_its_reason() {
    for (typed, reason) in [
        ("", "Type the customer's number"),
        ("383 44 12x", "“x” is not a digit"),
        ("+377 44 123 456", "+377 are no longer used"),
        ("+49 170 1234567", "Only numbers of Kosovo"),
        ("383 38 123 456", "not a mobile number"),
        ("383 44 123", "too short"),
        ("383 44 123 4567", "too long"),
    ] {
        let mut shop = asking_number();
        if !typed.is_empty() {
            shop.type_into("phone", typed);
        }
        shop.press("send");
        assert!(shop.error_of("phone").contains(reason), "{typed}: {}", shop.error_of("phone"));
        assert_eq!(&*shop.input("phone").value, typed, "what was typed survives");
        assert!(shop.sent.is_empty());
    }
}

#[test]
fn a_receipt_without_an_answer_is_asked_for_again_under_the_same_name() {
    let mut shop = asking_number();
    shop.type_into("phone", "38344123456");
    shop.press("send");
    let first = request(&mut shop);
    let failed = BankAnswered::Failed { fault: NoReply::NoAnswer, reason: text("in English") };
    shop.hear(inbox::Shell::BankAnswered(failed));
    shop.says(TextStyle::Failure, "did not answer in time");
    shop.press("send");
    assert_eq!(request(&mut shop), first, "the bank sends it once");
    shop.answer(AdminAnswer::ReceiptRefused(ReceiptFault::TooMany));
    shop.says(TextStyle::Failure, "Too many receipts");
    shop.press("send");
    let next = request(&mut shop);
    assert_ne!(next.id, first.id, "a new press is a new receipt");
    shop.answer(AdminAnswer::ReceiptQueued);
    shop.at("sms.sent");
}

#[test]
fn another_number_is_another_receipt() {
    let mut shop = asking_number();
    shop.type_into("phone", "38344123456");
    shop.press("send");
    let first = request(&mut shop);
    let failed = BankAnswered::Failed { fault: NoReply::NoAnswer, reason: text("in English") };
    shop.hear(inbox::Shell::BankAnswered(failed));
    shop.type_into("phone", "38345123456");
    shop.press("send");
    assert_ne!(request(&mut shop).id, first.id);
}

#[test]
fn the_way_back_is_to_the_result() {
    let mut shop = asking_number();
    shop.act(Act::Back);
    shop.at("result.approved");
}
