//! What DE 55 says: the data elements that the card's cryptogram covers, and how the customer was verified.
//!
//! Each element may occur once. What the message beside it claims (amount, currency, application) must be what is
//! in here, since only this is under the card's cryptogram.

use mpos_protocol::{
    card::{CardScheme, De55, TransactionKind},
    host::AuthoriseRequest,
};
use mpos_tlv::{Tag, decode};

/// The longest issuer application data (9F10), EMV 4.3 Book 3, Annex A.
pub const ISSUER_DATA_BYTES_MAX: usize = 32;
/// CVM results of a customer verified on the own device (EMV Contactless Book C-2, CVM selection).
const CVM_RESULTS_DEVICE: [u8; 3] = [0x01, 0x00, 0x02];
/// TVR byte 3, bit 8: cardholder verification was not successful (EMV 4.3 Book 3, C5).
const TVR_CVM_FAILED: u8 = 0x80;
/// AIP byte 1, bit 2: on-device cardholder verification is supported (Book C-2).
const AIP_DEVICE_CVM: u8 = 0x02;
/// The same of Visa, AIP byte 2, bit 7: a mobile device.
const AIP_VISA_DEVICE: u8 = 0x40;
/// CTQ byte 2, bit 8: the customer was verified on the own device (Book C-3).
const CTQ_DEVICE_CVM: u8 = 0x80;

/// The elements of DE 55 that the issuer looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CardFacts {
    /// 9F02.
    pub amount: [u8; 6],
    /// 9F03.
    pub amount_other: [u8; 6],
    /// 9F1A.
    pub country: [u8; 2],
    /// 95.
    pub tvr: [u8; 5],
    /// 5F2A.
    pub currency: [u8; 2],
    /// 9A.
    pub date: [u8; 3],
    /// 9C.
    pub kind: [u8; 1],
    /// 9F37.
    pub unpredictable: [u8; 4],
    /// 82.
    pub aip: [u8; 2],
    /// 9F36.
    pub atc: [u8; 2],
    /// 9F26.
    pub cryptogram: [u8; 8],
    /// 9F27; none when the card leaves it out.
    pub cryptogram_kind: Option<u8>,
    /// 9F10.
    pub issuer_data: Vec<u8>,
    /// 84.
    pub application: Vec<u8>,
    /// 9F34.
    pub cvm_results: Option<[u8; 3]>,
    /// 9F6C.
    pub ctq: Option<[u8; 2]>,
    /// 9F41.
    pub transaction_number: Option<[u8; 4]>,
}

/// How many elements must be there.
const REQUIRED: u32 = 13;

impl CardFacts {
    /// Reads DE 55; `None` when it is no BER-TLV, says something twice, or leaves out what a cryptogram needs.
    pub fn read(de55: &De55) -> Option<Self> {
        let mut facts = Self::default();
        let mut seen: Vec<Tag> = Vec::with_capacity(32);
        let mut required = 0;
        for tlv in decode(de55) {
            let tlv = tlv.ok()?;
            if seen.contains(&tlv.tag) {
                return None;
            }
            seen.push(tlv.tag);
            required += u32::from(facts.take(tlv.tag, tlv.value)?);
        }
        (required == REQUIRED).then_some(facts)
    }

    /// Keeps one element; says whether it is one that must be there.
    fn take(&mut self, tag: Tag, value: &[u8]) -> Option<bool> {
        match tag {
            Tag::AMOUNT_AUTHORISED => self.amount = value.try_into().ok()?,
            Tag::AMOUNT_OTHER => self.amount_other = value.try_into().ok()?,
            Tag::TERMINAL_COUNTRY_CODE => self.country = value.try_into().ok()?,
            Tag::TVR => self.tvr = value.try_into().ok()?,
            Tag::TRANSACTION_CURRENCY_CODE => self.currency = value.try_into().ok()?,
            Tag::TRANSACTION_DATE => self.date = value.try_into().ok()?,
            Tag::TRANSACTION_TYPE => self.kind = value.try_into().ok()?,
            Tag::UNPREDICTABLE_NUMBER => self.unpredictable = value.try_into().ok()?,
            Tag::AIP => self.aip = value.try_into().ok()?,
            Tag::ATC => self.atc = value.try_into().ok()?,
            Tag::APPLICATION_CRYPTOGRAM => self.cryptogram = value.try_into().ok()?,
            Tag::ISSUER_APPLICATION_DATA if value.len() <= ISSUER_DATA_BYTES_MAX => {
                self.issuer_data = value.to_vec();
            }
            Tag::ISSUER_APPLICATION_DATA => return None,
            Tag::DF_NAME => self.application = value.to_vec(),
            optional => {
                self.take_optional(optional, value)?;
                return Some(false);
            }
        }
        Some(true)
    }

    fn take_optional(&mut self, tag: Tag, value: &[u8]) -> Option<()> {
        match tag {
            Tag::CRYPTOGRAM_INFORMATION_DATA => {
                let [kind] = value else { return None };
                self.cryptogram_kind = Some(*kind);
            }
            Tag::CVM_RESULTS => self.cvm_results = Some(value.try_into().ok()?),
            Tag::CTQ => self.ctq = Some(value.try_into().ok()?),
            Tag::TRANSACTION_SEQUENCE_COUNTER => {
                // n 4 to 8, right-justified.
                let mut digits = [0; 4];
                digits.get_mut(4_usize.checked_sub(value.len())?..)?.copy_from_slice(value);
                self.transaction_number = Some(digits);
            }
            _ => {}
        }
        Some(())
    }

    /// Whether the message beside it says the same.
    pub fn agree_with(&self, request: &AuthoriseRequest) -> bool {
        let kind = match request.kind {
            TransactionKind::Purchase => 0x00,
            TransactionKind::Refund => 0x20,
        };
        from_bcd(&self.amount) == Some(request.amount.minor())
            && from_bcd(&self.amount_other) == Some(0)
            && self.currency == request.currency.numeric()
            && self.kind == [kind]
            && *self.application == *request.aid
            && request.aid.starts_with(registered(request.scheme))
            && self
                .transaction_number
                .is_none_or(|digits| from_bcd(&digits) == Some(u64::from(request.transaction_number)))
    }

    /// Whether the customer was verified on the own device, as far as the data say: the terminal's CVM results, and
    /// an AIP of a device, which is under the cryptogram and so cannot be made up by who altered the results.
    pub fn device_verified(&self, scheme: CardScheme) -> bool {
        let is_device = match scheme {
            CardScheme::Mastercard | CardScheme::Maestro => self.aip[0] & AIP_DEVICE_CVM != 0,
            CardScheme::Visa | CardScheme::VisaElectron | CardScheme::VPay => {
                self.aip[1] & AIP_VISA_DEVICE != 0 && self.ctq.is_none_or(|ctq| ctq[1] & CTQ_DEVICE_CVM != 0)
            }
        };
        is_device && self.cvm_results == Some(CVM_RESULTS_DEVICE) && self.tvr[2] & TVR_CVM_FAILED == 0
    }
}

/// The application of a brand, as registered (ISO/IEC 7816-5).
pub fn registered(scheme: CardScheme) -> &'static [u8] {
    match scheme {
        CardScheme::Mastercard => &[0xA0, 0x00, 0x00, 0x00, 0x04, 0x10, 0x10],
        CardScheme::Maestro => &[0xA0, 0x00, 0x00, 0x00, 0x04, 0x30, 0x60],
        CardScheme::Visa => &[0xA0, 0x00, 0x00, 0x00, 0x03, 0x10, 0x10],
        CardScheme::VisaElectron => &[0xA0, 0x00, 0x00, 0x00, 0x03, 0x20, 0x10],
        CardScheme::VPay => &[0xA0, 0x00, 0x00, 0x00, 0x03, 0x20, 0x20],
    }
}

/// The number that decimal digits, two a byte, make; `None` when one is no digit.
pub(crate) fn from_bcd(bytes: &[u8]) -> Option<u64> {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]).try_fold(0_u64, |number, digit| {
        if digit > 9 {
            return None;
        }
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}
