//! The thread behind one phone: the screens' state machine between the terminal's actors and the pages. It starts with
//! the terminal and ends with it. Pages come and go; all of them see the same screen.

use super::{saving, socket, table::Table};
use crate::{bank::Bank, error::ProgramError, terminal::Terminal};
use axum::body::Bytes;
use mpos_ports::Clock;
use mpos_protocol::{
    Moment, Text,
    admin::Language,
    inbox::Shell,
    screen::ScreenEvent,
    shell::{ActivationEnded, Refusal, RequestRefused, TerminalOpened},
};
use mpos_screens::{Effects, Export, Screens, ToTerminal, Wish};
use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};
use tokio::sync::{oneshot, watch};

/// How often time is told to the screens: they show seconds.
const TICK: Duration = Duration::from_millis(500);
/// How long the e-mailed activation code may lie there.
const CODE_LIFETIME: Duration = Duration::from_secs(24 * 3600);
/// The language that was chosen, in the terminal's folder.
const LANGUAGE_FILE: &str = "language";
/// Saved exports, there too.
const EXPORTS_FOLDER: &str = "exports";

/// What wakes the session.
pub(super) enum Input {
    /// The terminal tells the shell.
    Told(Shell),
    /// A page says what was done; it waits until that is seen to.
    Done(ScreenEvent, oneshot::Sender<()>),
    /// The demo ends.
    End,
}

/// A session.
pub(super) struct Session {
    pub(super) phone: u8,
    pub(super) terminal: Terminal<()>,
    pub(super) folder: PathBuf,
    pub(super) bank: Arc<Bank>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) screens: Screens,
    /// The frame of what is to be seen.
    pub(super) shown: watch::Sender<Bytes>,
    pub(super) table: watch::Sender<Table>,
    pub(super) exports: u32,
}

impl Session {
    /// Runs until the end is told, or nobody is left to tell it.
    pub(super) fn run(mut self, inputs: &Receiver<Input>) {
        self.show();
        let mut ticked = Instant::now();
        loop {
            match inputs.recv_timeout(TICK.saturating_sub(ticked.elapsed())) {
                Ok(Input::Told(message)) => self.told(message),
                Ok(Input::Done(event, seen_to)) => {
                    let effects = self.screens.act(self.now(), event);
                    self.bring_about(effects);
                    // A page that was closed does not wait any more.
                    let _waited_for = seen_to.send(());
                }
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Input::End) | Err(RecvTimeoutError::Disconnected) => break,
            }
            if ticked.elapsed() >= TICK {
                ticked = Instant::now();
                let effects = self.screens.tick(self.now());
                self.bring_about(effects);
            }
        }
        self.terminal.save_recording();
        self.terminal.stop();
    }

    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn told(&mut self, message: Shell) {
        match &message {
            Shell::TerminalOpened(TerminalOpened::NotActivated) => self.send_code(),
            Shell::ActivationEnded(ActivationEnded::Activated { .. }) => {
                self.table.send_modify(|table| table.email = None);
            }
            // For `mpos replay`, while the demo goes on.
            Shell::SaleEnded(_) => self.terminal.save_recording(),
            _ => {}
        }
        let effects = self.screens.receive(self.now(), message);
        self.bring_about(effects);
    }

    /// The bank's e-mail with an activation code. A bank elsewhere has sent its own.
    fn send_code(&self) {
        match self.bank.activation_code(CODE_LIFETIME) {
            Ok(code) => self.table.send_modify(|table| table.email = Some(code.to_string())),
            Err(ProgramError::NoActivationCode) => {}
            Err(error) => self.table.send_modify(|table| table.problem = Some(error.to_string())),
        }
    }

    fn bring_about(&mut self, effects: Effects) {
        if self.grant(effects) {
            return;
        }
        // The terminal took no message: as when the till itself is overloaded, nothing was begun.
        let refused = RequestRefused { refusal: Refusal::Overloaded, reason: Text::default() };
        let effects = self.screens.receive(self.now(), Shell::RequestRefused(refused));
        self.grant(effects);
    }

    /// Whether the terminal took all messages.
    fn grant(&mut self, effects: Effects) -> bool {
        let mut is_taken = true;
        for message in effects.messages {
            is_taken &= self.send(message);
        }
        if effects.screen.is_some() {
            self.show();
        }
        match effects.wish {
            None => {}
            Some(Wish::KeepLanguage(language)) => self.keep(language),
            Some(Wish::SaveExport(export)) => self.save(*export),
        }
        is_taken
    }

    fn send(&self, message: ToTerminal) -> bool {
        let terminal = &self.terminal;
        let sent = match message {
            ToTerminal::Activate(message) => terminal.send(message),
            ToTerminal::BeginPurchase(message) => terminal.send(message),
            ToTerminal::BeginRefund(message) => terminal.send(message),
            ToTerminal::CancelFlow(message) => terminal.send(message),
            ToTerminal::AskBank(message) => terminal.send(message),
            ToTerminal::PinPadTouched(message) => terminal.send(message),
            ToTerminal::ArrangePinPad(message) => terminal.send(message),
            ToTerminal::PinPadExposed(message) => terminal.send(message),
            ToTerminal::PinAbandoned(message) => terminal.send(message),
        };
        sent.inspect_err(|error| tracing::warn!(%error, "the terminal took no message")).is_ok()
    }

    fn show(&self) {
        match self.screens.current().to_frame() {
            // The one before may have been a PIN pad's.
            Ok(frame) => socket::wipe(self.shown.send_replace(frame.into())),
            Err(error) => tracing::error!(%error, "a screen cannot be shown"),
        }
    }

    fn save(&mut self, export: Export) {
        self.exports += 1;
        let saved = saving::save(&self.folder.join(EXPORTS_FOLDER), self.phone, self.exports, export);
        let result = saved.as_ref().map(|file| file.name.as_str()).map_err(|fault| *fault);
        let effects = self.screens.saved(self.now(), result);
        if let Ok(file) = saved {
            self.table.send_modify(|table| table.offer(file));
        }
        self.bring_about(effects);
    }

    fn keep(&self, language: Language) {
        let path = self.folder.join(LANGUAGE_FILE);
        if let Err(error) = fs::write(&path, language.code()) {
            tracing::warn!(path = %path.display(), %error, "the language could not be kept");
        }
    }
}

/// The language that was chosen on this phone, or else the one of whoever runs the program.
pub(super) fn kept_language(folder: &std::path::Path) -> Language {
    let kept = fs::read_to_string(folder.join(LANGUAGE_FILE)).ok();
    let system = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| std::env::var(name).ok());
    let code = kept.or(system).unwrap_or_default();
    let is_of = |language: &Language| code.split(['_', '.', '\n']).next() == Some(language.code());
    Language::ALL.into_iter().find(is_of).unwrap_or(Language::English)
}
