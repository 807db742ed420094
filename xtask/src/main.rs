//! What a developer types: `cargo xtask ci`, `tidy`, `fuzz`, `messages`, `java`, `bench`, `simulate`, `load`, `soak`,
//! `jvm`, `apk`.
//!
//! Scripts are in the project's own language, so that they are read, tested and run like the rest of it. Each
//! command is a module; [`workspace`] finds the tree and starts processes for all of them. This program never
//! goes into a product.

mod apk;
mod bench;
mod ci;
mod failure;
mod fuzz;
mod java;
mod jvm;
mod load;
mod messages;
mod simulate;
mod soak;
mod test_count;
mod tidy;
mod workspace;

use clap::{Parser, Subcommand};
use failure::Failure;
use std::process::ExitCode;
use workspace::Workspace;

/// What a developer of mPOS types.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The whole check, as run on a fresh clone by .ci/run
    Ci(ci::Options),
    /// The tree's own rules: arrows, C-free phone library, file rules, map, secrets
    Tidy,
    /// Fuzz the parsers for a bounded time, or run one saved input again
    Fuzz(fuzz::Options),
    /// Who sends what to whom, from protocol/src/routes.rs
    Messages(messages::Options),
    /// The Java shell's reading of screens and writing of events, from protocol/src/screen.rs
    Java(java::Options),
    /// The Java shell with the phone's library, a bank and cards, on the JVM with Android's own classes
    Jvm(jvm::Options),
    /// Each crate's benchmarks, one after another
    Bench(bench::Options),
    /// Terminals, network and bank under a seeded scheduler: no money lost, none taken twice
    Simulate(simulate::Options),
    /// Many terminals at one host, beside bad clients: nothing is lost, and memory has an end
    Load(load::Options),
    /// The phone's APK, and whether it is fit for a phone
    Apk(apk::Options),
    /// Sales in a storm, with terminals and host killed at random, for longer; then the books compared
    Soak(soak::Options),
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // Its report, and the closing count after it, are printed already.
        Err(Failure::CheckFailed) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let workspace = Workspace::find()?;
    match &arguments.command {
        Command::Ci(options) => ci::run(&workspace, options),
        Command::Tidy => tidy::run(&workspace),
        Command::Fuzz(options) => fuzz::run(&workspace, options),
        Command::Messages(options) => messages::run(&workspace, options),
        Command::Java(options) => java::run(&workspace, options),
        Command::Jvm(options) => jvm::run(&workspace, options),
        Command::Bench(options) => bench::run(&workspace, options),
        Command::Simulate(options) => simulate::run(&workspace, options),
        Command::Load(options) => load::run(&workspace, options),
        Command::Apk(options) => apk::run(&workspace, options),
        Command::Soak(options) => soak::run(&workspace, options),
    }
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
