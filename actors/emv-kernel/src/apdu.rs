//! The commands that a contactless terminal sends: five, and how each is written (EMV 4.3 Book 3, 6.5).

use alloc::vec::Vec;

use crate::error::CommandKind;

/// A command for the card, short form (ISO/IEC 7816-4, 5.1).
///
/// It holds no account data: a data object list that asks for some is answered with zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apdu {
    kind: CommandKind,
    bytes: Vec<u8>,
}

impl Apdu {
    /// The bytes to send, at most 261.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, moved out.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Which command it is.
    pub const fn kind(&self) -> CommandKind {
        self.kind
    }

    // EMV Contactless Book B: SELECT PPSE.
    pub(crate) fn select_ppse() -> Self {
        Self::with_data(CommandKind::SelectPpse, [0x00, 0xA4, 0x04, 0x00], b"2PAY.SYS.DDF01")
    }

    // EMV Contactless Book B, selection: SELECT by name, with the extended selection if there is one.
    pub(crate) fn select(aid: &[u8], extended: &[u8]) -> Self {
        let mut name = aid.to_vec();
        name.extend_from_slice(extended);
        Self::with_data(CommandKind::Select, [0x00, 0xA4, 0x04, 0x00], &name)
    }

    // EMV 4.3 Book 3, 6.5.8: the PDOL's values in the command template 83.
    pub(crate) fn get_processing_options(pdol_values: &[u8]) -> Self {
        let mut data = Vec::with_capacity(pdol_values.len().saturating_add(3));
        mpos_tlv::ber::push(&mut data, mpos_tlv::Tag::COMMAND_TEMPLATE, pdol_values);
        Self::with_data(CommandKind::GetProcessingOptions, [0x80, 0xA8, 0x00, 0x00], &data)
    }

    // EMV 4.3 Book 3, 6.5.11.
    pub(crate) fn read_record(sfi: u8, record: u8) -> Self {
        // An SFI has five bits; `100` says that P1 is a record number.
        let bytes = [0x00, 0xB2, record, sfi << 3 | 0b100, 0x00].to_vec();
        Self { kind: CommandKind::ReadRecord, bytes }
    }

    // EMV 4.3 Book 3, 6.5.5.
    pub(crate) fn generate_ac(reference_control: u8, cdol_values: &[u8]) -> Self {
        Self::with_data(CommandKind::GenerateAc, [0x80, 0xAE, reference_control, 0x00], cdol_values)
    }

    fn with_data(kind: CommandKind, header: [u8; 4], data: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(data.len().saturating_add(6));
        bytes.extend(header);
        // Data lists are bounded by `dol::FILLED_BYTES_MAX`, names by 16 + 16 bytes.
        if !data.is_empty() {
            bytes.push(u8::try_from(data.len()).expect("command data are at most 255 bytes"));
            bytes.extend_from_slice(data);
        }
        bytes.push(0x00);
        Self { kind, bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    #[test]
    fn commands_are_written_as_the_books_say() {
        assert_eq!(Apdu::select_ppse().as_bytes(), hex!("00A404000E325041592E5359532E444446303100"));
        assert_eq!(Apdu::select(&hex!("A0000000041010"), &[]).as_bytes(), hex!("00A4040007A000000004101000"));
        assert_eq!(Apdu::get_processing_options(&[]).as_bytes(), hex!("80A8000002830000"));
        assert_eq!(Apdu::read_record(2, 1).as_bytes(), hex!("00B2011400"));
        assert_eq!(Apdu::generate_ac(0x90, &hex!("AABB")).as_bytes(), hex!("80AE900002AABB00"));
    }
}
