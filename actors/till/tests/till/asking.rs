//! Questions to the bank, and refunds.

use crate::support::{Counterpart, SALE_MAX, approved};
use mpos_protocol::{
    ActorId, Amount, Flow, Sealed, Text,
    admin::AdminAnswer,
    card::{Cvm, TapFault, TapOutcome, TransactionKind},
    inbox,
    link::{BankReplied, NoReply, NotSent},
    sale::{DeclineReason, SaleOutcome},
    shell::{AskBank, BankAnswered, BankAsk, BeginRefund, Refusal},
};

const QUESTION: BankAsk = BankAsk::SupervisorState;

fn ask(world: &mut Counterpart) {
    world.tell_in(Flow::default(), inbox::Till::AskBank(AskBank { ask: QUESTION }));
}

fn answers(world: &Counterpart) -> Vec<BankAnswered> {
    let answered = |message| match message {
        inbox::Shell::BankAnswered(answered) => Some(answered),
        _ => None,
    };
    world.shell().into_iter().filter_map(answered).collect()
}

fn refund(world: &mut Counterpart, minor: u64) {
    let (reference, grant) = (Text::clipped("4864FC149502"), Sealed::new(&[7; 16]).unwrap());
    let amount = Amount::from_minor(minor).unwrap();
    world.tell_in(Flow::default(), inbox::Till::BeginRefund(BeginRefund { reference, amount, grant }));
}

#[test]
fn a_question_goes_to_the_bank_and_its_answer_to_the_shell() {
    let mut world = Counterpart::activated();
    ask(&mut world);
    assert!(matches!(&world.link()[..], [inbox::HostLink::PutToBank(put)] if put.ask == QUESTION));
    // Nothing is sold meanwhile.
    world.begin(123);
    assert_eq!(world.refused()[0].refusal, Refusal::Busy);
    let answer = AdminAnswer::SupervisorState { defined: true };
    world.tell(inbox::Till::BankReplied(BankReplied { result: Ok(answer.clone()) }));
    assert_eq!(answers(&world), [BankAnswered::Answered(answer)]);
    world.begin(123);
    assert_eq!(world.kernel().len(), 1);
}

#[test]
fn a_question_without_an_answer_ends_with_words() {
    type Cause = fn(&mut Counterpart);
    let causes: [(NoReply, Cause); 3] = [
        (NoReply::NoAnswer, |world| world.wait_ms(61_000)),
        (NoReply::NotSent(NotSent::Interrupted), |world| world.restarted(ActorId::HostLink)),
        (NoReply::NotSent(NotSent::Busy), |world| {
            let result = Err(NoReply::NotSent(NotSent::Busy));
            world.tell(inbox::Till::BankReplied(BankReplied { result }));
        }),
    ];
    for (expected, happens) in causes {
        let mut world = Counterpart::activated();
        ask(&mut world);
        happens(&mut world);
        let [BankAnswered::Failed { fault, reason }] = &answers(&world)[..] else { panic!("{expected:?}") };
        assert_eq!(*fault, expected);
        assert!(!reason.is_empty());
        ask(&mut world);
        assert_eq!(world.refused(), [], "{expected:?}: the till is idle again");
    }
}

#[test]
fn a_terminal_that_is_not_activated_asks_nothing() {
    let mut world = Counterpart::new();
    world.open();
    world.opened(None);
    ask(&mut world);
    refund(&mut world, 123);
    let refused: Vec<_> = world.refused().into_iter().map(|refused| refused.refusal).collect();
    assert_eq!(refused, [Refusal::NotActivated; 2]);
}

#[test]
fn a_refund_is_tapped_as_one_and_carries_the_supervisors_agreement() {
    let mut world = Counterpart::activated();
    refund(&mut world, 363);
    let [inbox::EmvKernel::StartTap(tap)] = &world.kernel()[..] else { panic!("a tap") };
    assert_eq!((tap.kind, tap.amount.minor()), (TransactionKind::Refund, 363));
    world.card_goes_online(Cvm::None);
    let [inbox::HostLink::Authorise(asked)] = &world.link()[..] else { panic!("{:?}", world.link()) };
    assert_eq!(asked.kind, TransactionKind::Refund);
    let given_back = asked.refund.as_ref().expect("what is given back");
    assert_eq!((&*given_back.reference, &*given_back.grant), ("4864FC149502", &[7; 16][..]));
    world.tell(inbox::Till::AuthorisationEnded(mpos_protocol::link::AuthorisationEnded {
        record: None,
        result: approved(),
    }));
    world.receipt_is_made();
    let [ended] = &world.ended()[..] else { panic!("{:?}", world.sent) };
    assert_eq!((ended.receipt.outcome, ended.receipt.kind), (SaleOutcome::Approved, TransactionKind::Refund));
    assert_eq!(ended.receipt.refund_of.as_deref(), Some("4864FC149502"));
}

#[test]
fn a_refund_that_the_bank_refuses_says_that_nothing_was_given_back() {
    for reason in [
        DeclineReason::OtherCard,
        DeclineReason::MoreThanPaid,
        DeclineReason::NotRefundable,
        DeclineReason::SupervisorRequired,
    ] {
        let mut world = Counterpart::activated();
        refund(&mut world, 363);
        world.card_goes_online(Cvm::None);
        let reference = Text::clipped("4864FC149503");
        world.bank_says(mpos_protocol::link::AuthorisationResult::Declined { reference, reason });
        world.receipt_is_made();
        let next = world.ended()[0].receipt.next.clone().unwrap_or_default();
        assert!(next.starts_with("Nothing was given back."), "{reason:?}: {next}");
    }
}

#[test]
fn a_refund_that_ends_before_the_bank_is_asked_says_so_of_the_refund() {
    let mut world = Counterpart::activated();
    refund(&mut world, 363);
    world.tap_ends(TapOutcome::EndedWithoutCard(TapFault::Cancelled));
    world.receipt_is_made();
    let receipt = &world.ended()[0].receipt;
    assert_eq!(receipt.reason.as_deref(), Some("The refund was cancelled."));
    assert_eq!(receipt.next.as_deref(), Some("Nothing was given back."));
}

#[test]
fn a_refund_has_the_limits_of_a_sale() {
    let mut world = Counterpart::activated();
    refund(&mut world, 0);
    refund(&mut world, SALE_MAX + 1);
    let refused: Vec<_> = world.refused().into_iter().map(|refused| refused.refusal).collect();
    assert_eq!(refused, [Refusal::AmountZero, Refusal::AmountOverLimit]);
}
