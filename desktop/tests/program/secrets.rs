//! No PIN, account number, track, supervisor's code or activation code in anything that the flows leave behind, print,
//! log or send, in any form.
//!
//! What is there by right: an activation code is printed to the staff that asks for it, and that one line is not kept
//! here; a customer's number is in the bank's books, since an SMS goes to it, and is shown to the merchant who typed it
//! and to the bank's staff; and codes and PINs are on the command lines of this test, which no file holds.

use crate::{
    proxy::{Proxy, Spoil, Way, What},
    search::Search,
    support::{HostProcess, World, command, text},
    watched::Watched,
};
use mpos_cards::catalogue;
use std::{
    collections::BTreeSet,
    fs,
    io::{self, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    thread,
};

/// Twelve digits each, that no other number here contains: that of each card, and one of none.
const RIGHT_PIN: &str = "582947163058";
const WRONG_PIN: &str = "739182645073";
/// Supervisor's codes, the right one and another, as rare.
const RIGHT_CODE: &str = "83651947";
const WRONG_CODE: &str = "46917382";
/// Of no bank, and as long as the bank's own.
const UNKNOWN_ACTIVATION: &str = "KWPX-7RDH-QZ3N-V9TB";
const PHONE: &str = "38344912375";

/// All that must not be found.
fn secrets(activation: &[&str]) -> Search {
    let mut search = Search::default();
    for (what, digits) in [
        ("the right PIN", RIGHT_PIN),
        ("the wrong PIN", WRONG_PIN),
        ("the supervisor's code", RIGHT_CODE),
        ("the wrong supervisor's code", WRONG_CODE),
    ] {
        search.number(what, digits);
    }
    for account in catalogue::accounts() {
        let (pan, expiry) = (account.pan, hex::encode(account.expiry));
        search.number("an account number", pan);
        search.number("expiry and account number", &format!("{expiry}{pan}"));
        search.number("account number and expiry", &format!("{pan}{expiry}"));
        search.packed("track 2", &format!("{pan}D{expiry}"));
        search.text("track 2", &format!("{pan}D{expiry}"));
        search.text("track 2 of a stripe", &format!("{pan}={expiry}"));
    }
    for code in activation {
        for code in [(*code).to_owned(), code.replace('-', ""), code.replace('-', " ")] {
            search.text("an activation code", &code);
            search.text("an activation code in small letters", &code.to_lowercase());
        }
    }
    search
}

/// Every flow of the product, one after another. The activation code.
fn run_all(watched: &Watched) -> String {
    let pin = |amount, card, pin| ["pay", "--amount", amount, "--card", card, "--pin", pin];
    let printed = command(&watched.world.bank()).args(["host", "activation-code"]).output().unwrap();
    let activation = text(&printed.stdout).trim().to_owned();
    watched.terminal(&["pay", "--amount", "1.23", "--activation-code", UNKNOWN_ACTIVATION], 2);
    watched.terminal(&["pay", "--amount", "1.23", "--activation-code", &activation], 0);
    let sale: serde_json::Value =
        serde_json::from_str(&watched.terminal(&["pay", "--json", "--amount", "3.63"], 0)).unwrap();
    let reference = sale["reference"].as_str().unwrap();

    for card in ["mastercard", "visa", "maestro", "electron", "v-pay", "two-applications"] {
        watched.terminal(&pin("52.00", card, RIGHT_PIN), 0);
        let declined = watched.terminal(&pin("52.01", card, WRONG_PIN), 1);
        assert!(declined.contains("The PIN is wrong."), "{declined}");
    }
    for card in ["mastercard-phone", "visa-phone"] {
        watched.terminal(&["pay", "--amount", "52.00", "--card", card], 0);
    }
    for card in ["insufficient-funds", "expired", "blocked", "wrong-certificate", "garbage"] {
        watched.terminal(&["pay", "--amount", "2.00", "--card", card], 1);
    }
    watched.terminal(&["pay", "--amount", "52.02"], 3);
    watched.terminal(&["pay", "--amount", "2.00", "--card", "torn"], 3);
    let lines = format!("1.00 visa\n52.00 mastercard {RIGHT_PIN}\n");
    watched.terminal_with_input(&["terminal"], &lines, 0);

    // An answer that is lost once.
    let before = watched.proxy.passed().0;
    watched.terminal(&["pay", "--amount", "1.00"], 0);
    let at = watched.proxy.passed().0 - before - 100;
    watched.proxy.spoil(Spoil { way: Way::ToBank, at, what: What::Withhold });
    watched.terminal(&["pay", "--amount", "1.00"], 0);

    watched.terminal(&["supervisor-code", "--code", RIGHT_CODE], 0);
    let refund = ["refund", "--reference", reference, "--supervisor-code"];
    watched.terminal(&[&refund[..], &[WRONG_CODE]].concat(), 1);
    watched.terminal(&[&refund[..], &[RIGHT_CODE, "--card", "visa"]].concat(), 1);
    watched.terminal(&[&refund[..], &[RIGHT_CODE]].concat(), 0);
    for format in ["table", "csv", "json", "pdf"] {
        watched.export(format, &[]);
        watched.export(format, &["--merchant", "--supervisor-code", RIGHT_CODE]);
    }
    watched.terminal(&["history", "--merchant", "--supervisor-code", WRONG_CODE], 1);
    watched.terminal(&["receipt", "--reference", reference, "--phone", PHONE], 0);
    for order in ["renew-keys", "renew-certificate", "attest"] {
        watched.staff(&[order, "TM000016"]);
        watched.terminal(&pin("52.03", "mastercard", RIGHT_PIN), 0);
    }
    for list in
        ["terminals", "transactions", "businesses", "supervisor-audit", "messages", "refused", "policy"]
    {
        watched.staff(&[list]);
    }
    // And a bank of its own in the terminal's process, whose cards have another PIN.
    let mut alone = command(&watched.world.path("alone"));
    let sale = watched.keep(alone.arg("-vv").args(pin("52.00", "mastercard", RIGHT_PIN)));
    assert!(text(&sale.stdout).contains("The PIN is wrong."), "{}", text(&sale.stderr));
    assert!(text(&sale.stderr).contains("DEBUG"), "it says much at -vv: {}", text(&sale.stderr));
    activation
}

/// All forms at once, apart from each other.
fn planted(search: &Search) -> Vec<u8> {
    search.forms().iter().flat_map(|form| [&form.bytes[..], &[0xA5]].concat()).collect()
}

/// What a capture has of `bytes`, sent to one who sends them back.
fn through_the_proxy(bytes: &[u8]) -> Vec<Vec<u8>> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = Proxy::to(&listener.local_addr().unwrap().to_string());
    let echo = thread::spawn(move || {
        let (mut line, _) = listener.accept().unwrap();
        let _closed = io::copy(&mut line.try_clone().unwrap(), &mut line);
    });
    let mut line = TcpStream::connect(&proxy.address).unwrap();
    let (mut to, sent) = (line.try_clone().unwrap(), bytes.to_vec());
    let sender = thread::spawn(move || to.write_all(&sent).unwrap());
    line.read_exact(&mut vec![0; bytes.len()]).unwrap();
    sender.join().unwrap();
    line.shutdown(Shutdown::Both).unwrap();
    echo.join().unwrap();
    proxy.captured().into_iter().map(|captured| captured.bytes).collect()
}

#[test]
fn no_flow_leaves_prints_logs_or_sends_a_pin_a_card_or_a_code() {
    let watched = Watched::new(RIGHT_PIN);
    let activation = run_all(&watched);
    let search = secrets(&[&activation, UNKNOWN_ACTIVATION]);
    let root = watched.world.path("");

    // What is there is found, in a file and in a capture.
    let control = watched.world.path("control");
    fs::create_dir(&control).unwrap();
    fs::write(control.join("file"), planted(&search)).unwrap();
    let (files, found) = search.found_below(&control);
    assert_eq!((files.len(), found.lines().count()), (1, names(&search)), "{found}");
    for capture in through_the_proxy(&planted(&search)) {
        assert_eq!(search.found(&capture).len(), names(&search));
    }
    fs::remove_dir_all(&control).unwrap();

    // Nothing else is, while the bank runs and after it has closed its books.
    let captured = watched.keep_capture();
    let (files, found) = search.found_below(&root);
    assert_eq!(found, "");
    assert!(captured > 100_000, "{captured} bytes went over the line");
    let Watched { world, host, .. } = watched;
    assert_eq!(host.stop(), Some(0));
    assert_eq!(search.found_below(&root).1, "");
    assert_everything_was_searched(&world, &files);
}

/// How many different names the forms have.
fn names(search: &Search) -> usize {
    search.forms().iter().map(|form| &form.name).collect::<BTreeSet<_>>().len()
}

/// The search was of what it is meant to be: what is there by right is where it should be, and only there.
fn assert_everything_was_searched(world: &World, files: &[String]) {
    for part in [
        "bank/bank/host.sqlite",
        "till/terminal/ledger.journal",
        "till/terminal/ledger.index",
        "till/terminal/terminal.keys",
        "till/terminal/device.key",
        "said/host.log",
        "exports/",
        ".pdf",
        "recordings/",
        "capture/0-ToBank",
    ] {
        assert!(files.iter().any(|file| file.contains(part)), "{part}: {files:#?}");
    }
    let log = fs::read_to_string(world.path("said/host.log")).unwrap();
    assert!(log.matches("DEBUG").count() > 10, "it says much at -vv: {log}");
    let mut phone = Search::default();
    phone.text("the customer's number", PHONE);
    let below = |folder: &str| phone.found_below(&world.path(folder)).1;
    assert!(below("bank").contains("host.sqlite"), "an SMS is in the books: {}", below("bank"));
    for folder in ["till", "recordings", "exports", "capture", "said"] {
        assert_eq!(below(folder), "", "the bank alone keeps a customer's number");
    }
    let mut grouped = Search::default();
    grouped.text("the customer's number", "383 44 912 375");
    for folder in ["till", "recordings", "exports", "capture"] {
        assert_eq!(grouped.found_below(&world.path(folder)).1, "");
    }
    let shown = grouped.found_below(&world.path("said")).1;
    assert_eq!(shown.lines().count(), 2, "to the merchant who typed it, and to the staff: {shown}");
    let mut card = Search::default();
    card.text("the card", "***0036");
    let seen = card.found_below(&world.path("said")).1;
    assert!(seen.lines().count() > 10, "cards have their last four digits: {seen}");
}

#[test]
#[cfg(target_os = "linux")]
fn the_program_leaves_no_core_dump() {
    let world = World::new();
    let host = HostProcess::start(&world.bank());
    let limits = fs::read_to_string(format!("/proc/{}/limits", host.child.id())).unwrap();
    let limit = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    assert_eq!(limit.split_whitespace().take(2).collect::<Vec<_>>(), ["0", "0"]);
}
