//! The Java shell stays thin: its lines of code and its branches are counted, and there is no third-party name in it.
//!
//! A shell that grows has begun to decide something, which belongs into the screens. What `cargo xtask java` makes is
//! counted apart: it grows with the protocol only.

use super::{Finding, tree::Tree};

const FOLDER: &str = "android/shell/src/";
const MADE: &[&str] = &["/Screen.java", "/ScreenEvent.java"];

/// Lines that are neither blank nor comment. Two thirds are widgets being made, which other shells leave to a toolkit.
const LINES_MAX: usize = 1_850;
/// Where the code goes one way or another: each of these words and signs.
const BRANCHES_MAX: usize = 350;
const BRANCHES: &[&str] = &["if ", "for ", "while ", "case ", "catch ", "&&", "||", " ? "];

/// Whose classes the shell may name.
const PLATFORM: &[&str] = &["import android.", "import java.", "import javax."];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (mut lines, mut branches) = (0, 0);
    for file in &tree.files {
        let is_ours = file.path.starts_with(FOLDER) && file.path.ends_with(".java");
        if !is_ours || MADE.iter().any(|made| file.path.ends_with(made)) {
            continue;
        }
        for (number, line) in file.lines().filter(|(_, line)| is_code(line)) {
            lines += 1;
            branches += BRANCHES.iter().map(|branch| line.matches(branch).count()).sum::<usize>();
            if line.starts_with("import ") && !PLATFORM.iter().any(|known| line.starts_with(known)) {
                findings.push(Finding::new(
                    &file.path,
                    number,
                    "the shell uses the phone's own classes only",
                ));
            }
        }
    }
    for (what, count, most) in [("lines of code", lines, LINES_MAX), ("branches", branches, BRANCHES_MAX)] {
        if count > most {
            let message =
                format!("the shell has {count} {what}, more than {most}: let the screens decide more");
            findings.push(Finding::new(FOLDER, 0, message));
        }
    }
    findings
}

fn is_code(line: &str) -> bool {
    let line = line.trim_start();
    !(line.is_empty() || line.starts_with("//") || line.starts_with("/*") || line.starts_with('*'))
}

#[cfg(test)]
mod tests {
    use super::{BRANCHES_MAX, LINES_MAX, check};
    use crate::tidy::tree::made_up::tree;

    const PATH: &str = "android/shell/src/com/A.java";

    #[test]
    fn a_shell_with_too_many_lines_or_branches_is_found() {
        let long = "a();\n".repeat(LINES_MAX);
        assert!(check(&tree(&[(PATH, &long)])).is_empty());
        assert_eq!(check(&tree(&[(PATH, &format!("{long}\n// more\nb();\n"))])).len(), 1);
        let branched = "if (a && b) c();\n".repeat(BRANCHES_MAX / 2);
        assert!(check(&tree(&[(PATH, &branched)])).is_empty());
        assert_eq!(check(&tree(&[(PATH, &format!("{branched}x = y ? 1 : 2;\n"))])).len(), 1);
    }

    #[test]
    fn what_is_made_is_counted_apart_and_a_library_of_others_is_found() {
        let made = "a();\n".repeat(LINES_MAX + 1);
        assert!(check(&tree(&[("android/shell/src/com/Screen.java", &made)])).is_empty());
        let found = check(&tree(&[(PATH, "import android.view.View;\nimport androidx.core.View;\n")]));
        assert_eq!((found.len(), found[0].line), (1, 2));
    }
}
