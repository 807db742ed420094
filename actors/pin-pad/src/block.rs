//! The PIN block: ISO 9564-1 format 4 under an AES key, or format 0 under a triple DES key for a bank that asks for it.
//! Either key is one of AES-DUKPT (ANSI X9.24-3), and is used once.

use mpos_crypto::{dukpt::KeyUsage, pin_block};
use mpos_ports::{Entropy, KeyStore};
use mpos_protocol::{
    Bytes, Sealed,
    pin::{EncryptedPinBlock, PIN_DIGITS_MAX, PIN_DIGITS_MIN, PinBlockFormat, PinFault},
};

/// Enciphers `pin` (ASCII digits) bound to `pan` (one digit a byte). A key is used up only for a PIN that may be one.
pub(crate) fn encipher(
    format: PinBlockFormat,
    (pin, pan): (&[u8], &[u8]),
    keys: &dyn KeyStore,
    entropy: &mut dyn Entropy,
) -> Result<EncryptedPinBlock, PinFault> {
    if !(PIN_DIGITS_MIN..=PIN_DIGITS_MAX).contains(&pin.len()) {
        return Err(PinFault::WrongLength);
    }
    let unusable = |_fault| PinFault::KeyUnavailable;
    let (ksn, block) = match format {
        PinBlockFormat::Format4 => {
            let (ksn, key) = keys.next_working_key(KeyUsage::PinEncryption).map_err(unusable)?;
            let mut fill = [0; 8];
            entropy.fill(&mut fill);
            let block = pin_block::encipher_format4(pin, pan, &key, fill).map_err(|_| PinFault::NoCard)?;
            (ksn, Sealed::new(&block))
        }
        PinBlockFormat::Format0 => {
            let (ksn, key) = keys.next_tdea_key(KeyUsage::PinEncryption).map_err(unusable)?;
            let block = pin_block::encipher_format0(pin, pan, &key).map_err(|_| PinFault::NoCard)?;
            (ksn, Sealed::new(&block))
        }
    };
    Ok(EncryptedPinBlock {
        ksn: Bytes::new(&ksn.to_bytes()).map_err(|_| PinFault::KeyUnavailable)?,
        block: block.map_err(|_| PinFault::KeyUnavailable)?,
    })
}
