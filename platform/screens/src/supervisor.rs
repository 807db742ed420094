//! The supervisor's code: defined once for a business, shown once by each terminal that joins it.

use crate::{
    causes,
    line::Line,
    page::Page,
    place::{Deed, Go, Place, Told, Turn},
    words::{Phrase, say},
};
use mpos_protocol::{
    Secret, Text,
    admin::{AdminAnswer, SupervisorFault, SupervisorPurpose, check_supervisor_code},
    screen::{ButtonStyle, InputKind, TextStyle},
    shell::{BankAsk, TypedCode},
};

/// Reads a code that can be one.
///
/// # Errors
/// Why it cannot.
pub(crate) fn typed_code(line: &Line) -> Result<TypedCode, Phrase> {
    check_supervisor_code(line.text()).map_err(causes::trivial)?;
    let code = Text::new(line.text()).map_err(|_| say("trivial-length"))?;
    Ok(Secret::new(code))
}

/// Reads a code that was defined before: whether it is the right one only the bank knows.
///
/// # Errors
/// That it has too few or too many digits.
pub(crate) fn known_code(line: &Line) -> Result<TypedCode, Phrase> {
    use mpos_protocol::admin::TrivialCode;
    match check_supervisor_code(line.text()) {
        Err(TrivialCode::Length) => Err(say("trivial-length")),
        _ => Text::new(line.text()).map(Secret::new).map_err(|_| say("trivial-length")),
    }
}

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Whether the business has a code: not known yet.
    Unknown,
    /// Its first code, twice.
    Define,
    /// The one it has.
    Join,
}

/// The supervisor's code.
pub(crate) struct Supervisor {
    step: Step,
    first: Line,
    again: Line,
    waits: Option<u32>,
    fault: Option<Phrase>,
    /// Opened from the settings; otherwise it is the last step of an activation.
    is_voluntary: bool,
    /// The bank did not take it: the merchant may go on without, and come back from the settings.
    may_skip: bool,
}

impl Supervisor {
    /// Asks the bank at once which it is to be.
    pub(crate) fn open(is_voluntary: bool, turn: &mut Turn<'_>) -> Box<dyn Place> {
        Box::new(Self {
            step: Step::Unknown,
            first: Line::new("code", "supervisor-code", InputKind::SupervisorCode),
            again: Line::new("again", "supervisor-code-again", InputKind::SupervisorCode),
            waits: Some(turn.desk.ask(turn.now, BankAsk::SupervisorState)),
            fault: None,
            is_voluntary,
            may_skip: is_voluntary,
        })
    }

    fn go_on(&mut self, turn: &mut Turn<'_>) {
        let ask = match self.step {
            Step::Unknown => Ok(BankAsk::SupervisorState),
            Step::Define => typed_code(&self.first).map(|code| BankAsk::DefineSupervisorCode { code }),
            Step::Join => known_code(&self.first)
                .map(|code| BankAsk::CheckSupervisorCode { code, purpose: SupervisorPurpose::Join }),
        };
        self.fault = None;
        match ask {
            Err(phrase) => self.first.error = Some(phrase),
            Ok(_) if self.step == Step::Define && self.first.text() != self.again.text() => {
                self.again.error = Some(say("supervisor-not-the-same"));
            }
            Ok(ask) => self.waits = Some(turn.desk.ask(turn.now, ask)),
        }
    }

    fn answered(&mut self, answer: Result<AdminAnswer, Phrase>, turn: &mut Turn<'_>) -> Go {
        self.waits = None;
        match answer {
            Ok(AdminAnswer::SupervisorState { defined }) => {
                self.step = if defined { Step::Join } else { Step::Define };
            }
            Ok(AdminAnswer::SupervisorDefined) => return self.leave(say("supervisor-defined")),
            Ok(AdminAnswer::Granted { .. }) => return self.leave(say("supervisor-joined")),
            Ok(AdminAnswer::SupervisorRefused(fault)) => self.refused(fault, turn),
            Ok(_) => self.fail(say("ask-no-sense")),
            Err(phrase) => self.fail(phrase),
        }
        Go::Stay
    }

    fn refused(&mut self, fault: SupervisorFault, turn: &mut Turn<'_>) {
        match fault {
            SupervisorFault::NotDefined => self.step = Step::Define,
            SupervisorFault::AlreadyDefined => self.step = Step::Join,
            _ => {}
        }
        self.fail(causes::supervisor(fault, turn.now));
        self.lines().into_iter().for_each(Line::forget_code);
    }

    fn fail(&mut self, phrase: Phrase) {
        self.fault = Some(phrase);
        self.may_skip = true;
    }

    fn leave(&self, phrase: Phrase) -> Go {
        if self.is_voluntary { Go::BackTelling(Told::Done(phrase)) } else { Go::Home(Some(phrase)) }
    }
}

impl Place for Supervisor {
    fn draw(&self, page: &mut Page<'_>) {
        let (name, explained) = match self.step {
            Step::Unknown => ("supervisor.state", "supervisor-state-explained"),
            Step::Define => ("supervisor.define", "supervisor-define-explained"),
            Step::Join => ("supervisor.join", "supervisor-join-explained"),
        };
        page.titled(name, "supervisor-title").bank().text(TextStyle::Body, &say(explained));
        page.back = self.is_voluntary && self.waits.is_none();
        if self.step != Step::Unknown {
            page.line(&self.first);
        }
        if self.step == Step::Define {
            page.line(&self.again).text(TextStyle::Hint, &say("supervisor-hint"));
        }
        page.error(self.fault.as_ref()).asking(self.waits.is_some());
        let label = if self.step == Step::Unknown { "try-again" } else { "confirm" };
        let mut buttons = vec![("confirm", label, ButtonStyle::Primary, self.waits.is_none())];
        if self.may_skip && !self.is_voluntary {
            buttons.push(("later", "later", ButtonStyle::Plain, self.waits.is_none()));
        }
        page.buttons(&buttons);
    }

    fn act(&mut self, deed: Deed<'_>, turn: &mut Turn<'_>) -> Go {
        match deed {
            _ if self.waits.is_some() => {}
            Deed::Press("confirm") => self.go_on(turn),
            Deed::Press("later") if self.may_skip => return Go::Home(None),
            Deed::Back => return Go::Back,
            _ => {}
        }
        Go::Stay
    }

    fn told(&mut self, told: Told, turn: &mut Turn<'_>) -> Go {
        match told {
            Told::Answer(answer) => self.answered(answer, turn),
            _ => Go::Stay,
        }
    }

    fn waits_for(&self) -> Option<u32> {
        self.waits
    }

    fn lines(&mut self) -> Vec<&mut Line> {
        vec![&mut self.first, &mut self.again]
    }
}
