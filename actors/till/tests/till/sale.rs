//! A sale: its stages, its ends, and what is told of them.

use crate::support::{Counterpart, SALE_MAX, approved, authorisation, record};
use mpos_protocol::{
    ActorId, Amount, Flow,
    book::StoreFault,
    card::{
        Cvm, TapFault, TapMessage, TapOutcome,
        messages::{TapEnded, TapProgress},
    },
    host::HostRefusal,
    inbox,
    link::{AuthorisationEnded, AuthorisationResult, LineFault, LinkProgress, NotSent},
    pin::{
        EncryptedPinBlock, PinFault,
        messages::{PinFailed, PinReady},
    },
    sale::{DeclineReason, SaleOutcome},
    shell::{CancelFlow, FlowTimer, Refusal, SaleProgress},
};

fn cancel(world: &mut Counterpart) {
    world.tell_in(Flow::default(), inbox::Till::CancelFlow(CancelFlow));
}

fn pin_is_ready(world: &mut Counterpart) {
    world.tell(inbox::Till::PinReady(PinReady { block: EncryptedPinBlock::default() }));
}

fn pin_fails(world: &mut Counterpart, fault: PinFault) {
    world.tell(inbox::Till::PinFailed(PinFailed { fault }));
}

fn link_goes_on(world: &mut Counterpart, progress: LinkProgress) {
    world.tell(inbox::Till::LinkProgress(progress));
}

/// The names of what went to `to` since the terminal was opened.
fn asked_link(world: &Counterpart) -> usize {
    world.names_to(ActorId::HostLink).iter().filter(|name| **name == "Authorise").count()
}

/// The one end, which has words unless it is approved.
fn outcome(world: &mut Counterpart) -> SaleOutcome {
    world.receipt_is_made();
    let [ended] = &world.ended()[..] else { panic!("{:?}", world.sent) };
    let receipt = &ended.receipt;
    let wordless = receipt.outcome == SaleOutcome::Approved;
    assert_eq!(receipt.reason.as_ref().is_none_or(|reason| reason.is_empty()), wordless);
    assert_eq!(receipt.next.as_ref().is_none_or(|next| next.is_empty()), wordless);
    receipt.outcome
}

#[test]
fn a_sale_goes_from_tap_to_bank_to_receipt() {
    let mut world = Counterpart::activated();
    world.begin(123);
    let [inbox::EmvKernel::StartTap(tap)] = &world.kernel()[..] else { panic!("a tap") };
    assert_eq!((tap.amount.minor(), tap.transaction_number, tap.wait_ms), (123, 7, 30_000));
    assert_eq!(tap.local.date, [0x26, 0x11, 0x24]);
    let mut numbers = tap.unpredictable.to_vec();
    numbers.dedup();
    assert_eq!(numbers.len(), 4);

    world.card_goes_online(Cvm::None);
    let [inbox::HostLink::Authorise(asked)] = &world.link()[..] else { panic!("the bank is asked") };
    assert_eq!((asked.amount.minor(), asked.transaction_number, &asked.pin), (123, 7, &None));
    for progress in
        [LinkProgress::Connecting, LinkProgress::Sent, LinkProgress::Repeating, LinkProgress::Reversing]
    {
        link_goes_on(&mut world, progress);
    }
    assert_eq!(
        world.progress()[1..],
        [SaleProgress::Connecting, SaleProgress::Online, SaleProgress::Repeating, SaleProgress::Reversing]
    );
    world.bank_says(approved());
    assert_eq!(world.ended(), []);
    assert_eq!(outcome(&mut world), SaleOutcome::Approved);
    let ended = world.ended().remove(0);
    let receipt = ended.receipt;
    assert_eq!(&*ended.text, "printed");
    assert_eq!(receipt.receipt, Some(record().receipt));
    assert_eq!(receipt.reference.as_deref(), Some("4864FC149502"));
    assert_eq!(receipt.auth_code.as_deref(), Some("252095"));
    assert_eq!((&*receipt.bank, receipt.terminal.0), ("ProCredit Bank", 16));
    assert_eq!((receipt.card, receipt.at), (Some(record().card), record().at));

    world.begin(200);
    let Some(inbox::EmvKernel::StartTap(tap)) = world.kernel().pop() else { panic!("a tap") };
    assert_eq!(tap.transaction_number, 8);
}

#[test]
fn the_amount_must_be_above_zero_and_at_most_the_terminals_limit() {
    for (minor, refusal) in [
        (0, Some(Refusal::AmountZero)),
        (1, None),
        (SALE_MAX, None),
        (SALE_MAX + 1, Some(Refusal::AmountOverLimit)),
        (Amount::MAX.minor(), Some(Refusal::AmountOverLimit)),
    ] {
        let mut world = Counterpart::activated();
        world.begin(minor);
        assert_eq!(world.refused().first().map(|refused| refused.refusal), refusal, "{minor}");
        assert_eq!(world.kernel().len(), usize::from(refusal.is_none()));
    }
}

#[test]
fn a_second_sale_is_refused_at_every_stage_of_the_first() {
    let mut world = Counterpart::activated();
    world.begin(5000);
    world.begin(100);
    world.card_goes_online(Cvm::Pin);
    world.begin(100);
    pin_is_ready(&mut world);
    world.begin(100);
    world.bank_says(approved());
    world.begin(100);
    assert_eq!(world.refused().len(), 4);
    assert!(world.refused().iter().all(|refused| refused.refusal == Refusal::Busy));
    assert_eq!(outcome(&mut world), SaleOutcome::Approved);
}

#[test]
fn a_card_that_asks_for_the_pin_gets_one_and_the_block_goes_to_the_bank() {
    let mut world = Counterpart::activated();
    world.begin(4001);
    world.card_goes_online(Cvm::Pin);
    assert_eq!(world.names_to(ActorId::PinPad), ["AskPin"]);
    assert_eq!(asked_link(&world), 0);
    pin_is_ready(&mut world);
    let [inbox::HostLink::Authorise(asked)] = &world.link()[..] else { panic!("the bank is asked") };
    assert_eq!((&asked.pin, asked.card.cvm), (&Some(EncryptedPinBlock::default()), Cvm::Pin));
    assert_eq!(asked.card, authorisation(Cvm::Pin));
    world.bank_says(approved());
    assert_eq!(outcome(&mut world), SaleOutcome::Approved);
}

#[test]
fn a_customer_verified_on_a_phone_types_no_pin() {
    let mut world = Counterpart::activated();
    world.begin(4001);
    world.card_goes_online(Cvm::Device);
    assert_eq!((world.names_to(ActorId::PinPad).len(), asked_link(&world)), (0, 1));
}

#[test]
fn each_fault_of_a_pin_entry_ends_the_sale_and_the_bank_is_not_asked() {
    for fault in [
        PinFault::Cancelled,
        PinFault::TimedOut,
        PinFault::WrongLength,
        PinFault::KeyUnavailable,
        PinFault::NoCard,
    ] {
        let mut world = Counterpart::activated();
        world.begin(4001);
        world.card_goes_online(Cvm::Pin);
        pin_fails(&mut world, fault);
        assert_eq!(outcome(&mut world), SaleOutcome::Cancelled);
        assert_eq!(asked_link(&world), 0);
        assert!(world.ended()[0].receipt.card.is_some());
    }
}

#[test]
fn a_pin_that_comes_when_none_is_waited_for_changes_nothing() {
    let mut world = Counterpart::activated();
    world.begin(4001);
    pin_is_ready(&mut world);
    world.card_goes_online(Cvm::Pin);
    assert_eq!(asked_link(&world), 0);
    pin_fails(&mut world, PinFault::TimedOut);
    // The pad had the block on its way.
    pin_is_ready(&mut world);
    assert_eq!(outcome(&mut world), SaleOutcome::Cancelled);
    assert_eq!(asked_link(&world), 0);
}

#[test]
fn each_end_of_a_tap_has_its_outcome_and_its_words() {
    type Wrap = fn(TapFault) -> TapOutcome;
    let wraps: [(Wrap, SaleOutcome); 4] = [
        (TapOutcome::Declined, SaleOutcome::Declined),
        (TapOutcome::TryAnotherCard, SaleOutcome::TryAnotherCard),
        (TapOutcome::TryAnotherInterface, SaleOutcome::TryAnotherCard),
        (TapOutcome::EndedWithoutCard, SaleOutcome::Cancelled),
    ];
    for (wrap, expected) in wraps {
        for fault in [
            TapFault::NoCardInTime,
            TapFault::Cancelled,
            TapFault::CardMoved,
            TapFault::CardMovedAtCryptogram,
            TapFault::CardMisbehaved,
            TapFault::NoCommonApplication,
            TapFault::AuthenticationFailed,
            TapFault::Expired,
            TapFault::RefusedByCard,
            TapFault::RefusedByTerminal,
            TapFault::NoCommonCvm,
            TapFault::OverLimit,
            TapFault::Interrupted,
        ] {
            let mut world = Counterpart::activated();
            world.begin(100);
            world.tap_ends(wrap(fault));
            assert_eq!(outcome(&mut world), expected, "{fault:?}");
            let receipt = &world.ended()[0].receipt;
            assert_eq!((receipt.amount.minor(), &receipt.receipt, &receipt.card), (100, &None, &None));
            assert_eq!(asked_link(&world), 0);
        }
    }
}

#[test]
fn each_word_of_the_bank_has_its_outcome() {
    let declined = AuthorisationResult::Declined {
        reference: mpos_protocol::Text::clipped("4864FC149503"),
        reason: DeclineReason::WrongPin,
    };
    for (result, expected) in [
        (approved(), SaleOutcome::Approved),
        (declined, SaleOutcome::Declined),
        (AuthorisationResult::Refused(HostRefusal::StaleTime(600)), SaleOutcome::Cancelled),
        (AuthorisationResult::NotSent(NotSent::Line(LineFault::Unreachable)), SaleOutcome::Cancelled),
        (AuthorisationResult::NotSent(NotSent::Store(StoreFault::Full)), SaleOutcome::Cancelled),
        (AuthorisationResult::NotSent(NotSent::Busy), SaleOutcome::Cancelled),
        (AuthorisationResult::Reversed, SaleOutcome::Reversed),
        (AuthorisationResult::Unknown, SaleOutcome::Unknown),
    ] {
        let mut world = Counterpart::activated();
        world.begin(123);
        world.card_goes_online(Cvm::None);
        world.bank_says(result.clone());
        assert_eq!(outcome(&mut world), expected, "{result:?}");
        let receipt = &world.ended()[0].receipt;
        assert_eq!(receipt.auth_code.is_some(), expected == SaleOutcome::Approved);
        let answered = matches!(expected, SaleOutcome::Approved | SaleOutcome::Declined);
        assert_eq!(receipt.reference.is_some(), answered);
        assert_eq!(receipt.receipt, Some(record().receipt));
    }
}

#[test]
fn a_sale_that_never_reached_the_book_is_told_with_the_card_and_without_a_number() {
    let mut world = Counterpart::activated();
    world.begin(123);
    world.card_goes_online(Cvm::None);
    let result = AuthorisationResult::NotSent(NotSent::Line(LineFault::Unreachable));
    world.tell(inbox::Till::AuthorisationEnded(AuthorisationEnded { record: None, result }));
    assert_eq!(outcome(&mut world), SaleOutcome::Cancelled);
    let receipt = &world.ended()[0].receipt;
    assert_eq!((receipt.receipt, receipt.amount.minor()), (None, 123));
    assert_eq!(receipt.card, Some(record().card));
}

#[test]
fn the_countdown_runs_until_the_card_is_in_the_field() {
    let mut world = Counterpart::activated();
    world.begin(100);
    let seconds = |world: &Counterpart| -> Vec<u8> {
        let left = |progress| match progress {
            SaleProgress::TapCard { seconds_left, .. } => Some(seconds_left),
            _ => None,
        };
        world.progress().into_iter().filter_map(left).collect()
    };
    world.wait_ms(3_000);
    assert_eq!(seconds(&world), [30, 29, 28, 27]);
    world.tell(inbox::Till::TapProgress(TapProgress { message: TapMessage::HoldCard }));
    world.wait_ms(2_000);
    assert_eq!(seconds(&world).len(), 4);
    world.tell(inbox::Till::TapProgress(TapProgress { message: TapMessage::PresentCardAgain }));
    world.wait_ms(1_000);
    assert_eq!(seconds(&world)[4..], [24]);
    assert_eq!(world.progress()[4], SaleProgress::Card(TapMessage::HoldCard));
    world.wait_ms(30_000);
    assert_eq!(seconds(&world).last(), Some(&0));
}

#[test]
fn a_cancelled_tap_is_aborted_and_told_by_the_kernel() {
    let mut world = Counterpart::activated();
    world.begin(100);
    cancel(&mut world);
    assert_eq!(world.names_to(ActorId::EmvKernel), ["StartTap", "AbortTap"]);
    world.tap_ends(TapOutcome::EndedWithoutCard(TapFault::Cancelled));
    assert_eq!(outcome(&mut world), SaleOutcome::Cancelled);
}

#[test]
fn a_card_that_was_read_while_the_merchant_cancelled_does_not_go_to_the_bank() {
    for cvm in [Cvm::None, Cvm::Pin] {
        let mut world = Counterpart::activated();
        world.begin(100);
        cancel(&mut world);
        world.card_goes_online(cvm);
        assert_eq!(outcome(&mut world), SaleOutcome::Cancelled);
        assert_eq!(asked_link(&world), 0);
        assert_eq!(world.names_to(ActorId::PinPad), ["StopPin"], "the pad forgets the card");
    }
}

#[test]
fn a_pin_that_was_typed_while_the_merchant_cancelled_does_not_go_to_the_bank() {
    let mut world = Counterpart::activated();
    world.begin(4001);
    world.card_goes_online(Cvm::Pin);
    cancel(&mut world);
    assert_eq!(world.names_to(ActorId::PinPad), ["AskPin", "StopPin"]);
    pin_is_ready(&mut world);
    assert_eq!(outcome(&mut world), SaleOutcome::Cancelled);
    assert_eq!(asked_link(&world), 0);
}

#[test]
fn once_the_bank_is_asked_cancel_does_nothing() {
    let mut world = Counterpart::activated();
    world.begin(100);
    world.card_goes_online(Cvm::None);
    let before = world.sent.len();
    cancel(&mut world);
    world.bank_says(approved());
    cancel(&mut world);
    assert_eq!(world.sent.len(), before + 1);
    assert_eq!(outcome(&mut world), SaleOutcome::Approved);
    cancel(&mut world);
    assert_eq!(world.ended().len(), 1);
}

#[test]
fn messages_of_an_ended_flow_are_dropped() {
    let mut world = Counterpart::activated();
    world.begin(100);
    let old = world.flow;
    world.tap_ends(TapOutcome::EndedWithoutCard(TapFault::NoCardInTime));
    world.receipt_is_made();
    world.begin(200);
    assert_ne!(world.flow, old);
    let before = world.sent.len();
    for message in [
        inbox::Till::TapEnded(TapEnded { outcome: TapOutcome::OnlineRequest(authorisation(Cvm::None)) }),
        inbox::Till::TapProgress(TapProgress { message: TapMessage::HoldCard }),
        inbox::Till::PinReady(PinReady { block: EncryptedPinBlock::default() }),
        inbox::Till::PinFailed(PinFailed { fault: PinFault::TimedOut }),
        inbox::Till::LinkProgress(LinkProgress::Sent),
        inbox::Till::AuthorisationEnded(AuthorisationEnded { record: None, result: approved() }),
        inbox::Till::FlowTimer(FlowTimer { of: old }),
    ] {
        world.tell_in(old, message);
    }
    assert_eq!(world.sent.len(), before);
}

#[test]
fn an_end_that_is_told_twice_is_shown_once() {
    let mut world = Counterpart::activated();
    world.begin(123);
    world.card_goes_online(Cvm::None);
    world.bank_says(approved());
    world.bank_says(AuthorisationResult::Unknown);
    assert_eq!(outcome(&mut world), SaleOutcome::Approved);
    world.bank_says(approved());
    assert_eq!((world.ended().len(), world.asked_receipts().len()), (1, 1));
}
