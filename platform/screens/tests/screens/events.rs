//! What must hold whatever is pressed and told: nothing panics, no second sale is begun while one is in progress, one
//! question is open at a time, and no code or PIN is ever seen.

use crate::support::{NOW, Shop, approved, grant, merchant, not_approved, page, pin_pad, text, transaction};
use mpos_protocol::{
    Amount, Secret, Text,
    admin::{AdminAnswer, HistoryFault, Language, ReceiptFault, SupervisorFault},
    card::{TapFault, TapMessage, TransactionKind},
    host::HostRefusal,
    inbox,
    link::{EnrolmentFault, NoReply},
    pad::{Exposure, PadPoint},
    pin::messages::{ArrangePinPad, HidePinPad},
    sale::{Cause, Receipt, SaleOutcome},
    screen::{Act, InputKind, Node, ScreenEvent},
    shell::*,
    terminal::TerminalId,
};
use mpos_screens::ToTerminal;
use proptest::prelude::*;

const CODE: &str = "48159263";
const ACTIVATION_CODE: &str = "abcd-efgh-jkmn-pqrs";

/// One step: an act on what is seen, or something that the terminal tells.
#[derive(Clone, Debug)]
enum Step {
    /// The button, key, option or row at this place among all that are on the screen.
    Any(u8),
    Type(u8),
    Back,
    Ready,
    Stale(u8),
    Tell(u8),
    Pass(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => any::<u8>().prop_map(Step::Any),
        3 => any::<u8>().prop_map(Step::Type),
        1 => Just(Step::Back),
        1 => Just(Step::Ready),
        1 => any::<u8>().prop_map(Step::Stale),
        5 => any::<u8>().prop_map(Step::Tell),
        1 => any::<u8>().prop_map(Step::Pass),
    ];
    prop::collection::vec(step, 1..100)
}

/// All that can be done on the screen.
fn acts(shop: &Shop) -> Vec<Act> {
    let mut acts = Vec::new();
    for node in shop.screen().nodes.iter() {
        match node {
            Node::Buttons(buttons) => acts.extend(buttons.iter().map(|button| Act::Press(button.id.clone()))),
            Node::Keypad(keypad) => {
                let keys = 0..=u8::try_from(keypad.keys.len()).expect("few keys");
                acts.extend(keys.map(Act::Key));
            }
            Node::PinPad(pad) => {
                let touch = |point| Act::Touch { pad: pad.pad, at: Secret::new(point) };
                acts.extend(pad.keys.iter().map(|key| touch(key.area.centre())));
                acts.push(touch(PadPoint { x: u16::MAX, y: 0 }));
                acts.push(Act::Exposure(Exposure { covered: true, captured: false }));
                acts.push(Act::Exposure(Exposure::default()));
            }
            Node::Rows(rows) => acts.extend(rows.iter().map(|row| Act::Open(row.id.clone()))),
            Node::Choice { id, options, .. } => {
                let option = |option: &mpos_protocol::screen::ChoiceOption| option.id.clone();
                acts.extend(
                    options.iter().map(option).map(|option| Act::Choose { choice: id.clone(), option }),
                );
            }
            _ => {}
        }
    }
    acts
}

/// The lines of the screen, and what is typed into each: into those of codes what must never be seen.
fn lines(shop: &Shop) -> Vec<(Text<32>, &'static str)> {
    let line = |node: &Node| match node {
        Node::Input(input) => Some((
            input.id.clone(),
            match input.kind {
                InputKind::SupervisorCode => CODE,
                InputKind::ActivationCode => ACTIVATION_CODE,
                _ => "1.00",
            },
        )),
        _ => None,
    };
    shop.screen().nodes.iter().filter_map(line).collect()
}

fn answer(answer: AdminAnswer) -> inbox::Shell {
    inbox::Shell::BankAnswered(BankAnswered::Answered(answer))
}

fn told(which: u8, terminal_time: u8) -> inbox::Shell {
    let amount = Amount::from_minor(5000).expect("fits");
    let refused =
        |refusal| inbox::Shell::RequestRefused(RequestRefused { refusal, reason: text("in English") });
    let ended = |receipt: Receipt| {
        let at = mpos_protocol::Moment { unix_ms: NOW.unix_ms + u64::from(terminal_time), ..NOW };
        inbox::Shell::SaleEnded(SaleEnded { receipt: Receipt { at, ..receipt }, text: Text::default() })
    };
    let progress = inbox::Shell::SaleProgress;
    match which % 24 {
        0 => inbox::Shell::TerminalOpened(TerminalOpened::NotActivated),
        1 => inbox::Shell::TerminalOpened(TerminalOpened::Activated {
            terminal: TerminalId(1),
            merchant: merchant(),
        }),
        2 => inbox::Shell::ActivationEnded(ActivationEnded::Activated {
            terminal: TerminalId(1),
            merchant: merchant(),
        }),
        3 => inbox::Shell::ActivationEnded(ActivationEnded::Failed {
            fault: EnrolmentFault::Refused(HostRefusal::TooManyAttempts(9)),
            reason: text("in English"),
        }),
        4 => progress(SaleProgress::TapCard { amount, seconds_left: 9 }),
        5 => progress(SaleProgress::Card(TapMessage::CardReadOk)),
        6 => progress(SaleProgress::Online),
        7 => progress(SaleProgress::Reversing),
        8 => ended(approved()),
        9 => ended(not_approved(SaleOutcome::Cancelled, Cause::Tap(TapFault::Cancelled))),
        10 => ended(Receipt { kind: TransactionKind::Refund, ..approved() }),
        11 => refused(Refusal::Busy),
        12 => refused(Refusal::Interrupted),
        13 => inbox::Shell::ShowPinPad(pin_pad(terminal_time.into(), false, Exposure::default())),
        14 => inbox::Shell::ShowPinPad(pin_pad(
            terminal_time.into(),
            true,
            Exposure { covered: true, captured: false },
        )),
        15 => inbox::Shell::HidePinPad(HidePinPad),
        16 => answer(AdminAnswer::SupervisorState { defined: terminal_time.is_multiple_of(2) }),
        17 => answer(AdminAnswer::SupervisorDefined),
        18 => answer(AdminAnswer::Granted { grant: grant(), seconds: 60 }),
        19 => answer(AdminAnswer::SupervisorRefused(SupervisorFault::Locked { seconds: 90 })),
        20 => answer(page((0..16).map(transaction).collect(), 40, Some(7))),
        21 => answer(AdminAnswer::HistoryRefused(HistoryFault::GrantExpired)),
        22 => answer(AdminAnswer::ReceiptRefused(ReceiptFault::NotPaid)),
        _ => inbox::Shell::BankAnswered(BankAnswered::Failed {
            fault: NoReply::NoAnswer,
            reason: text("in English"),
        }),
    }
}

/// What the till would know.
#[derive(Default)]
struct Till {
    in_sale: bool,
    asking: bool,
}

impl Till {
    fn hears(&mut self, message: &ToTerminal) {
        match message {
            ToTerminal::BeginPurchase(_) | ToTerminal::BeginRefund(_) => {
                assert!(!self.in_sale && !self.asking, "begun while the till is busy");
                self.in_sale = true;
            }
            ToTerminal::AskBank(_) => {
                assert!(!self.asking && !self.in_sale, "asked while the till is busy");
                self.asking = true;
            }
            _ => {}
        }
    }

    fn says(&mut self, message: &inbox::Shell) {
        match message {
            inbox::Shell::SaleEnded(_) => self.in_sale = false,
            inbox::Shell::RequestRefused(_) if self.asking => self.asking = false,
            inbox::Shell::RequestRefused(_) => self.in_sale = false,
            inbox::Shell::BankAnswered(_) => self.asking = false,
            inbox::Shell::SaleProgress(_) | inbox::Shell::ShowPinPad(_) => self.in_sale = true,
            _ => {}
        }
    }

    /// What no till tells: progress of a sale that was not begun, the beginning of what has begun.
    fn would_say(&self, message: &inbox::Shell) -> bool {
        match message {
            inbox::Shell::SaleProgress(_) | inbox::Shell::ShowPinPad(_) => !self.asking,
            inbox::Shell::SaleEnded(_) => !self.asking,
            _ => true,
        }
    }
}

fn drive(shop: &mut Shop, till: &mut Till, steps: Vec<Step>) {
    for (count, step) in steps.into_iter().enumerate() {
        match step {
            Step::Any(which) => {
                let mut acts = acts(shop);
                if !acts.is_empty() {
                    let act = acts.swap_remove(usize::from(which) % acts.len());
                    shop.act(act);
                }
            }
            Step::Type(which) => {
                let lines = lines(shop);
                if let Some((line, typed)) = lines.get(usize::from(which) % lines.len().max(1)) {
                    let edit = u32::try_from(count).expect("few steps");
                    shop.act(Act::Type { input: line.clone(), text: Secret::new(text(typed)), edit });
                }
            }
            Step::Back => shop.act(Act::Back),
            Step::Ready => shop.act(Act::ShellReady),
            Step::Stale(which) => {
                let acts = acts(shop);
                if let Some(act) = acts.get(usize::from(which) % acts.len().max(1)) {
                    let screen = shop.screen().number.wrapping_sub(1 + u32::from(which));
                    let before = shop.screen().clone();
                    shop.event(ScreenEvent { screen, act: act.clone() });
                    assert_eq!(shop.screen(), &before, "a place that was left");
                }
            }
            Step::Tell(which) => {
                let message = told(which, u8::try_from(count).expect("few steps"));
                if till.would_say(&message) {
                    till.says(&message);
                    shop.hear(message);
                }
            }
            // All of them together are less than a question may be open.
            Step::Pass(seconds) => shop.pass(u64::from(seconds % 3)),
        }
        let seen = format!("{:?} {:?} {:?}", shop.screens, shop.screen(), shop.sent);
        assert!(!seen.contains(CODE) && !seen.contains(ACTIVATION_CODE), "{seen}");
        shop.sent.drain(..).for_each(|message| till.hears(&message));
    }
}

proptest! {
    #[test]
    fn whatever_is_pressed_and_told_the_till_is_asked_for_one_thing_at_a_time(
        language in prop::sample::select(Language::ALL.to_vec()), activated in any::<bool>(), steps in steps(),
    ) {
        let mut shop = Shop::new(language);
        let mut till = Till::default();
        shop.hear(told(u8::from(activated), 0));
        drive(&mut shop, &mut till, steps);
    }
}

#[test]
fn a_line_that_is_not_there_and_a_way_back_that_is_not_there_do_nothing() {
    let mut shop = Shop::open();
    let before = shop.screen().clone();
    let typed = Act::Type { input: text("code"), text: Secret::new(text("1")), edit: 1 };
    for act in [Act::Back, Act::Press(text("next")), Act::Open(text("1")), Act::Key(3), typed] {
        shop.act(act);
    }
    assert_eq!(shop.screen(), &before);
    assert!(shop.sent.is_empty());
}

#[test]
fn a_shell_that_starts_wipes_a_code_and_keeps_everything_else() {
    let mut shop = Shop::open();
    shop.press("history");
    shop.press("generate");
    shop.asked();
    shop.answer(page(vec![transaction(1)], 1, None));
    shop.act(Act::Open(text("4864FC000001")));
    shop.press("refund");
    shop.type_into("code", "4711");
    shop.type_into("amount", "1.00");
    assert_eq!(shop.input("code").filled, 4);
    shop.act(Act::ShellReady);
    assert_eq!((shop.input("code").filled, &*shop.input("amount").value), (0, "1.00"));
}

#[test]
fn a_shell_that_starts_wipes_the_digits_of_a_pin() {
    let mut shop = Shop::open();
    shop.hear(inbox::Shell::ShowPinPad(pin_pad(7, true, Exposure::default())));
    shop.act(Act::ShellReady);
    let another = ArrangePinPad { pad: 7, fixed: true };
    assert_eq!(shop.sent(), ToTerminal::ArrangePinPad(another), "another pad, of the same order");
}

#[test]
fn screens_can_be_handed_from_thread_to_thread() {
    fn is_send<T: Send>() {}
    is_send::<mpos_screens::Screens>();
}
