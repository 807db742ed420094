//! One terminal's connection: reads a message, has it verified and settled, sends the answer, and so on.
//!
//! One message at a time; the next is read when the answer has left. Messages that make no sense are answered, a
//! few of them: a terminal does not send such.

use crate::{
    admin::{AdminCase, AdminDesk, NotAnswered},
    bank::{Bank, IssuerKeys},
    books::{Case, Sender, settle::AnswerSigner},
    clock::Clock,
    line::{self, LineFault},
    listener::House,
    presence::Presence,
    store::{Store, enrolments},
    verify::{DeviceKey, Message, skim, verify},
    writer::Waiting,
};
use mpos_protocol::{
    PROTOCOL_VERSION,
    host::{HostAnswer, HostRefusal},
    signed::{AnswerContent, SIGNED_BYTES_MAX},
};
use sha2::{Digest, Sha256};
use std::{net::SocketAddr, sync::Arc};
use tokio::{
    net::TcpStream,
    sync::{mpsc, oneshot, watch},
};
use tokio_rustls::server::TlsStream;

/// What a terminal's connection needs of the house.
pub(crate) struct TerminalDesk {
    pub(crate) store: Store,
    pub(crate) bank: Bank,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) queue: mpsc::Sender<Waiting>,
    pub(crate) admin: AdminDesk,
    pub(crate) presence: Arc<Presence>,
}

/// Serves a connection until it ends, or until `stop` is true and nothing is under way.
pub(crate) async fn serve(
    stream: &mut TlsStream<TcpStream>,
    peer: SocketAddr,
    house: &House,
    mut stop: watch::Receiver<bool>,
) {
    let Some((sender, device_key)) = identify(stream, peer, &house.terminals).await else { return };
    let mut present = house.terminals.presence.enter(sender.terminal);
    let limits = &house.limits;
    loop {
        let message = tokio::select! {
            biased;
            _ = stop.wait_for(|stopped| *stopped) => return,
            () = present.ended() => {
                tracing::warn!(terminal = %sender.terminal, %peer, "line ended: the terminal has newer ones");
                return;
            }
            message = line::read(stream, SIGNED_BYTES_MAX, limits.idle_timeout, limits.message_timeout) => message,
        };
        let answered = match message {
            Ok(bytes) => {
                let Some(answer) = house.terminals.answer(sender, device_key, bytes).await else {
                    tracing::error!(terminal = %sender.terminal, %peer, "a message could not be answered");
                    return;
                };
                line::write(stream, &answer, limits.message_timeout).await
            }
            Err(fault) => Err(fault),
        };
        match answered {
            Ok(()) => {}
            Err(LineFault::Closed | LineFault::Silent) => return,
            // A phone that loses its network, or a program that ends, says no goodbye.
            Err(LineFault::Broken(error)) => {
                tracing::debug!(terminal = %sender.terminal, %peer, %error, "connection broken");
                return;
            }
            Err(fault) => {
                tracing::warn!(terminal = %sender.terminal, %peer, %fault, "connection cut");
                return;
            }
        }
    }
}

/// The terminal whose client certificate this is. The certificate alone does not do: it must be in the books.
async fn identify(
    stream: &TlsStream<TcpStream>,
    peer: SocketAddr,
    desk: &TerminalDesk,
) -> Option<(Sender, DeviceKey)> {
    let certificate = stream.get_ref().1.peer_certificates()?.first()?;
    let hash: [u8; 32] = Sha256::digest(certificate).into();
    match enrolments::terminal_of(&desk.store, &hash).await {
        Ok(Some((terminal, device_key))) => {
            Some((Sender { terminal, certificate: hash, peer: peer.ip() }, device_key))
        }
        Ok(None) => {
            tracing::warn!(%peer, "a client certificate that is not in the books");
            None
        }
        Err(error) => {
            tracing::error!(%error, "the books cannot be read");
            None
        }
    }
}

/// What came of an administrative message.
enum Administered {
    Answered(HostAnswer),
    Refused(Case),
}

impl TerminalDesk {
    /// The answer to a message, signed; none when the message made the check fail. With the queue full, or the books
    /// out of order, it is `Busy`, and a full queue is told before any work is done.
    async fn answer(&self, sender: Sender, device_key: DeviceKey, bytes: Vec<u8>) -> Option<Vec<u8>> {
        let received_ms = self.clock.unix_ms();
        let (sequence, hash) = skim(&bytes);
        let busy = AnswerContent {
            version: PROTOCOL_VERSION,
            terminal: sender.terminal,
            sequence,
            request: hash,
            time_ms: received_ms,
            answer: HostAnswer::Refused(HostRefusal::Busy),
        };
        let Ok(place) = self.queue.try_reserve() else {
            tracing::warn!(terminal = %sender.terminal, "busy: the queue is full");
            return self.bank.signing.sign(&busy).ok();
        };
        let keys: Arc<IssuerKeys> = Arc::clone(&self.bank.issuer);
        let tickets = self.admin.tickets().clone();
        let check = move || verify(sender, &device_key, bytes, received_ms, (&keys, &tickets));
        let case = match tokio::task::spawn_blocking(check).await.ok()? {
            Message::Chained(case) => case,
            Message::Admin(asked) => match self.administer(*asked).await {
                Administered::Answered(answer) => {
                    return self.bank.signing.sign(&AnswerContent { answer, ..busy }).ok();
                }
                Administered::Refused(case) => case,
            },
        };
        let (answer, settled) = oneshot::channel();
        place.send(Waiting { case, answer });
        match settled.await {
            Ok(Some(answer)) => Some(answer),
            _ => self.bank.signing.sign(&busy).ok(),
        }
    }

    /// Answers what is outside of the chain; what is refused by name is for the writer to record.
    async fn administer(&self, asked: AdminCase) -> Administered {
        let terminal = asked.sender.terminal;
        let busy = Administered::Answered(HostAnswer::Refused(HostRefusal::Busy));
        match self.admin.answer(&asked).await {
            Ok(answer) => Administered::Answered(HostAnswer::Admin(answer)),
            Err(NotAnswered::Refused(refusal)) => Administered::Refused(asked.refused(refusal)),
            Err(NotAnswered::Busy) => {
                tracing::warn!(%terminal, "busy: too many administrative messages");
                busy
            }
            Err(NotAnswered::Books(error)) => {
                tracing::error!(%terminal, %error, "an administrative message could not be answered");
                busy
            }
        }
    }
}
