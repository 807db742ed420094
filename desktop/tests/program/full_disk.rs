//! A full disk. The terminal's: a sale is refused before it starts. The bank's: no sale is taken, and the merchant is
//! told not to hand over the goods. Nothing that was sold is lost, and freed space sells again.

use crate::support::{HostProcess, World, fails, mpos, pay, text, transactions, types_into_terminal};
use serde_json::Value;
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// More than fit in the room that a book makes in advance.
const SALES: usize = 120;

/// Some may fit in the room that a database has already.
const SALES_AT_A_FULL_BANK: usize = 40;

/// A small file system in memory, taken away when it is dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None where the system lets nobody mount one (it takes root).
    fn mount(at: PathBuf) -> Option<Self> {
        fs::create_dir_all(&at).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"]).arg(&at).status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(at))
    }

    /// Takes up all space there is; the name of the file that does.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let mut file = File::create(&path).unwrap();
        for block in [4096, 512, 1] {
            while file.write_all(&vec![7; block]).is_ok() {}
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _not_mounted = Command::new("umount").arg(&self.0).status();
    }
}

/// So many sales of 2.00, one after the other.
fn sell(terminal: &Path, at: &[&str], sales: usize) -> Output {
    types_into_terminal(terminal, at, "2.00 visa\n".repeat(sales).as_bytes())
}

fn receipts(data: &Path) -> usize {
    text(&mpos(data, &["host", "transactions", "--last", "1000"]).stdout).lines().count() - 1
}

#[test]
fn a_sale_on_a_full_disk_is_refused_before_it_starts_and_freed_space_sells_again() {
    let world = World::new();
    let bank = world.path("bank");
    let Some(disk) = SmallDisk::mount(world.path("disk")) else {
        println!("skipped: a small file system cannot be mounted here (it takes root)");
        return;
    };
    // The bank's folder has room; the terminal's has not.
    let host = HostProcess::start(&bank);
    let code = world.activation_code();
    let terminal = disk.0.join("till");
    let at = ["--host", &host.address, "--bank-data", bank.to_str().unwrap()];
    let sale = |amount: &str, more: &[&str]| pay(&terminal, amount, "mastercard", &[&at[..], more].concat());
    assert_eq!(sale("1.23", &["--activation-code", &code]).1, Some(0));
    let filler = disk.fill();
    // Room that was made before still takes sales, whole ones; then they are refused.
    let output = sell(&terminal, &at, SALES);
    let (told, errors) = (text(&output.stdout), text(&output.stderr));
    let approved = told.matches("\"approved\"").count();
    assert!(approved < SALES, "a disk without end");
    assert_eq!(told.matches("\"unknown\"").count(), 0, "refused in the middle: {told}");
    assert_eq!(output.status.code(), Some(3), "{errors}");
    assert!(format!("{told}{errors}").contains("the disk is full"), "{told}{errors}");
    assert_eq!(receipts(&bank), 1 + approved, "what was told as approved is what the bank took");
    // Before it starts: the card is not read, so nobody is asked for a PIN, which this sale has not got.
    let (report, exit) = sale("52.00", &[]);
    let said = report["reason"].as_str().unwrap_or_default();
    assert!(said.contains("the disk is full"), "{report}");
    assert_eq!((report["outcome"].as_str(), exit), (Some("cancelled"), Some(3)), "{report}");
    assert_eq!((&report["receipt"], &report["card"]), (&Value::Null, &Value::Null), "{report}");
    assert_eq!(receipts(&bank), 1 + approved, "nothing was charged");
    fs::remove_file(filler).unwrap();
    let before = receipts(&bank);
    let (report, exit) = sale("3.00", &[]);
    assert_eq!((report["outcome"].as_str(), exit), (Some("approved"), Some(0)), "{report}");
    assert_eq!(receipts(&bank), before + 1);
    assert_eq!(report["receipt"], format!("{:06}", before + 1), "no receipt is missing");
}

#[test]
fn a_bank_with_a_full_disk_takes_no_sale_the_merchant_is_told_and_freed_space_sells_again() {
    let world = World::new();
    let (bank, terminal) = (world.bank(), world.path("till"));
    // The books' folder alone: the cards, which stand beside it on this machine, keep their room.
    let Some(disk) = SmallDisk::mount(bank.join("bank")) else {
        println!("skipped: a small file system cannot be mounted here (it takes root)");
        return;
    };
    let log = world.path("host.log");
    let host = HostProcess::start_logging(&bank, "-v", &log);
    let code = world.activation_code();
    let at = ["--host", &host.address, "--bank-data", bank.to_str().unwrap()];
    let sale = |amount: &str, more: &[&str]| pay(&terminal, amount, "mastercard", &[&at[..], more].concat());
    assert_eq!(sale("1.23", &["--activation-code", &code]).1, Some(0));

    let filler = disk.fill();
    let output = sell(&terminal, &at, SALES_AT_A_FULL_BANK);
    assert_eq!(output.status.code(), Some(3));
    let told: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(told.len(), SALES_AT_A_FULL_BANK);
    let of = |outcome: &str| told.iter().filter(|sale| sale["outcome"] == outcome).collect::<Vec<_>>();
    let (approved, unknown, cancelled) = (of("approved").len(), of("unknown"), of("cancelled"));
    // The first that does not fit may be in the books for all that the terminal knows; no other is begun before that
    // is settled.
    assert_eq!((unknown.len(), approved + 1 + cancelled.len()), (1, SALES_AT_A_FULL_BANK), "{told:#?}");
    assert!(unknown[0]["next"].as_str().unwrap().contains("Do not hand over the goods"), "{unknown:?}");
    for sale in cancelled {
        let told = ["reason", "next"].map(|field| sale[field].as_str().unwrap());
        assert!(told[0].contains("still being settled"), "{told:?}");
        assert!(told[1].starts_with("Nothing was charged."), "{told:?}");
    }
    let said = fs::read_to_string(&log).unwrap();
    assert!(said.contains("no space is left for") && said.contains("host.sqlite"), "{said}");
    let (message, exit) = fails(&bank, &["host", "activation-code"]);
    assert!(message.contains("no space is left for") && exit == Some(3), "{message}");

    fs::remove_file(filler).unwrap();
    let (report, exit) = sale("3.00", &[]);
    assert_eq!((report["outcome"].as_str(), exit), (Some("approved"), Some(0)), "{report}");
    let standing: Vec<String> =
        transactions(&bank).into_iter().filter(|sale| sale.contains(" approved ")).collect();
    assert_eq!(standing.len(), 2 + approved, "{standing:#?}");
    assert!(standing[0].contains("EUR 3.00"), "{standing:#?}");
}

#[test]
fn a_bank_that_is_started_on_a_full_disk_says_so_and_keeps_its_books() {
    let world = World::new();
    let bank = world.bank();
    let Some(disk) = SmallDisk::mount(bank.join("bank")) else {
        println!("skipped: a small file system cannot be mounted here (it takes root)");
        return;
    };
    assert_eq!(pay(&bank, "1.23", "mastercard", &[]).1, Some(0));
    let filler = disk.fill();
    // SQLite makes the index of its log first, and tells that as an I/O error.
    let (message, exit) = fails(&bank, &["host", "transactions"]);
    assert!(message.contains("no space is left for") && exit == Some(3), "{message}");
    let (message, exit) = fails(&bank, &["pay", "--amount", "1.24"]);
    assert!(message.contains("no space is left for") && exit == Some(3), "{message}");
    fs::remove_file(filler).unwrap();
    assert_eq!(transactions(&bank).len(), 1);
}
