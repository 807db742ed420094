//! What is given on the command line: hexadecimal or digits, perhaps a key or a PIN.
//!
//! Reading it never fails and its Debug prints nothing: an error of the argument reader would repeat what was typed. It is
//! judged when a tool takes it, by a [`ToolError`] that names the argument only.

use super::ToolError;
use mpos_crypto::SecretKey;
use std::ops::RangeInclusive;
use zeroize::Zeroizing;

/// Lengths of AES keys, in bytes.
pub(super) const AES_KEY_BYTES: &[usize] = &[16, 24, 32];
/// Lengths of triple DES keys, in bytes.
pub(super) const TDEA_KEY_BYTES: &[usize] = &[16, 24];

/// An argument as typed, wiped when dropped.
#[derive(Clone)]
pub(crate) struct Given(Zeroizing<String>);

impl From<&str> for Given {
    fn from(typed: &str) -> Self {
        Self(Zeroizing::new(typed.to_owned()))
    }
}

impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("given")
    }
}

impl Given {
    /// What was typed.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The bytes that hexadecimal text says; spaces may stand between digits, and letters be small.
    pub(super) fn bytes(&self, argument: &'static str) -> Result<Zeroizing<Vec<u8>>, ToolError> {
        let mut digits = Zeroizing::new(Vec::with_capacity(self.0.len()));
        for (index, character) in self.0.chars().enumerate().filter(|(_, c)| !c.is_whitespace()) {
            let digit = character.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            digits.push(digit.ok_or(ToolError::NotHex { argument, at: index + 1 })?);
        }
        let (pairs, []) = digits.as_chunks::<2>() else {
            return Err(ToolError::HalfAByte { argument, digits: digits.len() });
        };
        Ok(Zeroizing::new(pairs.iter().map(|[high, low]| high << 4 | low).collect()))
    }

    /// So many bytes.
    pub(super) fn array<const N: usize>(
        &self,
        argument: &'static str,
    ) -> Result<Zeroizing<[u8; N]>, ToolError> {
        let bytes = self.bytes(argument)?;
        let array = bytes.as_slice().try_into().map(Zeroizing::new);
        array.map_err(|_| ToolError::Length { argument, length: bytes.len(), allowed: const { &[N] } })
    }

    /// A key of one of these lengths.
    pub(super) fn key(
        &self,
        argument: &'static str,
        allowed: &'static [usize],
    ) -> Result<SecretKey, ToolError> {
        let bytes = self.bytes(argument)?;
        if !allowed.contains(&bytes.len()) {
            return Err(ToolError::Length { argument, length: bytes.len(), allowed });
        }
        Ok(SecretKey::from_slice(&bytes)?)
    }

    /// Decimal digits, ASCII; spaces may stand between.
    pub(super) fn digits(
        &self,
        argument: &'static str,
        lengths: RangeInclusive<usize>,
    ) -> Result<Zeroizing<Vec<u8>>, ToolError> {
        let digits: Zeroizing<Vec<u8>> =
            Zeroizing::new(self.0.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect());
        if lengths.contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit) {
            Ok(digits)
        } else {
            Err(ToolError::NotDigits { argument, min: *lengths.start(), max: *lengths.end() })
        }
    }
}
