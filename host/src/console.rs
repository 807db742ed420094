//! The bank's staff's side, as functions: codes, terminals, revocation, sales, refused messages, accounts.
//!
//! A console works on the books' file, whether or not a host runs on it: what it changes, a running host sees with
//! the next message. Calls block; each is safe to make from any thread, an executor's too.

use crate::{
    bank::IssuerKeys,
    books::BusinessId,
    clock::Clock,
    enrolment::{CodeHasher, draw_code},
    error::{BooksError, HostError},
    issuer::{AccountSeed, PIN_TRIES_MAX},
    store::{
        Store, enrolments, messages, reconciliation, reports,
        standing::{self, Wish},
        supervisor,
    },
};
use mpos_protocol::{
    pin::{PIN_DIGITS_MAX, PIN_DIGITS_MIN},
    terminal::{Merchant, TerminalId},
};
use std::{fmt, future::Future, path::Path, sync::Arc, time::Duration};
use tokio::runtime::{self, Runtime};
use zeroize::Zeroizing;

pub use crate::store::{
    messages::SmsListed,
    reconciliation::{ChainRefusal, DifferenceListed, ReconciliationListed},
    reports::{RefusedListed, SaleListed},
    supervisor::SupervisorUse,
};

/// An activation code, for the e-mail to the merchant. It prints in fours; debugging output does not have it.
pub struct ActivationCode(Zeroizing<String>);

impl fmt::Display for ActivationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, character) in self.0.chars().enumerate() {
            if index > 0 && index % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{character}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ActivationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ActivationCode")
    }
}

/// A terminal in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalListed {
    /// Its name.
    pub terminal: TerminalId,
    /// Whose: the number of the business.
    pub business: BusinessId,
    /// Whose: its name.
    pub merchant: String,
    /// Maker and model of the device.
    pub model: String,
    /// Its operating system.
    pub system: String,
    /// Its version of mPOS.
    pub software: String,
    /// Milliseconds since 1970.
    pub enrolled_ms: u64,
    /// Milliseconds since 1970; none while it may work.
    pub revoked_ms: Option<u64>,
    /// How many messages it has sent.
    pub messages: u64,
    /// When its device last said something new of itself, milliseconds since 1970; none before it did.
    pub reported_ms: Option<u64>,
    /// What the bank made of that: `Allowed`, `Warned`, `Blocked`.
    pub decision: Option<String>,
    /// Why, by the protocol's own names.
    pub concerns: String,
    /// Where its key was attested to live; empty when it never was.
    pub attestation: String,
}

/// A business in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusinessListed {
    /// Its number.
    pub business: BusinessId,
    /// As its receipts print it.
    pub merchant: Merchant,
    /// How many terminals it has, revoked ones too.
    pub terminals: u32,
    /// Whether it has a supervisor's code.
    pub supervisor_defined: bool,
    /// Wrong codes since the last right one.
    pub wrong_codes: u32,
}

/// Opened books.
pub struct Console {
    store: Store,
    clock: Arc<dyn Clock>,
    /// None only while it is dropped.
    runtime: Option<Runtime>,
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Console")
    }
}

impl Console {
    /// Opens the books in `data`, making them when there are none.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn open(data: &Path, clock: Arc<dyn Clock>) -> Result<Self, HostError> {
        let runtime =
            runtime::Builder::new_current_thread().enable_all().build().map_err(HostError::Threads)?;
        let store = apart(&runtime, Store::open(data))?;
        Ok(Self { store, clock, runtime: Some(runtime) })
    }

    /// Makes an activation code for a merchant, good for `lifetime`. Only its keyed hash is kept.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn create_activation_code(
        &self,
        merchant: &Merchant,
        lifetime: Duration,
    ) -> Result<ActivationCode, HostError> {
        let code = draw_code()?;
        let now_ms = self.clock.unix_ms();
        let lifetime_ms = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
        let times = (now_ms, now_ms.saturating_add(lifetime_ms));
        self.wait_for(async {
            let hash = CodeHasher::of(&self.store).await?.hash(&code);
            Ok(enrolments::add_code(&self.store, &hash, merchant, times).await?)
        })?;
        Ok(ActivationCode(code))
    }

    /// Every terminal.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn terminals(&self) -> Result<Vec<TerminalListed>, HostError> {
        self.wait_for(enrolments::terminals(&self.store))
    }

    /// Every business.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn businesses(&self) -> Result<Vec<BusinessListed>, HostError> {
        self.wait_for(enrolments::businesses(&self.store))
    }

    /// Takes a business's supervisor code away, with the count of wrong ones and what it agreed to: the next terminal
    /// that is asked for one defines it anew.
    ///
    /// # Errors
    /// [`HostError::UnknownBusiness`], or another [`HostError`].
    pub fn reset_supervisor_code(&self, business: BusinessId) -> Result<(), HostError> {
        let now_ms = self.clock.unix_ms();
        let known = self.wait_for(supervisor::reset(&self.store, business, now_ms))?;
        if known { Ok(()) } else { Err(HostError::UnknownBusiness(business.0)) }
    }

    /// The newest uses of supervisor codes, at most `most`.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn supervisor_audit(&self, most: u32) -> Result<Vec<SupervisorUse>, HostError> {
        self.wait_for(supervisor::uses(&self.store, most))
    }

    /// The newest messages to customers, at most `most`: with number and text, which are personal data.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn messages(&self, most: u32) -> Result<Vec<SmsListed>, HostError> {
        self.wait_for(messages::newest(&self.store, most))
    }

    /// Revokes a terminal: its next message is refused, and its next handshake too.
    ///
    /// # Errors
    /// [`HostError::UnknownTerminal`], or another [`HostError`].
    pub fn revoke(&self, terminal: TerminalId) -> Result<(), HostError> {
        let now_ms = self.clock.unix_ms();
        let known = self.wait_for(async { Ok(enrolments::revoke(&self.store, terminal, now_ms).await?) })?;
        if known { Ok(()) } else { Err(HostError::UnknownTerminal(terminal)) }
    }

    /// Has a terminal fetch a new initial key with its next report.
    ///
    /// # Errors
    /// [`HostError::UnknownTerminal`], or another [`HostError`].
    pub fn renew_keys(&self, terminal: TerminalId) -> Result<(), HostError> {
        self.want(terminal, Wish::Keys)
    }

    /// Has a terminal fetch a new client certificate with its next report.
    ///
    /// # Errors
    /// [`HostError::UnknownTerminal`], or another [`HostError`].
    pub fn renew_certificate(&self, terminal: TerminalId) -> Result<(), HostError> {
        self.want(terminal, Wish::Certificate)
    }

    /// Has a terminal prove anew where its key lives, after its next report.
    ///
    /// # Errors
    /// [`HostError::UnknownTerminal`], or another [`HostError`].
    pub fn ask_attestation(&self, terminal: TerminalId) -> Result<(), HostError> {
        self.want(terminal, Wish::Attestation)
    }

    fn want(&self, terminal: TerminalId, wish: Wish) -> Result<(), HostError> {
        let known = self.wait_for(async { Ok(standing::want(&self.store, terminal, wish).await?) })?;
        if known { Ok(()) } else { Err(HostError::UnknownTerminal(terminal)) }
    }

    /// How far each terminal's transactions were compared with the bank's, and what differs; or one terminal's.
    ///
    /// # Errors
    /// [`HostError::UnknownTerminal`], or another [`HostError`].
    pub fn reconciliations(
        &self,
        terminal: Option<TerminalId>,
    ) -> Result<Vec<ReconciliationListed>, HostError> {
        let listed = self.wait_for(reconciliation::listed(&self.store, terminal))?;
        match terminal.filter(|_| listed.is_empty()) {
            Some(terminal) => Err(HostError::UnknownTerminal(terminal)),
            None => Ok(listed),
        }
    }

    /// Has all of a terminal's transactions compared again, or those of every terminal, at its next report.
    ///
    /// # Errors
    /// [`HostError::UnknownTerminal`], or another [`HostError`].
    pub fn reconcile_again(&self, terminal: Option<TerminalId>) -> Result<(), HostError> {
        let known = self.wait_for(async { Ok(reconciliation::want_again(&self.store, terminal).await?) })?;
        match terminal.filter(|_| !known) {
            Some(terminal) => Err(HostError::UnknownTerminal(terminal)),
            None => Ok(()),
        }
    }

    /// The newest sales, at most `most`.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn sales(&self, most: u32) -> Result<Vec<SaleListed>, HostError> {
        self.wait_for(reports::sales(&self.store, most))
    }

    /// The newest messages that were refused, at most `most`.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn refused_messages(&self, most: u32) -> Result<Vec<RefusedListed>, HostError> {
        self.wait_for(reports::refused(&self.store, most))
    }

    /// The balance of an account, in minor units; none when there is no such account. `pan` is ASCII digits.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn balance(&self, keys: &IssuerKeys, pan: &str) -> Result<Option<u64>, HostError> {
        let key = keys.account_key(pan.as_bytes());
        self.wait_for(reports::balance(&self.store, key))
    }

    /// Opens the accounts that are not there yet; one that is stays as it is.
    ///
    /// # Errors
    /// [`HostError::BadAccount`] for what no card can have (nothing is opened then), or another [`HostError`].
    pub fn seed_accounts(&self, keys: &IssuerKeys, accounts: &[AccountSeed]) -> Result<(), HostError> {
        for (index, account) in accounts.iter().enumerate() {
            check_account(account).ok_or(HostError::BadAccount { position: index + 1 })?;
        }
        self.wait_for(reports::open_accounts(&self.store, keys, accounts, PIN_TRIES_MAX))
    }

    fn wait_for<T: Send>(
        &self,
        work: impl Future<Output = Result<T, BooksError>> + Send,
    ) -> Result<T, HostError> {
        let runtime = self.runtime.as_ref().expect("the runtime is there until the console is dropped");
        apart(runtime, work).map_err(|error| match error {
            BooksError::Store(error) => error,
            error => HostError::Books(Box::new(error)),
        })
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            apart(&runtime, self.store.close());
            // Waiting for a runtime to end is not allowed on another's thread.
            runtime.shutdown_background();
        }
    }
}

/// Runs `work` to its end on a thread of its own, since an executor's thread must not wait.
fn apart<T: Send>(runtime: &Runtime, work: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let done = scope.spawn(|| runtime.block_on(work)).join();
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn check_account(account: &AccountSeed) -> Option<()> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    mpos_tlv::AccountNumber::from_ascii(account.pan.expose().as_bytes()).ok()?;
    let pin = account.pin.expose();
    let good = digits(pin)
        && (PIN_DIGITS_MIN..=PIN_DIGITS_MAX).contains(&pin.len())
        && (1..=12).contains(&account.expiry_month)
        && account.expiry_year <= 99
        && account.sequence <= 99;
    good.then_some(())
}
