//! Every bound of the kernel, with its reason. A card that passes one has ended its tap.

/// Commands in one presentation of a card, all applications together. A sale takes 3 to 12.
pub const COMMANDS_MAX: u16 = 160;

/// Presentations of a card in one tap: the first, and each "present again" or "see phone". One
/// unpredictable number is needed for each.
pub const ATTEMPTS_MAX: usize = 4;

/// Applications of a card that are considered, in the order of its directory. Real cards have 1 to 3.
pub const CANDIDATES_MAX: usize = 16;

/// Records that one AFL may name. Real cards name 2 to 8.
pub const RECORDS_MAX: usize = 64;

/// Objects kept of one card.
pub const CARD_OBJECTS_MAX: usize = 128;

/// Bytes kept of one card: certificates of the longest keys and everything else with room to spare.
pub const CARD_BYTES_MAX: usize = 4096;

/// Static data to be authenticated, bytes (Book C-2).
pub const STATIC_DATA_BYTES_MAX: usize = 2048;

/// Largest amount, minor units: tag 9F02 has twelve digits.
pub const AMOUNT_MAX: u64 = 999_999_999_999;

/// How long the field stays off after "see phone", ms: 13 × 100 ms (Book C-2, hold time value; Book C-3).
pub const SEE_PHONE_HOLD_MS: u32 = 1300;

/// Combinations of AID and kernel that settings may hold.
pub const COMBINATIONS_MAX: usize = 16;

/// CA keys that settings may hold.
pub const CA_KEYS_MAX: usize = 128;

/// Revoked issuer certificates that settings may hold.
pub const REVOKED_CERTIFICATES_MAX: usize = 128;
