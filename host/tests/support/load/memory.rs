//! How much memory a process has: what Linux says of it, looked at each second.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Resident memory at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub at: Duration,
    /// KiB now, and at most so far.
    pub now: u64,
    pub most: u64,
}

/// Looks at a process until it is told to stop.
pub struct Watch {
    stop: Arc<AtomicBool>,
    looking: JoinHandle<Vec<Sample>>,
}

impl Watch {
    pub fn over(process: u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let looking = thread::spawn(move || {
            let (begun, mut samples) = (Instant::now(), Vec::new());
            while !stopped.load(Ordering::Relaxed) {
                samples.extend(sample(process, begun.elapsed()));
                thread::sleep(LOOK_EVERY);
            }
            samples
        });
        Self { stop, looking }
    }

    /// What was seen; nothing where there is no `/proc`.
    pub fn end(self) -> Vec<Sample> {
        self.stop.store(true, Ordering::Relaxed);
        self.looking.join().unwrap()
    }
}

fn sample(process: u32, at: Duration) -> Option<Sample> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    Some(Sample { at, now: of("VmRSS:")?, most: of("VmHWM:")? })
}
