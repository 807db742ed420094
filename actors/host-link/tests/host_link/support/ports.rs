//! The link's ports, in memory.

use mpos_crypto::{
    SecretKey,
    dukpt::{KeyUsage, Ksn},
};
use mpos_ports::{AppendFile, BankLine, DeviceWatch, Entropy, FileFault, KeyFault, KeyStore, LineTarget};
use mpos_protocol::{Text, standing::DeviceState};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

/// The device key of every test.
pub(crate) fn device_key() -> SigningKey {
    SigningKey::from_slice(&[0x21; 32]).unwrap()
}

/// A key store that fails where it is told to.
#[derive(Default)]
pub(crate) struct FakeKeys {
    pub(crate) cannot_sign: AtomicBool,
    pub(crate) cannot_request: AtomicBool,
    pub(crate) cannot_unwrap: AtomicBool,
    /// Whether the platform attests: a chain whose first certificate is the challenge.
    pub(crate) attests: AtomicBool,
    /// The names of the initial keys that were installed.
    pub(crate) installed: Mutex<Vec<[u8; 8]>>,
    /// Counts working keys.
    counter: AtomicU32,
}

impl FakeKeys {
    /// The data key of this serial number.
    pub(crate) fn data_key(&self, ksn: &[u8]) -> SecretKey {
        SecretKey::from_slice(&[ksn[11]; 16]).unwrap()
    }
}

fn unless(fails: &AtomicBool, fault: KeyFault) -> Result<(), KeyFault> {
    if fails.load(Ordering::SeqCst) { Err(fault) } else { Ok(()) }
}

impl KeyStore for FakeKeys {
    fn device_public_key(&self) -> Result<[u8; 65], KeyFault> {
        Ok(super::bank::point(device_key().verifying_key()))
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], KeyFault> {
        unless(&self.cannot_sign, KeyFault::Unavailable)?;
        let signature: Signature = device_key().sign(message);
        Ok(signature.to_bytes().into())
    }

    fn begin_key_agreement(&self) -> Result<[u8; 65], KeyFault> {
        self.device_public_key()
    }

    fn install_initial_key(&self, _wrapped: &[u8], id: [u8; 8]) -> Result<(), KeyFault> {
        unless(&self.cannot_unwrap, KeyFault::Unwrap)?;
        self.installed.lock().unwrap().push(id);
        Ok(())
    }

    fn next_working_key(&self, usage: KeyUsage) -> Result<(Ksn, SecretKey), KeyFault> {
        assert_eq!(usage, KeyUsage::DataEncrypt);
        let counter = self.counter.fetch_add(1, Ordering::SeqCst) + 1;
        let ksn = Ksn { initial_key_id: [0xD2; 8], counter };
        Ok((ksn, self.data_key(&ksn.to_bytes())))
    }

    fn next_tdea_key(&self, _usage: KeyUsage) -> Result<(Ksn, SecretKey), KeyFault> {
        unreachable!("the link makes no PIN block")
    }

    fn keys_left(&self) -> Result<u32, KeyFault> {
        Ok(u32::MAX - self.counter.load(Ordering::SeqCst))
    }

    fn attest(&self, challenge: &[u8; 32]) -> Result<Vec<Vec<u8>>, KeyFault> {
        let attests = self.attests.load(Ordering::SeqCst);
        Ok(if attests { vec![challenge.to_vec(), vec![0x30, 0]] } else { Vec::new() })
    }

    fn certificate_request(&self, subject: &str) -> Result<Vec<u8>, KeyFault> {
        unless(&self.cannot_request, KeyFault::Damaged)?;
        Ok(subject.as_bytes().to_vec())
    }
}

/// A device that says what it is.
pub(crate) struct FakeWatch;

impl DeviceWatch for FakeWatch {
    fn state(&mut self) -> DeviceState {
        DeviceState { software: Text::clipped("0"), ..DeviceState::default() }
    }
}

/// Bytes that count up.
pub(crate) struct Counter(pub(crate) u8);

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LineCommand {
    Open(u32, LineTarget),
    Send(u32, Vec<u8>),
    Close(u32),
}

/// A line that only keeps what it was told.
#[derive(Clone, Default)]
pub(crate) struct LineLog(pub(crate) Arc<Mutex<Vec<LineCommand>>>);

impl LineLog {
    fn push(&self, command: LineCommand) {
        self.0.lock().unwrap().push(command);
    }
}

impl BankLine for LineLog {
    fn open(&mut self, line: u32, target: LineTarget) {
        self.push(LineCommand::Open(line, target));
    }

    fn send(&mut self, line: u32, bytes: &[u8]) {
        self.push(LineCommand::Send(line, bytes.to_vec()));
    }

    fn close(&mut self, line: u32) {
        self.push(LineCommand::Close(line));
    }
}

/// A file that is there as long as a clone of it is.
#[derive(Clone, Default)]
pub(crate) struct MemoryFile(Arc<Mutex<Vec<u8>>>);

impl AppendFile for MemoryFile {
    fn read_all(&mut self) -> Result<Vec<u8>, FileFault> {
        Ok(self.0.lock().unwrap().clone())
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), FileFault> {
        let mut file = self.0.lock().unwrap();
        let start = usize::try_from(offset).unwrap();
        let end = start + bytes.len();
        if file.len() < end {
            file.resize(end, 0);
        }
        file[start..end].copy_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> Result<(), FileFault> {
        Ok(())
    }

    fn reserve(&mut self, offset: u64, bytes: u64) -> Result<(), FileFault> {
        let mut file = self.0.lock().unwrap();
        let end = usize::try_from(offset + bytes).unwrap();
        if file.len() < end {
            file.resize(end, 0);
        }
        Ok(())
    }
}
