//! What the bank makes up: approval codes and references.
//!
//! A reference is the number of its message under a permutation of 48 bits (a Feistel network over HMAC-SHA256), so
//! it is unique without an index to look in, and tells neither how many sales there were nor which was before.

use crate::{
    books::{MessageId, settle::Draws},
    error::HostError,
};
use mpos_protocol::{
    Text,
    sale::{AuthCode, Reference},
};
use ring::{
    hmac,
    rand::{SecureRandom, SystemRandom},
};

/// Four rounds make a Feistel network a strong permutation (Luby and Rackoff, 1988).
const ROUNDS: u8 = 4;
const HALF_BITS: u32 = 24;
/// Twelve hexadecimal digits hold the 48 bits.
const REFERENCE_DIGITS: usize = 12;
const HALF_MASK: u64 = (1 << HALF_BITS) - 1;

/// Draws of a running host.
pub(crate) struct BankDraws {
    random: SystemRandom,
    references: References,
}

impl BankDraws {
    pub(crate) fn new(references: References) -> Self {
        Self { random: SystemRandom::new(), references }
    }
}

/// References of messages, and back.
#[derive(Clone)]
pub(crate) struct References(hmac::Key);

impl References {
    /// `key` belongs to the database, since message numbers do.
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    fn of(&self, message: MessageId) -> Reference {
        let (mut left, mut right) = (message.0 >> HALF_BITS & HALF_MASK, message.0 & HALF_MASK);
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ self.round(round, right));
        }
        Text::clipped(&format!("{:012X}", left << HALF_BITS | right))
    }

    /// The message that would have this reference, whether or not there is one.
    pub(crate) fn message_of(&self, reference: &str) -> Option<MessageId> {
        let upper = reference.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'));
        if reference.len() != REFERENCE_DIGITS || !upper {
            return None;
        }
        let number = u64::from_str_radix(reference, 16).ok()?;
        let (mut left, mut right) = (number >> HALF_BITS & HALF_MASK, number & HALF_MASK);
        for round in (0..ROUNDS).rev() {
            (left, right) = (right ^ self.round(round, left), left);
        }
        Some(MessageId(left << HALF_BITS | right))
    }

    fn round(&self, round: u8, half: u64) -> u64 {
        let mut input = [0; 9];
        input[0] = round;
        input[1..].copy_from_slice(&half.to_be_bytes());
        let tag = hmac::sign(&self.0, &input);
        let first = tag.as_ref().first_chunk::<8>().copied().unwrap_or_default();
        u64::from_be_bytes(first) & HALF_MASK
    }
}

impl Draws for BankDraws {
    fn auth_code(&mut self) -> AuthCode {
        let mut bytes = [0; 4];
        // It names an approval and protects nothing: if the system had no randomness, zeros would do.
        let _ = self.random.fill(&mut bytes);
        Text::clipped(&format!("{:06}", u32::from_be_bytes(bytes) % 1_000_000))
    }

    fn reference(&mut self, message: MessageId) -> Reference {
        self.references.of(message)
    }

    fn message_of(&self, reference: &str) -> Option<MessageId> {
        self.references.message_of(reference)
    }
}

/// Random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], HostError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| HostError::Random)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn references_are_twelve_hexadecimal_digits_never_the_same_and_lead_back() {
        let mut draws = BankDraws::new(References::new(&[7; 32]));
        for message in [MessageId(1), MessageId(20_000), MessageId((1 << 48) - 1)] {
            let reference = draws.reference(message);
            assert_eq!(draws.message_of(&reference), Some(message));
        }
        for none in ["", "00000000000", "0000000000000", "00000000000g", "00000000000a", "+00000000000"] {
            assert_eq!(draws.message_of(none), None, "{none}");
        }
        let references: HashSet<String> =
            (1..=20_000).map(|number| draws.reference(MessageId(number)).to_string()).collect();
        assert_eq!(references.len(), 20_000);
        for reference in references {
            assert_eq!(reference.len(), 12);
            assert!(reference.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte)));
        }
    }
}
