//! AES-DUKPT, ANSI X9.24-3-2017: each message has a key of its own, and a terminal that is opened tells nothing
//! about the keys it used before.
//!
//! The bank derives any key from the base derivation key (BDK) and the key serial number ([`host_working_key`]).
//! The terminal never holds the BDK, and not even its own initial key after loading: it keeps a register of 32
//! intermediate keys ([`TerminalKeys`]) from which only future keys follow. Register `i` is the root of all
//! counters whose lowest one bit is bit `i`, so taking a key means: derive the roots below it, then erase it.

mod terminal;

pub use terminal::TerminalKeys;

use crate::{
    CryptoError, SecretKey,
    aes_block::{AesBlock, BLOCK_BYTES},
};
use core::fmt;
use zeroize::Zeroizing;

/// A counter with more one bits than this is skipped, which bounds the host's work for a key. X9.24-3, MAX_WORK
pub const COUNTER_ONES_MAX: u32 = 16;

/// Key usage indicator of the keys in the register. X9.24-3, 6.3
const USAGE_KEY_DERIVATION: u16 = 0x8000;
/// Key usage indicator of an initial key.
const USAGE_INITIAL_KEY: u16 = 0x8001;

/// Key serial number: who, and which of its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ksn {
    /// Names the initial key: BDK identifier, then derivation identifier.
    pub initial_key_id: [u8; 8],
    /// Counts the terminal's keys from 1.
    pub counter: u32,
}

impl Ksn {
    /// As it is sent: identifier, then counter, big-endian.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        bytes[..8].copy_from_slice(&self.initial_key_id);
        bytes[8..].copy_from_slice(&self.counter.to_be_bytes());
        bytes
    }

    /// From the form in which it is sent.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 12]) -> Self {
        let [a, b, c, d, e, f, g, h, counter @ ..] = bytes;
        Self { initial_key_id: [a, b, c, d, e, f, g, h], counter: u32::from_be_bytes(counter) }
    }
}

impl fmt::Display for Ksn {
    /// 24 upper-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_bytes().iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

/// What a working key is for; each purpose has its own key. The value is the key usage indicator, X9.24-3, 6.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum KeyUsage {
    /// Enciphers keys.
    KeyEncryption = 0x0002,
    /// Enciphers PIN blocks.
    PinEncryption = 0x1000,
    /// The terminal makes message authentication codes.
    MacGeneration = 0x2000,
    /// The terminal checks message authentication codes.
    MacVerification = 0x2001,
    /// Message authentication codes both ways.
    MacBoth = 0x2002,
    /// The terminal enciphers data.
    DataEncrypt = 0x3000,
    /// The terminal deciphers data.
    DataDecrypt = 0x3001,
    /// Data both ways.
    DataBoth = 0x3002,
}

/// How long a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeySize {
    /// 16 bytes.
    Aes128,
    /// 24 bytes.
    Aes192,
    /// 32 bytes.
    Aes256,
}

impl KeySize {
    fn of(key: &SecretKey) -> Self {
        match key.as_bytes().len() {
            16 => Self::Aes128,
            24 => Self::Aes192,
            _ => Self::Aes256,
        }
    }

    const fn bytes(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }
}

/// What a derived key is for, cryptographically: it is named in the derivation, so that an AES key and a triple DES key
/// of the same length have nothing in common. Two-key triple DES (`0000`) is never derived: it is too weak.
#[derive(Clone, Copy)]
enum Algorithm {
    /// Three-key triple DES, for a bank whose security module takes PIN blocks of format 0 only.
    Tdea3,
    Aes(KeySize),
}

impl Algorithm {
    /// Algorithm indicator and length in bits. X9.24-3, 6.3
    const fn indicators(self) -> (u16, u16) {
        match self {
            Self::Tdea3 => (0x0001, 192),
            Self::Aes(KeySize::Aes128) => (0x0002, 128),
            Self::Aes(KeySize::Aes192) => (0x0003, 192),
            Self::Aes(KeySize::Aes256) => (0x0004, 256),
        }
    }

    /// A working key may not be stronger than its source: it would only look so. Three-key triple DES is weaker than
    /// any AES key. X9.24-3, 6.3
    fn check_strength(self, source: &SecretKey) -> Result<(), CryptoError> {
        match self {
            Self::Aes(size) if size > KeySize::of(source) => Err(CryptoError::KeyStrongerThanItsSource),
            Self::Tdea3 | Self::Aes(_) => Ok(()),
        }
    }
}

/// The terminal's initial key, as the bank derives it: as long as the BDK.
///
/// # Errors
/// None today; a BDK in a security module can fail.
// X9.24-3, 6.3, "Derive Initial Key"
pub fn derive_initial_key(bdk: &SecretKey, initial_key_id: [u8; 8]) -> Result<SecretKey, CryptoError> {
    Ok(derive(bdk, USAGE_INITIAL_KEY, Algorithm::Aes(KeySize::of(bdk)), initial_key_id))
}

/// The key that the terminal used under `ksn`, as the bank derives it.
///
/// # Errors
/// [`CryptoError::CounterInvalid`]; [`CryptoError::KeyStrongerThanItsSource`].
// X9.24-3, 6.3, "Host Derive Working Key"
pub fn host_working_key(
    bdk: &SecretKey,
    ksn: Ksn,
    usage: KeyUsage,
    size: KeySize,
) -> Result<SecretKey, CryptoError> {
    host_key(bdk, ksn, usage, Algorithm::Aes(size))
}

/// The three-key triple DES key (24 bytes) that the terminal used under `ksn`, as the bank derives it. Its parity bits
/// are as they fall: DES looks at none.
///
/// # Errors
/// [`CryptoError::CounterInvalid`].
// X9.24-3, 6.3, "Host Derive Working Key"
pub fn host_tdea_key(bdk: &SecretKey, ksn: Ksn, usage: KeyUsage) -> Result<SecretKey, CryptoError> {
    host_key(bdk, ksn, usage, Algorithm::Tdea3)
}

fn host_key(
    bdk: &SecretKey,
    ksn: Ksn,
    usage: KeyUsage,
    algorithm: Algorithm,
) -> Result<SecretKey, CryptoError> {
    if ksn.counter == 0 || ksn.counter.count_ones() > COUNTER_ONES_MAX {
        return Err(CryptoError::CounterInvalid);
    }
    algorithm.check_strength(bdk)?;
    let mut key = derive_initial_key(bdk, ksn.initial_key_id)?;
    let mut reached = 0;
    for bit in (0..u32::BITS).rev().map(|bit| 1 << bit).filter(|bit| ksn.counter & bit != 0) {
        reached |= bit;
        key = derive_register(&key, ksn.initial_key_id, reached);
    }
    Ok(derive_working(&key, ksn, usage, algorithm))
}

/// The key of the register that roots `counter`.
fn derive_register(key: &SecretKey, initial_key_id: [u8; 8], counter: u32) -> SecretKey {
    derive(key, USAGE_KEY_DERIVATION, Algorithm::Aes(KeySize::of(key)), context(initial_key_id, counter))
}

fn derive_working(key: &SecretKey, ksn: Ksn, usage: KeyUsage, algorithm: Algorithm) -> SecretKey {
    derive(key, usage as u16, algorithm, context(ksn.initial_key_id, ksn.counter))
}

/// The derivation identifier and the counter: which key of which terminal.
fn context(initial_key_id: [u8; 8], counter: u32) -> [u8; 8] {
    let mut context = [0; 8];
    context[..4].copy_from_slice(&initial_key_id[4..]);
    context[4..].copy_from_slice(&counter.to_be_bytes());
    context
}

/// The key derivation function: AES over a description of the key. X9.24-3, 6.3, "Derive Key" and "Create
/// Derivation Data"
fn derive(key: &SecretKey, usage: u16, algorithm: Algorithm, context: [u8; 8]) -> SecretKey {
    const VERSION: u8 = 1;
    let (indicator, bits) = algorithm.indicators();
    let mut description = [0; BLOCK_BYTES];
    description[0] = VERSION;
    description[2..4].copy_from_slice(&usage.to_be_bytes());
    description[4..6].copy_from_slice(&indicator.to_be_bytes());
    description[6..8].copy_from_slice(&bits.to_be_bytes());
    description[8..].copy_from_slice(&context);

    let aes = AesBlock::new(key);
    let mut derived = Zeroizing::new([0; 2 * BLOCK_BYTES]);
    for (block, number) in derived.as_chunks_mut::<BLOCK_BYTES>().0.iter_mut().zip(1..) {
        *block = description;
        block[1] = number;
        aes.encrypt(block);
    }
    SecretKey::from_slice(&derived[..usize::from(bits / 8)]).expect("an algorithm's length is one of keys")
}
