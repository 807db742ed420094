//! The database: one SQLite file, opened, checked and brought to this program's version.
//!
//! WAL with `synchronous = FULL`: a commit is on the disk when it returns. The books are written by one connection
//! ([`sqlite::SqliteBooks`]); enrolment and the console use others, and SQLite lets them in one at a time.

pub(crate) mod enrolments;
pub(crate) mod history;
pub(crate) mod messages;
mod names;
pub(crate) mod reconciliation;
pub(crate) mod reports;
pub(crate) mod sqlite;
pub(crate) mod standing;
pub(crate) mod supervisor;

use crate::error::{BooksError, HostError};
use sqlx::{
    ConnectOptions, Row, Sqlite, SqliteConnection, SqlitePool, Transaction,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};
use std::{
    fs, io,
    marker::PhantomData,
    path::{Path, PathBuf},
    time::Duration,
};

/// The books' file in the data folder.
pub const DATABASE_FILE: &str = "host.sqlite";

/// How long a connection waits for another's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Enrolment, console and the look at revocations.
const POOL_CONNECTIONS_MAX: u32 = 4;
/// Batches of each size have statements of their own.
const STATEMENTS_CACHED_MAX: usize = 512;
/// Pages of write-ahead log between two checkpoints (4 KiB each: 32 MiB). Batches of many terminals touch the same
/// pages again and again; a longer log writes each of them back less often.
const CHECKPOINT_PAGES: &str = "8192";
/// A file below this size is read whole at the start, so that damage is told then and not at a customer's sale.
const CHECKED_AT_START_BYTES_MAX: u64 = 64 << 20;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// An open database.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    path: PathBuf,
    options: SqliteConnectOptions,
    pub(crate) pool: SqlitePool,
}

impl Store {
    /// Opens the file in `data`, making both when they are missing.
    pub(crate) async fn open(data: &Path) -> Result<Self, HostError> {
        make_folder(data).map_err(|source| HostError::DataFolder { path: data.to_owned(), source })?;
        let path = data.join(DATABASE_FILE);
        make_file(&path).map_err(|_| HostError::DatabaseUnreadable { path: path.clone() })?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .statement_cache_capacity(STATEMENTS_CACHED_MAX)
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new()
            .max_connections(POOL_CONNECTIONS_MAX)
            .connect_with(options.clone())
            .await
            .map_err(|source| fault(&path, source))?;
        let store = Self { path, options, pool };
        store.check().await?;
        store.migrate().await?;
        Ok(store)
    }

    /// A connection of its own, for the writer.
    pub(crate) async fn connect(&self) -> Result<SqliteConnection, HostError> {
        self.options.connect().await.map_err(|source| self.fault(source))
    }

    /// The typed error of what SQLite reports.
    pub(crate) fn fault(&self, source: sqlx::Error) -> HostError {
        fault(&self.path, source)
    }

    /// Ends with the log written back.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    async fn check(&self) -> Result<(), HostError> {
        let bytes = fs::metadata(&self.path).map_or(0, |file| file.len());
        if bytes > CHECKED_AT_START_BYTES_MAX {
            return Ok(());
        }
        let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)")
            .fetch_one(&self.pool)
            .await
            .map_err(|source| self.fault(source))?;
        if verdict == "ok" { Ok(()) } else { Err(HostError::DatabaseDamaged { path: self.path.clone() }) }
    }

    async fn migrate(&self) -> Result<(), HostError> {
        let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
        MIGRATIONS.run(&self.pool).await.map_err(|error| match error {
            MigrateError::VersionMissing(found) => {
                HostError::DatabaseNewer { path: self.path.clone(), found, known }
            }
            MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => self.fault(source),
            _ => HostError::DatabaseDamaged { path: self.path.clone() },
        })
    }
}

/// A transaction that writes beside the books' writer, for one purpose: what may be done in it is said where the
/// purpose is.
pub(crate) struct Writing<'s, Purpose> {
    store: &'s Store,
    transaction: Transaction<'s, Sqlite>,
    purpose: PhantomData<Purpose>,
}

impl<'s, Purpose> Writing<'s, Purpose> {
    pub(crate) async fn begin(store: &'s Store) -> Result<Self, BooksError> {
        let begun = store.pool.begin_with("BEGIN IMMEDIATE").await;
        let transaction = begun.map_err(|source| store.fault(source))?;
        Ok(Self { store, transaction, purpose: PhantomData })
    }

    pub(crate) async fn commit(self) -> Result<(), BooksError> {
        let store = self.store;
        self.transaction.commit().await.map_err(|source| store.fault(source).into())
    }

    fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }
}

/// Makes the folder, for its owner only.
fn make_folder(data: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(data)
}

/// Makes the file, for its owner only; SQLite takes an empty one for a new database.
fn make_file(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ())
}

/// SQLite's result codes (sqlite.org/rescode.html), as what a person can do about them: the primary ones, and that
/// extended one by which a full disk is told as an I/O error.
fn fault(path: &Path, source: sqlx::Error) -> HostError {
    const PRIMARY: i32 = 0xFF;
    /// The index of the write-ahead log could not grow. It was opened before, so it is not for want of rights.
    const IOERR_SHMSIZE: i32 = 4874;
    let path = path.to_owned();
    let code = source.as_database_error().and_then(|error| error.code());
    let code = code.and_then(|code| code.parse::<i32>().ok());
    if code == Some(IOERR_SHMSIZE) {
        return HostError::DiskFull { path };
    }
    match code.map(|code| code & PRIMARY) {
        Some(11 | 26) => HostError::DatabaseDamaged { path },
        Some(13) => HostError::DiskFull { path },
        Some(3 | 8 | 10 | 14 | 23) => HostError::DatabaseUnreadable { path },
        Some(5 | 6) => HostError::DatabaseBusy { path },
        _ => HostError::Database { path, source },
    }
}

/// A BLOB of known length.
pub(crate) fn array<const N: usize>(blob: &[u8], what: &'static str) -> Result<[u8; N], BooksError> {
    blob.try_into().map_err(|_| BooksError::Nonsense(what))
}

/// A number that SQLite keeps signed.
pub(crate) fn number<T: TryFrom<i64>>(value: i64, what: &'static str) -> Result<T, BooksError> {
    T::try_from(value).map_err(|_| BooksError::Nonsense(what))
}

/// A number for SQLite. Ours stay far below 2^63; one that does not is held at the end, where a CHECK refuses it.
pub(crate) fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A column of a row, by its name.
pub(crate) fn column<'r, T: sqlx::Decode<'r, Sqlite> + sqlx::Type<Sqlite>>(
    row: &'r SqliteRow,
    name: &'static str,
) -> Result<T, BooksError> {
    row.try_get(name).map_err(|_| BooksError::Nonsense(name))
}

/// A number of a row, by its name.
pub(crate) fn read<T: TryFrom<i64>>(row: &SqliteRow, name: &'static str) -> Result<T, BooksError> {
    number(column(row, name)?, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Books of the first version, with two terminals of one merchant and one of another, a sale, and a code.
    const FIRST_BOOKS: [&str; 6] = [
        "INSERT INTO terminal (id, merchant_name, merchant_address, model, system, software, device_key,
                               certificate, certificate_hash, initial_key_id, enrolled_ms)
         VALUES (16, 'Vala', 'here', '', '', '', X'', X'', X'01', X'01', 1),
                (17, 'Vala', 'here', '', '', '', X'', X'', X'02', X'02', 1),
                (18, 'Vala', 'there', '', '', '', X'', X'', X'03', X'03', 1)",
        "INSERT INTO activation_code (code_hash, merchant_name, merchant_address, created_ms, expires_ms)
         VALUES (X'01', 'Ilir', 'there', 1, 2)",
        "INSERT INTO account VALUES (5, X'01', 36, 'VISA', 1, 3912, X'01', 3, 900, FALSE, 1)",
        "INSERT INTO message VALUES (1, 17, 1, X'01', 5, X'01', X'02'), (2, 17, 2, X'02', 6, X'01', X'02')",
        "INSERT INTO sale VALUES (1, 'Purchase', 3, 100, 'EUR', 'VISA', 36, 'None', 5, 'R', '123456', NULL, 4, 2)",
        "UPDATE counter SET last_message = 2",
    ];

    #[tokio::test]
    async fn books_of_the_first_version_are_brought_to_this_one_with_their_businesses() {
        let folder = tempfile::TempDir::new().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join(DATABASE_FILE))
            .create_if_missing(true)
            .foreign_keys(true);
        let first = MIGRATIONS.iter().take(1).cloned().collect();
        let old = SqlitePoolOptions::new().connect_with(options).await.unwrap();
        Migrator { migrations: first, ..Migrator::DEFAULT }.run(&old).await.unwrap();
        for statement in FIRST_BOOKS {
            sqlx::query(statement).execute(&old).await.unwrap();
        }
        old.close().await;

        let store = Store::open(folder.path()).await.unwrap();
        let businesses: Vec<(i64, String, String, Option<i64>)> = sqlx::query_as(
            "SELECT b.id, b.name, b.address, t.id FROM business AS b LEFT JOIN terminal AS t ON t.business = b.id
             ORDER BY b.id, t.id",
        )
        .fetch_all(&store.pool)
        .await
        .unwrap();
        let known = |(id, name, address, terminal): &(i64, String, String, Option<i64>)| {
            (*id, format!("{name} {address}"), *terminal)
        };
        let expected = [
            (1, "Ilir there", None),
            (2, "Vala here", Some(16)),
            (2, "Vala here", Some(17)),
            (3, "Vala there", Some(18)),
        ];
        let expected = expected.map(|(id, merchant, terminal)| (id, merchant.to_owned(), terminal));
        assert_eq!(businesses.iter().map(known).collect::<Vec<_>>(), expected);
        let sale: (i64, i64, i64, i64, Option<i64>, i64) =
            sqlx::query_as("SELECT message, business, terminal, reversed_by, refund_of, refunded FROM sale")
                .fetch_one(&store.pool)
                .await
                .unwrap();
        assert_eq!(sale, (1, 2, 17, 2, None, 0));
        let code: i64 =
            sqlx::query_scalar("SELECT business FROM activation_code").fetch_one(&store.pool).await.unwrap();
        assert_eq!(code, 1);
        // More than was paid is not kept, whatever the program believes.
        let more = "UPDATE sale SET refunded = 101";
        assert!(sqlx::query(more).execute(&store.pool).await.is_err());
        let dangling: Option<String> = sqlx::query_scalar("SELECT \"table\" FROM pragma_foreign_key_check")
            .fetch_optional(&store.pool)
            .await
            .unwrap();
        assert_eq!(dangling, None);
    }

    #[tokio::test]
    async fn a_full_disk_is_told_as_such_and_changes_nothing() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let mut connection = store.connect().await.unwrap();
        // SQLite reports a full disk when its page limit is reached too.
        sqlx::query("PRAGMA max_page_count = 1").execute(&mut connection).await.unwrap();
        let fill = sqlx::query("INSERT INTO bank_secret (name, value) VALUES ('large', zeroblob(10000000))");
        let full = store.fault(fill.execute(&mut connection).await.unwrap_err());
        assert!(matches!(full, HostError::DiskFull { .. }), "{full}");
        assert!(full.to_string().contains(DATABASE_FILE));
    }
}
