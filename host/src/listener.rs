//! The door: takes connections up to a limit, shakes hands in limited time, and shows each to its line.
//!
//! A client that is refused in the handshake is told by a TLS alert, and given a moment to read it.

use crate::{
    config::Limits,
    enrolment::{self, Enrolments},
    terminal_link::{self, TerminalDesk},
    tls::{Line, Lines},
};
use rustls::server::Acceptor;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::{LazyConfigAcceptor, server::TlsStream};

/// How long a refused client may take to read why, and how much it may still send.
const FAREWELL: Duration = Duration::from_millis(500);
const FAREWELL_BYTES_MAX: u64 = 64 * 1024;
/// When the system gives no more connections, it is asked again after this.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What stands behind the door.
pub(crate) struct House {
    pub(crate) lines: Lines,
    pub(crate) limits: Limits,
    pub(crate) enrolments: Enrolments,
    pub(crate) terminals: TerminalDesk,
}

/// Takes connections until `stop` is true, then waits for those that are open to finish what they hold.
pub(crate) async fn listen(listener: TcpListener, house: Arc<House>, mut stop: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(house.limits.connections_max));
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
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tracing::warn!(%peer, "connection refused: too many");
            continue;
        };
        let (house, stop) = (Arc::clone(&house), stop.clone());
        connections.spawn(async move {
            receive(stream, peer, &house, stop).await;
            drop(place);
        });
    }
    drop(listener);
    let finished =
        timeout(house.limits.stop_timeout, async { while connections.join_next().await.is_some() {} });
    if finished.await.is_err() {
        tracing::warn!(connections = connections.len(), "connections cut at the stop");
    }
}

async fn receive(stream: TcpStream, peer: SocketAddr, house: &House, stop: watch::Receiver<bool>) {
    // An answer is one small packet and must not wait for another.
    let _ = stream.set_nodelay(true);
    let handshake = timeout(house.limits.handshake_timeout, shake_hands(stream, peer, &house.lines));
    let Ok(shaken) = handshake.await else {
        tracing::warn!(%peer, "handshake not finished in time");
        return;
    };
    let Some((mut stream, line)) = shaken else { return };
    match line {
        Line::Enrolment => enrolment::serve(&mut stream, peer, house).await,
        Line::Terminal => terminal_link::serve(&mut stream, peer, house, stop).await,
    }
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
