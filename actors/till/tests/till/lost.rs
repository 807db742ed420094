//! Actors that were started anew, mailboxes that were full, and silence: the flow still ends, once and in words.

use crate::support::{Counterpart, approved, profile, record};
use mpos_protocol::{
    ActorId, Flow, Text,
    book::{LedgerOpened, StoreFault},
    card::{Cvm, TapFault, TapOutcome},
    inbox,
    link::{AuthorisationEnded, AuthorisationResult, NotSent, ResumeLink},
    pin::{EncryptedPinBlock, messages::PinReady},
    sale::SaleOutcome,
    shell::Refusal,
    supervision::DeliveryFailed,
};
use mpos_runtime::DeliveryFault;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Tap,
    Pin,
    Bank,
    Receipt,
}

const STAGES: [At; 4] = [At::Tap, At::Pin, At::Bank, At::Receipt];
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

fn sale_at(at: At) -> Counterpart {
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

fn resumes(world: &Counterpart) -> Vec<ResumeLink> {
    let resume =
        |message| if let inbox::HostLink::ResumeLink(resume) = message { Some(resume) } else { None };
    world.link().into_iter().filter_map(resume).collect()
}

/// Goes on as if nothing were wrong, to the one end.
fn finish(world: &mut Counterpart, at: At) -> SaleOutcome {
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

// ---- The till itself.

fn link_tells(world: &mut Counterpart, flow: Flow, record_too: bool, result: AuthorisationResult) {
    let ended = AuthorisationEnded { record: record_too.then(record), result };
    world.tell_in(flow, inbox::Till::AuthorisationEnded(ended));
}

fn interrupted() -> AuthorisationResult {
    AuthorisationResult::NotSent(NotSent::Interrupted)
}

#[test]
fn a_till_that_was_started_anew_tells_the_sale_as_the_link_knows_it() {
    for at in [At::Bank, At::Receipt] {
        let mut world = sale_at(at);
        let flow = world.flow;
        world.sent.clear();
        world.restart_till(flow);
        assert_eq!(world.names_to(ActorId::Ledger), ["OpenLedger"]);
        world.begin(100);
        assert_eq!(world.refused()[0].refusal, Refusal::Busy);
        world.opened(Some(profile()));
        assert_eq!(resumes(&world), [ResumeLink { transaction_number: None }]);
        link_tells(&mut world, flow, true, approved());
        world.receipt_is_made();
        let [ended] = &world.ended()[..] else { panic!("{:?}", world.sent) };
        let receipt = &ended.receipt;
        assert_eq!((receipt.outcome, receipt.amount), (SaleOutcome::Approved, record().amount));
        assert_eq!((&*receipt.bank, receipt.terminal), ("ProCredit Bank", profile().terminal));
        world.begin(100);
        assert_eq!(world.names_to(ActorId::EmvKernel).last(), Some(&"StartTap"));
    }
}

#[test]
fn what_the_link_tells_before_the_book_is_read_is_kept() {
    let mut world = sale_at(At::Bank);
    let flow = world.flow;
    world.sent.clear();
    // It panicked over a message of the shell, so it does not know the flow.
    world.restart_till(Flow::default());
    link_tells(&mut world, flow, true, approved());
    assert_eq!(world.asked_receipts().len(), 0, "the bank's name is in the book");
    world.opened(Some(profile()));
    assert_eq!(resumes(&world), []);
    assert_eq!(&*world.asked_receipts()[0].bank, "ProCredit Bank");
    world.receipt_is_made();
    assert_eq!(world.ended().len(), 1);
}

#[test]
fn a_till_that_was_started_anew_does_not_overwrite_the_address_that_the_link_has() {
    let mut world = sale_at(At::Bank);
    world.sent.clear();
    let flow = world.flow;
    world.restart_till(flow);
    world.opened(Some(profile()));
    assert_eq!(world.names_to(ActorId::HostLink), ["ResumeLink"]);
}

#[test]
fn a_till_that_was_started_anew_tells_a_link_that_was_started_anew_too_where_the_bank_is() {
    let mut world = sale_at(At::Bank);
    world.sent.clear();
    let flow = world.flow;
    world.restart_till(flow);
    world.till = world.till.of_bank(Text::clipped("bank.test:8443"));
    world.opened(Some(profile()));
    let [inbox::HostLink::ConfigureLink(link), ..] = &world.link()[..] else { panic!("configured") };
    assert_eq!((&*link.bank_address, &link.profile), ("bank.test:8443", &Some(profile())));
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

#[test]
fn a_till_whose_link_knows_of_no_sale_does_not_claim_that_none_was_charged() {
    for at in STAGES {
        let mut world = sale_at(at);
        let flow = world.flow;
        world.sent.clear();
        world.restart_till(flow);
        world.opened(Some(profile()));
        assert_eq!(world.names_to(ActorId::EmvKernel)[0], "AbortTap");
        link_tells(&mut world, flow, false, interrupted());
        let [refused] = &world.refused()[..] else { panic!("{:?}", world.sent) };
        assert_eq!(refused.refusal, Refusal::Interrupted);
        assert!(refused.reason.contains("last receipt"), "{}", refused.reason);
        assert_eq!(world.ended(), []);
        world.begin(100);
        assert_eq!(world.names_to(ActorId::EmvKernel).last(), Some(&"StartTap"));
    }
}

#[test]
fn a_till_that_was_started_anew_and_learns_nothing_tells_the_sale_as_unknown() {
    for case in 0..4 {
        let mut world = sale_at(At::Bank);
        let flow = world.flow;
        world.sent.clear();
        world.restart_till(flow);
        if case > 1 {
            world.opened(Some(profile()));
        }
        match case {
            0 | 2 => world.wait_ms(250_000),
            1 => {
                world.restarted(ActorId::Ledger);
                world.wait_ms(250_000);
            }
            _ => link_tells(&mut world, flow, false, AuthorisationResult::Unknown),
        }
        if world.ended().is_empty() {
            world.receipt_is_made();
        }
        assert_eq!((world.ended().len(), world.refused().len()), (1, 0), "{case}");
        assert_eq!(world.ended()[0].receipt.outcome, SaleOutcome::Unknown, "{case}");
    }
}

fn books_asked_for(world: &Counterpart) -> usize {
    world.names_to(ActorId::Ledger).into_iter().filter(|name| *name == "OpenLedger").count()
}

#[test]
fn a_till_that_was_started_anew_asks_a_ledger_again_that_was_started_anew_too() {
    let mut world = sale_at(At::Bank);
    let flow = world.flow;
    world.sent.clear();
    world.restart_till(flow);
    assert_eq!(books_asked_for(&world), 1);
    world.restarted(ActorId::Ledger);
    world.wait_ms(2_000);
    assert_eq!(books_asked_for(&world), 2, "with the next second, and once");
}

#[test]
fn a_book_that_a_till_lost_is_read_again_when_it_is_wanted() {
    let mut world = sale_at(At::Bank);
    let flow = world.flow;
    world.restart_till(flow);
    world.wait_ms(250_000);
    world.receipt_is_made();
    world.sent.clear();
    world.begin(123);
    assert_eq!(world.refused().pop().map(|refused| refused.refusal), Some(Refusal::BookUnusable));
    assert_eq!(books_asked_for(&world), 1);
    world.opened(Some(profile()));
    world.sent.clear();
    world.begin(124);
    assert_eq!(world.refused(), []);
    assert_eq!(world.names_to(ActorId::EmvKernel), ["StartTap"], "the sale begins");
}

#[test]
fn a_till_that_was_started_anew_asks_again_when_the_link_or_the_ledger_forgot_the_question() {
    for case in 0..4 {
        let mut world = sale_at(At::Bank);
        let flow = world.flow;
        world.sent.clear();
        world.restart_till(flow);
        world.opened(Some(profile()));
        match case {
            0 => world.restarted(ActorId::HostLink),
            1 => world.restarted(ActorId::Ledger),
            2 => world.not_delivered(flow, ActorId::Ledger, ActorId::HostLink),
            _ => world.not_delivered(flow, ActorId::HostLink, ActorId::Till),
        }
        assert_eq!(resumes(&world), [ResumeLink { transaction_number: None }; 2]);
        link_tells(&mut world, flow, true, approved());
        world.receipt_is_made();
        assert_eq!(world.ended()[0].receipt.outcome, SaleOutcome::Approved, "{case}");
    }
}

#[test]
fn other_actors_do_not_disturb_a_till_that_finds_its_feet() {
    for who in [ActorId::NfcReader, ActorId::EmvKernel, ActorId::PinPad, ActorId::ReceiptSender] {
        let mut world = sale_at(At::Bank);
        let flow = world.flow;
        world.restart_till(flow);
        world.restarted(who);
        world.opened(Some(profile()));
        world.restarted(who);
        link_tells(&mut world, flow, true, approved());
        world.receipt_is_made();
        assert_eq!((world.ended().len(), world.refused().len()), (1, 0), "{who:?}");
    }
}

#[test]
fn a_receipt_that_is_lost_on_the_way_back_is_told_without_its_text() {
    for silent in [false, true] {
        let mut world = sale_at(At::Bank);
        let flow = world.flow;
        world.restart_till(flow);
        world.opened(Some(profile()));
        link_tells(&mut world, flow, true, approved());
        if silent {
            world.wait_ms(7_000);
        } else {
            world.restarted(ActorId::ReceiptSender);
        }
        assert_eq!(world.ended().len(), 1);
        assert_eq!(world.ended()[0].receipt.outcome, SaleOutcome::Approved);
    }
}

#[test]
fn a_till_that_was_started_anew_with_an_unreadable_book_still_asks_the_link() {
    let mut world = sale_at(At::Bank);
    let flow = world.flow;
    world.sent.clear();
    world.restart_till(flow);
    world.tell(inbox::Till::LedgerOpened(LedgerOpened::Failed(StoreFault::Unreadable)));
    assert_eq!(resumes(&world).len(), 1);
    link_tells(&mut world, flow, true, approved());
    world.receipt_is_made();
    assert_eq!(world.ended()[0].receipt.outcome, SaleOutcome::Approved);
}
