//! The bank's word on this device, before a PIN is asked for and before anything is sent.

use crate::support::{Counterpart, approved};
use mpos_protocol::{
    ActorId, Flow, List, Message, actor,
    card::Cvm,
    host::HostRefusal,
    inbox,
    link::{CheckStanding, ConfigureLink, LineFault, NoReply, NotSent, ProfileRenewed, StandingTold},
    pin::{
        PinBlockFormat,
        messages::{AskPin, StopPin},
    },
    sale::{Cause, SaleOutcome},
    shell::{CancelFlow, SaleProgress, StandingChanged},
    standing::{BanksWord, Concern, Decision, Opinion},
    supervision::DeliveryFault,
};

/// A till whose bank says nothing by itself.
fn quiet() -> Counterpart {
    let mut world = Counterpart::activated();
    world.opinion = None;
    world.begin(5_000);
    world
}

fn opinion(decision: Decision, concerns: &[Concern]) -> Opinion {
    Opinion { decision, concerns: List::try_from(concerns.to_vec()).unwrap() }
}

fn say(world: &mut Counterpart, result: Result<Opinion, NoReply>) {
    let result = result.map(|opinion| BanksWord { opinion, ..BanksWord::default() });
    world.tell(inbox::Till::StandingTold(StandingTold { result }));
}

fn changes(world: &Counterpart) -> Vec<StandingChanged> {
    let change =
        |message| if let inbox::Shell::StandingChanged(change) = message { Some(change) } else { None };
    world.shell().into_iter().filter_map(change).collect()
}

fn asked_standing(world: &Counterpart) -> usize {
    world.names_to(ActorId::HostLink).iter().filter(|name| **name == CheckStanding::NAME).count()
}

fn ending(world: &mut Counterpart) -> (SaleOutcome, Option<Cause>) {
    world.receipt_is_made();
    let ended = world.ended().pop().expect("the sale ended");
    (ended.receipt.outcome, ended.receipt.cause)
}

#[test]
fn the_bank_is_asked_at_the_start_and_as_each_sale_begins() {
    let mut world = Counterpart::new();
    world.opinion = None;
    world.open();
    world.opened(Some(crate::support::profile()));
    assert_eq!(asked_standing(&world), 1);
    world.begin(123);
    assert_eq!(asked_standing(&world), 2);
}

#[test]
fn no_pin_is_asked_for_before_the_banks_word() {
    let mut world = quiet();
    world.card_goes_online(Cvm::Pin);
    assert_eq!(world.names_to(ActorId::PinPad), Vec::<&str>::new());
    assert_eq!(world.progress().last(), Some(&SaleProgress::Connecting));
    say(&mut world, Ok(Opinion::default()));
    assert_eq!(world.names_to(ActorId::PinPad), [AskPin::NAME]);
}

#[test]
fn a_word_that_came_while_the_card_was_read_costs_no_wait() {
    let mut world = quiet();
    say(&mut world, Ok(Opinion::default()));
    world.card_goes_online(Cvm::None);
    world.bank_says(approved());
    assert_eq!(ending(&mut world), (SaleOutcome::Approved, None));
}

#[test]
fn a_blocked_device_asks_for_no_pin_sends_no_sale_and_says_why() {
    for early in [true, false] {
        let mut world = quiet();
        let blocked = opinion(Decision::Blocked, &[Concern::Rooted, Concern::Debugger]);
        if early {
            say(&mut world, Ok(blocked.clone()));
            world.card_goes_online(Cvm::Pin);
        } else {
            world.card_goes_online(Cvm::Pin);
            say(&mut world, Ok(blocked.clone()));
        }
        assert_eq!(world.names_to(ActorId::PinPad), [StopPin::NAME], "the pad forgets the card");
        assert!(!world.names_to(ActorId::HostLink).contains(&"Authorise"));
        assert_eq!(ending(&mut world), (SaleOutcome::Cancelled, Some(Cause::Blocked(Concern::Rooted))));
        let change = changes(&world).pop().unwrap();
        assert_eq!(change.opinion, blocked);
        assert!(change.reason.contains("rooted"), "{}", &*change.reason);
    }
}

#[test]
fn a_warning_is_shown_once_and_the_sale_goes_on() {
    let mut world = quiet();
    let warned = opinion(Decision::Warned, &[Concern::SystemTooOld { patch: 202_401 }]);
    say(&mut world, Ok(warned.clone()));
    world.card_goes_online(Cvm::None);
    world.bank_says(approved());
    assert_eq!(ending(&mut world).0, SaleOutcome::Approved);
    world.begin(100);
    say(&mut world, Ok(warned));
    assert_eq!(changes(&world).len(), 1, "the same again is no news");
    say(&mut world, Ok(Opinion::default()));
    assert_eq!(changes(&world).len(), 2, "that it is over is");
}

#[test]
fn without_the_banks_word_nothing_is_sold_and_the_cause_is_named() {
    let line = NotSent::Line(LineFault::Unreachable);
    for (why, cause) in [
        (NoReply::NotSent(line), Cause::NotSent(line)),
        (NoReply::NoAnswer, Cause::NotSent(NotSent::Line(LineFault::TimedOut))),
        (NoReply::Refused(HostRefusal::StaleTime(172_800)), Cause::Refused(HostRefusal::StaleTime(172_800))),
    ] {
        let mut world = quiet();
        world.card_goes_online(Cvm::Pin);
        say(&mut world, Err(why));
        assert_eq!(ending(&mut world), (SaleOutcome::Cancelled, Some(cause)));
    }
    let mut world = quiet();
    world.card_goes_online(Cvm::None);
    world.wait_ms(60_000);
    let timed_out = Cause::NotSent(NotSent::Line(LineFault::TimedOut));
    assert_eq!(ending(&mut world), (SaleOutcome::Cancelled, Some(timed_out)));
}

#[test]
fn a_word_for_an_earlier_sale_does_not_let_this_one_through() {
    let mut world = quiet();
    world.card_goes_online(Cvm::Pin);
    let result = Ok(BanksWord::default());
    world.tell_in(Flow(1), inbox::Till::StandingTold(StandingTold { result }));
    assert_eq!(world.names_to(ActorId::PinPad), Vec::<&str>::new());
}

#[test]
fn cancel_works_while_the_banks_word_is_awaited() {
    let mut world = quiet();
    world.card_goes_online(Cvm::Pin);
    world.tell_in(Flow::default(), inbox::Till::CancelFlow(CancelFlow));
    assert_eq!(ending(&mut world).0, SaleOutcome::Cancelled);
}

#[test]
fn a_link_that_was_started_anew_is_asked_again_and_a_full_one_ends_the_sale() {
    let mut world = quiet();
    world.restarted(ActorId::HostLink);
    assert_eq!(asked_standing(&world), 2);
    world.card_goes_online(Cvm::None);
    // It waited for a ledger that forgot the question.
    world.restarted(ActorId::Ledger);
    assert_eq!(asked_standing(&world), 3);
    say(&mut world, Ok(Opinion::default()));
    world.bank_says(approved());
    assert_eq!(ending(&mut world).0, SaleOutcome::Approved);

    world.full = Some((ActorId::HostLink, DeliveryFault::Full));
    world.begin(100);
    world.full = None;
    world.card_goes_online(Cvm::None);
    let interrupted = Cause::NotSent(NotSent::Interrupted);
    assert_eq!(ending(&mut world), (SaleOutcome::Cancelled, Some(interrupted)));
}

#[test]
fn a_new_certificate_is_what_a_restarted_link_is_given() {
    let mut world = quiet();
    let certificates = vec![mpos_protocol::Bytes::new(&[7]).unwrap()].try_into().unwrap();
    let profile = mpos_protocol::terminal::TerminalProfile { certificates, ..crate::support::profile() };
    world.tell(inbox::Till::ProfileRenewed(ProfileRenewed { profile: profile.clone() }));
    world.restarted(ActorId::HostLink);
    let configured = world.link().into_iter().rev().find_map(|message| match message {
        inbox::HostLink::ConfigureLink(config) => config.profile,
        _ => None,
    });
    assert_eq!(configured, Some(profile));
}

/// What the link was told, oldest first.
fn configured(world: &Counterpart) -> Vec<ConfigureLink> {
    let config =
        |message| if let inbox::HostLink::ConfigureLink(config) = message { Some(config) } else { None };
    world.link().into_iter().filter_map(config).collect()
}

#[test]
fn a_link_that_forgot_this_terminal_is_told_once_more_and_asked_again() {
    let not_enrolled = || Err(NoReply::NotSent(NotSent::NotEnrolled));
    let mut world = quiet();
    say(&mut world, not_enrolled());
    let reminder = configured(&world);
    assert_eq!(reminder.len(), 1);
    assert_eq!(&*reminder[0].bank_address, "bank.test:8443");
    assert_eq!(reminder[0].profile, Some(crate::support::profile()));
    assert_eq!(asked_standing(&world), 2);
    // It knows now: the sale goes on.
    say(&mut world, Ok(Opinion::default()));
    world.card_goes_online(Cvm::None);
    world.bank_says(approved());
    assert_eq!(ending(&mut world).0, SaleOutcome::Approved);

    // The next sale may remind it again; one that says so twice ends the sale.
    world.begin(100);
    say(&mut world, not_enrolled());
    say(&mut world, not_enrolled());
    world.card_goes_online(Cvm::None);
    assert_eq!((configured(&world).len(), asked_standing(&world)), (2, 4));
    let cause = Cause::NotSent(NotSent::NotEnrolled);
    assert_eq!(ending(&mut world), (SaleOutcome::Cancelled, Some(cause)));
}

#[test]
fn the_pin_is_asked_for_in_the_form_that_the_bank_takes() {
    for pin_format in [PinBlockFormat::Format4, PinBlockFormat::Format0] {
        let mut world = quiet();
        world.card_goes_online(Cvm::Pin);
        let result = Ok(BanksWord { pin_format, ..BanksWord::default() });
        world.tell(inbox::Till::StandingTold(StandingTold { result }));
        let asked = world.sent.iter().rev().find(|sent| sent.name() == AskPin::NAME).unwrap();
        match asked.decode::<actor::PinPad>().unwrap() {
            inbox::PinPad::AskPin(ask) => assert_eq!(ask.format, pin_format),
            other => panic!("{other:?}"),
        }
    }
}
