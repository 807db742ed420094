//! How fast the history's first page comes, measured against counting the same rows, in one run.
//!
//! A page has the totals of its whole range, so it costs in the order of a look at each of its rows; the reference is
//! SQLite's own `SELECT count(*)` over the same range, the least that any such total can cost. The rows are made by one
//! statement, in the books of a host that runs; asked is the way a terminal asks, over mutual TLS, signature and all.
#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on ends")]

#[path = "../tests/support/mod.rs"]
mod support;

use mpos_host::{Clock, SystemClock};
use mpos_protocol::admin::{
    AdminAnswer, AdminRequest, HISTORY_PAGE_MAX, HistoryRequest, HistoryScope, SupervisorPurpose,
};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::time::{Duration, Instant};
use support::{Line, Scene, Terminal};

/// Rows in the range.
const ROWS: [u32; 2] = [10_000, 1_000_000];
/// The best of so many runs: what the machine can do when nobody disturbs it.
const RUNS: usize = 7;
const CODE: &str = "4711";
/// They were made a second apart, until now.
const BETWEEN_MS: u64 = 1000;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for rows in ROWS {
        runtime.block_on(measure(rows));
    }
}

async fn measure(rows: u32) {
    let scene = Scene::start(&[]);
    let (mut terminal, other) = (scene.terminal().await, scene.terminal().await);
    let mut line = terminal.connect().await.unwrap();
    assert_eq!(terminal.define(&mut line, CODE).await, AdminAnswer::SupervisorDefined);
    let options = SqliteConnectOptions::new().filename(scene.database());
    let mut database = SqliteConnection::connect_with(&options).await.unwrap();
    let now_ms = SystemClock.unix_ms();
    let from_ms = now_ms - u64::from(rows) * BETWEEN_MS;
    sell(&mut database, rows, from_ms, [terminal.profile.terminal.0, other.profile.terminal.0]).await;

    let mut counted = Duration::MAX;
    for _ in 0..RUNS {
        let begun = Instant::now();
        let count: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM sale INDEXED BY sale_of_business WHERE business = 1 AND signed_ms BETWEEN ? AND ?",
        )
        .bind(i64::try_from(from_ms).unwrap())
        .bind(i64::try_from(now_ms).unwrap())
        .fetch_one(&mut database)
        .await
        .unwrap();
        counted = counted.min(begun.elapsed());
        assert_eq!(count, i64::from(rows));
    }
    let grant = terminal.agree(&mut line, CODE, SupervisorPurpose::MerchantHistory).await.unwrap();
    for (whose, scope, transactions) in [
        ("the business's", HistoryScope::Merchant { grant }, rows),
        ("one of two terminals'", HistoryScope::Device, rows / 2),
    ] {
        let request = HistoryRequest { scope, from_ms, to_ms: now_ms, search: None, before: None };
        let paged = first_page(&terminal, &mut line, &request, transactions).await;
        println!(
            "first page of {transactions} transactions, {whose}: {:.2} ms; count(*) over all {rows}: {:.2} ms; ratio {:.2}",
            paged.as_secs_f64() * 1e3,
            counted.as_secs_f64() * 1e3,
            paged.as_secs_f64() / counted.as_secs_f64()
        );
    }
}

async fn first_page(
    terminal: &Terminal,
    line: &mut Line,
    request: &HistoryRequest,
    transactions: u32,
) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let message = AdminRequest::History(request.clone());
        let begun = Instant::now();
        let answer = terminal.ask_admin(line, message).await;
        best = best.min(begun.elapsed());
        let AdminAnswer::History(page) = answer else { panic!("no history: {answer:?}") };
        assert_eq!((page.totals.transactions, page.transactions.len()), (transactions, HISTORY_PAGE_MAX));
    }
    best
}

/// One statement each for messages and sales: mostly purchases, some declined, some taken back, on two terminals in
/// turn.
async fn sell(database: &mut SqliteConnection, rows: u32, from_ms: u64, terminals: [u32; 2]) {
    for statement in [
        "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?1)
         INSERT INTO message (id, terminal, sequence, hash, received_ms, request, answer)
         SELECT n, iif(n % 2, ?3, ?4), n, X'00', ?2 + n * ?5, X'00', X'00' FROM number",
        "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?1)
         INSERT INTO sale (message, business, terminal, kind, receipt, amount, currency, scheme, last_four, cvm,
                           reference, auth_code, declined, signed_ms, reversed_by)
         SELECT n, 1, iif(n % 2, ?3, ?4), 'Purchase', n, 100 + n % 900, 'EUR', 'Mastercard', n % 10000, 'None',
                printf('%012X', n), iif(n % 20, '123456', NULL), iif(n % 20, NULL, 'WrongPin'), ?2 + n * ?5,
                iif(n % 50, NULL, n)
         FROM number",
    ] {
        sqlx::query(statement)
            .bind(rows)
            .bind(i64::try_from(from_ms).unwrap())
            .bind(terminals[0])
            .bind(terminals[1])
            .bind(i64::try_from(BETWEEN_MS).unwrap())
            .execute(&mut *database)
            .await
            .unwrap();
    }
    sqlx::query("UPDATE counter SET last_message = ?").bind(rows).execute(database).await.unwrap();
}
