//! Counts tests from the closing line that each test binary prints.
//!
//! Stable libtest has no machine-readable output; its line `test result: ok. 5 passed; 0 failed; …` has been
//! the same for years, and the closing count of the whole run is summed from it.

use crate::{
    failure::Failure,
    workspace::{as_typed, not_started},
};
use std::{
    fmt,
    io::{BufRead as _, BufReader},
    ops::AddAssign,
    process::{Command, Stdio},
};

/// Tests that ran, over any number of test binaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TestCount {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl TestCount {
    /// The count in a test binary's closing line; `None` for every other line.
    pub(crate) fn from_line(line: &str) -> Option<Self> {
        let (_, result) = line.trim().strip_prefix("test result: ")?.split_once(". ")?;
        let mut count = Self::default();
        for part in result.split("; ") {
            match part.split_once(' ') {
                Some((number, "passed")) => count.passed = number.parse().ok()?,
                Some((number, "failed")) => count.failed = number.parse().ok()?,
                _ => {}
            }
        }
        Some(count)
    }
}

/// Runs tests, passing their output on line by line while counting.
///
/// # Errors
/// When one of them fails, or the command does.
pub(crate) fn counted(command: &mut Command, count: &mut TestCount) -> Result<(), Failure> {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|source| not_started(command, source))?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            if let Some(of_one_binary) = TestCount::from_line(&line) {
                *count += of_one_binary;
            }
        }
    }
    let status = child.wait().map_err(|source| not_started(command, source))?;
    if status.success() && count.failed == 0 {
        Ok(())
    } else {
        Err(Failure::CommandFailed { command: as_typed(command), status })
    }
}

impl AddAssign for TestCount {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for TestCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::TestCount;

    #[test]
    fn a_closing_line_is_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(TestCount::from_line(line), Some(TestCount { passed: 12, failed: 3 }));
    }

    #[test]
    fn other_lines_are_not() {
        for line in ["", "test result", "test a_test ... ok", "running 12 tests", "12 passed; 3 failed"] {
            assert_eq!(TestCount::from_line(line), None, "{line}");
        }
    }

    #[test]
    fn counts_add_up_and_read_as_the_closing_line() {
        let mut sum = TestCount { passed: 1, failed: 0 };
        sum += TestCount { passed: 41, failed: 2 };
        assert_eq!(sum.to_string(), "42 passed, 2 failed");
    }
}
