//! Each card shows what the catalogue says.

use std::time::Duration;

use mpos_cards::{FieldLoss, catalogue};
use mpos_tlv::{Tag, Track2};

use crate::bank::Drawer;
use crate::reader::{PPSE, TTQ_ODA, answers_before_it_leaves, select, send, tap};

const ARQC_WITH_CDA: u8 = 0x90;
/// Commands of a Mastercard tap before GENERATE AC.
const COMMANDS_BEFORE_CRYPTOGRAM: usize = 6;

#[test]
fn every_card_without_a_fault_completes_a_tap_as_its_account_says() {
    let drawer = Drawer::new();
    for entry in catalogue::ENTRIES {
        let faulty = ["torn", "slow", "silent", "garbage", "wrong-certificate"].contains(&entry.name);
        if faulty {
            continue;
        }
        let tap = tap(&mut drawer.card(entry.name), TTQ_ODA, ARQC_WITH_CDA);
        let track2 = Track2::parse(tap.get(Tag::TRACK2_EQUIVALENT_DATA)).unwrap();
        let accounts = catalogue::find(entry.name).unwrap().accounts();
        let account =
            accounts.iter().find(|account| account.pan.as_bytes() == track2.pan().digits()).unwrap();
        assert_eq!(track2.expiry(), account.expiry, "{}", entry.name);
        assert_eq!(tap.get(Tag::PAN_SEQUENCE_NUMBER), [account.psn]);
        assert_eq!(tap.get(Tag::APPLICATION_LABEL), account.label.as_bytes());
    }
}

#[test]
fn of_two_applications_the_one_with_priority_is_not_listed_first() {
    let drawer = Drawer::new();
    let mut card = drawer.card("two-applications");
    let directory = send(&mut card, &select(PPSE));
    let place = |aid: &[u8]| directory.windows(aid.len()).position(|window| window == aid).unwrap();
    let maestro = place(&[0xA0, 0x00, 0x00, 0x00, 0x04, 0x30, 0x60]);
    let mastercard = place(&[0xA0, 0x00, 0x00, 0x00, 0x04, 0x10, 0x10]);
    assert!(maestro < mastercard);
    assert_eq!(tap(&mut card, TTQ_ODA, ARQC_WITH_CDA).aid[5..], [0x10, 0x10]);
}

#[test]
fn the_expired_card_expired_and_the_issuers_cards_have_their_accounts() {
    let account = |name| catalogue::find(name).unwrap().accounts()[0];
    assert!(account("expired").expiry < [0x26, 0x01]);
    assert!(account("insufficient-funds").balance_minor < 123);
    assert!(account("blocked").blocked);
    assert!(!account("mastercard").blocked && account("mastercard").balance_minor > 100_000);
}

#[test]
fn a_torn_card_leaves_at_its_step_and_can_be_tapped_again() {
    let drawer = Drawer::new();
    let mut card = drawer.card("torn");
    for _ in 0..2 {
        assert!(card.present());
        assert_eq!(answers_before_it_leaves(&mut card), COMMANDS_BEFORE_CRYPTOGRAM);
        assert!(!card.present());
        assert_eq!(card.transmit(&select(PPSE)), Err(FieldLoss::Left));
        card.tap();
    }
    for step in 0..=COMMANDS_BEFORE_CRYPTOGRAM {
        let mut card = drawer.card(&format!("torn:{step}"));
        assert_eq!(answers_before_it_leaves(&mut card), step);
    }
}

#[test]
fn a_torn_visa_leaves_while_it_makes_its_cryptogram() {
    let drawer = Drawer::new();
    let mut card = drawer.card("visa+torn");
    send(&mut card, &select(PPSE));
    send(&mut card, &select(&[0xA0, 0x00, 0x00, 0x00, 0x03, 0x10, 0x10]));
    assert_eq!(card.transmit(&[0x80, 0xA8, 0x00, 0x00, 0x02, 0x83, 0x00, 0x00]), Err(FieldLoss::Left));
}

#[test]
fn a_slow_card_takes_its_time_and_the_others_none() {
    let drawer = Drawer::new();
    assert_eq!(drawer.card("slow").response_time(), Duration::from_millis(500));
    assert_eq!(drawer.card("mastercard").response_time(), Duration::ZERO);
    tap(&mut drawer.card("slow"), TTQ_ODA, ARQC_WITH_CDA);
}

#[test]
fn a_silent_card_stays_and_never_answers() {
    let drawer = Drawer::new();
    let mut card = drawer.card("silent");
    assert_eq!(card.transmit(&select(PPSE)), Err(FieldLoss::Silent));
    assert!(card.present());
}

#[test]
fn a_garbage_card_talks_the_same_nonsense_for_the_same_seed() {
    let drawer = Drawer::new();
    let answers = |name: &str| {
        let mut card = drawer.card(name);
        (0..10).map(|_| card.transmit(&select(PPSE)).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(answers("garbage"), answers("garbage"));
    assert_ne!(answers("garbage:5"), answers("garbage:6"));
}

#[test]
fn the_counter_goes_up_by_one_with_each_tap_and_never_back() {
    let drawer = Drawer::new();
    let mut last = 0;
    for name in ["mastercard", "mastercard", "slow", "mastercard"] {
        let mut card = drawer.card(name);
        for _ in 0..2 {
            let tap = tap(&mut card, TTQ_ODA, ARQC_WITH_CDA);
            let counter = u16::from_be_bytes(tap.get(Tag::ATC).try_into().unwrap());
            assert_eq!(counter, last + 1);
            last = counter;
            card.tap();
        }
    }
}
