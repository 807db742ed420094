//! The PIN block: ISO 9564-1 format 4 under a PIN key of AES-DUKPT (ANSI X9.24-3) that is used once.

use mpos_crypto::{dukpt::KeyUsage, pin_block};
use mpos_ports::{Entropy, KeyStore};
use mpos_protocol::{
    Bytes, Sealed,
    pin::{EncryptedPinBlock, PIN_DIGITS_MAX, PIN_DIGITS_MIN, PinFault},
};

/// Enciphers `pin` (ASCII digits) bound to `pan` (one digit a byte). A key is used up only for a PIN that may be one.
pub(crate) fn encipher(
    pin: &[u8],
    pan: &[u8],
    keys: &dyn KeyStore,
    entropy: &mut dyn Entropy,
) -> Result<EncryptedPinBlock, PinFault> {
    if !(PIN_DIGITS_MIN..=PIN_DIGITS_MAX).contains(&pin.len()) {
        return Err(PinFault::WrongLength);
    }
    let (ksn, key) = keys.next_working_key(KeyUsage::PinEncryption).map_err(|_| PinFault::KeyUnavailable)?;
    let mut fill = [0; 8];
    entropy.fill(&mut fill);
    let block = pin_block::encipher_format4(pin, pan, &key, fill).map_err(|_| PinFault::NoCard)?;
    Ok(EncryptedPinBlock {
        ksn: Bytes::new(&ksn.to_bytes()).map_err(|_| PinFault::KeyUnavailable)?,
        block: Sealed::new(&block).map_err(|_| PinFault::KeyUnavailable)?,
    })
}
