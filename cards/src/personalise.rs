//! What a card bureau writes on a card: directory, applications, records, certificates and keys.

use mpos_certs::rsa_key::{PublicExponent, RsaPrivateKey};
use mpos_certs::scheme_keys::certificate::{IssuedKey, certify_issuer};
use mpos_certs::scheme_keys::{CA_KEY_INDEX, Scheme, SchemeKeys};
use mpos_crypto::SecretKey;
use mpos_crypto::arqc::derive_icc_master_key;
use mpos_tlv::{Tag, ber};

use crate::application::{Application, Chip, Program, Record};
use crate::asked::encoded;
use crate::brand::Brand;
use crate::catalogue::Product;
use crate::fault::{Fault, Forgery};
use crate::store::ICC_KEY_BITS;
use crate::virtual_card::DIRECTORY;
use crate::{CardStore, CardsError, VirtualCard, mastercard, visa};

/// The issuer's master keys (16 bytes each), from which each card's are derived.
pub struct IssuerKeys {
    /// For Mastercard and Maestro.
    pub mastercard_imk: SecretKey,
    /// For Visa, Electron and V PAY.
    pub visa_imk: SecretKey,
}

/// Kosovo has no number in ISO 3166-1; schemes and acquirers use 900, of the range left to users.
const COUNTRY: [u8; 2] = [0x09, 0x00];
/// Euro.
const CURRENCY: [u8; 2] = [0x09, 0x78];
/// 1 January 2020, before every card's expiry.
const EFFECTIVE: [u8; 3] = [0x20, 0x01, 0x01];
/// Last day of the expiry month; all expire in December.
const LAST_DAY: u8 = 0x31;
/// Service code 201 (chip, international) and the rest of track 2, digits.
const TRACK2_END: &str = "2010000000000000";
/// Goods, services and cash, at home and abroad, at terminals of all kinds.
const USAGE_CONTROL: [u8; 2] = [0xFF, 0xC0];
/// The static data list (9F4A) can only be the AIP.
const SIGNED_AIP: [u8; 1] = [0x82];
/// Mastercard's application version (9F08).
const VERSION: [u8; 2] = [0x00, 0x02];
/// Languages of the cardholder (5F2D): Albanian, Serbian, English.
const LANGUAGES: &[u8] = b"sqsren";

/// Issuer action codes: never declined by the terminal alone; what went wrong is decided online, and nothing is
/// approved by the terminal when it cannot go online.
const IAC_DEFAULT: [u8; 5] = [0xB4, 0x50, 0x84, 0x80, 0x00];
const IAC_DENIAL: [u8; 5] = [0x00, 0x00, 0x00, 0x00, 0x00];
const IAC_ONLINE: [u8; 5] = [0xB4, 0x70, 0x84, 0x80, 0x00];

/// Mastercard's third party data (9F6E) of a phone: country, no identifier, device type, nothing of its own.
const THIRD_PARTY_PHONE: [u8; 7] = [0x09, 0x00, 0x00, 0x00, b'0', b'1', 0x00];

/// Makes a card.
pub(crate) fn personalise(
    products: &'static [Product],
    fault: Option<Fault>,
    store: &CardStore,
    schemes: &SchemeKeys,
    issuer: &IssuerKeys,
) -> Result<VirtualCard, CardsError> {
    let forgery = if let Some(Fault::Forged(forgery)) = fault { Some(forgery) } else { None };
    let bureau = Bureau { store, schemes, issuer, forgery };
    let applications =
        products.iter().map(|product| bureau.application(product)).collect::<Result<_, _>>()?;
    Ok(VirtualCard::new(directory(products), applications, fault))
}

struct Bureau<'a> {
    store: &'a CardStore,
    schemes: &'a SchemeKeys,
    issuer: &'a IssuerKeys,
    forgery: Option<Forgery>,
}

impl Bureau<'_> {
    fn application(&self, product: &Product) -> Result<Application, CardsError> {
        let memory = self.store.memory(product.file, key_exponent(product))?;
        let issuer_key = match product.brand.scheme() {
            Scheme::Mastercard => &self.issuer.mastercard_imk,
            Scheme::Visa => &self.issuer.visa_imk,
        };
        let master_key = derive_icc_master_key(issuer_key, product.pan.as_bytes(), product.psn)?;
        let program = program(product);
        let records = match memory.key() {
            Some(key) => self.records(product, &program, key)?,
            None => Vec::new(),
        };
        let fci = fci(product, &program);
        Ok(Application::new(product.brand.aid(), fci, records, program, Chip { memory, master_key }))
    }

    fn records(
        &self,
        product: &Product,
        program: &Program,
        key: &RsaPrivateKey,
    ) -> Result<Vec<Record>, CardsError> {
        let (static_data, static_place, certificate_places, aip) = match program {
            Program::Mastercard(program) => {
                (mastercard_data(product), (2, 1), [(3, 1), (3, 2)], program.aip())
            }
            Program::Visa(program) => {
                (visa_data(product), visa::STATIC_RECORD, visa::CERTIFICATES, program.aip())
            }
        };
        // EMV 4.3 Book 3, 10.3: what the records hold, then the AIP.
        let authenticated = [&static_data[..], &aip].concat();
        let [issuer, icc] = self.certificates(product, key, &authenticated)?;
        let [issuer_place, icc_place] = certificate_places;
        Ok(vec![record(static_place, &static_data), record(issuer_place, &issuer), record(icc_place, &icc)])
    }

    /// The contents of the two records with the chain of certificates.
    fn certificates(
        &self,
        product: &Product,
        key: &RsaPrivateKey,
        authenticated: &[u8],
    ) -> Result<[Vec<u8>; 2], CardsError> {
        let scheme = product.brand.scheme();
        let issuer = if self.forgery == Some(Forgery::Issuer) {
            let genuine = self.schemes.ca_public_key(scheme);
            let bits = genuine.modulus.len() as u32 * 8;
            let forger = RsaPrivateKey::generate(bits, PublicExponent::Three)?;
            certify_issuer(&forger, product.pan, &self.schemes.issuer_public_key(scheme))?
        } else {
            self.schemes.issuer_certificate(scheme, product.pan)?
        };

        let mut pan = product.pan.to_owned();
        let mut certified = key.public();
        let mut authenticated = authenticated.to_vec();
        match self.forgery {
            // The digits of another account of the same issuer.
            Some(Forgery::Pan) => pan.replace_range(15.., if pan.ends_with('0') { "1" } else { "0" }),
            Some(Forgery::Data) => authenticated.push(0x00),
            Some(Forgery::Key) => certified = RsaPrivateKey::generate(ICC_KEY_BITS, key.exponent())?.public(),
            Some(Forgery::Issuer) | None => {}
        }
        let icc = self.schemes.icc_certificate(scheme, &pan, &certified, &authenticated)?;
        Ok([issuer_record(&issuer), icc_record(&icc)])
    }
}

/// A phone of Visa's has no records, so no RSA key. Cards take turns with the two exponents.
fn key_exponent(product: &Product) -> Option<PublicExponent> {
    match (product.brand, product.device) {
        (Brand::Visa | Brand::Electron | Brand::VPay, true) => None,
        (Brand::Mastercard, false) | (Brand::Visa, _) => Some(PublicExponent::Three),
        _ => Some(PublicExponent::F4),
    }
}

fn program(product: &Product) -> Program {
    let device = product.device;
    match product.brand {
        Brand::Mastercard | Brand::Maestro => Program::Mastercard(mastercard::Program { device }),
        Brand::Visa | Brand::Electron | Brand::VPay => Program::Visa(visa::Program {
            device,
            version_18: device || product.brand == Brand::VPay,
            tells_kind: product.brand != Brand::Electron,
            track2: track2(product),
            psn: product.psn,
        }),
    }
}

/// The answer to SELECT for the directory.
// EMV 4.3 Book 1, 12.2
fn directory(products: &[Product]) -> Vec<u8> {
    let mut answer = Vec::new();
    ber::push_template(&mut answer, Tag::FCI_TEMPLATE, |fci| {
        ber::push(fci, Tag::DF_NAME, DIRECTORY);
        ber::push_template(fci, Tag::FCI_PROPRIETARY_TEMPLATE, |proprietary| {
            ber::push_template(proprietary, Tag::FCI_ISSUER_DISCRETIONARY_DATA, |list| {
                products.iter().for_each(|product| directory_entry(list, product));
            });
        });
    });
    answer
}

fn directory_entry(list: &mut Vec<u8>, product: &Product) {
    ber::push_template(list, Tag::APPLICATION_TEMPLATE, |entry| {
        ber::push(entry, Tag::ADF_NAME, &product.brand.aid());
        ber::push(entry, Tag::APPLICATION_LABEL, product.brand.label().as_bytes());
        ber::push(entry, Tag::APPLICATION_PRIORITY_INDICATOR, &[product.priority]);
        // Phones name the kernel that they want; for cards the terminal knows it by the AID.
        if product.device {
            let kernel = match product.brand.scheme() {
                Scheme::Mastercard => 0x02,
                Scheme::Visa => 0x03,
            };
            ber::push(entry, Tag::KERNEL_IDENTIFIER, &[kernel]);
        }
    });
}

/// The answer to SELECT for the application.
// EMV 4.3 Book 1, 11.3.4
fn fci(product: &Product, program: &Program) -> Vec<u8> {
    let mut answer = Vec::new();
    ber::push_template(&mut answer, Tag::FCI_TEMPLATE, |fci| {
        ber::push(fci, Tag::DF_NAME, &product.brand.aid());
        ber::push_template(fci, Tag::FCI_PROPRIETARY_TEMPLATE, |proprietary| {
            ber::push(proprietary, Tag::APPLICATION_LABEL, product.brand.label().as_bytes());
            ber::push(proprietary, Tag::APPLICATION_PRIORITY_INDICATOR, &[product.priority]);
            if !program.pdol().is_empty() {
                ber::push(proprietary, Tag::PDOL, &encoded(program.pdol()));
            }
            ber::push(proprietary, Tag::LANGUAGE_PREFERENCE, LANGUAGES);
            if product.device && product.brand.scheme() == Scheme::Mastercard {
                ber::push_template(proprietary, Tag::FCI_ISSUER_DISCRETIONARY_DATA, |list| {
                    ber::push(list, Tag::FORM_FACTOR_INDICATOR, &THIRD_PARTY_PHONE);
                });
            }
        });
    });
    answer
}

/// The record that a Mastercard authenticates.
fn mastercard_data(product: &Product) -> Vec<u8> {
    let mut data = Vec::new();
    ber::push(&mut data, Tag::TRACK2_EQUIVALENT_DATA, &track2(product));
    ber::push(&mut data, Tag::PAN, &digits(product.pan));
    ber::push(&mut data, Tag::EXPIRATION_DATE, &expiration_date(product));
    ber::push(&mut data, Tag::EFFECTIVE_DATE, &EFFECTIVE);
    ber::push(&mut data, Tag::ISSUER_COUNTRY_CODE, &COUNTRY);
    ber::push(&mut data, Tag::PAN_SEQUENCE_NUMBER, &[product.psn]);
    ber::push(&mut data, Tag::CDOL1, &encoded(mastercard::CDOL1));
    ber::push(&mut data, Tag::CDOL2, &encoded(mastercard::CDOL2));
    ber::push(&mut data, Tag::CVM_LIST, &cvm_list(product));
    ber::push(&mut data, Tag::APPLICATION_USAGE_CONTROL, &USAGE_CONTROL);
    ber::push(&mut data, Tag::APPLICATION_VERSION_CARD, &VERSION);
    ber::push(&mut data, Tag::IAC_DEFAULT, &IAC_DEFAULT);
    ber::push(&mut data, Tag::IAC_DENIAL, &IAC_DENIAL);
    ber::push(&mut data, Tag::IAC_ONLINE, &IAC_ONLINE);
    ber::push(&mut data, Tag::APPLICATION_CURRENCY_CODE, &CURRENCY);
    ber::push(&mut data, Tag::SDA_TAG_LIST, &SIGNED_AIP);
    data
}

/// The record that a Visa card authenticates.
fn visa_data(product: &Product) -> Vec<u8> {
    let mut data = Vec::new();
    ber::push(&mut data, Tag::PAN, &digits(product.pan));
    ber::push(&mut data, Tag::EXPIRATION_DATE, &expiration_date(product));
    ber::push(&mut data, Tag::ISSUER_COUNTRY_CODE, &COUNTRY);
    ber::push(&mut data, Tag::APPLICATION_USAGE_CONTROL, &USAGE_CONTROL);
    ber::push(&mut data, Tag::SDA_TAG_LIST, &SIGNED_AIP);
    data
}

/// No amounts, then rules of two bytes: method (bit 7: try the next if it fails) and condition (03: if the terminal
/// has the method). Below its limit a terminal has "no CVM" only.
// EMV 4.3 Book 3, 10.5 and C3
fn cvm_list(product: &Product) -> Vec<u8> {
    const AMOUNTS: [u8; 8] = [0; 8];
    const ONLINE_PIN_OR_NEXT: [u8; 2] = [0x42, 0x03];
    const ONLINE_PIN: [u8; 2] = [0x02, 0x03];
    const SIGNATURE: [u8; 2] = [0x1E, 0x03];
    const NONE: [u8; 2] = [0x1F, 0x03];
    let rules: &[[u8; 2]] = match (product.device, product.brand) {
        (true, _) => &[NONE],
        (false, Brand::Maestro) => &[ONLINE_PIN, NONE],
        (false, _) => &[ONLINE_PIN_OR_NEXT, SIGNATURE, NONE],
    };
    [&AMOUNTS[..], &rules.concat()].concat()
}

fn issuer_record(issuer: &IssuedKey) -> Vec<u8> {
    let mut data = Vec::new();
    ber::push(&mut data, Tag::CA_PUBLIC_KEY_INDEX, &[CA_KEY_INDEX]);
    ber::push(&mut data, Tag::ISSUER_PUBLIC_KEY_EXPONENT, &issuer.exponent);
    if !issuer.remainder.is_empty() {
        ber::push(&mut data, Tag::ISSUER_PUBLIC_KEY_REMAINDER, &issuer.remainder);
    }
    ber::push(&mut data, Tag::ISSUER_PUBLIC_KEY_CERTIFICATE, &issuer.certificate);
    data
}

fn icc_record(icc: &IssuedKey) -> Vec<u8> {
    let mut data = Vec::new();
    ber::push(&mut data, Tag::ICC_PUBLIC_KEY_EXPONENT, &icc.exponent);
    ber::push(&mut data, Tag::ICC_PUBLIC_KEY_REMAINDER, &icc.remainder);
    ber::push(&mut data, Tag::ICC_PUBLIC_KEY_CERTIFICATE, &icc.certificate);
    data
}

fn record((sfi, number): (u8, u8), contents: &[u8]) -> Record {
    let mut bytes = Vec::new();
    ber::push(&mut bytes, Tag::RECORD_TEMPLATE, contents);
    Record { sfi, number, bytes }
}

fn expiration_date(product: &Product) -> [u8; 3] {
    let [year, month] = product.expiry;
    [year, month, LAST_DAY]
}

/// Account number, separator, expiry, and the rest.
fn track2(product: &Product) -> Vec<u8> {
    let [year, month] = product.expiry;
    digits(&format!("{}D{year:02X}{month:02X}{TRACK2_END}", product.pan))
}

/// Two a byte, with an F where the last has none beside it. Only what the catalogue writes comes here: hexadecimal
/// digits.
fn digits(text: &str) -> Vec<u8> {
    let halves: Vec<u8> = text.chars().map(|digit| digit.to_digit(16).unwrap_or(0) as u8).collect();
    halves.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0xF)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn track_2_is_account_number_expiry_service_code_and_a_filler() {
        let product = &crate::catalogue::find("mastercard").unwrap().entry().products[0];
        assert_eq!(hex::encode_upper(track2(product)), "5413330089030036D35122010000000000000F");
    }
}
