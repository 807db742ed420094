//! `cargo xtask bench`: each crate's benchmarks, one after another, because two at once would measure each other.

use crate::{
    apk,
    failure::Failure,
    workspace::{Workspace, run as run_command},
};
use clap::Args;

/// Measures the phone's library, which another compiler makes.
const PHONE: &str = "phone";

/// Options of `cargo xtask bench`.
#[derive(Args)]
pub(crate) struct Options {
    /// Only this crate or this benchmark (`mpos-ledger`, `append`)
    name: Option<String>,
}

/// Runs the chosen benchmarks of all members.
///
/// Each is named with `--bench`: without it cargo would also start every unit test binary in bench mode.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    let metadata = workspace.members()?;
    let mut found = false;
    for package in &metadata.packages {
        for target in package.targets.iter().filter(|target| target.is_bench()) {
            let wanted =
                options.name.as_ref().is_none_or(|name| *name == *package.name || *name == target.name);
            if wanted {
                found = true;
                println!("\n=== {} {} ===", package.name, target.name);
                let mut bench = workspace.cargo(&["bench", "-p", &package.name, "--bench", &target.name]);
                if target.name == PHONE {
                    apk::emulation::prepare_here(workspace, &mut bench)?;
                }
                run_command(&mut bench)?;
            }
        }
    }
    match &options.name {
        Some(name) if !found => Err(Failure::UnknownBench(name.clone())),
        _ => Ok(()),
    }
}
