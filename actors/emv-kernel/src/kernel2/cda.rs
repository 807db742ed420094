//! Whether the card is asked for a CDA signature, and if not, why.
//!
//! EMV Contactless Book C-2, data authentication. Nothing is computed yet: the arithmetic waits until
//! the card may leave ([`crate::PendingVerification::verify`]).

use mpos_tlv::Tag;

use super::Context;
use crate::oda::KEY_TAGS;
use crate::records::StaticData;
use crate::tvr::TvrBit;
use crate::verdict::{NotPerformed, OdaFault, OdaVerdict};

/// What is known of data authentication before GENERATE AC.
pub(super) enum Signature {
    /// CDA is asked for, over these static data.
    Wanted(StaticData),
    /// It is not, and this is the verdict.
    Settled(OdaVerdict),
}

/// AIP byte 1, bit 1: CDA supported.
const CARD_HAS_CDA: u8 = 0x01;
/// Security capability, bit 4: CDA.
const TERMINAL_HAS_CDA: u8 = 0x08;

pub(super) fn decide(context: &mut Context, static_data: StaticData) -> Signature {
    let card_has = context.aip()[0] & CARD_HAS_CDA != 0;
    let terminal_has = context.kernel.security_capability & TERMINAL_HAS_CDA != 0;
    let tvr = &mut context.selected.terminal.tvr;
    if !card_has || !terminal_has {
        tvr.set(TvrBit::ODA_NOT_PERFORMED);
        let why = if card_has { NotPerformed::TerminalDoesNot } else { NotPerformed::CardDoesNot };
        return Signature::Settled(OdaVerdict::NotPerformed(why));
    }
    match usable(context, static_data) {
        Ok(static_data) => Signature::Wanted(static_data),
        Err(fault) => {
            let tvr = &mut context.selected.terminal.tvr;
            if matches!(fault, OdaFault::DataMissing(_)) {
                tvr.set(TvrBit::ICC_DATA_MISSING);
            }
            tvr.set(TvrBit::CDA_FAILED);
            Signature::Settled(OdaVerdict::Failed(fault))
        }
    }
}

/// The static data, if everything is there that CDA needs.
fn usable(context: &Context, static_data: StaticData) -> Result<StaticData, OdaFault> {
    let card = &context.selected.card;
    // All of the card's data, the SDA tag list among them.
    if let Some(missing) = KEY_TAGS.iter().chain(&[Tag::SDA_TAG_LIST]).find(|tag| card.get(**tag).is_none()) {
        return Err(OdaFault::DataMissing(*missing));
    }
    // Our key of this scheme and index.
    let rid = context.selected.application.aid.first_chunk::<5>();
    let index = card.get(Tag::CA_PUBLIC_KEY_INDEX);
    let key = match (rid, index) {
        (Some(rid), Some([index])) => context.selected.terminal.settings().ca_key(*rid, *index),
        _ => None,
    };
    if key.is_none() {
        return Err(OdaFault::CaKeyMissing);
    }
    // EMV 4.3 Book 3, 10.3: the tag list is the AIP alone, and all of it is not too long.
    static_data.finish(card)
}
