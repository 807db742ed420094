//! What moves no money: asked when nothing else is under way, never recorded, never repeated.

use crate::support::{
    Event, Terminal,
    bank::{Bank, answer, approved, open},
};
use mpos_protocol::{
    Flow, Secret, Text,
    admin::{ADMIN_SEQUENCE, AdminAnswer, AdminRequest, SUPERVISOR_CODE_CONTEXT, SupervisorPurpose},
    host::{HostAnswer, HostRefusal, HostRequest},
    inbox,
    link::{BankReplied, LineFault, NoReply, NotSent, PutToBank},
    shell::BankAsk,
    signed::Hash,
};

const FLOW: Flow = Flow(77);

fn ask(terminal: &mut Terminal, ask: BankAsk) {
    terminal.tell_in(FLOW, inbox::HostLink::PutToBank(PutToBank { ask }));
    terminal.run_ledger();
}

fn replies(terminal: &Terminal) -> Vec<Result<AdminAnswer, NoReply>> {
    let reply = |event: &Event| match event {
        Event::Till(flow, inbox::Till::BankReplied(BankReplied { result })) => {
            assert_eq!(*flow, FLOW);
            Some(result.clone())
        }
        _ => None,
    };
    terminal.events.iter().filter_map(reply).collect()
}

#[test]
fn a_question_is_signed_outside_of_the_chain_and_not_recorded() {
    let mut terminal = Terminal::enrolled();
    ask(&mut terminal, BankAsk::SupervisorState);
    terminal.open_line();
    let asked = terminal.sent().pop().unwrap();
    let (request, _hash) = open(&asked);
    assert_eq!((request.sequence, request.previous), (ADMIN_SEQUENCE, Hash::default()));
    assert_eq!(request.request, HostRequest::Admin(AdminRequest::SupervisorState));
    assert_eq!(terminal.unresolved_in_book(), 0);

    let told = AdminAnswer::SupervisorState { defined: true };
    let mut bank = Bank::default();
    bank.told = Some(told.clone());
    terminal.receive(&bank.handle(&asked));
    assert_eq!(replies(&terminal), [Ok(told)]);

    // The chain goes on where it was.
    terminal.sale_on_the_line(1);
    let (sale, _hash) = open(&terminal.sent().pop().unwrap());
    assert_eq!((sale.sequence, sale.previous), (1, Hash::default()));
}

#[test]
fn a_supervisors_code_leaves_encrypted_under_a_key_of_its_own() {
    let mut terminal = Terminal::enrolled();
    let code = || Secret::new(Text::clipped("4711"));
    let mut serials = Vec::new();
    for _ in 0..2 {
        ask(&mut terminal, BankAsk::CheckSupervisorCode { code: code(), purpose: SupervisorPurpose::Join });
        if serials.is_empty() {
            terminal.open_line();
        }
        let asked = terminal.sent().pop().unwrap();
        assert!(!asked.windows(4).any(|window| window == b"4711"));
        let HostRequest::Admin(AdminRequest::CheckSupervisorCode { code, .. }) = open(&asked).0.request
        else {
            panic!("a code to check")
        };
        let key = terminal.keys.data_key(&code.ksn);
        let opened = mpos_crypto::seal::open_once(&key, SUPERVISOR_CODE_CONTEXT, &code.ciphertext).unwrap();
        assert_eq!(&*opened, b"4711");
        serials.push(code.ksn);
        let told = HostAnswer::Admin(AdminAnswer::SupervisorDefined);
        terminal.receive(&answer(&asked, told));
    }
    assert_ne!(serials[0], serials[1]);
}

#[test]
fn whatever_is_in_its_way_the_till_hears_of_it() {
    let mut terminal = Terminal::enrolled();
    // No line.
    ask(&mut terminal, BankAsk::SupervisorState);
    terminal.close_line(LineFault::Unreachable);
    // The line breaks before the answer.
    ask(&mut terminal, BankAsk::SupervisorState);
    terminal.open_line();
    terminal.close_line(LineFault::Closed);
    // No answer.
    ask(&mut terminal, BankAsk::SupervisorState);
    terminal.open_line();
    terminal.wait_until("answer missed", |terminal| replies(terminal).len() == 3);
    // Refused, and an answer that is none.
    for wrong in [HostAnswer::Refused(HostRefusal::StaleTime(301)), approved()] {
        let sent = terminal.sent().len();
        ask(&mut terminal, BankAsk::SupervisorState);
        if terminal.sent().len() == sent {
            terminal.open_line();
        }
        let asked = terminal.sent().pop().unwrap();
        terminal.receive(&answer(&asked, wrong));
    }
    assert_eq!(
        replies(&terminal),
        [
            Err(NoReply::NotSent(NotSent::Line(LineFault::Unreachable))),
            Err(NoReply::NotSent(NotSent::Line(LineFault::Closed))),
            Err(NoReply::NoAnswer),
            Err(NoReply::Refused(HostRefusal::StaleTime(301))),
            Err(NoReply::NoAnswer),
        ]
    );
}

#[test]
fn a_sale_does_not_wait_for_a_question_and_a_late_answer_is_not_taken_for_its_own() {
    let mut terminal = Terminal::enrolled();
    ask(&mut terminal, BankAsk::SupervisorState);
    terminal.open_line();
    let asked = terminal.sent().pop().unwrap();
    let late_line = terminal.line();
    let flow = terminal.sale_on_the_line(1);
    terminal.receive_on(late_line, &answer(&asked, HostAnswer::Admin(AdminAnswer::SupervisorDefined)));
    let sale = terminal.sent().pop().unwrap();
    terminal.receive(&answer(&sale, approved()));
    terminal.run_ledger();
    assert!(matches!(terminal.only_end(flow), mpos_protocol::link::AuthorisationResult::Approved { .. }));
    assert_eq!(replies(&terminal), []);
}

#[test]
fn what_is_open_is_taken_back_before_a_question_is_asked() {
    let mut terminal = Terminal::enrolled();
    let flow = terminal.sale_on_the_line(1);
    terminal.close_line(LineFault::Closed);
    terminal.wait_until("end of the sale", |terminal| !terminal.ended().is_empty());
    assert!(matches!(terminal.only_end(flow), mpos_protocol::link::AuthorisationResult::Unknown));
    ask(&mut terminal, BankAsk::SupervisorState);
    terminal.open_line();
    let (first, _hash) = open(&terminal.sent().pop().unwrap());
    assert!(matches!(first.request, HostRequest::Reverse(_)), "{first:?}");
    let mut bank = Bank::default();
    for message in terminal.sent() {
        if matches!(open(&message).0.request, HostRequest::Reverse(_)) {
            let reversed = bank.handle(&message);
            terminal.receive(&reversed);
            terminal.run_ledger();
            break;
        }
    }
    let (then, _hash) = open(&terminal.sent().pop().unwrap());
    assert!(matches!(then.request, HostRequest::Admin(_)), "{then:?}");
}

#[test]
fn a_question_on_a_line_that_died_unseen_is_asked_again_and_a_supervisors_code_is_not() {
    let code = || Secret::new(Text::clipped("4711"));
    let questions = [
        (BankAsk::SupervisorState, 2),
        (BankAsk::CheckSupervisorCode { code: code(), purpose: SupervisorPurpose::Join }, 1),
    ];
    for (question, times) in questions {
        let mut terminal = Terminal::enrolled();
        ask(&mut terminal, BankAsk::SupervisorState);
        terminal.open_line();
        let first = terminal.sent().pop().unwrap();
        let told = AdminAnswer::SupervisorState { defined: true };
        terminal.receive(&answer(&first, HostAnswer::Admin(told)));
        ask(&mut terminal, question);
        terminal.close_line(LineFault::Closed);
        if times == 2 {
            terminal.open_line();
        }
        assert_eq!(terminal.sent().len(), 1 + times);
        assert_eq!(replies(&terminal).len(), if times == 2 { 1 } else { 2 });
    }
}
