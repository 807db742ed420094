//! The one place where a PIN's digits are: which digit lies on which key, and which were typed, in locked memory. It
//! is wiped at each end of an entry and when it is dropped.

use mpos_ports::{Entropy, LOCKED_BYTES, LockedMemory};
use mpos_protocol::pin::{PIN_DIGITS_MAX, PIN_DIGITS_MIN};
use std::ops::Range;
use zeroize::Zeroize;

/// Digits' keys.
const DIGIT_KEYS: usize = 10;
/// The digit of each key, in ASCII; zeros when there is none.
const ORDER: Range<usize> = 0..DIGIT_KEYS;
/// What was typed, in ASCII.
const TYPED: Range<usize> = DIGIT_KEYS..DIGIT_KEYS + PIN_DIGITS_MAX;
/// How much was typed.
const COUNT_AT: usize = TYPED.end;
const _: () = assert!(COUNT_AT < LOCKED_BYTES);

/// The digits by the number of their key, as on a telephone: 1 to 9, then 0.
const TELEPHONE: [u8; DIGIT_KEYS] = *b"1234567890";
/// Random bytes drawn for one place at most: one is taken with a chance of 98 in 100 at worst, so that only a broken
/// generator needs more.
const DRAWS_MAX: usize = 64;

/// The generator gives the same over and over: nothing is in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoOrder;

/// Keys' digits, and digits typed.
pub(crate) struct Typing(Box<dyn LockedMemory>);

impl Typing {
    pub(crate) fn new(memory: Box<dyn LockedMemory>) -> Self {
        Self(memory)
    }

    /// Wipes everything.
    pub(crate) fn wipe(&mut self) {
        self.0.bytes_mut().zeroize();
    }

    /// Wipes everything and lays the digits out as on a telephone.
    pub(crate) fn lay_out_fixed(&mut self) {
        self.wipe();
        if let Some(order) = self.0.bytes_mut().get_mut(ORDER) {
            order.copy_from_slice(&TELEPHONE);
        }
    }

    /// Wipes everything and shuffles the digits: Fisher and Yates, each place drawn without bias, so that all orders
    /// are alike.
    pub(crate) fn shuffle(&mut self, entropy: &mut dyn Entropy) -> Result<(), NoOrder> {
        self.lay_out_fixed();
        for last in (1..DIGIT_KEYS).rev() {
            let Some(other) = below(last + 1, entropy) else {
                self.wipe();
                return Err(NoOrder);
            };
            self.0.bytes_mut().swap(last, other);
        }
        Ok(())
    }

    /// The digit that lies on a key, in ASCII.
    pub(crate) fn lies_at(&self, key: usize) -> Option<u8> {
        self.0.bytes().get(ORDER)?.get(key).copied().filter(|digit| *digit != 0)
    }

    /// Types the digit of a key; false when there is none, or no room for it.
    pub(crate) fn press(&mut self, key: usize) -> bool {
        let count = self.count();
        let (Some(digit), true) = (self.lies_at(key), count < PIN_DIGITS_MAX) else { return false };
        let bytes = self.0.bytes_mut();
        bytes[TYPED.start + count] = digit;
        bytes[COUNT_AT] += 1;
        true
    }

    /// Takes what was typed away; the digits stay where they lie.
    pub(crate) fn clear(&mut self) {
        if let Some(typed) = self.0.bytes_mut().get_mut(TYPED.start..=COUNT_AT) {
            typed.zeroize();
        }
    }

    /// How many digits were typed.
    pub(crate) fn count(&self) -> usize {
        usize::from(self.0.bytes()[COUNT_AT])
    }

    /// Whether they may be a PIN.
    pub(crate) fn is_whole(&self) -> bool {
        (PIN_DIGITS_MIN..=PIN_DIGITS_MAX).contains(&self.count())
    }

    /// What was typed, in ASCII, where it lies.
    pub(crate) fn digits(&self) -> &[u8] {
        self.0.bytes().get(TYPED.start..TYPED.start + self.count()).unwrap_or_default()
    }
}

impl Drop for Typing {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// A number below `bound` (at most 256), each with the same chance: bytes from the last, incomplete run of `bound`
/// numbers are drawn again.
fn below(bound: usize, entropy: &mut dyn Entropy) -> Option<usize> {
    let whole_runs = 256 - 256 % bound;
    let mut byte = [0];
    let mut drawn = None;
    for _draw in 0..DRAWS_MAX {
        entropy.fill(&mut byte);
        let [value] = byte.map(usize::from);
        if value < whole_runs {
            drawn = Some(value % bound);
            break;
        }
    }
    byte.zeroize();
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Orders that are looked at. Taking the remainder of a byte, without drawing again, would add some 360 to the
    /// first place's part of the sum alone.
    const ORDERS: u32 = 1_000_000;
    /// Where chi-square with 81 degrees of freedom (10 places by 10 digits, where each row and column has its sum) is
    /// but once in a million: by Wilson and Hilferty, 81 (1 - 2/729 ± 4.892 sqrt(2/729))^3.
    const BUT_ONE_IN_A_MILLION: std::ops::Range<f64> = 32.9..159.6;

    struct Memory([u8; LOCKED_BYTES]);

    impl LockedMemory for Memory {
        fn bytes(&self) -> &[u8; LOCKED_BYTES] {
            &self.0
        }

        fn bytes_mut(&mut self) -> &mut [u8; LOCKED_BYTES] {
            &mut self.0
        }
    }

    /// A seeded generator: xorshift.
    struct Seeded(u64);

    impl Entropy for Seeded {
        fn fill(&mut self, bytes: &mut [u8]) {
            for byte in bytes {
                self.0 ^= self.0 << 13;
                self.0 ^= self.0 >> 7;
                self.0 ^= self.0 << 17;
                *byte = self.0.to_be_bytes()[2];
            }
        }
    }

    /// The system's, as much at a time as it gives cheaply.
    struct System(Vec<u8>);

    impl Entropy for System {
        fn fill(&mut self, bytes: &mut [u8]) {
            for byte in bytes {
                if self.0.is_empty() {
                    self.0 = vec![0; 4096];
                    #[allow(clippy::disallowed_methods, reason = "the adapter's source itself is looked at")]
                    getrandom::fill(&mut self.0).unwrap();
                }
                *byte = self.0.pop().unwrap();
            }
        }
    }

    fn chi_square(entropy: &mut dyn Entropy) -> f64 {
        let mut typing = Typing::new(Box::new(Memory([0; LOCKED_BYTES])));
        let mut counts = [[0_u32; DIGIT_KEYS]; DIGIT_KEYS];
        for _order in 0..ORDERS {
            typing.shuffle(entropy).unwrap();
            for (place, digit) in typing.0.bytes()[ORDER].iter().enumerate() {
                counts[place][usize::from(*digit - b'0')] += 1;
            }
        }
        let expected = f64::from(ORDERS) / 10.0;
        let part = |count: &u32| (f64::from(*count) - expected).powi(2) / expected;
        // Within one order a place has one digit, and a digit one place: that widens the sum by 10/9.
        counts.iter().flatten().map(part).sum::<f64>() * 9.0 / 10.0
    }

    #[test]
    fn every_digit_is_as_often_at_every_place_from_a_seeded_generator() {
        let sum = chi_square(&mut Seeded(0x9E37_79B9_7F4A_7C15));
        assert!(BUT_ONE_IN_A_MILLION.contains(&sum), "{sum}");
    }

    #[test]
    fn every_digit_is_as_often_at_every_place_from_the_systems_generator() {
        let sum = chi_square(&mut System(Vec::new()));
        assert!(BUT_ONE_IN_A_MILLION.contains(&sum), "{sum}");
    }
}
