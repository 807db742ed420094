//! The PIN: out of its block, into a keyed reference, and gone.
//!
//! The issuer keeps no PIN. It keeps an HMAC of PAN and PIN under the bank's key, which is useless without that
//! key and tells nothing of two cards with the same PIN.

use super::{KeySerial, PinEvidence, Unreadable, accounts::PresentedCard, key_serial, working_key};
use crate::bank::IssuerKeys;
use mpos_crypto::{
    dukpt::{KeyUsage, host_tdea_key},
    pin_block::{Pin, decipher_format0, decipher_format4},
};
use mpos_protocol::pin::{EncryptedPinBlock, PinBlockFormat};

/// Opens the block and gives its reference.
pub(crate) fn open(
    block: Option<&EncryptedPinBlock>,
    card: &PresentedCard,
    keys: &IssuerKeys,
) -> Result<PinEvidence, Unreadable> {
    let Some(block) = block else { return Ok(PinEvidence::Absent) };
    let pan = card.number.digits();
    let (key, pin) = match keys.pin_format {
        PinBlockFormat::Format4 => open_format4(block, pan, keys)?,
        PinBlockFormat::Format0 => open_format0(block, pan, keys)?,
    };
    Ok(PinEvidence::Reference { key, reference: keys.pin_reference(pan, pin.as_digits()) })
}

fn open_format4(
    block: &EncryptedPinBlock,
    pan: &[u8],
    keys: &IssuerKeys,
) -> Result<(KeySerial, Pin), Unreadable> {
    let bytes: &[u8; 16] = (&*block.block).try_into().map_err(|_| Unreadable::PinFormat)?;
    let (serial, key) = working_key(&block.ksn, KeyUsage::PinEncryption, keys)?;
    Ok((serial, decipher_format4(bytes, pan, &key).map_err(|_| Unreadable::Sealed)?))
}

fn open_format0(
    block: &EncryptedPinBlock,
    pan: &[u8],
    keys: &IssuerKeys,
) -> Result<(KeySerial, Pin), Unreadable> {
    let bytes: &[u8; 8] = (&*block.block).try_into().map_err(|_| Unreadable::PinFormat)?;
    let (serial, ksn) = key_serial(&block.ksn)?;
    let key = host_tdea_key(&keys.bdk, ksn, KeyUsage::PinEncryption).map_err(|_| Unreadable::KeySerial)?;
    Ok((serial, decipher_format0(bytes, pan, &key).map_err(|_| Unreadable::Sealed)?))
}
