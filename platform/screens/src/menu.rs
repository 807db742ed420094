//! The main menu, and the settings behind it.

use crate::{
    concerns::concern,
    history::Form,
    page::Page,
    payment::AmountEntry,
    place::{Deed, Go, Place, Told, Turn},
    supervisor::Supervisor,
    words::{Phrase, say},
};
use mpos_protocol::{
    admin::AdminAnswer,
    screen::{ButtonStyle, TextStyle},
    shell::BankAsk,
    standing::Decision,
};

/// What this program is.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where everything begins.
pub(crate) struct Menu {
    /// How what was done before ended.
    pub(crate) notice: Option<Phrase>,
}

impl Place for Menu {
    fn draw(&self, page: &mut Page<'_>) {
        let merchant = page.merchant.name.clone();
        page.titled("menu", "menu").bank().plain(TextStyle::Body, &merchant);
        if let Some(notice) = &self.notice {
            page.text(TextStyle::Success, notice);
        }
        if page.lacks_network {
            page.reason(TextStyle::Warning, &say("network-missing"));
        }
        let style = match page.opinion.decision {
            Decision::Blocked => TextStyle::Failure,
            Decision::Allowed | Decision::Warned => TextStyle::Warning,
        };
        for why in page.opinion.concerns.iter() {
            page.reason(style, &concern(*why));
        }
        page.button("payment", "new-payment", ButtonStyle::Primary)
            .button("history", "transaction-history", ButtonStyle::Plain)
            .button("settings", "settings", ButtonStyle::Plain);
    }

    fn act(&mut self, deed: Deed<'_>, turn: &mut Turn<'_>) -> Go {
        let Deed::Press(button) = deed else { return Go::Stay };
        let next: Box<dyn Place> = match button {
            "payment" => Box::new(AmountEntry::default()),
            "history" => Box::new(Form::new(turn.now)),
            "settings" => Box::new(Settings::default()),
            _ => return Go::Stay,
        };
        self.notice = None;
        Go::On(next)
    }
}

/// Language, about, terminal id, connection to the bank.
#[derive(Default)]
pub(crate) struct Settings {
    waits: Option<u32>,
    connection: Option<Result<(), Phrase>>,
    notice: Option<Phrase>,
}

impl Place for Settings {
    fn draw(&self, page: &mut Page<'_>) {
        let (name, address) = (page.merchant.name.to_string(), page.merchant.address.to_string());
        let terminal = page.terminal.to_string();
        page.titled("settings", "settings").with_back().choose_language();
        if let Some(notice) = &self.notice {
            page.text(TextStyle::Success, notice);
        }
        page.fields(vec![
            ("terminal-id", terminal),
            ("merchant", name),
            ("address", address),
            ("version", VERSION.to_owned()),
        ]);
        page.text(TextStyle::Heading, &say("connection"));
        match &self.connection {
            _ if self.waits.is_some() => page.asking(true),
            None => page,
            Some(Ok(())) => page.text(TextStyle::Success, &say("connection-good")),
            Some(Err(why)) => page.error(Some(why)),
        };
        page.buttons(&[("probe", "connection-check", ButtonStyle::Plain, self.waits.is_none())])
            .button("supervisor", "supervisor-code", ButtonStyle::Plain)
            .text(TextStyle::Heading, &say("about"))
            .text(TextStyle::Hint, &say("about-text"));
    }

    fn act(&mut self, deed: Deed<'_>, turn: &mut Turn<'_>) -> Go {
        match deed {
            Deed::Press("probe") if self.waits.is_none() => {
                // The lightest of all questions: whatever the answer, the bank gave it.
                self.waits = Some(turn.desk.ask(turn.now, BankAsk::SupervisorState));
            }
            Deed::Press("supervisor") => return Go::On(Supervisor::open(true, turn)),
            Deed::Choose(choice, option) => turn.desk.choose_language(choice, option),
            Deed::Back => return Go::Back,
            _ => {}
        }
        Go::Stay
    }

    fn told(&mut self, told: Told, _turn: &mut Turn<'_>) -> Go {
        match told {
            Told::Answer(answer) if self.waits.take().is_some() => {
                self.connection = Some(answer.map(|_: AdminAnswer| ()));
            }
            Told::Done(notice) => self.notice = Some(notice),
            _ => {}
        }
        Go::Stay
    }

    fn waits_for(&self) -> Option<u32> {
        self.waits
    }
}
