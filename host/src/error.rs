//! Why the host cannot start, and why the books could not take a batch. Each names the file and what to do.

use std::{io, net::SocketAddr, path::PathBuf};

/// Why the host, or its console, cannot work.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The data folder cannot be made or read.
    #[error("{path} cannot be used as a data folder ({source}): check that it exists and that you own it")]
    DataFolder {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The database file cannot be opened.
    #[error("{path} cannot be read or written: check its permissions and that its folder is writable")]
    DatabaseUnreadable {
        /// Which file.
        path: PathBuf,
    },
    /// The database file is not one, or not whole.
    #[error("{path} is damaged: stop the host and restore the file from a backup")]
    DatabaseDamaged {
        /// Which file.
        path: PathBuf,
    },
    /// A newer program made the database.
    #[error("{path} is of version {found}, this program knows up to {known}: install the newer mPOS")]
    DatabaseNewer {
        /// Which file.
        path: PathBuf,
        /// What it has.
        found: i64,
        /// What is known here.
        known: i64,
    },
    /// No space left.
    #[error("no space is left for {path}: free some and start again")]
    DiskFull {
        /// Which file.
        path: PathBuf,
    },
    /// Another process holds the database for too long.
    #[error("{path} is in use by another program: stop it, or try again")]
    DatabaseBusy {
        /// Which file.
        path: PathBuf,
    },
    /// Something else that SQLite reports.
    #[error("{path}: the database reports: {source}")]
    Database {
        /// Which file.
        path: PathBuf,
        /// What it reports.
        source: sqlx::Error,
    },
    /// Nobody can listen there.
    #[error("cannot listen on {address} ({source}): choose another address or stop what uses it")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// A certificate or key of the bank does not fit TLS.
    #[error("the bank's certificates cannot be used: {0}")]
    Certificates(#[from] rustls::Error),
    /// A key of the bank is not what it should be.
    #[error("the bank's signing key is not a P-256 key in PKCS #8: make the bank's keys anew")]
    BankKey,
    /// The device authority could not sign the revocation list.
    #[error("the revocation list cannot be signed: check the bank's device CA key")]
    RevocationList,
    /// No thread could be started.
    #[error("no thread can be started ({0})")]
    Threads(io::Error),
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers")]
    Random,
    /// What attestations are trusted by cannot be read.
    #[error(transparent)]
    Trust(#[from] crate::standing::TrustError),
    /// A field is longer than the terminal's profile holds.
    #[error("{0}")]
    TooLong(#[from] mpos_protocol::TooLong),
    /// The books hold what they cannot, or a key of the bank fails.
    #[error("{0}")]
    Books(Box<BooksError>),
    /// No such terminal.
    #[error("there is no terminal {0}")]
    UnknownTerminal(mpos_protocol::terminal::TerminalId),
    /// No such business.
    #[error("there is no business {0}: see the list of businesses")]
    UnknownBusiness(i64),
    /// An account to open has a number, PIN or date that none can have.
    #[error("account {position} of the list has a number, PIN or date that no card can have")]
    BadAccount {
        /// Which, from 1.
        position: usize,
    },
}

/// Why a batch could not be settled; nothing of it was done.
#[derive(Debug, thiserror::Error)]
pub enum BooksError {
    /// The database.
    #[error(transparent)]
    Store(#[from] HostError),
    /// What the books hold makes no sense.
    #[error("the books hold what cannot be: {0}")]
    Nonsense(&'static str),
    /// The device authority, or a key of the bank, failed.
    #[error("the bank's device CA or its base derivation key cannot be used")]
    Authority,
    /// A code's hash was not finished: its thread ended.
    #[error("a supervisor's code could not be hashed")]
    Hashing,
    /// The signing key failed.
    #[error("the bank's signing key cannot be used")]
    Signing,
}
