//! A shop in a hurry: its next purchase begins as the last one is answered, and each is asked again until it is.

use super::super::{
    Card, Line, Pin, Terminal,
    terminal::{receive, send},
};
use mpos_protocol::{
    host::{HostAnswer, HostRefusal},
    sale::{AuthCode, Reference},
    signed::Hash,
};
use sha2::{Digest, Sha256};
use std::{
    io,
    time::{Duration, Instant},
};
use tokio::time::timeout;

/// A line is given up after so many purchases, as phones do that come and go.
const PURCHASES_A_LINE: usize = 25;
/// How long a line is waited for, and an answer.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);
/// How long a purchase is asked again.
const GIVE_UP: Duration = Duration::from_secs(60);

/// An approved purchase, as the terminal holds it.
pub struct Held {
    pub sequence: u64,
    pub hash: Hash,
    pub amount: u64,
    pub reference: Reference,
    pub auth_code: AuthCode,
    /// SHA-256 of the bank's signed answer.
    pub answer: [u8; 32],
}

/// A terminal, its one customer, and all that it was told.
pub struct Shop {
    pub terminal: Terminal,
    pub card: Card,
    pub held: Vec<Held>,
    /// What went wrong for good: a purchase that was not approved, or never answered.
    pub lost: Vec<String>,
    /// Lines that were opened, that were not to be had, and that broke over a message.
    pub opened: u64,
    pub refused: u64,
    pub broken: u64,
    /// Answers `Busy`.
    pub busy: u64,
    line: Option<Line>,
}

impl Shop {
    pub fn new(terminal: Terminal, card: Card) -> Self {
        let (held, lost) = (Vec::new(), Vec::new());
        Self { terminal, card, held, lost, opened: 0, refused: 0, broken: 0, busy: 0, line: None }
    }

    /// Sells until then; how long each purchase took.
    pub async fn sell_until(mut self, until: Instant) -> (Self, Vec<Duration>) {
        let mut times = Vec::new();
        while Instant::now() < until && self.lost.is_empty() {
            if self.held.len().is_multiple_of(PURCHASES_A_LINE) {
                self.line = None;
            }
            let sequence = self.terminal.next_sequence;
            let amount = 100 + sequence % 900;
            let begun = Instant::now();
            let message = self.terminal.purchase(&mut self.card, amount, Pin::None);
            match self.answer_to(&message, begun + GIVE_UP).await {
                Some(bytes) => {
                    times.push(begun.elapsed());
                    self.keep(sequence, amount, &bytes);
                }
                None => self.lost.push(format!("{sequence} was never answered")),
            }
        }
        (self, times)
    }

    fn keep(&mut self, sequence: u64, amount: u64, bytes: &[u8]) {
        match self.terminal.read_answer(bytes).answer {
            HostAnswer::Approved { reference, auth_code, .. } => self.held.push(Held {
                sequence,
                hash: self.terminal.head,
                amount,
                reference,
                auth_code,
                answer: Sha256::digest(bytes).into(),
            }),
            other => self.lost.push(format!("{sequence} was not approved: {other:?}")),
        }
    }

    /// The bank's signed answer; the same bytes are sent again on a new line, as a terminal does.
    async fn answer_to(&mut self, message: &[u8], until: Instant) -> Option<Vec<u8>> {
        while Instant::now() < until {
            match self.try_ask(message).await {
                Ok(bytes) => match self.terminal.read_answer(&bytes).answer {
                    HostAnswer::Refused(HostRefusal::Busy) => self.busy += 1,
                    _ => return Some(bytes),
                },
                Err(_) => self.line = None,
            }
            tokio::time::sleep(PAUSE).await;
        }
        None
    }

    async fn try_ask(&mut self, message: &[u8]) -> io::Result<Vec<u8>> {
        let line = match &mut self.line {
            Some(line) => line,
            None => {
                let opened = timeout(PATIENCE, self.terminal.connect()).await.map_err(io::Error::from);
                match opened.flatten() {
                    Ok(line) => {
                        self.opened += 1;
                        self.line.insert(line)
                    }
                    Err(error) => {
                        self.refused += 1;
                        return Err(error);
                    }
                }
            }
        };
        let asked = async {
            send(line, message).await?;
            receive(line).await
        };
        let answered = timeout(PATIENCE, asked).await.map_err(io::Error::from).flatten();
        self.broken += u64::from(answered.is_err());
        answered
    }
}
