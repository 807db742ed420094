//! What every EMV signature recovers to: header, format, fields, SHA-1, trailer. EMV 4.3 Book 2, A2.1

use super::CertificateFault;
use crate::rsa_public::{self, MODULUS_BYTES_MAX};
use sha1::{Digest, Sha1};

const HEADER: u8 = 0x6A;
const TRAILER: u8 = 0xBC;
/// The one hash algorithm, SHA-1. EMV 4.3 Book 2, B3.1
const HASH_ALGORITHM_SHA1: u8 = 0x01;
const HASH_BYTES: usize = 20;

/// Recovered data whose header, format and trailer are right; its hash is still to be checked.
pub(super) struct Recovered {
    bytes: [u8; MODULUS_BYTES_MAX],
    length: usize,
}

impl Recovered {
    /// The first four steps, which are the same in 6.3, 6.4, 6.5.2 and 6.6.2 of the book.
    pub(super) fn new(
        signed: &[u8],
        modulus: &[u8],
        exponent: u32,
        format: u8,
    ) -> Result<Self, CertificateFault> {
        // Step 1, length, and step 2, recovery.
        let bytes = rsa_public::power(signed, exponent, modulus)?;
        let length = modulus.len();
        if bytes[length - 1] != TRAILER {
            return Err(CertificateFault::Trailer);
        }
        // Step 3.
        if bytes[0] != HEADER {
            return Err(CertificateFault::Header);
        }
        // Step 4.
        if bytes[1] != format {
            return Err(CertificateFault::Format);
        }
        Ok(Self { bytes, length })
    }

    /// Format and fields: what is between header and hash, and is hashed.
    pub(super) fn hashed(&self) -> &[u8] {
        &self.bytes[1..self.length - HASH_BYTES - 1]
    }

    /// Hashes format and fields with what else the signature covers. The algorithm's indicator is one of the fields.
    pub(super) fn check_hash(&self, algorithm: u8, also_covered: &[&[u8]]) -> Result<(), CertificateFault> {
        if algorithm != HASH_ALGORITHM_SHA1 {
            return Err(CertificateFault::HashAlgorithm);
        }
        let mut hash = Sha1::new_with_prefix(self.hashed());
        also_covered.iter().for_each(|part| hash.update(part));
        if hash.finalize()[..] == self.bytes[self.length - HASH_BYTES - 1..self.length - 1] {
            Ok(())
        } else {
            Err(CertificateFault::Hash)
        }
    }
}
