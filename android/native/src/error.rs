//! Why a native did not do what it was called for; each text is for whoever reads the phone's screen.

use crate::{bank_file::BankFileFault, java::JavaFault, keys::KeysFault};
use mpos_protocol::{admin::Language, screen::ScreenFrameError};
use mpos_screens::NotStarted;
use mpos_terminal::{Ended, session::SessionError};

/// Everything that becomes an exception.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NativeError {
    /// What Java gave is not what was agreed.
    #[error("the shell and the library of mPOS do not fit together: install mPOS again ({0})")]
    Argument(&'static str),
    /// Java did not do what it was asked.
    #[error("{0}")]
    Java(#[from] JavaFault),
    /// The file that says which bank it is.
    #[error("this mPOS knows no bank: {0}")]
    Bank(#[from] BankFileFault),
    /// The keys.
    #[error("{0}")]
    Keys(#[from] KeysFault),
    /// The terminal's threads or files.
    #[error("{0}")]
    Session(#[from] SessionError),
    /// One of the last two, in the merchant's language.
    #[error("{0}")]
    NotStarted(String),
    /// An event that is none.
    #[error("the event was refused: {0}")]
    Event(#[from] ScreenFrameError),
    /// No terminal takes it.
    #[error("{0}")]
    Ended(#[from] Ended),
    /// Nothing was started, or it was stopped.
    #[error("the terminal does not run")]
    NotRunning,
    /// A fault of ours. What it was is in the log.
    #[error("mPOS made a mistake: close it and start it again")]
    Panic,
}

impl NativeError {
    /// A fault of the merchant's phone in the merchant's words. What an engineer did wrong stays as it is.
    pub(crate) fn said_in(self, language: Language) -> Self {
        let why = match self {
            Self::Keys(KeysFault::Full) => NotStarted::StorageFull,
            Self::Keys(_) | Self::Session(_) => NotStarted::Failed(self.to_string()),
            other => return other,
        };
        Self::NotStarted(why.said_in(language))
    }
}

impl From<jni::errors::Error> for NativeError {
    fn from(error: jni::errors::Error) -> Self {
        Self::Java(error.into())
    }
}
