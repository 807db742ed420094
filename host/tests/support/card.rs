//! A card as far as a bank sees one: a number, a key derived from the issuer's, and a counter.

use super::pki::{MASTERCARD_KEY, VISA_KEY};
use mpos_crypto::{
    SecretKey,
    arqc::{CryptogramKind, application_cryptogram, derive_icc_master_key},
};
use mpos_host::AccountSeed;
use mpos_protocol::{
    Amount, Bytes, Secret, Text,
    card::{CardScheme, TransactionKind},
};
use mpos_tlv::{Tag, ber};

pub const CID_ARQC: u8 = 0x80;
pub const CID_TC: u8 = 0x40;
pub const CID_AAC: u8 = 0x00;

/// Which cryptogram a card makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    Mastercard16,
    Mastercard20,
    Visa10,
    Visa18,
}

#[derive(Clone, Debug)]
pub struct Card {
    pub pan: String,
    pub sequence: u8,
    /// Year and month, two digits each.
    pub expiry: (u8, u8),
    pub pin: String,
    pub balance: u64,
    pub blocked: bool,
    pub version: Version,
    pub atc: u16,
    /// The customer's own device verified the customer.
    pub device_cvm: bool,
}

/// What a tap gives.
pub struct Tap {
    pub de55: Bytes<512>,
    /// The TLVs 5A, 5F24, 5F34.
    pub card_data: Vec<u8>,
}

impl Card {
    pub fn mastercard() -> Self {
        Self::new("5413330089020036", Version::Mastercard16)
    }

    pub fn visa() -> Self {
        Self::new("4761739001010010", Version::Visa18)
    }

    pub fn new(pan: &str, version: Version) -> Self {
        Self {
            pan: pan.to_owned(),
            sequence: 1,
            expiry: (39, 12),
            pin: "1234".to_owned(),
            balance: 100_000,
            blocked: false,
            version,
            atc: 0,
            device_cvm: false,
        }
    }

    pub fn scheme(&self) -> CardScheme {
        match self.version {
            Version::Mastercard16 | Version::Mastercard20 => CardScheme::Mastercard,
            Version::Visa10 | Version::Visa18 => CardScheme::Visa,
        }
    }

    pub fn aid(&self) -> &'static [u8] {
        match self.scheme() {
            CardScheme::Mastercard => &[0xA0, 0, 0, 0, 4, 0x10, 0x10],
            _ => &[0xA0, 0, 0, 0, 3, 0x10, 0x10],
        }
    }

    pub fn account(&self) -> AccountSeed {
        AccountSeed {
            pan: Secret::new(Text::new(&self.pan).unwrap()),
            sequence: self.sequence,
            expiry_year: self.expiry.0,
            expiry_month: self.expiry.1,
            pin: Secret::new(Text::new(&self.pin).unwrap()),
            balance: Amount::from_minor(self.balance).unwrap(),
            blocked: self.blocked,
            scheme: self.scheme(),
        }
    }

    /// A purchase's tap.
    pub fn tap(&mut self, amount: u64, transaction_number: u32) -> Tap {
        self.tap_for(amount, transaction_number, TransactionKind::Purchase, CID_ARQC)
    }

    /// A refund's: kernel 2 asks for an AAC, kernel 3 takes the ARQC that a Visa card gives.
    pub fn tap_refund(&mut self, amount: u64, transaction_number: u32) -> Tap {
        let cid = if self.scheme() == CardScheme::Mastercard { CID_AAC } else { CID_ARQC };
        self.tap_for(amount, transaction_number, TransactionKind::Refund, cid)
    }

    /// Makes a cryptogram; by hand from the table in `cards/README.md`.
    pub fn tap_for(
        &mut self,
        amount: u64,
        transaction_number: u32,
        transaction: TransactionKind,
        cid: u8,
    ) -> Tap {
        let kind_code = if transaction == TransactionKind::Refund { 0x20 } else { 0 };
        self.atc += 1;
        let atc = self.atc.to_be_bytes();
        let digits = format!("{amount:012}");
        let amount_bcd = bcd(&digits);
        let (issuer_key, issuer_data, kind, from_issuer_data): (_, Vec<u8>, _, _) = match self.version {
            Version::Mastercard16 => (MASTERCARD_KEY, mchip(0x10), CryptogramKind::MastercardCvn10, 2..8),
            Version::Mastercard20 => (MASTERCARD_KEY, mchip(0x14), CryptogramKind::MastercardCvn14, 2..8),
            Version::Visa10 => (VISA_KEY, visa(0x0A), CryptogramKind::VisaCvn10, 3..7),
            Version::Visa18 => (VISA_KEY, visa(0x12), CryptogramKind::VisaCvn18, 0..7),
        };
        let aip = match (self.scheme(), self.device_cvm) {
            (CardScheme::Mastercard, false) => [0x19, 0x80],
            (CardScheme::Mastercard, true) => [0x1B, 0x80],
            (_, false) => [0x20, 0x00],
            (_, true) => [0x00, 0x40],
        };
        let mut elements: Vec<(Tag, Vec<u8>)> = vec![
            (Tag::AMOUNT_AUTHORISED, amount_bcd),
            (Tag::AMOUNT_OTHER, vec![0; 6]),
            (Tag::TERMINAL_COUNTRY_CODE, vec![0x03, 0x83]),
            (Tag::TVR, vec![0; 5]),
            (Tag::TRANSACTION_CURRENCY_CODE, vec![0x09, 0x78]),
            (Tag::TRANSACTION_DATE, vec![0x26, 0x11, 0x24]),
            (Tag::TRANSACTION_TYPE, vec![kind_code]),
            (Tag::UNPREDICTABLE_NUMBER, vec![1, 2, 3, 4]),
            (Tag::AIP, aip.to_vec()),
            (Tag::ATC, atc.to_vec()),
        ];
        let mut covered: Vec<u8> = elements.iter().flat_map(|(_, value)| value.clone()).collect();
        covered.extend_from_slice(&issuer_data[from_issuer_data]);
        let issuer_key = SecretKey::from_slice(&issuer_key).unwrap();
        let key = derive_icc_master_key(&issuer_key, self.pan.as_bytes(), bcd_byte(self.sequence)).unwrap();
        let cryptogram = application_cryptogram(kind, &key, atc, [1, 2, 3, 4], &covered).unwrap();
        elements.extend([
            (Tag::APPLICATION_CRYPTOGRAM, cryptogram.to_vec()),
            (Tag::CRYPTOGRAM_INFORMATION_DATA, vec![cid]),
            (Tag::ISSUER_APPLICATION_DATA, issuer_data),
            (Tag::DF_NAME, self.aid().to_vec()),
            (Tag::TRANSACTION_SEQUENCE_COUNTER, bcd(&format!("{transaction_number:08}"))),
        ]);
        if self.device_cvm {
            elements.push((Tag::CVM_RESULTS, vec![0x01, 0x00, 0x02]));
        }
        let mut de55 = Vec::new();
        for (tag, value) in &elements {
            ber::push(&mut de55, *tag, value);
        }
        Tap { de55: Bytes::try_from(de55).unwrap(), card_data: self.card_data() }
    }

    fn card_data(&self) -> Vec<u8> {
        let mut data = Vec::new();
        ber::push(&mut data, Tag::PAN, &bcd(&self.pan));
        ber::push(
            &mut data,
            Tag::EXPIRATION_DATE,
            &bcd(&format!("{:02}{:02}31", self.expiry.0, self.expiry.1)),
        );
        ber::push(&mut data, Tag::PAN_SEQUENCE_NUMBER, &[bcd_byte(self.sequence)]);
        data
    }
}

fn mchip(version: u8) -> Vec<u8> {
    let mut data = vec![0x01, version, 0xA0, 0x00, 0x03, 0x22, 0x00, 0x00];
    data.resize(18, 0);
    data
}

fn visa(version: u8) -> Vec<u8> {
    vec![0x06, 0x01, version, 0x03, 0xA0, 0x00, 0x00]
}

fn bcd(digits: &str) -> Vec<u8> {
    digits.as_bytes().chunks(2).map(|pair| ((pair[0] - b'0') << 4) | (pair[1] - b'0')).collect()
}

fn bcd_byte(number: u8) -> u8 {
    ((number / 10) << 4) | (number % 10)
}
