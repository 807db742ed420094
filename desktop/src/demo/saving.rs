//! The phone's saved files: exports of the history, in a folder of the terminal, to be taken away from the page.

use crate::{
    bank::BANK_NAME,
    export::{self, Report},
    local_time,
};
use mpos_screens::{Export, ExportFormat, SaveFault};
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

/// Writes an export into `folder`, which is made when it is missing; `phone` and `number` name it apart from others.
///
/// # Errors
/// [`SaveFault`].
pub(super) fn save(folder: &Path, phone: u8, number: u32, asked: Export) -> Result<SavedFile, SaveFault> {
    let day = local_time::at(asked.to_ms).strftime("%Y-%m-%d").to_string();
    let format = asked.format;
    let report = Report {
        bank: BANK_NAME.to_owned(),
        terminal: (!asked.of_merchant).then_some(asked.terminal),
        merchant: asked.merchant,
        from: local_time::at(asked.from_ms),
        to: local_time::at(asked.to_ms),
        totals: asked.totals,
        rows: asked.transactions,
    };
    let (bytes, ending) = match format {
        ExportFormat::Csv => (export::csv::write(&report).map_err(|_| SaveFault::Failed)?, "csv"),
        ExportFormat::Pdf => (export::pdf::write(&report), "pdf"),
    };
    let name = format!("transactions-{day}-{number}.{ending}");
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
