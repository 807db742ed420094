//! One run: terminals, people, network and bank in virtual time, in an order that the seed draws.
//!
//! At each moment any mailbox that has a message and whose thread is free may be next. When none is, time goes on to
//! the next event. Nothing takes time but what is drawn to take time, so minutes of a shop's day pass in milliseconds.

use crate::{
    bank::{BankHost, Known},
    cell::Letter,
    disk::End,
    draw::Draw,
    fault::{Fault, Faults},
    house::{House, HouseError},
    invariant,
    merchant::{Doing, Merchant},
    mutant::Mutant,
    network::Network,
    ports::CustomersCard,
    process::{Ended, PanicAt},
    terminal::Terminal,
    trace::Trace,
};
use mpos_host::books::AccountId;
use mpos_protocol::{Moment, routes::ActorId};
use mpos_runtime::{MAILBOX_FRAMES_MAX, Step};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// When every run begins, milliseconds since 1970.
const START_UNIX_MS: u64 = 1_795_000_000_000;
/// A run that is not over then has lost its way.
const STEPS_MAX: u64 = 400_000;
/// In calm everything must be resolved within this.
const CALM_MS_MAX: u64 = 60 * 60_000;
/// How often chance is asked about the world at large.
pub(crate) const UPKEEP_MS: u64 = 2_000;

/// What is to happen.
pub(crate) enum Event {
    /// A step that took time is over.
    StepOver { terminal: usize, generation: u32, who: ActorId, life: u32, step: Step },
    /// A timer is due.
    Timer { terminal: usize, generation: u32, life: u32, letter: Letter },
    /// The program is started.
    Start(usize),
    /// The merchant does something.
    Act { terminal: usize, generation: u32 },
    /// The customer's card comes into the field.
    CardArrives { terminal: usize, generation: u32 },
    /// The mailboxes have their size again.
    SqueezeOver { terminal: usize, generation: u32 },
    /// There is room on the disk again.
    RoomAgain(usize),
    /// The bank's books let their process go on.
    BooksGoOn,
    /// The bank's process is started.
    BankStarts,
    /// A connection reaches the bank.
    Reaches(u64),
    /// The terminal is told that its connection stands.
    Stands(u64),
    /// Bytes arrive at the bank: a message.
    AtBank(u64, Vec<u8>),
    /// Bytes arrive at the terminal.
    AtTerminal(u64, Vec<u8>),
    /// The bank sees that a connection is gone.
    BankSeesEnd(u64),
    /// The terminal sees that a connection is gone.
    TerminalSeesEnd(u64, mpos_protocol::link::LineFault),
    /// Chance is asked about the world at large.
    Upkeep,
}

/// What became of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// Its seed.
    pub seed: u64,
    /// What must not be; none in a good run.
    pub violations: Vec<String>,
    /// How often each kind of fault happened, in the order of [`Fault::ALL`].
    pub faults: Vec<u64>,
    /// The bytes after which messages were cut.
    pub cuts: Vec<usize>,
    /// Where processes were killed and calls failed: at the bank's awaits, in a terminal's calls to its disk.
    pub places: Vec<String>,
    /// Writes that a loss of power tore, and that it lost.
    pub torn_and_lost: (u64, u64),
    /// Steps of actors.
    pub steps: u64,
    /// Virtual milliseconds.
    pub virtual_ms: u64,
    /// How the sales and refunds ended that were begun.
    pub tally: invariant::Tally,
    /// What happened, line by line or as a hash.
    pub trace: Trace,
}

/// A run.
pub struct World {
    pub(crate) now_ms: u64,
    pub(crate) draw: Draw,
    pub(crate) faults: Faults,
    pub(crate) trace: Trace,
    pub(crate) terminals: Vec<Terminal>,
    pub(crate) merchants: Vec<Merchant>,
    pub(crate) cards: Vec<CustomersCard>,
    pub(crate) bank: BankHost,
    pub(crate) network: Network,
    pub(crate) violations: Vec<String>,
    /// Counts purchases, so that each has an amount of its own.
    pub(crate) purchases: u64,
    opening: BTreeMap<AccountId, u64>,
    agenda: BTreeMap<(u64, u64), Event>,
    torn_and_lost: (u64, u64),
    steps: u64,
    pub(crate) calm_since_ms: Option<u64>,
}

impl World {
    /// The world of a seed.
    ///
    /// # Errors
    /// When it cannot be set up, which is a fault of the simulation.
    pub fn new(
        house: &Arc<House>,
        seed: u64,
        mutant: Option<Mutant>,
        keeps_trace: bool,
    ) -> Result<Self, HouseError> {
        let mut draw = Draw::new(seed);
        let faults = Faults::new(draw.fork());
        let count = [1, 2, 2, 2, 3][draw.index(5)];
        let terminals = (0..count).map(|number| Terminal::activated(number, house, draw.fork(), mutant));
        let terminals = terminals.collect::<Result<Vec<_>, _>>()?;
        let known: Vec<_> = terminals
            .iter()
            .map(|terminal| {
                (Known { id: terminal.id, device_key: terminal.device_key }, terminal.initial_key_id)
            })
            .collect();
        let bank = BankHost::new(house, &known, draw.fork(), mutant);
        let opening =
            bank.books.disk().kept.accounts.iter().map(|(id, account)| (*id, account.balance)).collect();
        let cards = house.cards.iter().map(|card| Arc::new(Mutex::new(card.clone()))).collect();
        let merchants =
            terminals.iter().map(|_| Merchant::new(u32::try_from(draw.between(3, 7)).unwrap_or(3))).collect();
        let mut world = Self {
            now_ms: 0,
            draw,
            faults,
            trace: Trace::new(keeps_trace),
            terminals,
            merchants,
            cards,
            bank,
            network: Network::default(),
            violations: Vec::new(),
            purchases: 0,
            opening,
            agenda: BTreeMap::new(),
            torn_and_lost: (0, 0),
            steps: 0,
            calm_since_ms: None,
        };
        world.bank.start();
        for terminal in 0..world.terminals.len() {
            let at = world.draw.below(2_000);
            world.at(at, Event::Start(terminal));
        }
        world.at(UPKEEP_MS, Event::Upkeep);
        Ok(world)
    }

    /// Runs it to its end.
    pub fn run(mut self, seed: u64) -> Report {
        while self.violations.is_empty() && !self.is_over() {
            self.next();
            if self.steps > STEPS_MAX {
                self.violate(format!("no end after {STEPS_MAX} steps"));
            }
        }
        let tally = invariant::check(&mut self);
        let struck = self.terminals.iter().flat_map(|terminal| terminal.disk.struck());
        let mut places: Vec<_> = struck.map(|(file, what)| format!("{file} {what}")).collect();
        places.append(&mut self.network.killed_at);
        Report {
            seed,
            violations: self.violations,
            faults: self.faults.counts().to_vec(),
            cuts: self.network.cuts,
            places,
            torn_and_lost: self.torn_and_lost,
            steps: self.steps,
            virtual_ms: self.now_ms,
            tally,
            trace: self.trace,
        }
    }

    /// What an account had at the beginning.
    pub(crate) fn opening_balance(&self, account: AccountId) -> u64 {
        self.opening.get(&account).copied().unwrap_or(0)
    }

    /// What must not be.
    pub(crate) fn violate(&mut self, what: String) {
        self.trace.note(self.now_ms, format_args!("VIOLATION {what}"));
        self.violations.push(what);
    }

    /// Has something happen after so long.
    pub(crate) fn at(&mut self, after_ms: u64, event: Event) {
        // Of what happens in the same millisecond any may be first.
        let key = (self.now_ms + after_ms, self.draw.bits());
        self.agenda.insert(key, event);
    }

    /// Now, by a terminal's clocks.
    pub(crate) fn moment(&self, terminal: usize) -> Moment {
        let (skew, booted) =
            self.terminals.get(terminal).map_or((0, 0), |terminal| (terminal.skew_ms, terminal.booted_ms));
        Moment {
            unix_ms: (START_UNIX_MS + self.now_ms).saturating_add_signed(skew),
            utc_offset_s: 3600,
            uptime_ms: self.now_ms.saturating_sub(booted),
        }
    }

    /// Now, by the bank's clock.
    pub(crate) const fn bank_unix_ms(&self) -> u64 {
        START_UNIX_MS + self.now_ms
    }

    /// Whether everything that was begun is resolved, in calm.
    fn is_over(&mut self) -> bool {
        let Some(since_ms) = self.calm_since_ms else { return false };
        let quiet = (0..self.terminals.len()).all(|terminal| self.is_quiet(terminal)) && !self.bank_works();
        if !quiet && self.now_ms > since_ms + CALM_MS_MAX {
            let doing: Vec<_> = self.merchants.iter().map(|merchant| merchant.doing.clone()).collect();
            self.violate(format!("not resolved an hour after all was well again: {doing:?}"));
        }
        quiet
    }

    fn bank_works(&self) -> bool {
        self.bank.books.waits().is_some_and(|at| at != crate::books::Await::Open)
    }

    fn is_quiet(&self, terminal: usize) -> bool {
        let (Some(machine), Some(merchant)) = (self.terminals.get(terminal), self.merchants.get(terminal))
        else {
            return true;
        };
        let Some(process) = &machine.process else { return false };
        merchant.doing == Doing::Idle
            && merchant.left == 0
            && process.runnable(u64::MAX).next().is_none()
            && invariant::unresolved(&machine.disk) == Some(0)
    }

    fn next(&mut self) {
        let now_ms = self.now_ms;
        let runnable: Vec<(usize, ActorId)> = self
            .terminals
            .iter()
            .enumerate()
            .flat_map(|(place, terminal)| {
                let process = terminal.process.iter();
                process.flat_map(move |process| process.runnable(now_ms)).map(move |who| (place, who))
            })
            .collect();
        if let Some((terminal, who)) = runnable.get(self.draw.index(runnable.len())).copied() {
            return self.step(terminal, who);
        }
        let Some(((at_ms, _), event)) = self.agenda.pop_first() else { return };
        self.now_ms = at_ms.max(self.now_ms);
        self.happen(event);
    }

    fn step(&mut self, place: usize, who: ActorId) {
        self.steps += 1;
        for (fault, end) in [(Fault::ProcessKilled, End::Killed), (Fault::PowerLost, End::PowerLost)] {
            if self.faults.strikes(fault) {
                return self.end_process(place, end);
            }
        }
        let Some(process) = self.terminals.get_mut(place).and_then(|terminal| terminal.process.as_mut())
        else {
            return;
        };
        let Some(mut letter) = process.take(who) else { return };
        if who == ActorId::Shell {
            return self.shell(place, &letter);
        }
        let panic = if self.faults.strikes(Fault::PanicBefore) {
            Some(PanicAt::Before)
        } else if self.faults.strikes(Fault::PanicAfter) {
            Some(PanicAt::After)
        } else {
            None
        };
        let latency_ms = self.latency(who);
        let now = self.moment(place);
        // What waited was stamped when it set out; time does not go back in a process.
        letter.at.uptime_ms = letter.at.uptime_ms.min(now.uptime_ms);
        self.trace.note(
            self.now_ms,
            format_args!("{place} {:?} -> {:?} {} {panic:?}", letter.from, letter.to, letter.name),
        );
        let Some(terminal) = self.terminals.get_mut(place) else { return };
        let Some(process) = terminal.process.as_mut() else { return };
        let ended = process.step(&letter, panic);
        if let Some(end) = terminal.disk.ended() {
            return self.end_process(place, end);
        }
        let generation = terminal.generation;
        match ended {
            None => {}
            Some(Ended::Panicked) => process.restart_actor(&letter, now),
            Some(Ended::Broke(text)) => {
                self.violate(format!("{who:?} panicked over {}: {text}", letter.name));
            }
            Some(Ended::Sends { step, life }) if latency_ms > 0 => {
                process.keep_busy(who, self.now_ms + latency_ms);
                self.at(latency_ms, Event::StepOver { terminal: place, generation, who, life, step });
            }
            Some(Ended::Sends { step, life }) => {
                let timers = process.dispatch(who, step, life, letter.at);
                self.set(place, timers);
            }
        }
        self.after_step(place, who);
    }

    fn after_step(&mut self, place: usize, who: ActorId) {
        let Some(terminal) = self.terminals.get_mut(place) else { return };
        if who == ActorId::Till
            && let Some(process) = &mut terminal.process
        {
            process.flush_notices();
        }
        for command in terminal.line.take() {
            self.command(place, command);
        }
        self.look_at_field(place);
    }

    fn set(&mut self, terminal: usize, timers: Vec<crate::process::TimerSet>) {
        let generation = self.terminals.get(terminal).map_or(0, |terminal| terminal.generation);
        for timer in timers {
            let event = Event::Timer { terminal, generation, life: timer.life, letter: timer.letter };
            self.at(timer.delay_ms, event);
        }
    }

    /// How long a step takes.
    fn latency(&mut self, who: ActorId) -> u64 {
        let usual = match who {
            ActorId::NfcReader => (5, 60),
            ActorId::Ledger => (1, 6),
            _ => return 0,
        };
        if self.faults.strikes(Fault::SlowStep) {
            self.draw.between(1_000, 15_000)
        } else {
            self.draw.between(usual.0, usual.1)
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::StepOver { terminal, generation, who, life, step } => {
                self.step_over(terminal, generation, who, life, step);
            }
            Event::Timer { terminal, generation, life, letter } => {
                self.timer(terminal, generation, life, letter);
            }
            Event::Start(terminal) => self.start(terminal),
            Event::Act { terminal, generation } if self.is_current(terminal, generation) => {
                self.act(terminal)
            }
            Event::CardArrives { terminal, generation } if self.is_current(terminal, generation) => {
                self.card_arrives(terminal);
            }
            Event::SqueezeOver { terminal, generation } if self.is_current(terminal, generation) => {
                if let Some(process) = self.terminals.get_mut(terminal).and_then(|it| it.process.as_mut()) {
                    process.set_capacity(MAILBOX_FRAMES_MAX);
                }
            }
            Event::Act { .. } | Event::CardArrives { .. } | Event::SqueezeOver { .. } => {}
            Event::RoomAgain(terminal) => {
                if let Some(terminal) = self.terminals.get(terminal) {
                    terminal.disk.set_full(false);
                }
            }
            Event::BooksGoOn => self.books_go_on(),
            Event::BankStarts => self.bank_starts(),
            Event::Reaches(connection) => self.reaches(connection),
            Event::Stands(connection) => self.stands(connection),
            Event::AtBank(connection, bytes) => self.at_bank(connection, bytes),
            Event::AtTerminal(connection, bytes) => self.at_terminal(connection, &bytes),
            Event::BankSeesEnd(connection) => self.network.bank_sees_end(connection),
            Event::TerminalSeesEnd(connection, fault) => self.terminal_sees_end(connection, fault),
            Event::Upkeep => self.upkeep(),
        }
    }

    pub(crate) fn is_current(&self, terminal: usize, generation: u32) -> bool {
        let machine = self.terminals.get(terminal);
        machine.is_some_and(|machine| machine.generation == generation && machine.process.is_some())
    }

    fn step_over(&mut self, place: usize, generation: u32, who: ActorId, life: u32, step: Step) {
        if !self.is_current(place, generation) {
            return;
        }
        let at = self.moment(place);
        let process = self.terminals.get_mut(place).and_then(|terminal| terminal.process.as_mut());
        if let Some(process) = process {
            let timers = process.dispatch(who, step, life, at);
            self.set(place, timers);
        }
    }

    fn timer(&mut self, place: usize, generation: u32, life: u32, mut letter: Letter) {
        /// When a timer finds its mailbox full it is tried again, as in the runtime.
        const AGAIN_MS: u64 = 5;
        if !self.is_current(place, generation) {
            return;
        }
        letter.at = self.moment(place);
        let process = self.terminals.get_mut(place).and_then(|terminal| terminal.process.as_mut());
        let Some(process) = process.filter(|process| process.life(letter.to) == life) else { return };
        if process.put(letter.clone()).is_err() {
            self.at(AGAIN_MS, Event::Timer { terminal: place, generation, life, letter });
        }
    }

    fn start(&mut self, place: usize) {
        let now_ms = self.now_ms;
        let Some(terminal) = self.terminals.get_mut(place).filter(|terminal| terminal.process.is_none())
        else {
            return;
        };
        terminal.plan_mishap(&mut self.faults);
        let started = terminal.start();
        if let Some(end) = terminal.disk.ended() {
            return self.end_process(place, end);
        }
        self.trace.note(now_ms, format_args!("{place} starts: {started}"));
        if !started {
            if self.calm_since_ms.is_some() {
                self.violate("the key file cannot be opened, and nothing is wrong with the disk".to_owned());
            }
            return self.restart_later(place);
        }
        self.open(place);
    }

    /// The process of a terminal ends, and the merchant starts it again.
    pub(crate) fn end_process(&mut self, place: usize, end: End) {
        self.trace.note(self.now_ms, format_args!("{place} ends: {end:?}"));
        let now_ms = self.now_ms;
        if let Some(terminal) = self.terminals.get_mut(place) {
            let (torn, lost) = terminal.end(end, now_ms, &mut self.faults);
            self.torn_and_lost = (self.torn_and_lost.0 + torn, self.torn_and_lost.1 + lost);
        }
        if let Some(merchant) = self.merchants.get_mut(place) {
            merchant.lose_program(now_ms);
        }
        self.hang_up(place);
        self.restart_later(place);
    }

    fn restart_later(&mut self, place: usize) {
        let after_ms = self.draw.between(500, 20_000);
        self.at(after_ms, Event::Start(place));
    }
}
