//! The PIN: out of its block, into a keyed reference, and gone.
//!
//! The issuer keeps no PIN. It keeps an HMAC of PAN and PIN under the bank's key, which is useless without that
//! key and tells nothing of two cards with the same PIN.

use super::{PinEvidence, Unreadable, accounts::PresentedCard, working_key};
use crate::bank::IssuerKeys;
use mpos_crypto::{dukpt::KeyUsage, pin_block::decipher_format4};
use mpos_protocol::pin::EncryptedPinBlock;

/// Opens the block and gives its reference.
pub(crate) fn open(
    block: Option<&EncryptedPinBlock>,
    card: &PresentedCard,
    keys: &IssuerKeys,
) -> Result<PinEvidence, Unreadable> {
    let Some(block) = block else { return Ok(PinEvidence::Absent) };
    let (key, pin_key) = working_key(&block.ksn, KeyUsage::PinEncryption, keys)?;
    let bytes: &[u8; 16] = (&*block.block).try_into().map_err(|_| Unreadable::Sealed)?;
    let pin = decipher_format4(bytes, card.number.digits(), &pin_key).map_err(|_| Unreadable::Sealed)?;
    Ok(PinEvidence::Reference { key, reference: keys.pin_reference(card.number.digits(), pin.as_digits()) })
}
