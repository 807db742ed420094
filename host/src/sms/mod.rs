//! Messages to customers' phones leave here: out of the durable queue, through a gateway, marked when it has them.
//!
//! A message is claimed before it is handed over, by counting the attempt and saying when the next may be; so of several
//! host processes one sends it, and one that is killed in between leaves it to be sent later. Between the gateway's
//! word and the mark a crash can send it twice: a receipt twice is better than none.

pub(crate) mod gsm;
pub(crate) mod kosovo_time;
pub(crate) mod text;

use crate::{
    clock::Clock,
    error::BooksError,
    store::{Store, messages},
};
use mpos_protocol::phone_number::PhoneNumber;
use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, watch},
    time::timeout,
};

/// Handed over one after the other, before another look.
const LOOKED_AT_MAX: u32 = 16;
/// How often the queue is looked at unasked: another process may have filled it, or a message's time have come.
const LOOK: Duration = Duration::from_secs(1);
/// How long a gateway may take over one message.
const GATEWAY_TIMEOUT: Duration = Duration::from_secs(10);
/// After so many attempts a message stays where it is, for the bank's staff to see.
const ATTEMPTS_MAX: u32 = 8;
/// From the first attempt to the second; doubled from each to the next.
const FIRST_PAUSE_MS: u64 = 30_000;

/// A message to a phone. Debugging output has its number only.
#[derive(Clone, PartialEq, Eq)]
pub struct Sms {
    /// The queue's number: the same message again has the same.
    pub number: u64,
    /// To whom.
    pub phone: PhoneNumber,
    /// GSM 03.38 default alphabet, 160 characters at most.
    pub text: String,
}

impl fmt::Debug for Sms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sms({}, {:?})", self.number, self.phone)
    }
}

/// The gateway would not take a message; it is offered again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the gateway did not take the message")]
pub struct NotTaken;

/// A gateway's answer, later.
pub type Taking<'a> = Pin<Box<dyn Future<Output = Result<(), NotTaken>> + Send + 'a>>;

/// Who brings messages to phones.
pub trait SmsGateway: Send + Sync {
    /// Takes one message over; `Ok` when it is the gateway's from now on. It may be offered again after a crash: the
    /// number tells.
    ///
    /// # Errors
    /// [`NotTaken`].
    fn take<'a>(&'a self, sms: &'a Sms) -> Taking<'a>;
}

impl fmt::Debug for dyn SmsGateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmsGateway")
    }
}

/// The gateway of a development bank: messages stay in the books, and `mpos host messages` shows them.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeptMessages;

impl SmsGateway for KeptMessages {
    fn take<'a>(&'a self, _sms: &'a Sms) -> Taking<'a> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Who empties the queue while the host runs.
pub(crate) struct Postman {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) gateway: Arc<dyn SmsGateway>,
    /// Told of each receipt.
    pub(crate) queued: Arc<Notify>,
}

impl Postman {
    /// Works until `stop` is true; the message under way is finished.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            match self.round(&stop).await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => tracing::error!(%error, "messages cannot be sent"),
            }
            tokio::select! {
                _ = stop.wait_for(|stopped| *stopped) => return,
                () = self.queued.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Hands over what waits; how many were tried.
    async fn round(&self, stop: &watch::Receiver<bool>) -> Result<usize, BooksError> {
        let waiting =
            messages::waiting(&self.store, self.clock.unix_ms(), ATTEMPTS_MAX, LOOKED_AT_MAX).await?;
        let mut tried = 0;
        for (sms, attempts) in waiting {
            if *stop.borrow() {
                break;
            }
            let next_ms = self.clock.unix_ms().saturating_add(FIRST_PAUSE_MS << attempts.min(ATTEMPTS_MAX));
            if messages::claim(&self.store, sms.number, attempts, next_ms).await? {
                tried += 1;
                self.hand_over(&sms).await?;
            }
        }
        Ok(tried)
    }

    async fn hand_over(&self, sms: &Sms) -> Result<(), BooksError> {
        let (number, phone) = (sms.number, sms.phone.masked());
        if let Ok(Ok(())) = timeout(GATEWAY_TIMEOUT, self.gateway.take(sms)).await {
            messages::delivered(&self.store, number, self.clock.unix_ms()).await?;
            tracing::info!(number, phone, "message sent");
        } else {
            tracing::warn!(number, phone, "the gateway did not take a message: it is offered again");
        }
        Ok(())
    }
}
