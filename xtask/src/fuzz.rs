//! `cargo xtask fuzz`: every fuzz target for a bounded time, from its committed seeds.
//!
//! The fuzz crates have cargo-fuzz's layout, so `cargo fuzz` works on them, but it is not used here: a fresh machine
//! would first spend minutes on installing it, and it wants a nightly compiler for AddressSanitizer, which has little
//! to find in a tree that forbids `unsafe`. What finds our bugs is coverage, and the flags for that are stable: with
//! them the crates are ordinary programs, built by the stable compiler at full speed (measured: a million inputs a
//! second for a small parser), with overflow checks and debug assertions on.
//!
//! All crates build into one folder, `fuzz` below the target folder, which also keeps the inputs that were found
//! worth keeping (`found/`) and those that failed (`failing/`).

use crate::{
    failure::Failure,
    workspace::{Workspace, not_started, output, run as run_command},
};
use cargo_metadata::MetadataCommand;
use clap::Args;
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

/// The fuzz crates. They are no members of the workspace: instrumented dependencies must not mix with ours.
const CRATES: &[&str] = &["protocol/tlv/fuzz", "protocol/fuzz", "actors/emv-kernel/fuzz"];

/// SanitizerCoverage, as libFuzzer reads it, and every check that makes a wrong value a crash.
///
/// One codegen unit: slower to build, faster for the whole time that it runs.
const RUSTFLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cdebug-assertions -Coverflow-checks -Ccodegen-units=1";

/// One input may take this long; a parser that needs more loops.
const INPUT_TIMEOUT_SECONDS: u32 = 10;
/// One process may hold this much; a parser that needs more allocates without bound.
const MEMORY_LIMIT_MIB: u32 = 1024;
/// How much of a failed target's output is shown.
const REPORT_LINES_MAX: usize = 40;
/// How much of a failing input is shown; it is saved whole.
const HEX_BYTES_MAX: usize = 4096;

/// Options of `cargo xtask fuzz`.
#[derive(Args)]
pub(crate) struct Options {
    /// Only this target; every target when left out
    target: Option<String>,
    /// How long each target runs
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// Run this one input instead, as a crash report says
    #[arg(long, value_name = "FILE", requires = "target")]
    input: Option<PathBuf>,
}

impl Options {
    /// What the check runs.
    pub(crate) fn every_target(seconds: u32) -> Self {
        Self { target: None, seconds, input: None }
    }
}

/// A fuzz target: a program of one of the crates.
struct Target {
    name: String,
    folder: &'static str,
}

/// Builds and runs the chosen targets, all of them even when one fails.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    let targets = chosen(targets(workspace)?, options)?;
    let bench = Bench::set_up(workspace)?;
    let mut failed = 0;
    for target in &targets {
        let program = bench.build(target)?;
        let passed = match &options.input {
            Some(input) => bench.run_one_input(&program, input)?,
            None => bench.fuzz(target, &program, options.seconds)?,
        };
        failed += usize::from(!passed);
    }
    if failed == 0 { Ok(()) } else { Err(Failure::FuzzFailed(failed)) }
}

fn targets(workspace: &Workspace) -> Result<Vec<Target>, Failure> {
    let mut targets = Vec::new();
    for folder in CRATES {
        let manifest = workspace.path(folder).join("Cargo.toml");
        let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec()?;
        let programs = metadata.packages.into_iter().flat_map(|package| package.targets);
        targets.extend(
            programs.filter(|program| program.is_bin()).map(|program| Target { name: program.name, folder }),
        );
    }
    Ok(targets)
}

fn chosen(targets: Vec<Target>, options: &Options) -> Result<Vec<Target>, Failure> {
    let Some(name) = &options.target else { return Ok(targets) };
    let known = targets.iter().map(|target| target.name.as_str()).collect::<Vec<_>>().join(", ");
    let chosen: Vec<_> = targets.into_iter().filter(|target| target.name == *name).collect();
    if chosen.is_empty() { Err(Failure::UnknownFuzzTarget { name: name.clone(), known }) } else { Ok(chosen) }
}

/// Where targets are built and run.
struct Bench<'a> {
    workspace: &'a Workspace,
    folder: PathBuf,
    /// The triple of this machine. It is given to cargo, since only then do the flags leave build scripts alone.
    host: String,
}

impl<'a> Bench<'a> {
    fn set_up(workspace: &'a Workspace) -> Result<Self, Failure> {
        let folder = workspace.members()?.target_directory.into_std_path_buf().join("fuzz");
        let mut rustc = workspace.command("rustc");
        let version = output(rustc.arg("-vV"))?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        let host = host.ok_or(Failure::UnexpectedOutput { command: "rustc -vV".to_owned() })?.to_owned();
        Ok(Self { workspace, folder, host })
    }

    fn build(&self, target: &Target) -> Result<PathBuf, Failure> {
        let manifest = format!("{}/Cargo.toml", target.folder);
        let mut cargo =
            self.workspace.cargo(&["build", "--quiet", "--release", "--manifest-path", &manifest]);
        cargo.args(["--bin", &target.name, "--target", &self.host]);
        cargo.arg("--target-dir").arg(&self.folder).env("RUSTFLAGS", RUSTFLAGS);
        run_command(&mut cargo)?;
        Ok(self.folder.join(&self.host).join("release").join(&target.name))
    }

    /// Whether the target got through its time without a failing input.
    fn fuzz(&self, target: &Target, program: &Path, seconds: u32) -> Result<bool, Failure> {
        let found = self.made("found", target)?;
        let failing = self.made("failing", target)?;
        let mut fuzzer = self.workspace.command(program);
        fuzzer.args([
            format!("-max_total_time={seconds}"),
            format!("-timeout={INPUT_TIMEOUT_SECONDS}"),
            format!("-rss_limit_mb={MEMORY_LIMIT_MIB}"),
            format!("-artifact_prefix={}/", failing.display()),
            "-print_final_stats=1".to_owned(),
        ]);
        // libFuzzer writes what it finds to the first folder and only reads the others.
        fuzzer.arg(&found);
        let seeds = self.workspace.path(target.folder).join("seeds").join(&target.name);
        if seeds.is_dir() {
            fuzzer.arg(&seeds);
        }
        let output = fuzzer.stdout(Stdio::null()).output().map_err(|source| not_started(&fuzzer, source))?;
        let log = String::from_utf8_lossy(&output.stderr);
        if output.status.success() {
            println!("{}: {}", target.name, summary(&log));
        } else {
            println!("{}: FAILED ({})\n{}", target.name, output.status, failure_lines(&log));
            print!("{}", crash_report(&target.name, &log));
        }
        Ok(output.status.success())
    }

    fn run_one_input(&self, program: &Path, input: &Path) -> Result<bool, Failure> {
        // A relative path is meant from where the developer stands, which need not be the root.
        let path =
            std::path::absolute(input).map_err(|source| Failure::File { path: input.to_owned(), source })?;
        let mut fuzzer = self.workspace.command(program);
        fuzzer.arg(format!("-timeout={INPUT_TIMEOUT_SECONDS}")).arg(path);
        let status = fuzzer.status().map_err(|source| not_started(&fuzzer, source))?;
        Ok(status.success())
    }

    fn made(&self, kind: &str, target: &Target) -> Result<PathBuf, Failure> {
        let path = self.folder.join(kind).join(&target.name);
        fs::create_dir_all(&path).map_err(|source| Failure::File { path: path.clone(), source })?;
        Ok(path)
    }
}

/// libFuzzer's closing figures in one line.
fn summary(log: &str) -> String {
    let figure = |name| log.lines().find_map(|line| line.strip_prefix(name)).map_or("?", str::trim);
    format!(
        "{} inputs, {} a second, {} kept, no failure",
        figure("stat::number_of_executed_units:"),
        figure("stat::average_exec_per_sec:"),
        figure("stat::new_units_added:")
    )
}

/// The part of the log that tells what went wrong: from the panic on or, without one, the end.
fn failure_lines(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    let panic = lines.iter().position(|line| line.contains("panicked at "));
    let first = panic.unwrap_or(lines.len().saturating_sub(REPORT_LINES_MAX));
    lines.iter().skip(first).take(REPORT_LINES_MAX).copied().collect::<Vec<_>>().join("\n")
}

/// The failing input in hex, where it is, and what to type to run it again.
fn crash_report(target: &str, log: &str) -> String {
    let Some((_, path)) = log.lines().find_map(|line| line.split_once("Test unit written to ")) else {
        return "No input was saved: the target itself did not start or was ended from outside.\n".to_owned();
    };
    let mut report = format!("\nInput: {path}\n");
    if let Ok(bytes) = fs::read(path) {
        let shown = bytes.iter().take(HEX_BYTES_MAX).fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02X}");
            hex
        });
        let _ = writeln!(report, "Hex ({} bytes): {shown}", bytes.len());
    }
    let _ = writeln!(report, "Again: cargo xtask fuzz {target} --input {path}");
    report
}

#[cfg(test)]
mod tests {
    use super::{Options, REPORT_LINES_MAX, Target, chosen, crash_report, failure_lines, summary};
    use crate::failure::Failure;
    use std::{env, fs, process};

    #[test]
    fn closing_figures_become_one_line() {
        let log = "stat::number_of_executed_units: 5407712\nstat::average_exec_per_sec:     1351928\n\
                   stat::new_units_added:          12\n";
        assert_eq!(summary(log), "5407712 inputs, 1351928 a second, 12 kept, no failure");
    }

    #[test]
    fn a_failure_is_shown_from_its_panic_on_or_else_by_its_end() {
        let noise = "#1 NEW\n".repeat(100);
        let log = format!("{noise}thread 'x' panicked at a.rs:1:2:\nwhy\n{noise}");
        let shown = failure_lines(&log);
        assert!(shown.starts_with("thread 'x' panicked") && shown.lines().count() == REPORT_LINES_MAX);
        assert!(failure_lines(&format!("{noise}SUMMARY: timeout\n")).ends_with("SUMMARY: timeout"));
    }

    #[test]
    fn a_crash_is_reported_in_hex_with_its_place_and_the_way_back() {
        let path = env::temp_dir().join(format!("xtask-crash-{}", process::id()));
        fs::write(&path, [0x6F, 0x00, 0xA4]).unwrap();
        let place = path.display();
        let log = format!("artifact_prefix='x/'; Test unit written to {place}\nBase64: bwCk\n");
        let report = crash_report("tlv", &log);
        fs::remove_file(&path).unwrap();
        assert!(report.contains("Hex (3 bytes): 6F00A4\n"), "{report}");
        assert!(report.contains(&format!("Again: cargo xtask fuzz tlv --input {place}\n")), "{report}");
    }

    #[test]
    fn an_unknown_target_names_the_known_ones() {
        let targets = vec![Target { name: "tlv".to_owned(), folder: "protocol/tlv/fuzz" }];
        let options = Options { target: Some("tvl".to_owned()), seconds: 1, input: None };
        let result = chosen(targets, &options);
        assert!(matches!(result, Err(Failure::UnknownFuzzTarget { known, .. }) if known == "tlv"));
    }
}
