//! What a storm did, in figures, so that one that did nothing is seen.

use super::{
    HostKills,
    books::Outcomes,
    storm::Weather,
    till::{Kills, Kind, Till},
};
use std::{
    fmt::{self, Display, Formatter},
    time::Duration,
};

/// The figures of one storm.
pub(crate) struct Figures {
    stormed: Duration,
    purchases: usize,
    with_pin: usize,
    refunds: usize,
    terminal_kills: Kills,
    host_kills: HostKills,
    repeats: usize,
    weather: Weather,
    outcomes: Outcomes,
    /// Transactions that terminals and bank compared themselves.
    compared: u64,
}

/// Above it, cards that are not phones ask for the PIN.
const PIN_ABOVE_MINOR: u64 = 4_000;

impl Figures {
    pub(crate) fn of(
        tills: &[Till<'_>],
        host_kills: HostKills,
        stormed: Duration,
        (outcomes, compared): (Outcomes, u64),
    ) -> Self {
        let asked = || tills.iter().flat_map(|till| &till.asked);
        let refunds = asked().filter(|asked| asked.kind == Kind::Refund).count();
        let with_pin = asked().filter(|asked| {
            let by_pin = asked.minor > PIN_ABOVE_MINOR && !asked.card.name.ends_with("-phone");
            asked.kind == Kind::Purchase && by_pin
        });
        let terminal_kills = tills.iter().map(|till| till.kills).fold(Kills::default(), |sum, of| Kills {
            starting: sum.starting + of.starting,
            selling: sum.selling + of.selling,
            refunding: sum.refunding + of.refunding,
        });
        Self {
            stormed,
            purchases: asked().count() - refunds,
            with_pin: with_pin.count(),
            refunds,
            terminal_kills,
            host_kills,
            repeats: tills.iter().map(|till| till.repeats).sum(),
            weather: tills.iter().map(|till| till.line.weather()).fold(Weather::default(), Weather::and),
            outcomes,
            compared,
        }
    }

    /// Each kind of fault happened, and each kind of end.
    pub(crate) fn are_of_a_storm(&self) {
        let (kills, weather, outcomes) = (&self.terminal_kills, &self.weather, &self.outcomes);
        let told = |outcome: &str| outcomes.told.get(outcome).copied().unwrap_or(0);
        let untold: u64 = outcomes.untold.values().sum();
        let counts = [
            ("kills of a starting terminal", kills.starting),
            ("kills of a selling terminal", kills.selling),
            ("kills of a serving host", self.host_kills.serving),
            ("kills of a starting host", self.host_kills.starting),
            ("cuts", weather.cut_at.len() as u64),
            ("delays", weather.delayed),
            ("silences", weather.silenced),
            ("doubled bytes", weather.doubled_bytes),
            ("doubled connections", weather.doubled_connections),
            ("connections turned away", weather.turned_away),
            ("outages", weather.outages),
            ("repeated requests", self.repeats as u64),
            ("sales with PIN", self.with_pin as u64),
            ("refunds", self.refunds as u64),
            ("sales told as approved", told("approved")),
            ("sales told as declined", told("declined")),
            ("sales told as reversed", told("reversed")),
            ("sales told as unknown", told("unknown")),
            ("sales told as nothing", untold),
            ("sales taken back", outcomes.taken_back),
        ];
        let none: Vec<&str> =
            counts.into_iter().filter(|(_, count)| *count == 0).map(|(name, _)| name).collect();
        assert!(none.is_empty(), "no storm: there were no {}", none.join(", no "));
    }
}

impl Display for Figures {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (kills, weather, outcomes) = (&self.terminal_kills, &self.weather, &self.outcomes);
        let cuts = &weather.cut_at;
        let (least, most) = (cuts.iter().min().unwrap_or(&0), cuts.iter().max().unwrap_or(&0));
        let mut row = |name: &str, value: &dyn Display| writeln!(f, "{name:<32}{value}");
        let seconds = self.stormed.as_secs_f64();
        row("storm", &format_args!("{seconds:.1} s"))?;
        row("purchases asked for", &format_args!("{}, {} of them with PIN", self.purchases, self.with_pin))?;
        row("refunds asked for", &self.refunds)?;
        let of_terminals = kills.starting + kills.selling + kills.refunding;
        let when = format!(
            "{} starting or between sales, {} in a purchase, {} in a refund",
            kills.starting, kills.selling, kills.refunding
        );
        row("kills of a terminal", &format_args!("{of_terminals}: {when}"))?;
        let HostKills { serving, starting } = self.host_kills;
        let when = format_args!("{}: {serving} serving, {starting} starting", serving + starting);
        row("kills of the host", &when)?;
        row("connections", &weather.connections)?;
        row("  cut", &format_args!("{}, after {least} to {most} bytes", cuts.len()))?;
        row("  delayed, times", &weather.delayed)?;
        row("  fallen silent", &weather.silenced)?;
        row("  with bytes sent twice", &format_args!("{} bytes", weather.doubled_bytes))?;
        row("  with a second beside", &weather.doubled_connections)?;
        row("  turned away", &weather.turned_away)?;
        row("outages of a line", &weather.outages)?;
        row("requests sent again", &self.repeats)?;
        for (outcome, count) in &outcomes.told {
            row(&format!("told as {outcome}"), count)?;
        }
        for (words, count) in &outcomes.words {
            row(&format!("  {count} in these words"), words)?;
        }
        row("told nothing (killed)", &outcomes.untold.values().sum::<u64>())?;
        for (end, count) in &outcomes.untold {
            row(&format!("  {end}"), count)?;
        }
        row(
            "standing at the bank",
            &format_args!("{} purchases, {} refunds", outcomes.purchases_standing, outcomes.refunds_standing),
        )?;
        row("taken back at the bank", &outcomes.taken_back)?;
        row("compared by themselves", &format_args!("{} transactions, none differs", self.compared))?;
        let net = outcomes.net_minor;
        row("net of all accounts", &format_args!("EUR {}.{:02}, to the cent", net / 100, net % 100))
    }
}
