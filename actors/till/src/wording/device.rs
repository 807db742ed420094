//! What is said when the bank holds something against the device: which, and what mends it. Each concern has words of
//! its own, since "not secure" helps nobody.

use super::{Words, words};
use mpos_protocol::standing::{AttestationFlaw, Concern};

/// Why a device may not sell.
pub(crate) fn concern(concern: Concern) -> Words {
    let (reason, next) = mended(concern);
    words(&reason, &format!("Nothing was charged. {next}"))
}

/// What the bank holds against a device, and what mends it.
pub(super) fn mended(concern: Concern) -> (String, &'static str) {
    match concern {
        Concern::Attestation(flaw) => attestation(flaw),
        Concern::Debugger => (
            "Another program is looking into mPOS.".to_owned(),
            "Turn off the developer options and USB debugging, then restart the phone.",
        ),
        Concern::Rooted => (
            "This phone is rooted: other programs can read what mPOS does.".to_owned(),
            "Put the maker's own system back, or use another phone.",
        ),
        Concern::Emulator => {
            ("mPOS runs in an emulator.".to_owned(), "Payments can be taken on a real phone only.")
        }
        Concern::ClockSkew { seconds } => (
            format!("The clock of this phone is {} off.", span(seconds)),
            "Set date and time to automatic in the phone's settings.",
        ),
        Concern::SoftwareTooOld => {
            ("This mPOS is older than the bank allows.".to_owned(), "Update the app, then start it again.")
        }
        Concern::SystemTooOld { patch: 0 } => (
            "This phone does not say how old its system is.".to_owned(),
            "Update the phone's system; if there is no update, use another phone.",
        ),
        Concern::SystemTooOld { patch } => (
            format!("The phone's security update is of {}: too old.", month(patch)),
            "Install the updates in the phone's settings; if there are none, use a newer phone.",
        ),
    }
}

fn attestation(flaw: AttestationFlaw) -> (String, &'static str) {
    let (reason, next) = match flaw {
        AttestationFlaw::Absent => {
            ("This phone cannot prove where it keeps its keys.", "Ask the bank which phones can be used.")
        }
        AttestationFlaw::TooOld => (
            "The phone's last proof of its safety is too old.",
            "Keep the phone connected for a minute, then try again.",
        ),
        AttestationFlaw::Malformed => (
            "The phone's proof of its safety cannot be read.",
            "Update the phone and the app; if it happens again, call the bank.",
        ),
        AttestationFlaw::UntrustedRoot => (
            "The phone's proof of its safety comes from nobody that the bank trusts.",
            "Use a phone of another maker: ask the bank which.",
        ),
        AttestationFlaw::BrokenChain => (
            "The phone's proof of its safety is incomplete.",
            "Restart the phone and try again; if it happens again, call the bank.",
        ),
        AttestationFlaw::OutOfDate => (
            "The phone's proof of its safety has expired, or the phone's date is wrong.",
            "Set date and time to automatic, update the phone, then try again.",
        ),
        AttestationFlaw::Revoked => {
            ("The maker has taken back this phone's security keys.", "Use another phone.")
        }
        AttestationFlaw::WrongChallenge => (
            "The phone's proof of its safety is an old one.",
            "Try again; if it happens again, call the bank.",
        ),
        AttestationFlaw::WrongKey => (
            "The phone's proof of its safety is of another key than this terminal's.",
            "Call the bank: the terminal must be activated again.",
        ),
        AttestationFlaw::SecurityLevel => (
            "This phone keeps its keys in software only.",
            "Use a phone with secure hardware: ask the bank which.",
        ),
        AttestationFlaw::BootUnverified => (
            "This phone was started with a changed system, or its boot loader is unlocked.",
            "Put the maker's own system back and lock the boot loader, or use another phone.",
        ),
        AttestationFlaw::WrongApplication => {
            ("This is not the bank's own mPOS app.", "Remove it, and install mPOS from where the bank says.")
        }
        AttestationFlaw::PatchTooOld { found } => {
            return (
                format!("The phone has proved that its security update is of {}: too old.", month(found)),
                "Install the updates in the phone's settings; if there are none, use a newer phone.",
            );
        }
        AttestationFlaw::WrongPurpose => (
            "The phone's key was not made as the bank asks.",
            "Update the app, and activate the terminal again.",
        ),
    };
    (reason.to_owned(), next)
}

/// The two largest units that matter: `2 days`, `12 minutes`.
fn span(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    let (count, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

/// `202511` as `2025-11`.
fn month(patch: u32) -> String {
    format!("{:04}-{:02}", patch / 100, patch % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_and_a_month_are_written_as_people_say_them() {
        assert_eq!(
            [1, -90, 600, -7_300, 172_800].map(span),
            ["1 second", "90 seconds", "10 minutes", "2 hours", "2 days"]
        );
        assert_eq!(month(202_503), "2025-03");
    }
}
