//! What the recorder keeps, what it never holds, and that a saved run replays to the same steps.

mod support;

use mpos_protocol::{
    Bytes, Secret, Text,
    card::{
        ResponseApdu,
        messages::{
            AbortTap, CardAnswered, CardAuthenticated, CardPresent, StopPolling, TagArrived, TransmitApdu,
        },
    },
    inbox,
    pin::messages::{AskPin, BindPinToCard, HidePinPad, PinTimer},
    shell::{Activate, BeginPurchase, SaleProgress},
};
use mpos_runtime::{
    ActorId, Flow, RECORDER_FRAMES_MAX, Recorder, Recording, RecordingError, ReplayedSend, actor, replay,
};
use proptest::prelude::*;
use support::{PATIENCE, STROKES, TestKernel, TestPinPad, TestReader, TestTill, amount, pad, runtime, touch};

/// Where the pad is touched.
const TOUCHED: (u16, u16) = (7391, 9173);
const CODE: &str = "CANARYCODECANARY";
/// An account number in a card's answer, and as BCD digits to the pad.
const PAN_BCD: [u8; 8] = [0x54, 0x13, 0x33, 0x73, 0x91, 0x73, 0x91, 0x46];
const PAN_DIGITS: [u8; 16] = [5, 4, 1, 3, 3, 3, 7, 3, 9, 1, 7, 3, 9, 1, 4, 6];

fn till() -> TestTill {
    TestTill::new(|_, _, message, outbox| {
        if let inbox::Till::BeginPurchase(begin) = message {
            outbox.send_in(Flow(1), AskPin { amount: begin.amount, format: Default::default() });
        }
    })
}

fn reader() -> TestReader {
    TestReader::new(|_, _, message, outbox| match message {
        inbox::NfcReader::TagArrived(_) => outbox.send(CardPresent),
        inbox::NfcReader::TransmitApdu(_) => {
            let answer = [&[0x70, 0x0A, 0x5A, 0x08][..], &PAN_BCD[..], &[0x90, 0x00][..]].concat();
            outbox.send(CardAnswered { response: ResponseApdu::new(&answer).expect("works") });
        }
        _ => (),
    })
}

/// A kernel whose verdict depends on what a recording does not hold.
fn kernel() -> TestKernel {
    TestKernel::new(|_, _, message, outbox| match message {
        inbox::EmvKernel::CardPresent(_) => {
            outbox
                .send(TransmitApdu { command: Bytes::new(&[0x00, 0xB2, 0x01, 0x0C, 0x00]).expect("works") });
        }
        inbox::EmvKernel::CardAnswered(answer) => {
            let whole = answer.response.as_bytes().windows(8).any(|window| window == PAN_BCD);
            outbox.send(CardAuthenticated { verdict: u8::from(!whole), cryptogram: None });
            outbox.send(BindPinToCard { pan: Secret::new(Bytes::new(&PAN_DIGITS).expect("works")) });
        }
        inbox::EmvKernel::CardAuthenticated(authenticated) => {
            assert_eq!(authenticated.verdict, 0);
            outbox.send(StopPolling);
        }
        _ => (),
    })
}

fn pin_pad() -> TestPinPad {
    TestPinPad::new(|now, _, message, outbox| match message {
        inbox::PinPad::AskPin(ask) => outbox.send(pad(ask.amount)),
        inbox::PinPad::PinPadTouched(touch) if now.uptime_ms >= 5 => {
            let at = touch.at.expose();
            assert!([(0, 0), TOUCHED].contains(&(at.x, at.y)), "there, or in a replay nowhere");
            outbox.send(HidePinPad);
        }
        _ => (),
    })
}

/// A tap and a PIN through four actors on two threads, saved as a file.
fn recorded_run() -> Vec<u8> {
    let recorder = Recorder::new();
    let (runtime, shown, clock) = runtime(Some(recorder.clone()));
    let running = runtime.spawn(till).spawn(reader).spawn(kernel).spawn(pin_pad).start().expect("works");
    let shell = running.inlet::<actor::Shell>();
    shell.send(Activate { code: Secret::new(Text::new(CODE).expect("works")) }).expect("works");
    shell.send(TagArrived).expect("works");
    shell.send(BeginPurchase { amount: amount(4001) }).expect("works");
    assert!(matches!(shown.recv_timeout(PATIENCE), Ok(inbox::Shell::ShowPinPad(_))));
    clock.set_uptime_ms(5);
    shell.send_in(Flow(1), touch(TOUCHED.0, TOUCHED.1)).expect("works");
    assert!(matches!(shown.recv_timeout(PATIENCE), Ok(inbox::Shell::HidePinPad(_))));
    // The card's thread is done as well, once the last of its messages is there.
    let mut file = save(&recorder);
    while !String::from_utf8_lossy(&file).contains("StopPolling") {
        std::thread::yield_now();
        file = save(&recorder);
    }
    running.stop().expect("works");
    file
}

fn save(recorder: &Recorder) -> Vec<u8> {
    let mut file = Vec::new();
    recorder.save(&mut file).expect("works");
    file
}

#[test]
fn a_recording_holds_no_secret_and_all_else() {
    let file = recorded_run();
    let text = String::from_utf8(file).unwrap();
    let digits: String = PAN_DIGITS.iter().map(|digit| char::from(b'0' + digit)).collect();
    let json_digits = PAN_DIGITS.map(|digit| digit.to_string()).join(",");
    let hex_digits = PAN_DIGITS.map(|digit| format!("{digit:02X}")).concat();
    let strokes = STROKES.map(|byte| format!("{byte:02X}")).concat();
    for canary in ["7391", "9173", CODE, "5413337391739146", &digits, &json_digits, &hex_digits, &strokes] {
        assert!(!text.contains(canary), "{canary} in {text}");
    }
    for kept in ["\"amount\":4001", "00B2010C00", "CardPresent", "\"ShowPinPad\"", "\"code\":\"secret\""] {
        assert!(text.contains(kept), "{kept} not in {text}");
    }
    assert!(text.starts_with("{\"format\":\"mpos-recording\",\"version\":1,\"program\":"));
}

#[test]
fn a_saved_run_loads_and_replays_to_the_same_steps() {
    let recording = Recording::load(&*recorded_run()).unwrap();

    let report = replay(&recording, till, &[]);
    assert!(report.is_same(), "{report:#?}");
    assert_eq!(report.steps.len(), 2);

    let report = replay(&recording, pin_pad, &[]);
    assert!(report.is_same(), "{report:#?}");
    assert_eq!(report.steps.len(), 3);

    let report = replay(&recording, kernel, &["CardAuthenticated"]);
    assert!(report.is_same(), "{report:#?}");
    let names: Vec<_> = report.steps.iter().map(|step| step.name).collect();
    assert_eq!(names, ["CardPresent", "CardAnswered", "CardAuthenticated"]);
    assert!(matches!(report.steps[1].sends[0], ReplayedSend::RecordedVerdictUsed { .. }));

    let report = replay(&recording, kernel, &[]);
    assert!(!report.is_same(), "without the exception the masked card does not verify");
}

#[test]
fn an_actor_that_does_otherwise_is_shown_with_both_sides() {
    let recording = Recording::load(&*recorded_run()).unwrap();
    let changed = || TestTill::new(|_, _, _, outbox| outbox.send(AbortTap));
    let report = replay(&recording, changed, &[]);
    assert!(!report.is_same());
    let ReplayedSend::Different { recorded, replayed } = &report.steps[1].sends[0] else {
        panic!("{report:#?}")
    };
    assert_eq!(recorded.as_ref().unwrap().message, r#"{"AskPin":{"amount":4001,"format":"Format4"}}"#);
    assert_eq!(replayed.as_ref().unwrap().name, "AbortTap");
}

#[test]
fn panics_and_undelivered_messages_replay_too() {
    let recorder = Recorder::new();
    let (runtime, shown, _) = runtime(Some(recorder.clone()));
    let till = || {
        let mut purchases = 0;
        TestTill::new(move |_, _, message, outbox| match message {
            inbox::Till::BeginPurchase(_) => {
                purchases += 1;
                assert_ne!(purchases, 2);
                outbox.send(AbortTap); // there is no kernel
            }
            inbox::Till::ActorRestarted(_) => outbox.send(SaleProgress::Reversing),
            _ => (),
        })
        .on_undelivered(|lost, outbox| {
            assert_eq!((lost.0, lost.1), (ActorId::EmvKernel, "AbortTap"));
            outbox.send(SaleProgress::Repeating);
        })
    };
    let running = runtime.spawn(till).start().unwrap();
    let shell = running.inlet::<actor::Shell>();
    for expected in [SaleProgress::Repeating, SaleProgress::Reversing, SaleProgress::Repeating] {
        shell.send(BeginPurchase { amount: amount(1) }).unwrap();
        assert_eq!(shown.recv_timeout(PATIENCE).unwrap(), inbox::Shell::SaleProgress(expected));
    }
    running.stop().unwrap();
    let recording = Recording::load(&*save(&recorder)).unwrap();
    let report = replay(&recording, till, &[]);
    assert!(report.is_same(), "{report:#?}");
    let panicked: Vec<_> = report.steps.iter().map(|step| step.panics_now).collect();
    assert_eq!(panicked, [false, true, false, false]);
}

#[test]
fn a_timer_is_recorded_when_it_falls_due_and_replays_as_what_it_says() {
    let recorder = Recorder::new();
    let (runtime, shown, clock) = runtime(Some(recorder.clone()));
    let pad = || {
        TestPinPad::new(|now, _, message, outbox| match message {
            inbox::PinPad::PinPadTouched(_) => outbox.after_ms(10, PinTimer { entry: 1 }),
            inbox::PinPad::PinTimer(_) => outbox.send(pad(amount(now.uptime_ms))),
            _ => (),
        })
    };
    let running = runtime.spawn(pad).start().unwrap();
    running.inlet::<actor::Shell>().send(touch(1, 1)).unwrap();
    clock.set_uptime_ms(42);
    assert!(shown.recv_timeout(PATIENCE).is_ok());
    running.stop().unwrap();
    let recording = Recording::load(&*save(&recorder)).unwrap();
    let timer = recording.frames.iter().find(|frame| frame.from == ActorId::Clock).unwrap();
    assert_eq!((timer.name, timer.cause, timer.at.uptime_ms), ("PinTimer", 1, 42));
    assert!(replay(&recording, pad, &[]).is_same());
}

#[test]
fn the_ring_keeps_the_newest_frames_and_what_set_an_actor_up() {
    let recorder = Recorder::new();
    let (runtime, shown, _) = runtime(Some(recorder.clone()));
    let running = runtime
        .spawn(|| {
            TestTill::new(|_, _, message, outbox| {
                if matches!(message, inbox::Till::BeginPurchase(_)) {
                    outbox.send(SaleProgress::Online);
                }
            })
        })
        .start()
        .unwrap();
    let shell = running.inlet::<actor::Shell>();
    let bank_address = Text::new("bank.example:1").unwrap();
    shell.send(mpos_protocol::shell::OpenTerminal { bank_address }).unwrap();
    for _ in 0..RECORDER_FRAMES_MAX {
        shell.send(BeginPurchase { amount: amount(1) }).unwrap();
        shown.recv_timeout(PATIENCE).unwrap();
    }
    running.stop().unwrap();
    let recording = Recording::load(&*save(&recorder)).unwrap();
    assert_eq!(recording.frames.len(), RECORDER_FRAMES_MAX + 1);
    assert_eq!(recording.frames[0].name, "OpenTerminal");
    let report = replay(
        &recording,
        || {
            TestTill::new(|_, _, message, outbox| {
                if matches!(message, inbox::Till::BeginPurchase(_)) {
                    outbox.send(SaleProgress::Online);
                }
            })
        },
        &[],
    );
    assert!(report.is_same());
    assert!(!report.steps[0].compared && report.steps[1].compared);
}

#[test]
fn what_is_no_recording_is_refused_with_its_line() {
    let file = String::from_utf8(recorded_run()).unwrap();
    let lines: Vec<&str> = file.lines().collect();
    let load = |lines: &[&str]| Recording::load(lines.join("\n").as_bytes()).err();
    let header = lines[0];

    assert!(matches!(load(&[]), Some(RecordingError::NotARecording)));
    assert!(matches!(load(&["{}"]), Some(RecordingError::NotARecording)));
    let newer = header.replace("\"version\":1", "\"version\":2");
    assert!(matches!(load(&[&newer]), Some(RecordingError::Version(2))));
    assert!(matches!(load(&[header, lines[1], "{"]), Some(RecordingError::Malformed { line: 3, .. })));
    let forged = lines[1].replace("\"from\":\"Shell\"", "\"from\":\"Ledger\"");
    assert!(matches!(load(&[header, &forged]), Some(RecordingError::NoRow { line: 2 })));
    let renamed = lines[1].replace("\"name\":\"Activate\"", "\"name\":\"CancelFlow\"");
    assert!(matches!(load(&[header, &renamed]), Some(RecordingError::NoRow { line: 2 })));
    let long = " ".repeat(400_000);
    assert!(matches!(load(&[header, &long]), Some(RecordingError::LineTooLong { line: 2 })));
    let many = vec![lines[1]; RECORDER_FRAMES_MAX + 6];
    assert!(matches!(load(&[&[header][..], &many].concat()), Some(RecordingError::TooManyLines { .. })));
}

proptest! {
    #[test]
    fn no_changed_file_makes_loading_or_replaying_panic(position in any::<prop::sample::Index>(), byte in any::<u8>()) {
        static FILE: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
        let mut file = FILE.get_or_init(recorded_run).clone();
        let position = position.index(file.len());
        file[position] = byte;
        if let Ok(recording) = Recording::load(&*file) {
            let _ = replay(&recording, till, &[]);
        }
    }
}
