//! Which bank a terminal believes: whoever shows a certificate from a pinned CA, and nobody else. No system root is
//! trusted.
//!
//! There are several pins, so that the bank can leave a CA whose key was lost or given away: the CA in use, and a backup
//! whose key the bank keeps offline. Beside what webpki checks (chain, dates, name, extended key usage), a certificate
//! that says what its key is for must allow it to sign (RFC 8446, 4.4.2.2), which webpki leaves to its caller.

use crate::tls_profile;
use rustls::{
    CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    pki_types::{
        CertificateDer, ServerName, UnixTime,
        pem::{self, PemObject},
    },
};
use std::{io, sync::Arc};
use x509_cert::{Certificate, der::Decode, ext::pkix::KeyUsage};

/// Most CAs that are pinned: the one in use, its backup, and the two that follow them while terminals are told.
pub const BANK_CAS_MAX: usize = 4;

/// Why something cannot be pinned.
#[derive(Debug, thiserror::Error)]
pub enum PinFault {
    /// It is not PEM.
    #[error("it is not PEM: {0}")]
    Pem(#[source] pem::Error),
    /// There is no certificate.
    #[error("it holds no certificate")]
    NoCertificate,
    /// There are too many.
    #[error("it holds more than {BANK_CAS_MAX} certificates")]
    TooMany,
    /// A certificate that cannot be a CA's.
    #[error("a certificate in it cannot be used: {0}")]
    NotACa(#[source] Error),
}

/// The CAs whose certificates prove the bank.
#[derive(Clone, Debug)]
pub struct BankPins(Vec<CertificateDer<'static>>);

impl BankPins {
    /// From the file that the bank gives out: one certificate or several, PEM.
    ///
    /// # Errors
    /// [`PinFault`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, PinFault> {
        let certificates: Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(pem).take(BANK_CAS_MAX + 1).collect();
        Self::new(certificates.map_err(PinFault::Pem)?)
    }

    /// From certificates in DER.
    ///
    /// # Errors
    /// [`PinFault`].
    pub fn from_der<'a>(certificates: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, PinFault> {
        let certificates = certificates.into_iter().take(BANK_CAS_MAX + 1);
        Self::new(certificates.map(|der| CertificateDer::from(der.to_vec())).collect())
    }

    fn new(certificates: Vec<CertificateDer<'static>>) -> Result<Self, PinFault> {
        match certificates.len() {
            0 => return Err(PinFault::NoCertificate),
            1..=BANK_CAS_MAX => {}
            _ => return Err(PinFault::TooMany),
        }
        let mut roots = RootCertStore::empty();
        certificates
            .iter()
            .try_for_each(|certificate| roots.add(certificate.clone()))
            .map_err(PinFault::NotACa)?;
        Ok(Self(certificates))
    }

    pub(crate) fn verifier(&self) -> io::Result<Arc<dyn ServerCertVerifier>> {
        let mut roots = RootCertStore::empty();
        self.0.iter().try_for_each(|certificate| roots.add(certificate.clone())).map_err(io::Error::other)?;
        let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), tls_profile::provider())
            .build()
            .map_err(io::Error::other)?;
        Ok(Arc::new(PinnedBank(chain)))
    }
}

/// Webpki's verifier under the pinned CAs, and the look at the key's usage.
#[derive(Debug)]
struct PinnedBank(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for PinnedBank {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified =
            self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
        if may_sign(end_entity) { Ok(verified) } else { Err(CertificateError::InvalidPurpose.into()) }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// Whether the certificate's key may sign a handshake: it says so, or says nothing of its use.
fn may_sign(certificate: &[u8]) -> bool {
    let Ok(certificate) = Certificate::from_der(certificate) else { return false };
    match certificate.tbs_certificate().get_extension::<KeyUsage>() {
        Ok(Some((_critical, usage))) => usage.digital_signature(),
        Ok(None) => true,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_no_certificate_or_too_many_is_no_pin() {
        let fault = |pem: &str| BankPins::from_pem(pem.as_bytes()).unwrap_err().to_string();
        assert_eq!(fault(""), "it holds no certificate");
        assert_eq!(fault("my notes"), "it holds no certificate");
        assert!(fault("-----BEGIN CERTIFICATE-----\nAAAA\n").contains("not PEM"));
        let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(fault(no_certificate).contains("cannot be used"));
        assert_eq!(fault(&no_certificate.repeat(5)), "it holds more than 4 certificates");
    }
}
