//! The list of attestation certificates that are no longer good, by serial number.
//!
//! Google publishes it as JSON: an object `entries`, from a serial number in hexadecimal to its status. A key that
//! leaked, or a whole batch of phones, is on it. Whoever starts the host fetches the list; nothing is fetched here.

use serde::Deserialize;
use std::collections::BTreeMap;

/// The longest list that is read, in bytes. In 2026 Google's had some hundred kilobytes.
pub const LIST_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Digits of a serial number: 20 bytes (RFC 5280, 4.1.2.2), and one of a sign.
const SERIAL_DIGITS_MAX: usize = 42;

/// What a list says of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RevocationStatus {
    /// For good.
    Revoked,
    /// For a while.
    Suspended,
}

/// Serial numbers and what became of them.
#[derive(Clone, Debug, Default)]
pub struct RevokedSerials(BTreeMap<String, RevocationStatus>);

/// Why a list is not one.
#[derive(Debug, thiserror::Error)]
pub enum RevokedListError {
    /// Too long.
    #[error("the list has {0} bytes, {LIST_BYTES_MAX} are read: is it the list of revoked certificates?")]
    TooLong(usize),
    /// Not JSON of this form.
    #[error("the list is not in Google's form (an object \"entries\" of serial numbers): {0}")]
    Malformed(#[from] serde_json::Error),
    /// Not hexadecimal.
    #[error("\"{0}\" is not a serial number in hexadecimal")]
    NotASerial(String),
}

#[derive(Deserialize)]
struct Listed {
    status: RevocationStatus,
}

#[derive(Deserialize)]
struct List {
    entries: BTreeMap<String, Listed>,
}

impl RevokedSerials {
    /// Reads a list in Google's form. Why, since when and until when are not looked at.
    ///
    /// # Errors
    /// [`RevokedListError`].
    pub fn from_json(json: &[u8]) -> Result<Self, RevokedListError> {
        if json.len() > LIST_BYTES_MAX {
            return Err(RevokedListError::TooLong(json.len()));
        }
        let list: List = serde_json::from_slice(json)?;
        let entries = list.entries.into_iter().map(|(serial, listed)| {
            let is_serial = (1..=SERIAL_DIGITS_MAX).contains(&serial.len())
                && serial.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_serial {
                Ok((normal(&serial), listed.status))
            } else {
                Err(RevokedListError::NotASerial(serial))
            }
        });
        Ok(Self(entries.collect::<Result<_, _>>()?))
    }

    /// What the list says of a serial number (big-endian).
    pub(super) fn status(&self, serial: &[u8]) -> Option<RevocationStatus> {
        self.0.get(&normal(&hex::encode(serial))).copied()
    }

    /// How many it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Small letters, and no zeros in front: the list has none, a certificate may.
fn normal(serial: &str) -> String {
    serial.trim_start_matches('0').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{RevocationStatus, RevokedListError, RevokedSerials};

    #[test]
    fn a_serial_is_found_whatever_zeros_and_letters_it_is_written_with() {
        let list = br#"{"entries": {"0aB1": {"status": "REVOKED", "reason": "KEY_COMPROMISE"},
                        "c35747a0": {"status": "SUSPENDED", "comment": "x"}}, "version": 1}"#;
        let list = RevokedSerials::from_json(list).expect("a list");
        assert_eq!(list.status(&[0x0A, 0xB1]), Some(RevocationStatus::Revoked));
        assert_eq!(list.status(&[0x00, 0xC3, 0x57, 0x47, 0xA0]), Some(RevocationStatus::Suspended));
        assert_eq!(list.status(&[0xB1]), None);
        assert_eq!(list.len(), 2);
    }

    #[test]
    fn what_is_no_list_is_told_with_its_fault() {
        for list in ["", "[]", "{}", r#"{"entries": {"1": {"status": "FINE"}}}"#, r#"{"entries": {"1": {}}}"#]
        {
            let error = RevokedSerials::from_json(list.as_bytes()).expect_err(list);
            assert!(matches!(error, RevokedListError::Malformed(_)), "{list}: {error}");
        }
        let error = RevokedSerials::from_json(br#"{"entries": {"xyz": {"status": "REVOKED"}}}"#);
        assert!(error.expect_err("no serial").to_string().contains("\"xyz\""));
    }
}
