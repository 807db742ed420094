//! Connections that break, and terminals that are killed, between asking and answer.

use crate::{
    proxy::{Proxy, Spoil, Way, What},
    support::{HostProcess, World, command, copy_folder, transactions},
};
use std::{
    fs,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

/// The bank needs well under a second to answer.
const PATIENCE: Duration = Duration::from_secs(60);

struct Line {
    world: World,
    proxy: Proxy,
    /// What one sale sends to the bank, and hears of it, in bytes: handshake, request, answer.
    whole: (u64, u64),
    _host: HostProcess,
}

impl Line {
    /// After activation and three sales: with the second the books are compared, and no more for a while.
    fn new() -> Self {
        let world = World::new();
        let host = HostProcess::start(&world.bank());
        let proxy = Proxy::to(&host.address);
        let code = world.activation_code();
        let (report, _) = world.pay_at(&proxy.address, "till", "1.23", &["--activation-code", &code]);
        assert_eq!(report["outcome"], "approved", "{report}");
        world.pay_at(&proxy.address, "till", "1.00", &[]);
        let before = proxy.passed();
        world.pay_at(&proxy.address, "till", "1.00", &[]);
        let after = proxy.passed();
        Self { world, proxy, whole: (after.0 - before.0, after.1 - before.1), _host: host }
    }

    fn pay(&self, amount: &str) -> (serde_json::Value, Option<i32>) {
        self.world.pay_at(&self.proxy.address, "till", amount, &[])
    }

    /// How the bank's books list the sales of this amount.
    fn booked(&self, amount: &str) -> Vec<String> {
        let line = format!("EUR {amount}  ");
        let all = transactions(&self.world.bank());
        all.into_iter().filter(|sale| sale.contains(&line)).map(|sale| result(&sale)).collect()
    }

    /// From the request on nothing is heard of the bank: its last bytes are not yet passed on when the ear is closed.
    fn withhold(&self, what: What) {
        self.proxy.spoil(Spoil { way: Way::ToBank, at: self.whole.0 - 100, what });
    }
}

/// `approved`, `declined` or `reversed`.
fn result(sale: &str) -> String {
    let words = ["approved", "declined", "reversed"];
    words.into_iter().find(|word| sale.contains(word)).unwrap_or(sale).to_owned()
}

#[test]
fn a_line_that_is_cut_at_any_part_never_leaves_the_books_apart() {
    let line = Line::new();
    let mut cents = 200;
    for (way, whole) in [(Way::ToBank, line.whole.0), (Way::ToTerminal, line.whole.1)] {
        for part in 0..=8 {
            let at = (whole * part / 8).min(whole - 1);
            line.proxy.spoil(Spoil { way, at, what: What::Cut });
            cents += 1;
            let amount = format!("{}.{:02}", cents / 100, cents % 100);
            let (report, _) = line.pay(&amount);
            let booked = line.booked(&amount);
            let place = format!("cut {way:?} at byte {at} of {whole}: {report}");
            match report["outcome"].as_str().unwrap() {
                "approved" => assert_eq!(booked, ["approved"], "{place}"),
                "cancelled" => assert!(booked.is_empty(), "{place}: {booked:?}"),
                "reversed" => assert!(!booked.contains(&"approved".to_owned()), "{place}: {booked:?}"),
                other => panic!("{other}: {place}"),
            }
        }
    }
}

#[test]
fn an_answer_that_is_lost_once_is_asked_for_again_and_charged_once() {
    let line = Line::new();
    line.withhold(What::Withhold);
    let (report, exit) = line.pay("7.01");
    assert_eq!((report["outcome"].as_str(), exit), (Some("approved"), Some(0)), "{report}");
    assert_eq!(line.booked("7.01"), ["approved"]);
}

#[test]
fn an_answer_that_never_comes_leaves_the_sale_unknown_and_the_next_run_takes_it_back() {
    let line = Line::new();
    line.withhold(What::WithholdForEver);
    let (report, exit) = line.pay("7.02");
    assert_eq!((report["outcome"].as_str(), exit), (Some("unknown"), Some(3)), "{report}");
    assert!(report["next"].as_str().unwrap().contains("Do not hand over the goods"), "{report}");
    assert_eq!(line.booked("7.02"), ["approved"], "the bank has taken it");
    line.proxy.mend();
    let (report, exit) = line.pay("7.03");
    assert_eq!((report["outcome"].as_str(), exit), (Some("approved"), Some(0)), "{report}");
    assert_eq!(line.booked("7.02"), ["reversed"]);
    assert_eq!(line.booked("7.03"), ["approved"]);
}

#[test]
fn a_terminal_that_is_killed_before_the_answer_takes_the_sale_back_when_it_runs_again() {
    let line = Line::new();
    line.withhold(What::WithholdForEver);
    let bank = line.world.bank();
    let mut killed = command(&line.world.path("till"))
        .args(["pay", "--amount", "7.04", "--host", &line.proxy.address, "--bank-data"])
        .arg(&bank)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let since = Instant::now();
    while line.booked("7.04").is_empty() {
        assert!(since.elapsed() < PATIENCE, "the request never reached the bank");
        thread::sleep(Duration::from_millis(20));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(line.booked("7.04"), ["approved"], "the bank has taken it");
    line.proxy.mend();
    let (report, exit) = line.pay("7.05");
    assert_eq!((report["outcome"].as_str(), exit), (Some("approved"), Some(0)), "{report}");
    assert_eq!(
        (line.booked("7.04"), line.booked("7.05")),
        (vec!["reversed".to_owned()], vec!["approved".to_owned()])
    );
}

#[test]
fn a_copy_of_a_book_with_an_open_sale_that_is_put_back_later_changes_nothing_at_the_bank() {
    let line = Line::new();
    let (till, copy) = (line.world.path("till/terminal"), line.world.path("copy"));
    line.withhold(What::WithholdForEver);
    assert_eq!(line.pay("7.06").0["outcome"], "unknown");
    copy_folder(&till, &copy);
    line.proxy.mend();
    assert_eq!(line.pay("7.07").0["outcome"], "approved");
    let books = transactions(&line.world.bank());
    fs::remove_dir_all(&till).unwrap();
    copy_folder(&copy, &till);
    for _time in 0..2 {
        let (report, exit) = line.pay("7.08");
        assert_eq!((report["outcome"].as_str(), exit), (Some("cancelled"), Some(3)), "{report}");
        assert!(
            report["reason"].as_str().unwrap().contains("An old copy of this terminal's data"),
            "{report}"
        );
        assert!(report["next"].as_str().unwrap().starts_with("Nothing was charged."), "{report}");
    }
    assert_eq!(transactions(&line.world.bank()), books);
}
