//! `cargo xtask java`: the Java shell's reading of screens and writing of events, made from protocol/src/screen.rs.
//!
//! [`model`] reads the Rust types as text, [`reading`] and [`writing`] put them into Java. What is made is committed,
//! so that it can be read and debugged like the rest of the shell; `--check`, a step of the check, fails when it is not
//! what the types say. Bytes are held against protocol/tests/golden/screen.txt by the shell's own tests.

mod model;
mod reading;
mod writing;

pub(crate) use model::ModelError;

use crate::{failure::Failure, workspace::Workspace};
use clap::Args;
use model::Model;
use std::fs;

/// Where the types are. A name is looked for in this order.
const SOURCES: [&str; 4] =
    ["protocol/src/screen.rs", "protocol/src/pad.rs", "protocol/src/admin.rs", "protocol/src/card.rs"];
/// The shell's package, as a folder.
const FOLDER: &str = "android/shell/src/com/procreditbank/kosovo/mpos";

/// Options of `cargo xtask java`.
#[derive(Args)]
pub(crate) struct Options {
    /// Fail unless the committed files are what protocol/src/screen.rs says
    #[arg(long)]
    check: bool,
}

/// Writes or checks the files.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    if options.check { check(workspace) } else { write(workspace) }
}

/// Fails unless the committed files are what the types say.
pub(crate) fn check(workspace: &Workspace) -> Result<(), Failure> {
    for (path, text) in files(workspace)? {
        if workspace.read(&path)?.as_deref() != Some(&text) {
            return Err(Failure::JavaOutdated { path });
        }
    }
    Ok(())
}

fn write(workspace: &Workspace) -> Result<(), Failure> {
    for (path, text) in files(workspace)? {
        let path = workspace.path(&path);
        fs::write(&path, text).map_err(|source| Failure::File { path, source })?;
    }
    Ok(())
}

/// Path and text of each file that is made.
fn files(workspace: &Workspace) -> Result<[(String, String); 2], Failure> {
    let mut model = Model::default();
    for path in SOURCES {
        model.add(&workspace.read(path)?.unwrap_or_default())?;
    }
    Ok([
        (format!("{FOLDER}/Screen.java"), reading::class(&model, "Screen", "SCREEN_BYTES_MAX")?),
        (format!("{FOLDER}/ScreenEvent.java"), writing::class(&model, "ScreenEvent", "EVENT_BYTES_MAX")?),
    ])
}

/// `snake_case` as Java names fields and methods; `PascalCase` too.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let mut text = words.next().map(lower_first).unwrap_or_default();
    text.extend(words.map(upper_first));
    text
}

fn lower_first(word: &str) -> String {
    with_first(word, |first| first.to_lowercase().collect())
}

fn upper_first(word: &str) -> String {
    with_first(word, |first| first.to_uppercase().collect())
}

fn with_first(word: &str, change: impl Fn(char) -> String) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| change(first) + letters.as_str()).unwrap_or_default()
}

/// `PascalCase` as Java names constants.
fn constant(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_uppercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{camel, constant};

    #[test]
    fn names_are_written_as_java_writes_them() {
        assert_eq!((camel("keeps_secret"), camel("ShellReady")), ("keepsSecret".into(), "shellReady".into()));
        assert_eq!((constant("VisaElectron"), constant("Body")), ("VISA_ELECTRON".into(), "BODY".into()));
    }
}
