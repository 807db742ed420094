//! The books in SQLite. A batch takes a handful of statements however many messages it has: what it needs is asked
//! for as one list, what it changes is written as rows of one statement.

use super::{Store, array, integer, number};
use crate::{
    books::{
        Account, AccountId, AccountKey, Books, BusinessId, Changes, Holdings, KeptMessage, KeptSale,
        MessageId, NewMessage, NewSale, PinReference, Recall, SaleResult, TerminalState, Wanted,
        holdings::{GrantHash, NewRefusal, RefundGrant},
    },
    error::BooksError,
};
use mpos_protocol::{Amount, Text, card::TransactionKind, signed::Hash, terminal::TerminalId};
use sqlx::{Connection, QueryBuilder, Sqlite, SqliteConnection};

/// Rows of one statement. SQLite takes 32,766 parameters; fewer shapes are prepared with fewer rows.
const ROWS_PER_STATEMENT: usize = 64;
/// Refused messages that are kept: the newest.
const REFUSED_KEPT_MAX: i64 = 100_000;

/// The writer's connection.
pub(crate) struct SqliteBooks {
    store: Store,
    connection: SqliteConnection,
    in_transaction: bool,
}

type AccountRow = (i64, Vec<u8>, i64, i64, Vec<u8>, i64, i64, i64, bool, i64);
type SaleRow = (i64, String, i64, bool, Option<i64>, i64, bool, bool, Option<i64>, i64);

impl SqliteBooks {
    pub(crate) async fn open(store: Store) -> Result<Self, BooksError> {
        let connection = store.connect().await?;
        Ok(Self { store, connection, in_transaction: false })
    }

    /// Ends the connection; the last one writes the log back.
    pub(crate) async fn close(self) -> Result<(), BooksError> {
        self.connection.close().await.map_err(|source| self.store.fault(source).into())
    }

    async fn run(&mut self, statement: &'static str) -> Result<(), BooksError> {
        let done = sqlx::query(statement).execute(&mut self.connection).await;
        done.map(|_| ()).map_err(|source| self.store.fault(source).into())
    }

    async fn terminals(&mut self, holdings: &mut Holdings, ids: Vec<TerminalId>) -> Result<(), BooksError> {
        type Row = (i64, i64, Vec<u8>, bool, Vec<u8>, Option<Vec<u8>>, i64, Vec<u8>, i64, i64);
        let ids = json(ids.iter().map(|id| id.0.to_string()));
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, business, certificate_hash, revoked_ms IS NULL, key_id, next_key_id, next_sequence,
                    last_hash, data_counter, pin_counter
             FROM terminal JOIN terminal_chain ON terminal = id
             WHERE id IN (SELECT value FROM json_each(?))",
        )
        .bind(ids)
        .fetch_all(&mut self.connection)
        .await
        .map_err(|source| self.store.fault(source))?;
        for row in rows {
            let (
                id,
                business,
                certificate,
                active,
                key,
                next_key,
                next,
                last_hash,
                data_counter,
                pin_counter,
            ) = row;
            let state = TerminalState {
                business: BusinessId(business),
                certificate: array(&certificate, "a certificate's hash")?,
                active,
                initial_key_id: array(&key, "a key's name")?,
                next_key_id: next_key.map(|key| array(&key, "a key's name")).transpose()?,
                next_sequence: number(next, "a sequence")?,
                last_hash: Hash(array(&last_hash, "a hash")?),
                data_counter: number(data_counter, "a key counter")?,
                pin_counter: number(pin_counter, "a key counter")?,
            };
            holdings.terminals.insert(TerminalId(number(id, "a terminal's number")?), state);
        }
        Ok(())
    }

    async fn accounts(&mut self, holdings: &mut Holdings, keys: &[AccountKey]) -> Result<(), BooksError> {
        let keys = json(keys.iter().map(|key| format!("\"{}\"", hex::encode(key.0))));
        let rows: Vec<AccountRow> = sqlx::query_as(
            "SELECT id, pan_lookup, sequence, expiry, pin_reference, pin_tries_left, balance, owed, blocked,
                    last_atc
             FROM account WHERE pan_lookup IN (SELECT unhex(value) FROM json_each(?))",
        )
        .bind(keys)
        .fetch_all(&mut self.connection)
        .await
        .map_err(|source| self.store.fault(source))?;
        take_accounts(holdings, rows)
    }

    async fn grants(&mut self, holdings: &mut Holdings, hashes: &[GrantHash]) -> Result<(), BooksError> {
        let hashes = json(hashes.iter().map(|hash| format!("\"{}\"", hex::encode(hash))));
        let rows: Vec<(Vec<u8>, i64, String, i64)> = sqlx::query_as(
            "SELECT grant_hash, terminal, reference, expires_ms FROM supervisor_grant
             WHERE purpose = 'Refund' AND grant_hash IN (SELECT unhex(value) FROM json_each(?))",
        )
        .bind(hashes)
        .fetch_all(&mut self.connection)
        .await
        .map_err(|source| self.store.fault(source))?;
        for (hash, terminal, reference, expires) in rows {
            let grant = RefundGrant {
                terminal: TerminalId(number(terminal, "a terminal's number")?),
                reference: Text::new(&reference).map_err(|_| BooksError::Nonsense("a reference"))?,
                expires_ms: number(expires, "a time")?,
            };
            holdings.grants.insert(array(&hash, "a grant's hash")?, grant);
        }
        Ok(())
    }

    /// The sales of these numbers, the purchases that refunds among them are of, and the refunds of purchases among
    /// them that stand.
    async fn sales(&mut self, holdings: &mut Holdings, named: String) -> Result<(), BooksError> {
        let rows: Vec<SaleRow> = sqlx::query_as(
            "WITH named (id) AS (SELECT value FROM json_each(?))
             SELECT message, reference, business, kind = 'Refund', account, amount, auth_code IS NOT NULL,
                    reversed_by IS NOT NULL, refund_of, refunded
             FROM sale WHERE message IN (
                 SELECT id FROM named
                 UNION SELECT refund_of FROM sale WHERE message IN named AND refund_of IS NOT NULL
                 UNION SELECT message FROM sale
                       WHERE refund_of IN named AND auth_code IS NOT NULL AND reversed_by IS NULL)",
        )
        .bind(named)
        .fetch_all(&mut self.connection)
        .await
        .map_err(|source| self.store.fault(source))?;
        rows.into_iter().try_for_each(|row| take_sale(holdings, row))
    }

    async fn accounts_of_sales(&mut self, holdings: &mut Holdings) -> Result<(), BooksError> {
        let missing = holdings.sales.values().filter_map(|sale| sale.moved).map(|(account, _)| account);
        let missing = missing.filter(|account| !holdings.accounts.contains_key(account));
        let ids = json(missing.map(|account| account.0.to_string()));
        let rows: Vec<AccountRow> = sqlx::query_as(
            "SELECT id, pan_lookup, sequence, expiry, pin_reference, pin_tries_left, balance, owed, blocked,
                    last_atc
             FROM account WHERE id IN (SELECT value FROM json_each(?))",
        )
        .bind(ids)
        .fetch_all(&mut self.connection)
        .await
        .map_err(|source| self.store.fault(source))?;
        take_accounts(holdings, rows)
    }
}

impl Books for SqliteBooks {
    async fn open(&mut self, wanted: Wanted) -> Result<Holdings, BooksError> {
        if std::mem::take(&mut self.in_transaction) {
            // SQLite may have given it up by itself; then there is none to roll back.
            let _ = self.run("ROLLBACK").await;
        }
        self.run("BEGIN IMMEDIATE").await?;
        self.in_transaction = true;
        let mut holdings = Holdings::default();
        self.terminals(&mut holdings, wanted.terminals).await?;
        if !wanted.accounts.is_empty() {
            self.accounts(&mut holdings, &wanted.accounts).await?;
        }
        if !wanted.grants.is_empty() {
            self.grants(&mut holdings, &wanted.grants).await?;
        }
        let last: i64 = sqlx::query_scalar("SELECT last_message FROM counter")
            .fetch_one(&mut self.connection)
            .await
            .map_err(|source| self.store.fault(source))?;
        holdings.last_message = MessageId(number(last, "a message's number")?);
        Ok(holdings)
    }

    async fn recall(&mut self, holdings: &mut Holdings, recall: Recall) -> Result<(), BooksError> {
        let mut named: Vec<String> = recall.purchases.iter().map(|id| id.0.to_string()).collect();
        let places =
            json(recall.places.iter().map(|(terminal, sequence)| format!("[{},{sequence}]", terminal.0)));
        type Row = (i64, i64, i64, Vec<u8>, Option<Vec<u8>>);
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT m.terminal, m.sequence, m.id, m.hash, m.answer
             FROM json_each(?) AS place
             JOIN message AS m
               ON m.terminal = place.value ->> 0 AND m.sequence = place.value ->> 1",
        )
        .bind(places)
        .fetch_all(&mut self.connection)
        .await
        .map_err(|source| self.store.fault(source))?;
        for (terminal, sequence, id, hash, answer) in rows {
            named.push(id.to_string());
            let id = MessageId(number(id, "a message's number")?);
            let hash = Hash(array(&hash, "a hash")?);
            let kept = match answer {
                Some(answer) => KeptMessage::Answered { id, hash, answer },
                None => KeptMessage::TakenBack { hash },
            };
            let place =
                (TerminalId(number(terminal, "a terminal's number")?), number(sequence, "a sequence")?);
            holdings.messages.insert(place, kept);
        }
        self.sales(holdings, json(named.into_iter())).await?;
        self.accounts_of_sales(holdings).await
    }

    async fn keep(&mut self, changes: &Changes) -> Result<(), BooksError> {
        if changes.is_empty() {
            self.in_transaction = false;
            return self.run("ROLLBACK").await;
        }
        for messages in changes.messages.chunks(ROWS_PER_STATEMENT) {
            self.write(&mut insert_messages(messages)).await?;
        }
        let sales: Vec<(&NewMessage, &NewSale)> =
            changes.messages.iter().filter_map(|message| Some((message, message.sale.as_ref()?))).collect();
        for sales in sales.chunks(ROWS_PER_STATEMENT) {
            self.write(&mut insert_sales(sales)).await?;
        }
        for terminals in changes.terminals.chunks(ROWS_PER_STATEMENT) {
            self.write(&mut update_chains(terminals)).await?;
        }
        for accounts in changes.accounts.chunks(ROWS_PER_STATEMENT) {
            self.write(&mut update_accounts(accounts)).await?;
        }
        for (sale, by) in &changes.reversals {
            let statement = sqlx::query("UPDATE sale SET reversed_by = ? WHERE message = ?");
            let done =
                statement.bind(integer(by.0)).bind(integer(sale.0)).execute(&mut self.connection).await;
            done.map_err(|source| self.store.fault(source))?;
        }
        self.keep_refunds(changes).await?;
        self.keep_refusals(&changes.refusals).await?;
        if let Some(last) = changes.messages.iter().map(|message| message.id).max() {
            let statement = sqlx::query("UPDATE counter SET last_message = ?").bind(integer(last.0));
            statement.execute(&mut self.connection).await.map_err(|source| self.store.fault(source))?;
        }
        self.run("COMMIT").await?;
        self.in_transaction = false;
        Ok(())
    }
}

impl SqliteBooks {
    async fn write(&mut self, rows: &mut QueryBuilder<Sqlite>) -> Result<(), BooksError> {
        let done = rows.build().execute(&mut self.connection).await;
        done.map(|_| ()).map_err(|source| self.store.fault(source).into())
    }

    async fn keep_refunds(&mut self, changes: &Changes) -> Result<(), BooksError> {
        for (purchase, sum) in &changes.refunded {
            let statement = sqlx::query("UPDATE sale SET refunded = ? WHERE message = ?");
            let statement = statement.bind(integer(*sum)).bind(integer(purchase.0));
            statement.execute(&mut self.connection).await.map_err(|source| self.store.fault(source))?;
        }
        for grant in &changes.grants_used {
            let statement =
                sqlx::query("DELETE FROM supervisor_grant WHERE grant_hash = ?").bind(grant.to_vec());
            statement.execute(&mut self.connection).await.map_err(|source| self.store.fault(source))?;
        }
        Ok(())
    }

    async fn keep_refusals(&mut self, refusals: &[NewRefusal]) -> Result<(), BooksError> {
        for refusals in refusals.chunks(ROWS_PER_STATEMENT) {
            self.write(&mut insert_refusals(refusals)).await?;
        }
        if refusals.is_empty() {
            return Ok(());
        }
        let prune =
            sqlx::query("DELETE FROM refused_message WHERE id <= (SELECT max(id) FROM refused_message) - ?");
        let done = prune.bind(REFUSED_KEPT_MAX).execute(&mut self.connection).await;
        done.map(|_| ()).map_err(|source| self.store.fault(source).into())
    }
}

fn take_accounts(holdings: &mut Holdings, rows: Vec<AccountRow>) -> Result<(), BooksError> {
    for (id, key, sequence, expiry, pin_reference, tries, balance, owed, blocked, atc) in rows {
        let id = AccountId(id);
        let account = Account {
            id,
            sequence: number(sequence, "a card's sequence")?,
            expiry: number(expiry, "an expiry")?,
            pin_reference: PinReference(array(&pin_reference, "a PIN reference")?),
            pin_tries_left: number(tries, "PIN tries")?,
            balance: number(balance, "a balance")?,
            owed: number(owed, "a debt")?,
            blocked,
            last_atc: number(atc, "a card's counter")?,
        };
        holdings.account_of.insert(AccountKey(array(&key, "an account's key")?), id);
        holdings.accounts.insert(id, account);
    }
    Ok(())
}

fn take_sale(holdings: &mut Holdings, row: SaleRow) -> Result<(), BooksError> {
    let (id, reference, business, is_refund, account, amount, approved, reversed, refund_of, refunded) = row;
    let amount = Amount::from_minor(number(amount, "an amount")?).ok_or(BooksError::Nonsense("an amount"))?;
    let sale = KeptSale {
        reference: Text::new(&reference).map_err(|_| BooksError::Nonsense("a reference"))?,
        business: BusinessId(business),
        kind: if is_refund { TransactionKind::Refund } else { TransactionKind::Purchase },
        moved: account.filter(|_| approved).map(|account| (AccountId(account), amount)),
        reversed,
        refund_of: refund_of.map(|id| number(id, "a message's number").map(MessageId)).transpose()?,
        refunded: number(refunded, "an amount")?,
    };
    holdings.sales.insert(MessageId(number(id, "a message's number")?), sale);
    Ok(())
}

fn insert_messages(messages: &[NewMessage]) -> QueryBuilder<Sqlite> {
    let mut rows = QueryBuilder::new(
        "INSERT INTO message (id, terminal, sequence, hash, received_ms, request, answer) ",
    );
    rows.push_values(messages, |mut row, message| {
        let (request, answer) = message.bytes.clone().unzip();
        row.push_bind(integer(message.id.0))
            .push_bind(i64::from(message.terminal.0))
            .push_bind(integer(message.sequence))
            .push_bind(message.hash.0.to_vec())
            .push_bind(integer(message.received_ms))
            .push_bind(request)
            .push_bind(answer);
    });
    rows
}

fn insert_sales(sales: &[(&NewMessage, &NewSale)]) -> QueryBuilder<Sqlite> {
    let mut rows = QueryBuilder::new(
        "INSERT INTO sale (message, kind, receipt, amount, currency, scheme, last_four, cvm, account, reference,
                           auth_code, declined, signed_ms, business, terminal, refund_of) ",
    );
    rows.push_values(sales, |mut row, (message, sale)| {
        let (auth_code, declined) = match &sale.result {
            SaleResult::Approved(code) => (Some(code.to_string()), None),
            SaleResult::Declined(reason) => (None, Some(format!("{reason:?}"))),
        };
        row.push_bind(integer(message.id.0))
            .push_bind(sale.kind.name())
            .push_bind(i64::from(sale.receipt.0))
            .push_bind(integer(sale.amount.minor()))
            .push_bind(sale.currency.code())
            .push_bind(sale.scheme.name())
            .push_bind(i64::from(sale.pan.0))
            .push_bind(format!("{:?}", sale.cvm))
            .push_bind(sale.account.map(|account| account.0))
            .push_bind(sale.reference.to_string())
            .push_bind(auth_code)
            .push_bind(declined)
            .push_bind(integer(sale.signed_ms))
            .push_bind(sale.business.0)
            .push_bind(i64::from(message.terminal.0))
            .push_bind(sale.refund_of.map(|purchase| integer(purchase.0)));
    });
    rows
}

fn update_chains(terminals: &[(TerminalId, TerminalState)]) -> QueryBuilder<Sqlite> {
    let mut rows = QueryBuilder::new("WITH new (terminal, next, hash, data, pin, key, next_key) AS (");
    rows.push_values(terminals, |mut row, (terminal, state)| {
        row.push_bind(i64::from(terminal.0))
            .push_bind(integer(state.next_sequence))
            .push_bind(state.last_hash.0.to_vec())
            .push_bind(i64::from(state.data_counter))
            .push_bind(i64::from(state.pin_counter))
            .push_bind(state.initial_key_id.to_vec())
            .push_bind(state.next_key_id.map(|key| key.to_vec()));
    });
    rows.push(
        ") UPDATE terminal_chain SET next_sequence = new.next, last_hash = new.hash, data_counter = new.data,
                                     pin_counter = new.pin, key_id = new.key, next_key_id = new.next_key
           FROM new WHERE terminal_chain.terminal = new.terminal",
    );
    rows
}

fn update_accounts(accounts: &[Account]) -> QueryBuilder<Sqlite> {
    let mut rows = QueryBuilder::new("WITH new (id, tries, balance, owed, atc) AS (");
    rows.push_values(accounts, |mut row, account| {
        row.push_bind(account.id.0)
            .push_bind(i64::from(account.pin_tries_left))
            .push_bind(integer(account.balance))
            .push_bind(integer(account.owed))
            .push_bind(i64::from(account.last_atc));
    });
    rows.push(
        ") UPDATE account SET pin_tries_left = new.tries, balance = new.balance, owed = new.owed,
                              last_atc = new.atc
           FROM new WHERE account.id = new.id",
    );
    rows
}

fn insert_refusals(refusals: &[NewRefusal]) -> QueryBuilder<Sqlite> {
    let mut rows = QueryBuilder::new("INSERT INTO refused_message (at_ms, name, terminal, peer, hash) ");
    rows.push_values(refusals, |mut row, refusal| {
        row.push_bind(integer(refusal.at_ms))
            .push_bind(format!("{:?}", refusal.refusal))
            .push_bind(i64::from(refusal.terminal.0))
            .push_bind(refusal.peer.to_string())
            .push_bind(refusal.hash.0.to_vec());
    });
    rows
}

/// A JSON list of numbers, strings or lists that are JSON already.
fn json(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    format!("[{}]", items.join(","))
}
