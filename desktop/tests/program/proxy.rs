//! A line between terminal and bank host that a test can spoil, to the byte.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    ToBank,
    ToTerminal,
}

/// What happens to a connection when this many bytes have gone that way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spoil {
    pub(crate) way: Way,
    /// The first byte that does not pass; of a withheld answer, the first that passes with nothing coming back.
    pub(crate) at: u64,
    pub(crate) what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// The connection is cut. Once: later ones pass.
    Cut,
    /// From here on the bank is heard no more. Once: later connections pass.
    Withhold,
    /// The same, and later connections hear nothing from their start.
    WithholdForEver,
}

#[derive(Default)]
struct State {
    spoil: Mutex<Option<Spoil>>,
    /// No connection hears the bank any more.
    deaf: AtomicBool,
    to_bank: AtomicU64,
    to_terminal: AtomicU64,
    capture: Mutex<Vec<Captured>>,
}

/// What one connection brought one way, whether it was passed on or not.
#[derive(Clone)]
pub(crate) struct Captured {
    pub(crate) way: Way,
    pub(crate) bytes: Vec<u8>,
}

/// The line.
pub(crate) struct Proxy {
    pub(crate) address: String,
    state: Arc<State>,
}

impl Proxy {
    pub(crate) fn to(host: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let state = Arc::<State>::default();
        let (host, shared) = (host.to_owned(), Arc::clone(&state));
        thread::spawn(move || {
            for terminal in listener.incoming().flatten() {
                if let Ok(bank) = TcpStream::connect(&host) {
                    join(terminal, bank, &shared);
                }
            }
        });
        Self { address, state }
    }

    /// Has the next connection that gets so far spoiled.
    pub(crate) fn spoil(&self, spoil: Spoil) {
        *self.state.spoil.lock().unwrap() = Some(spoil);
    }

    /// Lets everything pass again. What is withheld from a connection stays withheld.
    pub(crate) fn mend(&self) {
        *self.state.spoil.lock().unwrap() = None;
        self.state.deaf.store(false, Ordering::SeqCst);
    }

    /// Bytes that went each way over all connections: to the bank, to the terminal.
    pub(crate) fn passed(&self) -> (u64, u64) {
        (self.state.to_bank.load(Ordering::SeqCst), self.state.to_terminal.load(Ordering::SeqCst))
    }

    /// Every byte that came, as a network capture has them.
    pub(crate) fn captured(&self) -> Vec<Captured> {
        self.state.capture.lock().unwrap().clone()
    }
}

fn join(terminal: TcpStream, bank: TcpStream, state: &Arc<State>) {
    let deaf = Arc::new(AtomicBool::new(state.deaf.load(Ordering::SeqCst)));
    for way in [Way::ToBank, Way::ToTerminal] {
        let (terminal, bank) = (terminal.try_clone().unwrap(), bank.try_clone().unwrap());
        let (from, to) = if way == Way::ToBank { (terminal, bank) } else { (bank, terminal) };
        let (state, deaf) = (Arc::clone(state), Arc::clone(&deaf));
        let mut capture = state.capture.lock().unwrap();
        let connection = capture.len();
        capture.push(Captured { way, bytes: Vec::new() });
        drop(capture);
        thread::spawn(move || {
            pass((connection, way), &from, &to, &state, &deaf);
            let _closed_already = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
        });
    }
}

fn pass(
    (connection, way): (usize, Way),
    mut from: &TcpStream,
    mut to: &TcpStream,
    state: &State,
    deaf: &AtomicBool,
) {
    let mut buffer = [0; 4096];
    let mut passed = 0_u64;
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let mut bytes = &buffer[..read];
        state.capture.lock().unwrap()[connection].bytes.extend(bytes);
        let mut spoil = state.spoil.lock().unwrap();
        let due = spoil.take_if(|spoil| spoil.way == way && passed + read as u64 > spoil.at);
        drop(spoil);
        match due {
            Some(Spoil { what: What::Cut, at, .. }) => {
                bytes = &bytes[..usize::try_from(at.saturating_sub(passed)).unwrap()];
                let _ended_already = to.write_all(bytes);
                return;
            }
            // Before the bytes go on: the bank cannot answer what it does not have.
            Some(Spoil { what, .. }) => {
                deaf.store(true, Ordering::SeqCst);
                state.deaf.store(what == What::WithholdForEver, Ordering::SeqCst);
            }
            None => {}
        }
        passed += read as u64;
        match way {
            Way::ToBank => state.to_bank.fetch_add(read as u64, Ordering::SeqCst),
            Way::ToTerminal => state.to_terminal.fetch_add(read as u64, Ordering::SeqCst),
        };
        let withheld = way == Way::ToTerminal && deaf.load(Ordering::SeqCst);
        if !withheld && to.write_all(bytes).is_err() {
            return;
        }
    }
}
