//! THE HOST TABLE: requests and answers between a terminal and the bank.
//!
//! | line (ALPN)   | request                        | answer                                   |
//! |---------------|--------------------------------|------------------------------------------|
//! | `mpos-enrol/1`| [`EnrolmentRequest`], unsigned | [`EnrolmentAnswer`]                      |
//! | `mpos/1`      | [`HostRequest::Authorise`]     | `Approved`, `Declined` or `Refused`      |
//! | `mpos/1`      | [`HostRequest::Reverse`]       | `Reversed` or `Refused`                  |
//! | `mpos/1`      | [`HostRequest::Admin`]         | `Admin` or `Refused`                     |
//!
//! Enrolment runs over TLS 1.3 in which only the bank shows a certificate; everything else over mutual TLS, in
//! the envelope of [`crate::signed`]. The order of variants is wire format: append, never reorder.

use crate::{
    Amount, Bytes, Currency, Text,
    admin::{AdminAnswer, AdminRequest},
    card::{CardScheme, Cvm, De55, EncryptedCardData, MaskedPan, TransactionKind},
    pin::EncryptedPinBlock,
    sale::{AuthCode, DeclineReason, ReceiptNumber, Reference, RefundOf},
    signed::Hash,
    standing::{Attestation, AttestationFlaw, Ticket},
    terminal::{Device, PublicPoint, TerminalProfile},
};
use serde::{Deserialize, Serialize};

/// ALPN name of the terminal link (RFC 7301).
pub const ALPN_TERMINAL: &[u8] = b"mpos/1";
/// ALPN name of enrolment.
pub const ALPN_ENROLMENT: &[u8] = b"mpos-enrol/1";

/// What the wrapped initial key is bound to (the `info` of its key derivation).
pub const KEY_WRAP_CONTEXT: &[u8] = b"mpos/1 initial key";

/// What encrypted account data is bound to (the associated data of its AES-GCM).
pub const CARD_DATA_CONTEXT: &[u8] = b"mpos/1 card data";

/// Activation code, alphabet and length: 16 letters and digits without those that look alike, shown in fours.
pub const ACTIVATION_CODE_CHARS: usize = 16;
/// The alphabet of activation codes: no 0, O, 1, I, L (31 characters, 79 bits in 16).
pub const ACTIVATION_CODE_ALPHABET: &str = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";

/// Reads a code as a person types it: case, spaces and dashes are forgiven; `None` when it cannot be one.
pub fn normalise_activation_code(typed: &str) -> Option<Text<ACTIVATION_CODE_CHARS>> {
    let mut code = alloc::string::String::with_capacity(ACTIVATION_CODE_CHARS);
    for character in typed.chars().filter(|character| !matches!(character, ' ' | '-' | '\t')) {
        let upper = character.to_ascii_uppercase();
        if !ACTIVATION_CODE_ALPHABET.contains(upper) || code.len() == ACTIVATION_CODE_CHARS {
            return None;
        }
        code.push(upper);
    }
    let code = zeroize::Zeroizing::new(code);
    if code.len() == ACTIVATION_CODE_CHARS { Text::new(&code).ok() } else { None }
}

/// A device asks to become a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentRequest {
    /// [`crate::PROTOCOL_VERSION`].
    pub version: u8,
    /// The code, normalised: 16 characters.
    pub activation_code: Text<ACTIVATION_CODE_CHARS>,
    /// PKCS #10 request for the device key, DER; its signature proves possession.
    pub certificate_request: Bytes<1024>,
    /// A P-256 point made for this enrolment, to which the initial key is wrapped.
    pub key_agreement: PublicPoint,
    /// The device.
    pub device: Device,
    /// Where the device key lives, attested for [`crate::standing::enrolment_challenge`]; none where the platform
    /// attests nothing.
    pub attestation: Option<Attestation>,
}

/// The bank's answer to a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "once in a terminal's life")]
pub enum EnrolmentAnswer {
    /// It is a terminal now.
    Enrolled {
        /// Who it is.
        profile: TerminalProfile,
        /// The AES-DUKPT initial key, wrapped to `key_agreement` (ECIES; see `mpos-crypto`).
        wrapped_initial_key: Bytes<256>,
        /// The key's name: the first 8 bytes of each KSN.
        initial_key_id: [u8; 8],
    },
    /// It is not.
    Refused(HostRefusal),
}

/// What a terminal asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "most are authorisations")]
pub enum HostRequest {
    /// Decide this sale.
    Authorise(AuthoriseRequest),
    /// Take back the request with this sequence, whether or not it ever arrived.
    Reverse(ReverseRequest),
    /// What moves no money; with [`crate::admin::ADMIN_SEQUENCE`], outside of the chain.
    Admin(AdminRequest),
}

/// A sale to decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthoriseRequest {
    /// The terminal's receipt number.
    pub receipt: ReceiptNumber,
    /// Purchase or refund.
    pub kind: TransactionKind,
    /// How much; must be what the cryptogram covers (tag 9F02).
    pub amount: Amount,
    /// In which currency (tag 5F2A).
    pub currency: Currency,
    /// Tag 9F41.
    pub transaction_number: u32,
    /// The application (tag 84).
    pub aid: Bytes<16>,
    /// The brand.
    pub scheme: CardScheme,
    /// Last four digits, for the books.
    pub pan: MaskedPan,
    /// How the customer was verified.
    pub cvm: Cvm,
    /// Data elements as the card and terminal gave them.
    pub de55: De55,
    /// PAN, expiry and track 2 under a data key.
    pub card_data: EncryptedCardData,
    /// The PIN block, when the customer was verified by PIN.
    pub pin: Option<EncryptedPinBlock>,
    /// Of a refund, and of nothing else: what is given back.
    pub refund: Option<RefundOf>,
    /// The bank's word that this terminal's state is good.
    pub standing: Ticket,
}

/// A request to take back.
///
/// It is accepted in the place of the request it names too: when that one never arrived, its hash lets the bank
/// follow the chain over the gap, and the bank will refuse it should it still come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReverseRequest {
    /// The request's sequence.
    pub sequence: u64,
    /// SHA-256 of its content.
    pub hash: Hash,
    /// Why.
    pub cause: ReversalCause,
}

/// Why a terminal takes a request back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReversalCause {
    /// No answer in time.
    NoAnswer,
    /// The answer does not verify.
    BadAnswer,
    /// The terminal was stopped before the answer was kept.
    Restarted,
}

/// What the bank answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HostAnswer {
    /// Paid.
    Approved {
        /// The bank's reference (RRN).
        reference: Reference,
        /// The issuer's code.
        auth_code: AuthCode,
    },
    /// Not paid.
    Declined {
        /// The bank's reference (RRN).
        reference: Reference,
        /// Why.
        reason: DeclineReason,
    },
    /// The request named is taken back, or will never be processed.
    Reversed {
        /// The bank's reference of the sale, when it had one.
        reference: Option<Reference>,
    },
    /// The message was not processed.
    Refused(HostRefusal),
    /// To an administrative request.
    Admin(AdminAnswer),
}

/// Why the bank did not process a message. Each is logged at the host under the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum HostRefusal {
    /// Not the encoding of a message.
    #[error("the message does not decode")]
    Malformed,
    /// Of another version.
    #[error("the bank speaks version {0}")]
    Version(u8),
    /// The signature does not verify.
    #[error("the message's signature does not verify")]
    BadSignature,
    /// The certificate of one terminal, the message of another.
    #[error("the message is of another terminal than the connection")]
    WrongTerminal,
    /// The terminal is blocked by the bank.
    #[error("the bank has blocked this terminal")]
    TerminalBlocked,
    /// The sequence was used for other bytes.
    #[error("sequence {expected} was expected: this one was used before")]
    Replayed {
        /// What the bank expects next.
        expected: u64,
    },
    /// The sequence leaves one out.
    #[error("sequence {expected} was expected: a message is missing")]
    SequenceGap {
        /// What the bank expects next.
        expected: u64,
    },
    /// The hash of the message before it is not what the bank holds.
    #[error("the message does not follow the one before it")]
    BrokenChain,
    /// The terminal's clock is too far from the bank's.
    #[error("the terminal's clock is {0} seconds away from the bank's")]
    StaleTime(i64),
    /// The message was taken back before it came.
    #[error("the message was reversed before it arrived")]
    AlreadyReversed,
    /// Account data or PIN do not decrypt.
    #[error("the card data does not decrypt")]
    BadKeySerial,
    /// What the message asks is not allowed for this terminal.
    #[error("this terminal may not do this")]
    NotAllowed,
    /// The bank cannot now; nothing was done, the same message may be sent again.
    #[error("the bank is busy: try again")]
    Busy,
    /// The activation code is not known.
    #[error("the activation code is not known")]
    CodeUnknown,
    /// The activation code was used.
    #[error("the activation code was used before")]
    CodeUsed,
    /// The activation code has expired.
    #[error("the activation code has expired")]
    CodeExpired,
    /// Too many wrong codes; wait so many seconds.
    #[error("too many wrong codes: wait {0} seconds")]
    TooManyAttempts(u32),
    /// The certificate request is not acceptable.
    #[error("the certificate request is not acceptable")]
    BadCertificateRequest,
    /// Account data or PIN name an initial key that is not this terminal's.
    #[error("the card data's key is not one of this terminal")]
    KeyUnknown,
    /// Account data or PIN name a key that was used before: an old copy of the key store was put back.
    #[error("the card data's key was used before")]
    KeyUsedBefore,
    /// Account data or PIN name a key that no terminal has (ANSI X9.24-3, 6.3).
    #[error("no terminal has the card data's key")]
    KeyImpossible,
    /// The terminal did not report its state in time, or may not sell as it is.
    #[error("the terminal's state has not been reported")]
    StandingMissing,
    /// What the device's key store says is not acceptable.
    #[error("the device's attestation is not acceptable: {0:?}")]
    AttestationRefused(AttestationFlaw),
    /// The PIN block is of a format that the bank does not take.
    #[error("the bank does not take PIN blocks of this format")]
    PinFormat,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_activation_code_is_read_as_people_type_it() {
        for typed in ["ABCD-EFGH-JKMN-PQRS", "abcd efgh jkmn pqrs", "ABCDEFGHJKMNPQRS"] {
            assert_eq!(normalise_activation_code(typed).as_deref(), Some("ABCDEFGHJKMNPQRS"));
        }
        for typed in ["", "ABCD", "ABCD-EFGH-JKMN-PQR0", "ABCD-EFGH-JKMN-PQRST", "ABCD-EFGH-JKMN-PQRé"] {
            assert_eq!(normalise_activation_code(typed), None, "{typed}");
        }
    }
}
