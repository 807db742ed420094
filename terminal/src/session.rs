//! The thread between a terminal's actors and a shell that draws: the screens' state machine lives here. It starts with
//! the terminal and ends with it. Shells come and go; all of them see the same screen.

use crate::{
    language,
    saving::{ExportFile, file_of},
    wiring::{Around, Ports, Terminal, TerminalError},
};
use mpos_ports::{CardField, Clock, DeviceWatch, Entropy};
use mpos_protocol::{
    Moment, Text, actor,
    admin::Language,
    inbox::Shell,
    screen::ScreenEvent,
    shell::{Refusal, RequestRefused},
};
use mpos_runtime::Inlet;
use mpos_screens::{Effects, Export, SaveFault, Screens, ToTerminal, Wish};
use mpos_std::entropy::SystemEntropy;
use std::{
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How often time is told to the screens: they show seconds.
const TICK: Duration = Duration::from_millis(500);
/// What waits for a session at most: it reads as fast as actors write and people press.
const INPUTS_MAX: usize = 256;

/// Who draws, and what else a program does for its screens. Called on the session's thread, which must not wait long.
pub trait Face: Send + 'static {
    /// The frame of what is to be seen. It may hold a PIN pad's strokes: it is wiped when it is drawn.
    fn show(&mut self, frame: Vec<u8>);

    /// Saves a file. None: it is under way, and [`Hand::saved`] will say how it ended.
    fn save(&mut self, file: ExportFile) -> Option<Result<(), SaveFault>>;

    /// What the terminal said, before the screens are told.
    fn told(&mut self, _message: &Shell) {}
}

/// Called when an event was seen to.
pub type SeenTo = Box<dyn FnOnce() + Send>;

enum Input {
    /// The terminal tells the shell.
    Told(Shell),
    /// Something was done on a screen.
    Done(ScreenEvent, Option<SeenTo>),
    /// A file was saved, or not.
    Saved(String, Result<(), SaveFault>),
    /// The terminal ends.
    End,
}

/// What reaches into a session. Clones reach into the same one.
#[derive(Clone)]
pub struct Hand(SyncSender<Input>);

/// The session has ended, or is so far behind that it takes no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the terminal takes no event")]
pub struct Ended;

impl Hand {
    /// Says what was done on a screen. Does not wait.
    ///
    /// # Errors
    /// [`Ended`].
    pub fn act(&self, event: ScreenEvent) -> Result<(), Ended> {
        self.0.try_send(Input::Done(event, None)).map_err(|_| Ended)
    }

    /// The same; `seen_to` is called when the screens and the terminal know of it.
    ///
    /// # Errors
    /// [`Ended`].
    pub fn act_then(&self, event: ScreenEvent, seen_to: SeenTo) -> Result<(), Ended> {
        self.0.try_send(Input::Done(event, Some(seen_to))).map_err(|_| Ended)
    }

    /// Says how a file's saving ended that [`Face::save`] left under way.
    ///
    /// # Errors
    /// [`Ended`].
    pub fn saved(&self, name: String, result: Result<(), SaveFault>) -> Result<(), Ended> {
        self.0.try_send(Input::Saved(name, result)).map_err(|_| Ended)
    }
}

/// A session that runs.
pub struct Session<Field> {
    hand: Hand,
    field: Field,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Why none was started.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The terminal.
    #[error(transparent)]
    Terminal(#[from] TerminalError),
    /// Its own thread.
    #[error("a thread could not be started: {0}")]
    Thread(#[source] io::Error),
}

impl<Field: CardField + Clone + 'static> Session<Field> {
    /// Starts the terminal, has it read its book, and shows its screens on `face`.
    ///
    /// # Errors
    /// [`SessionError`]; nothing is left running.
    pub fn start<Watch: DeviceWatch + Clone + 'static>(
        ports: Ports<Watch>,
        field: impl FnOnce(Inlet<actor::Shell>) -> Field,
        around: &impl Around,
        language: Language,
        face: impl FnOnce(&Hand) -> Box<dyn Face>,
    ) -> Result<Self, SessionError> {
        let (inputs, waiting) = sync_channel(INPUTS_MAX);
        let told = inputs.clone();
        let tell = move |message| {
            if told.try_send(Input::Told(message)).is_err() {
                tracing::error!("the screens do not listen");
            }
        };
        let (clock, folder) = (Arc::clone(&ports.clock), ports.folder.clone());
        let terminal = Terminal::start(ports, field, around, tell)?;
        let field = terminal.field().clone();
        terminal.open_book()?;
        let mut receipts_seed = [0; 16];
        SystemEntropy.fill(&mut receipts_seed);
        let hand = Hand(inputs);
        let screens = Screens::new(language, receipts_seed);
        let work = Work { terminal, clock, folder, screens, face: face(&hand), exports: 0 };
        let thread = thread::Builder::new()
            .name("mpos-screens".to_owned())
            .spawn(move || work.run(&waiting))
            .map_err(SessionError::Thread)?;
        Ok(Self { hand, field, thread: Mutex::new(Some(thread)) })
    }
}

impl<Field> Session<Field> {
    /// The way in for a shell.
    pub fn hand(&self) -> &Hand {
        &self.hand
    }

    /// Where cards are tapped.
    pub fn field(&self) -> &Field {
        &self.field
    }

    /// Ends the terminal and waits for its threads. Not to be called by its [`Face`].
    pub fn stop(&self) {
        // A thread that is gone wants no telling.
        let _told = self.hand.0.send(Input::End);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the screens' thread ended by a panic");
        }
    }
}

/// What the thread holds.
struct Work<Field> {
    terminal: Terminal<Field>,
    clock: Arc<dyn Clock>,
    folder: PathBuf,
    screens: Screens,
    face: Box<dyn Face>,
    exports: u32,
}

impl<Field> Work<Field> {
    /// Runs until the end is told, or nobody is left to tell it.
    fn run(mut self, inputs: &Receiver<Input>) {
        self.show();
        let mut ticked = Instant::now();
        loop {
            match inputs.recv_timeout(TICK.saturating_sub(ticked.elapsed())) {
                Ok(Input::Told(message)) => self.told(message),
                Ok(Input::Done(event, seen_to)) => {
                    let effects = self.screens.act(self.now(), event);
                    self.bring_about(effects);
                    if let Some(seen_to) = seen_to {
                        seen_to();
                    }
                }
                Ok(Input::Saved(name, result)) => self.saved(&name, result),
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
        self.face.told(&message);
        // For `mpos replay`, while the terminal goes on.
        if matches!(message, Shell::SaleEnded(_)) {
            self.terminal.save_recording();
        }
        let effects = self.screens.receive(self.now(), message);
        self.bring_about(effects);
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
            Some(Wish::KeepLanguage(language)) => language::keep(&self.folder, language),
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
            ToTerminal::NetworkChanged(message) => terminal.network_changed(message),
        };
        sent.inspect_err(|error| tracing::warn!(%error, "the terminal took no message")).is_ok()
    }

    fn show(&mut self) {
        match self.screens.current().to_frame() {
            Ok(frame) => self.face.show(frame),
            Err(error) => tracing::error!(%error, "a screen cannot be shown"),
        }
    }

    fn save(&mut self, export: Export) {
        self.exports = self.exports.wrapping_add(1);
        match file_of(export, self.exports) {
            Ok(file) => {
                let name = file.name.clone();
                if let Some(result) = self.face.save(file) {
                    self.saved(&name, result);
                }
            }
            Err(fault) => self.saved("", Err(fault)),
        }
    }

    fn saved(&mut self, name: &str, result: Result<(), SaveFault>) {
        let effects = self.screens.saved(self.now(), result.map(|()| name));
        self.bring_about(effects);
    }
}
