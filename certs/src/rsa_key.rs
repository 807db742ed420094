//! RSA private keys of a development card scheme: its CA, its issuers, its cards.
//!
//! EMV signs by "signature with recovery" (EMV 4.3 Book 2, A2.1): the block to be signed is as long as the modulus and
//! is raised to the private exponent as it is. So there is no padding here, only key generation, the private
//! operation and a text form for a file that only its owner reads. Keys made here protect nothing of value, yet they
//! are treated as keys: erased when dropped, never printed, exponentiated in constant time. (The
//! intermediate values of the number library are not erased.)

use core::fmt;

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, ConcatenatingMul, Limb, NonZero, Odd, Resize};
use crypto_primes::hazmat::{SetBits, SmallFactorsSieveFactory};
use crypto_primes::{Flavor, is_prime, sieve_and_find};
use mpos_crypto::emv_certificate::RsaPublicKey;
use rand_core::{TryCryptoRng, TryRng, UnwrapErr};
use zeroize::Zeroizing;

/// Shortest modulus that is made or read, in bits.
pub const MODULUS_BITS_MIN: u32 = 512;
/// Longest modulus, in bits: EMV's 248 bytes (Book 2, D1.1) rounded down to [`MODULUS_BITS_STEP`].
pub const MODULUS_BITS_MAX: u32 = 1920;
/// Moduli are a multiple of this many bits, so that each prime fills whole machine words.
pub const MODULUS_BITS_STEP: u32 = 128;

/// Characters of a key's text form at most: exponent, modulus and two primes in hexadecimal, three separators.
const TEXT_CHARS_MAX: usize = 8 + MODULUS_BITS_MAX as usize / 4 * 2 + 3;
/// Between the numbers of a key's text form.
const SEPARATOR: char = ':';
/// Bits of the longest public exponent.
const EXPONENT_BITS: u32 = 17;

/// Why a key could not be made, read or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RsaKeyError {
    /// The modulus is too short, too long, or not a multiple of [`MODULUS_BITS_STEP`] bits.
    #[error("a modulus of {0} bits is not made here")]
    ModulusBits(u32),
    /// The text is not four hexadecimal numbers that belong together.
    #[error("the key's text is damaged")]
    Damaged,
    /// The block is not as long as the modulus, or not smaller than it.
    #[error("the block to be signed does not fit the modulus")]
    Block,
    /// The signature does not verify: the key is damaged or the machine erred. It must not leave (a wrong one gives
    /// the primes away).
    #[error("the signature came out wrong")]
    WrongResult,
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers")]
    NoRandomness,
}

/// The public exponents that EMV allows (EMV 4.3 Book 2, B2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicExponent {
    /// 3.
    Three,
    /// 2^16 + 1.
    F4,
}

impl PublicExponent {
    /// The number.
    #[must_use]
    pub const fn value(self) -> u32 {
        match self {
            Self::Three => 3,
            Self::F4 => 65537,
        }
    }

    /// Big-endian without leading zeros, as tags 9F32 and 9F47 hold it.
    #[must_use]
    pub const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Three => &[3],
            Self::F4 => &[1, 0, 1],
        }
    }

    fn from_value(value: u32) -> Option<Self> {
        [Self::Three, Self::F4].into_iter().find(|exponent| exponent.value() == value)
    }
}

/// An RSA private key.
#[derive(Clone)]
pub struct RsaPrivateKey {
    exponent: PublicExponent,
    modulus: Odd<BoxedUint>,
    p: Zeroizing<Odd<BoxedUint>>,
    q: Zeroizing<Odd<BoxedUint>>,
    /// Private exponent modulo p - 1, modulo q - 1, and the inverse of q modulo p.
    dp: Zeroizing<BoxedUint>,
    dq: Zeroizing<BoxedUint>,
    q_inverse: Zeroizing<BoxedUint>,
}

impl RsaPrivateKey {
    /// Makes a key; the two primes are looked for on two threads.
    ///
    /// # Errors
    /// [`RsaKeyError::ModulusBits`], [`RsaKeyError::NoRandomness`].
    pub fn generate(modulus_bits: u32, exponent: PublicExponent) -> Result<Self, RsaKeyError> {
        check_modulus_bits(modulus_bits)?;
        loop {
            let prime = || random_prime(modulus_bits / 2, exponent);
            let (p, q) = std::thread::scope(|scope| {
                let elsewhere = scope.spawn(prime);
                let q = prime();
                (elsewhere.join().unwrap_or(Err(RsaKeyError::NoRandomness)), q)
            });
            // Equal primes never come, and would not be an error but a reason to try again.
            if let Some(key) = Self::from_primes(exponent, p?, q?) {
                return Ok(key);
            }
        }
    }

    /// Reads what [`to_text`](Self::to_text) wrote.
    ///
    /// # Errors
    /// [`RsaKeyError::Damaged`].
    pub fn from_text(text: &str) -> Result<Self, RsaKeyError> {
        Self::parse(text).ok_or(RsaKeyError::Damaged)
    }

    fn parse(text: &str) -> Option<Self> {
        if text.len() > TEXT_CHARS_MAX {
            return None;
        }
        let mut numbers = text.split(SEPARATOR);
        let exponent = PublicExponent::from_value(u32::from_str_radix(numbers.next()?, 16).ok()?)?;
        let modulus = hex::decode(numbers.next()?).ok()?;
        let modulus_bits = u32::try_from(modulus.len()).ok()?.checked_mul(8)?;
        check_modulus_bits(modulus_bits).ok()?;
        let mut prime = || {
            let bytes = Zeroizing::new(hex::decode(numbers.next()?).ok()?);
            let number = BoxedUint::from_be_slice(&bytes, modulus_bits / 2).ok()?;
            Option::from(number.into_odd()).map(Zeroizing::new)
        };
        let (p, q) = (prime()?, prime()?);
        let key = Self::from_primes(exponent, p, q)?;
        (numbers.next().is_none() && key.modulus.to_be_bytes()[..] == modulus[..]).then_some(key)
    }

    /// Exponent, modulus and primes in hexadecimal, for a file that only its owner reads.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        // Sized beforehand: growing would leave copies of the primes behind.
        let mut text = Zeroizing::new(String::with_capacity(TEXT_CHARS_MAX));
        text.push_str(&format!("{:x}", self.exponent.value()));
        for number in [&self.modulus, &*self.p, &*self.q] {
            let bytes = Zeroizing::new(number.to_be_bytes().into_vec());
            text.push(SEPARATOR);
            text.push_str(&Zeroizing::new(hex::encode(&bytes)));
        }
        text
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> RsaPublicKey {
        RsaPublicKey { modulus: self.modulus.to_be_bytes().into_vec(), exponent: self.exponent.value() }
    }

    /// The public exponent.
    #[must_use]
    pub const fn exponent(&self) -> PublicExponent {
        self.exponent
    }

    /// Length of the modulus, in bits.
    #[must_use]
    pub fn modulus_bits(&self) -> u32 {
        self.modulus.bits_precision()
    }

    /// Length of the modulus and of every signature, in bytes.
    #[must_use]
    pub fn modulus_length(&self) -> usize {
        self.modulus_bits() as usize / 8
    }

    /// Raises `block`, which is as long as the modulus, to the private exponent.
    ///
    /// # Errors
    /// [`RsaKeyError::Block`], [`RsaKeyError::WrongResult`].
    // EMV 4.3 Book 2, B2.1
    pub fn sign_block(&self, block: &[u8]) -> Result<Vec<u8>, RsaKeyError> {
        let number = BoxedUint::from_be_slice(block, self.modulus.bits_precision())
            .ok()
            .filter(|number| block.len() == self.modulus_length() && number < self.modulus.as_ref())
            .ok_or(RsaKeyError::Block)?;
        let signature = self.private_operation(&number);

        // A fault in one half of the computation would give the primes away.
        let modulus = BoxedMontyParams::new_vartime(self.modulus.clone());
        let exponent = BoxedUint::from(self.exponent.value());
        let back = BoxedMontyForm::new(signature.clone(), &modulus).pow_bounded_exp(&exponent, EXPONENT_BITS);
        if back.retrieve() != number {
            return Err(RsaKeyError::WrongResult);
        }
        Ok(signature.to_be_bytes().into_vec())
    }

    /// By the Chinese remainder theorem: two exponentiations of half the length.
    fn private_operation(&self, number: &BoxedUint) -> BoxedUint {
        let modulo_p = BoxedMontyParams::new((*self.p).clone());
        let modulo_q = BoxedMontyParams::new((*self.q).clone());
        let in_p = |number: &BoxedUint| BoxedMontyForm::new(number.rem(self.p.as_nz_ref()), &modulo_p);
        let in_q = BoxedMontyForm::new(number.rem(self.q.as_nz_ref()), &modulo_q);

        let by_p = Zeroizing::new(in_p(number).pow(&self.dp));
        let by_q = Zeroizing::new(in_q.pow(&self.dq).retrieve());
        let difference = Zeroizing::new(&*by_p - &in_p(&by_q));
        let factor = Zeroizing::new((&*difference * &in_p(&self.q_inverse)).retrieve());
        factor.concatenating_mul(self.q.as_uint_ref()).wrapping_add(&*by_q)
    }

    /// `None` unless the primes differ, make a modulus of full length and suit the exponent.
    fn from_primes(
        exponent: PublicExponent,
        p: Zeroizing<Odd<BoxedUint>>,
        q: Zeroizing<Odd<BoxedUint>>,
    ) -> Option<Self> {
        let product = p.concatenating_mul(q.as_uint_ref());
        let modulus = Option::<Odd<BoxedUint>>::from(product.into_odd())?;
        if *p == *q || modulus.bit_width() != modulus.bits_precision() {
            return None;
        }
        let private_exponent = |prime: &Odd<BoxedUint>| {
            let order = Option::<NonZero<_>>::from(prime.wrapping_sub(BoxedUint::one()).into_nz())?;
            let order = Zeroizing::new(order);
            let exponent = BoxedUint::from(exponent.value()).resize(prime.bits_precision());
            Option::<BoxedUint>::from(exponent.invert_mod(&order)).map(Zeroizing::new)
        };
        let (dp, dq) = (private_exponent(&p)?, private_exponent(&q)?);
        let q_inverse = Option::from(q.rem(p.as_nz_ref()).invert_odd_mod(&p)).map(Zeroizing::new)?;
        Some(Self { exponent, modulus, p, q, dp, dq, q_inverse })
    }
}

impl fmt::Debug for RsaPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaPrivateKey({} bits)", self.modulus.bits_precision())
    }
}

const fn check_modulus_bits(bits: u32) -> Result<(), RsaKeyError> {
    match bits {
        MODULUS_BITS_MIN..=MODULUS_BITS_MAX if bits.is_multiple_of(MODULUS_BITS_STEP) => Ok(()),
        _ => Err(RsaKeyError::ModulusBits(bits)),
    }
}

/// A prime with its two highest bits set, so that two of them make a modulus of full length, and with an order that
/// `exponent` has an inverse in.
fn random_prime(bits: u32, exponent: PublicExponent) -> Result<Zeroizing<Odd<BoxedUint>>, RsaKeyError> {
    // Asked once before the search, whose generator may not fail.
    getrandom::fill(&mut [0; 1]).map_err(|_| RsaKeyError::NoRandomness)?;
    let sieve = SmallFactorsSieveFactory::new(Flavor::Any, bits, SetBits::TwoMsb)
        .expect("the length is within bounds that were checked");
    let divisor = NonZero::<Limb>::from_u32(
        core::num::NonZeroU32::new(exponent.value()).expect("public exponents are not zero"),
    );
    let suits =
        |candidate: &BoxedUint| candidate.rem_limb(divisor) != Limb::ONE && is_prime(Flavor::Any, candidate);
    let prime = sieve_and_find(&mut UnwrapErr(SystemGenerator), sieve, |_, candidate| suits(candidate))
        .ok()
        .flatten()
        .expect("there is a prime of this length");
    Ok(Zeroizing::new(Option::from(prime.into_odd()).expect("primes of this length are odd")))
}

/// The operating system's generator, as the prime search wants it.
struct SystemGenerator;

impl TryRng for SystemGenerator {
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

impl TryCryptoRng for SystemGenerator {}

#[cfg(test)]
mod tests {
    use super::*;

    fn raised(key: &RsaPublicKey, signature: &[u8]) -> Vec<u8> {
        let modulus: Option<Odd<BoxedUint>> =
            BoxedUint::from_be_slice_vartime(&key.modulus).into_odd().into();
        let modulus = BoxedMontyParams::new_vartime(modulus.unwrap());
        let signature = BoxedUint::from_be_slice_vartime(signature);
        let raised = BoxedMontyForm::new(signature, &modulus).pow(&BoxedUint::from(key.exponent));
        raised.retrieve().to_be_bytes().into_vec()
    }

    #[test]
    fn a_signature_raised_to_the_public_exponent_gives_the_block_back() {
        for (bits, exponent) in
            [(512, PublicExponent::F4), (768, PublicExponent::Three), (1152, PublicExponent::Three)]
        {
            let key = RsaPrivateKey::generate(bits, exponent).unwrap();
            let mut block = vec![0x6A; key.modulus_length()];
            *block.last_mut().unwrap() = 0xBC;
            assert_eq!(raised(&key.public(), &key.sign_block(&block).unwrap()), block);
        }
    }

    #[test]
    fn a_block_that_does_not_fit_is_refused() {
        let key = RsaPrivateKey::generate(512, PublicExponent::Three).unwrap();
        assert_eq!(key.sign_block(&[0x6A; 63]), Err(RsaKeyError::Block));
        assert_eq!(key.sign_block(&[0x6A; 65]), Err(RsaKeyError::Block));
        assert_eq!(key.sign_block(&[0xFF; 64]), Err(RsaKeyError::Block));
    }

    #[test]
    fn lengths_out_of_bounds_are_refused() {
        for bits in [0, 384, 1000, 2048, u32::MAX] {
            let fault = RsaPrivateKey::generate(bits, PublicExponent::Three).err();
            assert_eq!(fault, Some(RsaKeyError::ModulusBits(bits)));
        }
    }

    #[test]
    fn a_key_survives_its_text_and_damage_to_it_is_seen() {
        let key = RsaPrivateKey::generate(512, PublicExponent::F4).unwrap();
        let text = key.to_text();
        let back = RsaPrivateKey::from_text(&text).unwrap();
        assert_eq!(back.public(), key.public());
        assert_eq!(back.sign_block(&[0x6A; 64]), key.sign_block(&[0x6A; 64]));

        for (place, letter) in text.char_indices() {
            let other = if letter == '3' { "5" } else { "3" };
            let mut damaged = (*text).clone();
            damaged.replace_range(place..=place, other);
            assert_eq!(RsaPrivateKey::from_text(&damaged).err(), Some(RsaKeyError::Damaged), "at {place}");
        }
        for cut in [0, 1, 10, text.len() / 2, text.len() - 1] {
            assert_eq!(RsaPrivateKey::from_text(&text[..cut]).err(), Some(RsaKeyError::Damaged));
        }
    }

    #[test]
    fn a_key_prints_its_length_only() {
        let key = RsaPrivateKey::generate(512, PublicExponent::Three).unwrap();
        assert_eq!(format!("{key:?}"), "RsaPrivateKey(512 bits)");
    }
}
