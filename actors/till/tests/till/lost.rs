//! Actors that were started anew, mailboxes that were full, and silence: the flow still ends, once and in words.

use crate::support::{Counterpart, approved, profile};
use mpos_protocol::{
    ActorId, Flow, Text,
    card::{Cvm, TapFault, TapOutcome},
    inbox,
    link::ResumeLink,
    pin::{EncryptedPinBlock, messages::PinReady},
    sale::SaleOutcome,
    supervision::DeliveryFailed,
};
use mpos_runtime::DeliveryFault;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Tap,
    Pin,
    Bank,
    Receipt,
}

pub(crate) const STAGES: [At; 4] = [At::Tap, At::Pin, At::Bank, At::Receipt];
const OTHERS: [ActorId; 6] = [
    ActorId::NfcReader,
    ActorId::EmvKernel,
    ActorId::PinPad,
    ActorId::HostLink,
    ActorId::Ledger,
    ActorId::ReceiptSender,
];

/// What becomes of a sale at a stage when an actor forgets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Becomes {
    Nothing,
    Cancelled,
    Asked,
    ToldWithoutText,
}

fn expected(at: At, who: ActorId) -> Becomes {
    match (at, who) {
        (At::Tap, ActorId::NfcReader | ActorId::EmvKernel)
        | (At::Pin, ActorId::PinPad | ActorId::EmvKernel) => Becomes::Cancelled,
        (At::Bank, ActorId::HostLink | ActorId::Ledger) => Becomes::Asked,
        (At::Receipt, ActorId::ReceiptSender) => Becomes::ToldWithoutText,
        _ => Becomes::Nothing,
    }
}

pub(crate) fn sale_at(at: At) -> Counterpart {
    let mut world = Counterpart::activated();
    world.begin(123);
    if at != At::Tap {
        world.card_goes_online(if at == At::Pin { Cvm::Pin } else { Cvm::None });
    }
    if at == At::Receipt {
        world.bank_says(approved());
    }
    world
}

pub(crate) fn resumes(world: &Counterpart) -> Vec<ResumeLink> {
    let resume =
        |message| if let inbox::HostLink::ResumeLink(resume) = message { Some(resume) } else { None };
    world.link().into_iter().filter_map(resume).collect()
}

/// Goes on as if nothing were wrong, to the one end.
pub(crate) fn finish(world: &mut Counterpart, at: At) -> SaleOutcome {
    if at == At::Tap {
        world.card_goes_online(Cvm::None);
    }
    if at == At::Pin {
        world.tell(inbox::Till::PinReady(PinReady { block: EncryptedPinBlock::default() }));
    }
    if at != At::Receipt {
        world.bank_says(approved());
    }
    world.receipt_is_made();
    let [ended] = &world.ended()[..] else { panic!("{at:?}: {:?}", world.sent) };
    ended.receipt.outcome
}

fn check(mut world: Counterpart, at: At, who: ActorId) {
    let expected = expected(at, who);
    match expected {
        Becomes::Nothing => assert_eq!(finish(&mut world, at), SaleOutcome::Approved),
        Becomes::Cancelled => {
            assert!(world.names_to(ActorId::EmvKernel).contains(&"AbortTap"), "{at:?} {who:?}");
            assert!(world.names_to(ActorId::PinPad).contains(&"StopPin"));
            assert!(!world.names_to(ActorId::HostLink).contains(&"Authorise"));
            world.receipt_is_made();
            assert_eq!(world.ended().len(), 1);
            assert_eq!(world.ended()[0].receipt.outcome, SaleOutcome::Cancelled);
        }
        Becomes::Asked => {
            assert_eq!(resumes(&world), [ResumeLink { transaction_number: Some(7) }]);
            assert_eq!(finish(&mut world, at), SaleOutcome::Approved);
        }
        Becomes::ToldWithoutText => {
            let [ended] = &world.ended()[..] else { panic!("{at:?}: {:?}", world.sent) };
            assert_eq!((ended.receipt.outcome, &*ended.text), (SaleOutcome::Approved, ""));
        }
    }
    assert_eq!(resumes(&world).len(), usize::from(expected == Becomes::Asked));
    assert_eq!((world.ended().len(), world.refused().len()), (1, 0), "{at:?} {who:?}");
}

#[test]
fn an_actor_that_was_started_anew_ends_the_stage_that_needs_it_and_no_other() {
    for at in STAGES {
        for who in OTHERS {
            let mut world = sale_at(at);
            world.restarted(who);
            check(world, at, who);
        }
    }
}

#[test]
fn a_new_kernel_and_a_new_link_are_configured_before_anything_else() {
    let mut world = sale_at(At::Bank);
    world.sent.clear();
    world.restarted(ActorId::HostLink);
    assert_eq!(world.names_to(ActorId::HostLink), ["ConfigureLink", "ResumeLink"]);
    let [inbox::HostLink::ConfigureLink(link), ..] = &world.link()[..] else { panic!("configured") };
    assert_eq!((&*link.bank_address, &link.profile), ("bank.test:8443", &Some(profile())));
    world.restarted(ActorId::EmvKernel);
    assert_eq!(world.names_to(ActorId::EmvKernel), ["ConfigureKernel"]);
}

#[test]
fn a_message_that_an_actor_did_not_get_ends_the_stage_that_needs_it() {
    for at in STAGES {
        for who in OTHERS {
            // In the flow of the sale, in that of an edge, and in one that has ended.
            for flow in 0..3 {
                let mut world = sale_at(at);
                let flow = [world.flow, Flow::default(), Flow(world.flow.0 - 1)][flow];
                let concerns = flow == world.flow || flow == Flow::default();
                world.not_delivered(flow, ActorId::Ledger, who);
                if concerns {
                    check(world, at, who);
                } else {
                    assert_eq!(finish(&mut world, at), SaleOutcome::Approved);
                    assert_eq!(resumes(&world), []);
                }
            }
        }
    }
}

#[test]
fn an_actor_that_cannot_reach_the_shell_or_the_till_ends_its_own_stage() {
    for to in [ActorId::Shell, ActorId::Till] {
        for at in STAGES {
            for who in OTHERS {
                let mut world = sale_at(at);
                world.not_delivered(world.flow, who, to);
                check(world, at, who);
            }
        }
    }
}

#[test]
fn a_tap_that_cannot_be_started_ends_the_sale() {
    let mut world = Counterpart::activated();
    world.full = Some((ActorId::EmvKernel, DeliveryFault::Full));
    world.begin(100);
    world.full = None;
    world.receipt_is_made();
    assert_eq!(world.ended()[0].receipt.outcome, SaleOutcome::Cancelled);
}

#[test]
fn a_pin_that_cannot_be_asked_for_ends_the_sale() {
    let mut world = sale_at(At::Tap);
    world.full = Some((ActorId::PinPad, DeliveryFault::Full));
    world.card_goes_online(Cvm::Pin);
    world.full = None;
    world.receipt_is_made();
    assert_eq!(world.ended()[0].receipt.outcome, SaleOutcome::Cancelled);
}

#[test]
fn a_bank_that_cannot_be_asked_ends_the_sale_with_nothing_charged() {
    for cause in [DeliveryFault::Full, DeliveryFault::Closed] {
        let mut world = sale_at(At::Tap);
        world.full = Some((ActorId::HostLink, cause));
        world.card_goes_online(Cvm::None);
        world.full = None;
        assert_eq!(resumes(&world), [], "nothing was asked");
        world.receipt_is_made();
        assert_eq!(world.ended()[0].receipt.outcome, SaleOutcome::Cancelled);
    }
}

#[test]
fn a_receipt_that_cannot_be_asked_for_is_told_without_its_text() {
    let mut world = sale_at(At::Bank);
    world.full = Some((ActorId::ReceiptSender, DeliveryFault::Full));
    world.bank_says(approved());
    let [ended] = &world.ended()[..] else { panic!("{:?}", world.sent) };
    assert_eq!((ended.receipt.outcome, &*ended.text), (SaleOutcome::Approved, ""));
}

#[test]
fn an_end_that_the_shell_had_no_room_for_is_told_again() {
    let mut world = sale_at(At::Receipt);
    world.full = Some((ActorId::Shell, DeliveryFault::Full));
    world.receipt_is_made();
    world.begin(100);
    assert_eq!(world.ended(), []);
    world.wait_ms(2_000);
    world.full = None;
    world.wait_ms(2_000);
    assert_eq!(world.ended().len(), 1);
    assert_eq!(world.ended()[0].receipt.outcome, SaleOutcome::Approved);
    world.wait_ms(60_000);
    assert_eq!(world.ended().len(), 1);
    world.begin(100);
    assert_eq!(world.names_to(ActorId::EmvKernel).last(), Some(&"StartTap"));
}

#[test]
fn a_link_without_room_is_asked_again_in_a_second_and_one_that_is_gone_is_not() {
    let mut world = sale_at(At::Bank);
    world.full = Some((ActorId::HostLink, DeliveryFault::Full));
    world.restarted(ActorId::Ledger);
    assert_eq!(resumes(&world), []);
    world.wait_ms(3_000);
    world.full = None;
    world.wait_ms(1_000);
    assert_eq!(resumes(&world).len(), 1);
    assert_eq!(finish(&mut world, At::Bank), SaleOutcome::Approved);

    let mut world = sale_at(At::Bank);
    world.full = Some((ActorId::HostLink, DeliveryFault::Closed));
    world.restarted(ActorId::Ledger);
    world.receipt_is_made();
    assert_eq!(world.ended()[0].receipt.outcome, SaleOutcome::Unknown);
}

#[test]
fn a_lost_resume_that_the_runtime_tells_of_does_not_keep_the_till_busy() {
    for cause in [DeliveryFault::Full, DeliveryFault::Closed] {
        let mut world = sale_at(At::Bank);
        let failed = DeliveryFailed {
            from: ActorId::Till,
            to: ActorId::HostLink,
            message: Text::clipped("ResumeLink"),
            cause,
        };
        world.tell(inbox::Till::DeliveryFailed(failed));
        assert_eq!(resumes(&world), []);
    }
}

#[test]
fn silence_ends_every_stage_by_the_tills_own_limits() {
    for (at, limit_ms, outcome) in [
        (At::Tap, 61_000, SaleOutcome::Cancelled),
        (At::Pin, 151_000, SaleOutcome::Cancelled),
        (At::Bank, 241_000, SaleOutcome::Unknown),
        (At::Receipt, 6_000, SaleOutcome::Approved),
    ] {
        let mut world = sale_at(at);
        world.wait_ms(limit_ms);
        // The receipt sender is silent as well.
        world.wait_ms(7_000);
        let [ended] = &world.ended()[..] else { panic!("{at:?}: {:?}", world.sent) };
        assert_eq!(ended.receipt.outcome, outcome, "{at:?}");
        assert_eq!(resumes(&world).len(), usize::from(at == At::Bank));
        let before = world.sent.len();
        world.wait_ms(600_000);
        assert_eq!(world.sent.len(), before, "nothing is left that ticks");
    }
}

#[test]
fn a_kernel_that_was_interrupted_is_given_its_settings_again() {
    let mut world = sale_at(At::Tap);
    world.sent.clear();
    world.tap_ends(TapOutcome::EndedWithoutCard(TapFault::Interrupted));
    assert_eq!(world.names_to(ActorId::EmvKernel), ["ConfigureKernel"]);
    world.receipt_is_made();
    assert_eq!(world.ended()[0].receipt.outcome, SaleOutcome::Cancelled);
}
