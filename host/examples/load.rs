//! Two hundred terminals at one host for a minute, beside bad clients: nothing is lost, and memory has an end.
//!
//! `cargo xtask load` runs it. The host is a process of its own, this program again, so that its memory is measured
//! apart. What is sold is signed and made with cryptograms as it is asked, so the figures hold the phones' and the cards'
//! work too, on the same processors. Any disagreement at the end, and memory that goes on growing, is a failure.
#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on ends")]

#[path = "../tests/support/mod.rs"]
mod support;

use mpos_host::{Host, HostConfig};
use std::{
    env,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    time::Duration,
};
use support::{
    TestBank,
    load::{
        Crowd, Place, Stretch,
        audit::{Audit, audit},
        limits,
        memory::{Sample, Watch},
        pests::Pest,
    },
};

/// The first argument of the process that is the host.
const AS_HOST: &str = "--as-host";
/// Each limit of the host that is a time: so short that each is reached many times.
const TIMES: Duration = Duration::from_secs(5);
/// The terminals sell without bad clients for this part of the time, first.
const ALONE_PART: u32 = 4;
/// In the second half memory may grow by this much: pages of the books, and buffers of as many connections as there are
/// places.
const GROWTH_KIB_MAX: u64 = 16 * 1024;
const PRINT_EVERY: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [as_host, data, terminals] = &arguments[..]
        && as_host == AS_HOST
    {
        be_the_host(Path::new(data), terminals.parse().unwrap());
        return ExitCode::SUCCESS;
    }
    let terminals = option(&arguments, "--terminals", 200);
    let seconds = option(&arguments, "--seconds", 60);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if runtime.block_on(load(terminals, Duration::from_secs(seconds as u64))) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn option(arguments: &[String], name: &str, default: usize) -> usize {
    let after = arguments.iter().position(|argument| argument == name).map(|at| &arguments[at + 1]);
    after.map_or(default, |value| value.parse().unwrap())
}

/// Serves until standard input ends.
fn be_the_host(data: &Path, terminals: usize) {
    let bank = TestBank::new();
    let mut config = HostConfig::new(data.to_owned(), bank.bank());
    config.limits = limits(terminals, TIMES);
    let host = Host::start(config).unwrap();
    println!("{} {}", host.address, hex::encode(&bank.server_ca));
    io::stdin().read_to_end(&mut Vec::new()).unwrap();
    host.stop();
}

fn start_host(data: PathBuf, terminals: usize) -> (Child, Place) {
    let mut child = Command::new(env::current_exe().unwrap())
        .arg(AS_HOST)
        .arg(&data)
        .arg(terminals.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let (address, server_ca) = line.trim().split_once(' ').expect("the host listens");
    let place = Place {
        address: address.parse().unwrap(),
        server_ca: hex::decode(server_ca).unwrap(),
        data,
        limits: limits(terminals, TIMES),
    };
    (child, place)
}

/// Whether all went well.
async fn load(terminals: usize, time: Duration) -> bool {
    let folder = tempfile::TempDir::new().unwrap();
    let (mut host, place) = start_host(folder.path().join("bank"), terminals);
    println!(
        "{terminals} terminals; the host has {} places, and {} s for a handshake, a message, and from one to the next",
        place.limits.connections_max,
        TIMES.as_secs()
    );
    let mut crowd = Crowd::gather(place, terminals).await;
    let alone = crowd.sell_for(time / ALONE_PART, false).await;
    print_sold("without bad clients", &alone);
    let watch = Watch::over(host.id());
    let beside = crowd.sell_for(time, true).await;
    let samples = watch.end();
    print_sold("beside bad clients ", &beside);
    print_lines(&crowd);
    let cut = print_pests(&crowd, &beside);
    let bounded = print_memory(&samples);
    let found = audit(&crowd).await;
    let sold = (alone.times.len() + beside.times.len()) as u64;
    let agreed = print_audit(&found, sold);
    drop(host.stdin.take());
    let ended = host.wait().unwrap().success();
    if !ended {
        println!("FAULT: the host did not end well");
    }
    cut && bounded && agreed && ended
}

fn print_sold(when: &str, sold: &Stretch) {
    println!(
        "{when}: {} purchases in {:.1} s, {:.0}/s; {:.0} ms at 50 %, {:.0} ms at 99 %, {:.0} ms at most",
        sold.times.len(),
        sold.seconds,
        sold.times.len() as f64 / sold.seconds,
        sold.milliseconds(500),
        sold.milliseconds(990),
        sold.milliseconds(1000)
    );
}

fn print_lines(crowd: &Crowd) {
    let sum = |of: fn(&support::load::shop::Shop) -> u64| crowd.shops.iter().map(of).sum::<u64>();
    println!(
        "lines of the terminals: {} opened, {} not to be had at first, {} broken over a message; {} answers `Busy`",
        sum(|shop| shop.opened),
        sum(|shop| shop.refused),
        sum(|shop| shop.broken),
        sum(|shop| shop.busy)
    );
}

/// Whether each was cut off in its time.
fn print_pests(crowd: &Crowd, sold: &Stretch) -> bool {
    let mut in_time = true;
    for (pest, tally) in &sold.pests {
        let limit = pest.limit(&crowd.place.limits);
        let late = limit.is_some_and(|limit| tally.longest > limit);
        in_time &= !late;
        println!(
            "  {:44} {:6} visits, {:6} cut by the host, {:.1} s at the longest, {:5} found no place{}",
            pest.counted_as(),
            tally.visits,
            tally.cut,
            tally.longest.as_secs_f64(),
            tally.turned_away,
            if late { "  FAULT: let in for too long" } else { "" }
        );
    }
    in_time && sold.pests.keys().copied().eq(Pest::ALL.into_iter().chain([Pest::Flood]))
}

/// Whether memory stayed where it was in the second half.
fn print_memory(samples: &[Sample]) -> bool {
    let mebibytes = |kib: u64| kib as f64 / 1024.0;
    let mut next = Duration::ZERO;
    for sample in samples {
        if sample.at >= next {
            println!("  {:3.0} s: {:6.1} MiB resident", sample.at.as_secs_f64(), mebibytes(sample.now));
            next += PRINT_EVERY;
        }
    }
    let half = samples.get(samples.len() / 2..).unwrap_or_default();
    let (Some(least), Some(greatest), Some(last)) =
        (half.iter().map(|at| at.now).min(), half.iter().map(|at| at.now).max(), half.last())
    else {
        println!("memory cannot be seen here: there is no /proc");
        return true;
    };
    println!(
        "memory of the host in the second half: {:.1} to {:.1} MiB; {:.1} MiB at most at any time",
        mebibytes(least),
        mebibytes(greatest),
        mebibytes(last.most)
    );
    let bounded = greatest - least <= GROWTH_KIB_MAX;
    if !bounded {
        println!("FAULT: memory goes on growing");
    }
    bounded
}

fn print_audit(found: &Audit, sold: u64) -> bool {
    println!(
        "books: {} approved purchases at the terminals, {} of them once in the books, {} faults; {}.{:02} EUR",
        sold,
        found.purchases,
        found.faults.len(),
        found.paid / 100,
        found.paid % 100
    );
    for fault in found.faults.iter().take(20) {
        println!("FAULT: {fault}");
    }
    found.faults.is_empty() && found.purchases == sold
}
