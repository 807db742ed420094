//! Properties of the books, whatever terminals send: money taken is what was approved and not taken back, no purchase
//! gives back more than was paid, and SQLite and memory come to the same answers.

mod street;

use self::street::{Step, Street, reference, steps};
use super::{
    AccountId, AccountKey, AnswerSigner, Books, BusinessId, Case, CaseBody, Draws, KeptSale, MessageId,
    PinReference, TerminalState, chain::Asked, memory::MemoryBooks, settle,
};
use crate::{
    authorise::Rules,
    error::BooksError,
    issuer::{PinEvidence, Presented},
    store::{Store, integer, sqlite::SqliteBooks},
};
use mpos_protocol::{
    Text,
    card::TransactionKind,
    host::HostAnswer,
    sale::{AuthCode, Reference},
    signed::{AnswerContent, Hash},
    terminal::TerminalId,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// The last is another business's.
const TERMINALS: u32 = 3;
const ACCOUNTS: u8 = 2;
const OPENING_BALANCE: u64 = 10_000;
const NOW_MS: u64 = 1_790_000_000_000;

struct PlainSigner;

impl AnswerSigner for PlainSigner {
    fn sign(&self, content: &AnswerContent) -> Result<Vec<u8>, BooksError> {
        postcard::to_allocvec(content).map_err(|_| BooksError::Signing)
    }
}

struct CountedDraws;

impl Draws for CountedDraws {
    fn auth_code(&mut self) -> AuthCode {
        Text::clipped("000000")
    }

    fn reference(&mut self, message: MessageId) -> Reference {
        reference(message.0)
    }

    fn message_of(&self, reference: &str) -> Option<MessageId> {
        u64::from_str_radix(reference, 16).ok().map(MessageId)
    }
}

fn business(terminal: u32) -> i64 {
    if terminal + 1 == TERMINALS { 2 } else { 1 }
}

fn memory(street: &Street) -> MemoryBooks {
    let mut books = MemoryBooks::default();
    books.grants.extend(street.grants.iter().cloned());
    for terminal in 0..TERMINALS {
        let state = TerminalState {
            business: BusinessId(business(terminal)),
            certificate: [u8::try_from(terminal).unwrap(); 32],
            active: true,
            initial_key_id: [0; 8],
            next_key_id: None,
            next_sequence: 1,
            last_hash: Hash::default(),
            data_counter: 0,
            pin_counter: 0,
        };
        books.terminals.insert(TerminalId(16 + terminal), state);
    }
    for account in 0..ACCOUNTS {
        let id = AccountId(i64::from(account) + 1);
        let state = super::Account {
            id,
            sequence: 1,
            expiry: 3912,
            pin_reference: PinReference([1; 32]),
            pin_tries_left: 3,
            balance: OPENING_BALANCE,
            owed: 0,
            blocked: false,
            last_atc: 0,
        };
        books.account_of.insert(AccountKey([account; 32]), id);
        books.accounts.insert(id, state);
    }
    books
}

/// The same beginning in SQLite. Each terminal would have a key of its own; here they need distinct names only.
async fn sqlite(folder: &std::path::Path, street: &Street) -> (Store, SqliteBooks) {
    let store = Store::open(folder).await.unwrap();
    let businesses = "INSERT INTO business (id, name, address) VALUES (1, 'one', ''), (2, 'two', '')";
    sqlx::query(businesses).execute(&store.pool).await.unwrap();
    for terminal in 0..TERMINALS {
        let byte = u8::try_from(terminal).unwrap();
        sqlx::query(
            "INSERT INTO terminal (id, business, model, system, software, device_key, certificate,
                                   certificate_hash, initial_key_id, enrolled_ms)
             VALUES (?, ?, '', '', '', X'', X'', ?, ?, 0)",
        )
        .bind(16 + terminal)
        .bind(business(terminal))
        .bind(vec![byte; 32])
        .bind(vec![byte; 8])
        .execute(&store.pool)
        .await
        .unwrap();
        sqlx::query("INSERT INTO terminal_chain VALUES (?, 1, zeroblob(32), 0, 0, ?, NULL)")
            .bind(16 + terminal)
            .bind(vec![byte; 8])
            .execute(&store.pool)
            .await
            .unwrap();
    }
    for account in 0..ACCOUNTS {
        sqlx::query("INSERT INTO account VALUES (?, ?, 36, 'Mastercard', 1, 3912, ?, 3, ?, FALSE, 0, 0)")
            .bind(i64::from(account) + 1)
            .bind(vec![account; 32])
            .bind(vec![1_u8; 32])
            .bind(10_000_i64)
            .execute(&store.pool)
            .await
            .unwrap();
    }
    for (hash, kept) in &street.grants {
        sqlx::query("INSERT INTO supervisor_grant VALUES (?, ?, 'Refund', ?, ?)")
            .bind(hash.to_vec())
            .bind(i64::from(kept.terminal.0))
            .bind(kept.reference.to_string())
            .bind(i64::try_from(kept.expires_ms).unwrap())
            .execute(&store.pool)
            .await
            .unwrap();
    }
    let books = SqliteBooks::open(store.clone()).await.unwrap();
    (store, books)
}

/// Plays the steps in batches of `batch`; the answers in order.
async fn play<B: Books>(books: &mut B, cases: &[Case], batch: usize) -> Vec<Vec<u8>> {
    let mut answers = Vec::new();
    for cases in cases.chunks(batch) {
        answers
            .extend(settle(books, cases, &Rules::default(), &PlainSigner, &mut CountedDraws).await.unwrap());
    }
    answers
}

fn cases_of(steps: &[(u32, Step)]) -> (Street, Vec<Case>) {
    let mut street = Street::new();
    let cases = steps.iter().filter_map(|(terminal, step)| street.take(*terminal, step)).collect();
    (street, cases)
}

/// What all customers have, less what they owe.
fn money(books: &MemoryBooks) -> i64 {
    let signed = |minor: u64| i64::try_from(minor).unwrap();
    books.accounts.values().map(|account| signed(account.balance) - signed(account.owed)).sum()
}

/// What customers should have, by the sales that stand.
fn money_by_sales(books: &MemoryBooks) -> i64 {
    let signed = |minor: u64| i64::try_from(minor).unwrap();
    signed(u64::from(ACCOUNTS) * OPENING_BALANCE) - signed(books.standing(TransactionKind::Purchase))
        + signed(books.standing(TransactionKind::Refund))
}

/// What stands of a purchase's refunds is what the purchase says, is no more than was paid, and went to the card that
/// paid, on a terminal of the same business; nothing else is refunded.
fn check_refunds(books: &MemoryBooks) -> Result<(), TestCaseError> {
    for (id, sale) in &books.sales {
        let of_it = |kept: &&KeptSale| kept.refund_of == Some(*id) && kept.moved.is_some();
        let refunds: Vec<&KeptSale> = books.sales.values().filter(of_it).collect();
        for refund in &refunds {
            prop_assert_eq!((sale.kind, sale.business), (TransactionKind::Purchase, refund.business));
            prop_assert_eq!(refund.kind, TransactionKind::Refund);
            prop_assert_eq!(refund.moved.unwrap().0, sale.moved.unwrap().0);
        }
        let standing = refunds.iter().filter_map(|refund| refund.standing());
        let standing: u64 = standing.map(|(_, amount)| amount.minor()).sum();
        prop_assert_eq!(standing, sale.refunded);
        prop_assert!(standing <= sale.standing().map_or(0, |(_, paid)| paid.minor()));
    }
    Ok(())
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn accounts_lose_what_was_approved_and_not_given_back(steps in steps(), batch in 1..9_usize) {
        let (street, cases) = cases_of(&steps);
        let mut books = memory(&street);
        let first = block_on(play(&mut books, &cases, batch));
        let left = money(&books);
        prop_assert_eq!(left, money_by_sales(&books));
        check_refunds(&books)?;
        let refunds = books.sales.values().filter(|sale| sale.refund_of.is_some() && sale.moved.is_some());
        prop_assert_eq!(refunds.count(), street.grants.len() - books.grants.len(), "each took a grant");

        // What has its place, once more: nothing moves, and each is answered as before.
        let (mut kept, mut answers) = (Vec::new(), Vec::new());
        for (case, answer) in cases.into_iter().zip(first) {
            if is_accepted(&answer) {
                kept.push(case);
                answers.push(answer);
            }
        }
        prop_assert_eq!(block_on(play(&mut books, &kept, batch)), answers);
        prop_assert_eq!(money(&books), left);
    }

    #[test]
    fn one_by_one_and_in_batches_come_to_the_same(steps in steps(), batch in 2..9_usize) {
        let (street, cases) = cases_of(&steps);
        let (mut single, mut batched) = (memory(&street), memory(&street));
        prop_assert_eq!(block_on(play(&mut single, &cases, 1)), block_on(play(&mut batched, &cases, batch)));
        prop_assert_eq!(single.accounts, batched.accounts);
        prop_assert_eq!(single.sales, batched.sales);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn sqlite_and_memory_come_to_the_same(steps in steps(), batch in 1..9_usize) {
        let folder = tempfile::TempDir::new().unwrap();
        let (street, cases) = cases_of(&steps);
        let mut expected = memory(&street);
        for (index, state) in &mut expected.terminals {
            state.initial_key_id = [u8::try_from(index.0 - 16).unwrap(); 8];
        }
        let cases: Vec<Case> = cases.into_iter().map(with_own_key).collect();
        let answers = block_on(play(&mut expected, &cases, batch));
        let (found, balances, sales) = block_on(async {
            let (store, mut books) = sqlite(folder.path(), &street).await;
            let found = play(&mut books, &cases, batch).await;
            let balances: Vec<(i64, i64)> =
                sqlx::query_as("SELECT balance, owed FROM account ORDER BY id").fetch_all(&store.pool).await.unwrap();
            let sales: Vec<(i64, bool, i64)> =
                sqlx::query_as("SELECT message, reversed_by IS NOT NULL, refunded FROM sale ORDER BY message")
                    .fetch_all(&store.pool)
                    .await
                    .unwrap();
            (found, balances, sales)
        });
        prop_assert_eq!(answers, found);
        let in_memory = expected.sales.iter().map(|(id, sale)| (integer(id.0), sale.reversed, integer(sale.refunded)));
        let in_memory: BTreeSet<_> = in_memory.collect();
        prop_assert_eq!(sales, Vec::from_iter(in_memory));
        for (index, (balance, owed)) in balances.into_iter().enumerate() {
            let account = &expected.accounts[&AccountId(i64::try_from(index).unwrap() + 1)];
            prop_assert_eq!(u64::try_from(balance).unwrap(), account.balance);
            prop_assert_eq!(u64::try_from(owed).unwrap(), account.owed);
        }
    }
}

/// In SQLite each terminal's key has a name of its own.
fn with_own_key(mut case: Case) -> Case {
    let id = [u8::try_from(case.sender.terminal.0 - 16).unwrap(); 8];
    if let CaseBody::Verified(verified) = &mut case.body
        && let Asked::Authorise(_, Presented::Card(evidence)) = &mut verified.asked
    {
        evidence.data_key.initial_key_id = id;
        if let PinEvidence::Reference { key, .. } = &mut evidence.pin {
            key.initial_key_id = id;
        }
    }
    case
}

fn is_accepted(answer: &[u8]) -> bool {
    let content: AnswerContent = postcard::from_bytes(answer).unwrap();
    !matches!(content.answer, HostAnswer::Refused(_))
}
