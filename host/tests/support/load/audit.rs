//! The comparison at the end: what the terminals hold is what the bank's books say, to the cent and to the byte.

use super::{
    super::TestBank,
    BALANCE, Crowd,
    shop::{Held, Shop},
};
use mpos_host::DATABASE_FILE;
use mpos_protocol::signed::{Content, Hash, RequestContent, Signed};
use sha2::{Digest, Sha256};
use sqlx::{
    Connection, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteRow},
};
use std::collections::{BTreeMap, HashSet};

/// What was compared.
#[derive(Debug, Default)]
pub struct Audit {
    /// Approved purchases that terminals hold, each in the books once.
    pub purchases: u64,
    /// Their sum, in minor units.
    pub paid: u64,
    /// Everything that does not agree.
    pub faults: Vec<String>,
}

/// Compares all of it.
pub async fn audit(crowd: &Crowd) -> Audit {
    let mut audit = Audit::default();
    let lost = crowd.shops.iter().flat_map(|shop| {
        shop.lost.iter().map(move |lost| format!("{}: {lost}", shop.terminal.profile.terminal))
    });
    audit.faults.extend(lost);
    let options = SqliteConnectOptions::new().filename(crowd.place.data.join(DATABASE_FILE)).read_only(true);
    let mut books = SqliteConnection::connect_with(&options).await.unwrap();
    let mut references = HashSet::new();
    for shop in &crowd.shops {
        let rows = messages(&mut books, shop).await;
        check_chain(&rows, shop, &mut references, &mut audit);
    }
    let of_shops: u64 = crowd.shops.iter().map(|shop| shop.held.len() as u64).sum();
    for (table, what) in [("message", "messages"), ("sale", "sales")] {
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
            .fetch_one(&mut books)
            .await
            .unwrap();
        if count.unsigned_abs() != of_shops {
            audit.faults.push(format!("{count} {what} in the books, {of_shops} purchases at the terminals"));
        }
    }
    books.close().await.unwrap();
    check_balances(crowd, &mut audit);
    audit
}

async fn messages(books: &mut SqliteConnection, shop: &Shop) -> Vec<SqliteRow> {
    sqlx::query(
        "SELECT m.sequence, m.hash, m.request, m.answer, s.amount, s.reference, s.auth_code,
                s.reversed_by IS NOT NULL
         FROM message AS m JOIN sale AS s ON s.message = m.id WHERE m.terminal = ? ORDER BY m.sequence",
    )
    .bind(i64::from(shop.terminal.profile.terminal.0))
    .fetch_all(books)
    .await
    .unwrap()
}

/// A terminal's messages are there without a gap, each naming the one before, with the answer that the terminal has.
fn check_chain(rows: &[SqliteRow], shop: &Shop, references: &mut HashSet<String>, audit: &mut Audit) {
    let terminal = shop.terminal.profile.terminal;
    let mut held: BTreeMap<u64, &Held> = shop.held.iter().map(|held| (held.sequence, held)).collect();
    let (mut head, mut expected) = (Hash::default(), 1);
    for row in rows {
        let sequence = row.get::<i64, _>(0).unsigned_abs();
        let Some(held) = held.remove(&sequence).filter(|_| sequence == expected) else {
            audit.faults.push(format!("{terminal}: the books have message {sequence}, which it does not"));
            continue;
        };
        let (request, answer): (Vec<u8>, Vec<u8>) = (row.get(2), row.get(3));
        let signed = Signed::from_bytes(&request).unwrap();
        let content = RequestContent::from_content(&signed.content).unwrap();
        let hash = Hash::of(&signed.content);
        let reference: String = row.get(5);
        let whole = content.previous == head
            && hash == held.hash
            && row.get::<Vec<u8>, _>(1) == hash.0
            && Sha256::digest(&answer)[..] == held.answer
            && row.get::<i64, _>(4).unsigned_abs() == held.amount
            && reference == *held.reference
            && row.get::<Option<String>, _>(6).as_deref() == Some(&*held.auth_code)
            && !row.get::<bool, _>(7)
            && references.insert(reference);
        if !whole {
            audit.faults.push(format!("{terminal}: message {sequence} is another in the books"));
        }
        (head, expected) = (hash, sequence + 1);
        audit.purchases += 1;
        audit.paid += held.amount;
    }
    for sequence in held.keys() {
        audit
            .faults
            .push(format!("{terminal}: the books lack message {sequence}, which it was told is approved"));
    }
    if head != shop.terminal.head || expected != shop.terminal.next_sequence {
        audit.faults.push(format!("{terminal}: the chain ends elsewhere in the books"));
    }
}

/// What each card lacks is what its shop holds.
fn check_balances(crowd: &Crowd, audit: &mut Audit) {
    let issuer = TestBank::new().bank().issuer;
    for shop in &crowd.shops {
        let paid: u64 = shop.held.iter().map(|held| held.amount).sum();
        let balance = crowd.console.balance(&issuer, &shop.card.pan).unwrap();
        if balance != Some(BALANCE - paid) {
            let terminal = shop.terminal.profile.terminal;
            audit.faults.push(format!("{terminal}: its card has {balance:?} of {BALANCE}, and paid {paid}"));
        }
    }
}
