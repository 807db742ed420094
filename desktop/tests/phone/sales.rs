//! From the first start to a refund, through the natives; and what they refuse.

use crate::{wire::Value, world::World};
use mpos_protocol::screen::{Act, ScreenEvent};

const SUPERVISOR_CODE: &str = "4711";

#[test]
#[ignore = "it wants the library of the APK: cargo xtask ci --only apk"]
fn a_phone_is_activated_sells_with_a_pin_and_gives_back() {
    let world = World::new();
    let running = world.activate(SUPERVISOR_CODE);
    let merchant = &running.merchant;

    merchant.begins_payment("4100");
    merchant.around.hold(world.card("mastercard"), &merchant.calls);
    merchant.sees("Enter the PIN");
    merchant.types_pin("1234");
    merchant.sees("Approved");
    assert_eq!(merchant.field("Transaction Type"), "Purchase");
    merchant.presses("Done");

    merchant.presses("Transaction History");
    merchant.presses("Gjenero transaksionet");
    merchant.opens("41.00");
    merchant.presses("Refund Transaction");
    merchant.types("Supervisor code", SUPERVISOR_CODE);
    merchant.presses("Next");
    merchant.sees("Tap your card");
    merchant.around.hold(world.card("mastercard"), &merchant.calls);
    merchant.sees("Step 3 of 3");
    merchant.sees("Approved");
    merchant.presses("Done");
    let books = world.transactions();
    assert_eq!(books.len(), 2, "{books:?}");

    // Android ends the process; the merchant opens the application again.
    drop(running);
    let again = world.open();
    again.merchant.waits("the menu", |screen| (&*screen.name == "menu").then_some(()));
}

#[test]
#[ignore = "it wants the library of the APK: cargo xtask ci --only apk"]
fn a_card_that_leaves_is_asked_for_again_and_sells() {
    let world = World::new();
    let running = world.activate(SUPERVISOR_CODE);
    let merchant = &running.merchant;
    merchant.begins_payment("100");
    merchant.around.hold(world.card("visa+torn:1"), &merchant.calls);
    merchant
        .waits_for("a reader that looks again", |state| (state.taps == 1 && state.is_polling).then_some(()));
    assert_eq!(world.transactions().len(), 0);
    merchant.around.hold(world.card("visa"), &merchant.calls);
    merchant.sees("Approved");
    assert_eq!(merchant.waits_for("the taps", |state| Some(state.taps)), 2);
}

#[test]
#[ignore = "it wants the library of the APK: cargo xtask ci --only apk"]
fn what_is_no_event_is_refused_with_an_exception_and_nothing_else_happens() {
    let world = World::new();
    let running = world.load();
    let calls = &running.merchant.calls;
    let ready = ScreenEvent { screen: 0, act: Act::ShellReady }.to_frame().unwrap().to_vec();
    let refused = |arguments: &[Value]| calls.call("event", arguments).unwrap_err();
    assert!(refused(&[Value::Bytes(ready.clone())]).ends_with("the terminal does not run"));

    let mut start = world.start_arguments();
    start[2] = Value::Bytes(b"no bank".to_vec());
    let thrown = calls.call("start", &start).unwrap_err();
    assert!(
        thrown.starts_with("com/procreditbank/kosovo/mpos/NativeException: this mPOS knows no bank"),
        "{thrown}"
    );
    for (place, wrong) in [(0, Value::Null), (1, Value::Null), (4, Value::List(Vec::new()))] {
        let mut start = world.start_arguments();
        start[place] = wrong;
        assert!(calls.call("start", &start).unwrap_err().contains("do not fit together"));
    }

    calls.call("start", &world.start_arguments()).unwrap();
    running.merchant.waits("a screen", |screen| (&*screen.name == "activation").then_some(()));
    for (frame, why) in [
        (Value::Null, "do not fit together"),
        (Value::Bytes(Vec::new()), "empty"),
        (Value::Bytes(vec![0; 257]), "do not fit together"),
        (Value::Bytes(vec![0; 256]), "version"),
        (Value::Bytes([&ready[..], &[0]].concat()), "does not decode"),
    ] {
        let thrown = refused(&[frame]);
        assert!(thrown.contains(why), "{thrown}");
    }
    calls.call("event", &[Value::Bytes(ready)]).unwrap();
    // A second start is a new shell before the same terminal.
    calls.call("start", &world.start_arguments()).unwrap();
    calls.call("tag", &[Value::Object(7)]).expect("a card that nobody wants is let go of");
    calls.call("stop", &[]).unwrap();
    calls.call("start", &world.start_arguments()).expect("it starts again");
}

#[test]
#[ignore = "it wants the library of the APK: cargo xtask ci --only apk"]
fn a_key_store_that_was_emptied_leads_back_to_activation_and_the_old_files_are_kept() {
    let world = World::new();
    drop(world.activate(SUPERVISOR_CODE));
    world.keys.lock().unwrap().clear();
    let running = world.open();
    running.merchant.waits("the activation", |screen| (&*screen.name == "activation").then_some(()));
    assert!(world.folder().join("lost-1/ledger.journal").exists());
    running.merchant.types("Activation code", &world.activation_code());
    running.merchant.presses("Next");
    // The bank knows the business and its code: the merchant joins.
    running.merchant.waits("the next step", |screen| (&*screen.name != "activation").then_some(()));
}
