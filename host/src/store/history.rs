//! A business's transactions, newest first, in SQLite.
//!
//! One index serves all of it: it has a business's sales in the order of their time, with what totals need beside. The
//! totals walk the range in it; a page begins where the one before ended and reads as many rows as it shows, more only
//! for a search or for one terminal among many.

use super::{Store, array, column, integer, names, number, read};
use crate::{
    bank::IssuerKeys,
    books::{AccountKey, BusinessId},
    error::BooksError,
};
use mpos_protocol::{
    Amount, Currency, List, Text,
    admin::{HISTORY_PAGE_MAX, HistoryPage, HistoryTotals, Transaction, TransactionResult},
    card::MaskedPan,
    sale::ReceiptNumber,
    terminal::TerminalId,
};
use sqlx::{Sqlite, SqliteConnection, sqlite::SqliteRow};

/// Four digits are the end of a card's number too.
const LAST_DIGITS: usize = 4;
/// So long is a card's token.
const CARD_TOKEN_DIGITS: usize = 12;
/// Before each sign that LIKE reads as something else.
const LIKE_ESCAPE: char = '\\';

/// Which transactions.
pub(crate) struct Range<'r> {
    pub(crate) business: BusinessId,
    /// None for all of the business's.
    pub(crate) terminal: Option<TerminalId>,
    /// First and last, both inclusive, milliseconds since 1970, by the terminal's signature.
    pub(crate) range_ms: (u64, u64),
    pub(crate) search: Option<&'r str>,
    pub(crate) before: Option<u64>,
}

/// One page and the totals, as of one moment.
pub(crate) async fn page(
    store: &Store,
    keys: &IssuerKeys,
    range: &Range<'_>,
) -> Result<HistoryPage, BooksError> {
    let fault = |source| store.fault(source);
    let mut reading = store.pool.begin().await.map_err(fault)?;
    let totals = totals(&mut reading, range).await.map_err(fault)?;
    let card = match range.search.filter(|search| search.len() == CARD_TOKEN_DIGITS) {
        Some(token) => card_of(&mut reading, keys, range, token).await.map_err(fault)?,
        None => None,
    };
    let rows = match upper_end(&mut reading, range).await.map_err(fault)? {
        Some(end) => rows(&mut reading, range, card, end).await.map_err(fault)?,
        None => Vec::new(),
    };
    reading.rollback().await.map_err(fault)?;

    let transaction = |row| transaction(row, keys, range.business);
    let shown = rows.iter().take(HISTORY_PAGE_MAX).map(transaction).collect::<Result<Vec<_>, _>>()?;
    let next = match rows.get(HISTORY_PAGE_MAX - 1) {
        Some(last) if rows.len() > HISTORY_PAGE_MAX => Some(read(last, "message")?),
        _ => None,
    };
    let transactions = List::try_from(shown).map_err(|_| BooksError::Nonsense("a page of the history"))?;
    Ok(HistoryPage { totals: totals?, transactions, next })
}

async fn totals(
    connection: &mut SqliteConnection,
    range: &Range<'_>,
) -> Result<Result<HistoryTotals, BooksError>, sqlx::Error> {
    let (transactions, purchases, purchased, refunds, refunded): (i64, i64, i64, i64, i64) = sqlx::query_as(
        "SELECT count(*),
                count(*) FILTER (WHERE refund_of IS NULL AND declined IS NULL AND reversed_by IS NULL),
                coalesce(sum(amount)
                    FILTER (WHERE refund_of IS NULL AND declined IS NULL AND reversed_by IS NULL), 0),
                count(*) FILTER (WHERE refund_of IS NOT NULL AND declined IS NULL AND reversed_by IS NULL),
                coalesce(sum(amount)
                    FILTER (WHERE refund_of IS NOT NULL AND declined IS NULL AND reversed_by IS NULL), 0)
         FROM sale INDEXED BY sale_of_business
         WHERE business = ?1 AND signed_ms BETWEEN ?2 AND ?3 AND (?4 IS NULL OR terminal = ?4)",
    )
    .bind(range.business.0)
    .bind(integer(range.range_ms.0))
    .bind(integer(range.range_ms.1))
    .bind(range.terminal.map(|terminal| i64::from(terminal.0)))
    .fetch_one(connection)
    .await?;
    let totals = || {
        Ok(HistoryTotals {
            transactions: number(transactions, "a count")?,
            purchases: number(purchases, "a count")?,
            purchased: number(purchased, "a sum")?,
            refunds: number(refunds, "a count")?,
            refunded: number(refunded, "a sum")?,
        })
    };
    Ok(totals())
}

/// Where a page begins: below this time and number. None when the transaction that it goes on from is not the
/// business's.
async fn upper_end(
    connection: &mut SqliteConnection,
    range: &Range<'_>,
) -> Result<Option<(i64, i64)>, sqlx::Error> {
    let Some(before) = range.before else { return Ok(Some((integer(range.range_ms.1), i64::MAX))) };
    let before = integer(before);
    let signed: Option<i64> =
        sqlx::query_scalar("SELECT signed_ms FROM sale WHERE message = ? AND business = ?")
            .bind(before)
            .bind(range.business.0)
            .fetch_optional(connection)
            .await?;
    Ok(signed.map(|signed| (signed, before)))
}

/// The account whose card has this token at the business, if one of the range has it.
async fn card_of(
    connection: &mut SqliteConnection,
    keys: &IssuerKeys,
    range: &Range<'_>,
    token: &str,
) -> Result<Option<i64>, sqlx::Error> {
    let accounts: Vec<(i64, Vec<u8>)> = sqlx::query_as(
        "SELECT id, pan_lookup FROM account WHERE id IN (
             SELECT account FROM sale WHERE business = ? AND signed_ms BETWEEN ? AND ?)",
    )
    .bind(range.business.0)
    .bind(integer(range.range_ms.0))
    .bind(integer(range.range_ms.1))
    .fetch_all(connection)
    .await?;
    let is_it = |card: &[u8]| {
        let card = card.try_into().map(AccountKey);
        card.is_ok_and(|card| keys.card_token(range.business, &card).eq_ignore_ascii_case(token))
    };
    Ok(accounts.into_iter().find(|(_, card)| is_it(card)).map(|(account, _)| account))
}

/// One more than a page shows.
async fn rows(
    connection: &mut SqliteConnection,
    range: &Range<'_>,
    card: Option<i64>,
    (signed_ms, message): (i64, i64),
) -> Result<Vec<SqliteRow>, sqlx::Error> {
    let mut query = sqlx::QueryBuilder::<Sqlite>::new(
        "SELECT s.message, s.terminal, s.kind, s.receipt, s.amount, s.currency, s.scheme, s.last_four, s.cvm,
                s.reference, s.auth_code, s.declined, s.signed_ms, s.reversed_by, s.refunded,
                p.reference AS refund_of, a.pan_lookup AS card
         FROM sale AS s INDEXED BY sale_of_business LEFT JOIN sale AS p ON p.message = s.refund_of
              LEFT JOIN account AS a ON a.id = s.account
         WHERE s.business = ",
    );
    query.push_bind(range.business.0).push(" AND s.signed_ms >= ").push_bind(integer(range.range_ms.0));
    let to_ms = signed_ms.min(integer(range.range_ms.1));
    query.push(" AND s.signed_ms <= ").push_bind(to_ms);
    query.push(" AND (s.signed_ms, s.message) < (").push_bind(signed_ms).push(", ");
    query.push_bind(message).push(")");
    if let Some(terminal) = range.terminal {
        query.push(" AND s.terminal = ").push_bind(i64::from(terminal.0));
    }
    if let Some(search) = range.search {
        query.push(" AND (s.reference LIKE ").push_bind(format!("%{}%", escaped(search)));
        query.push(format!(" ESCAPE '{LIKE_ESCAPE}'"));
        if let Some(digits) = last_digits(search) {
            query.push(" OR s.last_four = ").push_bind(i64::from(digits));
        }
        if let Some(card) = card {
            query.push(" OR s.account = ").push_bind(card);
        }
        query.push(")");
    }
    query.push(" ORDER BY s.signed_ms DESC, s.message DESC LIMIT ");
    query.push_bind(i64::try_from(HISTORY_PAGE_MAX + 1).unwrap_or(i64::MAX));
    query.build().fetch_all(connection).await
}

/// The end of a card's number, when it is searched for.
fn last_digits(search: &str) -> Option<u16> {
    let are_digits = search.len() == LAST_DIGITS && search.bytes().all(|byte| byte.is_ascii_digit());
    if are_digits { search.parse().ok() } else { None }
}

/// As LIKE reads it to the letter.
fn escaped(search: &str) -> String {
    let mut escaped = String::with_capacity(search.len());
    for character in search.chars() {
        if matches!(character, '%' | '_' | LIKE_ESCAPE) {
            escaped.push(LIKE_ESCAPE);
        }
        escaped.push(character);
    }
    escaped
}

fn transaction(row: &SqliteRow, keys: &IssuerKeys, business: BusinessId) -> Result<Transaction, BooksError> {
    let reversed: Option<i64> = column(row, "reversed_by")?;
    let auth_code: Option<String> = column(row, "auth_code")?;
    let declined: Option<String> = column(row, "declined")?;
    let result = match (reversed, auth_code, declined) {
        (Some(_), _, _) => TransactionResult::Reversed,
        (None, Some(code), _) => TransactionResult::Approved { auth_code: Text::clipped(&code) },
        (None, None, Some(reason)) => TransactionResult::Declined { reason: names::declined(&reason)? },
        (None, None, None) => return Err(BooksError::Nonsense("a sale without a result")),
    };
    let refund_of: Option<String> = column(row, "refund_of")?;
    let card: Option<Vec<u8>> = column(row, "card")?;
    let card = card.map(|card| array(&card, "an account's key")).transpose()?;
    Ok(Transaction {
        reference: text(row, "reference")?,
        terminal: TerminalId(read(row, "terminal")?),
        receipt: ReceiptNumber(read(row, "receipt")?),
        kind: names::kind(&column::<String>(row, "kind")?)?,
        at_ms: read(row, "signed_ms")?,
        amount: Amount::from_minor(read(row, "amount")?).ok_or(BooksError::Nonsense("an amount"))?,
        currency: Currency::Eur,
        card: MaskedPan(read(row, "last_four")?),
        scheme: names::scheme(&column::<String>(row, "scheme")?)?,
        cvm: names::cvm(&column::<String>(row, "cvm")?)?,
        result,
        refunded: read(row, "refunded")?,
        refund_of: refund_of.map(|reference| Text::clipped(&reference)),
        card_token: card.map(|card| keys.card_token(business, &AccountKey(card))),
    })
}

fn text<const MAX: usize>(row: &SqliteRow, name: &'static str) -> Result<Text<MAX>, BooksError> {
    Text::new(&column::<String>(row, name)?).map_err(|_| BooksError::Nonsense(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_that_like_would_read_are_escaped() {
        assert_eq!(escaped(r"4_8%\F"), r"4\_8\%\\F");
        assert_eq!(
            ["0036", "+036", "036", "00036", "003x"].map(last_digits),
            [Some(36), None, None, None, None]
        );
    }
}
