//! What is said outside of a sale: why the terminal does not open, is not activated, begins nothing, or has no answer
//! from the bank. One text, with what to do.

use super::{device, line};
use mpos_protocol::{
    Text,
    book::StoreFault,
    host::HostRefusal,
    link::{EnrolmentFault, NoReply, NotSent},
    shell::Refusal,
    standing::Concern,
};

pub(crate) fn enrolment(fault: EnrolmentFault) -> Text<256> {
    let sentence = match fault {
        EnrolmentFault::MalformedCode => {
            "That is not an activation code: it has 16 letters and digits, such as ABCD-EFGH-JKMN-PQRS. Check the e-mail.".to_owned()
        }
        EnrolmentFault::Refused(HostRefusal::CodeUnknown) => {
            "The bank does not know this activation code. Check it against the e-mail and type it again.".to_owned()
        }
        EnrolmentFault::Refused(HostRefusal::CodeUsed) => {
            "This activation code was used before. Ask the bank for a new one.".to_owned()
        }
        EnrolmentFault::Refused(HostRefusal::CodeExpired) => {
            "This activation code has expired. Ask the bank for a new one.".to_owned()
        }
        EnrolmentFault::Refused(HostRefusal::TooManyAttempts(seconds)) => {
            format!("Too many wrong activation codes. Wait {seconds} seconds, then try again.")
        }
        EnrolmentFault::Refused(HostRefusal::AttestationRefused(flaw)) => {
            let (reason, next) = device::mended(Concern::Attestation(flaw));
            format!("{reason} {next}")
        }
        EnrolmentFault::Refused(refusal) => format!("The bank refused the activation: {refusal}."),
        EnrolmentFault::Line(fault) => format!("{} The terminal is not activated; try again.", line(fault)),
        EnrolmentFault::BadAnswer => "The bank's answer makes no sense: update the app and try again.".to_owned(),
        EnrolmentFault::NoAnswer => "The bank did not answer in time. Try again with the same code.".to_owned(),
        EnrolmentFault::KeyUnavailable => {
            "This device cannot keep the terminal's keys: check its storage and try again.".to_owned()
        }
        EnrolmentFault::Store(fault) => format!("The activation could not be kept: {fault}."),
        EnrolmentFault::Interrupted => "The activation was interrupted. Try again with the same code.".to_owned(),
    };
    Text::clipped(&sentence)
}

pub(crate) fn unusable(fault: StoreFault) -> Text<256> {
    let next = match fault {
        StoreFault::Full => "Free some space, then start mPOS again.",
        StoreFault::Unreadable => "Check the data folder's permissions, then start mPOS again.",
        StoreFault::Damaged { .. } => {
            "Keep the folder as it is and call the bank: what was sold is safe with it."
        }
        StoreFault::NewerVersion { .. } => "Update mPOS.",
        StoreFault::InUse => "Close the other one, or use another data folder.",
        StoreFault::TooManyUnresolved | StoreFault::OutOfOrder => {
            "Connect to the bank, then start mPOS again."
        }
    };
    Text::clipped(&format!("The terminal's book cannot be used: {fault}. {next}"))
}

/// Why a question to the bank has no answer.
pub(crate) fn no_reply(fault: NoReply) -> Text<256> {
    Text::clipped(&match fault {
        NoReply::NotSent(NotSent::Line(fault)) => {
            format!("{} Check the internet connection and try again.", line(fault))
        }
        NoReply::NotSent(NotSent::Busy) => {
            "An earlier sale is still being settled with the bank. Try again in a minute.".to_owned()
        }
        NoReply::NotSent(NotSent::KeyUnavailable) => {
            "This terminal's keys cannot be used. Call the bank: the terminal must be activated again."
                .to_owned()
        }
        NoReply::NotSent(NotSent::NotEnrolled) => {
            "This terminal is not activated. Activate it with the code that the bank sent.".to_owned()
        }
        NoReply::NotSent(NotSent::Blocked) => {
            "The bank lets this phone take no payments as it is. Start again to see why.".to_owned()
        }
        NoReply::NotSent(NotSent::Store(fault)) => format!("The terminal's book cannot be used: {fault}."),
        NoReply::NotSent(NotSent::Interrupted) => {
            "The terminal had to restart a part of itself. Try again.".to_owned()
        }
        NoReply::NoAnswer => "The bank did not answer in time. Try again.".to_owned(),
        NoReply::Refused(refusal) => {
            format!("The bank did not accept the message: {refusal}. If it happens again, call the bank.")
        }
    })
}

pub(crate) fn refusal(refusal: Refusal) -> Text<256> {
    Text::clipped(match refusal {
        Refusal::Busy => "Another sale is in progress: finish or cancel it first.",
        Refusal::NotActivated => {
            "This terminal is not activated: type the activation code that the bank sent."
        }
        Refusal::AlreadyActivated => "This terminal is activated already.",
        Refusal::AmountZero => "The amount is zero: type an amount above zero.",
        Refusal::AmountOverLimit => "The amount is above what one sale on this terminal may be.",
        Refusal::BookUnusable => {
            "The terminal's book cannot be used: nothing can be sold before that is mended."
        }
        Refusal::Overloaded => "The terminal is too busy: try again in a moment.",
        Refusal::Interrupted => {
            "The terminal had to restart a part of itself. Nothing was charged: start again."
        }
    })
}

/// To a merchant whose till forgot what it was doing: the link knows of no sale either.
pub(crate) fn forgotten() -> Text<256> {
    Text::clipped(
        "The terminal had to restart itself, and no sale is open. Look at the last receipt before you start again.",
    )
}
