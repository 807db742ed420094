//! Names in the books, read back: brands as receipts print them, reasons and verifications as the protocol calls them.

use crate::error::BooksError;
use mpos_protocol::{
    card::{CardScheme, Cvm, TransactionKind},
    sale::DeclineReason,
};
use serde::{
    Deserialize,
    de::{IntoDeserializer, value},
};

const SCHEMES: [CardScheme; 5] = [
    CardScheme::Mastercard,
    CardScheme::Maestro,
    CardScheme::Visa,
    CardScheme::VisaElectron,
    CardScheme::VPay,
];

pub(crate) fn scheme(name: &str) -> Result<CardScheme, BooksError> {
    let found = SCHEMES.into_iter().find(|scheme| scheme.name() == name);
    found.ok_or(BooksError::Nonsense("a brand"))
}

pub(crate) fn kind(name: &str) -> Result<TransactionKind, BooksError> {
    variant(name).ok_or(BooksError::Nonsense("a kind of transaction"))
}

pub(crate) fn declined(name: &str) -> Result<DeclineReason, BooksError> {
    variant(name).ok_or(BooksError::Nonsense("a reason"))
}

pub(crate) fn cvm(name: &str) -> Result<Cvm, BooksError> {
    variant(name).ok_or(BooksError::Nonsense("a verification"))
}

/// A variant by its name, as serde knows it: one that is added later is read without a line here.
fn variant<'n, T: Deserialize<'n>>(name: &'n str) -> Option<T> {
    let name: value::StrDeserializer<'n, value::Error> = name.into_deserializer();
    T::deserialize(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for reason in [DeclineReason::InsufficientFunds, DeclineReason::NotRefundable] {
            assert_eq!(declined(&format!("{reason:?}")).unwrap(), reason);
        }
        for verified in [Cvm::None, Cvm::Pin, Cvm::Device] {
            assert_eq!(cvm(&format!("{verified:?}")).unwrap(), verified);
        }
        for both in [TransactionKind::Purchase, TransactionKind::Refund] {
            assert_eq!(kind(both.name()).unwrap(), both);
        }
        for brand in SCHEMES {
            assert_eq!(scheme(brand.name()).unwrap(), brand);
        }
        assert!(declined("Nothing").is_err() && scheme("").is_err() && cvm("pin").is_err());
    }
}
