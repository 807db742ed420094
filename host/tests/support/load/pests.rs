//! Bad clients: each does its worst again and again, and counts how the host got rid of it, and after how long.

use super::{
    super::{
        Line, Terminal,
        terminal::{receive, send},
    },
    Place,
};
use mpos_host::Limits;
use mpos_protocol::signed::SIGNED_BYTES_MAX;
use std::{
    io,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Between two visits of one client.
const PAUSE: Duration = Duration::from_millis(500);
/// Between two bytes of a slow client.
const BYTE_EVERY: Duration = Duration::from_secs(1);
/// How much longer than its limit a client may be let in on a machine that is busy.
const SLACK: Duration = Duration::from_secs(3);

/// What a bad client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pest {
    /// Connects, and says nothing.
    SilentAtTheDoor,
    /// Shakes hands with a certificate of the bank's, and says nothing.
    SilentInside,
    /// A byte a second in place of a handshake.
    SlowAtTheDoor,
    /// A byte a second of a message.
    SlowInside,
    /// Announces a message longer than any may be.
    Oversized,
    /// Bytes that are no TLS.
    NoTls,
    /// Messages that are none.
    Garbage,
    /// Leaves in the middle of a message.
    Dropped,
    /// Opens line after line with one certificate, and keeps them.
    Hoarding,
    /// Connects, with hundreds of others, wherever there is a place.
    Flood,
}

impl Pest {
    /// All but the flood.
    pub const ALL: [Self; 9] = [
        Self::SilentAtTheDoor,
        Self::SilentInside,
        Self::SlowAtTheDoor,
        Self::SlowInside,
        Self::Oversized,
        Self::NoTls,
        Self::Garbage,
        Self::Dropped,
        Self::Hoarding,
    ];
    /// Those that have a certificate.
    pub const INSIDE: [Self; 6] =
        [Self::SilentInside, Self::SlowInside, Self::Oversized, Self::Garbage, Self::Dropped, Self::Hoarding];

    /// What it is counted as.
    pub fn counted_as(self) -> &'static str {
        match self {
            Self::SilentAtTheDoor => "silent after connecting",
            Self::SilentInside => "silent after the handshake",
            Self::SlowAtTheDoor => "one byte a second as a handshake",
            Self::SlowInside => "one byte a second of a message",
            Self::Oversized => "oversized length",
            Self::NoTls => "no TLS",
            Self::Garbage => "garbage as messages, answered as malformed",
            Self::Dropped => "left in the middle of a message",
            Self::Hoarding => "line after line with one certificate",
            Self::Flood => "flood",
        }
    }

    /// The longest it may be let in; none for one that leaves by itself.
    pub fn limit(self, limits: &Limits) -> Option<Duration> {
        let limit = match self {
            Self::SilentAtTheDoor | Self::SlowAtTheDoor | Self::NoTls | Self::Flood => {
                limits.handshake_timeout
            }
            Self::SilentInside => limits.idle_timeout,
            Self::SlowInside => limits.message_timeout,
            Self::Oversized | Self::Hoarding => Duration::ZERO,
            Self::Garbage | Self::Dropped => return None,
        };
        Some(limit + SLACK)
    }
}

/// What became of the visits of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Visits that did what they came for.
    pub visits: u64,
    /// Those that the host ended.
    pub cut: u64,
    /// Those that found no place, or lost it, before they could begin.
    pub turned_away: u64,
    /// The longest that one was let in before the host ended it.
    pub longest: Duration,
}

impl Tally {
    pub fn add(&mut self, other: &Self) {
        self.visits += other.visits;
        self.cut += other.cut;
        self.turned_away += other.turned_away;
        self.longest = self.longest.max(other.longest);
    }
}

/// Visits until then.
pub async fn pester(pest: Pest, place: Place, rogue: Option<Terminal>, until: Instant) -> (Pest, Tally) {
    let mut tally = Tally::default();
    // Not all of a flood in the same instant.
    let spread = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0) % 500;
    tokio::time::sleep(Duration::from_millis(spread)).await;
    while Instant::now() < until {
        match visit(pest, &place, rogue.as_ref(), until).await {
            Ok(Some(let_in)) => {
                tally.visits += 1;
                tally.cut += 1;
                tally.longest = tally.longest.max(let_in);
            }
            Ok(None) => tally.visits += 1,
            Err(_) => tally.turned_away += 1,
        }
        tokio::time::sleep(PAUSE).await;
    }
    (pest, tally)
}

/// One visit: how long it was let in before the host ended it, none when it left by itself.
async fn visit(
    pest: Pest,
    place: &Place,
    rogue: Option<&Terminal>,
    until: Instant,
) -> io::Result<Option<Duration>> {
    let mut inside = match rogue {
        Some(rogue) => Some(let_in(rogue).await?),
        None => None,
    };
    let mut outside = match rogue {
        Some(_) => None,
        None => Some(TcpStream::connect(place.address).await?),
    };
    let begun = Instant::now();
    let ended = match (pest, &mut inside, &mut outside) {
        (Pest::SilentAtTheDoor | Pest::Flood, _, Some(stream)) => wait_for_the_end(stream, until).await,
        (Pest::SilentInside, Some(line), _) => wait_for_the_end(line, until).await,
        // The beginning of a ClientHello of 512 bytes.
        (Pest::SlowAtTheDoor, _, Some(stream)) => drip(stream, &[22, 3, 1, 2, 0, 1, 0, 1, 252], until).await,
        (Pest::SlowInside, Some(line), _) => drip(line, &[0, 0, 2, 0], until).await,
        (Pest::Oversized, Some(line), _) => {
            let length = u32::try_from(SIGNED_BYTES_MAX + 1).unwrap();
            line.write_all(&length.to_be_bytes()).await?;
            line.flush().await?;
            wait_for_the_end(line, until).await
        }
        (Pest::NoTls, _, Some(stream)) => {
            stream.write_all(b"GET / HTTP/1.1\r\nHost: bank\r\n\r\n").await?;
            wait_for_the_end(stream, until).await
        }
        (Pest::Garbage, Some(line), _) => {
            for length in [0, 1, 7, 64, 700, SIGNED_BYTES_MAX] {
                send(line, &vec![0x5A; length]).await?;
                receive(line).await?;
            }
            false
        }
        (Pest::Hoarding, Some(line), _) => {
            let mut kept = Vec::new();
            for rogue in rogue.into_iter().cycle().take(place.limits.lines_per_terminal_max) {
                kept.push(let_in(rogue).await?);
            }
            wait_for_the_end(line, until).await
        }
        (Pest::Dropped, Some(line), _) => {
            line.write_all(&[0, 0, 2, 0, 1, 2, 3, 4, 5]).await?;
            line.flush().await?;
            false
        }
        (pest, ..) => panic!("{pest:?} has not what it needs"),
    };
    Ok(ended.then(|| begun.elapsed()))
}

async fn let_in(rogue: &Terminal) -> io::Result<Line> {
    let mut line = timeout(SLACK, rogue.connect()).await.map_err(io::Error::from).flatten()?;
    // With TLS 1.3 a client is done before the server has made up its mind.
    timeout(SLACK, rogue.report(&mut line)).await.map_err(io::Error::from).flatten()?;
    Ok(line)
}

/// Whether the other side ended it, rather than this one its visit.
async fn wait_for_the_end<S: AsyncRead + Unpin>(stream: &mut S, until: Instant) -> bool {
    let mut rest = [0; 1024];
    let end = async { while matches!(stream.read(&mut rest).await, Ok(read) if read > 0) {} };
    timeout(until.saturating_duration_since(Instant::now()), end).await.is_ok()
}

/// A byte a second: these, then zeros.
async fn drip<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, begin: &[u8], until: Instant) -> bool {
    for byte in begin.iter().copied().chain(std::iter::repeat(0)) {
        let written = async {
            stream.write_all(&[byte]).await?;
            stream.flush().await
        };
        if written.await.is_err() || wait_for_the_end(stream, until.min(Instant::now() + BYTE_EVERY)).await {
            return true;
        }
        if Instant::now() >= until {
            break;
        }
    }
    false
}
