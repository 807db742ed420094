//! The certificate request of a device key, wherever the key lives: what is to be signed goes to whoever has it.

use mpos_ports::KeyFault;
use p256::{PublicKey, ecdsa::Signature};
use std::fmt::Write;
use x509_cert::{
    der::{self, Encode, asn1::BitString},
    name::Name,
    request::{CertReq, CertReqInfo, Version},
    spki::{AlgorithmIdentifier, ObjectIdentifier, SubjectPublicKeyInfo},
};

/// RFC 5758, 3.2.
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");

/// DER of the request with `subject` as common name; `sign` makes an ECDSA signature with SHA-256, `r || s`.
///
/// # Errors
/// What `sign` says; [`KeyFault::Unavailable`] for a key or signature that is none.
pub fn certificate_request(
    key: &PublicKey,
    subject: &str,
    sign: impl FnOnce(&[u8]) -> Result<[u8; 64], KeyFault>,
) -> Result<Vec<u8>, KeyFault> {
    let unmade = |error: der::Error| {
        tracing::error!(%error, "the certificate request could not be made");
        KeyFault::Unavailable
    };
    let info = info_of(key, subject).map_err(unmade)?;
    let signature = sign(&info.to_der().map_err(unmade)?)?;
    let signature = Signature::from_slice(&signature).map_err(|_| KeyFault::Unavailable)?.to_der();
    let algorithm = AlgorithmIdentifier { oid: ECDSA_WITH_SHA256, parameters: None };
    let signature = BitString::from_bytes(signature.as_bytes()).map_err(unmade)?;
    CertReq { info, algorithm, signature }.to_der().map_err(unmade)
}

/// RFC 2986: subject and public key; no attributes, the bank decides what the certificate says.
fn info_of(key: &PublicKey, subject: &str) -> Result<CertReqInfo, der::Error> {
    // RFC 4514, 2.4: any byte may be written as two hexadecimal digits.
    let common_name = subject.bytes().fold(String::from("CN="), |mut name, byte| {
        let _ = write!(name, "\\{byte:02X}");
        name
    });
    Ok(CertReqInfo {
        version: Version::V1,
        subject: common_name.parse::<Name>()?,
        public_key: SubjectPublicKeyInfo::from_key(key).map_err(|_| der::ErrorKind::Failed)?,
        attributes: Default::default(),
    })
}
