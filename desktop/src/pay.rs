//! `mpos pay`: one purchase, from the amount to the printed receipt.

use crate::{
    arguments::{Pay, SecretArgument},
    bank::Bank,
    counter::{Counter, Tender},
    data_folder::DataFolder,
    error::ProgramError,
    exit::Exit,
};
use std::path::Path;

/// Runs the command.
///
/// # Errors
/// [`ProgramError`], each with the status it ends in.
pub(crate) fn run(data: Option<&Path>, pay: Pay) -> Result<Exit, ProgramError> {
    // Bad input first: nothing is made or started for it.
    let card = crate::cards_command::find(&pay.card)?;
    let pin = pay.pin.map(SecretArgument::pin).transpose()?;
    let folder = DataFolder::open(data)?;
    let bank = Bank::open(&folder, &pay.bank)?;
    let counter = Counter::open(&folder, &bank)?;
    let sold = counter.sell(&Tender { amount: pay.amount, card, pin });
    counter.close();
    let ended = sold?;
    crate::sale_report::print(&ended, pay.json)?;
    Ok(ended.receipt.outcome.into())
}
