//! Supervisor codes, what they agreed to, and their audit, in SQLite. A use of a code and what it changes are one
//! transaction.

use super::{Store, Writing, array, integer, number};
use crate::{
    admin::{
        KnownTerminal,
        code_hash::{CodeHash, Cost},
        lockout::Tries,
    },
    books::{BusinessId, MessageId, holdings::GrantHash},
    error::{BooksError, HostError},
    issuer::KeySerial,
};
use mpos_protocol::{
    admin::{SupervisorFault, SupervisorPurpose},
    terminal::TerminalId,
};

/// A use of a code, in the bank's list. Texts are the protocol's own names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupervisorUse {
    /// When, milliseconds since 1970.
    pub at_ms: u64,
    /// On which terminal; none for the bank's staff.
    pub terminal: Option<TerminalId>,
    /// Whose code.
    pub business: BusinessId,
    /// `Define`, `Join`, `Refund` and the purchase's reference, `MerchantHistory`, or `Reset`.
    pub purpose: String,
    /// `Defined`, `Right`, `Wrong`, `Locked`, `LockedByBank`, `NotDefined`, `AlreadyDefined`, `Trivial`, `BadKeySerial`,
    /// `NotRefundable`, or `Reset`.
    pub result: String,
}

/// A terminal's use of a code, before its result is known.
pub(crate) struct CodeUse<'t> {
    pub(crate) at_ms: u64,
    pub(crate) from: &'t KnownTerminal,
    pub(crate) purpose: String,
}

/// What came of a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UseResult {
    Defined,
    Right,
    Wrong,
    Locked,
    LockedByBank,
    NotDefined,
    AlreadyDefined,
    Trivial,
    BadKeySerial,
    NotRefundable,
    Reset,
}

impl From<SupervisorFault> for UseResult {
    fn from(fault: SupervisorFault) -> Self {
        match fault {
            SupervisorFault::Wrong { .. } => Self::Wrong,
            SupervisorFault::Locked { .. } => Self::Locked,
            SupervisorFault::LockedByBank => Self::LockedByBank,
            SupervisorFault::NotDefined => Self::NotDefined,
            SupervisorFault::AlreadyDefined => Self::AlreadyDefined,
            SupervisorFault::Trivial(_) => Self::Trivial,
            SupervisorFault::BadKeySerial => Self::BadKeySerial,
            SupervisorFault::NotRefundable => Self::NotRefundable,
        }
    }
}

/// A business's code as the books have it.
pub(crate) struct KeptCode {
    pub(crate) hash: CodeHash,
    pub(crate) tries: Tries,
}

/// A transaction around the use of a code.
pub(crate) type Using<'s> = Writing<'s, Codes>;

/// The purpose of [`Using`].
pub(crate) struct Codes;

impl Using<'_> {
    /// False, and nothing is used up, when the key is none of this terminal's, or was used before. The first use of a
    /// new initial key takes the old one's place, as it does for card data.
    pub(crate) async fn use_up_key(
        &mut self,
        terminal: TerminalId,
        key: KeySerial,
    ) -> Result<bool, BooksError> {
        let used = sqlx::query(
            "UPDATE terminal_chain
             SET data_counter = ?1, key_id = ?3,
                 pin_counter = iif(key_id = ?3, pin_counter, 0),
                 next_key_id = iif(key_id = ?3, next_key_id, NULL)
             WHERE terminal = ?2 AND ((key_id = ?3 AND data_counter < ?1) OR next_key_id = ?3)",
        );
        let used = used.bind(i64::from(key.counter)).bind(i64::from(terminal.0));
        let used = used.bind(key.initial_key_id.to_vec());
        let used = used.execute(self.connection()).await.map_err(|source| self.store.fault(source))?;
        Ok(used.rows_affected() == 1)
    }

    pub(crate) async fn code(&mut self, business: BusinessId) -> Result<Option<KeptCode>, BooksError> {
        type Row = (Vec<u8>, Vec<u8>, i64, i64, i64, i64, i64);
        let row: Option<Row> = sqlx::query_as(
            "SELECT salt, hash, memory_kib, passes, lanes, wrong, locked_until_ms FROM supervisor_code
             WHERE business = ?",
        )
        .bind(business.0)
        .fetch_optional(self.connection())
        .await
        .map_err(|source| self.store.fault(source))?;
        let Some((salt, hash, memory, passes, lanes, wrong, locked_until)) = row else { return Ok(None) };
        let cost = Cost {
            memory_kib: number(memory, "a hash's cost")?,
            passes: number(passes, "a hash's cost")?,
            lanes: number(lanes, "a hash's cost")?,
        };
        let hash = CodeHash { salt: array(&salt, "a salt")?, hash: array(&hash, "a code's hash")?, cost };
        let tries = Tries {
            wrong: number(wrong, "a count of wrong codes")?,
            locked_until_ms: number(locked_until, "a time")?,
        };
        Ok(Some(KeptCode { hash, tries }))
    }

    /// False when the business has a code already.
    pub(crate) async fn define(&mut self, business: BusinessId, code: &CodeHash) -> Result<bool, BooksError> {
        let define = sqlx::query(
            "INSERT INTO supervisor_code (business, salt, hash, memory_kib, passes, lanes)
             VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (business) DO NOTHING",
        )
        .bind(business.0)
        .bind(code.salt.to_vec())
        .bind(code.hash.to_vec())
        .bind(i64::from(code.cost.memory_kib))
        .bind(i64::from(code.cost.passes))
        .bind(i64::from(code.cost.lanes));
        let done = define.execute(self.connection()).await.map_err(|source| self.store.fault(source))?;
        Ok(done.rows_affected() == 1)
    }

    pub(crate) async fn set_tries(&mut self, business: BusinessId, tries: Tries) -> Result<(), BooksError> {
        let set = sqlx::query("UPDATE supervisor_code SET wrong = ?, locked_until_ms = ? WHERE business = ?");
        let set = set.bind(i64::from(tries.wrong)).bind(integer(tries.locked_until_ms)).bind(business.0);
        set.execute(self.connection()).await.map_err(|source| self.store.fault(source))?;
        Ok(())
    }

    /// Whether something of this purchase can be given back.
    pub(crate) async fn is_refundable(
        &mut self,
        business: BusinessId,
        reference: &str,
        named: Option<MessageId>,
    ) -> Result<bool, BooksError> {
        let Some(message) = named else { return Ok(false) };
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM sale WHERE message = ? AND business = ? AND reference = ?
                 AND kind = 'Purchase' AND auth_code IS NOT NULL AND reversed_by IS NULL AND refunded < amount)",
        )
        .bind(integer(message.0))
        .bind(business.0)
        .bind(reference.to_owned())
        .fetch_one(self.connection())
        .await
        .map_err(|source| self.store.fault(source).into())
    }

    /// Writes a use down; gives its number.
    pub(crate) async fn note(&mut self, of: &CodeUse<'_>, result: UseResult) -> Result<i64, BooksError> {
        let terminal = Some(of.from.terminal);
        self.write_down(of.at_ms, (terminal, of.from.business), &of.purpose, result).await
    }

    async fn write_down(
        &mut self,
        at_ms: u64,
        (terminal, business): (Option<TerminalId>, BusinessId),
        purpose: &str,
        result: UseResult,
    ) -> Result<i64, BooksError> {
        let note = sqlx::query(
            "INSERT INTO supervisor_use (at_ms, terminal, business, purpose, result) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(integer(at_ms))
        .bind(terminal.map(|terminal| i64::from(terminal.0)))
        .bind(business.0)
        .bind(purpose.to_owned())
        .bind(format!("{result:?}"));
        let done = note.execute(self.connection()).await.map_err(|source| self.store.fault(source))?;
        Ok(done.last_insert_rowid())
    }

    /// The code of a use that was noted as wrong is right: that is written down, and the count cleared. False, and
    /// nothing is, when the business has not that code any more.
    pub(crate) async fn agreed(
        &mut self,
        noted: i64,
        business: BusinessId,
        code: &CodeHash,
    ) -> Result<bool, BooksError> {
        let clear = sqlx::query(
            "UPDATE supervisor_code SET wrong = 0, locked_until_ms = 0 WHERE business = ? AND hash = ?",
        );
        let clear = clear.bind(business.0).bind(code.hash.to_vec());
        let cleared = clear.execute(self.connection()).await.map_err(|source| self.store.fault(source))?;
        if cleared.rows_affected() == 0 {
            return Ok(false);
        }
        let right = sqlx::query("UPDATE supervisor_use SET result = ? WHERE id = ?");
        let right = right.bind(format!("{:?}", UseResult::Right)).bind(noted);
        right.execute(self.connection()).await.map_err(|source| self.store.fault(source))?;
        Ok(true)
    }

    /// Keeps a grant, by its hash, and forgets those that are over.
    pub(crate) async fn grant(
        &mut self,
        hash: &GrantHash,
        terminal: TerminalId,
        purpose: &SupervisorPurpose,
        (now_ms, expires_ms): (u64, u64),
    ) -> Result<(), BooksError> {
        let over = sqlx::query("DELETE FROM supervisor_grant WHERE expires_ms < ?").bind(integer(now_ms));
        over.execute(self.connection()).await.map_err(|source| self.store.fault(source))?;
        let (purpose, reference) = match purpose {
            SupervisorPurpose::Join => ("Join", None),
            SupervisorPurpose::Refund { reference } => ("Refund", Some(reference.to_string())),
            SupervisorPurpose::MerchantHistory => (MERCHANT_HISTORY, None),
        };
        let keep = sqlx::query(
            "INSERT INTO supervisor_grant (grant_hash, terminal, purpose, reference, expires_ms)
             VALUES (?, ?, ?, ?, ?)",
        )
        .bind(hash.to_vec())
        .bind(i64::from(terminal.0))
        .bind(purpose)
        .bind(reference)
        .bind(integer(expires_ms));
        keep.execute(self.connection()).await.map_err(|source| self.store.fault(source))?;
        Ok(())
    }
}

/// How a grant for the merchant's history is called.
const MERCHANT_HISTORY: &str = "MerchantHistory";

/// Whether a business has a code.
pub(crate) async fn is_defined(store: &Store, business: BusinessId) -> Result<bool, BooksError> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM supervisor_code WHERE business = ?)")
        .bind(business.0)
        .fetch_one(&store.pool)
        .await
        .map_err(|source| store.fault(source).into())
}

/// Whether this terminal may see the merchant's history by this grant.
pub(crate) async fn may_see_merchant_history(
    store: &Store,
    hash: &GrantHash,
    terminal: TerminalId,
    now_ms: u64,
) -> Result<bool, BooksError> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM supervisor_grant
             WHERE grant_hash = ? AND terminal = ? AND purpose = ? AND expires_ms >= ?)",
    )
    .bind(hash.to_vec())
    .bind(i64::from(terminal.0))
    .bind(MERCHANT_HISTORY)
    .bind(integer(now_ms))
    .fetch_one(&store.pool)
    .await
    .map_err(|source| store.fault(source).into())
}

/// Takes away a business's code, its count and what it agreed to; false when there is no such business.
pub(crate) async fn reset(store: &Store, business: BusinessId, now_ms: u64) -> Result<bool, BooksError> {
    let fault = |source| -> HostError { store.fault(source) };
    let mut using = Using::begin(store).await?;
    let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM business WHERE id = ?)")
        .bind(business.0)
        .fetch_one(using.connection())
        .await
        .map_err(fault)?;
    if !known {
        return Ok(false);
    }
    for statement in [
        "DELETE FROM supervisor_code WHERE business = ?",
        "DELETE FROM supervisor_grant WHERE terminal IN (SELECT id FROM terminal WHERE business = ?)",
    ] {
        sqlx::query(statement).bind(business.0).execute(using.connection()).await.map_err(fault)?;
    }
    using.write_down(now_ms, (None, business), "Reset", UseResult::Reset).await?;
    using.commit().await?;
    Ok(true)
}

/// The newest uses.
pub(crate) async fn uses(store: &Store, most: u32) -> Result<Vec<SupervisorUse>, BooksError> {
    type Row = (i64, Option<i64>, i64, String, String);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT at_ms, terminal, business, purpose, result FROM supervisor_use ORDER BY id DESC LIMIT ?",
    )
    .bind(i64::from(most))
    .fetch_all(&store.pool)
    .await
    .map_err(|source| store.fault(source))?;
    rows.into_iter()
        .map(|(at, terminal, business, purpose, result)| {
            let terminal =
                terminal.map(|id| number(id, "a terminal's number").map(TerminalId)).transpose()?;
            let business = BusinessId(business);
            Ok(SupervisorUse { at_ms: number(at, "a time")?, terminal, business, purpose, result })
        })
        .collect()
}
