//! `cargo xtask ci`: the whole check, cheapest first, and it stops at the first step that fails.
//!
//! All steps share one target folder. Tests use the dev profile: its dependencies, and mpos-crypto, are optimised
//! (root Cargo.toml), so RSA is quick, while our own code builds fast and keeps its overflow checks. Clippy and doc
//! share one set of checked dependencies, tests build another; the fuzzers, which are instrumented, have a folder of
//! their own below the target folder.

use crate::{
    apk,
    failure::Failure,
    fuzz, java, jvm, messages, simulate,
    test_count::{TestCount, counted},
    tidy,
    workspace::{Workspace, run as run_command},
};
use clap::{Args, ValueEnum};
use std::time::{Duration, Instant};

/// How long each fuzz target runs: enough to go through its seeds and some way beyond.
const FUZZ_SECONDS: u32 = 20;

/// Options of `cargo xtask ci`.
#[derive(Args)]
pub(crate) struct Options {
    /// Run this step (may be repeated) and no other
    #[arg(long, value_name = "STEP")]
    only: Vec<Step>,
    /// Leave this step out (may be repeated)
    #[arg(long, value_name = "STEP", conflicts_with = "only")]
    skip: Vec<Step>,
}

/// A step, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Formatting
    Fmt,
    /// The tree's own rules
    Tidy,
    /// ARCHITECTURE.md shows the table of messages as it is
    Messages,
    /// The Java shell reads and writes what protocol/src/screen.rs says
    Java,
    /// Clippy over all targets, warnings are errors
    Clippy,
    /// All tests of the workspace
    Test,
    /// The simulation: two thousand seeds
    Simulate,
    /// The search of memory for PINs, as optimised as the program that ships: only there a compiler leaves copies
    Memory,
    /// The Java shell with the phone's library, a bank and cards, on the JVM with Android's own classes
    Jvm,
    /// The phone's APK, for every processor it is for, checked; and its library run on an emulated one
    Apk,
    /// Documentation builds without a warning
    Doc,
    /// Each fuzz target for a short time
    Fuzz,
}

/// Runs the chosen steps, then prints times and, last, the count of tests.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    let mut times: Vec<(String, Duration)> = Vec::new();
    let mut count = TestCount::default();
    let mut failed = None;
    for step in options.steps() {
        let name = step.name();
        println!("\n=== {name} ===");
        let start = Instant::now();
        let result = step.run(workspace, &mut count);
        println!("=== {name}: {} ===", seconds(start.elapsed()));
        times.push((name, start.elapsed()));
        if let Err(failure) = result {
            println!("{failure}");
            failed = Some(step);
            break;
        }
    }
    print_times(&times);
    if let Some(step) = failed {
        let name = step.name();
        println!("\nThe step `{name}` failed. Alone: cargo xtask ci --only {name}");
        // A broken step that is no test must not close on "0 failed".
        count.failed = count.failed.max(1);
    }
    println!("\n{count}");
    if failed.is_some() { Err(Failure::CheckFailed) } else { Ok(()) }
}

impl Options {
    fn steps(&self) -> impl Iterator<Item = Step> {
        let all = Step::value_variants().iter().copied();
        all.filter(|step| {
            let is_wanted = self.only.is_empty() || self.only.contains(step);
            is_wanted && !self.skip.contains(step)
        })
    }
}

impl Step {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn run(self, workspace: &Workspace, count: &mut TestCount) -> Result<(), Failure> {
        match self {
            Self::Fmt => run_command(&mut workspace.cargo(&["fmt", "--all", "--check"])),
            Self::Tidy => tidy::run(workspace),
            Self::Messages => messages::check(workspace),
            Self::Java => java::check(workspace),
            Self::Clippy => run_command(&mut workspace.cargo(&[
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ])),
            Self::Test => test(workspace, &["--workspace", "--no-fail-fast"], count),
            Self::Simulate => simulate::check(workspace),
            Self::Memory => {
                test(workspace, &["--release", "-p", "mpos-pin-pad", "--test", "memory"], count)?;
                test(workspace, &["--release", "-p", "mpos", "--bin", "mpos", "pin_memory"], count)
            }
            Self::Jvm => jvm::check(workspace, count),
            Self::Apk => {
                apk::build_for_development(workspace)?;
                let mut tests = workspace.cargo(&[&["test"], apk::emulation::TESTS].concat());
                apk::emulation::prepare(workspace, &mut tests)?;
                counted(&mut tests, count)
            }
            Self::Doc => run_command(
                workspace.cargo(&["doc", "--no-deps", "--workspace"]).env("RUSTDOCFLAGS", "-D warnings"),
            ),
            Self::Fuzz => fuzz::run(workspace, &fuzz::Options::every_target(FUZZ_SECONDS)),
        }
    }
}

/// These tests, counted.
///
/// `--no-fail-fast` with all of them: one broken crate must not hide what else is broken.
fn test(workspace: &Workspace, which: &[&str], count: &mut TestCount) -> Result<(), Failure> {
    counted(&mut workspace.cargo(&[&["test"], which].concat()), count)
}

fn print_times(times: &[(String, Duration)]) {
    println!();
    for (name, time) in times {
        println!("{name:<10}{:>10}", seconds(*time));
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::{Options, Step};

    #[test]
    fn only_and_skip_choose_steps_in_their_order() {
        let only = Options { only: vec![Step::Test, Step::Fmt], skip: vec![] };
        assert!(only.steps().eq([Step::Fmt, Step::Test]));
        let skip = Options { only: vec![], skip: vec![Step::Fuzz, Step::Doc] };
        let most = [
            Step::Fmt,
            Step::Tidy,
            Step::Messages,
            Step::Java,
            Step::Clippy,
            Step::Test,
            Step::Simulate,
            Step::Memory,
            Step::Jvm,
            Step::Apk,
        ];
        assert!(skip.steps().eq(most));
    }

    #[test]
    fn a_step_is_named_as_it_is_typed() {
        assert_eq!(Step::Clippy.name(), "clippy");
    }
}
