//! What each source file must have (a module comment, a citation in the kernel) and must not have.
//!
//! Words that are searched for are written in two parts here, as this file is looked at too.

use super::{
    Finding,
    arrows::Member,
    tree::{File, Tree, has_word},
};

/// A file longer than this has more than one job, or is named below.
const LINES_MAX: usize = 500;

/// Longer files that have one job all the same, each with the reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// Names that say nothing of what is inside.
const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "manager", "common", "misc"];

/// What is left behind by work that is not finished.
const LEFTOVERS: &[&str] = &[concat!("FIX", "ME"), concat!("TO", "DO"), concat!("XX", "X")];
const LEFTOVER_MACROS: &[&str] = &[concat!("to", "do!"), concat!("unimple", "mented!"), concat!("db", "g!")];

/// Endings of files that are code; prose may speak of leftovers.
const CODE: &[&str] = &[".rs", ".java", ".sql", ".toml", ".sh", ".yml"];

/// The only folder where the compiler's proofs may be left.
const UNSAFE_FOLDER: &str = "android/";

/// Where each file cites the clause that it obeys.
const CITING: &[&str] =
    &["actors/emv-kernel/src/kernel2", "actors/emv-kernel/src/kernel3", "actors/emv-kernel/src/entry_point"];
/// How a clause is cited: EMV's Books, kernel specifications C-2 and C-3.
const CITATIONS: &[&str] = &["EMV 4", "Book ", "C-2", "C-3"];

/// Every broken rule in every file.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        findings.extend(empty_name(file));
        if CODE.iter().any(|ending| file.path.ends_with(ending)) {
            findings.extend(leftovers(file));
        }
        if file.is_rust() {
            findings.extend(opening(file));
            findings.extend(length(file));
            findings.extend(leftover_safety(file));
            findings.extend(citation(file));
        }
    }
    findings
}

/// Every crate forbids `unsafe`, by the workspace's lints or in its own root.
pub(super) fn check_lints(members: &[Member], tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let workspace_forbids =
        tree.text("Cargo.toml").is_some_and(|text| text.contains("unsafe_code = \"forbid\""));
    for member in members.iter().filter(|member| !member.manifest.starts_with(UNSAFE_FOLDER)) {
        let manifest = tree.text(&member.manifest).unwrap_or_default();
        let inherits = manifest
            .split_once("[lints]")
            .is_some_and(|(_, rest)| rest.trim_start().starts_with("workspace = true"));
        let root_forbids = ["lib.rs", "main.rs"].iter().any(|root| {
            let path = format!("{}/src/{root}", member.folder());
            tree.text(&path).is_some_and(|text| text.contains("#![forbid(unsafe_code)]"))
        });
        let forbids = root_forbids || (inherits && workspace_forbids);
        if !forbids {
            let message = "nothing forbids `unsafe` here: add `[lints] workspace = true`";
            findings.push(Finding::new(&member.manifest, 0, message));
        }
    }
    findings
}

fn opening(file: &File) -> Option<Finding> {
    let opens = file
        .lines()
        .find(|(_, line)| !line.trim().is_empty())
        .is_some_and(|(_, line)| line.starts_with("//!"));
    (!opens).then(|| {
        Finding::new(&file.path, 1, "open the file with `//!`: why it exists, what starts and ends it")
    })
}

fn length(file: &File) -> Option<Finding> {
    let lines = file.text.lines().count();
    let allowed = LONG_FILES.iter().any(|(path, _reason)| *path == file.path);
    (lines > LINES_MAX && !allowed).then(|| {
        let message = format!(
            "{lines} lines, more than {LINES_MAX}: split it by job, or name it with a reason in xtask/src/tidy/sources.rs"
        );
        Finding::new(&file.path, lines, message)
    })
}

fn leftovers(file: &File) -> Vec<Finding> {
    let found = file.lines().filter_map(|(number, line)| {
        let word = LEFTOVERS.iter().chain(LEFTOVER_MACROS).find(|word| has_word(line, word))?;
        Some(Finding::new(&file.path, number, format!("`{word}` is left over: finish it, or file an issue")))
    });
    found.collect()
}

fn leftover_safety(file: &File) -> Vec<Finding> {
    if file.path.starts_with(UNSAFE_FOLDER) {
        return Vec::new();
    }
    let found = file.lines().filter(|(_, line)| is_unsafe(line));
    found
        .map(|(number, _)| {
            Finding::new(&file.path, number, "`unsafe` outside android/: find a safe way, or a crate")
        })
        .collect()
}

/// Whether the line's code, its comment left out, opens an unsafe block, function or implementation.
fn is_unsafe(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices(concat!("un", "safe")).any(|(start, word)| {
        let before = code.get(..start).and_then(|text| text.chars().next_back());
        let after = code.get(start + word.len()..).unwrap_or_default();
        let after = after.trim_start_matches('(').trim_start();
        let opens = ["{", "fn ", "impl ", "impl<", "extern ", "trait ", "no_mangle", "export_name"];
        let ends_line = after.is_empty();
        !before.is_some_and(|c| c.is_alphanumeric() || "_`\"".contains(c))
            && (ends_line || opens.iter().any(|word| after.starts_with(word)))
    })
}

fn empty_name(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for part in file.path.split('/') {
        let stem = part.split('.').next().unwrap_or_default();
        if EMPTY_NAMES.contains(&stem) {
            let message = format!("`{part}` says nothing of what is inside: name it for what it does");
            findings.push(Finding::new(&file.path, 0, message));
        }
    }
    if file.is_rust() {
        for (number, line) in file.lines() {
            let name = line.split_once("mod ").map(|(_, rest)| rest.trim_end_matches([' ', '{', ';']));
            // A module in a file of its own is found by that file's name.
            if line.ends_with('{') && name.is_some_and(|name| EMPTY_NAMES.contains(&name)) {
                let message = "the module's name says nothing of what is inside: name it for what it does";
                findings.push(Finding::new(&file.path, number, message));
            }
        }
    }
    findings
}

fn citation(file: &File) -> Option<Finding> {
    let must = CITING.iter().any(|start| file.path.starts_with(start));
    let cites = CITATIONS.iter().any(|form| file.text.contains(form));
    (must && !cites).then(|| {
        let message = "no clause is cited: say where the rule is written, like `// EMV 4.3 Book 3, 10.4` or `// C-2, 6.7`";
        Finding::new(&file.path, 0, message)
    })
}

#[cfg(test)]
mod tests {
    use super::{LEFTOVER_MACROS, LEFTOVERS, LINES_MAX, check, check_lints};
    use crate::tidy::{arrows::made_up::member, tree::made_up::tree};

    /// What the rules say of one file.
    fn found(path: &str, text: &str) -> Vec<String> {
        check(&tree(&[(path, text)])).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_file_without_a_module_comment_is_found() {
        assert!(found("host/src/lib.rs", "\n//! Why.\nuse x;\n").is_empty());
        assert!(
            found("host/src/lib.rs", "use x;\n//! Late.\n")[0].contains("host/src/lib.rs:1: open the file")
        );
        assert_eq!(found("host/src/lib.rs", "").len(), 1);
    }

    #[test]
    fn a_long_file_is_found() {
        let at_the_limit = format!("//! Why.\n{}", "x\n".repeat(LINES_MAX - 1));
        assert!(found("host/src/a.rs", &at_the_limit).is_empty());
        assert!(found("host/src/a.rs", &format!("{at_the_limit}x\n"))[0].contains("501 lines"));
    }

    #[test]
    fn each_leftover_is_found_at_its_line_and_only_as_a_word() {
        for word in LEFTOVERS.iter().chain(LEFTOVER_MACROS) {
            let findings = found("host/src/a.rs", &format!("//! Why.\n// {word} later\n"));
            assert!(
                findings.len() == 1 && findings[0].starts_with("host/src/a.rs:2: "),
                "{word}: {findings:?}"
            );
        }
        assert!(found("host/src/a.rs", "//! Why.\nlet phone = \"XXXX\"; let todo = 1;\n").is_empty());
    }

    #[test]
    fn unsafe_is_found_outside_android_only() {
        let keyword = concat!("un", "safe");
        let code = format!("//! Why.\nlet x = {keyword} {{ y }};\n{keyword} impl Send for X {{}}\n");
        assert_eq!(found("host/src/a.rs", &code).len(), 2);
        assert!(found("android/native/src/env.rs", &code).is_empty());
        let words = format!(
            "//! Why.\n#![forbid({keyword}_code)]\n// {keyword} {{ in words }}\n/// Not `{keyword}`.\n"
        );
        assert!(found("host/src/a.rs", &words).is_empty());
    }

    #[test]
    fn names_that_say_nothing_are_found_as_file_folder_and_module() {
        assert_eq!(found("host/src/utils.rs", "//! Why.\n").len(), 1);
        assert_eq!(found("host/tests/common/mod.rs", "//! Why.\n").len(), 1);
        assert_eq!(found("host/src/a.rs", "//! Why.\nmod helpers {\n}\n").len(), 1);
        assert!(found("host/src/commonly.rs", "//! Why.\n").is_empty());
    }

    #[test]
    fn a_kernel_file_without_a_citation_is_found() {
        assert_eq!(found("actors/emv-kernel/src/kernel2/gpo.rs", "//! Why.\n").len(), 1);
        assert!(found("actors/emv-kernel/src/kernel3/gpo.rs", "//! Why.\n// C-3, 5.4\n").is_empty());
        assert!(found("actors/emv-kernel/src/lib.rs", "//! Why.\n").is_empty());
    }

    #[test]
    fn a_crate_that_does_not_forbid_unsafe_is_found() {
        let members = [member("a", "a", &[]), member("b", "b", &[]), member("c", "c", &[])];
        let files = tree(&[
            ("Cargo.toml", "[workspace.lints.rust]\nunsafe_code = \"forbid\"\n"),
            ("a/Cargo.toml", "[lints]\nworkspace = true\n"),
            ("b/Cargo.toml", "[package]\n"),
            ("b/src/lib.rs", "#![forbid(unsafe_code)]\n"),
            ("c/Cargo.toml", "[package]\n"),
            ("c/src/lib.rs", "//! Why.\n"),
        ]);
        let findings = check_lints(&members, &files);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].path, "c/Cargo.toml");
    }
}
