//! What a shell draws, and what it says back. One model for the browser page and for Java: a shell knows how to
//! draw eleven kinds of node and decides nothing.
//!
//! A [`Screen`] is whole: a shell that has just started, or was reloaded, needs no other. Its `number` is the place
//! where the merchant is; an event names it, and one from a place that was left does nothing, so that a double press
//! is one press. A place that is only drawn anew (a second less, a digit more, an error) keeps its number, and the
//! shell keeps focus and scrolling.
//!
//! On the wire: [`PROTOCOL_VERSION`], then postcard.

use crate::{
    List, PROTOCOL_VERSION, Secret, Text,
    admin::Language,
    card::CardScheme,
    pad::{Exposure, Glyph, PAD_KEYS, PadArea, PadPoint},
};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

/// The longest frame of a screen, version byte included. A full page of the history takes about a tenth of it.
pub const SCREEN_BYTES_MAX: usize = 32 * 1024;
/// The longest frame of an event, version byte included.
pub const EVENT_BYTES_MAX: usize = 256;
/// Most nodes of a screen.
pub const NODES_MAX: usize = 32;
/// Most rows of a list: one page of the history.
pub const ROWS_MAX: usize = 16;
/// The longest text typed into one field, bytes.
pub const TYPED_BYTES_MAX: usize = 64;

/// Names a node, a button, an option or a row within its screen.
pub type ElementId = Text<32>;
/// A title, a label, a button's word.
pub type Label = Text<128>;
/// A sentence or a few.
pub type Words = Text<512>;

/// All that is to be seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screen {
    /// The place: counts up with each. Events name it.
    pub number: u32,
    /// Counts up with each drawing, of this place or another: the higher one is the newer one.
    pub drawing: u32,
    /// What the place is called, such as `payment.tap`: for style and tests, never shown.
    pub name: Text<32>,
    /// The language of all texts.
    pub language: Language,
    /// Its heading.
    pub title: Label,
    /// What [`Act::Back`] is called here; none where there is no way back.
    pub back: Option<Label>,
    /// From top to bottom.
    pub nodes: List<Node, NODES_MAX>,
    /// A code or PIN is typed here: the shell lets nobody capture or record it.
    pub keeps_secret: bool,
    /// To be played once.
    pub tone: Option<Tone>,
}

/// Something to be heard (EMV Contactless Book A, audio indications).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tone {
    /// Counts up with each: a shell plays one that it has not played, and the first it ever sees not at all.
    pub number: u32,
    /// What.
    pub sound: Sound,
}

/// What is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sound {
    /// The card is read, or the sale is approved: 1500 Hz for 500 ms.
    Success,
    /// Something needs attention: 750 Hz for 200 ms, silence for 200 ms, 750 Hz for 200 ms.
    Alert,
}

/// Part of a screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Node {
    /// Words.
    Text {
        /// How they look, and how urgently a screen reader says them.
        style: TextStyle,
        /// The words.
        text: Words,
    },
    /// Labels with values: a receipt, totals.
    Fields(List<Field, 16>),
    /// A line to type into.
    Input(Input),
    /// One of a few.
    Choice {
        /// Named by [`Act::Choose`].
        id: ElementId,
        /// What is chosen.
        label: Label,
        /// Among these.
        options: List<ChoiceOption, 8>,
        /// The one chosen, from 0.
        selected: u8,
    },
    /// Buttons that belong together.
    Buttons(List<Button, 8>),
    /// A list whose rows can be opened.
    Rows(List<Row, ROWS_MAX>),
    /// Keys for the digits of an amount.
    Keypad(Keypad),
    /// Time that runs out. Each second is a drawing of its own: the shell counts nothing.
    Countdown {
        /// Until it ends.
        seconds_left: u8,
        /// From the beginning.
        seconds_total: u8,
        /// `27 seconds left`.
        text: Label,
    },
    /// The four lights of EMV Contactless Book A, from the left.
    Lights {
        /// How many are lit, 0 to 4.
        lit: u8,
    },
    /// The marks of what is accepted.
    Marks(List<Mark, 8>),
    /// The pad for a PIN.
    PinPad(PinPad),
}

/// How words look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextStyle {
    /// As all others.
    Body,
    /// Smaller, for what helps.
    Hint,
    /// Above a group: `ProCredit Bank`, `Step 2 of 3`.
    Heading,
    /// What the screen is about, large: `EUR 1.23`.
    Amount,
    /// What is to be done now, large: `Tap your card`. A screen reader says it as it changes.
    Prompt,
    /// It went well. A screen reader says it at once.
    Success,
    /// It did not go well. A screen reader says it at once.
    Failure,
    /// Not settled, or wants care. A screen reader says it at once.
    Warning,
}

/// A label and its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// `Reference number`.
    pub label: Label,
    /// `4864FC149502`.
    pub value: Label,
}

/// A line to type into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Named by [`Act::Type`].
    pub id: ElementId,
    /// What is asked for.
    pub label: Label,
    /// Which keyboard, and whether it is masked.
    pub kind: InputKind,
    /// What is in it; of a code always empty. A shell keeps a code that was typed as long as the screen has the same
    /// number and `filled` is not 0: then it was wiped, and is wiped in the shell too.
    pub value: Text<TYPED_BYTES_MAX>,
    /// How many characters are in it, of a code too.
    pub filled: u8,
    /// The newest [`Act::Type`] that this is the answer to. A shell that has typed on keeps its own text.
    pub edit: u32,
    /// An example, shown while it is empty.
    pub hint: Label,
    /// Why it was not taken. What was typed is still there.
    pub error: Option<Words>,
}

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InputKind {
    /// A code of letters and digits, in capitals; no suggestions. Not masked: it is read off an e-mail.
    ActivationCode,
    /// A code of 4 to 8 digits. Masked; no password store is offered it.
    SupervisorCode,
    /// A telephone number.
    Phone,
    /// A reference, or a card's last four digits.
    Search,
    /// `2022/09/02 00:00:00`.
    DateTime,
    /// `12.30`.
    Amount,
}

/// One of a few.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceOption {
    /// Named by [`Act::Choose`].
    pub id: ElementId,
    /// Its word.
    pub label: Label,
}

/// Something to press.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// Named by [`Act::Press`]. The one called `cancel` is what Escape presses where there is no key for it.
    pub id: ElementId,
    /// Its word.
    pub label: Label,
    /// How it looks. Enter presses the first one that is primary and enabled.
    pub style: ButtonStyle,
    /// Whether it can be pressed.
    pub enabled: bool,
}

/// How a button looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ButtonStyle {
    /// What most will press.
    Primary,
    /// Another way.
    Plain,
    /// Ends or takes back something.
    Danger,
}

/// A row of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Named by [`Act::Open`].
    pub id: ElementId,
    /// First line.
    pub title: Label,
    /// Second line.
    pub detail: Label,
    /// At the right: `-3.63`.
    pub amount: Text<32>,
    /// A word that marks it: `Declined`.
    pub badge: Option<Badge>,
}

/// A word that marks a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Badge {
    /// The word.
    pub text: Label,
    /// Its colour: `Success`, `Failure`, `Warning` or `Body`.
    pub style: TextStyle,
}

/// Keys for the digits of an amount, in rows of three.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keypad {
    /// From the left, from the top. [`Act::Key`] names the position, from 0.
    pub keys: List<Key, 15>,
}

/// A pad for a PIN: a picture that is touched. No digit is in it; the shell draws strokes and says where they were
/// touched, with [`Act::Touch`]. A keyboard types no digit on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinPad {
    /// Which pad: a touch names it.
    pub pad: u32,
    /// How many digits were typed: the dots.
    pub filled: u8,
    /// Said for the dots: `4 digits typed`.
    pub spoken: Label,
    /// From the left, from the top.
    pub keys: List<PinKey, PAD_KEYS>,
}

/// A key of a PIN pad.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinKey {
    /// What a keyboard's key means the same; of a digit's key, none does.
    pub role: KeyRole,
    /// Where it is.
    pub area: PadArea,
    /// What is drawn on it.
    pub glyph: Secret<Glyph>,
    /// What stands on it where nothing is drawn: `OK`.
    pub label: Text<32>,
    /// What a screen reader says: where the key is, `Row 1, left`, never its digit.
    pub spoken: Label,
    /// Whether it can be pressed.
    pub enabled: bool,
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// What a keyboard's key means the same.
    pub role: KeyRole,
    /// What stands on it: `7`, `OK`.
    pub label: Text<32>,
    /// Whether it can be pressed.
    pub enabled: bool,
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyRole {
    /// The digit on its label; on a PIN pad, the one that is drawn on it.
    Digit,
    /// Takes the last digit away: Backspace.
    Erase,
    /// Takes all digits away: Delete.
    Clear,
    /// Gives up: Escape.
    Cancel,
    /// Goes on: Enter.
    Confirm,
}

/// A scheme's mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Whose.
    pub scheme: CardScheme,
    /// Read out in its place.
    pub name: Text<32>,
}

/// What was done on a screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScreenEvent {
    /// On which: [`Screen::number`].
    pub screen: u32,
    /// What.
    pub act: Act,
}

/// What can be done on a screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Act {
    /// The shell has started and wants to know what to draw. Not bound to a screen.
    ShellReady,
    /// A button.
    Press(ElementId),
    /// All that is in a line now, after each change.
    Type {
        /// Which line.
        input: ElementId,
        /// Its whole text.
        text: Secret<Text<TYPED_BYTES_MAX>>,
        /// One more than the `edit` before it.
        edit: u32,
    },
    /// A key of the keypad for an amount, by its position.
    Key(u8),
    /// One of a few.
    Choose {
        /// Of which choice.
        choice: ElementId,
        /// Which option.
        option: ElementId,
    },
    /// A row.
    Open(ElementId),
    /// The way back.
    Back,
    /// The PIN pad was touched.
    Touch {
        /// Which pad was seen: [`PinPad::pad`].
        pad: u32,
        /// Where; of a key that was pressed in another way, its middle.
        at: Secret<PadPoint>,
    },
    /// Something else may see this shell's screen from now on, or no more. Not bound to a screen: told when the shell
    /// starts, and at each change.
    Exposure(Exposure),
    /// The networks of the phone changed. Not bound to a screen: told when the shell starts, and at each change; a shell
    /// that cannot know tells nothing.
    Network {
        /// Whether there is one that leads to the internet.
        available: bool,
    },
}

/// Why bytes are no screen or event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScreenFrameError {
    /// There are none.
    #[error("the frame is empty")]
    Empty,
    /// Too many.
    #[error("the frame has {length} bytes, more than {limit}")]
    TooLong {
        /// How many.
        length: usize,
        /// How many there may be.
        limit: usize,
    },
    /// Of another version of this program: the page must be loaded anew.
    #[error("the frame is of version {0}, this program speaks {PROTOCOL_VERSION}")]
    Version(u8),
    /// Not what the version says, cut off, or with bytes left over.
    #[error("the frame does not decode")]
    Malformed,
}

impl Screen {
    /// For a shell.
    ///
    /// # Errors
    /// [`ScreenFrameError::TooLong`] above [`SCREEN_BYTES_MAX`].
    pub fn to_frame(&self) -> Result<Vec<u8>, ScreenFrameError> {
        write(self, SCREEN_BYTES_MAX)
    }

    /// From the machine behind a shell.
    ///
    /// # Errors
    /// [`ScreenFrameError`]; never panics on any bytes.
    pub fn from_frame(frame: &[u8]) -> Result<Self, ScreenFrameError> {
        read(frame, SCREEN_BYTES_MAX)
    }
}

impl ScreenEvent {
    /// For the machine behind a shell. Wiped when dropped: it may hold a code.
    ///
    /// # Errors
    /// [`ScreenFrameError::TooLong`] above [`EVENT_BYTES_MAX`].
    pub fn to_frame(&self) -> Result<Zeroizing<Vec<u8>>, ScreenFrameError> {
        write(self, EVENT_BYTES_MAX).map(Zeroizing::new)
    }

    /// From a shell. The caller wipes the frame: it may hold a code.
    ///
    /// # Errors
    /// [`ScreenFrameError`]; never panics on any bytes.
    pub fn from_frame(frame: &[u8]) -> Result<Self, ScreenFrameError> {
        read(frame, EVENT_BYTES_MAX)
    }
}

fn within(length: usize, limit: usize) -> Result<(), ScreenFrameError> {
    if length <= limit { Ok(()) } else { Err(ScreenFrameError::TooLong { length, limit }) }
}

fn write<T: Serialize>(value: &T, limit: usize) -> Result<Vec<u8>, ScreenFrameError> {
    // Room for the whole: growing would leave a part of a code behind in freed memory.
    let mut frame = Vec::with_capacity(limit);
    frame.push(PROTOCOL_VERSION);
    let frame = postcard::to_extend(value, frame).map_err(|_| ScreenFrameError::Malformed)?;
    within(frame.len(), limit)?;
    Ok(frame)
}

fn read<T: DeserializeOwned>(frame: &[u8], limit: usize) -> Result<T, ScreenFrameError> {
    within(frame.len(), limit)?;
    match frame.split_first() {
        None => Err(ScreenFrameError::Empty),
        Some((&PROTOCOL_VERSION, body)) => match postcard::take_from_bytes(body) {
            Ok((value, [])) => Ok(value),
            _ => Err(ScreenFrameError::Malformed),
        },
        Some((&version, _)) => Err(ScreenFrameError::Version(version)),
    }
}
