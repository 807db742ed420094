//! Connections between terminals and the bank: they take time, lose, double, hold back, reorder and cut, and break.
//!
//! Within a connection messages keep their order unless a fault says otherwise, as on a socket; TLS would make of some
//! of these faults a broken connection, and a terminal and a bank that bear them bear that too.

use crate::{
    cell::Letter,
    fault::Fault,
    ports::LineCommand,
    world::{Event, World},
};
use mpos_protocol::{
    Flow, Sealed, actor,
    link::{LineClosed, LineFault, LineOpened, LineReceived},
    signed::LENGTH_PREFIX_BYTES,
    supervision::DeliveryFault,
};
use std::collections::{BTreeMap, VecDeque};

/// Connecting that is never answered ends after this at the terminal.
const CONNECT_MS: u64 = 10_000;
/// How soon the end of a connection is told again to a full mailbox.
const TELL_AGAIN_MS: u64 = 20;

/// A connection.
pub(crate) struct Connection {
    terminal: usize,
    generation: u32,
    line: u32,
    at_terminal: bool,
    at_bank: bool,
    /// The bank has not answered the message before.
    busy: bool,
    waiting: VecDeque<Vec<u8>>,
    last_at_bank_ms: u64,
    last_at_terminal_ms: u64,
}

/// All connections of a run.
#[derive(Default)]
pub(crate) struct Network {
    connections: BTreeMap<u64, Connection>,
    count: u64,
    /// The bytes after which messages were cut.
    pub(crate) cuts: Vec<usize>,
    /// At which awaits the bank's process was killed.
    pub(crate) killed_at: Vec<String>,
    /// Whether the books will let their process go on.
    pub(crate) books_wake: bool,
}

impl Network {
    pub(crate) fn bank_sees_end(&mut self, connection: u64) {
        if let Some(connection) = self.connections.get_mut(&connection) {
            connection.at_bank = false;
        }
    }

    fn of_line(&self, terminal: usize, generation: u32, line: u32) -> Option<u64> {
        let is_it = |connection: &Connection| {
            connection.terminal == terminal
                && connection.generation == generation
                && connection.line == line
                && connection.at_terminal
        };
        self.connections.iter().find(|(_, connection)| is_it(connection)).map(|(number, _)| *number)
    }

    fn of_terminal(&self, terminal: usize) -> Vec<u64> {
        let open = |connection: &Connection| connection.terminal == terminal && connection.at_terminal;
        self.connections.iter().filter(|(_, it)| open(it)).map(|(number, _)| *number).collect()
    }
}

impl World {
    fn travel_ms(&mut self) -> u64 {
        self.draw.between(3, 80)
    }

    pub(crate) fn command(&mut self, place: usize, command: LineCommand) {
        let generation = self.terminals.get(place).map_or(0, |terminal| terminal.generation);
        match command {
            LineCommand::Open(line) => {
                self.hang_up(place);
                self.connect(place, generation, line);
            }
            LineCommand::Send(line, bytes) => {
                if let Some(connection) = self.network.of_line(place, generation, line) {
                    self.send_to_bank(connection, bytes);
                }
            }
            LineCommand::Close(line) => {
                if let Some(connection) = self.network.of_line(place, generation, line) {
                    self.leave(connection);
                }
            }
        }
    }

    /// The terminal lets go of all its connections, or is gone.
    pub(crate) fn hang_up(&mut self, place: usize) {
        for connection in self.network.of_terminal(place) {
            self.leave(connection);
        }
    }

    fn leave(&mut self, number: u64) {
        let after_ms = self.travel_ms();
        if let Some(connection) = self.network.connections.get_mut(&number) {
            connection.at_terminal = false;
            let after_ms = after_ms.max(connection.last_at_bank_ms.saturating_sub(self.now_ms));
            self.at(after_ms, Event::BankSeesEnd(number));
        }
    }

    fn connect(&mut self, terminal: usize, generation: u32, line: u32) {
        self.network.count += 1;
        let number = self.network.count;
        let connection = Connection {
            terminal,
            generation,
            line,
            at_terminal: true,
            at_bank: false,
            busy: false,
            waiting: VecDeque::new(),
            last_at_bank_ms: 0,
            last_at_terminal_ms: 0,
        };
        self.network.connections.insert(number, connection);
        let after_ms = self.travel_ms();
        if self.faults.strikes(Fault::LineRefused) {
            self.at(after_ms, Event::TerminalSeesEnd(number, LineFault::Unreachable));
        } else if self.faults.strikes(Fault::LineSilent) {
            self.at(CONNECT_MS, Event::TerminalSeesEnd(number, LineFault::TimedOut));
        } else {
            self.at(after_ms, Event::Reaches(number));
        }
    }

    pub(crate) fn reaches(&mut self, number: u64) {
        let after_ms = self.travel_ms();
        let listens = self.bank.listens();
        let Some(connection) = self.network.connections.get_mut(&number) else { return };
        if listens {
            connection.at_bank = true;
            self.at(after_ms, Event::Stands(number));
        } else {
            self.at(after_ms, Event::TerminalSeesEnd(number, LineFault::Unreachable));
        }
    }

    pub(crate) fn stands(&mut self, number: u64) {
        let Some((place, line)) = self.live(number) else { return };
        if self.tell(place, &LineOpened { line }).is_err() {
            self.at(0, Event::TerminalSeesEnd(number, LineFault::Broken));
        }
    }

    /// The terminal and the line of a connection that its process still holds.
    fn live(&self, number: u64) -> Option<(usize, u32)> {
        let connection = self.network.connections.get(&number)?;
        let is_live = connection.at_terminal && self.is_current(connection.terminal, connection.generation);
        is_live.then_some((connection.terminal, connection.line))
    }

    pub(crate) fn tell<M: mpos_protocol::Message>(
        &mut self,
        place: usize,
        message: &M,
    ) -> Result<(), DeliveryFault>
    where
        actor::Network: mpos_protocol::Sends<M>,
    {
        let at = self.moment(place);
        let letter = Letter::from_edge::<actor::Network, M>(Flow::default(), message, at);
        let process = self.terminals.get_mut(place).and_then(|terminal| terminal.process.as_mut());
        match (letter, process) {
            (Some(letter), Some(process)) => process.put_from_edge(letter),
            _ => Err(DeliveryFault::Closed),
        }
    }

    /// A message to the bank sets out, with its length before it.
    fn send_to_bank(&mut self, number: u64, bytes: Vec<u8>) {
        let Some(ways) = self.ways(number, &bytes, true) else { return };
        let message = bytes.get(LENGTH_PREFIX_BYTES..).unwrap_or_default().to_vec();
        for after_ms in ways {
            self.at(after_ms, Event::AtBank(number, message.clone()));
        }
    }

    fn send_to_terminal(&mut self, number: u64, message: &[u8]) {
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes();
        let bytes = [&length, message].concat();
        let Some(ways) = self.ways(number, &bytes, false) else { return };
        for after_ms in ways {
            // It may arrive in pieces.
            let middle = if self.draw.chance(3_000) { self.draw.index(bytes.len()) } else { 0 };
            let (first, second) = bytes.split_at(middle);
            if !first.is_empty() {
                self.at(after_ms, Event::AtTerminal(number, first.to_vec()));
            }
            self.at(after_ms + 1, Event::AtTerminal(number, second.to_vec()));
        }
    }

    /// After how long a message arrives, and whether more than once; `None` when the connection is cut in the middle.
    fn ways(&mut self, number: u64, bytes: &[u8], to_bank: bool) -> Option<Vec<u64>> {
        let mut after_ms = self.travel_ms();
        if self.faults.strikes(Fault::LineBroken) {
            self.break_line(number, after_ms, after_ms);
            return None;
        }
        if self.faults.strikes(Fault::MessageCut) {
            let at = self.draw.index(bytes.len());
            self.network.cuts.push(at);
            if !to_bank && at > 0 {
                // What came of it is seen, and then the end.
                let beginning = bytes.get(..at).unwrap_or_default().to_vec();
                self.at(after_ms, Event::AtTerminal(number, beginning));
            }
            self.break_line(number, after_ms + 1, after_ms + 1);
            return None;
        }
        if self.faults.strikes(Fault::MessageLost) {
            return Some(Vec::new());
        }
        let now_ms = self.now_ms;
        let mut ways = Vec::with_capacity(2);
        if self.faults.strikes(Fault::MessageReordered) {
            ways.push(self.draw.between(0, 40_000));
        } else {
            if self.faults.strikes(Fault::MessageDelayed) {
                after_ms += self.draw.between(500, 120_000);
            }
            let connection = self.network.connections.get_mut(&number)?;
            let last =
                if to_bank { &mut connection.last_at_bank_ms } else { &mut connection.last_at_terminal_ms };
            let at_ms = (now_ms + after_ms).max(*last + 2);
            *last = at_ms;
            ways.push(at_ms - now_ms);
        }
        if self.faults.strikes(Fault::MessageDuplicated) {
            let again_ms = self.draw.between(0, 30_000);
            ways.extend(ways.first().map(|first| first + again_ms).into_iter().collect::<Vec<_>>());
        }
        Some(ways)
    }

    fn break_line(&mut self, number: u64, terminal_ms: u64, bank_ms: u64) {
        self.at(terminal_ms, Event::TerminalSeesEnd(number, LineFault::Broken));
        self.at(bank_ms, Event::BankSeesEnd(number));
    }

    pub(crate) fn at_terminal(&mut self, number: u64, bytes: &[u8]) {
        let Some((place, line)) = self.live(number) else { return };
        let Ok(bytes) = Sealed::new(bytes) else { return };
        if self.tell(place, &LineReceived { line, bytes }).is_err() {
            self.at(0, Event::TerminalSeesEnd(number, LineFault::Broken));
        }
    }

    pub(crate) fn terminal_sees_end(&mut self, number: u64, fault: LineFault) {
        let Some((place, line)) = self.live(number) else { return };
        match self.tell(place, &LineClosed { line, fault }) {
            Ok(()) | Err(DeliveryFault::Closed) => {
                if let Some(connection) = self.network.connections.get_mut(&number) {
                    connection.at_terminal = false;
                }
            }
            Err(DeliveryFault::Full) => self.at(TELL_AGAIN_MS, Event::TerminalSeesEnd(number, fault)),
        }
    }

    pub(crate) fn at_bank(&mut self, number: u64, message: Vec<u8>) {
        let Some(connection) = self.network.connections.get_mut(&number).filter(|it| it.at_bank) else {
            return;
        };
        connection.waiting.push_back(message);
        self.serve(number);
    }

    /// The bank reads the next message of a connection, when it has answered the one before.
    fn serve(&mut self, number: u64) {
        let now_ms = self.bank_unix_ms();
        let Some(connection) = self.network.connections.get_mut(&number) else { return };
        if connection.busy || !connection.at_bank {
            return;
        }
        let Some(message) = connection.waiting.pop_front() else { return };
        connection.busy = true;
        let from = self.terminals.get(connection.terminal).map(|terminal| terminal.id);
        let Some(from) = from else { return };
        self.trace.note(self.now_ms, format_args!("bank reads {} bytes of {from}", message.len()));
        if let Some(answer) = self.bank.receive(from, number, message, now_ms) {
            self.answer(number, &answer);
        }
        self.run_bank();
    }

    fn answer(&mut self, number: u64, answer: &[u8]) {
        let Some(connection) = self.network.connections.get_mut(&number) else { return };
        connection.busy = false;
        if connection.at_bank {
            self.send_to_terminal(number, answer);
            self.serve(number);
        }
    }

    /// Lets the bank go as far as it can.
    pub(crate) fn run_bank(&mut self) {
        let (answers, ended) = self.bank.run();
        for (connection, answer) in answers {
            self.trace.note(self.now_ms, format_args!("bank answers {} bytes", answer.len()));
            self.answer(connection, &answer);
        }
        if ended {
            self.bank_ended();
        } else if self.bank.books.waits().is_some() && !self.network.books_wake {
            self.network.books_wake = true;
            let after_ms = self.draw.between(0, 12);
            self.at(after_ms, Event::BooksGoOn);
        }
    }

    pub(crate) fn books_go_on(&mut self) {
        self.network.books_wake = false;
        let Some(waits) = self.bank.books.waits() else { return };
        if self.faults.strikes(Fault::BankKilledAtAwait) {
            self.trace.note(self.now_ms, format_args!("bank killed at {waits:?}"));
            self.network.killed_at.push(format!("bank's await {waits:?}"));
            return self.kill_bank();
        }
        if waits == crate::books::Await::Commit {
            self.upset_books();
        }
        self.bank.books.let_go();
        self.run_bank();
    }

    fn upset_books(&mut self) {
        use crate::books::Upset;
        let upset = if self.faults.strikes(Fault::BooksRefused) {
            Upset::Refuses
        } else if self.faults.strikes(Fault::CommitUnknown) {
            Upset::KeepsAndDenies
        } else {
            return;
        };
        self.trace.note(self.now_ms, format_args!("books: {upset:?}"));
        self.bank.books.disk().upset = upset;
    }

    pub(crate) fn kill_bank(&mut self) {
        if self.bank.is_up() {
            self.trace.note(self.now_ms, format_args!("bank killed"));
            self.bank.kill();
            self.bank_ended();
        }
    }

    pub(crate) fn stop_bank(&mut self) {
        if self.bank.listens() {
            self.trace.note(self.now_ms, format_args!("bank stops"));
            self.bank.stop();
            self.run_bank();
        }
    }

    fn bank_ended(&mut self) {
        let open: Vec<u64> =
            self.network.connections.iter().filter(|(_, it)| it.at_bank).map(|(number, _)| *number).collect();
        for number in open {
            if let Some(connection) = self.network.connections.get_mut(&number) {
                connection.at_bank = false;
            }
            // A machine without power says no goodbye.
            if self.draw.chance(8_000) {
                let after_ms = self.travel_ms();
                self.at(after_ms, Event::TerminalSeesEnd(number, LineFault::Closed));
            }
        }
        let after_ms = self.draw.between(100, 25_000);
        self.at(after_ms, Event::BankStarts);
    }

    pub(crate) fn bank_starts(&mut self) {
        if !self.bank.is_up() {
            self.trace.note(self.now_ms, format_args!("bank starts"));
            self.bank.start();
            self.run_bank();
        }
    }
}
