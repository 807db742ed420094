//! Which transactions: whose, and of which days.

use super::{Query, code::Code, list::List};
use crate::{
    calendar::{DateFault, End, days_ago, days_since_first, days_since_monday, read, write},
    line::Line,
    page::Page,
    place::{Deed, Go, Place, Turn},
    words::{Phrase, say},
};
use mpos_protocol::{
    Moment,
    admin::HISTORY_RANGE_MAX_MS,
    screen::{ButtonStyle, InputKind},
};

/// The ids and words of whose transactions.
const WHOSE: [(&str, &str); 2] = [("device", "device-transactions"), ("merchant", "merchant-transactions")];
/// The ids and words of ranges, in the order of [`Range`].
const RANGES: [(&str, &str); 5] = [
    ("today", "today"),
    ("yesterday", "yesterday"),
    ("week", "this-week"),
    ("month", "this-month"),
    ("custom", "custom"),
];

/// A range of days.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Range {
    Today,
    Yesterday,
    Week,
    Month,
    Custom,
}

impl Range {
    const ALL: [Self; 5] = [Self::Today, Self::Yesterday, Self::Week, Self::Month, Self::Custom];

    /// Its ends; none where the merchant types them.
    fn ends(self, now: Moment) -> Option<(u64, u64)> {
        match self {
            Self::Today => Some(days_ago(now, 0, 0)),
            Self::Yesterday => Some(days_ago(now, 1, 1)),
            Self::Week => Some(days_ago(now, days_since_monday(now), 0)),
            Self::Month => Some(days_ago(now, days_since_first(now), 0)),
            Self::Custom => None,
        }
    }
}

/// The form.
pub(crate) struct Form {
    of_merchant: bool,
    range: Range,
    from: Line,
    to: Line,
}

impl Form {
    /// This terminal's, of today.
    pub(crate) fn new(now: Moment) -> Self {
        let mut form = Self {
            of_merchant: false,
            range: Range::Today,
            from: Line::new("from", "from-date", InputKind::DateTime),
            to: Line::new("to", "to-date", InputKind::DateTime),
        };
        form.fill(now);
        form
    }

    /// Writes the ends of a named range: it moves on with the day.
    fn fill(&mut self, now: Moment) {
        if let Some((from, to)) = self.range.ends(now) {
            for (line, end) in [(&mut self.from, from), (&mut self.to, to)] {
                line.set(&write(now, end));
                line.error = None;
            }
        }
    }

    /// The range as it stands in the lines, or what is wrong with it, at its line.
    fn read(&mut self, now: Moment) -> Option<(u64, u64)> {
        let from = read(now, self.from.text(), End::From);
        let to = read(now, self.to.text(), End::To);
        let (_, end_of_today) = days_ago(now, 0, 0);
        self.from.error = from.err().map(not_a_date);
        self.to.error = to.err().map(not_a_date);
        let (Ok(from), Ok(to)) = (from, to) else { return None };
        if from > now.unix_ms {
            self.from.error = Some(say("date-in-future"));
        } else if to > end_of_today {
            self.to.error = Some(say("date-in-future"));
        } else if to < from {
            self.to.error = Some(say("history-reversed"));
        } else if to - from > HISTORY_RANGE_MAX_MS {
            self.from.error = Some(say("history-too-long"));
        }
        let is_good = self.from.error.is_none() && self.to.error.is_none();
        is_good.then_some((from, to))
    }

    fn choose(&mut self, choice: &str, option: &str, now: Moment) {
        let place = |options: &[(&str, &str)]| options.iter().position(|(id, _)| *id == option);
        match choice {
            "whose" => self.of_merchant = place(&WHOSE) == Some(1),
            "range" => {
                let chosen = place(&RANGES).and_then(|place| Range::ALL.get(place).copied());
                self.range = chosen.unwrap_or(self.range);
                self.fill(now);
            }
            _ => {}
        }
    }

    fn generate(&mut self, turn: &mut Turn<'_>) -> Go {
        self.fill(turn.now);
        let Some((from_ms, to_ms)) = self.read(turn.now) else { return Go::Stay };
        let query = Query { from_ms, to_ms, grant: None, search: None };
        if self.of_merchant { Go::On(Box::new(Code::new(query))) } else { Go::On(List::open(query, turn)) }
    }
}

fn not_a_date(fault: DateFault) -> Phrase {
    say(match fault {
        DateFault::Form => "date-form",
        DateFault::NoSuchDay => "date-no-such-day",
    })
}

impl Place for Form {
    fn draw(&self, page: &mut Page<'_>) {
        let range = Range::ALL.iter().position(|range| *range == self.range).unwrap_or_default();
        page.titled("history.form", "transaction-history")
            .with_back()
            .bank()
            .choice("whose", "merchant-or-device", &WHOSE, usize::from(self.of_merchant))
            .choice("range", "date-range", &RANGES, range)
            .line(&self.from)
            .line(&self.to)
            .button("generate", "generate", ButtonStyle::Primary);
    }

    fn act(&mut self, deed: Deed<'_>, turn: &mut Turn<'_>) -> Go {
        match deed {
            Deed::Choose(choice, option) => self.choose(choice, option, turn.now),
            // Whoever types a date means that one, and no range that moves on.
            Deed::Typed => self.range = Range::Custom,
            Deed::Press("generate") => return self.generate(turn),
            Deed::Back => return Go::Back,
            _ => {}
        }
        Go::Stay
    }

    fn lines(&mut self) -> Vec<&mut Line> {
        vec![&mut self.from, &mut self.to]
    }
}
