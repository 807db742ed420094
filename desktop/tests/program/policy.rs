//! The bank's table of findings, as its staff sees and changes it.

use crate::support::{World, fails, mpos, text};
use serde_json::Value;
use std::fs;

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
    assert_eq!((&kept["attestation-absent"], &kept["rooted"]), (&Value::from("block"), &Value::from("warn")));
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
