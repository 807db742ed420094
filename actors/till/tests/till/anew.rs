//! A till that panicked and was started anew: it learns from the book and the link what became of its sale, tells it once,
//! and claims nothing that it does not know.

use crate::{
    lost::{At, STAGES, resumes, sale_at},
    support::{Counterpart, approved, profile, record},
};
use mpos_protocol::{
    ActorId, Flow, Text,
    book::{LedgerOpened, StoreFault},
    inbox,
    link::{AuthorisationEnded, AuthorisationResult, NotSent, ResumeLink},
    sale::SaleOutcome,
    shell::Refusal,
};

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
