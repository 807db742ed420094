//! A line that is typed into. What it holds is wiped when it goes; a code's is never drawn.

use crate::words::Phrase;
use mpos_protocol::{
    Secret, Text,
    phone_number::group,
    screen::{InputKind, TYPED_BYTES_MAX},
};
use zeroize::{Zeroize, Zeroizing};

/// What a shell sent: the whole text of a line, and which of its edits that is.
pub(crate) struct Typed<'a> {
    pub(crate) text: &'a Secret<Text<TYPED_BYTES_MAX>>,
    pub(crate) edit: u32,
}

/// A line.
pub(crate) struct Line {
    pub(crate) id: &'static str,
    pub(crate) label: &'static str,
    pub(crate) hint: &'static str,
    pub(crate) kind: InputKind,
    pub(crate) edit: u32,
    pub(crate) error: Option<Phrase>,
    text: Zeroizing<String>,
}

impl Line {
    pub(crate) fn new(id: &'static str, label: &'static str, kind: InputKind) -> Self {
        let hint = match kind {
            InputKind::ActivationCode => "ABCD-EFGH-JKMN-PQRS",
            InputKind::Phone => "383 4x xxx xxx",
            InputKind::DateTime => "2022/09/02 00:00:00",
            InputKind::Amount => "12.30",
            InputKind::SupervisorCode | InputKind::Search => "",
        };
        // Room for the longest: growing would leave a part of a code behind in freed memory.
        let text = Zeroizing::new(String::with_capacity(2 * TYPED_BYTES_MAX));
        Self { id, label, hint, kind, edit: 0, error: None, text }
    }

    pub(crate) fn with(mut self, text: &str) -> Self {
        self.set(text);
        self
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn set(&mut self, text: &str) {
        self.text.zeroize();
        // Without a copy in between, which nobody would wipe.
        let fits = |end: &usize| text.is_char_boundary(*end);
        let end = (0..=text.len().min(TYPED_BYTES_MAX)).rev().find(fits).unwrap_or_default();
        self.text.push_str(text.get(..end).unwrap_or_default());
    }

    /// Takes what was typed. An error stands until then: it is about what stood there.
    pub(crate) fn take(&mut self, typed: &Typed<'_>) {
        let text = typed.text.expose();
        match self.kind {
            InputKind::Phone => self.set(&grouped(text)),
            _ => self.set(text),
        }
        self.edit = typed.edit;
        self.error = None;
    }

    /// Empties a code's line; others keep what was typed.
    pub(crate) fn forget_code(&mut self) {
        if self.is_code() {
            self.text.zeroize();
        }
    }

    pub(crate) fn is_code(&self) -> bool {
        matches!(self.kind, InputKind::ActivationCode | InputKind::SupervisorCode)
    }
}

/// Groups a number that begins with the country's code, as in `383 44 123 456`. What has a plus, zeros or anything
/// else in it is left as it was typed: it is read all the same, and an error can name it.
fn grouped(typed: &str) -> String {
    const DIGITS: usize = 11;
    let plain = typed.chars().all(|character| character.is_ascii_digit() || character == ' ');
    let digits = typed.chars().filter(char::is_ascii_digit).count();
    let grouped = group(typed);
    let begins = grouped.starts_with("383") || "383".starts_with(&grouped);
    if plain && begins && digits <= DIGITS { grouped } else { typed.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_grouped_only_while_nothing_typed_would_be_lost() {
        for (typed, shown) in [
            ("3834", "383 4"),
            ("38344123456", "383 44 123 456"),
            ("383 44 123 4567", "383 44 123 4567"),
            ("+38344", "+38344"),
            ("044 123", "044 123"),
            ("383 4x", "383 4x"),
            ("", ""),
        ] {
            assert_eq!(grouped(typed), shown, "{typed}");
        }
    }
}
