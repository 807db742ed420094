//! How many wrong supervisor codes are taken, and what follows.
//!
//! The fifth wrong one locks for 15 minutes, each of the next four doubles that, the tenth locks until the bank resets
//! the code. A try is counted before the code is looked at, so that neither a crash nor a second host process gives a
//! guess away; a right code clears the count.

use mpos_protocol::admin::SupervisorFault;

/// The wrong one that begins the pauses.
const PAUSE_FROM: u32 = 5;
/// The wrong one after which only the bank helps.
const BANK_FROM: u32 = 10;
/// The first pause.
const FIRST_PAUSE_MS: u64 = 15 * 60 * 1000;

/// Wrong codes of a business since its last right one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tries {
    pub(crate) wrong: u32,
    /// Until when none is looked at, milliseconds since 1970.
    pub(crate) locked_until_ms: u64,
}

impl Tries {
    /// Why no code is looked at now; none when one is.
    pub(crate) fn locked(&self, now_ms: u64) -> Option<SupervisorFault> {
        if self.wrong >= BANK_FROM {
            return Some(SupervisorFault::LockedByBank);
        }
        let left_ms = self.locked_until_ms.saturating_sub(now_ms);
        let seconds = u32::try_from(left_ms.div_ceil(1000)).unwrap_or(u32::MAX);
        (seconds > 0).then_some(SupervisorFault::Locked { seconds })
    }

    /// One more wrong code.
    #[must_use]
    pub(crate) fn one_more(self, now_ms: u64) -> Self {
        let wrong = self.wrong.saturating_add(1);
        let pause_ms = match wrong.checked_sub(PAUSE_FROM) {
            Some(doubled) if wrong < BANK_FROM => FIRST_PAUSE_MS << doubled,
            _ => 0,
        };
        Self { wrong, locked_until_ms: now_ms.saturating_add(pause_ms) }
    }

    /// What is said of the code that made it so many.
    pub(crate) fn said(&self, now_ms: u64) -> SupervisorFault {
        let left = PAUSE_FROM.saturating_sub(self.wrong);
        let tries_left = u8::try_from(left).unwrap_or(u8::MAX);
        self.locked(now_ms).unwrap_or(SupervisorFault::Wrong { tries_left })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_the_fifth_wrong_code_and_the_tenth_is_the_bank_s() {
        use SupervisorFault::{Locked, LockedByBank, Wrong};
        let mut now_ms = 1_000_000;
        let mut tries = Tries::default();
        let minutes = |minutes: u32| Locked { seconds: minutes * 60 };
        for said in [
            Wrong { tries_left: 4 },
            Wrong { tries_left: 3 },
            Wrong { tries_left: 2 },
            Wrong { tries_left: 1 },
            minutes(15),
            minutes(30),
            minutes(60),
            minutes(120),
            minutes(240),
            LockedByBank,
        ] {
            assert_eq!(tries.locked(now_ms), None);
            tries = tries.one_more(now_ms);
            assert_eq!(tries.said(now_ms), said);
            if let Locked { seconds } = said {
                now_ms += u64::from(seconds) * 1000 - 1;
                assert_eq!(tries.locked(now_ms), Some(Locked { seconds: 1 }));
                now_ms += 1;
            }
        }
        assert_eq!(tries.locked(u64::MAX), Some(LockedByBank));
    }
}
