//! The table as a file that the bank's staff edits: `policy.json` in the host's data folder.
//!
//! A field that is left out is as built in. What is not understood is refused by name with what is allowed: a slip of
//! the pen in this file must not open a door. The JSON is read as fields in their order, so that one that stands there
//! twice is found.

use super::{Finding, Policy, Version};
use crate::attestation::SecurityLevel;
use mpos_protocol::standing::Decision;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Map, Value, json};
use std::{
    fmt, fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// The file, in the bank host's data folder.
pub const POLICY_FILE: &str = "policy.json";
/// Its longest content that is read, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024;
/// Entries of each of its lists.
const LIST_MAX: usize = 16;
/// The longest package name, in bytes.
const PACKAGE_BYTES_MAX: usize = 255;
/// Ten years, for hours and months alike: more is as good as no limit.
const HOURS_MAX: u64 = 10 * 365 * 24;
const MONTHS_MAX: u64 = 10 * 12;
/// A day.
const SECONDS_MAX: u64 = 24 * 60 * 60;

const HOURS: &str = "attestation-hours-max";
const LEVEL: &str = "security-level-least";
const SKEW: &str = "clock-skew-seconds-max";
const SOFTWARE: &str = "software-least";
const MONTHS: &str = "system-patch-months-max";
const OLD_CHAINS: &str = "old-factory-chains";
const PACKAGES: &str = "application-packages";
const SIGNERS: &str = "application-signers";
const BOOT_KEYS: &str = "boot-keys";
const LIMITS: [&str; 9] = [HOURS, LEVEL, SKEW, SOFTWARE, MONTHS, OLD_CHAINS, PACKAGES, SIGNERS, BOOT_KEYS];

/// Why the file is not a table.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// It cannot be read or written.
    #[error("{} cannot be used ({source}): check that it is a file that you own", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is not JSON.
    #[error("{} is not a JSON object: {source}", path.display())]
    NotJson {
        /// Which.
        path: PathBuf,
        /// Where.
        source: serde_json::Error,
    },
    /// A field that there is not.
    #[error("{}: there is no field \"{field}\"; there are {}", path.display(), known())]
    UnknownField {
        /// Which file.
        path: PathBuf,
        /// As written.
        field: String,
    },
    /// A field that stands there twice.
    #[error("{}: the field \"{field}\" is there twice: leave one", path.display())]
    Twice {
        /// Which file.
        path: PathBuf,
        /// As written.
        field: String,
    },
    /// A value that the field cannot have.
    #[error("{}: the field \"{field}\" is {value}, and is to be {allowed}", path.display())]
    BadValue {
        /// Which file.
        path: PathBuf,
        /// Its name.
        field: String,
        /// As written.
        value: Value,
        /// What it may be.
        allowed: &'static str,
    },
}

fn known() -> String {
    let findings = Finding::ALL.into_iter().map(Finding::name);
    findings.chain(LIMITS).collect::<Vec<_>>().join(", ")
}

impl Policy {
    /// Reads the table in `folder`, or is `otherwise` when there is no file. Fields that the file leaves out are as in
    /// `otherwise`.
    ///
    /// # Errors
    /// [`PolicyError`]: the file, the field, and what is allowed.
    pub fn open(folder: &Path, otherwise: Self) -> Result<Self, PolicyError> {
        let path = folder.join(POLICY_FILE);
        let file = match fs::File::open(&path) {
            Ok(file) => file,
            Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(otherwise),
            Err(source) => return Err(PolicyError::File { path, source }),
        };
        let mut text = Vec::new();
        // A longer one is cut, and so is no JSON.
        let read = file.take(FILE_BYTES_MAX).read_to_end(&mut text);
        read.map_err(|source| PolicyError::File { path: path.clone(), source })?;
        let Fields(fields) = serde_json::from_slice(&text)
            .map_err(|source| PolicyError::NotJson { path: path.clone(), source })?;
        let mut policy = otherwise;
        let mut seen: Vec<String> = Vec::new();
        for (field, value) in fields {
            if seen.contains(&field) {
                return Err(PolicyError::Twice { path, field });
            }
            match policy.set_field(&field, &value) {
                Ok(()) => seen.push(field),
                Err(NotSet::Unknown) => return Err(PolicyError::UnknownField { path, field }),
                Err(NotSet::Bad(allowed)) => {
                    return Err(PolicyError::BadValue { path, field, value, allowed });
                }
            }
        }
        Ok(policy)
    }

    /// Writes the whole table to `folder`. A crash leaves the old file or the new one.
    ///
    /// # Errors
    /// [`PolicyError::File`].
    pub fn write(&self, folder: &Path) -> Result<(), PolicyError> {
        let path = folder.join(POLICY_FILE);
        let beside = path.with_extension("json.new");
        let write = || {
            let mut file = fs::File::create(&beside)?;
            writeln!(file, "{:#}", self.to_json())?;
            file.sync_all()?;
            fs::rename(&beside, &path)
        };
        write().map_err(|source| PolicyError::File { path: path.clone(), source })
    }

    /// As the file has it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let findings = Finding::ALL
            .into_iter()
            .map(|finding| (finding.name(), json!(decision_name(self.decision(finding)))));
        let limits = [
            (HOURS, json!(self.attestation_hours_max)),
            (LEVEL, json!(self.security_level_least)),
            (SKEW, json!(self.clock_skew_seconds_max)),
            (SOFTWARE, json!(self.software_least.map(|version| version.to_string()))),
            (MONTHS, json!(self.system_patch_months_max)),
            (OLD_CHAINS, json!(self.old_factory_chains)),
            (PACKAGES, json!(self.application_packages)),
            (SIGNERS, json!(self.application_signers.iter().map(hex::encode).collect::<Vec<_>>())),
            (BOOT_KEYS, json!(self.boot_keys.iter().map(hex::encode).collect::<Vec<_>>())),
        ];
        let fields = findings.chain(limits).map(|(name, value)| (name.to_owned(), value));
        Value::Object(fields.collect::<Map<_, _>>())
    }

    fn set_field(&mut self, field: &str, value: &Value) -> Result<(), NotSet> {
        if let Some(finding) = Finding::from_name(field) {
            let decision = value.as_str().and_then(decision_named);
            self.set_decision(finding, decision.ok_or(NotSet::Bad("\"allow\", \"warn\" or \"block\""))?);
            return Ok(());
        }
        match field {
            HOURS => {
                let allowed = "a number of hours from 1 to 87600";
                self.attestation_hours_max = number(value, 1..=HOURS_MAX).ok_or(NotSet::Bad(allowed))?;
            }
            LEVEL => {
                let allowed = "\"software\", \"trusted-environment\" or \"strong-box\"";
                let level = SecurityLevel::deserialize(value);
                self.security_level_least = level.map_err(|_| NotSet::Bad(allowed))?;
            }
            SKEW => {
                let allowed = "a number of seconds from 1 to 86400";
                self.clock_skew_seconds_max = number(value, 1..=SECONDS_MAX).ok_or(NotSet::Bad(allowed))?;
            }
            SOFTWARE => {
                let allowed = "a version such as \"1.4.0\", or null for any";
                self.software_least =
                    or_null(value, |value| Version::parse(value.as_str()?)).ok_or(NotSet::Bad(allowed))?;
            }
            MONTHS => {
                let allowed = "a number of months from 0 to 120, or null for any";
                self.system_patch_months_max =
                    or_null(value, |value| number(value, 0..=MONTHS_MAX)).ok_or(NotSet::Bad(allowed))?;
            }
            OLD_CHAINS => {
                self.old_factory_chains = value.as_bool().ok_or(NotSet::Bad("true or false"))?;
            }
            PACKAGES => {
                let allowed = "a list of at most 16 package names";
                self.application_packages = list(value, package).ok_or(NotSet::Bad(allowed))?;
            }
            SIGNERS => self.application_signers = list(value, hash).ok_or(NotSet::Bad(HASHES))?,
            BOOT_KEYS => self.boot_keys = list(value, hash).ok_or(NotSet::Bad(HASHES))?,
            _ => return Err(NotSet::Unknown),
        }
        Ok(())
    }
}

const HASHES: &str = "a list of at most 16 hashes of 64 hexadecimal digits";

/// Why a field was not set.
enum NotSet {
    Unknown,
    Bad(&'static str),
}

/// What a decision is called in the file and on the command line.
#[must_use]
pub const fn decision_name(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed => "allow",
        Decision::Warned => "warn",
        Decision::Blocked => "block",
    }
}

/// The decision that is called so.
#[must_use]
pub fn decision_named(name: &str) -> Option<Decision> {
    [Decision::Allowed, Decision::Warned, Decision::Blocked]
        .into_iter()
        .find(|decision| decision_name(*decision) == name)
}

fn number(value: &Value, range: std::ops::RangeInclusive<u64>) -> Option<u32> {
    value.as_u64().filter(|number| range.contains(number)).and_then(|number| u32::try_from(number).ok())
}

fn or_null<T>(value: &Value, read: impl Fn(&Value) -> Option<T>) -> Option<Option<T>> {
    if value.is_null() { Some(None) } else { read(value).map(Some) }
}

fn list<T>(value: &Value, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let entries = value.as_array().filter(|entries| entries.len() <= LIST_MAX)?;
    entries.iter().map(|entry| read(entry.as_str()?)).collect()
}

fn package(name: &str) -> Option<String> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_';
    let fits = (1..=PACKAGE_BYTES_MAX).contains(&name.len()) && name.bytes().all(is_name);
    fits.then(|| name.to_owned())
}

fn hash(digits: &str) -> Option<[u8; 32]> {
    hex::decode(digits).ok()?.try_into().ok()
}

/// The fields of an object as they stand there.
struct Fields(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;

        impl<'de> Visitor<'de> for Reading {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of the policy's fields")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Reading)
    }
}
