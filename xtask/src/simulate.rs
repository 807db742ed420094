//! `cargo xtask simulate`: many terminals' days in virtual time, with everything going wrong (`simulation/`).
//!
//! The simulation is a program of its own, so that this one stays small: whatever is typed after `simulate` is its.

use crate::{
    failure::Failure,
    workspace::{Workspace, run as run_command},
};
use clap::Args;

/// The seeds of a check: enough for each kind of fault to happen hundreds of times.
const CHECKED_SEEDS: &str = "2000";

/// Options of `cargo xtask simulate`.
#[derive(Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Options {
    /// As optimised as what ships: for many seeds
    #[arg(long)]
    release: bool,
    /// What the simulation takes: see --help
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs the simulation with what was typed.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    let mut command = workspace.cargo(&["run", "--quiet", "-p", "mpos-simulation"]);
    if options.release {
        command.arg("--release");
    }
    run_command(command.arg("--").args(&options.arguments))
}

/// Runs the seeds of a check.
pub(crate) fn check(workspace: &Workspace) -> Result<(), Failure> {
    run_command(&mut workspace.cargo(&["run", "-p", "mpos-simulation", "--", "--seeds", CHECKED_SEEDS]))
}
