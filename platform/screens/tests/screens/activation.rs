//! From a terminal that nobody knows to the main menu.

use crate::support::{Shop, grant, merchant, text};
use mpos_protocol::{
    admin::{AdminAnswer, Language, SupervisorFault, SupervisorPurpose, TrivialCode},
    book::StoreFault,
    host::HostRefusal,
    inbox,
    link::{EnrolmentFault, LineFault, NoReply, NotSent},
    screen::{Act, Node, TextStyle},
    shell::{ActivationEnded, BankAnswered, BankAsk, Refusal, RequestRefused, TerminalOpened},
    terminal::TerminalId,
};
use mpos_screens::{ToTerminal, Wish};

const CODE: &str = "abcd-efgh-jkmn-pqrs";

fn new_terminal() -> Shop {
    let mut shop = Shop::new(Language::English);
    shop.at("opening");
    shop.hear(inbox::Shell::TerminalOpened(TerminalOpened::NotActivated));
    shop.at("activation");
    shop
}

fn activated() -> Shop {
    let mut shop = new_terminal();
    shop.type_into("code", CODE);
    shop.press("next");
    assert!(matches!(shop.sent(), ToTerminal::Activate(activate) if **activate.code.expose() == *CODE));
    shop.hear(inbox::Shell::ActivationEnded(ActivationEnded::Activated {
        terminal: TerminalId(16),
        merchant: merchant(),
    }));
    shop.at("supervisor.state");
    assert_eq!(shop.asked(), BankAsk::SupervisorState);
    shop
}

fn failed(fault: EnrolmentFault) -> inbox::Shell {
    inbox::Shell::ActivationEnded(ActivationEnded::Failed { fault, reason: text("in English") })
}

#[test]
fn a_first_terminal_is_activated_and_its_business_gets_a_code() {
    let mut shop = activated();
    shop.answer(AdminAnswer::SupervisorState { defined: false });
    shop.at("supervisor.define");
    assert!(shop.screen().keeps_secret && shop.screen().back.is_none());
    shop.type_into("code", "4711");
    shop.type_into("again", "4711");
    shop.press("confirm");
    assert!(matches!(shop.asked(), BankAsk::DefineSupervisorCode { code } if &**code.expose() == "4711"));
    shop.answer(AdminAnswer::SupervisorDefined);
    shop.at("menu");
    shop.says(TextStyle::Success, "The supervisor code is defined.");
}

#[test]
fn a_further_terminal_of_the_business_shows_its_code_once() {
    let mut shop = activated();
    shop.answer(AdminAnswer::SupervisorState { defined: true });
    shop.at("supervisor.join");
    shop.type_into("code", "4712");
    shop.press("confirm");
    let ask = shop.asked();
    assert!(
        matches!(ask, BankAsk::CheckSupervisorCode { purpose: SupervisorPurpose::Join, code } if &**code.expose() == "4712")
    );
    shop.answer(AdminAnswer::SupervisorRefused(SupervisorFault::Wrong { tries_left: 3 }));
    shop.says(TextStyle::Failure, "3 more tries");
    assert_eq!(shop.input("code").filled, 0, "a wrong code is not kept");
    shop.type_into("code", "4711");
    shop.press("confirm");
    shop.asked();
    shop.answer(AdminAnswer::Granted { grant: grant(), seconds: 300 });
    shop.at("menu");
}

#[test]
fn a_code_that_is_none_is_refused_at_once_and_stays_to_be_mended() {
    let mut shop = new_terminal();
    shop.type_into("code", "abcd");
    shop.press("next");
    assert!(shop.sent.is_empty());
    assert!(shop.error_of("code").contains("16 letters and digits"));
    assert_eq!(shop.input("code").filled, 4);
    assert_eq!(&*shop.input("code").value, "", "no code is ever drawn");
}

#[test]
fn what_the_bank_says_of_a_code_is_said_and_the_code_stays() {
    let mut shop = new_terminal();
    shop.type_into("code", CODE);
    shop.press("next");
    shop.sent();
    assert!(!shop.can_press("next"), "once is enough");
    shop.hear(failed(EnrolmentFault::Refused(HostRefusal::CodeUnknown)));
    shop.says(TextStyle::Failure, "does not know this activation code");
    assert_eq!(shop.input("code").filled, 19);
    shop.press("next");
    shop.sent();
    shop.hear(failed(EnrolmentFault::Line(LineFault::Unreachable)));
    shop.says(TextStyle::Failure, "The bank cannot be reached. The terminal is not activated; try again.");
    shop.press("next");
    shop.sent();
    shop.hear(failed(EnrolmentFault::Refused(HostRefusal::TooManyAttempts(60))));
    shop.says(TextStyle::Failure, "Wait 1:00, then");
    shop.pass(15);
    shop.says(TextStyle::Failure, "Wait 0:45, then");
}

#[test]
fn each_trivial_code_is_refused_with_its_reason_before_the_bank_is_asked() {
    let mut shop = activated();
    shop.answer(AdminAnswer::SupervisorState { defined: false });
    for (code, reason) in [
        ("123", "4 to 8 digits"),
        ("123456789", "4 to 8 digits"),
        ("7777", "One digit again"),
        ("1234", "Digits in a row"),
        ("1212", "The same digits twice"),
    ] {
        shop.type_into("code", code);
        shop.type_into("again", code);
        shop.press("confirm");
        assert!(shop.error_of("code").contains(reason), "{code}: {}", shop.error_of("code"));
    }
    shop.type_into("code", "4711");
    shop.type_into("again", "4712");
    shop.press("confirm");
    assert!(shop.error_of("again").contains("not the same"));
    assert!(shop.sent.is_empty());
}

#[test]
fn without_the_bank_the_supervisor_code_can_wait() {
    let mut shop = activated();
    assert!(!shop.can_press("later"), "not before it was tried");
    let fault = NoReply::NotSent(NotSent::Line(LineFault::Unreachable));
    shop.hear(inbox::Shell::BankAnswered(BankAnswered::Failed { fault, reason: text("in English") }));
    shop.says(TextStyle::Failure, "The bank cannot be reached. Check the internet connection and try again.");
    shop.press("confirm");
    assert_eq!(shop.asked(), BankAsk::SupervisorState);
    shop.answer(AdminAnswer::SupervisorRefused(SupervisorFault::LockedByBank));
    shop.press("later");
    shop.at("menu");
}

#[test]
fn a_code_defined_meanwhile_by_another_terminal_is_asked_for() {
    let mut shop = activated();
    shop.answer(AdminAnswer::SupervisorState { defined: false });
    shop.type_into("code", "4711");
    shop.type_into("again", "4711");
    shop.press("confirm");
    shop.asked();
    shop.answer(AdminAnswer::SupervisorRefused(SupervisorFault::AlreadyDefined));
    shop.at("supervisor.join");
    shop.says(TextStyle::Failure, "already");
}

#[test]
fn the_banks_own_word_on_a_trivial_code_is_said_too() {
    let mut shop = activated();
    shop.answer(AdminAnswer::SupervisorState { defined: false });
    shop.type_into("code", "4711");
    shop.type_into("again", "4711");
    shop.press("confirm");
    shop.asked();
    shop.answer(AdminAnswer::SupervisorRefused(SupervisorFault::Trivial(TrivialCode::Repeated)));
    shop.at("supervisor.define");
    shop.says(TextStyle::Failure, "The same digits twice");
}

#[test]
fn a_terminal_whose_book_cannot_be_used_says_so_and_sells_nothing() {
    let mut shop = Shop::new(Language::English);
    let (fault, reason) = (StoreFault::Full, text("in English"));
    shop.hear(inbox::Shell::TerminalOpened(TerminalOpened::Unusable { fault, reason }));
    shop.at("unusable");
    shop.says(TextStyle::Body, "the disk is full");
    assert!(shop.screen().nodes.iter().all(|node| matches!(node, Node::Text { .. })));
}

#[test]
fn the_language_is_chosen_and_kept_and_changes_all_that_is_seen() {
    let mut shop = Shop::open();
    shop.press("settings");
    assert_eq!(&*shop.screen().title, "Settings");
    for (code, language, title) in [
        ("sq", Language::Albanian, "Cilësimet"),
        ("sr", Language::Serbian, "Podešavanja"),
        ("en", Language::English, "Settings"),
    ] {
        shop.choose("language", code);
        assert_eq!((&*shop.screen().title, shop.screen().language), (title, language));
        assert_eq!(shop.wish.take(), Some(Wish::KeepLanguage(language)));
    }
    shop.choose("language", "de");
    assert_eq!(shop.wish, None);
}

#[test]
fn the_settings_show_the_terminal_and_probe_the_connection() {
    let mut shop = Shop::open();
    shop.press("settings");
    let fields = shop.fields();
    assert_eq!(fields[0], ("Terminal ID".to_owned(), "TM000016".to_owned()));
    assert!(fields.iter().any(|(label, value)| label == "Merchant" && value == "Furra Qerimi"));
    shop.press("probe");
    assert_eq!(shop.asked(), BankAsk::SupervisorState);
    shop.says(TextStyle::Prompt, "Asking the bank");
    shop.answer(AdminAnswer::SupervisorState { defined: true });
    shop.says(TextStyle::Success, "The bank answers.");
    shop.press("probe");
    shop.asked();
    let fault = NoReply::NotSent(NotSent::Line(LineFault::CertificateRevoked));
    shop.hear(inbox::Shell::BankAnswered(BankAnswered::Failed { fault, reason: text("in English") }));
    shop.says(TextStyle::Failure, "revoked this terminal's certificate");
}

#[test]
fn an_answer_reaches_the_settings_below_and_the_next_question_waits_for_it() {
    let mut shop = Shop::open();
    shop.press("settings");
    shop.press("probe");
    shop.asked();
    shop.press("supervisor");
    assert!(shop.sent.is_empty(), "one question at a time");
    shop.answer(AdminAnswer::SupervisorState { defined: true });
    assert_eq!(shop.asked(), BankAsk::SupervisorState);
    shop.at("supervisor.state");
    shop.answer(AdminAnswer::SupervisorState { defined: true });
    shop.at("supervisor.join");
    shop.act(Act::Back);
    shop.at("settings");
    shop.says(TextStyle::Success, "The bank answers.");
}

#[test]
fn a_part_that_was_restarted_is_said_where_it_was_needed() {
    let refused = || {
        let reason = text("in English");
        inbox::Shell::RequestRefused(RequestRefused { refusal: Refusal::Interrupted, reason })
    };
    let mut shop = Shop::new(Language::English);
    shop.hear(refused());
    shop.says(TextStyle::Failure, "could not be opened");
    let mut shop = new_terminal();
    shop.type_into("code", CODE);
    shop.press("next");
    shop.hear(refused());
    shop.says(TextStyle::Failure, "The activation was interrupted. Try again with the same code.");
    assert!(shop.can_press("next"));
    let mut shop = activated();
    shop.hear(refused());
    shop.says(TextStyle::Failure, "had to restart a part of itself. Try again.");
    shop.at("supervisor.state");
}
