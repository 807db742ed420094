//! Cardholder verification: the card decides (CTQ), within what the terminal offered (TTQ).
//!
//! EMV Contactless Book C-3, cardholder verification. The CTQ travels in clear, so a phone's word that it verified its owner
//! counts only if the copy that it signed (9F69) says the same, or if the bank will see the cryptogram.

use mpos_tlv::Tag;

use super::ttq::{Ctq, Ttq};
use crate::error::Refusal;
use crate::next::{Halt, Selected};
use crate::outcome::{CryptogramKind, Cvm};

pub(super) fn select(
    selected: &Selected,
    kind: CryptogramKind,
    ttq: Ttq,
    ctq: Option<Ctq>,
) -> Result<Cvm, Halt> {
    let none_left = || match ttq.requires_cvm() {
        true => Err(Halt::declined(Refusal::NoCommonCvm)),
        false => Ok(Cvm::NoCvm),
    };
    // A card without CTQ leaves a signature, if anything.
    let Some(ctq) = ctq else {
        return if ttq.requires_cvm() && ttq.has_signature() { Ok(Cvm::Signature) } else { none_left() };
    };
    // Online PIN before all else.
    if ctq.requires_online_pin() && ttq.has_online_pin() {
        return Ok(Cvm::OnlinePin);
    }
    // Verified on the device.
    if ctq.on_device_cvm_done() && ttq.has_on_device_cvm() {
        return on_device(selected, kind, ctq);
    }
    // A signature, last.
    if ctq.requires_signature() && ttq.has_signature() {
        return Ok(Cvm::Signature);
    }
    none_left()
}

/// Whether to believe that the device verified its owner.
fn on_device(selected: &Selected, kind: CryptogramKind, ctq: Ctq) -> Result<Cvm, Halt> {
    match selected.card.get(Tag::CARD_AUTHENTICATION_RELATED_DATA) {
        // Bytes 6 and 7 are the CTQ that the card signs.
        Some([_, _, _, _, _, signed1, signed2, ..]) if Ctq([*signed1, *signed2]) == ctq => Ok(Cvm::OnDevice),
        Some(_) => Err(Halt::declined(Refusal::CtqAltered)),
        None if kind == CryptogramKind::Arqc => Ok(Cvm::OnDevice),
        None => Err(Halt::declined(Refusal::NoCommonCvm)),
    }
}

/// CVM results (9F34) for the bank, in the notation of EMV 4.3 Book 4, Annex A4.
pub(super) const fn results(cvm: Cvm) -> [u8; 3] {
    match cvm {
        Cvm::NoCvm => [0x1F, 0x00, 0x00],
        Cvm::OnlinePin => [0x02, 0x00, 0x00],
        Cvm::OnDevice => [0x01, 0x00, 0x02],
        Cvm::Signature => [0x1E, 0x00, 0x00],
    }
}
