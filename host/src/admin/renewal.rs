//! A new client certificate, and a new initial key, before the old one ends.
//!
//! Both are for who can sign as the terminal, and change nothing until they are first used: an answer that was lost is
//! asked for again, and the terminal goes on with what it has.

use super::{KnownTerminal, NotAnswered};
use crate::{
    bank::Bank,
    clock::Clock,
    config::HostConfig,
    enrolment::wrap_initial_key,
    error::{BooksError, HostError},
    store::{Store, standing::Renewing},
};
use mpos_protocol::{Bytes, List, Sealed, admin::AdminAnswer, host::HostRefusal};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Renews.
pub(crate) struct Renewals {
    store: Store,
    bank: Bank,
    clock: Arc<dyn Clock>,
}

impl Renewals {
    pub(crate) fn new(store: &Store, config: &HostConfig) -> Self {
        Self { store: store.clone(), bank: config.bank.clone(), clock: Arc::clone(&config.clock) }
    }

    /// A client certificate for the same device key.
    pub(crate) async fn certificate(
        &self,
        from: &KnownTerminal,
        request: &[u8],
    ) -> Result<AdminAnswer, NotAnswered> {
        let key = self.bank.devices.check(request).map_err(|_| HostRefusal::BadCertificateRequest)?;
        if key != from.device_key {
            return Err(HostRefusal::BadCertificateRequest.into());
        }
        let now_ms = self.clock.unix_ms();
        let made = self.bank.devices.certify(request, &from.terminal.to_string(), now_ms);
        let certificate = made.map_err(|_| BooksError::Authority)?;
        let hash = Sha256::digest(&certificate).into();
        let mut renewing = Renewing::begin(&self.store).await?;
        renewing.certificate(from.terminal, (&certificate, hash), now_ms).await?;
        renewing.commit().await?;
        tracing::info!(terminal = %from.terminal, "a new certificate was given");
        let chain = std::iter::once(certificate).chain(self.bank.devices.issuers());
        let certificates =
            chain.map(|der| Bytes::try_from(der).map_err(HostError::from)).collect::<Result<Vec<_>, _>>()?;
        Ok(AdminAnswer::CertificateRenewed {
            certificates: List::try_from(certificates).map_err(HostError::from)?,
        })
    }

    /// An initial key, wrapped to `point`.
    pub(crate) async fn keys(&self, from: &KnownTerminal, point: &[u8]) -> Result<AdminAnswer, NotAnswered> {
        let mut renewing = Renewing::begin(&self.store).await?;
        let initial_key_id = renewing.free_key_id(self.bank.issuer.bdk_id).await?;
        let wrapped = wrap_initial_key(&self.bank.issuer, initial_key_id, point)?;
        renewing.initial_key(from.terminal, &initial_key_id).await?;
        renewing.commit().await?;
        tracing::info!(terminal = %from.terminal, "a new initial key was given");
        let wrapped_initial_key = Sealed::try_from(wrapped).map_err(HostError::from)?;
        Ok(AdminAnswer::KeysRenewed { wrapped_initial_key, initial_key_id })
    }
}
