//! A terminal with somebody at it: activates it the first time, sells, shows progress on standard error.

use crate::{
    bank::{Bank, CODE_USED_AT_ONCE},
    cards_command::CardChoice,
    data_folder::DataFolder,
    error::ProgramError,
    terminal::{Around, Bare, Terminal},
};
use mpos_protocol::{
    Amount, Secret, Text,
    admin::AdminAnswer,
    card::TapMessage,
    inbox::Shell,
    pad::{PadKey, PadRole},
    pin::messages::{ArrangePinPad, PinAbandoned, PinPadTouched, ShowPinPad},
    shell::{
        Activate, ActivationEnded, AskBank, BankAnswered, BankAsk, BeginPurchase, BeginRefund, SaleEnded,
        SaleProgress, StandingChanged, TerminalOpened,
    },
    standing::Decision,
    terminal::{Merchant, TerminalId},
};
use std::time::Duration;
use zeroize::Zeroizing;

/// Opening a book of many thousand sales takes well under this.
const OPEN_WAIT: Duration = Duration::from_secs(30);
/// Enrolment's own limits add up to less.
const ACTIVATION_WAIT: Duration = Duration::from_secs(60);
/// From one sign of life of a sale to the next; the till ticks every second while a card is waited for, and gives
/// the bank two minutes.
const SALE_STEP_WAIT: Duration = Duration::from_secs(180);

/// The till gives a question a minute.
const ASK_WAIT: Duration = Duration::from_secs(90);

/// What the customer brings.
pub(crate) struct Tender {
    /// To be paid.
    pub(crate) amount: Amount,
    /// The card that is tapped.
    pub(crate) card: CardChoice,
    /// What the customer types, if asked.
    pub(crate) pin: Option<Zeroizing<String>>,
}

/// The counter.
pub(crate) struct Counter<'a> {
    bank: &'a Bank,
    terminal: Terminal,
    identity: Identity,
}

/// Who the terminal is.
#[derive(Clone)]
pub(crate) struct Identity {
    /// Its name.
    pub(crate) terminal: TerminalId,
    /// Its business.
    pub(crate) merchant: Merchant,
}

impl<'a> Counter<'a> {
    /// Starts the terminal, and activates it when no bank knows it yet.
    ///
    /// # Errors
    /// [`ProgramError`].
    pub(crate) fn open(folder: &DataFolder, bank: &'a Bank) -> Result<Self, ProgramError> {
        Self::open_around(folder, bank, &Bare)
    }

    /// As [`open`](Self::open), with something around each actor.
    ///
    /// # Errors
    /// [`ProgramError`].
    pub(crate) fn open_around(
        folder: &DataFolder,
        bank: &'a Bank,
        around: &impl Around,
    ) -> Result<Self, ProgramError> {
        let terminal = Terminal::start(folder, &bank.contact()?, around)?;
        let identity = identify(&terminal, bank)?;
        Ok(Self { bank, terminal, identity })
    }

    /// Who the terminal is.
    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// One sale, to its end.
    ///
    /// # Errors
    /// [`ProgramError`] when it could not be started; how it ended otherwise is in the receipt.
    pub(crate) fn sell(&self, tender: &Tender) -> Result<SaleEnded, ProgramError> {
        self.terminal.hold(self.bank.personalise(&tender.card)?);
        self.terminal.send(BeginPurchase { amount: tender.amount })?;
        self.until_ended(tender.pin.as_ref())
    }

    /// One refund, to its end.
    ///
    /// # Errors
    /// As [`sell`](Self::sell).
    pub(crate) fn refund(&self, card: &CardChoice, refund: BeginRefund) -> Result<SaleEnded, ProgramError> {
        self.terminal.hold(self.bank.personalise(card)?);
        self.terminal.send(refund)?;
        self.until_ended(None)
    }

    /// Asks the bank something that moves no money.
    ///
    /// # Errors
    /// [`ProgramError::Bank`] when it does not answer.
    pub(crate) fn ask(&self, ask: BankAsk) -> Result<AdminAnswer, ProgramError> {
        self.terminal.send(AskBank { ask })?;
        loop {
            return match self.terminal.wait(ASK_WAIT)? {
                Shell::StandingChanged(changed) => {
                    show_standing(&changed);
                    continue;
                }
                Shell::BankAnswered(BankAnswered::Answered(answer)) => Ok(answer),
                Shell::BankAnswered(BankAnswered::Failed { reason, .. }) => {
                    Err(ProgramError::Bank { reason: reason.to_string() })
                }
                Shell::RequestRefused(refused) => Err(ProgramError::Refused(refused)),
                _ => Err(ProgramError::OutOfTurn),
            };
        }
    }

    /// The end of the sale in progress.
    ///
    /// # Errors
    /// As [`sell`](Self::sell).
    pub(crate) fn until_ended(&self, pin: Option<&Zeroizing<String>>) -> Result<SaleEnded, ProgramError> {
        let mut countdown_shown = false;
        loop {
            match self.terminal.wait(SALE_STEP_WAIT)? {
                Shell::SaleProgress(SaleProgress::TapCard { amount, seconds_left }) => {
                    if !std::mem::replace(&mut countdown_shown, true) {
                        eprintln!("Tap your card: EUR {amount}, {seconds_left} seconds left");
                    }
                }
                Shell::SaleProgress(progress) => eprintln!("{}", progress_text(progress)),
                Shell::ShowPinPad(pad) => self.type_pin(&pad, pin)?,
                Shell::HidePinPad(_) | Shell::PinPadChanged(_) => {}
                Shell::SaleEnded(ended) => {
                    eprintln!("Done");
                    return Ok(ended);
                }
                Shell::StandingChanged(changed) => show_standing(&changed),
                Shell::RequestRefused(refused) => return Err(ProgramError::Refused(refused)),
                Shell::TerminalOpened(_) | Shell::ActivationEnded(_) | Shell::BankAnswered(_) => {
                    return Err(ProgramError::OutOfTurn);
                }
            }
        }
    }

    /// This shell has no eyes for a shuffled pad: it asks for the telephone's order, as a customer may who finds keys
    /// by their place, and touches those places.
    fn type_pin(&self, pad: &ShowPinPad, pin: Option<&Zeroizing<String>>) -> Result<(), ProgramError> {
        let Some(pin) = pin else {
            eprintln!("This amount needs the card's PIN: give it with --pin");
            return self.terminal.send(PinAbandoned);
        };
        if !pad.fixed {
            return self.terminal.send(ArrangePinPad { pad: pad.pad, fixed: true });
        }
        let digits = pin.bytes().map(|digit| pad.keys.iter().find(|key| is_key_of(digit, key)));
        let confirm = pad.keys.iter().find(|key| key.role == PadRole::Confirm);
        for key in digits.chain([confirm]) {
            let at = key.ok_or(ProgramError::OutOfTurn)?.area.centre();
            self.terminal.send(PinPadTouched { pad: pad.pad, at: Secret::new(at) })?;
        }
        eprintln!("PIN entered");
        Ok(())
    }

    /// Stops the terminal; its flight recorder's last frames stay in the data folder.
    pub(crate) fn close(self) {
        self.terminal.rest();
        self.terminal.save_recording();
        self.terminal.stop();
    }
}

/// Whether an ASCII digit lies on this key of a pad in a telephone's order: three in a row, and 0 in the middle of the
/// fourth.
fn is_key_of(digit: u8, key: &PadKey) -> bool {
    let place = match digit {
        b'0' => (4, 2),
        digit => {
            let before = digit.wrapping_sub(b'1');
            (before / 3 + 1, before % 3 + 1)
        }
    };
    key.role == PadRole::Digit && (key.row, key.column) == place
}

/// Opens the terminal's book, and activates the terminal when no bank knows it yet.
fn identify(terminal: &Terminal, bank: &Bank) -> Result<Identity, ProgramError> {
    terminal.open_book()?;
    match terminal.wait(OPEN_WAIT)? {
        Shell::TerminalOpened(TerminalOpened::Activated { terminal, merchant }) => {
            return Ok(Identity { terminal, merchant });
        }
        Shell::TerminalOpened(TerminalOpened::NotActivated) => {}
        Shell::TerminalOpened(TerminalOpened::Unusable { reason, .. }) => {
            let folder = terminal.folder().to_owned();
            return Err(ProgramError::TerminalUnusable { folder, reason: reason.to_string() });
        }
        Shell::RequestRefused(refused) => return Err(ProgramError::Refused(refused)),
        _ => return Err(ProgramError::OutOfTurn),
    }
    let code = Secret::new(Text::clipped(bank.activation_code(CODE_USED_AT_ONCE)?.as_str()));
    eprintln!("Activating this terminal");
    terminal.send(Activate { code })?;
    match terminal.wait(ACTIVATION_WAIT)? {
        Shell::ActivationEnded(ActivationEnded::Activated { terminal, merchant }) => {
            eprintln!("Activated as {terminal} of {}", merchant.name);
            Ok(Identity { terminal, merchant })
        }
        Shell::ActivationEnded(ActivationEnded::Failed { fault, reason }) => {
            Err(ProgramError::Activation { fault, reason: reason.to_string() })
        }
        Shell::RequestRefused(refused) => Err(ProgramError::Refused(refused)),
        _ => Err(ProgramError::OutOfTurn),
    }
}

/// What the bank makes of this device, when it is worth a word.
fn show_standing(changed: &StandingChanged) {
    match changed.opinion.decision {
        Decision::Allowed => eprintln!("The bank has nothing against this device any more"),
        Decision::Warned => eprintln!("The bank warns: {}", changed.reason),
        Decision::Blocked => eprintln!("The bank lets this device sell nothing: {}", changed.reason),
    }
}

fn progress_text(progress: SaleProgress) -> &'static str {
    match progress {
        SaleProgress::TapCard { .. } | SaleProgress::Card(TapMessage::PresentCard) => "Present the card",
        SaleProgress::Card(TapMessage::HoldCard) => "Card found: hold it still",
        SaleProgress::Card(TapMessage::CardReadOk) => "Card read: take it away",
        SaleProgress::Card(TapMessage::OneCardOnly) => "Present one card only",
        SaleProgress::Card(TapMessage::SeePhone) => "See the customer's phone for instructions",
        SaleProgress::Card(TapMessage::PresentCardAgain) => "Present the card again",
        SaleProgress::Connecting => "Connecting to the bank",
        SaleProgress::Online => "Online: waiting for the bank's answer",
        SaleProgress::Repeating => "No answer: asking the bank again",
        SaleProgress::Reversing => "No answer: taking the sale back",
    }
}
