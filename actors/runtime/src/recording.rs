//! A recording read back from a file: bounded, typed, and refused with the line at which it is wrong.
//!
//! The file is JSON Lines, made to be read by a person: a header `{"format":"mpos-recording","version":1,…}`, then
//! one line a message, in the order in which they were sent.

use crate::{
    codec::name_of_json,
    recorder::{RECORDER_FRAMES_MAX, RECORDING_FORMAT, RECORDING_VERSION, SETUP_ROWS},
};
use mpos_protocol::{FRAME_BYTES_MAX, Flow, Moment, ROUTES, routes::ActorId, supervision::DeliveryFault};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::io::{self, BufRead, Read};

/// The longest line: a frame, each byte of which is at most four characters and a comma, and what stands around it.
const LINE_BYTES_MAX: usize = 5 * FRAME_BYTES_MAX + 1024;
/// Most lines after the header.
const LINES_MAX: usize = RECORDER_FRAMES_MAX + SETUP_ROWS.len();

/// What the recorder saved.
#[derive(Debug)]
pub struct Recording {
    /// The version of the program that saved it.
    pub program: String,
    /// The messages, in the order in which they were sent.
    pub frames: Vec<RecordedFrame>,
}

/// One message of a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedFrame {
    /// Its number; without a gap but for what the ring has dropped.
    pub number: u64,
    /// The number of the message in whose handling it was sent (for a timer: was set); 0 when it came from an edge.
    pub cause: u64,
    /// When it was sent: the time its receiver was given.
    pub at: Moment,
    /// Its flow.
    pub flow: Flow,
    /// Who sent it.
    pub from: ActorId,
    /// For whom it was.
    pub to: ActorId,
    /// The row's name.
    pub name: &'static str,
    /// Why it did not reach its mailbox, if it did not.
    pub undelivered: Option<DeliveryFault>,
    /// The message as JSON, secrets masked.
    pub message: String,
}

/// Why a file is not a recording that this program can replay.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file cannot be read.
    #[error("line {line} cannot be read")]
    Unreadable {
        /// From 1.
        line: usize,
        /// What the file system says.
        #[source]
        source: io::Error,
    },
    /// The first line is not a recording's.
    #[error("the first line is not that of a recording")]
    NotARecording,
    /// Another version's lines.
    #[error("the recording is of version {0}, this program reads version {RECORDING_VERSION}")]
    Version(u32),
    /// Longer than any line that the recorder writes.
    #[error("line {line} is longer than {LINE_BYTES_MAX} bytes")]
    LineTooLong {
        /// From 1.
        line: usize,
    },
    /// More lines than the recorder keeps.
    #[error("line {line} is one more than a recording has")]
    TooManyLines {
        /// From 1.
        line: usize,
    },
    /// Not the JSON of a recorded message.
    #[error("line {line} is not a recorded message")]
    Malformed {
        /// From 1.
        line: usize,
        /// Where in the line, and what was expected.
        #[source]
        source: serde_json::Error,
    },
    /// The table has no such arrow, or the message is not what its row says.
    #[error("line {line} is a message that the table of messages does not have")]
    NoRow {
        /// From 1.
        line: usize,
    },
}

/// The first line.
#[derive(Deserialize)]
struct Header {
    format: String,
    version: u32,
    program: String,
}

/// A line as it stands in the file.
#[derive(Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) n: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) cause: u64,
    pub(crate) at: Moment,
    pub(crate) flow: Flow,
    pub(crate) from: ActorId,
    pub(crate) to: ActorId,
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) undelivered: Option<DeliveryFault>,
    pub(crate) message: Box<RawValue>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(cause: &u64) -> bool {
    *cause == 0
}

impl Recording {
    /// Reads what [`Recorder::save`](crate::Recorder::save) wrote.
    ///
    /// # Errors
    /// [`RecordingError`], which names the line.
    pub fn load(reader: impl BufRead) -> Result<Self, RecordingError> {
        let mut lines = Lines { reader, number: 0 };
        let first = lines.next_line()?.ok_or(RecordingError::NotARecording)?;
        let header: Header = serde_json::from_str(&first).map_err(|_| RecordingError::NotARecording)?;
        if header.format != RECORDING_FORMAT {
            return Err(RecordingError::NotARecording);
        }
        if header.version != RECORDING_VERSION {
            return Err(RecordingError::Version(header.version));
        }
        let mut frames = Vec::new();
        while let Some(text) = lines.next_line()? {
            let line = lines.number;
            if frames.len() == LINES_MAX {
                return Err(RecordingError::TooManyLines { line });
            }
            let parsed: Line =
                serde_json::from_str(&text).map_err(|source| RecordingError::Malformed { line, source })?;
            frames.push(RecordedFrame::check(parsed).ok_or(RecordingError::NoRow { line })?);
        }
        Ok(Self { program: header.program, frames })
    }
}

impl RecordedFrame {
    /// A line whose arrow is in the table and whose message is what its row says.
    fn check(line: Line) -> Option<Self> {
        let Line { n, cause, at, flow, from, to, name, undelivered, message } = line;
        let row = ROUTES.iter().find(|row| row.from == from && row.to == to && row.name == name)?;
        let named = name_of_json(to, message.get())?;
        (named == row.name).then(|| Self {
            number: n,
            cause,
            at,
            flow,
            from,
            to,
            name: row.name,
            undelivered,
            message: message.get().to_owned(),
        })
    }
}

struct Lines<R> {
    reader: R,
    /// Of the line that was read last, from 1.
    number: usize,
}

impl<R: BufRead> Lines<R> {
    fn next_line(&mut self) -> Result<Option<String>, RecordingError> {
        self.number += 1;
        let line = self.number;
        let limit = u64::try_from(LINE_BYTES_MAX + 1).unwrap_or(u64::MAX);
        let mut text = String::new();
        let read = Read::take(&mut self.reader, limit).read_line(&mut text);
        match read.map_err(|source| RecordingError::Unreadable { line, source })? {
            0 => Ok(None),
            bytes if bytes > LINE_BYTES_MAX => Err(RecordingError::LineTooLong { line }),
            _ => Ok(Some(text)),
        }
    }
}
