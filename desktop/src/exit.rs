//! Exit statuses: scripts rely on them.

use mpos_protocol::sale::SaleOutcome;
use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: approved, or done.
    Done,
    /// 1: declined by card or bank.
    Declined,
    /// 1: the books of terminal and bank differ.
    Differs,
    /// 2: bad usage or input.
    Usage,
    /// 3: no outcome could be reached; the output says what happens next.
    NoOutcome,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Declined | Exit::Differs => 1,
            Exit::Usage => 2,
            Exit::NoOutcome => 3,
        })
    }
}

impl From<SaleOutcome> for Exit {
    fn from(outcome: SaleOutcome) -> Self {
        match outcome {
            SaleOutcome::Approved => Exit::Done,
            SaleOutcome::Declined | SaleOutcome::TryAnotherCard => Exit::Declined,
            SaleOutcome::Reversed | SaleOutcome::Unknown | SaleOutcome::Cancelled => Exit::NoOutcome,
        }
    }
}
