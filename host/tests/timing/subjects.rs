//! What must take as long for a wrong secret as for the right one, and a comparison that does not, to measure them by.

use crate::measure::{Class, Effort, Numbers, largest_t};
use mpos_crypto::{
    SecretKey,
    pin_block::{Format4Steps, decipher_format4, read_format4},
    seal::{open_once, seal_once},
};
use mpos_host::books::PinReference;
use subtle::ConstantTimeEq;

const SECRET: [u8; 32] = [0x5A; 32];
const PAN: &[u8] = b"4111111111111111";

/// A function to measure: its name, and its t at some effort.
pub(crate) type Subject = (&'static str, fn(usize) -> f64);

/// Comparisons and readings of secrets, as host and library do them.
pub(crate) const SUBJECTS: &[Subject] = &[
    ("comparison of PIN references", pin_references),
    ("comparison of keys", keys),
    ("comparison of codes' hashes and of cryptograms", hashes),
    ("reading a PIN block with the right PIN and with others", pins),
    ("reading a field that holds no PIN, wrong at its end or anywhere", no_pins),
    ("opening what was sealed, its tag wrong at its end or anywhere", tags),
];

/// A comparison that ends at the first byte that differs.
pub(crate) const LEAKS: Subject = ("a comparison that stops early (must be found)", stops_early);

fn stops_early(samples: usize) -> f64 {
    largest_t(Effort { samples, calls: 32 }, guess, |guess| {
        // Byte by byte, as a loop in a program would: a library's comparison of slices looks at 16 or more at a time.
        guess.iter().zip(&SECRET).all(|(guessed, secret)| guessed == secret)
    })
}

/// The secret itself, or any other bytes.
fn guess(class: Class, numbers: &mut Numbers) -> [u8; 32] {
    class.pick(SECRET, numbers.bytes())
}

fn pin_references(samples: usize) -> f64 {
    let kept = PinReference(SECRET);
    let effort = Effort { samples, calls: 32 };
    largest_t(effort, |class, numbers| PinReference(guess(class, numbers)), |guess| *guess == kept)
}

fn keys(samples: usize) -> f64 {
    let key = |bytes: &[u8]| SecretKey::from_slice(bytes).expect("32 bytes are a key");
    let kept = key(&SECRET);
    let effort = Effort { samples, calls: 32 };
    largest_t(effort, |class, numbers| key(&guess(class, numbers)), |guess| *guess == kept)
}

fn hashes(samples: usize) -> f64 {
    largest_t(Effort { samples, calls: 32 }, guess, |guess| guess.ct_eq(&SECRET).into())
}

fn pins(samples: usize) -> f64 {
    let key = SecretKey::from_slice(&SECRET[..16]).expect("16 bytes are a key");
    let block =
        |pin: &[u8], fill| Format4Steps::encipher(pin, PAN, &key, fill).expect("these are digits").enciphered;
    let make = |class: Class, numbers: &mut Numbers| {
        let length = 4 + numbers.next() as usize % 9;
        let pin: Vec<u8> = (0..length).map(|_| b'0' + (numbers.next() % 10) as u8).collect();
        let fill = numbers.bytes();
        class.pick(block(b"4821", fill), block(&pin, fill))
    };
    largest_t(Effort { samples, calls: 8 }, make, |block| decipher_format4(block, PAN, &key).is_ok())
}

fn no_pins(samples: usize) -> f64 {
    // PIN 4821, with a digit for the last fill; or anything, of which one in 17 million is a PIN.
    const WRONG_AT_ITS_END: [u8; 16] =
        [0x44, 0x48, 0x21, 0xAA, 0xAA, 0xAA, 0xAA, 0xA0, 1, 2, 3, 4, 5, 6, 7, 8];
    let make = |class: Class, numbers: &mut Numbers| class.pick(WRONG_AT_ITS_END, numbers.bytes());
    largest_t(Effort { samples, calls: 16 }, make, |field| read_format4(field).is_ok())
}

fn tags(samples: usize) -> f64 {
    let key = SecretKey::from_slice(&SECRET[..16]).expect("16 bytes are a key");
    let sealed = seal_once(&key, b"TM000016", b"4821").expect("it is short");
    let make = |class: Class, numbers: &mut Numbers| {
        let mut altered = sealed.clone();
        let tag = altered.last_chunk_mut::<16>().expect("it ends with a tag");
        let mut wrong_at_its_end = *tag;
        wrong_at_its_end[15] ^= 1;
        *tag = class.pick(wrong_at_its_end, numbers.bytes());
        altered
    };
    largest_t(Effort { samples, calls: 4 }, make, |sealed| open_once(&key, b"TM000016", sealed).is_ok())
}
