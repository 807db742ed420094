//! The envelope that makes each message provable: who, in which order, after which, and unchanged.
//!
//! A request's content is the postcard of [`RequestContent`]; the signature is ECDSA P-256 over
//! `DOMAIN_REQUEST || content` (SHA-256), fixed 64 bytes `r || s`. Each content names the SHA-256 of the content
//! before it, so a terminal's messages form a chain that the bank holds: none can be left out, repeated or
//! changed. An answer names the SHA-256 of the request it answers and is signed by the bank in the same way.
//!
//! On the line each message is preceded by its length, four bytes big-endian.

use crate::{
    Bytes, PROTOCOL_VERSION,
    host::{HostAnswer, HostRequest},
    terminal::TerminalId,
};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

/// The longest signed message, in bytes: a report with an attestation. A sale takes less than a third of it.
pub const SIGNED_BYTES_MAX: usize = 6144;
/// Length prefix on the line, in bytes.
pub const LENGTH_PREFIX_BYTES: usize = 4;
/// The longest message on the line before and during enrolment (a profile with certificates and CA keys).
pub const ENROLMENT_BYTES_MAX: usize = 40 * 1024;

const DOMAIN_REQUEST: &[u8] = b"mpos/1 request\0";
const DOMAIN_ANSWER: &[u8] = b"mpos/1 answer\0";

/// A SHA-256 digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Of `content`.
    pub fn of(content: &[u8]) -> Self {
        Self(Sha256::digest(content).into())
    }
}

/// What a terminal signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestContent {
    /// [`PROTOCOL_VERSION`].
    pub version: u8,
    /// Whose message it is.
    pub terminal: TerminalId,
    /// 1, 2, 3…
    pub sequence: u64,
    /// When it was signed, milliseconds since 1970 UTC by the terminal's clock.
    pub time_ms: u64,
    /// SHA-256 of the content of the terminal's message before this one; zeros for the first.
    pub previous: Hash,
    /// What is asked.
    pub request: HostRequest,
}

/// What the bank signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerContent {
    /// [`PROTOCOL_VERSION`].
    pub version: u8,
    /// Whom it answers.
    pub terminal: TerminalId,
    /// The request's sequence.
    pub sequence: u64,
    /// SHA-256 of the request's content.
    pub request: Hash,
    /// When it was signed, milliseconds since 1970 UTC by the host's clock.
    pub time_ms: u64,
    /// The answer.
    pub answer: HostAnswer,
}

/// A content and its signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// postcard of a [`RequestContent`] or an [`AnswerContent`].
    pub content: Bytes<SIGNED_BYTES_MAX>,
    /// `r || s`, 64 bytes.
    pub signature: Bytes<64>,
}

/// Why a signed message does not decode. Whether its signature holds is checked by who has the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignedError {
    /// Not the encoding of a signed message.
    #[error("the message does not decode")]
    Malformed,
    /// Longer than allowed.
    #[error("the message is longer than {SIGNED_BYTES_MAX} bytes")]
    TooLong,
    /// Of another version.
    #[error("the message is of version {0}, this program speaks {PROTOCOL_VERSION}")]
    Version(u8),
}

/// Something that is signed: a [`RequestContent`] or an [`AnswerContent`].
pub trait Content: Serialize + DeserializeOwned {
    /// Keeps a request's signature from passing as an answer's.
    const DOMAIN: &'static [u8];

    /// The bytes that are signed and hashed.
    ///
    /// # Errors
    /// [`SignedError::TooLong`].
    fn to_content(&self) -> Result<Bytes<SIGNED_BYTES_MAX>, SignedError> {
        let bytes = postcard::to_allocvec(self).map_err(|_| SignedError::Malformed)?;
        Bytes::try_from(bytes).map_err(|_| SignedError::TooLong)
    }

    /// Reads a content back. The version is looked at first, so that another version's message is told as such.
    ///
    /// # Errors
    /// [`SignedError`].
    fn from_content(content: &[u8]) -> Result<Self, SignedError> {
        match content.first() {
            Some(&PROTOCOL_VERSION) => match postcard::take_from_bytes(content) {
                Ok((value, [])) => Ok(value),
                _ => Err(SignedError::Malformed),
            },
            Some(&version) => Err(SignedError::Version(version)),
            None => Err(SignedError::Malformed),
        }
    }

    /// What the signature covers.
    fn signing_input(content: &[u8]) -> Vec<u8> {
        [Self::DOMAIN, content].concat()
    }
}

impl Content for RequestContent {
    const DOMAIN: &'static [u8] = DOMAIN_REQUEST;
}

impl Content for AnswerContent {
    const DOMAIN: &'static [u8] = DOMAIN_ANSWER;
}

impl Signed {
    /// The message as bytes, without its length prefix.
    ///
    /// # Errors
    /// [`SignedError::TooLong`].
    pub fn to_bytes(&self) -> Result<Bytes<SIGNED_BYTES_MAX>, SignedError> {
        let bytes = postcard::to_allocvec(self).map_err(|_| SignedError::Malformed)?;
        Bytes::try_from(bytes).map_err(|_| SignedError::TooLong)
    }

    /// Reads a message.
    ///
    /// # Errors
    /// [`SignedError`]; never panics on any bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SignedError> {
        if bytes.len() > SIGNED_BYTES_MAX {
            return Err(SignedError::TooLong);
        }
        match postcard::take_from_bytes(bytes) {
            Ok((signed, [])) => Ok(signed),
            _ => Err(SignedError::Malformed),
        }
    }
}
