//! A key on its way to one recipient: ECIES on P-256 (ephemeral ECDH, HKDF-SHA256, AES-128-GCM).
//!
//! The bank sends a terminal its initial key this way: only the holder of the recipient's secret opens it, and only
//! in the context (terminal, purpose) for which it was wrapped. The message is the ephemeral public point, 65 bytes,
//! then the sealed key. It is secret and whole, but tells nothing of its sender: that is the signed answer's part.

use crate::{
    CryptoError, SecretKey,
    seal::{open_once, seal_once},
};
use alloc::vec::Vec;
use hkdf::Hkdf;
use p256::{PublicKey, elliptic_curve::sec1::ToSec1Point};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The longest plaintext that is wrapped: keys are short.
pub const WRAPPED_BYTES_MAX: usize = 1024;

/// An uncompressed SEC1 point.
const POINT_BYTES: usize = 65;
/// Tells this use of HKDF from any other, and its version.
const LABEL: &[u8] = b"mpos key wrap 1";

/// Wraps `plaintext` (at most [`WRAPPED_BYTES_MAX`]) for a public key (SEC1, 33 or 65 bytes). `ephemeral_secret` is
/// 32 fresh random bytes; `context` must be the same when unwrapping.
///
/// # Errors
/// [`CryptoError::PublicPoint`]; [`CryptoError::SecretScalar`] (draw again); [`CryptoError::MessageLength`].
pub fn wrap(
    recipient_public_sec1: &[u8],
    ephemeral_secret: &[u8; 32],
    context: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    if plaintext.len() > WRAPPED_BYTES_MAX {
        return Err(CryptoError::MessageLength);
    }
    let recipient =
        PublicKey::from_sec1_bytes(recipient_public_sec1).map_err(|_| CryptoError::PublicPoint)?;
    let ephemeral = scalar(ephemeral_secret)?;
    let ephemeral_public = ephemeral.public_key();
    let key = agree(&ephemeral, &recipient, &ephemeral_public, &recipient)?;
    let mut message = point(&ephemeral_public).to_vec();
    message.extend_from_slice(&seal_once(&key, context, plaintext)?);
    Ok(message)
}

/// Unwraps what [`wrap`] made. `recipient_secret` is the scalar, 32 bytes, big-endian.
///
/// # Errors
/// [`CryptoError::SecretScalar`], [`CryptoError::PublicPoint`], [`CryptoError::NotAuthentic`].
pub fn unwrap(
    recipient_secret: &[u8; 32],
    context: &[u8],
    message: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let (ephemeral_public, sealed) =
        message.split_first_chunk::<POINT_BYTES>().ok_or(CryptoError::NotAuthentic)?;
    let ephemeral_public =
        PublicKey::from_sec1_bytes(ephemeral_public).map_err(|_| CryptoError::PublicPoint)?;
    let recipient = scalar(recipient_secret)?;
    let key = agree(&recipient, &ephemeral_public, &ephemeral_public, &recipient.public_key())?;
    open_once(&key, context, sealed)
}

/// The key that both sides come to. Both points are named in it, so that no other pair can lead to the same key.
fn agree(
    secret: &p256::SecretKey,
    public: &PublicKey,
    ephemeral: &PublicKey,
    recipient: &PublicKey,
) -> Result<SecretKey, CryptoError> {
    let shared = secret.diffie_hellman(public);
    let mut key = Zeroizing::new([0; 16]);
    Hkdf::<Sha256>::new(None, shared.raw_secret_bytes())
        .expand_multi_info(&[LABEL, &point(ephemeral), &point(recipient)], &mut *key)
        .expect("16 bytes are within HKDF's reach");
    SecretKey::from_slice(&*key)
}

fn scalar(secret: &[u8; 32]) -> Result<p256::SecretKey, CryptoError> {
    p256::SecretKey::from_slice(secret).map_err(|_| CryptoError::SecretScalar)
}

fn point(public: &PublicKey) -> [u8; POINT_BYTES] {
    let mut point = [0; POINT_BYTES];
    point.copy_from_slice(public.to_sec1_point(false).as_bytes());
    point
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RECIPIENT: [u8; 32] = [0x11; 32];
    const EPHEMERAL: [u8; 32] = [0x22; 32];

    fn public(secret: &[u8; 32]) -> [u8; POINT_BYTES] {
        point(&scalar(secret).unwrap().public_key())
    }

    #[test]
    fn a_wrapped_key_opens_for_its_recipient_in_its_context() {
        let message = wrap(&public(&RECIPIENT), &EPHEMERAL, b"TM000016", &[7; 16]).unwrap();
        assert_eq!(message.len(), POINT_BYTES + 16 + 16);
        assert_eq!(unwrap(&RECIPIENT, b"TM000016", &message).unwrap().as_slice(), [7; 16]);
        let compressed = scalar(&RECIPIENT).unwrap().public_key().to_sec1_point(true);
        assert_eq!(wrap(compressed.as_bytes(), &EPHEMERAL, b"TM000016", &[7; 16]), Ok(message));
    }

    #[test]
    fn another_recipient_another_context_or_one_altered_bit_opens_nothing() {
        let message = wrap(&public(&RECIPIENT), &EPHEMERAL, b"TM000016", &[7; 16]).unwrap();
        assert_eq!(unwrap(&[0x12; 32], b"TM000016", &message), Err(CryptoError::NotAuthentic));
        assert_eq!(unwrap(&RECIPIENT, b"TM000017", &message), Err(CryptoError::NotAuthentic));
        for position in 0..message.len() {
            let mut altered = message.clone();
            altered[position] ^= 1;
            assert!(unwrap(&RECIPIENT, b"TM000016", &altered).is_err(), "byte {position}");
        }
        for length in 0..message.len() {
            assert!(unwrap(&RECIPIENT, b"TM000016", &message[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn what_is_no_point_or_no_scalar_is_refused() {
        let mut off_curve = public(&RECIPIENT);
        off_curve[64] ^= 1;
        assert_eq!(wrap(&off_curve, &EPHEMERAL, b"", b""), Err(CryptoError::PublicPoint));
        assert_eq!(wrap(&[0], &EPHEMERAL, b"", b""), Err(CryptoError::PublicPoint));
        for secret in [[0; 32], [0xFF; 32]] {
            assert_eq!(wrap(&public(&RECIPIENT), &secret, b"", b""), Err(CryptoError::SecretScalar));
        }
    }

    proptest! {
        #[test]
        fn a_wrapped_key_comes_back(
            recipient in 1_u8.., ephemeral in 1_u8.., context: Vec<u8>, key in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            // Any repeated byte below the order's first one, FF, is a scalar.
            prop_assume!(recipient != 0xFF && ephemeral != 0xFF);
            let message = wrap(&public(&[recipient; 32]), &[ephemeral; 32], &context, &key).unwrap();
            prop_assert_eq!(&*unwrap(&[recipient; 32], &context, &message).unwrap(), &key);
        }
    }
}
