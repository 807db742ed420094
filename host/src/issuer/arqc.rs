//! The cryptogram, computed again: only the card, and the issuer that made its key, can.
//!
//! The data elements of each version are those of the table in `cards/README.md`; key derivation and MAC are EMV
//! 4.3 Book 2, A1. What is not one of these versions is refused.

use super::{CardFacts, accounts::PresentedCard};
use crate::bank::IssuerKeys;
use mpos_crypto::{
    SecretKey,
    arqc::{CryptogramKind, application_cryptogram, derive_icc_master_key},
};
use mpos_protocol::card::CardScheme;
use subtle::ConstantTimeEq;

/// Cryptogram information data, bits 8 and 7: an ARQC (EMV 4.3 Book 3, 6.5.5).
const CID_KIND: u8 = 0xC0;
const CID_ARQC: u8 = 0x80;
/// The kind in Visa's card verification results, when 9F27 is left out: byte 5 of 9F10, bits 6 and 5.
const CVR_KIND: u8 = 0x30;
const CVR_ARQC: u8 = 0x20;
/// Visa's first byte of 9F10: how many bytes follow that Visa names.
const VISA_NAMED_BYTES: u8 = 0x06;
/// M/Chip's 9F10.
const MCHIP_ISSUER_DATA_BYTES: usize = 18;

/// Whether the cryptogram is what this card makes of these data.
pub(crate) fn verifies(
    facts: &CardFacts,
    card: &PresentedCard,
    scheme: CardScheme,
    keys: &IssuerKeys,
) -> bool {
    let recomputed = match scheme {
        CardScheme::Mastercard | CardScheme::Maestro => mastercard(facts, card, &keys.mastercard),
        CardScheme::Visa | CardScheme::VisaElectron | CardScheme::VPay => visa(facts, card, &keys.visa),
    };
    recomputed.is_some_and(|expected| expected.ct_eq(&facts.cryptogram).into())
}

fn mastercard(facts: &CardFacts, card: &PresentedCard, issuer_key: &SecretKey) -> Option<[u8; 8]> {
    if facts.cryptogram_kind? & CID_KIND != CID_ARQC || facts.issuer_data.len() != MCHIP_ISSUER_DATA_BYTES {
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
    let &[VISA_NAMED_BYTES, _, version, _, results, ..] = facts.issuer_data.as_slice() else { return None };
    let is_arqc = match facts.cryptogram_kind {
        Some(kind) => kind & CID_KIND == CID_ARQC,
        None => results & CVR_KIND == CVR_ARQC,
    };
    if !is_arqc {
        return None;
    }
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
