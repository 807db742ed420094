//! What the bank is owed beside sales: reports of the device's state, a new certificate, new keys.

use crate::support::{
    Event, Terminal,
    bank::{answer, approved, open, standing},
    ports::LineCommand,
};
use mpos_ports::LineKind;
use mpos_protocol::{
    Bytes, Flow,
    admin::{ADMIN_SEQUENCE, AdminAnswer, AdminRequest},
    book::StoreFault,
    host::{HostAnswer, HostRefusal, HostRequest},
    inbox,
    link::{AuthorisationResult, LineFault, NoReply, NotSent, StandingTold},
    signed::Hash,
    standing::{BanksWord, Concern, Decision, Opinion, Orders, Standing, StandingReport},
};
use std::sync::atomic::Ordering;

const FLOW: Flow = Flow(77);

/// A terminal whose bank is played by the test.
fn terminal() -> Terminal {
    let mut terminal = Terminal::enrolled();
    terminal.is_vouched_for = false;
    terminal
}

/// The administrative request that was sent last.
fn asked(terminal: &Terminal) -> (Vec<u8>, AdminRequest) {
    let message = terminal.sent().pop().expect("something was sent");
    let (content, _hash) = open(&message);
    assert_eq!((content.sequence, content.previous), (ADMIN_SEQUENCE, Hash::default()));
    match content.request {
        HostRequest::Admin(request) => (message, request),
        other => panic!("not administrative: {other:?}"),
    }
}

fn report(terminal: &Terminal) -> (Vec<u8>, StandingReport) {
    match asked(terminal) {
        (message, AdminRequest::ReportStanding(report)) => (message, report),
        (_, other) => panic!("no report: {other:?}"),
    }
}

fn bank_says(terminal: &mut Terminal, told: AdminAnswer) {
    let (message, _) = asked(terminal);
    terminal.receive(&answer(&message, HostAnswer::Admin(told)));
    terminal.run_ledger();
}

fn told(terminal: &Terminal) -> Vec<(Flow, Result<BanksWord, NoReply>)> {
    let told = |event: &Event| match event {
        Event::Till(flow, inbox::Till::StandingTold(StandingTold { result })) => {
            Some((*flow, result.clone()))
        }
        _ => None,
    };
    terminal.events.iter().filter_map(told).collect()
}

fn ordered(orders: Orders) -> AdminAnswer {
    AdminAnswer::Standing(Standing { orders, ..standing() })
}

#[test]
fn a_first_report_is_given_a_challenge_and_made_again_with_it() {
    let mut terminal = terminal();
    terminal.check_standing(FLOW);
    let (_, first) = report(&terminal);
    assert_eq!((first.challenge, first.attestation), (Bytes::default(), None));
    let challenge = Bytes::new(&[5; 32]).unwrap();
    bank_says(&mut terminal, AdminAnswer::Challenge(challenge.clone()));
    assert_eq!(report(&terminal).1.challenge, challenge);
    bank_says(&mut terminal, AdminAnswer::Standing(standing()));
    assert_eq!(told(&terminal), [(FLOW, Ok(BanksWord::default()))]);

    // The next one names the challenge that came with the answer.
    terminal.check_standing(Flow(78));
    assert_eq!(report(&terminal).1.challenge, standing().challenge);
}

#[test]
fn a_bank_that_only_gives_challenges_is_not_asked_for_ever() {
    let mut terminal = terminal();
    terminal.check_standing(FLOW);
    for _ in 0..3 {
        bank_says(&mut terminal, AdminAnswer::Challenge(Bytes::new(&[5; 32]).unwrap()));
    }
    assert_eq!(told(&terminal), [(FLOW, Err(NoReply::NoAnswer))]);
    assert_eq!(terminal.sent().len(), 3);
}

#[test]
fn a_sale_is_recorded_only_with_a_fresh_ticket_and_shows_it() {
    let mut terminal = terminal();
    let flow = terminal.authorise(1);
    terminal.run_ledger();
    terminal.open_line();
    report(&terminal);
    assert_eq!(terminal.unresolved_in_book(), 0, "nothing is recorded before the bank's word");
    bank_says(&mut terminal, AdminAnswer::Standing(standing()));
    let sale = terminal.sent().pop().unwrap();
    match open(&sale).0.request {
        HostRequest::Authorise(request) => assert_eq!(request.standing, standing().ticket),
        other => panic!("{other:?}"),
    }
    terminal.receive(&answer(&sale, approved()));
    terminal.run_ledger();
    assert!(matches!(terminal.only_end(flow), AuthorisationResult::Approved { .. }));

    // While it is good, it is enough; then the bank is asked first.
    terminal.authorise(2);
    terminal.run_ledger();
    let second = terminal.sent().pop().unwrap();
    assert!(matches!(open(&second).0.request, HostRequest::Authorise(_)));
    terminal.receive(&answer(&second, approved()));
    terminal.run_ledger();
    terminal.uptime_ms += 300_000;
    terminal.authorise(3);
    terminal.run_ledger();
    report(&terminal);
}

#[test]
fn a_device_that_may_not_sell_records_nothing() {
    let mut terminal = terminal();
    let flow = terminal.authorise(1);
    terminal.run_ledger();
    terminal.open_line();
    let opinion =
        Opinion { decision: Decision::Blocked, concerns: vec![Concern::Rooted].try_into().unwrap() };
    let blocked = Standing {
        word: BanksWord { opinion, ..BanksWord::default() },
        ticket: Bytes::default(),
        ..standing()
    };
    bank_says(&mut terminal, AdminAnswer::Standing(blocked));
    assert_eq!(terminal.only_end(flow), AuthorisationResult::NotSent(NotSent::Blocked));
    assert_eq!(terminal.unresolved_in_book(), 0);
}

#[test]
fn a_report_that_fails_is_told_to_who_waits_and_a_sale_behind_it_is_asked_nothing() {
    let broken = NoReply::NotSent(NotSent::Line(LineFault::Broken));
    let stale = HostRefusal::StaleTime(172_800);
    type Fail = fn(&mut Terminal);
    let ways: [(Fail, NoReply, AuthorisationResult); 4] = [
        (
            |terminal| terminal.close_line(LineFault::Broken),
            broken,
            AuthorisationResult::NotSent(NotSent::Line(LineFault::Broken)),
        ),
        (
            |terminal| {
                terminal.next_timer();
                terminal.next_timer();
            },
            NoReply::NoAnswer,
            AuthorisationResult::NotSent(NotSent::Line(LineFault::TimedOut)),
        ),
        (
            |terminal| {
                let refused = HostAnswer::Refused(HostRefusal::StaleTime(172_800));
                let (message, _) = asked(terminal);
                terminal.receive(&answer(&message, refused));
            },
            NoReply::Refused(stale),
            AuthorisationResult::Refused(stale),
        ),
        (
            |terminal| {
                let (message, _) = asked(terminal);
                terminal.receive(&answer(&message, approved()));
            },
            NoReply::NoAnswer,
            AuthorisationResult::NotSent(NotSent::Line(LineFault::TimedOut)),
        ),
    ];
    for (fail, why, result) in ways {
        let mut terminal = terminal();
        terminal.check_standing(FLOW);
        let flow = terminal.authorise(1);
        fail(&mut terminal);
        terminal.run_ledger();
        assert_eq!(told(&terminal), [(FLOW, Err(why))]);
        assert_eq!(terminal.only_end(flow), result);
        assert_eq!(terminal.unresolved_in_book(), 0);
    }
}

#[test]
fn a_report_without_a_line_or_a_bank_to_ask_is_told_at_once() {
    let mut terminal = terminal();
    terminal.tell_in(FLOW, inbox::HostLink::CheckStanding(mpos_protocol::link::CheckStanding));
    terminal.run_ledger();
    terminal.close_line(LineFault::Unreachable);
    assert_eq!(told(&terminal), [(FLOW, Err(NoReply::NotSent(NotSent::Line(LineFault::Unreachable))))]);

    let mut fresh = Terminal::new();
    fresh.check_standing(FLOW);
    assert_eq!(told(&fresh), [(FLOW, Err(NoReply::NotSent(NotSent::NotEnrolled)))]);
}

#[test]
fn a_new_certificate_is_kept_by_the_book_and_shown_on_the_next_line() {
    let mut terminal = terminal();
    terminal.check_standing(FLOW);
    bank_says(&mut terminal, ordered(Orders { renew_certificate: true, ..Orders::default() }));
    let AdminRequest::RenewCertificate { certificate_request } = asked(&terminal).1 else {
        panic!("no renewal");
    };
    assert_eq!(&*certificate_request, b"mPOS device");
    let new = Bytes::new(&[0x30, 1, 7]).unwrap();
    let certificates = vec![new.clone()].try_into().unwrap();
    bank_says(&mut terminal, AdminAnswer::CertificateRenewed { certificates });
    assert!(!terminal.has_line(), "the old certificate's line is closed");
    let renewed = terminal.place(|event| matches!(event, Event::Till(_, inbox::Till::ProfileRenewed(_))));
    let kept =
        terminal.place(|event| matches!(event, Event::FromLedger(inbox::HostLink::EnrolmentRecorded(_))));
    assert!(kept < renewed, "durable before it is told");

    terminal.check_standing(Flow(78));
    let shown = terminal.events.iter().rev().find_map(|event| match event {
        Event::Line(LineCommand::Open(_, target)) => Some(target.kind.clone()),
        _ => None,
    });
    assert_eq!(shown, Some(LineKind::Terminal { certificates: vec![new.to_vec()] }));
}

#[test]
fn a_certificate_that_the_book_does_not_keep_is_not_used() {
    let mut terminal = terminal();
    terminal.check_standing(FLOW);
    bank_says(&mut terminal, ordered(Orders { renew_certificate: true, ..Orders::default() }));
    let (message, _) = asked(&terminal);
    let certificates = vec![Bytes::new(&[0x30, 1, 7]).unwrap()].try_into().unwrap();
    let renewed = HostAnswer::Admin(AdminAnswer::CertificateRenewed { certificates });
    terminal.receive(&answer(&message, renewed));
    terminal.fail_ledger(StoreFault::Full);
    assert!(terminal.has_line());
    let flow = terminal.authorise(1);
    terminal.run_ledger();
    let sale = terminal.sent().pop().unwrap();
    terminal.receive(&answer(&sale, approved()));
    terminal.run_ledger();
    assert!(matches!(terminal.only_end(flow), AuthorisationResult::Approved { .. }));
}

#[test]
fn new_keys_are_installed_when_the_bank_orders_it_and_when_the_old_ones_were_used_before() {
    let key = || AdminAnswer::KeysRenewed {
        wrapped_initial_key: mpos_protocol::Sealed::new(&[9; 3]).unwrap(),
        initial_key_id: [0xE7; 8],
    };
    let mut terminal = terminal();
    terminal.check_standing(FLOW);
    bank_says(&mut terminal, ordered(Orders { renew_keys: true, ..Orders::default() }));
    assert!(matches!(asked(&terminal).1, AdminRequest::RenewKeys { .. }));
    bank_says(&mut terminal, key());
    assert_eq!(*terminal.keys.installed.lock().unwrap(), [[0xE7; 8]]);

    let flow = terminal.authorise(1);
    terminal.run_ledger();
    let sale = terminal.sent().pop().unwrap();
    terminal.receive(&answer(&sale, HostAnswer::Refused(HostRefusal::KeyUsedBefore)));
    terminal.run_ledger();
    assert_eq!(terminal.only_end(flow), AuthorisationResult::Refused(HostRefusal::KeyUsedBefore));
    assert!(matches!(asked(&terminal).1, AdminRequest::RenewKeys { .. }), "without being asked");
    terminal.keys.cannot_unwrap.store(true, Ordering::SeqCst);
    let sent = terminal.sent().len();
    bank_says(&mut terminal, key());
    assert_eq!(terminal.keys.installed.lock().unwrap().len(), 1, "a key that does not open changes nothing");
    assert_eq!(terminal.sent().len(), sent, "and is not asked for again by itself");
}

#[test]
fn an_attestation_is_made_for_the_banks_challenge_once_an_order() {
    let mut terminal = terminal();
    terminal.keys.attests.store(true, Ordering::SeqCst);
    terminal.check_standing(FLOW);
    assert_eq!(report(&terminal).1.attestation, None, "only when it is ordered");
    let order = || ordered(Orders { attest: true, ..Orders::default() });
    bank_says(&mut terminal, order());
    let (_, attested) = report(&terminal);
    let chain = [&standing().challenge[..], &[0x30, 0]].concat();
    assert_eq!(attested.attestation.as_deref(), Some(&chain[..]));
    let sent = terminal.sent().len();
    bank_says(&mut terminal, order());
    assert_eq!(terminal.sent().len(), sent);
    assert_eq!(told(&terminal).len(), 2, "what came of it is told too");
}

#[test]
fn a_book_that_forgot_the_question_is_asked_again_by_who_waits() {
    type Wait = fn(&mut Terminal);
    let ways: [Wait; 2] = [
        |terminal| {
            let check = inbox::HostLink::CheckStanding(mpos_protocol::link::CheckStanding);
            terminal.tell_in(FLOW, check);
        },
        |terminal| {
            terminal.authorise(1);
        },
    ];
    for wait in ways {
        let mut terminal = terminal();
        terminal.restart_link(0x55);
        terminal.tell_in(Flow(70), inbox::HostLink::CheckStanding(mpos_protocol::link::CheckStanding));
        // The ledger was started anew before it read its mailbox.
        terminal.to_ledger.clear();
        wait(&mut terminal);
        terminal.run_ledger();
        assert!(terminal.has_line(), "the link knows where its chain stands");
    }
}

#[test]
fn a_line_that_died_unseen_costs_no_sale_since_the_report_goes_again_on_a_new_one() {
    for closes in [false, true] {
        let mut terminal = terminal();
        terminal.check_standing(FLOW);
        bank_says(&mut terminal, AdminAnswer::Standing(standing()));
        let (old, sent) = (terminal.line(), terminal.sent().len());
        terminal.check_standing(Flow(78));
        assert_eq!((terminal.line(), terminal.sent().len()), (old, sent + 1), "on the line that stands");
        if closes {
            terminal.close_line(LineFault::Closed);
        } else {
            let waited_ms = terminal.next_timer().unwrap();
            assert!(waited_ms <= 4_000, "an old line is given less time: {waited_ms}");
        }
        terminal.open_line();
        assert_ne!(terminal.line(), old);
        bank_says(&mut terminal, AdminAnswer::Standing(standing()));
        assert_eq!(told(&terminal).pop(), Some((Flow(78), Ok(BanksWord::default()))));
    }
}

#[test]
fn a_new_line_without_an_answer_ends_the_report() {
    let mut terminal = terminal();
    terminal.check_standing(FLOW);
    terminal.wait_until("the report is given up", |terminal| !told(terminal).is_empty());
    assert_eq!(told(&terminal), [(FLOW, Err(NoReply::NoAnswer))]);
    assert_eq!(terminal.sent().len(), 1);
}
