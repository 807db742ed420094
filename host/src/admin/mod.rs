//! Administrative messages: the supervisor's code, the history, receipts, the comparison of the books. They move no money
//! and stand outside of the terminal's chain.
//!
//! A message comes here when its signature holds ([`crate::verify`]); the rest of what every message is asked
//! (the clock, the certificate, whether the terminal may still work) is asked here. What is refused by name is recorded
//! by the writer like any refused message. An answer is not kept: who did not get it asks again.

pub(crate) mod code_hash;
pub(crate) mod history;
pub(crate) mod lockout;
pub(crate) mod receipts;
pub(crate) mod reconcile;
pub(crate) mod renewal;
pub(crate) mod standing;
pub(crate) mod supervisor;

use self::{receipts::Receipts, renewal::Renewals, standing::Standings, supervisor::Supervisors};
use crate::{
    authorise::within_drift,
    bank::IssuerKeys,
    books::{BusinessId, Case, CaseBody, Sender},
    clock::Clock,
    config::HostConfig,
    draws::References,
    enrolment::NotEnrolled,
    error::{BooksError, HostError},
    issuer::{self, KeySerial},
    store::{Store, enrolments},
    tickets::Tickets,
    verify::DeviceKey,
};
use mpos_protocol::{
    admin::{ADMIN_SEQUENCE, AdminAnswer, AdminRequest},
    host::HostRefusal,
    signed::Hash,
    terminal::TerminalId,
};
use std::sync::Arc;
use tokio::sync::{Notify, Semaphore};
use zeroize::Zeroizing;

/// Administrative messages under way; one more is answered `Busy`.
const ADMIN_AT_ONCE_MAX: usize = 256;

/// An administrative message whose signature holds.
pub struct AdminCase {
    pub(crate) sender: Sender,
    pub(crate) received_ms: u64,
    pub(crate) hash: Hash,
    bytes: Vec<u8>,
    signed_ms: u64,
    request: AdminRequest,
    code: Option<OpenedCode>,
}

/// A supervisor's code as it was typed, and the key it came under.
pub(crate) struct OpenedCode {
    pub(crate) key: KeySerial,
    pub(crate) typed: Zeroizing<Vec<u8>>,
}

impl AdminCase {
    pub(crate) fn new(
        (sender, received_ms): (Sender, u64),
        (hash, bytes): (Hash, Vec<u8>),
        signed_ms: u64,
        request: AdminRequest,
        keys: &IssuerKeys,
    ) -> Self {
        let code = match &request {
            AdminRequest::DefineSupervisorCode { code } | AdminRequest::CheckSupervisorCode { code, .. } => {
                issuer::open_code(code, keys).map(|(key, typed)| OpenedCode { key, typed })
            }
            _ => None,
        };
        Self { sender, received_ms, hash, bytes, signed_ms, request, code }
    }

    /// As the writer records it.
    pub(crate) fn refused(self, refusal: HostRefusal) -> Case {
        Case {
            sender: self.sender,
            received_ms: self.received_ms,
            hash: self.hash,
            bytes: self.bytes,
            body: CaseBody::Refused { sequence: ADMIN_SEQUENCE, refusal },
        }
    }
}

/// A terminal as the books have it now.
#[derive(Clone, Debug)]
pub(crate) struct KnownTerminal {
    pub(crate) terminal: TerminalId,
    pub(crate) business: BusinessId,
    /// SHA-256 of its client certificate.
    pub(crate) certificate: [u8; 32],
    /// False once revoked.
    pub(crate) active: bool,
    /// Its device's key, uncompressed SEC1.
    pub(crate) device_key: DeviceKey,
}

/// Why there is no answer.
pub(crate) enum NotAnswered {
    /// Refused by name.
    Refused(HostRefusal),
    /// Too many at once.
    Busy,
    /// The books are out of order.
    Books(BooksError),
}

impl From<BooksError> for NotAnswered {
    fn from(error: BooksError) -> Self {
        Self::Books(error)
    }
}

impl From<NotEnrolled> for NotAnswered {
    fn from(why: NotEnrolled) -> Self {
        match why {
            NotEnrolled::Refused(refusal) => Self::Refused(refusal),
            NotEnrolled::Books(error) => Self::Books(error),
        }
    }
}

impl From<HostError> for NotAnswered {
    fn from(error: HostError) -> Self {
        Self::Books(error.into())
    }
}

impl From<HostRefusal> for NotAnswered {
    fn from(refusal: HostRefusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Who answers administrative messages.
pub(crate) struct AdminDesk {
    store: Store,
    clock: Arc<dyn Clock>,
    keys: Arc<IssuerKeys>,
    supervisors: Supervisors,
    receipts: Receipts,
    standings: Standings,
    renewals: Renewals,
    places: Semaphore,
    clock_drift_max_ms: u64,
}

impl AdminDesk {
    /// `queued` is told of each receipt.
    pub(crate) fn new(
        store: &Store,
        config: &HostConfig,
        references: &References,
        queued: Arc<Notify>,
        standings: Standings,
    ) -> Self {
        Self {
            store: store.clone(),
            clock: Arc::clone(&config.clock),
            keys: Arc::clone(&config.bank.issuer),
            supervisors: Supervisors::new(store, config, references),
            receipts: Receipts::new(store, config, references, queued),
            standings,
            renewals: Renewals::new(store, config),
            places: Semaphore::new(ADMIN_AT_ONCE_MAX),
            clock_drift_max_ms: config.rules.clock_drift_max_ms,
        }
    }

    pub(crate) async fn answer(&self, asked: &AdminCase) -> Result<AdminAnswer, NotAnswered> {
        let Ok(_place) = self.places.try_acquire() else { return Err(NotAnswered::Busy) };
        let from = self.known(asked).await?;
        Ok(match &asked.request {
            AdminRequest::SupervisorState => self.supervisors.state(&from).await?,
            AdminRequest::DefineSupervisorCode { .. } => {
                self.supervisors.define(&from, asked.code.as_ref()).await?
            }
            AdminRequest::CheckSupervisorCode { purpose, .. } => {
                self.supervisors.check(&from, asked.code.as_ref(), purpose).await?
            }
            AdminRequest::History(request) => {
                history::page((&self.store, &self.keys), &from, request, self.clock.unix_ms()).await?
            }
            AdminRequest::SendReceipt(request) => self.receipts.queue(&from, request).await?,
            AdminRequest::ReportStanding(report) => {
                let skew_ms = (asked.signed_ms, asked.received_ms);
                self.standings.judge(&from, report, skew_ms).await?
            }
            AdminRequest::RenewCertificate { certificate_request } => {
                self.renewals.certificate(&from, certificate_request).await?
            }
            AdminRequest::RenewKeys { key_agreement } => self.renewals.keys(&from, key_agreement).await?,
            AdminRequest::Reconcile(page) => {
                let signed = (&asked.bytes[..], self.clock.unix_ms());
                reconcile::page(&self.store, &from, page, signed).await?
            }
        })
    }

    /// What tells a ticket that this bank gave from any other.
    pub(crate) fn tickets(&self) -> &Tickets {
        self.standings.tickets()
    }

    /// The terminal, if it may ask.
    async fn known(&self, asked: &AdminCase) -> Result<KnownTerminal, NotAnswered> {
        within_drift(asked.signed_ms, asked.received_ms, self.clock_drift_max_ms)?;
        let known = enrolments::known_terminal(&self.store, asked.sender.terminal).await?;
        let known = known.filter(|known| known.certificate == asked.sender.certificate);
        let known = known.ok_or(HostRefusal::WrongTerminal)?;
        if known.active { Ok(known) } else { Err(HostRefusal::TerminalBlocked.into()) }
    }
}
