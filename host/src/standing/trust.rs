//! What attestations are trusted by: roots and revoked certificates, two files in the host's data folder.
//!
//! Both are as Google publishes them, so that the bank saves what it downloaded: a JSON list of root certificates in
//! PEM, and the list of revoked serial numbers. Neither is in this tree. Without roots no attestation is good.

use crate::attestation::{LIST_BYTES_MAX, PinnedRoot, RevokedListError, RevokedSerials};
use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// The roots.
pub const ROOTS_FILE: &str = "attestation-roots.json";
/// The revoked certificates.
pub const STATUS_FILE: &str = "attestation-status.json";
/// Roots at most; Google had two in 2026.
const ROOTS_MAX: usize = 16;

/// Roots and revoked certificates.
#[derive(Clone, Debug, Default)]
pub struct AttestationTrust {
    /// Keys that chains may end at.
    pub roots: Vec<PinnedRoot>,
    /// Certificates that are no longer good.
    pub revoked: RevokedSerials,
}

/// Why a file of the two cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// It cannot be read.
    #[error("{} cannot be read ({source}): check that it is a file that you own", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Not a list of certificates.
    #[error("{} is not a JSON list of at most 16 certificates in PEM: {source}", path.display())]
    NotRoots {
        /// Which.
        path: PathBuf,
        /// Where.
        source: serde_json::Error,
    },
    /// One of the list is no certificate, or the list is too long.
    #[error("{}: entry {position} of the list is not a certificate in PEM, or one too many (16 are read)", path.display())]
    NotARoot {
        /// Which file.
        path: PathBuf,
        /// Which, from 1.
        position: usize,
    },
    /// Not a list of revoked certificates.
    #[error("{}: {source}", path.display())]
    NotRevoked {
        /// Which.
        path: PathBuf,
        /// Why.
        source: RevokedListError,
    },
}

impl AttestationTrust {
    /// Reads the two files in `folder`; one that is not there is an empty list.
    ///
    /// # Errors
    /// [`TrustError`]: the file, and what is wrong with it.
    pub fn open(folder: &Path) -> Result<Self, TrustError> {
        let (path, text) = read(folder, ROOTS_FILE)?;
        let roots = text.map_or(Ok(Vec::new()), |text| roots(&path, &text))?;
        let (path, text) = read(folder, STATUS_FILE)?;
        let revoked = text.map_or(Ok(RevokedSerials::default()), |text| RevokedSerials::from_json(&text));
        Ok(Self { roots, revoked: revoked.map_err(|source| TrustError::NotRevoked { path, source })? })
    }
}

fn roots(path: &Path, text: &[u8]) -> Result<Vec<PinnedRoot>, TrustError> {
    let certificates: Vec<String> = serde_json::from_slice(text)
        .map_err(|source| TrustError::NotRoots { path: path.to_owned(), source })?;
    let root = |(index, pem): (usize, &String)| {
        let root = PinnedRoot::from_certificate_pem(pem.as_bytes()).filter(|_| index < ROOTS_MAX);
        root.ok_or_else(|| TrustError::NotARoot { path: path.to_owned(), position: index + 1 })
    };
    certificates.iter().enumerate().map(root).collect()
}

/// A file's path and content, if it is there. What is longer than a list may be is cut, and found to be none.
fn read(folder: &Path, name: &str) -> Result<(PathBuf, Option<Vec<u8>>), TrustError> {
    let path = folder.join(name);
    let file = match fs::File::open(&path) {
        Ok(file) => file,
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok((path, None)),
        Err(source) => return Err(TrustError::File { path, source }),
    };
    let mut text = Vec::new();
    let limit = u64::try_from(LIST_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    match file.take(limit).read_to_end(&mut text) {
        Ok(_) => Ok((path, Some(text))),
        Err(source) => Err(TrustError::File { path, source }),
    }
}
