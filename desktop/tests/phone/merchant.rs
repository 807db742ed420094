//! Somebody with the phone in hand: reads the screen, presses what is called something, types, and touches the PIN pad.

use crate::{
    loader::Calls,
    phone::{State, Surroundings},
    wire::Value,
};
use mpos_protocol::{
    Secret, Text,
    pad::PadPoint,
    screen::{Act, Button, ElementId, Input, KeyRole, Node, PinPad, Screen, ScreenEvent},
};
use std::{sync::Arc, time::Duration};

/// An emulated processor on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// The merchant, and the customer when it is theirs to touch.
pub(crate) struct Merchant {
    pub(crate) calls: Calls,
    pub(crate) around: Arc<Surroundings>,
}

impl Merchant {
    /// Waits until the screen has what is looked for.
    pub(crate) fn waits<T>(&self, what: &str, look: impl Fn(&Screen) -> Option<T>) -> T {
        self.waits_for(what, |state| state.screen.as_ref().and_then(&look))
    }

    pub(crate) fn waits_for<T>(&self, what: &str, look: impl Fn(&State) -> Option<T>) -> T {
        let mut found = None;
        let state = self.around.state.lock().expect("nobody panicked");
        let (state, waited) = self
            .around
            .changed
            .wait_timeout_while(state, PATIENCE, |state| {
                found = look(state);
                found.is_none()
            })
            .expect("nobody panicked");
        assert!(!waited.timed_out(), "{what} was never seen; the phone shows {:#?}", state.screen);
        found.expect("it was waited for")
    }

    /// Waits for these words.
    pub(crate) fn sees(&self, words: &str) {
        self.waits(words, |screen| reads(screen).contains(words).then_some(()));
    }

    /// The value beside a label.
    pub(crate) fn field(&self, label: &str) -> String {
        self.waits(label, |screen| {
            let fields = screen.nodes.iter().filter_map(|node| match node {
                Node::Fields(fields) => Some(fields),
                _ => None,
            });
            fields
                .flat_map(|fields| fields.iter())
                .find(|field| &*field.label == label)
                .map(|field| field.value.to_string())
        })
    }

    pub(crate) fn acts(&self, act: Act) {
        let screen = self
            .around
            .state
            .lock()
            .expect("nobody panicked")
            .screen
            .as_ref()
            .map_or(0, |screen| screen.number);
        self.acts_on(screen, act);
    }

    fn acts_on(&self, screen: u32, act: Act) {
        let frame = ScreenEvent { screen, act }.to_frame().expect("an event");
        self.calls.call("event", &[Value::Bytes(frame.to_vec())]).expect("it is taken");
    }

    /// Presses the button with this word.
    pub(crate) fn presses(&self, word: &str) {
        let (screen, id) = self.waits(word, |screen| {
            let button = buttons(screen).find(|button| &*button.label == word && button.enabled)?;
            Some((screen.number, button.id.clone()))
        });
        self.acts_on(screen, Act::Press(id));
    }

    /// Types into the line with this label.
    pub(crate) fn types(&self, label: &str, text: &str) {
        let (screen, input) = self.waits(label, |screen| {
            inputs(screen).find(|input| &*input.label == label).map(|input| (screen.number, input.clone()))
        });
        let text = Secret::new(Text::new(text).expect("it is short"));
        self.acts_on(screen, Act::Type { input: input.id, text, edit: input.edit + 1 });
    }

    /// Opens the row with this amount.
    pub(crate) fn opens(&self, amount: &str) {
        let (screen, id) = self.waits(amount, |screen| {
            let rows = screen.nodes.iter().filter_map(|node| match node {
                Node::Rows(rows) => Some(rows),
                _ => None,
            });
            let row = rows.flat_map(|rows| rows.iter()).find(|row| row.amount.contains(amount))?;
            Some((screen.number, row.id.clone()))
        });
        self.acts_on(screen, Act::Open(id));
    }

    /// From the menu to the reader that waits for a card.
    pub(crate) fn begins_payment(&self, cents: &str) {
        self.presses("New payment");
        for digit in cents.chars() {
            let (screen, key) = self.waits("the keys", |screen| {
                let keys = screen.nodes.iter().find_map(|node| match node {
                    Node::Keypad(keypad) => Some(&keypad.keys),
                    _ => None,
                })?;
                let place = keys.iter().position(|key| key.label.parse() == Ok(digit))?;
                Some((screen.number, u8::try_from(place).ok()?))
            });
            self.acts_on(screen, Act::Key(key));
        }
        self.presses("Next");
        self.sees("Tap your card");
    }

    /// Types a PIN: what each digit looks like is learned from the pad whose order is known.
    pub(crate) fn types_pin(&self, digits: &str) {
        self.presses_id("pad-fixed");
        let known = self.waits("the telephone's order", |screen| {
            screen.name.starts_with("payment.pin").then_some(())?;
            reads(screen).contains("as on a telephone").then(|| pad(screen).cloned())?
        });
        let shapes: Vec<_> = known.keys.iter().filter(|key| key.role == KeyRole::Digit).collect();
        self.presses_id("pad-shuffled");
        let shuffled = self.waits("the shuffled pad", |screen| {
            (!reads(screen).contains("as on a telephone")).then(|| pad(screen).cloned())?
        });
        for digit in digits.chars() {
            let place = "1234567890".find(digit).expect("a digit");
            let shape = &shapes[place].glyph;
            let key = shuffled.keys.iter().find(|key| key.glyph == *shape).expect("it is drawn");
            self.touches(&shuffled, key.area.left + key.area.width / 2, key.area.top + key.area.height / 2);
        }
        let confirm = shuffled.keys.iter().find(|key| key.role == KeyRole::Confirm).expect("OK");
        let filled = u8::try_from(digits.len()).expect("a PIN");
        self.waits("all dots", |screen| (pad(screen)?.filled == filled).then_some(()));
        let area = confirm.area;
        self.touches(&shuffled, area.left + area.width / 2, area.top + area.height / 2);
    }

    fn touches(&self, pad: &PinPad, x: u16, y: u16) {
        self.acts(Act::Touch { pad: pad.pad, at: Secret::new(PadPoint { x, y }) });
    }

    fn presses_id(&self, id: &str) {
        let screen =
            self.waits(id, |screen| buttons(screen).any(|button| &*button.id == id).then_some(screen.number));
        self.acts_on(screen, Act::Press(ElementId::new(id).expect("it is short")));
    }
}

fn buttons(screen: &Screen) -> impl Iterator<Item = &Button> {
    let groups = screen.nodes.iter().filter_map(|node| match node {
        Node::Buttons(buttons) => Some(buttons),
        _ => None,
    });
    groups.flat_map(|buttons| buttons.iter())
}

fn inputs(screen: &Screen) -> impl Iterator<Item = &Input> {
    screen.nodes.iter().filter_map(|node| match node {
        Node::Input(input) => Some(input),
        _ => None,
    })
}

fn pad(screen: &Screen) -> Option<&PinPad> {
    screen.nodes.iter().find_map(|node| match node {
        Node::PinPad(pad) => Some(pad),
        _ => None,
    })
}

/// All texts of a screen.
fn reads(screen: &Screen) -> String {
    let texts = screen.nodes.iter().map(|node| match node {
        Node::Text { text, .. } => text.to_string(),
        Node::Fields(fields) => fields
            .iter()
            .map(|field| format!("{} {}", field.label, field.value))
            .collect::<Vec<_>>()
            .join("\n"),
        Node::Input(input) => input.error.as_ref().map(ToString::to_string).unwrap_or_default(),
        _ => String::new(),
    });
    std::iter::once(screen.title.to_string()).chain(texts).collect::<Vec<_>>().join("\n")
}
