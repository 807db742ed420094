//! One tap, from "present card" to its outcome: the state machine that callers see.
//!
//! It starts with a transaction and the terminal's settings, is told of every event at the card (found,
//! answered, lost), and says what to do next. Each step consumes the state before it. What a tap can do
//! is bounded: so many commands for each presentation of a card, so many presentations.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use mpos_protocol::Bytes;
use mpos_tlv::Tag;

use crate::apdu::Apdu;
use crate::card_data::{CardData, success, template};
use crate::entry_point::{self, Allowed, Candidate};
use crate::error::{CardFault, CommandKind, Fault, LinkFault, Refusal, TerminalFault};
use crate::limits::{COMMANDS_MAX, SEE_PHONE_HOLD_MS};
use crate::next::{Halt, Next, Selected};
use crate::outcome::{Application, Cvm, MessageId, Outcome, OutcomeKind, Scheme};
use crate::pending::PendingVerification;
use crate::settings::{KernelId, TerminalSettings};
use crate::terminal_data::TerminalData;
use crate::transaction::Transaction;
use crate::{kernel2, kernel3};

/// What to do next.
pub enum Step {
    /// Show a message and wait for a card; then call [`Tap::card_found`].
    PresentCard(PresentCard),
    /// Send this to the card; then call [`Tap::card_answered`] or [`Tap::card_lost`].
    Command(Apdu),
    /// The card may leave ("card read OK"). What is left needs no card.
    CardDone(Box<PendingVerification>),
    /// The tap ended.
    Ended(Box<Outcome>),
}

/// How a card is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PresentCard {
    /// What the customer is told: "present card", "present card again", "see phone".
    pub message: MessageId,
    /// How long the field must stay off first, ms; the card has to leave meanwhile.
    pub hold_ms: u32,
}

/// One tap.
pub struct Tap {
    settings: Arc<TerminalSettings>,
    transaction: Transaction,
    allowed: Vec<Allowed>,
    /// Presentations so far.
    attempts: usize,
    /// Commands of this presentation.
    commands: u16,
    state: State,
    /// The application that was selected last.
    application: Option<Application>,
    /// Why the candidate before, or the presentation before, came to nothing.
    last_fault: Option<Fault>,
}

/// What a tap waits for.
enum State {
    /// A card in the field.
    ExpectCard,
    /// The answer to SELECT PPSE.
    ExpectPpse,
    /// The answer to SELECT of an application; the other candidates, best last.
    ExpectFci { chosen: Candidate, others: Vec<Candidate> },
    /// What kernel 2 waits for.
    Kernel2 { kernel: kernel2::State, others: Vec<Candidate> },
    /// What kernel 3 waits for.
    Kernel3 { kernel: kernel3::State, others: Vec<Candidate> },
    /// Nothing more.
    Ended,
}

impl Tap {
    /// Prepares a tap (EMV Contactless Book B, start A) and says how to ask for a card, or that no card
    /// will do.
    ///
    /// `settings` are expected to have passed [`TerminalSettings::validate`].
    pub fn start(settings: Arc<TerminalSettings>, transaction: Transaction) -> (Self, Step) {
        let mut tap = Self {
            settings,
            transaction,
            allowed: Vec::new(),
            attempts: 0,
            commands: 0,
            state: State::Ended,
            application: None,
            last_fault: None,
        };
        let step = tap.prepare();
        (tap, step)
    }

    fn prepare(&mut self) -> Step {
        if let Err(fault) = self.transaction.validate() {
            return self.end(OutcomeKind::EndApplication, MessageId::PROCESSING_ERROR, fault.into());
        }
        match entry_point::preprocess(&self.settings, &self.transaction) {
            Ok(allowed) => {
                self.allowed = allowed;
                self.state = State::ExpectCard;
                Step::PresentCard(PresentCard { message: MessageId::PRESENT_CARD, hold_ms: 0 })
            }
            // Book B, pre-processing: no combination is allowed for this amount.
            Err(refusal) => self.end(
                OutcomeKind::TryAnotherInterface,
                MessageId::INSERT_OR_SWIPE,
                Fault::Refused(refusal),
            ),
        }
    }

    /// A card is in the field (EMV Contactless Book B, start B).
    pub fn card_found(&mut self) -> Step {
        let State::ExpectCard = self.state else { return self.out_of_order() };
        self.attempts = self.attempts.saturating_add(1);
        self.commands = 0;
        self.application = None;
        self.send(Apdu::select_ppse(), State::ExpectPpse)
    }

    /// The card's answer to the last command: data and status word.
    pub fn card_answered(&mut self, response: &[u8]) -> Step {
        match core::mem::replace(&mut self.state, State::Ended) {
            State::ExpectPpse => self.take_directory(response),
            State::ExpectFci { chosen, others } => self.take_selection(response, chosen, others),
            State::Kernel2 { kernel, others } => {
                let result = kernel.step(response);
                self.after_kernel2(result, others)
            }
            State::Kernel3 { kernel, others } => {
                let result = kernel.step(response);
                self.after_kernel3(result, others)
            }
            State::ExpectCard | State::Ended => self.out_of_order(),
        }
    }

    /// The card left the field or fell silent.
    pub fn card_lost(&mut self) -> Step {
        match core::mem::replace(&mut self.state, State::Ended) {
            // Book C-2, state 9: the card may have counted the transaction. Its own outcome: whoever
            // asks for the card again must know.
            State::Kernel2 { kernel, .. } if kernel.is_at_cryptogram() => self.end(
                OutcomeKind::EndApplication,
                MessageId::PROCESSING_ERROR,
                Fault::Link(LinkFault::CardLeftAtCryptogram),
            ),
            State::ExpectCard | State::Ended => self.out_of_order(),
            _ => {
                let again = PresentCard { message: MessageId::PRESENT_AGAIN, hold_ms: 0 };
                self.present_again(again, Fault::Link(LinkFault::CardLeft))
            }
        }
    }

    // EMV Contactless Book B: the directory and its candidates.
    fn take_directory(&mut self, response: &[u8]) -> Step {
        match entry_point::candidates(response, &self.settings, &self.allowed) {
            Ok(candidates) => {
                self.last_fault = Some(Fault::Refused(Refusal::NoCommonApplication));
                self.select_next(candidates)
            }
            // No directory, no application: they are never probed.
            Err(fault) => {
                self.end(OutcomeKind::EndApplication, MessageId::TRY_ANOTHER_CARD, Fault::Card(fault))
            }
        }
    }

    // EMV Contactless Book B, start C.
    fn select_next(&mut self, mut candidates: Vec<Candidate>) -> Step {
        match candidates.pop() {
            Some(chosen) => {
                let command = Apdu::select(&chosen.adf_name, &chosen.extended);
                self.send(command, State::ExpectFci { chosen, others: candidates })
            }
            None => {
                let reason = self.last_fault.unwrap_or(Fault::Refused(Refusal::NoCommonApplication));
                self.end(OutcomeKind::EndApplication, MessageId::TRY_ANOTHER_CARD, reason)
            }
        }
    }

    // EMV Contactless Book B, start D: the kernel starts with the answer to SELECT.
    fn take_selection(&mut self, response: &[u8], chosen: Candidate, others: Vec<Candidate>) -> Step {
        match self.selected(response, &chosen) {
            Ok(selected) => {
                self.application = Some(selected.application.clone());
                match selected.application.kernel {
                    KernelId::Kernel2 => self.after_kernel2(kernel2::start(selected), others),
                    KernelId::Kernel3 => self.after_kernel3(kernel3::start(selected), others),
                }
            }
            Err(fault) => {
                self.last_fault = Some(Fault::Card(fault));
                self.select_next(others)
            }
        }
    }

    fn selected(&self, response: &[u8], chosen: &Candidate) -> Result<Selected, CardFault> {
        let data = success(CommandKind::Select, response)?;
        let fci = template(CommandKind::Select, data, Tag::FCI_TEMPLATE)?;
        let mut card = CardData::new();
        card.keep(CommandKind::Select, fci)?;

        let attempt = self.attempts.saturating_sub(1);
        let unpredictable_number =
            self.transaction.unpredictable_numbers.get(attempt).copied().unwrap_or_default();
        let terminal = TerminalData::new(
            &self.settings,
            chosen.combination,
            &self.transaction,
            unpredictable_number,
            chosen.ttq,
        );
        // The name as the application itself gives it, if it is one.
        let own_name = card.get(Tag::DF_NAME).filter(|name| name.starts_with(&terminal.rules().aid));
        let aid = own_name.and_then(|name| Bytes::new(name).ok()).unwrap_or_else(|| chosen.adf_name.clone());
        let label = card.get(Tag::APPLICATION_LABEL).unwrap_or_default();
        let application = Application {
            scheme: Scheme::of_aid(&aid),
            kernel: terminal.rules().kernel.id(),
            label: Bytes::new(label).unwrap_or_default(),
            aid,
        };
        Ok(Selected { application, transaction: self.transaction.clone(), terminal, card })
    }

    fn after_kernel2(&mut self, result: Result<Next<kernel2::State>, Halt>, others: Vec<Candidate>) -> Step {
        match result {
            Ok(Next::Send(command, kernel)) => self.send(command, State::Kernel2 { kernel, others }),
            Ok(Next::CardDone(pending)) => Step::CardDone(pending),
            Err(halt) => self.halt(halt, others),
        }
    }

    fn after_kernel3(&mut self, result: Result<Next<kernel3::State>, Halt>, others: Vec<Candidate>) -> Step {
        match result {
            Ok(Next::Send(command, kernel)) => self.send(command, State::Kernel3 { kernel, others }),
            Ok(Next::CardDone(pending)) => Step::CardDone(pending),
            Err(halt) => self.halt(halt, others),
        }
    }

    fn halt(&mut self, halt: Halt, others: Vec<Candidate>) -> Step {
        match halt {
            Halt::SelectNext(fault) => {
                self.last_fault = Some(fault);
                self.select_next(others)
            }
            Halt::SeePhone => {
                let see_phone = PresentCard { message: MessageId::SEE_PHONE, hold_ms: SEE_PHONE_HOLD_MS };
                self.present_again(see_phone, Fault::Refused(Refusal::SeePhone))
            }
            Halt::End(kind, message, reason) => self.end(kind, message, reason),
            Halt::Outcome(outcome) => {
                self.state = State::Ended;
                Step::Ended(outcome)
            }
        }
    }

    /// Sends, unless this card has had more commands than any card needs.
    fn send(&mut self, command: Apdu, next: State) -> Step {
        if self.commands >= COMMANDS_MAX {
            let fault = Fault::Card(CardFault::TooManyCommands);
            return self.end(OutcomeKind::EndApplication, MessageId::TRY_ANOTHER_CARD, fault);
        }
        self.commands = self.commands.saturating_add(1);
        self.state = next;
        Step::Command(command)
    }

    /// Book A, *Try Again*: as often as there are unpredictable numbers.
    fn present_again(&mut self, again: PresentCard, fault: Fault) -> Step {
        if self.attempts >= self.transaction.unpredictable_numbers.len() {
            return self.end(OutcomeKind::EndApplication, MessageId::TRY_ANOTHER_CARD, fault);
        }
        self.state = State::ExpectCard;
        Step::PresentCard(again)
    }

    fn out_of_order(&mut self) -> Step {
        let fault = Fault::Terminal(TerminalFault::OutOfOrder);
        self.end(OutcomeKind::EndApplication, MessageId::PROCESSING_ERROR, fault)
    }

    fn end(&mut self, kind: OutcomeKind, message: MessageId, reason: Fault) -> Step {
        self.state = State::Ended;
        Step::Ended(Box::new(Outcome {
            kind,
            message,
            cvm: Cvm::NoCvm,
            reason: Some(reason),
            application: self.application.clone(),
            record: None,
        }))
    }
}
