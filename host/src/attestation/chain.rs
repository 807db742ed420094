//! The way from the leaf to a root that the bank has pinned.
//!
//! A root is known by its key, never by its name: anybody can make a root of any name. It may be the last certificate
//! or be left out, as phones with keys of 2026 do. The key of a root is trusted because it is pinned, so the dates in
//! its certificate bind only when the bank asks for it (RFC 5280, 6.1.1 d; Google's root of 2016 ended in May 2026
//! with phones in use below it).

use super::{
    Requirements,
    certificate::{Certificate, Key},
    faults::AttestationFault,
};

use der::Document;

/// Certificates in a chain, at most. Android's have three to five.
pub const CHAIN_CERTIFICATES_MAX: usize = 6;

/// Certificates that are made with a phone live ten years, those that a phone fetches some days.
const FACTORY_LIFETIME_S: u64 = 5 * 365 * 24 * 60 * 60;

/// A key that ends chains, pinned by the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinnedRoot(pub(super) Key);

impl PinnedRoot {
    /// From its SubjectPublicKeyInfo, DER. `None` when it is not one.
    #[must_use]
    pub fn from_der(der: &[u8]) -> Option<Self> {
        Key::from_der(der).map(Self)
    }

    /// From a certificate of it in PEM, of which nothing but the key is used. `None` when it is not one.
    #[must_use]
    pub fn from_certificate_pem(pem: &[u8]) -> Option<Self> {
        let (label, der) = Document::from_pem(std::str::from_utf8(pem).ok()?).ok()?;
        let certificate = Certificate::decode(0, der.as_bytes()).ok().filter(|_| label == "CERTIFICATE")?;
        Some(Self(certificate.key))
    }
}

/// A chain whose every step was checked.
pub(super) struct Chain<'a> {
    leaf: Certificate<'a>,
}

impl<'a> Chain<'a> {
    /// Checks a chain, leaf first.
    pub(super) fn check(
        chain: &'a [Vec<u8>],
        requirements: &Requirements,
        now_ms: u64,
    ) -> Result<Self, AttestationFault> {
        if chain.len() > CHAIN_CERTIFICATES_MAX {
            return Err(AttestationFault::TooLong { found: chain.len(), most: CHAIN_CERTIFICATES_MAX });
        }
        let decoded = chain.iter().enumerate().map(|(position, der)| Certificate::decode(position, der));
        let certificates = decoded.collect::<Result<Vec<_>, _>>()?;
        check_signatures(&certificates, &requirements.roots)?;
        for (position, certificate) in certificates.iter().enumerate() {
            check_dates(position, certificate, requirements, now_ms)?;
            if position > 0 && !(position == 1 && requirements.old_factory_chains) {
                certificate.check_authority(position - 1)?;
            }
            certificate.check_critical()?;
            if let Some(status) = requirements.revoked.status(certificate.content.serial_number().as_bytes())
            {
                return Err(AttestationFault::Revoked { position, status });
            }
            if position > 0 && certificate.description()?.is_some() {
                return Err(AttestationFault::Extended { position });
            }
        }
        let leaf = certificates.into_iter().next().ok_or(AttestationFault::Empty)?;
        Ok(Self { leaf })
    }

    /// What the leaf attests, as it came.
    pub(super) fn description(&self) -> Result<&[u8], AttestationFault> {
        self.leaf.description()?.ok_or(AttestationFault::NoDescription)
    }

    /// The key that the leaf certifies; none when it is not P-256.
    pub(super) fn leaf_key(&self) -> Option<&[u8; 65]> {
        self.leaf.key.p256_point()
    }
}

/// The dates of the certificate at `position`, if they bind.
fn check_dates(
    position: usize,
    certificate: &Certificate<'_>,
    requirements: &Requirements,
    now_ms: u64,
) -> Result<(), AttestationFault> {
    let is_root = requirements.roots.iter().any(|root| root.0 == certificate.key);
    let bind = match position {
        _ if is_root => requirements.dates.root,
        0 => requirements.dates.leaf,
        _ => true,
    };
    let old = requirements.old_factory_chains && certificate.lifetime_s() >= FACTORY_LIFETIME_S;
    match certificate.check_dates(now_ms) {
        Err(_) if !bind => Ok(()),
        Err(AttestationFault::Expired { .. }) if position > 0 && old => Ok(()),
        checked => checked,
    }
}

/// Each is issued and signed by the next, the last by a pinned root.
fn check_signatures(certificates: &[Certificate<'_>], roots: &[PinnedRoot]) -> Result<(), AttestationFault> {
    let Some(last) = certificates.last() else {
        return Err(AttestationFault::Empty);
    };
    for (position, pair) in certificates.windows(2).enumerate() {
        if let [below, above] = pair
            && below.content.issuer() != above.content.subject()
        {
            return Err(AttestationFault::Order { position });
        }
    }
    let position = certificates.len() - 1;
    if roots.iter().any(|root| root.0 == last.key) {
        last.verify(&last.key)?;
    } else if !roots.iter().any(|root| last.verify(&root.0).is_ok()) {
        return Err(if last.is_self_issued() {
            AttestationFault::UnknownRoot { position }
        } else {
            AttestationFault::Incomplete { position }
        });
    }
    // From the root down: what is below is looked at once its signer is known.
    for pair in certificates.windows(2).rev() {
        if let [below, above] = pair {
            below.verify(&above.key)?;
        }
    }
    Ok(())
}
