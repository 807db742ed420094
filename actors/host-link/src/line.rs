//! The line as the link sees it: numbered, so that the events of one that was given up are told apart, and cut
//! into the length-prefixed messages of `mpos_protocol::signed`.

use mpos_ports::{BankLine, LineTarget};
use mpos_protocol::{
    link::LineReceived,
    signed::{ENROLMENT_BYTES_MAX, LENGTH_PREFIX_BYTES},
};

/// The line.
pub(crate) struct Line {
    port: Box<dyn BankLine>,
    number: u32,
    state: LineState,
    inbound: Vec<u8>,
    spoken: bool,
    heard: bool,
    /// Something was heard on it before we last spoke.
    old: bool,
}

#[derive(PartialEq, Eq)]
enum LineState {
    Down,
    Opening,
    Open,
}

/// The bank claimed a message longer than any it may send.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Oversized;

impl Line {
    /// `number` is where numbering begins: not where an actor before this one began, whose line may still speak.
    pub(crate) fn new(port: Box<dyn BankLine>, number: u32) -> Self {
        Self {
            port,
            number,
            state: LineState::Down,
            inbound: Vec::new(),
            spoken: false,
            heard: false,
            old: false,
        }
    }

    pub(crate) fn open(&mut self, target: LineTarget) {
        self.number = self.number.wrapping_add(1);
        self.state = LineState::Opening;
        self.inbound.clear();
        (self.spoken, self.heard, self.old) = (false, false, false);
        self.port.open(self.number, target);
    }

    pub(crate) fn close(&mut self) {
        if self.state != LineState::Down {
            self.port.close(self.number);
            self.state = LineState::Down;
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.state == LineState::Open
    }

    /// Whether we have sent something on this line and the bank nothing: it may not have accepted our certificate.
    pub(crate) fn is_one_sided(&self) -> bool {
        self.spoken && !self.heard
    }

    /// Whether what we said last was said on a line that had answered before: it may have died unseen since then, as lines
    /// do that a network drops when they are idle.
    pub(crate) fn is_old(&self) -> bool {
        self.old
    }

    /// Whether this is news of the current line.
    pub(crate) fn opened(&mut self, line: u32) -> bool {
        let current = line == self.number && self.state == LineState::Opening;
        if current {
            self.state = LineState::Open;
        }
        current
    }

    /// Whether this is news of the current line.
    pub(crate) fn closed(&mut self, line: u32) -> bool {
        let current = line == self.number && self.state != LineState::Down;
        if current {
            self.state = LineState::Down;
        }
        current
    }

    pub(crate) fn send(&mut self, message: &[u8]) {
        (self.spoken, self.old) = (true, self.heard);
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes();
        self.port.send(self.number, &[&length, message].concat());
    }

    /// Takes in what came, if it came on the current line.
    pub(crate) fn received(&mut self, received: &LineReceived) {
        if received.line == self.number && self.state == LineState::Open {
            self.heard = true;
            self.inbound.extend_from_slice(&received.bytes);
        }
    }

    /// The next whole message that came, if there is one; none once the line is closed.
    pub(crate) fn next_message(&mut self) -> Result<Option<Vec<u8>>, Oversized> {
        if self.state != LineState::Open {
            return Ok(None);
        }
        let Some((prefix, rest)) = self.inbound.split_first_chunk::<LENGTH_PREFIX_BYTES>() else {
            return Ok(None);
        };
        let length = usize::try_from(u32::from_be_bytes(*prefix)).unwrap_or(usize::MAX);
        if length > ENROLMENT_BYTES_MAX {
            return Err(Oversized);
        }
        let Some(message) = rest.get(..length).map(<[u8]>::to_vec) else { return Ok(None) };
        self.inbound.drain(..LENGTH_PREFIX_BYTES + length);
        Ok(Some(message))
    }
}
