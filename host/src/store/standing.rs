//! What the bank makes of each terminal's device, and what it wants renewed, in SQLite.

use super::{Store, Writing, column, enrolments, integer, number, read};
use crate::{
    error::{BooksError, HostError},
    standing::Proof,
};
use mpos_protocol::terminal::TerminalId;
use sqlx::{SqliteConnection, sqlite::SqliteRow};

/// Certificates of a terminal that wait for their first use: the newest of those whose answers may have been lost.
const NEXT_CERTIFICATES_MAX: i64 = 8;

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
    /// What its last attestation came to.
    pub(crate) proof: Proof,
    /// What the bank's staff wants done.
    pub(crate) wants_attest: bool,
    pub(crate) wants_keys: bool,
    pub(crate) wants_certificate: bool,
    /// Its client certificate, DER.
    pub(crate) certificate: Vec<u8>,
    /// The highest counter of a key it used.
    pub(crate) counter: u32,
}

/// What the books have of this terminal.
pub(crate) async fn kept(store: &Store, terminal: TerminalId) -> Result<KeptStanding, BooksError> {
    let row: SqliteRow = sqlx::query(
        "SELECT s.reported_ms, s.decision, s.concerns, s.software, s.system, s.proof,
                coalesce(s.wants_attest, 0) AS wants_attest, coalesce(s.wants_keys, 0) AS wants_keys,
                coalesce(s.wants_certificate, 0) AS wants_certificate,
                t.certificate, max(c.data_counter, c.pin_counter) AS counter
         FROM terminal AS t JOIN terminal_chain AS c ON c.terminal = t.id
         LEFT JOIN terminal_standing AS s ON s.terminal = t.id
         WHERE t.id = ?",
    )
    .bind(i64::from(terminal.0))
    .fetch_one(&store.pool)
    .await
    .map_err(|source| store.fault(source))?;
    let text = |name| Ok::<_, BooksError>(column::<Option<String>>(&row, name)?.unwrap_or_default());
    let reported: Option<i64> = column(&row, "reported_ms")?;
    let proof: Option<Vec<u8>> = column(&row, "proof")?;
    Ok(KeptStanding {
        reported_ms: reported.map(|at| number(at, "a time")).transpose()?,
        decision: column(&row, "decision")?,
        concerns: text("concerns")?,
        software: text("software")?,
        system: text("system")?,
        proof: proof.map_or(Ok(Proof::Absent), |proof| {
            postcard::from_bytes(&proof).map_err(|_| BooksError::Nonsense("an attestation's proof"))
        })?,
        wants_attest: column(&row, "wants_attest")?,
        wants_keys: column(&row, "wants_keys")?,
        wants_certificate: column(&row, "wants_certificate")?,
        certificate: column(&row, "certificate")?,
        counter: read(&row, "counter")?,
    })
}

/// Keeps what came of a report.
pub(crate) async fn keep(
    store: &Store,
    terminal: TerminalId,
    standing: &KeptStanding,
) -> Result<(), BooksError> {
    sqlx::query(
        "INSERT INTO terminal_standing (terminal, reported_ms, decision, concerns, software, system, proof,
                                        attestation, wants_attest)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (terminal) DO UPDATE SET reported_ms = ?2, decision = ?3, concerns = ?4, software = ?5,
             system = ?6, proof = ?7, attestation = ?8, wants_attest = wants_attest AND ?9",
    )
    .bind(i64::from(terminal.0))
    .bind(standing.reported_ms.map(integer))
    .bind(standing.decision.as_deref())
    .bind(&standing.concerns)
    .bind(&standing.software)
    .bind(&standing.system)
    .bind(proof_bytes(standing.proof)?)
    .bind(named(standing.proof))
    .bind(standing.wants_attest)
    .execute(&store.pool)
    .await
    .map_err(|source| store.fault(source))?;
    Ok(())
}

/// Keeps what a new terminal's attestation came to.
pub(crate) async fn keep_first_proof(
    connection: &mut SqliteConnection,
    store: &Store,
    terminal: TerminalId,
    proof: Proof,
) -> Result<(), BooksError> {
    let keep = sqlx::query("INSERT INTO terminal_standing (terminal, proof, attestation) VALUES (?, ?, ?)");
    let keep = keep.bind(i64::from(terminal.0)).bind(proof_bytes(proof)?).bind(named(proof));
    keep.execute(connection).await.map_err(|source| store.fault(source))?;
    Ok(())
}

fn proof_bytes(proof: Proof) -> Result<Vec<u8>, BooksError> {
    postcard::to_allocvec(&proof).map_err(|_| BooksError::Nonsense("an attestation's proof"))
}

/// For people.
fn named(proof: Proof) -> String {
    match proof {
        Proof::Absent => String::new(),
        Proof::Refused(flaw) => format!("refused: {flaw:?}"),
        Proof::Good { level, patch, .. } => {
            let patch = patch.map_or_else(String::new, |patch| format!(", patch {}", patch.number()));
            format!("{level:?}{patch}")
        }
    }
}

/// What the bank's staff can want of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// A new proof of where its key lives.
    Attestation,
    /// A new initial key.
    Keys,
    /// A new client certificate.
    Certificate,
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
        Wish::Certificate => {
            "INSERT INTO terminal_standing (terminal, wants_certificate) SELECT id, 1 FROM terminal WHERE id = ?
             ON CONFLICT (terminal) DO UPDATE SET wants_certificate = 1"
        }
    };
    let done = sqlx::query(statement).bind(i64::from(terminal.0)).execute(&store.pool).await;
    done.map(|done| done.rows_affected() > 0).map_err(|source| store.fault(source))
}

/// The terminal that was given this certificate and has not used it yet, with its device's key. Using it makes it the
/// terminal's; what else it was given, and the one before, open no line any more.
pub(super) async fn first_use(
    store: &Store,
    certificate_hash: &[u8; 32],
) -> Result<Option<(i64, Vec<u8>)>, BooksError> {
    let fault = |source| store.fault(source);
    let mut transaction = store.pool.begin_with("BEGIN IMMEDIATE").await.map_err(fault)?;
    let used: Option<(i64, Vec<u8>)> = sqlx::query_as(
        "UPDATE terminal SET certificate = n.certificate, certificate_hash = n.certificate_hash
         FROM next_certificate AS n WHERE n.terminal = terminal.id AND n.certificate_hash = ?
         RETURNING terminal.id, terminal.device_key",
    )
    .bind(certificate_hash.to_vec())
    .fetch_optional(&mut *transaction)
    .await
    .map_err(fault)?;
    if let Some((terminal, _)) = &used {
        let forget = sqlx::query("DELETE FROM next_certificate WHERE terminal = ?").bind(terminal);
        forget.execute(&mut *transaction).await.map_err(fault)?;
        let done = sqlx::query("UPDATE terminal_standing SET wants_certificate = 0 WHERE terminal = ?");
        done.bind(terminal).execute(&mut *transaction).await.map_err(fault)?;
    }
    transaction.commit().await.map_err(fault)?;
    Ok(used)
}

/// A transaction that renews something.
pub(crate) type Renewing<'s> = Writing<'s, Renewal>;

/// The purpose of [`Renewing`].
pub(crate) struct Renewal;

impl Renewing<'_> {
    /// A certificate that takes the present one's place when it is first used.
    pub(crate) async fn certificate(
        &mut self,
        terminal: TerminalId,
        (certificate, hash): (&[u8], [u8; 32]),
        now_ms: u64,
    ) -> Result<(), BooksError> {
        let give = sqlx::query(
            "INSERT INTO next_certificate (certificate_hash, terminal, certificate, given_ms) VALUES (?, ?, ?, ?)",
        );
        let give = give.bind(hash.to_vec()).bind(i64::from(terminal.0)).bind(certificate.to_vec());
        let give = give.bind(integer(now_ms));
        give.execute(self.connection()).await.map_err(|source| self.store.fault(source))?;
        let forget = sqlx::query(
            "DELETE FROM next_certificate WHERE terminal = ?1 AND certificate_hash NOT IN (
                 SELECT certificate_hash FROM next_certificate WHERE terminal = ?1
                 ORDER BY given_ms DESC LIMIT ?2)",
        );
        let forget = forget.bind(i64::from(terminal.0)).bind(NEXT_CERTIFICATES_MAX);
        forget.execute(self.connection()).await.map_err(|source| self.store.fault(source))?;
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
