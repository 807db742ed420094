//! What happened in a run, line by line: kept when it is asked for, and hashed in any case, so that two runs of a seed
//! can be told to be the same.

use std::fmt;

/// The lines, or their hash alone.
#[derive(Clone, Debug)]
pub struct Trace {
    /// FNV-1a, 64 bits.
    hash: u64,
    lines: Option<Vec<String>>,
}

impl Trace {
    /// A trace that keeps its lines, or not.
    pub fn new(keeps_lines: bool) -> Self {
        Self { hash: 0xCBF2_9CE4_8422_2325, lines: keeps_lines.then(Vec::new) }
    }

    /// Adds a line.
    pub fn note(&mut self, now_ms: u64, line: fmt::Arguments<'_>) {
        let line = format!("{:>9}.{:03} {line}", now_ms / 1000, now_ms % 1000);
        for byte in line.bytes().chain([b'\n']) {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
        if let Some(lines) = &mut self.lines {
            lines.push(line);
        }
    }

    /// The hash of all lines.
    pub const fn hash(&self) -> u64 {
        self.hash
    }

    /// The lines, if they were kept.
    pub fn lines(&self) -> &[String] {
        self.lines.as_deref().unwrap_or_default()
    }
}
