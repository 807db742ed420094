//! `cargo xtask simulate`: seeds, one seed with its trace, or broken safeguards.
#![forbid(unsafe_code)]

use clap::Parser;
use mpos_simulation::{
    campaign::{Plan, Summary, run, simulate},
    house::{House, HouseError},
    mutant::Mutant,
};
use std::{process::ExitCode, sync::Arc, time::Instant};

/// A run that fails everywhere does not fill the screen.
const FAILURES_TOLD_MAX: usize = 20;

/// Runs terminals, network and bank under a seeded scheduler, lets everything go wrong, and compares the books.
#[derive(Parser)]
#[command(name = "cargo xtask simulate", bin_name = "cargo xtask simulate")]
struct Arguments {
    /// How many seeds to run
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    seeds: u64,
    /// The first of them
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    first: u64,
    /// Run this one seed, and print what happened line by line
    #[arg(long, value_name = "SEED", conflicts_with_all = ["seeds", "first", "mutants"])]
    seed: Option<u64>,
    /// Break a safeguard; the run should fail
    #[arg(long, value_name = "NAME", value_parser = mutant)]
    mutant: Option<Mutant>,
    /// Break each safeguard in turn, and say at which seed that was found
    #[arg(long, conflicts_with = "mutant")]
    mutants: bool,
}

fn mutant(name: &str) -> Result<Mutant, String> {
    Mutant::find(name).ok_or_else(|| {
        let names: Vec<_> = Mutant::ALL.iter().map(|mutant| mutant.name()).collect();
        format!("there is none of this name; there are {}", names.join(", "))
    })
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // A panic is told as a violation, with its seed.
    std::panic::set_hook(Box::new(|_| {}));
    let ended = House::new().and_then(|house| {
        let house = Arc::new(house);
        match arguments.seed {
            Some(seed) => one(&house, seed, arguments.mutant),
            None if arguments.mutants => every_mutant(&house, &arguments),
            None => many(&house, &arguments),
        }
    });
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: the simulation could not be set up: {error}");
            ExitCode::FAILURE
        }
    }
}

fn one(house: &Arc<House>, seed: u64, mutant: Option<Mutant>) -> Result<bool, HouseError> {
    let report = simulate(house, seed, mutant, true)?;
    for line in report.trace.lines() {
        println!("{line}");
    }
    println!("seed {seed}, trace {:016x}, {} steps", report.trace.hash(), report.steps);
    for violation in &report.violations {
        println!("violated: {violation}");
    }
    Ok(report.violations.is_empty())
}

fn many(house: &Arc<House>, arguments: &Arguments) -> Result<bool, HouseError> {
    let plan = Plan {
        first: arguments.first,
        count: arguments.seeds,
        mutant: arguments.mutant,
        stops_at_failure: arguments.mutant.is_some(),
    };
    let began = Instant::now();
    let broken = arguments.mutant.map(|mutant| format!(" --mutant {}", mutant.name())).unwrap_or_default();
    let mut told = 0;
    let progress = |so_far: &Summary| {
        // A long run is not waited for: what failed is told at once.
        for (seed, violation) in so_far.failures.iter().skip(told).take(FAILURES_TOLD_MAX - told) {
            println!("seed {seed}: {violation}\n  cargo xtask simulate --seed {seed}{broken}");
        }
        told = so_far.failures.len().min(FAILURES_TOLD_MAX);
        let (seeds, failed, seconds) = (so_far.seeds, so_far.failures.len(), began.elapsed().as_secs());
        eprintln!("{seeds} of {} seeds, {failed} failed, {seconds} s", plan.count);
    };
    let summary = run(house, plan, progress)?;
    print!("{summary}");
    let unseen = summary.unseen_faults();
    if !unseen.is_empty() {
        println!("never happened: {unseen:?}");
    }
    Ok(summary.failures.is_empty())
}

fn every_mutant(house: &Arc<House>, arguments: &Arguments) -> Result<bool, HouseError> {
    let mut all_found = true;
    for mutant in Mutant::ALL.iter().copied() {
        let plan = Plan {
            first: arguments.first,
            count: arguments.seeds,
            mutant: Some(mutant),
            stops_at_failure: true,
        };
        let summary = run(house, plan, |_| {})?;
        let (name, says) = (mutant.name(), mutant.says());
        match summary.failures.first() {
            Some((seed, violation)) => {
                println!("{name:<24}found in {:>5} seeds ({seed}: {violation}): {says}", summary.seeds);
            }
            None => {
                all_found = false;
                println!("{name:<24}NOT FOUND in {} seeds: {says}", summary.seeds);
            }
        }
    }
    Ok(all_found)
}
