//! Activation codes, terminals and revocations in SQLite. A code and the terminal that it becomes change in one
//! transaction.

use super::{Store, Writing, array, column, integer, number, read, standing};
use crate::{
    admin::KnownTerminal,
    books::BusinessId,
    console::{BusinessListed, TerminalListed},
    draws::random,
    error::{BooksError, HostError},
    standing::Proof,
    verify::DeviceKey,
};
use mpos_protocol::{
    Text,
    signed::Hash,
    terminal::{Device, Merchant, TerminalId},
};
use sqlx::{SqliteConnection, sqlite::SqliteRow};

/// Random names that are tried for a key; of 2^32 almost all are free.
const KEY_NAMES_TRIED_MAX: usize = 16;

/// A secret of this database, made on first use.
pub(crate) async fn secret(store: &Store, name: &'static str) -> Result<[u8; 32], BooksError> {
    let fresh = random::<32>()?;
    let value: Vec<u8> = sqlx::query_scalar(
        "INSERT INTO bank_secret (name, value) VALUES (?, ?)
         ON CONFLICT (name) DO UPDATE SET value = value RETURNING value",
    )
    .bind(name)
    .bind(fresh.to_vec())
    .fetch_one(&store.pool)
    .await
    .map_err(|source| store.fault(source))?;
    array(&value, "a secret")
}

/// The terminal with this client certificate, and its device's key. With its first use a new certificate takes the old
/// one's place.
pub(crate) async fn terminal_of(
    store: &Store,
    certificate_hash: &[u8; 32],
) -> Result<Option<(TerminalId, DeviceKey)>, BooksError> {
    let find = sqlx::query_as("SELECT id, device_key FROM terminal WHERE certificate_hash = ?");
    let found = find.bind(certificate_hash.to_vec()).fetch_optional(&store.pool).await;
    let mut row: Option<(i64, Vec<u8>)> = found.map_err(|source| store.fault(source))?;
    if row.is_none() {
        row = standing::first_use(store, certificate_hash).await?;
    }
    row.map(|(id, key)| Ok((TerminalId(number(id, "a terminal's number")?), array(&key, "a device's key")?)))
        .transpose()
}

/// A terminal as it is now.
pub(crate) async fn known_terminal(
    store: &Store,
    terminal: TerminalId,
) -> Result<Option<KnownTerminal>, BooksError> {
    let row: Option<(i64, Vec<u8>, bool, Vec<u8>)> = sqlx::query_as(
        "SELECT business, certificate_hash, revoked_ms IS NULL, device_key FROM terminal WHERE id = ?",
    )
    .bind(i64::from(terminal.0))
    .fetch_optional(&store.pool)
    .await
    .map_err(|source| store.fault(source))?;
    let known = |(business, certificate, active, device_key): (i64, Vec<u8>, bool, Vec<u8>)| {
        let certificate = array(&certificate, "a certificate's hash")?;
        let device_key = array(&device_key, "a device's key")?;
        Ok(KnownTerminal { terminal, business: BusinessId(business), certificate, active, device_key })
    };
    row.map(known).transpose()
}

/// A random name of an initial key under this BDK that no terminal's key has or had.
pub(super) async fn free_key_id(
    store: &Store,
    connection: &mut SqliteConnection,
    bdk_id: [u8; 4],
) -> Result<[u8; 8], BooksError> {
    for _ in 0..KEY_NAMES_TRIED_MAX {
        let mut initial_key_id = [0; 8];
        initial_key_id[..4].copy_from_slice(&bdk_id);
        initial_key_id[4..].copy_from_slice(&random::<4>()?);
        let taken: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM terminal WHERE initial_key_id = ?1)
                 OR EXISTS (SELECT 1 FROM terminal_chain WHERE key_id = ?1 OR next_key_id = ?1)",
        )
        .bind(initial_key_id.to_vec())
        .fetch_one(&mut *connection)
        .await
        .map_err(|source| store.fault(source))?;
        if !taken {
            return Ok(initial_key_id);
        }
    }
    Err(BooksError::Nonsense("so many names of keys"))
}

/// How often certificates were revoked: changes when the list does.
pub(crate) async fn revocations(store: &Store) -> Result<i64, HostError> {
    sqlx::query_scalar("SELECT revocations FROM counter")
        .fetch_one(&store.pool)
        .await
        .map_err(|source| store.fault(source))
}

/// The revoked certificates, DER, and when, milliseconds since 1970.
pub(crate) async fn revoked(store: &Store) -> Result<Vec<(Vec<u8>, u64)>, HostError> {
    let rows: Vec<(Vec<u8>, i64)> = sqlx::query_as(
        "SELECT certificate, revoked_ms FROM terminal WHERE revoked_ms IS NOT NULL
             UNION ALL
             SELECT n.certificate, t.revoked_ms FROM next_certificate AS n JOIN terminal AS t ON t.id = n.terminal
             WHERE t.revoked_ms IS NOT NULL",
    )
    .fetch_all(&store.pool)
    .await
    .map_err(|source| store.fault(source))?;
    Ok(rows.into_iter().map(|(certificate, at)| (certificate, u64::try_from(at).unwrap_or(0))).collect())
}

/// Revokes a terminal's certificate; false when there is no such terminal. Revoking twice keeps the first time.
pub(crate) async fn revoke(store: &Store, terminal: TerminalId, now_ms: u64) -> Result<bool, HostError> {
    let fault = |source| store.fault(source);
    let mut transaction = store.pool.begin_with("BEGIN IMMEDIATE").await.map_err(fault)?;
    let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM terminal WHERE id = ?)")
        .bind(i64::from(terminal.0))
        .fetch_one(&mut *transaction)
        .await
        .map_err(fault)?;
    let changed = sqlx::query("UPDATE terminal SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL")
        .bind(integer(now_ms))
        .bind(i64::from(terminal.0))
        .execute(&mut *transaction)
        .await
        .map_err(fault)?;
    if changed.rows_affected() > 0 {
        let count = sqlx::query("UPDATE counter SET revocations = revocations + 1");
        count.execute(&mut *transaction).await.map_err(fault)?;
    }
    transaction.commit().await.map_err(fault)?;
    Ok(known)
}

/// Every terminal there is.
pub(crate) async fn terminals(store: &Store) -> Result<Vec<TerminalListed>, BooksError> {
    let rows: Vec<SqliteRow> = sqlx::query(
        "SELECT t.id, t.business, b.name AS merchant, t.model, coalesce(nullif(s.system, ''), t.system) AS system,
                coalesce(nullif(s.software, ''), t.software) AS software, t.enrolled_ms, t.revoked_ms,
                c.next_sequence - 1 AS messages, s.reported_ms, s.decision, coalesce(s.concerns, '') AS concerns,
                coalesce(s.attestation, '') AS attestation
         FROM terminal AS t JOIN terminal_chain AS c ON c.terminal = t.id JOIN business AS b ON b.id = t.business
         LEFT JOIN terminal_standing AS s ON s.terminal = t.id
         ORDER BY t.id",
    )
    .fetch_all(&store.pool)
    .await
    .map_err(|source| store.fault(source))?;
    let time = |row: &SqliteRow, name| {
        let at: Option<i64> = column(row, name)?;
        at.map(|at| number(at, name)).transpose()
    };
    rows.iter()
        .map(|row| {
            Ok(TerminalListed {
                terminal: TerminalId(read(row, "id")?),
                business: BusinessId(column(row, "business")?),
                merchant: column(row, "merchant")?,
                model: column(row, "model")?,
                system: column(row, "system")?,
                software: column(row, "software")?,
                enrolled_ms: read(row, "enrolled_ms")?,
                revoked_ms: time(row, "revoked_ms")?,
                messages: read(row, "messages")?,
                reported_ms: time(row, "reported_ms")?,
                decision: column(row, "decision")?,
                concerns: column(row, "concerns")?,
                attestation: column(row, "attestation")?,
            })
        })
        .collect()
}

/// Every business there is.
pub(crate) async fn businesses(store: &Store) -> Result<Vec<BusinessListed>, BooksError> {
    let rows: Vec<(i64, String, String, i64, bool, i64)> = sqlx::query_as(
        "SELECT b.id, b.name, b.address, (SELECT count(*) FROM terminal AS t WHERE t.business = b.id),
                c.business IS NOT NULL, coalesce(c.wrong, 0)
         FROM business AS b LEFT JOIN supervisor_code AS c ON c.business = b.id ORDER BY b.id",
    )
    .fetch_all(&store.pool)
    .await
    .map_err(|source| store.fault(source))?;
    rows.into_iter()
        .map(|(id, name, address, terminals, supervisor_defined, wrong)| {
            Ok(BusinessListed {
                business: BusinessId(id),
                merchant: Merchant { name: Text::clipped(&name), address: Text::clipped(&address) },
                terminals: number(terminals, "a count")?,
                supervisor_defined,
                wrong_codes: number(wrong, "a count")?,
            })
        })
        .collect()
}

/// Keeps a new activation code, by its keyed hash, for the business of this name and address: the one that there is,
/// or a new one.
pub(crate) async fn add_code(
    store: &Store,
    code_hash: &[u8; 32],
    merchant: &Merchant,
    (created_ms, expires_ms): (u64, u64),
) -> Result<(), HostError> {
    let fault = |source| store.fault(source);
    let mut transaction = store.pool.begin_with("BEGIN IMMEDIATE").await.map_err(fault)?;
    let business: i64 = sqlx::query_scalar(
        "INSERT INTO business (name, address) VALUES (?, ?)
         ON CONFLICT (name, address) DO UPDATE SET name = name RETURNING id",
    )
    .bind(merchant.name.to_string())
    .bind(merchant.address.to_string())
    .fetch_one(&mut *transaction)
    .await
    .map_err(fault)?;
    sqlx::query(
        "INSERT INTO activation_code (code_hash, business, created_ms, expires_ms) VALUES (?, ?, ?, ?)",
    )
    .bind(code_hash.to_vec())
    .bind(business)
    .bind(integer(created_ms))
    .bind(integer(expires_ms))
    .execute(&mut *transaction)
    .await
    .map_err(fault)?;
    transaction.commit().await.map_err(fault)
}

/// A code as the books have it.
pub(crate) struct KeptCode {
    pub(crate) business: BusinessId,
    pub(crate) merchant_name: String,
    pub(crate) merchant_address: String,
    pub(crate) expires_ms: u64,
    /// When it was used, and what it became.
    pub(crate) used: Option<(u64, EnrolledTerminal)>,
}

/// A terminal, as enrolment made it.
pub(crate) struct EnrolledTerminal {
    pub(crate) terminal: TerminalId,
    pub(crate) device_key: DeviceKey,
    pub(crate) certificate: Vec<u8>,
    pub(crate) initial_key_id: [u8; 8],
    /// It has sent nothing yet, and is not revoked.
    pub(crate) fresh: bool,
}

/// A transaction of enrolment.
pub(crate) type Enrolling<'s> = Writing<'s, Enrolment>;

/// The purpose of [`Enrolling`].
pub(crate) struct Enrolment;

impl Enrolling<'_> {
    /// When the wrong codes since `since_ms` were typed, newest first: those of this peer, and those of all.
    pub(crate) async fn wrong_codes(
        &mut self,
        peer: &str,
        since_ms: u64,
    ) -> Result<(Vec<u64>, Vec<u64>), BooksError> {
        let rows: Vec<(i64, bool)> =
            sqlx::query_as("SELECT at_ms, peer = ? FROM wrong_code WHERE at_ms > ? ORDER BY at_ms DESC")
                .bind(peer)
                .bind(integer(since_ms))
                .fetch_all(self.connection())
                .await
                .map_err(|source| self.store.fault(source))?;
        let time = |at: i64| u64::try_from(at).unwrap_or(0);
        let of_peer = rows.iter().filter(|(_, same)| *same).map(|(at, _)| time(*at)).collect();
        Ok((of_peer, rows.iter().map(|(at, _)| time(*at)).collect()))
    }

    /// Notes a wrong code, and forgets those from before `since_ms`.
    pub(crate) async fn note_wrong_code(
        &mut self,
        peer: &str,
        now_ms: u64,
        since_ms: u64,
    ) -> Result<(), BooksError> {
        let forget = sqlx::query("DELETE FROM wrong_code WHERE at_ms <= ?").bind(integer(since_ms));
        forget.execute(self.connection()).await.map_err(|source| self.store.fault(source))?;
        let note = sqlx::query("INSERT INTO wrong_code (at_ms, peer) VALUES (?, ?)");
        let note = note.bind(integer(now_ms)).bind(peer.to_owned());
        note.execute(self.connection()).await.map_err(|source| self.store.fault(source))?;
        Ok(())
    }

    pub(crate) async fn code(&mut self, code_hash: &[u8; 32]) -> Result<Option<KeptCode>, BooksError> {
        type Row = (i64, String, String, i64, Option<i64>, Option<i64>);
        let code: Option<Row> = sqlx::query_as(
            "SELECT b.id, b.name, b.address, c.expires_ms, c.used_ms, c.terminal
             FROM activation_code AS c JOIN business AS b ON b.id = c.business WHERE c.code_hash = ?",
        )
        .bind(code_hash.to_vec())
        .fetch_optional(self.connection())
        .await
        .map_err(|source| self.store.fault(source))?;
        let Some((business, merchant_name, merchant_address, expires, used, terminal)) = code else {
            return Ok(None);
        };
        let used = match used.zip(terminal) {
            Some((at, terminal)) => Some((number(at, "a time")?, self.terminal(terminal).await?)),
            None => None,
        };
        let expires_ms = number(expires, "a time")?;
        let business = BusinessId(business);
        Ok(Some(KeptCode { business, merchant_name, merchant_address, expires_ms, used }))
    }

    async fn terminal(&mut self, id: i64) -> Result<EnrolledTerminal, BooksError> {
        let (device_key, certificate, initial_key_id, fresh): (Vec<u8>, Vec<u8>, Vec<u8>, bool) =
            sqlx::query_as(
                "SELECT device_key, certificate, initial_key_id, revoked_ms IS NULL AND next_sequence = 1
                 FROM terminal JOIN terminal_chain ON terminal = id WHERE id = ?",
            )
            .bind(id)
            .fetch_one(self.connection())
            .await
            .map_err(|source| self.store.fault(source))?;
        Ok(EnrolledTerminal {
            terminal: TerminalId(number(id, "a terminal's number")?),
            device_key: array(&device_key, "a device's key")?,
            certificate,
            initial_key_id: array(&initial_key_id, "a key's name")?,
            fresh,
        })
    }

    /// The number that the next terminal gets.
    pub(crate) async fn next_terminal(&mut self) -> Result<TerminalId, BooksError> {
        let next: i64 = sqlx::query_scalar("SELECT seq + 1 FROM sqlite_sequence WHERE name = 'terminal'")
            .fetch_one(self.connection())
            .await
            .map_err(|source| self.store.fault(source))?;
        Ok(TerminalId(number(next, "a terminal's number")?))
    }

    /// A name that no key has.
    pub(crate) async fn free_key_id(&mut self, bdk_id: [u8; 4]) -> Result<[u8; 8], BooksError> {
        let store = self.store;
        free_key_id(store, self.connection(), bdk_id).await
    }

    /// What its attestation came to.
    pub(crate) async fn keep_proof(&mut self, terminal: TerminalId, proof: Proof) -> Result<(), BooksError> {
        let store = self.store;
        standing::keep_first_proof(self.connection(), store, terminal, proof).await
    }

    /// The code becomes the terminal.
    pub(crate) async fn add_terminal(
        &mut self,
        code_hash: &[u8; 32],
        code: &KeptCode,
        device: &Device,
        enrolled: &EnrolledTerminal,
        (certificate_hash, now_ms): ([u8; 32], u64),
    ) -> Result<(), BooksError> {
        let id = i64::from(enrolled.terminal.0);
        let terminal = sqlx::query(
            "INSERT INTO terminal (id, business, model, system, software, device_key, certificate,
                                   certificate_hash, initial_key_id, enrolled_ms)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(id)
        .bind(code.business.0)
        .bind(device.model.to_string())
        .bind(device.system.to_string())
        .bind(device.software.to_string())
        .bind(enrolled.device_key.to_vec())
        .bind(enrolled.certificate.clone())
        .bind(certificate_hash.to_vec())
        .bind(enrolled.initial_key_id.to_vec())
        .bind(integer(now_ms));
        terminal.execute(self.connection()).await.map_err(|source| self.store.fault(source))?;
        let chain = sqlx::query(
            "INSERT INTO terminal_chain (terminal, next_sequence, last_hash, data_counter, pin_counter, key_id)
             VALUES (?, 1, ?, 0, 0, ?)",
        );
        let chain = chain.bind(id).bind(Hash::default().0.to_vec()).bind(enrolled.initial_key_id.to_vec());
        chain.execute(self.connection()).await.map_err(|source| self.store.fault(source))?;
        let used = sqlx::query("UPDATE activation_code SET used_ms = ?, terminal = ? WHERE code_hash = ?");
        let used = used.bind(integer(now_ms)).bind(id).bind(code_hash.to_vec());
        used.execute(self.connection()).await.map_err(|source| self.store.fault(source))?;
        Ok(())
    }
}
