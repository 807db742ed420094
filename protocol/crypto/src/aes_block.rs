//! One AES block under a key of any length: all that DUKPT and PIN blocks need of AES.

use crate::SecretKey;
use aes::{
    Aes128, Aes192, Aes256, Block,
    cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit},
};

/// The length of a block, in bytes.
pub(crate) const BLOCK_BYTES: usize = 16;

/// AES for a key of 16, 24 or 32 bytes. Erased when dropped.
pub(crate) enum AesBlock {
    Aes128(Aes128),
    Aes192(Aes192),
    Aes256(Aes256),
}

impl AesBlock {
    pub(crate) fn new(key: &SecretKey) -> Self {
        const LENGTH: &str = "a SecretKey has 16, 24 or 32 bytes";
        let key = key.as_bytes();
        match key.len() {
            16 => Self::Aes128(Aes128::new_from_slice(key).expect(LENGTH)),
            24 => Self::Aes192(Aes192::new_from_slice(key).expect(LENGTH)),
            _ => Self::Aes256(Aes256::new_from_slice(key).expect(LENGTH)),
        }
    }

    pub(crate) fn encrypt(&self, block: &mut [u8; BLOCK_BYTES]) {
        let block: &mut Block = block.into();
        match self {
            Self::Aes128(aes) => aes.encrypt_block(block),
            Self::Aes192(aes) => aes.encrypt_block(block),
            Self::Aes256(aes) => aes.encrypt_block(block),
        }
    }

    pub(crate) fn decrypt(&self, block: &mut [u8; BLOCK_BYTES]) {
        let block: &mut Block = block.into();
        match self {
            Self::Aes128(aes) => aes.decrypt_block(block),
            Self::Aes192(aes) => aes.decrypt_block(block),
            Self::Aes256(aes) => aes.decrypt_block(block),
        }
    }
}
