//! The phone's saved files: exports of the history, in a folder of the terminal, to be taken away from the page.

use mpos_screens::SaveFault;
use mpos_terminal::saving::ExportFile;
use serde::Serialize;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A file that was saved.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SavedFile {
    /// Its name.
    pub(super) name: String,
    /// Where the page finds it.
    address: String,
    /// Where it is.
    #[serde(skip)]
    pub(super) path: PathBuf,
}

/// Writes an export into `folder`, which is made when it is missing.
///
/// # Errors
/// [`SaveFault`].
pub(super) fn save(folder: &Path, phone: u8, file: ExportFile) -> Result<SavedFile, SaveFault> {
    let ExportFile { name, bytes, .. } = file;
    let path = folder.join(&name);
    fs::create_dir_all(folder).and_then(|()| fs::write(&path, bytes)).map_err(|error| {
        tracing::warn!(path = %path.display(), %error, "an export could not be saved");
        fault(&error)
    })?;
    Ok(SavedFile { address: format!("/phone/{phone}/files/{name}"), name, path })
}

fn fault(error: &io::Error) -> SaveFault {
    match error.kind() {
        io::ErrorKind::PermissionDenied
        | io::ErrorKind::ReadOnlyFilesystem
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::AlreadyExists => SaveFault::NotPermitted,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => SaveFault::Full,
        _ => SaveFault::Failed,
    }
}
