//! The real thing: hundreds of sales over real TLS through bad weather, while the programs of the terminals and of the
//! bank's host are killed (SIGKILL) at moments that nobody chose and are started again; then the books are compared.
//!
//! `MPOS_KILL_SALES` and `MPOS_KILL_SEED` make it longer and draw it again (`cargo xtask soak`). The same seed draws the
//! same faults; when they fall depends on the machine, so a failure may take some runs to come again.

mod books;
mod draws;
mod figures;
mod journal;
pub(crate) mod running;
mod storm;
mod till;

use crate::{
    issuer::Issuer,
    support::{HostProcess, World, command, mpos, text},
};
use books::{OfTill, compare};
use draws::Draws;
use figures::Figures;
use mpos_cards::{IssuedAccount, catalogue};
use mpos_protocol::terminal::TerminalId;
use serde_json::Value;
use std::{
    fs::{self, File},
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::Path,
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime},
};
use storm::{BankAddress, StormyLine};
use till::{Card, Till};

const SALES: u64 = 200;
/// Of three terminals, each with cards of its own: a card in two fields at once would be refused for its counter.
const CARDS: [&[Card]; 3] = [
    &[
        Card { name: "mastercard", pan: "5413330089030036" },
        Card { name: "visa", pan: "4761739001010044" },
        Card { name: "insufficient-funds", pan: "5413330089050042" },
    ],
    &[
        Card { name: "maestro", pan: "6799990100000029" },
        Card { name: "visa-phone", pan: "4761739001010051" },
        Card { name: "electron", pan: "4761739002020034" },
    ],
    &[
        Card { name: "v-pay", pan: "4761739003030040" },
        Card { name: "mastercard-phone", pan: "5413330089020045" },
        Card { name: "two-applications", pan: "5413330089040050" },
    ],
];
/// Most cards' accounts hold so many times what they are made with: some thousand sales of each.
const TIMES_RICHER: u64 = 100;
/// Below this an account is there to have too little.
const POOR_MINOR: u64 = 1_000;

/// How long a host lives, and how long there is none.
const HOST_LIVES_MS: Range<u64> = 150..3_000;
const HOST_DEAD_MS: Range<u64> = 0..400;
/// A start takes some tens of milliseconds.
const HOST_STARTS_MS: Range<u64> = 0..80;

#[test]
fn terminals_and_host_that_are_killed_in_a_storm_never_leave_the_books_apart() {
    let seed = from_environment("MPOS_KILL_SEED").unwrap_or_else(any_seed);
    let sales = from_environment("MPOS_KILL_SALES").unwrap_or(SALES);
    println!("MPOS_KILL_SEED={seed} MPOS_KILL_SALES={sales}");
    let sales_each = usize::try_from(sales).unwrap().div_ceil(CARDS.len());
    let mut world = World::new();
    Issuer::of(&world.bank())
        .open_accounts(|account| IssuedAccount { balance_minor: richer(&account), ..account });
    if let Err(failure) = catch_unwind(AssertUnwindSafe(|| storm(&world, seed, sales_each))) {
        println!("what is left of it is in {}", world.keep().display());
        resume_unwind(failure);
    }
}

fn from_environment(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is a number, not {value}")))
}

fn any_seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    now.as_secs() ^ u64::from(now.subsec_nanos()) << 20
}

fn richer(account: &IssuedAccount) -> u64 {
    let times = if account.balance_minor < POOR_MINOR { 1 } else { TIMES_RICHER };
    account.balance_minor * times
}

fn opening(card: &Card) -> u64 {
    let accounts = catalogue::accounts();
    richer(accounts.iter().find(|account| account.pan == card.pan).unwrap())
}

fn storm(world: &World, seed: u64, sales_each: usize) {
    let log = world.path("host.log");
    let host = start_host(world, &log);
    let bank: BankAddress = Arc::new(Mutex::new(Some(host.address.clone())));
    let mut tills: Vec<Till<'_>> = (0_u64..)
        .zip(CARDS)
        .map(|(number, cards)| {
            let line = StormyLine::to(Arc::clone(&bank), Draws::new(seed, 2 * number));
            let draws = Draws::new(seed, 2 * number + 1);
            Till::new(world, usize::try_from(number).unwrap(), line, cards, draws)
        })
        .collect();
    tills.iter_mut().for_each(Till::is_activated);
    tills[0].defines_supervisor_code();

    let since = Instant::now();
    let open = AtomicUsize::new(tills.len());
    let (_host, host_kills) = thread::scope(|scope| {
        for till in &mut tills {
            let open = Closes(&open);
            scope.spawn(move || {
                let _until_it_ends = open;
                till.sells(sales_each);
            });
        }
        let draws = Draws::new(seed, u64::MAX);
        scope.spawn(|| kill_host(world, &log, &bank, host, draws, &open)).join().unwrap()
    });
    let stormed = since.elapsed();
    tills.iter_mut().for_each(Till::settles);
    // The product's own comparison, of all there is; it goes on as each till sells once more.
    assert!(mpos(&world.bank(), &["host", "reconcile", "--again"]).status.success());
    tills.iter_mut().for_each(Till::settles);
    let compared = reconciled(world);

    let of_tills: Vec<OfTill<'_>> = (16..)
        .zip(&tills)
        .map(|(number, till)| OfTill {
            terminal: TerminalId(number),
            asked: &till.asked,
            journal: till.journal(),
        })
        .collect();
    for till in &of_tills {
        till.journal.opens_whole(&world.path(&format!("{}.journal", till.terminal)));
    }
    let outcomes = compare(world, &of_tills, &CARDS.concat(), opening);
    the_banks_list_says_the_same(world);
    assert!(!fs::read_to_string(&log).unwrap().contains("panicked"), "the host panicked");
    let figures = Figures::of(&tills, host_kills, stormed, (outcomes, compared));
    println!("{figures}");
    figures.are_of_a_storm();
}

/// Counts a till out when it is dropped, by a panic too.
struct Closes<'a>(&'a AtomicUsize);

impl Drop for Closes<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn start_host(world: &World, log: &Path) -> HostProcess {
    HostProcess::run(&world.bank(), "127.0.0.1:0", |command| command.stderr(append(log)))
}

fn append(log: &Path) -> File {
    File::options().create(true).append(true).open(log).unwrap()
}

/// How often a host was killed, and when.
#[derive(Clone, Copy, Debug, Default)]
struct HostKills {
    serving: u64,
    starting: u64,
}

/// Kills the host and starts another until no till is open; the last host, and how often one was killed.
fn kill_host(
    world: &World,
    log: &Path,
    address: &BankAddress,
    mut host: HostProcess,
    mut draws: Draws,
    open: &AtomicUsize,
) -> (HostProcess, HostKills) {
    let mut kills = HostKills::default();
    loop {
        thread::sleep(Duration::from_millis(draws.within(HOST_LIVES_MS)));
        if open.load(Ordering::SeqCst) == 0 {
            return (host, kills);
        }
        // Dropped is killed.
        drop(host);
        kills.serving += 1;
        *address.lock().unwrap() = None;
        thread::sleep(Duration::from_millis(draws.within(HOST_DEAD_MS)));
        while draws.percent(20) {
            kill_starting_host(world, log, Duration::from_millis(draws.within(HOST_STARTS_MS)));
            kills.starting += 1;
        }
        host = start_host(world, log);
        *address.lock().unwrap() = Some(host.address.clone());
    }
}

/// While it reads what the one before it left.
fn kill_starting_host(world: &World, log: &Path, after: Duration) {
    let mut host = command(&world.bank());
    host.args(["host", "serve", "--listen", "127.0.0.1:0"]).stdin(Stdio::null()).stdout(Stdio::null());
    let mut host = host.stderr(append(log)).spawn().unwrap();
    thread::sleep(after);
    host.kill().unwrap();
    host.wait().unwrap();
}

/// How many transactions terminals and bank have compared, of which none may differ.
fn reconciled(world: &World) -> u64 {
    let output = mpos(&world.bank(), &["host", "reconcile", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success(), "{report:#}");
    let terminals = report["terminals"].as_array().unwrap();
    assert_eq!(terminals.len(), CARDS.len());
    for terminal in terminals {
        assert_eq!(terminal["differences"], Value::Array(Vec::new()), "{terminal:#}");
        assert_eq!(
            (&terminal["again"], &terminal["waiting"]),
            (&Value::Bool(false), &Value::Null),
            "{terminal:#}"
        );
        // A page may lie before the sale that was made last.
        let [compared_to, messages] =
            ["compared_to", "messages"].map(|field| terminal[field].as_u64().unwrap());
        assert!(compared_to + 1 >= messages, "{terminal:#}");
    }
    terminals.iter().map(|terminal| terminal["transactions"].as_u64().unwrap()).sum()
}

/// What the bank's staff is shown is what the books hold.
fn the_banks_list_says_the_same(world: &World) {
    const LISTED_MAX: u32 = 1000;
    let rows = Issuer::of(&world.bank()).console.sales(LISTED_MAX).unwrap();
    let listed = mpos(&world.bank(), &["host", "transactions", "--last", &LISTED_MAX.to_string()]);
    let listed = text(&listed.stdout);
    assert_eq!(listed.lines().count(), 1 + rows.len());
    for (line, row) in listed.lines().skip(1).zip(rows) {
        let code = row.auth_code.as_deref().unwrap_or_default();
        let result = match (row.reversed, &row.declined) {
            (true, _) => "reversed".to_owned(),
            (false, None) => format!("approved {code}"),
            (false, Some(reason)) => format!("declined: {reason}"),
        };
        assert!(line.contains(&row.reference) && line.ends_with(&result), "{line}: {row:?}");
    }
}
