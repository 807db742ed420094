//! Tickets and challenges: what the bank said to a terminal a short time ago, known again without a look at the books.
//!
//! Both are a time and an authentication code over terminal and time, under a key of this database. So every process
//! of the bank can give one and check another's, and none of them has to keep any.

use crate::{
    draws::random,
    error::{BooksError, HostError},
    store::{Store, enrolments::secret},
};
use mpos_protocol::{
    Bytes,
    standing::{Challenge, Ticket},
    terminal::TerminalId,
};
use ring::hmac;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A challenge is answered at once; one that a terminal kept for its next sale may be this old.
pub(crate) const CHALLENGE_AGE_MAX_MS: u64 = 5 * 60 * 1000;

const TIME_BYTES: usize = 8;
const RANDOM_BYTES: usize = 8;

/// Makes them, and knows its own.
#[derive(Clone, Debug)]
pub struct Tickets(hmac::Key);

impl Tickets {
    /// Under this key.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    pub(crate) async fn of(store: &Store) -> Result<Self, BooksError> {
        let key = Zeroizing::new(secret(store, "standing").await?);
        Ok(Self::new(&key))
    }

    /// The bank's word, as of now, that this terminal may sell.
    pub fn ticket(&self, terminal: TerminalId, now_ms: u64) -> Ticket {
        let time = now_ms.to_be_bytes();
        let code = self.code(b"ticket", terminal, &[&time]);
        // 8 and 24 bytes are 32.
        Bytes::try_from([&time[..], &code[..24]].concat()).unwrap_or_default()
    }

    /// When this ticket was given to this terminal, milliseconds since 1970; none when it never was.
    pub(crate) fn given_ms(&self, terminal: TerminalId, ticket: &[u8]) -> Option<u64> {
        let (time, code) = ticket.split_first_chunk::<TIME_BYTES>()?;
        let expected = self.code(b"ticket", terminal, &[time]);
        let same: bool = expected[..24].ct_eq(code).into();
        same.then(|| u64::from_be_bytes(*time))
    }

    /// Something for a terminal to name.
    pub(crate) fn challenge(&self, terminal: TerminalId, now_ms: u64) -> Result<Challenge, HostError> {
        let (time, random) = (now_ms.to_be_bytes(), random::<RANDOM_BYTES>()?);
        let code = self.code(b"challenge", terminal, &[&time, &random]);
        Ok(Bytes::try_from([&time[..], &random, &code[..16]].concat()).unwrap_or_default())
    }

    /// Whether this challenge was given to this terminal, and not long ago.
    pub(crate) fn is_fresh(&self, terminal: TerminalId, challenge: &[u8], now_ms: u64) -> bool {
        let Some((time, rest)) = challenge.split_first_chunk::<TIME_BYTES>() else { return false };
        let Some((random, code)) = rest.split_first_chunk::<RANDOM_BYTES>() else { return false };
        let expected = self.code(b"challenge", terminal, &[time, random]);
        let age_ms = now_ms.abs_diff(u64::from_be_bytes(*time));
        age_ms <= CHALLENGE_AGE_MAX_MS && bool::from(expected[..16].ct_eq(code))
    }

    fn code(&self, purpose: &[u8], terminal: TerminalId, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(purpose);
        context.update(&terminal.0.to_be_bytes());
        parts.iter().for_each(|part| context.update(part));
        let mut code = [0; 32];
        // HMAC-SHA256 has 32 bytes.
        code.copy_from_slice(context.sign().as_ref());
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: u64 = 1_795_000_000_000;
    const OURS: TerminalId = TerminalId(16);

    fn tickets() -> Tickets {
        Tickets::new(&[7; 32])
    }

    #[test]
    fn a_ticket_tells_its_time_to_its_terminal_and_to_no_other() {
        let ticket = tickets().ticket(OURS, NOW_MS);
        assert_eq!(tickets().given_ms(OURS, &ticket), Some(NOW_MS));
        assert_eq!(tickets().given_ms(TerminalId(17), &ticket), None);
        for place in 0..ticket.len() {
            let mut spoilt = ticket.to_vec();
            spoilt[place] ^= 1;
            assert_eq!(tickets().given_ms(OURS, &spoilt), None, "byte {place}");
            assert_eq!(tickets().given_ms(OURS, &ticket[..place]), None, "{place} bytes");
        }
    }

    #[test]
    fn a_challenge_is_good_for_its_terminal_and_five_minutes() {
        let challenge = tickets().challenge(OURS, NOW_MS).unwrap();
        assert_ne!(challenge, tickets().challenge(OURS, NOW_MS).unwrap());
        for (at_ms, good) in [(0, true), (CHALLENGE_AGE_MAX_MS, true), (CHALLENGE_AGE_MAX_MS + 1, false)] {
            assert_eq!(tickets().is_fresh(OURS, &challenge, NOW_MS + at_ms), good);
        }
        assert!(!tickets().is_fresh(TerminalId(17), &challenge, NOW_MS));
        assert!(!tickets().is_fresh(OURS, &[], NOW_MS));
        assert!(!tickets().is_fresh(OURS, &tickets().ticket(OURS, NOW_MS), NOW_MS));
    }
}
