//! A screen being drawn: nodes from top to bottom, with words of one language.

use crate::{
    desk::Desk,
    line::Line,
    words::{Phrase, Words, say},
};
use mpos_protocol::{
    Currency, List, Moment, Text,
    admin::Language,
    card::CardScheme,
    screen::{
        Badge, Button, ButtonStyle, ChoiceOption, Field, Input, Key, KeyRole, Keypad, Label, Mark, NODES_MAX,
        Node, PinPad, Row, TextStyle,
    },
    standing::Opinion,
    terminal::{Merchant, TerminalId},
};

/// Whose marks are shown where a card is tapped.
const SCHEMES: [CardScheme; 2] = [CardScheme::Mastercard, CardScheme::Visa];

/// Names the choice of a language.
pub(crate) const LANGUAGE_CHOICE: &str = "language";

/// What is drawn on.
pub(crate) struct Page<'a> {
    pub(crate) words: &'a Words,
    pub(crate) now: Moment,
    pub(crate) terminal: TerminalId,
    pub(crate) merchant: &'a Merchant,
    pub(crate) opinion: &'a Opinion,
    pub(crate) lacks_network: bool,
    pub(crate) name: &'static str,
    pub(crate) title: Label,
    pub(crate) back: bool,
    pub(crate) keeps_secret: bool,
    nodes: Vec<Node>,
}

/// A button to be drawn: its id, its word, its style, whether it can be pressed.
pub(crate) type ButtonOf = (&'static str, &'static str, ButtonStyle, bool);

impl<'a> Page<'a> {
    pub(crate) fn new(words: &'a Words, now: Moment, desk: &'a Desk) -> Self {
        let (terminal, merchant, opinion) = (desk.terminal, &desk.merchant, &desk.opinion);
        let (name, title) = ("", Label::default());
        Self {
            words,
            now,
            terminal,
            merchant,
            opinion,
            lacks_network: desk.lacks_network,
            name,
            title,
            back: false,
            keeps_secret: false,
            nodes: Vec::new(),
        }
    }

    /// What the page is called, for tests and for people.
    pub(crate) fn titled(&mut self, name: &'static str, title: &'static str) -> &mut Self {
        self.name = name;
        self.title = self.label(title);
        self
    }

    /// There is a way back.
    pub(crate) fn with_back(&mut self) -> &mut Self {
        self.back = true;
        self
    }

    pub(crate) fn say(&self, phrase: &Phrase) -> String {
        self.words.say(phrase, self.now)
    }

    pub(crate) fn label(&self, id: &'static str) -> Label {
        Text::clipped(&self.say(&say(id)))
    }

    /// The nodes. More than a screen holds are left out; no page comes near.
    pub(crate) fn into_nodes(mut self) -> List<Node, NODES_MAX> {
        self.nodes.truncate(NODES_MAX);
        List::try_from(self.nodes).unwrap_or_default()
    }

    fn put(&mut self, node: Node) -> &mut Self {
        self.nodes.push(node);
        self
    }

    /// Words that are the same in each language: a name, an amount.
    pub(crate) fn plain(&mut self, style: TextStyle, text: &str) -> &mut Self {
        self.put(Node::Text { style, text: Text::clipped(text) })
    }

    pub(crate) fn text(&mut self, style: TextStyle, phrase: &Phrase) -> &mut Self {
        let text = self.say(phrase);
        self.plain(style, &text)
    }

    /// A reason, and what to do about it.
    pub(crate) fn reason(&mut self, style: TextStyle, phrase: &Phrase) -> &mut Self {
        self.text(style, phrase);
        match self.words.next(phrase, self.now) {
            Some(next) => self.plain(TextStyle::Body, &next),
            None => self,
        }
    }

    /// A reason with what to do in one paragraph, if there is one.
    pub(crate) fn error(&mut self, phrase: Option<&Phrase>) -> &mut Self {
        match phrase.map(|phrase| self.whole(phrase)) {
            Some(text) => self.plain(TextStyle::Failure, &text),
            None => self,
        }
    }

    fn whole(&self, phrase: &Phrase) -> String {
        let said = self.say(phrase);
        self.words.next(phrase, self.now).map_or(said.clone(), |next| format!("{said} {next}"))
    }

    /// The bank's name, above all that has to do with money.
    pub(crate) fn bank(&mut self) -> &mut Self {
        self.text(TextStyle::Heading, &say("bank"))
    }

    /// Said while the bank is asked.
    pub(crate) fn asking(&mut self, is_asking: bool) -> &mut Self {
        if is_asking { self.text(TextStyle::Prompt, &say("asking-bank")) } else { self }
    }

    /// Labels with values; a label of no words is that of a value that says what it is.
    pub(crate) fn fields(&mut self, fields: Vec<(&'static str, String)>) -> &mut Self {
        let field = |(label, value): (&'static str, String)| Field {
            label: self.label(label),
            value: Text::clipped(&value),
        };
        let fields: Vec<Field> = fields.into_iter().map(field).collect();
        self.put(Node::Fields(List::try_from(fields).unwrap_or_default()))
    }

    pub(crate) fn line(&mut self, line: &Line) -> &mut Self {
        let value = if line.is_code() { "" } else { line.text() };
        let node = Node::Input(Input {
            id: Text::clipped(line.id),
            label: self.label(line.label),
            kind: line.kind,
            value: Text::clipped(value),
            filled: u8::try_from(line.text().chars().count()).unwrap_or(u8::MAX),
            edit: line.edit,
            hint: Text::clipped(line.hint),
            error: line.error.as_ref().map(|error| Text::clipped(&self.whole(error))),
        });
        self.keeps_secret |= line.is_code();
        self.put(node)
    }

    /// One of a few; each option with its id and word.
    pub(crate) fn choice(
        &mut self,
        id: &'static str,
        label: &'static str,
        options: &[(&'static str, &'static str)],
        selected: usize,
    ) -> &mut Self {
        let option = |(id, label): &(&'static str, &'static str)| ChoiceOption {
            id: Text::clipped(id),
            label: self.label(label),
        };
        let options: Vec<ChoiceOption> = options.iter().map(option).collect();
        let node = Node::Choice {
            id: Text::clipped(id),
            label: self.label(label),
            options: List::try_from(options).unwrap_or_default(),
            selected: u8::try_from(selected).unwrap_or_default(),
        };
        self.put(node)
    }

    pub(crate) fn buttons(&mut self, buttons: &[ButtonOf]) -> &mut Self {
        let button = |&(id, label, style, enabled): &ButtonOf| Button {
            id: Text::clipped(id),
            label: self.label(label),
            style,
            enabled,
        };
        let buttons: Vec<Button> = buttons.iter().map(button).collect();
        self.put(Node::Buttons(List::try_from(buttons).unwrap_or_default()))
    }

    pub(crate) fn button(&mut self, id: &'static str, label: &'static str, style: ButtonStyle) -> &mut Self {
        self.buttons(&[(id, label, style, true)])
    }

    /// Which language the words are in. The names of languages are each in their own.
    pub(crate) fn choose_language(&mut self) -> &mut Self {
        let options = Language::ALL.map(|language| ChoiceOption {
            id: Text::clipped(language.code()),
            label: Text::clipped(match language {
                Language::Albanian => "Shqip",
                Language::English => "English",
                Language::Serbian => "Srpski",
            }),
        });
        let selected = Language::ALL.iter().position(|language| *language == self.words.language());
        let node = Node::Choice {
            id: Text::clipped(LANGUAGE_CHOICE),
            label: self.label("language"),
            options: List::try_from(Vec::from(options)).unwrap_or_default(),
            selected: selected.and_then(|place| u8::try_from(place).ok()).unwrap_or_default(),
        };
        self.put(node)
    }

    pub(crate) fn rows(&mut self, rows: Vec<Row>) -> &mut Self {
        self.put(Node::Rows(List::try_from(rows).unwrap_or_default()))
    }

    pub(crate) fn badge(&self, label: &'static str, style: TextStyle) -> Badge {
        Badge { text: self.label(label), style }
    }

    /// Twelve keys: the digits, and to the left and to the right of 0 what takes them away, if there are any.
    pub(crate) fn keypad(&mut self, is_filled: bool) -> &mut Self {
        let digit = |digit: &str| Key { role: KeyRole::Digit, label: Text::clipped(digit), enabled: true };
        let mut keys: Vec<Key> = ["1", "2", "3", "4", "5", "6", "7", "8", "9"].map(digit).into();
        let special =
            |role, label| Key { role, label: Text::clipped(&self.label(label)), enabled: is_filled };
        keys.push(special(KeyRole::Clear, "key-clear"));
        keys.push(digit("0"));
        keys.push(special(KeyRole::Erase, "key-erase"));
        self.put(Node::Keypad(Keypad { keys: List::try_from(keys).unwrap_or_default() }))
    }

    pub(crate) fn pin_pad(&mut self, pad: PinPad) -> &mut Self {
        self.put(Node::PinPad(pad))
    }

    pub(crate) fn countdown(&mut self, seconds_left: u8, seconds_total: u8) -> &mut Self {
        let text = Text::clipped(&self.say(&say("seconds-left").number("seconds", seconds_left)));
        self.put(Node::Countdown { seconds_left, seconds_total, text })
    }

    pub(crate) fn lights(&mut self, lit: u8) -> &mut Self {
        self.put(Node::Lights { lit })
    }

    pub(crate) fn marks(&mut self) -> &mut Self {
        let marks = SCHEMES.map(|scheme| Mark { scheme, name: Text::clipped(scheme.name()) });
        self.put(Node::Marks(List::try_from(Vec::from(marks)).unwrap_or_default()))
    }
}

/// `EUR 1.23`, `EUR -0.50`.
pub(crate) fn money(currency: Currency, minor: i64) -> String {
    format!("{} {}", currency.code(), decimal(minor))
}

/// `1.23`, `-0.50`.
pub(crate) fn decimal(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    format!("{sign}{}.{:02}", minor / 100, minor % 100)
}

/// As a signed number, for sums.
pub(crate) fn signed(minor: u64) -> i64 {
    i64::try_from(minor).unwrap_or(i64::MAX)
}
