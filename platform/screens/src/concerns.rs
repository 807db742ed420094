//! What the bank holds against this device, by the name of its words. Each has an attribute `next` that mends it.

use crate::words::{Phrase, say};
use mpos_protocol::standing::{AttestationFlaw, Concern};

/// Why this device may not sell, or what should be mended.
pub(crate) fn concern(concern: Concern) -> Phrase {
    match concern {
        Concern::Attestation(AttestationFlaw::PatchTooOld { found }) => {
            say("attestation-patch").text("month", month(found))
        }
        Concern::Attestation(flaw) => say(attestation(flaw)),
        Concern::Debugger => say("device-debugger"),
        Concern::Rooted => say("device-rooted"),
        Concern::Emulator => say("device-emulator"),
        Concern::ClockSkew { seconds } => say("device-clock").text("time", clock(seconds.unsigned_abs())),
        Concern::SoftwareTooOld => say("device-app-old"),
        Concern::SystemTooOld { patch: 0 } => say("device-system-unknown"),
        Concern::SystemTooOld { patch } => say("device-system-old").text("month", month(patch)),
    }
}

fn attestation(flaw: AttestationFlaw) -> &'static str {
    match flaw {
        AttestationFlaw::Absent => "attestation-absent",
        AttestationFlaw::TooOld => "attestation-too-old",
        AttestationFlaw::Malformed => "attestation-malformed",
        AttestationFlaw::UntrustedRoot => "attestation-untrusted",
        AttestationFlaw::BrokenChain => "attestation-broken",
        AttestationFlaw::OutOfDate => "attestation-out-of-date",
        AttestationFlaw::Revoked => "attestation-revoked",
        AttestationFlaw::WrongChallenge => "attestation-challenge",
        AttestationFlaw::WrongKey => "attestation-key",
        AttestationFlaw::SecurityLevel => "attestation-software",
        AttestationFlaw::BootUnverified => "attestation-boot",
        AttestationFlaw::WrongApplication => "attestation-application",
        AttestationFlaw::PatchTooOld { .. } => "attestation-patch",
        AttestationFlaw::WrongPurpose => "attestation-purpose",
    }
}

/// `202511` as `2025-11`.
fn month(patch: u32) -> String {
    format!("{:04}-{:02}", patch / 100, patch % 100)
}

/// `48:00:00`.
fn clock(seconds: u64) -> String {
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::words::Words;
    use mpos_protocol::{Moment, admin::Language};
    use std::collections::BTreeSet;

    pub(crate) const CONCERNS: [Concern; 21] = [
        Concern::Debugger,
        Concern::Rooted,
        Concern::Emulator,
        Concern::ClockSkew { seconds: i64::MIN },
        Concern::SoftwareTooOld,
        Concern::SystemTooOld { patch: 202_501 },
        Concern::SystemTooOld { patch: 0 },
        Concern::Attestation(AttestationFlaw::Absent),
        Concern::Attestation(AttestationFlaw::TooOld),
        Concern::Attestation(AttestationFlaw::Malformed),
        Concern::Attestation(AttestationFlaw::UntrustedRoot),
        Concern::Attestation(AttestationFlaw::BrokenChain),
        Concern::Attestation(AttestationFlaw::OutOfDate),
        Concern::Attestation(AttestationFlaw::Revoked),
        Concern::Attestation(AttestationFlaw::WrongChallenge),
        Concern::Attestation(AttestationFlaw::WrongKey),
        Concern::Attestation(AttestationFlaw::SecurityLevel),
        Concern::Attestation(AttestationFlaw::BootUnverified),
        Concern::Attestation(AttestationFlaw::WrongApplication),
        Concern::Attestation(AttestationFlaw::PatchTooOld { found: 202_501 }),
        Concern::Attestation(AttestationFlaw::WrongPurpose),
    ];

    #[test]
    fn each_concern_has_words_of_its_own_in_each_language() {
        for language in Language::ALL {
            let words = Words::of(language);
            let said: BTreeSet<_> =
                CONCERNS.into_iter().map(|why| words.say(&concern(why), Moment::default())).collect();
            assert_eq!(said.len(), CONCERNS.len(), "{language:?}");
        }
    }

    #[test]
    fn a_month_and_a_span_of_time_are_written_as_people_read_them() {
        assert_eq!(
            (month(202_503), clock(172_800), clock(61)),
            ("2025-03".into(), "48:00:00".into(), "0:01:01".into())
        );
    }
}
