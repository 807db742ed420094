//! The terminal of a desktop: the one of every machine, with keys in a file, virtual cards, and a shell that waits for
//! one message after another.

use crate::{data_folder::DataFolder, error::ProgramError, virtual_field::VirtualField};
use mpos_ports::Clock;
use mpos_protocol::{Message, Sends, Text, actor, inbox, terminal::Device};
use mpos_std::{clock::SystemClock, device_watch::DesktopWatch, key_file::KeyFile};
pub(crate) use mpos_terminal::{Around, BankContact, Bare, Ports, TerminalError, wiring::JOURNAL_FILE};
use std::{
    ops::Deref,
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, sync_channel},
    },
    time::Duration,
};

/// What waits for the command line at most; it reads as fast as actors write.
const SHELL_FRAMES_MAX: usize = 256;

/// A desktop's terminal, whoever its messages go to.
type DesktopTerminal = mpos_terminal::Terminal<VirtualField>;

/// A terminal at work, and where its messages to the shell wait.
pub(crate) struct Terminal {
    terminal: DesktopTerminal,
    shown: Receiver<inbox::Shell>,
}

impl Terminal {
    /// A terminal whose messages are waited for, one after another.
    ///
    /// # Errors
    /// [`ProgramError`].
    pub(crate) fn start(
        folder: &DataFolder,
        bank: &BankContact,
        around: &impl Around,
    ) -> Result<Self, ProgramError> {
        Self::start_at(folder, bank, around, Arc::new(SystemClock::new()))
    }

    /// The same, with another clock.
    ///
    /// # Errors
    /// [`ProgramError`].
    pub(crate) fn start_at(
        folder: &DataFolder,
        bank: &BankContact,
        around: &impl Around,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ProgramError> {
        let (show, shown) = sync_channel(SHELL_FRAMES_MAX);
        let tell = move |message| {
            // Nobody waits any more when the command has ended.
            let _waited_for = show.try_send(message);
        };
        let ports = ports(folder.terminal()?, bank, clock)?;
        Ok(Self { terminal: DesktopTerminal::start(ports, VirtualField::new, around, tell)?, shown })
    }

    /// The next message to the shell.
    ///
    /// # Errors
    /// [`ProgramError::Silent`] when none comes in time.
    pub(crate) fn wait(&self, time: Duration) -> Result<inbox::Shell, ProgramError> {
        self.shown.recv_timeout(time).map_err(|_| ProgramError::Silent)
    }

    /// Sends what the shell may send.
    ///
    /// # Errors
    /// When it is not taken.
    pub(crate) fn send<M: Message>(&self, message: M) -> Result<(), ProgramError>
    where
        actor::Shell: Sends<M>,
    {
        Ok(self.terminal.send(message)?)
    }

    /// Has the till read its book.
    ///
    /// # Errors
    /// When the till takes no message.
    pub(crate) fn open_book(&self) -> Result<(), ProgramError> {
        Ok(self.terminal.open_book()?)
    }

    /// The card that is tapped from now on.
    pub(crate) fn hold(&self, card: mpos_cards::VirtualCard) {
        self.terminal.field().hold(card);
    }

    /// Ends all threads.
    pub(crate) fn stop(self) {
        self.terminal.stop();
    }
}

impl Deref for Terminal {
    type Target = DesktopTerminal;

    fn deref(&self) -> &DesktopTerminal {
        &self.terminal
    }
}

/// What a terminal of this machine stands on.
///
/// # Errors
/// [`ProgramError`] when its keys cannot be opened.
pub(crate) fn ports(
    folder: PathBuf,
    bank: &BankContact,
    clock: Arc<dyn Clock>,
) -> Result<Ports<DesktopWatch>, ProgramError> {
    let keys = Arc::new(KeyFile::open(&folder).map_err(TerminalError::from)?);
    let watch = DesktopWatch::new(env!("CARGO_PKG_VERSION"));
    Ok(Ports { clock, keys, watch, device: device(), folder, bank: bank.clone() })
}

fn device() -> Device {
    Device {
        model: Text::clipped("desktop"),
        system: Text::clipped(std::env::consts::OS),
        software: Text::clipped(env!("CARGO_PKG_VERSION")),
    }
}
