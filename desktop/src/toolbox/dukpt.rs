//! `mpos dukpt derive`: the keys of AES-DUKPT (ANSI X9.24-3-2017), as the bank derives them.

use super::{Given, Report, ToolError, given::AES_KEY_BYTES};
use clap::{Args, Subcommand, ValueEnum};
use mpos_crypto::{
    CryptoError, SecretKey,
    dukpt::{COUNTER_ONES_MAX, KeySize, KeyUsage, Ksn, derive_initial_key, host_tdea_key, host_working_key},
};

/// Bytes of a key serial number: initial key id, counter.
const KSN_BYTES: usize = 12;
/// The same of triple DES DUKPT, which is often taken for it.
const KSN_BYTES_OF_TRIPLE_DES: usize = 10;

/// DUKPT.
#[derive(Debug, Subcommand)]
pub(crate) enum Dukpt {
    /// Derives the initial key and the working keys of a key serial number
    #[command(after_help = "Example (ANSI X9.24-3-2017, test vectors):\n  \
        mpos dukpt derive --bdk FEDCBA9876543210F1F1F1F1F1F1F1F1 --ksn 123456789012345600000001")]
    Derive(Derive),
}

/// A derivation.
#[derive(Debug, Args)]
pub(crate) struct Derive {
    /// The base derivation key: 16, 24 or 32 bytes
    #[arg(long, value_name = "HEX")]
    bdk: Given,
    /// The key serial number: 12 bytes
    #[arg(long, value_name = "HEX")]
    ksn: Given,
    /// Only the keys of this use [default: all]
    #[arg(long, value_enum)]
    key_usage: Option<Usage>,
    /// Length of the working keys, in bits
    #[arg(long, value_enum, value_name = "BITS", default_value = "128")]
    aes: Bits,
    /// Working keys for triple DES with three keys instead, as PIN blocks of format 0 take them
    #[arg(long, conflicts_with = "aes")]
    tdea: bool,
}

/// Uses of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Usage {
    /// PIN blocks
    Pin,
    /// Message authentication codes
    Mac,
    /// Data
    Data,
    /// Other keys
    Key,
}

/// Lengths of AES keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Bits {
    /// 16 bytes
    #[value(name = "128")]
    Aes128,
    /// 24 bytes
    #[value(name = "192")]
    Aes192,
    /// 32 bytes
    #[value(name = "256")]
    Aes256,
}

impl Bits {
    const fn size(self) -> (KeySize, usize) {
        match self {
            Self::Aes128 => (KeySize::Aes128, 128),
            Self::Aes192 => (KeySize::Aes192, 192),
            Self::Aes256 => (KeySize::Aes256, 256),
        }
    }
}

/// Every use, as X9.24-3, 6.3 names it.
const USAGES: &[(Usage, KeyUsage, &str)] = &[
    (Usage::Pin, KeyUsage::PinEncryption, "PIN encryption"),
    (Usage::Mac, KeyUsage::MacGeneration, "MAC generation"),
    (Usage::Mac, KeyUsage::MacVerification, "MAC verification"),
    (Usage::Mac, KeyUsage::MacBoth, "MAC both ways"),
    (Usage::Data, KeyUsage::DataEncrypt, "data encrypt"),
    (Usage::Data, KeyUsage::DataDecrypt, "data decrypt"),
    (Usage::Data, KeyUsage::DataBoth, "data both ways"),
    (Usage::Key, KeyUsage::KeyEncryption, "key encryption"),
];

/// Derives.
///
/// # Errors
/// Keys and serial numbers of another length, counters that no terminal reaches, working keys that are too strong.
pub(crate) fn derive(arguments: &Derive, report: &mut Report) -> Result<(), ToolError> {
    let bdk = arguments.bdk.key("--bdk", AES_KEY_BYTES)?;
    let ksn = serial_number(&arguments.ksn)?;
    let initial_key = derive_initial_key(&bdk, ksn.initial_key_id)?;
    let wanted = |usage| arguments.key_usage.is_none_or(|wanted| wanted == usage);
    let keys = USAGES.iter().filter(|(usage, ..)| wanted(*usage)).map(|(_, usage, name)| {
        let (algorithm, key) = working_key(arguments, &bdk, ksn, *usage)?;
        Ok((format!("{name}, {algorithm}"), key))
    });
    let keys: Vec<(String, SecretKey)> = keys.collect::<Result<_, ToolError>>()?;
    let [b0, b1, b2, b3, derivation_id @ ..] = ksn.initial_key_id;
    report.line("key serial number", ksn.to_string());
    report.part(1, "initial key id", hex::encode_upper(ksn.initial_key_id));
    report.part(2, "BDK id", hex::encode_upper([b0, b1, b2, b3]));
    report.part(2, "derivation id", hex::encode_upper(derivation_id));
    report.part(1, "counter", format!("{:08X} ({} in decimal)", ksn.counter, ksn.counter));
    report.bytes(format!("initial key, AES-{}", bits(&bdk)), initial_key.as_bytes());
    for (label, key) in keys {
        report.bytes(label, key.as_bytes());
    }
    Ok(())
}

fn working_key(
    arguments: &Derive,
    bdk: &SecretKey,
    ksn: Ksn,
    usage: KeyUsage,
) -> Result<(String, SecretKey), ToolError> {
    if arguments.tdea {
        return Ok(("3TDEA".to_owned(), host_tdea_key(bdk, ksn, usage)?));
    }
    let (size, asked) = arguments.aes.size();
    let key = host_working_key(bdk, ksn, usage, size).map_err(|error| match error {
        CryptoError::KeyStrongerThanItsSource => ToolError::Stronger { asked, bdk: bits(bdk) },
        other => other.into(),
    })?;
    Ok((format!("AES-{asked}"), key))
}

fn serial_number(given: &Given) -> Result<Ksn, ToolError> {
    if given.bytes("--ksn")?.len() == KSN_BYTES_OF_TRIPLE_DES {
        return Err(ToolError::KsnOfTripleDes);
    }
    let ksn = Ksn::from_bytes(*given.array::<KSN_BYTES>("--ksn")?);
    match (ksn.counter, ksn.counter.count_ones()) {
        (0, _) => Err(ToolError::CounterZero),
        (counter, ones) if ones > COUNTER_ONES_MAX => Err(ToolError::CounterSkipped { counter, ones }),
        _ => Ok(ksn),
    }
}

fn bits(key: &SecretKey) -> usize {
    key.as_bytes().len() * 8
}
