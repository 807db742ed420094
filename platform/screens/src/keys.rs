//! Digits typed on a keypad: an amount in cents, a PIN.

use mpos_protocol::{
    Amount, Secret, Text,
    pin::{PIN_DIGITS_MAX, PIN_DIGITS_MIN},
};
use zeroize::{Zeroize, Zeroizing};

/// What stands at a position of a keypad of twelve.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pressed {
    Digit(u8),
    /// Left of 0.
    Left,
    /// Right of 0.
    Right,
}

/// The key at a position, from 0; none where there is no key.
pub(crate) fn pressed(position: u8) -> Option<Pressed> {
    match position {
        0..9 => Some(Pressed::Digit(position + 1)),
        9 => Some(Pressed::Left),
        10 => Some(Pressed::Digit(0)),
        11 => Some(Pressed::Right),
        _ => None,
    }
}

/// An amount as its cents are typed: 1, 2, 3 is 1.23. A digit that no amount has room for is not taken.
pub(crate) fn with_digit(amount: Amount, digit: u8) -> Amount {
    let longer = amount.minor().saturating_mul(10).saturating_add(digit.into());
    Amount::from_minor(longer).unwrap_or(amount)
}

/// An amount without its last digit.
pub(crate) fn without_digit(amount: Amount) -> Amount {
    Amount::from_minor(amount.minor() / 10).unwrap_or_default()
}

/// A PIN as it is typed. Its digits are wiped when it goes.
pub(crate) struct Pin(Zeroizing<String>);

impl Pin {
    pub(crate) fn new() -> Self {
        // Room for the longest: growing would leave a part of the PIN behind in freed memory.
        Self(Zeroizing::new(String::with_capacity(PIN_DIGITS_MAX)))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.count() >= PIN_DIGITS_MIN
    }

    pub(crate) fn push(&mut self, digit: u8) {
        if self.count() < PIN_DIGITS_MAX {
            self.0.push(char::from(b'0'.saturating_add(digit)));
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.zeroize();
    }

    /// For the PIN pad. What was typed is wiped here.
    pub(crate) fn take(&mut self) -> Secret<Text<PIN_DIGITS_MAX>> {
        let digits = Secret::new(Text::clipped(&self.0));
        self.clear();
        digits
    }
}
