//! A shop: the screens of one terminal, and a hand that presses what is on them.

use mpos_protocol::{
    Amount, Bytes, Currency, List, Moment, Secret, Text,
    admin::{AdminAnswer, Grant, HistoryPage, HistoryTotals, Language, Transaction, TransactionResult},
    card::{CardScheme, Cvm, MaskedPan, TransactionKind},
    inbox,
    pad::{Exposure, Glyph, PadArea, PadKey, PadRole},
    pin::messages::{PinPadChanged, ShowPinPad},
    sale::{Cause, Receipt, ReceiptCard, ReceiptNumber, SaleOutcome},
    screen::{Act, Field, Input, Keypad, Node, PinPad, Screen, ScreenEvent, TextStyle},
    shell::{AskBank, BankAnswered, BankAsk, SaleEnded, TerminalOpened},
    terminal::{Merchant, TerminalId},
};
use mpos_screens::{Effects, Screens, ToTerminal, Wish};

/// 2022-10-24 16:30:40 in Prishtina: a Monday.
pub(crate) const NOW: Moment = Moment { unix_ms: 1_666_621_840_000, utc_offset_s: 7200, uptime_ms: 60_000 };

pub(crate) struct Shop {
    pub(crate) screens: Screens,
    pub(crate) now: Moment,
    /// What left for the terminal and was not looked at yet.
    pub(crate) sent: Vec<ToTerminal>,
    pub(crate) wish: Option<Wish>,
    edits: u32,
}

pub(crate) fn text<const MAX: usize>(words: &str) -> Text<MAX> {
    Text::new(words).expect("fits")
}

pub(crate) fn amount(minor: u64) -> Amount {
    Amount::from_minor(minor).expect("fits")
}

pub(crate) fn merchant() -> Merchant {
    Merchant { name: text("Furra Qerimi"), address: text("Rr. Nëna Terezë 5, Prishtinë") }
}

pub(crate) fn grant() -> Grant {
    Grant::new(&[7; 16]).expect("fits")
}

impl Shop {
    /// Before the terminal opened.
    pub(crate) fn new(language: Language) -> Self {
        let screens = Screens::new(language, [9; 16]);
        Self { screens, now: NOW, sent: Vec::new(), wish: None, edits: 0 }
    }

    /// At the main menu of an activated terminal.
    pub(crate) fn open() -> Self {
        let mut shop = Self::new(Language::English);
        let opened = TerminalOpened::Activated { terminal: TerminalId(16), merchant: merchant() };
        shop.hear(inbox::Shell::TerminalOpened(opened));
        shop.at("menu");
        shop
    }

    fn take(&mut self, effects: Effects) {
        if let Some(screen) = &effects.screen {
            assert_eq!(screen, self.screens.current());
            let frame = screen.to_frame().expect("fits");
            assert_eq!(Screen::from_frame(&frame).as_ref(), Ok(screen));
        }
        self.sent.extend(effects.messages);
        self.wish = effects.wish.or(self.wish.take());
    }

    /// The terminal tells something.
    pub(crate) fn hear(&mut self, message: inbox::Shell) {
        let effects = self.screens.receive(self.now, message);
        self.take(effects);
    }

    pub(crate) fn event(&mut self, event: ScreenEvent) {
        let effects = self.screens.act(self.now, event);
        self.take(effects);
    }

    pub(crate) fn act(&mut self, act: Act) {
        self.event(ScreenEvent { screen: self.screen().number, act });
    }

    pub(crate) fn pass(&mut self, seconds: u64) {
        self.now.uptime_ms += seconds * 1000;
        self.now.unix_ms += seconds * 1000;
        let effects = self.screens.tick(self.now);
        self.take(effects);
    }

    pub(crate) fn screen(&self) -> &Screen {
        self.screens.current()
    }

    #[track_caller]
    pub(crate) fn at(&self, name: &str) {
        assert_eq!(&*self.screen().name, name, "{:#?}", self.screen().nodes);
    }

    /// Presses a button that is there and can be pressed.
    #[track_caller]
    pub(crate) fn press(&mut self, id: &str) {
        assert!(self.can_press(id), "no {id} to press at {}", self.screen().name);
        self.act(Act::Press(text(id)));
    }

    pub(crate) fn can_press(&self, id: &str) -> bool {
        let buttons = self.screen().nodes.iter().filter_map(|node| match node {
            Node::Buttons(buttons) => Some(buttons.iter()),
            _ => None,
        });
        buttons.flatten().any(|button| *button.id == *id && button.enabled)
    }

    #[track_caller]
    pub(crate) fn type_into(&mut self, id: &str, typed: &str) {
        self.input(id);
        self.edits += 1;
        let act = Act::Type { input: text(id), text: Secret::new(text(typed)), edit: self.edits };
        self.act(act);
        assert_eq!(self.input(id).edit, self.edits, "the line says which edit it answers");
    }

    #[track_caller]
    pub(crate) fn input(&self, id: &str) -> &Input {
        let mut inputs = self.screen().nodes.iter().filter_map(|node| match node {
            Node::Input(input) if *input.id == *id => Some(input),
            _ => None,
        });
        inputs.next().unwrap_or_else(|| panic!("no line {id} at {}", self.screen().name))
    }

    #[track_caller]
    pub(crate) fn error_of(&self, id: &str) -> String {
        self.input(id).error.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    pub(crate) fn choose(&mut self, choice: &str, option: &str) {
        self.act(Act::Choose { choice: text(choice), option: text(option) });
    }

    pub(crate) fn keypad(&self) -> Option<&Keypad> {
        self.screen().nodes.iter().find_map(|node| match node {
            Node::Keypad(keypad) => Some(keypad),
            _ => None,
        })
    }

    pub(crate) fn pin_pad(&self) -> Option<&PinPad> {
        self.screen().nodes.iter().find_map(|node| match node {
            Node::PinPad(pad) => Some(pad),
            _ => None,
        })
    }

    /// The PIN pad tells how much was typed.
    pub(crate) fn dots(&mut self, pad: u32, filled: u8) {
        let can_confirm = filled >= 4;
        self.hear(inbox::Shell::PinPadChanged(PinPadChanged { pad, filled, can_confirm }));
    }

    /// Presses keys by what stands on them.
    #[track_caller]
    pub(crate) fn keys(&mut self, labels: &[&str]) {
        for label in labels {
            let keypad = self.keypad().expect("a keypad");
            let position =
                keypad.keys.iter().position(|key| *key.label == **label).expect("the key is there");
            self.act(Act::Key(u8::try_from(position).expect("few keys")));
        }
    }

    /// All texts of a style.
    pub(crate) fn texts(&self, style: TextStyle) -> Vec<String> {
        let texts = self.screen().nodes.iter().filter_map(|node| match node {
            Node::Text { style: other, text } if *other == style => Some(text.to_string()),
            _ => None,
        });
        texts.collect()
    }

    #[track_caller]
    pub(crate) fn says(&self, style: TextStyle, words: &str) {
        let texts = self.texts(style);
        assert!(texts.iter().any(|text| text.contains(words)), "no “{words}” in {texts:?}");
    }

    pub(crate) fn fields(&self) -> Vec<(String, String)> {
        let fields = self.screen().nodes.iter().filter_map(|node| match node {
            Node::Fields(fields) => Some(fields.iter()),
            _ => None,
        });
        fields.flatten().map(|Field { label, value }| (label.to_string(), value.to_string())).collect()
    }

    /// What was sent last, and nothing else.
    #[track_caller]
    pub(crate) fn sent(&mut self) -> ToTerminal {
        assert_eq!(self.sent.len(), 1, "{:?}", self.sent);
        self.sent.remove(0)
    }

    #[track_caller]
    pub(crate) fn asked(&mut self) -> BankAsk {
        match self.sent() {
            ToTerminal::AskBank(AskBank { ask }) => ask,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn answer(&mut self, answer: AdminAnswer) {
        self.hear(inbox::Shell::BankAnswered(BankAnswered::Answered(answer)));
    }

    pub(crate) fn end_sale(&mut self, receipt: Receipt) {
        self.hear(inbox::Shell::SaleEnded(SaleEnded { receipt, text: Text::default() }));
    }

    /// From the menu to `amount` typed and Next pressed.
    pub(crate) fn begin_payment(&mut self, digits: &[&str]) {
        self.press("payment");
        self.at("payment.amount");
        self.keys(digits);
        self.press("next");
    }
}

/// A pad of three keys, with strokes on the first unless somebody else sees it.
pub(crate) fn pin_pad(pad: u32, fixed: bool, exposure: Exposure) -> ShowPinPad {
    let key = |role, column, strokes: &[u8]| PadKey {
        role,
        row: 4,
        column,
        area: PadArea { left: 3400 * (u16::from(column) - 1), top: 7650, width: 3200, height: 2350 },
        glyph: Secret::new(Glyph::new(strokes).expect("fits")),
    };
    let strokes: &[u8] = if exposure.is_any() { &[] } else { &[2, 81, 82, 83, 84] };
    let keys =
        vec![key(PadRole::Clear, 1, &[]), key(PadRole::Digit, 2, strokes), key(PadRole::Confirm, 3, &[])];
    let Ok(keys) = List::try_from(keys) else { panic!("three keys") };
    ShowPinPad { pad, amount: amount(5000), fixed, exposure, keys }
}

/// The receipt of the brochure.
pub(crate) fn approved() -> Receipt {
    let card = ReceiptCard {
        pan: MaskedPan(36),
        scheme: CardScheme::Mastercard,
        aid: Bytes::default(),
        cvm: Cvm::None,
    };
    Receipt {
        bank: text("ProCredit Bank"),
        outcome: SaleOutcome::Approved,
        currency: Currency::Eur,
        amount: amount(123),
        receipt: Some(ReceiptNumber(17)),
        at: NOW,
        reference: Some(text("4864FC149502")),
        terminal: TerminalId(16),
        card: Some(card),
        auth_code: Some(text("252095")),
        kind: TransactionKind::Purchase,
        refund_of: None,
        cause: None,
        reason: None,
        next: None,
    }
}

pub(crate) fn not_approved(outcome: SaleOutcome, cause: Cause) -> Receipt {
    Receipt { outcome, cause: Some(cause), auth_code: None, ..approved() }
}

pub(crate) fn transaction(number: u32) -> Transaction {
    Transaction {
        reference: text(&format!("4864FC{number:06}")),
        terminal: TerminalId(16),
        receipt: ReceiptNumber(number),
        kind: TransactionKind::Purchase,
        at_ms: NOW.unix_ms - 60_000,
        amount: amount(363),
        currency: Currency::Eur,
        card: MaskedPan(36),
        scheme: CardScheme::Mastercard,
        cvm: Cvm::None,
        result: TransactionResult::Approved { auth_code: text("252095") },
        refunded: 0,
        refund_of: None,
        card_token: None,
    }
}

/// A page of `transactions` among `all`.
pub(crate) fn page(transactions: Vec<Transaction>, all: u32, next: Option<u64>) -> AdminAnswer {
    let totals = HistoryTotals {
        transactions: all,
        purchases: all,
        purchased: 363 * u64::from(all),
        refunds: 1,
        refunded: 100,
    };
    let Ok(transactions) = List::try_from(transactions) else { panic!("a page") };
    AdminAnswer::History(HistoryPage { totals, transactions, next })
}
