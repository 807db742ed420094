//! The engineer's toolbox: `mpos dukpt`, `mpos pinblock` and `mpos emv decode | arqc | oda`.
//!
//! Each tool is a file: its arguments, and a function that writes labelled lines into a [`Report`]. Nothing here keeps a
//! key, opens a file or asks the network: what is computed comes from the command line (or standard input), hexadecimal
//! in and upper-case hexadecimal out. `docs/toolbox.md` shows each tool; a test runs that page.
//!
//! The tools print keys and PINs, that is what they are for: they are meant for test keys.

pub(crate) mod arqc;
pub(crate) mod decode;
pub(crate) mod dukpt;
mod given;
pub(crate) mod oda;
pub(crate) mod pin_block;
mod report;
mod tool_error;

pub(crate) use given::Given;
pub(crate) use report::Report;
pub(crate) use tool_error::ToolError;

use crate::{error::ProgramError, exit::Exit};
use std::io::Write;

/// Runs a tool and prints what it found, also when it then could not go on.
///
/// # Errors
/// [`ProgramError::Tool`] for what the tool refused, [`ProgramError::Output`].
pub(crate) fn run(tool: impl FnOnce(&mut Report) -> Result<(), ToolError>) -> Result<Exit, ProgramError> {
    let mut report = Report::default();
    let result = tool(&mut report);
    std::io::stdout().lock().write_all(report.to_text().as_bytes()).map_err(ProgramError::Output)?;
    result?;
    Ok(Exit::Done)
}
