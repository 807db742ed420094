//! `mpos cards`: the virtual cards, and what each shows.

use crate::{error::ProgramError, exit::Exit};
use mpos_cards::{CardsError, catalogue};
use std::io::Write;

pub(crate) use mpos_cards::CardChoice;

/// Lists the cards.
///
/// # Errors
/// [`ProgramError::Output`].
pub(crate) fn run() -> Result<Exit, ProgramError> {
    let mut out = std::io::stdout().lock();
    for entry in catalogue::ENTRIES {
        writeln!(out, "{:<20}{}", entry.name, entry.shows).map_err(ProgramError::Output)?;
    }
    Ok(Exit::Done)
}

/// Finds the card that a user named.
///
/// # Errors
/// [`ProgramError::UnknownCard`] with the names there are, [`ProgramError::CardFault`].
pub(crate) fn find(name: &str) -> Result<CardChoice, ProgramError> {
    catalogue::find(name).map_err(|fault| match fault {
        CardsError::UnknownCard => ProgramError::UnknownCard {
            card: name.to_owned(),
            known: catalogue::ENTRIES.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", "),
        },
        source => ProgramError::CardFault { card: name.to_owned(), source },
    })
}
