//! What one phone of the demo does with its terminal's screens: shows them on its pages, and saves files in its folder.
//! It starts with the terminal and ends with it. Pages come and go; all of them see the same screen.

use super::{saving, socket, table::Table};
use crate::{bank::Bank, error::ProgramError};
use axum::body::Bytes;
use mpos_protocol::{
    inbox::Shell,
    shell::{ActivationEnded, TerminalOpened},
};
use mpos_screens::SaveFault;
use mpos_terminal::{Face, saving::ExportFile};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::sync::watch;

/// How long the e-mailed activation code may lie there.
const CODE_LIFETIME: Duration = Duration::from_secs(24 * 3600);
/// Saved exports, in the terminal's folder.
const EXPORTS_FOLDER: &str = "exports";

/// The pages of one phone, and the table around it.
pub(super) struct Pages {
    pub(super) phone: u8,
    pub(super) folder: PathBuf,
    pub(super) bank: Arc<Bank>,
    /// The frame of what is to be seen.
    pub(super) shown: watch::Sender<Bytes>,
    pub(super) table: watch::Sender<Table>,
}

impl Face for Pages {
    fn show(&mut self, frame: Vec<u8>) {
        // The one before may have been a PIN pad's.
        socket::wipe(self.shown.send_replace(frame.into()));
    }

    fn save(&mut self, file: ExportFile) -> Option<Result<(), SaveFault>> {
        let saved = saving::save(&self.folder.join(EXPORTS_FOLDER), self.phone, file);
        Some(saved.map(|file| self.table.send_modify(|table| table.offer(file))))
    }

    fn told(&mut self, message: &Shell) {
        match message {
            Shell::TerminalOpened(TerminalOpened::NotActivated) => self.send_code(),
            Shell::ActivationEnded(ActivationEnded::Activated { .. }) => {
                self.table.send_modify(|table| table.email = None);
            }
            _ => {}
        }
    }
}

impl Pages {
    /// The bank's e-mail with an activation code. A bank elsewhere has sent its own.
    fn send_code(&self) {
        match self.bank.activation_code(CODE_LIFETIME) {
            Ok(code) => self.table.send_modify(|table| table.email = Some(code.to_string())),
            Err(ProgramError::NoActivationCode) => {}
            Err(error) => self.table.send_modify(|table| table.problem = Some(error.to_string())),
        }
    }
}

/// The language of whoever runs the program.
pub(super) fn system_language() -> String {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok())
        .unwrap_or_default()
}
