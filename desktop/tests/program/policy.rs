//! The bank's table of findings, as its staff sees and changes it.

use crate::support::{HostProcess, World, fails, mpos, pay, text, transactions};
use serde_json::Value;
use std::{fs, path::Path};

#[test]
fn the_table_in_force_is_printed_changed_and_kept() {
    let world = World::new();
    let bank = world.bank();
    let table = || text(&mpos(&bank, &["host", "policy"]).stdout);
    let row = |name: &str| {
        let table = table();
        let row = table.lines().find(|line| line.starts_with(name)).expect("a row").to_owned();
        row.split_whitespace().nth(1).expect("a value").to_owned()
    };
    // A desktop attests nothing: its own bank does not mind.
    assert_eq!(row("attestation-absent"), "allow");
    assert_eq!(row("clock-skew-seconds-max"), "120");
    let set = mpos(
        &bank,
        &["host", "policy", "--json", "--set", "attestation-absent=block", "--set", "debugger=allow"],
    );
    assert_eq!(set.status.code(), Some(0), "{}", text(&set.stderr));
    let printed: Value = serde_json::from_slice(&set.stdout).unwrap();
    assert_eq!(row("attestation-absent"), "block");
    assert_eq!(row("debugger"), "allow");
    let kept: Value = serde_json::from_slice(&fs::read(bank.join("bank/policy.json")).unwrap()).unwrap();
    assert_eq!(kept, printed);
    assert_eq!(
        (&kept["attestation-absent"], &kept["clock-skew"]),
        (&Value::from("block"), &Value::from("warn"))
    );
}

#[test]
fn a_row_or_a_file_that_is_not_understood_is_named_with_what_is_allowed() {
    let world = World::new();
    let bank = world.bank();
    for (row, named) in [
        ("debuger=block", "there is no finding \"debuger\""),
        ("debugger=maybe", "debugger=allow, debugger=warn or debugger=block"),
        ("debugger", "debugger=allow, debugger=warn or debugger=block"),
    ] {
        let (message, exit) = fails(&bank, &["host", "policy", "--set", row]);
        assert_eq!(exit, Some(2));
        assert!(message.contains(named), "{message}");
    }
    mpos(&bank, &["host", "policy", "--set", "rooted=block"]);
    let file = bank.join("bank/policy.json");
    fs::write(&file, r#"{"rooted": "blok"}"#).unwrap();
    let (message, exit) = fails(&bank, &["host", "policy"]);
    assert_eq!(exit, Some(2));
    for named in [&*file.to_string_lossy(), "\"rooted\"", "\"allow\", \"warn\" or \"block\""] {
        assert!(message.contains(named), "{message}");
    }
    // What is wrong in the file is not written over by a change of another row.
    fails(&bank, &["host", "policy", "--set", "debugger=block"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), r#"{"rooted": "blok"}"#);
}

const ABSENT: &str = "This phone cannot prove where it keeps its keys.";

fn set(bank: &Path, row: &str) {
    let set = mpos(bank, &["host", "policy", "--set", row]);
    assert!(set.status.success(), "{}", text(&set.stderr));
    assert!(text(&set.stderr).contains("follows it when it is started again"), "{}", text(&set.stderr));
}

#[test]
fn a_bank_that_wants_attestations_activates_no_device_that_has_none() {
    let world = World::new();
    let data = world.path("data");
    set(&data, "attestation-absent=block");
    let (message, exit) = fails(&data, &["pay", "--amount", "1.23"]);
    assert!(message.to_lowercase().contains("attestation") || message.contains(ABSENT), "{message}");
    assert_eq!(exit, Some(2), "{message}");
    let terminals = text(&mpos(&data, &["host", "terminals"]).stdout);
    assert_eq!(terminals.lines().count(), 1, "a heading and no terminal: {terminals}");
    // The folder that it leaves is good for a bank that thinks better of it.
    set(&data, "attestation-absent=allow");
    assert_eq!(pay(&data, "1.23", "mastercard", &[]).0["receipt"], "000001");
}

#[test]
fn a_terminal_that_the_new_policy_blocks_is_told_why_and_sells_when_it_is_allowed_again() {
    let world = World::new();
    let sell = |host: &HostProcess, more: &[&str]| world.pay_at(&host.address, "till", "1.23", more);
    let host = HostProcess::start(&world.bank());
    let code = world.activation_code();
    assert_eq!(sell(&host, &["--activation-code", &code]).0["outcome"], "approved");
    set(&world.bank(), "attestation-absent=block");
    assert_eq!(sell(&host, &[]).0["outcome"], "approved", "this host was started under the old policy");
    drop(host);

    let host = HostProcess::start(&world.bank());
    for _time in 0..2 {
        let (report, exit) = sell(&host, &[]);
        assert_eq!((report["outcome"].as_str(), exit), (Some("cancelled"), Some(3)), "{report}");
        assert_eq!(report["reason"], ABSENT);
        assert_eq!(report["next"], "Nothing was charged. Ask the bank which phones can be used.");
        assert_eq!(transactions(&world.bank()).len(), 2, "nothing was charged");
    }
    let terminals = text(&mpos(&world.bank(), &["host", "terminals"]).stdout);
    assert!(terminals.contains("blocked") && terminals.contains("Attestation(Absent)"), "{terminals}");
    set(&world.bank(), "attestation-absent=allow");
    drop(host);

    let host = HostProcess::start(&world.bank());
    let (report, exit) = sell(&host, &[]);
    assert_eq!((report["outcome"].as_str(), exit), (Some("approved"), Some(0)), "{report}");
    assert_eq!(transactions(&world.bank()).len(), 3);
}

/// Whether files of this process are the superuser's, whose programs the policy takes for those of a rooted device.
#[cfg(target_os = "linux")]
fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&fs::metadata("/proc/self").unwrap()) == 0
}

#[cfg(target_os = "linux")]
#[test]
fn a_rooted_device_is_warned_of_or_blocked_as_the_policy_says() {
    if !is_root() {
        eprintln!("not run: this needs the superuser");
        return;
    }
    let world = World::new();
    let data = world.path("data");
    set(&data, "rooted=warn");
    let sale = mpos(&data, &["pay", "--amount", "1.23"]);
    let said = text(&sale.stderr);
    assert!(said.contains("The bank warns: This phone is rooted"), "{said}");
    assert!(sale.status.success() && text(&sale.stdout).contains("Approved"), "{said}");
    set(&data, "rooted=allow");
    let sale = mpos(&data, &["pay", "--amount", "1.23"]);
    assert!(sale.status.success() && !text(&sale.stderr).contains("rooted"), "{}", text(&sale.stderr));
    set(&data, "rooted=block");
    let (report, exit) = pay(&data, "1.23", "mastercard", &[]);
    assert_eq!((report["outcome"].as_str(), exit), (Some("cancelled"), Some(3)), "{report}");
    assert!(report["reason"].as_str().unwrap().starts_with("This phone is rooted"), "{report}");
    assert_eq!(transactions(&data).len(), 2, "nothing was charged");
}
