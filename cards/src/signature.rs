//! The card's own signature with recovery, over data that change with each transaction: CDA and fDDA.

use mpos_certs::rsa_key::RsaPrivateKey;
use mpos_tlv::StatusWord;
use sha1::{Digest, Sha1};

const HEADER: u8 = 0x6A;
const FORMAT_DYNAMIC: u8 = 0x05;
const HASH_SHA1: u8 = 0x01;
const PADDING: u8 = 0xBB;
const TRAILER: u8 = 0xBC;
/// Bytes of the signed block around the dynamic data and its padding: header, format, algorithm, length, hash and
/// trailer.
const AROUND_BYTES: usize = 25;

/// Signed dynamic application data (9F4B) over `dynamic_data`, which the signature holds, and `terminal_data`, which
/// it only covers.
// EMV 4.3 Book 2, 6.5.1 and 6.6.1
pub(crate) fn sign_dynamic(
    key: &RsaPrivateKey,
    dynamic_data: &[u8],
    terminal_data: &[u8],
) -> Result<Vec<u8>, StatusWord> {
    let length = u8::try_from(dynamic_data.len()).map_err(|_| StatusWord::UNKNOWN)?;
    let around = AROUND_BYTES + dynamic_data.len();
    let padding = key.modulus_length().checked_sub(around).ok_or(StatusWord::UNKNOWN)?;

    let mut block = vec![HEADER, FORMAT_DYNAMIC, HASH_SHA1, length];
    block.extend(dynamic_data);
    block.extend(core::iter::repeat_n(PADDING, padding));
    let hash = Sha1::new().chain_update(&block[1..]).chain_update(terminal_data).finalize();
    block.extend(hash);
    block.push(TRAILER);
    key.sign_block(&block).map_err(|_| StatusWord::UNKNOWN)
}
