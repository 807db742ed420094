//! The door: who is let in, who is cut off, and what a stop leaves undone.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod support;

use mpos_host::{Console, Host, HostConfig};
use mpos_protocol::{
    host::{ALPN_ENROLMENT, ALPN_TERMINAL, HostAnswer, HostRefusal},
    signed::SIGNED_BYTES_MAX,
};
use rustls::version::{TLS12, TLS13};
use sqlx::Connection;
use std::{
    io,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};
use support::{
    Card, Line, Pin, Scene, Terminal,
    pki::TestDeviceCa,
    terminal::{connect, receive, send},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The alert with which the bank refused the handshake. A TLS 1.3 client reads it after its own part is done.
async fn alert(line: io::Result<Line>) -> String {
    let error = match line {
        Err(error) => error,
        Ok(mut line) => receive(&mut line).await.expect_err("the bank let it in"),
    };
    error.to_string()
}

async fn sells(terminal: &mut Terminal, line: &mut Line, card: &mut Card) -> HostAnswer {
    let message = terminal.purchase(card, 100, Pin::None);
    terminal.ask(line, &message).await
}

#[tokio::test]
async fn revoking_ends_open_connections_and_new_ones() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let (mut terminal, mut other) = (scene.terminal().await, scene.terminal().await);
    let mut line = terminal.connect().await.unwrap();
    assert!(matches!(sells(&mut terminal, &mut line, &mut card).await, HostAnswer::Approved { .. }));

    // As `mpos host revoke` does, in another process.
    let console = Console::open(&scene.config.data, scene.clock.clone()).unwrap();
    console.revoke(terminal.profile.terminal).unwrap();
    let blocked = HostAnswer::Refused(HostRefusal::TerminalBlocked);
    assert_eq!(sells(&mut terminal, &mut line, &mut card).await, blocked);
    // The list is new within a second or so; until then the first message is refused.
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match terminal.connect().await {
            Ok(mut line) => match terminal.try_ask(&mut line, b"anything").await {
                Ok(answer) => assert_eq!(answer, HostAnswer::Refused(HostRefusal::Malformed)),
                Err(error) => {
                    assert!(error.to_string().contains("CertificateRevoked"), "{error}");
                    break;
                }
            },
            Err(error) => {
                assert!(error.to_string().contains("CertificateRevoked"), "{error}");
                break;
            }
        }
        assert!(Instant::now() < deadline, "the revocation list stayed old");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut line = other.connect().await.unwrap();
    assert!(matches!(sells(&mut other, &mut line, &mut card).await, HostAnswer::Approved { .. }));
    assert!(console.revoke(mpos_protocol::terminal::TerminalId(999)).is_err());
}

#[tokio::test]
async fn a_revoked_terminal_stays_out_after_a_restart() {
    let mut scene = Scene::start(&[]);
    let mut terminal = scene.terminal().await;
    scene.console.revoke(terminal.profile.terminal).unwrap();
    scene.restart();
    terminal.address = scene.address();
    assert!(alert(terminal.connect().await).await.contains("CertificateRevoked"));
}

#[tokio::test]
async fn an_expired_certificate_is_told_so() {
    let scene = Scene::start(&[]);
    scene.bank.devices.expired.store(true, Ordering::SeqCst);
    let terminal = scene.terminal().await;
    assert!(alert(terminal.connect().await).await.contains("CertificateExpired"));
}

#[tokio::test]
async fn a_certificate_of_a_ca_with_the_same_name_does_not_open() {
    let scene = Scene::start(&[]);
    let mut terminal = scene.terminal().await;
    let impostor = TestDeviceCa::new("Test Bank Device CA");
    let request = rcgen::CertificateParams::default().serialize_request(&terminal.device.key).unwrap();
    let forged = mpos_host::bank::DeviceAuthority::certify(&impostor, request.der(), "TM000016", 0).unwrap();
    terminal.profile.certificates = vec![forged.try_into().unwrap()].try_into().unwrap();
    let alert = alert(terminal.connect().await).await;
    assert!(
        alert.contains("DecryptError") || alert.contains("UnknownCA") || alert.contains("Bad"),
        "{alert}"
    );
}

#[tokio::test]
async fn a_certificate_that_the_books_do_not_know_is_cut_off() {
    let scene = Scene::start(&[]);
    let mut terminal = scene.terminal().await;
    let request = rcgen::CertificateParams::default().serialize_request(&terminal.device.key).unwrap();
    let stray = mpos_host::bank::DeviceAuthority::certify(&*scene.bank.devices, request.der(), "TM000016", 0)
        .unwrap();
    terminal.profile.certificates = vec![stray.try_into().unwrap()].try_into().unwrap();
    let mut line = terminal.connect().await.unwrap();
    assert!(receive(&mut line).await.is_err());
}

#[tokio::test]
async fn only_tls_1_3_with_our_alpn_and_a_certificate_is_spoken() {
    let scene = Scene::start(&[]);
    let terminal = scene.terminal().await;
    let refused = alert(terminal.connect_with(ALPN_TERMINAL, &[&TLS12]).await).await;
    assert!(refused.contains("ProtocolVersion"), "{refused}");
    let refused = alert(terminal.connect_with(b"h2", &[&TLS13]).await).await;
    assert!(refused.contains("NoApplicationProtocol"), "{refused}");
    assert!(
        terminal.connect_with(b"", &[&TLS13]).await.is_err() || {
            let mut line = terminal.connect_with(b"", &[&TLS13]).await.unwrap();
            receive(&mut line).await.is_err()
        }
    );
    let nobody = connect(scene.address(), &scene.bank.server_ca, ALPN_TERMINAL, None).await;
    let refused = alert(nobody).await;
    assert!(refused.contains("CertificateRequired"), "{refused}");
    // The enrolment line takes no messages of terminals.
    let mut line = terminal.connect_with(ALPN_ENROLMENT, &[&TLS13]).await.unwrap();
    send(&mut line, &[1, 2, 3]).await.unwrap();
    let answer = receive(&mut line).await.unwrap();
    let refused = mpos_protocol::host::EnrolmentAnswer::Refused(HostRefusal::Malformed);
    assert_eq!(postcard::from_bytes::<mpos_protocol::host::EnrolmentAnswer>(&answer).unwrap(), refused);
}

#[tokio::test]
async fn what_is_no_tls_is_cut_off_and_the_host_goes_on() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let mut stream = tokio::net::TcpStream::connect(scene.address()).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    assert!(matches!(sells(&mut terminal, &mut line, &mut card).await, HostAnswer::Approved { .. }));
}

#[tokio::test]
async fn oversized_silent_and_slow_clients_are_cut_off() {
    let scene = Scene::start_with(&[], |config: &mut HostConfig| {
        config.limits.handshake_timeout = Duration::from_millis(300);
        config.limits.idle_timeout = Duration::from_millis(300);
        config.limits.message_timeout = Duration::from_millis(300);
    });
    let terminal = scene.terminal().await;

    let mut oversized = terminal.connect().await.unwrap();
    let length = u32::try_from(SIGNED_BYTES_MAX + 1).unwrap();
    oversized.write_all(&length.to_be_bytes()).await.unwrap();
    let mut silent = terminal.connect().await.unwrap();
    let mut slow = terminal.connect().await.unwrap();
    slow.write_all(&[0, 0, 1, 0, 1, 2, 3]).await.unwrap();
    let mut mute = tokio::net::TcpStream::connect(scene.address()).await.unwrap();
    let begun = Instant::now();
    assert!(receive(&mut oversized).await.is_err());
    assert!(receive(&mut silent).await.is_err());
    assert!(receive(&mut slow).await.is_err());
    assert!(matches!(mute.read(&mut [0]).await, Ok(0) | Err(_)));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn one_connection_too_many_is_closed() {
    let scene = Scene::start_with(&[], |config: &mut HostConfig| config.limits.connections_max = 2);
    let terminal = scene.terminal().await;
    // The enrolment's own connection may take a moment to leave.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let first = terminal.connect().await.unwrap();
    let _second = terminal.connect().await.unwrap();
    assert!(terminal.connect().await.is_err());
    drop(first);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(terminal.connect().await.is_ok());
}

#[tokio::test]
async fn a_full_queue_is_answered_busy_and_the_same_message_is_taken_later() {
    let mut cards: Vec<Card> = (0..4)
        .map(|index| Card::new(&format!("541333008902005{index}"), support::card::Version::Mastercard20))
        .collect();
    let scene = Scene::start_with(&cards, |config: &mut HostConfig| {
        config.limits.queue_messages_max = 1;
        config.limits.batch_messages_max = 1;
    });
    let mut asked = Vec::new();
    for card in &mut cards {
        let mut terminal = scene.terminal().await;
        let message = terminal.purchase(card, 100, Pin::None);
        let line = terminal.connect().await.unwrap();
        asked.push((terminal, line, message));
    }
    // Somebody else writes to the books: the host's writer waits.
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(scene.database());
    let mut blocker = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut blocker).await.unwrap();
    let mut busy = 0;
    for (_, line, message) in &mut asked {
        send(line, message).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let unlock = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        sqlx::query("ROLLBACK").execute(&mut blocker).await.unwrap();
    };
    let answers = async {
        for (terminal, line, message) in &mut asked {
            let bytes = receive(line).await.unwrap();
            match terminal.read_answer(&bytes).answer {
                HostAnswer::Approved { .. } => {}
                HostAnswer::Refused(HostRefusal::Busy) => {
                    busy += 1;
                    // Others may still be in the queue.
                    tokio::time::sleep(Duration::from_millis(700)).await;
                    let answer = terminal.ask(line, message).await;
                    assert!(matches!(answer, HostAnswer::Approved { .. }), "{answer:?}");
                }
                other => panic!("{other:?}"),
            }
        }
    };
    tokio::join!(unlock, answers);
    assert!(busy > 0, "nobody was told that the bank is busy");
    for card in &cards {
        assert_eq!(scene.balance(card), 100_000 - 100);
    }
}

#[tokio::test]
async fn a_stop_finishes_what_the_host_holds() {
    let mut card = Card::mastercard();
    let mut scene = Scene::start(std::slice::from_ref(&card));
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(scene.database());
    let mut blocker = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut blocker).await.unwrap();
    let message = terminal.purchase(&mut card, 100, Pin::None);
    send(&mut line, &message).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let host = scene.host.take().unwrap();
    let stopping = tokio::task::spawn_blocking(move || host.stop());
    tokio::time::sleep(Duration::from_millis(200)).await;
    sqlx::query("ROLLBACK").execute(&mut blocker).await.unwrap();
    drop(blocker);
    let answer = receive(&mut line).await.unwrap();
    assert!(matches!(terminal.read_answer(&answer).answer, HostAnswer::Approved { .. }));
    stopping.await.unwrap();
    assert_eq!(scene.balance(&card), 100_000 - 100);
    // The address is free again.
    let config = HostConfig { listen: terminal.address, ..scene.config.clone() };
    let again = Host::start(config).unwrap();
    assert_eq!(again.address, terminal.address);
}

#[test]
fn an_address_in_use_is_named() {
    let scene = Scene::start(&[]);
    let data = scene.config.data.join("other");
    let config = HostConfig { listen: scene.address(), data, ..scene.config.clone() };
    let error = Host::start(config).unwrap_err();
    assert!(error.to_string().contains(&scene.address().to_string()), "{error}");
}
