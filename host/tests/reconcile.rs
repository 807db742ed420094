//! A terminal's book against the bank's, over real TLS: what agrees is compared once, what differs is kept and shown.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use mpos_host::{
    Console, DifferenceListed, Host, ReconciliationListed,
    reconcile::DifferenceKind::{
        ChainForked, Differs, OnlyBank, OnlyTerminal, TerminalAhead, TerminalBehind,
    },
};
use mpos_protocol::{
    Amount, List, Text,
    admin::{AdminAnswer, AdminRequest},
    card::TransactionKind,
    host::{HostAnswer, HostRefusal},
    reconcile::{BookedOutcome, BookedTransaction, ChainHead, ReconcileFault, ReconcilePage},
    sale::ReceiptNumber,
    signed::Hash,
};
use sqlx::{Connection, SqliteConnection};
use std::{fs, time::Duration};
use support::{Card, Line, Pin, Scene, Terminal};

/// A terminal with its book, as far as the bank compares it.
struct Shop {
    scene: Scene,
    terminal: Terminal,
    line: Line,
    card: Card,
    book: Vec<BookedTransaction>,
}

impl Shop {
    async fn open() -> Self {
        let card = Card::mastercard();
        let scene = Scene::start(std::slice::from_ref(&card));
        let terminal = scene.terminal().await;
        let line = terminal.connect().await.unwrap();
        Self { scene, terminal, line, card, book: Vec::new() }
    }

    async fn sell(&mut self, amount: u64) {
        let sequence = self.terminal.next_sequence;
        self.terminal.fetch_ticket(&mut self.line).await;
        let reference = self.terminal.buy(&mut self.line, &mut self.card, amount).await;
        self.write(sequence, amount, BookedOutcome::Approved { reference });
    }

    fn write(&mut self, sequence: u64, amount: u64, outcome: BookedOutcome) {
        self.book.push(BookedTransaction {
            sequence,
            hash: self.terminal.head,
            receipt: ReceiptNumber(u32::try_from(sequence).unwrap()),
            kind: TransactionKind::Purchase,
            amount: Amount::from_minor(amount).unwrap(),
            outcome,
        });
    }

    /// From where on the bank wants to hear of the book.
    async fn ordered(&mut self) -> Option<u64> {
        match self.terminal.report(&mut self.line).await.unwrap() {
            HostAnswer::Admin(AdminAnswer::Standing(standing)) => standing.orders.reconcile_from,
            other => panic!("no standing: {other:?}"),
        }
    }

    /// The last page of the book.
    fn page(&self, from: u64) -> ReconcilePage {
        let chain = ChainHead { next_sequence: self.terminal.next_sequence, head: self.terminal.head };
        let told = self.book.iter().filter(|told| told.sequence >= from).cloned().collect();
        ReconcilePage { from, to: chain.next_sequence, transactions: list(told), chain }
    }

    async fn tells(&mut self, page: ReconcilePage) -> AdminAnswer {
        self.terminal.ask_admin(&mut self.line, AdminRequest::Reconcile(page)).await
    }

    async fn reconciles(&mut self, from: u64) {
        let page = self.page(from);
        assert_eq!(self.tells(page).await, DONE);
    }

    fn listed(&self) -> ReconciliationListed {
        self.scene.console.reconciliations(Some(self.terminal.profile.terminal)).unwrap().remove(0)
    }

    fn open_differences(&self) -> Vec<DifferenceListed> {
        self.listed().differences.into_iter().filter(|difference| difference.ended_ms.is_none()).collect()
    }

    /// The open differences by sequence and kind.
    fn kinds(&self) -> Vec<(u64, mpos_host::reconcile::DifferenceKind)> {
        self.open_differences().iter().map(|difference| (difference.sequence, difference.kind)).collect()
    }

    async fn refusal(&mut self) -> HostAnswer {
        self.terminal.fetch_ticket(&mut self.line).await;
        let sale = self.terminal.sale(&mut self.card, 999, Pin::None).request;
        let content = self.terminal.content(mpos_protocol::host::HostRequest::Authorise(sale));
        let (message, _hash) = self.terminal.sign_content(&content);
        self.terminal.ask(&mut self.line, &message).await
    }
}

const DONE: AdminAnswer = AdminAnswer::Reconciled { next: None };

fn list(transactions: Vec<BookedTransaction>) -> List<BookedTransaction, 32> {
    List::try_from(transactions).unwrap()
}

#[tokio::test]
async fn a_terminal_that_agrees_is_asked_when_something_is_new_and_else_left_alone() {
    let mut shop = Shop::open().await;
    assert_eq!(shop.ordered().await, None, "nothing was sold");
    shop.sell(100).await;
    assert_eq!(shop.ordered().await, Some(1));
    assert_eq!(shop.ordered().await, Some(1), "until it has answered");
    shop.reconciles(1).await;
    let listed = shop.listed();
    assert_eq!((listed.compared_to, listed.messages, listed.transactions), (1, 1, 1));
    assert_eq!(listed.differences, []);
    assert!(listed.compared_ms.is_some() && !listed.wanted && !listed.is_full && listed.waiting.is_none());
    assert_eq!(shop.ordered().await, None, "nothing is new");

    // One more sale is not worth a pass of its own; after a while it is, and so are many.
    shop.sell(200).await;
    assert_eq!(shop.ordered().await, None);
    shop.scene.clock.advance(Duration::from_mins(10));
    assert_eq!(shop.ordered().await, Some(2));
    shop.reconciles(2).await;
    for _ in 0..15 {
        shop.sell(1).await;
    }
    assert_eq!(shop.ordered().await, None);
    shop.sell(1).await;
    assert_eq!(shop.ordered().await, Some(3));
    shop.reconciles(3).await;
    assert_eq!((shop.listed().compared_to, shop.listed().transactions), (18, 18));
    assert_eq!(shop.listed().differences, []);
}

#[tokio::test]
async fn what_was_declined_reversed_or_taken_back_before_it_came_agrees_too() {
    let mut shop = Shop::open().await;
    let declined = shop.terminal.purchase(&mut shop.card, 9_000_000, Pin::None);
    let HostAnswer::Declined { reference, .. } = shop.terminal.ask(&mut shop.line, &declined).await else {
        panic!("not declined");
    };
    shop.write(1, 9_000_000, BookedOutcome::Declined { reference });
    shop.sell(200).await;
    let reversed = shop.terminal.reversal(2, shop.terminal.head);
    assert!(matches!(shop.terminal.ask(&mut shop.line, &reversed).await, HostAnswer::Reversed { .. }));
    shop.book[1].outcome = BookedOutcome::Reversed;
    // The fourth never comes, and the fifth takes it back.
    shop.terminal.purchase(&mut shop.card, 300, Pin::None);
    shop.write(4, 300, BookedOutcome::Reversed);
    let reversed = shop.terminal.reversal(4, shop.terminal.head);
    assert!(matches!(shop.terminal.ask(&mut shop.line, &reversed).await, HostAnswer::Reversed { .. }));
    assert_eq!(shop.ordered().await, Some(1));
    shop.reconciles(1).await;
    assert_eq!(shop.kinds(), []);
    assert_eq!(
        (shop.listed().compared_to, shop.listed().transactions),
        (5, 3),
        "reversals are messages only"
    );
}

#[tokio::test]
async fn every_kind_of_difference_is_kept_once_and_ends_when_it_is_gone() {
    let mut shop = Shop::open().await;
    for amount in [100, 200, 300] {
        shop.sell(amount).await;
    }
    let honest = shop.page(1);
    let mut transactions: Vec<_> = shop.book.clone();
    transactions[0].amount = Amount::from_minor(101).unwrap();
    transactions.remove(1);
    transactions.push(BookedTransaction { sequence: 4, receipt: ReceiptNumber(4), ..shop.book[2].clone() });
    let chain = ChainHead { next_sequence: 5, head: Hash([7; 32]) };
    let made_up = ReconcilePage { from: 1, to: 5, transactions: list(transactions), chain };
    assert_eq!(shop.tells(made_up.clone()).await, DONE);
    let found = shop.open_differences();
    let kinds: Vec<_> = found.iter().map(|difference| (difference.sequence, difference.kind)).collect();
    assert_eq!(kinds, [(0, TerminalAhead), (1, Differs), (2, OnlyBank), (4, OnlyTerminal)]);
    let BookedOutcome::Approved { reference } = &shop.book[0].outcome else { panic!("not approved") };
    assert_eq!(found[1].terminal_says, format!("purchase 000001, EUR 1.01, approved {reference}"));
    assert_eq!(found[1].bank_says, format!("purchase 000001, EUR 1.00, approved {reference}"));
    assert_eq!((found[1].receipt, found[1].amount), (Some(1), Some(101)));
    assert_eq!((&*found[2].terminal_says, &*found[3].bank_says), ("nothing", "nothing"));
    assert_eq!((found[2].receipt, found[2].amount), (Some(2), Some(200)));

    // The same once more is nothing new, and is not asked for.
    assert_eq!(shop.tells(made_up).await, DONE);
    assert_eq!(shop.open_differences(), found);
    // Another word of the same transaction is another difference, and the one before has ended.
    let mut other = shop.page(1);
    let mut transactions = shop.book.clone();
    transactions[0].amount = Amount::from_minor(102).unwrap();
    other.transactions = list(transactions);
    shop.scene.clock.advance(Duration::from_secs(1));
    assert_eq!(shop.tells(other).await, DONE);
    assert_eq!(shop.kinds(), [(1, Differs)]);
    assert_eq!(shop.listed().differences.len(), 5, "nothing is deleted");

    shop.scene.console.reconcile_again(Some(shop.terminal.profile.terminal)).unwrap();
    assert_eq!((shop.listed().compared_to, shop.listed().wanted), (0, true));
    assert_eq!(shop.ordered().await, Some(1), "whatever was passed before");
    assert_eq!(shop.tells(honest).await, DONE);
    assert_eq!(shop.kinds(), []);
    let listed = shop.listed();
    assert!(
        listed
            .differences
            .iter()
            .all(|difference| difference.ended_ms.is_some_and(|at| at >= difference.found_ms))
    );
    assert_eq!((listed.compared_to, listed.transactions, listed.wanted), (3, 3, false));
    assert_eq!(shop.ordered().await, None);
}

#[tokio::test]
async fn what_is_changed_in_the_banks_books_is_found_when_all_is_compared_again() {
    let mut shop = Shop::open().await;
    shop.sell(100).await;
    shop.reconciles(1).await;
    let mut database = database(&shop.scene).await;
    let mut change = async |sql: &'static str| {
        sqlx::query(sql).execute(&mut database).await.unwrap();
    };
    change("UPDATE sale SET amount = 90").await;
    assert_eq!(shop.ordered().await, None);
    shop.scene.console.reconcile_again(None).unwrap();
    assert_eq!(shop.ordered().await, Some(1));
    shop.reconciles(1).await;
    assert_eq!(shop.kinds(), [(1, Differs)]);
    change("UPDATE sale SET amount = 100").await;
    // Its answer stays what was said, and the chain's head is another.
    change("UPDATE terminal_chain SET last_hash = zeroblob(32)").await;
    assert_eq!(shop.ordered().await, Some(2), "a chain that is not the bank's is asked for at once");
    shop.scene.console.reconcile_again(None).unwrap();
    shop.reconciles(1).await;
    assert_eq!(shop.kinds(), [(0, ChainForked)]);
}

async fn database(scene: &Scene) -> SqliteConnection {
    SqliteConnection::connect(&format!("sqlite://{}", scene.database().display())).await.unwrap()
}

/// Puts an older copy of the bank's database back.
async fn put_back(shop: &mut Shop, older: &std::path::Path) {
    let scene = &mut shop.scene;
    scene.host.take().unwrap().stop();
    let elsewhere = Console::open(&scene.config.data.with_extension("no-bank"), scene.clock.clone()).unwrap();
    drop(std::mem::replace(&mut scene.console, elsewhere));
    for beside in ["sqlite", "sqlite-wal", "sqlite-shm"] {
        let _not_there = fs::remove_file(scene.database().with_extension(beside));
    }
    fs::copy(older, scene.database()).unwrap();
    scene.host = Some(Host::start(scene.config.clone()).unwrap());
    scene.console = Console::open(&scene.config.data, scene.clock.clone()).unwrap();
    shop.terminal.address = shop.scene.address();
    shop.line = shop.terminal.connect().await.unwrap();
}

#[tokio::test]
async fn an_older_copy_of_the_banks_database_shows_what_is_missing_at_the_bank_and_takes_nothing() {
    let mut shop = Shop::open().await;
    shop.sell(100).await;
    shop.reconciles(1).await;
    let older = shop.scene.database().with_extension("older");
    let copy = format!("VACUUM INTO '{}'", older.display());
    sqlx::query(sqlx::AssertSqlSafe(copy)).execute(&mut database(&shop.scene).await).await.unwrap();
    for amount in [200, 300] {
        shop.sell(amount).await;
    }
    put_back(&mut shop, &older).await;

    assert_eq!(shop.ordered().await, Some(2), "before anything is sold");
    shop.reconciles(2).await;
    assert_eq!(shop.kinds(), [(0, TerminalAhead), (2, OnlyTerminal), (3, OnlyTerminal)]);
    let [chain, second, _] = &shop.open_differences()[..] else { panic!("three") };
    assert!(chain.terminal_says.starts_with("last message 3, "), "{chain:?}");
    assert!(chain.bank_says.starts_with("last message 1, "), "{chain:?}");
    assert!(second.terminal_says.starts_with("purchase 000002, EUR 2.00, approved "), "{second:?}");
    assert_eq!(shop.listed().compared_to, 1, "where both have something");
    assert_eq!(shop.ordered().await, None, "it is the same until one of the two moves");
    let gap = HostAnswer::Refused(HostRefusal::SequenceGap { expected: 2 });
    assert_eq!(shop.refusal().await, gap);
    assert_eq!(shop.ordered().await, None);
}

#[tokio::test]
async fn an_older_copy_of_the_terminals_book_shows_what_is_missing_at_the_terminal_and_sells_nothing() {
    let mut shop = Shop::open().await;
    shop.sell(100).await;
    let (next, head) = (shop.terminal.next_sequence, shop.terminal.head);
    for amount in [200, 300] {
        shop.sell(amount).await;
    }
    shop.reconciles(1).await;
    assert_eq!(shop.listed().compared_to, 3);
    let newest = (shop.terminal.next_sequence, shop.terminal.head, shop.book.clone());
    (shop.terminal.next_sequence, shop.terminal.head) = (next, head);
    shop.book.truncate(1);

    assert_eq!(shop.ordered().await, Some(2), "from the terminal's own end on");
    shop.reconciles(2).await;
    assert_eq!(shop.kinds(), [(0, TerminalBehind), (2, OnlyBank), (3, OnlyBank)]);
    assert_eq!((shop.listed().compared_to, shop.listed().transactions), (1, 1));
    assert_eq!(shop.ordered().await, None);
    let replayed = HostAnswer::Refused(HostRefusal::Replayed { expected: 4 });
    shop.scene.clock.advance(Duration::from_secs(1));
    assert_eq!(shop.refusal().await, replayed);
    let refused = shop.listed().refused.unwrap();
    assert_eq!(refused.name, "Replayed { expected: 4 }");
    assert!(!shop.listed().agrees());

    // The right copy is back: it is compared at once, and nothing differs any more.
    (shop.terminal.next_sequence, shop.terminal.head, shop.book) = newest;
    shop.scene.clock.advance(Duration::from_secs(1));
    assert_eq!(shop.ordered().await, Some(2));
    shop.reconciles(2).await;
    assert_eq!((shop.kinds(), shop.listed().refused), (vec![], None));
    assert_eq!((shop.listed().compared_to, shop.listed().transactions, shop.listed().agrees()), (3, 3, true));
}

#[tokio::test]
async fn a_request_that_is_still_open_holds_the_mark_back_and_is_no_difference() {
    let mut shop = Shop::open().await;
    for amount in [100, 200] {
        shop.sell(amount).await;
    }
    let mut page = shop.page(1);
    let mut transactions = shop.book.clone();
    transactions[1].outcome = BookedOutcome::Unresolved;
    page.transactions = list(transactions);
    assert_eq!(shop.tells(page).await, DONE);
    let listed = shop.listed();
    assert_eq!((listed.compared_to, listed.transactions, listed.waiting), (1, 1, Some(2)));
    assert_eq!(listed.differences, []);
    assert_eq!(shop.ordered().await, None, "until something moves");
    shop.sell(300).await;
    shop.scene.clock.advance(Duration::from_mins(10));
    assert_eq!(shop.ordered().await, Some(2));
    shop.reconciles(2).await;
    assert_eq!((shop.listed().compared_to, shop.listed().transactions, shop.listed().waiting), (3, 3, None));
}

#[tokio::test]
async fn pages_may_overlap_and_neither_skip_nor_contradict_themselves() {
    let mut shop = Shop::open().await;
    for amount in 1..=6 {
        shop.sell(amount).await;
    }
    let part = |shop: &Shop, from: u64, to: u64| {
        let told = shop.book.iter().filter(|told| (from..to).contains(&told.sequence)).cloned().collect();
        ReconcilePage { to, transactions: list(told), ..shop.page(from) }
    };
    let skips = part(&shop, 2, 4);
    let out_of_place = |expected| AdminAnswer::ReconcileRefused(ReconcileFault::OutOfPlace { expected });
    assert_eq!(shop.tells(skips).await, out_of_place(1));
    for (from, to) in [(1, 4), (1, 4), (3, 5)] {
        let page = part(&shop, from, to);
        assert_eq!(shop.tells(page).await, AdminAnswer::Reconciled { next: Some(to) });
    }
    assert_eq!(shop.listed().compared_to, 4);
    assert_eq!(shop.listed().transactions, 4, "each is counted once");
    let skips = shop.page(6);
    assert_eq!(shop.tells(skips).await, out_of_place(5));
    let nonsense = ReconcilePage { to: 2, ..shop.page(4) };
    assert_eq!(shop.tells(nonsense).await, AdminAnswer::ReconcileRefused(ReconcileFault::Nonsense));
    shop.reconciles(5).await;
    assert_eq!((shop.listed().compared_to, shop.listed().transactions), (6, 6));
    assert_eq!(shop.listed().differences, []);
}

#[tokio::test]
async fn a_terminal_that_makes_differences_up_fills_no_disk_and_is_named() {
    let mut shop = Shop::open().await;
    shop.sell(100).await;
    let outcome = BookedOutcome::Approved { reference: Text::clipped("MADEUP") };
    let chain = ChainHead { next_sequence: 1_000_000, head: Hash([9; 32]) };
    let mut from = 2;
    let refused = loop {
        let made_up = (from..from + 32).map(|sequence| BookedTransaction {
            sequence,
            outcome: outcome.clone(),
            ..shop.book[0].clone()
        });
        let page = ReconcilePage { from, to: from + 32, transactions: list(made_up.collect()), chain };
        let page = if from == 2 { ReconcilePage { from: 1, ..page } } else { page };
        match shop.tells(page).await {
            AdminAnswer::Reconciled { next: Some(next) } => from = next,
            other => break other,
        }
    };
    assert_eq!(refused, AdminAnswer::ReconcileRefused(ReconcileFault::TooManyDifferences));
    let listed = shop.listed();
    assert!(listed.is_full && listed.differences.len() < 4096 + 64, "{}", listed.differences.len());
    // It is not asked on and on, and goes on selling.
    shop.sell(200).await;
}

#[tokio::test]
async fn each_terminal_is_listed_and_one_that_there_is_not_is_named() {
    let shop = Shop::open().await;
    let other = shop.scene.terminal().await;
    let listed = shop.scene.console.reconciliations(None).unwrap();
    let terminals: Vec<_> = listed.iter().map(|listed| listed.terminal).collect();
    assert_eq!(terminals, [shop.terminal.profile.terminal, other.profile.terminal]);
    assert!(listed.iter().all(|listed| listed.compared_ms.is_none() && listed.messages == 0));
    let nobody = mpos_protocol::terminal::TerminalId(99);
    let unknown = "there is no terminal TM000099";
    assert_eq!(shop.scene.console.reconciliations(Some(nobody)).unwrap_err().to_string(), unknown);
    assert_eq!(shop.scene.console.reconcile_again(Some(nobody)).unwrap_err().to_string(), unknown);
}
