//! The PIN pad as a picture: where its keys are and the strokes that are drawn on them. No digit is in it.
//!
//! The pad's actor makes it, a shell draws it and says back where it was touched: which digit lies there is known to
//! the actor alone. Who sees the strokes can read them, as the customer does, so they are secrets: neither logs nor
//! the flight recorder hold them (with the points that were touched they would tell the PIN).

use crate::{Bytes, List, Secret, TooLong};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// A pad is so many units wide and high, whatever its size on a screen: points go from 0 to one less.
pub const PAD_UNITS: u16 = 10_000;
/// Keys of a pad: ten digits, Clear and OK, in rows of three.
pub const PAD_KEYS: usize = 12;
/// A glyph's box: so many units wide.
pub const GLYPH_WIDTH: u8 = 60;
/// And so many high.
pub const GLYPH_HEIGHT: u8 = 100;
/// The longest glyph, bytes.
pub const GLYPH_BYTES_MAX: usize = 64;

/// A point of a pad, in pad units from its upper left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Zeroize, Serialize, Deserialize)]
pub struct PadPoint {
    /// To the right.
    pub x: u16,
    /// Down.
    pub y: u16,
}

/// A rectangle of a pad, in pad units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PadArea {
    /// Its left edge.
    pub left: u16,
    /// Its upper edge.
    pub top: u16,
    /// Its width: the first unit outside is `left + width`.
    pub width: u16,
    /// Its height.
    pub height: u16,
}

impl PadArea {
    /// Whether the point is inside.
    pub fn holds(self, point: PadPoint) -> bool {
        let inside = |from: u16, length: u16, at: u16| at.checked_sub(from).is_some_and(|far| far < length);
        inside(self.left, self.width, point.x) && inside(self.top, self.height, point.y)
    }

    /// Its middle.
    pub fn centre(self) -> PadPoint {
        let middle = |from: u16, length: u16| from.saturating_add(length / 2);
        PadPoint { x: middle(self.left, self.width), y: middle(self.top, self.height) }
    }
}

/// What a key does, as far as everybody may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PadRole {
    /// Types a digit: which one, its glyph shows.
    Digit,
    /// Takes all digits away.
    Clear,
    /// Goes on.
    Confirm,
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PadKey {
    /// What it does.
    pub role: PadRole,
    /// Its row, from 1: said by a screen reader in the place of what stands on it.
    pub row: u8,
    /// Its place in the row, from 1.
    pub column: u8,
    /// Where it is.
    pub area: PadArea,
    /// What is drawn on a digit's key; nothing on the others (the shell has words for them), and nothing at all
    /// while the pad may be seen by another program.
    pub glyph: Secret<Glyph>,
}

/// All keys, from the left, from the top.
pub type PadKeys = List<PadKey, PAD_KEYS>;

/// Strokes: lines with corners, in a box of [`GLYPH_WIDTH`] by [`GLYPH_HEIGHT`] units.
///
/// On the wire each line is the number of its points and then each point's x and y, one byte each.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Glyph(Bytes<GLYPH_BYTES_MAX>);

impl Glyph {
    /// Strokes as they are on the wire.
    ///
    /// # Errors
    /// [`TooLong`] above [`GLYPH_BYTES_MAX`].
    pub fn new(strokes: &[u8]) -> Result<Self, TooLong> {
        Bytes::new(strokes).map(Self)
    }

    /// Whether nothing is drawn.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each line's points, as pairs of x and y. A line that is cut off has the points that are there.
    pub fn lines(&self) -> impl Iterator<Item = &[[u8; 2]]> {
        let mut rest = &*self.0;
        core::iter::from_fn(move || {
            let (count, after) = rest.split_first()?;
            let (line, after) = after.split_at(after.len().min(2 * usize::from(*count)));
            rest = after;
            Some(line.as_chunks::<2>().0)
        })
    }
}

/// What lets somebody else see the pad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposure {
    /// Another window lies over the pad, or the pad is not seen at all.
    pub covered: bool,
    /// The screen is recorded, or shown elsewhere.
    pub captured: bool,
}

impl Exposure {
    /// Whether there is anything.
    pub const fn is_any(self) -> bool {
        self.covered || self.captured
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_holds_its_edges_and_nothing_beyond() {
        let area = PadArea { left: 10, top: 20, width: 5, height: 2 };
        for (x, y, inside) in [
            (10, 20, true),
            (14, 21, true),
            (9, 20, false),
            (15, 20, false),
            (10, 19, false),
            (10, 22, false),
        ] {
            assert_eq!(area.holds(PadPoint { x, y }), inside, "{x} {y}");
        }
        assert!(area.holds(area.centre()));
    }

    #[test]
    fn a_glyph_is_read_line_by_line_and_a_cut_one_up_to_its_end() {
        let glyph = Glyph::new(&[2, 0, 1, 2, 3, 1, 4, 5]).unwrap();
        let lines: alloc::vec::Vec<_> = glyph.lines().collect();
        assert_eq!(lines, [&[[0, 1], [2, 3]][..], &[[4, 5]]]);
        let cut = Glyph::new(&[9, 0, 1, 2]).unwrap();
        assert_eq!(cut.lines().collect::<alloc::vec::Vec<_>>(), [&[[0, 1]]]);
    }
}
