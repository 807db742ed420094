//! Every actor wired to its ports, on its threads, from start to stop: the only place beside the simulation that does.

use mpos_emv_kernel::actor::EmvKernel;
use mpos_host_link::HostLink;
use mpos_ledger::{BookFiles, Ledger};
use mpos_nfc_reader::NfcReader;
use mpos_pin_pad::PinPad;
use mpos_ports::{CardField, Clock, DeviceWatch, KeyStore, Shell};
use mpos_protocol::{
    Message, Sends, Text, actor,
    book::StoreFault,
    frame, inbox,
    link::{LineClosed, LineOpened, LineReceived, NetworkChanged},
    shell::OpenTerminal,
    supervision::DeliveryFault,
    terminal::Device,
};
use mpos_receipt_sender::ReceiptSender;
use mpos_runtime::{Actor, Inlet, Recorder, Running, Runtime, StartError};
use mpos_std::{
    bank_pins::BankPins,
    entropy::SystemEntropy,
    file_store::{FileStore, StoreError, open_index},
    locked_page::LockedPage,
    tls_line::{LineEvents, LineSetupError, TlsLine},
};
use mpos_till::Till;
use std::{
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

/// How often, and how many times, the end of a line is told again while the link's mailbox is full.
const TELL_AGAIN: Duration = Duration::from_millis(20);
const TELL_TIMES_MAX: u32 = 500;
/// Longer than an answer of the bank takes from one message to the next.
const REST_MOMENT: Duration = Duration::from_millis(100);
/// A link that has more to do than that goes on with it the next time.
const REST_MOMENTS_MAX: u32 = 20;
/// The flight recorder's last frames, in the terminal's folder.
pub const RECORDING_FILE: &str = "last-tap.jsonl";
/// The terminal's book.
pub const JOURNAL_FILE: &str = "ledger.journal";
/// Its index, which can be made again.
pub const INDEX_FILE: &str = "ledger.index";

/// Where the bank is, and how to know it.
#[derive(Clone, Debug)]
pub struct BankContact {
    /// `host:port`.
    pub address: String,
    /// The CAs that prove it.
    pub pins: BankPins,
}

/// Why a terminal did not start, or a message did not reach it.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
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

/// What one kind of machine has that another has not, or has elsewhere.
pub struct Ports<Watch> {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Where the keys live.
    pub keys: Arc<dyn KeyStore>,
    /// What the device says of itself before each sale.
    pub watch: Watch,
    /// What the bank's staff recognise it by.
    pub device: Device,
    /// The book's folder.
    pub folder: PathBuf,
    /// The bank.
    pub bank: BankContact,
}

/// What each actor is put into as it is made: in the program nothing, in a test what makes it fail.
pub trait Around: Clone + Send + 'static {
    /// The actor and what is around it.
    type Of<A: Actor>: Actor;
    /// Puts it in.
    fn around<A: Actor>(&self, actor: A) -> Self::Of<A>;
}

/// Nothing around an actor.
#[derive(Clone)]
pub struct Bare;

impl Around for Bare {
    type Of<A: Actor> = A;

    fn around<A: Actor>(&self, actor: A) -> A {
        actor
    }
}

/// A terminal at work. Its messages to the shell go where its start was told.
pub struct Terminal<Field> {
    running: Running,
    inlet: Inlet<actor::Shell>,
    network: Inlet<actor::Network>,
    field: Field,
    bank_address: Text<128>,
    folder: PathBuf,
}

impl<Field: CardField + Clone + 'static> Terminal<Field> {
    /// Wires and starts the actors. `field` is made with the way in that tells the reader of a card; `tell` takes each
    /// message to the shell, and must not block.
    ///
    /// # Errors
    /// [`TerminalError`].
    pub fn start<Watch: DeviceWatch + Clone + 'static>(
        ports: Ports<Watch>,
        field: impl FnOnce(Inlet<actor::Shell>) -> Field,
        around: &impl Around,
        tell: impl FnMut(inbox::Shell) + Send + 'static,
    ) -> Result<Self, TerminalError> {
        let runtime = Runtime::new(Arc::clone(&ports.clock), Box::new(Reading(tell)), Some(Recorder::new()));
        let inlet = runtime.inlet::<actor::Shell>();
        let network = runtime.inlet();
        let field = field(inlet.clone());
        let (bank_address, folder) = (Text::clipped(&ports.bank.address), ports.folder.clone());
        let running = wire(runtime, ports, &field, around)?;
        Ok(Self { running, inlet, network, field, bank_address, folder })
    }

    /// Where cards are tapped.
    pub fn field(&self) -> &Field {
        &self.field
    }
}

impl<Field> Terminal<Field> {
    /// Where its keys and its book are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Has the till read its book.
    ///
    /// # Errors
    /// When the till takes no message.
    pub fn open_book(&self) -> Result<(), TerminalError> {
        self.send(OpenTerminal { bank_address: self.bank_address.clone() })
    }

    /// Sends what the shell may send.
    ///
    /// # Errors
    /// When it is not taken.
    pub fn send<M: Message>(&self, message: M) -> Result<(), TerminalError>
    where
        actor::Shell: Sends<M>,
    {
        self.inlet.send(message).map_err(TerminalError::Undelivered)
    }

    /// Tells the link that this device has another network, or none. A shell hears of it; only the network's edge may
    /// tell the link.
    ///
    /// # Errors
    /// When it is not taken.
    pub fn network_changed(&self, message: NetworkChanged) -> Result<(), TerminalError> {
        self.network.send(message).map_err(TerminalError::Undelivered)
    }

    /// Keeps the flight recorder's frames. A recording is for engineers: when it cannot be kept the sale stands.
    pub fn save_recording(&self) {
        let path = self.folder.join(RECORDING_FILE);
        let Some(recorder) = self.running.recorder() else { return };
        let saved = File::create(&path).and_then(|file| recorder.save(&mut BufWriter::new(file)));
        if let Err(error) = saved {
            tracing::warn!(path = %path.display(), %error, "the recording could not be kept");
        }
    }

    /// Gives the link a moment for what the bank ordered with its report: a command that ends with its sale would never
    /// get to it, since the sale goes first. It is over when no message passed for a moment.
    pub fn rest(&self) {
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
    pub fn stop(self) {
        if let Err(error) = self.running.stop() {
            tracing::warn!(%error, "the terminal did not end in time");
        }
    }
}

fn wire<Field: CardField + Clone + 'static, Watch: DeviceWatch + Clone + 'static>(
    runtime: Runtime,
    ports: Ports<Watch>,
    field: &Field,
    around: &impl Around,
) -> Result<Running, TerminalError> {
    let Ports { keys, watch, device, folder: book, bank, .. } = ports;
    let events = Arc::new(NetworkEdge(runtime.inlet()));
    let line = TlsLine::start(&bank.pins, Arc::clone(&keys), events)?;
    let field = field.clone();
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
                let watch = Box::new(watch.clone());
                around.around(HostLink::new(Arc::clone(&keys), entropy, line, device.clone(), watch))
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
