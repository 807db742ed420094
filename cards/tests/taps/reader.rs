//! A terminal, as small as it can be: it selects by priority, answers the card's lists and reads what it is told to.

use std::collections::BTreeMap;

use mpos_cards::{FieldLoss, VirtualCard};
use mpos_tlv::{StatusWord, Tag, decode, dol, find, find_path, walk};

/// Data objects by tag, templates left out.
pub(crate) type Objects = BTreeMap<Tag, Vec<u8>>;

pub(crate) const PPSE: &[u8] = b"2PAY.SYS.DDF01";
pub(crate) const AMOUNT: [u8; 6] = [0, 0, 0, 0, 1, 0x23];
pub(crate) const UNPREDICTABLE_NUMBER: [u8; 4] = [0x33, 0xBC, 0xA4, 0x7D];
/// EMV mode, online PIN, verification on the device.
pub(crate) const TTQ_SMALL: [u8; 4] = [0x24, 0x80, 0x40, 0x00];
/// The same, and data authentication also for online.
pub(crate) const TTQ_ODA: [u8; 4] = [0x25, 0x80, 0x40, 0x00];
/// The same, and cardholder verification required.
pub(crate) const TTQ_ODA_CVM: [u8; 4] = [0x25, 0xC0, 0x40, 0x00];

/// What a tap gave.
pub(crate) struct Tap {
    pub(crate) aid: Vec<u8>,
    /// What terminal and card said, by tag.
    pub(crate) objects: Objects,
    /// Records to be authenticated, then the AIP.
    pub(crate) static_data: Vec<u8>,
    /// Values that the card was told at GET PROCESSING OPTIONS and at GENERATE AC.
    pub(crate) told: [Vec<u8>; 2],
    /// The answer to GENERATE AC without its signature.
    pub(crate) answer_unsigned: Vec<u8>,
}

impl Tap {
    pub(crate) fn get(&self, tag: Tag) -> &[u8] {
        self.objects.get(&tag).unwrap_or_else(|| panic!("{tag} is missing"))
    }

    pub(crate) fn has(&self, tag: Tag) -> bool {
        self.objects.contains_key(&tag)
    }
}

/// Sends a command whose success is expected.
pub(crate) fn send(card: &mut VirtualCard, command: &[u8]) -> Vec<u8> {
    let (data, status) = exchange(card, command);
    assert_eq!(status, StatusWord::OK, "{}", hex::encode(command));
    data
}

pub(crate) fn exchange(card: &mut VirtualCard, command: &[u8]) -> (Vec<u8>, StatusWord) {
    let answer = card.transmit(command).unwrap();
    let (data, status) = StatusWord::split(&answer).unwrap();
    assert!(answer.len() <= 258, "an answer of {} bytes", answer.len());
    (data.to_vec(), status)
}

pub(crate) fn select(name: &[u8]) -> Vec<u8> {
    [&[0x00, 0xA4, 0x04, 0x00, name.len() as u8], name, &[0x00]].concat()
}

pub(crate) fn processing_options(values: &[u8]) -> Vec<u8> {
    let length = values.len() as u8;
    [&[0x80, 0xA8, 0x00, 0x00, length + 2, 0x83, length], values, &[0x00]].concat()
}

pub(crate) fn read_record(sfi: u8, number: u8) -> Vec<u8> {
    vec![0x00, 0xB2, number, sfi << 3 | 0x04, 0x00]
}

pub(crate) fn generate_ac(reference: u8, values: &[u8]) -> Vec<u8> {
    [&[0x80, 0xAE, reference, 0x00, values.len() as u8], values, &[0x00]].concat()
}

/// Taps the card: to the end of a Visa transaction, or of a Mastercard one that asks for `reference`.
pub(crate) fn tap(card: &mut VirtualCard, ttq: [u8; 4], reference: u8) -> Tap {
    let mut objects = terminal_objects(ttq);
    let directory = send(card, &select(PPSE));
    let aid = first_by_priority(&directory);
    let fci = send(card, &select(&aid));
    keep(&fci, &mut objects);

    let pdol = objects.get(&Tag::PDOL).cloned().unwrap_or_default();
    let options = filled(&pdol, &objects);
    let answer = send(card, &processing_options(&options));
    keep(&answer, &mut objects);
    let mut tap = Tap {
        aid,
        objects,
        static_data: Vec::new(),
        told: [options, Vec::new()],
        answer_unsigned: Vec::new(),
    };
    read_records(card, &mut tap);
    if let Some(cdol) = tap.objects.get(&Tag::CDOL1).cloned() {
        ask_for_cryptogram(card, &mut tap, &cdol, reference);
    }
    tap
}

/// Sends commands of a Mastercard tap until the card is gone; how many it answered.
pub(crate) fn answers_before_it_leaves(card: &mut VirtualCard) -> usize {
    let commands = [
        select(PPSE),
        select(&[0xA0, 0x00, 0x00, 0x00, 0x04, 0x10, 0x10]),
        processing_options(&[]),
        read_record(2, 1),
        read_record(3, 1),
        read_record(3, 2),
        generate_ac(0x90, &[0; 66]),
    ];
    for (place, command) in commands.iter().enumerate() {
        match card.transmit(command) {
            Ok(answer) => assert!(answer.ends_with(&[0x90, 0x00])),
            Err(loss) => {
                assert_eq!(loss, FieldLoss::Left);
                return place;
            }
        }
    }
    commands.len()
}

fn terminal_objects(ttq: [u8; 4]) -> Objects {
    Objects::from([
        (Tag::TTQ, ttq.to_vec()),
        (Tag::AMOUNT_AUTHORISED, AMOUNT.to_vec()),
        (Tag::AMOUNT_OTHER, vec![0; 6]),
        (Tag::TERMINAL_COUNTRY_CODE, vec![0x09, 0x00]),
        (Tag::TVR, vec![0x00, 0x00, 0x00, 0x80, 0x00]),
        (Tag::TRANSACTION_CURRENCY_CODE, vec![0x09, 0x78]),
        (Tag::TRANSACTION_DATE, vec![0x26, 0x11, 0x24]),
        (Tag::TRANSACTION_TYPE, vec![0x00]),
        (Tag::UNPREDICTABLE_NUMBER, UNPREDICTABLE_NUMBER.to_vec()),
        (Tag::TERMINAL_TYPE, vec![0x21]),
        (Tag::CVM_RESULTS, vec![0x1F, 0x03, 0x02]),
        (Tag::TRANSACTION_TIME, vec![0x16, 0x30, 0x40]),
    ])
}

fn first_by_priority(directory: &[u8]) -> Vec<u8> {
    let path = [Tag::FCI_TEMPLATE, Tag::FCI_PROPRIETARY_TEMPLATE, Tag::FCI_ISSUER_DISCRETIONARY_DATA];
    let list = find_path(directory, &path).unwrap().unwrap();
    let entry = decode(list)
        .map(|entry| entry.unwrap().value)
        .min_by_key(|entry| find(entry, Tag::APPLICATION_PRIORITY_INDICATOR).unwrap().unwrap()[0] & 0x0F)
        .unwrap();
    find(entry, Tag::ADF_NAME).unwrap().unwrap().to_vec()
}

fn keep(answer: &[u8], objects: &mut Objects) {
    walk(answer, &mut |_, tlv| {
        if !tlv.tag.is_constructed() {
            let before = objects.insert(tlv.tag, tlv.value.to_vec());
            let may_repeat = matches!(
                tlv.tag,
                Tag::APPLICATION_LABEL | Tag::APPLICATION_PRIORITY_INDICATOR | Tag::DF_NAME
            );
            assert!(before.is_none() || may_repeat, "the card gave {} twice", tlv.tag);
        }
    })
    .unwrap();
}

fn filled(list: &[u8], objects: &Objects) -> Vec<u8> {
    dol::fill(list, |tag| objects.get(&tag).map(Vec::as_slice)).unwrap()
}

fn read_records(card: &mut VirtualCard, tap: &mut Tap) {
    let afl = tap.objects.get(&Tag::AFL).cloned().unwrap_or_default();
    for entry in afl.chunks(4) {
        let [file, first, last, signed] = entry else { panic!("an AFL of {} bytes", afl.len()) };
        for number in *first..=*last {
            let record = send(card, &read_record(file >> 3, number));
            let template = find(&record, Tag::RECORD_TEMPLATE).unwrap().unwrap();
            if number - first < *signed {
                tap.static_data.extend(template);
            }
            keep(&record, &mut tap.objects);
        }
    }
    if tap.objects.get(&Tag::SDA_TAG_LIST).is_some_and(|list| list == &[0x82]) {
        tap.static_data.extend(tap.objects[&Tag::AIP].clone());
    }
}

fn ask_for_cryptogram(card: &mut VirtualCard, tap: &mut Tap, cdol: &[u8], reference: u8) {
    let values = filled(cdol, &tap.objects);
    let answer = send(card, &generate_ac(reference, &values));
    let template = find(&answer, Tag::RESPONSE_TEMPLATE_2).unwrap().unwrap();
    for tlv in decode(template) {
        let tlv = tlv.unwrap();
        if tlv.tag != Tag::SIGNED_DYNAMIC_APPLICATION_DATA {
            tap.answer_unsigned.extend(tlv.raw);
        }
    }
    tap.told[1] = values;
    keep(&answer, &mut tap.objects);
}
