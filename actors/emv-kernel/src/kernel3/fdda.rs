//! Whether the card's fDDA signature is verified, and what becomes of the tap if it is wrong.
//!
//! EMV Contactless Book C-3, offline data authentication. An offline approval is worth nothing without it; a transaction that
//! goes online needs it only where the terminal says so (TTQ byte 1, bit 1).

use mpos_tlv::Tag;

use super::ttq::{Ctq, Ttq};
use crate::error::CardFault;
use crate::next::Selected;
use crate::oda::{FddaCheck, OdaCheck};
use crate::pending::OnFailure;
use crate::records::StaticData;
use crate::verdict::{NotPerformed, OdaVerdict};

/// AIP byte 1, bit 6: DDA supported.
const CARD_HAS_DDA: u8 = 0x20;

pub(super) fn decide(
    selected: &Selected,
    static_data: StaticData,
    online: bool,
    ttq: Ttq,
    ctq: Ctq,
) -> Result<(OdaCheck, OnFailure), CardFault> {
    let [aip, _] = selected.card.require_fixed::<2>(Tag::AIP)?;
    let card_has = aip & CARD_HAS_DDA != 0;
    let skipped = if online && !ttq.wants_oda_online() {
        Some(NotPerformed::NotRequired)
    } else if online && !card_has {
        Some(NotPerformed::CardDoesNot)
    } else {
        None
    };
    if let Some(why) = skipped {
        return Ok((OdaCheck::Decided(OdaVerdict::NotPerformed(why)), OnFailure::Proceed));
    }
    // An approval offline by a card without DDA fails here too: its certificates are not there.
    let check = match static_data.finish(&selected.card) {
        Ok(static_data) => OdaCheck::Fdda(FddaCheck { static_data }),
        Err(fault) => OdaCheck::Decided(OdaVerdict::Failed(fault)),
    };
    // C-3: what the card wants if it fails.
    let on_failure = if ctq.online_if_oda_fails() {
        OnFailure::GoOnline
    } else if ctq.other_interface_if_oda_fails() && ttq.has_contact() {
        OnFailure::TryAnotherInterface
    } else {
        OnFailure::Decline
    };
    Ok((check, on_failure))
}
