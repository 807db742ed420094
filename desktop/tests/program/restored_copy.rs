//! A terminal whose folder, or whose keys alone, are put back from an older copy: nothing is charged on the old keys,
//! and no money is taken twice.

use crate::support::{World, copy_folder, fails, mpos, pay, text, transactions};
use serde_json::Value;
use std::{fs, path::PathBuf};

/// What holds the terminal's keys: sealed, and what they are sealed under.
const KEYS: [&str; 2] = ["terminal.keys", "device.key"];

/// A terminal that sold once, was copied, and sold once more.
struct Copied {
    world: World,
    data: PathBuf,
}

impl Copied {
    fn new() -> Self {
        let world = World::new();
        let data = world.path("data");
        let copied = Self { world, data };
        copied.sells("1.01", "000001");
        copy_folder(&copied.terminal(), &copied.copy());
        copied.sells("1.02", "000002");
        copied
    }

    fn terminal(&self) -> PathBuf {
        self.data.join("terminal")
    }

    fn copy(&self) -> PathBuf {
        self.world.path("copy")
    }

    fn sells(&self, amount: &str, receipt: &str) -> Value {
        let (report, exit) = pay(&self.data, amount, "mastercard", &[]);
        assert_eq!((report["outcome"].as_str(), exit), (Some("approved"), Some(0)), "{report}");
        assert_eq!(report["receipt"], receipt, "{report}");
        report
    }

    /// The reason of a sale that must not be made, and what to do.
    fn is_refused(&self, amount: &str) -> (String, String) {
        let (report, exit) = pay(&self.data, amount, "mastercard", &[]);
        assert_eq!((report["outcome"].as_str(), exit), (Some("cancelled"), Some(3)), "{report}");
        let told = |field: &str| report[field].as_str().unwrap_or_default().to_owned();
        assert!(told("next").starts_with("Nothing was charged."), "{report}");
        (told("reason"), told("next"))
    }

    /// The amounts that the bank took, the newest first. Every line of its books must be one.
    fn paid(&self) -> Vec<String> {
        let amount = |sale: &String| {
            assert!(sale.contains(" approved "), "{sale}");
            sale.split_once("EUR ").unwrap().1.split(' ').next().unwrap().to_owned()
        };
        transactions(&self.data).iter().map(amount).collect()
    }
}

#[test]
fn old_keys_that_are_put_back_sell_nothing_and_are_replaced_by_new_ones() {
    let shop = Copied::new();
    for file in KEYS {
        fs::copy(shop.copy().join(file), shop.terminal().join(file)).unwrap();
    }
    let (reason, next) = shop.is_refused("1.03");
    assert_eq!(reason, "This terminal's keys were used before: an old copy of its data was put back.");
    assert!(next.contains("fetches new keys now: start the sale again"), "{next}");
    assert_eq!(shop.paid(), ["1.02", "1.01"]);
    let refused = text(&mpos(&shop.data, &["host", "refused"]).stdout);
    assert!(refused.contains("TM000016") && refused.contains("KeyUsedBefore"), "{refused}");

    // With the new keys it goes on; the refused sale keeps its receipt's number to itself.
    shop.sells("1.04", "000004");
    shop.sells("1.05", "000005");
    assert_eq!(shop.paid(), ["1.05", "1.04", "1.02", "1.01"]);
}

#[test]
fn a_whole_folder_that_is_put_back_sells_nothing_more_until_the_terminal_is_activated_anew() {
    let shop = Copied::new();
    fs::remove_dir_all(shop.terminal()).unwrap();
    copy_folder(&shop.copy(), &shop.terminal());
    // The book stands behind the bank's: a terminal that could go on from here could deny a sale that was made.
    for amount in ["1.03", "1.04", "1.05"] {
        let (reason, next) = shop.is_refused(amount);
        assert!(reason.contains("An old copy of this terminal's data"), "{reason}");
        assert!(next.to_lowercase().contains("call the bank"), "{next}");
    }
    assert_eq!(shop.paid(), ["1.02", "1.01"]);
    // The bank still has every sale of it, and the terminal may read them.
    let history = text(&mpos(&shop.data, &["history"]).stdout);
    assert!(history.contains("EUR 1.01") && history.contains("EUR 1.02"), "{history}");

    // The bank ends that terminal, the folder is put away, and the device becomes a new terminal.
    assert!(mpos(&shop.data, &["host", "revoke", "TM000016"]).status.success());
    fs::rename(shop.terminal(), shop.world.path("put-away")).unwrap();
    let report = shop.sells("1.06", "000001");
    assert_eq!(report["terminal"], "TM000017");
    assert_eq!(shop.paid(), ["1.06", "1.02", "1.01"]);
}

#[test]
fn an_old_book_beside_the_keys_of_today_takes_no_money_twice() {
    let shop = Copied::new();
    // The book of the copy with the keys of today: the device key is the same, and the keys are fresh.
    for file in ["ledger.journal", "ledger.index"] {
        fs::copy(shop.copy().join(file), shop.terminal().join(file)).unwrap();
    }
    let (reason, next) = shop.is_refused("1.02");
    assert!(
        reason.contains("An old copy of this terminal's data")
            && next.to_lowercase().contains("call the bank"),
        "{reason} {next}"
    );
    assert_eq!(shop.paid(), ["1.02", "1.01"], "the sale of the same amount was not taken again");
}

#[test]
fn keys_of_another_copy_than_what_they_are_sealed_under_are_named() {
    let shop = Copied::new();
    let other = shop.world.path("other");
    pay(&other, "1.00", "mastercard", &[]);
    fs::copy(other.join("terminal/device.key"), shop.terminal().join("device.key")).unwrap();
    let (message, exit) = fails(&shop.data, &["pay", "--amount", "1.03"]);
    assert!(message.contains("terminal.keys") && exit == Some(3), "{message}");
    assert_eq!(shop.paid(), ["1.02", "1.01"]);
}
