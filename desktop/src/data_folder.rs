//! Where everything is kept, and under which names.

use crate::error::ProgramError;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The bank's part of a data folder.
pub(crate) const BANK_FOLDER: &str = "bank";

/// The data folder.
#[derive(Clone, Debug)]
pub(crate) struct DataFolder {
    root: PathBuf,
}

impl DataFolder {
    /// The folder given, or the user's own; made with owner-only rights when it is missing.
    ///
    /// # Errors
    /// When there is no home to put it in, or it cannot be made.
    pub(crate) fn open(given: Option<&Path>) -> Result<Self, ProgramError> {
        let root = match given {
            Some(path) => path.to_owned(),
            None => directories::ProjectDirs::from("", "", "mpos")
                .ok_or(ProgramError::NoHome)?
                .data_dir()
                .to_owned(),
        };
        let folder = Self { root };
        folder.make("")?;
        Ok(folder)
    }

    /// The bank's keys and books: what a bank would have elsewhere.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn bank(&self) -> Result<PathBuf, ProgramError> {
        self.make(BANK_FOLDER)
    }

    /// The virtual cards' counters and keys.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn cards(&self) -> Result<PathBuf, ProgramError> {
        self.make("cards")
    }

    /// The terminal's keys and book.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn terminal(&self) -> Result<PathBuf, ProgramError> {
        self.numbered_terminal(1)
    }

    /// Those of one of several terminals, from 1; the first is the one that all commands use.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn numbered_terminal(&self, number: u8) -> Result<PathBuf, ProgramError> {
        if number == 1 { self.make("terminal") } else { self.make(&format!("terminal-{number}")) }
    }

    fn make(&self, name: &str) -> Result<PathBuf, ProgramError> {
        let path = if name.is_empty() { self.root.clone() } else { self.root.join(name) };
        make_private(&path).map_err(|source| ProgramError::Folder { path: path.clone(), source })?;
        Ok(path)
    }
}

fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
