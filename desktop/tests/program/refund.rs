//! Supervisor code, refund, history and receipt by command, at a host of their own.

use crate::support::{HostProcess, World, command, fails, mpos, text};
use serde_json::Value;
use std::{fs, path::Path, process::Output};

/// Two terminals of one business, each after a sale.
struct Business {
    world: World,
    host: HostProcess,
    /// The reference of each terminal's sale.
    sold: [String; 2],
}

impl Business {
    fn new() -> Self {
        let world = World::new();
        let host = HostProcess::start(&world.bank());
        let sold = ["one", "two"].map(|till| {
            let code = world.activation_code();
            let (report, _) = world.pay_at(&host.address, till, "3.63", &["--activation-code", &code]);
            report["reference"].as_str().unwrap().to_owned()
        });
        Self { world, host, sold }
    }

    fn run(&self, till: &str, arguments: &[&str]) -> Output {
        let bank = self.world.bank();
        let at = ["--host", &self.host.address, "--bank-data", bank.to_str().unwrap()];
        command(&self.world.path(till)).args(arguments).args(at).output().unwrap()
    }

    fn refused(&self, till: &str, arguments: &[&str], words: &str) {
        let output = self.run(till, arguments);
        let said = text(&output.stderr) + &text(&output.stdout);
        assert!(said.contains(words) && !output.status.success(), "{arguments:?}: {said}");
    }

    fn refund(&self, till: &str, reference: &str, more: &[&str]) -> Value {
        let refund = ["refund", "--json", "--reference", reference, "--supervisor-code", "4711"];
        let output = self.run(till, &[&refund[..], more].concat());
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)))
    }

    fn history(&self, till: &str, more: &[&str]) -> Value {
        let output = self.run(till, &[&["history", "--format", "json"], more].concat());
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)))
    }
}

#[test]
fn a_supervisor_gives_money_back_once_and_to_the_card_that_paid() {
    let shop = Business::new();
    let [reference, other] = &shop.sold;
    let ask = ["refund", "--reference", reference.as_str(), "--supervisor-code", "4711"];
    shop.refused("one", &ask, "no supervisor code yet");
    shop.refused("one", &["supervisor-code", "--code", "1234"], "digits in a row");
    assert!(shop.run("one", &["supervisor-code", "--code", "4711"]).status.success());
    shop.refused("two", &["supervisor-code", "--code", "5812"], "has a supervisor code already");

    let wrong = ["refund", "--reference", reference.as_str(), "--supervisor-code", "4712"];
    shop.refused("one", &wrong, "the supervisor code is wrong; 4 more");
    let report = shop.refund("one", reference, &["--card", "visa"]);
    assert_eq!((&report["outcome"], &report["type"]), (&"declined".into(), &"Refund".into()));
    assert!(report["next"].as_str().unwrap().starts_with("Nothing was given back."));
    shop.refused("one", &[&ask[..], &["--amount", "3.64"]].concat(), "EUR 3.63 is left");
    // A part at one terminal, the rest at the other.
    let report = shop.refund("one", reference, &["--amount", "1.00"]);
    assert_eq!((&report["outcome"], &report["amount"]), (&"approved".into(), &"1.00".into()), "{report}");
    let report = shop.refund("two", reference, &[]);
    assert_eq!((&report["outcome"], &report["amount"]), (&"approved".into(), &"2.63".into()), "{report}");
    shop.refused("one", &ask, "can be given back: it is no paid purchase, or all of it was refunded");
    let refund = report["reference"].as_str().unwrap();
    shop.refused("one", &["refund", "--reference", refund, "--supervisor-code", "4711"], "no paid purchase");
    shop.refused(
        "one",
        &["refund", "--reference", "AAAAAAAAAAAA", "--supervisor-code", "4711"],
        "AAAAAAAAAAAA",
    );
    assert_eq!(shop.refund("one", other, &[])["outcome"], "approved");
    let audit = text(&mpos(&shop.world.bank(), &["host", "supervisor-audit"]).stdout);
    assert!(audit.contains("Wrong") && audit.contains("Defined") && !audit.contains("4711"), "{audit}");
}

#[test]
fn after_five_wrong_codes_there_is_a_pause_until_the_bank_resets_it() {
    let shop = Business::new();
    assert!(shop.run("one", &["supervisor-code", "--code", "4711"]).status.success());
    let check = |code: &str| {
        let output = shop.run("two", &["history", "--merchant", "--supervisor-code", code]);
        text(&output.stderr)
    };
    for left in (0..5).rev() {
        let said = check("9999");
        let expected = if left == 0 { "wait" } else { "is wrong" };
        assert!(said.contains(expected), "{left}: {said}");
    }
    // The right one is not looked at either, on no terminal.
    assert!(check("4711").contains("wait"), "locked");
    let businesses = text(&mpos(&shop.world.bank(), &["host", "businesses"]).stdout);
    assert!(businesses.contains("defined"), "{businesses}");
    let number = businesses.lines().nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    assert!(mpos(&shop.world.bank(), &["host", "reset-supervisor-code", &number]).status.success());
    assert!(shop.run("two", &["supervisor-code", "--code", "5812"]).status.success());
    assert!(shop.run("one", &["history", "--merchant", "--supervisor-code", "5812"]).status.success());
    let (message, _) = fails(&shop.world.bank(), &["host", "reset-supervisor-code", "99"]);
    assert!(message.contains("99"), "{message}");
}

fn listed(history: &Value) -> usize {
    history["transactions"].as_array().unwrap().len()
}

#[test]
fn a_history_is_of_one_terminal_or_with_the_supervisor_of_all() {
    let shop = Business::new();
    assert!(shop.run("one", &["supervisor-code", "--code", "4711"]).status.success());
    assert_eq!(shop.history("one", &[])["totals"]["purchases"], 1);
    let all = shop.history("one", &["--merchant", "--supervisor-code", "4711"]);
    assert_eq!((&all["totals"]["purchased"], &all["terminal"]), (&"7.26".into(), &Value::Null));
    let found = shop.history("one", &["--merchant", "--supervisor-code", "4711", "--search", &shop.sold[1]]);
    assert_eq!(listed(&found), 1);
    assert_eq!(listed(&shop.history("one", &["--search", "0036"])), 1);
    assert_eq!(listed(&shop.history("one", &["--search", "%"])), 0);
    assert_eq!(shop.history("one", &["--from", "2022/09/02", "--to", "2022/09/02"])["totals"]["net"], "0.00");
    shop.refused("one", &["history", "--from", "2026-11-02", "--to", "2026-11-01"], "before its beginning");
    shop.refused("one", &["history", "--from", "2999-01-01"], "in the future");
    shop.refused("one", &["history", "--from", "2020-01-01"], "longer than a year");
    shop.refused("one", &["history", "--from", "yesterday"], "2026-11-24");
    shop.refused("one", &["history", "--merchant"], "--supervisor-code");
    for (format, begins) in
        [("csv", &b"Time,Terminal ID"[..]), ("pdf", b"%PDF-"), ("table", b"ProCredit Bank")]
    {
        let file = shop.world.path(&format!("history.{format}"));
        let path = file.to_str().unwrap();
        assert!(shop.run("one", &["history", "--format", format, "--output", path]).status.success());
        assert!(fs::read(&file).unwrap().starts_with(begins), "{format}");
    }
    let nowhere = shop.world.path("no/such/folder.csv");
    shop.refused("one", &["history", "--output", nowhere.to_str().unwrap()], "folder.csv");
}

#[test]
fn a_receipt_goes_to_the_customers_phone_once() {
    let shop = Business::new();
    let reference = shop.sold[0].as_str();
    let sent = shop.run("one", &["receipt", "--reference", reference, "--phone", "044 123-456"]);
    assert!(sent.status.success(), "{}", text(&sent.stderr));
    let messages = || text(&mpos(&shop.world.bank(), &["host", "messages"]).stdout);
    let since = std::time::Instant::now();
    while !messages().contains("delivered") {
        assert!(since.elapsed().as_secs() < 60, "{}", messages());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let shown = messages();
    for part in ["383 44 123 456", "ProCredit Bank", "3.63", reference, "TM000016", "0036"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    for (phone, words) in [
        ("+377 44 123 456", "+377"),
        ("383 38 123 456", "not a mobile number"),
        ("383 44 12", "too short"),
        ("hello", "'h'"),
    ] {
        let output = shop.run("one", &["receipt", "--reference", reference, "--phone", phone]);
        assert!(output.status.code() == Some(2), "{phone}");
        let said = text(&output.stderr).replace('"', "'");
        assert!(said.contains(words), "{phone}: {said}");
    }
    shop.refused(
        "one",
        &["receipt", "--reference", "AAAAAAAAAAAA", "--phone", "044123456"],
        "no transaction of this reference",
    );
    shop.refused(
        "one",
        &["receipt", "--reference", "short", "--phone", "044123456"],
        "12 letters and digits",
    );
    assert!(!Path::new("unused").exists());
}
