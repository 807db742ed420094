//! What the bank makes of each terminal's device, and what it wants renewed, in SQLite.

use super::{Store, Writing, enrolments, integer, number};
use crate::error::{BooksError, HostError};
use mpos_protocol::terminal::TerminalId;

/// What the books have of a terminal's standing; zeros and nothing before its first report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KeptStanding {
    /// When it last reported something new.
    pub(crate) reported_ms: Option<u64>,
    /// What came of it, by the decision's name, and the concerns by theirs.
    pub(crate) decision: Option<String>,
    pub(crate) concerns: String,
    pub(crate) software: String,
    pub(crate) system: String,
    /// When its key's home was last proved, and what it is.
    pub(crate) attested_ms: Option<u64>,
    pub(crate) attestation: String,
    /// What the bank's staff wants done.
    pub(crate) wants_attest: bool,
    pub(crate) wants_keys: bool,
    /// Its client certificate, DER.
    pub(crate) certificate: Vec<u8>,
    /// The highest counter of a key it used.
    pub(crate) counter: u32,
}

/// What the books have of this terminal.
pub(crate) async fn kept(store: &Store, terminal: TerminalId) -> Result<KeptStanding, BooksError> {
    type Row = (
        Option<i64>,
        Option<String>,
        Option<String>,
        Option<String>,
        Option<String>,
        Option<i64>,
        Option<String>,
        bool,
        bool,
        Vec<u8>,
        i64,
    );
    let row: Row = sqlx::query_as(
        "SELECT s.reported_ms, s.decision, s.concerns, s.software, s.system, s.attested_ms, s.attestation,
                coalesce(s.wants_attest, 0), coalesce(s.wants_keys, 0), t.certificate,
                max(c.data_counter, c.pin_counter)
         FROM terminal AS t JOIN terminal_chain AS c ON c.terminal = t.id
         LEFT JOIN terminal_standing AS s ON s.terminal = t.id
         WHERE t.id = ?",
    )
    .bind(i64::from(terminal.0))
    .fetch_one(&store.pool)
    .await
    .map_err(|source| store.fault(source))?;
    let (
        reported,
        decision,
        concerns,
        software,
        system,
        attested,
        attestation,
        attest,
        keys,
        certificate,
        counter,
    ) = row;
    let time = |at: Option<i64>| at.map(|at| number(at, "a time")).transpose();
    Ok(KeptStanding {
        reported_ms: time(reported)?,
        decision,
        concerns: concerns.unwrap_or_default(),
        software: software.unwrap_or_default(),
        system: system.unwrap_or_default(),
        attested_ms: time(attested)?,
        attestation: attestation.unwrap_or_default(),
        wants_attest: attest,
        wants_keys: keys,
        certificate,
        counter: number(counter, "a key counter")?,
    })
}

/// Keeps what came of a report.
pub(crate) async fn keep(
    store: &Store,
    terminal: TerminalId,
    standing: &KeptStanding,
) -> Result<(), BooksError> {
    sqlx::query(
        "INSERT INTO terminal_standing (terminal, reported_ms, decision, concerns, software, system, attested_ms,
                                        attestation, wants_attest, wants_keys)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (terminal) DO UPDATE SET reported_ms = ?2, decision = ?3, concerns = ?4, software = ?5,
             system = ?6, attested_ms = ?7, attestation = ?8, wants_attest = wants_attest AND ?9",
    )
    .bind(i64::from(terminal.0))
    .bind(standing.reported_ms.map(integer))
    .bind(standing.decision.as_deref())
    .bind(&standing.concerns)
    .bind(&standing.software)
    .bind(&standing.system)
    .bind(standing.attested_ms.map(integer))
    .bind(&standing.attestation)
    .bind(standing.wants_attest)
    .bind(standing.wants_keys)
    .execute(&store.pool)
    .await
    .map_err(|source| store.fault(source))?;
    Ok(())
}

/// What the bank's staff can want of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// A new proof of where its key lives.
    Attestation,
    /// A new initial key.
    Keys,
}

/// Notes a wish; false when there is no such terminal.
pub(crate) async fn want(store: &Store, terminal: TerminalId, wish: Wish) -> Result<bool, HostError> {
    let statement = match wish {
        Wish::Attestation => {
            "INSERT INTO terminal_standing (terminal, wants_attest) SELECT id, 1 FROM terminal WHERE id = ?
             ON CONFLICT (terminal) DO UPDATE SET wants_attest = 1"
        }
        Wish::Keys => {
            "INSERT INTO terminal_standing (terminal, wants_keys) SELECT id, 1 FROM terminal WHERE id = ?
             ON CONFLICT (terminal) DO UPDATE SET wants_keys = 1"
        }
    };
    let done = sqlx::query(statement).bind(i64::from(terminal.0)).execute(&store.pool).await;
    done.map(|done| done.rows_affected() > 0).map_err(|source| store.fault(source))
}

/// A transaction that renews something.
pub(crate) type Renewing<'s> = Writing<'s, Renewal>;

/// The purpose of [`Renewing`].
pub(crate) struct Renewal;

impl Renewing<'_> {
    /// The certificate that takes the present one's place when it is first used.
    pub(crate) async fn certificate(
        &mut self,
        terminal: TerminalId,
        certificate: &[u8],
        hash: &[u8; 32],
    ) -> Result<(), BooksError> {
        let set =
            sqlx::query("UPDATE terminal SET next_certificate = ?, next_certificate_hash = ? WHERE id = ?");
        let set = set.bind(certificate.to_vec()).bind(hash.to_vec()).bind(i64::from(terminal.0));
        set.execute(self.connection()).await.map_err(|source| self.store.fault(source))?;
        Ok(())
    }

    /// A name that no key has.
    pub(crate) async fn free_key_id(&mut self, bdk_id: [u8; 4]) -> Result<[u8; 8], BooksError> {
        let store = self.store;
        enrolments::free_key_id(store, self.connection(), bdk_id).await
    }

    /// The initial key that takes the present one's place when it is first used. What the bank's staff wanted is done.
    pub(crate) async fn initial_key(
        &mut self,
        terminal: TerminalId,
        initial_key_id: &[u8; 8],
    ) -> Result<(), BooksError> {
        let set = sqlx::query("UPDATE terminal_chain SET next_key_id = ? WHERE terminal = ?");
        let set = set.bind(initial_key_id.to_vec()).bind(i64::from(terminal.0));
        set.execute(self.connection()).await.map_err(|source| self.store.fault(source))?;
        let done = sqlx::query("UPDATE terminal_standing SET wants_keys = 0 WHERE terminal = ?");
        let done = done.bind(i64::from(terminal.0));
        done.execute(self.connection()).await.map_err(|source| self.store.fault(source))?;
        Ok(())
    }
}
