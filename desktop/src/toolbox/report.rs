//! What a tool prints: a label and a value a line, the values below each other. Scripts read it by its labels.

use zeroize::Zeroizing;

/// Spaces for each step to the right.
const INDENT: usize = 2;

/// Labelled lines. Wiped when dropped: there are keys among them.
#[derive(Default)]
pub(crate) struct Report {
    lines: Vec<Line>,
}

struct Line {
    depth: usize,
    label: String,
    value: Zeroizing<String>,
}

impl Report {
    /// A label and its value.
    pub(crate) fn line(&mut self, label: impl Into<String>, value: impl Into<String>) {
        self.part(0, label, value);
    }

    /// A part of what stands above it.
    pub(crate) fn part(&mut self, depth: usize, label: impl Into<String>, value: impl Into<String>) {
        self.lines.push(Line { depth, label: label.into(), value: Zeroizing::new(value.into()) });
    }

    /// A label and bytes.
    pub(crate) fn bytes(&mut self, label: impl Into<String>, bytes: &[u8]) {
        self.line(label, hex::encode_upper(bytes));
    }

    /// A line without a label, such as a heading.
    pub(crate) fn text(&mut self, depth: usize, text: impl Into<String>) {
        self.part(depth, "", text);
    }

    /// All of it, each line with its end.
    pub(crate) fn to_text(&self) -> Zeroizing<String> {
        let width = |line: &Line| line.depth * INDENT + line.label.chars().count();
        let widest =
            self.lines.iter().filter(|line| !line.label.is_empty()).map(width).max().unwrap_or_default();
        let mut text = Zeroizing::new(String::new());
        for line in &self.lines {
            let indent = line.depth * INDENT;
            let padding = if line.label.is_empty() { 0 } else { widest + INDENT - width(line) };
            text.extend(std::iter::repeat_n(' ', indent));
            text.push_str(&line.label);
            text.extend(std::iter::repeat_n(' ', padding));
            text.push_str(&line.value);
            text.push('\n');
        }
        text
    }
}
