//! The terminal: every actor wired to the desktop's side of its ports. Beside `android/` the only such place.

use crate::{data_folder::DataFolder, error::ProgramError, virtual_field::VirtualField};
use mpos_cards::VirtualCard;
use mpos_emv_kernel::actor::EmvKernel;
use mpos_host_link::HostLink;
use mpos_ledger::{BookFiles, Ledger};
use mpos_nfc_reader::NfcReader;
use mpos_pin_pad::PinPad;
use mpos_ports::{Clock, KeyStore, Shell};
use mpos_protocol::{
    Message, Sends, Text, actor,
    book::StoreFault,
    frame, inbox,
    link::{LineClosed, LineOpened, LineReceived},
    shell::OpenTerminal,
    supervision::DeliveryFault,
    terminal::Device,
};
use mpos_receipt_sender::ReceiptSender;
use mpos_runtime::{Actor, Inlet, Recorder, Running, Runtime, StartError};
use mpos_std::{
    bank_pins::BankPins,
    clock::SystemClock,
    device_watch::DesktopWatch,
    entropy::SystemEntropy,
    file_store::{FileStore, StoreError, open_index},
    key_file::KeyFile,
    locked_page::LockedPage,
    tls_line::{LineEvents, LineSetupError, TlsLine},
};
use mpos_till::Till;
use std::{
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, sync_channel},
    },
    thread,
    time::Duration,
};

/// What waits for the command line at most; it reads as fast as actors write.
const SHELL_FRAMES_MAX: usize = 256;
/// How often, and how many times, the end of a line is told again while the link's mailbox is full.
const TELL_AGAIN: Duration = Duration::from_millis(20);
const TELL_TIMES_MAX: u32 = 500;
/// Longer than an answer of the bank takes from one message to the next.
const REST_MOMENT: Duration = Duration::from_millis(100);
/// A link that has more to do than that goes on with it the next time.
const REST_MOMENTS_MAX: u32 = 20;
/// The flight recorder's last frames, in the terminal's folder.
pub(crate) const RECORDING_FILE: &str = "last-tap.jsonl";
/// The terminal's book, and its index.
pub(crate) const JOURNAL_FILE: &str = "ledger.journal";
const INDEX_FILE: &str = "ledger.index";

/// Where the bank is, and how to know it.
#[derive(Clone, Debug)]
pub(crate) struct BankContact {
    /// `host:port`.
    pub(crate) address: String,
    /// The CAs that prove it.
    pub(crate) pins: BankPins,
}

/// Why a terminal did not start, or a message did not reach it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TerminalError {
    /// Its key files.
    #[error(transparent)]
    Keys(#[from] StoreError),
    /// Its line to the bank.
    #[error(transparent)]
    Line(#[from] LineSetupError),
    /// Its threads.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Its mailbox.
    #[error("the till takes no message ({0:?})")]
    Undelivered(DeliveryFault),
}

/// What each actor is put into as it is made: in the program nothing, in a test what makes it fail.
pub(crate) trait Around: Clone + Send + 'static {
    /// The actor and what is around it.
    type Of<A: Actor>: Actor;
    /// Puts it in.
    fn around<A: Actor>(&self, actor: A) -> Self::Of<A>;
}

/// Nothing around an actor.
#[derive(Clone)]
pub(crate) struct Bare;

impl Around for Bare {
    type Of<A: Actor> = A;

    fn around<A: Actor>(&self, actor: A) -> A {
        actor
    }
}

/// A terminal at work, and where its messages to the shell wait; nothing when the shell takes them itself.
pub(crate) struct Terminal<Shown = Receiver<inbox::Shell>> {
    running: Running,
    inlet: Inlet<actor::Shell>,
    shown: Shown,
    field: VirtualField,
    bank_address: Text<128>,
    folder: PathBuf,
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
        let (show, shown) = sync_channel(SHELL_FRAMES_MAX);
        let clock = Arc::new(SystemClock::new());
        let tell = move |message| {
            // Nobody waits any more when the command has ended.
            let _waited_for = show.try_send(message);
        };
        Terminal::start_with(folder.terminal()?, bank, around, clock, shown, tell)
    }

    /// The next message to the shell.
    ///
    /// # Errors
    /// [`ProgramError::Silent`] when none comes in time.
    pub(crate) fn wait(&self, time: Duration) -> Result<inbox::Shell, ProgramError> {
        self.shown.recv_timeout(time).map_err(|_| ProgramError::Silent)
    }
}

impl<Shown> Terminal<Shown> {
    /// Wires and starts the actors. `tell` takes each message to the shell, and must not block.
    ///
    /// # Errors
    /// [`TerminalError`].
    pub(crate) fn start_with(
        folder: PathBuf,
        bank: &BankContact,
        around: &impl Around,
        clock: Arc<dyn Clock>,
        shown: Shown,
        tell: impl FnMut(inbox::Shell) + Send + 'static,
    ) -> Result<Self, ProgramError> {
        let runtime = Runtime::new(clock, Box::new(Reading(tell)), Some(Recorder::new()));
        let inlet = runtime.inlet::<actor::Shell>();
        let field = VirtualField::new(inlet.clone());
        let running = wire(runtime, &folder, bank, &field, around)?;
        Ok(Self { running, inlet, shown, field, bank_address: Text::clipped(&bank.address), folder })
    }

    /// Where its keys and its book are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Has the till read its book.
    ///
    /// # Errors
    /// When the till takes no message.
    pub(crate) fn open_book(&self) -> Result<(), ProgramError> {
        self.send(OpenTerminal { bank_address: self.bank_address.clone() })
    }

    /// Sends what the shell may send.
    ///
    /// # Errors
    /// When it is not taken.
    pub(crate) fn send<M: Message>(&self, message: M) -> Result<(), ProgramError>
    where
        actor::Shell: Sends<M>,
    {
        self.inlet.send(message).map_err(|fault| TerminalError::Undelivered(fault).into())
    }

    /// The card that is tapped from now on.
    pub(crate) fn hold(&self, card: VirtualCard) {
        self.field.hold(card);
    }

    /// Where cards are tapped.
    pub(crate) fn field(&self) -> &VirtualField {
        &self.field
    }

    /// Keeps the flight recorder's frames. A recording is for engineers: when it cannot be kept the sale stands.
    pub(crate) fn save_recording(&self) {
        let path = self.folder.join(RECORDING_FILE);
        let Some(recorder) = self.running.recorder() else { return };
        let saved = File::create(&path).and_then(|file| recorder.save(&mut BufWriter::new(file)));
        if let Err(error) = saved {
            tracing::warn!(path = %path.display(), %error, "the recording could not be kept");
        }
    }

    /// Gives the link a moment for what the bank ordered with its report: a command that ends with its sale would never
    /// get to it, since the sale goes first. It is over when no message passed for a moment.
    pub(crate) fn rest(&self) {
        let Some(recorder) = self.running.recorder() else { return };
        let mut before = recorder.messages();
        for _moment in 0..REST_MOMENTS_MAX {
            thread::sleep(REST_MOMENT);
            let now = recorder.messages();
            if now == std::mem::replace(&mut before, now) {
                return;
            }
        }
    }

    /// Ends all threads.
    pub(crate) fn stop(self) {
        if let Err(error) = self.running.stop() {
            tracing::warn!(%error, "the terminal did not end in time");
        }
    }
}

fn wire(
    runtime: Runtime,
    folder: &Path,
    bank: &BankContact,
    field: &VirtualField,
    around: &impl Around,
) -> Result<Running, TerminalError> {
    let keys: Arc<dyn KeyStore> = Arc::new(KeyFile::open(folder)?);
    let events = Arc::new(NetworkEdge(runtime.inlet()));
    let line = TlsLine::start(&bank.pins, Arc::clone(&keys), events)?;
    let field = field.clone();
    let book = folder.to_owned();
    let (kernel_keys, pad_keys) = (Arc::clone(&keys), Arc::clone(&keys));
    let bank_address = Text::clipped(&bank.address);
    let actor = || around.clone();
    let runtime = runtime
        .spawn({
            let around = actor();
            move || around.around(Till::new(Box::new(SystemEntropy)).of_bank(bank_address.clone()))
        })
        .spawn({
            let around = actor();
            move || around.around(NfcReader::new(Box::new(field.clone())))
        })
        .spawn({
            let around = actor();
            move || around.around(EmvKernel::new(Arc::clone(&kernel_keys)))
        })
        .spawn({
            let around = actor();
            move || {
                let (entropy, memory) = (Box::new(SystemEntropy), Box::new(LockedPage::new()));
                around.around(PinPad::new(Arc::clone(&pad_keys), entropy, memory))
            }
        })
        .spawn({
            let around = actor();
            move || {
                let (entropy, line) = (Box::new(SystemEntropy), Box::new(line.clone()));
                let watch = Box::new(DesktopWatch::new(env!("CARGO_PKG_VERSION")));
                around.around(HostLink::new(Arc::clone(&keys), entropy, line, device(), watch))
            }
        })
        .spawn({
            let around = actor();
            move || {
                let book = book.clone();
                around.around(Ledger::new(Box::new(move || open_book(&book))))
            }
        })
        .spawn({
            let around = actor();
            move || around.around(ReceiptSender)
        });
    Ok(runtime.start()?)
}

fn open_book(folder: &Path) -> Result<BookFiles, StoreFault> {
    let fault = |error: StoreError| {
        tracing::error!(%error, "the terminal's book cannot be opened");
        StoreFault::from(&error)
    };
    let journal = FileStore::open(&folder.join(JOURNAL_FILE)).map_err(fault)?;
    // The index can always be made again: without a file for it there are no look-ups, and sales go on.
    let index = open_index(&folder.join(INDEX_FILE)).inspect_err(|error| tracing::warn!(%error, "no index"));
    Ok(BookFiles { journal: Box::new(journal), index: index.ok().map(|index| Box::new(index) as _) })
}

fn device() -> Device {
    Device {
        model: Text::clipped("desktop"),
        system: Text::clipped(std::env::consts::OS),
        software: Text::clipped(env!("CARGO_PKG_VERSION")),
    }
}

/// The shell: reads what is to be shown for whoever shows it.
struct Reading<Tell>(Tell);

impl<Tell: FnMut(inbox::Shell) + Send> Shell for Reading<Tell> {
    fn receive(&mut self, bytes: &[u8]) {
        match frame::decode::<actor::Shell>(bytes) {
            Ok((_header, message)) => self.0(message),
            Err(error) => tracing::error!(%error, "a frame to the shell does not decode"),
        }
    }
}

/// What happens on the line, as messages to the link.
struct NetworkEdge(Inlet<actor::Network>);

impl LineEvents for NetworkEdge {
    fn opened(&self, event: LineOpened) -> bool {
        self.0.send(event).is_ok()
    }

    fn received(&self, event: LineReceived) -> bool {
        self.0.send(event).is_ok()
    }

    fn closed(&self, event: LineClosed) {
        for _time in 0..TELL_TIMES_MAX {
            match self.0.send(event) {
                Ok(()) | Err(DeliveryFault::Closed) => return,
                Err(DeliveryFault::Full) => thread::sleep(TELL_AGAIN),
            }
        }
        tracing::error!("the link's mailbox stays full; its own time limits end the wait");
    }
}
