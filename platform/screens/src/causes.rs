//! Each cause by the name of its words. Each reason has an attribute `next`, what to do: nobody is left with a
//! reason alone. Blocked cards and plain refusals share their words, to keep merchant and customer safe.

use crate::{
    concerns::concern,
    words::{Phrase, say},
};
use mpos_protocol::{
    Moment,
    admin::{HistoryFault, ReceiptFault, SupervisorFault, TrivialCode},
    book::StoreFault,
    card::{TapFault, TransactionKind},
    host::HostRefusal,
    link::{EnrolmentFault, LineFault, NoReply, NotSent},
    phone_number::PhoneNumberError,
    pin::PinFault,
    sale::{Cause, DeclineReason},
    shell::Refusal,
    standing::Concern,
};

/// Why a sale, or a refund, was not approved.
pub(crate) fn cause(cause: Cause, kind: TransactionKind) -> Phrase {
    let phrase = match cause {
        Cause::Declined(reason) => say(declined(reason)),
        Cause::Tap(fault) => say(tap(fault)),
        Cause::Pin(fault) => say(pin(fault)),
        Cause::Refused(refusal) => refused(refusal),
        Cause::NotSent(why) => not_sent(why),
        Cause::Reversed => say("sale-reversed"),
        Cause::Unknown => say("sale-unknown"),
        Cause::Interrupted => say("sale-interrupted"),
        Cause::Blocked(why) => blocked(why),
    };
    phrase.text(
        "kind",
        match kind {
            TransactionKind::Purchase => "purchase",
            TransactionKind::Refund => "refund",
        },
    )
}

/// The concern as a cause: with the word that nothing was charged.
fn blocked(why: Concern) -> Phrase {
    say("sale-device-blocked").phrase("why", concern(why)).next_of("mend", concern(why))
}

fn declined(reason: DeclineReason) -> &'static str {
    match reason {
        DeclineReason::InsufficientFunds => "declined-insufficient-funds",
        DeclineReason::WrongPin => "declined-wrong-pin",
        DeclineReason::PinBlocked => "declined-pin-blocked",
        DeclineReason::PinRequired => "declined-pin-required",
        DeclineReason::Expired => "card-expired",
        DeclineReason::CardBlocked | DeclineReason::DoNotHonour => "declined-by-issuer",
        DeclineReason::UnknownCard => "declined-unknown-card",
        DeclineReason::CryptogramRefused => "card-not-genuine",
        DeclineReason::DataMismatch => "declined-data-mismatch",
        DeclineReason::OverLimit => "declined-over-limit",
        DeclineReason::IssuerUnavailable => "declined-issuer-unavailable",
        DeclineReason::SupervisorRequired => "declined-supervisor-required",
        DeclineReason::OtherCard => "declined-other-card",
        DeclineReason::MoreThanPaid => "declined-more-than-paid",
        DeclineReason::NotRefundable => "declined-not-refundable",
    }
}

fn tap(fault: TapFault) -> &'static str {
    match fault {
        TapFault::NoCardInTime => "tap-no-card",
        TapFault::Cancelled => "tap-cancelled",
        TapFault::CardMoved => "tap-card-moved",
        TapFault::CardMovedAtCryptogram => "tap-card-moved-late",
        TapFault::CardMisbehaved => "tap-card-misbehaved",
        TapFault::NoCommonApplication => "tap-not-accepted",
        TapFault::AuthenticationFailed => "card-not-genuine",
        TapFault::Expired => "card-expired",
        TapFault::RefusedByCard => "tap-refused-by-card",
        TapFault::RefusedByTerminal => "tap-refused-by-terminal",
        TapFault::NoCommonCvm => "tap-no-verification",
        TapFault::OverLimit => "tap-over-limit",
        TapFault::Interrupted => "sale-interrupted",
        TapFault::KeyUnavailable => "keys-unusable",
    }
}

fn pin(fault: PinFault) -> &'static str {
    match fault {
        PinFault::Cancelled => "pin-cancelled",
        PinFault::TimedOut => "pin-timed-out",
        PinFault::WrongLength => "pin-wrong-length",
        PinFault::KeyUnavailable => "keys-unusable",
        PinFault::NoCard => "sale-interrupted",
    }
}

fn refused(refusal: HostRefusal) -> Phrase {
    match refusal {
        HostRefusal::StaleTime(_) => say("sale-clock-wrong"),
        HostRefusal::TerminalBlocked => say("sale-terminal-blocked"),
        HostRefusal::Version(_) => say("sale-app-outdated"),
        HostRefusal::Busy => say("sale-bank-busy"),
        HostRefusal::Replayed { .. } => say("sale-book-is-old"),
        HostRefusal::SequenceGap { .. } | HostRefusal::BrokenChain => say("sale-books-disagree"),
        HostRefusal::KeyUsedBefore => say("sale-keys-used-before"),
        HostRefusal::StandingMissing => say("sale-device-unreported"),
        HostRefusal::AttestationRefused(flaw) => blocked(Concern::Attestation(flaw)),
        other => say("sale-message-refused").phrase("why", host(other)),
    }
}

fn not_sent(why: NotSent) -> Phrase {
    match why {
        NotSent::Line(fault) => say(match fault {
            LineFault::NotTheBank => "sale-line-not-the-bank",
            LineFault::CertificateRevoked => "sale-line-certificate-revoked",
            LineFault::CertificateExpired => "sale-line-certificate-expired",
            LineFault::CertificateRefused => "sale-line-certificate-refused",
            LineFault::Incompatible => "sale-line-incompatible",
            LineFault::BadAddress => "sale-line-bad-address",
            LineFault::Unreachable => "sale-line-unreachable",
            LineFault::TimedOut => "sale-line-timed-out",
            LineFault::Closed | LineFault::Broken => "sale-line-broken",
        }),
        NotSent::Store(fault) => say("sale-not-kept").phrase("why", store(fault)),
        NotSent::KeyUnavailable => say("keys-unusable"),
        NotSent::Busy => say("sale-link-busy"),
        NotSent::NotEnrolled => say("not-activated"),
        NotSent::Interrupted => say("sale-interrupted"),
        NotSent::Blocked => say("sale-device-blocked-unsaid"),
    }
}

fn line(fault: LineFault) -> Phrase {
    say(match fault {
        LineFault::BadAddress => "line-bad-address",
        LineFault::Unreachable => "line-unreachable",
        LineFault::TimedOut => "line-timed-out",
        LineFault::NotTheBank => "line-not-the-bank",
        LineFault::CertificateRevoked => "line-certificate-revoked",
        LineFault::CertificateExpired => "line-certificate-expired",
        LineFault::CertificateRefused => "line-certificate-refused",
        LineFault::Incompatible => "line-incompatible",
        LineFault::Closed | LineFault::Broken => "line-broken",
    })
}

/// What is wrong with the terminal's book, within a sentence.
pub(crate) fn store(fault: StoreFault) -> Phrase {
    match fault {
        StoreFault::Full => say("store-full"),
        StoreFault::Unreadable => say("store-unreadable"),
        StoreFault::Damaged { entry } => say("store-damaged").number("entry", entry),
        StoreFault::NewerVersion { version } => say("store-newer-version").number("version", version),
        StoreFault::InUse => say("store-in-use"),
        StoreFault::TooManyUnresolved => say("store-too-many-unresolved"),
        StoreFault::OutOfOrder => say("store-out-of-order"),
    }
}

fn host(refusal: HostRefusal) -> Phrase {
    match refusal {
        HostRefusal::Malformed => say("host-malformed"),
        HostRefusal::Version(version) => say("host-version").number("version", version),
        HostRefusal::BadSignature => say("host-bad-signature"),
        HostRefusal::WrongTerminal => say("host-wrong-terminal"),
        HostRefusal::TerminalBlocked => say("host-terminal-blocked"),
        HostRefusal::Replayed { .. } => say("host-replayed"),
        HostRefusal::SequenceGap { .. } => say("host-sequence-gap"),
        HostRefusal::BrokenChain => say("host-broken-chain"),
        HostRefusal::StaleTime(seconds) => say("host-stale-time").number("seconds", seconds.unsigned_abs()),
        HostRefusal::AlreadyReversed => say("host-already-reversed"),
        HostRefusal::BadKeySerial => say("host-bad-key-serial"),
        HostRefusal::NotAllowed => say("host-not-allowed"),
        HostRefusal::Busy => say("host-busy"),
        HostRefusal::CodeUnknown => say("host-code-unknown"),
        HostRefusal::CodeUsed => say("host-code-used"),
        HostRefusal::CodeExpired => say("host-code-expired"),
        HostRefusal::TooManyAttempts(seconds) => say("host-too-many-attempts").number("seconds", seconds),
        HostRefusal::BadCertificateRequest => say("host-bad-certificate-request"),
        HostRefusal::KeyUnknown => say("host-key-unknown"),
        HostRefusal::KeyUsedBefore => say("host-key-used-before"),
        HostRefusal::KeyImpossible => say("host-key-impossible"),
        HostRefusal::StandingMissing => say("host-standing-missing"),
        HostRefusal::AttestationRefused(_) => say("host-attestation-refused"),
        HostRefusal::PinFormat => say("host-pin-format"),
    }
}

/// Why an activation failed.
pub(crate) fn enrolment(fault: EnrolmentFault, now: Moment) -> Phrase {
    match fault {
        EnrolmentFault::MalformedCode => say("activation-malformed"),
        EnrolmentFault::Refused(HostRefusal::AttestationRefused(flaw)) => concern(Concern::Attestation(flaw)),
        EnrolmentFault::Refused(HostRefusal::CodeUnknown) => say("activation-code-unknown"),
        EnrolmentFault::Refused(HostRefusal::CodeUsed) => say("activation-code-used"),
        EnrolmentFault::Refused(HostRefusal::CodeExpired) => say("activation-code-expired"),
        EnrolmentFault::Refused(HostRefusal::TooManyAttempts(seconds)) => {
            say("activation-too-many").until("time", now, seconds)
        }
        EnrolmentFault::Refused(refusal) => say("activation-refused").phrase("why", host(refusal)),
        EnrolmentFault::Line(fault) => say("activation-line").phrase("why", line(fault)),
        EnrolmentFault::BadAnswer => say("activation-bad-answer"),
        EnrolmentFault::NoAnswer => say("activation-no-answer"),
        EnrolmentFault::KeyUnavailable => say("activation-no-keys"),
        EnrolmentFault::Store(fault) => say("activation-not-kept").phrase("why", store(fault)),
        EnrolmentFault::Interrupted => say("activation-interrupted"),
    }
}

/// Why a question to the bank has no answer.
pub(crate) fn no_reply(fault: NoReply) -> Phrase {
    match fault {
        NoReply::NotSent(NotSent::Line(fault)) => say("ask-line").phrase("why", line(fault)),
        NoReply::NotSent(NotSent::Busy) => say("ask-busy"),
        NoReply::NotSent(NotSent::KeyUnavailable) => say("ask-no-keys"),
        NoReply::NotSent(NotSent::NotEnrolled) => say("not-activated"),
        NoReply::NotSent(NotSent::Store(fault)) => say("ask-store").phrase("why", store(fault)),
        // A question waits for no word on the device: it is as if it had been lost.
        NoReply::NotSent(NotSent::Interrupted | NotSent::Blocked) => say("ask-interrupted"),
        NoReply::NoAnswer => say("ask-no-answer"),
        NoReply::Refused(refusal) => say("ask-refused").phrase("why", host(refusal)),
    }
}

/// Why something was not begun.
pub(crate) fn refusal(refusal: Refusal) -> Phrase {
    say(match refusal {
        Refusal::Busy => "refused-busy",
        Refusal::NotActivated => "not-activated",
        Refusal::AlreadyActivated => "refused-already-activated",
        Refusal::AmountZero => "refused-amount-zero",
        Refusal::AmountOverLimit => "refused-amount-over-limit",
        Refusal::BookUnusable => "refused-book-unusable",
        Refusal::Overloaded => "refused-overloaded",
        Refusal::Interrupted => "refused-interrupted",
    })
}

/// Why a supervisor's code was not taken.
pub(crate) fn supervisor(fault: SupervisorFault, now: Moment) -> Phrase {
    match fault {
        SupervisorFault::Wrong { tries_left } => say("supervisor-wrong").number("tries", tries_left),
        SupervisorFault::Locked { seconds } => say("supervisor-locked").until("time", now, seconds),
        SupervisorFault::LockedByBank => say("supervisor-locked-by-bank"),
        SupervisorFault::NotDefined => say("supervisor-not-defined"),
        SupervisorFault::AlreadyDefined => say("supervisor-already-defined"),
        SupervisorFault::Trivial(why) => trivial(why),
        SupervisorFault::BadKeySerial => say("supervisor-bad-key"),
        SupervisorFault::NotRefundable => say("declined-not-refundable"),
    }
}

/// Why a code is too easy.
pub(crate) fn trivial(why: TrivialCode) -> Phrase {
    say(match why {
        TrivialCode::Length => "trivial-length",
        TrivialCode::SameDigit => "trivial-same-digit",
        TrivialCode::Sequence => "trivial-sequence",
        TrivialCode::Repeated => "trivial-repeated",
    })
}

/// Why there is no history.
pub(crate) fn history(fault: HistoryFault) -> Phrase {
    say(match fault {
        HistoryFault::Reversed => "history-reversed",
        HistoryFault::TooLong => "history-too-long",
        HistoryFault::GrantExpired => "history-grant-expired",
    })
}

/// Why a receipt is not sent.
pub(crate) fn receipt(fault: ReceiptFault) -> Phrase {
    say(match fault {
        ReceiptFault::UnknownReference => "receipt-unknown",
        ReceiptFault::NotPaid => "receipt-not-paid",
        ReceiptFault::TooMany => "receipt-too-many",
    })
}

/// Why a text is no telephone number.
pub(crate) fn phone_number(error: PhoneNumberError) -> Phrase {
    match error {
        PhoneNumberError::Empty => say("phone-empty"),
        PhoneNumberError::NotADigit(character) => say("phone-not-a-digit").text("character", character),
        PhoneNumberError::FormerCountry(country) => say("phone-former-country").text("country", country),
        PhoneNumberError::OtherCountry => say("phone-other-country"),
        PhoneNumberError::NotMobile => say("phone-not-mobile"),
        PhoneNumberError::TooShort => say("phone-too-short"),
        PhoneNumberError::TooLong => say("phone-too-long"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{concerns::tests::CONCERNS, words::Words};
    use mpos_protocol::{admin::Language, standing::AttestationFlaw};

    const NOW: Moment = Moment { unix_ms: 0, utc_offset_s: 0, uptime_ms: 0 };
    const LINES: [LineFault; 10] = [
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
    const STORES: [StoreFault; 7] = [
        StoreFault::Full,
        StoreFault::Unreadable,
        StoreFault::Damaged { entry: u32::MAX },
        StoreFault::NewerVersion { version: u16::MAX },
        StoreFault::InUse,
        StoreFault::TooManyUnresolved,
        StoreFault::OutOfOrder,
    ];
    const REFUSALS: [HostRefusal; 24] = [
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
        HostRefusal::AttestationRefused(AttestationFlaw::Absent),
        HostRefusal::PinFormat,
    ];

    fn not_sents() -> Vec<NotSent> {
        let others = [
            NotSent::KeyUnavailable,
            NotSent::Busy,
            NotSent::NotEnrolled,
            NotSent::Interrupted,
            NotSent::Blocked,
        ];
        let lines = LINES.into_iter().map(NotSent::Line);
        lines.chain(STORES.into_iter().map(NotSent::Store)).chain(others).collect()
    }

    fn sale_causes() -> Vec<Cause> {
        use {DeclineReason as D, PinFault as P, TapFault as T};
        let declined = [
            D::InsufficientFunds,
            D::WrongPin,
            D::PinBlocked,
            D::PinRequired,
            D::Expired,
            D::CardBlocked,
            D::UnknownCard,
            D::CryptogramRefused,
            D::DataMismatch,
            D::OverLimit,
            D::IssuerUnavailable,
            D::DoNotHonour,
            D::SupervisorRequired,
            D::OtherCard,
            D::MoreThanPaid,
            D::NotRefundable,
        ];
        let taps = [
            T::NoCardInTime,
            T::Cancelled,
            T::CardMoved,
            T::CardMovedAtCryptogram,
            T::CardMisbehaved,
            T::NoCommonApplication,
            T::AuthenticationFailed,
            T::Expired,
            T::RefusedByCard,
            T::RefusedByTerminal,
            T::NoCommonCvm,
            T::OverLimit,
            T::Interrupted,
            T::KeyUnavailable,
        ];
        let pins = [P::Cancelled, P::TimedOut, P::WrongLength, P::KeyUnavailable, P::NoCard];
        let mut causes = vec![Cause::Reversed, Cause::Unknown, Cause::Interrupted];
        causes.extend(declined.map(Cause::Declined));
        causes.extend(taps.map(Cause::Tap));
        causes.extend(pins.map(Cause::Pin));
        causes.extend(CONCERNS.map(Cause::Blocked));
        causes.extend(REFUSALS.map(Cause::Refused));
        causes.extend(not_sents().into_iter().map(Cause::NotSent));
        causes
    }

    /// All that are said outside of a sale.
    fn others() -> Vec<Phrase> {
        use {
            EnrolmentFault as E, PhoneNumberError as N, Refusal as R, SupervisorFault as S, TrivialCode as C,
        };
        let enrolments = [E::MalformedCode, E::BadAnswer, E::NoAnswer, E::KeyUnavailable, E::Interrupted];
        let trivials = [C::Length, C::SameDigit, C::Sequence, C::Repeated];
        let supervisors = [
            S::Wrong { tries_left: 1 },
            S::Locked { seconds: u32::MAX },
            S::LockedByBank,
            S::NotDefined,
            S::AlreadyDefined,
            S::BadKeySerial,
        ];
        let refusals = [
            R::Busy,
            R::NotActivated,
            R::AlreadyActivated,
            R::AmountZero,
            R::AmountOverLimit,
            R::BookUnusable,
            R::Overloaded,
            R::Interrupted,
        ];
        let numbers = [
            N::Empty,
            N::NotADigit('x'),
            N::FormerCountry("377"),
            N::OtherCountry,
            N::NotMobile,
            N::TooShort,
            N::TooLong,
        ];
        let enrolments = enrolments.into_iter().chain(REFUSALS.map(E::Refused));
        let enrolments = enrolments.chain(LINES.map(E::Line)).chain(STORES.map(E::Store));
        let mut all: Vec<Phrase> = enrolments.map(|fault| enrolment(fault, NOW)).collect();
        all.extend(not_sents().into_iter().map(|why| no_reply(NoReply::NotSent(why))));
        all.extend(REFUSALS.map(|why| no_reply(NoReply::Refused(why))));
        all.push(no_reply(NoReply::NoAnswer));
        all.extend(supervisors.map(|fault| supervisor(fault, NOW)));
        all.extend(trivials.map(|why| supervisor(S::Trivial(why), NOW)));
        all.extend([HistoryFault::Reversed, HistoryFault::TooLong, HistoryFault::GrantExpired].map(history));
        all.extend(
            [ReceiptFault::UnknownReference, ReceiptFault::NotPaid, ReceiptFault::TooMany].map(receipt),
        );
        all.extend(refusals.map(refusal));
        all.extend(numbers.map(phone_number));
        all
    }

    #[test]
    fn every_cause_of_a_sale_has_a_reason_and_what_to_do_in_every_language() {
        for language in Language::ALL {
            let words = Words::of(language);
            for why in sale_causes() {
                for kind in [TransactionKind::Purchase, TransactionKind::Refund] {
                    let phrase = cause(why, kind);
                    let said = words.say(&phrase, NOW);
                    let next = words.next(&phrase, NOW).unwrap_or_default();
                    assert!(said.ends_with('.') && next.ends_with('.'), "{why:?}: {said} {next}");
                }
            }
        }
    }

    #[test]
    fn everything_else_that_goes_wrong_is_said_in_whole_sentences_in_every_language() {
        for language in Language::ALL {
            let words = Words::of(language);
            for phrase in others() {
                let said = words.next(&phrase, NOW).unwrap_or_else(|| words.say(&phrase, NOW));
                assert!(said.ends_with('.'), "{phrase:?}: {said}");
            }
        }
    }

    #[test]
    fn a_refund_that_failed_never_says_that_something_was_charged_or_not() {
        let words = Words::of(Language::English);
        for why in sale_causes() {
            let next = words.next(&cause(why, TransactionKind::Refund), NOW).unwrap_or_default();
            assert!(!next.contains("charged"), "{why:?}: {next}");
            let unsettled = matches!(why, Cause::Unknown);
            let next = words.next(&cause(why, TransactionKind::Purchase), NOW).unwrap_or_default();
            assert!(!(unsettled && next.contains("Nothing was charged")), "{why:?}: {next}");
        }
    }
}
