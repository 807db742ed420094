//! What an issuer puts on a card so that a terminal can verify it: two certificates and a key.
//!
//! EMV 4.3 Book 2, tables 6 (issuer), 14 (card) and 15 or 18 (signatures): written from the side of the
//! one who signs.

use sha1::{Digest, Sha1};

use super::authority::{CA, ICC, ISSUER, ToSign, split};

/// The six objects of a key chain, by tag.
pub(crate) fn chain(pan: &[u8], static_data: &[u8], expiry_mmyy: [u8; 2]) -> Vec<(u32, Vec<u8>)> {
    let (issuer_start, issuer_rest) = split(ISSUER.modulus, &CA, 36);
    let issuer = [
        &[0x02][..],
        &pan[..4],
        &expiry_mmyy,
        &[0, 0, 1, 1, 1, ISSUER.modulus.len() as u8, 1],
        &issuer_start,
    ]
    .concat();
    let issuer = ToSign::new(issuer, [&issuer_rest[..], &[3]].concat()).sign(&CA);

    let mut padded_pan = pan.to_vec();
    padded_pan.resize(10, 0xFF);
    let (icc_start, icc_rest) = split(ICC.modulus, &ISSUER, 42);
    let icc =
        [&[0x04][..], &padded_pan, &expiry_mmyy, &[0, 0, 2, 1, 1, ICC.modulus.len() as u8, 1], &icc_start]
            .concat();
    let icc = ToSign::new(icc, [&icc_rest[..], &[3], static_data].concat()).sign(&ISSUER);

    vec![
        (0x8F, vec![super::CA_INDEX]),
        (0x90, issuer),
        (0x92, issuer_rest),
        (0x9F32, vec![3]),
        (0x9F46, icc),
        (0x9F48, icc_rest),
        (0x9F47, vec![3]),
    ]
}

/// A CDA signature (9F4B): `hashed` is everything that the transaction data hash covers.
pub(crate) fn cda(cid: u8, cryptogram: [u8; 8], hashed: &[u8], unpredictable_number: [u8; 4]) -> Vec<u8> {
    let hash = Sha1::digest(hashed);
    let dynamic = [&[8][..], &[0xD7; 8], &[cid], &cryptogram, &hash].concat();
    let fields = [&[0x05, 0x01, dynamic.len() as u8], &dynamic[..]].concat();
    ToSign::new(fields, unpredictable_number.to_vec()).sign(&ICC)
}

/// An fDDA signature (9F4B) over the terminal's data.
pub(crate) fn fdda(atc: [u8; 2], covered: &[u8]) -> Vec<u8> {
    let fields = [&[0x05, 0x01, 3, 2][..], &atc].concat();
    ToSign::new(fields, covered.to_vec()).sign(&ICC)
}
