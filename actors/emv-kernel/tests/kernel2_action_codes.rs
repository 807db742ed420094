//! Kernel 2: restrictions, action analysis, and the answer to GENERATE AC.

mod support;

use mpos_emv_kernel::{
    CardFault, CommandKind, CryptogramKind, Fault, LinkFault, MessageId, NotPerformed, OdaVerdict,
    OutcomeKind, Refusal, TerminalSettings,
};
use mpos_tlv::{StatusWord, Tag, find};
use support::mastercard::{CRYPTOGRAM, Mastercard};
use support::{Card, Played, bytes, change_combinations, play, purchase, refund, settings, with_kernel2};

fn tap(settings: TerminalSettings, change: impl FnOnce(&mut Mastercard)) -> Played {
    let mut card = Mastercard::new();
    change(&mut card);
    card.certify();
    play(settings, purchase(100), &mut card)
}

#[test]
fn an_ordinary_tap_goes_online_with_a_clean_tvr() {
    let played = tap(settings(), |_| ());
    assert_eq!(played.outcome.kind, OutcomeKind::OnlineRequest);
    let record = played.record();
    // Above the floor limit of 0; relay resistance not performed.
    assert_eq!(record.tvr, bytes("0000008001")[..]);
    assert_eq!(record.cryptogram_kind, CryptogramKind::Arqc);
    assert_eq!(record.cryptogram, CRYPTOGRAM);
    assert_eq!(record.verdict, OdaVerdict::Verified);
    assert_eq!(record.pan.to_string(), "***0036");
    assert!(record.account.pan.digits() == b"5413330089020036");
    assert_eq!(record.account.expiry, [0x29, 0x12]);
    assert_eq!(record.account.sequence_number, Some(0x01));
    assert!(record.account.track2.as_ref().unwrap().as_bytes().len() == 17);
    // GENERATE AC: ARQC with CDA, CDOL1's 43 bytes.
    assert_eq!(played.command(&[0x80, 0xAE])[2..5], [0x90, 0x00, 0x2B]);
}

#[test]
fn the_bank_gets_the_tags_that_the_acquirer_wants() {
    let played = tap(settings(), |_| ());
    let tags: Vec<u32> = mpos_tlv::decode(&played.record().host_tags).map(|tlv| tlv.unwrap().tag.0).collect();
    assert_eq!(
        tags,
        [
            0x9F02, 0x9F03, 0x9F26, 0x9F27, 0x82, 0x84, 0x9F36, 0x5F34, 0x9F10, 0x9F1A, 0x9F33, 0x9F34,
            0x9F35, 0x9F1E, 0x9F09, 0x9F41, 0x95, 0x9A, 0x9C, 0x5F2A, 0x9F37
        ]
    );
    let value = |tag| find(&played.record().host_tags, Tag(tag)).unwrap().unwrap().to_vec();
    assert_eq!(value(0x9F26), CRYPTOGRAM);
    assert_eq!(value(0x9F27), [0x80]);
    assert_eq!(value(0x9F33), bytes("000808"));
    assert_eq!(value(0x9F41), bytes("00000007"));
    assert_eq!(value(0x84), bytes("A0000000041010"));
    // No account data.
    assert!(!hex::encode(&played.record().host_tags).contains("5413330089020036"));
}

#[test]
fn restrictions_are_noted_for_the_action_codes() {
    for (tag, value, byte2) in [
        (0x9F08, "0003", 0x80),
        (0x5F24, "261123", 0x40),
        (0x5F25, "261125", 0x20),
        // Not for goods or services abroad; not at a shop's terminal.
        (0x9F07, "A900", 0x10),
        (0x9F07, "FE00", 0x10),
    ] {
        assert_eq!(tap(settings(), |card| card.change(tag, value)).record().tvr[1], byte2, "{tag:X}");
    }
    // The last and the first day are in; the card's home country is this terminal's.
    for (tag, value) in [(0x5F24, "261124"), (0x5F25, "261124"), (0x5F28, "0900"), (0x9F08, "0002")] {
        assert_eq!(tap(settings(), |card| card.change(tag, value)).record().tvr[1], 0, "{tag:X}");
    }
}

#[test]
fn denial_codes_of_either_side_refuse() {
    let expired = |card: &mut Mastercard| card.change(0x5F24, "261123");
    let refused = |played: Played| {
        assert_eq!(played.command(&[0x80, 0xAE])[2], 0x00, "an AAC is asked for, unsigned");
        assert_eq!(played.outcome.kind, OutcomeKind::Declined);
        assert_eq!(played.outcome.message, MessageId::NOT_AUTHORISED);
        assert_eq!(played.outcome.reason, Some(Fault::Refused(Refusal::ActionCodes)));
        assert_eq!(played.record().cryptogram_kind, CryptogramKind::Aac);
    };
    refused(tap(with_kernel2(settings(), |kernel| kernel.tac_denial[1] = 0x40), expired));
    refused(tap(settings(), |card| {
        expired(card);
        card.set(0x9F0E, "0040000000");
    }));
    // Without issuer codes nothing is denied.
    let without = |card: &mut Mastercard| {
        expired(card);
        card.set(0x9F0D, "").set(0x9F0E, "").set(0x9F0F, "");
    };
    assert_eq!(tap(settings(), without).outcome.kind, OutcomeKind::OnlineRequest);
}

#[test]
fn a_terminal_that_can_approve_does_so_below_its_floor_limit() {
    let offline = |terminal_type, floor_limit| {
        let mut settings = settings();
        settings.terminal_type = terminal_type;
        change_combinations(&mut settings, |combination| combination.floor_limit = floor_limit);
        tap(settings, |_| ())
    };
    let approved = offline(0x22, 100);
    assert_eq!(approved.outcome.kind, OutcomeKind::Approved);
    assert_eq!(approved.outcome.message, MessageId::APPROVED);
    assert_eq!(approved.record().cryptogram_kind, CryptogramKind::Tc);
    assert_eq!(approved.command(&[0x80, 0xAE])[2], 0x50);
    // A cent above it, the issuer wants to be asked.
    assert_eq!(offline(0x22, 99).outcome.kind, OutcomeKind::OnlineRequest);
    assert_eq!(offline(0x23, 100).outcome.kind, OutcomeKind::Approved);
    assert_eq!(offline(0x23, 99).outcome.kind, OutcomeKind::Declined);
}

#[test]
fn a_card_may_give_less_than_it_was_asked_for_and_never_more() {
    let refused = tap(settings(), |card| card.cid = Some(0x00));
    assert_eq!(refused.outcome.kind, OutcomeKind::Declined);
    assert_eq!(refused.outcome.reason, Some(Fault::Refused(Refusal::ByCard)));
    assert_eq!(refused.record().verdict, OdaVerdict::NotPerformed(NotPerformed::NoCryptogram));
    for cid in [0x40, 0xC0] {
        let outcome = tap(settings(), |card| card.cid = Some(cid)).outcome;
        assert_eq!(outcome.kind, OutcomeKind::EndApplication);
        assert_eq!(outcome.reason, Some(Fault::Card(CardFault::CryptogramKind(cid))));
    }
    // Told to decline, it must.
    let denying = with_kernel2(settings(), |kernel| kernel.tac_denial = [0xFF; 5]);
    let outcome = tap(denying, |card| card.cid = Some(0x80)).outcome;
    assert_eq!(outcome.reason, Some(Fault::Card(CardFault::CryptogramKind(0x80))));
}

#[test]
fn an_answer_in_format_1_is_read_where_no_signature_was_asked_for() {
    let without_cda = || {
        let mut card = Mastercard::new();
        card.aip = [0x18, 0x80];
        card
    };
    let answer = |format1: &'static str| {
        let mut inner = without_cda();
        let mut card = move |command: &[u8]| match command {
            [0x80, 0xAE, ..] => Some(bytes(format1)),
            _ => inner.answer(command),
        };
        play(settings(), purchase(100), &mut card)
    };
    let played = answer("800F 80 002A C1C2C3C4C5C6C7C8 0110A000 9000");
    assert_eq!(played.outcome.kind, OutcomeKind::OnlineRequest);
    assert_eq!(played.record().cryptogram, CRYPTOGRAM);
    assert_eq!(played.record().verdict, OdaVerdict::NotPerformed(NotPerformed::CardDoesNot));
    // ODA not performed.
    assert_eq!(played.record().tvr[0], 0x80);
    assert_eq!(
        answer("800A 80 002A C1C2C3C4C5C6C7 9000").outcome.reason,
        Some(Fault::Card(CardFault::Length(Tag::RESPONSE_TEMPLATE_1)))
    );
    assert_eq!(
        answer("7707 9F270180 9F3600 9000").outcome.reason,
        Some(Fault::Card(CardFault::Missing(Tag::ATC)))
    );
    assert_eq!(
        answer("7709 9F270180 9F3602002A 9000").outcome.reason,
        Some(Fault::Card(CardFault::Missing(Tag::APPLICATION_CRYPTOGRAM)))
    );
    let status = StatusWord::CONDITIONS_NOT_SATISFIED;
    assert_eq!(
        answer("6985").outcome.reason,
        Some(Fault::Card(CardFault::Status { command: CommandKind::GenerateAc, status }))
    );
}

#[test]
fn a_phone_that_refuses_may_ask_its_owner_to_look_at_it() {
    let mut inner = Mastercard::phone();
    inner.cid = Some(0x00);
    inner.extra = bytes("DF4B03 000001");
    let mut taps = 0;
    let mut card = move |command: &[u8]| {
        if command.starts_with(&[0x80, 0xAE]) {
            taps += 1;
        }
        if taps > 1 {
            inner.cid = None;
            inner.extra.clear();
        }
        inner.answer(command)
    };
    let played = play(settings(), purchase(5000), &mut card);
    assert_eq!(played.presentations[1].message, MessageId::SEE_PHONE);
    assert_eq!(played.presentations[1].hold_ms, 1300);
    assert_eq!(played.outcome.kind, OutcomeKind::OnlineRequest);
    assert_eq!(played.record().verdict, OdaVerdict::Verified);
}

#[test]
fn a_card_that_leaves_at_its_cryptogram_is_its_own_outcome() {
    let mut inner = Mastercard::new();
    let mut card = move |command: &[u8]| match command {
        [0x80, 0xAE, ..] => None,
        _ => inner.answer(command),
    };
    let played = play(settings(), purchase(100), &mut card);
    assert_eq!(played.presentations.len(), 1, "it is not asked for again");
    assert_eq!(played.outcome.reason, Some(Fault::Link(LinkFault::CardLeftAtCryptogram)));
    assert_eq!(&*played.outcome.application.unwrap().aid, bytes("A0000000041010"));
}

#[test]
fn a_refund_reads_the_card_and_asks_it_to_decline() {
    let mut card = Mastercard::new();
    let mut limited = settings();
    change_combinations(&mut limited, |combination| combination.transaction_limit = Some(100));
    let played = play(limited, refund(50_000), &mut card);
    assert_eq!(played.command(&[0x80, 0xAE])[2], 0x00);
    assert_eq!(played.outcome.kind, OutcomeKind::OnlineRequest);
    assert_eq!(played.outcome.cvm, mpos_emv_kernel::Cvm::NoCvm);
    assert_eq!(played.record().cryptogram_kind, CryptogramKind::Aac);
    assert_eq!(find(&played.record().host_tags, Tag::TRANSACTION_TYPE).unwrap(), Some(&[0x20][..]));
}
