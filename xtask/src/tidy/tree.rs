//! The files that are, or are about to be, committed.

use crate::{
    failure::Failure,
    workspace::{Workspace, output},
};
use std::{fs, io};

/// All files of the tree that git does not ignore.
pub(super) struct Tree {
    pub(super) files: Vec<File>,
}

/// One of them.
pub(super) struct File {
    /// From the root, with `/`.
    pub(super) path: String,
    /// Empty for a file that is no text.
    pub(super) text: String,
}

impl Tree {
    /// New files count too, so that a finding comes before the commit and not after.
    pub(super) fn read(workspace: &Workspace) -> Result<Self, Failure> {
        let mut git = workspace.command("git");
        git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"]);
        let mut files = Vec::new();
        for path in output(&mut git)?.split_terminator('\0') {
            match fs::read(workspace.path(path)) {
                Ok(bytes) => files
                    .push(File { path: path.to_owned(), text: String::from_utf8(bytes).unwrap_or_default() }),
                // Deleted, but not yet in a commit.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(Failure::File { path: workspace.path(path), source }),
            }
        }
        Ok(Self { files })
    }

    /// The text of one file, if it is there.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }

    /// Whether there is such a file, or a folder with files.
    pub(super) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        self.files.iter().any(|file| {
            file.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }
}

impl File {
    /// Its lines with their numbers, from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// Whether it is Rust.
    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// Whether `word` stands in `line` and is no part of a longer name.
pub(super) fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let in_name = |neighbour: Option<char>| neighbour.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let before = line.get(..start).and_then(|text| text.chars().next_back());
        let after = line.get(start + word.len()..).and_then(|text| text.chars().next());
        !in_name(before) && !in_name(after)
    })
}

#[cfg(test)]
pub(super) mod made_up {
    //! Small trees for the rules' tests.

    use super::{File, Tree};

    /// A tree of these files, given as path and text.
    pub(in crate::tidy) fn tree(files: &[(&str, &str)]) -> Tree {
        let files = files.iter().map(|(path, text)| File { path: (*path).into(), text: (*text).into() });
        Tree { files: files.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::{has_word, made_up::tree};

    #[test]
    fn a_word_is_not_a_part_of_a_name() {
        assert!(has_word("is (it) common?", "common"));
        assert!(!has_word("commonly", "common"));
        assert!(!has_word("un_common", "common"));
    }

    #[test]
    fn a_folder_is_there_when_it_has_files() {
        let tree = tree(&[("protocol/src/lib.rs", "")]);
        assert!(tree.has("protocol/src/") && tree.has("protocol") && tree.has("protocol/src/lib.rs"));
        assert!(!tree.has("proto") && !tree.has("protocol/src/lib"));
    }
}
