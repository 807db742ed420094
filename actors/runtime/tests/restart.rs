//! A panic in one actor is caught: it starts anew from what is durable, the till is told, and the others go on.

mod support;

use mpos_protocol::{
    Text,
    book::{LedgerOpened, OpenLedger},
    card::messages::{AbortTap, TagArrived},
    inbox,
    pin::messages::{AskPin, PinAbandoned, PinTimer},
    shell::{BeginPurchase, CancelFlow, SaleProgress},
    supervision::{ActorRestarted, DeliveryFailed},
};
use mpos_runtime::{
    ActorId, DeliveryFault, Flow, MAILBOX_FRAMES_MAX, PANIC_WINDOW_MS, PANICS_PER_WINDOW_MAX, actor,
};
use std::{
    panic,
    sync::{
        Arc, Mutex, Once,
        atomic::{AtomicU32, Ordering},
        mpsc::{channel, sync_channel},
    },
    thread,
};
use support::{
    PATIENCE, QUIET, TestKernel, TestLedger, TestPinPad, TestReader, TestTill, amount, pad, runtime, touch,
};

/// A till that hands the test what it receives, but for `CancelFlow`, at which it asks the ledger.
fn listening_till(told: &std::sync::mpsc::Sender<inbox::Till>) -> TestTill {
    let told = told.clone();
    TestTill::new(move |_, _, message, outbox| match message {
        inbox::Till::CancelFlow(_) => outbox.send(OpenLedger),
        message => told.send(message).expect("the test listens"),
    })
}

#[test]
fn an_actor_that_panics_starts_anew_from_its_durable_state_and_the_others_go_on() {
    quiet_panics();
    let (runtime, shown, _) = runtime(None);
    let (told, till_was_told) = channel();
    let disk = Arc::new(AtomicU32::new(0));
    let running = runtime
        .spawn(move || listening_till(&told))
        .spawn(move || {
            // What an earlier life has written is there again.
            let (disk, mut memory) = (disk.clone(), disk.load(Ordering::SeqCst));
            TestLedger::new(move |_, _, _, outbox| {
                memory += 1;
                disk.store(memory, Ordering::SeqCst);
                outbox.send(LedgerOpened::Open { profile: None, unresolved: 0, next_transaction: memory });
                assert_ne!(memory, 2, "in the middle of a step, after a send");
            })
        })
        .spawn(|| TestPinPad::new(|_, _, _, outbox| outbox.send(pad(amount(1)))))
        .start()
        .unwrap();
    let shell = running.inlet::<actor::Shell>();
    let answer = |next_transaction| {
        inbox::Till::LedgerOpened(LedgerOpened::Open { profile: None, unresolved: 0, next_transaction })
    };

    shell.send(CancelFlow).unwrap();
    assert_eq!(till_was_told.recv_timeout(PATIENCE).unwrap(), answer(1));
    // The step that panics sends nothing of what it had sent until then.
    shell.send_in(Flow(4), CancelFlow).unwrap();
    let restarted = inbox::Till::ActorRestarted(ActorRestarted { who: ActorId::Ledger });
    assert_eq!(till_was_told.recv_timeout(PATIENCE).unwrap(), restarted);
    shell.send(CancelFlow).unwrap();
    assert_eq!(till_was_told.recv_timeout(PATIENCE).unwrap(), answer(3));

    shell.send(PinAbandoned).unwrap();
    assert!(matches!(shown.recv_timeout(PATIENCE), Ok(inbox::Shell::ShowPinPad(_))));
    assert_eq!((running.panics(ActorId::Ledger), running.is_down(ActorId::Ledger)), (1, false));
}

#[test]
fn each_actor_may_panic_in_mid_flow() {
    quiet_panics();
    let (runtime, _shown, _) = runtime(None);
    let (told, till_was_told) = channel();
    let running = runtime
        .spawn(move || {
            let told = told.clone();
            TestTill::new(move |_, _, message, outbox| match message {
                inbox::Till::CancelFlow(_) => {
                    outbox.send(AskPin { amount: amount(1), format: Default::default() })
                }
                inbox::Till::BeginPurchase(_) => outbox.send(AbortTap),
                message => told.send(message).unwrap(),
            })
        })
        .spawn(|| TestPinPad::new(|_, _, _, _| panic!("the pad fails")))
        .spawn(|| TestKernel::new(|_, _, _, _| panic!("the kernel fails")))
        .spawn(|| TestReader::new(|_, _, _, _| panic!("the reader fails")))
        .start()
        .unwrap();
    let shell = running.inlet::<actor::Shell>();
    let restarted = |who| {
        let told = till_was_told.recv_timeout(PATIENCE).unwrap();
        assert_eq!(told, inbox::Till::ActorRestarted(ActorRestarted { who }));
    };
    shell.send(CancelFlow).unwrap();
    restarted(ActorId::PinPad);
    shell.send(BeginPurchase { amount: amount(1) }).unwrap();
    restarted(ActorId::EmvKernel);
    shell.send(TagArrived).unwrap();
    restarted(ActorId::NfcReader);
}

#[test]
fn a_till_that_panics_is_told_so_before_all_that_waits_for_it() {
    quiet_panics();
    let (runtime, _shown, _) = runtime(None);
    let (told, till_was_told) = channel();
    let (go, started) = sync_channel::<()>(0);
    let started = Arc::new(Mutex::new(started));
    let running = runtime
        .spawn(move || {
            let (told, started) = (told.clone(), started.clone());
            TestTill::new(move |_, _, message, _| {
                if matches!(message, inbox::Till::CancelFlow(_)) {
                    started.lock().unwrap().recv().unwrap();
                    panic!("the till fails");
                }
                told.send(message).unwrap();
            })
        })
        .start()
        .unwrap();
    let shell = running.inlet::<actor::Shell>();
    shell.send(CancelFlow).unwrap();
    shell.send(BeginPurchase { amount: amount(9) }).unwrap();
    go.send(()).unwrap();
    let restarted = inbox::Till::ActorRestarted(ActorRestarted { who: ActorId::Till });
    assert_eq!(till_was_told.recv_timeout(PATIENCE).unwrap(), restarted);
    assert!(matches!(till_was_told.recv_timeout(PATIENCE), Ok(inbox::Till::BeginPurchase(_))));
}

#[test]
fn an_actor_that_panics_again_and_again_stays_down_and_its_messages_report_closed() {
    quiet_panics();
    let (runtime, shown, clock) = runtime(None);
    let (told, till_was_told) = channel();
    let running = runtime
        .spawn(move || listening_till(&told))
        .spawn(|| {
            TestPinPad::new(|_, _, message, outbox| match message {
                inbox::PinPad::PinAbandoned(_) => panic!("the pad fails"),
                _ => outbox.send(pad(amount(1))),
            })
        })
        .start()
        .unwrap();
    let shell = running.inlet::<actor::Shell>();
    let restarted = inbox::Till::ActorRestarted(ActorRestarted { who: ActorId::PinPad });

    // As often as it may, twice over: the first ones are forgotten after a minute.
    for minute in 0..2 {
        clock.set_uptime_ms(minute * (PANIC_WINDOW_MS + 1));
        for _ in 0..PANICS_PER_WINDOW_MAX {
            shell.send(PinAbandoned).unwrap();
            assert_eq!(till_was_told.recv_timeout(PATIENCE).unwrap(), restarted);
        }
    }
    shell.send(touch(1, 1)).unwrap();
    assert!(shown.recv_timeout(PATIENCE).is_ok(), "it lives");

    shell.send(PinAbandoned).unwrap();
    let Ok(inbox::Till::DeliveryFailed(failed)) = till_was_told.recv_timeout(PATIENCE) else {
        panic!("the message over which it went down is told");
    };
    let expected = DeliveryFailed {
        from: ActorId::Shell,
        to: ActorId::PinPad,
        message: Text::clipped("PinAbandoned"),
        cause: DeliveryFault::Closed,
    };
    assert_eq!(failed, expected);
    assert_eq!(shell.send(touch(1, 1)), Err(DeliveryFault::Closed));
    assert!(running.is_down(ActorId::PinPad));
    assert_eq!(usize::try_from(running.panics(ActorId::PinPad)).unwrap(), 2 * PANICS_PER_WINDOW_MAX + 1);
    assert!(shown.recv_timeout(QUIET).is_err());
}

#[test]
fn an_actor_whose_factory_panics_is_tried_again_and_then_stays_down() {
    quiet_panics();
    let (runtime, shown, _) = runtime(None);
    let attempts = Arc::new(AtomicU32::new(0));
    let seen = attempts.clone();
    let running = runtime
        .spawn(move || {
            assert!(seen.fetch_add(1, Ordering::SeqCst) >= 2, "the disk is not there yet");
            TestTill::new(|_, _, _, outbox| outbox.send(SaleProgress::Online))
        })
        .spawn(|| -> TestPinPad { panic!("there is no key store") })
        .start()
        .unwrap();
    running.inlet::<actor::Shell>().send(CancelFlow).unwrap();
    assert!(shown.recv_timeout(PATIENCE).is_ok());
    assert_eq!(attempts.load(Ordering::SeqCst), 3);
    assert!(running.is_down(ActorId::PinPad));
}

#[test]
fn the_timers_of_a_dead_actor_are_void() {
    quiet_panics();
    let (runtime, shown, _) = runtime(None);
    let running = runtime
        .spawn(|| TestTill::new(|_, _, _, _| ()))
        .spawn(|| {
            TestPinPad::new(|_, _, message, outbox| match message {
                inbox::PinPad::PinPadTouched(_) => outbox.after_ms(30, PinTimer { entry: 1 }),
                inbox::PinPad::PinAbandoned(_) => panic!("the pad fails"),
                _ => outbox.send(pad(amount(1))),
            })
        })
        .start()
        .unwrap();
    let shell = running.inlet::<actor::Shell>();
    shell.send(touch(1, 1)).unwrap();
    assert!(shown.recv_timeout(PATIENCE).is_ok(), "the timer of a living one comes");
    shell.send(touch(1, 1)).unwrap();
    shell.send(PinAbandoned).unwrap();
    assert!(shown.recv_timeout(QUIET).is_err());
}

#[test]
fn a_step_that_sends_without_bound_is_a_panic() {
    quiet_panics();
    let (runtime, _shown, _) = runtime(None);
    let (told, till_was_told) = channel();
    let running = runtime
        .spawn(move || listening_till(&told))
        .spawn(|| TestReader::new(|_, _, _, _| ()))
        .spawn(|| {
            TestPinPad::new(|_, _, _, outbox| {
                loop {
                    outbox.send(pad(amount(1)));
                }
            })
        })
        .start()
        .unwrap();
    running.inlet::<actor::Shell>().send(PinAbandoned).unwrap();
    let restarted = inbox::Till::ActorRestarted(ActorRestarted { who: ActorId::PinPad });
    assert_eq!(till_was_told.recv_timeout(PATIENCE).unwrap(), restarted);
}

/// The till hangs with a full mailbox while actors panic: it hears of each when it goes on, after what was sent
/// before.
#[test]
fn a_restart_is_told_even_when_the_tills_mailbox_is_full() {
    quiet_panics();
    let (runtime, _shown, _) = runtime(None);
    let (told, till_was_told) = channel();
    let (go, held) = sync_channel::<()>(0);
    let held = Arc::new(Mutex::new(held));
    let running = runtime
        .spawn(move || {
            let (told, held) = (told.clone(), held.clone());
            TestTill::new(move |_, _, message, _| {
                if matches!(message, inbox::Till::CancelFlow(_)) {
                    held.lock().unwrap().recv().unwrap();
                } else {
                    told.send(message).unwrap();
                }
            })
        })
        .spawn(|| TestReader::new(|_, _, _, _| panic!("the reader fails")))
        .start()
        .unwrap();
    let shell = running.inlet::<actor::Shell>();
    shell.send(CancelFlow).unwrap();
    while shell.send(BeginPurchase { amount: amount(1) }).is_ok() {}
    shell.send(TagArrived).unwrap();
    shell.send(TagArrived).unwrap();
    while running.panics(ActorId::NfcReader) < 2 {
        std::thread::yield_now();
    }
    go.send(()).unwrap();
    let mut before = 0;
    while let Ok(inbox::Till::BeginPurchase(_)) = till_was_told.recv_timeout(PATIENCE) {
        before += 1;
    }
    assert!(before >= MAILBOX_FRAMES_MAX - 1, "{before} messages came first");
    let restarted = inbox::Till::ActorRestarted(ActorRestarted { who: ActorId::NfcReader });
    assert_eq!(till_was_told.recv_timeout(PATIENCE).unwrap(), restarted, "the second one, after the first");
    assert!(till_was_told.recv_timeout(QUIET).is_err());
}

/// The actors' panics are the subject here, and their text would only clutter the tests' output.
fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let thread = thread::current();
            if !thread.name().is_some_and(|name| name.starts_with("mpos-") || name.starts_with("actix-")) {
                loud(info);
            }
        }));
    });
}
