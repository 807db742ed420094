//! Entry Point: the directory, the candidates and their order, the next one, and the ends.

mod support;

use mpos_emv_kernel::settings::{Combination, ZeroAmount};
use mpos_emv_kernel::{
    CardFault, CommandKind, Fault, LinkFault, MessageId, OutcomeKind, Refusal, TerminalFault,
};
use mpos_tlv::StatusWord;
use support::mastercard::Mastercard;
use support::{
    Card, Played, bytes, change_combinations, ok, play, play_script, ppse, purchase, settings, status,
};

const PPSE: &str = "00A404000E325041592E5359532E444446303100";

/// The names that are selected, in order, by a card with this directory that refuses each of them.
fn selected(directory: &[u8]) -> (Vec<String>, Played) {
    let mut card = |command: &[u8]| {
        if command == bytes(PPSE) { ok(directory) } else { status(0x6A82) }
    };
    let played = play(settings(), purchase(100), &mut card);
    let names = played.commands[1..]
        .iter()
        .map(|command| hex::encode_upper(&command[5..5 + usize::from(command[4])]))
        .collect();
    (names, played)
}

#[test]
fn priority_decides_then_the_order_of_the_directory() {
    let directory = ppse(&[
        ("A0000000031010", "870102"),
        ("A0000000041010", "870101"),
        ("A0000000043060", "870102"),
        ("A0000000032010", ""),
        ("A0000000032020", "870100"),
    ]);
    let (names, played) = selected(&directory);
    assert_eq!(
        names,
        ["A0000000041010", "A0000000031010", "A0000000043060", "A0000000032010", "A0000000032020"]
    );
    // Each was refused: the last status word is the reason.
    let status = StatusWord::NOT_FOUND;
    let fault = CardFault::Status { command: CommandKind::Select, status };
    assert_eq!(played.outcome.reason, Some(Fault::Card(fault)));
    assert_eq!(played.outcome.kind, OutcomeKind::EndApplication);
    assert_eq!(played.outcome.message, MessageId::TRY_ANOTHER_CARD);
}

#[test]
fn the_high_bits_of_a_priority_do_not_count() {
    let directory = ppse(&[("A0000000031010", "870182"), ("A0000000041010", "8701F1")]);
    assert_eq!(selected(&directory).0, ["A0000000041010", "A0000000031010"]);
}

#[test]
fn a_longer_name_matches_by_its_beginning() {
    let directory = ppse(&[("A0000000041010D056000100", "870101")]);
    assert_eq!(selected(&directory).0, ["A0000000041010D056000100"]);
}

#[test]
fn names_that_are_not_ours_or_no_names_are_left_out() {
    let directory = ppse(&[
        ("A000000025010402", "870101"),
        ("A0000004", "870101"),
        ("A00000000410", "870101"),
        ("", "870101"),
        ("A0000000041010", "870103"),
    ]);
    assert_eq!(selected(&directory).0, ["A0000000041010"]);
}

#[test]
fn the_kernel_identifier_must_be_the_combinations() {
    let mastercard = "A0000000041010";
    for (identifier, taken) in [
        ("", true),
        ("9F2A00", true),
        ("9F2A0102", true),
        ("9F2A0100", true),
        ("9F2A0103", false),
        // Two bytes where a domestic kernel needs three; then another country's kernel.
        ("9F2A028209", false),
        ("9F2A03820978", false),
    ] {
        let (names, _) = selected(&ppse(&[(mastercard, identifier)]));
        assert_eq!(names.len(), usize::from(taken), "{identifier}");
    }
}

#[test]
fn extended_selection_is_appended_where_it_is_supported() {
    let directory = ppse(&[("A0000000041010", "9F2902ABCD")]);
    assert_eq!(selected(&directory).0, ["A0000000041010ABCD"]);

    let mut without = settings();
    change_combinations(&mut without, |combination: &mut Combination| combination.extended_selection = false);
    let mut card = |command: &[u8]| if command == bytes(PPSE) { ok(&directory) } else { status(0x6A82) };
    let played = play(without, purchase(100), &mut card);
    assert_eq!(played.commands[1], bytes("00A4040007A000000004101000"));
}

#[test]
fn a_card_without_a_directory_is_never_probed() {
    let played = play_script(settings(), purchase(100), &[("SELECT PPSE: not found", PPSE, "6A82")]);
    assert_eq!(played.outcome.kind, OutcomeKind::EndApplication);
    let fault = CardFault::Status { command: CommandKind::SelectPpse, status: StatusWord::NOT_FOUND };
    assert_eq!(played.outcome.reason, Some(Fault::Card(fault)));
}

#[test]
fn a_directory_that_cannot_be_read_ends_the_tap() {
    for answer in ["6F05 8401 9000", "7002 8400 9000", "6F00 6F00 9000", "9000", "90", ""] {
        let played = play_script(settings(), purchase(100), &[("SELECT PPSE: garbage", PPSE, answer)]);
        assert!(matches!(played.outcome.reason, Some(Fault::Card(_))), "{answer}");
        assert_eq!(played.outcome.kind, OutcomeKind::EndApplication);
    }
}

#[test]
fn a_directory_without_a_match_says_so() {
    let played = play_script(settings(), purchase(100), &[("SELECT PPSE: empty", PPSE, "6F00 9000")]);
    assert_eq!(played.outcome.reason, Some(Fault::Refused(Refusal::NoCommonApplication)));
}

#[test]
fn the_next_application_is_tried_when_one_refuses_gpo() {
    // A Visa application that withdraws (6985), then a Mastercard one that works.
    let mut mastercard = Mastercard::new();
    let mut in_visa = false;
    let mut card = move |command: &[u8]| {
        let visa = bytes("A0000000031010");
        match command {
            [0x00, 0xA4, 0x04, 0x00, 14, ..] => {
                ok(&ppse(&[("A0000000041010", "870102"), ("A0000000031010", "870101")]))
            }
            [0x00, 0xA4, ..] if command[5..12] == visa[..] => {
                in_visa = true;
                ok(&support::fci(&visa, &bytes("9F38039F6604")))
            }
            [0x00, 0xA4, ..] => {
                in_visa = false;
                mastercard.answer(command)
            }
            _ if in_visa => status(0x6985),
            _ => mastercard.answer(command),
        }
    };
    let played = play(settings(), purchase(100), &mut card);
    assert_eq!(played.outcome.kind, OutcomeKind::OnlineRequest);
    assert_eq!(&*played.outcome.application.unwrap().aid, bytes("A0000000041010"));
}

#[test]
fn a_card_that_leaves_is_asked_for_again_with_a_new_number() {
    let mut mastercard = Mastercard::new();
    let mut left = false;
    let mut card = move |command: &[u8]| {
        if command.starts_with(&[0x00, 0xB2]) && !left {
            left = true;
            return None;
        }
        mastercard.answer(command)
    };
    let played = play(settings(), purchase(100), &mut card);
    assert_eq!(played.outcome.kind, OutcomeKind::OnlineRequest);
    let messages: Vec<_> = played.presentations.iter().map(|present| present.message).collect();
    assert_eq!(messages, [MessageId::PRESENT_CARD, MessageId::PRESENT_AGAIN]);
    assert_eq!(played.command(&[0x80, 0xAE])[5 + 25..5 + 29], [0x22; 4]);
}

#[test]
fn a_card_that_always_leaves_ends_the_tap_after_four_presentations() {
    let played = play(settings(), purchase(100), &mut |_: &[u8]| None);
    assert_eq!(played.presentations.len(), 4);
    assert_eq!(played.outcome.reason, Some(Fault::Link(LinkFault::CardLeft)));
    assert_eq!(played.outcome.kind, OutcomeKind::EndApplication);
}

#[test]
fn amounts_that_no_combination_takes_end_the_tap_before_a_card_is_asked_for() {
    let no_card = |settings, transaction| {
        let played = play(settings, transaction, &mut |_: &[u8]| None);
        assert!(played.presentations.is_empty());
        played.outcome
    };
    let zero = no_card(settings(), purchase(0));
    assert_eq!(zero.kind, OutcomeKind::TryAnotherInterface);
    assert_eq!(zero.reason, Some(Fault::Refused(Refusal::ZeroAmount)));

    let mut visa_only = settings();
    let combinations: Vec<_> =
        visa_only.combinations.iter().filter(|one| one.aid[4] == 0x03).cloned().collect();
    visa_only.combinations = combinations.try_into().unwrap();
    change_combinations(&mut visa_only, |one| one.transaction_limit = Some(5000));
    let over = no_card(visa_only.clone(), purchase(5000));
    assert_eq!(over.reason, Some(Fault::Refused(Refusal::OverLimit)));
    // One cent less is allowed.
    assert!(!play(visa_only, purchase(4999), &mut |_: &[u8]| None).presentations.is_empty());

    let too_much = no_card(settings(), purchase(1_000_000_000_000));
    assert_eq!(too_much.reason, Some(Fault::Terminal(TerminalFault::Amount)));
}

#[test]
fn amount_zero_may_go_online_where_the_settings_say_so() {
    let mut settings = settings();
    change_combinations(&mut settings, |combination| combination.zero_amount = ZeroAmount::Online);
    let mut card = support::visa::Visa::online("0000");
    let played = play(settings, purchase(0), &mut card);
    assert_eq!(played.outcome.kind, OutcomeKind::OnlineRequest);
    // TTQ byte 2: online cryptogram required.
    assert_eq!(played.command(&[0x80, 0xA8])[7..11], bytes("24804000"));
}

#[test]
fn a_date_that_is_none_is_refused() {
    let transaction = mpos_emv_kernel::Transaction { date: [0x26, 0x13, 0x01], ..purchase(100) };
    let outcome = play(settings(), transaction, &mut |_: &[u8]| None).outcome;
    assert_eq!(outcome.reason, Some(Fault::Terminal(TerminalFault::DateTime)));
}

#[test]
fn a_call_out_of_order_ends_the_tap() {
    use mpos_emv_kernel::{Step, Tap};
    let (mut tap, _) = Tap::start(std::sync::Arc::new(settings()), purchase(100));
    let Step::Ended(outcome) = tap.card_answered(&[0x90, 0x00]) else { panic!("it ended") };
    assert_eq!(outcome.reason, Some(Fault::Terminal(TerminalFault::OutOfOrder)));
    assert!(matches!(tap.card_found(), Step::Ended(_)));
}
