//! Keys vouched for by keys: the issuer's by the scheme's, the card's by the issuer's. EMV 4.3 Book 2, 6.3 and 6.4

use super::{CertificateFault, YearMonth, recovered::Recovered};
use crate::rsa_public;
use alloc::vec::Vec;
use sha1::{Digest, Sha1};

const FORMAT_ISSUER: u8 = 0x02;
const FORMAT_ICC: u8 = 0x04;
/// RSA with SHA-1, the one public key algorithm. EMV 4.3 Book 2, B2.1
const KEY_ALGORITHM_RSA: u8 = 0x01;
/// An issuer identifier, `F` behind its digits.
const IDENTIFIER_BYTES: usize = 4;
/// Fewest digits of an issuer identifier.
const IDENTIFIER_DIGITS_MIN: usize = 3;
/// An account number as certificates hold it: 20 nibbles, `F` behind the digits.
const PAN_BYTES: usize = 10;
/// What follows digits that do not fill their field.
const PAN_FILL: u8 = 0xF;

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
    /// SHA-1 over RID, index, modulus and exponent, as schemes publish it beside the key. A terminal refuses a key
    /// whose checksum is another one.
    // EMV 4.3 Book 2, 11.2.2
    #[must_use]
    pub fn sha1_checksum(&self) -> [u8; 20] {
        let exponent = self.exponent.to_be_bytes();
        let leading_zeros = exponent.iter().take_while(|byte| **byte == 0).count();
        Sha1::new()
            .chain_update(self.rid)
            .chain_update([self.index])
            .chain_update(&self.modulus)
            .chain_update(&exponent[leading_zeros..])
            .finalize()
            .into()
    }
}

/// An RSA public key that can be used: odd modulus of 64 to 256 bytes, exponent 3 or 65537.
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
    let recovered = Recovered::new(certificate, &ca.modulus, ca.exponent, FORMAT_ISSUER)?;
    let fields = Fields::<IDENTIFIER_BYTES>::read(&recovered)?;
    // Steps 5 to 7.
    recovered.check_hash(fields.hash_algorithm, &[remainder, exponent])?;
    // Step 8.
    if !begins_account_number(*fields.holder, pan) {
        return Err(CertificateFault::IssuerIdentifier);
    }
    // Step 9; step 10, revocation, is the caller's.
    fields.check_expiry(today)?;
    // Steps 11 and 12.
    let key = fields.key(remainder, exponent, ca.modulus.len())?;
    Ok(IssuerPublicKey { key, serial: fields.serial })
}

/// Recovers the card's key. `certificate` is 9F46, `remainder` 9F48 (empty when absent), `exponent` 9F47,
/// `static_data` the static data to be authenticated (records, then the AIP if 9F4A asks), `pan` the value of 5A.
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
    let RsaPublicKey { modulus, exponent: issuer_exponent } = &issuer.key;
    let recovered = Recovered::new(certificate, modulus, *issuer_exponent, FORMAT_ICC)?;
    let fields = Fields::<PAN_BYTES>::read(&recovered)?;
    // Steps 5 to 7.
    recovered.check_hash(fields.hash_algorithm, &[remainder, exponent, static_data])?;
    // Step 8.
    if padded_account_number(pan) != Some(*fields.holder) {
        return Err(CertificateFault::Pan);
    }
    // Step 9.
    fields.check_expiry(today)?;
    // Steps 10 and 11.
    let key = fields.key(remainder, exponent, modulus.len())?;
    Ok(IccPublicKey { key, serial: fields.serial })
}

/// The fields of both kinds of certificate, which differ in how they name the holder. EMV 4.3 Book 2, tables 13, 14
struct Fields<'a, const HOLDER: usize> {
    holder: &'a [u8; HOLDER],
    expiry: [u8; 2],
    serial: [u8; 3],
    hash_algorithm: u8,
    key_algorithm: u8,
    key_length: usize,
    /// The key, or as much of it as fits.
    key_start: &'a [u8],
}

impl<'a, const HOLDER: usize> Fields<'a, HOLDER> {
    fn read(recovered: &'a Recovered) -> Result<Self, CertificateFault> {
        let [_format, fields @ ..] = recovered.hashed() else { return Err(CertificateFault::Length) };
        let (holder, fields) = fields.split_first_chunk().ok_or(CertificateFault::Length)?;
        // The exponent's length is not compared with the exponent: the hash covers both.
        let [m, y, s0, s1, s2, hash_algorithm, key_algorithm, key_length, _exponent_length, key_start @ ..] =
            fields
        else {
            return Err(CertificateFault::Length);
        };
        Ok(Self {
            holder,
            expiry: [*m, *y],
            serial: [*s0, *s1, *s2],
            hash_algorithm: *hash_algorithm,
            key_algorithm: *key_algorithm,
            key_length: usize::from(*key_length),
            key_start,
        })
    }

    /// A certificate is good to the last day of its month.
    fn check_expiry(&self, today: YearMonth) -> Result<(), CertificateFault> {
        let [month, year] = self.expiry;
        let expiry = YearMonth::from_bcd([year, month]).ok_or(CertificateFault::ExpiryMalformed)?;
        if expiry < today { Err(CertificateFault::Expired) } else { Ok(()) }
    }

    /// The certified key: its start from the certificate, then the remainder.
    fn key(
        &self,
        remainder: &[u8],
        exponent: &[u8],
        signer_length: usize,
    ) -> Result<RsaPublicKey, CertificateFault> {
        if self.key_algorithm != KEY_ALGORITHM_RSA {
            return Err(CertificateFault::KeyAlgorithm);
        }
        let in_certificate = self.key_length.min(self.key_start.len());
        // A key is no longer than the key that certifies it: EMV 4.3 Book 2, 5.1.
        if self.key_length > signer_length || self.key_length - in_certificate != remainder.len() {
            return Err(CertificateFault::KeyLength);
        }
        let modulus = [&self.key_start[..in_certificate], remainder].concat();
        let exponent = match exponent {
            [3] => 3,
            [1, 0, 1] => 65537,
            _ => return Err(CertificateFault::Exponent),
        };
        rsa_public::check_key(&modulus, exponent)?;
        Ok(RsaPublicKey { modulus, exponent })
    }
}

/// Whether the identifier, 3 to 8 digits and `F` behind them, is how the account number begins.
fn begins_account_number(identifier: [u8; IDENTIFIER_BYTES], pan: &[u8]) -> bool {
    let nibbles = |bytes: &[u8]| bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xF]).collect::<Vec<_>>();
    let (identifier, pan) = (nibbles(&identifier), nibbles(pan));
    let digits = identifier.iter().take_while(|nibble| **nibble != PAN_FILL).count();
    digits >= IDENTIFIER_DIGITS_MIN
        && pan.starts_with(&identifier[..digits])
        && identifier[digits..].iter().all(|nibble| *nibble == PAN_FILL)
}

/// The value of 5A as a certificate holds it.
fn padded_account_number(pan: &[u8]) -> Option<[u8; PAN_BYTES]> {
    let mut padded = [PAN_FILL << 4 | PAN_FILL; PAN_BYTES];
    padded.get_mut(..pan.len())?.copy_from_slice(pan);
    Some(padded)
}
