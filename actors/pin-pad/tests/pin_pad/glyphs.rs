//! The ten digits look as they did when people last looked at them. `MPOS_BLESS=1` draws the file anew.

use crate::{
    desk::Desk,
    reader::{SEEN, drawn},
};
use mpos_protocol::pad::{GLYPH_HEIGHT, GLYPH_WIDTH, PadRole};
use std::{fmt::Write, fs, path::Path};

#[test]
fn the_digits_look_as_they_did_and_each_like_itself_only() {
    let mut desk = Desk::asked();
    desk.arrange(true);
    let digits = desk.shown().keys.iter().filter(|key| key.role == PadRole::Digit);
    let mut pictures: Vec<_> =
        "1234567890".chars().zip(digits).map(|(digit, key)| (digit, drawn(key.glyph.expose()))).collect();
    pictures.sort();
    let mut text = String::new();
    for (digit, picture) in &pictures {
        writeln!(text, "{digit}\n{picture}\n").unwrap();
    }
    if std::env::var_os("MPOS_BLESS").is_some() {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/glyphs.txt"), &text).unwrap();
    } else {
        assert_eq!(text, SEEN);
    }
    for (digit, picture) in &pictures {
        assert!(pictures.iter().all(|(other, same)| other == digit || same != picture), "{digit}");
    }
}

#[test]
fn strokes_stay_in_their_box_and_every_line_has_two_points_at_least() {
    let desk = Desk::asked();
    for key in desk.shown().keys.iter().filter(|key| key.role == PadRole::Digit) {
        for line in key.glyph.expose().lines() {
            assert!(line.len() >= 2 && line.iter().all(|[x, y]| *x <= GLYPH_WIDTH && *y <= GLYPH_HEIGHT));
        }
    }
}
