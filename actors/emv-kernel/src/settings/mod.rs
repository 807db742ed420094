//! What a terminal is set to: who it is, which cards it takes, within which limits, with which CA keys.
//!
//! The same types travel in two encodings. To a terminal, at enrolment, in postcard; to a person, and
//! to `mpos emv run --config`, as JSON with bytes in hexadecimal (docs/emv-run.md lists every field).
//! Each variable part is bounded by its type, so that decoding settings allocates no more than settings
//! can hold. Nothing here is secret.

mod ca_key;
mod development;
mod hex;
mod validate;

use mpos_protocol::{Bytes, List, Text};
use serde::{Deserialize, Serialize};

pub use ca_key::{CaKey, CaKeySet, RevokedCertificate};
pub use validate::SettingsFault;

use crate::limits::{CA_KEYS_MAX, COMBINATIONS_MAX, REVOKED_CERTIFICATES_MAX};

/// All of a terminal's EMV settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerminalSettings {
    /// Terminal country code (9F1A), ISO 3166-1 numeric, BCD.
    #[serde(with = "hex::fixed")]
    pub country: [u8; 2],
    /// Decimal places of the transaction currency (5F36).
    #[serde(default = "two")]
    pub currency_exponent: u8,
    /// Terminal type (9F35): `21` is attended, merchant-operated, online only (EMV 4.3 Book 4, A1).
    #[serde(with = "hex::byte")]
    pub terminal_type: u8,
    /// Additional terminal capabilities (9F40).
    #[serde(with = "hex::fixed", default)]
    pub additional_capabilities: [u8; 5],
    /// Merchant category code (9F15), BCD.
    #[serde(with = "hex::fixed", default)]
    pub merchant_category: [u8; 2],
    /// Merchant name and location (9F4E).
    #[serde(default)]
    pub merchant_name: Text<64>,
    /// Merchant identifier (9F16).
    #[serde(default)]
    pub merchant_identifier: Text<15>,
    /// Terminal identification (9F1C).
    #[serde(default)]
    pub terminal_identification: Text<8>,
    /// Serial number of the device (9F1E).
    #[serde(default)]
    pub device_serial: Text<8>,
    /// Acquirer identifier (9F01), BCD; zeros if there is none.
    #[serde(with = "hex::fixed", default)]
    pub acquirer: [u8; 6],
    /// The cards that are taken. Order does not matter: the card's priority decides.
    pub combinations: List<Combination, COMBINATIONS_MAX>,
    /// Whether live or test keys are in use. Keys of the other set are never used.
    #[serde(default)]
    pub ca_key_set: CaKeySet,
    /// The schemes' keys.
    #[serde(default)]
    pub ca_keys: List<CaKey, CA_KEYS_MAX>,
    /// Issuer certificates that are no longer trusted (EMV 4.3 Book 2, 5.1.2).
    #[serde(default)]
    pub revoked_certificates: List<RevokedCertificate, REVOKED_CERTIFICATES_MAX>,
}

const fn two() -> u8 {
    2
}

/// One AID, and how its kernel treats it (EMV Contactless Book B: a combination).
///
/// Amounts are minor units. **The comparisons differ**: kernel 3, like Entry Point, is at its limit
/// with `amount >= limit`; kernel 2 only with `amount > limit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Combination {
    /// The AID, 5 to 16 bytes: a card's application matches if its name begins with it.
    pub aid: Bytes<16>,
    /// The kernel, and what only it needs.
    pub kernel: KernelSettings,
    /// No contactless payment at (kernel 3) or above (kernel 2) this amount; none: no limit.
    #[serde(default)]
    pub transaction_limit: Option<u64>,
    /// Above this amount the bank must be asked. 0 for a terminal that always asks.
    #[serde(default)]
    pub floor_limit: u64,
    /// From here (kernel 3) or above here (kernel 2) the cardholder must be verified; none: never.
    pub cvm_limit: Option<u64>,
    /// Whether amount zero is refused or goes online.
    #[serde(default)]
    pub zero_amount: ZeroAmount,
    /// Whether 9F29 of the card's directory is appended to the AID when selecting.
    #[serde(default)]
    pub extended_selection: bool,
    /// Application version number (9F09) that this terminal implements.
    #[serde(with = "hex::fixed")]
    pub application_version: [u8; 2],
}

/// What to do when the amount is zero (EMV Contactless Book B, pre-processing).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZeroAmount {
    /// The combination is not allowed.
    #[default]
    NotAllowed,
    /// An online cryptogram is asked for.
    Online,
}

/// A kernel and the settings that it alone has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KernelSettings {
    /// Mastercard and Maestro.
    Kernel2(Kernel2Settings),
    /// Visa, Electron and V PAY.
    Kernel3(Kernel3Settings),
}

impl KernelSettings {
    /// The kernel's identifier, as in 9F2A.
    pub const fn id(&self) -> KernelId {
        match self {
            Self::Kernel2(_) => KernelId::Kernel2,
            Self::Kernel3(_) => KernelId::Kernel3,
        }
    }
}

/// A kernel by its identifier (EMV Contactless Book B, kernel identifier).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KernelId {
    /// 02: Mastercard.
    Kernel2,
    /// 03: Visa.
    Kernel3,
}

impl KernelId {
    /// As a number.
    pub const fn number(self) -> u8 {
        match self {
            Self::Kernel2 => 2,
            Self::Kernel3 => 3,
        }
    }
}

/// Kernel 2's own settings (EMV Contactless Book C-2, Annex A).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kernel2Settings {
    /// Card data input capability (DF8117): byte 1 of the terminal capabilities (9F33).
    #[serde(with = "hex::byte", default)]
    pub card_data_input: u8,
    /// CVM capability above the CVM limit (DF8118): byte 2 of 9F33.
    #[serde(with = "hex::byte")]
    pub cvm_capability_required: u8,
    /// CVM capability up to the CVM limit (DF8119): byte 2 of 9F33.
    #[serde(with = "hex::byte")]
    pub cvm_capability_not_required: u8,
    /// Security capability (DF811F): byte 3 of 9F33. Bit 4 (`08`) is CDA.
    #[serde(with = "hex::byte")]
    pub security_capability: u8,
    /// Kernel configuration (DF811B): bit 8 no mag-stripe mode, bit 7 no EMV mode, bit 6 verification
    /// on the customer's device. Mag-stripe mode is not implemented: without bit 8 its record is
    /// skipped where the card marks it, and nothing else changes.
    #[serde(with = "hex::byte")]
    pub kernel_configuration: u8,
    /// Terminal action code, default (DF8120).
    #[serde(with = "hex::fixed")]
    pub tac_default: [u8; 5],
    /// Terminal action code, denial (DF8121).
    #[serde(with = "hex::fixed")]
    pub tac_denial: [u8; 5],
    /// Terminal action code, online (DF8122).
    #[serde(with = "hex::fixed")]
    pub tac_online: [u8; 5],
    /// Transaction limit when the customer's device verifies (DF8125); none: no limit.
    #[serde(default)]
    pub transaction_limit_on_device: Option<u64>,
    /// Terminal risk management data (9F1D), which a card may ask for.
    #[serde(with = "hex::fixed", default)]
    pub risk_management_data: [u8; 8],
    /// Mobile support indicator (9F7E), which a phone may ask for.
    #[serde(with = "hex::byte", default = "one")]
    pub mobile_support: u8,
    /// Default UDOL (DF811A), which a card may ask for. Used for nothing else: no mag-stripe mode.
    #[serde(default)]
    pub udol: Bytes<64>,
}

const fn one() -> u8 {
    1
}

/// Kernel 3's own settings (EMV Contactless Book C-3, Annex A).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kernel3Settings {
    /// Terminal transaction qualifiers (9F66) before Entry Point's changes for the amount.
    #[serde(with = "hex::fixed")]
    pub ttq: [u8; 4],
    /// Terminal capabilities (9F33).
    #[serde(with = "hex::fixed")]
    pub terminal_capabilities: [u8; 3],
}
