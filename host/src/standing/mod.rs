//! What the bank makes of a terminal's device: its findings, held against the bank's table.
//!
//! [`decide`] is a pure function of what the device reports of itself, of what its key store proved
//! ([`crate::attestation`]), of the table ([`Policy`]) and of the bank's time. A report can lie and an attestation
//! cannot, so where both speak (the patch level), the attestation is believed. Grades are the bank's business: no
//! finding blocks a terminal unless the table says so.

mod finding;
mod policy;
mod policy_file;
mod trust;
mod version;

pub use finding::Finding;
pub use policy::Policy;
pub use policy_file::{POLICY_FILE, PolicyError, decision_name, decision_named};
pub use trust::{AttestationTrust, ROOTS_FILE, STATUS_FILE, TrustError};
pub use version::Version;

use crate::attestation::{AttestationFault, Attested, PatchLevel, SecurityLevel};
use mpos_protocol::{
    List,
    standing::{AttestationFlaw, CONCERNS_MAX, Concern, Decision, DeviceState, Opinion},
};
use serde::{Deserialize, Serialize};

/// What is known of a device when the bank decides.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// What it says of itself.
    pub state: &'a DeviceState,
    /// What its key store last proved.
    pub proof: Proof,
    /// Its clock when it reported, milliseconds since 1970.
    pub sent_ms: u64,
    /// The bank's clock, the same.
    pub now_ms: u64,
}

/// What a device's key store last proved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// Nothing: it sent no attestation.
    #[default]
    Absent,
    /// Its attestation is not acceptable.
    Refused(AttestationFlaw),
    /// An attestation that was checked.
    Good {
        /// How well the key is kept.
        level: SecurityLevel,
        /// The system's patch level, if it has one.
        patch: Option<PatchLevel>,
        /// When it was checked, milliseconds since 1970.
        at_ms: u64,
    },
}

impl Proof {
    /// Of an attestation that was just checked.
    pub fn new(verified: Result<&Attested, AttestationFault>, now_ms: u64) -> Self {
        match verified {
            Ok(attested) => Self::Good { level: attested.level, patch: attested.os_patch, at_ms: now_ms },
            // A chain without certificates is none.
            Err(AttestationFault::Empty) => Self::Absent,
            Err(fault) => Self::Refused(fault.flaw()),
        }
    }
}

/// The bank's opinion: the gravest of its decisions, and the concerns that led to it, the gravest first.
#[must_use]
pub fn decide(evidence: &Evidence<'_>, policy: &Policy) -> Opinion {
    let mut held = findings(evidence, policy);
    held.retain(|(finding, _)| policy.decision(*finding) > Decision::Allowed);
    held.sort_by_key(|(finding, _)| core::cmp::Reverse(policy.decision(*finding)));
    let decision = held.first().map_or(Decision::Allowed, |(finding, _)| policy.decision(*finding));
    let concerns: Vec<_> = held.into_iter().map(|(_, concern)| concern).take(CONCERNS_MAX).collect();
    Opinion { decision, concerns: List::try_from(concerns).unwrap_or_default() }
}

/// All that there is to hold against a device, in the order of the table.
fn findings(evidence: &Evidence<'_>, policy: &Policy) -> Vec<(Finding, Concern)> {
    let state = evidence.state;
    let attestation = attestation_findings(&evidence.proof, policy, evidence.now_ms);
    let reported = [
        (state.debugger, Finding::Debugger, Concern::Debugger),
        (state.rooted, Finding::Rooted, Concern::Rooted),
        (state.emulator, Finding::Emulator, Concern::Emulator),
    ];
    let reported =
        reported.into_iter().filter_map(|(is_so, finding, concern)| is_so.then_some((finding, concern)));
    let skew =
        clock_skew(evidence, policy).map(|seconds| (Finding::ClockSkew, Concern::ClockSkew { seconds }));
    let software = policy
        .software_least
        .is_some_and(|least| Version::parse(&state.software).is_none_or(|version| version < least));
    let software = software.then_some((Finding::SoftwareTooOld, Concern::SoftwareTooOld));
    let system =
        old_patch(evidence, policy).map(|patch| (Finding::SystemTooOld, Concern::SystemTooOld { patch }));
    attestation.into_iter().flatten().chain(reported).chain(skew).chain(software).chain(system).collect()
}

fn attestation_findings(proof: &Proof, policy: &Policy, now_ms: u64) -> [Option<(Finding, Concern)>; 2] {
    let flaw = |finding, flaw| Some((finding, Concern::Attestation(flaw)));
    match proof {
        Proof::Absent => [flaw(Finding::AttestationAbsent, AttestationFlaw::Absent), None],
        Proof::Refused(why) => [flaw(Finding::AttestationRefused, *why), None],
        Proof::Good { level, at_ms, .. } => {
            let age_ms = now_ms.saturating_sub(*at_ms);
            let too_old = age_ms > u64::from(policy.attestation_hours_max) * 60 * 60 * 1000;
            let too_weak = *level < policy.security_level_least;
            [
                flaw(Finding::AttestationTooOld, AttestationFlaw::TooOld).filter(|_| too_old),
                flaw(Finding::SecurityLevel, AttestationFlaw::SecurityLevel).filter(|_| too_weak),
            ]
        }
    }
}

/// Seconds that the device's clock is ahead of the bank's, when they are too many either way.
fn clock_skew(evidence: &Evidence<'_>, policy: &Policy) -> Option<i64> {
    let skew_ms = evidence.sent_ms.abs_diff(evidence.now_ms);
    if skew_ms <= u64::from(policy.clock_skew_seconds_max) * 1000 {
        return None;
    }
    let seconds = i64::try_from(skew_ms / 1000).unwrap_or(i64::MAX);
    Some(if evidence.sent_ms < evidence.now_ms { -seconds } else { seconds })
}

/// The system's patch level (YYYYMM; 0: none) when it is too old.
fn old_patch(evidence: &Evidence<'_>, policy: &Policy) -> Option<u32> {
    let least = PatchLevel::at(evidence.now_ms).months_before(policy.system_patch_months_max?);
    let attested = match evidence.proof {
        Proof::Good { patch, .. } => patch,
        _ => None,
    };
    let reported = || PatchLevel::from_number(u64::from(evidence.state.system_patch?));
    let patch = attested.or_else(reported);
    match patch {
        Some(patch) if patch >= least => None,
        patch => Some(patch.map_or(0, PatchLevel::number)),
    }
}
