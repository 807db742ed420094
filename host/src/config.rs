//! What a host is told at its start.

use crate::{
    authorise::Rules,
    bank::Bank,
    clock::{Clock, SystemClock},
    sms::{KeptMessages, SmsGateway},
    standing::Policy,
};
use mpos_protocol::{Amount, Bytes, Currency, Text};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

/// Up to here, inclusive, the customer need not be verified: 40.00.
const UNVERIFIED_MAX_MINOR: u64 = 4000;
/// The most one sale may be, unless set: 5000.00.
const SALE_MAX_MINOR: u64 = 500_000;
/// A phone's clock is set by its network; ten minutes cover one that was set by hand.
const CLOCK_DRIFT_MAX_MS: u64 = 10 * 60 * 1000;
/// A state is looked at as the sale begins; a card, a PIN and a network that comes and goes take less.
const STANDING_AGE_MAX_MS: u64 = 10 * 60 * 1000;

/// What a host is told at its start.
#[derive(Clone, Debug)]
pub struct HostConfig {
    /// Folder of the books; made when it is missing.
    pub data: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The bank's keys.
    pub bank: Bank,
    /// The bank's name, as receipts print it.
    pub bank_name: Text<64>,
    /// The one currency.
    pub currency: Currency,
    /// What may be paid.
    pub rules: Rules,
    /// What the bank makes of devices.
    pub policy: Policy,
    /// The kernel's settings that each terminal is given, as they are; the host does not read them.
    pub emv_settings: Bytes<16384>,
    /// Who brings receipts to phones.
    pub sms_gateway: Arc<dyn SmsGateway>,
    /// The bank's clock.
    pub clock: Arc<dyn Clock>,
    /// How much of everything.
    pub limits: Limits,
}

impl HostConfig {
    /// A host on a free loopback port.
    pub fn new(data: PathBuf, bank: Bank) -> Self {
        Self {
            data,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            bank,
            bank_name: Text::clipped("ProCredit Bank"),
            currency: Currency::Eur,
            rules: Rules::default(),
            policy: Policy::development(),
            emv_settings: Bytes::default(),
            sms_gateway: Arc::new(KeptMessages),
            clock: Arc::new(SystemClock),
            limits: Limits::default(),
        }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            sale_max: Amount::from_minor(SALE_MAX_MINOR).unwrap_or(Amount::MAX),
            unverified_max: Amount::from_minor(UNVERIFIED_MAX_MINOR).unwrap_or_default(),
            clock_drift_max_ms: CLOCK_DRIFT_MAX_MS,
            standing_age_max_ms: STANDING_AGE_MAX_MS,
        }
    }
}

/// How much of everything. What is over a limit is refused or cut, never queued without end.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at a time. One more takes the place of the oldest that has not shown who it is; where there is none
    /// such, it is closed at once.
    pub connections_max: usize,
    /// Lines of one terminal at a time; one more ends the oldest.
    pub lines_per_terminal_max: usize,
    /// From the first byte to the end of the TLS handshake.
    pub handshake_timeout: Duration,
    /// From one message to the next.
    pub idle_timeout: Duration,
    /// From the first byte of a message to its last, and for an answer to be taken.
    pub message_timeout: Duration,
    /// Messages that wait for the books; one more is answered `Busy`.
    pub queue_messages_max: usize,
    /// Messages that share one commit.
    pub batch_messages_max: usize,
    /// Threads that verify signatures and cryptograms.
    pub verifier_threads: usize,
    /// How long a stop waits for what is under way.
    pub stop_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 4096,
            lines_per_terminal_max: 4,
            handshake_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_mins(5),
            message_timeout: Duration::from_secs(10),
            queue_messages_max: 1024,
            batch_messages_max: 64,
            verifier_threads: std::thread::available_parallelism().map_or(2, usize::from),
            stop_timeout: Duration::from_secs(10),
        }
    }
}
