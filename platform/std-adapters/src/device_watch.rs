//! A desktop's word on itself: whether a debugger is attached, and whether the program runs with all rights.
//!
//! Linux tells both in `/proc/self/status` (proc(5)). Where there is no such file nothing is found, and nothing is
//! claimed: the bank's policy decides what a device is worth that proves nothing.

use mpos_ports::DeviceWatch;
use mpos_protocol::{Text, standing::DeviceState};
use std::fs;

const STATUS_FILE: &str = "/proc/self/status";

/// Watches the desktop that this runs on.
#[derive(Clone, Debug)]
pub struct DesktopWatch {
    software: Text<32>,
}

impl DesktopWatch {
    /// For a program of this version.
    pub fn new(software: &str) -> Self {
        Self { software: Text::clipped(software) }
    }
}

impl DeviceWatch for DesktopWatch {
    fn state(&mut self) -> DeviceState {
        let status = fs::read_to_string(STATUS_FILE).unwrap_or_default();
        DeviceState {
            software: self.software.clone(),
            system: Text::clipped(std::env::consts::OS),
            system_patch: None,
            debugger: first_number(&status, "TracerPid:").is_some_and(|tracer| tracer != 0),
            rooted: first_number(&status, "Uid:") == Some(0),
            emulator: false,
        }
    }
}

/// The first number of the line that begins so.
fn first_number(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Name:\tmpos\nTracerPid:\t0\nUid:\t1000\t1000\t1000\t1000\n";

    #[test]
    fn a_tracer_and_the_owners_rights_are_read_from_the_status() {
        assert_eq!(first_number(STATUS, "TracerPid:"), Some(0));
        assert_eq!(first_number(STATUS, "Uid:"), Some(1000));
        assert_eq!(first_number("TracerPid:\t4711\n", "TracerPid:"), Some(4711));
        assert_eq!(first_number("TracerPid:\n", "TracerPid:"), None);
        assert_eq!(first_number("", "Uid:"), None);
    }

    #[test]
    fn this_very_process_has_a_state() {
        let state = DesktopWatch::new("1.2.3").state();
        assert_eq!((&*state.software, state.emulator), ("1.2.3", false));
    }
}
