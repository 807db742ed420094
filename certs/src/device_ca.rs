//! The device CA: makes a terminal's client certificate of its certificate request.

use crate::{
    CertsError,
    authority::{self, Authority},
    enrol,
};
use rcgen::{ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose};
use time::Duration;

/// How long a terminal's certificate lives.
pub const CLIENT_LIFETIME_DAYS: i64 = 365;

/// The device CA.
#[derive(Debug)]
pub struct DeviceCa(Authority);

impl DeviceCa {
    /// The CA behind `authority`.
    pub fn new(authority: Authority) -> Self {
        Self(authority)
    }

    /// Its certificate, DER: what the host trusts.
    pub fn certificate(&self) -> &[u8] {
        self.0.certificate()
    }

    /// A client certificate (DER) for the key in `request` (PKCS #10 DER), whose holder proves to have it. The
    /// subject is `terminal`; whatever else the request asks for is left out.
    ///
    /// # Errors
    /// [`CertsError::Request`], [`CertsError::Making`].
    pub fn issue(&self, request: &[u8], terminal: &str, now_ms: u64) -> Result<Vec<u8>, CertsError> {
        self.issue_for(request, terminal, now_ms, Duration::days(CLIENT_LIFETIME_DAYS))
    }

    /// As [`issue`](Self::issue), for another lifetime.
    ///
    /// # Errors
    /// As [`issue`](Self::issue).
    pub fn issue_for(
        &self,
        request: &[u8],
        terminal: &str,
        now_ms: u64,
        lifetime: Duration,
    ) -> Result<Vec<u8>, CertsError> {
        let key = enrol::accept(request)?;
        let mut params = authority::params(terminal, now_ms, lifetime)?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        Ok(params.signed_by(&key, self.0.issuer())?.der().to_vec())
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.0
    }
}
