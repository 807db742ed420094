//! A terminal's PIN keys by the bank's derivation, and the bank's side of them.

use mpos_crypto::{
    dukpt::{KeySize, KeyUsage, Ksn, host_tdea_key, host_working_key},
    key::SecretKey,
    pin_block,
};
use mpos_ports::{KeyFault, KeyStore};
use mpos_protocol::pin::EncryptedPinBlock;
use std::sync::atomic::{AtomicU32, Ordering};

const INITIAL_KEY_ID: [u8; 8] = [0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56];

fn bdk() -> SecretKey {
    SecretKey::from_slice(&[0xFE; 16]).expect("a key")
}

/// The next counter; 0 means that there are no keys.
pub(crate) struct Keys(pub(crate) AtomicU32);

impl Keys {
    fn next_serial(&self) -> Result<Ksn, KeyFault> {
        let counter = self.0.load(Ordering::SeqCst);
        if counter == 0 {
            return Err(KeyFault::Exhausted);
        }
        self.0.store(counter + 1, Ordering::SeqCst);
        Ok(Ksn { initial_key_id: INITIAL_KEY_ID, counter })
    }
}

impl KeyStore for Keys {
    fn next_working_key(&self, usage: KeyUsage) -> Result<(Ksn, SecretKey), KeyFault> {
        let ksn = self.next_serial()?;
        let key = host_working_key(&bdk(), ksn, usage, KeySize::Aes128);
        Ok((ksn, key.map_err(|_| KeyFault::Unavailable)?))
    }

    fn next_tdea_key(&self, usage: KeyUsage) -> Result<(Ksn, SecretKey), KeyFault> {
        let ksn = self.next_serial()?;
        Ok((ksn, host_tdea_key(&bdk(), ksn, usage).map_err(|_| KeyFault::Unavailable)?))
    }

    fn device_public_key(&self) -> Result<[u8; 65], KeyFault> {
        Err(KeyFault::Unavailable)
    }

    fn sign(&self, _message: &[u8]) -> Result<[u8; 64], KeyFault> {
        Err(KeyFault::Unavailable)
    }

    fn begin_key_agreement(&self) -> Result<[u8; 65], KeyFault> {
        Err(KeyFault::Unavailable)
    }

    fn install_initial_key(&self, _wrapped: &[u8], _id: [u8; 8]) -> Result<(), KeyFault> {
        Err(KeyFault::Unavailable)
    }

    fn keys_left(&self) -> Result<u32, KeyFault> {
        unreachable!("the pad counts no keys")
    }

    fn certificate_request(&self, _subject: &str) -> Result<Vec<u8>, KeyFault> {
        Err(KeyFault::Unavailable)
    }
}

/// The PIN in a block, as the bank opens it; none for another card's.
pub(crate) fn open_block(block: &EncryptedPinBlock, pan: &[u8]) -> Option<pin_block::Pin> {
    let ksn = Ksn::from_bytes((&*block.ksn).try_into().expect("12 bytes"));
    if let Ok(bytes) = <&[u8; 8]>::try_from(&*block.block) {
        let key = host_tdea_key(&bdk(), ksn, KeyUsage::PinEncryption).expect("a key");
        return pin_block::decipher_format0(bytes, pan, &key).ok();
    }
    let key = host_working_key(&bdk(), ksn, KeyUsage::PinEncryption, KeySize::Aes128).expect("a key");
    pin_block::decipher_format4((&*block.block).try_into().expect("16 bytes"), pan, &key).ok()
}
