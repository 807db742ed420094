//! A device's certificate request (PKCS #10, RFC 2986): accepted when its key is P-256 and signed it.

use der::Decode;
use rcgen::{CertificateSigningRequestParams, PKCS_ECDSA_P256_SHA256, PublicKey, PublicKeyData};
use x509_cert::request::CertReq;

/// The longest request that is looked at, in bytes.
pub const REQUEST_BYTES_MAX: usize = 1024;

/// Why a certificate request is not acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRequest {
    /// Not a request, or one with extensions that are not understood.
    #[error("it does not decode")]
    Malformed,
    /// Its signature is not made with the key in it.
    #[error("its signature does not verify")]
    Signature,
    /// Another kind of key.
    #[error("its key is not P-256")]
    Key,
}

/// The device's key, uncompressed SEC1, of a request that is acceptable.
///
/// # Errors
/// [`BadRequest`].
pub fn device_key(request: &[u8]) -> Result<[u8; 65], BadRequest> {
    accept(request)?.der_bytes().try_into().map_err(|_| BadRequest::Key)
}

pub(crate) fn accept(request: &[u8]) -> Result<PublicKey, BadRequest> {
    if request.len() > REQUEST_BYTES_MAX {
        return Err(BadRequest::Malformed);
    }
    // One request has one encoding: no bytes behind it, no part of a byte in its signature.
    let strict = CertReq::from_der(request).map_err(|_| BadRequest::Malformed)?;
    strict.signature.as_bytes().ok_or(BadRequest::Malformed)?;
    let request =
        CertificateSigningRequestParams::from_der(&request.into()).map_err(|error| match error {
            rcgen::Error::InvalidCertificationRequestSignature => BadRequest::Signature,
            _ => BadRequest::Malformed,
        })?;
    let key = request.public_key;
    // A point that is on the curve: uncompressed, as certificates have it.
    let on_curve = p256::PublicKey::from_sec1_bytes(key.der_bytes()).is_ok() && key.der_bytes().len() == 65;
    if key.algorithm() == &PKCS_ECDSA_P256_SHA256 && on_curve { Ok(key) } else { Err(BadRequest::Key) }
}
