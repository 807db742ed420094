//! What a leaf says of its key: the KeyDescription of Android's attestation extension.
//!
//! Two lists of authorisations are in it, of what the keeper of the key enforces and of what the system does. The
//! schema grows with each Android version: known fields are read strictly, unknown ones are stepped over, and one that
//! comes twice is refused, as it could be read in two ways. Phones' identities (710 to 717, 723) are not read.
//! Source: the schema at source.android.com, "Key and ID attestation".

use super::{faults::AttestationFault, fields::Fields};
use der::Tag;
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

impl SecurityLevel {
    /// The one that Android, and `as u8`, gives this number.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Software),
            1 => Some(Self::TrustedEnvironment),
            2 => Some(Self::StrongBox),
            _ => None,
        }
    }
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
    SecurityLevel::from_number(fields.enumerated()?)
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
        let (name, kept) = match number {
            1 => ("purpose", purposes(&mut field).map(|purposes| self.purposes = purposes)),
            2 => ("algorithm", keep(&mut self.algorithm, field.integer())),
            3 => ("keySize", keep(&mut self.key_bits, field.integer())),
            10 => ("ecCurve", keep(&mut self.curve, field.integer())),
            600 => {
                let is_null = field.content(Tag::Null).filter(|content| content.is_empty());
                ("allApplications", is_null.map(|_| self.all_applications = true))
            }
            702 => ("origin", keep(&mut self.origin, field.integer())),
            704 => ("rootOfTrust", keep(&mut self.boot, Boot::read(&mut field, version))),
            705 => ("osVersion", keep(&mut self.os_version, field.integer())),
            706 => ("osPatchLevel", keep(&mut self.os_patch, field.integer())),
            709 => {
                let application = field.octets().and_then(Application::read);
                ("attestationApplicationId", keep(&mut self.application, application))
            }
            718 => ("vendorPatchLevel", keep(&mut self.vendor_patch, field.integer())),
            719 => ("bootPatchLevel", keep(&mut self.boot_patch, field.integer())),
            _ => return Ok(()),
        };
        if kept.is_some() && field.is_done() { Ok(()) } else { Err(bad(name)) }
    }
}

/// Keeps what was read; `None` when nothing was.
fn keep<T>(place: &mut Option<T>, read: Option<T>) -> Option<()> {
    *place = Some(read?);
    Some(())
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
