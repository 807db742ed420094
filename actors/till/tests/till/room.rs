//! Room in the book, made before the card is read: a disk that is full ends the sale there, in the words of today.

use crate::support::{Counterpart, approved, authorisation, profile};
use mpos_protocol::{
    ActorId, Amount, Flow, Message, Text,
    book::{MakeRoom, RoomMade, StoreFault},
    card::{
        Cvm, TapOutcome,
        messages::{AbortTap, TapEnded},
    },
    inbox,
    link::{CheckStanding, NotSent},
    pin::messages::{AskPin, StopPin},
    sale::{Cause, SaleOutcome},
    shell::{BeginRefund, CancelFlow, SaleProgress},
    supervision::DeliveryFault,
};

/// A till whose ledger says nothing by itself.
fn quiet() -> Counterpart {
    let mut world = Counterpart::activated();
    world.room = None;
    world.begin(5_000);
    world
}

fn say(world: &mut Counterpart, result: Result<(), StoreFault>) {
    world.tell(inbox::Till::RoomMade(RoomMade { result }));
}

fn asked_room(world: &Counterpart) -> usize {
    world.names_to(ActorId::Ledger).iter().filter(|name| **name == MakeRoom::NAME).count()
}

/// The one end, and what was not asked of anybody before it.
fn ending(world: &mut Counterpart) -> (SaleOutcome, Option<Cause>) {
    assert!(!world.names_to(ActorId::PinPad).contains(&AskPin::NAME), "a PIN was asked for");
    assert!(!world.names_to(ActorId::HostLink).contains(&"Authorise"), "the bank was asked");
    world.receipt_is_made();
    let [ended] = &world.ended()[..] else { panic!("{:?}", world.sent) };
    assert!(ended.receipt.next.as_ref().is_some_and(|next| !next.is_empty()));
    (ended.receipt.outcome, ended.receipt.cause)
}

fn no_room(fault: StoreFault) -> (SaleOutcome, Option<Cause>) {
    (SaleOutcome::Cancelled, Some(Cause::NotSent(NotSent::Store(fault))))
}

const INTERRUPTED: (SaleOutcome, Option<Cause>) =
    (SaleOutcome::Cancelled, Some(Cause::NotSent(NotSent::Interrupted)));

#[test]
fn the_ledger_is_asked_for_room_as_each_sale_and_each_refund_begins() {
    let mut world = Counterpart::new();
    world.room = None;
    world.open();
    world.opened(Some(profile()));
    assert_eq!(asked_room(&world), 0);
    world.begin(123);
    assert_eq!(asked_room(&world), 1);

    let mut world = Counterpart::activated();
    world.room = None;
    let refund = BeginRefund {
        reference: Text::clipped("4864FC149502"),
        amount: Amount::from_minor(100).unwrap(),
        grant: mpos_protocol::Sealed::default(),
    };
    world.tell_in(Flow::default(), inbox::Till::BeginRefund(refund));
    assert_eq!(asked_room(&world), 1);
    say(&mut world, Err(StoreFault::Full));
    assert_eq!(ending(&mut world), no_room(StoreFault::Full));
}

#[test]
fn a_full_disk_ends_the_sale_before_the_card_is_read_and_says_so() {
    for fault in [StoreFault::Full, StoreFault::Damaged { entry: 7 }, StoreFault::Unreadable] {
        let mut world = quiet();
        say(&mut world, Err(fault));
        assert_eq!(world.names_to(ActorId::EmvKernel).last(), Some(&AbortTap::NAME));
        assert_eq!(ending(&mut world), no_room(fault));
        let receipt = &world.ended()[0].receipt;
        assert!(receipt.reason.as_ref().unwrap().contains(&fault.to_string()), "{receipt:?}");
        assert_eq!((receipt.receipt, &receipt.card), (None, &None), "nothing was recorded");
        // With space again the next one is sold.
        world.room = Some(Ok(()));
        world.begin(100);
        world.card_goes_online(Cvm::None);
        world.bank_says(approved());
        world.receipt_is_made();
        assert_eq!(world.ended().pop().unwrap().receipt.outcome, SaleOutcome::Approved);
    }
}

#[test]
fn no_pin_is_asked_for_before_there_is_room() {
    let mut world = quiet();
    world.card_goes_online(Cvm::Pin);
    assert_eq!(world.names_to(ActorId::PinPad), Vec::<&str>::new());
    assert!(!world.progress().contains(&SaleProgress::Connecting), "the bank has spoken");
    say(&mut world, Ok(()));
    assert_eq!(world.names_to(ActorId::PinPad), [AskPin::NAME]);
    // Told twice, it changes nothing any more.
    say(&mut world, Err(StoreFault::Full));
    assert_eq!((world.names_to(ActorId::PinPad), world.ended().len()), (vec![AskPin::NAME], 0));
}

#[test]
fn a_card_that_was_read_already_is_forgotten_by_the_pad() {
    let mut world = quiet();
    world.card_goes_online(Cvm::Pin);
    say(&mut world, Err(StoreFault::Full));
    assert_eq!(world.names_to(ActorId::PinPad), [StopPin::NAME]);
    assert_eq!(ending(&mut world), no_room(StoreFault::Full));
    // One that was read while the tap was being ended is, too.
    let mut world = quiet();
    say(&mut world, Err(StoreFault::Full));
    let read = TapOutcome::OnlineRequest(authorisation(Cvm::Pin));
    world.tell(inbox::Till::TapEnded(TapEnded { outcome: read }));
    assert_eq!(world.names_to(ActorId::PinPad), [StopPin::NAME, StopPin::NAME]);
    assert_eq!(ending(&mut world), no_room(StoreFault::Full));
}

#[test]
fn the_bank_and_the_ledger_may_speak_in_any_order() {
    for room_first in [true, false] {
        let mut world = Counterpart::activated();
        (world.room, world.opinion) = (None, None);
        world.begin(5_000);
        world.card_goes_online(Cvm::None);
        assert_eq!(world.progress().last(), Some(&SaleProgress::Connecting));
        let word = mpos_protocol::link::StandingTold { result: Ok(Default::default()) };
        if room_first {
            say(&mut world, Ok(()));
        }
        assert!(!world.names_to(ActorId::HostLink).contains(&"Authorise"));
        world.tell(inbox::Till::StandingTold(word));
        if !room_first {
            assert!(!world.names_to(ActorId::HostLink).contains(&"Authorise"));
            say(&mut world, Ok(()));
        }
        assert_eq!(world.names_to(ActorId::HostLink), [CheckStanding::NAME, "Authorise"]);
    }
}

#[test]
fn a_ledger_that_says_nothing_ends_the_sale_by_the_tills_own_limit() {
    let mut world = quiet();
    world.card_goes_online(Cvm::Pin);
    world.wait_ms(60_000);
    assert_eq!(ending(&mut world), INTERRUPTED);
    let before = world.sent.len();
    world.wait_ms(600_000);
    assert_eq!(world.sent.len(), before, "nothing is left that ticks");
}

#[test]
fn a_ledger_that_was_started_anew_is_asked_again_unless_it_had_answered() {
    let mut world = quiet();
    world.restarted(ActorId::Ledger);
    assert_eq!(asked_room(&world), 2);
    world.restarted(ActorId::HostLink);
    assert_eq!(asked_room(&world), 2, "the link has nothing to do with it");
    world.card_goes_online(Cvm::Pin);
    world.restarted(ActorId::Ledger);
    assert_eq!(asked_room(&world), 3);
    // Its answer found no room in the mailbox.
    world.not_delivered(world.flow, ActorId::Ledger, ActorId::Till);
    assert_eq!(asked_room(&world), 4);
    say(&mut world, Ok(()));
    world.restarted(ActorId::Ledger);
    assert_eq!(asked_room(&world), 4);
    assert_eq!(world.names_to(ActorId::PinPad), [AskPin::NAME]);
}

#[test]
fn a_ledger_without_room_for_the_question_ends_the_sale() {
    for cause in [DeliveryFault::Full, DeliveryFault::Closed] {
        let mut world = Counterpart::activated();
        world.room = None;
        world.full = Some((ActorId::Ledger, cause));
        world.begin(5_000);
        world.full = None;
        assert_eq!(ending(&mut world), INTERRUPTED);
    }
}

#[test]
fn room_for_an_earlier_sale_is_none_for_this_one() {
    let mut world = quiet();
    world.card_goes_online(Cvm::Pin);
    for result in [Ok(()), Err(StoreFault::Full)] {
        world.tell_in(Flow(1), inbox::Till::RoomMade(RoomMade { result }));
        assert_eq!(world.names_to(ActorId::PinPad), Vec::<&str>::new());
        assert_eq!(world.asked_receipts().len(), 0);
    }
}

#[test]
fn cancel_works_while_room_is_awaited() {
    let mut world = quiet();
    world.card_goes_online(Cvm::Pin);
    world.tell_in(Flow::default(), inbox::Till::CancelFlow(CancelFlow));
    assert_eq!(ending(&mut world).0, SaleOutcome::Cancelled);
}
