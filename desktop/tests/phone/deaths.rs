//! Android ends the process in the middle of a payment; the merchant opens the application again.

use crate::{merchant::Merchant, world::World};
use std::{thread, time::Duration};

/// Where a payment is when its process ends.
#[derive(Clone, Copy, Debug)]
enum Death {
    /// The card has left, and the customer is to type.
    WhileThePinIsTyped,
    /// So long after OK was pressed on the PIN pad: what goes to the bank is written, or sent, or answered.
    AfterThePin(Duration),
}

/// How often it is looked whether the books were compared: an emulated processor takes its time.
const COMPARISON_LOOKS: u32 = 60;
const LOOK_AGAIN: Duration = Duration::from_millis(500);

const DEATHS: [Death; 5] = [
    Death::WhileThePinIsTyped,
    Death::AfterThePin(Duration::ZERO),
    Death::AfterThePin(Duration::from_millis(5)),
    Death::AfterThePin(Duration::from_millis(20)),
    Death::AfterThePin(Duration::from_millis(80)),
];

#[test]
#[ignore = "it wants the library of the APK: cargo xtask ci --only apk"]
fn a_payment_whose_process_ends_is_settled_at_the_next_start_and_both_books_agree() {
    let world = World::new();
    drop(world.activate("4711"));
    for death in DEATHS {
        let running = world.open();
        running.merchant.begins_payment("4100");
        running.merchant.around.hold(world.card("mastercard"), &running.merchant.calls);
        running.merchant.sees("Enter the PIN");
        if let Death::AfterThePin(later) = death {
            running.merchant.types_pin("1234");
            thread::sleep(later);
        }
        drop(running);

        // The screen is where the terminal is: in its menu, with nothing half done. What may have reached the bank is
        // settled before anything else is sold.
        let again = world.open();
        sells(&world, &again.merchant);
    }
    assert_eq!(world.approved("1.00"), DEATHS.len());
    assert!(world.approved("41.00") < DEATHS.len(), "one died before its PIN was typed");
    // The terminal compares with its reports, the next of which comes with a sale.
    world.orders_comparison();
    let running = world.open();
    sells(&world, &running.merchant);
    for _time in 0..COMPARISON_LOOKS {
        let (agrees, compared) = world.reconciled();
        assert!(agrees, "the books differ");
        if compared > DEATHS.len() {
            return;
        }
        thread::sleep(LOOK_AGAIN);
    }
    panic!("the books were not compared");
}

fn sells(world: &World, merchant: &Merchant) {
    merchant.waits("the menu", |screen| (&*screen.name == "menu").then_some(()));
    merchant.begins_payment("100");
    merchant.around.hold(world.card("visa"), &merchant.calls);
    merchant.sees("Approved");
    merchant.presses("Done");
    merchant.waits("the menu", |screen| (&*screen.name == "menu").then_some(()));
}
