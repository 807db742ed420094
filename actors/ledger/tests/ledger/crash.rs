//! Whatever fails and whenever: what was acknowledged is there after the book is opened again.
//!
//! `PROPTEST_CASES=10000` runs more histories than the 256 of every change.

use crate::{
    disk::Disk,
    script::{
        Told, approved, declined, enrolled, enrolment, open, refused, reversal, reversed, sale, sell,
        sell_approved, signed, told,
    },
};
use mpos_ledger::Book;
use mpos_protocol::book::{RequestSubject, StoreFault};
use proptest::{collection::vec, prelude::*};

/// What a book is asked to keep next.
#[derive(Clone, Copy, Debug)]
enum Step {
    Enrol,
    Sell,
    Approve,
    Decline,
    Refuse,
    Reverse,
    Reversed,
}

impl Step {
    /// Does it to `book`; one that does not fit is refused by the rules.
    fn run(self, book: &mut Book) -> Result<(), StoreFault> {
        let chain = book.chain();
        let newest = chain.unresolved.last().map_or(0, |request| request.sequence);
        let reversing =
            chain.unresolved.iter().find(|request| !matches!(request.subject, RequestSubject::Sale(_)));
        match self {
            Step::Enrol => book.record_enrolment(enrolment(16)),
            Step::Sell => book.record_request(sale(&chain)),
            Step::Approve => book.record_answer(approved(newest)),
            Step::Decline => book.record_answer(declined(newest)),
            Step::Refuse => book.record_answer(refused(newest)),
            Step::Reverse => book.record_request(reversal(&chain, newest)),
            Step::Reversed => book.record_answer(reversed(reversing.map_or(0, |request| request.sequence))),
        }
    }
}

const SCRIPT: &[Step] = &[
    Step::Enrol,
    Step::Sell,
    Step::Approve,
    Step::Sell,
    Step::Refuse,
    Step::Sell,
    Step::Reverse,
    Step::Sell,
    Step::Decline,
    Step::Reversed,
    Step::Sell,
];

#[test]
fn a_restart_at_every_step_of_a_day_changes_nothing() {
    let (disk, calm) = (Disk::default(), Disk::default());
    let mut undisturbed = open(&calm).unwrap();
    for step in SCRIPT {
        let mut book = open(&disk).unwrap();
        assert_eq!(told(&book), told(&undisturbed));
        assert_eq!(book.torn_tail(), None);
        step.run(&mut book).unwrap();
        step.run(&mut undisturbed).unwrap();
        // A crash between two messages: only an erasure may be lost, and it is done again.
        disk.crash(|| 0);
    }
    assert_eq!(told(&open(&disk).unwrap()), told(&undisturbed));
    assert_eq!(disk.bytes(), calm.bytes());
}

#[test]
fn the_nth_disk_call_fails_for_every_n_and_the_acknowledged_is_there() {
    let counting = Disk::default();
    let mut book = open(&counting).unwrap();
    SCRIPT.iter().for_each(|step| step.run(&mut book).unwrap());
    let calls = counting.calls();
    for (failing, crashes, tear) in
        (0..calls).flat_map(|n| [(n, false, 0), (n, true, 0), (n, true, u64::MAX), (n, true, 0x5555)])
    {
        let disk = Disk::default();
        disk.fail_in(failing);
        fail_and_recover(&disk, |disk| {
            if crashes {
                disk.crash(|| tear);
            }
        });
    }
}

/// Runs the script over a disk of which one call fails; at the failure `interrupt`s, opens again and goes on.
fn fail_and_recover(disk: &Disk, interrupt: impl Fn(&Disk)) {
    let mut calm = open(&Disk::default()).unwrap();
    let mut book = open(disk).or_else(|_| {
        interrupt(disk);
        open(disk)
    });
    for step in SCRIPT {
        let current = book.as_mut().unwrap();
        let before = told(&calm);
        step.run(&mut calm).unwrap();
        let outcome = step.run(current);
        assert!(outcome.is_ok() || current.has_failed(), "{step:?} ended in {outcome:?}");
        if current.has_failed() {
            assert!(Step::Sell.run(current).is_err(), "until it is opened again it keeps nothing more");
            drop(book);
            interrupt(disk);
            book = open(disk);
            let reopened = book.as_mut().unwrap();
            if outcome.is_err() && told(reopened) == before {
                step.run(reopened).unwrap();
            }
        }
        assert_eq!(told(book.as_ref().unwrap()), told(&calm), "after {step:?}");
    }
}

#[test]
fn a_crash_while_room_is_made_loses_nothing_and_is_no_damage() {
    let full = Disk::default();
    let mut book = enrolled(&full);
    loop {
        let next = full.copy();
        sell(&mut open(&next).unwrap());
        if next.bytes().len() > full.bytes().len() {
            break;
        }
        sell_approved(&mut book);
    }
    let before = told(&book);
    // A sale makes room for what resolves it, a long profile for itself.
    let long_profile = || {
        let mut enrolment = enrolment(16);
        enrolment.profile.emv_settings = signed(1, 16_000);
        enrolment
    };
    type Keep<'a> = &'a dyn Fn(&mut Book) -> Result<(), StoreFault>;
    let steps: [Keep<'_>; 2] = [&|book| Step::Sell.run(book), &|book| book.record_enrolment(long_profile())];
    for (step, call, seed) in steps.iter().flat_map(|step| (0..768_u64).map(move |n| (step, n % 6, n / 6))) {
        let disk = full.copy();
        let mut book = open(&disk).unwrap();
        disk.fail_in(call as usize);
        let outcome = step(&mut book);
        drop(book);
        let mut draw = seed;
        disk.crash(|| {
            draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            draw >> 20
        });
        let mut calm = open(&full.copy()).unwrap();
        step(&mut calm).unwrap();
        let again = told(&open(&disk).unwrap());
        assert!(again == told(&calm) || (outcome.is_err() && again == before), "call {call}, seed {seed}");
    }
}

#[test]
fn every_tear_of_an_entry_is_cut_off_or_keeps_it_whole() {
    let disk = Disk::default();
    let mut book = enrolled(&disk);
    sell_approved(&mut book);
    let (before, synced) = (told(&book), disk.bytes());
    sell(&mut book);
    let after = told(&book);
    drop(book);
    let written = disk.bytes();
    let changed = |at: &usize| synced[*at] != written[*at];
    let (first, last) = ((0..synced.len()).find(changed).unwrap(), (0..synced.len()).rfind(changed).unwrap());
    // Any beginning of it.
    for end in first..=last + 1 {
        let mut torn = synced.clone();
        torn[first..end].copy_from_slice(&written[first..end]);
        let expected = if end == last + 1 { &after } else { &before };
        assert_torn(&torn, &synced, expected, end == last + 1);
    }
    // Any of its sectors.
    let sectors: Vec<_> = (first / 512..=last / 512).collect();
    for kept in 0..1_u32 << sectors.len() {
        let mut torn = synced.clone();
        for (_, sector) in sectors.iter().enumerate().filter(|(index, _)| kept >> index & 1 == 1) {
            let bytes = sector * 512..(sector + 1) * 512;
            torn[bytes.clone()].copy_from_slice(&written[bytes]);
        }
        let whole = kept + 1 == 1 << sectors.len();
        assert_torn(&torn, &synced, if whole { &after } else { &before }, whole);
    }
}

fn assert_torn(torn: &[u8], synced: &[u8], expected: &Told, whole: bool) {
    let disk = Disk::holding(torn);
    let book = open(&disk).unwrap();
    assert_eq!(*expected, told(&book));
    if !whole {
        assert_eq!(book.torn_tail().is_some(), torn != synced);
        assert!(disk.bytes() == synced, "what was cut off is zeros again");
    }
}

/// What happens to a book.
#[derive(Clone, Debug)]
enum Event {
    Step(Step),
    Restart,
    /// Power is lost between two messages.
    Crash(Vec<u64>),
    /// A disk call of the step fails; the program starts again, after a loss of power or not.
    Fail(Step, usize, Option<Vec<u64>>),
    /// A disk call fails while the book is opened, and power is lost.
    FailToOpen(usize, Vec<u64>),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Sell),
        4 => Just(Step::Approve),
        1 => Just(Step::Decline),
        1 => Just(Step::Refuse),
        2 => Just(Step::Reverse),
        2 => Just(Step::Reversed),
        1 => Just(Step::Enrol),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let tears = || vec(any::<u64>(), 8);
    let fail = (step(), 0_usize..6, proptest::option::of(tears()));
    prop_oneof![
        12 => step().prop_map(Event::Step),
        1 => Just(Event::Restart),
        2 => tears().prop_map(Event::Crash),
        4 => fail.prop_map(|(step, call, tears)| Event::Fail(step, call, tears)),
        1 => (0_usize..6, tears()).prop_map(|(call, tears)| Event::FailToOpen(call, tears)),
    ]
}

fn crash(disk: &Disk, tears: &[u64]) {
    let mut tears = tears.iter().copied().cycle();
    disk.crash(|| tears.next().unwrap_or_default());
}

proptest! {
    #[test]
    fn what_was_acknowledged_is_there_after_any_crashes(events in vec(event(), 1..80)) {
        let disk = Disk::default();
        let mut book = Some(enrolled(&disk));
        // The same steps over a disk that never fails.
        let mut calm_disk = Disk::default();
        let mut calm = enrolled(&calm_disk);
        for event in events {
            let mut running = book.take().unwrap();
            let again = match event {
                Event::Step(step) => {
                    prop_assert_eq!(step.run(&mut running), step.run(&mut calm));
                    running
                }
                Event::Restart => {
                    drop(running);
                    open(&disk).unwrap()
                }
                Event::Crash(tears) => {
                    drop(running);
                    crash(&disk, &tears);
                    open(&disk).unwrap()
                }
                Event::FailToOpen(call, tears) => {
                    drop(running);
                    disk.fail_in(call);
                    let _ = open(&disk);
                    crash(&disk, &tears);
                    open(&disk).unwrap()
                }
                Event::Fail(step, call, tears) => {
                    let before = calm_disk.copy();
                    disk.fail_in(call);
                    let (done, expected) = (step.run(&mut running), step.run(&mut calm));
                    drop(running);
                    disk.heal();
                    tears.iter().for_each(|tears| crash(&disk, tears));
                    let again = open(&disk).unwrap();
                    if done.is_err() && expected.is_ok() && told(&again) != told(&calm) {
                        // Not acknowledged and not there: the calm one forgets it too.
                        calm_disk = before;
                        calm = open(&calm_disk).unwrap();
                    }
                    again
                }
            };
            prop_assert_eq!(told(&again), told(&calm));
            book = Some(again);
        }
    }
}
