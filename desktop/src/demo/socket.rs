//! One page's line: frames of screens and the table's JSON to it, events and wishes from it. It ends when the page is
//! closed, when the page sends what is none of these, or with the demo.

use super::{
    shop::{Phone, Shop},
    table::{WISH_BYTES_MAX, Wish},
};
use axum::{
    body::Bytes,
    extract::ws::{CloseFrame, Message, WebSocket, close_code},
};
use mpos_protocol::screen::{EVENT_BYTES_MAX, ScreenEvent, ScreenFrameError};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval, timeout},
};
use zeroize::Zeroize;

/// The longest message that is read at all. What is longer than an event or a wish but not than this is answered.
pub(super) const MESSAGE_BYTES_MAX: usize = 4096;
const _: () = assert!(EVENT_BYTES_MAX < MESSAGE_BYTES_MAX && WISH_BYTES_MAX < MESSAGE_BYTES_MAX);

/// A page that takes nothing for so long is gone.
const SEND_WAIT: Duration = Duration::from_secs(5);
/// How long a page has to answer a goodbye.
const GOODBYE_WAIT: Duration = Duration::from_secs(1);
/// A page is asked whether it is there so often, and gone when it says nothing for the longer time.
const PING_EVERY: Duration = Duration::from_secs(15);
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// Why a line ends.
struct Closing {
    code: u16,
    reason: String,
}

/// The page is gone: there is nobody to say anything to.
struct Gone;

/// Serves a page until it or the demo ends.
pub(super) async fn serve(
    mut socket: WebSocket,
    shop: Arc<Shop>,
    number: u8,
    mut stopping: watch::Receiver<bool>,
) {
    let Some(phone) = shop.phone(number) else { return };
    let closing = tokio::select! {
        ended = talk(&mut socket, &shop, phone) => ended,
        _told = stopping.wait_for(|stops| *stops) => {
            Ok(Closing { code: close_code::AWAY, reason: "The demo was stopped".to_owned() })
        }
    };
    if let Ok(Closing { code, reason }) = closing {
        let frame = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
        // It may be gone by now. Hanging up before it has answered could take the reason back.
        if send(&mut socket, frame).await.is_ok() {
            let _answered =
                timeout(GOODBYE_WAIT, async { while let Some(Ok(_)) = socket.recv().await {} }).await;
        }
    }
}

async fn talk(socket: &mut WebSocket, shop: &Arc<Shop>, phone: &Phone) -> Result<Closing, Gone> {
    let (mut shown, mut table, mut messages) = (phone.shown(), phone.table(), shop.messages());
    shown.mark_changed();
    table.mark_changed();
    let mut pings = interval(PING_EVERY);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    let ended = || Closing {
        code: close_code::ERROR,
        reason: "The phone has ended: start the demo again".to_owned(),
    };
    loop {
        tokio::select! {
            changed = shown.changed() => {
                if changed.is_err() {
                    return Ok(ended());
                }
                let frame = shown.borrow_and_update().clone();
                // Before the first screen there is none.
                if !frame.is_empty() {
                    send(socket, Message::Binary(frame)).await?;
                }
            }
            changed = table.changed() => {
                if changed.is_err() {
                    return Ok(ended());
                }
                let text = table.borrow_and_update().to_json(&messages.borrow_and_update());
                send(socket, Message::Text(text.into())).await?;
            }
            Ok(()) = messages.changed() => table.mark_changed(),
            received = socket.recv() => {
                heard = Instant::now();
                let Some(Ok(message)) = received else { return Err(Gone) };
                if let Err(closing) = take(message, shop, phone).await {
                    return Ok(closing);
                }
            }
            _now = pings.tick() => {
                if heard.elapsed() > SILENCE_MAX {
                    return Err(Gone);
                }
                send(socket, Message::Ping(Bytes::new())).await?;
            }
        }
    }
}

async fn send(socket: &mut WebSocket, message: Message) -> Result<(), Gone> {
    match timeout(SEND_WAIT, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        _ => Err(Gone),
    }
}

async fn take(message: Message, shop: &Arc<Shop>, phone: &Phone) -> Result<(), Closing> {
    match message {
        Message::Binary(frame) => {
            let event = read(frame).map_err(refuse)?;
            let ended =
                |_| Closing { code: close_code::ERROR, reason: "The phone takes no event".to_owned() };
            phone.act(event).await.map_err(ended)
        }
        Message::Text(text) => grant(&text, shop, phone).await,
        Message::Close(_) | Message::Ping(_) | Message::Pong(_) => Ok(()),
    }
}

/// Reads an event and wipes its frame, which may hold a code.
fn read(frame: Bytes) -> Result<ScreenEvent, ScreenFrameError> {
    let event = ScreenEvent::from_frame(&frame);
    wipe(frame);
    event
}

/// Wipes a frame that nobody else holds.
pub(super) fn wipe(frame: Bytes) {
    if let Ok(mut frame) = frame.try_into_mut() {
        frame.as_mut().zeroize();
    }
}

fn refuse(error: ScreenFrameError) -> Closing {
    let code = match error {
        // Trying again is of no use: the page is another program's.
        ScreenFrameError::Version(_) => close_code::POLICY,
        ScreenFrameError::TooLong { .. } => close_code::SIZE,
        ScreenFrameError::Empty | ScreenFrameError::Malformed => close_code::INVALID,
    };
    Closing { code, reason: error.to_string() }
}

async fn grant(text: &str, shop: &Arc<Shop>, phone: &Phone) -> Result<(), Closing> {
    let wish = (text.len() <= WISH_BYTES_MAX).then(|| serde_json::from_str::<Wish>(text).ok()).flatten();
    let Some(wish) = wish else {
        return Err(Closing { code: close_code::INVALID, reason: "That is no wish of this page".to_owned() });
    };
    let (shop, number) = (Arc::clone(shop), phone.number());
    let granted = tokio::task::spawn_blocking(move || {
        if let Some(phone) = shop.phone(number) {
            shop.grant(phone, &wish);
        }
    });
    granted.await.map_err(|_| Closing { code: close_code::ERROR, reason: "The table fell over".to_owned() })
}
