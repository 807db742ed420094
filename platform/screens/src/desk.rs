//! What leaves the machine: messages for the terminal, wishes for the program, a tone. And the one rule about them:
//! the till does one thing at a time, so while a question to the bank is open, also one whose place was left,
//! nothing else is asked or begun: it is held until the answer comes.

use crate::{Effects, ToTerminal, Wish, page::LANGUAGE_CHOICE};
use mpos_protocol::{
    Moment,
    admin::Language,
    link::NetworkChanged,
    pad::Exposure,
    pin::messages::PinPadExposed,
    screen::{Sound, Tone},
    shell::{AskBank, BankAsk},
    standing::Opinion,
    terminal::{Merchant, TerminalId},
};

/// The longest a question may be open. The till has limits of its own, together well below: one that outlives this
/// was lost with the till that knew of it.
pub(crate) const ASK_LIMIT_MS: u64 = 300_000;

/// What all places share.
pub(crate) struct Desk {
    pub(crate) terminal: TerminalId,
    pub(crate) merchant: Merchant,
    pub(crate) language: Language,
    /// What the bank makes of this device.
    pub(crate) opinion: Opinion,
    pub(crate) effects: Effects,
    open: Option<Open>,
    held: Option<Held>,
    asked: u32,
    tone: Option<Tone>,
    exposure: Exposure,
    /// The shell said that there is none.
    pub(crate) lacks_network: bool,
    receipts_seed: [u8; 16],
    receipts: u32,
}

struct Open {
    ask: u32,
    since_ms: u64,
}

struct Held {
    /// The question's number; none for a sale.
    ask: Option<u32>,
    message: ToTerminal,
}

impl Desk {
    pub(crate) fn new(language: Language, receipts_seed: [u8; 16]) -> Self {
        Self {
            terminal: TerminalId::default(),
            merchant: Merchant::default(),
            language,
            opinion: Opinion::default(),
            effects: Effects::default(),
            open: None,
            held: None,
            asked: 0,
            tone: None,
            exposure: Exposure::default(),
            lacks_network: false,
            receipts_seed,
            receipts: 0,
        }
    }

    /// Asks the bank, now or when the till is free; the answer comes under this number.
    pub(crate) fn ask(&mut self, now: Moment, ask: BankAsk) -> u32 {
        self.asked = self.asked.wrapping_add(1);
        let message = ToTerminal::AskBank(AskBank { ask });
        if self.open.is_some() {
            self.held = Some(Held { ask: Some(self.asked), message });
        } else {
            self.open = Some(Open { ask: self.asked, since_ms: now.uptime_ms });
            self.effects.messages.push(message);
        }
        self.asked
    }

    /// Begins a sale, now or when the till is free.
    pub(crate) fn begin(&mut self, message: ToTerminal) {
        if self.open.is_some() {
            self.held = Some(Held { ask: None, message });
        } else {
            self.effects.messages.push(message);
        }
    }

    pub(crate) fn send(&mut self, message: ToTerminal) {
        self.effects.messages.push(message);
    }

    /// Something else sees the shell's screen from now on, or no more: the PIN pad must know.
    pub(crate) fn exposed(&mut self, exposure: Exposure) {
        if self.exposure != exposure {
            self.exposure = exposure;
            self.send(ToTerminal::PinPadExposed(PinPadExposed { exposure }));
        }
    }

    /// Another network may be as good as none before it was tried: the link hears of each.
    pub(crate) fn network_changed(&mut self, available: bool) {
        self.lacks_network = !available;
        self.send(ToTerminal::NetworkChanged(NetworkChanged { available }));
    }

    /// Whether a pad that was drawn for `drawn_for` may be shown. If not, the actor that drew it was started anew and
    /// is told again.
    pub(crate) fn may_show(&mut self, drawn_for: Exposure) -> bool {
        if self.exposure == drawn_for {
            return true;
        }
        self.send(ToTerminal::PinPadExposed(PinPadExposed { exposure: self.exposure }));
        false
    }

    /// Takes back what is held. False when nothing is: it is on its way, or was never there.
    pub(crate) fn withdraw(&mut self) -> bool {
        self.held.take().is_some()
    }

    /// Whether a question to the bank is open.
    pub(crate) fn is_asking(&self) -> bool {
        self.open.is_some()
    }

    /// The open question is answered, or never will be: its number. What is held leaves.
    pub(crate) fn answered(&mut self, now: Moment) -> Option<u32> {
        let open = self.open.take()?;
        if let Some(Held { ask, message }) = self.held.take() {
            self.open = ask.map(|ask| Open { ask, since_ms: now.uptime_ms });
            self.effects.messages.push(message);
        }
        Some(open.ask)
    }

    /// Whether the open question was lost.
    pub(crate) fn has_lost_question(&self, now: Moment) -> bool {
        self.open.as_ref().is_some_and(|open| now.uptime_ms.saturating_sub(open.since_ms) >= ASK_LIMIT_MS)
    }

    pub(crate) fn wish(&mut self, wish: Wish) {
        self.effects.wish = Some(wish);
    }

    /// The merchant chose a language.
    pub(crate) fn choose_language(&mut self, choice: &str, option: &str) {
        let chosen = Language::ALL.into_iter().find(|language| language.code() == option);
        if let (true, Some(language)) = (choice == LANGUAGE_CHOICE, chosen) {
            self.language = language;
            self.wish(Wish::KeepLanguage(language));
        }
    }

    pub(crate) fn sound(&mut self, sound: Sound) {
        let number = self.tone.map_or(0, |tone| tone.number).wrapping_add(1);
        self.tone = Some(Tone { number, sound });
    }

    /// The newest tone.
    pub(crate) fn tone(&self) -> Option<Tone> {
        self.tone
    }

    /// A name for a receipt to be sent that no other has.
    pub(crate) fn receipt_id(&mut self) -> [u8; 16] {
        self.receipts = self.receipts.wrapping_add(1);
        let mut id = self.receipts_seed;
        id.iter_mut().zip(self.receipts.to_le_bytes()).for_each(|(byte, count)| *byte ^= count);
        id
    }
}
