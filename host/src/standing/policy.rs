//! The bank's table: what follows from each finding, and from when on something is one.

use super::{AttestationTrust, Finding, Version, finding::FINDINGS};
use crate::attestation::{Dates, Requirements, SecurityLevel};
use mpos_protocol::standing::Decision;

/// An attestation of a phone that sells each day is of that day.
const ATTESTATION_HOURS_MAX: u32 = 24;
/// A phone's clock is set by its network: two minutes are much.
const CLOCK_SKEW_SECONDS_MAX: u32 = 2 * 60;
/// A year without security updates.
const SYSTEM_PATCH_MONTHS_MAX: u32 = 12;

/// The table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// In the order of [`Finding::ALL`].
    decisions: [Decision; FINDINGS],
    /// For how many hours an attestation is good.
    pub attestation_hours_max: u32,
    /// How well the key is to be kept.
    pub security_level_least: SecurityLevel,
    /// By how many seconds the device's clock may differ.
    pub clock_skew_seconds_max: u32,
    /// The oldest mPOS; none: any.
    pub software_least: Option<Version>,
    /// How many months the system's security patch may be behind; none: any number, and no patch at all.
    pub system_patch_months_max: Option<u32>,
    /// Whether phones of the first years of attestation are accepted, whose certificates ended in 2026.
    pub old_factory_chains: bool,
    /// Package names of the bank's application.
    pub application_packages: Vec<String>,
    /// SHA-256 of the certificates that may have signed it.
    pub application_signers: Vec<[u8; 32]>,
    /// Verified boot keys of systems that are accepted though they are not the phone's maker's.
    pub boot_keys: Vec<[u8; 32]>,
}

impl Policy {
    /// Of a bank whose terminals are phones: no sale without a key in hardware, on a sound system.
    #[must_use]
    pub fn bank() -> Self {
        use Decision::{Blocked, Warned};
        let decision = |finding| match finding {
            Finding::AttestationAbsent
            | Finding::AttestationRefused
            | Finding::AttestationTooOld
            | Finding::SecurityLevel
            | Finding::Debugger
            | Finding::Rooted
            | Finding::Emulator => Blocked,
            Finding::ClockSkew | Finding::SoftwareTooOld | Finding::SystemTooOld => Warned,
        };
        Self::with_decisions(decision)
    }

    /// Of a development bank, whose terminals are desktops too: what a desktop has not is allowed.
    #[must_use]
    pub fn development() -> Self {
        use Decision::{Allowed, Blocked, Warned};
        let decision = |finding| match finding {
            Finding::AttestationAbsent
            | Finding::SecurityLevel
            | Finding::Rooted
            | Finding::Emulator
            | Finding::SystemTooOld => Allowed,
            Finding::AttestationRefused => Blocked,
            Finding::AttestationTooOld | Finding::Debugger | Finding::ClockSkew | Finding::SoftwareTooOld => {
                Warned
            }
        };
        Self::with_decisions(decision)
    }

    fn with_decisions(decision: impl Fn(Finding) -> Decision) -> Self {
        Self {
            decisions: Finding::ALL.map(decision),
            attestation_hours_max: ATTESTATION_HOURS_MAX,
            security_level_least: SecurityLevel::TrustedEnvironment,
            clock_skew_seconds_max: CLOCK_SKEW_SECONDS_MAX,
            software_least: None,
            system_patch_months_max: Some(SYSTEM_PATCH_MONTHS_MAX),
            old_factory_chains: false,
            application_packages: Vec::new(),
            application_signers: Vec::new(),
            boot_keys: Vec::new(),
        }
    }

    /// What follows from a finding.
    #[must_use]
    pub fn decision(&self, finding: Finding) -> Decision {
        let rows = Finding::ALL.into_iter().zip(self.decisions);
        // Each finding has its row.
        rows.into_iter().find(|(row, _)| *row == finding).map_or(Decision::Blocked, |(_, decision)| decision)
    }

    /// Has something else follow from a finding.
    pub fn set_decision(&mut self, finding: Finding, decision: Decision) {
        for (row, kept) in Finding::ALL.into_iter().zip(&mut self.decisions) {
            if row == finding {
                *kept = decision;
            }
        }
    }

    /// What an attestation must prove. How well the key is kept and how old the system is are graded by
    /// [`super::decide`], once the attestation is found good: a grade must not hide a forgery behind it.
    #[must_use]
    pub fn requirements(&self, trust: AttestationTrust) -> Requirements {
        Requirements {
            roots: trust.roots,
            revoked: trust.revoked,
            dates: Dates::default(),
            old_factory_chains: self.old_factory_chains,
            packages: self.application_packages.clone(),
            signers: self.application_signers.clone(),
            least_level: SecurityLevel::Software,
            boot_keys: self.boot_keys.clone(),
            least_patch: None,
            patch_months_max: None,
        }
    }
}
