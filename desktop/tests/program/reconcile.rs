//! The two books compared, through the program: they agree, somebody changes the bank's, an older copy of either side is
//! put back, and the bank's staff reads what differs and what to do.

use crate::{
    proxy::{Proxy, Spoil, Way, What},
    support::{HostProcess, World, copy_folder, fails, mpos, pay, text, transactions},
};
use serde_json::Value;
use sqlx::{Connection, SqliteConnection};
use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

/// One folder with a bank and its terminal.
struct Shop {
    world: World,
    data: PathBuf,
}

impl Shop {
    fn new() -> Self {
        let world = World::new();
        let data = world.path("data");
        Self { world, data }
    }

    fn sells(&self, amount: &str, receipt: &str) {
        let (report, exit) = pay(&self.data, amount, "mastercard", &[]);
        assert_eq!((report["outcome"].as_str(), exit), (Some("approved"), Some(0)), "{report}");
        assert_eq!(report["receipt"], receipt, "{report}");
    }

    /// Why a sale is not made, and what to do.
    fn cannot_sell(&self, amount: &str) -> (String, String) {
        let (report, exit) = pay(&self.data, amount, "mastercard", &[]);
        assert_eq!((report["outcome"].as_str(), exit), (Some("cancelled"), Some(3)), "{report}");
        let told = |field: &str| report[field].as_str().unwrap_or_default().to_owned();
        (told("reason"), told("next"))
    }

    /// What `mpos host reconcile --json` says of the terminal, and the exit status.
    fn reconciled(&self, more: &[&str]) -> (Value, Option<i32>) {
        let output = mpos(&self.data, &[&["host", "reconcile", "--json"], more].concat());
        let mut report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["agrees"], output.status.success());
        let terminal = report["terminals"][0].take();
        assert_eq!(terminal["terminal"], "TM000016");
        (terminal, output.status.code())
    }

    /// The same for people.
    fn list(&self) -> (String, Option<i32>) {
        let output = mpos(&self.data, &["host", "reconcile"]);
        (text(&output.stdout), output.status.code())
    }

    fn open_kinds(&self) -> Vec<String> {
        let (terminal, _) = self.reconciled(&[]);
        let differences = terminal["differences"].as_array().unwrap().iter();
        let open = differences.filter(|difference| difference["ended"].is_null());
        open.map(|difference| difference["kind"].as_str().unwrap().to_owned()).collect()
    }

    fn database(&self) -> PathBuf {
        self.data.join("bank/host.sqlite")
    }

    /// Somebody changes the bank's books.
    fn change(&self, sql: &'static str) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let url = format!("sqlite://{}", self.database().display());
            let mut books = SqliteConnection::connect(&url).await.unwrap();
            assert!(sqlx::query(sql).execute(&mut books).await.unwrap().rows_affected() > 0);
            books.close().await.unwrap();
        });
    }
}

#[test]
fn books_that_agree_are_shown_so_and_what_somebody_changes_is_shown_until_it_is_changed_back() {
    let shop = Shop::new();
    shop.sells("1.01", "000001");
    let (before, exit) = shop.reconciled(&[]);
    assert_eq!((&before["compared_to"], &before["messages"], exit), (&0.into(), &1.into(), Some(0)));
    shop.sells("1.02", "000002");
    // The sale goes first, so that it may be compared too.
    let (agrees, exit) = shop.reconciled(&["--terminal", "TM000016"]);
    let compared = agrees["compared_to"].as_u64().unwrap();
    assert!((1..=2).contains(&compared), "{agrees}");
    assert_eq!((&agrees["transactions"], exit), (&compared.into(), Some(0)), "{agrees}");
    assert_eq!(agrees["differences"], Value::Array(Vec::new()));
    let (list, _) = shop.list();
    assert!(list.contains("TM000016") && list.contains("  agrees"), "{list}");

    shop.change("UPDATE sale SET amount = 91 WHERE receipt = 1");
    let ordered = mpos(&shop.data, &["host", "reconcile", "--again"]);
    assert!(text(&ordered.stderr).contains("is compared again from the first transaction"), "{ordered:?}");
    shop.sells("1.03", "000003");
    let (list, exit) = shop.list();
    assert_eq!(exit, Some(1), "{list}");
    for said in [
        "receipt 000001, EUR 1.01 (message 1), found ",
        "the terminal says: purchase 000001, EUR 1.01, approved ",
        "the bank says:     purchase 000001, EUR 0.91, approved ",
        "Hold both against the signed request",
    ] {
        assert!(list.contains(said), "{said}: {list}");
    }
    assert_eq!(shop.open_kinds(), ["Differs"]);

    shop.change("UPDATE sale SET amount = 101 WHERE receipt = 1");
    assert_eq!(shop.reconciled(&["--again", "--terminal", "TM000016"]).1, Some(1), "until it is compared");
    shop.sells("1.04", "000004");
    let (ended, exit) = shop.reconciled(&[]);
    assert_eq!((exit, &ended["again"]), (Some(0), &false.into()), "{ended}");
    assert!(ended["compared_to"].as_u64() >= Some(3), "{ended}");
    assert!(ended["differences"][0]["ended"].is_string(), "{ended}");
}

#[test]
fn an_older_copy_of_the_banks_database_is_named_to_the_merchant_and_to_the_staff() {
    let shop = Shop::new();
    shop.sells("1.01", "000001");
    let older = shop.world.path("older.sqlite");
    fs::copy(shop.database(), &older).unwrap();
    shop.sells("1.02", "000002");
    fs::copy(&older, shop.database()).unwrap();

    let (reason, next) = shop.cannot_sell("1.03");
    assert_eq!(reason, "The bank and this terminal do not agree on what was sold before.");
    assert_eq!(next, "Nothing was charged. Call the bank: it has to compare the books.");
    assert_eq!(shop.open_kinds(), ["TerminalAhead", "OnlyTerminal"]);
    let (list, exit) = shop.list();
    assert_eq!(exit, Some(1));
    assert!(
        list.contains("receipt 000002, EUR 1.02 (message 2)") && list.contains("the bank says:     nothing"),
        "{list}"
    );
    assert!(list.contains("an older copy of the bank's database was put back"), "{list}");
    // Asked again it is the same, and nothing is made up or taken.
    shop.cannot_sell("1.04");
    assert_eq!(shop.open_kinds(), ["TerminalAhead", "OnlyTerminal"]);
    assert_eq!(transactions(&shop.data).len(), 1);
}

#[test]
fn an_older_copy_of_the_terminals_folder_is_named_to_the_merchant_and_to_the_staff() {
    let shop = Shop::new();
    shop.sells("1.01", "000001");
    let (terminal, copy) = (shop.data.join("terminal"), shop.world.path("copy"));
    copy_folder(&terminal, &copy);
    shop.sells("1.02", "000002");
    fs::remove_dir_all(&terminal).unwrap();
    copy_folder(&copy, &terminal);

    let (reason, next) = shop.cannot_sell("1.03");
    assert!(reason.contains("An old copy of this terminal's data was put back"), "{reason}");
    assert!(next.contains("the terminal must be activated again"), "{next}");
    assert_eq!(shop.open_kinds(), ["TerminalBehind", "OnlyBank"]);
    let (list, exit) = shop.list();
    assert_eq!(exit, Some(1));
    assert!(list.contains("receipt 000002, EUR 1.02 (message 2)"), "{list}");
    assert!(list.contains("the terminal says: nothing") && list.contains("activate it again"), "{list}");
}

#[test]
fn an_older_copy_of_the_banks_database_under_an_open_sale_is_named_and_no_run_hangs() {
    let world = World::new();
    let host = HostProcess::start(&world.bank());
    let proxy = Proxy::to(&host.address);
    let code = world.activation_code();
    let sells = |amount: &str, more: &[&str]| world.pay_at(&proxy.address, "till", amount, more);
    assert_eq!(sells("1.01", &["--activation-code", &code]).1, Some(0));
    let (database, older) = (world.bank().join("bank/host.sqlite"), world.path("older.sqlite"));
    let address = host.address.clone();
    assert_eq!(host.stop(), Some(0));
    fs::copy(&database, &older).unwrap();
    let host = HostProcess::start_at(&world.bank(), &address);
    assert_eq!(sells("1.02", &[]).1, Some(0));
    // From the request on nothing is heard of the bank.
    let before = proxy.passed().0;
    assert_eq!(sells("1.03", &[]).1, Some(0));
    let at = proxy.passed().0 - before - 100;
    proxy.spoil(Spoil { way: Way::ToBank, at, what: What::WithholdForEver });
    assert_eq!(sells("1.04", &[]).0["outcome"], "unknown");
    assert_eq!(host.stop(), Some(0));
    fs::copy(&older, &database).unwrap();
    let _host = HostProcess::start_at(&world.bank(), &address);
    proxy.mend();

    let since = Instant::now();
    let (report, exit) = sells("1.05", &[]);
    assert_eq!((report["outcome"].as_str(), exit), (Some("cancelled"), Some(3)), "{report}");
    assert_eq!(report["reason"], "Another sale is still being settled with the bank.", "{report}");
    assert!(since.elapsed() < Duration::from_secs(60));
    let list = mpos(&world.bank(), &["host", "reconcile"]);
    assert_eq!(list.status.code(), Some(1));
    assert!(text(&list.stdout).contains("a message was refused "), "{}", text(&list.stdout));
    assert!(text(&list.stdout).contains("SequenceGap { expected: 2 }"), "{}", text(&list.stdout));
}

#[test]
fn a_terminal_that_there_is_not_is_named() {
    let shop = Shop::new();
    let (message, exit) = fails(&shop.data, &["host", "reconcile", "--terminal", "TM000099"]);
    assert!(message.contains("there is no terminal TM000099") && exit == Some(3), "{message}");
    let (message, exit) = fails(&shop.data, &["host", "reconcile", "--again", "--terminal", "TM16"]);
    assert!(message.contains("\"TM16\" is not a terminal") && exit == Some(2), "{message}");
    let none = mpos(&shop.data, &["host", "reconcile"]);
    assert!(none.status.success(), "nothing differs");
}
