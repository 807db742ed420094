//! The line to the bank over TCP and TLS 1.3, on a thread of its own.
//!
//! The bank is whoever shows a certificate from a CA given at start ([`BankPins`]); no system root is trusted.
//! The terminal proves itself with the device key, which stays in the key store: rustls asks it to sign.
//! Everything is bounded: connecting, the queue of commands, the chunks handed over.

use crate::{
    bank_pins::BankPins,
    device_signer::{DeviceIdentity, NoIdentity},
    tls_profile,
};
use mpos_ports::{BankLine, KeyStore, LineKind, LineTarget};
use mpos_protocol::{
    Sealed,
    host::{ALPN_ENROLMENT, ALPN_TERMINAL},
    link::{LINE_CHUNK_BYTES_MAX, LineClosed, LineFault, LineOpened, LineReceived},
};
use rustls::{
    AlertDescription, ClientConfig,
    client::{Resumption, danger::ServerCertVerifier},
    pki_types::ServerName,
    version::TLS13,
};
use std::{io, sync::Arc, thread, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// TCP and TLS together; a shop's mobile network needs about one second.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Commands waiting for the line's thread. The link has one request under way, so this is ample.
const COMMANDS_MAX: usize = 32;
/// Writing to a peer that reads nothing.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// Takes what happens on the line. Called on the line's thread; `false` means that the receiver's mailbox is
/// full, and the line is then closed: the link asks again with the same bytes, so nothing is lost.
pub trait LineEvents: Send + Sync {
    /// A connection stands.
    fn opened(&self, event: LineOpened) -> bool;
    /// Bytes came.
    fn received(&self, event: LineReceived) -> bool;
    /// The connection is gone. Must not be lost: the implementation waits for room.
    fn closed(&self, event: LineClosed);
}

/// Why a line could not be set up at all.
#[derive(Debug, thiserror::Error)]
pub enum LineSetupError {
    /// The pinned certificates cannot be looked up.
    #[error("the bank's CA certificates cannot be used: {0}")]
    BankCas(#[source] io::Error),
    /// No thread to be had.
    #[error("the network thread could not be started")]
    Thread(#[source] io::Error),
}

enum Command {
    Open(u32, LineTarget),
    Send(u32, Vec<u8>),
    Close(u32),
}

/// The desktop's [`BankLine`]. Clones speak for the same line.
#[derive(Clone)]
pub struct TlsLine {
    commands: mpsc::Sender<Command>,
    events: Arc<dyn LineEvents>,
}

impl TlsLine {
    /// Starts the line's thread. It ends when the last clone is dropped.
    ///
    /// # Errors
    /// [`LineSetupError`].
    pub fn start(
        bank: &BankPins,
        keys: Arc<dyn KeyStore>,
        events: Arc<dyn LineEvents>,
    ) -> Result<Self, LineSetupError> {
        let bank = bank.verifier().map_err(LineSetupError::BankCas)?;
        let (commands, inbox) = mpsc::channel(COMMANDS_MAX);
        let driver = Driver { bank, keys, events: Arc::clone(&events) };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(LineSetupError::Thread)?;
        thread::Builder::new()
            .name("mpos-line".to_owned())
            .spawn(move || {
                runtime.block_on(driver.run(inbox));
                // A name look-up that hangs must not keep the program from ending.
                runtime.shutdown_background();
            })
            .map_err(LineSetupError::Thread)?;
        Ok(Self { commands, events })
    }

    fn command(&self, line: u32, command: Command) {
        if self.commands.try_send(command).is_err() {
            self.events.closed(LineClosed { line, fault: LineFault::Broken });
        }
    }
}

impl BankLine for TlsLine {
    fn open(&mut self, line: u32, target: LineTarget) {
        self.command(line, Command::Open(line, target));
    }

    fn send(&mut self, line: u32, bytes: &[u8]) {
        self.command(line, Command::Send(line, bytes.to_vec()));
    }

    fn close(&mut self, line: u32) {
        self.command(line, Command::Close(line));
    }
}

struct Driver {
    bank: Arc<dyn ServerCertVerifier>,
    keys: Arc<dyn KeyStore>,
    events: Arc<dyn LineEvents>,
}

impl Driver {
    /// One line at a time: a new `Open` gives up the line before it.
    async fn run(self, mut inbox: mpsc::Receiver<Command>) {
        let mut next = None;
        loop {
            let command = match next.take() {
                Some(command) => command,
                None => match inbox.recv().await {
                    Some(command) => command,
                    None => return,
                },
            };
            if let Command::Open(line, target) = command {
                match self.serve(line, target, &mut inbox).await {
                    Served::Ended => {}
                    Served::Superseded(command) => next = Some(command),
                    Served::Stopped => return,
                }
            }
        }
    }

    async fn serve(&self, line: u32, target: LineTarget, inbox: &mut mpsc::Receiver<Command>) -> Served {
        let connected = tokio::select! {
            connected = self.connect(&target) => connected,
            command = closing_command(line, inbox) => return command,
        };
        let mut stream = match connected {
            Ok(stream) => stream,
            Err(fault) => {
                self.events.closed(LineClosed { line, fault });
                return Served::Ended;
            }
        };
        if !self.events.opened(LineOpened { line }) {
            self.events.closed(LineClosed { line, fault: LineFault::Broken });
            return Served::Ended;
        }
        let mut chunk = vec![0; LINE_CHUNK_BYTES_MAX];
        loop {
            tokio::select! {
                read = stream.read(&mut chunk) => {
                    let fault = match read {
                        Ok(0) => Some(LineFault::Closed),
                        Ok(length) => self.hand_over(line, chunk.get(..length).unwrap_or_default()),
                        Err(error) => Some(fault_of(&error)),
                    };
                    if let Some(fault) = fault {
                        self.events.closed(LineClosed { line, fault });
                        return Served::Ended;
                    }
                }
                command = inbox.recv() => match command {
                    Some(Command::Send(of, bytes)) if of == line => {
                        if let Err(fault) = write(&mut stream, &bytes).await {
                            // The peer's alert, if it sent one, says more than our broken pipe.
                            let fault = read_alert(&mut stream, &mut chunk).await.unwrap_or(fault);
                            self.events.closed(LineClosed { line, fault });
                            return Served::Ended;
                        }
                    }
                    Some(Command::Send(..)) => {}
                    Some(Command::Close(of)) if of != line => {}
                    Some(Command::Close(_)) => {
                        let _ignored_because_we_leave = timeout(WRITE_TIMEOUT, stream.shutdown()).await;
                        return Served::Ended;
                    }
                    Some(open @ Command::Open(..)) => return Served::Superseded(open),
                    None => return Served::Stopped,
                }
            }
        }
    }

    fn hand_over(&self, line: u32, bytes: &[u8]) -> Option<LineFault> {
        let bytes = Sealed::new(bytes).ok()?;
        if self.events.received(LineReceived { line, bytes }) { None } else { Some(LineFault::Broken) }
    }

    async fn connect(&self, target: &LineTarget) -> Result<TlsStream<TcpStream>, LineFault> {
        let (host, _port) = target.address.rsplit_once(':').ok_or(LineFault::BadAddress)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned()).map_err(|_| LineFault::BadAddress)?;
        let connector = TlsConnector::from(Arc::new(self.tls_config(&target.kind)?));
        let connecting = async {
            let tcp = TcpStream::connect(&target.address).await.map_err(|error| tcp_fault(&error))?;
            tcp.set_nodelay(true).map_err(|_| LineFault::Broken)?;
            connector.connect(name, tcp).await.map_err(|error| fault_of(&error))
        };
        timeout(CONNECT_TIMEOUT, connecting).await.unwrap_or(Err(LineFault::TimedOut))
    }

    fn tls_config(&self, kind: &LineKind) -> Result<ClientConfig, LineFault> {
        let builder = ClientConfig::builder_with_provider(tls_profile::provider())
            .with_protocol_versions(&[&TLS13])
            .map_err(|_| LineFault::Incompatible)?
            // Not less than webpki's own verifier: see `bank_pins`.
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&self.bank));
        let (mut config, alpn) = match kind {
            LineKind::Enrolment => (builder.with_client_cert_resolver(Arc::new(NoIdentity)), ALPN_ENROLMENT),
            LineKind::Terminal { certificates } => {
                let identity = DeviceIdentity::new(certificates, Arc::clone(&self.keys));
                (builder.with_client_cert_resolver(Arc::new(identity)), ALPN_TERMINAL)
            }
        };
        config.alpn_protocols = vec![alpn.to_vec()];
        // A resumed session would skip the bank's look at the revocation list.
        config.resumption = Resumption::disabled();
        Ok(config)
    }
}

enum Served {
    Ended,
    Superseded(Command),
    Stopped,
}

/// Waits for a command that ends the connecting of `line`; sends to it are dropped, as the port says.
async fn closing_command(line: u32, inbox: &mut mpsc::Receiver<Command>) -> Served {
    loop {
        match inbox.recv().await {
            None => return Served::Stopped,
            Some(open @ Command::Open(..)) => return Served::Superseded(open),
            Some(Command::Close(of)) if of == line => return Served::Ended,
            Some(Command::Close(_) | Command::Send(..)) => {}
        }
    }
}

async fn write(stream: &mut TlsStream<TcpStream>, bytes: &[u8]) -> Result<(), LineFault> {
    let writing = async {
        stream.write_all(bytes).await?;
        stream.flush().await
    };
    match timeout(WRITE_TIMEOUT, writing).await {
        Ok(written) => written.map_err(|error| fault_of(&error)),
        Err(_) => Err(LineFault::TimedOut),
    }
}

async fn read_alert(stream: &mut TlsStream<TcpStream>, chunk: &mut [u8]) -> Option<LineFault> {
    const ALERT_WAIT: Duration = Duration::from_millis(200);
    let error = timeout(ALERT_WAIT, stream.read(chunk)).await.ok()?.err()?;
    Some(fault_of(&error)).filter(|fault| *fault != LineFault::Broken)
}

fn tcp_fault(error: &io::Error) -> LineFault {
    match error.kind() {
        io::ErrorKind::InvalidInput => LineFault::BadAddress,
        io::ErrorKind::TimedOut => LineFault::TimedOut,
        _ => LineFault::Unreachable,
    }
}

/// What a TLS failure means for the merchant: who did not trust whom, and why.
fn fault_of(error: &io::Error) -> LineFault {
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
        return match error.kind() {
            io::ErrorKind::UnexpectedEof => LineFault::Closed,
            io::ErrorKind::TimedOut => LineFault::TimedOut,
            _ => LineFault::Broken,
        };
    };
    match tls {
        rustls::Error::InvalidCertificate(_) => LineFault::NotTheBank,
        rustls::Error::AlertReceived(alert) => match alert {
            AlertDescription::CertificateRevoked => LineFault::CertificateRevoked,
            AlertDescription::CertificateExpired => LineFault::CertificateExpired,
            AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateRequired
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::DecryptError => LineFault::CertificateRefused,
            AlertDescription::ProtocolVersion
            | AlertDescription::HandshakeFailure
            | AlertDescription::NoApplicationProtocol => LineFault::Incompatible,
            _ => LineFault::Broken,
        },
        rustls::Error::PeerIncompatible(_) | rustls::Error::NoApplicationProtocol => LineFault::Incompatible,
        _ => LineFault::Broken,
    }
}
