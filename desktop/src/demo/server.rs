//! Serves the page, its sockets and the files that the phones saved. Nothing here is changed by a request but through a
//! socket, and each request is looked at by [`guard`] first.

use super::{
    guard::{self, HEADERS},
    pages::FILES,
    shop::Shop,
    socket::{self, MESSAGE_BYTES_MAX},
};
use axum::{
    Router,
    extract::{Path, Request, State, WebSocketUpgrade},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use std::{future::Future, io, net::TcpListener, sync::Arc, time::Duration};
use tokio::sync::{Semaphore, watch};

/// Threads for what blocks: cards that are made, files that are read.
pub(super) const BLOCKING_THREADS_MAX: usize = 4;
/// Pages that are open at one time.
const PAGES_MAX: usize = 16;
/// How long pages have for their goodbye.
const GOODBYE_WAIT: Duration = Duration::from_secs(2);

#[derive(Clone)]
struct Serving {
    shop: Arc<Shop>,
    is_remote_allowed: bool,
    pages: Arc<Semaphore>,
    stopping: watch::Receiver<bool>,
}

/// Serves until `interrupted` is, then says goodbye to the pages.
///
/// # Errors
/// When the listener or the wait for the interruption fails.
pub(super) async fn serve(
    listener: TcpListener,
    shop: Arc<Shop>,
    interrupted: impl Future<Output = io::Result<()>>,
) -> io::Result<()> {
    let is_remote_allowed = !listener.local_addr()?.ip().is_loopback();
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let (stop, stopping) = watch::channel(false);
    let pages = Arc::new(Semaphore::new(PAGES_MAX));
    let mut stopped = stopping.clone();
    let serving = Serving { shop, is_remote_allowed, pages, stopping };
    let server = axum::serve(listener, router(serving)).with_graceful_shutdown(async move {
        let _told = stopped.wait_for(|stops| *stops).await;
    });
    let mut server = std::pin::pin!(server.into_future());
    tokio::select! {
        ended = &mut server => return ended,
        interrupted = interrupted => interrupted?,
    }
    let _told = stop.send(true);
    // Who does not hang up by then is cut off.
    let _said_goodbye = tokio::time::timeout(GOODBYE_WAIT, server).await;
    Ok(())
}

fn router(serving: Serving) -> Router {
    let mut router = Router::new();
    for (path, kind, content) in FILES {
        router = router.route(path, get(move || async move { ([(header::CONTENT_TYPE, kind)], content) }));
    }
    router
        .route("/phone/{number}", get(open_line))
        .route("/phone/{number}/files/{name}", get(saved_file))
        .layer(middleware::from_fn_with_state(serving.clone(), look_at))
        .with_state(serving)
}

async fn look_at(State(serving): State<Serving>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let is_socket = headers.contains_key(header::UPGRADE);
    let mut response = match guard::admit(headers, serving.is_remote_allowed, is_socket) {
        Ok(()) => next.run(request).await,
        Err(stranger) => (StatusCode::FORBIDDEN, stranger.to_string()).into_response(),
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, value);
    }
    response
}

async fn open_line(
    State(serving): State<Serving>,
    Path(number): Path<u8>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let Serving { shop, pages, stopping, .. } = serving;
    if shop.phone(number).is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Ok(permit) = pages.try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many pages are open").into_response();
    };
    let upgrade = upgrade.max_message_size(MESSAGE_BYTES_MAX).max_frame_size(MESSAGE_BYTES_MAX);
    upgrade.on_upgrade(move |socket| async move {
        socket::serve(socket, shop, number, stopping).await;
        drop(permit);
    })
}

async fn saved_file(State(serving): State<Serving>, Path((number, name)): Path<(u8, String)>) -> Response {
    let table = serving.shop.phone(number).map(|phone| phone.table());
    let path = table.and_then(|table| table.borrow().offered(&name).map(|file| file.path.clone()));
    let Some(path) = path else { return StatusCode::NOT_FOUND.into_response() };
    let kind = if name.ends_with(".pdf") { "application/pdf" } else { "text/csv; charset=utf-8" };
    match tokio::task::spawn_blocking(move || std::fs::read(path)).await {
        Ok(Ok(bytes)) => ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, "attachment")], bytes)
            .into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
