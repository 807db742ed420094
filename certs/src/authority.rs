//! A certificate authority: a P-256 key and the certificate that says so.

use crate::CertsError;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, SerialNumber,
};
use time::{Duration, OffsetDateTime, PrimitiveDateTime};
use zeroize::Zeroizing;

/// How long an authority lives.
const AUTHORITY_LIFETIME: Duration = Duration::days(20 * 365);
/// Certificates begin this much before they are made, for clocks that are behind.
const BACKDATED: Duration = Duration::hours(1);
/// A serial number, in bytes: RFC 5280, 4.1.2.2 allows 20; 16 random ones never meet again.
const SERIAL_BYTES: usize = 16;

/// An authority.
pub struct Authority {
    certificate: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority")
    }
}

impl Authority {
    /// Makes one.
    ///
    /// # Errors
    /// [`CertsError::Making`], [`CertsError::Random`].
    pub fn create(name: &str, now_ms: u64) -> Result<Self, CertsError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = params(name, now_ms, AUTHORITY_LIFETIME)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key)?.der().to_vec();
        Ok(Self { certificate, issuer: Issuer::new(params, key) })
    }

    /// One that was made before: its certificate (DER) and key (PKCS #8 DER).
    ///
    /// # Errors
    /// [`CertsError::Making`] when they are not an authority's.
    pub fn from_parts(certificate: &[u8], key: &[u8]) -> Result<Self, CertsError> {
        let key = KeyPair::from_pkcs8_der_and_sign_algo(&key.into(), &PKCS_ECDSA_P256_SHA256)?;
        let issuer = Issuer::from_ca_cert_der(&certificate.into(), key)?;
        Ok(Self { certificate: certificate.to_vec(), issuer })
    }

    /// Its certificate, DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Its key, PKCS #8 DER.
    pub fn key(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.issuer.key().serialize_der())
    }

    pub(crate) fn issuer(&self) -> &Issuer<'static, KeyPair> {
        &self.issuer
    }
}

/// What every certificate of ours begins with.
pub(crate) fn params(name: &str, now_ms: u64, lifetime: Duration) -> Result<CertificateParams, CertsError> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::OrganizationName, "mPOS development bank");
    params.distinguished_name.push(DnType::CommonName, name);
    let now = date(now_ms);
    params.not_before = now.saturating_sub(BACKDATED);
    params.not_after = now.saturating_add(lifetime);
    let mut serial = [0; SERIAL_BYTES];
    getrandom::fill(&mut serial).map_err(|_| CertsError::Random)?;
    // A serial number is positive and has no leading zeros.
    serial[0] = serial[0] & 0x7F | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    Ok(params)
}

/// `unix_ms` as a date; the last that a date can be when it is beyond.
pub(crate) fn date(unix_ms: u64) -> OffsetDateTime {
    let seconds = i64::try_from(unix_ms / 1000).unwrap_or(i64::MAX);
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(PrimitiveDateTime::MAX.assume_utc())
}
