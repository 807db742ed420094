//! What a whole Mastercard tap costs the processor, beside its bare cryptography, in one run.
//!
//! `cargo bench -p mpos-emv-kernel`. The card's answers are recorded beforehand, so that what is measured
//! is the kernel: directory, selection, GPO, three records, GENERATE AC, the CDA chain, field 55. The
//! reference does the same RSA and hashing on the same bytes and nothing else. Keys as cards have them:
//! CA 1984 bits, issuer 1408, card 1152. Aim: at most 1.5 times the reference.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures time")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use divan::{Bencher, black_box};
use mpos_crypto::emv_certificate::{
    CaPublicKey, YearMonth, recover_cda, recover_icc_key, recover_issuer_key, transaction_data_hash,
};
use mpos_emv_kernel::{OdaVerdict, Outcome, Step, Tap, TerminalSettings};
use mpos_tlv::{Tag, find, walk};
use support::mastercard::Mastercard;
use support::{Card, authority, bytes, play, purchase, settings};

/// Taps in one measured run, so short that the scheduler leaves most runs alone; of the runs the
/// fastest counts, as it was disturbed least.
const TAPS: u32 = 50;
const RUNS: usize = 600;

fn main() {
    let recording = Recording::new();
    let reference = Reference::new();
    assert!(recording.tap().record.is_some_and(|record| record.verdict == OdaVerdict::Verified));
    // In turn, so that whatever the machine does meanwhile befalls both.
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..RUNS {
        times[0].push(time(|| recording.tap()));
        times[1].push(time(|| reference.verify()));
        times[2].push(time(|| recording.card_loop()));
    }
    let [tap, bare, card_loop] = times.map(|runs| {
        let fastest = runs.into_iter().min().unwrap_or_default();
        fastest.as_secs_f64() * 1e6 / f64::from(TAPS)
    });
    println!("whole CDA tap        {tap:7.2} µs");
    println!("bare RSA and hashing {bare:7.2} µs");
    println!("card loop alone      {card_loop:7.2} µs   (no data authentication)");
    println!("ratio                {:7.2}      (aim: at most 1.5)", tap / bare);
    divan::main();
}

fn time<T>(mut run: impl FnMut() -> T) -> Duration {
    let start = Instant::now();
    for _ in 0..TAPS {
        drop(black_box(run()));
    }
    start.elapsed()
}

/// A card's answers in order, and the terminal that they were given to.
struct Recording {
    settings: Arc<TerminalSettings>,
    answers: Vec<Vec<u8>>,
}

impl Recording {
    fn new() -> Self {
        let mut card = Mastercard::new();
        let mut answers = Vec::new();
        play(settings(), purchase(123), &mut |command: &[u8]| {
            let answer = card.answer(command)?;
            answers.push(answer.clone());
            Some(answer)
        });
        Self { settings: Arc::new(settings()), answers }
    }

    fn tap(&self) -> Outcome {
        let pending = self.card_loop();
        let verification = pending.verify();
        pending.finish(verification)
    }

    fn card_loop(&self) -> Box<mpos_emv_kernel::PendingVerification> {
        let (mut tap, _) = Tap::start(Arc::clone(&self.settings), purchase(123));
        let mut step = tap.card_found();
        for answer in &self.answers {
            black_box(&step);
            step = tap.card_answered(answer);
        }
        match step {
            Step::CardDone(pending) => pending,
            _ => panic!("the recording is a whole tap"),
        }
    }
}

/// The same signatures and hashes, without a kernel around them.
struct Reference {
    ca: CaPublicKey,
    today: YearMonth,
    pan: Vec<u8>,
    objects: Vec<(Tag, Vec<u8>)>,
    static_data: Vec<u8>,
    cdol1_values: Vec<u8>,
    /// The answer to GENERATE AC without its signature.
    hashed: Vec<u8>,
}

impl Reference {
    fn new() -> Self {
        let mut card = Mastercard::new();
        let mut static_data = Vec::new();
        let mut objects = Vec::new();
        let mut hashed = Vec::new();
        let played = play(settings(), purchase(123), &mut |command: &[u8]| {
            let answer = card.answer(command)?;
            let data = &answer[..answer.len() - 2];
            walk(data, &mut |_, tlv| objects.push((tlv.tag, tlv.value.to_vec()))).ok()?;
            match command {
                [0x00, 0xB2, _, 0x14, ..] => {
                    static_data = [find(data, Tag::RECORD_TEMPLATE).ok()??, &card.aip].concat();
                }
                [0x80, 0xAE, ..] => {
                    let answer = find(data, Tag::RESPONSE_TEMPLATE_2).ok()??;
                    hashed = mpos_tlv::decode(answer)
                        .filter_map(Result::ok)
                        .filter(|tlv| tlv.tag != Tag::SIGNED_DYNAMIC_APPLICATION_DATA)
                        .flat_map(|tlv| tlv.raw.to_vec())
                        .collect();
                }
                _ => {}
            }
            Some(answer)
        });
        let generate_ac = played.command(&[0x80, 0xAE]);
        Self {
            ca: CaPublicKey {
                rid: [0xA0, 0, 0, 0, 4],
                index: support::CA_INDEX,
                modulus: authority::CA.modulus.to_vec(),
                exponent: 3,
            },
            today: YearMonth::from_bcd([0x26, 0x11]).expect("a month"),
            pan: bytes(support::mastercard::PAN),
            objects,
            static_data,
            cdol1_values: generate_ac[5..generate_ac.len() - 1].to_vec(),
            hashed,
        }
    }

    fn get(&self, tag: Tag) -> &[u8] {
        self.objects.iter().find(|(other, _)| *other == tag).map_or(&[], |(_, value)| value)
    }

    fn verify(&self) -> [u8; 8] {
        let issuer = recover_issuer_key(
            &self.ca,
            self.get(Tag::ISSUER_PUBLIC_KEY_CERTIFICATE),
            self.get(Tag::ISSUER_PUBLIC_KEY_REMAINDER),
            self.get(Tag::ISSUER_PUBLIC_KEY_EXPONENT),
            &self.pan,
            self.today,
        )
        .expect("a good issuer certificate");
        let card = recover_icc_key(
            &issuer,
            self.get(Tag::ICC_PUBLIC_KEY_CERTIFICATE),
            self.get(Tag::ICC_PUBLIC_KEY_REMAINDER),
            self.get(Tag::ICC_PUBLIC_KEY_EXPONENT),
            &self.static_data,
            &self.pan,
            self.today,
        )
        .expect("a good card certificate");
        let signed = recover_cda(&card, self.get(Tag::SIGNED_DYNAMIC_APPLICATION_DATA), [0x11; 4])
            .expect("a good signature");
        let hash = transaction_data_hash(&[&[], &self.cdol1_values, &self.hashed]);
        assert_eq!(hash, signed.transaction_data_hash);
        signed.cryptogram
    }
}

#[divan::bench]
fn whole_cda_tap(bencher: Bencher<'_, '_>) {
    let recording = Recording::new();
    bencher.bench_local(|| recording.tap());
}

#[divan::bench]
fn bare_rsa_and_hashing(bencher: Bencher<'_, '_>) {
    let reference = Reference::new();
    bencher.bench_local(|| reference.verify());
}

#[divan::bench]
fn card_loop_alone(bencher: Bencher<'_, '_>) {
    let recording = Recording::new();
    bencher.bench_local(|| recording.card_loop());
}
