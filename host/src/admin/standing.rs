//! A terminal's report of its state: looked at, answered with the bank's opinion, and noted when it says something new.
//!
//! A report that names no challenge of ours, or an old one, gets one to name and is not looked at: what it says may be
//! a copy. A ticket is given to whoever may sell; the books keep nothing of it ([`crate::tickets`]). What an
//! attestation came to is kept, good or not, and stands until the next one.

use super::{KnownTerminal, NotAnswered, reconcile::ordered_from};
use crate::{
    attestation::{Expected, Requirements, split_chain, verify},
    clock::Clock,
    config::HostConfig,
    error::{BooksError, HostError},
    standing::{AttestationTrust, Evidence, Policy, Proof, decide},
    store::{
        Store, reconciliation,
        standing::{self, KeptStanding},
    },
    tickets::Tickets,
};
use mpos_protocol::{
    admin::AdminAnswer,
    pin::PinBlockFormat,
    standing::{
        AttestationFlaw, BanksWord, Concern, Decision, DeviceState, Opinion, Orders, Standing,
        StandingReport, Ticket,
    },
    terminal::TerminalId,
};
use std::{fmt::Write, sync::Arc};
use x509_cert::{Certificate, der::Decode, time::Time};

/// How long a terminal may sell on one ticket, by its own reckoning: shorter than the bank's, so that no sale is begun
/// that could not be ended.
const TICKET_SECONDS: u16 = 300;
/// A report that says nothing new is noted again after so long, so that the bank's staff sees who is there.
const NOTED_AGAIN_MS: u64 = 60 * 60 * 1000;
/// Keys that one initial key gives before it is replaced: a few of two thousand million, and many years of sales.
const KEYS_OF_ONE_INITIAL_KEY: u32 = 1 << 20;
/// A terminal with fewer keys left than this is given new ones, whatever their number says.
const KEYS_LEFT_MIN: u32 = 1 << 16;
/// A client certificate is renewed in the last third of its life.
const RENEWED_IN_LAST: u64 = 3;
/// A new attestation is ordered when this part of the time for which one is good is over.
const ATTESTED_AGAIN_AFTER: u64 = 2;
const HOUR_MS: u64 = 60 * 60 * 1000;

/// The bank's policy on devices, and what it trusts.
#[derive(Clone, Debug)]
pub(crate) struct Judge {
    policy: Policy,
    requirements: Requirements,
}

impl Judge {
    pub(crate) fn new(config: &HostConfig) -> Result<Self, HostError> {
        let trust = AttestationTrust::open(&config.data)?;
        let requirements = config.policy.requirements(trust);
        Ok(Self { policy: config.policy.clone(), requirements })
    }

    /// What an attestation that answers `challenge` proves, of `key` where it must be that one.
    pub(crate) fn proof(
        &self,
        terminal: Option<TerminalId>,
        joined: &[u8],
        expected: &Expected<'_>,
        now_ms: u64,
    ) -> Proof {
        let verified =
            split_chain(joined).and_then(|chain| verify(&chain, expected, &self.requirements, now_ms));
        let terminal = terminal.map_or_else(|| "a new device".to_owned(), |terminal| terminal.to_string());
        match &verified {
            Ok(attested) => tracing::info!(terminal, level = ?attested.level, "device attested"),
            Err(fault) => {
                tracing::warn!(terminal, fault = fault.name(), why = %fault, "attestation refused");
            }
        }
        Proof::new(verified.as_ref().map_err(|fault| *fault), now_ms)
    }

    /// Why a device with this proof may not become a terminal; none when it may.
    pub(crate) fn refusal(&self, proof: Proof, now_ms: u64) -> Option<AttestationFlaw> {
        let evidence = Evidence { state: &DeviceState::default(), proof, sent_ms: now_ms, now_ms };
        let opinion = decide(&evidence, &self.policy);
        let flaw = opinion.concerns.iter().find_map(|concern| match concern {
            Concern::Attestation(flaw) => Some(*flaw),
            _ => None,
        });
        flaw.filter(|_| opinion.decision == Decision::Blocked)
    }

    /// Whether a new proof is due: the present one is half over, or was not acceptable.
    fn wants_proof(&self, proof: Proof, now_ms: u64) -> bool {
        let good_ms = u64::from(self.policy.attestation_hours_max) * HOUR_MS;
        match proof {
            Proof::Absent => false,
            Proof::Refused(_) => true,
            Proof::Good { at_ms, .. } => now_ms.saturating_sub(at_ms) >= good_ms / ATTESTED_AGAIN_AFTER,
        }
    }
}

/// Judges reports.
pub(crate) struct Standings {
    store: Store,
    clock: Arc<dyn Clock>,
    tickets: Tickets,
    judge: Judge,
    pin_format: PinBlockFormat,
}

impl Standings {
    pub(crate) async fn new(store: &Store, config: &HostConfig, judge: Judge) -> Result<Self, BooksError> {
        let tickets = Tickets::of(store).await?;
        let (store, clock) = (store.clone(), Arc::clone(&config.clock));
        Ok(Self { store, clock, tickets, judge, pin_format: config.bank.issuer.pin_format })
    }

    pub(crate) fn tickets(&self) -> &Tickets {
        &self.tickets
    }

    /// Answers a report that was signed and received at these times.
    pub(crate) async fn judge(
        &self,
        from: &KnownTerminal,
        report: &StandingReport,
        (sent_ms, received_ms): (u64, u64),
    ) -> Result<AdminAnswer, NotAnswered> {
        let now_ms = self.clock.unix_ms();
        let challenge = self.tickets.challenge(from.terminal, now_ms)?;
        if !self.tickets.is_fresh(from.terminal, &report.challenge, now_ms) {
            return Ok(AdminAnswer::Challenge(challenge));
        }
        let before = standing::kept(&self.store, from.terminal).await?;
        let (place, bank_chain) = reconciliation::place(&self.store, from.terminal).await?;
        let proof = self.proof(from.terminal, report, &before, now_ms);
        let evidence = Evidence { state: &report.state, proof, sent_ms, now_ms: received_ms };
        let opinion = decide(&evidence, &self.judge.policy);
        let after = KeptStanding {
            reported_ms: Some(now_ms),
            decision: Some(format!("{:?}", opinion.decision)),
            concerns: names(&opinion),
            software: report.state.software.to_string(),
            system: report.state.system.to_string(),
            proof,
            wants_attest: before.wants_attest && report.attestation.is_none(),
            ..before.clone()
        };
        if says_something_new(&before, &after) {
            tell(from.terminal, &opinion);
            standing::keep(&self.store, from.terminal, &after).await?;
        }
        let ticket = match opinion.decision {
            Decision::Allowed | Decision::Warned => self.tickets.ticket(from.terminal, now_ms),
            Decision::Blocked => Ticket::default(),
        };
        let orders = Orders {
            attest: after.wants_attest || self.judge.wants_proof(proof, now_ms),
            renew_certificate: before.wants_certificate || ends_soon(&before.certificate, now_ms),
            renew_keys: before.wants_keys
                || before.counter >= KEYS_OF_ONE_INITIAL_KEY
                || report.keys_left < KEYS_LEFT_MIN,
            reconcile_from: ordered_from(&place, bank_chain, report.chain, now_ms),
        };
        let word = BanksWord { opinion, pin_format: self.pin_format };
        Ok(AdminAnswer::Standing(Standing { word, ticket, seconds: TICKET_SECONDS, challenge, orders }))
    }

    /// What this report proves, or what an earlier one did.
    fn proof(
        &self,
        terminal: TerminalId,
        report: &StandingReport,
        before: &KeptStanding,
        now_ms: u64,
    ) -> Proof {
        let Some(attestation) = &report.attestation else { return before.proof };
        let Ok(challenge) = <&[u8; 32]>::try_from(&*report.challenge) else { return before.proof };
        // A store attests a key of the same home for each challenge, since it binds one to a key only as it makes it.
        let expected = Expected { challenge, key: None };
        self.judge.proof(Some(terminal), attestation, &expected, now_ms)
    }
}

/// Whether a certificate is in the last third of its life.
fn ends_soon(certificate: &[u8], now_ms: u64) -> bool {
    let Ok(certificate) = Certificate::from_der(certificate) else { return true };
    let validity = certificate.tbs_certificate().validity();
    let ms = |time: Time| u64::try_from(time.to_unix_duration().as_millis()).unwrap_or(u64::MAX);
    let (from_ms, to_ms) = (ms(validity.not_before), ms(validity.not_after));
    now_ms >= to_ms.saturating_sub(to_ms.saturating_sub(from_ms) / RENEWED_IN_LAST)
}

fn says_something_new(before: &KeptStanding, after: &KeptStanding) -> bool {
    let same = KeptStanding { reported_ms: after.reported_ms, ..before.clone() } == *after;
    let age_ms = after.reported_ms.unwrap_or(0).saturating_sub(before.reported_ms.unwrap_or(0));
    !same || age_ms >= NOTED_AGAIN_MS
}

fn tell(terminal: TerminalId, opinion: &Opinion) {
    let concerns = names(opinion);
    match opinion.decision {
        Decision::Allowed => tracing::info!(%terminal, "terminal may sell"),
        Decision::Warned => tracing::warn!(%terminal, concerns, "terminal may sell, with a warning"),
        Decision::Blocked => tracing::warn!(%terminal, concerns, "terminal may not sell"),
    }
}

/// The concerns by their names, for the books and the log.
fn names(opinion: &Opinion) -> String {
    opinion.concerns.iter().fold(String::new(), |mut names, concern| {
        let comma = if names.is_empty() { "" } else { ", " };
        let _ = write!(names, "{comma}{concern:?}");
        names
    })
}
