//! The page's own reading and writing of frames, in the browser that runs it, and what the demo says to bytes and to
//! sites that it does not know.

use crate::{demo::Demo, user::User};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

/// `name = hex`, a line each: the bytes that protocol's own tests hold.
const GOLDEN: &str = include_str!("../../../protocol/tests/golden/screen.txt");

/// Reads each line with the page's modules: a screen or node as what it is, an event as the same bytes again.
const READ_GOLDEN: &str = r#"
const [lines, done] = arguments;
const bytes = (hex) => Uint8Array.from(hex.match(/../g), (byte) => parseInt(byte, 16));
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const EVENTS = {
  ShellReady: ["ready"], Press: ["press", "next"], Type: ["type", "code", "73917391", 300], Key: ["key", 11],
  Choose: ["choose", "range", "week"], Open: ["open", "4864FC149502"], Back: ["back"],
  Touch: ["touch", 300, 9371, 7193], Exposure: ["exposure", 1, 0], Network: ["network", 1],
};
(async () => {
  const { Reader } = await import("/postcard.js");
  const { decodeScreen, encodeEvent, readNode } = await import("/screen.js");
  const read = (name, golden) => {
    const [what, kind] = name.split(".");
    if (what === "ScreenEvent") return hex(encodeEvent(300, ...EVENTS[kind])) === golden;
    if (what !== "Node") return decodeScreen(bytes(golden));
    const reader = new Reader(bytes(golden));
    const node = readNode(reader);
    reader.end();
    return node;
  };
  const answers = {};
  for (const [name, golden] of lines) {
    answers[name] = read(name, golden);
    // A frame that is cut short is no frame.
    if (!name.startsWith("ScreenEvent")) {
      let refused = false;
      try { read(name, golden.slice(0, -2)); } catch { refused = true; }
      if (!refused) throw new Error(`${name} was read without its last byte`);
    }
  }
  return answers;
})().then(done, (error) => done(String(error)));
"#;

#[test]
fn the_page_reads_and_writes_the_bytes_that_were_reviewed() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    let lines: Vec<_> = GOLDEN.lines().filter_map(|line| line.split_once(" = ")).collect();
    let answers = user.browser.script(READ_GOLDEN, &json!([lines]));
    assert_eq!(answers.as_object().map(serde_json::Map::len), Some(lines.len()), "{answers}");
    for (name, _) in lines.iter().filter(|(name, _)| name.starts_with("ScreenEvent")) {
        assert_eq!(answers[name], true, "{name}");
    }
    let screen = &answers["Screen"];
    assert_eq!(
        (
            &screen["number"],
            &screen["drawing"],
            &screen["language"],
            &screen["back"],
            &screen["tone"]["sound"]
        ),
        (&json!(300), &json!(301), &json!("sq"), &json!("Kthehu"), &json!("alert"))
    );
    assert_eq!(answers["Screen/Plain"]["back"], Value::Null);
    for (name, node) in [
        ("Node.Text/Warning", json!({ "kind": "text", "style": "warning", "text": "Afroni kartelën" })),
        (
            "Node.Input/Amount",
            json!({ "kind": "input", "id": "to", "label": "To", "input": "amount", "value": "383 4", "filled": 5,
                "edit": 300, "hint": "383 4x xxx xxx", "error": "Too short." }),
        ),
        (
            "Node.Countdown",
            json!({ "kind": "countdown", "left": 27, "total": 30, "text": "27 seconds left" }),
        ),
        ("Node.Lights", json!({ "kind": "lights", "lit": 1 })),
        (
            "Node.PinPad",
            json!({ "kind": "pin-pad", "pad": 300, "filled": 4, "spoken": "4 digits typed", "keys": [
                { "role": "digit", "area": { "left": 3400, "top": 2550, "width": 3200, "height": 2350 },
                    "strokes": [[[0, 1], [2, 3]], [[4, 5]]], "label": "", "spoken": "Row 1, left", "enabled": true },
                { "role": "confirm", "area": { "left": 3400, "top": 2550, "width": 3200, "height": 2350 },
                    "strokes": [], "label": "OK", "spoken": "OK", "enabled": false }] }),
        ),
        (
            "Node.Marks",
            json!({ "kind": "marks", "marks": [
                { "scheme": "mastercard", "name": "Mastercard" }, { "scheme": "visa", "name": "VISA" }] }),
        ),
    ] {
        assert_eq!(answers[name], node, "{name}");
    }
}

/// Opens a socket from the page, sends one message, and tells how it was closed.
const SEND: &str = r#"
const [bytes, done] = arguments;
const socket = new WebSocket(`ws://${location.host}/phone/1`);
const message = typeof bytes === "string" ? bytes : Uint8Array.from(bytes);
socket.onopen = () => socket.send(message);
socket.onclose = ({ code, reason }) => done([code, reason]);
"#;

#[test]
fn what_is_no_event_closes_the_line_with_the_reason_and_the_phone_goes_on() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    user.sees("Main menu");
    for (message, code, reason) in [
        (json!([]), 1007, "the frame is empty"),
        (json!([1, 255, 255]), 1007, "the frame does not decode"),
        (json!([9, 0, 0]), 1008, "the frame is of version 9"),
        (json!(vec![1; 300]), 1009, "the frame has 300 bytes, more than 256"),
        (json!("{\"pay\":\"visa\"}"), 1007, "no wish"),
        (json!("x".repeat(300)), 1007, "no wish"),
    ] {
        let closed = user.browser.script(SEND, &json!([message]));
        assert_eq!(closed[0], code, "{message}: {closed}");
        assert!(closed[1].as_str().is_some_and(|said| said.contains(reason)), "{message}: {closed}");
    }
    user.pays("100", "mastercard", "Approved");
}

#[test]
fn an_unknown_card_is_told_at_the_table() {
    let demo = Demo::activated();
    let user = User::of(&demo);
    let tap = "const socket = new WebSocket(`ws://${location.host}/phone/1`); \
        socket.onopen = () => { socket.send('{\"tap\":\"<b>amex</b>\"}'); arguments[0](true); }";
    user.browser.script(tap, &json!([]));
    user.sees_on_page("there is no card \"<b>amex</b>\"");
}

fn ask(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the demo listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = [0; 4096];
    let length = stream.read(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

#[test]
fn other_names_and_other_sites_are_turned_away() {
    let demo = Demo::activated();
    let address = &demo.address;
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
    let get = |path: &str, headers: &str| ask(address, &format!("GET {path} HTTP/1.1\r\n{headers}\r\n"));
    let host = format!("Host: {address}\r\n");
    let own = format!("{host}Origin: http://{address}\r\n");

    let page = get("/", &host);
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    for header in [
        "content-security-policy: default-src 'none'; script-src 'self'",
        "frame-ancestors 'none'",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cache-control: no-store",
    ] {
        assert!(page.contains(header), "{header} is missing: {page}");
    }
    assert!(get("/phone/1", &format!("{own}{upgrade}")).starts_with("HTTP/1.1 101"));
    for headers in ["Host: evil.example\r\n".to_owned(), format!("{host}Origin: http://evil.example\r\n")] {
        assert!(get("/", &headers).starts_with("HTTP/1.1 403"), "{headers}");
        assert!(get("/phone/1", &format!("{headers}{upgrade}")).starts_with("HTTP/1.1 403"), "{headers}");
    }
    assert!(
        get("/phone/1", &format!("{host}{upgrade}")).starts_with("HTTP/1.1 403"),
        "a socket without origin"
    );
    assert!(get("/phone/2", &format!("{own}{upgrade}")).starts_with("HTTP/1.1 404"), "there is one phone");
    assert!(get("/phone/1/files/..%2Fkeys", &host).starts_with("HTTP/1.1 404"));
    let post = ask(address, &format!("POST / HTTP/1.1\r\n{own}Content-Length: 0\r\n\r\n"));
    assert!(post.starts_with("HTTP/1.1 405"), "{post}");
}
