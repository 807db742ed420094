//! What a test of the host needs around it: a bank with keys of its own, terminals that speak real TLS, cards that
//! make real cryptograms.
#![allow(dead_code, unreachable_pub, unused_imports, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

pub mod card;
pub mod clock;
pub mod load;
pub mod pki;
pub mod terminal;

pub use card::Card;
pub use clock::TestClock;
pub use pki::TestBank;
pub use terminal::{Line, Pin, Sale, Terminal};

use mpos_host::{Console, Host, HostConfig, RunningHost};
use mpos_protocol::{Text, terminal::Merchant};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tempfile::TempDir;

/// A bank with a host that runs, and its books in a folder of their own.
pub struct Scene {
    pub bank: TestBank,
    pub clock: Arc<TestClock>,
    pub console: Console,
    pub host: Option<RunningHost>,
    pub config: HostConfig,
    folder: TempDir,
}

impl Scene {
    /// Starts a host with accounts for these cards.
    pub fn start(cards: &[Card]) -> Self {
        Self::start_with(cards, |_| {})
    }

    pub fn start_with(cards: &[Card], change: impl FnOnce(&mut HostConfig)) -> Self {
        let (bank, clock, folder) =
            (TestBank::new(), Arc::new(TestClock::default()), TempDir::new().unwrap());
        let mut config = HostConfig::new(folder.path().join("bank"), bank.bank());
        config.clock = clock.clone();
        change(&mut config);
        let host = Host::start(config.clone()).unwrap();
        let console = Console::open(&config.data, clock.clone()).unwrap();
        let accounts: Vec<_> = cards.iter().map(Card::account).collect();
        console.seed_accounts(&config.bank.issuer, &accounts).unwrap();
        Self { bank, clock, console, host: Some(host), config, folder }
    }

    pub fn database(&self) -> PathBuf {
        self.config.data.join(mpos_host::DATABASE_FILE)
    }

    /// A code for a new terminal.
    pub fn code(&self) -> String {
        self.code_for("Furra Vala")
    }

    /// A code for a new terminal of this business.
    pub fn code_for(&self, merchant: &str) -> String {
        let merchant =
            Merchant { name: Text::clipped(merchant), address: Text::clipped("Rr. Garibaldi 1, Prishtinë") };
        self.console.create_activation_code(&merchant, Duration::from_hours(72)).unwrap().to_string()
    }

    /// A terminal that was enrolled just now.
    pub async fn terminal(&self) -> Terminal {
        Terminal::enrol(&self.bank, self.address(), &self.code(), self.clock.clone()).await.unwrap()
    }

    /// A terminal of another business.
    pub async fn terminal_of(&self, merchant: &str) -> Terminal {
        Terminal::enrol(&self.bank, self.address(), &self.code_for(merchant), self.clock.clone())
            .await
            .unwrap()
    }

    pub fn address(&self) -> std::net::SocketAddr {
        self.host.as_ref().unwrap().address
    }

    /// Stops the host and starts another on the same books.
    pub fn restart(&mut self) {
        self.host.take().unwrap().stop();
        self.host = Some(Host::start(self.config.clone()).unwrap());
    }

    pub fn balance(&self, card: &Card) -> u64 {
        self.console.balance(&self.config.bank.issuer, &card.pan).unwrap().unwrap()
    }

    /// The names of the messages that were refused, oldest first.
    pub fn refusals(&self) -> Vec<String> {
        let mut names: Vec<_> =
            self.console.refused_messages(1000).unwrap().into_iter().map(|refused| refused.name).collect();
        names.reverse();
        names
    }
}
