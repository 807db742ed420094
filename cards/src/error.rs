//! Why a card cannot be made. Once it is made it answers with status words, as cards do.

use mpos_certs::rsa_key::RsaKeyError;
use mpos_certs::scheme_keys::{SchemeKeyError, key_file::KeyFileError};
use mpos_crypto::CryptoError;
use std::path::PathBuf;

/// Why a card cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum CardsError {
    /// No card of the catalogue has this name.
    #[error("no card of the catalogue has this name")]
    UnknownCard,
    /// No fault has this name.
    #[error("a card can be torn, slow, silent, garbage or wrong-certificate, and nothing else after the +")]
    UnknownFault,
    /// What follows the colon of a name does not belong there.
    #[error(
        "what follows the colon does not fit: torn:STEP (0 to 255), garbage:SEED (a number), \
         wrong-certificate:pan, issuer, data or key"
    )]
    FaultArgument,
    /// The card's file cannot be read or written, or is damaged.
    #[error(transparent)]
    Store(#[from] KeyFileError),
    /// The file is whole, but what it holds is no card.
    #[error("{}: the card in this file is damaged", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
    /// The scheme does not certify the card.
    #[error(transparent)]
    Scheme(#[from] SchemeKeyError),
    /// The card's RSA key cannot be made.
    #[error("the card's key: {0}")]
    Key(#[from] RsaKeyError),
    /// The card's master key cannot be derived.
    #[error("the card's master key: {0}")]
    MasterKey(#[from] CryptoError),
}
