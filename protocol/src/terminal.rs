//! What a terminal is: its name, its merchant, its limits, and what the bank gave it at enrolment.

use crate::{Amount, Bytes, Currency, List, Text};
use core::fmt;
use serde::{Deserialize, Serialize};

/// The terminal's name, as the receipt prints it: `TM000016`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TerminalId(pub u32);

impl TerminalId {
    /// Reads `TM000016`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("TM")?;
        let plain = digits.len() >= 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.parse().ok().map(Self)?;
        (plain && digits.len() == 6.max(digits.trim_start_matches('0').len())).then_some(number)
    }
}

impl fmt::Display for TerminalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TM{:06}", self.0)
    }
}

/// Most certificates in a chain.
pub const CHAIN_CERTIFICATES_MAX: usize = 4;
/// A certificate in DER.
pub type Certificate = Bytes<2048>;
/// A public P-256 point, uncompressed SEC1 (65 bytes).
pub type PublicPoint = Bytes<65>;

/// The business behind the terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merchant {
    /// As the receipt prints it.
    pub name: Text<64>,
    /// One line.
    pub address: Text<128>,
}

/// All that enrolment gives. Kept in the ledger; nothing in it is secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminalProfile {
    /// The terminal's name.
    pub terminal: TerminalId,
    /// The bank's name, as the receipt prints it.
    pub bank: Text<64>,
    /// The business.
    pub merchant: Merchant,
    /// The one currency.
    pub currency: Currency,
    /// The most one sale may be.
    pub sale_max: Amount,
    /// TLS client certificate, then its issuer.
    pub certificates: List<Certificate, CHAIN_CERTIFICATES_MAX>,
    /// The key that signs the bank's answers.
    pub bank_signing_key: PublicPoint,
    /// The kernel's settings (limits, action codes, CA keys) in postcard. The bank's terminal management chooses
    /// them and only the kernel reads them, so to everyone between they are bytes.
    pub emv_settings: Bytes<16384>,
}

/// The device that asks to be enrolled, for the bank's staff to recognise it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Maker and model.
    pub model: Text<64>,
    /// Operating system and its version.
    pub system: Text<64>,
    /// Version of mPOS.
    pub software: Text<32>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_terminal_id_reads_as_it_prints() {
        for number in [0, 16, 999_999, 1_000_000, u32::MAX] {
            let id = TerminalId(number);
            assert_eq!(TerminalId::parse(&id.to_string()), Some(id));
        }
        for text in ["", "TM", "TM16", "tm000016", "TM0000016", "TM+00016", "TM00001é"] {
            assert_eq!(TerminalId::parse(text), None, "{text}");
        }
    }
}
