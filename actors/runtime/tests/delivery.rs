//! Messages arrive in order, over threads, and a full mailbox is told to the sender.

mod support;

use mpos_protocol::{
    FrameError,
    book::{LedgerOpened, OpenLedger},
    card::messages::{AbortTap, PollingTimer, StartPolling, StopPolling, TagArrived},
    frame, inbox,
    pin::messages::{PinAbandoned, PinTimer},
    shell::{BeginPurchase, CancelFlow, SaleProgress},
    supervision::DeliveryFailed,
};
use mpos_runtime::{ActorId, AdmitError, DeliveryFault, Flow, MAILBOX_FRAMES_MAX, actor};
use std::{
    sync::mpsc::{channel, sync_channel},
    thread,
};
use support::{
    PATIENCE, QUIET, TestKernel, TestLedger, TestPinPad, TestReader, TestTill, amount, pad, runtime,
};

#[test]
fn messages_are_handled_in_the_order_in_which_they_were_sent() {
    let (runtime, shown, _) = runtime(None);
    let running = runtime
        .spawn(|| {
            TestTill::new(|_, _, message, outbox| {
                if let inbox::Till::BeginPurchase(begin) = message {
                    for step in 0..3 {
                        outbox.send(SaleProgress::TapCard { amount: begin.amount, seconds_left: step });
                    }
                }
            })
        })
        .start()
        .unwrap();
    let shell = running.inlet::<actor::Shell>();
    for minor in 1..=10 {
        shell.send(BeginPurchase { amount: amount(minor) }).unwrap();
    }
    for minor in 1..=10 {
        for step in 0..3 {
            let expected = SaleProgress::TapCard { amount: amount(minor), seconds_left: step };
            assert_eq!(shown.recv_timeout(PATIENCE).unwrap(), inbox::Shell::SaleProgress(expected));
        }
    }
}

#[test]
fn frames_cross_threads_and_keep_their_flow() {
    let (runtime, shown, _) = runtime(None);
    let (threads_in, threads) = channel();
    let name = || thread::current().name().unwrap_or_default().to_owned();
    let (till_threads, ledger_threads) = (threads_in.clone(), threads_in);
    let running = runtime
        .spawn(move || {
            let threads = till_threads.clone();
            TestTill::new(move |_, flow, message, outbox| {
                threads.send(name()).unwrap();
                match message {
                    inbox::Till::CancelFlow(_) => outbox.send_in(Flow(7), OpenLedger),
                    inbox::Till::LedgerOpened(_) => {
                        assert_eq!(flow, Flow(7));
                        outbox.send(SaleProgress::Online);
                    }
                    _ => unreachable!("nobody sends it"),
                }
            })
        })
        .spawn(move || {
            let threads = ledger_threads.clone();
            TestLedger::new(move |_, flow, _, outbox| {
                assert_eq!(flow, Flow(7));
                threads.send(name()).unwrap();
                outbox.send(LedgerOpened::Open { profile: None, unresolved: 0, next_transaction: 1 });
            })
        })
        .start()
        .unwrap();
    running.inlet::<actor::Shell>().send(CancelFlow).unwrap();
    assert_eq!(shown.recv_timeout(PATIENCE).unwrap(), inbox::Shell::SaleProgress(SaleProgress::Online));
    let [first, second, third] = [(); 3].map(|()| threads.recv_timeout(PATIENCE).unwrap());
    assert_eq!(first, third);
    assert_ne!(first, second);
}

/// The ledger hangs in its disk while the till goes on sending to it.
#[test]
fn a_full_mailbox_is_told_to_the_sender_and_nothing_is_lost_silently() {
    const SENT: usize = MAILBOX_FRAMES_MAX + 10;
    let (runtime, _shown, _) = runtime(None);
    let (release, held) = sync_channel::<()>(0);
    let held = std::sync::Mutex::new(Some(held));
    let (told, outcomes) = channel();
    let (arrived, arrivals) = channel();
    let running = runtime
        .spawn(move || {
            let held = held.lock().unwrap().take().unwrap();
            let arrived = arrived.clone();
            let mut first = true;
            TestLedger::new(move |_, _, _, _| {
                if std::mem::take(&mut first) {
                    held.recv().unwrap(); // as a disk that hangs
                }
                arrived.send(()).unwrap();
            })
        })
        .spawn(move || {
            let (told, sent) = (told.clone(), std::cell::Cell::new(0));
            TestTill::new(move |_, _, _, outbox| {
                for _ in 0..10.min(SENT - sent.get()) {
                    outbox.send(OpenLedger);
                    sent.set(sent.get() + 1);
                }
            })
            .on_undelivered(move |lost, _| told.send(lost).unwrap())
        })
        .start()
        .unwrap();
    let shell = running.inlet::<actor::Shell>();
    for _ in 0..SENT.div_ceil(10) {
        while shell.send(CancelFlow).is_err() {
            thread::yield_now();
        }
    }
    let first = outcomes.recv_timeout(PATIENCE).unwrap();
    assert_eq!(first, (ActorId::Ledger, "OpenLedger", DeliveryFault::Full));
    let mut told = 1;
    while let Ok((_, _, fault)) = outcomes.recv_timeout(QUIET) {
        assert_eq!(fault, DeliveryFault::Full);
        told += 1;
    }
    release.send(()).unwrap();
    let mut arrived = 0;
    while arrivals.recv_timeout(QUIET).is_ok() {
        arrived += 1;
    }
    assert_eq!(arrived + told, SENT, "{arrived} arrived, {told} were told");
    assert!((MAILBOX_FRAMES_MAX..=MAILBOX_FRAMES_MAX + 1).contains(&arrived), "{arrived} fitted");
}

#[test]
fn a_message_of_an_edge_that_does_not_arrive_is_told_to_the_edge_and_to_the_till() {
    let (runtime, _shown, _) = runtime(None);
    let (told, till_was_told) = channel();
    let running = runtime
        .spawn(move || {
            let told = told.clone();
            TestTill::new(move |_, _, message, _| told.send(message).unwrap())
        })
        .start()
        .unwrap();
    // There is no reader here.
    assert_eq!(running.inlet::<actor::Shell>().send(TagArrived), Err(DeliveryFault::Closed));
    let Ok(inbox::Till::DeliveryFailed(failed)) = till_was_told.recv_timeout(PATIENCE) else {
        panic!("the till is told");
    };
    let DeliveryFailed { from, to, message, cause } = failed;
    assert_eq!((from, to, &*message), (ActorId::Shell, ActorId::NfcReader, "TagArrived"));
    assert_eq!(cause, DeliveryFault::Closed);
}

/// What is sent from `undelivered` and fails as well goes to the till, not back to the sender for ever.
#[test]
fn a_second_failure_in_a_row_is_told_to_the_till() {
    let (runtime, _shown, _) = runtime(None);
    let (told, till_was_told) = channel();
    let running = runtime
        .spawn(move || {
            let told = told.clone();
            TestTill::new(move |_, _, message, outbox| match message {
                inbox::Till::CancelFlow(_) => outbox.send(AbortTap),
                message => told.send(message).unwrap(),
            })
        })
        .spawn(|| {
            // There is no reader here.
            TestKernel::new(|_, _, _, outbox| outbox.send(StopPolling)).on_undelivered(|lost, outbox| {
                assert_eq!(lost, (ActorId::NfcReader, "StopPolling", DeliveryFault::Closed));
                outbox.send(StartPolling { hold_ms: 0, wait_ms: 1 });
            })
        })
        .start()
        .unwrap();
    running.inlet::<actor::Shell>().send(CancelFlow).unwrap();
    let Ok(inbox::Till::DeliveryFailed(failed)) = till_was_told.recv_timeout(PATIENCE) else {
        panic!("the till is told");
    };
    let arrow = (failed.from, failed.to, &*failed.message);
    assert_eq!(arrow, (ActorId::EmvKernel, ActorId::NfcReader, "StartPolling"));
    assert!(till_was_told.recv_timeout(QUIET).is_err());
    assert_eq!(running.panics(ActorId::EmvKernel), 0);
}

#[test]
fn a_timer_comes_back_in_its_flow_and_at_its_time() {
    let (runtime, shown, clock) = runtime(None);
    let running = runtime
        .spawn(|| {
            TestPinPad::new(|now, flow, message, outbox| match message {
                inbox::PinPad::PinAbandoned(_) => outbox.after_ms(20, PinTimer { entry: 3 }),
                inbox::PinPad::PinTimer(timer) => {
                    assert_eq!((timer.entry, flow, now.uptime_ms), (3, Flow(5), 777));
                    outbox.send(pad(amount(1)));
                }
                _ => unreachable!("nobody sends it"),
            })
        })
        .start()
        .unwrap();
    running.inlet::<actor::Shell>().send_in(Flow(5), PinAbandoned).unwrap();
    clock.set_uptime_ms(777);
    let shown = shown.recv_timeout(PATIENCE).unwrap();
    assert_eq!(shown, inbox::Shell::ShowPinPad(pad(amount(1))));
    assert_eq!(running.panics(ActorId::PinPad), 0);
}

#[test]
fn a_frame_from_a_border_is_the_edges_own_whatever_sender_it_claims() {
    let (runtime, shown, _) = runtime(None);
    let running = runtime
        .spawn(|| {
            TestTill::new(|_, _, message, outbox| {
                assert!(matches!(message, inbox::Till::CancelFlow(_)));
                outbox.send(SaleProgress::Online);
            })
        })
        .spawn(|| TestReader::new(|_, _, _, _| ()))
        .start()
        .unwrap();
    let shell = running.inlet::<actor::Shell>();

    // It claims to be the kernel's, and is taken as the shell's.
    let mut cancel = Vec::new();
    frame::encode::<actor::Shell, _>(Flow(1), &CancelFlow, &mut cancel).unwrap();
    cancel[1] = ActorId::EmvKernel as u8;
    shell.admit(&mut cancel).unwrap();
    assert_eq!(shown.recv_timeout(PATIENCE).unwrap(), inbox::Shell::SaleProgress(SaleProgress::Online));

    // A row of the kernel's, which the shell has not.
    let mut stop = Vec::new();
    frame::encode::<actor::EmvKernel, _>(Flow(1), &StopPolling, &mut stop).unwrap();
    let refused = FrameError::NoRoute { from: ActorId::Shell, to: ActorId::NfcReader, ordinal: 2 };
    assert_eq!(shell.admit(&mut stop), Err(AdmitError::Frame(refused)));

    // The clock's row: the shell cannot make time pass.
    let mut timer = Vec::new();
    frame::encode::<actor::Clock, _>(Flow(1), &PollingTimer { polling: 1 }, &mut timer).unwrap();
    assert!(matches!(shell.admit(&mut timer), Err(AdmitError::Frame(FrameError::NoRoute { .. }))));

    // A body that does not decode, and one with bytes left over.
    let mut begin = Vec::new();
    frame::encode::<actor::Shell, _>(Flow(1), &BeginPurchase { amount: amount(5) }, &mut begin).unwrap();
    begin.push(0);
    assert_eq!(shell.admit(&mut begin), Err(AdmitError::Frame(FrameError::Body)));
    begin.truncate(9);
    assert_eq!(shell.admit(&mut begin), Err(AdmitError::Frame(FrameError::Body)));
    assert!(shown.recv_timeout(QUIET).is_err());
    assert_eq!(running.panics(ActorId::Till), 0);
}

#[test]
fn stopping_ends_the_threads_and_closes_the_inlets() {
    let (runtime, _shown, _) = runtime(None);
    let before = runtime.inlet::<actor::Shell>();
    assert_eq!(before.send(CancelFlow), Err(DeliveryFault::Closed), "nothing runs yet");
    let (alive, dead) = channel::<()>();
    let running = runtime
        .spawn(move || {
            let alive = alive.clone();
            TestLedger::new(move |_, _, _, _| drop(alive.clone()))
        })
        .spawn(|| TestTill::new(|_, _, _, _| ()))
        .start()
        .unwrap();
    before.send(CancelFlow).unwrap();
    running.stop().unwrap();
    // The actor and its factory are gone, and with them each sender.
    assert!(
        dead.recv_timeout(PATIENCE)
            .is_err_and(|error| error == std::sync::mpsc::RecvTimeoutError::Disconnected)
    );
    assert_eq!(before.send(CancelFlow), Err(DeliveryFault::Closed));
}

#[test]
fn a_call_that_blocks_does_not_hold_up_stopping_for_ever() {
    let (runtime, _shown, _) = runtime(None);
    let (release, held) = sync_channel::<()>(0);
    let (entered, inside) = sync_channel::<()>(1);
    let held = std::sync::Arc::new(std::sync::Mutex::new(held));
    let running = runtime
        .spawn(move || {
            let (held, entered) = (held.clone(), entered.clone());
            TestReader::new(move |_, _, _, _| {
                entered.send(()).unwrap();
                let _ = held.lock().unwrap().recv();
            })
        })
        .start()
        .unwrap();
    running.inlet::<actor::Shell>().send(TagArrived).unwrap();
    inside.recv_timeout(PATIENCE).unwrap();
    assert_eq!(running.stop(), Err(mpos_runtime::StillRunning));
    drop(release);
}

#[test]
fn an_actor_wired_twice_does_not_start() {
    let (runtime, _shown, _) = runtime(None);
    let till = || TestTill::new(|_, _, _, _| ());
    let error = runtime.spawn(till).spawn(till).start().err().unwrap();
    assert!(matches!(error, mpos_runtime::StartError::Twice(ActorId::Till)));
}
