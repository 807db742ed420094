//! What is said to a merchant: why a sale ended as it did, and what to do next. Each cause has words of its own;
//! for a blocked card they are the same as for a plain refusal, to keep merchant and customer safe.

mod device;
mod terminal;

use crate::sale::TAP_WAIT_MS;
use mpos_protocol::{
    Text,
    card::TapFault,
    host::HostRefusal,
    link::{LineFault, NotSent},
    pin::PinFault,
    sale::{Cause, DeclineReason},
    standing::Concern,
};

pub(crate) use device::concern;
pub(crate) use terminal::{enrolment, forgotten, no_reply, refusal, unusable};

/// A reason and what to do, a sentence or two each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) reason: Text<160>,
    pub(crate) next: Text<160>,
}

fn words(reason: &str, next: &str) -> Words {
    Words { reason: Text::clipped(reason), next: Text::clipped(next) }
}

const NOTHING_CHARGED: &str = "Nothing was charged.";
const OTHER_CARD: &str = "Nothing was charged. Ask for another card or another way to pay.";
const AGAIN: &str = "Nothing was charged. Start the sale again.";

/// Why a sale was not approved, or a refund: the same causes, in words about money that goes the other way.
pub(crate) fn cause(cause: Cause, refund: bool) -> Words {
    let words = of_sale(cause);
    if !refund {
        return words;
    }
    let back = |text: &str| {
        let text = text.replace("othing was charged", "othing was given back");
        Text::clipped(&text.replace("the sale", "the refund").replace("The sale", "The refund"))
    };
    Words { reason: back(&words.reason), next: back(&words.next) }
}

fn of_sale(cause: Cause) -> Words {
    match cause {
        Cause::Declined(reason) => declined(reason),
        Cause::Tap(fault) => tap(fault),
        Cause::Pin(fault) => pin(fault),
        Cause::Refused(refusal) => refused(refusal),
        Cause::NotSent(why) => not_sent(why),
        Cause::Reversed => reversed(),
        Cause::Unknown => unknown(),
        Cause::Interrupted => interrupted(),
        Cause::Blocked(why) => concern(why),
    }
}

fn declined(reason: DeclineReason) -> Words {
    match reason {
        DeclineReason::InsufficientFunds => words("There is not enough money on the card.", OTHER_CARD),
        DeclineReason::WrongPin => {
            words("The PIN is wrong.", "Start the sale again and let the customer retype the PIN.")
        }
        DeclineReason::PinBlocked => words(
            "The PIN was wrong too many times.",
            "The customer's bank must unblock it. Ask for another card.",
        ),
        DeclineReason::PinRequired => words(
            "The customer's bank asks for the PIN.",
            "Start the sale again with a card that takes a PIN.",
        ),
        DeclineReason::Expired => words("The card has expired.", OTHER_CARD),
        DeclineReason::CardBlocked | DeclineReason::DoNotHonour => {
            words("The customer's bank declined.", OTHER_CARD)
        }
        DeclineReason::UnknownCard => words("The customer's bank does not know this card.", OTHER_CARD),
        DeclineReason::CryptogramRefused => words("The card could not be proven genuine.", OTHER_CARD),
        DeclineReason::DataMismatch => words("The card's data do not match this sale.", AGAIN),
        DeclineReason::OverLimit => words("The amount is above the card's limit.", OTHER_CARD),
        DeclineReason::IssuerUnavailable => words(
            "The customer's bank cannot be reached.",
            "Nothing was charged. Try again in a few minutes.",
        ),
        DeclineReason::SupervisorRequired => words(
            "The supervisor's agreement is over.",
            "Nothing was given back. Start the refund again with the supervisor code.",
        ),
        DeclineReason::OtherCard => words(
            "This is not the card that paid.",
            "Nothing was given back. Ask for the card of the purchase.",
        ),
        DeclineReason::MoreThanPaid => words(
            "The amount is more than what is left of the purchase.",
            "Nothing was given back. Look at the purchase's details.",
        ),
        DeclineReason::NotRefundable => words(
            "There is no purchase here that could be refunded.",
            "Nothing was given back. Look for the purchase in the history.",
        ),
    }
}

fn tap(fault: TapFault) -> Words {
    match fault {
        TapFault::NoCardInTime => {
            words(&format!("No card was presented within {} seconds.", TAP_WAIT_MS / 1000), AGAIN)
        }
        TapFault::Cancelled => words("The sale was cancelled.", NOTHING_CHARGED),
        TapFault::CardMoved => words(
            "The card was taken away too early.",
            "Nothing was charged. Start again and hold the card still until the tone.",
        ),
        TapFault::CardMovedAtCryptogram => words(
            "The card was taken away at the last moment.",
            "Nothing was charged: the bank was not asked. Start again and hold the card still until the tone.",
        ),
        TapFault::CardMisbehaved => words("The card could not be read.", OTHER_CARD),
        TapFault::NoCommonApplication => words("This card is not accepted here.", OTHER_CARD),
        TapFault::AuthenticationFailed => words("The card could not be proven genuine.", OTHER_CARD),
        TapFault::Expired => words("The card has expired.", OTHER_CARD),
        TapFault::RefusedByCard => words("The card refused the payment.", OTHER_CARD),
        TapFault::RefusedByTerminal => words("The card may not be used for this payment.", OTHER_CARD),
        TapFault::NoCommonCvm => words("The customer cannot be verified with this card here.", OTHER_CARD),
        TapFault::OverLimit => words("The amount is above the limit for contactless cards.", OTHER_CARD),
        TapFault::Interrupted => interrupted(),
        TapFault::KeyUnavailable => not_sent(NotSent::KeyUnavailable),
    }
}

fn pin(fault: PinFault) -> Words {
    match fault {
        PinFault::Cancelled => words("This amount needs the card's PIN, and none was entered.", AGAIN),
        PinFault::TimedOut => words("The PIN was not entered in time.", AGAIN),
        PinFault::WrongLength => words("A PIN has 4 to 12 digits.", AGAIN),
        PinFault::KeyUnavailable => words(
            "This terminal's keys cannot be used.",
            "Nothing was charged. Try again. If that does not help, call the bank: the terminal must be activated again.",
        ),
        PinFault::NoCard => interrupted(),
    }
}

fn reversed() -> Words {
    words(
        "The bank's answer did not arrive, so the sale was taken back.",
        "The bank has confirmed that nothing was charged. Start the sale again.",
    )
}

fn unknown() -> Words {
    words(
        "The bank's answer did not arrive, and the bank cannot be reached now.",
        "Do not hand over the goods on this card. The terminal takes the sale back as soon as the bank answers.",
    )
}

fn interrupted() -> Words {
    words("The terminal had to restart a part of itself in the middle of the sale.", AGAIN)
}

fn refused(refusal: HostRefusal) -> Words {
    match refusal {
        HostRefusal::StaleTime(_) => words(
            "The clock of this phone is wrong.",
            "Nothing was charged. Set date and time to automatic in the phone's settings.",
        ),
        HostRefusal::TerminalBlocked => {
            words("The bank has blocked this terminal.", "Nothing was charged. Call the bank.")
        }
        HostRefusal::Version(_) => {
            words("The bank needs a newer version of mPOS.", "Nothing was charged. Update the app.")
        }
        HostRefusal::Busy => words("The bank is busy.", "Nothing was charged. Try again in a minute."),
        HostRefusal::Replayed { .. } => words(
            "An old copy of this terminal's data was put back: the bank has later sales of it.",
            "Nothing was charged. Call the bank: the terminal must be activated again.",
        ),
        HostRefusal::SequenceGap { .. } | HostRefusal::BrokenChain => words(
            "The bank and this terminal do not agree on what was sold before.",
            "Nothing was charged. Call the bank: it has to compare the books.",
        ),
        HostRefusal::KeyUsedBefore => words(
            "This terminal's keys were used before: an old copy of its data was put back.",
            "Nothing was charged. The terminal fetches new keys now: start the sale again.",
        ),
        HostRefusal::StandingMissing => words(
            "The bank has no fresh word of this phone's state.",
            "Nothing was charged. Start the sale again.",
        ),
        HostRefusal::AttestationRefused(flaw) => concern(Concern::Attestation(flaw)),
        other => words(
            &format!("The bank did not accept the message: {other}."),
            "Nothing was charged. Try again; if it happens again, call the bank.",
        ),
    }
}

fn not_sent(why: NotSent) -> Words {
    match why {
        NotSent::Line(fault) => words(&line(fault), line_next(fault)),
        NotSent::Store(fault) => words(
            &format!("The sale could not be kept: {fault}."),
            "Nothing was charged. Mend this, then start again.",
        ),
        NotSent::KeyUnavailable => words(
            "This terminal's keys cannot be used.",
            "Nothing was charged. Try again. If that does not help, call the bank: the terminal must be activated again.",
        ),
        NotSent::Busy => words(
            "Another sale is still being settled with the bank.",
            "Nothing was charged. Try again in a minute.",
        ),
        NotSent::NotEnrolled => {
            words("This terminal is not activated.", "Activate it with the code that the bank sent.")
        }
        NotSent::Interrupted => interrupted(),
        NotSent::Blocked => words(
            "The bank lets this phone take no payments as it is.",
            "Nothing was charged. Start again to see why.",
        ),
    }
}

fn line(fault: LineFault) -> String {
    match fault {
        LineFault::BadAddress => "The bank's address is not valid.",
        LineFault::Unreachable => "The bank cannot be reached.",
        LineFault::TimedOut => "The bank did not answer in time.",
        LineFault::NotTheBank => {
            "Who answered is not the bank: its certificate is not one that this terminal trusts."
        }
        LineFault::CertificateRevoked => "The bank has revoked this terminal's certificate.",
        LineFault::CertificateExpired => "This terminal's certificate has expired.",
        LineFault::CertificateRefused => "The bank does not accept this terminal's certificate.",
        LineFault::Incompatible => "The bank speaks another version of the protocol.",
        LineFault::Closed | LineFault::Broken => "The connection to the bank broke.",
    }
    .to_owned()
}

fn line_next(fault: LineFault) -> &'static str {
    match fault {
        LineFault::NotTheBank => {
            "Nothing was charged. Use another network; if it happens there too, call the bank."
        }
        LineFault::CertificateRevoked | LineFault::CertificateExpired | LineFault::CertificateRefused => {
            "Nothing was charged. Call the bank: the terminal must be activated again."
        }
        LineFault::Incompatible => "Nothing was charged. Update the app.",
        LineFault::BadAddress => "Nothing was charged. Check the bank's address in the settings.",
        _ => "Nothing was charged. Check the internet connection and try again.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mpos_protocol::{book::StoreFault, link::EnrolmentFault, shell::Refusal, standing::AttestationFlaw};
    use std::collections::BTreeMap;

    const DECLINE_REASONS: [DeclineReason; 16] = [
        DeclineReason::InsufficientFunds,
        DeclineReason::WrongPin,
        DeclineReason::PinBlocked,
        DeclineReason::PinRequired,
        DeclineReason::Expired,
        DeclineReason::CardBlocked,
        DeclineReason::UnknownCard,
        DeclineReason::CryptogramRefused,
        DeclineReason::DataMismatch,
        DeclineReason::OverLimit,
        DeclineReason::IssuerUnavailable,
        DeclineReason::DoNotHonour,
        DeclineReason::SupervisorRequired,
        DeclineReason::OtherCard,
        DeclineReason::MoreThanPaid,
        DeclineReason::NotRefundable,
    ];
    const TAP_FAULTS: [TapFault; 14] = [
        TapFault::NoCardInTime,
        TapFault::Cancelled,
        TapFault::CardMoved,
        TapFault::CardMovedAtCryptogram,
        TapFault::CardMisbehaved,
        TapFault::NoCommonApplication,
        TapFault::AuthenticationFailed,
        TapFault::Expired,
        TapFault::RefusedByCard,
        TapFault::RefusedByTerminal,
        TapFault::NoCommonCvm,
        TapFault::OverLimit,
        TapFault::Interrupted,
        TapFault::KeyUnavailable,
    ];
    const PIN_FAULTS: [PinFault; 5] = [
        PinFault::Cancelled,
        PinFault::TimedOut,
        PinFault::WrongLength,
        PinFault::KeyUnavailable,
        PinFault::NoCard,
    ];
    const LINE_FAULTS: [LineFault; 10] = [
        LineFault::BadAddress,
        LineFault::Unreachable,
        LineFault::TimedOut,
        LineFault::NotTheBank,
        LineFault::CertificateRevoked,
        LineFault::CertificateExpired,
        LineFault::CertificateRefused,
        LineFault::Incompatible,
        LineFault::Closed,
        LineFault::Broken,
    ];
    const STORE_FAULTS: [StoreFault; 7] = [
        StoreFault::Full,
        StoreFault::Unreadable,
        StoreFault::Damaged { entry: u32::MAX },
        StoreFault::NewerVersion { version: u16::MAX },
        StoreFault::InUse,
        StoreFault::TooManyUnresolved,
        StoreFault::OutOfOrder,
    ];
    const FLAWS: [AttestationFlaw; 14] = [
        AttestationFlaw::Absent,
        AttestationFlaw::TooOld,
        AttestationFlaw::Malformed,
        AttestationFlaw::UntrustedRoot,
        AttestationFlaw::BrokenChain,
        AttestationFlaw::OutOfDate,
        AttestationFlaw::Revoked,
        AttestationFlaw::WrongChallenge,
        AttestationFlaw::WrongKey,
        AttestationFlaw::SecurityLevel,
        AttestationFlaw::BootUnverified,
        AttestationFlaw::WrongApplication,
        AttestationFlaw::PatchTooOld { found: 202_501 },
        AttestationFlaw::WrongPurpose,
    ];
    const CONCERNS: [Concern; 7] = [
        Concern::Debugger,
        Concern::Rooted,
        Concern::Emulator,
        Concern::ClockSkew { seconds: i64::MIN },
        Concern::SoftwareTooOld,
        Concern::SystemTooOld { patch: 202_501 },
        Concern::SystemTooOld { patch: 0 },
    ];
    const HOST_REFUSALS: [HostRefusal; 23] = [
        HostRefusal::Malformed,
        HostRefusal::Version(u8::MAX),
        HostRefusal::BadSignature,
        HostRefusal::WrongTerminal,
        HostRefusal::TerminalBlocked,
        HostRefusal::Replayed { expected: u64::MAX },
        HostRefusal::SequenceGap { expected: u64::MAX },
        HostRefusal::BrokenChain,
        HostRefusal::StaleTime(i64::MIN),
        HostRefusal::AlreadyReversed,
        HostRefusal::BadKeySerial,
        HostRefusal::NotAllowed,
        HostRefusal::Busy,
        HostRefusal::CodeUnknown,
        HostRefusal::CodeUsed,
        HostRefusal::CodeExpired,
        HostRefusal::TooManyAttempts(u32::MAX),
        HostRefusal::BadCertificateRequest,
        HostRefusal::KeyUnknown,
        HostRefusal::KeyUsedBefore,
        HostRefusal::KeyImpossible,
        HostRefusal::StandingMissing,
        HostRefusal::PinFormat,
    ];
    const REFUSALS: [Refusal; 8] = [
        Refusal::Busy,
        Refusal::NotActivated,
        Refusal::AlreadyActivated,
        Refusal::AmountZero,
        Refusal::AmountOverLimit,
        Refusal::BookUnusable,
        Refusal::Overloaded,
        Refusal::Interrupted,
    ];

    /// Every cause by its name, with its words.
    fn sale_words() -> BTreeMap<String, Words> {
        let mut all = BTreeMap::new();
        let mut add = |cause: String, words| assert!(all.insert(cause, words).is_none());
        DECLINE_REASONS.iter().for_each(|reason| add(format!("Declined {reason:?}"), declined(*reason)));
        TAP_FAULTS.iter().for_each(|fault| add(format!("Tap {fault:?}"), tap(*fault)));
        PIN_FAULTS.iter().for_each(|fault| add(format!("Pin {fault:?}"), pin(*fault)));
        HOST_REFUSALS.iter().for_each(|refusal| add(format!("Refused {refusal:?}"), refused(*refusal)));
        let line = LINE_FAULTS.into_iter().map(NotSent::Line);
        let concerns = FLAWS.into_iter().map(Concern::Attestation).chain(CONCERNS);
        concerns.for_each(|why| add(format!("Blocked {why:?}"), concern(why)));
        let others = [
            NotSent::KeyUnavailable,
            NotSent::Busy,
            NotSent::NotEnrolled,
            NotSent::Interrupted,
            NotSent::Blocked,
        ];
        for why in line.chain(STORE_FAULTS.into_iter().map(NotSent::Store)).chain(others) {
            add(format!("NotSent {why:?}"), not_sent(why));
        }
        add("Reversed".to_owned(), reversed());
        add("Unknown".to_owned(), unknown());
        all
    }

    fn sentences() -> BTreeMap<String, Text<256>> {
        let line = LINE_FAULTS.into_iter().map(EnrolmentFault::Line);
        let others = [
            EnrolmentFault::MalformedCode,
            EnrolmentFault::BadAnswer,
            EnrolmentFault::NoAnswer,
            EnrolmentFault::KeyUnavailable,
            EnrolmentFault::Interrupted,
        ];
        let faults = HOST_REFUSALS.into_iter().map(EnrolmentFault::Refused).chain(line).chain(others);
        let faults = faults.chain(STORE_FAULTS.into_iter().map(EnrolmentFault::Store));
        let mut all: BTreeMap<_, _> =
            faults.map(|fault| (format!("Enrolment {fault:?}"), enrolment(fault))).collect();
        all.extend(STORE_FAULTS.map(|fault| (format!("Unusable {fault:?}"), unusable(fault))));
        all.extend(REFUSALS.map(|why| (format!("{why:?}"), refusal(why))));
        all.insert("Forgotten".to_owned(), forgotten());
        all
    }

    /// Causes that share all their words, on purpose.
    const SHARED: [&[&str]; 7] = [
        &["Declined CardBlocked", "Declined DoNotHonour"],
        &["Declined CryptogramRefused", "Tap AuthenticationFailed"],
        &["Declined Expired", "Tap Expired"],
        &["NotSent Interrupted", "Pin NoCard", "Tap Interrupted"],
        &["NotSent KeyUnavailable", "Pin KeyUnavailable", "Tap KeyUnavailable"],
        &["NotSent Line(Broken)", "NotSent Line(Closed)"],
        &["Refused BrokenChain", "Refused SequenceGap { expected: 18446744073709551615 }"],
    ];

    #[test]
    fn no_words_are_cut_short() {
        for (cause, words) in sale_words() {
            assert!(words.reason.ends_with('.') && words.next.ends_with('.'), "{cause}: {words:?}");
        }
        for (cause, sentence) in sentences() {
            assert!(sentence.ends_with('.'), "{cause}: {sentence}");
        }
    }

    #[test]
    fn each_cause_has_words_of_its_own_unless_the_same_is_to_be_done() {
        let mut causes: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for (cause, words) in sale_words() {
            causes.entry((words.reason.to_string(), words.next.to_string())).or_default().push(cause);
        }
        let mut shared: Vec<_> = causes.into_values().filter(|causes| causes.len() > 1).collect();
        shared.sort();
        assert_eq!(shared, SHARED);
    }

    #[test]
    fn the_same_reason_never_asks_for_two_different_things() {
        let mut next: BTreeMap<String, String> = BTreeMap::new();
        for (cause, words) in sale_words() {
            let before = next.insert(words.reason.to_string(), words.next.to_string());
            assert!(before.is_none_or(|before| before == *words.next), "{cause}: {words:?}");
        }
    }

    #[test]
    fn nothing_charged_is_said_of_every_sale_that_was_not_paid_and_of_none_that_may_be() {
        assert!(!unknown().next.contains("Nothing was charged"));
        for fault in TAP_FAULTS {
            assert!(tap(fault).next.contains("othing was charged"), "{fault:?}");
        }
        assert!(!forgotten().contains("Nothing was charged"));
    }
}
