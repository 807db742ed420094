//! Messages on a connection: four bytes of length, then the message, with a limit on length and on time.

use mpos_protocol::signed::LENGTH_PREFIX_BYTES;
use std::{io, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

/// Why a connection ends.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LineFault {
    /// The other side closed it between two messages.
    #[error("closed")]
    Closed,
    /// No message came in time.
    #[error("silent for too long")]
    Silent,
    /// A message did not come whole, or an answer was not taken, in time.
    #[error("too slow")]
    Slow,
    /// A message longer than any can be.
    #[error("a message of {0} bytes was announced")]
    Oversized(usize),
    /// The connection broke.
    #[error("broken: {0}")]
    Broken(#[from] io::Error),
}

/// Reads one message. `idle` is for its first byte, `whole` for the rest.
pub(crate) async fn read<S: AsyncRead + Unpin>(
    stream: &mut S,
    bytes_max: usize,
    idle: Duration,
    whole: Duration,
) -> Result<Vec<u8>, LineFault> {
    let mut prefix = [0; LENGTH_PREFIX_BYTES];
    let first = timeout(idle, stream.read(&mut prefix)).await.map_err(|_| LineFault::Silent)??;
    if first == 0 {
        return Err(LineFault::Closed);
    }
    let rest = async {
        stream.read_exact(prefix.get_mut(first..).unwrap_or_default()).await?;
        let length = usize::try_from(u32::from_be_bytes(prefix)).unwrap_or(usize::MAX);
        if length > bytes_max {
            return Err(LineFault::Oversized(length));
        }
        let mut message = vec![0; length];
        stream.read_exact(&mut message).await?;
        Ok(message)
    };
    timeout(whole, rest).await.map_err(|_| LineFault::Slow)?
}

/// Writes one message.
pub(crate) async fn write<S: AsyncWrite + Unpin>(
    stream: &mut S,
    message: &[u8],
    whole: Duration,
) -> Result<(), LineFault> {
    let length = u32::try_from(message.len()).map_err(|_| LineFault::Oversized(message.len()))?;
    let framed = [&length.to_be_bytes()[..], message].concat();
    let write = async {
        stream.write_all(&framed).await?;
        stream.flush().await
    };
    Ok(timeout(whole, write).await.map_err(|_| LineFault::Slow)??)
}

#[cfg(test)]
mod tests {
    use super::{LineFault, write};
    use std::time::{Duration, Instant};

    #[tokio::test]
    async fn an_answer_that_nobody_takes_is_given_up_in_its_time() {
        let (mut bank, deaf) = tokio::io::duplex(64);
        let (limit, begun) = (Duration::from_millis(200), Instant::now());
        assert!(write(&mut bank, &[1; 32], limit).await.is_ok(), "that much is taken by the line itself");
        assert!(matches!(write(&mut bank, &[1; 64], limit).await, Err(LineFault::Slow)));
        assert!(begun.elapsed() >= limit);
        drop(deaf);
    }
}
