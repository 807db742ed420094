//! The recovery of public cards' certificates and signatures, to the byte.

#![allow(clippy::unwrap_used)]

use mpos_crypto::emv_certificate::{
    CaPublicKey, CertificateFault, IccPublicKey, IssuerPublicKey, RsaPublicKey, YearMonth, recover_cda,
    recover_icc_key, recover_issuer_key, recover_signed_dynamic,
};
use std::collections::HashMap;

const VECTORS: &str = include_str!("vectors/emv_test_cards.txt");

/// The values of one card.
struct Card(HashMap<&'static str, Vec<u8>>);

impl Card {
    fn named(name: &str) -> Self {
        let section = VECTORS.split(&format!("[{name}]\n")).nth(1).unwrap();
        let lines = section.lines().take_while(|line| !line.starts_with('['));
        let values = lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' '));
        Self(values.map(|(name, value)| (name, hex::decode(value).unwrap())).collect())
    }

    fn get(&self, name: &str) -> &[u8] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.get(name).try_into().unwrap()
    }

    fn ca(&self) -> CaPublicKey {
        CaPublicKey {
            rid: self.array("rid"),
            index: self.get("index")[0],
            modulus: self.get("ca_modulus").to_vec(),
            exponent: 3,
        }
    }

    fn issuer(&self, today: YearMonth) -> Result<IssuerPublicKey, CertificateFault> {
        let (certificate, remainder) = (self.get("issuer_certificate"), self.get("issuer_remainder"));
        recover_issuer_key(&self.ca(), certificate, remainder, &[3], self.get("pan"), today)
    }

    fn icc(&self, static_data: &[u8], today: YearMonth) -> Result<IccPublicKey, CertificateFault> {
        let (certificate, remainder) = (self.get("icc_certificate"), self.get("icc_remainder"));
        recover_icc_key(
            &self.issuer(today)?,
            certificate,
            remainder,
            &[3],
            static_data,
            self.get("pan"),
            today,
        )
    }

    /// The card's key where the records that its certificate covers are not public.
    fn published_icc_key(&self) -> IccPublicKey {
        let key = RsaPublicKey { modulus: self.get("icc_modulus").to_vec(), exponent: 3 };
        IccPublicKey { key, serial: [0, 0, 1] }
    }
}

fn month(year: u8, month: u8) -> YearMonth {
    YearMonth::from_bcd([year, month]).unwrap()
}

#[test]
fn ca_keys_have_their_published_checksums() {
    for name in ["visa", "mastercard"] {
        let card = Card::named(name);
        assert_eq!(card.ca().sha1_checksum(), card.array("ca_sha1"), "{name}");
    }
}

#[test]
fn test_cards_issuer_keys_are_recovered() {
    for (name, serial) in [("visa", [0x03, 0xDA, 0x0A]), ("mastercard", [0, 0, 1])] {
        let card = Card::named(name);
        let issuer = card.issuer(month(0x25, 0x05)).unwrap();
        assert_eq!(issuer.key.modulus, card.get("issuer_modulus"), "{name}");
        assert_eq!(issuer.serial, serial);
        // All is right but the hash, which covers records that are not public.
        assert_eq!(card.icc(b"", month(0x22, 0x01)), Err(CertificateFault::Hash));
    }
}

#[test]
fn an_issuer_key_serves_to_the_last_day_of_its_month() {
    let card = Card::named("visa");
    assert!(card.issuer(month(0x31, 0x12)).is_ok());
    assert_eq!(card.issuer(month(0x32, 0x01)), Err(CertificateFault::Expired));
}

#[test]
fn a_visa_test_cards_dynamic_signature_is_recovered() {
    let card = Card::named("visa");
    let icc = card.published_icc_key();
    let signed = recover_signed_dynamic(&icc, card.get("sdad"), card.get("unpredictable_number")).unwrap();
    assert_eq!(signed.icc_dynamic_number, card.get("icc_dynamic_number"));
    let another = recover_signed_dynamic(&icc, card.get("sdad"), &[0; 4]);
    assert_eq!(another, Err(CertificateFault::Hash));
}

#[test]
fn a_mastercard_test_cards_combined_signature_is_recovered() {
    let card = Card::named("mastercard");
    let icc = card.published_icc_key();
    let signed = recover_cda(&icc, card.get("sdad"), card.array("unpredictable_number")).unwrap();
    assert_eq!(signed.icc_dynamic_number, card.get("icc_dynamic_number"));
    assert_eq!(signed.cid, 0x00);
    assert_eq!(signed.cryptogram, card.array("cryptogram"));
    assert_eq!(signed.transaction_data_hash, card.array("transaction_data_hash"));
    assert_eq!(recover_cda(&icc, card.get("sdad"), [0; 4]), Err(CertificateFault::Hash));
}
