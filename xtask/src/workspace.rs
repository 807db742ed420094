//! Where the tree is, and how a process is started in it.
//!
//! Processes get the environment of the developer's shell, not that of `cargo run`: build scripts look at
//! variables like `CARGO_PKG_NAME`, and would be built again for each change between `cargo test` typed by hand
//! and the same command started from here.

use crate::failure::Failure;
use cargo_metadata::{Metadata, MetadataCommand};
use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What `cargo run` adds to a program's environment, beside everything that starts with `CARGO_PKG_`.
const ADDED_BY_CARGO_RUN: &[&str] = &[
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_CRATE_NAME",
    "CARGO_BIN_NAME",
    "CARGO_PRIMARY_PACKAGE",
];

/// The workspace that this program was started in.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// From what cargo says at run time, so that a moved checkout does not find its old place.
    pub(crate) fn find() -> Result<Self, Failure> {
        let manifest_dir = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let root = manifest_dir.as_deref().and_then(Path::parent).ok_or(Failure::NotStartedByCargo)?;
        Ok(Self { root: root.to_owned() })
    }

    /// `path`, given from the root.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The text of a file, or `None` when there is no such file.
    pub(crate) fn read(&self, path: &str) -> Result<Option<String>, Failure> {
        match fs::read_to_string(self.path(path)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Failure::File { path: self.path(path), source }),
        }
    }

    /// Members and their declared dependencies.
    pub(crate) fn members(&self) -> Result<Metadata, Failure> {
        Ok(self.metadata_command().no_deps().exec()?)
    }

    /// Members and everything below them, as resolved for `target`.
    pub(crate) fn resolved_for(&self, target: &str) -> Result<Metadata, Failure> {
        let options = ["--filter-platform".to_owned(), target.to_owned()];
        Ok(self.metadata_command().other_options(options).exec()?)
    }

    fn metadata_command(&self) -> MetadataCommand {
        let mut command = MetadataCommand::new();
        command.manifest_path(self.path("Cargo.toml"));
        command
    }

    /// `cargo ARGUMENTS` at the root.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = self.command("cargo");
        command.args(arguments);
        command
    }

    /// `program` at the root, without standard input.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir(&self.root).stdin(Stdio::null());
        for (name, _) in env::vars_os() {
            let is_ours = name
                .to_str()
                .is_some_and(|name| name.starts_with("CARGO_PKG_") || ADDED_BY_CARGO_RUN.contains(&name));
            if is_ours {
                command.env_remove(name);
            }
        }
        command
    }
}

/// Runs it to its end with its output on the terminal.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|source| not_started(command, source))?;
    if status.success() { Ok(()) } else { Err(Failure::CommandFailed { command: as_typed(command), status }) }
}

/// Runs it to its end and gives its standard output.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|source| not_started(command, source))?;
    if !output.status.success() {
        return Err(Failure::CommandFailed { command: as_typed(command), status: output.status });
    }
    String::from_utf8(output.stdout).map_err(|_| Failure::UnexpectedOutput { command: as_typed(command) })
}

/// A process that could not be started, as a failure that names it.
pub(crate) fn not_started(command: &Command, source: io::Error) -> Failure {
    Failure::NotStarted { command: as_typed(command), source }
}

/// The command as one would type it.
pub(crate) fn as_typed(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
