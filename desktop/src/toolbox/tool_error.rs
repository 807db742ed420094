//! Why a tool refuses what it was given: names the argument and what to give instead, and never repeats a key or a PIN.

use mpos_crypto::{CryptoError, emv_certificate::CertificateFault};
use mpos_tlv::{TlvFault, Track2Fault};

/// What is wrong with what was given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ToolError {
    /// Something in it is no hexadecimal digit.
    #[error(
        "{argument}: character {at} is no hexadecimal digit (0 to 9 and A to F; spaces may stand between)"
    )]
    NotHex {
        /// As on the command line.
        argument: &'static str,
        /// Counted from 1, spaces included.
        at: usize,
    },
    /// An odd number of digits.
    #[error("{argument}: {digits} hexadecimal digits are an odd number, and a byte has two")]
    HalfAByte {
        /// As on the command line.
        argument: &'static str,
        /// How many there are.
        digits: usize,
    },
    /// Another number of bytes than it may have.
    #[error("{argument}: {length} {}, where there must be {}", if *length == 1 { "byte" } else { "bytes" }, or(allowed))]
    Length {
        /// As on the command line.
        argument: &'static str,
        /// How many there are.
        length: usize,
        /// How many there may be.
        allowed: &'static [usize],
    },
    /// The serial number of the older, triple DES DUKPT.
    #[error(
        "--ksn: 10 bytes are a serial number of triple DES DUKPT (X9.24-1); AES-DUKPT has 12: the initial key id (8) and the counter (4)"
    )]
    KsnOfTripleDes,
    /// A counter at which no terminal has a key.
    #[error("--ksn: the counter is 0, where terminals count their keys from 1")]
    CounterZero,
    /// A counter that terminals skip.
    #[error(
        "--ksn: the counter {counter:08X} has {ones} one bits: terminals skip those with more than {}, so none has a key for it",
        mpos_crypto::dukpt::COUNTER_ONES_MAX
    )]
    CounterSkipped {
        /// As given.
        counter: u32,
        /// How many of its bits are set.
        ones: u32,
    },
    /// A working key longer than the key it comes from.
    #[error("--aes {asked}: a working key may not be stronger than its BDK, which has {bdk} bits")]
    Stronger {
        /// As given, in bits.
        asked: usize,
        /// The BDK's, in bits.
        bdk: usize,
    },
    /// No digits, or too few or many of them.
    #[error("{argument}: it must have {min} to {max} digits")]
    NotDigits {
        /// As on the command line.
        argument: &'static str,
        /// Fewest.
        min: usize,
        /// Most.
        max: usize,
    },
    /// An argument that another one does not go with.
    #[error("{argument} is of no use here: {reason}")]
    Useless {
        /// As on the command line.
        argument: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// An argument that another one needs.
    #[error("{argument} is missing: {reason}")]
    Missing {
        /// As on the command line.
        argument: &'static str,
        /// What it is needed for.
        reason: &'static str,
    },
    /// The PIN block deciphers to no PIN.
    #[error(
        "--block: there is no PIN in it: it was made under another key, for another account number or in another format, or it was altered"
    )]
    NoPin,
    /// Not a month.
    #[error("--date: write the month as YYMM, such as 2611")]
    NotAMonth,
    /// Bytes that are no BER-TLV.
    #[error("at byte {at}, counted from 0: {fault}")]
    Tlv {
        /// Where the object begins that is malformed.
        at: usize,
        /// What is wrong with it.
        fault: TlvFault,
    },
    /// More than is read.
    #[error("there are more than {limit} bytes on standard input")]
    TooMuch {
        /// How many are read.
        limit: u64,
    },
    /// Standard input.
    #[error("standard input cannot be read: {0}")]
    Input(#[source] std::io::Error),
    /// No random fill.
    #[error("this machine gives no random bytes: {0}. Give eight with --fill")]
    Random(#[source] getrandom::Error),
    /// A tag that the cryptogram covers is not in --tlv, or not in its length.
    #[error("--tlv: {tag} ({name}) is missing, or is not {length} bytes long; the cryptogram covers it")]
    TagMissing {
        /// Which.
        tag: mpos_tlv::Tag,
        /// Its name.
        name: &'static str,
        /// How long it must be.
        length: usize,
    },
    /// Account data that are none.
    #[error("--tlv: the account number in it cannot be read: {0}")]
    Account(Track2Fault),
    /// A certificate or signature does not verify.
    #[error("the {what} does not verify: {fault}")]
    Certificate {
        /// Which.
        what: &'static str,
        /// The step that failed.
        fault: CertificateFault,
    },
    /// A computation that the library refused for a reason not named above.
    #[error("{0}")]
    Crypto(#[from] CryptoError),
}

/// `16`, `16 or 24`, `16, 24 or 32`.
fn or(numbers: &[usize]) -> String {
    let texts: Vec<String> = numbers.iter().map(usize::to_string).collect();
    match texts.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} or {last}", before.join(", ")),
    }
}
