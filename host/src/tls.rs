//! TLS as the bank speaks it: version 1.3 only, two lines on one port told apart by ALPN.
//!
//! `mpos/1` asks for a client certificate of the device CA that is not on the revocation list; `mpos-enrol/1` asks
//! for none. Sessions are not resumed: a resumed one would skip the look at the list.

use crate::{
    bank::Bank,
    clock::{CertificateTime, Clock},
    error::HostError,
};
use mpos_protocol::host::{ALPN_ENROLMENT, ALPN_TERMINAL};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::{NoServerSessionStorage, WebPkiClientVerifier, danger::ClientCertVerifier},
    version::TLS13,
};
use std::sync::{Arc, PoisonError, RwLock};

/// The configurations of both lines. That of the terminals' line is made anew with each revocation.
pub(crate) struct Lines {
    bank: Bank,
    clock: Arc<dyn Clock>,
    provider: Arc<CryptoProvider>,
    enrolment: Arc<ServerConfig>,
    terminal: RwLock<Arc<ServerConfig>>,
}

impl Lines {
    /// With these certificates revoked: DER each, and when.
    pub(crate) fn new(
        bank: Bank,
        clock: Arc<dyn Clock>,
        revoked: &[(Vec<u8>, u64)],
    ) -> Result<Self, HostError> {
        let provider = Arc::new(ring::default_provider());
        let enrolment = server_config(&bank, &clock, &provider, None, ALPN_ENROLMENT)?;
        let verifier = client_verifier(&bank, &clock, &provider, revoked)?;
        let terminal = server_config(&bank, &clock, &provider, Some(verifier), ALPN_TERMINAL)?;
        Ok(Self { bank, clock, provider, enrolment, terminal: RwLock::new(terminal) })
    }

    /// New handshakes see this list from now on.
    pub(crate) fn revoke(&self, revoked: &[(Vec<u8>, u64)]) -> Result<(), HostError> {
        let verifier = client_verifier(&self.bank, &self.clock, &self.provider, revoked)?;
        let config = server_config(&self.bank, &self.clock, &self.provider, Some(verifier), ALPN_TERMINAL)?;
        *self.terminal.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// For the line with this name; whoever names neither is told so by the terminals' line.
    pub(crate) fn config_for(&self, line: Line) -> Arc<ServerConfig> {
        match line {
            Line::Enrolment => Arc::clone(&self.enrolment),
            Line::Terminal => Arc::clone(&self.terminal.read().unwrap_or_else(PoisonError::into_inner)),
        }
    }
}

/// What a client came for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// To become a terminal.
    Enrolment,
    /// As a terminal.
    Terminal,
}

impl Line {
    /// From the names in a client's hello. A client that offers both must show its certificate.
    pub(crate) fn offered<'a>(mut names: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut enrolment = false;
        let terminal = names.any(|name| {
            enrolment |= name == ALPN_ENROLMENT;
            name == ALPN_TERMINAL
        });
        if enrolment && !terminal { Self::Enrolment } else { Self::Terminal }
    }

    /// What was agreed in the handshake; none when the client left ALPN out.
    pub(crate) fn agreed(name: Option<&[u8]>) -> Option<Self> {
        match name {
            Some(name) if name == ALPN_TERMINAL => Some(Self::Terminal),
            Some(name) if name == ALPN_ENROLMENT => Some(Self::Enrolment),
            _ => None,
        }
    }
}

fn client_verifier(
    bank: &Bank,
    clock: &Arc<dyn Clock>,
    provider: &Arc<CryptoProvider>,
    revoked: &[(Vec<u8>, u64)],
) -> Result<Arc<dyn ClientCertVerifier>, HostError> {
    let mut roots = RootCertStore::empty();
    let anchor = bank.devices.issuers().pop().unwrap_or_default();
    roots.add(CertificateDer::from(anchor))?;
    let list =
        bank.devices.revocation_list(revoked, clock.unix_ms()).map_err(|_| HostError::RevocationList)?;
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .with_crls([CertificateRevocationListDer::from(list)])
        .only_check_end_entity_revocation()
        .build()
        .map_err(|_| HostError::RevocationList)
}

fn server_config(
    bank: &Bank,
    clock: &Arc<dyn Clock>,
    provider: &Arc<CryptoProvider>,
    client_verifier: Option<Arc<dyn ClientCertVerifier>>,
    alpn: &[u8],
) -> Result<Arc<ServerConfig>, HostError> {
    let time = Arc::new(CertificateTime(Arc::clone(clock)));
    let chain = bank.server.chain.iter().cloned().map(CertificateDer::from).collect();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(bank.server.key.to_vec()));
    let builder =
        ServerConfig::builder_with_details(Arc::clone(provider), time).with_protocol_versions(&[&TLS13])?;
    let builder = match client_verifier {
        Some(verifier) => builder.with_client_cert_verifier(verifier),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(chain, key)?;
    config.alpn_protocols = vec![alpn.to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}
