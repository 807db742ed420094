//! A line between a terminal and the bank in bad weather: it cuts, delays, falls silent, doubles bytes and whole
//! connections, where the draws say, until it is calmed. It counts what it did, so that a storm that does nothing is
//! seen.

use super::draws::Draws;
use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// A handshake and the first sales; and a connection that lasts. Measured: 1,325 bytes to the bank for a handshake and
/// 750 for a sale, 1,900 and 530 to the terminal.
const EARLY_BYTES: u64 = 2_000;
const LATE_BYTES: u64 = 15_000;
/// What is longer than this, after the handshake, is a sale; the reports of the device before it are shorter.
const REPORT_BYTES_MAX: usize = 300;
const HANDSHAKE_BYTES_MAX: u64 = 1_400;
/// Short enough not to be taken for silence.
const DELAY_MS: std::ops::Range<u64> = 10..900;

/// Where the bank is; nowhere while its host is down.
pub(crate) type BankAddress = Arc<Mutex<Option<String>>>;

/// What was done to connections.
#[derive(Clone, Debug, Default)]
pub(crate) struct Weather {
    pub(crate) connections: u64,
    /// After how many bytes of their way.
    pub(crate) cut_at: Vec<u64>,
    pub(crate) delayed: u64,
    /// Left open, and nothing passes any more.
    pub(crate) silenced: u64,
    /// Bytes that came twice.
    pub(crate) doubled_bytes: u64,
    /// A second connection, which brought the bank the same bytes at the same time.
    pub(crate) doubled_connections: u64,
    /// Turned away: the bank's host was down, or the line was out of order for a while.
    pub(crate) turned_away: u64,
    pub(crate) outages: u64,
}

impl Weather {
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.connections += other.connections;
        self.cut_at.extend(other.cut_at);
        self.delayed += other.delayed;
        self.silenced += other.silenced;
        self.doubled_bytes += other.doubled_bytes;
        self.doubled_connections += other.doubled_connections;
        self.turned_away += other.turned_away;
        self.outages += other.outages;
        self
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    ToBank,
    ToTerminal,
}

#[derive(Clone, Copy)]
enum Fault {
    Cut,
    Delay(Duration),
    Silence,
    Double,
}

/// A fault and the byte that it hits.
type Due = (u64, Fault);

#[derive(Clone, Copy)]
enum Outage {
    None,
    /// From the next sale on.
    Awaited(Duration),
    Until(Instant),
}

struct State {
    bank: BankAddress,
    draws: Mutex<Draws>,
    turn: AtomicUsize,
    calm: AtomicBool,
    outage: Mutex<Outage>,
    weather: Mutex<Weather>,
}

impl State {
    fn is_calm(&self) -> bool {
        self.calm.load(Ordering::SeqCst)
    }

    fn is_out_of_order(&self) -> bool {
        matches!(*self.outage.lock().unwrap(), Outage::Until(until) if Instant::now() < until)
    }

    /// Begins an outage that waits for a sale, before that is passed on: the bank cannot answer what it does not have.
    fn sale_passes(&self) {
        let mut outage = self.outage.lock().unwrap();
        if let Outage::Awaited(time) = *outage {
            *outage = Outage::Until(Instant::now() + time);
            self.note(|weather| weather.outages += 1);
        }
    }

    fn note(&self, what: impl FnOnce(&mut Weather)) {
        what(&mut self.weather.lock().unwrap());
    }
}

/// The line.
pub(crate) struct StormyLine {
    pub(crate) address: String,
    state: Arc<State>,
}

impl StormyLine {
    pub(crate) fn to(bank: BankAddress, draws: Draws) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let state = Arc::new(State {
            bank,
            draws: Mutex::new(draws),
            turn: AtomicUsize::new(0),
            calm: AtomicBool::new(true),
            outage: Mutex::new(Outage::None),
            weather: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for terminal in listener.incoming().flatten() {
                join(terminal, &shared);
            }
        });
        Self { address, state }
    }

    /// Whether everything passes, from now on and on connections that stand.
    pub(crate) fn calm(&self, calm: bool) {
        self.state.calm.store(calm, Ordering::SeqCst);
    }

    /// Brings the bank the next sale, loses its answer, and lets nobody through for so long.
    pub(crate) fn fail_with_the_next_sale(&self, time: Duration) {
        *self.state.outage.lock().unwrap() = Outage::Awaited(time);
    }

    /// Ends the outage.
    pub(crate) fn mend(&self) {
        *self.state.outage.lock().unwrap() = Outage::None;
    }

    pub(crate) fn weather(&self) -> Weather {
        self.state.weather.lock().unwrap().clone()
    }
}

fn join(terminal: TcpStream, state: &Arc<State>) {
    state.note(|weather| weather.connections += 1);
    let address = state.bank.lock().unwrap().clone().filter(|_| !state.is_out_of_order());
    let Some(bank) = address.as_ref().and_then(|address| TcpStream::connect(address).ok()) else {
        // Closed as it is dropped.
        return state.note(|weather| weather.turned_away += 1);
    };
    let (faults, doubled) = draw(state);
    let second = address.filter(|_| doubled).and_then(|address| TcpStream::connect(address).ok());
    if let Some(second) = &second {
        state.note(|weather| weather.doubled_connections += 1);
        let mut unheard = second.try_clone().unwrap();
        thread::spawn(move || std::io::copy(&mut unheard, &mut std::io::sink()));
    }
    for way in [Way::ToBank, Way::ToTerminal] {
        let (terminal, bank) = (terminal.try_clone().unwrap(), bank.try_clone().unwrap());
        let (from, to) = if way == Way::ToBank { (terminal, bank) } else { (bank, terminal) };
        let second = second.as_ref().filter(|_| way == Way::ToBank).map(|second| second.try_clone().unwrap());
        let state = Arc::clone(state);
        let mut due: Vec<Due> = faults.iter().filter(|(of, _)| *of == way).map(|(_, fault)| *fault).collect();
        due.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        thread::spawn(move || {
            pass((&from, &to, second.as_ref()), way, due, &state);
            for end in [Some(&from), Some(&to), second.as_ref()].into_iter().flatten() {
                let _closed_already = end.shutdown(Shutdown::Both);
            }
        });
    }
}

/// What hits connections early, in turn, so that each kind of fault is there in each storm.
const IN_TURN: [Kind; 10] = [
    Kind::Delay,
    Kind::Cut,
    Kind::None,
    Kind::Double,
    Kind::Delay,
    Kind::Cut,
    Kind::Second,
    Kind::Silence,
    Kind::None,
    Kind::Cut,
];
/// What may come beside it, sooner or later, and how often of a hundred.
const BY_CHANCE: [(u64, Kind); 3] = [(25, Kind::Delay), (25, Kind::Cut), (10, Kind::Second)];

#[derive(Clone, Copy)]
enum Kind {
    None,
    Cut,
    Delay,
    Silence,
    Double,
    Second,
}

/// The faults of a connection, and whether there is a second one.
fn draw(state: &State) -> (Vec<(Way, Due)>, bool) {
    if state.is_calm() {
        return (Vec::new(), false);
    }
    let mut draws = state.draws.lock().unwrap();
    let turn = state.turn.fetch_add(1, Ordering::SeqCst) % IN_TURN.len();
    let mut kinds = vec![(IN_TURN[turn], draws.within(0..EARLY_BYTES))];
    for (chance, kind) in BY_CHANCE {
        if draws.percent(chance) {
            kinds.push((kind, draws.soon(EARLY_BYTES, LATE_BYTES)));
        }
    }
    let (mut faults, mut second) = (Vec::new(), false);
    for (kind, at) in kinds {
        let fault = match kind {
            Kind::None => continue,
            Kind::Cut => Fault::Cut,
            Kind::Delay => Fault::Delay(Duration::from_millis(draws.within(DELAY_MS))),
            Kind::Silence => Fault::Silence,
            Kind::Double => Fault::Double,
            Kind::Second => {
                second = true;
                continue;
            }
        };
        faults.push((*draws.of(&[Way::ToBank, Way::ToTerminal]), (at, fault)));
    }
    (faults, second)
}

/// Passes bytes on until an end closes, or a fault does. `due` has the next fault last.
fn pass(
    (mut from, mut to, mut second): (&TcpStream, &TcpStream, Option<&TcpStream>),
    way: Way,
    mut due: Vec<Due>,
    state: &State,
) {
    let mut buffer = [0; 4096];
    let mut passed = 0_u64;
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        if way == Way::ToTerminal && state.is_out_of_order() {
            return state.note(|weather| weather.cut_at.push(passed));
        }
        if way == Way::ToBank && passed > HANDSHAKE_BYTES_MAX && read > REPORT_BYTES_MAX {
            state.sale_passes();
        }
        let mut bytes = &buffer[..read];
        // The end of a second connection is no end of the first.
        let _ended_already = second.as_mut().map(|second| second.write_all(bytes));
        while let Some((at, fault)) = due.pop_if(|(at, _)| *at < passed + bytes.len() as u64) {
            if state.is_calm() {
                continue;
            }
            let before = usize::try_from(at.saturating_sub(passed)).unwrap();
            if to.write_all(&bytes[..before]).is_err() {
                return;
            }
            bytes = &bytes[before..];
            passed += before as u64;
            match fault {
                Fault::Cut => return state.note(|weather| weather.cut_at.push(passed)),
                Fault::Delay(time) => {
                    state.note(|weather| weather.delayed += 1);
                    thread::sleep(time);
                }
                Fault::Silence => {
                    state.note(|weather| weather.silenced += 1);
                    let _ended = std::io::copy(&mut from, &mut std::io::sink());
                    return;
                }
                Fault::Double => {
                    state.note(|weather| weather.doubled_bytes += bytes.len() as u64);
                    if to.write_all(bytes).is_err() {
                        return;
                    }
                }
            }
        }
        passed += bytes.len() as u64;
        if to.write_all(bytes).is_err() {
            return;
        }
    }
}
