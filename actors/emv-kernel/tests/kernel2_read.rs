//! Kernel 2: GET PROCESSING OPTIONS, records, mandatory data.

mod support;

use mpos_emv_kernel::{CardFault, CommandKind, Fault, OutcomeKind, Refusal};
use mpos_tlv::{StatusWord, Tag, TlvFault, Track2Fault};
use support::mastercard::Mastercard;
use support::{
    Card, Script, bytes, change_combinations, play, play_script, purchase, settings, tlv, with_kernel2,
};

/// A Mastercard by script, up to GENERATE AC; the last lines are the caller's.
fn scripted(
    lines: &[(&'static str, &'static str, &'static str)],
) -> Vec<(&'static str, &'static str, &'static str)> {
    let start: Script<'static> = &[
        (
            "SELECT PPSE: one Mastercard",
            "00A404000E325041592E5359532E444446303100",
            "6F24 840E 325041592E5359532E4444463031 A512 BF0C0F 610D 4F07A0000000041010 9F2A0102 9000",
        ),
        ("SELECT it: no PDOL", "00A4040007A000000004101000", "6F10 8407A0000000041010 A505 5003414243 9000"),
    ];
    [start, lines].concat()
}

fn ends(lines: &[(&'static str, &'static str, &'static str)], fault: CardFault) {
    let played = play_script(settings(), purchase(100), &scripted(lines));
    assert_eq!(played.outcome.reason, Some(Fault::Card(fault)));
    assert_eq!(played.outcome.kind, OutcomeKind::EndApplication);
    assert!(played.outcome.record.is_none());
}

const GPO: &str = "80A8000002830000";

#[test]
fn without_a_pdol_gpo_is_8300_and_format_1_will_do() {
    ends(
        &[
            ("GPO: format 1, one record", GPO, "8006 1980 10010100 9000"),
            ("READ RECORD 1 of SFI 2: no account number", "00B2011400", "7006 5F2403291231 9000"),
        ],
        CardFault::Missing(Tag::PAN),
    );
}

#[test]
fn an_answer_to_gpo_must_be_whole() {
    ends(&[("GPO: no AFL", GPO, "7704 82021980 9000")], CardFault::Missing(Tag::AFL));
    ends(&[("GPO: no AIP", GPO, "7706 940410010100 9000")], CardFault::Missing(Tag::AIP));
    ends(&[("GPO: AIP of one byte", GPO, "7709 820119 940410010100 9000")], CardFault::Length(Tag::AIP));
    ends(
        &[("GPO: a record template", GPO, "7004 82021980 9000")],
        CardFault::Template(CommandKind::GetProcessingOptions),
    );
    ends(
        &[("GPO: something after the template", GPO, "7704 82021980 8200 9000")],
        CardFault::Template(CommandKind::GetProcessingOptions),
    );
    ends(
        &[("GPO: a value that is cut", GPO, "7704 82041980 9000")],
        CardFault::Tlv(
            CommandKind::GetProcessingOptions,
            TlvFault::ValueCut { tag: Tag::AIP, said: 4, left: 2 },
        ),
    );
    ends(&[("GPO: mag-stripe mode only", GPO, "8006 1900 10010100 9000")], CardFault::NoEmvMode);
}

#[test]
fn an_afl_must_be_one() {
    for (afl, fault) in [
        ("8005 1980 100101", CardFault::Length(Tag::AFL)),
        ("8006 1980 00010100", CardFault::Value(Tag::AFL)),
        ("8006 1980 F8010100", CardFault::Value(Tag::AFL)),
        ("8006 1980 11010100", CardFault::Value(Tag::AFL)),
        ("8006 1980 10000100", CardFault::Value(Tag::AFL)),
        ("8006 1980 10020100", CardFault::Value(Tag::AFL)),
        ("8006 1980 10010102", CardFault::Value(Tag::AFL)),
        ("8006 1980 1001FF00", CardFault::TooManyRecords),
    ] {
        let line: &'static str = Box::leak(format!("{afl}9000").into_boxed_str());
        ends(&[("GPO: a bad AFL", GPO, line)], fault);
    }
}

#[test]
fn a_refused_gpo_leads_to_the_next_application() {
    let played = play_script(
        settings(),
        purchase(100),
        &scripted(&[("GPO: conditions not satisfied, and there is no other", GPO, "6985")]),
    );
    let status = StatusWord::CONDITIONS_NOT_SATISFIED;
    let fault = CardFault::Status { command: CommandKind::GetProcessingOptions, status };
    assert_eq!(played.outcome.reason, Some(Fault::Card(fault)));
}

#[test]
fn a_record_that_is_refused_or_no_record_ends_the_tap() {
    let gpo = ("GPO", GPO, "8006 1980 10010100 9000");
    let read = "00B2011400";
    ends(
        &[gpo, ("READ RECORD: not found", read, "6A83")],
        CardFault::Status { command: CommandKind::ReadRecord, status: StatusWord::RECORD_NOT_FOUND },
    );
    ends(
        &[gpo, ("READ RECORD: another template", read, "7700 9000")],
        CardFault::Template(CommandKind::ReadRecord),
    );
    ends(&[gpo, ("READ RECORD: one byte", read, "90")], CardFault::NoStatus(CommandKind::ReadRecord));
}

#[test]
fn an_object_given_twice_ends_the_tap() {
    let mut card = Mastercard::new();
    card.keys.push((0x5F24, bytes("991231")));
    let outcome = play(settings(), purchase(100), &mut card).outcome;
    assert_eq!(outcome.reason, Some(Fault::Card(CardFault::Duplicate(Tag::EXPIRATION_DATE))));

    // Within one record too; an empty one is as good as absent.
    let mut card = Mastercard::new();
    card.signed.push((0x5A, bytes("5413330089020037")));
    card.certify();
    let outcome = play(settings(), purchase(100), &mut card).outcome;
    assert_eq!(outcome.reason, Some(Fault::Card(CardFault::Duplicate(Tag::PAN))));

    let mut card = Mastercard::new();
    card.keys.push((0x5F24, Vec::new()));
    assert_eq!(play(settings(), purchase(100), &mut card).outcome.kind, OutcomeKind::OnlineRequest);
}

#[test]
fn mandatory_objects_must_be_there_and_well_formed() {
    for (tag, value, fault) in [
        (0x5A, "", CardFault::Missing(Tag::PAN)),
        (0x5F24, "", CardFault::Missing(Tag::EXPIRATION_DATE)),
        (0x8C, "", CardFault::Missing(Tag::CDOL1)),
        (0x5F24, "2912", CardFault::Length(Tag::EXPIRATION_DATE)),
        (0x5A, "54133300890A0036", CardFault::Account(Tag::PAN, Track2Fault::NotADigit)),
        (
            0x57,
            "5413330089020036",
            CardFault::Account(Tag::TRACK2_EQUIVALENT_DATA, Track2Fault::SeparatorMissing),
        ),
        (0x57, "4761739001010119D29122010000000000", CardFault::AccountsDiffer),
        (0x8C, "9F02", CardFault::Dol(Tag::CDOL1, mpos_tlv::DolFault::LengthMissing(Tag::AMOUNT_AUTHORISED))),
        (0x9F0D, "B45084", CardFault::Length(Tag::IAC_DEFAULT)),
        (0x8E, "0000000000000000 42", CardFault::Length(Tag::CVM_LIST)),
        (0x9F08, "00", CardFault::Length(Tag::APPLICATION_VERSION_CARD)),
    ] {
        let mut card = Mastercard::new();
        card.set(tag, value);
        card.certify();
        let outcome = play(settings(), purchase(100), &mut card).outcome;
        assert_eq!(outcome.reason, Some(Fault::Card(fault)), "{tag:X} = {value}");
    }
}

#[test]
fn the_pdol_is_filled_with_the_terminals_data() {
    let mut card = Mastercard::new();
    // Amount, currency, country, type, risk management data, an unknown object, the card's own AIP.
    card.pdol = bytes("9F0206 5F2A02 9F1A02 9F3501 9F1D08 DF7F02 9F3704");
    let played = play(settings(), purchase(4001), &mut card);
    assert_eq!(played.outcome.kind, OutcomeKind::OnlineRequest, "{:?}", played.outcome.reason);
    assert_eq!(
        played.command(&[0x80, 0xA8]),
        bytes("80A800001B 8319 000000004001 0978 0900 21 4C00800000000000 0000 11111111 00")
    );
}

#[test]
fn a_card_cannot_replace_the_terminals_data() {
    let mut card = Mastercard::new();
    // An amount, a TVR and a random number of the card's own, in a record.
    for (tag, value) in [(0x9F02, "000000000001"), (0x95, "0000000000"), (0x9F37, "DEADBEEF")] {
        card.signed.push((tag, bytes(value)));
    }
    card.certify();
    let played = play(settings(), purchase(4001), &mut card);
    let values = &played.command(&[0x80, 0xAE])[5..];
    assert_eq!(values[..6], bytes("000000004001"));
    assert_eq!(values[25..29], [0x11; 4]);
    let amount = mpos_tlv::find(&played.record().host_tags, Tag::AMOUNT_AUTHORISED).unwrap();
    assert_eq!(amount, Some(&bytes("000000004001")[..]));
}

#[test]
fn account_data_are_not_echoed_into_commands() {
    let mut card = Mastercard::new();
    card.set(0x8C, "9F0206 5A08 5711 9F3704");
    let mut generate_ac = Vec::new();
    let mut spy = |command: &[u8]| {
        if command.starts_with(&[0x80, 0xAE]) {
            generate_ac = command.to_vec();
            return support::status(0x6985);
        }
        card.answer(command)
    };
    play(settings(), purchase(100), &mut spy);
    assert_eq!(generate_ac[11..36], [0; 25]);
}

#[test]
fn the_mag_stripe_record_is_skipped_unless_the_terminal_has_emv_mode_only() {
    let afl = |command: &[u8], card: &mut Mastercard| match command {
        [0x80, 0xA8, ..] => {
            let afl = bytes("08010100 10010101 18010200");
            support::ok(&tlv(0x77, &[tlv(0x82, &card.aip), tlv(0x94, &afl)].concat()))
        }
        [0x00, 0xB2, 1, 0x0C, ..] => support::ok(&bytes("7006 9F6C020001 00")),
        _ => card.answer(command),
    };
    let reads_it = |settings| {
        let mut card = Mastercard::new();
        let played = play(settings, purchase(100), &mut |command: &[u8]| afl(command, &mut card));
        played.commands.contains(&bytes("00B2010C00"))
    };
    assert!(reads_it(settings()));
    assert!(!reads_it(with_kernel2(settings(), |kernel| kernel.kernel_configuration = 0x20)));
}

#[test]
fn over_the_transaction_limit_the_next_application_is_tried() {
    let limited = || {
        let mut settings = with_kernel2(settings(), |kernel| kernel.transaction_limit_on_device = Some(9000));
        change_combinations(&mut settings, |combination| combination.transaction_limit = Some(5000));
        settings
    };
    let outcome = |amount, mut card: Mastercard| play(limited(), purchase(amount), &mut card).outcome;
    // Kernel 2 compares with `>`.
    assert_eq!(outcome(5000, Mastercard::new()).kind, OutcomeKind::OnlineRequest);
    let over = outcome(5001, Mastercard::new());
    assert_eq!(over.kind, OutcomeKind::EndApplication);
    assert_eq!(over.reason, Some(Fault::Refused(Refusal::OverLimit)));
    // A phone that verifies its owner has its own limit.
    assert_eq!(outcome(9000, Mastercard::phone()).kind, OutcomeKind::OnlineRequest);
    assert_eq!(outcome(9001, Mastercard::phone()).reason, Some(Fault::Refused(Refusal::OverLimit)));
}
