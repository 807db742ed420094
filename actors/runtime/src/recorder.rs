//! The flight recorder: the last messages between the actors, so that a failed tap can be looked at and run again.
//!
//! A ring bounded in frames and in bytes. A row without secrets is kept as the bytes that were sent, which costs a
//! copy; a row marked `secret` is kept in its masked form for people, made at once, so that no secret ever lies in
//! the ring and none can be in a file saved from it. What sets an actor up is kept when the ring drops it: without
//! its configuration a kernel could not be replayed.

use crate::{codec::write_json, outbox::Sent};
use mpos_protocol::{Flow, Moment, routes::ActorId, supervision::DeliveryFault};
use std::{
    collections::VecDeque,
    io::{self, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Most messages in the ring: a few dozen sales.
pub const RECORDER_FRAMES_MAX: usize = 4096;
/// Most bytes of messages in the ring.
pub const RECORDER_BYTES_MAX: usize = 512 * 1024;
/// Rows of which the newest is kept when the ring drops it, because the receiver's later steps build on it.
pub(crate) const SETUP_ROWS: &[&str] =
    &["OpenTerminal", "LedgerOpened", "ConfigureKernel", "ConfigureLink", "ChainRestored"];
/// What the first line of a recording says it is.
pub(crate) const RECORDING_FORMAT: &str = "mpos-recording";
/// Of its lines; a change of [`Line`](crate::recording::Line) makes another version.
pub(crate) const RECORDING_VERSION: u32 = 1;

/// The recorder: a handle that a program keeps to save what was recorded.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<Log>>);

/// The ring itself.
pub(crate) struct Log {
    entries: VecDeque<Entry>,
    /// The bodies of `entries`, end to end.
    bytes: VecDeque<u8>,
    setup: Vec<(Entry, Vec<u8>)>,
    last_number: u64,
    /// Where a masked form is made before it is copied.
    scratch: Vec<u8>,
}

#[derive(Clone, Copy)]
struct Entry {
    number: u64,
    cause: u64,
    at: Moment,
    flow: Flow,
    from: ActorId,
    to: ActorId,
    name: &'static str,
    undelivered: Option<DeliveryFault>,
    /// Whether the bytes are JSON; otherwise they are the frame.
    masked: bool,
    length: usize,
}

impl Recorder {
    /// An empty recorder. Its memory is taken at once, so that recording allocates nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes what is recorded, oldest first, as lines of JSON: a header, then one line a message (see
    /// [`RecordedFrame`](crate::RecordedFrame)).
    ///
    /// # Errors
    /// Of `out`.
    pub fn save(&self, out: &mut impl Write) -> io::Result<()> {
        // Copied first: messages do not wait for a slow disk.
        let (entries, bytes) = self.lock().snapshot();
        let program = env!("CARGO_PKG_VERSION");
        writeln!(
            out,
            r#"{{"format":"{RECORDING_FORMAT}","version":{RECORDING_VERSION},"program":"{program}"}}"#
        )?;
        let mut rest = bytes.as_slice();
        for entry in entries {
            let (body, after) = rest.split_at_checked(entry.length).unwrap_or_default();
            rest = after;
            entry.write_line(body, out)?;
        }
        Ok(())
    }

    /// How many messages there were so far, those that the ring dropped too.
    pub fn messages(&self) -> u64 {
        self.lock().last_number
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Log> {
        // A recorder that was interrupted in an entry is still worth saving: nothing in it is trusted.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            entries: VecDeque::with_capacity(RECORDER_FRAMES_MAX),
            bytes: VecDeque::with_capacity(RECORDER_BYTES_MAX),
            setup: Vec::new(),
            last_number: 0,
            scratch: Vec::new(),
        }
    }
}

impl Log {
    /// Keeps a message and gives it the next number.
    pub(crate) fn record(&mut self, sent: &Sent, at: Moment, cause: u64) -> u64 {
        self.last_number += 1;
        let mut entry = Entry {
            number: self.last_number,
            cause,
            at,
            flow: sent.flow(),
            from: sent.from(),
            to: sent.to(),
            name: sent.name(),
            undelivered: None,
            masked: sent.heading().secret,
            length: 0,
        };
        if entry.masked {
            let mut json = std::mem::take(&mut self.scratch);
            json.clear();
            if !write_json(entry.to, sent.frame(), &mut json) {
                json.clear();
            }
            self.push(entry, &json);
            self.scratch = json;
        } else {
            entry.length = sent.frame().len();
            self.push(entry, sent.frame());
        }
        entry.number
    }

    fn push(&mut self, mut entry: Entry, body: &[u8]) {
        entry.length = body.len();
        while self.entries.len() >= RECORDER_FRAMES_MAX || self.bytes.len() + body.len() > RECORDER_BYTES_MAX
        {
            if !self.drop_oldest() {
                break;
            }
        }
        self.entries.push_back(entry);
        self.bytes.extend(body);
    }

    fn drop_oldest(&mut self) -> bool {
        let Some(entry) = self.entries.pop_front() else { return false };
        if SETUP_ROWS.contains(&entry.name) {
            let body = self.bytes.iter().take(entry.length).copied().collect();
            self.setup.retain(|(kept, _)| kept.name != entry.name);
            self.setup.push((entry, body));
        }
        self.bytes.drain(..entry.length);
        true
    }

    /// The message recorded last did not reach its mailbox.
    pub(crate) fn last_was_undelivered(&mut self, fault: DeliveryFault) {
        if let Some(entry) = self.entries.back_mut() {
            entry.undelivered = Some(fault);
        }
    }

    /// The message recorded last was not delivered and will be tried again.
    pub(crate) fn forget_last(&mut self) {
        if let Some(entry) = self.entries.pop_back() {
            self.bytes.truncate(self.bytes.len() - entry.length);
            self.last_number -= 1;
        }
    }

    fn snapshot(&self) -> (Vec<Entry>, Vec<u8>) {
        let entries = self.setup.iter().map(|(entry, _)| *entry).chain(self.entries.iter().copied());
        let bytes =
            self.setup.iter().flat_map(|(_, body)| body.iter().copied()).chain(self.bytes.iter().copied());
        (entries.collect(), bytes.collect())
    }
}

impl Entry {
    fn write_line(self, body: &[u8], out: &mut impl Write) -> io::Result<()> {
        let mut message = Vec::new();
        if self.masked {
            message.extend_from_slice(body);
        } else if !write_json(self.to, body, &mut message) {
            message.clear();
        }
        if message.is_empty() {
            message.extend_from_slice(b"null");
        }
        let head = crate::recording::Line {
            n: self.number,
            cause: self.cause,
            at: self.at,
            flow: self.flow,
            from: self.from,
            to: self.to,
            name: self.name.into(),
            undelivered: self.undelivered,
            message: serde_json::from_slice(&message)?,
        };
        let mut line = serde_json::to_vec(&head)?;
        line.push(b'\n');
        out.write_all(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::Pool;
    use mpos_protocol::{
        Amount, Secret, actor,
        pad::PadPoint,
        pin::messages::{AskPin, PinPadTouched},
    };

    #[test]
    fn the_ring_holds_a_secret_row_masked_and_any_other_as_it_was_sent() {
        let pool = Pool::default();
        let at = Secret::new(PadPoint { x: 7391, y: 7391 });
        let touch = PinPadTouched { pad: 1, at };
        let touch = Sent::encode::<actor::Shell, _>(Flow(1), touch, pool.take()).unwrap();
        let ask = AskPin { amount: Amount::from_minor(5).unwrap(), format: Default::default() };
        let ask = Sent::encode::<actor::Till, _>(Flow(1), ask, pool.take()).unwrap();
        let mut log = Log::default();
        assert_eq!(log.record(&touch, Moment::default(), 0), 1);
        assert_eq!(log.record(&ask, Moment::default(), 1), 2);
        let kept: Vec<u8> = log.bytes.iter().copied().collect();
        assert_eq!(kept, [br#"{"PinPadTouched":{"pad":1,"at":"secret"}}"#, ask.frame()].concat());
        assert_eq!(log.scratch, br#"{"PinPadTouched":{"pad":1,"at":"secret"}}"#);
    }

    #[test]
    fn the_ring_is_bounded_in_bytes_too() {
        let pool = Pool::default();
        let mut log = Log::default();
        for line in 0..40 {
            let bytes = mpos_protocol::Sealed::try_from(vec![7; 16 * 1024]).unwrap();
            let received = mpos_protocol::link::LineReceived { line, bytes };
            let sent = Sent::encode::<actor::Network, _>(Flow(1), received, pool.take()).unwrap();
            log.record(&sent, Moment::default(), 0);
            assert!(log.bytes.len() <= RECORDER_BYTES_MAX);
            assert_eq!(log.bytes.len(), log.entries.iter().map(|entry| entry.length).sum::<usize>());
        }
        assert_eq!(log.entries.len(), RECORDER_BYTES_MAX / (16 * 1024 + 13));
        assert_eq!(log.bytes.capacity(), VecDeque::<u8>::with_capacity(RECORDER_BYTES_MAX).capacity());
    }
}
