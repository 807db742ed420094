//! Whatever a card sends, a tap ends: no panic, no endless loop, no command out of bounds.

mod support;

use mpos_emv_kernel::OutcomeKind;
use mpos_emv_kernel::limits::COMMANDS_MAX;
use proptest::prelude::*;
use support::mastercard::Mastercard;
use support::visa::Visa;
use support::{Card, bytes, ok, play, ppse, purchase, settings};

/// Every card, one of which is chosen by number.
fn card(number: u8) -> Box<dyn Card> {
    match number % 4 {
        0 => Box::new(Mastercard::new()),
        1 => Box::new(Mastercard::phone()),
        2 => Box::new(Visa::with_fdda("0080")),
        _ => Box::new(Visa::online("8000")),
    }
}

/// One change of one answer.
#[derive(Clone, Debug)]
struct Mutation {
    answer: usize,
    at: usize,
    kind: u8,
    byte: u8,
}

fn mutation() -> impl Strategy<Value = Mutation> {
    (0_usize..10, any::<usize>(), 0_u8..5, any::<u8>()).prop_map(|(answer, at, kind, byte)| Mutation {
        answer,
        at,
        kind,
        byte,
    })
}

fn mutate(answer: &mut Vec<u8>, mutation: &Mutation) {
    if answer.is_empty() {
        return;
    }
    let at = mutation.at % answer.len();
    match mutation.kind {
        0 => answer[at] = mutation.byte,
        1 => answer[at] ^= 1 << (mutation.byte % 8),
        2 => answer.truncate(at),
        3 => answer.insert(at, mutation.byte),
        // A part of the answer once more.
        _ => {
            let part: Vec<u8> = answer.iter().skip(at).take(usize::from(mutation.byte)).copied().collect();
            answer.splice(at..at, part);
        }
    }
}

fn check(commands: &[Vec<u8>]) -> Result<(), TestCaseError> {
    prop_assert!(commands.len() <= 4 * usize::from(COMMANDS_MAX));
    prop_assert!(commands.iter().all(|command| (5..=261).contains(&command.len())));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn mutated_answers_end_the_tap(
        number in any::<u8>(),
        amount in prop_oneof![Just(100_u64), Just(4000), Just(4001)],
        mutations in prop::collection::vec(mutation(), 1..4),
    ) {
        let mut inner = card(number);
        let mut count = 0;
        let played = play(settings(), purchase(amount), &mut |command: &[u8]| {
            let mut answer = inner.answer(command)?;
            for mutation in mutations.iter().filter(|mutation| mutation.answer == count) {
                mutate(&mut answer, mutation);
            }
            count += 1;
            Some(answer)
        });
        check(&played.commands)?;
    }

    #[test]
    fn no_altered_mastercard_is_verified(
        at in any::<prop::sample::Index>(),
        answer_number in 2_usize..7,
        bit in 0_u8..8,
    ) {
        // One flipped bit from GPO on: whatever else happens, a wrong thing is not called verified.
        let mut inner = Mastercard::new();
        let mut count = 0;
        let played = play(settings(), purchase(100), &mut |command: &[u8]| {
            let mut answer = inner.answer(command)?;
            if count == answer_number {
                let at = at.index(answer.len() - 2);
                answer[at] ^= 1 << bit;
            }
            count += 1;
            Some(answer)
        });
        let genuine = play(settings(), purchase(100), &mut Mastercard::new());
        if played.outcome.kind == OutcomeKind::OnlineRequest {
            // What went through unchanged in meaning says the same to the bank.
            let verified = played.record().verdict == mpos_emv_kernel::OdaVerdict::Verified;
            prop_assert!(!verified || played.record().host_tags == genuine.record().host_tags);
        }
    }
}

proptest! {
    #[test]
    fn random_answers_end_the_tap(
        answers in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..258), 0..12),
        visa in any::<bool>(),
        start in 0_usize..3,
    ) {
        // The first answers are sound, so that the kernels are reached.
        let mut inner = card(if visa { 3 } else { 0 });
        let mut rest = answers.iter();
        let mut count = 0;
        let played = play(settings(), purchase(100), &mut |command: &[u8]| {
            count += 1;
            if count <= start {
                return inner.answer(command);
            }
            rest.next().map(|answer| [&answer[..], &[0x90, 0x00]].concat())
        });
        check(&played.commands)?;
    }
}

#[test]
fn a_card_that_answers_everything_the_same_ends_the_tap() {
    for answer in ["9000", "6985", "6986", "6A82", "7700 9000", "7000 9000", "6F00 9000", "8000 9000", ""] {
        play(settings(), purchase(100), &mut |_: &[u8]| Some(bytes(answer)));
    }
}

#[test]
fn a_card_of_many_applications_that_all_withdraw_ends_the_tap() {
    let entries: Vec<_> = (0..12).map(|_| ("A0000000041010", "870101")).collect();
    let directory = ppse(&entries);
    let played = play(settings(), purchase(100), &mut |command: &[u8]| match command {
        [0x00, 0xA4, 0x04, 0x00, 14, ..] => ok(&directory),
        [0x00, 0xA4, ..] => ok(&bytes("6F09 8407A0000000041010")),
        _ => support::status(0x6985),
    });
    assert_eq!(played.commands.len(), 1 + 2 * entries.len());
    assert_eq!(played.outcome.kind, OutcomeKind::EndApplication);
}

#[test]
fn a_card_with_endless_records_ends_the_tap() {
    let mut inner = Mastercard::new();
    let mut record = 0_u8;
    let played = play(settings(), purchase(100), &mut |command: &[u8]| match command {
        [0x80, 0xA8, ..] => Some(bytes("8006 1980 10014000 9000")),
        [0x00, 0xB2, ..] => {
            record += 1;
            // A new proprietary object each time, as large as an answer can be.
            ok(&support::tlv(0x70, &support::tlv(0xDF01, &[record; 240])))
        }
        _ => inner.answer(command),
    });
    assert!(played.commands.len() < 70);
    assert_eq!(played.outcome.kind, OutcomeKind::EndApplication);
}
