//! Which step of a recovery failed: for the TVR it is all "failed", for whoever asks why it is not.

use crate::rsa_public::RsaFault;

/// The step of certificate or signature recovery that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum CertificateFault {
    /// Modulus not 64 to 256 bytes, even, or with a zero first byte.
    #[error("the key's modulus cannot be used")]
    Modulus,
    /// The exponent is neither 3 nor 65537.
    #[error("the exponent is neither 3 nor 65537")]
    Exponent,
    /// The certificate or signature is not as long as the modulus of the key that made it.
    #[error("not as long as the signing key's modulus")]
    Length,
    /// The certificate or signature, as a number, is not below the modulus: that key did not make it.
    #[error("not below the signing key's modulus")]
    Range,
    /// The trailer is not `BC`.
    #[error("the recovered trailer is wrong")]
    Trailer,
    /// The header is not `6A`.
    #[error("the recovered header is wrong")]
    Header,
    /// The certificate or signed data format is not the one expected here.
    #[error("the recovered format is wrong")]
    Format,
    /// The hash algorithm is not SHA-1.
    #[error("the hash algorithm is unknown")]
    HashAlgorithm,
    /// The hash does not agree.
    #[error("the recovered hash is wrong")]
    Hash,
    /// The issuer identifier is not how the account number begins.
    #[error("the issuer identifier is not how the account number begins")]
    IssuerIdentifier,
    /// The account number in the certificate is another one.
    #[error("the certificate is for another account number")]
    Pan,
    /// The expiry is not a month.
    #[error("the certificate's expiry is not a month")]
    ExpiryMalformed,
    /// The certificate expired.
    #[error("the certificate expired")]
    Expired,
    /// The public key algorithm is not RSA.
    #[error("the public key algorithm is unknown")]
    KeyAlgorithm,
    /// The lengths of certified key, certificate and remainder do not fit each other.
    #[error("the certified key's lengths do not fit")]
    KeyLength,
    /// The ICC dynamic data is too short for what it should hold, or longer than its space.
    #[error("the dynamic data's length does not fit")]
    DynamicDataLength,
    /// The signed hash of the transaction's data is another one.
    #[error("the card signed another transaction's data")]
    TransactionDataHash,
}

impl From<RsaFault> for CertificateFault {
    fn from(fault: RsaFault) -> Self {
        match fault {
            RsaFault::Modulus => Self::Modulus,
            RsaFault::Exponent => Self::Exponent,
            RsaFault::Length => Self::Length,
            RsaFault::Range => Self::Range,
        }
    }
}
