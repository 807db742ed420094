//! The screens of mPOS: a state machine at the edge of every shell that draws.
//!
//! It stands between a shell, which draws a [`Screen`] and says back a [`ScreenEvent`], and the terminal, whose
//! messages to `Shell` it reads and whose messages from `Shell` it writes. It decides nothing about money: it leads
//! from place to place, and the till decides. Why it is not a part of the till: `docs/adr/0003`.
//!
//! No clock, no entropy, no file, no thread: time comes with each call, and what leaves is in [`Effects`].
//!
//! ```text
//! shell ── ScreenEvent ─► act ┐                   ┌─► Screen ── shell
//!                             ├─► the top place ──┤
//! terminal ── inbox ─► receive┘                   └─► ToTerminal ── terminal
//! ```
#![forbid(unsafe_code)]

mod activation;
mod calendar;
mod causes;
mod concerns;
mod desk;
mod effects;
mod history;
mod keys;
mod line;
mod menu;
mod not_started;
mod page;
mod payment;
mod pin;
mod place;
mod refund;
mod result;
mod sms;
mod supervisor;
mod words;

pub use effects::{Effects, Export, ExportFormat, SaveFault, ToTerminal, Wish};
pub use history::EXPORT_ROWS_MAX;
pub use not_started::NotStarted;

use activation::{Activation, Opening, Unusable};
use desk::Desk;
use menu::Menu;
use mpos_protocol::{
    Amount, Moment, Text,
    admin::{AdminAnswer, Language},
    card::TransactionKind,
    inbox,
    link::NoReply,
    sale::{Receipt, SaleOutcome},
    screen::{Act, Screen, ScreenEvent, Sound},
    shell::{ActivationEnded, BankAnswered, Refusal, TerminalOpened},
    terminal::{Merchant, TerminalId},
};
use page::Page;
use payment::Sale;
use place::{Go, Place, SaleOf, Told, Turn, deed, take_typed};
use result::Ended;
use supervisor::Supervisor;
use words::{Phrase, Words, say};

/// The deepest that places lie on one another: menu, form, list, details, refund, and room for as many more.
const DEPTH_MAX: usize = 10;

/// The screens of one terminal. All shells of it see the same.
pub struct Screens {
    words: Words,
    desk: Desk,
    /// From the main menu, or what comes before it, to what is seen. Never empty.
    places: Vec<Box<dyn Place>>,
    shown: Screen,
    /// The place is another one than when it was drawn last.
    has_moved: bool,
    /// The sale whose end was shown last.
    ended: Option<Receipt>,
}

impl std::fmt::Debug for Screens {
    /// Where it is, and nothing of what was typed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Screens")
            .field("place", &self.shown.name)
            .field("number", &self.shown.number)
            .finish()
    }
}

impl Screens {
    /// Screens in `language`, waiting for the terminal to open. `receipts_seed` are random bytes: the names of
    /// receipts to be sent are made of them, and must not be those of an earlier run.
    pub fn new(language: Language, receipts_seed: [u8; 16]) -> Self {
        let blank = Screen {
            number: 0,
            drawing: 0,
            name: Text::default(),
            language,
            title: Text::default(),
            back: None,
            nodes: Default::default(),
            keeps_secret: false,
            tone: None,
        };
        let mut screens = Self {
            words: Words::of(language),
            desk: Desk::new(language, receipts_seed),
            places: vec![Box::new(Opening::default())],
            shown: blank,
            has_moved: true,
            ended: None,
        };
        screens.settle(Moment::default());
        screens
    }

    /// What is to be seen now, for a shell that has just started.
    pub fn current(&self) -> &Screen {
        &self.shown
    }

    /// The language of what is seen.
    pub fn language(&self) -> Language {
        self.words.language()
    }

    /// The terminal told the shell something.
    pub fn receive(&mut self, now: Moment, message: inbox::Shell) -> Effects {
        match message {
            inbox::Shell::TerminalOpened(opened) => self.opened(opened, now),
            inbox::Shell::ActivationEnded(ended) => self.activation_ended(ended, now),
            inbox::Shell::SaleProgress(progress) => {
                self.find_sale();
                self.tell(Told::Progress(progress), now);
            }
            inbox::Shell::ShowPinPad(show) => {
                self.find_sale();
                self.tell(Told::PinPad(Some(Box::new(show))), now);
            }
            inbox::Shell::PinPadChanged(changed) => self.tell(Told::PinPadChanged(changed), now),
            inbox::Shell::HidePinPad(_) => self.tell(Told::PinPad(None), now),
            inbox::Shell::SaleEnded(ended) => self.sale_ended(ended.receipt, now),
            inbox::Shell::RequestRefused(refused) => self.refused(refused.refusal, now),
            inbox::Shell::StandingChanged(changed) => self.desk.opinion = changed.opinion,
            inbox::Shell::BankAnswered(answer) => self.bank_answered(
                match answer {
                    BankAnswered::Answered(answer) => Ok(answer),
                    BankAnswered::Failed { fault, .. } => Err(causes::no_reply(fault)),
                },
                now,
            ),
        }
        self.settle(now)
    }

    /// The merchant, or the customer, did something on a screen. What was done on one that was left does nothing.
    pub fn act(&mut self, now: Moment, event: ScreenEvent) -> Effects {
        match event.act {
            Act::ShellReady => return self.shell_ready(now),
            Act::Exposure(exposure) => {
                self.desk.exposed(exposure);
                return self.settle(now);
            }
            Act::Network { available } => {
                self.desk.network_changed(available);
                return self.settle(now);
            }
            _ => {}
        }
        let is_current = event.screen == self.shown.number;
        let has_way_back = self.shown.back.is_some();
        if !is_current || (event.act == Act::Back && !has_way_back) {
            return self.settle(now);
        }
        if let (Act::Type { input, text, edit }, Some(top)) = (&event.act, self.places.last_mut())
            && !take_typed(&mut **top, input, text, *edit)
        {
            return self.settle(now);
        }
        if let (Some(deed), Some(top)) = (deed(&event.act), self.places.last_mut()) {
            let go = top.act(deed, &mut Turn { now, desk: &mut self.desk });
            self.go(go, now);
        }
        self.settle(now)
    }

    /// Time went by: once a second is often enough. What counts down is drawn anew.
    pub fn tick(&mut self, now: Moment) -> Effects {
        if self.desk.has_lost_question(now) {
            self.bank_answered(Err(causes::no_reply(NoReply::NoAnswer)), now);
        }
        self.settle(now)
    }

    /// The program saved what [`Wish::SaveExport`] asked for, under this name, or could not.
    pub fn saved(&mut self, now: Moment, result: Result<&str, SaveFault>) -> Effects {
        let told = match result {
            Ok(name) => Told::Done(say("export-saved").text("name", name)),
            Err(fault) => Told::Failed(say(match fault {
                SaveFault::Withdrawn => "export-withdrawn",
                SaveFault::NotPermitted => "export-not-permitted",
                SaveFault::Full => "export-full",
                SaveFault::Failed => "export-failed",
            })),
        };
        self.tell(told, now);
        self.settle(now)
    }

    /// A shell started: it sees the whole screen, without the codes and digits that were typed in another.
    fn shell_ready(&mut self, now: Moment) -> Effects {
        if let Some(top) = self.places.last_mut() {
            top.forget_codes(&mut self.desk);
        }
        let effects = self.settle(now);
        Effects { screen: Some(self.shown.clone()), ..effects }
    }

    fn opened(&mut self, opened: TerminalOpened, now: Moment) {
        if self.is_in_use() {
            return;
        }
        let place: Box<dyn Place> = match opened {
            TerminalOpened::NotActivated => Box::new(Activation::new()),
            TerminalOpened::Unusable { fault, .. } => Box::new(Unusable { fault }),
            TerminalOpened::Activated { terminal, merchant } => {
                self.know(terminal, merchant);
                Box::new(Menu { notice: None })
            }
        };
        self.go(Go::Over(place), now);
    }

    /// Whether the merchant is in the middle of something.
    fn is_in_use(&self) -> bool {
        self.places.len() > 1
    }

    fn know(&mut self, terminal: TerminalId, merchant: Merchant) {
        (self.desk.terminal, self.desk.merchant) = (terminal, merchant);
    }

    fn activation_ended(&mut self, ended: ActivationEnded, now: Moment) {
        match ended {
            ActivationEnded::Activated { .. } if self.is_in_use() => {}
            ActivationEnded::Activated { terminal, merchant } => {
                self.know(terminal, merchant);
                let mut turn = Turn { now, desk: &mut self.desk };
                let supervisor = Supervisor::open(false, &mut turn);
                self.places = vec![Box::new(Menu { notice: None }), supervisor];
                self.has_moved = true;
            }
            ActivationEnded::Failed { fault, .. } => self.tell(Told::NotActivated(fault), now),
        }
    }

    /// The till has a sale in progress, whatever is seen here: after a restart of the till, say.
    fn find_sale(&mut self) {
        if self.sale_amount().is_none() {
            let sale = SaleOf { kind: TransactionKind::Purchase, amount: Amount::default() };
            self.restart_with(Box::new(Sale::new(sale)));
        }
    }

    /// The amount of the sale that is seen; none when none is.
    fn sale_amount(&self) -> Option<Amount> {
        self.places.last().and_then(|top| top.sale_amount())
    }

    fn sale_ended(&mut self, mut receipt: Receipt, now: Moment) {
        let seen = self.sale_amount();
        let is_told_again = self.ended.as_ref() == Some(&receipt);
        if is_told_again && seen.is_none() {
            return;
        }
        // A till that was started anew and learns nothing cannot say what it had in progress, nor that it was a sale.
        if receipt.receipt.is_none() && receipt.amount == Amount::default() {
            let Some(amount) = seen else { return self.bank_answered(Err(say("ask-interrupted")), now) };
            receipt.amount = amount;
        }
        match receipt.outcome {
            SaleOutcome::Approved => self.desk.sound(Sound::Success),
            SaleOutcome::Cancelled => {}
            _ => self.desk.sound(Sound::Alert),
        }
        self.ended = Some(receipt.clone());
        self.restart_with(Box::new(Ended { receipt }));
    }

    /// Leaves what is seen for a place right above the menu.
    fn restart_with(&mut self, place: Box<dyn Place>) {
        self.desk.withdraw();
        self.places = vec![Box::new(Menu { notice: None }), place];
        self.has_moved = true;
    }

    fn refused(&mut self, refusal: Refusal, now: Moment) {
        if self.desk.is_asking() {
            let phrase = match refusal {
                Refusal::Interrupted => say("ask-interrupted"),
                refusal => causes::refusal(refusal),
            };
            return self.bank_answered(Err(phrase), now);
        }
        self.tell(Told::Refused(refusal), now);
    }

    /// The open question has ended. Its place may have been left, or lie below another.
    fn bank_answered(&mut self, answer: Result<AdminAnswer, Phrase>, now: Moment) {
        let Some(asked) = self.desk.answered(now) else { return };
        let waiting = self.places.iter().position(|place| place.waits_for() == Some(asked));
        let Some(place) = waiting.and_then(|position| self.places.get_mut(position)) else { return };
        let go = place.told(Told::Answer(answer), &mut Turn { now, desk: &mut self.desk });
        // Who is below another one leads nowhere.
        if waiting == self.places.len().checked_sub(1) {
            self.go(go, now);
        }
    }

    fn tell(&mut self, told: Told, now: Moment) {
        if let Some(top) = self.places.last_mut() {
            let go = top.told(told, &mut Turn { now, desk: &mut self.desk });
            self.go(go, now);
        }
    }

    fn go(&mut self, mut go: Go, now: Moment) {
        // Each round but the last takes a place away.
        for _ in 0..DEPTH_MAX {
            let told = match go {
                Go::Stay => return,
                Go::On(place) if self.places.len() < DEPTH_MAX => return self.put(place),
                Go::On(place) => {
                    self.places.pop();
                    return self.put(place);
                }
                Go::Over(place) => {
                    self.places.pop();
                    return self.put(place);
                }
                Go::Back => return self.leave(),
                Go::BackTelling(told) => told,
                Go::Home(notice) => {
                    self.desk.withdraw();
                    self.places.clear();
                    return self.put(Box::new(Menu { notice }));
                }
            };
            self.leave();
            let Some(top) = self.places.last_mut() else { return };
            go = top.told(told, &mut Turn { now, desk: &mut self.desk });
        }
    }

    fn put(&mut self, place: Box<dyn Place>) {
        self.places.push(place);
        self.has_moved = true;
    }

    /// Back to the place below. What was held for this one is not wanted any more.
    fn leave(&mut self) {
        self.desk.withdraw();
        self.places.pop();
        if self.places.is_empty() {
            self.places.push(Box::new(Menu { notice: None }));
        }
        self.has_moved = true;
    }

    /// Draws, and hands out what this call brought about.
    fn settle(&mut self, now: Moment) -> Effects {
        if self.words.language() != self.desk.language {
            self.words = Words::of(self.desk.language);
        }
        let mut page = Page::new(&self.words, now, &self.desk);
        if let Some(top) = self.places.last() {
            top.draw(&mut page);
        }
        let back = page.back.then(|| page.label("back"));
        let (name, title, keeps_secret) = (Text::clipped(page.name), page.title.clone(), page.keeps_secret);
        let is_another = self.has_moved || name != self.shown.name;
        let screen = Screen {
            number: self.shown.number.wrapping_add(u32::from(is_another)),
            drawing: self.shown.drawing,
            name,
            language: self.words.language(),
            title,
            back,
            nodes: page.into_nodes(),
            keeps_secret,
            tone: self.desk.tone(),
        };
        self.has_moved = false;
        let mut effects = std::mem::take(&mut self.desk.effects);
        if screen != self.shown {
            self.shown = Screen { drawing: screen.drawing.wrapping_add(1), ..screen };
            effects.screen = Some(self.shown.clone());
        }
        effects
    }
}
