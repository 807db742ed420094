//! Cards as they are presented, and accounts as they are opened.

use super::card_facts::from_bcd;
use mpos_protocol::{Amount, Secret, Text, card::CardScheme};
use mpos_tlv::{AccountNumber, Tag, Track2, decode};

/// An account to open. The bank's issuing system would send these; a development bank makes them from its cards.
#[derive(Clone, Debug)]
pub struct AccountSeed {
    /// Account number, 8 to 19 digits.
    pub pan: Secret<Text<19>>,
    /// The card's sequence number (5F34), 0 to 99; 0 when it has none.
    pub sequence: u8,
    /// Year of expiry, the last two digits.
    pub expiry_year: u8,
    /// Month of expiry, 1 to 12; the card is good to its end.
    pub expiry_month: u8,
    /// 4 to 12 digits.
    pub pin: Secret<Text<12>>,
    /// Money in it at the beginning.
    pub balance: Amount,
    /// Lost, stolen or closed.
    pub blocked: bool,
    /// The brand.
    pub scheme: CardScheme,
}

/// Account data as the card gave it, read. Zeroizes with its number.
pub(crate) struct PresentedCard {
    pub(crate) number: AccountNumber,
    /// YYMM, decimal.
    pub(crate) expiry: u16,
    /// 5F34 as a number, and as the card gives it.
    pub(crate) sequence: u8,
    pub(crate) sequence_bcd: u8,
    /// What is said twice (in 57 too) is said alike.
    pub(crate) consistent: bool,
}

impl PresentedCard {
    /// Reads the TLVs 5A, 5F24, 5F34 and 57; `None` when they do not name an account and a date.
    pub(crate) fn read(card_data: &[u8]) -> Option<Self> {
        let (mut number, mut date, mut track, mut sequence_bcd) = (None, None, None, 0);
        for tlv in decode(card_data) {
            let tlv = tlv.ok()?;
            match tlv.tag {
                Tag::PAN => number = Some(AccountNumber::from_bcd(tlv.value).ok()?),
                Tag::EXPIRATION_DATE => date = Some(from_bcd(tlv.value.get(..2)?)?),
                Tag::PAN_SEQUENCE_NUMBER => sequence_bcd = *tlv.value.first()?,
                Tag::TRACK2_EQUIVALENT_DATA => track = Some(Track2::parse(tlv.value).ok()?),
                _ => {}
            }
        }
        let track_date = track.as_ref().and_then(|track| from_bcd(&track.expiry()));
        let consistent = track.as_ref().is_none_or(|track| {
            number.as_ref().is_none_or(|number| number == track.pan())
                && date.is_none_or(|date| track_date == Some(date))
        });
        Some(Self {
            number: number.or_else(|| track.as_ref().map(|track| track.pan().clone()))?,
            expiry: u16::try_from(date.or(track_date)?).ok()?,
            sequence: u8::try_from(from_bcd(&[sequence_bcd])?).ok()?,
            sequence_bcd,
            consistent,
        })
    }
}
