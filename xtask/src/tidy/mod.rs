//! `cargo xtask tidy`: the tree's own rules, those that neither the compiler nor clippy knows.
//!
//! Each rule is a function from what the tree holds to findings, so that its tests feed it small made-up trees that
//! must fail. A finding names file and line, and says what to do.
//!
//! - [`arrows`]: which crate of ours may depend on which;
//! - [`phone`]: nothing on the phone compiles C;
//! - [`sources`]: what each source file must have and must not have;
//! - [`shell`]: the Java shell stays thin;
//! - [`committed`]: no secret and no machine's path in any file;
//! - [`map`]: ARCHITECTURE.md names what there is, and what it names is there;
//! - [`evidence`]: docs/security.md names tests that there are.

mod arrows;
mod committed;
mod evidence;
mod map;
mod phone;
mod shell;
mod sources;
mod tree;

use crate::{failure::Failure, workspace::Workspace};
use std::fmt;
use tree::Tree;

/// A broken rule at its place.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    /// From the root, with `/`.
    path: String,
    /// From 1; 0 when it is about the whole file.
    line: usize,
    message: String,
}

impl Finding {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.message),
            line => write!(f, "{}:{line}: {}", self.path, self.message),
        }
    }
}

/// Checks every rule and prints every finding.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let tree = Tree::read(workspace)?;
    let members = arrows::members(&workspace.members()?);
    let on_the_phone = phone::Graph::of(&workspace.resolved_for(phone::TARGET)?);

    let mut findings = arrows::check(&members, &tree);
    findings.extend(on_the_phone.check());
    findings.extend(sources::check(&tree));
    findings.extend(sources::check_lints(&members, &tree));
    findings.extend(shell::check(&tree));
    findings.extend(committed::check(&tree));
    findings.extend(map::check(&members, &tree));
    findings.extend(evidence::check(&tree));
    findings.sort();

    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        println!("tidy: {} files, {} crates, no finding", tree.files.len(), members.len());
        Ok(())
    } else {
        Err(Failure::Untidy(findings.len()))
    }
}
