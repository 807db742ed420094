//! Certificates in EMV's own format, which hold the key they certify: EMV 4.3 Book 2, 5.1 and 6.1.
//!
//! A certificate is one RSA signature with recovery over as much of the certified key as fits; what does not fit is
//! given beside it (the remainder). The recovery of all this is in `mpos_crypto::emv_certificate`.

use mpos_crypto::emv_certificate::RsaPublicKey;
use sha1::{Digest, Sha1};

use super::SchemeKeyError;
use crate::rsa_key::RsaPrivateKey;

/// Until when certificates are valid, `MMYY` in BCD. The keys are a development bank's; the latest month that EMV's
/// two digits of a year can say.
const EXPIRY: [u8; 2] = [0x12, 0x49];

const HEADER: u8 = 0x6A;
const TRAILER: u8 = 0xBC;
const FORMAT_ISSUER: u8 = 0x02;
const FORMAT_ICC: u8 = 0x04;
const HASH_SHA1: u8 = 0x01;
const ALGORITHM_RSA: u8 = 0x01;
const KEY_PADDING: u8 = 0xBB;
/// Bytes of a SHA-1 value.
const HASH_BYTES: usize = 20;

/// A certified key as a card carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedKey {
    /// Tag 90 or 9F46.
    pub certificate: Vec<u8>,
    /// Tag 92 or 9F48: what of the modulus does not fit in the certificate. Empty: the tag is absent.
    pub remainder: Vec<u8>,
    /// Tag 9F32 or 9F47.
    pub exponent: Vec<u8>,
}

/// An issuer's key certified by a scheme's CA, for account numbers that begin as `pan` (ASCII digits) does.
///
/// # Errors
/// [`SchemeKeyError::Pan`], [`SchemeKeyError::CertifiedKeyLength`], [`SchemeKeyError::Key`].
// EMV 4.3 Book 2, 6.1: the issuer public key data to be signed by the certification authority
pub fn certify_issuer(
    ca: &RsaPrivateKey,
    pan: &str,
    key: &RsaPublicKey,
) -> Result<IssuedKey, SchemeKeyError> {
    let [a, b, c, ..] = pan_value(pan)?;
    // The issuer identifier: six digits, padded with F.
    certify(ca, &[FORMAT_ISSUER, a, b, c, 0xFF], key, &[])
}

/// A card's key certified by its issuer, together with its account number and the static data to be authenticated.
///
/// # Errors
/// [`SchemeKeyError::Pan`], [`SchemeKeyError::CertifiedKeyLength`], [`SchemeKeyError::Key`].
// EMV 4.3 Book 2, 6.1: the ICC public key data to be signed by the issuer
pub fn certify_icc(
    issuer: &RsaPrivateKey,
    pan: &str,
    key: &RsaPublicKey,
    static_data: &[u8],
) -> Result<IssuedKey, SchemeKeyError> {
    let mut subject = vec![FORMAT_ICC];
    subject.extend(pan_value(pan)?);
    certify(issuer, &subject, key, static_data)
}

fn certify(
    signer: &RsaPrivateKey,
    subject: &[u8],
    key: &RsaPublicKey,
    also_hashed: &[u8],
) -> Result<IssuedKey, SchemeKeyError> {
    let refused = || SchemeKeyError::CertifiedKeyLength(key.modulus.len());
    // EMV 4.3 Book 2, D1.1: no key is longer than the one that certifies it.
    if key.modulus.len() > signer.modulus_length() {
        return Err(refused());
    }
    let exponent = exponent_value(key.exponent);

    let mut signed = subject.to_vec();
    signed.extend(EXPIRY);
    signed.extend(serial(key));
    signed.extend([HASH_SHA1, ALGORITHM_RSA]);
    signed.push(u8::try_from(key.modulus.len()).map_err(|_| refused())?);
    signed.push(u8::try_from(exponent.len()).map_err(|_| refused())?);

    let around = 1 + signed.len() + HASH_BYTES + 1;
    let room = signer.modulus_length().checked_sub(around).ok_or_else(refused)?;
    let (inside, remainder) = key.modulus.split_at(room.min(key.modulus.len()));
    signed.extend(inside);
    signed.extend(core::iter::repeat_n(KEY_PADDING, room - inside.len()));

    let hash = Sha1::new()
        .chain_update(&signed)
        .chain_update(remainder)
        .chain_update(&exponent)
        .chain_update(also_hashed)
        .finalize();
    let block = [&[HEADER], &signed[..], &hash[..], &[TRAILER]].concat();
    Ok(IssuedKey { certificate: signer.sign_block(&block)?, remainder: remainder.to_vec(), exponent })
}

/// Certificate serial number: the start of the key's own hash, so that no counter need be kept.
fn serial(key: &RsaPublicKey) -> [u8; 3] {
    let hash = Sha1::digest(&key.modulus);
    [hash[0], hash[1], hash[2]]
}

/// Big-endian without leading zeros.
fn exponent_value(exponent: u32) -> Vec<u8> {
    exponent.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect()
}

/// An account number as the certificate holds it: ten bytes, two digits each, padded with F on the right.
fn pan_value(pan: &str) -> Result<[u8; 10], SchemeKeyError> {
    if !(8..=19).contains(&pan.len()) || !pan.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(SchemeKeyError::Pan);
    }
    let mut value = [0xFF; 10];
    for (place, digit) in pan.bytes().enumerate() {
        let digit = digit - b'0';
        let byte = &mut value[place / 2];
        *byte = if place % 2 == 0 { digit << 4 | 0x0F } else { *byte & 0xF0 | digit };
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_numbers_are_padded_on_the_right() {
        let value = |pan: &str| pan_value(pan).map(hex::encode_upper).ok();
        assert_eq!(value("5413330089020036").as_deref(), Some("5413330089020036FFFF"));
        assert_eq!(value("6799990000000000001").as_deref(), Some("6799990000000000001F"));
        for wrong in ["", "5413330", "54133300890200365413", "54133300x9020036"] {
            assert_eq!(value(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn exponents_have_no_leading_zeros() {
        assert_eq!(exponent_value(3), [3]);
        assert_eq!(exponent_value(65537), [1, 0, 1]);
    }
}
