//! No key twice, no change unseen, nothing of a used key left.

use super::*;
use mpos_crypto::dukpt::{derive_initial_key, host_working_key};
use p256::ecdsa::DerSignature;
use p256::ecdsa::{VerifyingKey, signature::Verifier};
use std::{collections::HashSet, sync::Arc};
use x509_cert::{
    der::{Decode, Encode},
    request::CertReq,
};

const ID: [u8; 8] = *b"\x12\x34\x56\x78TM16";
const FILE_BYTES: usize = 512 + 2 * 4096;

fn sealing() -> SealingKey {
    Zeroizing::new([7; 32])
}

fn bdk() -> SecretKey {
    SecretKey::from_slice(&[0xB0; 16]).unwrap()
}

/// A file of which one call can fail, and whose unsynced writes a crash keeps in part.
#[derive(Clone, Default)]
struct Disk(Arc<Mutex<DiskState>>);

#[derive(Default)]
struct DiskState {
    seen: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<(usize, Vec<u8>)>,
    calls: usize,
    fail_at: Option<usize>,
}

impl Disk {
    fn holding(bytes: &[u8]) -> Self {
        let disk = Self::default();
        disk.state().seen = bytes.to_vec();
        disk.state().durable = bytes.to_vec();
        disk
    }

    fn state(&self) -> MutexGuard<'_, DiskState> {
        self.0.lock().unwrap()
    }

    fn bytes(&self) -> Vec<u8> {
        self.state().seen.clone()
    }

    /// Of each write that was not synced the sectors arrive whose bit in `kept` is set.
    fn crash(&self, kept: u64) {
        let mut state = self.state();
        state.fail_at = None;
        for (offset, bytes) in std::mem::take(&mut state.unsynced) {
            for (index, piece) in bytes.chunks(512).enumerate() {
                if kept >> (index % 64) & 1 == 1 {
                    put(&mut state.durable, offset + index * 512, piece);
                }
            }
        }
        state.seen = state.durable.clone();
    }
}

fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if file.len() < offset + bytes.len() {
        file.resize(offset + bytes.len(), 0);
    }
    file[offset..offset + bytes.len()].copy_from_slice(bytes);
}

impl DiskState {
    fn call(&mut self) -> Result<(), FileFault> {
        self.calls += 1;
        if self.fail_at == Some(self.calls) { Err(FileFault::Refused) } else { Ok(()) }
    }
}

impl AppendFile for Disk {
    fn read_all(&mut self) -> Result<Vec<u8>, FileFault> {
        self.state().call()?;
        Ok(self.bytes())
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), FileFault> {
        let (mut state, offset) = (self.state(), usize::try_from(offset).unwrap());
        let called = state.call();
        let written = if called.is_ok() { bytes } else { &bytes[..bytes.len() / 2] };
        put(&mut state.seen, offset, written);
        state.unsynced.push((offset, written.to_vec()));
        called
    }

    fn sync(&mut self) -> Result<(), FileFault> {
        let mut state = self.state();
        let called = state.call();
        let unsynced = std::mem::take(&mut state.unsynced);
        called?;
        unsynced.iter().for_each(|(offset, bytes)| put(&mut state.durable, *offset, bytes));
        Ok(())
    }

    fn reserve(&mut self, offset: u64, bytes: u64) -> Result<(), FileFault> {
        self.write_at(offset, &vec![0; usize::try_from(bytes).unwrap()])
    }
}

fn open(disk: &Disk) -> Result<KeyFile, SlotsFault> {
    KeyFile::over(Box::new(disk.clone()), sealing())
}

/// What the bank does at enrolment.
fn enrol(keys: &KeyFile) -> Result<(), KeyFault> {
    let point = keys.begin_key_agreement()?;
    let initial = derive_initial_key(&bdk(), ID).unwrap();
    let wrapped = key_wrap::wrap(&point, &[0x51; 32], KEY_WRAP_CONTEXT, initial.as_bytes()).unwrap();
    keys.install_initial_key(&wrapped, ID)
}

fn next_key(keys: &KeyFile) -> Result<Ksn, KeyFault> {
    keys.next_working_key(KeyUsage::PinEncryption).map(|(ksn, _)| ksn)
}

#[test]
fn the_device_key_stays_the_same_and_signs() {
    let disk = Disk::default();
    let keys = open(&disk).unwrap();
    let point = keys.device_public_key().unwrap();
    drop(keys);
    let keys = open(&disk).unwrap();
    assert_eq!(keys.device_public_key().unwrap(), point);
    let signature = Signature::from_slice(&keys.sign(b"message").unwrap()).unwrap();
    let verifying = VerifyingKey::from_sec1_bytes(&point).unwrap();
    assert!(verifying.verify(b"message", &signature).is_ok());
    assert!(verifying.verify(b"massage", &signature).is_err());
}

#[test]
fn the_certificate_request_names_the_subject_and_proves_possession() {
    let keys = open(&Disk::default()).unwrap();
    for subject in ["mPOS device", "a,CN=b+c\"\\", "Çelësi"] {
        let der = keys.certificate_request(subject).unwrap();
        let request = CertReq::from_der(&der).unwrap();
        assert_eq!(request.info.subject.common_name().unwrap().unwrap().value(), subject);
        assert!(request.info.attributes.is_empty());
        let point = request.info.public_key.subject_public_key.as_bytes().unwrap();
        assert_eq!(point, keys.device_public_key().unwrap());
        let signature = DerSignature::from_bytes(request.signature.as_bytes().unwrap()).unwrap();
        let verifying = VerifyingKey::from_sec1_bytes(point).unwrap();
        verifying.verify(&request.info.to_der().unwrap(), &signature).unwrap();
    }
}

#[test]
fn terminal_and_bank_derive_the_same_working_keys() {
    let disk = Disk::default();
    let mut keys = open(&disk).unwrap();
    assert_eq!(next_key(&keys), Err(KeyFault::NotEnrolled));
    enrol(&keys).unwrap();
    for round in 0..60 {
        let usage = if round % 2 == 0 { KeyUsage::DataEncrypt } else { KeyUsage::PinEncryption };
        let (ksn, key) = keys.next_working_key(usage).unwrap();
        assert_eq!(ksn.initial_key_id, ID);
        assert_eq!(key, host_working_key(&bdk(), ksn, usage, KeySize::Aes128).unwrap());
        if round % 7 == 0 {
            drop(keys);
            keys = open(&disk).unwrap();
        }
    }
}

#[test]
fn an_initial_key_for_another_agreement_is_refused() {
    let keys = open(&Disk::default()).unwrap();
    assert_eq!(keys.install_initial_key(&[1; 100], ID), Err(KeyFault::Unwrap), "none was begun");
    let first = keys.begin_key_agreement().unwrap();
    let second = keys.begin_key_agreement().unwrap();
    assert_ne!(first, second);
    let wrapped = key_wrap::wrap(&first, &[0x51; 32], KEY_WRAP_CONTEXT, &[9; 16]).unwrap();
    assert_eq!(keys.install_initial_key(&wrapped, ID), Err(KeyFault::Unwrap));
    let wrapped = key_wrap::wrap(&second, &[0x51; 32], KEY_WRAP_CONTEXT, &[9; 16]).unwrap();
    assert_eq!(keys.install_initial_key(&wrapped, ID), Ok(()));
    assert_eq!(keys.install_initial_key(&wrapped, ID), Err(KeyFault::Unwrap), "the secret is gone");
}

#[test]
fn an_enrolment_goes_on_after_a_restart() {
    let disk = Disk::default();
    let point = open(&disk).unwrap().begin_key_agreement().unwrap();
    let wrapped = key_wrap::wrap(&point, &[0x51; 32], KEY_WRAP_CONTEXT, &[9; 16]).unwrap();
    open(&disk).unwrap().install_initial_key(&wrapped, ID).unwrap();
    assert!(next_key(&open(&disk).unwrap()).is_ok());
}

#[test]
fn no_serial_number_is_given_twice_whichever_disk_call_fails() {
    let counting = Disk::default();
    let keys = open(&counting).unwrap();
    keys.device_public_key().unwrap();
    enrol(&keys).unwrap();
    (0..50).for_each(|_| assert!(next_key(&keys).is_ok()));
    let calls = counting.state().calls;
    for failing in 1..=calls {
        for kept in [0, u64::MAX, 0x55, 0xFE, 1] {
            let disk = Disk::default();
            disk.state().fail_at = Some(failing);
            run_through_failure(&disk, kept);
        }
    }
}

/// A terminal's life over a disk of which one call fails; each failure is a crash.
fn run_through_failure(disk: &Disk, kept: u64) {
    let mut keys = open(disk).or_else(|_| {
        disk.crash(kept);
        open(disk)
    });
    let again = |keys: &mut Result<KeyFile, SlotsFault>| {
        disk.crash(kept);
        *keys = open(disk);
    };
    let (mut device, mut enrolled, mut seen) = (None, false, HashSet::new());
    for _ in 0..60 {
        let current = keys.as_ref().unwrap();
        match (device, enrolled) {
            (None, _) => match current.device_public_key() {
                Ok(point) => device = Some(point),
                Err(_) => again(&mut keys),
            },
            (_, false) => match enrol(current) {
                Ok(()) => enrolled = true,
                Err(_) => again(&mut keys),
            },
            _ => match next_key(current) {
                Ok(ksn) => assert!(seen.insert(ksn), "{ksn} was given before"),
                Err(_) => again(&mut keys),
            },
        }
    }
    assert_eq!(keys.unwrap().device_public_key().ok(), device);
    assert!(seen.len() > 50);
}

#[test]
fn a_disk_call_that_fails_once_does_not_end_the_keys_of_a_running_program() {
    // A batch is 16 keys; each store is two writes and two syncs.
    for failing in 1..40 {
        let disk = Disk::default();
        let keys = open(&disk).unwrap();
        enrol(&keys).unwrap();
        let calls = disk.state().calls;
        disk.state().fail_at = Some(calls + failing);
        let mut given = Vec::new();
        let mut failures = 0;
        for _ in 0..80 {
            match next_key(&keys) {
                Ok(ksn) => given.push(ksn.counter),
                Err(_) => failures += 1,
            }
        }
        assert!(failures <= 1, "call {failing}: {failures} of 80");
        assert!(given.is_sorted_by(|one, next| one < next), "call {failing}: {given:?}");
    }
}

#[test]
fn a_crash_after_every_key_loses_keys_and_repeats_none() {
    let disk = Disk::default();
    enrol(&open(&disk).unwrap()).unwrap();
    let mut seen = HashSet::new();
    for round in 0..40_u64 {
        let keys = open(&disk).unwrap();
        for _ in 0..=round % 20 {
            assert!(seen.insert(next_key(&keys).unwrap()));
        }
        disk.crash(round.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    }
}

#[test]
fn every_flipped_bit_is_detected() {
    let disk = Disk::default();
    let keys = open(&disk).unwrap();
    let device = keys.device_public_key().unwrap();
    enrol(&keys).unwrap();
    let seen: HashSet<_> = (0..5).map(|_| next_key(&keys).unwrap()).collect();
    drop(keys);
    let whole = disk.bytes();
    assert_eq!(whole.len(), FILE_BYTES);
    let used = if whole[512..4608].iter().all(|&byte| byte == 0) { 4608..FILE_BYTES } else { 512..4608 };
    for byte in 0..FILE_BYTES {
        let edge = byte < 512 || (byte - 512) % 4096 < 64 || (byte - 512) % 4096 >= 4032;
        for bit in if edge { 0..8 } else { byte % 8..byte % 8 + usize::from(byte % 5 == 0) } {
            let mut damaged = whole.clone();
            damaged[byte] ^= 1 << bit;
            let disk = Disk::holding(&damaged);
            match open(&disk) {
                Err(fault) => assert_eq!(fault, SlotsFault::Damaged, "bit {bit} of {byte}"),
                Ok(keys) => {
                    assert!(byte >= 512 && !used.contains(&byte), "bit {bit} of {byte} was not seen");
                    assert_eq!(keys.device_public_key().unwrap(), device);
                    assert!(!seen.contains(&next_key(&keys).unwrap()));
                }
            }
        }
    }
}

#[test]
fn a_torn_newer_content_skips_the_batch_that_it_may_have_given_out() {
    let disk = Disk::default();
    enrol(&open(&disk).unwrap()).unwrap();
    let before = disk.bytes();
    let keys = open(&disk).unwrap();
    let seen: HashSet<_> = (0..16).map(|_| next_key(&keys).unwrap()).collect();
    let after = disk.bytes();
    // The old content as it was before it was erased, and the new one damaged.
    let mut both = before.clone();
    let newer = if before[512..4608].iter().all(|&byte| byte == 0) { 512..4608 } else { 4608..FILE_BYTES };
    both[newer.clone()].copy_from_slice(&after[newer.clone()]);
    both[newer.start + 100] ^= 1;
    let keys = open(&Disk::holding(&both)).unwrap();
    assert!((0..40).all(|_| !seen.contains(&next_key(&keys).unwrap())));
}

#[test]
fn the_file_holds_nothing_a_used_key_could_be_derived_from() {
    let disk = Disk::default();
    enrol(&open(&disk).unwrap()).unwrap();
    let keys = open(&disk).unwrap();
    let given = next_key(&keys).unwrap();
    let whole = disk.bytes();
    assert!(whole[512..4608].iter().all(|&byte| byte == 0) || whole[4608..].iter().all(|&byte| byte == 0));
    let stolen = open(&Disk::holding(&whole)).unwrap();
    let next = next_key(&stolen).unwrap();
    assert!(next.counter > given.counter + 15 - 1, "{next} against {given}");
}

#[test]
fn another_sealing_key_and_a_newer_version_are_told() {
    let disk = Disk::default();
    open(&disk).unwrap().device_public_key().unwrap();
    let other = KeyFile::over(Box::new(disk.clone()), Zeroizing::new([8; 32]));
    assert_eq!(other.err(), Some(SlotsFault::Damaged));
    let mut newer = disk.bytes();
    newer[16] = 2;
    let hash = mpos_protocol::signed::Hash::of(&newer[..32]);
    newer[32..64].copy_from_slice(&hash.0);
    assert_eq!(open(&Disk::holding(&newer)).err(), Some(SlotsFault::Newer(2)));
}

#[test]
fn a_folder_keeps_the_keys_for_its_owner_and_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let keys = KeyFile::open(folder.path()).unwrap();
    let point = keys.device_public_key().unwrap();
    assert!(matches!(KeyFile::open(folder.path()).err(), Some(StoreError::InUse { .. })));
    drop(keys);
    assert_eq!(KeyFile::open(folder.path()).unwrap().device_public_key().unwrap(), point);
    #[cfg(unix)]
    for name in [KEYS_FILE, SEALING_KEY_FILE] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn one_of_the_two_files_alone_is_useless() {
    let folder = tempfile::tempdir().unwrap();
    KeyFile::open(folder.path()).unwrap().device_public_key().unwrap();
    let sealing_path = folder.path().join(SEALING_KEY_FILE);
    let sealing = fs::read(&sealing_path).unwrap();
    for wrong in [None, Some(vec![1; 32]), Some(sealing[..31].to_vec())] {
        fs::remove_file(&sealing_path).unwrap();
        if let Some(wrong) = wrong {
            fs::write(&sealing_path, wrong).unwrap();
        } else {
            assert!(matches!(KeyFile::open(folder.path()).err(), Some(StoreError::Damaged { .. })));
            fs::write(&sealing_path, []).unwrap();
        }
        assert!(matches!(KeyFile::open(folder.path()).err(), Some(StoreError::Damaged { .. })));
    }
    fs::write(&sealing_path, sealing).unwrap();
    assert!(KeyFile::open(folder.path()).is_ok());
}
