//! What is kept instead of a supervisor's code: Argon2id (RFC 9106) of it.
//!
//! Four to eight digits are few: whoever has hash, salt and time finds them, however slow the hash. So the hash has a
//! secret too, made of the bank's key, which is not in the database. The cost stands beside each hash, so that a higher
//! one can be chosen later.

use crate::{draws::random, error::BooksError};
use argon2::{Algorithm, Argon2, Params, Version};
use subtle::ConstantTimeEq;

/// Memory of one computation: 19 MiB, the least that is advised for passwords with two passes.
const MEMORY_KIB: u32 = 19_456;
/// Passes over it.
const PASSES: u32 = 2;
/// Lanes: one, as a host has other messages for its other processors.
const LANES: u32 = 1;
/// RFC 9106, 3.1: 16 bytes of salt are enough for each.
const SALT_BYTES: usize = 16;
/// Of the hash.
const HASH_BYTES: usize = 32;

/// A code's hash.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct CodeHash {
    pub(crate) salt: [u8; SALT_BYTES],
    pub(crate) hash: [u8; HASH_BYTES],
    pub(crate) cost: Cost,
}

/// What a hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) memory_kib: u32,
    pub(crate) passes: u32,
    pub(crate) lanes: u32,
}

impl CodeHash {
    /// Of a new code. Takes tens of milliseconds.
    pub(crate) fn of(code: &[u8], key: &[u8; 32]) -> Result<Self, BooksError> {
        let cost = Cost { memory_kib: MEMORY_KIB, passes: PASSES, lanes: LANES };
        let salt = random::<SALT_BYTES>()?;
        Ok(Self { salt, hash: compute(code, key, &salt, cost)?, cost })
    }

    /// Whether it is of this code. Takes as long for a wrong one.
    pub(crate) fn is_of(&self, code: &[u8], key: &[u8; 32]) -> Result<bool, BooksError> {
        let hash = compute(code, key, &self.salt, self.cost)?;
        Ok(hash.ct_eq(&self.hash).into())
    }
}

fn compute(
    code: &[u8],
    key: &[u8; 32],
    salt: &[u8; SALT_BYTES],
    cost: Cost,
) -> Result<[u8; HASH_BYTES], BooksError> {
    const NONSENSE: BooksError = BooksError::Nonsense("a cost of a code's hash");
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(HASH_BYTES));
    let params = params.map_err(|_| NONSENSE)?;
    let argon2 = Argon2::new_with_secret(key, Algorithm::Argon2id, Version::V0x13, params);
    let mut hash = [0; HASH_BYTES];
    argon2.and_then(|argon2| argon2.hash_password_into(code, salt, &mut hash)).map_err(|_| NONSENSE)?;
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_of_its_code_under_its_key_only() {
        let kept = CodeHash::of(b"4711", &[1; 32]).unwrap();
        assert!(kept.is_of(b"4711", &[1; 32]).unwrap());
        assert!(!kept.is_of(b"4712", &[1; 32]).unwrap());
        assert!(!kept.is_of(b"4711", &[2; 32]).unwrap());
        assert!(kept != CodeHash::of(b"4711", &[1; 32]).unwrap(), "each has a salt of its own");
    }
}
