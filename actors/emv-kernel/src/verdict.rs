//! What data authentication found, with the exact reason, and as a number for the flight recorder.
//!
//! A recording holds no certificates (they are masked), so a replay cannot verify anything again: it is
//! given the recorded number instead, and goes on from there.

use mpos_crypto::emv_certificate::CertificateFault;
use mpos_tlv::Tag;

/// The result of data authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OdaVerdict {
    /// Certificates and signature are right.
    Verified,
    /// Not done.
    NotPerformed(NotPerformed),
    /// Done and failed, or could not be done although card and terminal support it.
    Failed(OdaFault),
}

/// Why data authentication was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPerformed {
    /// The card supports none that the kernel does.
    #[error("the card does not support it")]
    CardDoesNot,
    /// The terminal's capabilities do not have it.
    #[error("the terminal does not support it")]
    TerminalDoesNot,
    /// An online transaction that does not need it.
    #[error("not required, as the bank is asked")]
    NotRequired,
    /// The card refused, so there is nothing to authenticate.
    #[error("the card gave no cryptogram to authenticate")]
    NoCryptogram,
}

/// Why data authentication failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OdaFault {
    /// The card did not give an object that is needed.
    #[error("{0} is missing or malformed")]
    DataMissing(Tag),
    /// There is no CA key of this RID and index.
    #[error("there is no CA key of this index")]
    CaKeyMissing,
    /// The issuer's certificate.
    #[error("issuer certificate: {0}")]
    IssuerCertificate(CertificateFault),
    /// The issuer's certificate was revoked.
    #[error("the issuer certificate was revoked")]
    IssuerCertificateRevoked,
    /// The card's certificate.
    #[error("card certificate: {0}")]
    IccCertificate(CertificateFault),
    /// The card's signature.
    #[error("signature: {0}")]
    Signature(CertificateFault),
    /// More static data than [`crate::limits::STATIC_DATA_BYTES_MAX`].
    #[error("the static data to be authenticated are too long")]
    StaticDataTooLong,
    /// The SDA tag list holds something other than the AIP.
    #[error("the SDA tag list is not the AIP alone")]
    SdaTagList,
    /// A signed record of a high SFI is no record template.
    #[error("a signed record is not in template 70")]
    RecordTemplate,
    /// The cryptogram information inside the signature is another.
    #[error("the signed cryptogram information is another")]
    CryptogramInformation,
    /// The cryptogram inside the signature is another.
    #[error("the signed cryptogram is another")]
    Cryptogram,
    /// A version of fDDA that is not 01.
    #[error("the version of fDDA is unknown")]
    FddaVersion,
    /// The transaction date is no date.
    #[error("the transaction date is no date")]
    TransactionDate,
}

/// A verdict, and the cryptogram that came out of the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The verdict.
    pub verdict: OdaVerdict,
    /// The application cryptogram that CDA signed; none for everything else.
    pub cryptogram: Option<[u8; 8]>,
}

impl From<OdaVerdict> for Verification {
    /// A verdict from a recording.
    fn from(verdict: OdaVerdict) -> Self {
        Self { verdict, cryptogram: None }
    }
}

/// The objects that can be missing, in the order of their codes.
const MISSING_TAGS: [Tag; 9] = [
    Tag::CA_PUBLIC_KEY_INDEX,
    Tag::ISSUER_PUBLIC_KEY_CERTIFICATE,
    Tag::ISSUER_PUBLIC_KEY_EXPONENT,
    Tag::ICC_PUBLIC_KEY_CERTIFICATE,
    Tag::ICC_PUBLIC_KEY_EXPONENT,
    Tag::SDA_TAG_LIST,
    Tag::SIGNED_DYNAMIC_APPLICATION_DATA,
    Tag::CARD_AUTHENTICATION_RELATED_DATA,
    Tag::PAN,
];

/// The faults of a certificate or signature, in the order of their codes.
const CERTIFICATE_FAULTS: [CertificateFault; 16] = [
    CertificateFault::Modulus,
    CertificateFault::Exponent,
    CertificateFault::Length,
    CertificateFault::Trailer,
    CertificateFault::Header,
    CertificateFault::Format,
    CertificateFault::Hash,
    CertificateFault::IssuerIdentifier,
    CertificateFault::Pan,
    CertificateFault::ExpiryMalformed,
    CertificateFault::Expired,
    CertificateFault::HashAlgorithm,
    CertificateFault::KeyAlgorithm,
    CertificateFault::KeyLength,
    CertificateFault::DynamicDataLength,
    CertificateFault::TransactionDataHash,
];

/// The verdicts without data of their own, in the order of their codes.
const PLAIN: [OdaVerdict; 13] = [
    OdaVerdict::Verified,
    OdaVerdict::NotPerformed(NotPerformed::CardDoesNot),
    OdaVerdict::NotPerformed(NotPerformed::TerminalDoesNot),
    OdaVerdict::NotPerformed(NotPerformed::NotRequired),
    OdaVerdict::NotPerformed(NotPerformed::NoCryptogram),
    OdaVerdict::Failed(OdaFault::CaKeyMissing),
    OdaVerdict::Failed(OdaFault::IssuerCertificateRevoked),
    OdaVerdict::Failed(OdaFault::StaticDataTooLong),
    OdaVerdict::Failed(OdaFault::SdaTagList),
    OdaVerdict::Failed(OdaFault::RecordTemplate),
    OdaVerdict::Failed(OdaFault::CryptogramInformation),
    OdaVerdict::Failed(OdaFault::Cryptogram),
    OdaVerdict::Failed(OdaFault::FddaVersion),
];

const CODE_MISSING: u8 = 0x20;
const CODE_ISSUER: u8 = 0x40;
const CODE_CARD: u8 = 0x60;
const CODE_SIGNATURE: u8 = 0x80;
/// What a code of no meaning reads as, so that a damaged recording is never "verified".
const CODE_TRANSACTION_DATE: u8 = 0xFF;

impl OdaVerdict {
    /// As a number; 0 is [`OdaVerdict::Verified`].
    pub fn code(self) -> u8 {
        let certificate = |base: u8, fault| base | position(&CERTIFICATE_FAULTS, fault);
        match self {
            Self::Failed(OdaFault::DataMissing(tag)) => CODE_MISSING | position(&MISSING_TAGS, tag),
            Self::Failed(OdaFault::IssuerCertificate(fault)) => certificate(CODE_ISSUER, fault),
            Self::Failed(OdaFault::IccCertificate(fault)) => certificate(CODE_CARD, fault),
            Self::Failed(OdaFault::Signature(fault)) => certificate(CODE_SIGNATURE, fault),
            Self::Failed(OdaFault::TransactionDate) => CODE_TRANSACTION_DATE,
            plain => position(&PLAIN, plain),
        }
    }

    /// The verdict of a number that [`OdaVerdict::code`] gave; a failure for any other.
    pub fn from_code(code: u8) -> Self {
        let index = usize::from(code & 0x1F);
        let certificate = || CERTIFICATE_FAULTS.get(index).copied();
        let found = match code & 0xE0 {
            0 => return PLAIN.get(index).copied().unwrap_or(Self::Failed(OdaFault::TransactionDate)),
            CODE_MISSING => MISSING_TAGS.get(index).copied().map(OdaFault::DataMissing),
            CODE_ISSUER => certificate().map(OdaFault::IssuerCertificate),
            CODE_CARD => certificate().map(OdaFault::IccCertificate),
            CODE_SIGNATURE => certificate().map(OdaFault::Signature),
            _ => None,
        };
        Self::Failed(found.unwrap_or(OdaFault::TransactionDate))
    }
}

/// The position of `wanted`, below 32; 31 if it is not there.
fn position<T: PartialEq>(all: &[T], wanted: T) -> u8 {
    all.iter().position(|one| *one == wanted).and_then(|index| u8::try_from(index).ok()).unwrap_or(0x1F)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verdict_comes_back_from_its_number() {
        let faults = CERTIFICATE_FAULTS
            .into_iter()
            .flat_map(|fault| {
                [
                    OdaFault::IssuerCertificate(fault),
                    OdaFault::IccCertificate(fault),
                    OdaFault::Signature(fault),
                ]
            })
            .chain(MISSING_TAGS.into_iter().map(OdaFault::DataMissing))
            .chain([OdaFault::TransactionDate])
            .map(OdaVerdict::Failed);
        for verdict in PLAIN.into_iter().chain(faults) {
            assert_eq!(OdaVerdict::from_code(verdict.code()), verdict);
        }
        assert_eq!(OdaVerdict::Verified.code(), 0);
    }

    #[test]
    fn no_other_number_is_read_as_verified() {
        assert!((1..=u8::MAX).all(|code| OdaVerdict::from_code(code) != OdaVerdict::Verified));
    }
}
