//! EMV public-key certificates: EMV 4.3 Book 2, 5 and 6. From a scheme's CA key to a card's signature.
//!
//! An EMV signature holds the data that it signs: raising it to the public exponent gives the data back. Each
//! `recover_…` function does the steps of its table in the book's order and names the step that failed. What comes
//! in is from a card, so any bytes at all are an answer, never a panic.

use alloc::vec::Vec;

/// A scheme's key, by which its issuers' keys are certified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaPublicKey {
    /// Registered application provider identifier: the first 5 bytes of the AID.
    pub rid: [u8; 5],
    /// Which of the scheme's keys (8F).
    pub index: u8,
    /// Big-endian, 64 to 256 bytes.
    pub modulus: Vec<u8>,
    /// 3 or 65537.
    pub exponent: u32,
}

impl CaPublicKey {
    /// SHA-1 over RID, index, modulus and exponent, as schemes publish it beside the key.
    // EMV 4.3 Book 2, 11.2.2
    #[must_use]
    pub fn sha1_checksum(&self) -> [u8; 20] {
        unimplemented!()
    }
}

/// An RSA public key that a certificate vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaPublicKey {
    /// Big-endian.
    pub modulus: Vec<u8>,
    /// 3 or 65537.
    pub exponent: u32,
}

/// An issuer's key, certified by a scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerPublicKey {
    /// The key.
    pub key: RsaPublicKey,
    /// Certificate serial number, for the scheme's revocation list.
    pub serial: [u8; 3],
}

/// A card's key, certified by its issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IccPublicKey {
    /// The key.
    pub key: RsaPublicKey,
    /// Certificate serial number.
    pub serial: [u8; 3],
}

/// The month in which a terminal stands, compared with certificates' expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct YearMonth {
    year: u16,
    month: u8,
}

impl YearMonth {
    /// From the first two bytes of the transaction date (9A), `YYMM` in BCD. Years 50 to 99 are 1950 to 1999.
    #[must_use]
    pub fn from_bcd(year_month: [u8; 2]) -> Option<Self> {
        unimplemented!()
    }
}

/// What a card signed for a transaction (DDA, fDDA).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedDynamicData {
    /// ICC dynamic number, 2 to 8 bytes (9F4C).
    pub icc_dynamic_number: Vec<u8>,
    /// What follows it in the ICC dynamic data.
    pub rest: Vec<u8>,
}

/// What a card signed together with its cryptogram (CDA).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CdaData {
    /// ICC dynamic number, 2 to 8 bytes (9F4C).
    pub icc_dynamic_number: Vec<u8>,
    /// Cryptogram information data (9F27).
    pub cid: u8,
    /// Application cryptogram (9F26).
    pub cryptogram: [u8; 8],
    /// To be compared with [`transaction_data_hash`].
    pub transaction_data_hash: [u8; 20],
    /// What follows: with relay resistance, kernel 2 finds its copy of those figures here.
    pub rest: Vec<u8>,
}

/// The step of certificate or signature recovery that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// Modulus not 64 to 256 bytes, even, or with a zero first byte.
    #[error("the key's modulus cannot be used")]
    Modulus,
    /// The exponent is neither 3 nor 65537.
    #[error("the exponent is neither 3 nor 65537")]
    Exponent,
    /// The certificate or signature is not as long as the modulus of the key that made it.
    #[error("not as long as the signing key's modulus")]
    Length,
    /// The trailer is not `BC`.
    #[error("the recovered trailer is wrong")]
    Trailer,
    /// The header is not `6A`.
    #[error("the recovered header is wrong")]
    Header,
    /// The certificate or signed data format is not the one expected here.
    #[error("the recovered format is wrong")]
    Format,
    /// The hash does not agree.
    #[error("the recovered hash is wrong")]
    Hash,
    /// The issuer identifier is not how the account number begins.
    #[error("the issuer identifier is not how the account number begins")]
    IssuerIdentifier,
    /// The account number in the certificate is another one.
    #[error("the certificate is for another account number")]
    Pan,
    /// The expiry is not a month.
    #[error("the certificate's expiry is not a date")]
    ExpiryMalformed,
    /// The certificate expired.
    #[error("the certificate expired")]
    Expired,
    /// The hash algorithm is not SHA-1.
    #[error("the hash algorithm is unknown")]
    HashAlgorithm,
    /// The public key algorithm is not RSA.
    #[error("the public key algorithm is unknown")]
    KeyAlgorithm,
    /// The lengths of certified key, certificate, remainder or exponent do not fit each other.
    #[error("the certified key's lengths do not fit")]
    KeyLength,
    /// The ICC dynamic data is too short for what it should hold, or longer than its space.
    #[error("the dynamic data's length does not fit")]
    DynamicDataLength,
    /// The signed hash of the transaction's data is another one.
    #[error("the card signed another transaction's data")]
    TransactionDataHash,
}

/// Recovers the issuer's key. `certificate` is 90, `remainder` 92 (empty when absent), `exponent` 9F32, `pan` the
/// value of 5A, `today` the terminal's month.
///
/// # Errors
/// The step that failed.
// EMV 4.3 Book 2, 6.3
pub fn recover_issuer_key(
    ca: &CaPublicKey,
    certificate: &[u8],
    remainder: &[u8],
    exponent: &[u8],
    pan: &[u8],
    today: YearMonth,
) -> Result<IssuerPublicKey, CertificateFault> {
    unimplemented!()
}

/// Recovers the card's key. `certificate` is 9F46, `remainder` 9F48 (empty when absent), `exponent` 9F47,
/// `static_data` the static data to be authenticated (records, then AIP if 9F4A asks), `pan` the value of 5A.
///
/// # Errors
/// The step that failed.
// EMV 4.3 Book 2, 6.4
pub fn recover_icc_key(
    issuer: &IssuerPublicKey,
    certificate: &[u8],
    remainder: &[u8],
    exponent: &[u8],
    static_data: &[u8],
    pan: &[u8],
    today: YearMonth,
) -> Result<IccPublicKey, CertificateFault> {
    unimplemented!()
}

/// Recovers and checks a dynamic signature (9F4B). `terminal_dynamic_data` is what the card was asked to sign: the
/// DDOL's values, or for Visa's fDDA 9F37, 9F02, 5F2A and 9F69.
///
/// # Errors
/// The step that failed.
// EMV 4.3 Book 2, 6.5.2
pub fn recover_signed_dynamic(
    icc: &IccPublicKey,
    sdad: &[u8],
    terminal_dynamic_data: &[u8],
) -> Result<SignedDynamicData, CertificateFault> {
    unimplemented!()
}

/// Recovers and checks the signature (9F4B) that comes with a cryptogram.
///
/// # Errors
/// The step that failed.
// EMV 4.3 Book 2, 6.6.2
pub fn recover_cda(
    icc: &IccPublicKey,
    sdad: &[u8],
    unpredictable_number: [u8; 4],
) -> Result<CdaData, CertificateFault> {
    unimplemented!()
}

/// The hash that [`CdaData::transaction_data_hash`] must equal: SHA-1 over the PDOL's values, the CDOL1's values
/// (then the CDOL2's), and the TLVs of the card's answer without 9F4B, each in the order in which it was sent.
// EMV 4.3 Book 2, 6.6.2, step 10
#[must_use]
pub fn transaction_data_hash(parts: &[&[u8]]) -> [u8; 20] {
    unimplemented!()
}
