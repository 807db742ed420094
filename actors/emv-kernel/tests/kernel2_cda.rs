//! Kernel 2: combined data authentication, and everything that an attacker could alter about it.

mod support;

use mpos_crypto::emv_certificate::CertificateFault;
use mpos_emv_kernel::{
    CardFault, Fault, MessageId, OdaFault, OdaVerdict, OutcomeKind, Refusal, Step, Tap, TerminalSettings,
    Verification,
};
use mpos_protocol::List;
use mpos_tlv::Tag;
use support::mastercard::{CRYPTOGRAM, Mastercard};
use support::{Card, Played, bytes, play, purchase, settings, with_kernel2};

fn tap(card: &mut Mastercard) -> Played {
    play(settings(), purchase(100), card)
}

/// The card signed, and what it signed is wrong: it does not work here.
fn fails(card: &mut Mastercard, fault: OdaFault) {
    let played = tap(card);
    assert_eq!(played.record().verdict, OdaVerdict::Failed(fault));
    assert_eq!(played.outcome.kind, OutcomeKind::EndApplication);
    assert_eq!(played.outcome.message, MessageId::TRY_ANOTHER_CARD);
    assert_eq!(played.outcome.reason, Some(Fault::Refused(Refusal::Authentication(fault))));
}

/// CDA cannot be asked for: the TVR says so, and this terminal's action codes refuse.
fn cannot_start(settings: TerminalSettings, card: &mut Mastercard, fault: OdaFault, tvr1: u8) {
    let played = play(settings.clone(), purchase(100), card);
    assert_eq!(played.record().verdict, OdaVerdict::Failed(fault));
    assert_eq!(played.record().tvr[0], tvr1);
    assert_eq!(played.outcome.reason, Some(Fault::Refused(Refusal::ActionCodes)));
    // Where they do not, the bank sees it.
    let permissive = with_kernel2(settings, |kernel| kernel.tac_denial = [0; 5]);
    let played = play(permissive, purchase(100), card);
    assert_eq!(played.outcome.kind, OutcomeKind::OnlineRequest);
    assert_eq!(played.command(&[0x80, 0xAE])[2], 0x80, "no signature is asked for");
    assert_eq!(played.record().cryptogram, CRYPTOGRAM);
}

fn flip(card: &mut Mastercard, tag: u32, at: usize) {
    let mut value = card.get(tag);
    value[at] ^= 0x01;
    card.set(tag, &hex::encode(value));
}

#[test]
fn a_genuine_card_is_verified() {
    assert_eq!(tap(&mut Mastercard::new()).record().verdict, OdaVerdict::Verified);
    assert_eq!(tap(&mut Mastercard::phone()).record().verdict, OdaVerdict::Verified);
}

#[test]
fn altered_certificates_are_found() {
    let mut card = Mastercard::new();
    flip(&mut card, 0x90, 100);
    fails(&mut card, OdaFault::IssuerCertificate(CertificateFault::Trailer));
    let mut card = Mastercard::new();
    flip(&mut card, 0x9F46, 100);
    fails(&mut card, OdaFault::IccCertificate(CertificateFault::Trailer));
    // The remainder is covered by the certificate's hash.
    let mut card = Mastercard::new();
    flip(&mut card, 0x9F48, 0);
    fails(&mut card, OdaFault::IccCertificate(CertificateFault::Hash));
    let mut card = Mastercard::new();
    card.set(0x9F47, "010001");
    fails(&mut card, OdaFault::IccCertificate(CertificateFault::Hash));
}

#[test]
fn altered_static_data_are_found() {
    // A list without PIN, an expiry further off, another limit: all are under the card's certificate.
    for (tag, value) in [(0x8E, "0000000000000000 1F00"), (0x5F24, "391231"), (0x9F0E, "0000000002")] {
        let mut card = Mastercard::new();
        card.set(tag, value);
        fails(&mut card, OdaFault::IccCertificate(CertificateFault::Hash));
    }
}

#[test]
fn an_altered_aip_is_found() {
    // "Verified on the device", said by somebody between the card and the terminal.
    let mut card = Mastercard::new();
    card.aip = [0x1B, 0x80];
    fails(&mut card, OdaFault::IccCertificate(CertificateFault::Hash));
}

#[test]
fn another_cards_certificates_are_found() {
    // Its static data are right, its number is another's.
    let mut card = Mastercard::new();
    card.set(0x5A, "5413330089020028").set(0x57, "");
    card.certify_as("5413330089020036");
    fails(&mut card, OdaFault::IccCertificate(CertificateFault::Pan));
    let mut card = Mastercard::new();
    card.set(0x5A, "4761739001010119").set(0x57, "");
    fails(&mut card, OdaFault::IssuerCertificate(CertificateFault::IssuerIdentifier));
}

#[test]
fn an_altered_answer_is_found() {
    let tampered = |change: fn(&mut Vec<u8>)| {
        let mut card = Mastercard::new();
        card.tamper = Some(Box::new(change));
        card
    };
    // The counter (9F36) behind the CID; the last byte of the issuer application data; an added object.
    let hash = OdaFault::Signature(CertificateFault::TransactionDataHash);
    fails(&mut tampered(|objects| objects[8] ^= 0x01), hash);
    fails(&mut tampered(|objects| *objects.last_mut().unwrap() ^= 0x01), hash);
    fails(&mut tampered(|objects| objects.extend([0xDF, 0x01, 0x01, 0x00])), hash);
    // A signature that is not this card's; one of another length.
    let mut damaged = tampered(|objects| objects[60] ^= 0x01);
    fails(&mut damaged, OdaFault::Signature(CertificateFault::Trailer));
}

#[test]
fn a_second_cryptogram_or_another_kind_outside_the_signature_is_found() {
    let mut card = Mastercard::new();
    card.tamper = Some(Box::new(|objects| objects.extend(bytes("9F2608 0000000000000000"))));
    fails(&mut card, OdaFault::Cryptogram);

    let mut card = Mastercard::new();
    // Signed as 80, said to be 88 (with an advice bit): still an ARQC, and not what was signed.
    card.tamper = Some(Box::new(|objects| objects[3] = 0x88));
    fails(&mut card, OdaFault::CryptogramInformation);
}

#[test]
fn an_answer_without_the_signature_that_was_asked_for_is_refused() {
    let mut inner = Mastercard::new();
    let mut card = move |command: &[u8]| match command {
        [0x80, 0xAE, ..] => Some(bytes("7714 9F270180 9F3602002A 9F2608C1C2C3C4C5C6C7C8 9000")),
        _ => inner.answer(command),
    };
    let outcome = play(settings(), purchase(100), &mut card).outcome;
    let fault = CardFault::Missing(Tag::SIGNED_DYNAMIC_APPLICATION_DATA);
    assert_eq!(outcome.reason, Some(Fault::Card(fault)));
}

#[test]
fn padded_lengths_are_hashed_as_they_were_sent() {
    // The card pads every length of its answer, and signs the bytes that it sends.
    let mut inner = Mastercard::new();
    inner.extra = bytes("DF01 8105 0102030405");
    assert_eq!(tap(&mut inner).record().verdict, OdaVerdict::Verified);
}

#[test]
fn an_expired_or_revoked_certificate_is_refused() {
    let mut card = Mastercard::new();
    let transaction = mpos_emv_kernel::Transaction { date: [0x30, 0x01, 0x01], ..purchase(100) };
    let played = play(settings(), transaction, &mut card);
    assert_eq!(
        played.record().verdict,
        OdaVerdict::Failed(OdaFault::IssuerCertificate(CertificateFault::Expired))
    );

    let mut revoking = settings();
    revoking.revoked_certificates = List::try_from(vec![mpos_emv_kernel::settings::RevokedCertificate {
        rid: [0xA0, 0, 0, 0, 4],
        index: support::CA_INDEX,
        serial: [0, 0, 1],
    }])
    .unwrap();
    let played = play(revoking, purchase(100), &mut card);
    assert_eq!(played.record().verdict, OdaVerdict::Failed(OdaFault::IssuerCertificateRevoked));
    assert_eq!(played.outcome.kind, OutcomeKind::EndApplication);
}

#[test]
fn a_card_without_its_certificates_or_with_an_unknown_key_cannot_start() {
    const CDA_FAILED: u8 = 0x04;
    const DATA_MISSING: u8 = 0x20;
    for tag in [0x8F, 0x90, 0x9F32, 0x9F46, 0x9F47, 0x9F4A] {
        let mut card = Mastercard::new();
        card.set(tag, "");
        let fault = OdaFault::DataMissing(Tag(tag));
        cannot_start(settings(), &mut card, fault, CDA_FAILED | DATA_MISSING);
    }
    let mut card = Mastercard::new();
    card.set(0x8F, "42");
    cannot_start(settings(), &mut card, OdaFault::CaKeyMissing, CDA_FAILED);
    let mut card = Mastercard::new();
    card.set(0x9F4A, "8295");
    cannot_start(settings(), &mut card, OdaFault::SdaTagList, CDA_FAILED);
    // A test key is no key for a live terminal.
    let mut live = settings();
    let mut keys = live.ca_keys.to_vec();
    keys.iter_mut().for_each(|key| key.set = mpos_emv_kernel::settings::CaKeySet::Test);
    live.ca_keys = List::try_from(keys).unwrap();
    cannot_start(live, &mut Mastercard::new(), OdaFault::CaKeyMissing, CDA_FAILED);
}

#[test]
fn a_masked_recording_replays_to_the_same_outcome() {
    // Record a tap; then play the masked answers and hand in what was found at the time.
    let mut card = Mastercard::new();
    let mut recorded = Vec::new();
    let first = play(settings(), purchase(100), &mut |command: &[u8]| {
        let answer = card.answer(command);
        recorded.push(mpos_tlv::mask_account_data(answer.as_deref().unwrap()));
        answer
    });
    let (mut tap, _) = Tap::start(std::sync::Arc::new(settings()), purchase(100));
    let mut step = tap.card_found();
    let mut answers = recorded.iter();
    let mut commands = Vec::new();
    let pending = loop {
        match step {
            Step::Command(command) => {
                commands.push(command.into_bytes());
                step = tap.card_answered(answers.next().unwrap());
            }
            Step::CardDone(pending) => break pending,
            _ => panic!("the replay takes the same way"),
        }
    };
    assert_eq!(commands, first.commands);
    assert!(matches!(pending.verify().verdict, OdaVerdict::Failed(_)), "the masked card cannot be verified");

    let record = first.record();
    let replayed = pending.finish(Verification {
        verdict: OdaVerdict::from_code(record.verdict.code()),
        cryptogram: Some(record.cryptogram),
    });
    assert_eq!(replayed.kind, first.outcome.kind);
    let replayed = replayed.record.unwrap();
    assert_eq!(replayed.host_tags, record.host_tags);
    assert_eq!(replayed.verdict, OdaVerdict::Verified);
    assert_eq!(replayed.pan, record.pan);
}
