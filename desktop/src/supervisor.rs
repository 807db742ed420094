//! `mpos supervisor-code`: defines the business's code, which confirms refunds and the transactions of all terminals.

use crate::{
    arguments::SupervisorCode, bank::Bank, counter::Counter, data_folder::DataFolder, error::ProgramError,
    exit::Exit,
};
use mpos_protocol::admin::{SupervisorFault, check_supervisor_code};
use std::path::Path;

/// Runs the command.
///
/// # Errors
/// [`ProgramError`].
pub(crate) fn run(data: Option<&Path>, arguments: SupervisorCode) -> Result<Exit, ProgramError> {
    let code = arguments.code.supervisor_code()?;
    check_supervisor_code(code.expose())
        .map_err(|why| ProgramError::Supervisor(SupervisorFault::Trivial(why)))?;
    let folder = DataFolder::open(data)?;
    let bank = Bank::open(&folder, &arguments.bank)?;
    let counter = Counter::open(&folder, &bank)?;
    let defined = counter.define_code(&code);
    counter.close();
    defined?;
    eprintln!("The supervisor code is defined");
    Ok(Exit::Done)
}
