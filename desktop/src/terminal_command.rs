//! `mpos terminal`: sells until its input ends, one sale a line.

use crate::{
    arguments::{Reader, SecretArgument, Terminal},
    bank::Bank,
    cards_command,
    counter::{Counter, Tender},
    data_folder::DataFolder,
    error::ProgramError,
    exit::Exit,
    sale_report,
};
use mpos_protocol::Amount;
use std::{io::BufRead, path::Path};
use zeroize::Zeroizing;

/// The longest line that is read as a sale.
const LINE_BYTES_MAX: usize = 200;

/// Runs the command. Its status is that of the last sale.
///
/// # Errors
/// [`ProgramError`]. A bad line is told on standard error and the next one is read.
pub(crate) fn run(data: Option<&Path>, arguments: &Terminal) -> Result<Exit, ProgramError> {
    // There is but one: a second one chooses its field here.
    let Reader::Virtual = arguments.reader;
    let folder = DataFolder::open(data)?;
    let bank = Bank::open(&folder, &arguments.bank)?;
    let counter = Counter::open(&folder, &bank)?;
    eprintln!("Ready: type an amount and a card, such as 1.23 mastercard, and the PIN if one is needed");
    let mut exit = Exit::Done;
    for line in std::io::stdin().lock().lines() {
        let line = Zeroizing::new(line.map_err(ProgramError::Input)?);
        if line.trim().is_empty() {
            continue;
        }
        let sold = tender(&line).and_then(|tender| counter.sell(&tender));
        exit = match sold.and_then(|ended| sale_report::print(&ended, arguments.json).map(|()| ended)) {
            Ok(ended) => ended.receipt.outcome.into(),
            Err(error) => {
                eprintln!("mpos: {error}");
                error.exit()
            }
        };
    }
    counter.close();
    Ok(exit)
}

/// Reads `AMOUNT CARD [PIN]`.
fn tender(line: &str) -> Result<Tender, ProgramError> {
    let mut words = line.split_whitespace();
    let (Some(amount), Some(card), pin, None) = (words.next(), words.next(), words.next(), words.next())
    else {
        // The third word may be a PIN, so the line is not repeated beyond the first two.
        let shown = line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        return Err(ProgramError::NotASale { line: shown.chars().take(LINE_BYTES_MAX).collect() });
    };
    let amount = Amount::parse(amount)
        .map_err(|problem| ProgramError::NotAnAmount { amount: amount.to_owned(), problem })?;
    let pin = pin.map(|typed| SecretArgument::from(typed).pin()).transpose()?;
    Ok(Tender { amount, card: cards_command::find(card)?, pin })
}
