//! The phone's library as a phone has it, on this machine's processor: how long from the process' start to the first
//! screen, what it takes of memory, and a tap, split into the card's time, the air's, and ours.
//!
//! It is the library that the APK holds for this processor, loaded by `android/loader` as the tests on the emulated one
//! load theirs: `cargo xtask bench phone` builds both and names them in `MPOS_PHONE`. A Java call goes through a pipe to
//! this process here, which counts as ours; on a phone it is a call within one process, and ART's own start and memory
//! come on top.
//!
//! ```text
//! a tap = card (thinks) + air (106 kbit/s) + ours (what is left, without how late this machine's sleeps end)
//! ```

#![allow(dead_code, reason = "the tests' modules have more than is measured with")]

#[path = "../tests/phone/air.rs"]
mod air;
#[path = "../tests/shared/host_process.rs"]
mod host_process;
#[path = "../tests/phone/loader.rs"]
mod loader;
#[path = "../tests/phone/merchant.rs"]
mod merchant;
#[path = "../tests/phone/phone.rs"]
mod phone;
#[path = "../tests/phone/wire.rs"]
mod wire;
#[path = "../tests/phone/world.rs"]
mod world;

use std::{
    fs,
    time::{Duration, Instant},
};
use world::{Running, World};

const STARTS: usize = 30;
const TAPS: usize = 30;
const CARDS: [&str; 2] = ["mastercard", "visa"];
/// None needs a PIN.
const CENTS: &str = "100";

fn main() {
    if std::env::var_os("MPOS_PHONE").is_none() {
        println!("The phone's library is not built: `cargo xtask bench phone` builds it and measures.");
        return;
    }
    let world = World::new();
    starts("a new phone, to its activation", || {
        reset(&world);
        start(&world, "activation")
    });
    reset(&world);
    let running = world.activate("4711");
    memory("activated", &running);
    for card in CARDS {
        taps(&world, &running, card);
    }
    memory("after these sales", &running);
    drop(running);
    starts("the same phone, to its menu", || start(&world, "menu"));
}

/// A phone as it is sold: without this application's files and keys.
fn reset(world: &World) {
    world.keys.lock().expect("nobody panicked").clear();
    fs::remove_dir_all(world.folder()).expect("it is there");
    fs::create_dir(world.folder()).expect("a folder");
}

/// Each is a process of its own: its loading, and its first screen of this name.
fn start(world: &World, screen: &str) -> [Duration; 2] {
    let began = Instant::now();
    let running = world.load();
    let loaded = began.elapsed();
    running.merchant.calls.call("start", &world.start_arguments()).expect("it starts");
    running.merchant.waits(screen, |shown| (&*shown.name == screen).then_some(()));
    [loaded, began.elapsed()]
}

fn starts(what: &str, mut start: impl FnMut() -> [Duration; 2]) {
    let times: Vec<_> = (0..STARTS).map(|_time| start()).collect();
    let spread = |part: fn(&[Duration; 2]) -> Duration| {
        let mut times: Vec<_> = times.iter().map(part).collect();
        times.sort();
        let at = |share: usize| milliseconds(times[(times.len() - 1) * share / 100]);
        format!("{:.1} ms ({:.1} to {:.1})", at(50), at(10), at(90))
    };
    println!(
        "start of {what}: {}, of which loading {}",
        spread(|[_, whole]| *whole),
        spread(|[load, _]| *load)
    );
}

/// A tap's parts.
struct Split {
    whole: Duration,
    card: Duration,
    air: Duration,
    ours: Duration,
}

fn taps(world: &World, running: &Running, card: &str) {
    let mut splits: Vec<_> = (0..TAPS).map(|_tap| tap(running, world.card(card))).collect();
    splits.sort_by_key(|split| split.ours);
    let share = |split: &Split| 100.0 * split.ours.as_secs_f64() / (split.whole.as_secs_f64());
    let median = |part: fn(&Split) -> Duration| {
        let mut parts: Vec<_> = splits.iter().map(part).collect();
        parts.sort();
        milliseconds(parts[parts.len() / 2])
    };
    println!(
        "tap of {card}: {:.1} ms = card {:.1} + air {:.1} + ours {:.2} ({:.1} %; 10 % to 90 %: {:.1} to {:.1} %)",
        median(|split| split.whole),
        median(|split| split.card),
        median(|split| split.air),
        median(|split| split.ours),
        share(&splits[splits.len() / 2]),
        share(&splits[splits.len() / 10]),
        share(&splits[splits.len() * 9 / 10]),
    );
}

fn tap(running: &Running, card: mpos_cards::VirtualCard) -> Split {
    let merchant = &running.merchant;
    merchant.begins_payment(CENTS);
    merchant.around.state.lock().expect("nobody panicked").is_paced = true;
    merchant.around.hold(card, &merchant.calls);
    merchant.sees("Approved");
    let split = merchant.waits_for("the card's release", |state| {
        let sum =
            |part: fn(&air::Exchange) -> Duration| state.tap.exchanges.iter().map(part).sum::<Duration>();
        let (card, air, took) = (sum(|one| one.card), sum(|one| one.air), sum(|one| one.took));
        let ours = state.tap.took?.checked_sub(took)?;
        Some(Split { whole: card + air + ours, card, air, ours })
    });
    merchant.presses("Done");
    split
}

/// What the kernel says of the process (proc(5)): all that it holds, and what of it is the library's own pages.
fn memory(when: &str, running: &Running) {
    let id = running.loader.id();
    let status = fs::read_to_string(format!("/proc/{id}/status")).expect("Linux tells");
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).expect("it is told");
        line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u32>().ok()).expect("a number")
    };
    println!(
        "memory {when}: {} KiB, of which anonymous {} KiB and the library's file {} KiB",
        of("VmRSS:"),
        of("RssAnon:"),
        library_pages(id),
    );
}

fn library_pages(id: u32) -> u32 {
    let maps = fs::read_to_string(format!("/proc/{id}/smaps")).expect("Linux tells");
    let (mut is_library, mut sum) = (false, 0);
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("Rss:") if is_library => sum += words.next().and_then(|kib| kib.parse().ok()).unwrap_or(0),
            Some(first) if !first.ends_with(':') => is_library = line.ends_with("libmpos.so"),
            _ => {}
        }
    }
    sum
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
