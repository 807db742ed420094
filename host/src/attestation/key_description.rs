//! What a leaf says of its key: the KeyDescription of Android's attestation extension.
//!
//! Two lists of authorisations are in it, of what the keeper of the key enforces and of what the system does. The
//! schema grows with each Android version: known fields are read strictly, unknown ones are stepped over, and one that
//! comes twice is refused, as it could be read in two ways. Phones' identities (710 to 717, 723) are not read.
//! Source: the schema at source.android.com, "Key and ID attestation".

use super::{faults::AttestationFault, fields::Fields};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Fields in one list of authorisations; the schema of 2026 has some fifty.
const FIELDS_MAX: usize = 96;
/// Purposes of a key; there are eight.
const PURPOSES_MAX: usize = 8;
/// Packages that share a user id, and signers of one package.
const PACKAGES_MAX: usize = 16;
/// The first version whose root of trust has the hash of what was started.
const BOOT_HASH_SINCE: u64 = 3;

/// Who keeps the key. In order: the later, the harder to break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecurityLevel {
    /// Android itself.
    Software,
    /// A trusted execution environment beside it.
    TrustedEnvironment,
    /// A chip of its own.
    StrongBox,
}

impl fmt::Display for SecurityLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Software => "software",
            Self::TrustedEnvironment => "a trusted environment",
            Self::StrongBox => "StrongBox",
        })
    }
}

/// Whose system the phone started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BootState {
    /// The maker's.
    Verified,
    /// One that the owner vouches for.
    SelfSigned,
    /// Nobody vouches for it.
    Unverified,
    /// One that failed the check.
    Failed,
}

impl fmt::Display for BootState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Verified => "verified",
            Self::SelfSigned => "self-signed",
            Self::Unverified => "unverified",
            Self::Failed => "failed",
        })
    }
}

/// The extension's content.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct KeyDescription<'a> {
    pub(super) attestation_version: u64,
    pub(super) attestation_level: SecurityLevel,
    pub(super) key_level: SecurityLevel,
    pub(super) challenge: &'a [u8],
    pub(super) software: Authorisations<'a>,
    pub(super) hardware: Authorisations<'a>,
}

/// What a key may do, for whom, and on what phone: the fields that a bank asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Authorisations<'a> {
    pub(super) purposes: Vec<u64>,
    pub(super) algorithm: Option<u64>,
    pub(super) key_bits: Option<u64>,
    pub(super) curve: Option<u64>,
    pub(super) all_applications: bool,
    pub(super) origin: Option<u64>,
    pub(super) boot: Option<Boot<'a>>,
    pub(super) os_version: Option<u64>,
    pub(super) os_patch: Option<u64>,
    pub(super) vendor_patch: Option<u64>,
    pub(super) boot_patch: Option<u64>,
    pub(super) application: Option<Application<'a>>,
}

/// How the phone started.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Boot<'a> {
    pub(super) key: &'a [u8],
    pub(super) locked: bool,
    pub(super) state: BootState,
}

/// Whose key it is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Application<'a> {
    /// Names and versions.
    pub(super) packages: Vec<(&'a [u8], u64)>,
    /// SHA-256 of the certificates that signed them.
    pub(super) signers: Vec<&'a [u8]>,
}

/// A field that does not decode.
const fn bad(field: &'static str) -> AttestationFault {
    AttestationFault::Description { field }
}

impl<'a> KeyDescription<'a> {
    /// Reads the extension's content.
    pub(super) fn decode(der: &'a [u8]) -> Result<Self, AttestationFault> {
        let mut fields = Fields::of_sequence(der).ok_or(bad("KeyDescription"))?;
        let version = fields.integer().filter(|version| *version > 0);
        let attestation_version = version.ok_or(bad("attestationVersion"))?;
        let attestation_level = level(&mut fields).ok_or(bad("attestationSecurityLevel"))?;
        fields.integer().ok_or(bad("keyMintVersion"))?;
        let key_level = level(&mut fields).ok_or(bad("keyMintSecurityLevel"))?;
        let challenge = fields.octets().ok_or(bad("attestationChallenge"))?;
        fields.octets().ok_or(bad("uniqueId"))?;
        let software = fields.sequence().ok_or(bad("softwareEnforced"))?;
        let software = Authorisations::read(software, attestation_version)?;
        let hardware = fields.sequence().ok_or(bad("hardwareEnforced"))?;
        let hardware = Authorisations::read(hardware, attestation_version)?;
        if !fields.is_done() {
            return Err(bad("KeyDescription"));
        }
        Ok(Self { attestation_version, attestation_level, key_level, challenge, software, hardware })
    }
}

fn level(fields: &mut Fields<'_>) -> Option<SecurityLevel> {
    match fields.enumerated()? {
        0 => Some(SecurityLevel::Software),
        1 => Some(SecurityLevel::TrustedEnvironment),
        2 => Some(SecurityLevel::StrongBox),
        _ => None,
    }
}

impl<'a> Authorisations<'a> {
    fn read(mut fields: Fields<'a>, version: u64) -> Result<Self, AttestationFault> {
        let mut read = Self::default();
        let mut seen = Vec::new();
        while !fields.is_done() {
            let (number, field) = fields.numbered().ok_or(bad("AuthorizationList"))?;
            if seen.len() == FIELDS_MAX || seen.contains(&number) {
                return Err(bad("AuthorizationList"));
            }
            seen.push(number);
            read.take(number, field, version)?;
        }
        Ok(read)
    }

    fn take(&mut self, number: u32, mut field: Fields<'a>, version: u64) -> Result<(), AttestationFault> {
        let name = match number {
            1 => "purpose",
            2 => "algorithm",
            3 => "keySize",
            10 => "ecCurve",
            600 => "allApplications",
            702 => "origin",
            704 => "rootOfTrust",
            705 => "osVersion",
            706 => "osPatchLevel",
            709 => "attestationApplicationId",
            718 => "vendorPatchLevel",
            719 => "bootPatchLevel",
            _ => return Ok(()),
        };
        match number {
            1 => self.purposes = purposes(&mut field).ok_or(bad(name))?,
            600 => self.all_applications = field.content(der::Tag::Null).ok_or(bad(name))?.is_empty(),
            704 => self.boot = Some(Boot::read(&mut field, version).ok_or(bad(name))?),
            709 => {
                let application = field.octets().and_then(Application::read);
                self.application = Some(application.ok_or(bad(name))?);
            }
            _ => {
                let value = Some(field.integer().ok_or(bad(name))?);
                match number {
                    2 => self.algorithm = value,
                    3 => self.key_bits = value,
                    10 => self.curve = value,
                    702 => self.origin = value,
                    705 => self.os_version = value,
                    706 => self.os_patch = value,
                    718 => self.vendor_patch = value,
                    _ => self.boot_patch = value,
                }
            }
        }
        if field.is_done() { Ok(()) } else { Err(bad(name)) }
    }
}

fn purposes(field: &mut Fields<'_>) -> Option<Vec<u64>> {
    let mut set = field.set()?;
    let mut purposes = Vec::new();
    while !set.is_done() {
        (purposes.len() < PURPOSES_MAX).then_some(())?;
        purposes.push(set.integer()?);
    }
    Some(purposes)
}

impl<'a> Boot<'a> {
    fn read(field: &mut Fields<'a>, version: u64) -> Option<Self> {
        let mut fields = field.sequence()?;
        let key = fields.octets()?;
        let locked = fields.boolean()?;
        let state = match fields.enumerated()? {
            0 => BootState::Verified,
            1 => BootState::SelfSigned,
            2 => BootState::Unverified,
            3 => BootState::Failed,
            _ => return None,
        };
        if version >= BOOT_HASH_SINCE {
            fields.octets()?;
        }
        fields.is_done().then_some(Self { key, locked, state })
    }
}

impl<'a> Application<'a> {
    fn read(der: &'a [u8]) -> Option<Self> {
        let mut fields = Fields::of_sequence(der)?;
        let mut read = Self::default();
        let mut packages = fields.set()?;
        while !packages.is_done() {
            (read.packages.len() < PACKAGES_MAX).then_some(())?;
            let mut package = packages.sequence()?;
            read.packages.push((package.octets()?, package.integer()?));
            package.is_done().then_some(())?;
        }
        let mut signers = fields.set()?;
        while !signers.is_done() {
            (read.signers.len() < PACKAGES_MAX).then_some(())?;
            read.signers.push(signers.octets()?);
        }
        fields.is_done().then_some(read)
    }
}
