//! Kernel 3: GET PROCESSING OPTIONS, the card's decision, refunds.

mod support;

use mpos_emv_kernel::{
    CardFault, CommandKind, CryptogramKind, Cvm, Fault, MessageId, NotPerformed, OdaVerdict, OutcomeKind,
    Refusal, Scheme,
};
use mpos_tlv::{StatusWord, Tag, find};
use support::visa::{CRYPTOGRAM, Visa};
use support::{Card, bytes, change_combinations, play, play_script, purchase, refund, settings};

#[test]
fn an_online_card_without_an_afl_is_the_normal_case() {
    let played = play_script(
        settings(),
        purchase(123),
        &[
            (
                "SELECT PPSE: one Visa",
                "00A404000E325041592E5359532E444446303100",
                "6F24 840E 325041592E5359532E4444463031 A512 BF0C0F 610D 4F07A0000000031010 9F2A0103 9000",
            ),
            (
                "SELECT it: PDOL asks for TTQ, amount, random number",
                "00A4040007A000000003101000",
                "6F1D 8407A0000000031010 A512 500456495341 9F38099F66049F02069F3704 9000",
            ),
            (
                "GPO: AIP, ATC, track 2, issuer data, cryptogram, sequence number, CTQ",
                "80A8000010 830E 24804000 000000000123 11111111 00",
                "7741 82022000 9F3602002B 5711 4761739001010036D29122010000000000 \
                 9F1007 06010A03A00000 9F2608 D1D2D3D4D5D6D7D8 5F340101 9F6C020000 \
                 9F6E04 20700000 9000",
            ),
        ],
    );
    assert_eq!(played.outcome.kind, OutcomeKind::OnlineRequest, "{:?}", played.outcome.reason);
    assert_eq!(played.outcome.cvm, Cvm::NoCvm);
    let record = played.record();
    assert_eq!(record.cryptogram, CRYPTOGRAM);
    assert_eq!(record.cryptogram_kind, CryptogramKind::Arqc);
    assert_eq!(record.tvr, [0; 5]);
    assert_eq!(record.verdict, OdaVerdict::NotPerformed(NotPerformed::NotRequired));
    assert_eq!(record.pan.to_string(), "***0036");
    assert_eq!(record.account.expiry, [0x29, 0x12]);
    // The kind that the bank is told was read from the issuer application data.
    assert_eq!(find(&record.host_tags, Tag::CRYPTOGRAM_INFORMATION_DATA).unwrap(), Some(&[0x80][..]));
    assert_eq!(find(&record.host_tags, Tag::FORM_FACTOR_INDICATOR).unwrap(), Some(&bytes("20700000")[..]));
    let application = played.outcome.application.unwrap();
    assert_eq!(application.scheme, Scheme::Visa);
    assert_eq!(&*application.label, b"VISA");
}

#[test]
fn the_schemes_other_brands_are_told_apart() {
    for (aid, scheme) in [("A0000000032010", Scheme::VisaElectron), ("A0000000032020", Scheme::VPay)] {
        let mut card = Visa::online("0000");
        card.aid = bytes(aid);
        let outcome = play(settings(), purchase(100), &mut card).outcome;
        assert_eq!(outcome.application.unwrap().scheme, scheme);
    }
}

#[test]
fn a_pdol_without_the_ttq_leads_to_the_next_application() {
    let mut card = Visa::online("0000");
    card.pdol = bytes("9F0206");
    let outcome = play(settings(), purchase(100), &mut card).outcome;
    assert_eq!(outcome.reason, Some(Fault::Card(CardFault::Value(Tag::PDOL))));
    assert_eq!(outcome.kind, OutcomeKind::EndApplication);
}

#[test]
fn status_words_of_gpo_have_their_own_meanings() {
    let with_status = |status| {
        let mut card = Visa::online("0000");
        card.gpo_status = status;
        play(settings(), purchase(100), &mut card)
    };
    let contact = with_status(0x6984).outcome;
    assert_eq!(contact.kind, OutcomeKind::TryAnotherInterface);
    assert_eq!(contact.reason, Some(Fault::Refused(Refusal::OtherInterface)));

    let next = with_status(0x6985).outcome;
    assert_eq!(next.kind, OutcomeKind::EndApplication);

    let phone = with_status(0x6986);
    assert_eq!(phone.presentations.len(), 4);
    assert_eq!(phone.presentations[1].message, MessageId::SEE_PHONE);
    assert_eq!(phone.presentations[1].hold_ms, 1300);
    assert_eq!(phone.outcome.reason, Some(Fault::Refused(Refusal::SeePhone)));

    let other = with_status(0x6A81).outcome;
    let fault = CardFault::Status {
        command: CommandKind::GetProcessingOptions,
        status: StatusWord::FUNCTION_NOT_SUPPORTED,
    };
    assert_eq!(other.reason, Some(Fault::Card(fault)));
}

#[test]
fn a_phone_is_seen_to_and_presented_again() {
    let mut inner = Visa::online("0080");
    let mut asked = 0;
    let mut card = move |command: &[u8]| {
        if command.starts_with(&[0x80, 0xA8]) {
            asked += 1;
            inner.gpo_status = if asked == 1 { 0x6986 } else { 0x9000 };
        }
        inner.answer(command)
    };
    let played = play(settings(), purchase(5000), &mut card);
    assert_eq!(played.outcome.kind, OutcomeKind::OnlineRequest);
    assert_eq!(played.outcome.cvm, Cvm::OnDevice);
    assert_eq!(played.presentations.len(), 2);
}

#[test]
fn mandatory_objects_must_be_there() {
    for (tag, fault) in [
        (0x82, CardFault::Missing(Tag::AIP)),
        (0x9F26, CardFault::Missing(Tag::APPLICATION_CRYPTOGRAM)),
        (0x9F36, CardFault::Missing(Tag::ATC)),
        (0x57, CardFault::Missing(Tag::PAN)),
        (0x9F10, CardFault::Missing(Tag::ISSUER_APPLICATION_DATA)),
    ] {
        let mut card = Visa::online("0000");
        card.set(tag, "");
        assert_eq!(play(settings(), purchase(100), &mut card).outcome.reason, Some(Fault::Card(fault)));
    }
    for tag in [0x9F10, 0x9F6E, 0x9F7C] {
        let mut card = Visa::online("0000");
        card.set(tag, &"00".repeat(33));
        let outcome = play(settings(), purchase(100), &mut card).outcome;
        assert_eq!(outcome.reason, Some(Fault::Card(CardFault::Length(Tag(tag)))));
    }
    let mut card = Visa::online("0000");
    card.set(0x9F10, "06010A03");
    let outcome = play(settings(), purchase(100), &mut card).outcome;
    assert_eq!(outcome.reason, Some(Fault::Card(CardFault::Length(Tag::ISSUER_APPLICATION_DATA))));
}

#[test]
fn the_cryptogram_decides() {
    let kind = |cid: &str, issuer_data: &str| {
        let mut card = Visa::online("0000");
        card.set(0x9F27, cid).set(0x9F10, issuer_data);
        play(settings(), purchase(100), &mut card)
    };
    let declined = kind("", "06010A03800000");
    assert_eq!(declined.outcome.kind, OutcomeKind::Declined);
    assert_eq!(declined.outcome.reason, Some(Fault::Refused(Refusal::ByCard)));
    assert_eq!(declined.record().cryptogram_kind, CryptogramKind::Aac);
    // What the card says in 9F27 comes before what its issuer data say.
    assert_eq!(kind("80", "06010A03800000").outcome.kind, OutcomeKind::OnlineRequest);
    // A wallet's 32 bytes.
    let wallet = format!("1F4363002000000000{}", "00".repeat(23));
    assert_eq!(kind("80", &wallet).outcome.kind, OutcomeKind::OnlineRequest);
    assert_eq!(
        kind("C0", "06010A03A00000").outcome.reason,
        Some(Fault::Card(CardFault::CryptogramKind(0xC0)))
    );
    // An approval where the terminal required to go online goes online.
    assert_eq!(kind("40", "06010A03900000").outcome.kind, OutcomeKind::OnlineRequest);
}

#[test]
fn an_empty_afl_is_no_afl_in_format_1_too() {
    let mut inner = Visa::online("0000");
    let mut card = move |command: &[u8]| match command {
        [0x80, 0xA8, ..] => Some(bytes("8002 2000 9000")),
        _ => inner.answer(command),
    };
    // Nothing but an AIP: no cryptogram, so no sale.
    let outcome = play(settings(), purchase(100), &mut card).outcome;
    assert_eq!(outcome.reason, Some(Fault::Card(CardFault::Missing(Tag::APPLICATION_CRYPTOGRAM))));
}

#[test]
fn a_card_that_leaves_at_gpo_is_asked_for_again() {
    let mut inner = Visa::online("0000");
    let mut left = false;
    let mut card = move |command: &[u8]| {
        if command.starts_with(&[0x80, 0xA8]) && !left {
            left = true;
            return None;
        }
        inner.answer(command)
    };
    let played = play(settings(), purchase(100), &mut card);
    assert_eq!(played.outcome.kind, OutcomeKind::OnlineRequest);
    let numbers: Vec<_> =
        played.commands.iter().filter(|command| command[1] == 0xA8).map(|gpo| gpo[36..40].to_vec()).collect();
    assert_eq!(numbers, [[0x11; 4], [0x22; 4]]);
}

#[test]
fn a_refund_is_read_through_gpo_whatever_the_cryptogram() {
    for cid in ["00", "40", "80"] {
        let mut card = Visa::online("8000");
        card.set(0x9F27, cid);
        let mut limited = settings();
        change_combinations(&mut limited, |combination| combination.transaction_limit = Some(100));
        let played = play(limited, refund(50_000), &mut card);
        assert_eq!(played.outcome.kind, OutcomeKind::OnlineRequest);
        assert_eq!(played.outcome.cvm, Cvm::NoCvm);
        assert_eq!(played.command(&[0x80, 0xA8])[7..11], bytes("24004000"));
    }
}
