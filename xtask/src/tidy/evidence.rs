//! docs/security.md names the tests that show what it claims: each of them, and each file, is there.

use super::{Finding, map, tree::Tree};

const PAGE: &str = "docs/security.md";
/// A test's name is a sentence: no other name has so many words.
const WORDS_MIN: usize = 5;

/// Nothing while there is no such page.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(page) = tree.text(PAGE) else { return Vec::new() };
    let folders = map::top_folders(tree);
    let mut findings = Vec::new();
    for (number, span) in map::code_spans(page) {
        if let Some(path) = map::as_path(span, &folders)
            && !tree.has(path)
        {
            findings.push(Finding::new(PAGE, number, format!("`{path}` does not exist: correct the page")));
        }
        if is_test(span) && !is_defined(tree, span) {
            let message =
                format!("there is no test `{span}`: name the one that shows it now, or take the claim back");
            findings.push(Finding::new(PAGE, number, message));
        }
    }
    findings
}

fn is_test(span: &str) -> bool {
    span.split('_').count() >= WORDS_MIN
        && span.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn is_defined(tree: &Tree, test: &str) -> bool {
    let definition = format!("fn {test}(");
    tree.files.iter().any(|file| file.is_rust() && file.text.contains(&definition))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tree::made_up::tree;

    #[test]
    fn a_page_that_names_a_test_or_a_file_that_is_not_there_is_found() {
        let test = ("host/tests/a.rs", "fn a_key_is_taken_only_once() {}");
        let page = |text| ("docs/security.md", text);
        let sound = tree(&[test, page("`a_key_is_taken_only_once`, `host/tests/a.rs`, `not_a_test`")]);
        assert_eq!(check(&sound), []);
        for wrong in ["`a_key_is_taken_only_twice`", "`host/tests/b.rs`"] {
            assert_eq!(check(&tree(&[test, page(wrong)])).len(), 1, "{wrong}");
        }
        assert_eq!(check(&tree(&[test])), []);
    }
}
