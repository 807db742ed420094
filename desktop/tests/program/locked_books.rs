//! Books that another process holds: sales end clearly while it does, and go on when it lets go.

use crate::{
    kills::running::{End, Running, Said},
    support::{HostProcess, World, command, transactions},
};
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    fs::File,
    path::Path,
    thread,
    time::{Duration, Instant},
};
use tokio::runtime::{self, Runtime};

/// Shorter than the host waits for a lock.
const SHORT_LOCK: Duration = Duration::from_secs(3);

/// Another program at the bank's database, which lets nobody write.
struct Lock {
    runtime: Runtime,
    connection: SqliteConnection,
}

impl Lock {
    /// Beside a host that runs: it goes on reading.
    fn against_writers(bank: &Path) -> Self {
        Self::taken(bank, &["BEGIN EXCLUSIVE"])
    }

    /// Of a database that no other program has open: nobody reads it either.
    fn against_all(bank: &Path) -> Self {
        Self::taken(bank, &["PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE", "CREATE TABLE other (x)"])
    }

    fn taken(bank: &Path, statements: &[&'static str]) -> Self {
        let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let options = SqliteConnectOptions::new().filename(bank.join("bank/host.sqlite"));
        let connection = runtime.block_on(async {
            let mut connection = options.connect().await.unwrap();
            for statement in statements {
                sqlx::query(*statement).execute(&mut connection).await.unwrap();
            }
            connection
        });
        Self { runtime, connection }
    }

    /// What it wrote is undone.
    fn release(self) {
        self.runtime.block_on(self.connection.close()).unwrap();
    }
}

/// A bank with a terminal that sold once.
struct Shop {
    world: World,
    host: HostProcess,
}

impl Shop {
    fn new() -> Self {
        let world = World::new();
        let host = HostProcess::start_logging(&world.bank(), "-v", &world.path("host.log"));
        let shop = Self { world, host };
        let code = shop.world.activation_code();
        shop.sells("1.01", &["--activation-code", &code]);
        shop
    }

    fn sells(&self, amount: &str, more: &[&str]) {
        let (report, exit) = self.world.pay_at(&self.host.address, "till", amount, more);
        assert_eq!((report["outcome"].as_str(), exit), (Some("approved"), Some(0)), "{report}");
    }

    /// How the bank's books list the sales of this amount.
    fn booked(&self, amount: &str) -> Vec<String> {
        let all = transactions(&self.world.bank());
        all.into_iter().filter(|sale| sale.contains(&format!("EUR {amount}  "))).collect()
    }
}

#[test]
fn a_sale_while_another_program_holds_the_banks_books_for_a_moment_waits_and_is_charged_once() {
    let shop = Shop::new();
    let lock = Lock::against_writers(&shop.world.bank());
    let since = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(SHORT_LOCK);
            lock.release();
        });
        shop.sells("1.02", &[]);
    });
    assert!(since.elapsed() >= SHORT_LOCK, "it did not wait: the books were not locked");
    let booked = shop.booked("1.02");
    assert!(booked.len() == 1 && booked[0].contains(" approved "), "{booked:?}");
}

#[test]
fn a_sale_while_another_program_keeps_the_banks_books_is_unknown_and_taken_back_when_it_lets_go() {
    let shop = Shop::new();
    let lock = Lock::against_writers(&shop.world.bank());
    let (report, exit) = shop.world.pay_at(&shop.host.address, "till", "1.03", &[]);
    assert_eq!((report["outcome"].as_str(), exit), (Some("unknown"), Some(3)), "{report}");
    assert!(report["next"].as_str().unwrap().contains("Do not hand over the goods"), "{report}");
    let said = std::fs::read_to_string(shop.world.path("host.log")).unwrap();
    assert!(said.contains("is in use by another program"), "{said}");

    lock.release();
    shop.sells("1.05", &[]);
    let stands = |amount: &str| shop.booked(amount).iter().filter(|sale| sale.contains(" approved ")).count();
    assert_eq!([stands("1.01"), stands("1.03"), stands("1.05")], [1, 0, 1]);
}

#[test]
fn a_host_whose_books_another_program_has_for_itself_says_so_and_starts_when_it_lets_go() {
    let shop = Shop::new();
    let bank = shop.world.bank();
    let Shop { world, host } = shop;
    let address = host.address.clone();
    drop(host);
    let lock = Lock::against_all(&bank);
    let mut host = Running::start(command(&bank).args(["host", "serve", "--listen", &address]));
    while let Some(said) = host.next() {
        assert!(!matches!(said, Said::Output(_)), "it serves");
    }
    let said = host.errors().join("\n");
    assert!(said.contains("host.sqlite is in use by another program: stop it, or try again"), "{said}");
    assert_eq!(host.end(), End::ByItself(Some(3)));

    lock.release();
    let host = HostProcess::start_at(&bank, &address);
    Shop { world, host }.sells("1.02", &[]);
}

#[test]
fn a_terminal_whose_book_another_process_holds_sells_nothing_says_so_and_sells_when_it_lets_go() {
    let shop = Shop::new();
    let book = File::open(shop.world.path("till/terminal/ledger.journal")).unwrap();
    book.try_lock().unwrap();
    let before = transactions(&shop.world.bank());
    let (message, exit) = shop.world.cannot_pay_at(&shop.host.address, "till", &[]);
    assert!(message.contains("nother mPOS is using the same data") && exit == Some(3), "{message}");
    assert!(message.contains("till/terminal"), "{message}");
    assert_eq!(transactions(&shop.world.bank()), before);
    book.unlock().unwrap();
    shop.sells("1.02", &[]);
}
