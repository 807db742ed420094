//! A payment: the amount, and what the till tells while it takes it. The same place shows a refund, whose amount was
//! chosen before.

use crate::{
    ToTerminal, causes,
    desk::Desk,
    keys::{Pressed, pressed, with_digit, without_digit},
    page::{Page, money, signed},
    pin::Pad,
    place::{Deed, Go, Place, SaleOf, Told, Turn},
    words::{Phrase, say},
};
use mpos_protocol::{
    Amount, Currency,
    card::{TapMessage, TransactionKind},
    pin::messages::PinAbandoned,
    screen::{ButtonStyle, Sound, TextStyle},
    shell::{BeginPurchase, CancelFlow, Refusal, SaleProgress},
};

/// How long a card is waited for: the countdown begins here.
const TAP_SECONDS: u8 = 30;

/// The amount, typed in cents.
#[derive(Default)]
pub(crate) struct AmountEntry {
    amount: Amount,
    fault: Option<Phrase>,
}

impl AmountEntry {
    /// With an amount that was typed before.
    pub(crate) fn with(amount: Amount) -> Self {
        Self { amount, fault: None }
    }
}

impl Place for AmountEntry {
    fn draw(&self, page: &mut Page<'_>) {
        page.titled("payment.amount", "new-payment").with_back();
        page.text(TextStyle::Hint, &say("amount-explained"))
            .plain(TextStyle::Amount, &money(Currency::Eur, signed(self.amount.minor())))
            .error(self.fault.as_ref());
        let typed = self.amount.minor();
        page.keypad(typed > 0);
        page.buttons(&[("next", "next", ButtonStyle::Primary, typed > 0)]);
    }

    fn act(&mut self, deed: Deed<'_>, turn: &mut Turn<'_>) -> Go {
        match deed {
            Deed::Key(position) => {
                self.fault = None;
                match pressed(position) {
                    Some(Pressed::Digit(digit)) => self.amount = with_digit(self.amount, digit),
                    Some(Pressed::Left) => self.amount = Amount::default(),
                    Some(Pressed::Right) => self.amount = without_digit(self.amount),
                    None => {}
                }
            }
            Deed::Press("next") if self.amount.minor() > 0 => {
                self.fault = None;
                turn.desk.begin(ToTerminal::BeginPurchase(BeginPurchase { amount: self.amount }));
                let sale = SaleOf { kind: TransactionKind::Purchase, amount: self.amount };
                return Go::On(Box::new(Sale::new(sale)));
            }
            Deed::Back => return Go::Back,
            _ => {}
        }
        Go::Stay
    }

    fn told(&mut self, told: Told, _turn: &mut Turn<'_>) -> Go {
        if let Told::Failed(phrase) = told {
            self.fault = Some(phrase);
        }
        Go::Stay
    }
}

/// What the till is doing.
enum Stage {
    /// Not begun yet, as far as is known here.
    Starting,
    Tap {
        seconds_left: u8,
    },
    Card(TapMessage),
    Pin(Pad),
    /// After the card and the PIN, before the bank is reached.
    Working,
    Bank(SaleProgress),
}

/// A sale that the till has in progress.
pub(crate) struct Sale {
    sale: SaleOf,
    stage: Stage,
    is_cancelled: bool,
}

impl Sale {
    pub(crate) fn new(sale: SaleOf) -> Self {
        Self { sale, stage: Stage::Starting, is_cancelled: false }
    }

    fn progress(&mut self, progress: SaleProgress, turn: &mut Turn<'_>) {
        self.stage = match progress {
            SaleProgress::TapCard { amount, seconds_left } => {
                self.sale.amount = amount;
                Stage::Tap { seconds_left }
            }
            SaleProgress::Card(message) => {
                // EMV Contactless Book A: the success tone when the card may go, the alert when it is wanted again.
                match message {
                    TapMessage::CardReadOk => turn.desk.sound(Sound::Success),
                    TapMessage::OneCardOnly | TapMessage::SeePhone | TapMessage::PresentCardAgain => {
                        turn.desk.sound(Sound::Alert);
                    }
                    TapMessage::PresentCard | TapMessage::HoldCard => {}
                }
                Stage::Card(message)
            }
            step => Stage::Bank(step),
        };
    }

    fn cancel(&mut self, turn: &mut Turn<'_>) -> Go {
        match self.stage {
            Stage::Working | Stage::Bank(_) => Go::Stay,
            _ if self.is_cancelled => Go::Stay,
            Stage::Starting if turn.desk.withdraw() => Go::Back,
            Stage::Pin(_) => {
                turn.desk.send(ToTerminal::PinAbandoned(PinAbandoned));
                self.is_cancelled = true;
                Go::Stay
            }
            Stage::Starting | Stage::Tap { .. } | Stage::Card(_) => {
                turn.desk.send(ToTerminal::CancelFlow(CancelFlow));
                self.is_cancelled = true;
                Go::Stay
            }
        }
    }

    /// The PIN pad, while the customer may use it.
    fn pad(&mut self) -> Option<&mut Pad> {
        match &mut self.stage {
            Stage::Pin(pad) if !self.is_cancelled => Some(pad),
            _ => None,
        }
    }

    /// The heading of each stage: the bank, and which step of a refund it is.
    fn head<'p, 'w>(&self, page: &'p mut Page<'w>, name: &'static str) -> &'p mut Page<'w> {
        let is_refund = self.sale.kind == TransactionKind::Refund;
        page.titled(name, if is_refund { "refund-title" } else { "new-payment" }).bank();
        if is_refund {
            page.text(TextStyle::Heading, &say("refund-step-2"));
        }
        page
    }

    fn draw_amount<'p, 'w>(&self, page: &'p mut Page<'w>) -> &'p mut Page<'w> {
        match self.sale.amount.minor() {
            // A sale that was found in progress: the till tells its amount when it has a card to wait for.
            0 => page,
            minor => page.plain(TextStyle::Amount, &money(Currency::Eur, signed(minor))),
        }
    }

    fn draw_card(&self, page: &mut Page<'_>, message: TapMessage) {
        let (prompt, hint, lit) = match message {
            TapMessage::PresentCard => ("tap-card", "antenna-hint", 1),
            TapMessage::HoldCard => ("card-hold", "card-hold-hint", 1),
            TapMessage::CardReadOk => ("card-read", "card-read-hint", 4),
            TapMessage::OneCardOnly => ("card-one-only", "card-one-only-hint", 0),
            TapMessage::SeePhone => ("card-see-phone", "card-see-phone-hint", 0),
            TapMessage::PresentCardAgain => ("card-again", "card-again-hint", 1),
        };
        self.head(page, "payment.tap").text(TextStyle::Prompt, &say(prompt));
        self.draw_amount(page).text(TextStyle::Hint, &say(hint)).marks().lights(lit);
        self.draw_cancel(page);
    }

    fn draw_cancel(&self, page: &mut Page<'_>) {
        if self.is_cancelled {
            page.text(TextStyle::Hint, &say("cancelling"));
        }
        page.buttons(&[("cancel", "cancel", ButtonStyle::Danger, !self.is_cancelled)]);
    }

    fn draw_pin(&self, page: &mut Page<'_>, pad: &Pad) {
        self.head(page, "payment.pin").text(TextStyle::Prompt, &say("pin-enter"));
        self.draw_amount(page);
        pad.draw(page, self.is_cancelled);
    }
}

impl Place for Sale {
    fn draw(&self, page: &mut Page<'_>) {
        match &self.stage {
            Stage::Starting => {
                self.head(page, "payment.starting").text(TextStyle::Prompt, &say("starting"));
                self.draw_amount(page);
                self.draw_cancel(page);
            }
            Stage::Tap { seconds_left } => {
                self.head(page, "payment.tap").text(TextStyle::Prompt, &say("tap-card"));
                self.draw_amount(page)
                    .countdown(*seconds_left, TAP_SECONDS)
                    .text(TextStyle::Hint, &say("antenna-hint"))
                    .marks()
                    .lights(1);
                self.draw_cancel(page);
            }
            Stage::Card(message) => self.draw_card(page, *message),
            Stage::Pin(pad) => self.draw_pin(page, pad),
            Stage::Working => {
                self.head(page, "payment.bank").text(TextStyle::Prompt, &say("bank-working"));
                self.draw_amount(page);
            }
            Stage::Bank(step) => {
                let (style, words) = match step {
                    SaleProgress::Repeating => (TextStyle::Warning, "bank-repeating"),
                    SaleProgress::Reversing => (TextStyle::Warning, "bank-reversing"),
                    SaleProgress::Online => (TextStyle::Prompt, "bank-online"),
                    _ => (TextStyle::Prompt, "bank-connecting"),
                };
                self.head(page, "payment.bank").reason(style, &say(words));
                self.draw_amount(page);
            }
        }
    }

    fn act(&mut self, deed: Deed<'_>, turn: &mut Turn<'_>) -> Go {
        match deed {
            Deed::Press("cancel") => return self.cancel(turn),
            Deed::Press(button) => {
                if let Some(pad) = self.pad() {
                    pad.press(button, turn.desk);
                }
            }
            Deed::Touch(pad, at) if self.pad().is_some() => Pad::touch(pad, at, turn.desk),
            _ => {}
        }
        Go::Stay
    }

    fn told(&mut self, told: Told, turn: &mut Turn<'_>) -> Go {
        match told {
            Told::Progress(progress) => self.progress(progress, turn),
            Told::PinPad(Some(show)) if turn.desk.may_show(show.exposure) => {
                self.sale.amount = show.amount;
                self.stage = Stage::Pin(Pad::new(show));
            }
            Told::PinPadChanged(changed) => {
                if let Some(pad) = self.pad() {
                    pad.changed(changed);
                }
            }
            Told::PinPad(None) if matches!(self.stage, Stage::Pin(_)) => self.stage = Stage::Working,
            Told::Refused(refusal) => {
                let phrase = match refusal {
                    // The till forgot what it was doing, and its link knows of no sale.
                    Refusal::Interrupted => say("sale-forgotten"),
                    refusal => causes::refusal(refusal),
                };
                return Go::BackTelling(Told::Failed(phrase));
            }
            _ => {}
        }
        Go::Stay
    }

    fn forget_codes(&mut self, desk: &mut Desk) {
        if let Some(pad) = self.pad() {
            pad.forget(desk);
        }
    }

    fn sale_amount(&self) -> Option<Amount> {
        Some(self.sale.amount)
    }
}
