//! The keys of the index: all look-ups are rows of one table, told apart by the key's first byte.
//!
//! One table of bytes instead of five with types of their own: redb is compiled once for it, and a commit changes one
//! tree. Numbers are big-endian, so that bytes have the numbers' order.

/// What a row is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key<'a> {
    /// The one mark.
    Mark,
    /// A receipt number, to its sale.
    Sale(u32),
    /// A request's sequence, to the receipt number; of two requests with one sequence (the first was refused) the
    /// later.
    Sequence(u64),
    /// Milliseconds since 1970 UTC and a receipt number, to nothing.
    Time(u64, u32),
    /// The bank's reference, to the receipt number.
    Reference(&'a str),
}

impl Key<'_> {
    pub(crate) fn bytes(self) -> Vec<u8> {
        let (kind, number, rest): (u8, &[u8], &[u8]) = match self {
            Self::Mark => (0, &[], &[]),
            Self::Sale(receipt) => (1, &[], &receipt.to_be_bytes()),
            Self::Sequence(sequence) => (2, &sequence.to_be_bytes(), &[]),
            Self::Time(at_ms, receipt) => (3, &at_ms.to_be_bytes(), &receipt.to_be_bytes()),
            Self::Reference(reference) => (4, &[], reference.as_bytes()),
        };
        [&[kind], number, rest].concat()
    }
}

/// The receipt number that a value is, or that ends a key of a time.
pub(crate) fn receipt_in(bytes: &[u8]) -> Option<u32> {
    bytes.last_chunk().copied().map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_key() -> impl Strategy<Value = (u8, u64, u32, String)> {
        (0_u8..5, any::<u64>(), any::<u32>(), "[0-9A-F]{0,12}")
    }

    fn key((kind, number, receipt, reference): &(u8, u64, u32, String)) -> Key<'_> {
        match kind {
            0 => Key::Mark,
            1 => Key::Sale(*receipt),
            2 => Key::Sequence(*number),
            3 => Key::Time(*number, *receipt),
            _ => Key::Reference(reference),
        }
    }

    /// The order that look-ups rely on, without bytes.
    fn place(key: Key<'_>) -> (u8, u64, u32, &str) {
        match key {
            Key::Mark => (0, 0, 0, ""),
            Key::Sale(receipt) => (1, 0, receipt, ""),
            Key::Sequence(sequence) => (2, sequence, 0, ""),
            Key::Time(at_ms, receipt) => (3, at_ms, receipt, ""),
            Key::Reference(reference) => (4, 0, 0, reference),
        }
    }

    proptest! {
        #[test]
        fn keys_have_the_order_of_what_they_stand_for((one, other) in (any_key(), any_key())) {
            let (one, other) = (key(&one), key(&other));
            prop_assert_eq!(one.bytes().cmp(&other.bytes()), place(one).cmp(&place(other)));
        }

        #[test]
        fn a_time_ends_with_its_receipt(at_ms: u64, receipt: u32) {
            prop_assert_eq!(receipt_in(&Key::Time(at_ms, receipt).bytes()), Some(receipt));
        }
    }

    #[test]
    fn no_time_is_before_the_last_sequence() {
        assert!(Key::Sequence(u64::MAX).bytes() < Key::Time(0, 0).bytes());
    }
}
