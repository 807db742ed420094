//! The cryptogram, computed again: only the card, and the issuer that made its key, can.
//!
//! The data elements of each version are those of the table in `cards/README.md`; key derivation and MAC are EMV
//! 4.3 Book 2, A1. What is not one of these versions is refused.
//!
//! A purchase needs an ARQC. For a refund the kernel only reads the card: it asks for an AAC (kernel 2), or takes what
//! comes (kernel 3). Either is made with the same key over the same data, amount and type among them, so either proves
//! the card; a TC, which would be an approval by the card, is none of them.

use super::{CardFacts, accounts::PresentedCard};
use crate::bank::IssuerKeys;
use mpos_crypto::{
    SecretKey,
    arqc::{CryptogramKind, application_cryptogram, derive_icc_master_key},
};
use mpos_protocol::card::{CardScheme, TransactionKind};
use subtle::ConstantTimeEq;

/// Cryptogram information data, bits 8 and 7: the kind (EMV 4.3 Book 3, 6.5.5).
const CID_KIND: u8 = 0xC0;
const CID_ARQC: u8 = 0x80;
const CID_AAC: u8 = 0x00;
/// The kind in Visa's card verification results, when 9F27 is left out: byte 5 of 9F10, bits 6 and 5.
const CVR_KIND_SHIFT: u32 = 2;
/// Visa's first byte of 9F10: how many bytes follow that Visa names.
const VISA_NAMED_BYTES: u8 = 0x06;
/// M/Chip's 9F10.
const MCHIP_ISSUER_DATA_BYTES: usize = 18;

/// Whether the cryptogram is what this card makes of these data.
pub(crate) fn verifies(
    facts: &CardFacts,
    card: &PresentedCard,
    (scheme, transaction): (CardScheme, TransactionKind),
    keys: &IssuerKeys,
) -> bool {
    if !cryptogram_kind(facts, scheme).is_some_and(|kind| is_wanted(kind, transaction)) {
        return false;
    }
    let recomputed = match scheme {
        CardScheme::Mastercard | CardScheme::Maestro => mastercard(facts, card, &keys.mastercard),
        CardScheme::Visa | CardScheme::VisaElectron | CardScheme::VPay => visa(facts, card, &keys.visa),
    };
    recomputed.is_some_and(|expected| expected.ct_eq(&facts.cryptogram).into())
}

/// Bits 8 and 7 as in the cryptogram information data; a Visa card may leave it out, its results then say it.
fn cryptogram_kind(facts: &CardFacts, scheme: CardScheme) -> Option<u8> {
    let kind = match scheme {
        CardScheme::Mastercard | CardScheme::Maestro => facts.cryptogram_kind?,
        CardScheme::Visa | CardScheme::VisaElectron | CardScheme::VPay => match facts.cryptogram_kind {
            Some(kind) => kind,
            None => facts.issuer_data.get(4)? << CVR_KIND_SHIFT,
        },
    };
    Some(kind & CID_KIND)
}

fn is_wanted(kind: u8, transaction: TransactionKind) -> bool {
    match transaction {
        TransactionKind::Purchase => kind == CID_ARQC,
        TransactionKind::Refund => matches!(kind, CID_ARQC | CID_AAC),
    }
}

fn mastercard(facts: &CardFacts, card: &PresentedCard, issuer_key: &SecretKey) -> Option<[u8; 8]> {
    if facts.issuer_data.len() != MCHIP_ISSUER_DATA_BYTES {
        return None;
    }
    let kind = match facts.issuer_data.get(1)? {
        0x10 => CryptogramKind::MastercardCvn10,
        0x14 => CryptogramKind::MastercardCvn14,
        _ => return None,
    };
    cryptogram(kind, facts, card, issuer_key, facts.issuer_data.get(2..8)?)
}

fn visa(facts: &CardFacts, card: &PresentedCard, issuer_key: &SecretKey) -> Option<[u8; 8]> {
    let &[VISA_NAMED_BYTES, _, version, _, _, ..] = facts.issuer_data.as_slice() else { return None };
    match version {
        0x0A => {
            let results = facts.issuer_data.get(3..7)?;
            cryptogram(CryptogramKind::VisaCvn10, facts, card, issuer_key, results)
        }
        // The whole of it: 7 bytes, or 32 from a wallet.
        0x12 => cryptogram(CryptogramKind::VisaCvn18, facts, card, issuer_key, &facts.issuer_data),
        _ => None,
    }
}

fn cryptogram(
    kind: CryptogramKind,
    facts: &CardFacts,
    card: &PresentedCard,
    issuer_key: &SecretKey,
    from_issuer_data: &[u8],
) -> Option<[u8; 8]> {
    let card_key = derive_icc_master_key(issuer_key, card.number.digits(), card.sequence_bcd).ok()?;
    let data = [
        &facts.amount[..],
        &facts.amount_other,
        &facts.country,
        &facts.tvr,
        &facts.currency,
        &facts.date,
        &facts.kind,
        &facts.unpredictable,
        &facts.aip,
        &facts.atc,
        from_issuer_data,
    ]
    .concat();
    application_cryptogram(kind, &card_key, facts.atc, facts.unpredictable, &data).ok()
}
