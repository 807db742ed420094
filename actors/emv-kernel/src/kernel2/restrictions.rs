//! Processing restrictions: version, dates, and where the card may be used.
//!
//! EMV Contactless Book C-2, processing restrictions; EMV 4.3 Book 3, 10.4. They end nothing by themselves: they set bits
//! in the TVR, and the action codes decide.

use mpos_tlv::Tag;

use super::Context;
use crate::error::CardFault;
use crate::transaction::sortable_date;
use crate::tvr::TvrBit;

/// Application usage control (9F07), byte 1: goods and services, at home and abroad.
const DOMESTIC_GOODS_OR_SERVICES: u8 = 0x20 | 0x08;
const INTERNATIONAL_GOODS_OR_SERVICES: u8 = 0x10 | 0x04;
/// Byte 1, bit 1: at terminals other than ATMs.
const OTHER_THAN_ATM: u8 = 0x01;

pub(super) fn check(context: &mut Context) -> Result<(), CardFault> {
    let selected = &mut context.selected;
    let card = &selected.card;
    let terminal = &mut selected.terminal;

    // Book 3, 10.4.1: a card without a version is taken as of ours.
    let version = terminal.rules().application_version;
    if card.fixed::<2>(Tag::APPLICATION_VERSION_CARD)?.is_some_and(|of_card| of_card != version) {
        terminal.tvr.set(TvrBit::VERSIONS_DIFFER);
    }
    // Book 3, 10.4.3.
    let today = sortable_date(terminal.date);
    if card.fixed(Tag::EFFECTIVE_DATE)?.is_some_and(|from| sortable_date(from) > today) {
        terminal.tvr.set(TvrBit::NOT_YET_EFFECTIVE);
    }
    if sortable_date(card.require_fixed(Tag::EXPIRATION_DATE)?) < today {
        terminal.tvr.set(TvrBit::EXPIRED);
    }
    // Book 3, 10.4.2.
    if let Some([usage, _]) = card.fixed::<2>(Tag::APPLICATION_USAGE_CONTROL)? {
        let issuer_country = card.fixed::<2>(Tag::ISSUER_COUNTRY_CODE)?;
        let here = match issuer_country {
            // Without the issuer's country there is no telling home from abroad.
            None => true,
            Some(country) if country == terminal.settings().country => {
                usage & DOMESTIC_GOODS_OR_SERVICES != 0
            }
            Some(_) => usage & INTERNATIONAL_GOODS_OR_SERVICES != 0,
        };
        let service_allowed = here || selected.transaction.is_refund();
        if usage & OTHER_THAN_ATM == 0 || !service_allowed {
            terminal.tvr.set(TvrBit::SERVICE_NOT_ALLOWED);
        }
    }
    Ok(())
}
