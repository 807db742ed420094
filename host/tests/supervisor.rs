//! The supervisor's code: defined once, guessed five times, and what it agreed to is good for that and no more.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod support;

use mpos_host::BusinessId;
use mpos_protocol::{
    Sealed, Text,
    admin::{
        AdminAnswer, AdminRequest, HistoryFault, HistoryRequest, HistoryScope, SupervisorFault,
        SupervisorPurpose, TrivialCode,
    },
    host::{HostAnswer, HostRefusal, HostRequest},
    signed::Hash,
};
use std::time::Duration;
use support::{Card, Scene, Terminal};

const CODE: &str = "4711";
const BUSINESS: BusinessId = BusinessId(1);

fn results(scene: &Scene) -> Vec<(String, String)> {
    let mut uses: Vec<_> = scene
        .console
        .supervisor_audit(1000)
        .unwrap()
        .into_iter()
        .map(|used| (used.purpose, used.result))
        .collect();
    uses.reverse();
    uses
}

async fn join(terminal: &mut Terminal, typed: &str) -> Result<(), SupervisorFault> {
    let mut line = terminal.connect().await.unwrap();
    terminal.agree(&mut line, typed, SupervisorPurpose::Join).await.map(|_| ())
}

#[tokio::test]
async fn a_code_is_defined_once_for_all_terminals_of_a_business() {
    let scene = Scene::start(&[]);
    let (mut first, mut second) = (scene.terminal().await, scene.terminal().await);
    let mut stranger = scene.terminal_of("Barnatorja Ilir").await;
    let mut line = first.connect().await.unwrap();
    let state = AdminRequest::SupervisorState;
    assert_eq!(
        first.ask_admin(&mut line, state.clone()).await,
        AdminAnswer::SupervisorState { defined: false }
    );
    assert_eq!(join(&mut first, CODE).await, Err(SupervisorFault::NotDefined));
    for (typed, why) in
        [("1234", TrivialCode::Sequence), ("7777", TrivialCode::SameDigit), ("47", TrivialCode::Length)]
    {
        let refused = AdminAnswer::SupervisorRefused(SupervisorFault::Trivial(why));
        assert_eq!(first.define(&mut line, typed).await, refused);
    }
    assert_eq!(first.define(&mut line, CODE).await, AdminAnswer::SupervisorDefined);
    let mut second_line = second.connect().await.unwrap();
    let again = AdminAnswer::SupervisorRefused(SupervisorFault::AlreadyDefined);
    assert_eq!(second.define(&mut second_line, "2580").await, again);
    assert_eq!(join(&mut second, CODE).await, Ok(()));
    assert_eq!(join(&mut second, "2580").await, Err(SupervisorFault::Wrong { tries_left: 4 }));
    // Another business's code is its own.
    assert_eq!(join(&mut stranger, CODE).await, Err(SupervisorFault::NotDefined));

    let businesses = scene.console.businesses().unwrap();
    let told: Vec<_> = businesses.iter().map(|one| (one.terminals, one.supervisor_defined)).collect();
    assert_eq!(told, [(2, true), (1, false)]);
    let expected =
        ["NotDefined", "Trivial", "Trivial", "Trivial", "Defined", "AlreadyDefined", "Right", "Wrong"];
    let found: Vec<_> = results(&scene).into_iter().map(|(_, result)| result).collect();
    assert_eq!(found[..8], expected);
    assert!(!format!("{:?}", scene.console.supervisor_audit(100).unwrap()).contains(CODE));
}

#[tokio::test]
async fn wrong_codes_of_all_terminals_lock_for_longer_and_longer_and_a_right_one_clears_them() {
    let mut scene = Scene::start(&[]);
    let (mut first, mut second) = (scene.terminal().await, scene.terminal().await);
    let mut line = first.connect().await.unwrap();
    assert_eq!(first.define(&mut line, CODE).await, AdminAnswer::SupervisorDefined);
    for left in [4, 3] {
        assert_eq!(join(&mut first, "0815").await, Err(SupervisorFault::Wrong { tries_left: left }));
    }
    assert_eq!(join(&mut second, CODE).await, Ok(()));
    for left in [4, 3, 2, 1] {
        assert_eq!(join(&mut second, "0815").await, Err(SupervisorFault::Wrong { tries_left: left }));
    }
    let locked = |answer: Result<(), SupervisorFault>| match answer {
        Err(SupervisorFault::Locked { seconds }) => u64::from(seconds),
        other => panic!("not locked: {other:?}"),
    };
    // A restart forgets nothing, and while it is locked the right one is not looked at either.
    let seconds = locked(join(&mut first, "0815").await);
    assert!((890..=900).contains(&seconds), "{seconds}");
    scene.restart();
    (first.address, second.address) = (scene.address(), scene.address());
    assert!(locked(join(&mut second, CODE).await) <= 900);
    let mut wait = 900;
    for doubled in [1800, 3600, 7200, 14_400] {
        scene.clock.advance(Duration::from_secs(wait));
        let seconds = locked(join(&mut first, "0815").await);
        assert!((doubled - 10..=doubled).contains(&seconds), "{seconds}");
        wait = doubled;
    }
    scene.clock.advance(Duration::from_secs(wait));
    assert_eq!(join(&mut first, "0815").await, Err(SupervisorFault::LockedByBank));
    scene.clock.advance(Duration::from_hours(10_000));
    // Certificates of this bank last; only the bank helps.
    assert_eq!(join(&mut second, CODE).await, Err(SupervisorFault::LockedByBank));

    assert!(scene.console.reset_supervisor_code(BusinessId(77)).is_err());
    scene.console.reset_supervisor_code(BUSINESS).unwrap();
    let mut line = second.connect().await.unwrap();
    assert_eq!(second.define(&mut line, "2580").await, AdminAnswer::SupervisorDefined);
    assert_eq!(join(&mut first, CODE).await, Err(SupervisorFault::Wrong { tries_left: 4 }));
    assert_eq!(join(&mut first, "2580").await, Ok(()));
    assert!(results(&scene).contains(&("Reset".to_owned(), "Reset".to_owned())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_sixty_four_guesses_at_once_five_are_looked_at() {
    let scene = Scene::start(&[]);
    let mut terminals = vec![scene.terminal().await, scene.terminal().await];
    let mut line = terminals[0].connect().await.unwrap();
    assert_eq!(terminals[0].define(&mut line, CODE).await, AdminAnswer::SupervisorDefined);
    // A terminal's keys are taken in their order, so that each guess that comes late is not even opened: here each is
    // the newest of a terminal of its own.
    while terminals.len() < 64 {
        terminals.push(scene.terminal().await);
    }
    let mut guesses = tokio::task::JoinSet::new();
    for (number, mut terminal) in terminals.into_iter().enumerate() {
        guesses.spawn(async move {
            let answer = join(&mut terminal, &format!("90{number:02}")).await;
            (terminal, answer)
        });
    }
    let (mut terminals, answers): (Vec<_>, Vec<_>) = guesses.join_all().await.into_iter().unzip();
    let wrong = |answer: &&Result<(), SupervisorFault>| matches!(answer, Err(SupervisorFault::Wrong { .. }));
    assert_eq!(answers.iter().filter(wrong).count(), 4);
    assert!(answers.iter().all(Result::is_err));
    assert!(matches!(join(&mut terminals[0], CODE).await, Err(SupervisorFault::Locked { .. })));
    let looked_at = results(&scene).iter().filter(|(_, result)| result == "Wrong").count();
    assert_eq!(looked_at, 5);
    assert_eq!(scene.console.businesses().unwrap()[0].wrong_codes, 5);
}

#[tokio::test]
async fn a_code_s_key_is_taken_once_and_only_from_its_terminal() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let (mut terminal, mut other) = (scene.terminal().await, scene.terminal().await);
    let mut line = terminal.connect().await.unwrap();
    assert_eq!(terminal.define(&mut line, CODE).await, AdminAnswer::SupervisorDefined);
    let used = terminal.code(CODE);
    let check = |code| AdminRequest::CheckSupervisorCode { code, purpose: SupervisorPurpose::Join };
    let right = terminal.ask_admin(&mut line, check(used.clone())).await;
    assert!(matches!(right, AdminAnswer::Granted { .. }));
    let foreign = other.code(CODE);
    let mut spoilt = terminal.code(CODE);
    let altered: Vec<u8> = spoilt.ciphertext.iter().map(|byte| byte ^ 1).collect();
    spoilt.ciphertext = Sealed::new(&altered).unwrap();
    let unread = AdminAnswer::SupervisorRefused(SupervisorFault::BadKeySerial);
    for code in [used, foreign, spoilt] {
        assert_eq!(terminal.ask_admin(&mut line, check(code)).await, unread);
    }
    // A key of a code is none for a card, and the other way round.
    let sale = terminal.sale(&mut card, 100, support::Pin::None).request;
    assert_eq!(join(&mut terminal, CODE).await, Ok(()));
    let (message, _) = terminal.sign_content(&terminal.content(HostRequest::Authorise(sale)));
    assert_eq!(terminal.ask(&mut line, &message).await, HostAnswer::Refused(HostRefusal::KeyUsedBefore));
    let reference = terminal.buy(&mut line, &mut card, 100).await;
    let purpose = SupervisorPurpose::Refund { reference };
    assert!(terminal.agree(&mut line, CODE, purpose).await.is_ok());
}

#[tokio::test]
async fn an_administrative_message_has_its_place_outside_of_the_chain() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    terminal.buy(&mut line, &mut card, 100).await;
    let state = || AdminRequest::SupervisorState;
    let answered = AdminAnswer::SupervisorState { defined: false };
    assert_eq!(terminal.ask_admin(&mut line, state()).await, answered);

    let content = terminal.content(HostRequest::Admin(state()));
    let mut outside = content.clone();
    (outside.sequence, outside.previous) = (0, Hash::default());
    let mut follows = outside.clone();
    follows.previous = content.previous;
    let mut old = outside.clone();
    old.time_ms -= 3_600_000;
    for (content, name) in [(content, "NotAllowed"), (follows, "BrokenChain"), (old, "StaleTime(-3600)")] {
        let refused = terminal.ask(&mut line, &terminal.sign_content(&content).0).await;
        assert!(matches!(refused, HostAnswer::Refused(_)), "{refused:?}");
        let recorded = scene.refusals().pop().unwrap();
        assert_eq!(recorded.split('(').next(), name.split('(').next());
    }
    let mut spoilt = terminal.admin(state());
    *spoilt.last_mut().unwrap() ^= 1;
    assert_eq!(terminal.ask(&mut line, &spoilt).await, HostAnswer::Refused(HostRefusal::BadSignature));
    // None of it moved the chain.
    terminal.buy(&mut line, &mut card, 100).await;

    scene.console.revoke(terminal.profile.terminal).unwrap();
    let blocked = HostAnswer::Refused(HostRefusal::TerminalBlocked);
    assert_eq!(terminal.ask(&mut line, &terminal.admin(state())).await, blocked);
    assert_eq!(scene.refusals().last().unwrap(), "TerminalBlocked");
}

#[tokio::test]
async fn an_agreement_is_good_for_one_terminal_one_purpose_and_five_minutes() {
    let scene = Scene::start(&[]);
    let (mut terminal, other) = (scene.terminal().await, scene.terminal().await);
    let mut line = terminal.connect().await.unwrap();
    assert_eq!(terminal.define(&mut line, CODE).await, AdminAnswer::SupervisorDefined);
    let joined = terminal.agree(&mut line, CODE, SupervisorPurpose::Join).await.unwrap();
    let history = terminal.agree(&mut line, CODE, SupervisorPurpose::MerchantHistory).await.unwrap();
    let ask = |grant| {
        AdminRequest::History(HistoryRequest {
            scope: HistoryScope::Merchant { grant },
            from_ms: 0,
            to_ms: 1000,
            search: None,
            before: None,
        })
    };
    let over = AdminAnswer::HistoryRefused(HistoryFault::GrantExpired);
    for _ in 0..2 {
        let shown = terminal.ask_admin(&mut line, ask(history.clone())).await;
        assert!(matches!(shown, AdminAnswer::History(_)), "{shown:?}");
    }
    let mut other_line = other.connect().await.unwrap();
    assert_eq!(other.ask_admin(&mut other_line, ask(history.clone())).await, over);
    for grant in [joined, Sealed::default(), Sealed::new(&[7; 16]).unwrap()] {
        assert_eq!(terminal.ask_admin(&mut line, ask(grant)).await, over);
    }
    scene.clock.advance(Duration::from_secs(200));
    assert!(matches!(terminal.ask_admin(&mut line, ask(history.clone())).await, AdminAnswer::History(_)));
    scene.clock.advance(Duration::from_secs(101));
    assert_eq!(terminal.ask_admin(&mut line, ask(history)).await, over);

    // The bank's reset takes agreements with it.
    let history = terminal.agree(&mut line, CODE, SupervisorPurpose::MerchantHistory).await.unwrap();
    scene.console.reset_supervisor_code(BUSINESS).unwrap();
    assert_eq!(terminal.ask_admin(&mut line, ask(history)).await, over);
    let nothing = SupervisorPurpose::Refund { reference: Text::clipped("4864FC149502") };
    assert_eq!(terminal.define(&mut line, CODE).await, AdminAnswer::SupervisorDefined);
    assert_eq!(terminal.agree(&mut line, CODE, nothing).await, Err(SupervisorFault::NotRefundable));
    assert_eq!(scene.console.businesses().unwrap()[0].wrong_codes, 0);
}
