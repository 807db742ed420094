//! TLS client authentication with a key that stays in the key store.

use mpos_ports::KeyStore;
use p256::ecdsa::Signature;
use rustls::{
    SignatureAlgorithm, SignatureScheme,
    client::ResolvesClientCert,
    pki_types::CertificateDer,
    sign::{CertifiedKey, Signer, SigningKey},
};
use std::sync::Arc;

/// For enrolment: no certificate yet.
#[derive(Debug)]
pub(crate) struct NoIdentity;

impl ResolvesClientCert for NoIdentity {
    fn resolve(&self, _issuers: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

/// The terminal's certificate chain, and the device key behind it.
#[derive(Debug)]
pub(crate) struct DeviceIdentity(Arc<CertifiedKey>);

impl DeviceIdentity {
    /// `certificates` in DER, the terminal's own first.
    pub(crate) fn new(certificates: &[Vec<u8>], keys: Arc<dyn KeyStore>) -> Self {
        let chain = certificates.iter().cloned().map(CertificateDer::from).collect();
        Self(Arc::new(CertifiedKey::new(chain, Arc::new(DeviceKey(keys)))))
    }
}

impl ResolvesClientCert for DeviceIdentity {
    fn resolve(&self, _issuers: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        schemes.contains(&SCHEME).then(|| Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

const SCHEME: SignatureScheme = SignatureScheme::ECDSA_NISTP256_SHA256;

#[derive(Clone)]
struct DeviceKey(Arc<dyn KeyStore>);

impl std::fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceKey")
    }
}

impl SigningKey for DeviceKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered.contains(&SCHEME).then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for DeviceKey {
    /// RFC 8446, 4.2.3: the signature in the handshake is DER.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let fixed = self.0.sign(message).map_err(|fault| rustls::Error::General(fault.to_string()))?;
        let signature = Signature::from_slice(&fixed)
            .map_err(|_| rustls::Error::General("the key store's signature is malformed".to_owned()))?;
        Ok(signature.to_der().as_bytes().to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SCHEME
    }
}
