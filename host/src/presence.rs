//! How many lines each terminal has: a phone has one, and a few more that its network lost without a word.
//!
//! One more than [`Limits::lines_per_terminal_max`](crate::Limits) ends the oldest, so a terminal always comes in, and
//! no single certificate can hold all places of the house.

use mpos_protocol::terminal::TerminalId;
use std::{
    collections::{HashMap, VecDeque},
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

/// The lines of all terminals that have any.
#[derive(Debug)]
pub(crate) struct Presence {
    of_terminal_max: usize,
    lines: Mutex<Lines>,
}

#[derive(Debug, Default)]
struct Lines {
    /// The number of the next one.
    next: u64,
    /// Oldest first. What is dropped ends its line.
    of: HashMap<TerminalId, VecDeque<(u64, oneshot::Sender<Infallible>)>>,
}

/// A line, as its own task has it; it is not counted any more when this is dropped.
#[derive(Debug)]
pub(crate) struct Present {
    presence: Arc<Presence>,
    terminal: TerminalId,
    number: u64,
    ended: oneshot::Receiver<Infallible>,
}

impl Presence {
    pub(crate) fn new(of_terminal_max: usize) -> Arc<Self> {
        Arc::new(Self { of_terminal_max: of_terminal_max.max(1), lines: Mutex::default() })
    }

    /// One more line of this terminal.
    pub(crate) fn enter(self: &Arc<Self>, terminal: TerminalId) -> Present {
        let (present, ended) = oneshot::channel();
        let mut lines = self.lines();
        let number = lines.next;
        lines.next = number.wrapping_add(1);
        let of_terminal = lines.of.entry(terminal).or_default();
        of_terminal.push_back((number, present));
        if of_terminal.len() > self.of_terminal_max {
            of_terminal.pop_front();
        }
        drop(lines);
        Present { presence: Arc::clone(self), terminal, number, ended }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Present {
    /// Ends when the terminal has opened too many since.
    pub(crate) async fn ended(&mut self) {
        let _ = (&mut self.ended).await;
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        let mut lines = self.presence.lines();
        let Some(of_terminal) = lines.of.get_mut(&self.terminal) else { return };
        of_terminal.retain(|(number, _)| *number != self.number);
        if of_terminal.is_empty() {
            lines.of.remove(&self.terminal);
        }
    }
}
