//! The PIN: out of its block, into a keyed reference, and gone.
//!
//! The issuer keeps no PIN. It keeps an HMAC of PAN and PIN under the bank's key, which is useless without that
//! key and tells nothing of two cards with the same PIN.

use super::{KeySerial, PinEvidence, accounts::PresentedCard, key_serial};
use crate::bank::IssuerKeys;
use mpos_crypto::{
    dukpt::{KeySize, KeyUsage, host_working_key},
    pin_block::decipher_format4,
};
use mpos_protocol::pin::EncryptedPinBlock;

/// Opens the block and gives its reference; `None` when it does not open.
pub(crate) fn open(
    block: Option<&EncryptedPinBlock>,
    card: &PresentedCard,
    keys: &IssuerKeys,
) -> Option<PinEvidence> {
    let Some(block) = block else { return Some(PinEvidence::Absent) };
    let (key, ksn): (KeySerial, _) = key_serial(&block.ksn)?;
    let pin_key = host_working_key(&keys.bdk, ksn, KeyUsage::PinEncryption, KeySize::Aes128).ok()?;
    let bytes: &[u8; 16] = (&*block.block).try_into().ok()?;
    let pin = decipher_format4(bytes, card.number.digits(), &pin_key).ok()?;
    Some(PinEvidence::Reference { key, reference: keys.pin_reference(card.number.digits(), pin.as_digits()) })
}
