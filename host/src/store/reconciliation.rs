//! How far each terminal's transactions were compared with the bank's, and what differed, in SQLite.

use super::{Store, Writing, array, column, integer, names, number, read};
use crate::{
    error::{BooksError, HostError},
    reconcile::{BankPage, CHAIN_SEQUENCE, Difference, DifferenceKind, Held, HeldWhat},
};
use mpos_protocol::{
    Amount, Text,
    reconcile::{BookedOutcome, ChainHead, ReconcilePage},
    sale::ReceiptNumber,
    signed::Hash,
    terminal::TerminalId,
};
use sqlx::{SqliteConnection, sqlite::SqliteRow};

/// Messages of the bank's that are held against one page: a page in order has at most twice as many as transactions.
const HELD_MAX: usize = 1024;
/// Differences of one terminal that are kept, ended ones too: a terminal that makes them up fills no disk.
pub(crate) const DIFFERENCES_KEPT_MAX: u32 = 4096;

/// Where a terminal's reconciliation stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// Below it all was compared.
    pub(crate) mark: u64,
    /// Where the pass under way goes on.
    pub(crate) cursor: u64,
    /// How many transactions were compared since all were.
    pub(crate) compared: u64,
    /// When a page was compared last.
    pub(crate) compared_ms: Option<u64>,
    /// A request whose end the terminal does not know yet.
    pub(crate) waiting: Option<u64>,
    /// The bank's staff wants all of it compared again.
    pub(crate) wanted: bool,
    /// When the last pass ended; none before the first did.
    pub(crate) passed_ms: Option<u64>,
    /// Where the two chains stood then.
    pub(crate) passed: (ChainHead, ChainHead),
}

/// A terminal's reconciliation in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReconciliationListed {
    /// The terminal.
    pub terminal: TerminalId,
    /// All its messages up to this one were compared; 0 before any was.
    pub compared_to: u64,
    /// How many messages of it the bank has.
    pub messages: u64,
    /// How many transactions were compared.
    pub transactions: u64,
    /// When the last page was compared, milliseconds since 1970; none before the first.
    pub compared_ms: Option<u64>,
    /// The message whose end the terminal does not know yet, and that keeps those after it from being compared.
    pub waiting: Option<u64>,
    /// All of it is compared again at the terminal's next connection.
    pub wanted: bool,
    /// As many differences are kept as are kept of a terminal: there may be others.
    pub is_full: bool,
    /// A message that did not follow the bank's chain and was refused, since when nothing was compared.
    pub refused: Option<ChainRefusal>,
    /// What differs, and what did, oldest first.
    pub differences: Vec<DifferenceListed>,
}

impl ReconciliationListed {
    /// What differs now.
    pub fn open(&self) -> impl Iterator<Item = &DifferenceListed> {
        self.differences.iter().filter(|difference| difference.ended_ms.is_none())
    }

    /// Whether there is nothing for a person to look at.
    pub fn agrees(&self) -> bool {
        self.refused.is_none() && self.open().next().is_none()
    }
}

/// A message that did not follow the bank's chain. A terminal that has one open does nothing else until the bank takes
/// it, so that it is never compared: this is all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainRefusal {
    /// When, milliseconds since 1970.
    pub at_ms: u64,
    /// Why: the name of the refusal.
    pub name: String,
}

/// A difference in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DifferenceListed {
    /// The message's place in the terminal's chain; 0 where it is the chains themselves.
    pub sequence: u64,
    /// In which way they differ.
    pub kind: DifferenceKind,
    /// The receipt, where there is one.
    pub receipt: Option<u32>,
    /// Minor units, where there is an amount.
    pub amount: Option<u64>,
    /// In words.
    pub terminal_says: String,
    /// In words.
    pub bank_says: String,
    /// When it was found, milliseconds since 1970.
    pub found_ms: u64,
    /// When it was found gone, milliseconds since 1970; none while it is there.
    pub ended_ms: Option<u64>,
}

/// Where this terminal's reconciliation stands, and the bank's end of its chain.
pub(crate) async fn place(store: &Store, terminal: TerminalId) -> Result<(Place, ChainHead), BooksError> {
    let mut connection = store.pool.acquire().await.map_err(|source| store.fault(source))?;
    place_in(&mut connection, store, terminal).await
}

async fn place_in(
    connection: &mut SqliteConnection,
    store: &Store,
    terminal: TerminalId,
) -> Result<(Place, ChainHead), BooksError> {
    let row: SqliteRow = sqlx::query(
        "SELECT coalesce(r.next_sequence, 1) AS mark, coalesce(r.cursor, 1) AS cursor,
                coalesce(r.compared, 0) AS compared, r.compared_ms, r.waiting, coalesce(r.wanted, 0) AS wanted,
                r.passed_ms, coalesce(r.terminal_next, 0) AS terminal_next, r.terminal_head,
                coalesce(r.bank_next, 0) AS bank_next, r.bank_head, c.next_sequence, c.last_hash
         FROM terminal_chain AS c LEFT JOIN reconciliation AS r ON r.terminal = c.terminal
         WHERE c.terminal = ?",
    )
    .bind(i64::from(terminal.0))
    .fetch_one(connection)
    .await
    .map_err(|source| store.fault(source))?;
    let maybe = |name| {
        let value: Option<i64> = column(&row, name)?;
        value.map(|value| number(value, name)).transpose()
    };
    let head = |next: &'static str, hash: &'static str| {
        let hash: Option<Vec<u8>> = column(&row, hash)?;
        let head = hash.map(|hash| array(&hash, "a hash")).transpose()?.map_or_else(Hash::default, Hash);
        Ok::<_, BooksError>(ChainHead { next_sequence: read(&row, next)?, head })
    };
    let place = Place {
        mark: read(&row, "mark")?,
        cursor: read(&row, "cursor")?,
        compared: read(&row, "compared")?,
        compared_ms: maybe("compared_ms")?,
        waiting: maybe("waiting")?,
        wanted: column(&row, "wanted")?,
        passed_ms: maybe("passed_ms")?,
        passed: (head("terminal_next", "terminal_head")?, head("bank_next", "bank_head")?),
    };
    Ok((place, head("next_sequence", "last_hash")?))
}

/// Has all of a terminal's transactions compared again, or those of each terminal; false when there is none such.
pub(crate) async fn want_again(store: &Store, terminal: Option<TerminalId>) -> Result<bool, HostError> {
    let done = sqlx::query(
        "INSERT INTO reconciliation (terminal, wanted)
         SELECT id, 1 FROM terminal WHERE ?1 IS NULL OR id = ?1
         ON CONFLICT (terminal) DO UPDATE SET wanted = 1, next_sequence = 1, cursor = 1, compared = 0",
    )
    .bind(terminal.map(|terminal| i64::from(terminal.0)))
    .execute(&store.pool)
    .await;
    done.map(|done| done.rows_affected() > 0).map_err(|source| store.fault(source))
}

/// Every terminal's reconciliation, or one terminal's.
pub(crate) async fn listed(
    store: &Store,
    terminal: Option<TerminalId>,
) -> Result<Vec<ReconciliationListed>, BooksError> {
    let fault = |source| store.fault(source);
    let mut reading = store.pool.begin().await.map_err(fault)?;
    let ids: Vec<i64> = sqlx::query_scalar("SELECT id FROM terminal WHERE ?1 IS NULL OR id = ?1 ORDER BY id")
        .bind(terminal.map(|terminal| i64::from(terminal.0)))
        .fetch_all(&mut *reading)
        .await
        .map_err(fault)?;
    let refused: Vec<(i64, i64, String)> = sqlx::query_as(
        "SELECT terminal, max(at_ms), name FROM refused_message
         WHERE name LIKE 'SequenceGap%' OR name LIKE 'Replayed%' OR name LIKE 'BrokenChain%' GROUP BY terminal",
    )
    .fetch_all(&mut *reading)
    .await
    .map_err(fault)?;
    let mut listed = Vec::with_capacity(ids.len());
    for id in ids {
        let terminal = TerminalId(number(id, "a terminal's number")?);
        let (place, bank) = place_in(&mut reading, store, terminal).await?;
        let differences = differences(&mut reading, store, terminal).await?;
        let refusal = match refused.iter().find(|(of, ..)| *of == id) {
            Some((_, at, name)) => Some(ChainRefusal { at_ms: number(*at, "a time")?, name: name.clone() }),
            None => None,
        };
        listed.push(ReconciliationListed {
            refused: refusal
                .filter(|refused| place.compared_ms.is_none_or(|compared| compared < refused.at_ms)),
            terminal,
            compared_to: place.mark.saturating_sub(1),
            messages: bank.next_sequence.saturating_sub(1),
            transactions: place.compared,
            compared_ms: place.compared_ms,
            waiting: place.waiting,
            wanted: place.wanted,
            is_full: differences.len() >= usize::try_from(DIFFERENCES_KEPT_MAX).unwrap_or(usize::MAX),
            differences,
        });
    }
    reading.rollback().await.map_err(fault)?;
    Ok(listed)
}

async fn differences(
    connection: &mut SqliteConnection,
    store: &Store,
    terminal: TerminalId,
) -> Result<Vec<DifferenceListed>, BooksError> {
    let rows: Vec<SqliteRow> = sqlx::query(
        "SELECT sequence, kind, receipt, amount, terminal_says, bank_says, found_ms, ended_ms
         FROM reconciliation_difference WHERE terminal = ? ORDER BY sequence, id",
    )
    .bind(i64::from(terminal.0))
    .fetch_all(connection)
    .await
    .map_err(|source| store.fault(source))?;
    let difference = |row: &SqliteRow| {
        let (receipt, amount): (Option<i64>, Option<i64>) = (column(row, "receipt")?, column(row, "amount")?);
        let ended: Option<i64> = column(row, "ended_ms")?;
        let kind: String = column(row, "kind")?;
        Ok(DifferenceListed {
            sequence: read(row, "sequence")?,
            kind: DifferenceKind::named(&kind).ok_or(BooksError::Nonsense("a difference's kind"))?,
            receipt: receipt.map(|receipt| number(receipt, "a receipt's number")).transpose()?,
            amount: amount.map(|amount| number(amount, "an amount")).transpose()?,
            terminal_says: column(row, "terminal_says")?,
            bank_says: column(row, "bank_says")?,
            found_ms: read(row, "found_ms")?,
            ended_ms: ended.map(|ended| number(ended, "a time")).transpose()?,
        })
    };
    rows.iter().map(difference).collect()
}

/// A transaction around one page.
pub(crate) type Reconciling<'s> = Writing<'s, Reconciliation>;

/// The purpose of [`Reconciling`].
pub(crate) struct Reconciliation;

impl Reconciling<'_> {
    pub(crate) async fn place(&mut self, terminal: TerminalId) -> Result<(Place, ChainHead), BooksError> {
        let store = self.store;
        place_in(self.connection(), store, terminal).await
    }

    /// What the bank holds from where a page begins: up to its end, or up to the chain's on the last page.
    pub(crate) async fn held(
        &mut self,
        terminal: TerminalId,
        page: &ReconcilePage,
        chain: ChainHead,
    ) -> Result<BankPage, BooksError> {
        let to = if page.is_last() { i64::MAX } else { integer(page.to) };
        let rows: Vec<SqliteRow> = sqlx::query(
            "SELECT m.sequence, m.hash, m.request IS NULL AS taken_back, s.receipt, s.kind, s.amount, s.reference,
                    s.auth_code IS NOT NULL AS approved, s.reversed_by IS NOT NULL AS reversed
             FROM message AS m LEFT JOIN sale AS s ON s.message = m.id
             WHERE m.terminal = ? AND m.sequence >= ? AND m.sequence < ? ORDER BY m.sequence LIMIT ?",
        )
        .bind(i64::from(terminal.0))
        .bind(integer(page.from))
        .bind(to)
        .bind(i64::try_from(HELD_MAX + 1).unwrap_or(i64::MAX))
        .fetch_all(self.connection())
        .await
        .map_err(|source| self.store.fault(source))?;
        let mut held = rows.iter().map(held_of).collect::<Result<Vec<_>, _>>()?;
        let cut = held.get(HELD_MAX).map(|held| held.sequence);
        held.truncate(HELD_MAX);
        Ok(BankPage { held, cut, chain })
    }

    /// How many transactions of the terminal stand before this sequence.
    pub(crate) async fn transactions_before(
        &mut self,
        terminal: TerminalId,
        sequence: u64,
    ) -> Result<u64, BooksError> {
        let count: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM message AS m LEFT JOIN sale AS s ON s.message = m.id
             WHERE m.terminal = ? AND m.sequence < ? AND (s.message IS NOT NULL OR m.request IS NULL)",
        )
        .bind(i64::from(terminal.0))
        .bind(integer(sequence))
        .fetch_one(self.connection())
        .await
        .map_err(|source| self.store.fault(source))?;
        number(count, "a count")
    }

    /// Whether this many differences more may be kept.
    pub(crate) async fn has_room_for(
        &mut self,
        terminal: TerminalId,
        more: usize,
    ) -> Result<bool, BooksError> {
        let kept: i64 =
            sqlx::query_scalar("SELECT count(*) FROM reconciliation_difference WHERE terminal = ?")
                .bind(i64::from(terminal.0))
                .fetch_one(self.connection())
                .await
                .map_err(|source| self.store.fault(source))?;
        let kept: usize = number(kept, "a count")?;
        Ok(more == 0 || kept < usize::try_from(DIFFERENCES_KEPT_MAX).unwrap_or(usize::MAX))
    }

    /// The open differences of these sequences, and of the chains: number, sequence and both sides' words.
    pub(crate) async fn open_between(
        &mut self,
        terminal: TerminalId,
        (from, end): (u64, u64),
    ) -> Result<Vec<OpenDifference>, BooksError> {
        let rows: Vec<(i64, i64, String, String)> = sqlx::query_as(
            "SELECT id, sequence, terminal_says, bank_says FROM reconciliation_difference
             WHERE terminal = ?1 AND ended_ms IS NULL AND (sequence = ?4 OR sequence >= ?2 AND sequence < ?3)",
        )
        .bind(i64::from(terminal.0))
        .bind(integer(from))
        .bind(integer(end))
        .bind(integer(CHAIN_SEQUENCE))
        .fetch_all(self.connection())
        .await
        .map_err(|source| self.store.fault(source))?;
        rows.into_iter()
            .map(|(id, sequence, terminal_says, bank_says)| {
                Ok(OpenDifference { id, sequence: number(sequence, "a sequence")?, terminal_says, bank_says })
            })
            .collect()
    }

    pub(crate) async fn end(&mut self, difference: &OpenDifference, now_ms: u64) -> Result<(), BooksError> {
        let end = sqlx::query("UPDATE reconciliation_difference SET ended_ms = ? WHERE id = ?");
        let end = end.bind(integer(now_ms)).bind(difference.id);
        end.execute(self.connection()).await.map_err(|source| self.store.fault(source))?;
        Ok(())
    }

    /// Keeps differences, and the signed page that shows them.
    pub(crate) async fn add(
        &mut self,
        terminal: TerminalId,
        differences: &[&Difference],
        (signed, now_ms): (&[u8], u64),
    ) -> Result<(), BooksError> {
        let page = sqlx::query("INSERT INTO reconciliation_page (terminal, at_ms, signed) VALUES (?, ?, ?)");
        let page = page.bind(i64::from(terminal.0)).bind(integer(now_ms)).bind(signed.to_vec());
        let page = page.execute(self.connection()).await.map_err(|source| self.store.fault(source))?;
        for difference in differences {
            sqlx::query(
                "INSERT INTO reconciliation_difference (terminal, sequence, kind, receipt, amount, terminal_says,
                                                        bank_says, page, found_ms)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(i64::from(terminal.0))
            .bind(integer(difference.sequence))
            .bind(difference.kind.to_string())
            .bind(difference.receipt.map(|receipt| i64::from(receipt.0)))
            .bind(difference.amount.map(|amount| integer(amount.minor())))
            .bind(&difference.terminal_says)
            .bind(&difference.bank_says)
            .bind(page.last_insert_rowid())
            .bind(integer(now_ms))
            .execute(self.connection())
            .await
            .map_err(|source| self.store.fault(source))?;
        }
        Ok(())
    }

    pub(crate) async fn keep(&mut self, terminal: TerminalId, place: &Place) -> Result<(), BooksError> {
        sqlx::query(
            "INSERT INTO reconciliation (terminal, next_sequence, cursor, compared, compared_ms, waiting, wanted,
                                         passed_ms, terminal_next, terminal_head, bank_next, bank_head)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
             ON CONFLICT (terminal) DO UPDATE SET next_sequence = ?2, cursor = ?3, compared = ?4, compared_ms = ?5,
                 waiting = ?6, wanted = ?7, passed_ms = ?8, terminal_next = ?9, terminal_head = ?10,
                 bank_next = ?11, bank_head = ?12",
        )
        .bind(i64::from(terminal.0))
        .bind(integer(place.mark))
        .bind(integer(place.cursor))
        .bind(integer(place.compared))
        .bind(place.compared_ms.map(integer))
        .bind(place.waiting.map(integer))
        .bind(place.wanted)
        .bind(place.passed_ms.map(integer))
        .bind(integer(place.passed.0.next_sequence))
        .bind(place.passed.0.head.0.to_vec())
        .bind(integer(place.passed.1.next_sequence))
        .bind(place.passed.1.head.0.to_vec())
        .execute(self.connection())
        .await
        .map_err(|source| self.store.fault(source))?;
        Ok(())
    }
}

/// A difference that was found before and is not known to be gone.
pub(crate) struct OpenDifference {
    id: i64,
    pub(crate) sequence: u64,
    terminal_says: String,
    bank_says: String,
}

impl OpenDifference {
    /// Whether `found` is the same.
    pub(crate) fn is(&self, found: &Difference) -> bool {
        (self.sequence, &self.terminal_says, &self.bank_says)
            == (found.sequence, &found.terminal_says, &found.bank_says)
    }
}

fn held_of(row: &SqliteRow) -> Result<Held, BooksError> {
    let receipt: Option<i64> = column(row, "receipt")?;
    let what = match receipt {
        Some(receipt) => {
            let reference = Text::new(&column::<String>(row, "reference")?)
                .map_err(|_| BooksError::Nonsense("a reference"))?;
            let outcome = match (column(row, "reversed")?, column(row, "approved")?) {
                (true, _) => BookedOutcome::Reversed,
                (false, true) => BookedOutcome::Approved { reference },
                (false, false) => BookedOutcome::Declined { reference },
            };
            HeldWhat::Transaction {
                receipt: ReceiptNumber(number(receipt, "a receipt's number")?),
                kind: names::kind(&column::<String>(row, "kind")?)?,
                amount: Amount::from_minor(read(row, "amount")?).ok_or(BooksError::Nonsense("an amount"))?,
                outcome,
            }
        }
        None if column(row, "taken_back")? => HeldWhat::TakenBack,
        None => HeldWhat::NoTransaction,
    };
    let hash: Vec<u8> = column(row, "hash")?;
    Ok(Held { sequence: read(row, "sequence")?, hash: Hash(array(&hash, "a hash")?), what })
}
