//! The ten digits as strokes: a small font of straight lines, drawn for this pad. A shell needs no other font to show
//! them, and gets no text.
//!
//! Units and encoding are those of [`Glyph`]: a box of 60 by 100, each line the number of its points and their x and y.
//! `tests/golden/glyphs.txt` shows what they look like.

use mpos_protocol::pad::Glyph;

/// From 0 to 9.
const STROKES: [&[u8]; 10] = [
    &[13, 30, 0, 48, 8, 58, 28, 60, 50, 58, 72, 48, 92, 30, 100, 12, 92, 2, 72, 0, 50, 2, 28, 12, 8, 30, 0],
    &[3, 10, 22, 34, 0, 34, 100],
    &[9, 2, 22, 8, 8, 24, 0, 40, 1, 54, 10, 57, 26, 50, 44, 2, 100, 60, 100],
    &[
        13, 4, 10, 20, 0, 40, 2, 54, 14, 54, 32, 42, 45, 24, 48, 44, 52, 57, 66, 57, 82, 44, 96, 24, 100, 2,
        90,
    ],
    &[4, 44, 100, 44, 0, 0, 70, 60, 70],
    &[10, 54, 0, 10, 0, 5, 44, 24, 37, 44, 41, 58, 56, 58, 78, 46, 95, 26, 100, 2, 92],
    &[
        14, 52, 4, 36, 0, 18, 10, 5, 34, 1, 62, 6, 86, 22, 99, 40, 98, 55, 86, 59, 68, 52, 50, 36, 42, 18,
        46, 3, 60,
    ],
    &[3, 0, 0, 60, 0, 22, 100],
    &[
        17, 30, 46, 12, 38, 6, 22, 14, 6, 30, 0, 46, 6, 54, 22, 48, 38, 30, 46, 10, 56, 1, 74, 10, 92, 30,
        100, 50, 92, 59, 74, 50, 56, 30, 46,
    ],
    &[
        14, 8, 96, 24, 100, 42, 90, 55, 66, 59, 38, 54, 14, 38, 1, 20, 2, 5, 14, 1, 32, 8, 50, 24, 58, 42,
        54, 57, 40,
    ],
];

/// The strokes of an ASCII digit; none of anything else.
pub(crate) fn glyph(digit: u8) -> Glyph {
    let strokes = digit.checked_sub(b'0').and_then(|value| STROKES.get(usize::from(value)));
    strokes.and_then(|strokes| Glyph::new(strokes).ok()).unwrap_or_default()
}
