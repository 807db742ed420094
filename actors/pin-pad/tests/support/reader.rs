//! Reads a pad as eyes do: what each key's strokes look like, on a grid coarse enough to be drawn in a text file, and
//! which digit that is. The file, `tests/golden/glyphs.txt`, is looked at by people.

use mpos_protocol::pad::{GLYPH_HEIGHT, GLYPH_WIDTH, Glyph, PadKey, PadPoint, PadRole};

/// What each digit looks like: its own line, then the drawing's.
pub(crate) const SEEN: &str = include_str!("../golden/glyphs.txt");

/// One cell of the grid is so many units wide and high.
const CELL: usize = 10;

/// The strokes as text: `#` where ink is.
pub(crate) fn drawn(glyph: &Glyph) -> String {
    let (columns, rows) = (usize::from(GLYPH_WIDTH) / CELL + 1, usize::from(GLYPH_HEIGHT) / CELL + 1);
    let mut cells = vec![vec!['.'; columns]; rows];
    for line in glyph.lines() {
        for pair in line.windows(2) {
            let [from, to] = [pair[0], pair[1]].map(|point| point.map(f64::from));
            for step in 0..=100 {
                let part = f64::from(step) / 100.0;
                let [x, y] = [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * part);
                cells[(y.round() as usize) / CELL][(x.round() as usize) / CELL] = '#';
            }
        }
    }
    cells.into_iter().map(|row| row.into_iter().collect::<String>()).collect::<Vec<_>>().join("\n")
}

/// The digit that a key shows; none where nothing that looks like one is drawn.
pub(crate) fn read(key: &PadKey) -> Option<char> {
    let drawn = drawn(key.glyph.expose());
    let digits = SEEN.split("\n\n").filter_map(|part| part.trim_end().split_once('\n'));
    digits.filter(|(_, picture)| *picture == drawn).find_map(|(digit, _)| digit.chars().next())
}

/// Where the key of a digit is touched.
pub(crate) fn place_of(digit: char, keys: &[PadKey]) -> PadPoint {
    let key = keys.iter().find(|key| key.role == PadRole::Digit && read(key) == Some(digit));
    key.unwrap_or_else(|| panic!("no key shows {digit}")).area.centre()
}

/// Where a key that is no digit is touched.
pub(crate) fn place_for(role: PadRole, keys: &[PadKey]) -> PadPoint {
    keys.iter().find(|key| key.role == role).expect("the key is there").area.centre()
}
