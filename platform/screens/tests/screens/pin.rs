//! The PIN pad passes through: the picture to the shell, touches back; no digit is here.

use crate::support::{Shop, amount, not_approved, pin_pad, text};
use mpos_protocol::{
    Secret,
    admin::Language,
    inbox,
    pad::{Exposure, PadPoint},
    pin::{
        PinFault,
        messages::{ArrangePinPad, HidePinPad, PinAbandoned, PinPadExposed, PinPadTouched},
    },
    sale::{Cause, DeclineReason, SaleOutcome},
    screen::{Act, KeyRole, TextStyle},
    shell::SaleProgress,
};
use mpos_screens::ToTerminal;

const COVERED: Exposure = Exposure { covered: true, captured: false };
const CAPTURED: Exposure = Exposure { covered: false, captured: true };
const UNSEEN: Exposure = Exposure { covered: false, captured: false };

fn asked_in(language: Language) -> Shop {
    let mut shop = Shop::new(language);
    shop.hear(inbox::Shell::ShowPinPad(pin_pad(7, false, UNSEEN)));
    shop.at("payment.pin");
    shop
}

fn asked() -> Shop {
    asked_in(Language::English)
}

fn touch(pad: u32, x: u16, y: u16) -> Act {
    Act::Touch { pad, at: Secret::new(PadPoint { x, y }) }
}

fn enabled(shop: &Shop) -> Vec<bool> {
    shop.pin_pad().expect("a pad").keys.iter().map(|key| key.enabled).collect()
}

#[test]
fn a_pad_is_drawn_as_it_came_and_touches_go_back_as_they_were() {
    let mut shop = asked();
    assert!(shop.screen().keeps_secret);
    shop.says(TextStyle::Amount, "EUR 50.00");
    shop.says(TextStyle::Hint, "Nobody else may see the PIN");
    let pad = shop.pin_pad().expect("a pad");
    let came = pin_pad(7, false, UNSEEN);
    assert_eq!((pad.pad, pad.filled, &*pad.spoken), (7, 0, "0 digits typed"));
    for (key, came) in pad.keys.iter().zip(came.keys.iter()) {
        assert_eq!((&key.glyph, key.area), (&came.glyph, came.area));
    }
    let said: Vec<_> = pad.keys.iter().map(|key| (key.role, &*key.label, &*key.spoken)).collect();
    assert_eq!(
        said,
        [
            (KeyRole::Clear, "Clear", "Clear"),
            (KeyRole::Digit, "", "Row 4, middle"),
            (KeyRole::Confirm, "OK", "OK"),
        ]
    );
    shop.act(touch(7, 4999, 8000));
    let touched = PinPadTouched { pad: 7, at: Secret::new(PadPoint { x: 4999, y: 8000 }) };
    let sent = shop.sent();
    assert!(!format!("{sent:?}").contains("4999"), "{sent:?}");
    assert_eq!(sent, ToTerminal::PinPadTouched(touched));
}

#[test]
fn dots_and_keys_follow_what_the_pad_tells() {
    let mut shop = asked();
    assert_eq!(enabled(&shop), [false, true, false]);
    let number = shop.screen().number;
    shop.dots(7, 1);
    assert_eq!(
        shop.pin_pad().map(|pad| (pad.filled, pad.spoken.to_string())),
        Some((1, "1 digit typed".into()))
    );
    assert_eq!(enabled(&shop), [true, true, false]);
    shop.dots(7, 4);
    assert_eq!(enabled(&shop), [true, true, true]);
    shop.dots(6, 2);
    assert_eq!(shop.pin_pad().map(|pad| pad.filled), Some(4), "another pad's");
    assert_eq!(shop.screen().number, number, "the same place");
}

#[test]
fn a_pin_that_was_confirmed_leads_to_the_bank_and_its_answer() {
    let mut shop = asked();
    shop.hear(inbox::Shell::HidePinPad(HidePinPad));
    shop.at("payment.bank");
    assert!(shop.pin_pad().is_none() && !shop.screen().keeps_secret);
    shop.act(touch(7, 1, 1));
    assert!(shop.sent.is_empty(), "the pad is gone");
    shop.hear(inbox::Shell::SaleProgress(SaleProgress::Online));
    shop.end_sale(not_approved(SaleOutcome::Declined, Cause::Declined(DeclineReason::WrongPin)));
    shop.at("result.declined");
    shop.says(TextStyle::Body, "The PIN is wrong.");
    shop.says(TextStyle::Body, "Start the sale again. Let the customer retype the PIN.");
}

#[test]
fn a_pin_can_be_abandoned_and_then_nothing_is_pressed() {
    let mut shop = asked();
    shop.press("cancel");
    assert_eq!(shop.sent(), ToTerminal::PinAbandoned(PinAbandoned));
    assert!(!shop.can_press("cancel") && !shop.can_press("pad-fixed"));
    shop.act(touch(7, 1, 1));
    shop.act(Act::Press(text("pad-fixed")));
    assert!(shop.sent.is_empty());
    shop.hear(inbox::Shell::HidePinPad(HidePinPad));
    shop.end_sale(not_approved(SaleOutcome::Cancelled, Cause::Pin(PinFault::Cancelled)));
    shop.says(TextStyle::Body, "needs the card's PIN");
}

#[test]
fn the_customer_asks_for_the_order_of_a_telephone_and_back() {
    let mut shop = asked();
    shop.press("pad-fixed");
    assert_eq!(shop.sent(), ToTerminal::ArrangePinPad(ArrangePinPad { pad: 7, fixed: true }));
    shop.dots(7, 3);
    shop.hear(inbox::Shell::ShowPinPad(pin_pad(8, true, UNSEEN)));
    assert_eq!(shop.pin_pad().map(|pad| (pad.pad, pad.filled)), Some((8, 0)));
    shop.says(TextStyle::Hint, "as on a telephone");
    shop.press("pad-shuffled");
    assert_eq!(shop.sent(), ToTerminal::ArrangePinPad(ArrangePinPad { pad: 8, fixed: false }));
}

#[test]
fn who_else_sees_the_screen_is_told_to_the_pad_once_and_the_reason_is_said() {
    for (exposure, words) in
        [(COVERED, "Another app covers the PIN pad."), (CAPTURED, "The screen is being recorded")]
    {
        let mut shop = asked();
        shop.act(Act::Exposure(exposure));
        assert_eq!(shop.sent(), ToTerminal::PinPadExposed(PinPadExposed { exposure }));
        shop.act(Act::Exposure(exposure));
        assert!(shop.sent.is_empty(), "once");
        shop.hear(inbox::Shell::ShowPinPad(pin_pad(8, false, exposure)));
        shop.says(TextStyle::Warning, words);
        assert_eq!(enabled(&shop), [false; 3]);
        shop.act(Act::Exposure(UNSEEN));
        assert_eq!(shop.sent(), ToTerminal::PinPadExposed(PinPadExposed { exposure: UNSEEN }));
        shop.hear(inbox::Shell::ShowPinPad(pin_pad(9, false, UNSEEN)));
        assert!(shop.texts(TextStyle::Warning).is_empty());
    }
}

/// The pad's actor was started anew and has forgotten what covers the screen.
#[test]
fn a_pad_that_does_not_know_that_it_is_covered_is_not_drawn_and_told() {
    let mut shop = Shop::open();
    shop.act(Act::Exposure(COVERED));
    assert_eq!(shop.sent(), ToTerminal::PinPadExposed(PinPadExposed { exposure: COVERED }));
    shop.begin_payment(&["5", "0", "0", "0"]);
    shop.sent();
    shop.hear(inbox::Shell::SaleProgress(SaleProgress::TapCard { amount: amount(5000), seconds_left: 9 }));
    shop.hear(inbox::Shell::ShowPinPad(pin_pad(1, false, UNSEEN)));
    assert!(shop.pin_pad().is_none());
    assert_eq!(shop.sent(), ToTerminal::PinPadExposed(PinPadExposed { exposure: COVERED }));
    shop.hear(inbox::Shell::ShowPinPad(pin_pad(2, false, COVERED)));
    assert!(shop.pin_pad().is_some());
}

#[test]
fn positions_are_spoken_in_each_language_and_strokes_are_printed_nowhere() {
    for (language, spoken) in [
        (Language::Albanian, "Rreshti 4, në mes"),
        (Language::English, "Row 4, middle"),
        (Language::Serbian, "Red 4, u sredini"),
    ] {
        let shop = asked_in(language);
        assert_eq!(&*shop.pin_pad().expect("a pad").keys[1].spoken, spoken);
        let printed = format!("{:?}{:?}", shop.screens, shop.screen());
        assert!(printed.contains("glyph: secret") && !printed.contains("81, 82"), "{printed}");
    }
}
