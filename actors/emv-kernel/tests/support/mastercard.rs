//! A Mastercard with real certificates and a real CDA signature, every object of which a test can change.

use super::{Card, bytes, certificates, fci, ok, ppse, status, tlv};

/// How a card strays when it answers GENERATE AC.
type Tamper = Box<dyn FnMut(&mut Vec<u8>)>;

pub(crate) struct Mastercard {
    pub(crate) aid: Vec<u8>,
    pub(crate) pdol: Vec<u8>,
    pub(crate) aip: [u8; 2],
    /// The objects of its signed record.
    pub(crate) signed: Vec<(u32, Vec<u8>)>,
    /// The objects of its unsigned record: the key chain.
    pub(crate) keys: Vec<(u32, Vec<u8>)>,
    /// What it answers, whatever it is asked; none: what it is asked.
    pub(crate) cid: Option<u8>,
    /// What is added to the answer to GENERATE AC.
    pub(crate) extra: Vec<u8>,
    /// What happens to the objects of that answer after they were signed.
    pub(crate) tamper: Option<Tamper>,
    pdol_values: Vec<u8>,
}

pub(crate) const PAN: &str = "5413330089020036";
pub(crate) const CRYPTOGRAM: [u8; 8] = [0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8];

impl Mastercard {
    /// A plastic card: CDA; online PIN if the terminal has it, else no CVM.
    pub(crate) fn new() -> Self {
        let mut card = Self {
            aid: bytes("A0000000041010"),
            pdol: Vec::new(),
            // CDA, cardholder verification, terminal risk management; EMV mode.
            aip: [0x19, 0x80],
            signed: vec![
                (0x5A, bytes(PAN)),
                (0x5F24, bytes("291231")),
                (0x5F34, bytes("01")),
                (0x57, bytes("5413330089020036D29122010000000000")),
                (0x8C, bytes("9F02069F03069F1A0295055F2A029A039C019F37049F35019F45029F4C089F3403")),
                (0x8E, bytes("00000000 00000000 4203 1F03")),
                (0x9F07, bytes("FF00")),
                (0x5F28, bytes("0056")),
                (0x9F0D, bytes("B450840000")),
                (0x9F0E, bytes("0000000000")),
                (0x9F0F, bytes("B470848000")),
                (0x9F4A, bytes("82")),
            ],
            keys: Vec::new(),
            cid: None,
            extra: Vec::new(),
            tamper: None,
            pdol_values: Vec::new(),
        };
        card.certify();
        card
    }

    /// A phone: verifies its owner itself (AIP byte 1, bit 2).
    pub(crate) fn phone() -> Self {
        let mut card = Self::new();
        card.aip = [0x1B, 0x80];
        card.certify();
        card
    }

    /// Makes the certificates for what the card holds now.
    pub(crate) fn certify(&mut self) {
        let pan = hex::encode(self.get_or_empty(0x5A));
        self.certify_as(if pan.is_empty() { PAN } else { &pan });
    }

    /// The same, with certificates for this account number.
    pub(crate) fn certify_as(&mut self, pan: &str) {
        let static_data = [self.signed_record(), self.aip.to_vec()].concat();
        self.keys = certificates::chain(&bytes(pan), &static_data, [0x12, 0x29]);
    }

    pub(crate) fn get(&self, tag: u32) -> Vec<u8> {
        let value = self.get_or_empty(tag);
        assert!(!value.is_empty(), "the card has it");
        value
    }

    fn get_or_empty(&self, tag: u32) -> Vec<u8> {
        let mut objects = self.signed.iter().chain(&self.keys);
        objects.find(|(other, _)| *other == tag).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// Changes, adds or (with an empty value) removes an object, without certifying it.
    pub(crate) fn set(&mut self, tag: u32, value: &str) -> &mut Self {
        let value = bytes(value);
        let objects =
            if self.keys.iter().any(|(other, _)| *other == tag) { &mut self.keys } else { &mut self.signed };
        objects.retain(|(other, _)| *other != tag);
        if !value.is_empty() {
            objects.push((tag, value));
        }
        self
    }

    /// [`set`](Self::set), as a statement.
    pub(crate) fn change(&mut self, tag: u32, value: &str) {
        self.set(tag, value);
    }

    fn signed_record(&self) -> Vec<u8> {
        self.signed.iter().flat_map(|(tag, value)| tlv(*tag, value)).collect()
    }

    fn generate_ac(&mut self, control: u8, values: &[u8]) -> Vec<u8> {
        let cid = self.cid.unwrap_or(control & 0xC0);
        let before = [tlv(0x9F27, &[cid]), tlv(0x9F36, &[0x00, 0x2A])].concat();
        let after =
            [tlv(0x9F10, &bytes("0110A00003220000000000000000000000FF")), self.extra.clone()].concat();
        let mut objects = if control & 0x10 != 0 && cid & 0xC0 != 0 {
            let hashed = [&self.pdol_values[..], values, &before, &after].concat();
            // 9F37 stands behind 9F02 9F03 9F1A 95 5F2A 9A 9C in this card's CDOL1.
            let unpredictable_number = values[25..29].try_into().unwrap();
            let signature = certificates::cda(cid, CRYPTOGRAM, &hashed, unpredictable_number);
            [before, tlv(0x9F4B, &signature), after].concat()
        } else {
            [before, tlv(0x9F26, &CRYPTOGRAM), after].concat()
        };
        if let Some(tamper) = &mut self.tamper {
            tamper(&mut objects);
        }
        tlv(0x77, &objects)
    }
}

impl Card for Mastercard {
    fn answer(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        let length = usize::from(*command.get(4)?);
        match command {
            [0x00, 0xA4, 0x04, 0x00, 14, ..] => ok(&ppse(&[(&hex::encode(&self.aid), "870101")])),
            [0x00, 0xA4, ..] => {
                let label = tlv(0x50, b"Mastercard");
                let pdol = if self.pdol.is_empty() { Vec::new() } else { tlv(0x9F38, &self.pdol) };
                ok(&fci(&self.aid, &[label, pdol].concat()))
            }
            [0x80, 0xA8, ..] => {
                self.pdol_values = command[7..5 + length].to_vec();
                ok(&tlv(0x77, &[tlv(0x82, &self.aip), tlv(0x94, &bytes("10010101 18010200"))].concat()))
            }
            [0x00, 0xB2, 1, 0x14, ..] => ok(&tlv(0x70, &self.signed_record())),
            // The chain is longer than one answer: the issuer's part, then the card's.
            [0x00, 0xB2, record @ (1 | 2), 0x1C, ..] => {
                let is_issuer = |tag: u32| matches!(tag, 0x8F | 0x90 | 0x92 | 0x9F32);
                let part = self.keys.iter().filter(|(tag, _)| is_issuer(*tag) == (*record == 1));
                ok(&tlv(0x70, &part.flat_map(|(tag, value)| tlv(*tag, value)).collect::<Vec<_>>()))
            }
            [0x80, 0xAE, control, 0x00, ..] => {
                let (control, values) = (*control, command[5..5 + length].to_vec());
                ok(&self.generate_ac(control, &values))
            }
            _ => status(0x6D00),
        }
    }
}
