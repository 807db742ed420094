//! A sale in two forms: as the book keeps it, and as the bank is asked for it.

use mpos_protocol::{
    book::SaleRecord,
    host::AuthoriseRequest,
    link::Authorise,
    sale::{ReceiptCard, ReceiptNumber},
};

/// As the book keeps it.
pub(crate) fn sale_record(authorise: &Authorise, receipt: ReceiptNumber) -> SaleRecord {
    let card = &authorise.card.card;
    SaleRecord {
        receipt,
        kind: authorise.kind,
        amount: authorise.amount,
        currency: authorise.currency,
        at: authorise.at,
        transaction_number: authorise.transaction_number,
        card: ReceiptCard {
            pan: card.pan,
            scheme: card.scheme,
            aid: card.aid.clone(),
            cvm: authorise.card.cvm,
        },
        refund_of: authorise.refund.as_ref().map(|refund| refund.reference.clone()),
    }
}

/// As the bank is asked; the bank's word on this device is for the caller to put in.
pub(crate) fn authorise_request(authorise: &Authorise, receipt: ReceiptNumber) -> AuthoriseRequest {
    let Authorise { card, .. } = authorise;
    AuthoriseRequest {
        receipt,
        kind: authorise.kind,
        amount: authorise.amount,
        currency: authorise.currency,
        transaction_number: authorise.transaction_number,
        aid: card.card.aid.clone(),
        scheme: card.card.scheme,
        pan: card.card.pan,
        cvm: card.cvm,
        de55: card.de55.clone(),
        card_data: card.card_data.clone(),
        pin: authorise.pin.clone(),
        refund: authorise.refund.clone(),
        standing: Default::default(),
    }
}
