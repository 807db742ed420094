//! How a Visa, Electron or V PAY application answers: qVSDC, all in GET PROCESSING OPTIONS, online only.

use mpos_crypto::arqc::CryptogramKind;
use mpos_tlv::{StatusWord, Tag, ber};

use crate::application::{Chip, Record};
use crate::asked::{Answers, ObjectList};

/// What the terminal tells (9F38).
pub(crate) const PDOL: ObjectList = &[
    (Tag::TTQ, 4),
    (Tag::AMOUNT_AUTHORISED, 6),
    (Tag::AMOUNT_OTHER, 6),
    (Tag::TERMINAL_COUNTRY_CODE, 2),
    (Tag::TVR, 5),
    (Tag::TRANSACTION_CURRENCY_CODE, 2),
    (Tag::TRANSACTION_DATE, 3),
    (Tag::TRANSACTION_TYPE, 1),
    (Tag::UNPREDICTABLE_NUMBER, 4),
];

/// Terminal transaction qualifiers, byte 1: EMV mode, online PIN, data authentication also for online.
const TTQ_EMV: u8 = 0x20;
const TTQ_ONLINE_PIN: u8 = 0x04;
const TTQ_ODA_ONLINE: u8 = 0x01;
/// Byte 2: cardholder verification required.
const TTQ_CVM_REQUIRED: u8 = 0x40;

/// Card transaction qualifiers: nothing; online PIN required; verified on the device.
const CTQ_NONE: [u8; 2] = [0x00, 0x00];
const CTQ_ONLINE_PIN: [u8; 2] = [0x80, 0x00];
const CTQ_DEVICE: [u8; 2] = [0x00, 0x80];

/// AIP of a card: DDA. Of a phone: it is one.
const AIP_CARD: [u8; 2] = [0x20, 0x00];
const AIP_DEVICE: [u8; 2] = [0x00, 0x40];

/// File and number of the record that is authenticated, and of the ones with certificates and with 9F69.
pub(crate) const STATIC_RECORD: (u8, u8) = (1, 1);
pub(crate) const CERTIFICATES: [(u8, u8); 2] = [(2, 1), (2, 2)];
const DYNAMIC_RECORD: (u8, u8) = (2, 3);
/// Application file locator with data authentication, and without.
const AFL_SIGNED: &[u8] = &[0x08, 0x01, 0x01, 0x01, 0x10, 0x01, 0x03, 0x00];
const AFL_PLAIN: &[u8] = &[0x08, 0x01, 0x01, 0x00];

/// Form factor indicator (9F6E) of a phone.
const FORM_PHONE: [u8; 4] = [0x23, 0x00, 0x00, 0x00];

const CID_AAC: u8 = 0x00;
const CID_ARQC: u8 = 0x80;

/// 9F10: bytes that Visa names, key index, version, card verification results with their length, and for a phone what
/// the issuer has to itself, with its length: 32 bytes in all.
const NAMED_BYTES: u8 = 0x06;
const KEY_INDEX: u8 = 0x01;
const RESULTS_BYTES: u8 = 0x03;
/// Results, byte 1 after their length: kind of the cryptogram in bits 6 and 5.
const RESULTS_ARQC: u8 = 0xA0;
const RESULTS_AAC: u8 = 0x80;
const RESULTS_PLACE: std::ops::Range<usize> = 3..7;
const DISCRETIONARY_BYTES: u8 = 24;

/// fDDA: version 01 of 9F69.
const FDDA_VERSION: u8 = 0x01;

/// A Visa application.
#[derive(Clone)]
pub(crate) struct Program {
    /// In a phone, whose owner was verified on it; it has no records.
    pub(crate) device: bool,
    /// Cryptogram version 18 instead of 10.
    pub(crate) version_18: bool,
    /// Says the kind of cryptogram in 9F27 and not only in 9F10.
    pub(crate) tells_kind: bool,
    pub(crate) track2: Vec<u8>,
    pub(crate) psn: u8,
}

/// What the card decided.
struct Decision {
    cid: u8,
    ctq: [u8; 2],
    authenticates: bool,
}

impl Program {
    /// Refuses terminals without EMV mode.
    pub(crate) fn accepts(&self, options: &Answers) -> Result<(), StatusWord> {
        match options.get(Tag::TTQ) {
            [first, ..] if first & TTQ_EMV != 0 => Ok(()),
            _ => Err(StatusWord::CONDITIONS_NOT_SATISFIED),
        }
    }

    /// The answer, and the record 9F69 that goes with its signature.
    pub(crate) fn processing_options(
        &self,
        chip: &Chip,
        atc: [u8; 2],
        options: &Answers,
    ) -> Result<(Vec<u8>, Option<Record>), StatusWord> {
        let decision = self.decide(options);
        let issuer_data = self.issuer_data(decision.cid);
        let (kind, covered) = if self.version_18 {
            (CryptogramKind::VisaCvn18, &issuer_data[..])
        } else {
            (CryptogramKind::VisaCvn10, &issuer_data[RESULTS_PLACE])
        };
        let cryptogram = chip.cryptogram(kind, options, self.aip(), atc, covered)?;
        let signed =
            if decision.authenticates { Some(sign(chip, atc, decision.ctq, options)?) } else { None };

        let mut answer = Vec::new();
        ber::push_template(&mut answer, Tag::RESPONSE_TEMPLATE_2, |inner| {
            ber::push(inner, Tag::AIP, &self.aip());
            if !self.device {
                ber::push(inner, Tag::AFL, if signed.is_some() { AFL_SIGNED } else { AFL_PLAIN });
            }
            ber::push(inner, Tag::TRACK2_EQUIVALENT_DATA, &self.track2);
            ber::push(inner, Tag::PAN_SEQUENCE_NUMBER, &[self.psn]);
            ber::push(inner, Tag::ISSUER_APPLICATION_DATA, &issuer_data);
            ber::push(inner, Tag::APPLICATION_CRYPTOGRAM, &cryptogram);
            if self.tells_kind {
                ber::push(inner, Tag::CRYPTOGRAM_INFORMATION_DATA, &[decision.cid]);
            }
            ber::push(inner, Tag::ATC, &atc);
            ber::push(inner, Tag::CTQ, &decision.ctq);
            if self.device {
                ber::push(inner, Tag::FORM_FACTOR_INDICATOR, &FORM_PHONE);
            }
            if let Some((signature, _)) = &signed {
                ber::push(inner, Tag::SIGNED_DYNAMIC_APPLICATION_DATA, signature);
            }
        });
        Ok((answer, signed.map(|(_, record)| record)))
    }

    /// Always online, unless cardholder verification is required and the terminal has no way that the card has.
    fn decide(&self, options: &Answers) -> Decision {
        let [first, second, ..] = options.get(Tag::TTQ) else {
            return Decision { cid: CID_AAC, ctq: CTQ_NONE, authenticates: false };
        };
        let required = second & TTQ_CVM_REQUIRED != 0;
        let (cid, ctq) = match (self.device, required, first & TTQ_ONLINE_PIN != 0) {
            (true, ..) => (CID_ARQC, CTQ_DEVICE),
            (false, false, _) => (CID_ARQC, CTQ_NONE),
            (false, true, true) => (CID_ARQC, CTQ_ONLINE_PIN),
            (false, true, false) => (CID_AAC, CTQ_NONE),
        };
        let authenticates = !self.device && cid == CID_ARQC && first & TTQ_ODA_ONLINE != 0;
        Decision { cid, ctq, authenticates }
    }

    pub(crate) const fn aip(&self) -> [u8; 2] {
        if self.device { AIP_DEVICE } else { AIP_CARD }
    }

    fn issuer_data(&self, cid: u8) -> Vec<u8> {
        let version = if self.version_18 { 0x12 } else { 0x0A };
        let results = if cid == CID_AAC { RESULTS_AAC } else { RESULTS_ARQC };
        let mut data = vec![NAMED_BYTES, KEY_INDEX, version, RESULTS_BYTES, results, 0x00, 0x00];
        if self.device {
            data.push(DISCRETIONARY_BYTES);
            data.extend([0; DISCRETIONARY_BYTES as usize]);
        }
        data
    }
}

/// Signature (9F4B) over what the terminal said and the card's 9F69, and the record with that. The dynamic number in
/// it is the transaction counter.
// EMV 4.3 Book 2, 6.5.1
fn sign(chip: &Chip, atc: [u8; 2], ctq: [u8; 2], options: &Answers) -> Result<(Vec<u8>, Record), StatusWord> {
    let mut number = [0; 4];
    getrandom::fill(&mut number).map_err(|_| StatusWord::UNKNOWN)?;
    let related = [&[FDDA_VERSION][..], &number, &ctq].concat();

    let mut covered = options.concatenated(&[
        Tag::UNPREDICTABLE_NUMBER,
        Tag::AMOUNT_AUTHORISED,
        Tag::TRANSACTION_CURRENCY_CODE,
    ]);
    covered.extend(&related);
    let signature = chip.sign(&[&[atc.len() as u8], &atc[..]].concat(), &covered)?;

    let mut bytes = Vec::new();
    ber::push_template(&mut bytes, Tag::RECORD_TEMPLATE, |inner| {
        ber::push(inner, Tag::CARD_AUTHENTICATION_RELATED_DATA, &related);
    });
    let (sfi, number) = DYNAMIC_RECORD;
    Ok((signature, Record { sfi, number, bytes }))
}
