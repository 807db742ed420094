//! `mpos receipt`: sends the receipt of a transaction to the customer's phone.

use crate::{
    arguments::Receipt, bank::Bank, counter::Counter, data_folder::DataFolder, error::ProgramError,
    exit::Exit,
};
use mpos_ports::Entropy;
use mpos_protocol::admin::ReceiptRequest;
use mpos_std::entropy::SystemEntropy;
use std::path::Path;

/// Runs the command.
///
/// # Errors
/// [`ProgramError`].
pub(crate) fn run(data: Option<&Path>, receipt: Receipt) -> Result<Exit, ProgramError> {
    let folder = DataFolder::open(data)?;
    let bank = Bank::open(&folder, &receipt.bank)?;
    let counter = Counter::open(&folder, &bank)?;
    let mut id = [0; 16];
    SystemEntropy.fill(&mut id);
    let phone = receipt.phone.clone();
    let sent = counter.send_receipt(ReceiptRequest {
        id,
        reference: receipt.reference,
        phone: receipt.phone,
        language: receipt.language.into(),
    });
    counter.close();
    sent?;
    eprintln!("The receipt goes to {}: `mpos host messages` shows it", phone.grouped());
    Ok(Exit::Done)
}
