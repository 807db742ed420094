//! Receipts by SMS in SQLite: a durable queue, and the list of what has left.

use super::{Store, Writing, integer, names, number};
use crate::{
    books::{BusinessId, MessageId},
    error::BooksError,
    sms::Sms,
};
use mpos_protocol::{
    Amount, Currency, Text,
    card::{CardScheme, MaskedPan, TransactionKind},
    phone_number::PhoneNumber,
    sale::AuthCode,
    terminal::TerminalId,
};
use std::fmt;

/// An SMS in the bank's list. The number and the text are personal data: debugging output masks the one and leaves the
/// other out.
#[derive(Clone, PartialEq, Eq)]
pub struct SmsListed {
    /// Its number: 1, 2, 3…
    pub number: u64,
    /// When it was queued, milliseconds since 1970.
    pub queued_ms: u64,
    /// On which terminal.
    pub terminal: TerminalId,
    /// To whom; [`PhoneNumber::masked`] is for lists.
    pub phone: PhoneNumber,
    /// What it says.
    pub text: String,
    /// When the gateway took it, milliseconds since 1970; none while it waits.
    pub delivered_ms: Option<u64>,
    /// How often it was offered to the gateway.
    pub attempts: u32,
}

impl fmt::Debug for SmsListed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmsListed({}, {:?})", self.number, self.phone)
    }
}

/// A transaction as a receipt says it.
pub(crate) struct PaidSale {
    pub(crate) message: MessageId,
    pub(crate) terminal: TerminalId,
    pub(crate) kind: TransactionKind,
    pub(crate) amount: Amount,
    pub(crate) currency: Currency,
    pub(crate) scheme: CardScheme,
    pub(crate) card: MaskedPan,
    pub(crate) signed_ms: u64,
    /// None when it was declined or taken back.
    pub(crate) auth_code: Option<AuthCode>,
}

/// How many receipts there may be.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) of_sale: u32,
    pub(crate) of_terminal: u32,
    /// Those of the terminal count from here, milliseconds since 1970.
    pub(crate) since_ms: u64,
}

/// A receipt to keep.
pub(crate) struct NewSms<'r> {
    pub(crate) terminal: TerminalId,
    pub(crate) id: &'r [u8; 16],
    pub(crate) sale: MessageId,
    pub(crate) now_ms: u64,
}

/// A transaction around a receipt.
pub(crate) type Queueing<'s> = Writing<'s, Receipts>;

/// The purpose of [`Queueing`].
pub(crate) struct Receipts;

impl Queueing<'_> {
    /// Whether the terminal asked for this one before.
    pub(crate) async fn has(&mut self, terminal: TerminalId, id: &[u8; 16]) -> Result<bool, BooksError> {
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM sms_message WHERE terminal = ? AND id = ?)")
            .bind(i64::from(terminal.0))
            .bind(id.to_vec())
            .fetch_one(self.connection())
            .await
            .map_err(|source| self.store.fault(source).into())
    }

    /// The business's transaction of this reference.
    pub(crate) async fn sale(
        &mut self,
        business: BusinessId,
        reference: &str,
        named: Option<MessageId>,
    ) -> Result<Option<PaidSale>, BooksError> {
        type Row = (i64, String, i64, String, i64, i64, Option<String>);
        let Some(message) = named else { return Ok(None) };
        let row: Option<Row> = sqlx::query_as(
            "SELECT terminal, kind, amount, scheme, last_four, signed_ms,
                    CASE WHEN reversed_by IS NULL THEN auth_code END
             FROM sale WHERE message = ? AND business = ? AND reference = ?",
        )
        .bind(integer(message.0))
        .bind(business.0)
        .bind(reference.to_owned())
        .fetch_optional(self.connection())
        .await
        .map_err(|source| self.store.fault(source))?;
        let Some((terminal, kind, amount, scheme, last_four, signed, auth_code)) = row else {
            return Ok(None);
        };
        Ok(Some(PaidSale {
            message,
            terminal: TerminalId(number(terminal, "a terminal's number")?),
            kind: names::kind(&kind)?,
            amount: Amount::from_minor(number(amount, "an amount")?)
                .ok_or(BooksError::Nonsense("an amount"))?,
            currency: Currency::Eur,
            scheme: names::scheme(&scheme)?,
            card: MaskedPan(number(last_four, "a card's last digits")?),
            signed_ms: number(signed, "a time")?,
            auth_code: auth_code.map(|code| Text::clipped(&code)),
        }))
    }

    /// Whether there may be one more.
    pub(crate) async fn within(
        &mut self,
        limits: Limits,
        terminal: TerminalId,
        sale: MessageId,
    ) -> Result<bool, BooksError> {
        let (of_sale, of_terminal): (i64, i64) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM sms_message WHERE sale = ?),
                    (SELECT count(*) FROM sms_message WHERE terminal = ? AND queued_ms > ?)",
        )
        .bind(integer(sale.0))
        .bind(i64::from(terminal.0))
        .bind(integer(limits.since_ms))
        .fetch_one(self.connection())
        .await
        .map_err(|source| self.store.fault(source))?;
        Ok(of_sale < i64::from(limits.of_sale) && of_terminal < i64::from(limits.of_terminal))
    }

    pub(crate) async fn add(
        &mut self,
        sms: &NewSms<'_>,
        phone: &PhoneNumber,
        body: &str,
    ) -> Result<(), BooksError> {
        sqlx::query(
            "INSERT INTO sms_message (terminal, id, sale, phone, body, queued_ms, next_ms)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(i64::from(sms.terminal.0))
        .bind(sms.id.to_vec())
        .bind(integer(sms.sale.0))
        .bind(phone.digits().to_owned())
        .bind(body.to_owned())
        .bind(integer(sms.now_ms))
        .bind(integer(sms.now_ms))
        .execute(self.connection())
        .await
        .map(|_| ())
        .map_err(|source| self.store.fault(source).into())
    }
}

/// Those that wait and whose time has come, the longest waiting first.
pub(crate) async fn waiting(
    store: &Store,
    now_ms: u64,
    attempts_max: u32,
    most: u32,
) -> Result<Vec<(Sms, u32)>, BooksError> {
    let rows: Vec<(i64, String, String, i64)> = sqlx::query_as(
        "SELECT number, phone, body, attempts FROM sms_message
         WHERE delivered_ms IS NULL AND next_ms <= ? AND attempts < ? ORDER BY next_ms, number LIMIT ?",
    )
    .bind(integer(now_ms))
    .bind(i64::from(attempts_max))
    .bind(i64::from(most))
    .fetch_all(&store.pool)
    .await
    .map_err(|source| store.fault(source))?;
    rows.into_iter()
        .map(|(sms, phone, text, attempts)| {
            let sms = Sms { number: number(sms, "a message's number")?, phone: phone_number(&phone)?, text };
            Ok((sms, number(attempts, "a count")?))
        })
        .collect()
}

/// Takes a message for one attempt: it counts, and the next is not before `next_ms`. False when another process was
/// faster.
pub(crate) async fn claim(store: &Store, sms: u64, attempts: u32, next_ms: u64) -> Result<bool, BooksError> {
    let claimed = sqlx::query(
        "UPDATE sms_message SET attempts = attempts + 1, next_ms = ?
         WHERE number = ? AND attempts = ? AND delivered_ms IS NULL",
    )
    .bind(integer(next_ms))
    .bind(integer(sms))
    .bind(i64::from(attempts))
    .execute(&store.pool)
    .await
    .map_err(|source| store.fault(source))?;
    Ok(claimed.rows_affected() == 1)
}

/// The gateway took it.
pub(crate) async fn delivered(store: &Store, sms: u64, now_ms: u64) -> Result<(), BooksError> {
    sqlx::query("UPDATE sms_message SET delivered_ms = ? WHERE number = ? AND delivered_ms IS NULL")
        .bind(integer(now_ms))
        .bind(integer(sms))
        .execute(&store.pool)
        .await
        .map(|_| ())
        .map_err(|source| store.fault(source).into())
}

/// The newest.
pub(crate) async fn newest(store: &Store, most: u32) -> Result<Vec<SmsListed>, BooksError> {
    type Row = (i64, i64, i64, String, String, Option<i64>, i64);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT number, queued_ms, terminal, phone, body, delivered_ms, attempts FROM sms_message
         ORDER BY number DESC LIMIT ?",
    )
    .bind(i64::from(most))
    .fetch_all(&store.pool)
    .await
    .map_err(|source| store.fault(source))?;
    rows.into_iter()
        .map(|(sms, queued, terminal, phone, text, delivered, attempts)| {
            Ok(SmsListed {
                number: number(sms, "a message's number")?,
                queued_ms: number(queued, "a time")?,
                terminal: TerminalId(number(terminal, "a terminal's number")?),
                phone: phone_number(&phone)?,
                text,
                delivered_ms: delivered.map(|at| number(at, "a time")).transpose()?,
                attempts: number(attempts, "a count")?,
            })
        })
        .collect()
}

fn phone_number(digits: &str) -> Result<PhoneNumber, BooksError> {
    PhoneNumber::parse(digits).map_err(|_| BooksError::Nonsense("a phone number"))
}
