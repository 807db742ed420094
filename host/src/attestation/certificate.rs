//! One certificate of a chain, and what its key can verify.
//!
//! What was signed is taken from the bytes as they came and is never encoded anew: some phones write dates in a form
//! that another encoder would change.

use super::faults::AttestationFault;
use der::{
    Decode, Reader, SliceReader,
    asn1::{BitStringRef, ObjectIdentifier},
};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey,
    VerificationAlgorithm,
};
use x509_cert::{
    certificate::TbsCertificate,
    ext::{
        Extension,
        pkix::{BasicConstraints, KeyUsage},
    },
    spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned},
};

/// The longest certificate that is looked at, in bytes: with an RSA-4096 key and signature about 1,500.
const CERTIFICATE_BYTES_MAX: usize = 4096;

// RFC 5480, 2.1.1; RFC 5758, 3.2; RFC 8017, appendix C.
const EC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const RSA_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const RSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const RSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const RSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
// RFC 5280, 4.2.1.3 and 4.2.1.9.
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
/// Android's attestation extension.
const DESCRIPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.1.17");

/// A decoded certificate.
pub(super) struct Certificate<'a> {
    position: usize,
    signed: &'a [u8],
    algorithm: AlgorithmIdentifierOwned,
    signature: &'a [u8],
    /// What was signed, decoded.
    pub(super) content: TbsCertificate,
    /// Its key.
    pub(super) key: Key,
}

impl<'a> Certificate<'a> {
    /// Decodes the certificate at `position` of a chain.
    pub(super) fn decode(position: usize, der: &'a [u8]) -> Result<Self, AttestationFault> {
        let malformed = AttestationFault::Malformed { position };
        if der.len() > CERTIFICATE_BYTES_MAX {
            return Err(malformed);
        }
        let (signed, algorithm, signature) = split(der).map_err(|_| malformed)?;
        let content = TbsCertificate::from_der(signed).map_err(|_| malformed)?;
        // RFC 5280, 4.1.1.2: the algorithm outside of what is signed is the one inside.
        if *content.signature() != algorithm {
            return Err(malformed);
        }
        let key = Key::new(content.subject_public_key_info().clone()).map_err(|_| malformed)?;
        Ok(Self { position, signed, algorithm, signature, content, key })
    }

    /// Whether `key` signed this certificate.
    pub(super) fn verify(&self, key: &Key) -> Result<(), AttestationFault> {
        let position = self.position;
        let algorithm = key.verifier(&self.algorithm).ok_or(AttestationFault::Algorithm { position })?;
        UnparsedPublicKey::new(algorithm, key.bits())
            .verify(self.signed, self.signature)
            .map_err(|_| AttestationFault::Signature { position })
    }

    /// Whether it names itself as its issuer.
    pub(super) fn is_self_issued(&self) -> bool {
        self.content.issuer() == self.content.subject()
    }

    /// The content of its attestation extension. Two of them are none that could be relied on.
    pub(super) fn description(&self) -> Result<Option<&[u8]>, AttestationFault> {
        let mut found = self.extensions().iter().filter(|extension| extension.extn_id == DESCRIPTION);
        let first = found.next();
        if found.next().is_some() {
            return Err(AttestationFault::Malformed { position: self.position });
        }
        Ok(first.map(|extension| extension.extn_value.as_bytes()))
    }

    /// Whether it may issue certificates, with this many authorities between it and the leaf.
    pub(super) fn check_authority(&self, below: usize) -> Result<(), AttestationFault> {
        let position = self.position;
        let malformed = AttestationFault::Malformed { position };
        let constraints = self.content.get_extension::<BasicConstraints>().map_err(|_| malformed)?;
        let Some((_, constraints)) = constraints.filter(|(_, constraints)| constraints.ca) else {
            return Err(AttestationFault::NotAuthority { position });
        };
        match constraints.path_len_constraint {
            Some(most) if below > usize::from(most) => {
                return Err(AttestationFault::PathLength { position, found: below, most });
            }
            _ => {}
        }
        // RFC 5280, 4.2.1.3: an authority's certificate has this extension.
        match self.content.get_extension::<KeyUsage>().map_err(|_| malformed)? {
            Some((_, usage)) if usage.key_cert_sign() => Ok(()),
            _ => Err(AttestationFault::KeyUsage { position }),
        }
    }

    /// RFC 5280, 4.2: what is critical and not understood is refused.
    pub(super) fn check_critical(&self) -> Result<(), AttestationFault> {
        let known = [KEY_USAGE, BASIC_CONSTRAINTS, DESCRIPTION];
        let unknown = |extension: &Extension| extension.critical && !known.contains(&extension.extn_id);
        if self.extensions().iter().any(unknown) {
            return Err(AttestationFault::Critical { position: self.position });
        }
        Ok(())
    }

    /// Whether it is valid at this time, both ends included (RFC 5280, 4.1.2.5).
    pub(super) fn check_dates(&self, now_ms: u64) -> Result<(), AttestationFault> {
        let position = self.position;
        let (from_s, until_s) = self.dates_s();
        let now_s = now_ms / 1000;
        if now_s < from_s {
            return Err(AttestationFault::NotYetValid { position, from_s });
        }
        if now_s > until_s {
            return Err(AttestationFault::Expired { position, until_s });
        }
        Ok(())
    }

    /// For how long it was made, seconds.
    pub(super) fn lifetime_s(&self) -> u64 {
        let (from_s, until_s) = self.dates_s();
        until_s.saturating_sub(from_s)
    }

    /// First and last second, since 1970.
    fn dates_s(&self) -> (u64, u64) {
        let validity = self.content.validity();
        let [from, until] = [validity.not_before, validity.not_after];
        (from.to_unix_duration().as_secs(), until.to_unix_duration().as_secs())
    }

    fn extensions(&self) -> &[Extension] {
        self.content.extensions().map_or(&[], Vec::as_slice)
    }
}

/// What is signed, how, and the signature: the three parts of a certificate (RFC 5280, 4.1).
fn split(der: &[u8]) -> der::Result<(&[u8], AlgorithmIdentifierOwned, &[u8])> {
    let mut outer = SliceReader::new(der)?;
    let parts = outer.sequence(|parts| {
        let signed = parts.tlv_bytes()?;
        let algorithm = AlgorithmIdentifierOwned::decode(parts)?;
        let signature = BitStringRef::decode(parts)?;
        let whole = signature.as_bytes().ok_or(der::ErrorKind::Failed)?;
        Ok::<_, der::Error>((signed, algorithm, whole))
    })?;
    outer.finish()?;
    Ok(parts)
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    info: SubjectPublicKeyInfoOwned,
    bits: Vec<u8>,
}

impl Key {
    /// From a SubjectPublicKeyInfo, DER.
    pub(super) fn from_der(der: &[u8]) -> Option<Self> {
        Self::new(SubjectPublicKeyInfoOwned::from_der(der).ok()?).ok()
    }

    fn new(info: SubjectPublicKeyInfoOwned) -> Result<Self, der::Error> {
        let bits = info.subject_public_key.as_bytes().ok_or(der::ErrorKind::Failed)?.to_vec();
        Ok(Self { info, bits })
    }

    /// The point of a P-256 key, uncompressed SEC1.
    pub(super) fn p256_point(&self) -> Option<&[u8; 65]> {
        if self.curve()? != P256 {
            return None;
        }
        self.bits.as_slice().try_into().ok().filter(|point: &&[u8; 65]| point[0] == 4)
    }

    fn bits(&self) -> &[u8] {
        &self.bits
    }

    fn curve(&self) -> Option<ObjectIdentifier> {
        let algorithm = &self.info.algorithm;
        (algorithm.oid == EC_KEY).then_some(())?;
        algorithm.parameters.as_ref()?.decode_as().ok()
    }

    /// How this key verifies a signature of that kind.
    fn verifier(&self, signature: &AlgorithmIdentifierOwned) -> Option<&'static dyn VerificationAlgorithm> {
        if self.info.algorithm.oid == RSA_KEY {
            return match signature.oid {
                RSA_SHA256 => Some(&RSA_PKCS1_2048_8192_SHA256),
                RSA_SHA384 => Some(&RSA_PKCS1_2048_8192_SHA384),
                RSA_SHA512 => Some(&RSA_PKCS1_2048_8192_SHA512),
                _ => None,
            };
        }
        match (self.curve()?, signature.oid) {
            (P256, ECDSA_SHA256) => Some(&ECDSA_P256_SHA256_ASN1),
            (P256, ECDSA_SHA384) => Some(&ECDSA_P256_SHA384_ASN1),
            (P384, ECDSA_SHA256) => Some(&ECDSA_P384_SHA256_ASN1),
            (P384, ECDSA_SHA384) => Some(&ECDSA_P384_SHA384_ASN1),
            _ => None,
        }
    }
}
