//! The qualifiers: what the terminal says (TTQ, 9F66) and what the card says (CTQ, 9F6C).
//!
//! EMV Contactless Book A (TTQ); Book C-3, Annex A (CTQ). Byte and bit numbers are the books'.

/// Terminal transaction qualifiers, as Entry Point made them for this amount.
#[derive(Clone, Copy)]
pub(super) struct Ttq(pub(super) [u8; 4]);

impl Ttq {
    /// Byte 1, bit 5: contact chip.
    pub(super) const fn has_contact(self) -> bool {
        self.0[0] & 0x10 != 0
    }

    /// Byte 1, bit 3.
    pub(super) const fn has_online_pin(self) -> bool {
        self.0[0] & 0x04 != 0
    }

    /// Byte 1, bit 2.
    pub(super) const fn has_signature(self) -> bool {
        self.0[0] & 0x02 != 0
    }

    /// Byte 1, bit 1: offline data authentication for online authorisations.
    pub(super) const fn wants_oda_online(self) -> bool {
        self.0[0] & 0x01 != 0
    }

    /// Byte 2, bit 8.
    pub(super) const fn requires_online(self) -> bool {
        self.0[1] & 0x80 != 0
    }

    /// Byte 2, bit 7.
    pub(super) const fn requires_cvm(self) -> bool {
        self.0[1] & 0x40 != 0
    }

    /// Byte 3, bit 7: verification on the customer's device.
    pub(super) const fn has_on_device_cvm(self) -> bool {
        self.0[2] & 0x40 != 0
    }
}

/// Card transaction qualifiers.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ctq(pub(super) [u8; 2]);

impl Ctq {
    /// Byte 1, bit 8.
    pub(super) const fn requires_online_pin(self) -> bool {
        self.0[0] & 0x80 != 0
    }

    /// Byte 1, bit 7.
    pub(super) const fn requires_signature(self) -> bool {
        self.0[0] & 0x40 != 0
    }

    /// Byte 1, bit 6: go online if offline data authentication fails.
    pub(super) const fn online_if_oda_fails(self) -> bool {
        self.0[0] & 0x20 != 0
    }

    /// Byte 1, bit 5: another interface if offline data authentication fails.
    pub(super) const fn other_interface_if_oda_fails(self) -> bool {
        self.0[0] & 0x10 != 0
    }

    /// Byte 1, bit 4: go online if the application expired.
    pub(super) const fn online_if_expired(self) -> bool {
        self.0[0] & 0x08 != 0
    }

    /// Byte 2, bit 8: the customer was verified on the device.
    pub(super) const fn on_device_cvm_done(self) -> bool {
        self.0[1] & 0x80 != 0
    }
}
