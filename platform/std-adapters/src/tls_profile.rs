//! What a terminal speaks of TLS 1.3, and nothing else.
//!
//! The bank is the only one it ever speaks to, and its host speaks these among others, so there is nobody else to be
//! compatible with: AES-GCM, keys agreed on over P-256 (RFC 8446, 9.1: each speaker of TLS 1.3 has these), and
//! certificates that ECDSA signed. What is left out cannot be attacked, and takes no room on the phone.

use crate::entropy::SystemEntropy;
use mpos_ports::Entropy;
use rustls::{
    Error, SignatureScheme,
    crypto::{
        CryptoProvider, GetRandomFailed, KeyProvider, SecureRandom, WebPkiSupportedAlgorithms,
        ring::{
            cipher_suite::{TLS13_AES_128_GCM_SHA256, TLS13_AES_256_GCM_SHA384},
            kx_group::SECP256R1,
        },
    },
    pki_types::PrivateKeyDer,
    sign::SigningKey,
};
use std::sync::Arc;
use webpki::ring::{ECDSA_P256_SHA256, ECDSA_P256_SHA384, ECDSA_P384_SHA256, ECDSA_P384_SHA384};

/// Signatures under certificates, and those under a handshake, whose scheme names the curve (RFC 8446, 4.2.3).
const SIGNATURES: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[ECDSA_P256_SHA256, ECDSA_P256_SHA384, ECDSA_P384_SHA256, ECDSA_P384_SHA384],
    mapping: &[
        (SignatureScheme::ECDSA_NISTP256_SHA256, &[ECDSA_P256_SHA256]),
        (SignatureScheme::ECDSA_NISTP384_SHA384, &[ECDSA_P384_SHA384]),
    ],
};

/// Of ring's, what the profile has.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider {
        cipher_suites: vec![TLS13_AES_256_GCM_SHA384, TLS13_AES_128_GCM_SHA256],
        kx_groups: vec![SECP256R1],
        signature_verification_algorithms: SIGNATURES,
        secure_random: &System,
        key_provider: &System,
    })
}

/// The operating system's generator, and no private key: the device's stays in the key store.
#[derive(Debug)]
struct System;

impl SecureRandom for System {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        SystemEntropy.fill(bytes);
        Ok(())
    }
}

impl KeyProvider for System {
    fn load_private_key(&self, _key: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        Err(Error::General("a terminal's key is never outside of its key store".to_owned()))
    }
}
