//! AES-GCM under a key that is used for one message only.
//!
//! GCM fails when two messages share key and nonce. Here each key seals one message, so the nonce has nothing to
//! tell apart and is all zeros; a random one would add 12 bytes to each message and no safety. A DUKPT data key is
//! such a key: the terminal's register erases it when it hands it out, and its counter never repeats.

use crate::{CryptoError, SecretKey};
use aes_gcm::{
    Aes128Gcm, Aes256Gcm, AesGcm,
    aead::{Aead, KeyInit, Nonce, Payload, consts::U12},
    aes::Aes192,
};
use alloc::vec::Vec;
use zeroize::Zeroizing;

/// The longest message that is sealed.
pub const SEALED_BYTES_MAX: usize = 64 * 1024;
/// How much longer a sealed message is.
pub const TAG_BYTES: usize = 16;

type Aes192Gcm = AesGcm<Aes192, U12>;

/// Enciphers and authenticates `plaintext`, and authenticates `aad` with it. `key` must be used this once
/// (DUKPT, [`DataEncrypt`](crate::dukpt::KeyUsage::DataEncrypt)). The result is [`TAG_BYTES`] longer.
///
/// # Errors
/// [`CryptoError::MessageLength`] above [`SEALED_BYTES_MAX`].
pub fn seal_once(key: &SecretKey, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
    if plaintext.len() > SEALED_BYTES_MAX {
        return Err(CryptoError::MessageLength);
    }
    let payload = Payload { msg: plaintext, aad };
    match key.as_bytes().len() {
        16 => gcm::<Aes128Gcm>(key)?.encrypt(&Nonce::<Aes128Gcm>::default(), payload),
        24 => gcm::<Aes192Gcm>(key)?.encrypt(&Nonce::<Aes192Gcm>::default(), payload),
        _ => gcm::<Aes256Gcm>(key)?.encrypt(&Nonce::<Aes256Gcm>::default(), payload),
    }
    .map_err(|_| CryptoError::MessageLength)
}

/// Opens what [`seal_once`] made.
///
/// # Errors
/// [`CryptoError::NotAuthentic`]; [`CryptoError::MessageLength`] above [`SEALED_BYTES_MAX`] and the tag.
pub fn open_once(key: &SecretKey, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    if sealed.len() > SEALED_BYTES_MAX + TAG_BYTES {
        return Err(CryptoError::MessageLength);
    }
    let payload = Payload { msg: sealed, aad };
    match key.as_bytes().len() {
        16 => gcm::<Aes128Gcm>(key)?.decrypt(&Nonce::<Aes128Gcm>::default(), payload),
        24 => gcm::<Aes192Gcm>(key)?.decrypt(&Nonce::<Aes192Gcm>::default(), payload),
        _ => gcm::<Aes256Gcm>(key)?.decrypt(&Nonce::<Aes256Gcm>::default(), payload),
    }
    .map(Zeroizing::new)
    .map_err(|_| CryptoError::NotAuthentic)
}

fn gcm<C: KeyInit>(key: &SecretKey) -> Result<C, CryptoError> {
    C::new_from_slice(key.as_bytes()).map_err(|_| CryptoError::KeyLength(key.as_bytes().len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    #[test]
    fn sealing_is_gcm_with_a_zero_nonce() {
        // McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test cases 2, 8 and 14.
        let cases: [(usize, &[u8]); 3] = [
            (16, &hex!("0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf")),
            (24, &hex!("98e7247c07f0fe411c267e4384b0f6002ff58d80033927ab8ef4d4587514f0fb")),
            (32, &hex!("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")),
        ];
        for (length, sealed) in cases {
            let key = SecretKey::from_slice(&[0; 32][..length]).unwrap();
            assert_eq!(seal_once(&key, b"", &[0; 16]).unwrap(), sealed);
            assert_eq!(open_once(&key, b"", sealed).unwrap().as_slice(), [0; 16]);
        }
    }

    #[test]
    fn what_was_altered_bound_otherwise_or_sealed_for_another_key_does_not_open() {
        let key = SecretKey::from_slice(&[1; 16]).unwrap();
        let sealed = seal_once(&key, b"TM000016", b"track 2").unwrap();
        let mut altered = sealed.clone();
        altered[3] ^= 1;
        let other_key = SecretKey::from_slice(&[2; 16]).unwrap();
        for (key, aad, sealed) in [
            (&key, "TM000016", &altered[..]),
            (&key, "TM000017", &sealed[..]),
            (&other_key, "TM000016", &sealed[..]),
            (&key, "TM000016", &sealed[..15]),
        ] {
            assert_eq!(open_once(key, aad.as_bytes(), sealed), Err(CryptoError::NotAuthentic));
        }
    }

    #[test]
    fn a_message_beyond_the_limit_is_refused_both_ways() {
        let key = SecretKey::from_slice(&[1; 32]).unwrap();
        let long = alloc::vec![0; SEALED_BYTES_MAX + TAG_BYTES + 1];
        assert_eq!(seal_once(&key, b"", &long[..=SEALED_BYTES_MAX]), Err(CryptoError::MessageLength));
        assert_eq!(open_once(&key, b"", &long), Err(CryptoError::MessageLength));
        let most = seal_once(&key, b"", &long[..SEALED_BYTES_MAX]).unwrap();
        assert_eq!(open_once(&key, b"", &most).unwrap().len(), SEALED_BYTES_MAX);
    }
}
