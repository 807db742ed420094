//! A data folder that cannot be used is told by name, with what to do.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod support;

use mpos_host::{Console, Host, HostConfig, HostError, SystemClock};
use sqlx::{Connection, Executor};
use std::{fs, path::Path, sync::Arc};
use support::TestBank;
use tempfile::TempDir;

fn start(data: &Path) -> HostError {
    let error = Host::start(HostConfig::new(data.to_owned(), TestBank::new().bank())).unwrap_err();
    assert!(error.to_string().contains(&*data.to_string_lossy()), "{error}");
    error
}

/// A folder with books that were used.
fn made() -> TempDir {
    let folder = TempDir::new().unwrap();
    let config = HostConfig::new(folder.path().to_owned(), TestBank::new().bank());
    Host::start(config).unwrap().stop();
    folder
}

fn database(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join(mpos_host::DATABASE_FILE)
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, b"in the way").unwrap();
    assert!(matches!(start(&file.join("bank")), HostError::DataFolder { .. }));
}

#[test]
fn a_database_that_cannot_be_opened_is_named() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(database(&folder)).unwrap();
    assert!(matches!(start(folder.path()), HostError::DatabaseUnreadable { .. }));
}

#[test]
fn a_file_that_is_no_database_is_damaged() {
    let folder = TempDir::new().unwrap();
    fs::write(database(&folder), [0x5A; 8192]).unwrap();
    assert!(matches!(start(folder.path()), HostError::DatabaseDamaged { .. }));
}

#[test]
fn a_damaged_page_is_found_at_the_start() {
    let folder = made();
    let mut bytes = fs::read(database(&folder)).unwrap();
    for page in bytes.chunks_mut(4096).skip(1) {
        page[..64].fill(0xA5);
    }
    fs::write(database(&folder), bytes).unwrap();
    assert!(matches!(start(folder.path()), HostError::DatabaseDamaged { .. }));
}

#[tokio::test]
async fn a_newer_program_s_database_is_left_alone() {
    let folder = made();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(database(&folder));
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (99, 'of tomorrow', TRUE, X'00', 0)";
    connection.execute(newer).await.unwrap();
    connection.close().await.unwrap();
    let error = start(folder.path());
    assert!(matches!(error, HostError::DatabaseNewer { found: 99, .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn folder_and_file_are_their_owner_s_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("bank");
    drop(Console::open(&data, Arc::new(SystemClock)).unwrap());
    for (path, mode) in [(data.clone(), 0o700), (data.join(mpos_host::DATABASE_FILE), 0o600)] {
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
    }
}

#[test]
fn accounts_are_opened_once_and_only_such_as_can_be() {
    let scene = support::Scene::start(&[support::Card::mastercard()]);
    let keys = &scene.config.bank.issuer;
    let good = support::Card::visa();
    let richer = support::Card { balance: 999_999, ..support::Card::mastercard() };
    scene.console.seed_accounts(keys, &[richer.account(), good.account()]).unwrap();
    assert_eq!(scene.balance(&richer), 100_000);
    for bad in [
        support::Card { pan: "12".to_owned(), ..good.clone() },
        support::Card { pin: "12a4".to_owned(), ..good.clone() },
        support::Card { pin: "123".to_owned(), ..good.clone() },
        support::Card { expiry: (28, 13), ..good.clone() },
    ] {
        let error = scene.console.seed_accounts(keys, &[good.account(), bad.account()]).unwrap_err();
        assert!(matches!(error, HostError::BadAccount { position: 2 }), "{error}");
    }
}

#[test]
fn no_account_number_and_no_pin_is_in_the_database() {
    let card = support::Card::mastercard();
    let folder = made();
    let bank = TestBank::new().bank();
    {
        let console = Console::open(folder.path(), Arc::new(SystemClock)).unwrap();
        console.seed_accounts(&bank.issuer, &[card.account()]).unwrap();
    }
    let bytes = fs::read(database(&folder)).unwrap();
    let digits: Vec<u8> = card.pan.bytes().collect();
    let packed: Vec<u8> = digits.chunks(2).map(|pair| ((pair[0] - b'0') << 4) | (pair[1] - b'0')).collect();
    for secret in [&digits[..], &packed] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    }
}
