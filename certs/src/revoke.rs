//! The device CA's revocation list (RFC 5280, section 5).

use crate::{CertsError, DeviceCa, authority};
use der::Decode;
use rcgen::{
    CertificateRevocationListParams, KeyIdMethod, RevocationReason, RevokedCertParams, SerialNumber,
};
use time::Duration;
use x509_cert::Certificate;

/// A list is good for so long; a host makes a new one at each start and each revocation.
const LIST_LIFETIME: Duration = Duration::days(30);

impl DeviceCa {
    /// The list of these revoked certificates (DER each, and when, milliseconds since 1970); DER.
    ///
    /// # Errors
    /// [`CertsError::NotACertificate`], [`CertsError::Making`].
    pub fn revocation_list(&self, revoked: &[(Vec<u8>, u64)], now_ms: u64) -> Result<Vec<u8>, CertsError> {
        let entries = revoked.iter().map(|(certificate, at_ms)| entry(certificate, *at_ms));
        let now = authority::date(now_ms);
        let params = CertificateRevocationListParams {
            this_update: now,
            next_update: now.saturating_add(LIST_LIFETIME),
            crl_number: SerialNumber::from(now_ms),
            issuing_distribution_point: None,
            revoked_certs: entries.collect::<Result<_, _>>()?,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        Ok(params.signed_by(self.authority().issuer())?.der().to_vec())
    }
}

fn entry(certificate: &[u8], at_ms: u64) -> Result<RevokedCertParams, CertsError> {
    let certificate = Certificate::from_der(certificate).map_err(|_| CertsError::NotACertificate)?;
    Ok(RevokedCertParams {
        serial_number: SerialNumber::from_slice(certificate.tbs_certificate().serial_number().as_bytes()),
        revocation_time: authority::date(at_ms),
        reason_code: Some(RevocationReason::PrivilegeWithdrawn),
        invalidity_date: None,
    })
}
