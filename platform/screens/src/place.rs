//! A place: one screen of the app, with what it waits for. Places lie on one another; the top one is seen.

use crate::{desk::Desk, page::Page, words::Phrase};
use mpos_protocol::{
    Amount, Moment, Secret, Text,
    admin::AdminAnswer,
    card::TransactionKind,
    link::EnrolmentFault,
    pad::PadPoint,
    pin::messages::{PinPadChanged, ShowPinPad},
    screen::{Act, ElementId, TYPED_BYTES_MAX},
    shell::{Refusal, SaleProgress},
};

use crate::line::{Line, Typed};

/// What a place can do.
pub(crate) trait Place: Send {
    /// What is to be seen.
    fn draw(&self, page: &mut Page<'_>);

    /// The merchant did something here.
    fn act(&mut self, act: Deed<'_>, turn: &mut Turn<'_>) -> Go;

    /// The terminal told something that concerns this place.
    fn told(&mut self, _told: Told, _turn: &mut Turn<'_>) -> Go {
        Go::Stay
    }

    /// The question to the bank whose answer belongs here.
    fn waits_for(&self) -> Option<u32> {
        None
    }

    /// Its lines.
    fn lines(&mut self) -> Vec<&mut Line> {
        Vec::new()
    }

    /// Wipes codes that were typed, and has a PIN wiped: another one may hold the device now.
    fn forget_codes(&mut self, _desk: &mut Desk) {
        self.lines().into_iter().for_each(Line::forget_code);
    }

    /// The amount of the sale that the till has in progress for it; none where it has none.
    fn sale_amount(&self) -> Option<Amount> {
        None
    }
}

/// What the merchant did, borrowed from the event.
pub(crate) enum Deed<'a> {
    Press(&'a str),
    Key(u8),
    /// The PIN pad of this number was touched there.
    Touch(u32, &'a Secret<PadPoint>),
    Choose(&'a str, &'a str),
    Open(&'a str),
    /// A line was typed into; its text is taken already.
    Typed,
    /// The way back, where the page has one.
    Back,
}

/// What the terminal told.
pub(crate) enum Told {
    /// The bank's answer to what this place asked, or why there is none.
    Answer(Result<AdminAnswer, Phrase>),
    /// What this place began was not begun, or was lost.
    Refused(Refusal),
    /// What was done in the place before did not end well.
    Failed(Phrase),
    /// What was done in the place before ended well.
    Done(Phrase),
    /// The bank did not accept its activation code, or was not asked.
    NotActivated(EnrolmentFault),
    Progress(SaleProgress),
    /// Show this PIN pad, or take it away.
    PinPad(Option<Box<ShowPinPad>>),
    /// What was typed on it has changed.
    PinPadChanged(PinPadChanged),
}

/// Where to go next.
pub(crate) enum Go {
    Stay,
    /// To a place from which one comes back.
    On(Box<dyn Place>),
    /// To a place instead of this one.
    Over(Box<dyn Place>),
    Back,
    /// Back, and the place there is told.
    BackTelling(Told),
    /// To the main menu, with something to be said there.
    Home(Option<Phrase>),
}

/// One call of the machine.
pub(crate) struct Turn<'a> {
    pub(crate) now: Moment,
    pub(crate) desk: &'a mut Desk,
}

/// A sale that the till is to begin, or has in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SaleOf {
    pub(crate) kind: TransactionKind,
    pub(crate) amount: Amount,
}

/// Lets `place` take what was typed into one of its lines. False when it has no such line.
pub(crate) fn take_typed(
    place: &mut dyn Place,
    input: &ElementId,
    text: &Secret<Text<TYPED_BYTES_MAX>>,
    edit: u32,
) -> bool {
    let line = place.lines().into_iter().find(|line| line.id == &**input);
    line.map(|line| line.take(&Typed { text, edit })).is_some()
}

/// The deed that an act is to a place; none for those that the machine sees to.
pub(crate) fn deed(act: &Act) -> Option<Deed<'_>> {
    match act {
        Act::ShellReady | Act::Exposure(_) | Act::Network { .. } => None,
        Act::Press(button) => Some(Deed::Press(button)),
        Act::Type { .. } => Some(Deed::Typed),
        Act::Key(position) => Some(Deed::Key(*position)),
        Act::Touch { pad, at } => Some(Deed::Touch(*pad, at)),
        Act::Choose { choice, option } => Some(Deed::Choose(choice, option)),
        Act::Open(row) => Some(Deed::Open(row)),
        Act::Back => Some(Deed::Back),
    }
}
