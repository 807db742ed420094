//! A merchant who sells on and on at a terminal that is killed again and again, and notes what each sale was told as.

use super::{
    draws::Draws,
    journal::Journal,
    running::{End, Fate, Running, Said},
    storm::StormyLine,
};
use crate::support::{World, command};
use serde_json::Value;
use std::{
    thread,
    time::{Duration, Instant},
};

/// The merchant's code, for refunds.
pub(crate) const SUPERVISOR_CODE: &str = "4711";
/// Of all cards; above 40.00 it is asked for.
const PIN: &str = "1234";
/// A start, and a sale on a good line, take some tens of milliseconds.
const START_MS: (u64, u64) = (25, 100);
const SALE_MS: (u64, u64) = (50, 400);
/// An answer on a good line is shown within this.
const ANSWER_US: std::ops::Range<u64> = 0..15_000;
/// A merchant tries again, but not at once.
const AFTER_FAILURE: Duration = Duration::from_millis(300);
/// Longer than the terminal repeats a request: the sale is taken back while the merchant waits.
const SHORT_OUTAGE: Duration = Duration::from_secs(22);
/// Longer than it waits for the reversal too: the merchant is told that the sale is unknown.
const LONG_OUTAGE: Duration = Duration::from_secs(40);
const SALES_BEFORE_OUTAGE: usize = 20;
const SALES_BETWEEN_OUTAGES: usize = 150;
/// Sales of one life of `mpos terminal`, if it is not killed before.
const SESSION_SALES: std::ops::Range<u64> = 2..25;
/// For all that is open to be settled on a good line.
const SETTLING: Duration = Duration::from_secs(60);

/// A card that is tapped here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Card {
    pub(crate) name: &'static str,
    pub(crate) pan: &'static str,
}

impl Card {
    pub(crate) fn last_four(&self) -> u16 {
        self.pan[self.pan.len() - 4..].parse().unwrap()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Purchase,
    Refund,
}

/// A sale that the merchant asked for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) kind: Kind,
    pub(crate) card: Card,
    pub(crate) minor: u64,
    pub(crate) told: Told,
}

/// What it was told as.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    Receipt(Receipt),
    /// Words on standard error, and no receipt.
    Words(String),
    /// Nothing: the terminal was killed before.
    Nothing,
}

/// What `--json` prints.
#[derive(Clone, Debug)]
pub(crate) struct Receipt {
    pub(crate) outcome: String,
    pub(crate) minor: u64,
    pub(crate) number: Option<u32>,
    pub(crate) reference: Option<String>,
    pub(crate) reason: String,
}

impl Receipt {
    fn read(line: &str) -> Self {
        let json: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no receipt: {line}"));
        let field = |name: &str| json[name].as_str().map(str::to_owned);
        Self {
            outcome: field("outcome").unwrap(),
            minor: field("amount").unwrap().replace('.', "").parse().unwrap(),
            number: field("receipt").map(|number| number.parse().unwrap()),
            reference: field("reference"),
            reason: field("reason").unwrap_or_default(),
        }
    }
}

/// How often the terminal was killed, and when.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kills {
    pub(crate) starting: u64,
    pub(crate) selling: u64,
    pub(crate) refunding: u64,
}

/// A terminal and its merchant.
pub(crate) struct Till<'a> {
    world: &'a World,
    pub(crate) name: String,
    pub(crate) line: StormyLine,
    cards: &'static [Card],
    draws: Draws,
    pub(crate) asked: Vec<Asked>,
    pub(crate) kills: Kills,
    /// How often it asked the bank again for want of an answer.
    pub(crate) repeats: usize,
    next_outage: (usize, Duration),
    /// Purchases that were told as approved: the reference, the card and the amount.
    refundable: Vec<(String, Card, u64)>,
}

impl<'a> Till<'a> {
    /// The terminals of one storm have numbers, from 0.
    pub(crate) fn new(
        world: &'a World,
        number: usize,
        line: StormyLine,
        cards: &'static [Card],
        draws: Draws,
    ) -> Self {
        let outage = if number.is_multiple_of(2) { SHORT_OUTAGE } else { LONG_OUTAGE };
        Self {
            world,
            name: format!("till-{number}"),
            line,
            cards,
            draws,
            asked: Vec::new(),
            kills: Kills::default(),
            repeats: 0,
            next_outage: (SALES_BEFORE_OUTAGE, outage),
            refundable: Vec::new(),
        }
    }

    pub(crate) fn journal(&self) -> Journal {
        Journal::read(&self.world.path(&self.name).join("terminal"))
    }

    /// The first sale, undisturbed.
    pub(crate) fn is_activated(&mut self) {
        let code = self.world.activation_code();
        let purchase = Purchase { card: self.cards[0], ..self.purchase() };
        self.pays(purchase, &["--activation-code", &code], None);
        let Some(Asked { told: Told::Receipt(receipt), .. }) = self.asked.last() else {
            panic!("not activated: {:?}", self.asked)
        };
        assert_eq!(receipt.outcome, "approved");
    }

    pub(crate) fn defines_supervisor_code(&self) {
        let defined = self.program(&["supervisor-code", "--code", SUPERVISOR_CODE]).end();
        assert_eq!(defined, End::ByItself(Some(0)));
    }

    /// Sells until so many sales were asked for, in the storm.
    pub(crate) fn sells(&mut self, sales: usize) {
        self.line.calm(false);
        while self.asked.len() < sales {
            if self.draws.percent(15) {
                let (purchase, fate) = (self.purchase(), self.fate(50));
                self.pays(purchase, &[], fate);
            } else if self.draws.percent(20) && !self.refundable.is_empty() {
                self.gives_back();
            } else {
                self.sells_line_by_line(sales);
            }
        }
        self.line.calm(true);
    }

    /// Runs until nothing is open any more, and sells once more.
    pub(crate) fn settles(&mut self) {
        self.line.calm(true);
        let mut terminal = self.program(&["terminal", "--json"]);
        assert!(is_ready(&mut terminal), "{}", terminal.errors().join("\n"));
        let since = Instant::now();
        while !self.journal().open().is_empty() {
            assert!(since.elapsed() < SETTLING, "{} keeps {:?} open", self.name, self.journal().open());
            thread::sleep(Duration::from_millis(20));
        }
        let purchase = Purchase { card: self.cards[0], ..self.purchase() };
        terminal.types(&purchase.line());
        let told = next_told(&mut terminal).expect("it answers");
        assert!(matches!(&told, Told::Receipt(receipt) if receipt.outcome == "approved"), "{told:?}");
        self.note(Kind::Purchase, purchase, told);
        assert_eq!(terminal.end(), End::ByItself(Some(0)));
    }

    fn sells_line_by_line(&mut self, sales: usize) {
        let mut terminal = self.program(&["terminal", "--json"]);
        if self.draws.percent(35) {
            terminal.will_die(Fate::After(self.draws.soon_ms(START_MS.0, START_MS.1)));
        }
        if !is_ready(&mut terminal) {
            self.kills.starting += 1;
            return self.was_killed(terminal);
        }
        for _sale in 0..self.draws.within(SESSION_SALES) {
            if self.asked.len() >= sales {
                break;
            }
            if !self.sells_at(&mut terminal) {
                self.kills.selling += 1;
                return self.was_killed(terminal);
            }
        }
        self.repeats += repeats(&terminal);
        if terminal.end() == End::Killed {
            self.kills.starting += 1;
        }
    }

    /// One sale at a terminal that is ready; whether that lives on.
    fn sells_at(&mut self, terminal: &mut Running) -> bool {
        let (at, time) = self.next_outage;
        let is_outage = self.asked.len() >= at;
        if is_outage {
            terminal.spare();
            self.line.fail_with_the_next_sale(time);
        } else if let Some(fate) = self.fate(20) {
            terminal.will_die(fate);
        }
        let purchase = self.purchase();
        terminal.types(&purchase.line());
        let told = next_told(terminal);
        if is_outage {
            self.line.mend();
        }
        let outcome =
            if let Some(Told::Receipt(receipt)) = &told { receipt.outcome.as_str() } else { "none" };
        if is_outage && matches!(outcome, "reversed" | "unknown") {
            let other = if time == LONG_OUTAGE { SHORT_OUTAGE } else { LONG_OUTAGE };
            self.next_outage = (self.asked.len() + SALES_BETWEEN_OUTAGES, other);
        }
        if outcome == "cancelled" {
            thread::sleep(AFTER_FAILURE);
        }
        let lives = told.is_some();
        self.note(Kind::Purchase, purchase, told.unwrap_or(Told::Nothing));
        lives
    }

    fn pays(&mut self, purchase: Purchase, more: &[&str], fate: Option<Fate>) {
        let amount = purchase.amount();
        let pay = ["pay", "--json", "--amount", &amount, "--card", purchase.card.name, "--pin", PIN];
        let told = self.once(&[&pay[..], more].concat(), fate);
        self.kills.selling += u64::from(matches!(told, Told::Nothing));
        self.note(Kind::Purchase, purchase, told);
    }

    fn gives_back(&mut self) {
        let place = usize::try_from(self.draws.within(0..self.refundable.len() as u64)).unwrap();
        let (reference, card, paid) = self.refundable.swap_remove(place);
        let minor = if self.draws.percent(30) { paid / 2 } else { paid };
        let refund = Purchase { card, minor };
        let amount = refund.amount();
        let ask = ["refund", "--json", "--reference", &reference, "--supervisor-code", SUPERVISOR_CODE];
        let fate = self.fate(40);
        let told = self.once(&[&ask[..], &["--amount", &amount, "--card", card.name]].concat(), fate);
        self.kills.refunding += u64::from(matches!(told, Told::Nothing));
        if !matches!(&told, Told::Receipt(receipt) if receipt.outcome == "approved") {
            // Who does not know whether it was given back tries it again.
            self.refundable.push((reference, card, paid));
        }
        self.note(Kind::Refund, refund, told);
    }

    /// A command that is one sale.
    fn once(&mut self, arguments: &[&str], fate: Option<Fate>) -> Told {
        let mut program = self.program(arguments);
        program.hangs_up();
        if let Some(fate) = fate {
            program.will_die(fate);
        }
        let told = next_told(&mut program);
        self.repeats += repeats(&program);
        match told {
            Some(told) => {
                program.spare();
                let _status_of_the_outcome = program.end();
                told
            }
            None => {
                self.was_killed(program);
                Told::Nothing
            }
        }
    }

    /// A program that ended without a word must have been killed.
    fn was_killed(&mut self, program: Running) {
        self.repeats += repeats(&program);
        let errors = program.errors().join("\n");
        assert_eq!(program.end(), End::Killed, "{} ended by itself:\n{errors}", self.name);
    }

    fn note(&mut self, kind: Kind, Purchase { card, minor }: Purchase, told: Told) {
        if let Told::Receipt(Receipt { outcome, reference: Some(reference), .. }) = &told
            && (kind, outcome.as_str()) == (Kind::Purchase, "approved")
        {
            self.refundable.push((reference.clone(), card, minor));
        }
        self.asked.push(Asked { kind, card, minor, told });
    }

    /// Neighbours are never of the same amount, so that the books can be held against what was asked for.
    fn purchase(&mut self) -> Purchase {
        let card = *self.draws.of(self.cards);
        let least = if self.draws.percent(25) { 4001 } else { 100 };
        Purchase { card, minor: least + self.asked.len() as u64 * 7 % 900 }
    }

    /// Whether the terminal is killed, and when: at any moment, or while the bank's answer is on its way, is kept and
    /// is shown.
    fn fate(&mut self, chance: u64) -> Option<Fate> {
        if !self.draws.percent(chance) {
            return None;
        }
        Some(if self.draws.percent(50) {
            Fate::After(self.draws.soon_ms(SALE_MS.0, SALE_MS.1))
        } else {
            Fate::AfterAsking(Duration::from_micros(self.draws.within(ANSWER_US)))
        })
    }

    fn program(&self, arguments: &[&str]) -> Running {
        let at = ["--host", self.line.address.as_str(), "--bank-data"];
        let mut program = command(&self.world.path(&self.name));
        Running::start(program.args(arguments).args(at).arg(self.world.bank()))
    }
}

#[derive(Clone, Copy)]
struct Purchase {
    card: Card,
    minor: u64,
}

impl Purchase {
    fn amount(&self) -> String {
        format!("{}.{:02}", self.minor / 100, self.minor % 100)
    }

    fn line(&self) -> String {
        format!("{} {} {PIN}", self.amount(), self.card.name)
    }
}

/// Whether it got so far that it takes sales.
fn is_ready(terminal: &mut Running) -> bool {
    while let Some(said) = terminal.next() {
        if matches!(said, Said::Error(line) if line.starts_with("Ready")) {
            return true;
        }
    }
    false
}

/// What the next sale is told as; none when the program ended before.
fn next_told(program: &mut Running) -> Option<Told> {
    loop {
        match program.next()? {
            Said::Output(line) => return Some(Told::Receipt(Receipt::read(&line))),
            Said::Error(line) if line.starts_with("mpos: ") || line.starts_with("error: ") => {
                return Some(Told::Words(line));
            }
            Said::Error(_) => {}
        }
    }
}

fn repeats(program: &Running) -> usize {
    program.errors().iter().filter(|line| line.contains("asking the bank again")).count()
}
