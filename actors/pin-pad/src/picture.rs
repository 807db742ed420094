//! Where the pad's keys are. Four rows of three, with gaps in which a touch does nothing; the places never change,
//! only which digit is drawn where.

use crate::{glyphs::glyph, typing::Typing};
use mpos_protocol::{
    List, Secret,
    pad::{PAD_KEYS, PAD_UNITS, PadArea, PadKey, PadKeys, PadPoint, PadRole},
};

const COLUMNS: u8 = 3;
/// From one key's left edge to the next one's, and a key's width; from one key's upper edge to the next one's, and
/// its height.
const COLUMN_STEP: u16 = 3_400;
const KEY_WIDTH: u16 = 3_200;
const ROW_STEP: u16 = 2_550;
const KEY_HEIGHT: u16 = 2_350;
const _: () = assert!(2 * COLUMN_STEP + KEY_WIDTH == PAD_UNITS && 3 * ROW_STEP + KEY_HEIGHT == PAD_UNITS);

/// Where the keys that are no digits are, in the order of the places.
const CLEAR_AT: u8 = 9;
const CONFIRM_AT: u8 = 11;

/// What was touched.
pub(crate) enum Touched {
    /// The digit's key of this number, from 0, in the order of the places.
    Digit(usize),
    Clear,
    Confirm,
}

/// The key at a point; none in the gaps and outside.
pub(crate) fn touched(point: PadPoint) -> Option<Touched> {
    let place = places().find(|place| area(*place).holds(point))?;
    Some(match place {
        CLEAR_AT => Touched::Clear,
        CONFIRM_AT => Touched::Confirm,
        digit => Touched::Digit(digit_key(digit)),
    })
}

/// All keys, with the digits as they lie now; without any when they lie nowhere.
pub(crate) fn keys(typing: &Typing) -> PadKeys {
    let key = |place: u8| {
        let (role, glyph) = match place {
            CLEAR_AT => (PadRole::Clear, None),
            CONFIRM_AT => (PadRole::Confirm, None),
            digit => (PadRole::Digit, typing.lies_at(digit_key(digit)).map(glyph)),
        };
        PadKey {
            role,
            row: place / COLUMNS + 1,
            column: place % COLUMNS + 1,
            area: area(place),
            glyph: Secret::new(glyph.unwrap_or_default()),
        }
    };
    List::try_from(places().map(key).collect::<Vec<_>>()).unwrap_or_default()
}

fn places() -> impl Iterator<Item = u8> {
    (0..).take(PAD_KEYS)
}

/// The number of a digit's key: Clear lies before the last one.
fn digit_key(place: u8) -> usize {
    usize::from(if place < CLEAR_AT { place } else { CLEAR_AT })
}

fn area(place: u8) -> PadArea {
    PadArea {
        left: u16::from(place % COLUMNS) * COLUMN_STEP,
        top: u16::from(place / COLUMNS) * ROW_STEP,
        width: KEY_WIDTH,
        height: KEY_HEIGHT,
    }
}
