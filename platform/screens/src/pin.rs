//! The PIN pad's screen: passes the picture to the shell and touches back. It knows no digit.

use crate::{
    ToTerminal,
    desk::Desk,
    page::Page,
    words::{Phrase, say},
};
use mpos_protocol::{
    List, Secret, Text,
    pad::{Exposure, PadKey, PadPoint, PadRole},
    pin::messages::{ArrangePinPad, PinPadChanged, PinPadTouched, ShowPinPad},
    screen::{ButtonStyle, KeyRole, PinKey, PinPad, TextStyle},
};

/// The buttons that change the order of digits, and their words.
const FIXED: &str = "pad-fixed";
const SHUFFLED: &str = "pad-shuffled";

/// A pad that is shown.
pub(crate) struct Pad {
    show: Box<ShowPinPad>,
    filled: u8,
    can_confirm: bool,
}

impl Pad {
    pub(crate) fn new(show: Box<ShowPinPad>) -> Self {
        Self { show, filled: 0, can_confirm: false }
    }

    /// More or fewer digits were typed; on an earlier pad it does not matter any more.
    pub(crate) fn changed(&mut self, changed: PinPadChanged) {
        if changed.pad == self.show.pad {
            (self.filled, self.can_confirm) = (changed.filled, changed.can_confirm);
        }
    }

    pub(crate) fn touch(pad: u32, at: &Secret<PadPoint>, desk: &mut Desk) {
        desk.send(ToTerminal::PinPadTouched(PinPadTouched { pad, at: at.clone() }));
    }

    /// A button beside the pad.
    pub(crate) fn press(&self, button: &str, desk: &mut Desk) {
        match button {
            FIXED => self.arrange(true, desk),
            SHUFFLED => self.arrange(false, desk),
            _ => {}
        }
    }

    /// Has what was typed wiped: another pad of the same order is shown.
    pub(crate) fn forget(&self, desk: &mut Desk) {
        self.arrange(self.show.fixed, desk);
    }

    fn arrange(&self, fixed: bool, desk: &mut Desk) {
        desk.send(ToTerminal::ArrangePinPad(ArrangePinPad { pad: self.show.pad, fixed }));
    }

    /// Why nothing is drawn on the keys.
    fn reason(&self) -> Option<Phrase> {
        match self.show.exposure {
            Exposure { covered: true, .. } => Some(say("pad-covered")),
            Exposure { captured: true, .. } => Some(say("pad-captured")),
            Exposure { covered: false, captured: false } => None,
        }
    }

    pub(crate) fn draw(&self, page: &mut Page<'_>, is_cancelled: bool) {
        match self.reason() {
            Some(reason) => page.text(TextStyle::Warning, &reason),
            None => {
                page.text(TextStyle::Hint, &say(if self.show.fixed { "pad-fixed-hint" } else { "pin-hint" }))
            }
        };
        page.keeps_secret = true;
        let keys: Vec<PinKey> = self.show.keys.iter().map(|key| self.key(key, page)).collect();
        let spoken = page.say(&say("pad-typed").number("digits", self.filled));
        page.pin_pad(PinPad {
            pad: self.show.pad,
            filled: self.filled,
            spoken: Text::clipped(&spoken),
            keys: List::try_from(keys).unwrap_or_default(),
        });
        let order = if self.show.fixed { SHUFFLED } else { FIXED };
        page.buttons(&[
            (order, order, ButtonStyle::Plain, !is_cancelled),
            ("cancel", "cancel", ButtonStyle::Danger, !is_cancelled),
        ]);
    }

    fn key(&self, key: &PadKey, page: &Page<'_>) -> PinKey {
        let is_seen = !self.show.exposure.is_any();
        let (role, label, enabled) = match key.role {
            PadRole::Digit => (KeyRole::Digit, None, true),
            PadRole::Clear => (KeyRole::Clear, Some("key-clear"), self.filled > 0),
            PadRole::Confirm => (KeyRole::Confirm, Some("key-ok"), self.can_confirm),
        };
        let place = match key.column {
            1 => say("pad-left"),
            2 => say("pad-middle"),
            _ => say("pad-right"),
        };
        let spoken = match label {
            Some(label) => say(label),
            None => say("pad-place").number("row", key.row).phrase("place", place),
        };
        PinKey {
            role,
            area: key.area,
            glyph: key.glyph.clone(),
            label: label.map(|label| Text::clipped(&page.label(label))).unwrap_or_default(),
            spoken: Text::clipped(&page.say(&spoken)),
            enabled: is_seen && enabled,
        }
    }
}
