//! A full disk: a sale is refused before it starts, and nothing that was sold is lost.

use crate::support::{World, command, mpos, pay, text};
use serde_json::Value;
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// More than fit in the room that a book makes in advance.
const SALES: usize = 120;

/// A small file system in memory, taken away when it is dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None where the system lets nobody mount one (it takes root).
    fn mount(at: PathBuf) -> Option<Self> {
        fs::create_dir(&at).unwrap();
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
    let host = crate::support::HostProcess::start(&bank);
    let code = world.activation_code();
    let terminal = disk.0.join("till");
    let at = ["--host", &host.address, "--bank-data", bank.to_str().unwrap()];
    let sale = |amount: &str, more: &[&str]| pay(&terminal, amount, "mastercard", &[&at[..], more].concat());
    assert_eq!(sale("1.23", &["--activation-code", &code]).1, Some(0));
    let filler = disk.fill();
    // Room that was made before still takes sales, whole ones; then they are refused.
    let mut child = command(&terminal)
        .args(["terminal", "--json"])
        .args(at)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all("2.00 visa\n".repeat(SALES).as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
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
