//! `mpos pinblock`: PIN blocks of ISO 9564-1 formats 0 and 4, made and read, with each step between.

use super::{
    Given, Report, ToolError,
    given::{AES_KEY_BYTES, TDEA_KEY_BYTES},
};
use clap::{Args, Subcommand, ValueEnum};
use mpos_crypto::{
    CryptoError,
    pin_block::{
        Format4Steps, PIN_DIGITS_MAX, PIN_DIGITS_MIN, Pin, clear_format0, decipher_format0, encipher_format0,
        pan_field_format0, pan_field_format4, pin_field_format0, pin_field_format4, read_format0,
        read_format4,
    },
};
use std::ops::RangeInclusive;
use zeroize::Zeroizing;

/// Digits of an account number.
pub(super) const PAN_DIGITS: RangeInclusive<usize> = 1..=19;

/// PIN blocks.
#[derive(Debug, Subcommand)]
pub(crate) enum PinBlock {
    /// Makes a PIN block
    #[command(after_help = "Example (ANSI X9.24-3-2017, test vectors, page 31):\n  \
        mpos pinblock encode --format 4 --pin 1234 --pan 4111111111111111 \\\n    \
        --key AF8CB133A78F8DC2D1359F18527593FB --fill 2F69ADDE2E9E7ACE")]
    Encode(Encode),
    /// Reads a PIN block
    #[command(after_help = "Example:\n  \
        mpos pinblock decode --format 4 --block A912150391AB65A67E52883D81CE2D15 \\\n    \
        --pan 4111111111111111 --key AF8CB133A78F8DC2D1359F18527593FB")]
    Decode(Decode),
}

/// A block to make.
#[derive(Debug, Args)]
pub(crate) struct Encode {
    /// Format of ISO 9564-1
    #[arg(long, value_enum)]
    format: Format,
    /// The PIN: 4 to 12 digits
    #[arg(long, value_name = "DIGITS")]
    pin: Given,
    /// The account number: 1 to 19 digits, the check digit included
    #[arg(long, value_name = "DIGITS")]
    pan: Given,
    /// The key: AES of 16, 24 or 32 bytes for format 4, triple DES of 16 or 24 for format 0 [default: none, the fields
    /// in the clear]
    #[arg(long, value_name = "HEX")]
    key: Option<Given>,
    /// The 8 random bytes of format 4 [default: new ones each time]
    #[arg(long, value_name = "HEX")]
    fill: Option<Given>,
}

/// A block to read.
#[derive(Debug, Args)]
pub(crate) struct Decode {
    /// Format of ISO 9564-1
    #[arg(long, value_enum)]
    format: Format,
    /// The block: 16 bytes for format 4, 8 for format 0
    #[arg(long, value_name = "HEX")]
    block: Given,
    /// The account number: 1 to 19 digits, the check digit included
    #[arg(long, value_name = "DIGITS")]
    pan: Given,
    /// The key [default: none, the block is in the clear]
    #[arg(long, value_name = "HEX")]
    key: Option<Given>,
}

/// Formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Triple DES
    #[value(name = "0")]
    Format0,
    /// AES
    #[value(name = "4")]
    Format4,
}

/// Makes a block.
///
/// # Errors
/// A PIN, an account number or a key that is none, a fill that is not 8 bytes.
pub(crate) fn encode(arguments: &Encode, report: &mut Report) -> Result<(), ToolError> {
    let pin = arguments.pin.digits("--pin", PIN_DIGITS_MIN..=PIN_DIGITS_MAX)?;
    let pan = arguments.pan.digits("--pan", PAN_DIGITS)?;
    match arguments.format {
        Format::Format0 => {
            if arguments.fill.is_some() {
                return Err(ToolError::Useless { argument: "--fill", reason: "format 0 has no random fill" });
            }
            report.bytes("PIN field", &*pin_field_format0(&pin)?);
            report.bytes("PAN field", &pan_field_format0(&pan)?);
            report.bytes("clear block", &*clear_format0(&pin, &pan)?);
            if let Some(key) = &arguments.key {
                let key = key.key("--key", TDEA_KEY_BYTES)?;
                report.bytes("enciphered block", &encipher_format0(&pin, &pan, &key)?);
            }
        }
        Format::Format4 => {
            let fill = match &arguments.fill {
                Some(fill) => *fill.array("--fill")?,
                None => random_fill()?,
            };
            match &arguments.key {
                Some(key) => {
                    let key = key.key("--key", AES_KEY_BYTES)?;
                    let steps = Format4Steps::encipher(&pin, &pan, &key, fill)?;
                    format4_steps(&steps, report);
                }
                None => {
                    report.bytes("PIN field", &*pin_field_format4(&pin, fill)?);
                    report.bytes("PAN field", &pan_field_format4(&pan)?);
                }
            }
        }
    }
    Ok(())
}

/// Reads a block. What was found on the way is reported also when there is no PIN in it.
///
/// # Errors
/// A block, an account number or a key that is none; a block without a PIN.
pub(crate) fn decode(arguments: &Decode, report: &mut Report) -> Result<(), ToolError> {
    let pan = arguments.pan.digits("--pan", PAN_DIGITS)?;
    let pin = match arguments.format {
        Format::Format0 => {
            let block = arguments.block.array("--block")?;
            report.bytes("PAN field", &pan_field_format0(&pan)?);
            match &arguments.key {
                Some(key) => decipher_format0(&block, &pan, &key.key("--key", TDEA_KEY_BYTES)?),
                None => read_format0(&block, &pan),
            }
        }
        Format::Format4 => {
            let block = arguments.block.array("--block")?;
            match &arguments.key {
                Some(key) => {
                    let key = key.key("--key", AES_KEY_BYTES)?;
                    let steps = Format4Steps::decipher(&block, &pan, &key)?;
                    format4_steps(&steps, report);
                    read_format4(&steps.pin_field)
                }
                None => read_format4(&block),
            }
        }
    };
    let pin: Pin = pin.map_err(|error| match error {
        CryptoError::PinBlockMalformed => ToolError::NoPin,
        other => other.into(),
    })?;
    report.line("PIN", Zeroizing::new(String::from_utf8_lossy(pin.as_digits()).into_owned()).as_str());
    Ok(())
}

fn format4_steps(steps: &Format4Steps, report: &mut Report) {
    report.bytes("PIN field", &steps.pin_field);
    report.bytes("PAN field", &steps.pan_field);
    report.bytes("block A (PIN field enciphered)", &steps.block_a);
    report.bytes("block B (block A xor PAN field)", &steps.block_b);
    report.bytes("enciphered block", &steps.enciphered);
}

fn random_fill() -> Result<[u8; 8], ToolError> {
    let mut fill = [0; 8];
    getrandom::fill(&mut fill).map_err(ToolError::Random)?;
    Ok(fill)
}
