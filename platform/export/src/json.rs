//! One JSON object, for scripts.

use crate::{ExportError, Report, auth_code_of, local_time, minor, net, time_of};
use mpos_protocol::admin::TransactionResult;
use serde_json::{Value, json};

/// The object, ended by a line feed.
///
/// # Errors
/// [`ExportError::Json`].
pub fn write(report: &Report) -> Result<Vec<u8>, ExportError> {
    let totals = &report.totals;
    let rows: Vec<Value> = report
        .rows
        .iter()
        .map(|row| {
            json!({
                "time": time_of(row),
                "terminal": row.terminal.to_string(),
                "receipt": row.receipt.to_string(),
                "reference": &*row.reference,
                "type": row.kind.name(),
                "currency": row.currency.code(),
                "amount": row.amount.to_string(),
                "card": row.card.to_string(),
                "card_type": row.scheme.name(),
                "result": match row.result {
                    TransactionResult::Approved { .. } => "approved",
                    TransactionResult::Declined { .. } => "declined",
                    TransactionResult::Reversed => "reversed",
                },
                "auth_code": Some(auth_code_of(row)).filter(|code| !code.is_empty()),
                "refunded": minor(row.refunded),
                "refund_of": row.refund_of.as_deref(),
                "card_token": row.card_token.as_deref(),
            })
        })
        .collect();
    let object = json!({
        "bank": report.bank,
        "merchant": &*report.merchant.name,
        "terminal": report.terminal.map(|terminal| terminal.to_string()),
        "from": local_time::written(report.from.datetime(), '-'),
        "to": local_time::written(report.to.datetime(), '-'),
        "totals": {
            "transactions": totals.transactions,
            "purchases": totals.purchases,
            "purchased": minor(totals.purchased),
            "refunds": totals.refunds,
            "refunded": minor(totals.refunded),
            "net": net(totals),
        },
        "transactions": rows,
    });
    let mut bytes = serde_json::to_vec(&object)?;
    bytes.push(b'\n');
    Ok(bytes)
}
