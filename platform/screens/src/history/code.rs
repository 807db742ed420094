//! The supervisor agrees to see the transactions of all terminals.

use super::{Query, list::List};
use crate::{
    causes,
    line::Line,
    page::Page,
    place::{Deed, Go, Place, Told, Turn},
    supervisor::known_code,
    words::{Phrase, say},
};
use mpos_protocol::{
    admin::{AdminAnswer, SupervisorPurpose},
    screen::{ButtonStyle, InputKind, TextStyle},
    shell::BankAsk,
};

/// Asks for the code; with the bank's agreement the list follows.
pub(crate) struct Code {
    query: Query,
    code: Line,
    waits: Option<u32>,
    fault: Option<Phrase>,
}

impl Code {
    pub(crate) fn new(query: Query) -> Self {
        let code = Line::new("code", "supervisor-code", InputKind::SupervisorCode);
        Self { query, code, waits: None, fault: None }
    }

    /// Once more, as the agreement is over.
    pub(crate) fn again(query: Query, why: Phrase) -> Self {
        Self { fault: Some(why), ..Self::new(query) }
    }

    fn ask(&mut self, turn: &mut Turn<'_>) {
        self.fault = None;
        match known_code(&self.code) {
            Err(phrase) => self.code.error = Some(phrase),
            Ok(code) => {
                let purpose = SupervisorPurpose::MerchantHistory;
                let ask = BankAsk::CheckSupervisorCode { code, purpose };
                self.waits = Some(turn.desk.ask(turn.now, ask));
            }
        }
    }
}

impl Place for Code {
    fn draw(&self, page: &mut Page<'_>) {
        page.titled("history.code", "merchant-transactions")
            .bank()
            .text(TextStyle::Body, &say("history-code-explained"))
            .line(&self.code)
            .error(self.fault.as_ref())
            .asking(self.waits.is_some())
            .buttons(&[("next", "next", ButtonStyle::Primary, self.waits.is_none())]);
        page.back = true;
    }

    fn act(&mut self, deed: Deed<'_>, turn: &mut Turn<'_>) -> Go {
        match deed {
            Deed::Back => return Go::Back,
            Deed::Press("next") if self.waits.is_none() => self.ask(turn),
            Deed::Typed => self.fault = None,
            _ => {}
        }
        Go::Stay
    }

    fn told(&mut self, told: Told, turn: &mut Turn<'_>) -> Go {
        let Told::Answer(answer) = told else { return Go::Stay };
        self.waits = None;
        self.fault = Some(match answer {
            Ok(AdminAnswer::Granted { grant, .. }) => {
                let query = Query { grant: Some(grant), ..self.query.clone() };
                return Go::Over(List::open(query, turn));
            }
            Ok(AdminAnswer::SupervisorRefused(fault)) => {
                self.code.forget_code();
                causes::supervisor(fault, turn.now)
            }
            Ok(_) => say("ask-no-sense"),
            Err(phrase) => phrase,
        });
        Go::Stay
    }

    fn waits_for(&self) -> Option<u32> {
        self.waits
    }

    fn lines(&mut self) -> Vec<&mut Line> {
        vec![&mut self.code]
    }
}
