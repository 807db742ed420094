//! Android Key Attestation: whether a phone's key is kept in hardware, by our application, on a sound system.
//!
//! A phone's keeper of keys certifies a key in a chain of certificates that ends at a root of Google's. The leaf's
//! extension says where the key is kept, for whom, and how the phone started. [`verify`] follows the chain (`chain`,
//! `certificate`), reads the extension (`key_description`) and holds it against what the bank asks for ([`judge`]).
//!
//! Nothing here reads a file, a clock or a network, and nothing panics, whatever the bytes: they come from a phone
//! that may be in anybody's hands. Roots, revocations and requirements are the bank's (`standing`).

mod certificate;
mod chain;
mod faults;
mod fields;
mod judge;
mod key_description;
mod patch_level;
mod revoked;

pub use chain::{CHAIN_CERTIFICATES_MAX, PinnedRoot};
pub use faults::AttestationFault;
pub use judge::Attested;
pub use key_description::{BootState, SecurityLevel};
pub use patch_level::PatchLevel;
pub use revoked::{LIST_BYTES_MAX, RevocationStatus, RevokedListError, RevokedSerials};

/// What the host asked this phone, and for what key.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Drawn by the host for this attestation alone.
    pub challenge: &'a [u8; 32],
    /// The key that must be attested, uncompressed SEC1 (P-256); any P-256 key when it is not known yet.
    pub key: Option<&'a [u8; 65]>,
}

/// Whose dates bind, beside those of the certificates between leaf and root, which always do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dates {
    /// The leaf's: the phone writes them, by its own clock or from 1970 to 2048, so they say little.
    pub leaf: bool,
    /// The root's: its key is trusted because it is pinned.
    pub root: bool,
}

/// What the bank asks of a phone.
#[derive(Clone, Debug)]
pub struct Requirements {
    /// Keys that chains may end at. With none, every chain is refused.
    pub roots: Vec<PinnedRoot>,
    /// Certificates that are no longer good.
    pub revoked: RevokedSerials,
    /// Whose dates bind.
    pub dates: Dates,
    /// Accepts phones of the first years of attestation. Their batch certificate, made for ten years and ended in
    /// 2026, says of itself that it is no authority's. A certificate that was made for less is never accepted late:
    /// new phones' live for days, in the place of a revocation.
    pub old_factory_chains: bool,
    /// The applications whose key it may be, by package name.
    pub packages: Vec<String>,
    /// SHA-256 of the certificates that may have signed the application.
    pub signers: Vec<[u8; 32]>,
    /// The least keeper of the key and of its attestation.
    pub least_level: SecurityLevel,
    /// Systems that are accepted though the phone's maker does not vouch for them: the verified boot keys of their
    /// owners. With none, the system is the maker's.
    pub boot_keys: Vec<[u8; 32]>,
    /// The system has at least this patch level.
    pub least_patch: Option<PatchLevel>,
    /// The system's patch level is at most this many months behind the present one.
    pub patch_months_max: Option<u32>,
}

/// Parts the certificates of a chain that came in one piece, as [`mpos_protocol::standing::Attestation`] holds it.
///
/// # Errors
/// [`AttestationFault::Malformed`] when it is not certificates, [`AttestationFault::TooLong`] when there are too many.
pub fn split_chain(joined: &[u8]) -> Result<Vec<Vec<u8>>, AttestationFault> {
    let mut rest = joined;
    let mut chain = Vec::new();
    while !rest.is_empty() {
        if chain.len() == CHAIN_CERTIFICATES_MAX {
            return Err(AttestationFault::TooLong { found: chain.len() + 1, most: CHAIN_CERTIFICATES_MAX });
        }
        let malformed = AttestationFault::Malformed { position: chain.len() };
        let length = fields::first_length(rest).ok_or(malformed)?;
        let (certificate, behind) = rest.split_at_checked(length).ok_or(malformed)?;
        chain.push(certificate.to_vec());
        rest = behind;
    }
    Ok(chain)
}

/// Checks a chain (DER, leaf first) against what was asked for, at `now_ms` (milliseconds since 1970).
///
/// # Errors
/// [`AttestationFault`]: the first fact that is not as it must be.
pub fn verify(
    chain: &[Vec<u8>],
    expected: &Expected<'_>,
    requirements: &Requirements,
    now_ms: u64,
) -> Result<Attested, AttestationFault> {
    let chain = chain::Chain::check(chain, requirements, now_ms)?;
    let description = key_description::KeyDescription::decode(chain.description()?)?;
    let key = chain.leaf_key().ok_or(AttestationFault::Key)?;
    judge::judge(&description, key, expected, requirements, now_ms)
}
