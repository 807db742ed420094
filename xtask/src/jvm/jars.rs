//! Robolectric, JUnit and Android's framework, as Maven brings them from where this machine's Maven is told to look.
//!
//! A jar runs with our rights, so each must be the one that was looked at: `android/jvm-tests/jars.txt` has the SHA-256
//! of every one, and what is not in it does not run.

use super::FOLDER;
use crate::{
    apk,
    failure::Failure,
    workspace::{Workspace, run},
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The framework's own jar: Robolectric loads it itself, by this name's start.
const FRAMEWORK: &str = "android-all-instrumented";

/// What was fetched.
pub(super) struct Jars {
    pub(super) folder: PathBuf,
    /// All but the framework.
    pub(super) to_run: Vec<PathBuf>,
    /// The framework: tests are compiled against what Android 6's classes lack.
    pub(super) framework: PathBuf,
}

/// Fetches what is not there, and checks all of it.
///
/// # Errors
/// When it cannot be had, or is something else; the text says what to do.
pub(super) fn fetch(workspace: &Workspace, folder: &Path) -> Result<Jars, Failure> {
    let listed = workspace.read(&format!("{FOLDER}/jars.txt"))?.unwrap_or_default();
    let wanted: BTreeMap<&str, &str> =
        listed.lines().filter_map(|line| line.split_once("  ")).map(|(sum, name)| (name, sum)).collect();
    let jars = folder.join("jars");
    if !wanted.keys().all(|name| jars.join(name).exists()) {
        let mut maven = workspace.command("mvn");
        maven
            .args(["--batch-mode", "--no-transfer-progress", "--file"])
            .arg(workspace.path(FOLDER).join("pom.xml"));
        maven.arg(COPY).arg(format!("-DoutputDirectory={}", jars.display()));
        run(&mut maven).map_err(|_| Failure::JarsMissing)?;
    }
    let failed = |source| Failure::File { path: jars.clone(), source };
    let mut found = Jars { folder: jars.clone(), to_run: Vec::new(), framework: PathBuf::new() };
    for entry in fs::read_dir(&jars).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let expected = wanted.get(name.as_str()).copied().unwrap_or("no jar of that name");
        let is = apk::machine::sha256_of(&path)?;
        if is != expected {
            return Err(Failure::OtherDownload { path, found: is, expected: expected.to_owned() });
        }
        if name.starts_with(FRAMEWORK) {
            found.framework = path;
        } else {
            found.to_run.push(path);
        }
    }
    found.to_run.sort();
    if found.to_run.len() + 1 == wanted.len() { Ok(found) } else { Err(Failure::JarsMissing) }
}

/// Copies what the pom names, with all that it needs.
const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies";
