//! The history: what a terminal, or with the supervisor's word a business, has sold; page by page, while more is sold.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod support;

use mpos_protocol::{
    Text,
    admin::{
        AdminAnswer, AdminRequest, Grant, HISTORY_PAGE_MAX, HISTORY_RANGE_MAX_MS, HistoryFault, HistoryPage,
        HistoryRequest, HistoryScope, HistoryTotals, SupervisorPurpose, TransactionResult,
    },
    card::{MaskedPan, TransactionKind},
    host::HostAnswer,
    sale::{DeclineReason, Reference},
};
use std::{collections::HashSet, time::Duration};
use support::{Card, Line, Pin, Scene, Terminal, card::Version};

const CODE: &str = "4711";

/// All that a test can have been selling.
fn everything(scope: HistoryScope) -> HistoryRequest {
    let now_ms = mpos_host::Clock::unix_ms(&mpos_host::SystemClock);
    let day_ms = 86_400_000;
    HistoryRequest { scope, from_ms: now_ms - day_ms, to_ms: now_ms + day_ms, search: None, before: None }
}

async fn page(terminal: &Terminal, line: &mut Line, request: HistoryRequest) -> HistoryPage {
    match terminal.ask_admin(line, AdminRequest::History(request)).await {
        AdminAnswer::History(page) => page,
        other => panic!("no history: {other:?}"),
    }
}

async fn found(terminal: &Terminal, line: &mut Line, search: &str) -> Vec<Reference> {
    let request = HistoryRequest { search: Some(Text::clipped(search)), ..everything(HistoryScope::Device) };
    let page = page(terminal, line, request).await;
    page.transactions.iter().map(|one| one.reference.clone()).collect()
}

async fn refund(
    terminal: &mut Terminal,
    line: &mut Line,
    card: &mut Card,
    amount: u64,
    of: &Reference,
) -> Reference {
    let purpose = SupervisorPurpose::Refund { reference: of.clone() };
    let grant: Grant = terminal.agree(line, CODE, purpose).await.unwrap();
    let message = terminal.refund(card, amount, of, &grant);
    match terminal.ask(line, &message).await {
        HostAnswer::Approved { reference, .. } => reference,
        other => panic!("not approved: {other:?}"),
    }
}

#[tokio::test]
async fn pages_leave_none_out_and_repeat_none_while_more_is_sold() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    let mut sold = Vec::new();
    for amount in 1..=40 {
        sold.push(terminal.buy(&mut line, &mut card, amount).await);
    }
    let mut request = everything(HistoryScope::Device);
    let (mut shown, mut newer) = (Vec::new(), 0);
    loop {
        let page = page(&terminal, &mut line, request.clone()).await;
        assert!(page.transactions.len() <= HISTORY_PAGE_MAX);
        assert_eq!(page.totals.transactions, 40 + newer);
        shown.extend(page.transactions.iter().map(|one| one.reference.clone()));
        let Some(next) = page.next else { break };
        request.before = Some(next);
        terminal.buy(&mut line, &mut card, 1).await;
        newer += 1;
    }
    sold.reverse();
    assert_eq!(shown, sold);
    // A page that is full and the last one says so.
    request.before = None;
    request.search = Some(Text::clipped(&sold[0][..3]));
    let searched = page(&terminal, &mut line, request.clone()).await;
    assert!(searched.transactions.iter().any(|one| one.reference == sold[0]));
    assert_eq!(searched.totals.transactions, 42, "totals are of the range, whatever is searched for");
    // What it cannot go on from ends it.
    request.search = None;
    request.before = Some(u64::MAX);
    let nowhere = page(&terminal, &mut line, request).await;
    assert!(nowhere.transactions.is_empty() && nowhere.next.is_none());
}

#[tokio::test]
async fn totals_are_of_what_was_paid_and_given_back_and_each_line_says_how_it_ended() {
    let mut card = Card { balance: 5000, ..Card::mastercard() };
    let scene = Scene::start(std::slice::from_ref(&card));
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    terminal.define(&mut line, CODE).await;
    let paid = terminal.buy(&mut line, &mut card, 1000).await;
    let reversed = terminal.buy(&mut line, &mut card, 700).await;
    let reversal = terminal.reversal(terminal.next_sequence - 1, terminal.head);
    assert!(matches!(terminal.ask(&mut line, &reversal).await, HostAnswer::Reversed { .. }));
    let message = terminal.purchase(&mut card, 4001, Pin::None);
    assert!(matches!(terminal.ask(&mut line, &message).await, HostAnswer::Declined { .. }));
    let given_back = refund(&mut terminal, &mut line, &mut card, 300, &paid).await;

    let page = page(&terminal, &mut line, everything(HistoryScope::Device)).await;
    let totals = HistoryTotals { transactions: 4, purchases: 1, purchased: 1000, refunds: 1, refunded: 300 };
    assert_eq!((page.totals, page.totals.net(), page.next), (totals, 700, None));
    let [refund, declined, taken_back, purchase] = &page.transactions[..] else { panic!("not four") };
    assert_eq!((&refund.reference, refund.kind), (&given_back, TransactionKind::Refund));
    assert_eq!(refund.refund_of.as_ref(), Some(&paid));
    assert_eq!(refund.refundable().minor(), 0);
    let reason = DeclineReason::PinRequired;
    assert_eq!(declined.result, TransactionResult::Declined { reason });
    assert_eq!((&taken_back.reference, &taken_back.result), (&reversed, &TransactionResult::Reversed));
    assert!(matches!(purchase.result, TransactionResult::Approved { .. }));
    assert_eq!((purchase.refunded, purchase.refundable().minor()), (300, 700));
    assert_eq!((purchase.card, purchase.receipt.0), (MaskedPan(36), 1));
    assert_eq!(purchase.terminal, terminal.profile.terminal);
}

#[tokio::test]
async fn a_terminal_shows_its_own_and_with_the_supervisor_s_word_the_business_s_and_never_another_s() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let (mut first, mut second) = (scene.terminal().await, scene.terminal().await);
    let mut stranger = scene.terminal_of("Barnatorja Ilir").await;
    let mut lines =
        [first.connect().await.unwrap(), second.connect().await.unwrap(), stranger.connect().await.unwrap()];
    first.define(&mut lines[0], CODE).await;
    let mut sold = HashSet::new();
    for _ in 0..9 {
        sold.insert(first.buy(&mut lines[0], &mut card, 100).await);
        sold.insert(second.buy(&mut lines[1], &mut card, 10).await);
        stranger.buy(&mut lines[2], &mut card, 1).await;
    }
    for (terminal, line, sum) in [(&first, 0, 900), (&second, 1, 90), (&stranger, 2, 9)] {
        let own = page(terminal, &mut lines[line], everything(HistoryScope::Device)).await;
        assert_eq!((own.totals.purchases, own.totals.purchased, own.transactions.len()), (9, sum, 9));
        assert!(own.transactions.iter().all(|one| one.terminal == terminal.profile.terminal));
    }
    let grant = second.agree(&mut lines[1], CODE, SupervisorPurpose::MerchantHistory).await.unwrap();
    let mut request = everything(HistoryScope::Merchant { grant });
    let front = page(&second, &mut lines[1], request.clone()).await;
    assert_eq!((front.totals.purchases, front.totals.purchased), (18, 990));
    request.before = front.next;
    let back = page(&second, &mut lines[1], request.clone()).await;
    let shown: Vec<_> = front.transactions.iter().chain(back.transactions.iter()).collect();
    assert_eq!(shown.iter().map(|one| one.reference.clone()).collect::<HashSet<_>>(), sold);
    assert_eq!(shown.len(), 18);
}

#[tokio::test]
async fn a_search_is_for_a_part_of_the_reference_or_the_last_four_digits_to_the_letter() {
    let mut cards = [Card::mastercard(), Card::new("5413330089020101", Version::Mastercard16)];
    let scene = Scene::start(&cards);
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    let mut sold = Vec::new();
    for card in &mut cards {
        sold.push(terminal.buy(&mut line, card, 100).await);
    }
    for reference in &sold {
        for part in [&reference[..], &reference[..7], &reference[5..], &reference.to_lowercase()[2..10]] {
            assert_eq!(found(&terminal, &mut line, part).await, std::slice::from_ref(reference), "{part}");
        }
    }
    assert!(found(&terminal, &mut line, "0036").await.contains(&sold[0]));
    assert!(found(&terminal, &mut line, "0101").await.contains(&sold[1]));
    assert_eq!(found(&terminal, &mut line, " ").await.len(), 2, "nothing is searched for");
    for nothing in ["%", "_", "\\", "'", "%%%%", "036%", "+036", "<script>", "0036 OR 1=1"] {
        assert!(found(&terminal, &mut line, nothing).await.is_empty(), "{nothing}");
    }
}

#[tokio::test]
async fn ranges_that_are_none_are_refused_by_name_and_their_ends_belong_to_them() {
    let mut card = Card::mastercard();
    let scene = Scene::start(std::slice::from_ref(&card));
    let mut terminal = scene.terminal().await;
    let mut line = terminal.connect().await.unwrap();
    terminal.buy(&mut line, &mut card, 100).await;
    scene.clock.advance(Duration::from_hours(1));
    let mut line = terminal.connect().await.unwrap();
    terminal.buy(&mut line, &mut card, 200).await;
    let all = page(&terminal, &mut line, everything(HistoryScope::Device)).await;
    let (second, first) = (all.transactions[0].at_ms, all.transactions[1].at_ms);
    for (from_ms, to_ms, sum) in [
        (first, second, 300),
        (first, second - 1, 100),
        (first + 1, second, 200),
        (first + 1, second - 1, 0),
        (first, first, 100),
        (0, HISTORY_RANGE_MAX_MS, 0),
        (u64::MAX - 1, u64::MAX, 0),
    ] {
        let request = HistoryRequest { from_ms, to_ms, ..everything(HistoryScope::Device) };
        assert_eq!(page(&terminal, &mut line, request).await.totals.purchased, sum);
    }
    for (from_ms, to_ms, fault) in [
        (second, first, HistoryFault::Reversed),
        (u64::MAX, 0, HistoryFault::Reversed),
        (0, u64::MAX, HistoryFault::TooLong),
        (second - HISTORY_RANGE_MAX_MS - 1, second, HistoryFault::TooLong),
    ] {
        let request = HistoryRequest { from_ms, to_ms, ..everything(HistoryScope::Device) };
        let answer = terminal.ask_admin(&mut line, AdminRequest::History(request)).await;
        assert_eq!(answer, AdminAnswer::HistoryRefused(fault));
    }
}

#[tokio::test]
async fn a_token_tells_the_transactions_of_one_card_at_one_business_and_nothing_elsewhere() {
    let mut cards = [Card::mastercard(), Card::new("5413330089020101", Version::Mastercard16)];
    let scene = Scene::start(&cards);
    let (mut mine, mut beside) = (scene.terminal().await, scene.terminal().await);
    let mut other = scene.terminal_of("Another business").await;
    let mut tokens = Vec::new();
    for terminal in [&mut mine, &mut beside, &mut other] {
        let mut line = terminal.connect().await.unwrap();
        let mut sold = Vec::new();
        for card in &mut cards {
            for _ in 0..2 {
                sold.push(terminal.buy(&mut line, card, 100).await);
            }
        }
        let listed = page(terminal, &mut line, everything(HistoryScope::Device)).await.transactions;
        let token_of = |reference: &Reference| {
            let one = listed.iter().find(|one| one.reference == *reference).unwrap();
            one.card_token.clone().unwrap()
        };
        let of: Vec<_> = sold.iter().map(token_of).collect();
        assert_eq!((&of[0], &of[2]), (&of[1], &of[3]), "one card, one token");
        assert_ne!(of[0], of[2], "two cards, two tokens");
        for search in [&*of[0], &of[0].to_lowercase()] {
            let mut found = found(terminal, &mut line, search).await;
            found.reverse();
            assert_eq!(found, sold[..2], "by its token the card's transactions are found");
        }
        tokens.push(of[0].clone());
    }
    assert_eq!(tokens[0], tokens[1], "on each terminal of the business");
    assert_ne!(tokens[0], tokens[2], "and at another one it is another");
    let mut line = other.connect().await.unwrap();
    assert!(found(&other, &mut line, &tokens[0]).await.is_empty());
}
