//! Kernel 3: fast dynamic data authentication, and what the card wants if it fails.

mod support;

use mpos_crypto::emv_certificate::CertificateFault;
use mpos_emv_kernel::{
    Fault, MessageId, NotPerformed, OdaFault, OdaVerdict, OutcomeKind, Refusal, TerminalSettings, Transaction,
};
use mpos_tlv::Tag;
use support::visa::Visa;
use support::{Played, bytes, change_combinations, play, purchase, settings, with_kernel3};

/// TTQ byte 1, bit 1: data authentication for online transactions too.
fn oda_online() -> TerminalSettings {
    with_kernel3(settings(), |kernel| kernel.ttq[0] |= 0x01)
}

/// A terminal that may approve 1.00 by itself, with a contact reader.
fn offline() -> TerminalSettings {
    let mut settings = with_kernel3(settings(), |kernel| kernel.ttq[0] |= 0x10);
    change_combinations(&mut settings, |combination| combination.floor_limit = 100);
    settings
}

fn tap(settings: TerminalSettings, card: &mut Visa) -> Played {
    play(settings, purchase(100), card)
}

#[test]
fn a_genuine_card_is_verified_where_the_terminal_wants_it() {
    let mut card = Visa::with_fdda("0000");
    let played = tap(oda_online(), &mut card);
    assert_eq!(played.record().verdict, OdaVerdict::Verified);
    assert_eq!(played.outcome.kind, OutcomeKind::OnlineRequest);
    let played = tap(settings(), &mut card);
    assert_eq!(played.record().verdict, OdaVerdict::NotPerformed(NotPerformed::NotRequired));
    let played = tap(oda_online(), Visa::online("0000").set(0x82, "0000"));
    assert_eq!(played.record().verdict, OdaVerdict::NotPerformed(NotPerformed::CardDoesNot));
}

#[test]
fn an_approval_offline_needs_it() {
    let mut card = Visa::with_fdda("0000");
    card.set(0x9F27, "40");
    let played = tap(offline(), &mut card);
    assert_eq!(played.outcome.kind, OutcomeKind::Approved);
    assert_eq!(played.outcome.message, MessageId::APPROVED);
    assert_eq!(played.record().verdict, OdaVerdict::Verified);
    // Above the floor limit it would have gone online.
    assert_eq!(play(offline(), purchase(101), &mut card).outcome.kind, OutcomeKind::OnlineRequest);
    // A card that approves without being able to prove itself.
    let mut card = Visa::online("0000");
    card.set(0x9F27, "40").set(0x5F24, "291231");
    let played = tap(offline(), &mut card);
    assert_eq!(played.outcome.kind, OutcomeKind::Declined);
    let fault = OdaFault::DataMissing(Tag::CA_PUBLIC_KEY_INDEX);
    assert_eq!(played.record().verdict, OdaVerdict::Failed(fault));
}

#[test]
fn what_the_card_wants_if_it_fails_is_done() {
    let failing = |ctq: &str| {
        let mut card = Visa::with_fdda(ctq);
        card.set(0x9F27, "40");
        card.related[2] ^= 0x01;
        // Signed with the altered copy, so that the signature is right; then altered on the way.
        card.keys.retain(|(tag, _)| *tag != 0x9F32);
        tap(offline(), &mut card)
    };
    let online = failing("2000");
    assert_eq!(online.outcome.kind, OutcomeKind::OnlineRequest);
    assert!(matches!(online.record().verdict, OdaVerdict::Failed(_)));
    assert_eq!(failing("1000").outcome.kind, OutcomeKind::TryAnotherInterface);
    let declined = failing("0000").outcome;
    assert_eq!(declined.kind, OutcomeKind::Declined);
    let fault = OdaFault::DataMissing(Tag::ISSUER_PUBLIC_KEY_EXPONENT);
    assert_eq!(declined.reason, Some(Fault::Refused(Refusal::Authentication(fault))));
}

#[test]
fn altered_data_are_found() {
    let verdict = |change: fn(&mut Visa)| {
        let mut card = Visa::with_fdda("0000");
        change(&mut card);
        tap(oda_online(), &mut card).record().verdict
    };
    let failed = OdaVerdict::Failed;
    // The account number in the record is under the certificate.
    assert_eq!(
        verdict(|card| card.record[2].1 = bytes("FF80")),
        failed(OdaFault::IccCertificate(CertificateFault::Hash))
    );
    assert_eq!(verdict(|card| card.related[0] = 0x00), failed(OdaFault::FddaVersion));
    // The records name another amount of signed data than the certificate covers.
    assert_eq!(
        verdict(|card| card.record.push((0x9F4A, bytes("82")))),
        failed(OdaFault::IccCertificate(CertificateFault::Hash))
    );
}

#[test]
fn an_altered_copy_of_the_ctq_is_found() {
    use support::Card;
    let mut inner = Visa::with_fdda("0080");
    // On the way, 9F69 in the last record is changed: its CTQ bytes.
    let mut card = move |command: &[u8]| {
        let mut answer = inner.answer(command)?;
        if command.starts_with(&bytes("00B2021C")) {
            let at = answer.len() - 2 - 3;
            answer[at] ^= 0x80;
        }
        Some(answer)
    };
    let played = play(oda_online(), purchase(100), &mut card);
    assert_eq!(played.outcome.reason, Some(Fault::Refused(Refusal::CtqAltered)));
}

#[test]
fn an_expired_card_is_no_approval() {
    let late = Transaction { date: [0x29, 0x12, 0x31], ..purchase(100) };
    let expired = |ctq: &str| {
        let mut card = Visa::with_fdda(ctq);
        card.set(0x9F27, "40");
        card.record[1].1 = bytes("291230");
        card.keys = support::certificates::chain(
            &bytes(support::visa::PAN),
            &card.record.iter().flat_map(|(tag, value)| support::tlv(*tag, value)).collect::<Vec<_>>(),
            [0x12, 0x29],
        );
        play(offline(), late.clone(), &mut card).outcome
    };
    assert_eq!(expired("0000").reason, Some(Fault::Refused(Refusal::Expired)));
    assert_eq!(expired("0800").kind, OutcomeKind::OnlineRequest);
}
