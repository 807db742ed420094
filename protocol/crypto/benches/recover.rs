//! What a tap's certificates cost: the whole CDA chain beside its bare arithmetic and hashing, in one run.
//! `cargo bench -p mpos-crypto`. Sizes as cards have them: CA 1984 bits, issuer 1408, card 1152.

#[allow(dead_code)]
#[path = "../tests/support/mod.rs"]
mod support;

use crypto_bigint::{BoxedUint, ConcatenatingMul, ConcatenatingSquare, NonZero};
use divan::{Bencher, black_box};
use mpos_crypto::emv_certificate::{
    CaPublicKey, CdaData, IccPublicKey, IssuerPublicKey, RsaPublicKey, YearMonth, recover_cda,
    recover_icc_key, recover_issuer_key,
};
use sha1::{Digest, Sha1};
use support::{CA, ICC, ISSUER, TestKey, ToSign, split};

const PAN: [u8; 8] = [0x54, 0x13, 0x33, 0x00, 0x89, 0x02, 0x00, 0x36];
const RECORDS: [u8; 200] = [0x5A; 200];
const UNPREDICTABLE_NUMBER: [u8; 4] = [1, 2, 3, 4];

fn main() {
    divan::main();
}

/// What the card gives.
struct Tap {
    ca: CaPublicKey,
    issuer_certificate: Vec<u8>,
    icc_certificate: Vec<u8>,
    icc_remainder: Vec<u8>,
    sdad: Vec<u8>,
    today: YearMonth,
}

impl Tap {
    fn new() -> Self {
        let mut issuer =
            vec![0x02, 0x54, 0x13, 0x33, 0xFF, 0x12, 0x30, 0, 0, 1, 1, 1, ISSUER.modulus.len() as u8, 1];
        issuer.extend(split(ISSUER.modulus, &CA, 36).0);
        let (start, icc_remainder) = split(ICC.modulus, &ISSUER, 42);
        let mut icc =
            [&[0x04][..], &PAN, &[0xFF, 0xFF, 0x12, 0x30, 0, 0, 2, 1, 1, ICC.modulus.len() as u8, 1]]
                .concat();
        icc.extend(start);
        let mut signature = vec![0x05, 0x01, 38, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x80];
        signature.extend([0xAC; 28]);
        Self {
            ca: CaPublicKey { rid: [0xA0, 0, 0, 0, 4], index: 1, modulus: CA.modulus.to_vec(), exponent: 3 },
            issuer_certificate: ToSign::new(issuer, vec![3]).sign(&CA),
            icc_certificate: ToSign::new(icc, [&icc_remainder[..], &[3], &RECORDS].concat()).sign(&ISSUER),
            icc_remainder,
            sdad: ToSign::new(signature, UNPREDICTABLE_NUMBER.to_vec()).sign(&ICC),
            today: YearMonth::from_bcd([0x26, 0x11]).expect("a month"),
        }
    }

    fn recover(&self) -> CdaData {
        let issuer = recover_issuer_key(&self.ca, &self.issuer_certificate, &[], &[3], &PAN, self.today);
        let issuer: IssuerPublicKey = issuer.expect("a good issuer certificate");
        let (certificate, remainder) = (&self.icc_certificate, &self.icc_remainder);
        let icc = recover_icc_key(&issuer, certificate, remainder, &[3], &RECORDS, &PAN, self.today);
        let icc: IccPublicKey = icc.expect("a good ICC certificate");
        recover_cda(&icc, &self.sdad, UNPREDICTABLE_NUMBER).expect("a good signature")
    }
}

#[divan::bench]
fn cda_chain(bencher: Bencher) {
    let tap = Tap::new();
    bencher.bench_local(|| black_box(&tap).recover());
}

/// The chain's three cubes by crypto-bigint, square and multiply with division, and its hashing.
#[divan::bench]
fn bare_crypto_bigint_and_hashing(bencher: Bencher) {
    let tap = Tap::new();
    let signed = [(&CA, &tap.issuer_certificate), (&ISSUER, &tap.icc_certificate), (&ICC, &tap.sdad)];
    let hashed = vec![0_u8; CA.modulus.len() + ISSUER.modulus.len() + ICC.modulus.len() + RECORDS.len()];
    bencher.bench_local(|| {
        let cubes = black_box(signed).map(|(key, signed)| cube_with_crypto_bigint(key, signed));
        (cubes, Sha1::digest(black_box(&hashed)))
    });
}

/// One signature under a 1984-bit key, of a dynamic signature's shape.
#[divan::bench]
fn one_signature_of_1984_bits(bencher: Bencher) {
    let mut fields = vec![0x05, 0x01, 38, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x80];
    fields.extend([0xAC; 28]);
    let sdad = ToSign::new(fields, UNPREDICTABLE_NUMBER.to_vec()).sign(&CA);
    let key = RsaPublicKey { modulus: CA.modulus.to_vec(), exponent: 3 };
    let icc = IccPublicKey { key, serial: [0; 3] };
    bencher.bench_local(|| recover_cda(black_box(&icc), &sdad, UNPREDICTABLE_NUMBER));
}

#[divan::bench]
fn one_cube_of_1984_bits_by_crypto_bigint(bencher: Bencher) {
    let signed = [0x5A; 248];
    bencher.bench_local(|| cube_with_crypto_bigint(&CA, black_box(&signed)));
}

fn cube_with_crypto_bigint(key: &TestKey, signed: &[u8]) -> BoxedUint {
    let bits = key.modulus.len() as u32 * 8;
    let modulus = NonZero::new(BoxedUint::from_be_slice(key.modulus, bits).expect("fits")).expect("not zero");
    let signed = BoxedUint::from_be_slice(signed, bits).expect("fits");
    let square = signed.concatenating_square().rem_vartime(&modulus);
    square.concatenating_mul(&signed).rem_vartime(&modulus)
}
