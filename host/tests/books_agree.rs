//! Many terminals at once: what accounts lost is what was approved and not taken back, to the cent.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod support;

use mpos_host::HostConfig;
use mpos_protocol::host::HostAnswer;
use support::{Card, Pin, Scene, Terminal, card::Version};

const TERMINALS: usize = 64;
const ROUNDS: u64 = 6;

/// One terminal's day: sells, repeats, takes back. Returns what it knows to be paid.
async fn day(mut terminal: Terminal, mut cards: Vec<Card>, seed: u64) -> u64 {
    let mut line = terminal.connect().await.unwrap();
    let mut paid = 0;
    for round in 0..ROUNDS {
        let amount = 1 + (seed * 7 + round * 13) % 500;
        let card = usize::try_from((seed + round) % 2).unwrap();
        let message = terminal.purchase(&mut cards[card], amount, Pin::None);
        let (sequence, hash) = (terminal.next_sequence - 1, terminal.head);
        let lost = (seed + round).is_multiple_of(5);
        if !lost {
            let answer = terminal.ask(&mut line, &message).await;
            assert!(matches!(answer, HostAnswer::Approved { .. }), "{answer:?}");
            assert_eq!(terminal.ask(&mut line, &message).await, answer);
            paid += amount;
        }
        if lost || (seed + round).is_multiple_of(3) {
            let reversal = terminal.reversal(sequence, hash);
            let answer = terminal.ask(&mut line, &reversal).await;
            assert!(matches!(answer, HostAnswer::Reversed { .. }), "{answer:?}");
            paid -= if lost { 0 } else { amount };
        }
    }
    paid
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_terminals_and_the_bank_agree() {
    let card = |terminal: usize, which: usize| {
        let version = if which == 0 { Version::Mastercard20 } else { Version::Visa18 };
        Card::new(&format!("54133300{which}{terminal:07}"), version)
    };
    let cards: Vec<Vec<Card>> = (0..TERMINALS).map(|at| vec![card(at, 0), card(at, 1)]).collect();
    let scene = Scene::start_with(&cards.concat(), |config: &mut HostConfig| {
        config.limits.batch_messages_max = 32;
    });
    let mut days = tokio::task::JoinSet::new();
    for (seed, cards) in cards.clone().into_iter().enumerate() {
        let terminal = scene.terminal().await;
        days.spawn(day(terminal, cards, u64::try_from(seed).unwrap()));
    }
    let paid: u64 = days.join_all().await.into_iter().sum();
    let taken: u64 = cards.concat().iter().map(|card| 100_000 - scene.balance(card)).sum();
    assert_eq!(taken, paid);
    let sales = scene.console.sales(10_000).unwrap();
    let standing: u64 =
        sales.iter().filter(|sale| sale.auth_code.is_some() && !sale.reversed).map(|sale| sale.amount).sum();
    assert_eq!(standing, paid);
    let references: std::collections::HashSet<_> = sales.iter().map(|sale| &sale.reference).collect();
    assert_eq!(references.len(), sales.len());
    assert!(scene.refusals().is_empty());
}
