//! Who gives way when the house is full: strangers to newcomers, and a terminal's old lines to its new ones.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod support;

use mpos_host::HostConfig;
use mpos_protocol::host::{ALPN_ENROLMENT, HostAnswer};
use std::time::Duration;
use support::{Card, Line, Pin, Scene, Terminal, terminal::connect};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    net::TcpStream,
    time::timeout,
};

const PLACES: usize = 4;
/// Longer than any of these tests takes: nobody is cut off for being slow.
const LONG: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_secs(10);
const MOMENT: Duration = Duration::from_millis(300);

fn scene(cards: &[Card]) -> Scene {
    Scene::start_with(cards, |config: &mut HostConfig| {
        config.limits.connections_max = PLACES;
        config.limits.lines_per_terminal_max = 2;
        config.limits.handshake_timeout = LONG;
        config.limits.message_timeout = LONG;
        config.limits.stop_timeout = MOMENT;
    })
}

async fn is_over<S: AsyncRead + Unpin>(stream: &mut S, within: Duration) -> bool {
    matches!(timeout(within, stream.read(&mut [0])).await, Ok(Ok(0) | Err(_)))
}

/// A terminal whose enrolment has left no line behind.
async fn terminal(scene: &Scene) -> Terminal {
    let terminal = scene.terminal().await;
    tokio::time::sleep(MOMENT).await;
    terminal
}

async fn sells(terminal: &mut Terminal, line: &mut Line, card: &mut Card) {
    let message = terminal.purchase(card, 100, Pin::None);
    let answer = terminal.ask(line, &message).await;
    assert!(matches!(answer, HostAnswer::Approved { .. }), "{answer:?}");
}

#[tokio::test]
async fn strangers_who_take_all_places_give_way_to_a_terminal_the_oldest_first() {
    let mut card = Card::mastercard();
    let scene = scene(std::slice::from_ref(&card));
    let mut terminal = terminal(&scene).await;
    let mut strangers = Vec::new();
    for _stranger in 0..PLACES {
        strangers.push(TcpStream::connect(scene.address()).await.unwrap());
        tokio::time::sleep(MOMENT).await;
    }
    let mut line = terminal.connect().await.unwrap();
    sells(&mut terminal, &mut line, &mut card).await;
    assert!(is_over(&mut strangers[0], SOON).await, "the oldest had its place still");
    for stranger in &mut strangers[1..] {
        assert!(!is_over(stranger, MOMENT).await, "one place was enough");
    }
}

#[tokio::test]
async fn terminals_that_came_in_give_way_to_nobody() {
    let mut cards = [Card::mastercard(), Card::visa()];
    let scene = scene(&cards);
    let mut inside = Vec::new();
    for _terminal in 0..2 {
        let terminal = terminal(&scene).await;
        let lines = [terminal.connect().await.unwrap(), terminal.connect().await.unwrap()];
        inside.push((terminal, lines));
    }
    for _stranger in 0..3 * PLACES {
        let mut stranger = TcpStream::connect(scene.address()).await.unwrap();
        assert!(is_over(&mut stranger, SOON).await, "a stranger had a place");
    }
    for ((terminal, lines), card) in inside.iter_mut().zip(&mut cards) {
        for line in lines {
            sells(terminal, line, card).await;
        }
    }
}

#[tokio::test]
async fn who_asks_for_no_enrolment_on_its_line_is_a_stranger_still() {
    let scene = scene(&[]);
    let mut silent = Vec::new();
    for _line in 0..PLACES {
        silent.push(connect(scene.address(), &scene.bank.server_ca, ALPN_ENROLMENT, None).await.unwrap());
        tokio::time::sleep(MOMENT).await;
    }
    // Enrols, and opens a line of its own.
    let terminal = scene.terminal().await;
    assert!(is_over(&mut silent[0], SOON).await);
    assert!(terminal.connect().await.is_ok());
}

#[tokio::test]
async fn a_terminal_that_opens_line_after_line_keeps_its_newest_and_no_more_places() {
    let mut cards = [Card::mastercard(), Card::visa()];
    let scene = scene(&cards);
    let (mut rogue, mut other) = (terminal(&scene).await, terminal(&scene).await);
    let mut lines = Vec::new();
    for _line in 0..3 * PLACES {
        lines.push(rogue.connect().await.unwrap());
        tokio::time::sleep(MOMENT / 10).await;
    }
    let newest = lines.split_off(lines.len() - 2);
    for mut line in lines {
        assert!(is_over(&mut line, SOON).await, "an old line was left open");
    }
    for mut line in newest {
        sells(&mut rogue, &mut line, &mut cards[0]).await;
    }
    let mut line = other.connect().await.unwrap();
    sells(&mut other, &mut line, &mut cards[1]).await;
}
