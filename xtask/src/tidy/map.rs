//! ARCHITECTURE.md is the map: it names every folder and crate there is, and what it names is there.

use super::{Finding, arrows::Member, tree::Tree};
use std::collections::BTreeSet;

const MAP: &str = "ARCHITECTURE.md";

/// Endings that make an inline code span without a known folder a path.
const FILE_ENDINGS: &[&str] = &["/", ".rs", ".md", ".toml", ".java", ".sql", ".yml", ".json"];

/// Both directions; nothing while there is no map.
pub(super) fn check(members: &[Member], tree: &Tree) -> Vec<Finding> {
    let Some(map) = tree.text(MAP) else { return Vec::new() };
    let folders = top_folders(tree);
    let mut findings = Vec::new();
    for folder in &folders {
        if !map.contains(&format!("{folder}/")) {
            findings.push(Finding::new(
                MAP,
                0,
                format!("the folder `{folder}/` is not on the map: name it, with a line"),
            ));
        }
    }
    for member in members {
        let is_named = map.contains(&format!("`{}`", member.name)) || map.contains(member.folder());
        if !is_named {
            let message = format!(
                "the crate `{}` is not on the map: name it, or its folder `{}`, with a line",
                member.name,
                member.folder()
            );
            findings.push(Finding::new(MAP, 0, message));
        }
    }
    for (number, span) in code_spans(map) {
        if let Some(path) = as_path(span, &folders)
            && !tree.has(path)
        {
            findings.push(Finding::new(MAP, number, format!("`{path}` does not exist: correct the map")));
        }
    }
    findings
}

pub(super) fn top_folders(tree: &Tree) -> BTreeSet<&str> {
    tree.files.iter().filter_map(|file| file.path.split_once('/')).map(|(folder, _)| folder).collect()
}

/// Inline code outside of fenced blocks, with its line. Drawings in fenced blocks use short names.
pub(super) fn code_spans(text: &str) -> Vec<(usize, &str)> {
    let mut in_fence = false;
    let mut spans = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_fence = !in_fence;
        } else if !in_fence {
            // What stands between the first and second mark, the third and fourth, and so on.
            spans.extend(line.split('`').skip(1).step_by(2).map(|span| (index + 1, span)));
        }
    }
    spans
}

/// The path that a code span names, given from the root; `None` when it names something else.
pub(super) fn as_path<'a>(span: &'a str, folders: &BTreeSet<&str>) -> Option<&'a str> {
    // `file.rs::item` and `file.rs:12` name a place in a file.
    let path = span.split(':').next().unwrap_or_default();
    let is_plain =
        path.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c)) && !path.starts_with('/');
    let in_known_folder = path.split_once('/').is_some_and(|(folder, _)| folders.contains(folder));
    let is_path =
        in_known_folder || (path.len() > 1 && FILE_ENDINGS.iter().any(|ending| path.ends_with(ending)));
    (is_plain && is_path && !path.starts_with("target/")).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::{arrows::made_up::member, tree::made_up::tree};

    #[test]
    fn a_folder_and_a_crate_that_the_map_does_not_name_are_found() {
        let tree = tree(&[
            ("ARCHITECTURE.md", "`protocol/`: messages"),
            ("protocol/src/lib.rs", ""),
            ("host/src/lib.rs", ""),
        ]);
        let members = [member("mpos-protocol", "protocol", &[]), member("mpos-host", "host", &[])];
        let messages: Vec<_> = check(&members, &tree).into_iter().map(|finding| finding.message).collect();
        assert_eq!(messages.len(), 2, "{messages:?}");
        assert!(messages[0].contains("folder `host/`") && messages[1].contains("crate `mpos-host`"));
    }

    #[test]
    fn a_path_that_is_not_there_is_found_at_its_line() {
        let map =
            "`protocol/`\nSee `protocol/src/gone.rs` and `protocol/src/lib.rs::ROUTES`, and `NONE.md`.\n";
        let findings = check(&[], &tree(&[("ARCHITECTURE.md", map), ("protocol/src/lib.rs", "")]));
        let found: Vec<_> = findings.iter().map(|finding| (finding.line, finding.message.as_str())).collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0].0, 2);
        assert!(found[0].1.contains("protocol/src/gone.rs") && found[1].1.contains("NONE.md"));
    }

    #[test]
    fn code_that_is_no_path_and_drawings_are_left_alone() {
        let map = "`mpos/1` `Outbox<Till>` `cargo xtask ci` `a::b`\n```\ntree `src/x.rs`\n```\n";
        assert!(check(&[], &tree(&[("ARCHITECTURE.md", map)])).is_empty());
    }

    #[test]
    fn without_a_map_there_is_nothing_to_compare() {
        assert!(check(&[member("mpos-new", "new", &[])], &tree(&[("new/src/lib.rs", "")])).is_empty());
    }
}
