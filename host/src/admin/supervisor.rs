//! The supervisor's code: defined once, checked one at a time for a business, and what it agrees to is written down.
//!
//! Two transactions stand around the slow hash. The first uses up the key that the code came under, asks whether a code
//! may be tried at all, and counts the try as a wrong one; only then is the code looked at; the second makes a right one
//! of it. So a host that is killed in between has counted too much, never too little, and of codes that arrive together
//! no more are looked at than one after the other.

use super::{KnownTerminal, OpenedCode, code_hash::CodeHash};
use crate::{
    bank::IssuerKeys,
    books::BusinessId,
    clock::Clock,
    config::HostConfig,
    draws::{References, random},
    error::BooksError,
    refund::grant_hash,
    store::{
        Store,
        supervisor::{self, CodeUse, UseResult, Using},
    },
};
use mpos_protocol::{
    Sealed,
    admin::{AdminAnswer, SupervisorFault, SupervisorPurpose, TrivialCode, check_supervisor_code},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// How long a supervisor's agreement is good.
pub(crate) const GRANT_SECONDS: u16 = 5 * 60;
/// Businesses whose turns are remembered before those that nobody waits for are forgotten.
const TURNS_KEPT_MAX: usize = 1024;
/// Of the threads that verify messages, one in so many may hash a code, and one at least.
const THREADS_A_HASH: usize = 2;

type Turn = Arc<tokio::sync::Mutex<()>>;

/// Who looks at codes.
pub(crate) struct Supervisors {
    store: Store,
    clock: Arc<dyn Clock>,
    keys: Arc<IssuerKeys>,
    references: References,
    turns: Mutex<HashMap<BusinessId, Turn>>,
    hashing: Semaphore,
}

impl Supervisors {
    pub(crate) fn new(store: &Store, config: &HostConfig, references: &References) -> Self {
        Self {
            store: store.clone(),
            clock: Arc::clone(&config.clock),
            keys: Arc::clone(&config.bank.issuer),
            references: references.clone(),
            turns: Mutex::default(),
            hashing: Semaphore::new((config.limits.verifier_threads / THREADS_A_HASH).max(1)),
        }
    }

    pub(crate) async fn state(&self, from: &KnownTerminal) -> Result<AdminAnswer, BooksError> {
        let defined = supervisor::is_defined(&self.store, from.business).await?;
        Ok(AdminAnswer::SupervisorState { defined })
    }

    /// The business's first code.
    pub(crate) async fn define(
        &self,
        from: &KnownTerminal,
        code: Option<&OpenedCode>,
    ) -> Result<AdminAnswer, BooksError> {
        let turn = self.turn(from.business);
        let _mine = turn.lock().await;
        let defining = CodeUse { at_ms: self.clock.unix_ms(), from, purpose: "Define".to_owned() };
        let mut using = Using::begin(&self.store).await?;
        let typed = match self.may_define(&mut using, from, code).await? {
            Ok(typed) => typed,
            Err(fault) => return refuse(using, &defining, fault).await,
        };
        using.commit().await?;

        let (typed, key) = (typed.clone(), self.keys.supervisor_key(from.business));
        let hash = self.hash(move || CodeHash::of(&typed, &key)).await?;
        let mut using = Using::begin(&self.store).await?;
        if !using.define(from.business, &hash).await? {
            return refuse(using, &defining, SupervisorFault::AlreadyDefined).await;
        }
        using.note(&defining, UseResult::Defined).await?;
        using.commit().await?;
        tracing::info!(terminal = %from.terminal, business = from.business.0, "supervisor code defined");
        Ok(AdminAnswer::SupervisorDefined)
    }

    async fn may_define<'c>(
        &self,
        using: &mut Using<'_>,
        from: &KnownTerminal,
        code: Option<&'c OpenedCode>,
    ) -> Result<Result<&'c Zeroizing<Vec<u8>>, SupervisorFault>, BooksError> {
        let Some(typed) = use_up_key(using, from, code).await? else {
            return Ok(Err(SupervisorFault::BadKeySerial));
        };
        if using.code(from.business).await?.is_some() {
            return Ok(Err(SupervisorFault::AlreadyDefined));
        }
        let digits = std::str::from_utf8(typed).map_err(|_| TrivialCode::Length);
        Ok(match digits.and_then(check_supervisor_code) {
            Ok(()) => Ok(typed),
            Err(trivial) => Err(SupervisorFault::Trivial(trivial)),
        })
    }

    /// Does the supervisor agree?
    pub(crate) async fn check(
        &self,
        from: &KnownTerminal,
        code: Option<&OpenedCode>,
        purpose: &SupervisorPurpose,
    ) -> Result<AdminAnswer, BooksError> {
        let turn = self.turn(from.business);
        let _mine = turn.lock().await;
        let trying = CodeUse { at_ms: self.clock.unix_ms(), from, purpose: name(purpose) };
        let mut using = Using::begin(&self.store).await?;
        let (typed, kept) = match self.may_try(&mut using, &trying, code, purpose).await? {
            Ok(may) => may,
            Err(fault) => return refuse(using, &trying, fault).await,
        };
        let tries = kept.tries.one_more(trying.at_ms);
        using.set_tries(from.business, tries).await?;
        let noted = using.note(&trying, UseResult::Wrong).await?;
        using.commit().await?;

        let (typed, key) = (typed.clone(), self.keys.supervisor_key(from.business));
        let looked_at = kept.hash.clone();
        if !self.hash(move || kept.hash.is_of(&typed, &key)).await? {
            let fault = tries.said(trying.at_ms);
            warn(&trying, fault);
            return Ok(AdminAnswer::SupervisorRefused(fault));
        }
        let grant = random::<16>()?;
        let expires_ms = self.clock.unix_ms().saturating_add(u64::from(GRANT_SECONDS) * 1000);
        let mut using = Using::begin(&self.store).await?;
        // The bank may have reset the code while it was looked at.
        if !using.agreed(noted, from.business, &looked_at).await? {
            return refuse(using, &trying, SupervisorFault::NotDefined).await;
        }
        using.grant(&grant_hash(&grant), from.terminal, purpose, (trying.at_ms, expires_ms)).await?;
        using.commit().await?;
        let grant = Sealed::new(&grant).map_err(|_| BooksError::Nonsense("a grant"))?;
        Ok(AdminAnswer::Granted { grant, seconds: GRANT_SECONDS })
    }

    async fn may_try<'c>(
        &self,
        using: &mut Using<'_>,
        trying: &CodeUse<'_>,
        code: Option<&'c OpenedCode>,
        purpose: &SupervisorPurpose,
    ) -> Result<Result<(&'c Zeroizing<Vec<u8>>, supervisor::KeptCode), SupervisorFault>, BooksError> {
        let from = trying.from;
        let Some(typed) = use_up_key(using, from, code).await? else {
            return Ok(Err(SupervisorFault::BadKeySerial));
        };
        let Some(kept) = using.code(from.business).await? else {
            return Ok(Err(SupervisorFault::NotDefined));
        };
        if let Some(fault) = kept.tries.locked(trying.at_ms) {
            return Ok(Err(fault));
        }
        if let SupervisorPurpose::Refund { reference } = purpose {
            let named = self.references.message_of(reference);
            if !using.is_refundable(from.business, reference, named).await? {
                return Ok(Err(SupervisorFault::NotRefundable));
            }
        }
        Ok(Ok((typed, kept)))
    }

    /// Where a business's codes wait for each other.
    fn turn(&self, business: BusinessId) -> Turn {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.len() >= TURNS_KEPT_MAX {
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        }
        Arc::clone(turns.entry(business).or_default())
    }

    async fn hash<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, BooksError> + Send + 'static,
    ) -> Result<T, BooksError> {
        let _place = self.hashing.acquire().await.map_err(|_| BooksError::Nonsense("a closed semaphore"))?;
        tokio::task::spawn_blocking(work).await.map_err(|_| BooksError::Hashing)?
    }
}

/// Each key is taken once, as for card data: the code, or none when its key is not newer than all before it.
async fn use_up_key<'c>(
    using: &mut Using<'_>,
    from: &KnownTerminal,
    code: Option<&'c OpenedCode>,
) -> Result<Option<&'c Zeroizing<Vec<u8>>>, BooksError> {
    let Some(code) = code else { return Ok(None) };
    Ok(using.use_up_key(from.terminal, code.key).await?.then_some(&code.typed))
}

/// Writes down why a code was not taken, and says so.
async fn refuse(
    mut using: Using<'_>,
    of: &CodeUse<'_>,
    fault: SupervisorFault,
) -> Result<AdminAnswer, BooksError> {
    using.note(of, UseResult::from(fault)).await?;
    using.commit().await?;
    warn(of, fault);
    Ok(AdminAnswer::SupervisorRefused(fault))
}

fn warn(of: &CodeUse<'_>, fault: SupervisorFault) {
    let (terminal, business) = (of.from.terminal, of.from.business.0);
    tracing::warn!(?fault, %terminal, business, purpose = of.purpose, "supervisor code not taken");
}

fn name(purpose: &SupervisorPurpose) -> String {
    match purpose {
        SupervisorPurpose::Join => "Join".to_owned(),
        SupervisorPurpose::Refund { reference } => format!("Refund {}", printable(reference)),
        SupervisorPurpose::MerchantHistory => "MerchantHistory".to_owned(),
    }
}

/// What a terminal says goes to logs and lists without what a screen might obey.
fn printable(reference: &str) -> String {
    reference.chars().filter(char::is_ascii_alphanumeric).collect()
}
