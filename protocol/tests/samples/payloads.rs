//! The values in the samples: one of each kind, with fields that can be told apart.

use super::SEALED_MARK;
use mpos_protocol::{
    Amount, Bytes, Currency, List, Moment, Sealed, Text,
    book::SaleRecord,
    card::{CardAuthorisation, CardScheme, CardSummary, Cvm, EncryptedCardData, MaskedPan, TransactionKind},
    pin::EncryptedPinBlock,
    sale::{AuthCode, Receipt, ReceiptCard, ReceiptNumber, Reference, SaleOutcome},
    terminal::{Merchant, TerminalId, TerminalProfile},
};

pub(crate) fn text<const MAX: usize>(words: &str) -> Text<MAX> {
    Text::new(words).expect("fits")
}

pub(crate) fn bytes<const MAX: usize>(bytes: &[u8]) -> Bytes<MAX> {
    Bytes::new(bytes).expect("fits")
}

pub(crate) fn sealed<const MAX: usize>(bytes: &[u8]) -> Sealed<MAX> {
    Sealed::new(bytes).expect("fits")
}

pub(crate) fn list<T, const MAX: usize>(items: Vec<T>) -> List<T, MAX> {
    let Ok(list) = List::try_from(items) else { panic!("fits") };
    list
}

pub(crate) fn amount() -> Amount {
    Amount::from_minor(4001).expect("fits")
}

pub(crate) fn reference() -> Reference {
    text("4864FC149502")
}

pub(crate) fn auth_code() -> AuthCode {
    text("252095")
}

pub(crate) fn moment() -> Moment {
    Moment { unix_ms: 1_795_537_840_000, utc_offset_s: 3600, uptime_ms: 12_345 }
}

pub(crate) fn merchant() -> Merchant {
    Merchant { name: text("Furra Qerimi"), address: text("Rr. Nëna Terezë 5, Prishtinë") }
}

pub(crate) fn profile() -> TerminalProfile {
    TerminalProfile {
        terminal: TerminalId(16),
        bank: text("ProCredit Bank"),
        merchant: merchant(),
        currency: Currency::Eur,
        sale_max: Amount::from_minor(500_000).expect("fits"),
        certificates: list(vec![bytes(&[0x30, 0x01]), bytes(&[0x30, 0x02])]),
        bank_signing_key: bytes(&[4; 65]),
        emv_settings: bytes(&[1, 2, 3]),
    }
}

pub(crate) fn aid() -> Bytes<16> {
    bytes(&[0xA0, 0, 0, 0, 4, 0x10, 0x10])
}

pub(crate) fn card_data() -> EncryptedCardData {
    EncryptedCardData { ksn: bytes(&[0xD0; 12]), ciphertext: sealed(&SEALED_MARK) }
}

pub(crate) fn pin_block() -> EncryptedPinBlock {
    EncryptedPinBlock { ksn: bytes(&[0xD1; 12]), block: sealed(&SEALED_MARK) }
}

pub(crate) fn card_authorisation() -> CardAuthorisation {
    CardAuthorisation {
        card: CardSummary {
            pan: MaskedPan(36),
            scheme: CardScheme::Mastercard,
            aid: aid(),
            label: text("MASTERCARD"),
        },
        cvm: Cvm::Pin,
        tvr: [0, 0, 4, 0x80, 0],
        de55: bytes(&[0x9F, 0x26, 0x01, 0xAA]),
        card_data: card_data(),
    }
}

pub(crate) fn receipt_card() -> ReceiptCard {
    ReceiptCard { pan: MaskedPan(36), scheme: CardScheme::Visa, aid: aid(), cvm: Cvm::Device }
}

pub(crate) fn sale_record() -> SaleRecord {
    SaleRecord {
        receipt: ReceiptNumber(17),
        kind: TransactionKind::Purchase,
        amount: amount(),
        currency: Currency::Eur,
        at: moment(),
        transaction_number: 77,
        card: receipt_card(),
        refund_of: None,
    }
}

pub(crate) fn receipt() -> Receipt {
    Receipt {
        bank: text("ProCredit Bank"),
        outcome: SaleOutcome::Approved,
        currency: Currency::Eur,
        amount: amount(),
        receipt: Some(ReceiptNumber(17)),
        at: moment(),
        reference: Some(reference()),
        terminal: TerminalId(16),
        card: Some(receipt_card()),
        auth_code: Some(auth_code()),
        kind: TransactionKind::Purchase,
        refund_of: None,
        cause: None,
        reason: Some(text("reason")),
        next: Some(text("next")),
    }
}
