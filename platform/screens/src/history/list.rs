//! The list of transactions: totals of the range, a page of it, search, export.

use super::{
    Query,
    code::Code,
    details::Details,
    export::{ExportFormat, Gathered, Gathering},
};
use crate::{
    Wish, causes,
    line::Line,
    page::{Page, decimal, money, signed},
    place::{Deed, Go, Place, Told, Turn},
    result::kind,
    words::{Phrase, say},
};
use mpos_protocol::{
    Currency, Moment, Text,
    admin::{AdminAnswer, HISTORY_PAGE_MAX, HistoryFault, HistoryPage, Transaction, TransactionResult},
    card::TransactionKind,
    screen::{ButtonStyle, InputKind, Row, TextStyle},
    shell::BankAsk,
};

/// Most pages that one can go back over: more than an export has. Beyond it the first ones are forgotten.
const PAGES_MAX: usize = 1_000;

/// The list.
pub(crate) struct List {
    query: Query,
    search: Line,
    /// What is seen; none until the first page comes.
    page: Option<HistoryPage>,
    /// Where the pages up to the one that is seen, or asked for, begin.
    starts: Vec<Option<u64>>,
    waits: Option<u32>,
    gathering: Option<Gathering>,
    fault: Option<Phrase>,
    notice: Option<Phrase>,
}

impl List {
    /// Asks for the first page at once.
    pub(crate) fn open(query: Query, turn: &mut Turn<'_>) -> Box<dyn Place> {
        let mut list = Self {
            search: Line::new("search", "search", InputKind::Search),
            query,
            page: None,
            starts: vec![None],
            waits: None,
            gathering: None,
            fault: None,
            notice: None,
        };
        list.ask(turn);
        Box::new(list)
    }

    fn ask(&mut self, turn: &mut Turn<'_>) {
        (self.fault, self.notice) = (None, None);
        self.ask_below(self.starts.last().copied().flatten(), turn);
    }

    fn ask_below(&mut self, before: Option<u64>, turn: &mut Turn<'_>) {
        self.waits = Some(turn.desk.ask(turn.now, BankAsk::History(self.query.page(before))));
    }

    fn press(&mut self, button: &str, turn: &mut Turn<'_>) {
        let next = self.page.as_ref().and_then(|page| page.next);
        match (button, next) {
            ("search", _) => return self.begin_search(turn),
            ("csv", _) => return self.begin_export(ExportFormat::Csv, turn),
            ("pdf", _) => return self.begin_export(ExportFormat::Pdf, turn),
            ("next", Some(next)) => {
                if self.starts.len() >= PAGES_MAX {
                    self.starts.remove(0);
                }
                self.starts.push(Some(next));
            }
            ("previous", _) if self.starts.len() > 1 => {
                self.starts.pop();
            }
            ("retry", _) => {}
            _ => return,
        }
        self.ask(turn);
    }

    fn begin_search(&mut self, turn: &mut Turn<'_>) {
        let typed = self.search.text().trim().to_uppercase();
        self.search.error = None;
        match Text::new(typed.trim_start_matches('*')) {
            Err(_) => self.search.error = Some(say("search-too-long")),
            Ok(text) => {
                self.query.search = (!text.is_empty()).then_some(text);
                self.starts = vec![None];
                self.ask(turn);
            }
        }
    }

    fn begin_export(&mut self, format: ExportFormat, turn: &mut Turn<'_>) {
        let Some(page) = &self.page else { return };
        (self.fault, self.notice) = (None, None);
        match Gathering::begin(format, page.totals) {
            Err(phrase) => self.fault = Some(phrase),
            Ok(gathering) => {
                self.gathering = Some(gathering);
                self.ask_below(None, turn);
            }
        }
    }

    fn answered(&mut self, answer: Result<AdminAnswer, Phrase>, turn: &mut Turn<'_>) -> Go {
        self.waits = None;
        let fault = match answer {
            Ok(AdminAnswer::History(page)) => return self.take(page, turn),
            Ok(AdminAnswer::HistoryRefused(HistoryFault::GrantExpired)) => {
                let why = causes::history(HistoryFault::GrantExpired);
                return Go::Over(Box::new(Code::again(self.query.clone(), why)));
            }
            Ok(AdminAnswer::HistoryRefused(fault)) => causes::history(fault),
            Ok(_) => say("ask-no-sense"),
            Err(phrase) => phrase,
        };
        self.gathering = None;
        self.fault = Some(fault);
        Go::Stay
    }

    fn take(&mut self, page: HistoryPage, turn: &mut Turn<'_>) -> Go {
        let Some(mut gathering) = self.gathering.take() else {
            self.page = Some(page);
            return Go::Stay;
        };
        match gathering.take(page) {
            Gathered::More(next) => {
                self.gathering = Some(gathering);
                self.ask_below(Some(next), turn);
            }
            Gathered::All => {
                let (terminal, merchant) = (turn.desk.terminal, turn.desk.merchant.clone());
                let export = gathering.finish(&self.query, terminal, merchant);
                turn.desk.wish(Wish::SaveExport(Box::new(export)));
            }
            Gathered::Failed(phrase) => self.fault = Some(phrase),
        }
        Go::Stay
    }

    fn draw_totals(&self, page: &mut Page<'_>, history: &HistoryPage) {
        let totals = &history.totals;
        let sum = |minor| money(Currency::Eur, minor);
        page.fields(vec![
            ("total-transactions", totals.transactions.to_string()),
            ("total-purchases", format!("{} · {}", totals.purchases, sum(signed(totals.purchased)))),
            ("total-refunds", format!("{} · {}", totals.refunds, sum(signed(totals.refunded)))),
            ("total-net", sum(totals.net())),
        ]);
    }

    fn draw_page(&self, page: &mut Page<'_>, history: &HistoryPage) {
        if history.transactions.is_empty() {
            page.text(TextStyle::Body, &say("history-empty"));
            return;
        }
        let free = self.waits.is_none();
        let first = (self.starts.len() - 1) * HISTORY_PAGE_MAX + 1;
        let last = first + history.transactions.len() - 1;
        let shown = say("history-shown").number("first", first as u64).number("last", last as u64);
        page.text(TextStyle::Hint, &shown);
        page.rows(
            history.transactions.iter().map(|one| row(page, one, self.query.grant.is_some())).collect(),
        );
        page.buttons(&[
            ("previous", "previous-page", ButtonStyle::Plain, free && self.starts.len() > 1),
            ("next", "next-page", ButtonStyle::Plain, free && history.next.is_some()),
        ]);
        page.buttons(&[
            ("csv", "export-csv", ButtonStyle::Plain, free),
            ("pdf", "export-pdf", ButtonStyle::Plain, free),
        ]);
    }
}

/// `2022-10-24 16:30:40`, local.
pub(super) fn at(now: Moment, unix_ms: u64) -> String {
    Moment { unix_ms, ..now }.local().to_string()
}

/// The amount as it counts for the merchant: what was given back is below zero.
pub(super) fn counted(transaction: &Transaction) -> i64 {
    let minor = signed(transaction.amount.minor());
    if transaction.kind == TransactionKind::Refund { -minor } else { minor }
}

fn row(page: &Page<'_>, transaction: &Transaction, of_merchant: bool) -> Row {
    let mut detail = at(page.now, transaction.at_ms);
    if of_merchant {
        detail = format!("{detail} · {}", transaction.terminal);
    }
    let badge = match &transaction.result {
        TransactionResult::Declined { .. } => Some(page.badge("declined", TextStyle::Failure)),
        TransactionResult::Reversed => Some(page.badge("reversed", TextStyle::Warning)),
        TransactionResult::Approved { .. } if transaction.refunded > 0 => {
            Some(page.badge("refunded", TextStyle::Body))
        }
        TransactionResult::Approved { .. } => None,
    };
    let title = format!("{} {}", page.label(kind(transaction.kind)), transaction.card);
    Row {
        id: Text::clipped(&transaction.reference),
        title: Text::clipped(&title),
        detail: Text::clipped(&format!("{detail} · {}", transaction.reference)),
        amount: Text::clipped(&decimal(counted(transaction))),
        badge,
    }
}

impl Place for List {
    fn draw(&self, page: &mut Page<'_>) {
        let (from, to) = (at(page.now, self.query.from_ms), at(page.now, self.query.to_ms));
        let title = if self.query.grant.is_some() { "merchant-transactions" } else { "device-transactions" };
        page.titled("history.list", title).with_back();
        page.plain(TextStyle::Hint, &format!("{from} – {to}"));
        if let Some(history) = &self.page {
            self.draw_totals(page, history);
        }
        page.line(&self.search);
        page.buttons(&[("search", "search-button", ButtonStyle::Plain, self.waits.is_none())]);
        page.error(self.fault.as_ref());
        if let Some(notice) = &self.notice {
            page.text(TextStyle::Success, notice);
        }
        match &self.gathering {
            Some(gathering) => {
                let count = gathering.count() as u64;
                page.text(TextStyle::Prompt, &say("export-progress").number("count", count)).button(
                    "stop",
                    "cancel",
                    ButtonStyle::Danger,
                )
            }
            None => page.asking(self.waits.is_some()),
        };
        match &self.page {
            Some(history) => self.draw_page(page, history),
            None if self.fault.is_some() => {
                page.button("retry", "try-again", ButtonStyle::Primary);
            }
            None => {}
        }
    }

    fn act(&mut self, deed: Deed<'_>, turn: &mut Turn<'_>) -> Go {
        match deed {
            Deed::Back => return Go::Back,
            Deed::Press("stop") if self.gathering.take().is_some() => self.waits = None,
            Deed::Press(button) if self.waits.is_none() => self.press(button, turn),
            Deed::Open(reference) if self.waits.is_none() => {
                let mut shown = self.page.iter().flat_map(|page| page.transactions.iter());
                if let Some(one) = shown.find(|one| *one.reference == *reference) {
                    return Go::On(Box::new(Details::new(one.clone())));
                }
            }
            _ => {}
        }
        Go::Stay
    }

    fn told(&mut self, told: Told, turn: &mut Turn<'_>) -> Go {
        match told {
            Told::Answer(answer) => return self.answered(answer, turn),
            Told::Done(notice) => (self.notice, self.fault) = (Some(notice), None),
            Told::Failed(phrase) => self.fault = Some(phrase),
            _ => {}
        }
        Go::Stay
    }

    fn waits_for(&self) -> Option<u32> {
        self.waits
    }

    fn lines(&mut self) -> Vec<&mut Line> {
        vec![&mut self.search]
    }
}
