//! Opening the terminal, and activation.

use crate::support::{Counterpart, profile};
use mpos_protocol::{
    ActorId, Flow, Secret, Text,
    book::{LedgerOpened, StoreFault},
    host::HostRefusal,
    inbox,
    link::{EnrolmentEnded, EnrolmentFault},
    shell::{Activate, ActivationEnded, Refusal, TerminalOpened},
    terminal::TerminalId,
};
use mpos_runtime::DeliveryFault;

fn activate(world: &mut Counterpart) {
    let code = Secret::new(Text::clipped("ABCD-EFGH-JKMN-PQRS"));
    world.tell_in(Flow::default(), inbox::Till::Activate(Activate { code }));
}

fn activating() -> Counterpart {
    let mut world = Counterpart::new();
    world.open();
    world.opened(None);
    world.sent.clear();
    activate(&mut world);
    world
}

fn enrolment_ends(world: &mut Counterpart, ended: EnrolmentEnded) {
    world.tell(inbox::Till::EnrolmentEnded(ended));
}

#[test]
fn an_activated_terminal_opens_with_its_name_and_configures_kernel_and_link() {
    let mut world = Counterpart::new();
    world.open();
    assert_eq!(world.names_to(ActorId::Ledger), ["OpenLedger"]);
    world.opened(Some(profile()));
    assert_eq!(
        world.shell(),
        [inbox::Shell::TerminalOpened(TerminalOpened::Activated {
            terminal: TerminalId(16),
            merchant: profile().merchant,
        })]
    );
    assert_eq!(world.names_to(ActorId::EmvKernel), ["ConfigureKernel"]);
    assert!(matches!(&world.link()[..], [inbox::HostLink::ConfigureLink(link)]
        if &*link.bank_address == "bank.test:8443" && link.profile == Some(profile())));
}

#[test]
fn a_terminal_without_a_profile_asks_for_a_code() {
    let mut world = Counterpart::new();
    world.open();
    world.opened(None);
    assert_eq!(world.shell(), [inbox::Shell::TerminalOpened(TerminalOpened::NotActivated)]);
    world.begin(100);
    assert_eq!(world.refused()[0].refusal, Refusal::NotActivated);
}

#[test]
fn a_book_that_cannot_be_read_is_named_and_nothing_is_sold() {
    for fault in [StoreFault::Unreadable, StoreFault::Damaged { entry: 3 }, StoreFault::InUse] {
        let mut world = Counterpart::new();
        world.open();
        world.tell(inbox::Till::LedgerOpened(LedgerOpened::Failed(fault)));
        let [inbox::Shell::TerminalOpened(TerminalOpened::Unusable { reason, .. })] = &world.shell()[..]
        else {
            panic!("{fault:?}")
        };
        assert!(reason.contains(&fault.to_string()), "{reason}");
        world.begin(100);
        activate(&mut world);
        assert!(world.refused().iter().all(|refused| refused.refusal == Refusal::BookUnusable));
        assert_eq!(world.refused().len(), 2);
    }
}

#[test]
fn before_it_is_open_nothing_is_sold() {
    let mut world = Counterpart::new();
    world.begin(100);
    world.open();
    world.begin(100);
    world.open();
    let refusals: Vec<_> = world.refused().iter().map(|refused| refused.refusal).collect();
    assert_eq!(refusals, [Refusal::BookUnusable, Refusal::Busy, Refusal::Busy]);
}

#[test]
fn a_code_that_the_bank_takes_makes_it_a_terminal() {
    let mut world = activating();
    assert!(matches!(&world.link()[..], [inbox::HostLink::Enrol(enrol)]
        if &**enrol.code.expose() == "ABCD-EFGH-JKMN-PQRS"));
    world.begin(100);
    activate(&mut world);
    assert_eq!(world.refused().len(), 2);
    enrolment_ends(&mut world, EnrolmentEnded::Enrolled(profile()));
    let activated = ActivationEnded::Activated { terminal: TerminalId(16), merchant: profile().merchant };
    assert_eq!(world.activation(), [activated]);
    assert_eq!(world.names_to(ActorId::EmvKernel), ["ConfigureKernel"]);
    activate(&mut world);
    assert_eq!(world.refused()[2].refusal, Refusal::AlreadyActivated);
    world.begin(100);
    assert_eq!(world.names_to(ActorId::EmvKernel), ["ConfigureKernel", "StartTap"]);
}

#[test]
fn each_fault_of_an_enrolment_is_told_with_words() {
    for fault in [
        EnrolmentFault::MalformedCode,
        EnrolmentFault::Refused(HostRefusal::CodeExpired),
        EnrolmentFault::NoAnswer,
        EnrolmentFault::Store(StoreFault::Full),
    ] {
        let mut world = activating();
        enrolment_ends(&mut world, EnrolmentEnded::Failed(fault));
        let [ActivationEnded::Failed { fault: told, reason }] = &world.activation()[..] else {
            panic!("{fault:?}")
        };
        assert!(*told == fault && !reason.is_empty());
        activate(&mut world);
        assert_eq!(world.refused(), [], "it may be tried again");
    }
}

#[test]
fn an_activation_ends_when_the_link_is_started_anew_or_silent() {
    for case in 0..4 {
        let mut world = activating();
        match case {
            0 => world.restarted(ActorId::HostLink),
            1 => world.restarted(ActorId::Ledger),
            2 => world.not_delivered(world.flow, ActorId::HostLink, ActorId::Ledger),
            _ => world.wait_ms(61_000),
        }
        let interrupted = |ended: &ActivationEnded| {
            matches!(ended, ActivationEnded::Failed { fault: EnrolmentFault::Interrupted, .. })
        };
        assert!(world.activation().len() == 1 && world.activation().iter().all(interrupted), "{case}");
    }
}

#[test]
fn a_request_to_enrol_that_finds_no_room_ends_the_activation() {
    let mut world = Counterpart::new();
    world.open();
    world.opened(None);
    world.full = Some((ActorId::HostLink, DeliveryFault::Full));
    activate(&mut world);
    assert_eq!(world.activation().len(), 1);
}

#[test]
fn an_enrolment_that_succeeds_after_it_was_given_up_is_told_all_the_same() {
    let mut world = activating();
    let flow = world.flow;
    world.restart_till(flow);
    world.opened(None);
    enrolment_ends(&mut world, EnrolmentEnded::Enrolled(profile()));
    assert!(matches!(world.activation()[..], [ActivationEnded::Activated { .. }]));
    enrolment_ends(&mut world, EnrolmentEnded::Enrolled(profile()));
    assert_eq!(world.activation().len(), 1);
}

#[test]
fn opening_ends_when_the_ledger_is_started_anew_and_not_for_others() {
    for (who, told) in [
        (ActorId::Ledger, 1),
        (ActorId::PinPad, 0),
        (ActorId::EmvKernel, 0),
        (ActorId::NfcReader, 0),
        (ActorId::ReceiptSender, 0),
        (ActorId::HostLink, 0),
    ] {
        let mut world = Counterpart::new();
        world.open();
        world.restarted(who);
        assert_eq!(world.refused().len(), told, "{who:?}");
    }
    let mut world = Counterpart::new();
    world.full = Some((ActorId::Ledger, DeliveryFault::Full));
    world.open();
    assert_eq!(world.refused()[0].refusal, Refusal::Overloaded);
}
