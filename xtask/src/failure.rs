//! Why a command did not end well; each text says what to do, as far as it is known.

use std::{io, path::PathBuf, process::ExitStatus};
use thiserror::Error;

/// Everything that ends a command with a nonzero exit.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error("start it as `cargo xtask …`: cargo tells it where the workspace is")]
    NotStartedByCargo,
    #[error("`{command}` could not be started: {source}")]
    NotStarted { command: String, source: io::Error },
    #[error("`{command}` failed ({status})")]
    CommandFailed { command: String, status: ExitStatus },
    #[error("`{command}` printed something other than expected")]
    UnexpectedOutput { command: String },
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("cargo metadata: {0}")]
    Metadata(#[from] cargo_metadata::Error),
    #[error("{0} finding(s); each line above says what to do")]
    Untidy(usize),
    #[error("{path} has no line `{marker}`: put the begin and end marker where the table belongs")]
    MarkerMissing { path: &'static str, marker: &'static str },
    #[error("{path} does not show protocol/src/routes.rs as it is: run `cargo xtask messages --write`")]
    TableOutdated { path: &'static str },
    #[error(transparent)]
    JavaModel(#[from] crate::java::ModelError),
    #[error("{path} is not what protocol/src/screen.rs says: run `cargo xtask java`")]
    JavaOutdated { path: String },
    #[error("there is no fuzz target `{name}`; there are: {known}")]
    UnknownFuzzTarget { name: String, known: String },
    #[error("{0} fuzz target(s) failed; each report above says how to run it again")]
    FuzzFailed(usize),
    #[error("no crate has benchmarks called `{0}`")]
    UnknownBench(String),
    #[error(
        "these Debian packages are missing and could not be installed: {packages}. As root: \
         apt-get update && apt-get install {packages}"
    )]
    ToolsMissing { packages: String },
    #[error(
        "dalvik-exchange and libandroid-23-java of Debian 11 could not be fetched. If the mirror in this machine's apt \
         sources has left Debian 11 behind, name one there that keeps it (Debian's archive does)"
    )]
    OldReleaseMissing,
    #[error(
        "{path} has the SHA-256 {found} and not {expected}: delete it and try again; if it stays so, trust it not"
    )]
    OtherDownload { path: PathBuf, found: String, expected: String },
    #[error(
        "Robolectric's jars, or Android's framework for it, could not be fetched: Maven's report is above. It needs Maven \
         Central, or a mirror of it in Maven's settings; android/jvm-tests/pom.xml names what is fetched"
    )]
    JarsMissing,
    #[error("the APK has no library for {processor}, this machine's processor")]
    NoLibraryFor { processor: &'static str },
    #[error("--sdk: {0}")]
    Sdk(#[from] crate::apk::sdk::SdkFault),
    #[error("the key store's password is missing: set {variable}")]
    NoPassword { variable: &'static str },
    #[error("{0} finding(s) in the APK; each line above says what does not hold")]
    BadApk(usize),
    /// The check's own report is out already.
    #[error("the check failed")]
    CheckFailed,
}
