//! The variants of the enums that messages carry: postcard numbers them by position.

use mpos_protocol::{
    Currency,
    book::StoreFault,
    card::{CardScheme, Cvm, TapFault, TapMessage, TransactionKind},
    host::HostRefusal,
    link::{EnrolmentFault, LineFault, LinkProgress, NotSent},
    pad::PadRole,
    pin::{PinBlockFormat, PinFault},
    reconcile::{BookedOutcome, ReconcileFault},
    routes::ActorId,
    sale::{DeclineReason, SaleOutcome},
    shell::Refusal,
    standing::{AttestationFlaw, Concern, Decision},
    supervision::DeliveryFault,
};

/// Each variant of each enum that messages carry, and its bytes. The match behind the macro is exhaustive: a new
/// variant does not compile before it is listed.
macro_rules! numbers {
    ($($type:ty { $($variant:ident $(($($field:expr),+))? $({ $($name:ident: $value:expr),+ })?),+ $(,)? })+) => {
        pub(crate) fn numbers() -> Vec<String> {
            let mut lines = Vec::new();
            $(
                {
                    type Enum = $type;
                    let _exhaustive = |value: Enum| match value { $( Enum::$variant { .. } => (), )+ };
                    $( lines.push(format!(
                        "{}.{} = {}",
                        stringify!($type),
                        stringify!($variant),
                        hex::encode(postcard::to_allocvec(
                            &Enum::$variant $(($($field),+))? $({ $($name: $value),+ })?
                        ).expect("encodes")),
                    )); )+
                }
            )+
            lines
        }
    };
}

numbers! {
    ActorId {
        Shell, Till, NfcReader, EmvKernel, PinPad, HostLink, Ledger, ReceiptSender, Network, Clock, Supervisor,
    }
    Currency { Eur }
    CardScheme { Mastercard, Maestro, Visa, VisaElectron, VPay }
    Cvm { None, Pin, Device }
    TransactionKind { Purchase, Refund }
    TapMessage { PresentCard, HoldCard, CardReadOk, OneCardOnly, SeePhone, PresentCardAgain }
    TapFault {
        NoCardInTime, Cancelled, CardMoved, CardMovedAtCryptogram, CardMisbehaved, NoCommonApplication,
        AuthenticationFailed, Expired, RefusedByCard, RefusedByTerminal, NoCommonCvm, OverLimit, Interrupted,
        KeyUnavailable,
    }
    PadRole { Digit, Clear, Confirm }
    PinFault { Cancelled, TimedOut, WrongLength, KeyUnavailable, NoCard }
    SaleOutcome { Approved, Declined, TryAnotherCard, Reversed, Unknown, Cancelled }
    DeclineReason {
        InsufficientFunds, WrongPin, PinBlocked, PinRequired, Expired, CardBlocked, UnknownCard,
        CryptogramRefused, DataMismatch, OverLimit, IssuerUnavailable, DoNotHonour,
        SupervisorRequired, OtherCard, MoreThanPaid, NotRefundable,
    }
    StoreFault {
        Full, Unreadable, Damaged { entry: 3 }, NewerVersion { version: 2 }, InUse, TooManyUnresolved, OutOfOrder,
    }
    LinkProgress { Connecting, Sent, Repeating, Reversing }
    LineFault {
        BadAddress, Unreachable, TimedOut, NotTheBank, CertificateRevoked, CertificateExpired, CertificateRefused,
        Incompatible, Closed, Broken,
    }
    NotSent {
        Line(LineFault::Closed), Store(StoreFault::Full), KeyUnavailable, Busy, NotEnrolled, Interrupted,
        Blocked,
    }
    EnrolmentFault {
        Refused(HostRefusal::Busy), MalformedCode, Line(LineFault::Closed), BadAnswer, NoAnswer, KeyUnavailable,
        Store(StoreFault::Full), Interrupted,
    }
    Refusal {
        Busy, NotActivated, AlreadyActivated, AmountZero, AmountOverLimit, BookUnusable, Overloaded, Interrupted,
    }
    DeliveryFault { Full, Closed }
    HostRefusal {
        Malformed, Version(2), BadSignature, WrongTerminal, TerminalBlocked, Replayed { expected: 7 },
        SequenceGap { expected: 7 }, BrokenChain, StaleTime(-301), AlreadyReversed, BadKeySerial, NotAllowed, Busy,
        CodeUnknown, CodeUsed, CodeExpired, TooManyAttempts(60), BadCertificateRequest, KeyUnknown,
        KeyUsedBefore, KeyImpossible, StandingMissing, AttestationRefused(AttestationFlaw::Absent),
        PinFormat,
    }
    PinBlockFormat { Format4, Format0 }
    Decision { Allowed, Warned, Blocked }
    Concern {
        Attestation(AttestationFlaw::Absent), Debugger, Rooted, Emulator, ClockSkew { seconds: -172_800 },
        SoftwareTooOld, SystemTooOld { patch: 202_401 },
    }
    AttestationFlaw {
        Absent, TooOld, Malformed, UntrustedRoot, BrokenChain, OutOfDate, Revoked, WrongChallenge, WrongKey,
        SecurityLevel, BootUnverified, WrongApplication, PatchTooOld { found: 202_401 }, WrongPurpose,
    }
    BookedOutcome {
        Approved { reference: Default::default() }, Declined { reference: Default::default() }, Reversed, Refused,
        Unresolved,
    }
    ReconcileFault { OutOfPlace { expected: 7 }, Nonsense, TooManyDifferences }
}
