//! A Visa card with a real fDDA signature, every object of which a test can change.

use super::{Card, bytes, certificates, fci, ok, ppse, status, tlv};

pub(crate) struct Visa {
    pub(crate) aid: Vec<u8>,
    pub(crate) pdol: Vec<u8>,
    /// The objects of its answer to GPO, the signature and the AFL aside.
    pub(crate) options: Vec<(u32, Vec<u8>)>,
    /// The objects of its signed record; empty: no AFL, the normal online card.
    pub(crate) record: Vec<(u32, Vec<u8>)>,
    /// Key chain.
    pub(crate) keys: Vec<(u32, Vec<u8>)>,
    /// The status word of GPO.
    pub(crate) gpo_status: u16,
    /// Card authentication related data (9F69): what it signs.
    pub(crate) related: Vec<u8>,
    signature: Vec<u8>,
}

pub(crate) const PAN: &str = "4761739001010036";
pub(crate) const CRYPTOGRAM: [u8; 8] = [0xD1, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8];

impl Visa {
    /// A card that goes online and has no records. `ctq` is 9F6C, empty for none.
    pub(crate) fn online(ctq: &str) -> Self {
        let mut card = Self {
            aid: bytes("A0000000031010"),
            pdol: bytes("9F66049F02069F03069F1A0295055F2A029A039C019F3704"),
            options: vec![
                (0x82, bytes("2000")),
                (0x9F36, bytes("002B")),
                (0x57, bytes("4761739001010036D29122010000000000")),
                (0x9F10, bytes("06010A03A00000")),
                (0x9F26, CRYPTOGRAM.to_vec()),
                (0x5F34, bytes("01")),
            ],
            record: Vec::new(),
            keys: Vec::new(),
            gpo_status: 0x9000,
            related: Vec::new(),
            signature: Vec::new(),
        };
        card.set(0x9F6C, ctq);
        card
    }

    /// A card with a record, a key chain and an fDDA signature.
    pub(crate) fn with_fdda(ctq: &str) -> Self {
        let mut card = Self::online(ctq);
        card.record = vec![(0x5A, bytes(PAN)), (0x5F24, bytes("291231")), (0x9F07, bytes("C080"))];
        card.keys = certificates::chain(&bytes(PAN), &card.signed_record(), [0x12, 0x29]);
        card.related = [&bytes("01 CAFEBABE")[..], &bytes(ctq), &[0x00]].concat();
        card
    }

    /// Changes, adds or (with an empty value) removes an object of the answer to GPO.
    pub(crate) fn set(&mut self, tag: u32, value: &str) -> &mut Self {
        self.options.retain(|(other, _)| *other != tag);
        if !value.is_empty() {
            self.options.push((tag, bytes(value)));
        }
        self
    }

    fn signed_record(&self) -> Vec<u8> {
        self.record.iter().flat_map(|(tag, value)| tlv(*tag, value)).collect()
    }

    fn options(&mut self, pdol_values: &[u8]) -> Vec<u8> {
        let mut objects: Vec<u8> = self.options.iter().flat_map(|(tag, value)| tlv(*tag, value)).collect();
        if !self.record.is_empty() {
            objects.extend(tlv(0x94, &bytes("10010101 18010200")));
            // 9F37, 9F02, 5F2A of this card's PDOL, then 9F69.
            let covered =
                [&pdol_values[29..33], &pdol_values[4..10], &pdol_values[23..25], &self.related[..]];
            self.signature = certificates::fdda([0x00, 0x2B], &covered.concat());
        }
        tlv(0x77, &objects)
    }
}

impl Card for Visa {
    fn answer(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        match command {
            [0x00, 0xA4, 0x04, 0x00, 14, ..] => ok(&ppse(&[(&hex::encode(&self.aid), "870101")])),
            [0x00, 0xA4, ..] => ok(&fci(&self.aid, &[tlv(0x50, b"VISA"), tlv(0x9F38, &self.pdol)].concat())),
            [0x80, 0xA8, ..] if self.gpo_status != 0x9000 => status(self.gpo_status),
            [0x80, 0xA8, _, _, _, _, _, values @ .., 0x00] => ok(&self.options(values)),
            [0x00, 0xB2, 1, 0x14, ..] => ok(&tlv(0x70, &self.signed_record())),
            [0x00, 0xB2, record @ (1 | 2), 0x1C, ..] => {
                let is_issuer = |tag: u32| matches!(tag, 0x8F | 0x90 | 0x92 | 0x9F32);
                let part = self.keys.iter().filter(|(tag, _)| is_issuer(*tag) == (*record == 1));
                let mut objects: Vec<u8> = part.flat_map(|(tag, value)| tlv(*tag, value)).collect();
                if *record == 2 {
                    objects.extend(tlv(0x9F4B, &self.signature));
                    objects.extend(tlv(0x9F69, &self.related));
                }
                ok(&tlv(0x70, &objects))
            }
            _ => status(0x6D00),
        }
    }
}
