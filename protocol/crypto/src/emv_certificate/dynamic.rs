//! What a card signs anew for each transaction: EMV 4.3 Book 2, 6.5 (DDA, fDDA) and 6.6 (CDA).

use super::{CertificateFault, IccPublicKey, recovered::Recovered};
use alloc::vec::Vec;
use sha1::{Digest, Sha1};

const FORMAT_DYNAMIC: u8 = 0x05;
/// Shortest and longest ICC dynamic number (9F4C).
const DYNAMIC_NUMBER_BYTES: core::ops::RangeInclusive<usize> = 2..=8;

/// What a card signed for a transaction (DDA, fDDA).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedDynamicData {
    /// ICC dynamic number, 2 to 8 bytes (9F4C). With Visa's fDDA, the card's transaction counter.
    pub icc_dynamic_number: Vec<u8>,
    /// What follows it in the ICC dynamic data.
    pub rest: Vec<u8>,
}

/// What a card signed together with its cryptogram (CDA).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CdaData {
    /// ICC dynamic number, 2 to 8 bytes (9F4C).
    pub icc_dynamic_number: Vec<u8>,
    /// Cryptogram information data (9F27): must equal what came in the clear, 6.6.2, step 6.
    pub cid: u8,
    /// Application cryptogram (9F26).
    pub cryptogram: [u8; 8],
    /// To be checked with [`check_transaction`](Self::check_transaction).
    pub transaction_data_hash: [u8; 20],
    /// What follows: with relay resistance, kernel 2 finds its copy of those figures here.
    pub rest: Vec<u8>,
}

impl CdaData {
    /// Checks that the card signed this transaction: `parts` as for [`transaction_data_hash`].
    ///
    /// # Errors
    /// [`CertificateFault::TransactionDataHash`].
    // EMV 4.3 Book 2, 6.6.2, steps 10 to 12
    pub fn check_transaction(&self, parts: &[&[u8]]) -> Result<(), CertificateFault> {
        if transaction_data_hash(parts) == self.transaction_data_hash {
            Ok(())
        } else {
            Err(CertificateFault::TransactionDataHash)
        }
    }
}

/// Recovers and checks a dynamic signature (9F4B). `terminal_dynamic_data` is what the card was asked to sign: the
/// DDOL's values, or for Visa's fDDA 9F37, 9F02, 5F2A and 9F69.
///
/// # Errors
/// The step that failed.
// EMV 4.3 Book 2, 6.5.2; EMV Contactless Book C-3, annex C
pub fn recover_signed_dynamic(
    icc: &IccPublicKey,
    sdad: &[u8],
    terminal_dynamic_data: &[u8],
) -> Result<SignedDynamicData, CertificateFault> {
    let recovered = recover(icc, sdad, terminal_dynamic_data)?;
    let (icc_dynamic_number, rest) = dynamic_number(dynamic_data(&recovered)?)?;
    Ok(SignedDynamicData { icc_dynamic_number: icc_dynamic_number.to_vec(), rest: rest.to_vec() })
}

/// Recovers and checks the signature (9F4B) that comes with a cryptogram. Still to be compared by the caller: the
/// cryptogram information data and the transaction's data.
///
/// # Errors
/// The step that failed.
// EMV 4.3 Book 2, 6.6.2, steps 1 to 9
pub fn recover_cda(
    icc: &IccPublicKey,
    sdad: &[u8],
    unpredictable_number: [u8; 4],
) -> Result<CdaData, CertificateFault> {
    const TOO_SHORT: CertificateFault = CertificateFault::DynamicDataLength;
    let recovered = recover(icc, sdad, &unpredictable_number)?;
    // Table 19.
    let (icc_dynamic_number, rest) = dynamic_number(dynamic_data(&recovered)?)?;
    let (cid, rest) = rest.split_first().ok_or(TOO_SHORT)?;
    let (cryptogram, rest) = rest.split_first_chunk().ok_or(TOO_SHORT)?;
    let (transaction_data_hash, rest) = rest.split_first_chunk().ok_or(TOO_SHORT)?;
    Ok(CdaData {
        icc_dynamic_number: icc_dynamic_number.to_vec(),
        cid: *cid,
        cryptogram: *cryptogram,
        transaction_data_hash: *transaction_data_hash,
        rest: rest.to_vec(),
    })
}

/// The hash that [`CdaData::transaction_data_hash`] must equal: SHA-1 over the PDOL's values, the CDOL1's values
/// (then the CDOL2's), and the TLVs of the card's answer without 9F4B, each in the order in which it was sent.
// EMV 4.3 Book 2, 6.6.2, steps 10 and 11
#[must_use]
pub fn transaction_data_hash(parts: &[&[u8]]) -> [u8; 20] {
    parts.iter().fold(Sha1::new(), |hash, part| hash.chain_update(part)).finalize().into()
}

fn recover(icc: &IccPublicKey, sdad: &[u8], covered: &[u8]) -> Result<Recovered, CertificateFault> {
    let recovered = Recovered::new(sdad, &icc.key.modulus, icc.key.exponent, FORMAT_DYNAMIC)?;
    let [_format, hash_algorithm, ..] = recovered.hashed() else { return Err(CertificateFault::Length) };
    recovered.check_hash(*hash_algorithm, &[covered])?;
    Ok(recovered)
}

/// The ICC dynamic data, which says its own length; padding follows it. EMV 4.3 Book 2, table 17
fn dynamic_data(recovered: &Recovered) -> Result<&[u8], CertificateFault> {
    let [_format, _hash_algorithm, length, data @ ..] = recovered.hashed() else {
        return Err(CertificateFault::Length);
    };
    data.get(..usize::from(*length)).ok_or(CertificateFault::DynamicDataLength)
}

/// The ICC dynamic number, which says its own length, and what follows it.
fn dynamic_number(data: &[u8]) -> Result<(&[u8], &[u8]), CertificateFault> {
    let (length, data) = data.split_first().ok_or(CertificateFault::DynamicDataLength)?;
    let length = usize::from(*length);
    if !DYNAMIC_NUMBER_BYTES.contains(&length) {
        return Err(CertificateFault::DynamicDataLength);
    }
    data.split_at_checked(length).ok_or(CertificateFault::DynamicDataLength)
}
