//! "PIN above 40.00": kernel 2 compares with `>`, kernel 3 with `>=`, and both must mean the same.

mod support;

use mpos_emv_kernel::{Cvm, MessageId, OutcomeKind};
use support::mastercard::Mastercard;
use support::visa::Visa;
use support::{Card, Played, play, purchase, settings};

fn tap(amount: u64, mut card: impl Card) -> Played {
    let played = play(settings(), purchase(amount), &mut card);
    assert_eq!(played.outcome.kind, OutcomeKind::OnlineRequest, "{:?}", played.outcome.reason);
    played
}

/// A Visa card that wants a PIN when the terminal says that one is required (TTQ byte 2, bit 7).
fn plain_visa() -> impl Card {
    let mut inner = Visa::online("0000");
    move |command: &[u8]| {
        if let [0x80, 0xA8, _, _, _, _, _, _, qualifiers, ..] = command {
            inner.set(0x9F6C, if qualifiers & 0x40 != 0 { "8000" } else { "0000" });
        }
        inner.answer(command)
    }
}

#[test]
fn a_mastercard_needs_a_pin_above_40_and_not_at_40() {
    for (amount, cvm) in [(3999, Cvm::NoCvm), (4000, Cvm::NoCvm), (4001, Cvm::OnlinePin)] {
        assert_eq!(tap(amount, Mastercard::new()).outcome.cvm, cvm, "{amount}");
    }
}

#[test]
fn a_visa_needs_a_pin_above_40_and_not_at_40() {
    for (amount, cvm) in [(3999, Cvm::NoCvm), (4000, Cvm::NoCvm), (4001, Cvm::OnlinePin)] {
        let played = tap(amount, plain_visa());
        assert_eq!(played.outcome.cvm, cvm, "{amount}");
        let required = played.command(&[0x80, 0xA8])[8] & 0x40 != 0;
        assert_eq!(required, amount > 4000, "the card is told the same");
    }
}

#[test]
fn a_mastercard_phone_verifies_its_owner_and_needs_no_pin() {
    for (amount, cvm) in [(3999, Cvm::NoCvm), (4000, Cvm::NoCvm), (4001, Cvm::OnDevice)] {
        let played = tap(amount, Mastercard::phone());
        assert_eq!(played.outcome.cvm, cvm, "{amount}");
        let results = if amount > 4000 { [0x01, 0x00, 0x02] } else { [0x3F, 0x00, 0x02] };
        assert_eq!(played.record().cvm_results, results);
    }
}

#[test]
fn a_visa_phone_verifies_its_owner_and_needs_no_pin() {
    for amount in [3999, 4000, 4001] {
        assert_eq!(tap(amount, Visa::online("0080")).outcome.cvm, Cvm::OnDevice, "{amount}");
    }
}

#[test]
fn a_pin_is_asked_for_only_when_one_is_needed() {
    assert_eq!(tap(4001, Mastercard::new()).outcome.message, MessageId::ENTER_PIN);
    assert_eq!(tap(4000, Mastercard::new()).outcome.message, MessageId::AUTHORISING);
    assert_eq!(tap(4001, Mastercard::phone()).outcome.message, MessageId::AUTHORISING);
}
