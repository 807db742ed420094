//! The folder of a development bank: made once, read again, its owner's alone, and damage is named.

#![allow(clippy::unwrap_used)]

use mpos_certs::DevelopmentBank;
use std::{fs, path::Path};

fn everything(bank: &DevelopmentBank) -> impl PartialEq + std::fmt::Debug + use<> {
    let (bdk, bdk_id) = bank.base_derivation_key();
    let (chain, key) = bank.server();
    let certificates = (bank.server_cas().map(<[u8]>::to_vec), chain, bank.devices.certificate().to_vec());
    let keys = (key, bank.signing_key(), bdk, bdk_id, bank.mastercard_master_key(), bank.visa_master_key());
    (certificates, keys, bank.reference_key())
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn the_bank_is_the_same_after_a_restart_and_another_folder_is_another_bank() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank");
    let first = everything(&DevelopmentBank::open_or_create(&path).unwrap());
    assert_eq!(everything(&DevelopmentBank::open_or_create(&path).unwrap()), first);
    let other = DevelopmentBank::open_or_create(&folder.path().join("other")).unwrap();
    assert_ne!(everything(&other), first);
}

#[test]
fn a_damaged_file_is_named_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank");
    drop(DevelopmentBank::open_or_create(&path).unwrap());
    let key_files: Vec<_> =
        files(&path).into_iter().filter(|file| file.extension().is_some_and(|kind| kind == "keys")).collect();
    assert!(!key_files.is_empty());
    for file in key_files {
        let good = fs::read(&file).unwrap();
        let mut bad = good.clone();
        bad[good.len() / 2] ^= 1;
        fs::write(&file, &bad).unwrap();
        let error = DevelopmentBank::open_or_create(&path).unwrap_err().to_string();
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(error.contains(name) && error.contains("damaged"), "{error}");
        assert_eq!(fs::read(&file).unwrap(), bad);
        fs::write(&file, good).unwrap();
    }
    DevelopmentBank::open_or_create(&path).unwrap();
}

#[cfg(unix)]
#[test]
fn the_folder_and_its_secrets_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank");
    drop(DevelopmentBank::open_or_create(&path).unwrap());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    for file in files(&path).iter().filter(|file| file.extension().is_some_and(|kind| kind == "keys")) {
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
}

#[test]
fn a_folder_from_before_there_was_a_backup_gets_one_and_stays_the_same_bank() {
    let folder = tempfile::tempdir().unwrap();
    let first = DevelopmentBank::open_or_create(folder.path()).unwrap();
    fs::remove_file(folder.path().join("backup-ca.keys")).unwrap();
    let again = DevelopmentBank::open_or_create(folder.path()).unwrap();
    assert_eq!(again.server_cas()[0], first.server_cas()[0]);
    assert_ne!(again.server_cas()[1], first.server_cas()[1]);
    assert_eq!(again.server(), first.server());
}

#[test]
fn a_bank_that_moves_to_its_backup_makes_another_also_when_it_was_stopped_in_between() {
    let folder = tempfile::tempdir().unwrap();
    let mut bank = DevelopmentBank::open_or_create(folder.path()).unwrap();
    let [left, backup] = bank.server_cas().map(<[u8]>::to_vec);
    let before_the_move = fs::read(folder.path().join("backup-ca.keys")).unwrap();
    bank.move_to_backup_ca().unwrap();
    let check = |bank: &DevelopmentBank| {
        let [in_use, next] = bank.server_cas();
        assert_eq!(in_use, backup);
        assert!(next != left && next != backup);
        assert_eq!(bank.server().0[1], backup, "the host shows another chain");
    };
    check(&bank);
    check(&DevelopmentBank::open_or_create(folder.path()).unwrap());
    // The keys were written and the new backup was not.
    fs::write(folder.path().join("backup-ca.keys"), before_the_move).unwrap();
    check(&DevelopmentBank::open_or_create(folder.path()).unwrap());
}

#[test]
fn the_published_cas_are_the_hosts_and_come_back_when_they_were_altered() {
    let folder = tempfile::tempdir().unwrap();
    let bank = DevelopmentBank::open_or_create(folder.path()).unwrap();
    let published = fs::read_to_string(bank.server_ca_file()).unwrap();
    assert!(published.starts_with("-----BEGIN CERTIFICATE-----"));
    assert_eq!(published.matches("-----BEGIN CERTIFICATE-----").count(), 2);
    fs::write(bank.server_ca_file(), "something else").unwrap();
    let again = DevelopmentBank::open_or_create(folder.path()).unwrap();
    assert_eq!(fs::read_to_string(again.server_ca_file()).unwrap(), published);
}
