//! The card in the field: which application is selected, and the faults a card may have.

use std::time::Duration;

use mpos_tlv::StatusWord;

use crate::application::Application;
use crate::command::{Answer, Command, GENERATE_AC, GET_PROCESSING_OPTIONS};
use crate::fault::{Fault, Noise, TornAt};

/// Name of the directory of a contactless card.
pub(crate) const DIRECTORY: &[u8] = b"2PAY.SYS.DDF01";

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldLoss {
    /// The card left the field.
    #[error("the card left the field")]
    Left,
    /// The card is in the field and does not answer.
    #[error("the card does not answer")]
    Silent,
}

/// A contactless card, in the field from the start.
#[derive(Clone)]
pub struct VirtualCard {
    directory: Vec<u8>,
    applications: Vec<Application>,
    selected: Selected,
    fault: Option<Fault>,
    noise: Noise,
    /// Commands of this tap so far.
    step: u64,
    present: bool,
}

#[derive(Clone)]
enum Selected {
    Nothing,
    Directory,
    Application(usize),
}

impl VirtualCard {
    pub(crate) fn new(directory: Vec<u8>, applications: Vec<Application>, fault: Option<Fault>) -> Self {
        let seed = if let Some(Fault::Garbage(seed)) = fault { seed } else { 0 };
        Self {
            directory,
            applications,
            selected: Selected::Nothing,
            fault,
            noise: Noise::new(seed),
            step: 0,
            present: true,
        }
    }

    /// Brings the card (back) into the field: it was without power, so it remembers nothing but its counter.
    pub fn tap(&mut self) {
        self.selected = Selected::Nothing;
        self.applications.iter_mut().for_each(Application::reset);
        self.step = 0;
        self.present = true;
    }

    /// Whether the card is in the field.
    #[must_use]
    pub const fn present(&self) -> bool {
        self.present
    }

    /// How long the card takes for an answer. Whoever carries the bytes waits; the card does not.
    #[must_use]
    pub fn response_time(&self) -> Duration {
        self.fault.map_or(Duration::ZERO, Fault::response_time)
    }

    /// Answers a command: data and status word.
    ///
    /// # Errors
    /// [`FieldLoss`] when there is no answer.
    pub fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, FieldLoss> {
        if !self.present {
            return Err(FieldLoss::Left);
        }
        match self.fault {
            Some(Fault::Silent) => return Err(FieldLoss::Silent),
            Some(Fault::Garbage(_)) => return Ok(self.noise.answer()),
            _ => {}
        }
        let leaves = self.leaves_at(command);
        self.step = self.step.saturating_add(1);
        let response = response(self.carry_out(command));
        if leaves {
            self.present = false;
            return Err(FieldLoss::Left);
        }
        Ok(response)
    }

    fn leaves_at(&self, command: &[u8]) -> bool {
        match self.fault {
            Some(Fault::Torn(TornAt::Step(step))) => u64::from(step) == self.step,
            Some(Fault::Torn(TornAt::Cryptogram)) => {
                let visa = matches!(self.selected, Selected::Application(place)
                    if self.applications.get(place).is_some_and(Application::is_visa));
                let instruction = if visa { GET_PROCESSING_OPTIONS } else { GENERATE_AC };
                Command::has_instruction(command, instruction)
            }
            _ => false,
        }
    }

    fn carry_out(&mut self, command: &[u8]) -> Answer {
        match (Command::parse(command)?, &self.selected) {
            (Command::Select { name }, _) => self.select(name),
            (command, Selected::Application(place)) => match self.applications.get_mut(*place) {
                Some(application) => application.handle(command),
                None => Err(StatusWord::UNKNOWN),
            },
            _ => Err(StatusWord::CONDITIONS_NOT_SATISFIED),
        }
    }

    /// By a whole name, or by how an AID begins (EMV 4.3 Book 1, 12.3.1). Where there is none, what was selected stays.
    fn select(&mut self, name: &[u8]) -> Answer {
        if name == DIRECTORY {
            self.selected = Selected::Directory;
            return Ok(self.directory.clone());
        }
        let place = self.applications.iter().position(|application| application.aid.starts_with(name));
        let place = place.ok_or(StatusWord::NOT_FOUND)?;
        self.selected = Selected::Application(place);
        self.applications.get_mut(place).ok_or(StatusWord::UNKNOWN)?.select()
    }
}

fn response(answer: Answer) -> Vec<u8> {
    let (mut bytes, status) = match answer {
        Ok(data) => (data, StatusWord::OK),
        Err(status) => (Vec::new(), status),
    };
    bytes.extend(status.to_bytes());
    bytes
}
