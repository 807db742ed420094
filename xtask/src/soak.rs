//! `cargo xtask soak`: the storm of `desktop/tests/program/kills`, for longer than the tests' share of it, with its
//! figures shown. It is the same test, so that what was found by a long run is found again by a short one of its seed.

use crate::{
    failure::Failure,
    workspace::{Workspace, run as run_command},
};
use clap::Args;

/// Options of `cargo xtask soak`.
#[derive(Args)]
pub(crate) struct Options {
    /// How many sales: 1000 take some three minutes
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    sales: u32,
    /// Draw the faults of an earlier run again [default: others each time; the run names its seed]
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// With the program as optimised as it ships
    #[arg(long)]
    release: bool,
}

/// Runs the storm.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    let profile: &[&str] = if options.release { &["--release"] } else { &[] };
    let test = ["test", "-p", "mpos", "--test", "program"];
    let mut cargo = workspace.cargo(&[&test, profile, &["kills::", "--", "--nocapture"]].concat());
    cargo.env("MPOS_KILL_SALES", options.sales.to_string());
    match options.seed {
        Some(seed) => cargo.env("MPOS_KILL_SEED", seed.to_string()),
        None => cargo.env_remove("MPOS_KILL_SEED"),
    };
    run_command(&mut cargo)
}
