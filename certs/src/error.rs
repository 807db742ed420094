//! Why a certificate or a key could not be made, read or accepted.

use crate::scheme_keys::{SchemeKeyError, key_file::KeyFileError};
use std::path::PathBuf;

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum CertsError {
    /// A key file.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// The scheme CA keys.
    #[error(transparent)]
    Scheme(#[from] SchemeKeyError),
    /// A key file is whole and its content is not what it should be.
    #[error("{}: the keys in this file are damaged", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
    },
    /// A certificate could not be made.
    #[error("a certificate could not be made: {0}")]
    Making(#[from] rcgen::Error),
    /// A certificate request is not acceptable.
    #[error("the certificate request is not acceptable: {0}")]
    Request(#[from] crate::enrol::BadRequest),
    /// A certificate that is to be revoked does not decode.
    #[error("the certificate does not decode")]
    NotACertificate,
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random,
}
