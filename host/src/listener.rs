//! Takes connections up to a limit, shakes hands in limited time, and shows each to its line.
//!
//! A client that is refused in the handshake is told by a TLS alert, and given a moment to read it.

use crate::{
    config::Limits,
    door::{Door, Visitor},
    enrolment::{self, Enrolments},
    terminal_link::{self, TerminalDesk},
    tls::{Line, Lines},
};
use rustls::server::Acceptor;
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::{LazyConfigAcceptor, server::TlsStream};

/// How long a refused client may take to read why, and how much it may still send.
const FAREWELL: Duration = Duration::from_millis(500);
const FAREWELL_BYTES_MAX: u64 = 64 * 1024;
/// When the system gives no more connections, it is asked again after this.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A flood of connections is told of as often as this.
const TURNED_AWAY_TOLD_EVERY: Duration = Duration::from_secs(1);

/// What stands behind the door.
pub(crate) struct House {
    pub(crate) lines: Lines,
    pub(crate) limits: Limits,
    pub(crate) enrolments: Enrolments,
    pub(crate) terminals: TerminalDesk,
}

/// Takes connections until `stop` is true, then waits for those that are open to finish what they hold.
pub(crate) async fn listen(listener: TcpListener, house: Arc<House>, mut stop: watch::Receiver<bool>) {
    let door = Door::new(house.limits.connections_max);
    let mut turned_away = TurnedAway::default();
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stopped| *stopped) => break,
            Some(_) = connections.join_next() => continue,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::error!(%error, "no connection can be taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let visitor = door.take_place();
        if visitor.as_ref().is_none_or(|visitor| visitor.in_place_of_another) {
            turned_away.count(peer);
        }
        let Some(visitor) = visitor else { continue };
        let (house, stop) = (Arc::clone(&house), stop.clone());
        connections.spawn(async move { receive(stream, peer, visitor, &house, stop).await });
    }
    drop(listener);
    let finished =
        timeout(house.limits.stop_timeout, async { while connections.join_next().await.is_some() {} });
    if finished.await.is_err() {
        tracing::warn!(connections = connections.len(), "connections cut at the stop");
    }
}

/// Connections that found no place, or lost it to the next. Each is no line of the log of its own: there is no end to
/// how many a flood has.
#[derive(Default)]
struct TurnedAway {
    connections: u64,
    told: Option<Instant>,
}

impl TurnedAway {
    fn count(&mut self, newest: SocketAddr) {
        self.connections += 1;
        if self.told.is_none_or(|told| told.elapsed() >= TURNED_AWAY_TOLD_EVERY) {
            tracing::warn!(connections = self.connections, %newest, "too many connections: refused, or put out");
            (self.connections, self.told) = (0, Some(Instant::now()));
        }
    }
}

async fn receive(
    stream: TcpStream,
    peer: SocketAddr,
    mut visitor: Visitor,
    house: &House,
    stop: watch::Receiver<bool>,
) {
    // An answer is one small packet and must not wait for another.
    let _ = stream.set_nodelay(true);
    let handshake = timeout(house.limits.handshake_timeout, shake_hands(stream, peer, &house.lines));
    let shaken = tokio::select! {
        biased;
        () = visitor.put_out() => return,
        shaken = handshake => shaken,
    };
    let Ok(shaken) = shaken else {
        tracing::warn!(%peer, "handshake not finished in time");
        return;
    };
    let Some((mut stream, line)) = shaken else { return };
    let _place = match line {
        Line::Enrolment => enrolment::serve(&mut stream, peer, visitor, house).await,
        Line::Terminal => {
            let Some(place) = visitor.come_in() else { return };
            terminal_link::serve(&mut stream, peer, house, stop).await;
            Some(place)
        }
    };
    // A close_notify where possible: the client then knows that nothing was cut off.
    let _ = timeout(FAREWELL, stream.shutdown()).await;
}

async fn shake_hands(
    stream: TcpStream,
    peer: SocketAddr,
    lines: &Lines,
) -> Option<(TlsStream<TcpStream>, Line)> {
    let mut hello = LazyConfigAcceptor::new(Acceptor::default(), stream);
    let start = match (&mut hello).await {
        Ok(start) => start,
        Err(error) => {
            tracing::warn!(%peer, %error, "no TLS hello");
            if let Some(stream) = hello.take_io() {
                farewell(stream).await;
            }
            return None;
        }
    };
    let line = Line::offered(start.client_hello().alpn().into_iter().flatten());
    match start.into_stream(lines.config_for(line)).into_fallible().await {
        Ok(stream) => match Line::agreed(stream.get_ref().1.alpn_protocol()) {
            Some(agreed) => Some((stream, agreed)),
            None => {
                tracing::warn!(%peer, "handshake without ALPN");
                None
            }
        },
        Err((error, stream)) => {
            tracing::warn!(%peer, %error, "handshake refused");
            farewell(stream).await;
            None
        }
    }
}

/// Lets the alert arrive: closing with unread bytes would reset the connection and wipe it out.
async fn farewell(mut stream: TcpStream) {
    let read_out = async {
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(FAREWELL_BYTES_MAX), &mut tokio::io::sink()).await
    };
    let _ = timeout(FAREWELL, read_out).await;
}
