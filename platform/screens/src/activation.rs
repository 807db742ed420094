//! From the start to a terminal that the bank knows: opening, the activation code.

use crate::{
    ToTerminal, causes,
    line::Line,
    page::Page,
    place::{Deed, Go, Place, Told, Turn},
    words::{Phrase, say},
};
use mpos_protocol::{
    Secret, Text,
    book::StoreFault,
    host::normalise_activation_code,
    screen::{ButtonStyle, InputKind, TextStyle},
    shell::{Activate, Refusal},
};

/// Until the terminal has said what it is.
#[derive(Default)]
pub(crate) struct Opening {
    has_failed: bool,
}

impl Place for Opening {
    fn draw(&self, page: &mut Page<'_>) {
        page.titled("opening", "app-name").bank();
        if self.has_failed {
            page.text(TextStyle::Failure, &say("opening-failed"));
        } else {
            page.text(TextStyle::Prompt, &say("opening"));
        }
    }

    fn act(&mut self, _deed: Deed<'_>, _turn: &mut Turn<'_>) -> Go {
        Go::Stay
    }

    fn told(&mut self, told: Told, _turn: &mut Turn<'_>) -> Go {
        self.has_failed |= matches!(told, Told::Refused(_));
        Go::Stay
    }
}

/// The terminal's book cannot be used: nothing can be sold.
pub(crate) struct Unusable {
    /// What is wrong with the terminal's book.
    pub(crate) fault: StoreFault,
}

impl Place for Unusable {
    fn draw(&self, page: &mut Page<'_>) {
        page.titled("unusable", "app-name")
            .bank()
            .text(TextStyle::Failure, &say("unusable"))
            .text(TextStyle::Body, &say("unusable-book").phrase("why", causes::store(self.fault)));
    }

    fn act(&mut self, _deed: Deed<'_>, _turn: &mut Turn<'_>) -> Go {
        Go::Stay
    }
}

/// The code that the bank e-mailed.
pub(crate) struct Activation {
    code: Line,
    waits: bool,
    fault: Option<Phrase>,
}

impl Activation {
    pub(crate) fn new() -> Self {
        let code = Line::new("code", "activation-code", InputKind::ActivationCode);
        Self { code, waits: false, fault: None }
    }

    fn activate(&mut self, turn: &mut Turn<'_>) {
        self.fault = None;
        if normalise_activation_code(self.code.text()).map(Secret::new).is_none() {
            self.code.error = Some(say("activation-malformed"));
            return;
        }
        if let Ok(code) = Text::new(self.code.text()) {
            turn.desk.send(ToTerminal::Activate(Activate { code: Secret::new(code) }));
            self.waits = true;
        }
    }
}

impl Place for Activation {
    fn draw(&self, page: &mut Page<'_>) {
        page.titled("activation", "activation-title")
            .bank()
            .text(TextStyle::Body, &say("activation-explained"))
            .line(&self.code)
            .error(self.fault.as_ref())
            .asking(self.waits)
            .buttons(&[("next", "next", ButtonStyle::Primary, !self.waits)])
            .choose_language();
    }

    fn act(&mut self, deed: Deed<'_>, turn: &mut Turn<'_>) -> Go {
        match deed {
            Deed::Press("next") if !self.waits => self.activate(turn),
            Deed::Typed => self.fault = None,
            Deed::Choose(choice, option) => turn.desk.choose_language(choice, option),
            _ => {}
        }
        Go::Stay
    }

    fn told(&mut self, told: Told, turn: &mut Turn<'_>) -> Go {
        match told {
            Told::NotActivated(fault) => self.fault = Some(causes::enrolment(fault, turn.now)),
            Told::Refused(Refusal::Interrupted) => self.fault = Some(say("activation-interrupted")),
            Told::Refused(refusal) => self.fault = Some(causes::refusal(refusal)),
            _ => return Go::Stay,
        }
        self.waits = false;
        Go::Stay
    }

    fn lines(&mut self) -> Vec<&mut Line> {
        vec![&mut self.code]
    }
}
