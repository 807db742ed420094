//! A terminal's report of its state: looked at, answered with the bank's opinion, and noted when it says something new.
//!
//! A report that names no challenge of ours, or an old one, gets one to name and is not looked at: what it says may be
//! a copy. A ticket is given to whoever may sell; the books keep nothing of it ([`crate::tickets`]).

use super::{KnownTerminal, NotAnswered};
use crate::{
    clock::Clock,
    config::HostConfig,
    error::BooksError,
    store::{
        Store,
        standing::{self, KeptStanding},
    },
    tickets::Tickets,
};
use mpos_protocol::{
    admin::AdminAnswer,
    standing::{Decision, Opinion, Orders, Standing, StandingReport},
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

/// Judges.
pub(crate) struct Standings {
    store: Store,
    clock: Arc<dyn Clock>,
    tickets: Tickets,
}

impl Standings {
    pub(crate) async fn new(store: &Store, config: &HostConfig) -> Result<Self, BooksError> {
        let tickets = Tickets::of(store).await?;
        Ok(Self { store: store.clone(), clock: Arc::clone(&config.clock), tickets })
    }

    pub(crate) fn tickets(&self) -> &Tickets {
        &self.tickets
    }

    /// Answers a report that was signed and received at these times.
    pub(crate) async fn judge(
        &self,
        from: &KnownTerminal,
        report: &StandingReport,
        (signed_ms, received_ms): (u64, u64),
    ) -> Result<AdminAnswer, NotAnswered> {
        let now_ms = self.clock.unix_ms();
        let challenge = self.tickets.challenge(from.terminal, now_ms)?;
        if !self.tickets.is_fresh(from.terminal, &report.challenge, now_ms) {
            return Ok(AdminAnswer::Challenge(challenge));
        }
        let before = standing::kept(&self.store, from.terminal).await?;
        let opinion = Opinion::default();
        let orders = orders(&before, report, now_ms);
        let after = KeptStanding {
            reported_ms: Some(now_ms),
            decision: Some(format!("{:?}", opinion.decision)),
            concerns: names(&opinion),
            software: report.state.software.to_string(),
            system: report.state.system.to_string(),
            ..before.clone()
        };
        if says_something_new(&before, &after) {
            tell(from, &opinion);
            standing::keep(&self.store, from.terminal, &after).await?;
        }
        let ticket = match opinion.decision {
            Decision::Allowed | Decision::Warned => self.tickets.ticket(from.terminal, now_ms),
            Decision::Blocked => Default::default(),
        };
        let _ = (signed_ms, received_ms);
        Ok(AdminAnswer::Standing(Standing { opinion, ticket, seconds: TICKET_SECONDS, challenge, orders }))
    }
}

/// What is to be done besides, by what the books and the report say.
fn orders(kept: &KeptStanding, report: &StandingReport, now_ms: u64) -> Orders {
    Orders {
        attest: kept.wants_attest,
        renew_certificate: ends_soon(&kept.certificate, now_ms),
        renew_keys: kept.wants_keys
            || kept.counter >= KEYS_OF_ONE_INITIAL_KEY
            || report.keys_left < KEYS_LEFT_MIN,
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

fn tell(from: &KnownTerminal, opinion: &Opinion) {
    let (terminal, concerns) = (from.terminal, names(opinion));
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
