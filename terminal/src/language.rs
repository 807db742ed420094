//! The language that was chosen on this terminal, in its folder: the next start begins with it.

use mpos_protocol::admin::Language;
use std::{fs, path::Path};

const LANGUAGE_FILE: &str = "language";

/// The language that was chosen, or else that of the system's code, such as `sq`, `sr_RS` or `en-GB`.
pub fn kept(folder: &Path, system: &str) -> Language {
    let kept = fs::read_to_string(folder.join(LANGUAGE_FILE)).ok();
    let of = |code: &str| {
        let code = code.split(['_', '-', '.', '\n']).next().unwrap_or_default();
        Language::ALL.into_iter().find(|language| language.code() == code)
    };
    kept.as_deref().and_then(of).or_else(|| of(system)).unwrap_or(Language::English)
}

/// Keeps it. Where that fails the next start asks the system again.
pub fn keep(folder: &Path, language: Language) {
    let path = folder.join(LANGUAGE_FILE);
    if let Err(error) = fs::write(&path, language.code()) {
        tracing::warn!(path = %path.display(), %error, "the language could not be kept");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chosen_language_comes_before_the_systems_and_an_unknown_one_is_english() {
        let folder = tempfile::tempdir().unwrap();
        let of = |system| kept(folder.path(), system);
        assert_eq!(
            [of("sq"), of("sr-RS"), of("de_AT.UTF-8"), of("")],
            [Language::Albanian, Language::Serbian, Language::English, Language::English]
        );
        keep(folder.path(), Language::Serbian);
        assert_eq!(of("sq"), Language::Serbian);
        fs::write(folder.path().join(LANGUAGE_FILE), [0xFF, 0xFE]).unwrap();
        assert_eq!(of("sq"), Language::Albanian);
    }
}
