//! Terminal verification results (95): what the terminal found, bit by bit.
//!
//! EMV 4.3 Book 3, Annex C5; bits 2 and 1 of byte 5 are kernel 2's (Book C-2, Annex A).

/// Tag 95, five bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tvr(pub(crate) [u8; 5]);

/// One bit: the byte counted from 0, and its mask.
#[derive(Clone, Copy)]
pub(crate) struct TvrBit(usize, u8);

impl TvrBit {
    pub(crate) const ODA_NOT_PERFORMED: Self = Self(0, 0x80);
    pub(crate) const ICC_DATA_MISSING: Self = Self(0, 0x20);
    pub(crate) const CDA_FAILED: Self = Self(0, 0x04);
    pub(crate) const VERSIONS_DIFFER: Self = Self(1, 0x80);
    pub(crate) const EXPIRED: Self = Self(1, 0x40);
    pub(crate) const NOT_YET_EFFECTIVE: Self = Self(1, 0x20);
    pub(crate) const SERVICE_NOT_ALLOWED: Self = Self(1, 0x10);
    pub(crate) const CVM_NOT_SUCCESSFUL: Self = Self(2, 0x80);
    pub(crate) const CVM_UNRECOGNISED: Self = Self(2, 0x40);
    pub(crate) const ONLINE_PIN_ENTERED: Self = Self(2, 0x04);
    pub(crate) const FLOOR_LIMIT_EXCEEDED: Self = Self(3, 0x80);
    /// Relay resistance (two bits): `01` is "not performed".
    pub(crate) const RELAY_RESISTANCE_NOT_PERFORMED: Self = Self(4, 0x01);
}

impl Tvr {
    pub(crate) fn set(&mut self, TvrBit(index, mask): TvrBit) {
        if let Some(byte) = self.0.get_mut(index) {
            *byte |= mask;
        }
    }

    /// Whether any bit that is set here is set in `codes` too.
    pub(crate) fn meets(self, codes: [u8; 5]) -> bool {
        self.0.iter().zip(codes).any(|(found, code)| found & code != 0)
    }
}
