//! What a ledger append costs beside the bare write and sync of as many bytes, and what opening the book costs.
//!
//! `cargo bench -p mpos-ledger` measures in the target folder; `MPOS_BENCH_DIR` names another disk. Both sides take
//! turns, append by append, so that what else the disk does falls on both; the medians are compared.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a benchmark measures time, on files, and stops at any fault"
)]

#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../tests/ledger/disk.rs"]
mod disk;
#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../tests/ledger/script.rs"]
mod script;

use disk::Disk;
use mpos_ledger::Book;
use mpos_ports::{AppendFile, FileFault};
use redb::{Database, Durability, TableDefinition, backends::FileBackend};
use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

const SALES: usize = 1000;
const SALES_TO_OPEN: usize = 10_000;
const MIB: usize = 1 << 20;

fn main() {
    let folder =
        std::env::var_os("MPOS_BENCH_DIR").map_or(PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    let folder = tempfile::tempdir_in(folder).expect("a folder to measure in");
    measure_appends(folder.path());
    measure_opening(folder.path());
}

fn measure_appends(folder: &Path) {
    let index = FileBackend::new(file(folder, "index")).expect("an index file");
    let journal = Box::new(OnDisk(file(folder, "journal")));
    let mut book = Book::open(journal, Some(Box::new(index))).expect("an empty book");
    book.record_enrolment(script::enrolment(16)).expect("enrolled");
    let (request_bytes, answer_bytes) = entry_bytes();
    let mut bare = Bare::preallocated(folder);
    let mut growing = Bare { file: file(folder, "growing"), at: 0 };
    let redb = Redb::new(folder);

    let [mut request, mut answer, mut bare_request, mut bare_answer, mut grown, mut committed] =
        [const { Vec::new() }; 6];
    for number in 0..SALES {
        let sale = script::sale(&book.chain());
        let sequence = sale.sequence;
        let (first, second) = (&mut request, &mut bare_request);
        in_turn(
            number,
            || first.push(time(|| book.record_request(sale).expect("kept"))),
            || {
                second.push(time(|| bare.append(request_bytes)));
            },
        );
        grown.push(time(|| growing.append(request_bytes)));
        committed.push(time(|| redb.commit(number as u64, request_bytes)));
        let (first, second, approved) = (&mut answer, &mut bare_answer, script::approved(sequence));
        in_turn(
            number,
            || first.push(time(|| book.record_answer(approved).expect("kept"))),
            || {
                second.push(time(|| bare.append(answer_bytes)));
            },
        );
    }
    println!("{SALES} sales; microseconds: median (10 % to 90 %)");
    let request = report(&format!("ledger, request of {request_bytes} bytes"), request);
    let bare_request = report("  write + fdatasync, room made", bare_request);
    let grown = report("  write + fdatasync, file grows", grown);
    let committed = report("  redb alone, durable commit", committed);
    let answer = report(&format!("ledger, answer of {answer_bytes} bytes"), answer);
    let bare_answer = report("  write + fdatasync, room made", bare_answer);
    println!(
        "ratio to write + fdatasync: request {:.2}, answer {:.2}",
        request / bare_request,
        answer / bare_answer
    );
    println!(
        "ratio with a growing file {:.2}; redb alone to the same {:.2}",
        request / grown,
        committed / bare_request
    );
}

fn measure_opening(folder: &Path) {
    let disk = Disk::default();
    let mut book = script::enrolled(&disk);
    (0..SALES_TO_OPEN).for_each(|_| script::sell_approved(&mut book));
    let mut journal = OnDisk(file(folder, "large"));
    journal.write_at(0, &disk.bytes()).and_then(|()| journal.sync()).expect("a large journal");
    let open = |index: Option<&str>| {
        let journal = Box::new(OnDisk(file(folder, "large")));
        let index = index.map(|name| FileBackend::new(file(folder, name)).expect("an index file"));
        time(|| Book::open(journal, index.map(|index| Box::new(index) as _)).expect("opened"))
    };
    println!(
        "opening {SALES_TO_OPEN} sales, {:.1} MiB; milliseconds",
        disk.bytes().len() as f64 / MIB as f64
    );
    for (name, index) in
        [("without an index", None), ("building the index", Some("new")), ("index there", Some("new"))]
    {
        println!("{name:44} {:8.1}", open(index).as_secs_f64() * 1e3);
    }
}

/// How long a typical request and answer are in the journal.
fn entry_bytes() -> (usize, usize) {
    let disk = Disk::default();
    script::sell_approved(&mut script::enrolled(&disk));
    match script::entries_of(&disk.bytes()).as_slice() {
        [_enrolled, request, answer] => (request.len(), answer.len()),
        _ => unreachable!("three entries were written"),
    }
}

/// Runs both; each is the first every other time, for the disk is not the same after a write.
fn in_turn(number: usize, ledger: impl FnOnce(), bare: impl FnOnce()) {
    if number.is_multiple_of(2) {
        ledger();
        bare();
    } else {
        bare();
        ledger();
    }
}

fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let done = work();
    let taken = start.elapsed();
    drop(done);
    taken
}

/// Prints a row; its median in microseconds.
fn report(name: &str, mut taken: Vec<Duration>) -> f64 {
    taken.sort_unstable();
    let [low, median, high] =
        [10, 50, 90].map(|percent| taken[taken.len() * percent / 100].as_secs_f64() * 1e6);
    println!("{name:44} {median:8.1} ({low:.1} to {high:.1})");
    median
}

fn file(folder: &Path, name: &str) -> File {
    let options =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(folder.join(name));
    options.expect("a file to measure with")
}

/// The file without the ledger.
struct Bare {
    file: File,
    at: u64,
}

impl Bare {
    fn preallocated(folder: &Path) -> Self {
        let mut file = file(folder, "bare");
        file.write_all(&vec![0; 4 * MIB]).and_then(|()| file.sync_all()).expect("room");
        Self { file, at: 0 }
    }

    fn append(&mut self, bytes: usize) {
        self.file.seek(SeekFrom::Start(self.at)).expect("seek");
        self.file.write_all(&vec![0xA5; bytes]).expect("write");
        self.file.sync_data().expect("sync");
        self.at += bytes as u64;
    }
}

/// redb as the only store: a row a request, durable.
struct Redb(Database);

const ROWS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("rows");

impl Redb {
    fn new(folder: &Path) -> Self {
        Self(Database::create(folder.join("redb")).expect("a database"))
    }

    fn commit(&self, number: u64, bytes: usize) {
        let mut writing = self.0.begin_write().expect("begin");
        writing.set_durability(Durability::Immediate).expect("durable");
        writing
            .open_table(ROWS)
            .expect("table")
            .insert(number, vec![0xA5; bytes].as_slice())
            .expect("insert");
        writing.commit().expect("commit");
    }
}

/// The journal's file, as the desktop's adapter has it.
struct OnDisk(File);

impl AppendFile for OnDisk {
    fn read_all(&mut self) -> Result<Vec<u8>, FileFault> {
        let mut bytes = Vec::new();
        self.0.seek(SeekFrom::Start(0)).and_then(|_| self.0.read_to_end(&mut bytes)).map_err(refused)?;
        Ok(bytes)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), FileFault> {
        self.0.seek(SeekFrom::Start(offset)).and_then(|_| self.0.write_all(bytes)).map_err(refused)
    }

    fn sync(&mut self) -> Result<(), FileFault> {
        self.0.sync_data().map_err(refused)
    }

    fn reserve(&mut self, offset: u64, bytes: u64) -> Result<(), FileFault> {
        self.write_at(offset, &vec![0; bytes as usize])
    }
}

fn refused(_: std::io::Error) -> FileFault {
    FileFault::Refused
}
