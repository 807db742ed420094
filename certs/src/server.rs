//! The host's certificate, from the CA that terminals pin.

use crate::{
    CertsError,
    authority::{self, Authority},
};
use rcgen::{ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType};
use time::Duration;
use zeroize::Zeroizing;

/// How long a host's certificate lives, in days; it is made anew at a start in the last third.
pub const SERVER_LIFETIME_DAYS: i64 = 398;

/// A host's certificate and key.
pub struct ServerCertificate {
    /// DER.
    pub certificate: Vec<u8>,
    /// PKCS #8 DER.
    pub key: Zeroizing<Vec<u8>>,
}

/// Makes a certificate for a host that is reached by these names or addresses.
///
/// # Errors
/// [`CertsError::Making`], also for a name that is none.
pub fn certify(
    authority: &Authority,
    names: &[&str],
    now_ms: u64,
    lifetime: Duration,
) -> Result<ServerCertificate, CertsError> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = authority::params("mPOS bank host", now_ms, lifetime)?;
    for name in names {
        params.subject_alt_names.push(match name.parse() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName((*name).try_into()?),
        });
    }
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let certificate = params.signed_by(&key, authority.issuer())?.der().to_vec();
    Ok(ServerCertificate { certificate, key: Zeroizing::new(key.serialize_der()) })
}
