//! Digits typed on a keypad: an amount in cents. A PIN's never come here.

use mpos_protocol::Amount;

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
