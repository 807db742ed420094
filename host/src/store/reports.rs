//! What the bank's staff reads from the books, and the opening of accounts.

use super::{Store, integer, number};
use crate::{bank::IssuerKeys, books::AccountKey, error::BooksError, issuer::AccountSeed};
use mpos_protocol::terminal::TerminalId;
use sqlx::{Row, sqlite::SqliteRow};

/// A sale in the list. Texts are the protocol's own names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleListed {
    /// When the host took it, milliseconds since 1970.
    pub received_ms: u64,
    /// Whose.
    pub terminal: TerminalId,
    /// Place in the terminal's chain.
    pub sequence: u64,
    /// The terminal's receipt number.
    pub receipt: u32,
    /// Purchase or refund.
    pub kind: String,
    /// Minor units.
    pub amount: u64,
    /// Three letters.
    pub currency: String,
    /// The brand.
    pub scheme: String,
    /// Last four digits.
    pub last_four: u16,
    /// The bank's reference.
    pub reference: String,
    /// The approval code; none when it was declined.
    pub auth_code: Option<String>,
    /// Why it was declined.
    pub declined: Option<String>,
    /// It was taken back.
    pub reversed: bool,
}

/// A refused message in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedListed {
    /// When, milliseconds since 1970.
    pub at_ms: u64,
    /// Why: the name of the refusal.
    pub name: String,
    /// On whose connection.
    pub terminal: TerminalId,
    /// From where.
    pub peer: String,
    /// SHA-256 of the content, or of all that came when it did not decode; hexadecimal.
    pub hash: String,
}

/// The newest sales.
pub(crate) async fn sales(store: &Store, most: u32) -> Result<Vec<SaleListed>, BooksError> {
    let rows = sqlx::query(
        "SELECT m.received_ms, m.terminal, m.sequence, s.receipt, s.kind, s.amount, s.currency, s.scheme,
                s.last_four, s.reference, s.auth_code, s.declined, s.reversed_by IS NOT NULL
         FROM sale AS s JOIN message AS m ON m.id = s.message ORDER BY s.message DESC LIMIT ?",
    )
    .bind(i64::from(most))
    .fetch_all(&store.pool)
    .await
    .map_err(|source| store.fault(source))?;
    let sale = |row: &SqliteRow| -> Result<SaleListed, sqlx::Error> {
        Ok(SaleListed {
            received_ms: unsigned(row, 0)?,
            terminal: TerminalId(unsigned(row, 1)?),
            sequence: unsigned(row, 2)?,
            receipt: unsigned(row, 3)?,
            kind: row.try_get(4)?,
            amount: unsigned(row, 5)?,
            currency: row.try_get(6)?,
            scheme: row.try_get(7)?,
            last_four: unsigned(row, 8)?,
            reference: row.try_get(9)?,
            auth_code: row.try_get(10)?,
            declined: row.try_get(11)?,
            reversed: row.try_get(12)?,
        })
    };
    rows.iter().map(|row| sale(row).map_err(|source| store.fault(source).into())).collect()
}

fn unsigned<T: TryFrom<i64>>(row: &SqliteRow, column: usize) -> Result<T, sqlx::Error> {
    let value: i64 = row.try_get(column)?;
    T::try_from(value).map_err(|_| sqlx::Error::ColumnNotFound(format!("{column}: {value} is out of range")))
}

/// The newest refused messages.
pub(crate) async fn refused(store: &Store, most: u32) -> Result<Vec<RefusedListed>, BooksError> {
    let rows: Vec<(i64, String, i64, String, Vec<u8>)> = sqlx::query_as(
        "SELECT at_ms, name, terminal, peer, hash FROM refused_message ORDER BY id DESC LIMIT ?",
    )
    .bind(i64::from(most))
    .fetch_all(&store.pool)
    .await
    .map_err(|source| store.fault(source))?;
    rows.into_iter()
        .map(|(at, name, terminal, peer, hash)| {
            let terminal = TerminalId(number(terminal, "a terminal's number")?);
            Ok(RefusedListed { at_ms: number(at, "a time")?, name, terminal, peer, hash: hex::encode(hash) })
        })
        .collect()
}

/// What an account has, in minor units.
pub(crate) async fn balance(store: &Store, key: AccountKey) -> Result<Option<u64>, BooksError> {
    let balance: Option<i64> = sqlx::query_scalar("SELECT balance FROM account WHERE pan_lookup = ?")
        .bind(key.0.to_vec())
        .fetch_optional(&store.pool)
        .await
        .map_err(|source| store.fault(source))?;
    balance.map(|minor| number(minor, "a balance")).transpose()
}

/// Opens the accounts that are not there yet, all or none.
pub(crate) async fn open_accounts(
    store: &Store,
    keys: &IssuerKeys,
    accounts: &[AccountSeed],
    pin_tries: u8,
) -> Result<(), BooksError> {
    let fault = |source| store.fault(source);
    let mut transaction = store.pool.begin_with("BEGIN IMMEDIATE").await.map_err(fault)?;
    for account in accounts {
        let pan = account.pan.expose().as_bytes();
        sqlx::query(
            "INSERT INTO account (pan_lookup, last_four, scheme, sequence, expiry, pin_reference, pin_tries_left,
                                  balance, blocked, last_atc)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (pan_lookup) DO NOTHING",
        )
        .bind(keys.account_key(pan).0.to_vec())
        .bind(i64::from(mpos_tlv::track2::masked(pan).0))
        .bind(account.scheme.name())
        .bind(i64::from(account.sequence))
        .bind(i64::from(account.expiry_year) * 100 + i64::from(account.expiry_month))
        .bind(keys.pin_reference(pan, account.pin.expose().as_bytes()).0.to_vec())
        .bind(i64::from(pin_tries))
        .bind(integer(account.balance.minor()))
        .bind(account.blocked)
        .execute(&mut *transaction)
        .await
        .map_err(fault)?;
    }
    transaction.commit().await.map_err(|source| BooksError::from(store.fault(source)))
}
