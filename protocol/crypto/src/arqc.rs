//! Application cryptograms and the issuer's answer to them: EMV 4.3 Book 2, A1 and 8.2, and what Visa and Mastercard build
//! from it.
//!
//! Issuer and card assemble the data elements themselves; here is only the arithmetic: issuer master key → card
//! master key → session key → MAC over bytes. All keys are two-key triple DES, 16 bytes.

use crate::{CryptoError, SecretKey, digits::Pan};
use des::{
    Des, TdesEde2,
    cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit},
};
use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

const BLOCK_BYTES: usize = 8;
const KEY_BYTES: usize = 16;
/// Digits that diversify the card's master key.
const DIVERSIFIER_DIGITS: usize = 16;
/// Longest account number of option A; longer ones take option B.
const OPTION_A_PAN_DIGITS_MAX: usize = 16;
/// An account number with its sequence number, at most.
const PAN_AND_PSN_DIGITS_MAX: usize = 22;

/// Longest proprietary authentication data of [`arpc_method2`]. EMV 4.3 Book 2, 8.2.2
pub const PROPRIETARY_BYTES_MAX: usize = 8;

/// How the last block of a MAC's input is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// ISO/IEC 9797-1 method 1: zeros, none when the data ends on a block.
    Zeros,
    /// ISO/IEC 9797-1 method 2: `80`, then zeros.
    Iso80,
}

/// How a scheme's cryptogram version turns the card's master key into a cryptogram. Visa counts its versions in
/// decimal, Mastercard in hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CryptogramKind {
    /// Visa cryptogram version 10 (`0A`): the card's master key itself, zero padding.
    VisaCvn10,
    /// Visa cryptogram version 18 (`12`): EMV common session key, padding `80`.
    VisaCvn18,
    /// Mastercard cryptogram versions `10` and `11`: Mastercard's session key, padding `80`.
    MastercardCvn10,
    /// Mastercard cryptogram versions `14` and `15`: EMV common session key, padding `80`.
    MastercardCvn14,
}

/// The application cryptogram over `data`, from the card's master key. `unpredictable_number` (9F37) enters
/// Mastercard's session key only.
///
/// # Errors
/// [`CryptoError::KeyLength`] unless the key has 16 bytes.
pub fn application_cryptogram(
    kind: CryptogramKind,
    icc_master_key: &SecretKey,
    atc: [u8; 2],
    unpredictable_number: [u8; 4],
    data: &[u8],
) -> Result<[u8; 8], CryptoError> {
    match kind {
        CryptogramKind::VisaCvn10 => cryptogram(icc_master_key, data, Padding::Zeros),
        CryptogramKind::VisaCvn18 | CryptogramKind::MastercardCvn14 => {
            cryptogram(&session_key_common(icc_master_key, atc)?, data, Padding::Iso80)
        }
        CryptogramKind::MastercardCvn10 => {
            let key = session_key_mastercard(icc_master_key, atc, unpredictable_number)?;
            cryptogram(&key, data, Padding::Iso80)
        }
    }
}

/// The card's master key from the issuer's. `pan` is digits, one a byte; `psn` the sequence number (5F34) as the
/// card gives it, in BCD; 0 when it has none. Option A up to 16 digits, option B above.
///
/// # Errors
/// [`CryptoError::KeyLength`], [`CryptoError::Pan`].
// EMV 4.3 Book 2, A1.4
pub fn derive_icc_master_key(
    issuer_master_key: &SecretKey,
    pan: &[u8],
    psn: u8,
) -> Result<SecretKey, CryptoError> {
    let pan = Pan::new(pan)?;
    let pan = pan.as_digits();
    let diversifier = if pan.len() > OPTION_A_PAN_DIGITS_MAX {
        diversifier_option_b(pan, psn)
    } else {
        diversifier_option_a(pan, psn)
    };
    let mut master_key = two_blocks(issuer_master_key, diversifier, diversifier.map(|byte| !byte))?;
    // Each byte gets an odd number of ones, as DES keys have.
    for byte in master_key.iter_mut().filter(|byte| byte.count_ones() % 2 == 0) {
        *byte ^= 1;
    }
    SecretKey::from_slice(&*master_key)
}

/// EMV common session key for one transaction.
///
/// # Errors
/// [`CryptoError::KeyLength`].
// EMV 4.3 Book 2, A1.3.1
pub fn session_key_common(icc_master_key: &SecretKey, atc: [u8; 2]) -> Result<SecretKey, CryptoError> {
    session_key(icc_master_key, [atc[0], atc[1], 0, 0, 0, 0, 0, 0])
}

/// Mastercard's session key, which depends on the terminal's unpredictable number (9F37) too.
///
/// # Errors
/// [`CryptoError::KeyLength`].
pub fn session_key_mastercard(
    icc_master_key: &SecretKey,
    atc: [u8; 2],
    unpredictable_number: [u8; 4],
) -> Result<SecretKey, CryptoError> {
    let [a, b, c, d] = unpredictable_number;
    session_key(icc_master_key, [atc[0], atc[1], 0, 0, a, b, c, d])
}

/// ISO/IEC 9797-1 algorithm 3 with DES ("retail MAC"), all 8 bytes of it.
///
/// # Errors
/// [`CryptoError::KeyLength`] unless the key has 16 bytes.
// EMV 4.3 Book 2, A1.2.1
pub fn cryptogram(key: &SecretKey, data: &[u8], padding: Padding) -> Result<[u8; 8], CryptoError> {
    const HALF: &str = "half a key of 16 bytes is a DES key";
    let (left, right) = key_bytes(key)?.split_at(BLOCK_BYTES);
    let left = Des::new_from_slice(left).expect(HALF);
    let right = Des::new_from_slice(right).expect(HALF);

    let (blocks, rest) = data.as_chunks::<BLOCK_BYTES>();
    let mut mac = [0; BLOCK_BYTES];
    let mut chain = |block: &[u8; BLOCK_BYTES]| {
        mac.iter_mut().zip(block).for_each(|(mac, byte)| *mac ^= byte);
        left.encrypt_block((&mut mac).into());
    };
    blocks.iter().for_each(&mut chain);
    if padding == Padding::Iso80 || !rest.is_empty() || blocks.is_empty() {
        let mut last = [0; BLOCK_BYTES];
        last[..rest.len()].copy_from_slice(rest);
        if padding == Padding::Iso80 {
            last[rest.len()] = 0x80;
        }
        chain(&last);
    }
    right.decrypt_block((&mut mac).into());
    left.encrypt_block((&mut mac).into());
    Ok(mac)
}

/// The issuer's answer to a cryptogram, method 1: `arc` is the authorisation response code (8A). `key` is the session
/// key, or the card's master key with Visa's cryptogram version 10.
///
/// # Errors
/// [`CryptoError::KeyLength`] unless the key has 16 bytes.
// EMV 4.3 Book 2, 8.2.1
pub fn arpc_method1(key: &SecretKey, arqc: [u8; 8], arc: [u8; 2]) -> Result<[u8; 8], CryptoError> {
    let cipher = TdesEde2::new_from_slice(key_bytes(key)?).expect("16 bytes are two DES keys");
    let mut block = arqc;
    block.iter_mut().zip(arc).for_each(|(byte, arc)| *byte ^= arc);
    cipher.encrypt_block((&mut block).into());
    Ok(block)
}

/// The issuer's answer to a cryptogram, method 2: `status_update` is the card status update, `proprietary` up to
/// [`PROPRIETARY_BYTES_MAX`] bytes of the issuer's own.
///
/// # Errors
/// [`CryptoError::KeyLength`] unless the key has 16 bytes; [`CryptoError::MessageLength`].
// EMV 4.3 Book 2, 8.2.2
pub fn arpc_method2(
    session_key: &SecretKey,
    arqc: [u8; 8],
    status_update: [u8; 4],
    proprietary: &[u8],
) -> Result<[u8; 4], CryptoError> {
    if proprietary.len() > PROPRIETARY_BYTES_MAX {
        return Err(CryptoError::MessageLength);
    }
    let message = [&arqc[..], &status_update, proprietary].concat();
    let [a, b, c, d, ..] = cryptogram(session_key, &message, Padding::Iso80)?;
    Ok([a, b, c, d])
}

/// The two halves come from the same diversification value, told apart by its third byte. EMV 4.3 Book 2, A1.3.1
fn session_key(icc_master_key: &SecretKey, diversifier: [u8; BLOCK_BYTES]) -> Result<SecretKey, CryptoError> {
    let [mut left, mut right] = [diversifier; 2];
    left[2] = 0xF0;
    right[2] = 0x0F;
    SecretKey::from_slice(&*two_blocks(icc_master_key, left, right)?)
}

/// The rightmost 16 digits of account number and sequence number. EMV 4.3 Book 2, A1.4.1
fn diversifier_option_a(pan: &[u8], psn: u8) -> [u8; BLOCK_BYTES] {
    let digits = [0; DIVERSIFIER_DIGITS].into_iter().chain(pan.iter().copied()).chain([psn >> 4, psn & 0xF]);
    let mut diversifier = [0; BLOCK_BYTES];
    crate::digits::pack(&mut diversifier, 0, digits.skip(pan.len() + 2));
    diversifier
}

/// The first 16 decimal digits of SHA-1 over account number and sequence number; where there are fewer, its letters
/// follow as digits (A is 0, F is 5). EMV 4.3 Book 2, A1.4.2
fn diversifier_option_b(pan: &[u8], psn: u8) -> [u8; BLOCK_BYTES] {
    let mut packed = [0; PAN_AND_PSN_DIGITS_MAX / 2];
    // An odd number of digits gets a zero on the left, so that each byte holds two.
    let length = (pan.len() + 2).div_ceil(2);
    let digits = pan.iter().copied().chain([psn >> 4, psn & 0xF]);
    crate::digits::pack(&mut packed[..length], pan.len() % 2, digits);
    let hash = Sha1::digest(&packed[..length]);
    let nibbles = || hash.iter().flat_map(|byte| [byte >> 4, byte & 0xF]);
    let digits = nibbles().filter(|nibble| *nibble < 10);
    let letters = nibbles().filter(|nibble| *nibble >= 10).map(|letter| letter - 10);
    let mut diversifier = [0; BLOCK_BYTES];
    crate::digits::pack(&mut diversifier, 0, digits.chain(letters).take(DIVERSIFIER_DIGITS));
    diversifier
}

/// Both blocks under triple DES, side by side.
fn two_blocks(
    key: &SecretKey,
    mut left: [u8; BLOCK_BYTES],
    mut right: [u8; BLOCK_BYTES],
) -> Result<Zeroizing<[u8; KEY_BYTES]>, CryptoError> {
    let cipher = TdesEde2::new_from_slice(key_bytes(key)?).expect("16 bytes are two DES keys");
    cipher.encrypt_block((&mut left).into());
    cipher.encrypt_block((&mut right).into());
    let mut both = Zeroizing::new([0; KEY_BYTES]);
    both[..BLOCK_BYTES].copy_from_slice(&left);
    both[BLOCK_BYTES..].copy_from_slice(&right);
    Ok(both)
}

fn key_bytes(key: &SecretKey) -> Result<&[u8; KEY_BYTES], CryptoError> {
    let bytes = key.as_bytes();
    bytes.try_into().map_err(|_| CryptoError::KeyLength(bytes.len()))
}
