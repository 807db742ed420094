//! RSA's public operation for EMV: the power 3 or 65537 modulo a key of 512 to 2048 bits.
//!
//! Every number here is public, so this is arithmetic and not secret-keeping: it may be fast and need not be
//! constant in time. A card's keys are used once each, which is what the method is chosen for: big-number libraries
//! prepare a modulus for many uses, and that preparation costs more than the cube itself. Both exponents are
//! 2^k + 1, so with Montgomery's product, `a · b / R mod n` where R = 2^(64 · limbs), the whole power is: take
//! x · R mod n by division, square it k times, multiply by plain x. No allocation. Tests hold the result to
//! `crypto-bigint`.

use core::{cmp::Ordering, iter::zip, mem};

/// Shortest modulus, in bytes: 512 bits, below any key that EMV's schemes issue.
pub(crate) const MODULUS_BYTES_MIN: usize = 64;
/// Longest modulus, in bytes; EMV's is 248. EMV 4.3 Book 2, B2.1
pub(crate) const MODULUS_BYTES_MAX: usize = 256;

const LIMB_BYTES: usize = 8;
const LIMBS_MAX: usize = MODULUS_BYTES_MAX / LIMB_BYTES;

/// Little-endian; limbs beyond the modulus' own are zero.
type Limbs = [u64; LIMBS_MAX];

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RsaFault {
    /// Not 64 to 256 bytes, even, or beginning with a zero byte.
    Modulus,
    /// Neither 3 nor 65537.
    Exponent,
    /// The input is not as long as the modulus.
    Length,
    /// The input is not below the modulus.
    Range,
}

/// Whether a key can be used.
pub(crate) fn check_key(modulus: &[u8], exponent: u32) -> Result<(), RsaFault> {
    let length_fits = (MODULUS_BYTES_MIN..=MODULUS_BYTES_MAX).contains(&modulus.len());
    let begins_with_zero = modulus.first() == Some(&0);
    let is_even = modulus.last().is_some_and(|last| last % 2 == 0);
    if !length_fits || begins_with_zero || is_even {
        return Err(RsaFault::Modulus);
    }
    if matches!(exponent, 3 | 65537) { Ok(()) } else { Err(RsaFault::Exponent) }
}

/// `input` to the power `exponent` modulo `modulus`, all big-endian. The result fills the first `modulus.len()`
/// bytes.
pub(crate) fn power(
    input: &[u8],
    exponent: u32,
    modulus: &[u8],
) -> Result<[u8; MODULUS_BYTES_MAX], RsaFault> {
    check_key(modulus, exponent)?;
    if input.len() != modulus.len() {
        return Err(RsaFault::Length);
    }
    if input >= modulus {
        return Err(RsaFault::Range);
    }
    let length = modulus.len().div_ceil(LIMB_BYTES);
    let (n, x) = (limbs(modulus), limbs(input));
    let (n, x) = (&n[..length], &x[..length]);
    let inverse = negated_inverse(n[0]);
    let squarings = (exponent - 1).trailing_zeros();

    let mut power = times_r(x, n);
    for _ in 0..squarings {
        power = product_over_r(&power[..length], &power[..length], n, inverse);
    }
    power = product_over_r(&power[..length], x, n, inverse);
    Ok(bytes(&power, modulus.len()))
}

/// Montgomery's product, `a · b / R mod n`: after each limb of `b`, a multiple of `n` is added that clears the lowest
/// limb, which is then dropped.
fn product_over_r(a: &[u64], b: &[u64], n: &[u64], inverse: u64) -> Limbs {
    let length = n.len();
    let mut limbs: Limbs = [0; LIMBS_MAX];
    // All of one length, as the compiler then sees: it checks no index in the inner loop.
    let (a, sum) = (&a[..length], &mut limbs[..length]);
    let mut top = 0;
    for b in b {
        let (low, mut carry_a) = multiply_add(a[0], *b, sum[0], 0);
        let clearing = low.wrapping_mul(inverse);
        let (_cleared, mut carry_n) = multiply_add(n[0], clearing, low, 0);
        for place in 1..length {
            let limb;
            (limb, carry_a) = multiply_add(a[place], *b, sum[place], carry_a);
            (sum[place - 1], carry_n) = multiply_add(n[place], clearing, limb, carry_n);
        }
        let highest = u128::from(top) + u128::from(carry_a) + u128::from(carry_n);
        sum[length - 1] = highest as u64;
        top = (highest >> 64) as u64;
    }
    // The sum is below 2n: take n away once at most.
    if top != 0 || compare(sum, n) != Ordering::Less {
        subtract(sum, n);
    }
    limbs
}

/// `x · R mod n`, by long division: `length` times, shift up by a limb and take off the fitting multiple of `n`.
fn times_r(x: &[u64], n: &[u64]) -> Limbs {
    let length = n.len();
    // Division guesses from the highest limb of n, and guesses well when its highest bit is set (Knuth, The Art of
    // Computer Programming 2, 4.3.1 D), so x and n are shifted alike, and the remainder back.
    let shift = n[length - 1].leading_zeros();
    let divisor = shifted_up(n, shift);
    let mut remainder = shifted_up(x, shift);
    let (divisor, rest) = (&divisor[..length], &mut remainder[..length]);
    let reciprocal = reciprocal(divisor[length - 1]);
    for _limb in 0..length {
        let guess = quotient(rest[length - 1], rest[length - 2], divisor[length - 1], reciprocal);
        let mut above = rest[length - 1];
        let (mut carry, mut below) = (0, 0);
        for (limb, divisor) in zip(&mut *rest, divisor) {
            let product = u128::from(guess) * u128::from(*divisor) + u128::from(carry);
            let (difference, borrow) = mem::replace(&mut below, *limb).overflowing_sub(product as u64);
            *limb = difference;
            carry = (product >> 64) as u64 + u64::from(borrow);
        }
        above = above.wrapping_sub(carry);
        // The guess is never too small, and at most 2 too large.
        while above != 0 {
            above = above.wrapping_add(add(rest, divisor));
        }
    }
    shifted_down(&remainder, shift)
}

/// The quotient of `high · 2^64 + low` by `divisor` (highest bit set), or the largest limb where it is larger.
// Möller and Granlund, "Improved division by invariant integers", algorithm 4
fn quotient(high: u64, low: u64, divisor: u64, reciprocal: u64) -> u64 {
    if high >= divisor {
        return u64::MAX;
    }
    let estimate = u128::from(reciprocal) * u128::from(high) + (u128::from(high) << 64 | u128::from(low));
    let mut quotient = ((estimate >> 64) as u64).wrapping_add(1);
    let mut remainder = low.wrapping_sub(quotient.wrapping_mul(divisor));
    if remainder > estimate as u64 {
        quotient = quotient.wrapping_sub(1);
        remainder = remainder.wrapping_add(divisor);
    }
    if remainder >= divisor { quotient.wrapping_add(1) } else { quotient }
}

/// `(2^128 - 1) / divisor - 2^64`, for a divisor whose highest bit is set.
const fn reciprocal(divisor: u64) -> u64 {
    (u128::MAX / divisor as u128) as u64
}

/// `-1 / n mod 2^64` for an odd `n`, by Newton's iteration: each step doubles the bits that are right, from 3 on.
const fn negated_inverse(n: u64) -> u64 {
    let mut inverse = n;
    let mut step = 0;
    while step < 5 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(n.wrapping_mul(inverse)));
        step += 1;
    }
    inverse.wrapping_neg()
}

/// `a · b + c + carry` as low and high limb; it always fits.
#[inline(always)]
const fn multiply_add(a: u64, b: u64, c: u64, carry: u64) -> (u64, u64) {
    let sum = a as u128 * b as u128 + c as u128 + carry as u128;
    (sum as u64, (sum >> 64) as u64)
}

fn compare(a: &[u64], b: &[u64]) -> Ordering {
    a.iter().rev().cmp(b.iter().rev())
}

fn subtract(a: &mut [u64], b: &[u64]) {
    let mut borrow = false;
    for (a, b) in zip(a, b) {
        (*a, borrow) = a.borrowing_sub(*b, borrow);
    }
}

fn add(a: &mut [u64], b: &[u64]) -> u64 {
    let mut carry = false;
    for (a, b) in zip(a, b) {
        (*a, carry) = a.carrying_add(*b, carry);
    }
    u64::from(carry)
}

fn shifted_up(number: &[u64], bits: u32) -> Limbs {
    let mut shifted = [0; LIMBS_MAX];
    let mut carried = 0;
    for (to, limb) in zip(&mut shifted, number) {
        let wide = u128::from(*limb) << bits;
        *to = wide as u64 | carried;
        carried = (wide >> 64) as u64;
    }
    shifted
}

fn shifted_down(number: &Limbs, bits: u32) -> Limbs {
    let mut shifted = [0; LIMBS_MAX];
    let mut carried = 0;
    for (to, limb) in zip(&mut shifted, number).rev() {
        let wide = u128::from(*limb) << 64 >> bits;
        *to = (wide >> 64) as u64 | carried;
        carried = wide as u64;
    }
    shifted
}

fn limbs(bytes: &[u8]) -> Limbs {
    let mut limbs = [0; LIMBS_MAX];
    for (limb, bytes) in zip(&mut limbs, bytes.rchunks(LIMB_BYTES)) {
        *limb = bytes.iter().fold(0, |limb, byte| limb << 8 | u64::from(*byte));
    }
    limbs
}

fn bytes(limbs: &Limbs, length: usize) -> [u8; MODULUS_BYTES_MAX] {
    let mut bytes = [0; MODULUS_BYTES_MAX];
    for (bytes, limb) in zip(bytes[..length].rchunks_mut(LIMB_BYTES), limbs) {
        bytes.copy_from_slice(&limb.to_be_bytes()[LIMB_BYTES - bytes.len()..]);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{vec, vec::Vec};
    use crypto_bigint::{BoxedUint, NonZero};
    use proptest::prelude::*;

    /// The same power by crypto-bigint, whose division and product are made differently.
    fn reference(input: &[u8], exponent: u32, modulus: &[u8]) -> Vec<u8> {
        let bits = modulus.len() as u32 * 8;
        let n = NonZero::new(BoxedUint::from_be_slice(modulus, bits).unwrap()).unwrap();
        let x = BoxedUint::from_be_slice(input, bits).unwrap();
        let mut power = x.clone();
        for _ in 0..(exponent - 1).trailing_zeros() {
            power = power.mul_mod(&power, &n);
        }
        let result = power.mul_mod(&x, &n).to_be_bytes();
        result[result.len() - modulus.len()..].to_vec()
    }

    fn check(input: &[u8], exponent: u32, modulus: &[u8]) {
        match power(input, exponent, modulus) {
            Ok(result) => {
                assert_eq!(result[..modulus.len()], reference(input, exponent, modulus)[..]);
                assert!(result[modulus.len()..].iter().all(|byte| *byte == 0));
            }
            Err(fault) => assert_eq!(fault, RsaFault::Range),
        }
    }

    /// Numbers that random ones miss: long runs of ones and zeros, where a guessed quotient is wrong.
    fn runs(length: usize) -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![Just(0), Just(0xFF), Just(0x80), Just(1), any::<u8>()];
        proptest::collection::vec((byte, 1..40_usize), 1..64).prop_map(move |runs| {
            let mut bytes: Vec<u8> = runs.iter().flat_map(|(byte, times)| vec![*byte; *times]).collect();
            bytes.resize(length, 0xFF);
            bytes
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn the_power_is_what_crypto_bigint_says(
            (mut modulus, mut input) in (MODULUS_BYTES_MIN..=MODULUS_BYTES_MAX)
                .prop_flat_map(|length| prop_oneof![
                    (proptest::collection::vec(any::<u8>(), length), proptest::collection::vec(any::<u8>(), length)),
                    (runs(length), runs(length)),
                ]),
            exponent in prop_oneof![Just(3), Just(65537)],
        ) {
            modulus[0] |= 1;
            *modulus.last_mut().unwrap() |= 1;
            input[0] = input[0].min(modulus[0]);
            check(&input, exponent, &modulus);
        }

        #[test]
        fn a_quotient_of_two_limbs_by_one_is_exact(high: u64, low: u64, divisor: u64) {
            let divisor = divisor | 1 << 63;
            let high = high % divisor;
            let exact = (u128::from(high) << 64 | u128::from(low)) / u128::from(divisor);
            prop_assert_eq!(u128::from(quotient(high, low, divisor, reciprocal(divisor))), exact);
        }

        #[test]
        fn an_inverse_times_its_number_is_minus_one(n: u64) {
            let n = n | 1;
            prop_assert_eq!(n.wrapping_mul(negated_inverse(n)), u64::MAX);
        }
    }

    #[test]
    fn numbers_at_the_edges_come_out_right() {
        for length in MODULUS_BYTES_MIN..=MODULUS_BYTES_MAX {
            let largest = vec![0xFF; length];
            let mut smallest = vec![0; length];
            smallest[0] = 1;
            smallest[length - 1] = 1;
            for modulus in [&largest, &smallest] {
                let mut just_below = modulus.clone();
                just_below[length - 1] -= 1;
                let mut one = vec![0; length];
                one[length - 1] = 1;
                for input in [just_below, one, vec![0; length]] {
                    check(&input, 3, modulus);
                    check(&input, 65537, modulus);
                }
            }
        }
    }

    #[test]
    fn keys_and_inputs_that_do_not_fit_are_refused() {
        let modulus = |length, first, last| {
            let mut modulus = vec![0xAB; length];
            modulus[0] = first;
            modulus[length - 1] = last;
            modulus
        };
        let good = modulus(128, 0x80, 0x01);
        for bad in
            [modulus(63, 0x80, 1), modulus(257, 0x80, 1), modulus(128, 0, 1), modulus(128, 0x80, 2), vec![]]
        {
            assert_eq!(power(&bad, 3, &bad), Err(RsaFault::Modulus));
        }
        for exponent in [0, 1, 2, 5, 17, 65536, u32::MAX] {
            assert_eq!(power(&[0; 128], exponent, &good), Err(RsaFault::Exponent));
        }
        assert_eq!(power(&[0; 127], 3, &good), Err(RsaFault::Length));
        assert_eq!(power(&good, 3, &good), Err(RsaFault::Range));
    }
}
