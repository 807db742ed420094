//! `cargo xtask load`: many terminals at one host, beside bad clients, for a while; the program is the host's example.
//!
//! In the release profile, as benchmarks are. It ends badly when anything is lost, when a bad client is let in for
//! longer than it may be, or when the host's memory goes on growing.

use crate::{
    failure::Failure,
    workspace::{Workspace, run as run_command},
};
use clap::Args;

/// Options of `cargo xtask load`.
#[derive(Args)]
pub(crate) struct Options {
    /// How many terminals sell at once; above 250 the shell must allow more than 1024 open files
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(20..=1000))]
    terminals: u32,
    /// For how long beside the bad clients
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=300))]
    seconds: u32,
}

/// Builds the program and runs it.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    let mut command =
        workspace.cargo(&["run", "--quiet", "--release", "-p", "mpos-host", "--example", "load", "--"]);
    command.args(["--terminals", &options.terminals.to_string()]);
    command.args(["--seconds", &options.seconds.to_string()]);
    run_command(&mut command)
}
