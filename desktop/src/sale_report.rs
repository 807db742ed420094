//! A finished sale for a script: one JSON object whose fields scripts rely on.

use crate::error::ProgramError;
use mpos_protocol::{
    card::Cvm,
    sale::{Receipt, SaleOutcome},
    shell::SaleEnded,
};
use serde::Serialize;
use std::io::Write;

/// The object that `--json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct SaleReport {
    bank: String,
    outcome: &'static str,
    currency: &'static str,
    amount: String,
    receipt: Option<String>,
    time: String,
    reference: Option<String>,
    terminal: String,
    card: Option<String>,
    auth_code: Option<String>,
    card_type: Option<&'static str>,
    #[serde(rename = "type")]
    kind: &'static str,
    cvm: Option<&'static str>,
    aid: Option<String>,
    reason: Option<String>,
    next: Option<String>,
}

impl From<&Receipt> for SaleReport {
    fn from(receipt: &Receipt) -> Self {
        let card = receipt.card.as_ref();
        Self {
            bank: receipt.bank.to_string(),
            outcome: outcome(receipt.outcome),
            currency: receipt.currency.code(),
            amount: receipt.amount.to_string(),
            receipt: receipt.receipt.map(|number| number.to_string()),
            time: receipt.at.local().to_string(),
            reference: receipt.reference.as_ref().map(ToString::to_string),
            terminal: receipt.terminal.to_string(),
            card: card.map(|card| card.pan.to_string()),
            auth_code: receipt.auth_code.as_ref().map(ToString::to_string),
            card_type: card.map(|card| card.scheme.name()),
            kind: receipt.kind.name(),
            cvm: card.map(|card| cvm(card.cvm)),
            aid: card.map(|card| hex::encode_upper(&*card.aid)),
            reason: receipt.reason.as_ref().map(ToString::to_string),
            next: receipt.next.as_ref().map(ToString::to_string),
        }
    }
}

/// Prints a finished sale: as it stands on the receipt, or as one JSON object.
///
/// # Errors
/// [`ProgramError::Output`].
pub(crate) fn print(ended: &SaleEnded, json: bool) -> Result<(), ProgramError> {
    let mut out = std::io::stdout().lock();
    let written = if json {
        let object = serde_json::to_string(&SaleReport::from(&ended.receipt)).map_err(std::io::Error::from);
        object.and_then(|object| writeln!(out, "{object}"))
    } else {
        out.write_all(ended.text.as_bytes())
    };
    written.and_then(|()| out.flush()).map_err(ProgramError::Output)
}

fn outcome(outcome: SaleOutcome) -> &'static str {
    match outcome {
        SaleOutcome::Approved => "approved",
        SaleOutcome::Declined => "declined",
        SaleOutcome::TryAnotherCard => "try_another_card",
        SaleOutcome::Reversed => "reversed",
        SaleOutcome::Unknown => "unknown",
        SaleOutcome::Cancelled => "cancelled",
    }
}

fn cvm(cvm: Cvm) -> &'static str {
    match cvm {
        Cvm::None => "none",
        Cvm::Pin => "pin",
        Cvm::Device => "device",
    }
}
