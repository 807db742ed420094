//! Kernel 2: cardholder verification by the card's list, the terminal's capability and the amount.

mod support;

use mpos_emv_kernel::{Cvm, Fault, OutcomeKind, Refusal};
use support::mastercard::Mastercard;
use support::{Played, play, purchase, settings, with_kernel2};

const TVR_CVM_FAILED: u8 = 0x80;
const TVR_CVM_UNRECOGNISED: u8 = 0x40;
const TVR_ONLINE_PIN: u8 = 0x04;

/// A tap with this CVM list, on a terminal whose action codes let everything pass.
fn with_list(amount: u64, list: &str) -> Played {
    let mut card = Mastercard::new();
    card.set(0x8E, list);
    card.certify();
    let permissive = with_kernel2(settings(), |kernel| kernel.tac_denial = [0; 5]);
    play(permissive, purchase(amount), &mut card)
}

fn expect(amount: u64, list: &str, cvm: Cvm, results: [u8; 3], tvr3: u8) {
    let played = with_list(amount, list);
    assert_eq!(played.outcome.kind, OutcomeKind::OnlineRequest, "{list}: {:?}", played.outcome.reason);
    assert_eq!(played.outcome.cvm, cvm, "{list}");
    assert_eq!(played.record().cvm_results, results, "{list}");
    assert_eq!(played.record().tvr[2], tvr3, "{list}");
}

#[test]
fn the_first_rule_that_applies_and_is_supported_decides() {
    // Above the limit the terminal has online PIN only, up to it no CVM only.
    expect(4001, "0000000000000000 4203 1F03", Cvm::OnlinePin, [0x42, 0x03, 0x00], TVR_ONLINE_PIN);
    expect(4000, "0000000000000000 4203 1F03", Cvm::NoCvm, [0x1F, 0x03, 0x02], 0);
    // Signature and offline PINs are passed over where the rule allows it.
    expect(4001, "0000000000000000 5E03 4103 4403 0200", Cvm::OnlinePin, [0x02, 0x00, 0x00], TVR_ONLINE_PIN);
}

#[test]
fn a_rule_that_fails_without_a_successor_ends_the_list() {
    expect(4001, "0000000000000000 1E00 4200", Cvm::NoCvm, [0x3F, 0x00, 0x01], TVR_CVM_FAILED);
    // The card's own "fail" is reported as such.
    expect(4001, "0000000000000000 0000 4200", Cvm::NoCvm, [0x00, 0x00, 0x01], TVR_CVM_FAILED);
}

#[test]
fn a_list_in_which_nothing_applies_fails() {
    // Cash only; an unknown condition.
    expect(100, "0000000000000000 1F01 1F04 1F05 1F0A", Cvm::NoCvm, [0x3F, 0x00, 0x01], TVR_CVM_FAILED);
}

#[test]
fn an_unknown_method_is_noted_and_the_next_rule_tried() {
    expect(
        4001,
        "0000000000000000 6000 4200",
        Cvm::OnlinePin,
        [0x42, 0x00, 0x00],
        TVR_CVM_UNRECOGNISED | TVR_ONLINE_PIN,
    );
    let failed = TVR_CVM_UNRECOGNISED | TVR_CVM_FAILED;
    expect(4001, "0000000000000000 2000 4200", Cvm::NoCvm, [0x3F, 0x00, 0x01], failed);
}

#[test]
fn conditions_on_amounts_count_in_the_applications_currency_only() {
    let with_currency = |amount: u64, list: &str, currency: &str| {
        let mut card = Mastercard::new();
        card.set(0x8E, list).set(0x9F42, currency);
        card.certify();
        let permissive = with_kernel2(settings(), |kernel| kernel.tac_denial = [0; 5]);
        play(permissive, purchase(amount), &mut card).outcome.cvm
    };
    // X is 50.00: PIN over it (07); Y is 60.00: PIN under it (08).
    let over_x = "00001388 00000000 4207";
    assert_eq!(with_currency(5001, over_x, "0978"), Cvm::OnlinePin);
    assert_eq!(with_currency(5000, over_x, "0978"), Cvm::NoCvm);
    assert_eq!(with_currency(5001, over_x, "0840"), Cvm::NoCvm);
    assert_eq!(with_currency(5001, over_x, ""), Cvm::NoCvm);
    let under_y = "00000000 00001770 4208";
    assert_eq!(with_currency(5999, under_y, "0978"), Cvm::OnlinePin);
    assert_eq!(with_currency(6000, under_y, "0978"), Cvm::NoCvm);
}

#[test]
fn a_card_without_a_list_or_without_verification_has_none() {
    let played = with_list(4001, "");
    assert_eq!(played.record().cvm_results, [0x3F, 0x00, 0x00]);
    // ICC data missing.
    assert_eq!(played.record().tvr[0] & 0x20, 0x20);
    assert_eq!(with_list(4001, "0000000000000000").record().tvr[0] & 0x20, 0x20);

    let mut card = Mastercard::new();
    card.aip = [0x09, 0x80];
    card.certify();
    let played = play(settings(), purchase(4001), &mut card);
    assert_eq!(played.record().cvm_results, [0x3F, 0x00, 0x00]);
}

#[test]
fn a_downgraded_list_is_refused_above_the_limit() {
    // A list of "no CVM" alone, as an attacker between card and terminal would write it.
    let mut card = Mastercard::new();
    card.set(0x8E, "0000000000000000 1F00");
    let outcome = play(settings(), purchase(4001), &mut card).outcome;
    assert_eq!(outcome.kind, OutcomeKind::Declined);
    assert_eq!(outcome.reason, Some(Fault::Refused(Refusal::ActionCodes)));
    assert_eq!(outcome.record.unwrap().tvr[2], TVR_CVM_FAILED);
}

#[test]
fn a_capability_for_signature_is_used() {
    let with_signature = with_kernel2(settings(), |kernel| kernel.cvm_capability_required = 0x60);
    let mut card = Mastercard::new();
    card.set(0x8E, "0000000000000000 1E03 1F03");
    card.certify();
    let played = play(with_signature, purchase(4001), &mut card);
    assert_eq!(played.outcome.cvm, Cvm::Signature);
    assert_eq!(played.record().cvm_results, [0x1E, 0x03, 0x00]);
}

#[test]
fn a_phones_word_does_not_count_where_the_terminal_does_not_take_it() {
    let without = with_kernel2(settings(), |kernel| kernel.kernel_configuration = 0x80);
    let played = play(without, purchase(4001), &mut Mastercard::phone());
    assert_eq!(played.outcome.cvm, Cvm::OnlinePin);
}
