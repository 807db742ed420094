//! Screens and events are pinned as all messages are: bytes of each node and act, as they were reviewed, in
//! `golden/screen.txt`. `MPOS_BLESS=1` writes it anew, and the difference is reviewed. The browser's page reads it too.

use mpos_protocol::{
    List, PROTOCOL_VERSION, Secret, Text,
    admin::Language,
    card::CardScheme,
    pad::{Exposure, Glyph, PadArea, PadPoint},
    screen::{
        Act, Badge, Button, ButtonStyle, ChoiceOption, EVENT_BYTES_MAX, Field, Input, InputKind, Key,
        KeyRole, Keypad, Mark, Node, PinKey, PinPad, Row, SCREEN_BYTES_MAX, Screen, ScreenEvent,
        ScreenFrameError, Sound, TextStyle, Tone,
    },
};
use proptest::prelude::*;
use std::{fs, path::Path};

/// A code: what a secret holds here.
const SECRET_MARK: &str = "73917391";

fn text<const MAX: usize>(words: &str) -> Text<MAX> {
    Text::new(words).expect("fits")
}

fn list<T, const MAX: usize>(items: Vec<T>) -> List<T, MAX> {
    let Ok(list) = List::try_from(items) else { panic!("fits") };
    list
}

fn nodes() -> Vec<(String, Node)> {
    let mut nodes = Vec::new();
    for style in [
        TextStyle::Body,
        TextStyle::Hint,
        TextStyle::Heading,
        TextStyle::Amount,
        TextStyle::Prompt,
        TextStyle::Success,
        TextStyle::Failure,
        TextStyle::Warning,
    ] {
        nodes.push((format!("Text/{style:?}"), Node::Text { style, text: text("Afroni kartelën") }));
    }
    for kind in [
        InputKind::ActivationCode,
        InputKind::SupervisorCode,
        InputKind::Phone,
        InputKind::Search,
        InputKind::DateTime,
        InputKind::Amount,
    ] {
        let input = Input {
            id: text("to"),
            label: text("To"),
            kind,
            value: text("383 4"),
            filled: 5,
            edit: 300,
            hint: text("383 4x xxx xxx"),
            error: Some(text("Too short.")),
        };
        nodes.push((format!("Input/{kind:?}"), Node::Input(input)));
    }
    nodes.push(("Keypad".to_owned(), Node::Keypad(Keypad { keys: list(keys()) })));
    nodes.extend(single_nodes().map(|(name, node)| (name.to_owned(), node)));
    nodes.push(("PinPad".to_owned(), pin_pad()));
    nodes
}

fn pin_pad() -> Node {
    let key = |role, glyph: &[u8], label, spoken| PinKey {
        role,
        area: PadArea { left: 3400, top: 2550, width: 3200, height: 2350 },
        glyph: Secret::new(Glyph::new(glyph).expect("fits")),
        label: text(label),
        spoken: text(spoken),
        enabled: role == KeyRole::Digit,
    };
    let keys = vec![
        key(KeyRole::Digit, &[2, 0, 1, 2, 3, 1, 4, 5], "", "Row 1, left"),
        key(KeyRole::Confirm, &[], "OK", "OK"),
    ];
    Node::PinPad(PinPad { pad: 300, filled: 4, spoken: text("4 digits typed"), keys: list(keys) })
}

fn keys() -> Vec<Key> {
    let digit = |label, enabled| Key { role: KeyRole::Digit, label: text(label), enabled };
    let special = |role, label| Key { role, label: text(label), enabled: true };
    vec![
        digit("1", true),
        digit("2", false),
        special(KeyRole::Erase, "Erase"),
        special(KeyRole::Clear, "Clear"),
        special(KeyRole::Cancel, "Cancel"),
        special(KeyRole::Confirm, "OK"),
    ]
}

fn single_nodes() -> [(&'static str, Node); 7] {
    let options = ["today", "week"].map(|id| ChoiceOption { id: text(id), label: text(id) });
    let button = |id, style, enabled| Button { id: text(id), label: text("Next"), style, enabled };
    let row = |badge| Row {
        id: text("4864FC149502"),
        title: text("Purchase"),
        detail: text("2022-10-24 16:30:40"),
        amount: text("1.23"),
        badge,
    };
    let mark = |scheme: CardScheme| Mark { scheme, name: text(scheme.name()) };
    [
        ("Fields", Node::Fields(list(vec![Field { label: text("Auth Code"), value: text("252095") }]))),
        (
            "Choice",
            Node::Choice {
                id: text("range"),
                label: text("Date Range"),
                options: list(options.to_vec()),
                selected: 1,
            },
        ),
        (
            "Buttons",
            Node::Buttons(list(vec![
                button("next", ButtonStyle::Primary, true),
                button("other", ButtonStyle::Plain, false),
                button("stop", ButtonStyle::Danger, true),
            ])),
        ),
        (
            "Rows",
            Node::Rows(list(vec![
                row(None),
                row(Some(Badge { text: text("Declined"), style: TextStyle::Failure })),
            ])),
        ),
        ("Countdown", Node::Countdown { seconds_left: 27, seconds_total: 30, text: text("27 seconds left") }),
        ("Lights", Node::Lights { lit: 1 }),
        ("Marks", Node::Marks(list(vec![mark(CardScheme::Mastercard), mark(CardScheme::Visa)]))),
    ]
}

fn screen(nodes: Vec<Node>) -> Screen {
    Screen {
        number: 300,
        drawing: 301,
        name: text("payment.tap"),
        language: Language::Albanian,
        title: text("Pagesë e re"),
        back: Some(text("Kthehu")),
        nodes: list(nodes),
        keeps_secret: true,
        tone: Some(Tone { number: 5, sound: Sound::Alert }),
    }
}

fn plain_screen() -> Screen {
    let tone = Some(Tone { number: 5, sound: Sound::Success });
    Screen { back: None, keeps_secret: false, language: Language::Serbian, tone, ..screen(Vec::new()) }
}

fn events() -> Vec<(&'static str, ScreenEvent)> {
    let code = Secret::new(text(SECRET_MARK));
    [
        ("ShellReady", Act::ShellReady),
        ("Press", Act::Press(text("next"))),
        ("Type", Act::Type { input: text("code"), text: code, edit: 300 }),
        ("Key", Act::Key(11)),
        ("Choose", Act::Choose { choice: text("range"), option: text("week") }),
        ("Open", Act::Open(text("4864FC149502"))),
        ("Back", Act::Back),
        ("Touch", Act::Touch { pad: 300, at: Secret::new(PadPoint { x: 9371, y: 7193 }) }),
        ("Exposure", Act::Exposure(Exposure { covered: true, captured: false })),
        ("Network", Act::Network { available: true }),
    ]
    .map(|(name, act)| (name, ScreenEvent { screen: 300, act }))
    .into()
}

#[test]
fn every_screen_and_event_has_the_bytes_that_were_reviewed() {
    let mut lines = Vec::new();
    for (name, screen) in [("Screen", screen(Vec::new())), ("Screen/Plain", plain_screen())] {
        lines.push(format!("{name} = {}", hex::encode(screen.to_frame().unwrap())));
    }
    for (name, node) in nodes() {
        lines.push(format!("Node.{name} = {}", hex::encode(postcard::to_allocvec(&node).unwrap())));
    }
    for (name, event) in events() {
        lines.push(format!("ScreenEvent.{name} = {}", hex::encode(event.to_frame().unwrap().as_slice())));
    }
    compare("screen.txt", &lines);
}

#[test]
fn a_frame_reads_as_it_was_written() {
    let all = screen(nodes().into_iter().map(|(_, node)| node).collect());
    for screen in [all, plain_screen()] {
        assert_eq!(Screen::from_frame(&screen.to_frame().unwrap()), Ok(screen));
    }
    for (_, event) in events() {
        assert_eq!(ScreenEvent::from_frame(&event.to_frame().unwrap()), Ok(event));
    }
}

#[test]
fn each_kind_of_bad_frame_is_told_apart() {
    let frame = events().remove(1).1.to_frame().unwrap().to_vec();
    assert_eq!(ScreenEvent::from_frame(&[]), Err(ScreenFrameError::Empty));
    assert_eq!(ScreenEvent::from_frame(&[PROTOCOL_VERSION]), Err(ScreenFrameError::Malformed));
    let other_version = [&[9], &frame[1..]].concat();
    assert_eq!(ScreenEvent::from_frame(&other_version), Err(ScreenFrameError::Version(9)));
    let left_over = [&frame[..], &[0]].concat();
    assert_eq!(ScreenEvent::from_frame(&left_over), Err(ScreenFrameError::Malformed));
    let too_long = vec![PROTOCOL_VERSION; EVENT_BYTES_MAX + 1];
    let fault = ScreenFrameError::TooLong { length: EVENT_BYTES_MAX + 1, limit: EVENT_BYTES_MAX };
    assert_eq!(ScreenEvent::from_frame(&too_long), Err(fault));
    let too_long = vec![PROTOCOL_VERSION; SCREEN_BYTES_MAX + 1];
    let fault = ScreenFrameError::TooLong { length: SCREEN_BYTES_MAX + 1, limit: SCREEN_BYTES_MAX };
    assert_eq!(Screen::from_frame(&too_long), Err(fault));
}

#[test]
fn a_screen_with_more_than_a_shell_takes_does_not_encode() {
    let words = Node::Text { style: TextStyle::Body, text: text(&"ë".repeat(256)) };
    let row = Row {
        id: text("1"),
        title: text(&"t".repeat(128)),
        detail: text(&"d".repeat(128)),
        amount: text("1"),
        badge: None,
    };
    let full = screen(vec![words; 32]);
    assert!(full.to_frame().unwrap().len() > 32 * 512, "sentences alone fit");
    let rows = screen(vec![Node::Rows(list(vec![row; 16])); 32]);
    assert!(matches!(rows.to_frame(), Err(ScreenFrameError::TooLong { limit: SCREEN_BYTES_MAX, .. })));
}

#[test]
fn what_was_typed_is_seen_by_nobody() {
    for (_, event) in events() {
        let (debug, json) = (format!("{event:?}"), serde_json::to_string(&event).unwrap());
        for seen in [debug, json] {
            for secret in [SECRET_MARK, "9371", "7193"] {
                assert!(!seen.contains(secret), "{seen}");
            }
        }
    }
    let pad = pin_pad();
    let (debug, json) = (format!("{pad:?}"), serde_json::to_string(&pad).unwrap());
    assert!(debug.contains("glyph: secret") && json.contains(r#""glyph":"secret""#), "{debug} {json}");
}

proptest! {
    #[test]
    fn no_bytes_make_a_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let framed = [&[PROTOCOL_VERSION], &bytes[..]].concat();
        for frame in [&bytes, &framed] {
            if let Ok(screen) = Screen::from_frame(frame) {
                prop_assert!(screen.to_frame().is_ok());
            }
            if let Ok(event) = ScreenEvent::from_frame(frame) {
                prop_assert!(event.to_frame().is_ok());
            }
        }
    }

    #[test]
    fn no_changed_byte_makes_a_decoder_panic(position in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut frame = screen(nodes().into_iter().map(|(_, node)| node).collect()).to_frame().unwrap();
        let position = position.index(frame.len());
        frame[position] = byte;
        let _ = Screen::from_frame(&frame);
    }
}

/// Holds `lines` against a golden file, or writes the file anew when asked to.
fn compare(file: &str, lines: &[String]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file);
    if std::env::var_os("MPOS_BLESS").is_some() {
        fs::write(&path, lines.join("\n") + "\n").expect("the golden file is writable");
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    for (position, (made, reviewed)) in lines.iter().zip(golden.lines()).enumerate() {
        assert_eq!(reviewed, made, "the wire changed: tests/golden/{file} line {}", position + 1);
    }
    assert_eq!(golden.lines().count(), lines.len(), "tests/golden/{file} lacks messages or holds old ones");
}
