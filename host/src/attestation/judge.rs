//! What a leaf says, held against what the bank asks for.
//!
//! A fact counts only from the list of whoever keeps the key: what Android writes of a key in a trusted environment,
//! an Android that was tampered with writes as well. The application's name is the exception: Android alone knows it,
//! which is why the system must have started as its maker signed it.

use super::{
    Expected, Requirements,
    faults::AttestationFault,
    key_description::{Application, Authorisations, Boot, BootState, KeyDescription, SecurityLevel},
    patch_level::PatchLevel,
};

// As KeyMint numbers them.
const PURPOSE_SIGN: u64 = 2;
const ALGORITHM_EC: u64 = 3;
const CURVE_P256: u64 = 1;
const ORIGIN_GENERATED: u64 = 0;
/// Keymaster 2 and 3 name no curve: the size stands for it.
const P256_BITS: u64 = 256;

/// What a phone has proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attested {
    /// The key, uncompressed SEC1 (P-256).
    pub key: [u8; 65],
    /// The lower of the key's keeper and the attestation's.
    pub level: SecurityLevel,
    /// Version of the attestation's form, such as 300.
    pub attestation_version: u64,
    /// Whose system it started.
    pub boot: BootState,
    /// Version of Android, such as 140000.
    pub os_version: Option<u64>,
    /// The system's patch level.
    pub os_patch: Option<PatchLevel>,
    /// The patch level of the maker's part.
    pub vendor_patch: Option<PatchLevel>,
    /// The patch level of what starts the system.
    pub boot_patch: Option<PatchLevel>,
    /// The version code of the application.
    pub application_version: u64,
}

/// Judges what a checked chain attests.
pub(super) fn judge(
    description: &KeyDescription<'_>,
    key: &[u8; 65],
    expected: &Expected<'_>,
    requirements: &Requirements,
    now_ms: u64,
) -> Result<Attested, AttestationFault> {
    if description.challenge != expected.challenge {
        return Err(AttestationFault::Challenge);
    }
    if expected.key.is_some_and(|expected| expected != key) {
        return Err(AttestationFault::Key);
    }
    let level = description.attestation_level.min(description.key_level);
    if level < requirements.least_level {
        return Err(AttestationFault::SecurityLevel { found: level, required: requirements.least_level });
    }
    let enforced = match description.key_level {
        SecurityLevel::Software => &description.software,
        _ => &description.hardware,
    };
    judge_key(enforced)?;
    if description.software.all_applications || description.hardware.all_applications {
        return Err(AttestationFault::AllApplications);
    }
    let boot = enforced.boot.as_ref().ok_or(AttestationFault::BootUnknown)?;
    judge_boot(boot, &requirements.boot_keys)?;
    let os_patch = enforced.os_patch.and_then(PatchLevel::from_number);
    judge_patch(os_patch, requirements, now_ms)?;
    let application = description.software.application.as_ref();
    let application = application.ok_or(AttestationFault::ApplicationUnknown)?;
    Ok(Attested {
        key: *key,
        level,
        attestation_version: description.attestation_version,
        boot: boot.state,
        os_version: enforced.os_version,
        os_patch,
        vendor_patch: enforced.vendor_patch.and_then(PatchLevel::from_number),
        boot_patch: enforced.boot_patch.and_then(PatchLevel::from_number),
        application_version: judge_application(application, requirements)?,
    })
}

/// A signing key over P-256 that was born where it is kept.
fn judge_key(enforced: &Authorisations<'_>) -> Result<(), AttestationFault> {
    if enforced.purposes != [PURPOSE_SIGN] {
        return Err(AttestationFault::Purpose);
    }
    let is_p256 = match enforced.curve {
        Some(curve) => curve == CURVE_P256,
        None => enforced.key_bits == Some(P256_BITS),
    };
    if enforced.algorithm != Some(ALGORITHM_EC) || !is_p256 {
        return Err(AttestationFault::KeyKind);
    }
    match enforced.origin {
        Some(ORIGIN_GENERATED) => Ok(()),
        Some(found) => Err(AttestationFault::Origin { found }),
        None => Err(AttestationFault::OriginUnknown),
    }
}

/// A locked phone with its maker's system, or one that the bank has named.
fn judge_boot(boot: &Boot<'_>, boot_keys: &[[u8; 32]]) -> Result<(), AttestationFault> {
    if !boot.locked {
        return Err(AttestationFault::Unlocked);
    }
    let accepted = match boot.state {
        BootState::Verified => true,
        BootState::SelfSigned => boot_keys.iter().any(|key| key == boot.key),
        BootState::Unverified | BootState::Failed => false,
    };
    if accepted { Ok(()) } else { Err(AttestationFault::BootState { found: boot.state }) }
}

fn judge_patch(
    found: Option<PatchLevel>,
    requirements: &Requirements,
    now_ms: u64,
) -> Result<(), AttestationFault> {
    let by_age = requirements.patch_months_max.map(|months| PatchLevel::at(now_ms).months_before(months));
    // The later of the two.
    let Some(required) = requirements.least_patch.max(by_age) else {
        return Ok(());
    };
    let found = found.ok_or(AttestationFault::PatchUnknown)?;
    if found < required {
        return Err(AttestationFault::PatchTooOld { found, required });
    }
    Ok(())
}

/// Every package and every signer that is named must be ours: a package that shares our user id shares our keys. The
/// oldest version counts.
fn judge_application(
    application: &Application<'_>,
    requirements: &Requirements,
) -> Result<u64, AttestationFault> {
    let is_ours = |name: &[u8]| requirements.packages.iter().any(|ours| ours.as_bytes() == name);
    if !application.packages.iter().all(|(name, _)| is_ours(name)) {
        return Err(AttestationFault::Package);
    }
    let is_our_signer = |signer: &&[u8]| requirements.signers.iter().any(|ours| ours == *signer);
    if application.signers.is_empty() || !application.signers.iter().all(is_our_signer) {
        return Err(AttestationFault::Signer);
    }
    let versions = application.packages.iter().map(|(_, version)| *version);
    versions.min().ok_or(AttestationFault::Package)
}
