//! Kernel 3: cardholder verification, and attempts to talk the terminal out of it.

mod support;

use mpos_emv_kernel::{Cvm, Fault, OutcomeKind, Refusal};
use support::visa::Visa;
use support::{Played, bytes, change_combinations, play, purchase, settings, with_kernel3};

fn tap(amount: u64, card: &mut Visa) -> Played {
    play(settings(), purchase(amount), card)
}

fn declined(played: &Played, refusal: Refusal) {
    assert_eq!(played.outcome.kind, OutcomeKind::Declined);
    assert_eq!(played.outcome.reason, Some(Fault::Refused(refusal)));
}

#[test]
fn online_pin_comes_before_the_device() {
    let played = tap(4001, &mut Visa::online("8080"));
    assert_eq!(played.outcome.cvm, Cvm::OnlinePin);
    assert_eq!(played.record().cvm_results, [0x02, 0x00, 0x00]);
}

#[test]
fn a_card_that_offers_nothing_is_declined_where_something_is_required() {
    for ctq in ["0000", "4000", ""] {
        declined(&tap(4001, &mut Visa::online(ctq)), Refusal::NoCommonCvm);
        assert_eq!(tap(4000, &mut Visa::online(ctq)).outcome.kind, OutcomeKind::OnlineRequest);
    }
}

#[test]
fn a_signature_is_taken_only_where_the_terminal_takes_one() {
    let with_signature = with_kernel3(settings(), |kernel| kernel.ttq[0] |= 0x02);
    for ctq in ["4000", ""] {
        let played = play(with_signature.clone(), purchase(4001), &mut Visa::online(ctq));
        assert_eq!(played.outcome.cvm, Cvm::Signature);
    }
}

#[test]
fn an_altered_ctq_is_found_by_the_copy_that_the_card_signs() {
    // 9F69 says that a PIN is required; the CTQ was changed to "verified on the device".
    let mut card = Visa::online("0080");
    card.set(0x9F69, "01 CAFEBABE 8000 00");
    declined(&tap(4001, &mut card), Refusal::CtqAltered);
    // Agreeing, it counts.
    card.set(0x9F69, "01 CAFEBABE 0080 00");
    assert_eq!(tap(4001, &mut card).outcome.cvm, Cvm::OnDevice);
    // Too short to hold a CTQ.
    card.set(0x9F69, "01 CAFEBABE 00");
    declined(&tap(4001, &mut card), Refusal::CtqAltered);
}

#[test]
fn without_a_signed_copy_the_device_counts_only_if_the_bank_sees_the_cryptogram() {
    let mut card = Visa::online("0080");
    assert_eq!(tap(4001, &mut card).outcome.cvm, Cvm::OnDevice);
    assert_eq!(tap(4001, &mut card).record().cvm_results, [0x01, 0x00, 0x02]);
    card.set(0x9F27, "40");
    declined(&tap(4001, &mut card), Refusal::NoCommonCvm);
}

#[test]
fn a_device_counts_only_where_the_terminal_takes_its_word() {
    let without = with_kernel3(settings(), |kernel| kernel.ttq[2] = 0x00);
    declined(&play(without, purchase(4001), &mut Visa::online("0080")), Refusal::NoCommonCvm);
}

#[test]
fn without_a_limit_nobody_is_verified() {
    let mut unlimited = settings();
    change_combinations(&mut unlimited, |combination| combination.cvm_limit = None);
    let played = play(unlimited, purchase(1_000_000), &mut Visa::online("0000"));
    assert_eq!(played.outcome.cvm, Cvm::NoCvm);
    assert_eq!(played.command(&[0x80, 0xA8])[7..11], bytes("24804000"));
}
