//! Many seeds on all cores: one report over all runs, and the first seed that fails.

use crate::{
    fault::Fault,
    house::{House, HouseError},
    invariant::Tally,
    mutant::Mutant,
    world::{Report, World},
};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread,
};

/// What many runs came to.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Runs that ended.
    pub seeds: u64,
    /// Those that failed, by their seeds, with what they violated.
    pub failures: Vec<(u64, String)>,
    /// How often each kind of fault happened, in the order of [`Fault::ALL`].
    pub faults: Vec<u64>,
    /// Messages that were cut, the least and the greatest byte, and how many different ones.
    pub cuts: BTreeMap<usize, u64>,
    /// Where processes were killed and calls failed.
    pub places: BTreeMap<String, u64>,
    /// Writes torn and lost.
    pub torn_and_lost: (u64, u64),
    /// Steps of actors.
    pub steps: u64,
    /// Virtual milliseconds.
    pub virtual_ms: u64,
    /// How sales and refunds ended.
    pub tally: Tally,
}

impl Summary {
    /// Adds a run.
    pub fn add(&mut self, report: &Report) {
        self.seeds += 1;
        if let Some(first) = report.violations.first() {
            self.failures.push((report.seed, first.clone()));
        }
        self.faults.resize(Fault::ALL.len(), 0);
        self.faults.iter_mut().zip(&report.faults).for_each(|(sum, count)| *sum += count);
        report.cuts.iter().for_each(|at| *self.cuts.entry(*at).or_default() += 1);
        report.places.iter().for_each(|place| *self.places.entry(place.clone()).or_default() += 1);
        self.torn_and_lost.0 += report.torn_and_lost.0;
        self.torn_and_lost.1 += report.torn_and_lost.1;
        self.steps += report.steps;
        self.virtual_ms += report.virtual_ms;
        self.tally = self.tally.and(report.tally);
    }

    /// The kinds of fault that never happened.
    pub fn unseen_faults(&self) -> Vec<Fault> {
        let count = |fault: &Fault| self.faults.get(*fault as usize).copied().unwrap_or(0);
        Fault::ALL.iter().copied().filter(|fault| count(fault) == 0).collect()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { approved, declined, reversed, unknown, cancelled, unseen, refunds } = self.tally;
        writeln!(
            f,
            "{} seeds, {} failed; {} steps, {} virtual hours",
            self.seeds,
            self.failures.len(),
            self.steps,
            self.virtual_ms / 3_600_000
        )?;
        writeln!(
            f,
            "sales and refunds ({refunds} of them refunds): {approved} approved, {declined} declined, {reversed} \
             reversed, {unknown} told as unknown, {cancelled} cancelled or not begun, {unseen} ended with the program"
        )?;
        for (fault, count) in Fault::ALL.iter().zip(&self.faults) {
            writeln!(f, "  {:<22}{count:>9}", format!("{fault:?}"))?;
        }
        let (torn, lost) = self.torn_and_lost;
        writeln!(f, "  {:<22}{torn:>9}\n  {:<22}{lost:>9}", "writes torn", "writes lost")?;
        writeln!(f, "killed, or failed, at")?;
        for (place, count) in &self.places {
            writeln!(f, "  {place:<22}{count:>9}")?;
        }
        let (first, last) = (self.cuts.keys().next(), self.cuts.keys().next_back());
        if let (Some(first), Some(last)) = (first, last) {
            let different = self.cuts.len();
            writeln!(
                f,
                "  messages cut after {different} different numbers of bytes, from {first} to {last}"
            )?;
        }
        Ok(())
    }
}

/// What to run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The first seed.
    pub first: u64,
    /// How many.
    pub count: u64,
    /// The safeguard that is broken.
    pub mutant: Option<Mutant>,
    /// Ends at the first seed that fails.
    pub stops_at_failure: bool,
}

/// Runs the seeds of a plan on all cores; `progress` is told now and then, and of each seed that failed.
///
/// # Errors
/// When a world cannot be set up, which is a fault of the simulation.
pub fn run(
    house: &Arc<House>,
    plan: Plan,
    mut progress: impl FnMut(&Summary),
) -> Result<Summary, HouseError> {
    /// So often.
    const PROGRESS_SEEDS: u64 = 500;
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let failed = Mutex::new(None);
    let mut summary = Summary::default();
    thread::scope(|scope| {
        let (report_in, reports) = mpsc::sync_channel::<Report>(64);
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            let (report_in, next, stop, failed) = (report_in.clone(), &next, &stop, &failed);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let offset = next.fetch_add(1, Ordering::Relaxed);
                    if offset >= plan.count {
                        return;
                    }
                    match simulate(house, plan.first.wrapping_add(offset), plan.mutant, false) {
                        Ok(report) => {
                            if plan.stops_at_failure && !report.violations.is_empty() {
                                stop.store(true, Ordering::Relaxed);
                            }
                            if report_in.send(report).is_err() {
                                return;
                            }
                        }
                        Err(error) => {
                            stop.store(true, Ordering::Relaxed);
                            failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                        }
                    }
                }
            });
        }
        drop(report_in);
        for report in reports {
            summary.add(&report);
            if summary.seeds.is_multiple_of(PROGRESS_SEEDS) || !report.violations.is_empty() {
                progress(&summary);
            }
        }
    });
    summary.failures.sort_unstable();
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(summary),
    }
}

/// Runs one seed.
///
/// # Errors
/// As [`run`].
pub fn simulate(
    house: &Arc<House>,
    seed: u64,
    mutant: Option<Mutant>,
    keeps_trace: bool,
) -> Result<Report, HouseError> {
    Ok(World::new(house, seed, mutant, keeps_trace)?.run(seed))
}
