//! How a Mastercard or Maestro application answers: EMV mode, GENERATE AC with CDA, online only.

use mpos_crypto::arqc::CryptogramKind;
use mpos_crypto::emv_certificate::transaction_data_hash;
use mpos_tlv::{StatusWord, Tag, ber};

use crate::application::Chip;
use crate::asked::{Answers, ObjectList};
use crate::command::Answer;

/// What GENERATE AC is told (8C).
pub(crate) const CDOL1: ObjectList = &[
    (Tag::AMOUNT_AUTHORISED, 6),
    (Tag::AMOUNT_OTHER, 6),
    (Tag::TERMINAL_COUNTRY_CODE, 2),
    (Tag::TVR, 5),
    (Tag::TRANSACTION_CURRENCY_CODE, 2),
    (Tag::TRANSACTION_DATE, 3),
    (Tag::TRANSACTION_TYPE, 1),
    (Tag::UNPREDICTABLE_NUMBER, 4),
    (Tag::TERMINAL_TYPE, 1),
    (Tag::DATA_AUTHENTICATION_CODE, 2),
    (Tag::ICC_DYNAMIC_NUMBER, 8),
    (Tag::CVM_RESULTS, 3),
    (Tag::TRANSACTION_TIME, 3),
    (Tag::CUSTOMER_EXCLUSIVE_DATA, 20),
];
/// What a second GENERATE AC would be told (8D); a contactless terminal sends none.
pub(crate) const CDOL2: ObjectList = &[
    (Tag::ISSUER_AUTHENTICATION_DATA, 10),
    (Tag::AUTHORISATION_RESPONSE_CODE, 2),
    (Tag::TVR, 5),
    (Tag::UNPREDICTABLE_NUMBER, 4),
    (Tag::ICC_DYNAMIC_NUMBER, 8),
];
/// A phone wants to know the terminal; a card asks nothing.
const DEVICE_PDOL: ObjectList =
    &[(Tag::TERMINAL_RISK_MANAGEMENT_DATA, 8), (Tag::TERMINAL_COUNTRY_CODE, 2), (Tag::TERMINAL_TYPE, 1)];

/// Application file locator: file 2, record 1 is authenticated; file 3, records 1 and 2 are certificates.
const AFL: [u8; 8] = [0x10, 0x01, 0x01, 0x01, 0x18, 0x01, 0x02, 0x00];

/// AIP byte 1: cardholder verification, terminal risk management, CDA. Byte 2: EMV mode.
const AIP_CARD: [u8; 2] = [0x19, 0x80];
/// The same, and cardholder verification on the device.
const AIP_DEVICE: [u8; 2] = [0x1B, 0x80];

/// GENERATE AC's P1: kind in bits 8 and 7, CDA in bit 5, nothing else.
const REFERENCE_CDA: u8 = 0x10;
const REFERENCE_RESERVED: u8 = 0x2F;
const KIND_AAC: u8 = 0b00;
const KIND_RESERVED: u8 = 0b11;

const CID_AAC: u8 = 0x00;
const CID_ARQC: u8 = 0x80;

/// Key derivation index in 9F10.
const KEY_INDEX: u8 = 0x01;
/// Card verification results, byte 1: kind of the first cryptogram in bits 6 and 5, no second one asked for.
const RESULTS_ARQC: u8 = 0xA0;
const RESULTS_AAC: u8 = 0x80;
/// Bytes of the results in 9F10, after index and version.
const RESULTS_PLACE: std::ops::Range<usize> = 2..8;

/// DF4B, POS cardholder interaction information: version 0, verified on the device.
const VERIFIED_ON_DEVICE: [u8; 3] = [0x00, 0x10, 0x00];
/// Bytes of the number that makes each signature differ (9F4C).
const DYNAMIC_NUMBER_BYTES: usize = 8;

/// A Mastercard or Maestro application.
#[derive(Clone)]
pub(crate) struct Program {
    /// In a phone, whose owner was verified on it.
    pub(crate) device: bool,
}

impl Program {
    pub(crate) const fn pdol(&self) -> ObjectList {
        if self.device { DEVICE_PDOL } else { &[] }
    }

    pub(crate) const fn aip(&self) -> [u8; 2] {
        if self.device { AIP_DEVICE } else { AIP_CARD }
    }

    /// Cryptogram version and what it means: cards have Mastercard's session key, phones EMV's.
    const fn version(&self) -> (u8, CryptogramKind) {
        if self.device {
            (0x14, CryptogramKind::MastercardCvn14)
        } else {
            (0x10, CryptogramKind::MastercardCvn10)
        }
    }

    pub(crate) fn processing_options(&self) -> Vec<u8> {
        let mut answer = Vec::new();
        ber::push_template(&mut answer, Tag::RESPONSE_TEMPLATE_2, |inner| {
            ber::push(inner, Tag::AIP, &self.aip());
            ber::push(inner, Tag::AFL, &AFL);
        });
        answer
    }

    /// A request for a TC is answered with an ARQC: the issuer decides online.
    pub(crate) fn generate_ac(
        &self,
        chip: &Chip,
        atc: [u8; 2],
        options: &Answers,
        reference: u8,
        answers: &[u8],
    ) -> Answer {
        let kind = reference >> 6;
        if reference & REFERENCE_RESERVED != 0 || kind == KIND_RESERVED {
            return Err(StatusWord::WRONG_P1_P2);
        }
        let asked = Answers::new(CDOL1, answers).ok_or(StatusWord::WRONG_LENGTH)?;
        let (cid, results) = if kind == KIND_AAC { (CID_AAC, RESULTS_AAC) } else { (CID_ARQC, RESULTS_ARQC) };

        let (version, method) = self.version();
        let issuer_data = issuer_data(version, results);
        let results = &issuer_data[RESULTS_PLACE];
        let cryptogram = chip.cryptogram(method, &asked, self.aip(), atc, results)?;

        let mut before = Vec::new();
        ber::push(&mut before, Tag::CRYPTOGRAM_INFORMATION_DATA, &[cid]);
        ber::push(&mut before, Tag::ATC, &atc);
        let mut after = Vec::new();
        ber::push(&mut after, Tag::ISSUER_APPLICATION_DATA, &issuer_data);
        if self.device {
            ber::push(&mut after, Tag::POS_CARDHOLDER_INTERACTION, &VERIFIED_ON_DEVICE);
        }

        let mut proof = Vec::new();
        if reference & REFERENCE_CDA != 0 && cid == CID_ARQC {
            let hash = transaction_data_hash(&[options.as_bytes(), answers, &before, &after]);
            let signature = sign(chip, cid, cryptogram, hash, asked.get(Tag::UNPREDICTABLE_NUMBER))?;
            ber::push(&mut proof, Tag::SIGNED_DYNAMIC_APPLICATION_DATA, &signature);
        } else {
            ber::push(&mut proof, Tag::APPLICATION_CRYPTOGRAM, &cryptogram);
        }
        let mut answer = Vec::new();
        ber::push(&mut answer, Tag::RESPONSE_TEMPLATE_2, &[before, proof, after].concat());
        Ok(answer)
    }
}

/// Index, version, results (6), data authentication code (2), counters (8).
fn issuer_data(version: u8, results: u8) -> [u8; 18] {
    let mut data = [0; 18];
    data[..3].copy_from_slice(&[KEY_INDEX, version, results]);
    data
}

/// The cryptogram inside the card's signature.
// EMV 4.3 Book 2, 6.6.1
fn sign(
    chip: &Chip,
    cid: u8,
    cryptogram: [u8; 8],
    transaction_hash: [u8; 20],
    unpredictable_number: &[u8],
) -> Result<Vec<u8>, StatusWord> {
    let mut number = [0; DYNAMIC_NUMBER_BYTES];
    getrandom::fill(&mut number).map_err(|_| StatusWord::UNKNOWN)?;
    let mut dynamic = vec![DYNAMIC_NUMBER_BYTES as u8];
    dynamic.extend(number);
    dynamic.push(cid);
    dynamic.extend(cryptogram);
    dynamic.extend(transaction_hash);
    chip.sign(&dynamic, unpredictable_number)
}
