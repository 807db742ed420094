//! CSV (RFC 4180) for a spreadsheet: one line a transaction, newest first.

use crate::{ExportError, Report, auth_code_of, result_of, signed_amount, time_of};
use csv::{Terminator, WriterBuilder};

const HEADINGS: [&str; 12] = [
    "Time",
    "Terminal ID",
    "Receipt",
    "Reference number",
    "Transaction Type",
    "Currency",
    "Amount",
    "Card",
    "Card type",
    "Auth Code",
    "Result",
    "Card token",
];

/// The file's bytes. No field can begin a formula: each is made by us or by the bank.
///
/// # Errors
/// [`ExportError::Csv`].
pub fn write(report: &Report) -> Result<Vec<u8>, ExportError> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(HEADINGS)?;
    for row in &report.rows {
        writer.write_record([
            time_of(row).as_str(),
            &row.terminal.to_string(),
            &row.receipt.to_string(),
            &row.reference,
            row.kind.name(),
            row.currency.code(),
            &signed_amount(row),
            &row.card.to_string(),
            row.scheme.name(),
            auth_code_of(row),
            &result_of(row),
            row.card_token.as_deref().unwrap_or_default(),
        ])?;
    }
    writer.into_inner().map_err(|error| ExportError::Csv(error.into_error().into()))
}
