//! The digits and their order are gone at each end of an entry.

use crate::desk::{Desk, FLOW, PAN};
use mpos_ports::LOCKED_BYTES;
use mpos_protocol::{Flow, inbox, pad::PadRole, pin::messages::*};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// With seven digits typed.
fn typing() -> Desk {
    let mut desk = Desk::asked();
    desk.types("9078563");
    // The eighth touch shows what the seven have left.
    desk.digit('4');
    let held = *desk.seen.lock().unwrap();
    assert!(held.windows(7).any(|seven| seven == b"9078563"), "the test sees what is there");
    desk
}

#[test]
fn every_end_of_an_entry_wipes_the_digits_and_their_order() {
    type End = (&'static str, fn(&mut Desk));
    let ends: [End; 6] = [
        ("ready", |desk| drop(desk.key(PadRole::Confirm))),
        ("no keys", |desk| {
            desk.keys.0.store(0, std::sync::atomic::Ordering::SeqCst);
            desk.key(PadRole::Confirm);
        }),
        ("abandoned", |desk| drop(desk.tell(Flow::default(), inbox::PinPad::PinAbandoned(PinAbandoned)))),
        ("stopped", |desk| drop(desk.stop())),
        ("time is up", |desk| {
            desk.now.uptime_ms = 30_000;
            desk.timer(1);
        }),
        ("covered", |desk| drop(desk.expose(true, false))),
    ];
    for (name, end) in ends {
        let mut desk = typing();
        end(&mut desk);
        assert!(desk.is_wiped(), "{name}");
    }
}

#[test]
fn a_pad_that_is_dropped_wipes_its_memory_also_while_a_panic_unwinds() {
    let Desk { pad, seen, .. } = typing();
    drop(pad);
    assert_eq!(*seen.lock().unwrap(), [0; LOCKED_BYTES]);

    let Desk { pad, seen, .. } = typing();
    let fell = catch_unwind(AssertUnwindSafe(move || {
        let _pad = pad;
        std::panic::resume_unwind(Box::new("in the middle of an entry"));
    }));
    assert!(fell.is_err());
    assert_eq!(*seen.lock().unwrap(), [0; LOCKED_BYTES]);
}

#[test]
fn another_order_and_clear_wipe_what_was_typed() {
    let holds = |desk: &Desk| desk.seen.lock().unwrap().windows(4).any(|digits| digits == b"9078");
    for (name, change) in [
        ("another order", (|desk: &mut Desk| drop(desk.arrange(true))) as fn(&mut Desk)),
        ("clear", |desk| drop(desk.key(PadRole::Clear))),
    ] {
        let mut desk = typing();
        change(&mut desk);
        // Used again, the memory shows what was left.
        desk.digit('1');
        assert!(!holds(&desk), "{name}");
    }
    let mut desk = typing();
    desk.bind(FLOW, PAN);
    desk.ask(FLOW);
    desk.digit('1');
    assert!(!holds(&desk), "another entry");
}
