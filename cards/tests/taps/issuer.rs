//! The issuer's side: the cryptogram computed again from DE 55 and the account number, by the table of README.md.

use mpos_crypto::SecretKey;
use mpos_crypto::arqc::{
    Padding, cryptogram, derive_icc_master_key, session_key_common, session_key_mastercard,
};
use mpos_tlv::{Tag, Track2};

use crate::bank::issuer_keys;
use crate::reader::Objects;

/// What the card's cryptogram has to be.
pub(crate) fn expected_cryptogram(de55: &Objects) -> [u8; 8] {
    let get = |tag| de55.get(&tag).unwrap_or_else(|| panic!("DE 55 lacks {tag}")).as_slice();
    let iad = get(Tag::ISSUER_APPLICATION_DATA);
    let atc: [u8; 2] = get(Tag::ATC).try_into().unwrap();
    let mut data = Vec::new();
    for tag in [
        Tag::AMOUNT_AUTHORISED,
        Tag::AMOUNT_OTHER,
        Tag::TERMINAL_COUNTRY_CODE,
        Tag::TVR,
        Tag::TRANSACTION_CURRENCY_CODE,
        Tag::TRANSACTION_DATE,
        Tag::TRANSACTION_TYPE,
        Tag::UNPREDICTABLE_NUMBER,
        Tag::AIP,
        Tag::ATC,
    ] {
        data.extend(get(tag));
    }
    let is_visa = get(Tag::DF_NAME).starts_with(&[0xA0, 0, 0, 0, 3]);
    let master_key = card_key(de55, is_visa);
    match (is_visa, if is_visa { iad[2] } else { iad[1] }) {
        (true, 0x0A) => {
            data.extend(&iad[3..7]);
            cryptogram(&master_key, &data, Padding::Zeros).unwrap()
        }
        (true, 0x12) => {
            data.extend(iad);
            cryptogram(&session_key_common(&master_key, atc).unwrap(), &data, Padding::Iso80).unwrap()
        }
        (false, 0x10) => {
            data.extend(&iad[2..8]);
            let number = get(Tag::UNPREDICTABLE_NUMBER).try_into().unwrap();
            let key = session_key_mastercard(&master_key, atc, number).unwrap();
            cryptogram(&key, &data, Padding::Iso80).unwrap()
        }
        (false, 0x14) => {
            data.extend(&iad[2..8]);
            cryptogram(&session_key_common(&master_key, atc).unwrap(), &data, Padding::Iso80).unwrap()
        }
        (_, version) => panic!("cryptogram version {version:02X}"),
    }
}

fn card_key(de55: &Objects, is_visa: bool) -> SecretKey {
    let keys = issuer_keys();
    let issuer_key = if is_visa { &keys.visa_imk } else { &keys.mastercard_imk };
    let track2 = Track2::parse(&de55[&Tag::TRACK2_EQUIVALENT_DATA]).unwrap();
    derive_icc_master_key(issuer_key, track2.pan().digits(), de55[&Tag::PAN_SEQUENCE_NUMBER][0]).unwrap()
}
