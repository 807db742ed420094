//! What a merchant takes away of the history: the file's name, what it is, and its bytes. Where it goes is the shell's.

use crate::BANK_NAME;
use mpos_export::{Report, csv, local_time, pdf};
use mpos_screens::{Export, ExportFormat, SaveFault};

/// A file to be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportFile {
    /// Such as `transactions-2026-11-24-1.pdf`.
    pub name: String,
    /// Its MIME type.
    pub media_type: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// The file of an export; `number` tells it from others of the same day.
///
/// # Errors
/// [`SaveFault`].
pub fn file_of(asked: Export, number: u32) -> Result<ExportFile, SaveFault> {
    let day = local_time::day_written(local_time::at(asked.to_ms).date(), '-');
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
    let (bytes, ending, media_type) = match format {
        ExportFormat::Csv => (csv::write(&report).map_err(|_| SaveFault::Failed)?, "csv", "text/csv"),
        ExportFormat::Pdf => (pdf::write(&report), "pdf", "application/pdf"),
    };
    Ok(ExportFile { name: format!("transactions-{day}-{number}.{ending}"), media_type, bytes })
}
