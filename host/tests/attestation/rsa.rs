//! An RSA key that signs certificates, as Google's oldest attestation root is one.

use crypto_bigint::{
    BoxedUint, ConcatenatingMul, NonZero, Odd, Resize,
    modular::{BoxedMontyForm, BoxedMontyParams},
};
use crypto_primes::{Flavor, random_prime};
use rand_core::{TryCryptoRng, TryRng, UnwrapErr};
use rcgen::{PKCS_RSA_SHA256, PublicKeyData, SignatureAlgorithm, SigningKey};
use sha2::{Digest, Sha256};

/// The shortest that is accepted.
const MODULUS_BITS: u32 = 2048;
const MODULUS_BYTES: usize = 256;
/// DigestInfo of SHA-256 up to the hash (RFC 8017, 9.2, note 1).
const SHA256_INFO: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];

pub(crate) struct RsaKey {
    modulus: Odd<BoxedUint>,
    exponent: BoxedUint,
    /// RSAPublicKey, DER.
    public: Vec<u8>,
}

impl RsaKey {
    pub(crate) fn generate() -> Self {
        loop {
            if let Some(key) = Self::try_generate() {
                return key;
            }
        }
    }

    /// `None` when the modulus is a bit short, or 65537 has no inverse.
    fn try_generate() -> Option<Self> {
        let prime = || random_prime::<BoxedUint, _>(&mut UnwrapErr(System), Flavor::Any, MODULUS_BITS / 2);
        let (p, q) = (prime(), prime());
        let modulus: Odd<BoxedUint> = Option::from(p.concatenating_mul(&q).into_odd())?;
        let one = BoxedUint::one();
        let order = p.wrapping_sub(&one).concatenating_mul(&q.wrapping_sub(&one));
        let order: NonZero<BoxedUint> = Option::from(order.into_nz())?;
        let public_exponent = BoxedUint::from(65_537_u32).resize(MODULUS_BITS);
        let exponent = Option::from(public_exponent.invert_mod(&order))?;
        let number = modulus.to_be_bytes();
        if number[0] < 0x80 {
            return None;
        }
        let mut public = vec![0x30, 0x82, 1, 10, 0x02, 0x82, 1, 1, 0];
        public.extend_from_slice(&number);
        public.extend_from_slice(&[0x02, 3, 1, 0, 1]);
        Some(Self { modulus, exponent, public })
    }
}

impl PublicKeyData for RsaKey {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

impl SigningKey for RsaKey {
    // RFC 8017, 8.2.1
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let hash = Sha256::digest(message);
        let mut block = vec![0xFF; MODULUS_BYTES];
        block[..2].copy_from_slice(&[0, 1]);
        let end = [&[0][..], &SHA256_INFO, &hash].concat();
        block[MODULUS_BYTES - end.len()..].copy_from_slice(&end);
        let number = BoxedUint::from_be_slice(&block, MODULUS_BITS).unwrap();
        let modulus = BoxedMontyParams::new_vartime(self.modulus.clone());
        let signature = BoxedMontyForm::new(number, &modulus).pow(&self.exponent).retrieve();
        Ok(signature.to_be_bytes().into_vec())
    }
}

struct System;

impl TryRng for System {
    type Error = getrandom::Error;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        getrandom::u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        getrandom::u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        getrandom::fill(bytes)
    }
}

impl TryCryptoRng for System {}
