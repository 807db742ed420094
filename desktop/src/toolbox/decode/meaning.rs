//! What a value says, in words: bits by name, lists by entry, dates, amounts and codes. A value that is not in its
//! format is shown as the bytes it is, without a word.

use super::{bits, codes};
use mpos_tlv::{AccountNumber, Format, Tag, Track2, dol};

/// An entry of an application file locator, in bytes. EMV 4.3 Book 3, 10.2
const AFL_ENTRY_BYTES: usize = 4;
/// The amounts X and Y before the rules of a CVM list. EMV 4.3 Book 3, 10.5
const CVM_AMOUNTS_BYTES: usize = 8;
/// M/Chip's issuer application data, by length: with the counters or without.
const MCHIP_ISSUER_DATA_BYTES: &[usize] = &[18, 20, 26, 28];

/// Lines below the value.
pub(super) fn of(tag: Tag, value: &[u8]) -> Vec<String> {
    if let Some(named) = bits::of(tag) {
        return bits::lines(named, value);
    }
    match tag {
        Tag::PDOL | Tag::CDOL1 | Tag::CDOL2 | Tag::DDOL | Tag::TDOL | Tag::LOG_FORMAT | Tag::DEFAULT_UDOL => {
            data_objects(value)
        }
        Tag::AFL => file_locator(value),
        Tag::CVM_LIST => cvm_list(value),
        Tag::CVM_RESULTS => cvm_results(value),
        Tag::ISSUER_APPLICATION_DATA => issuer_data(value),
        Tag::CARD_AUTHENTICATION_RELATED_DATA => card_authentication(value),
        Tag::TRACK2_EQUIVALENT_DATA | Tag::TRACK2_DATA => track2(value),
        _ => one_line(tag, value).into_iter().collect(),
    }
}

/// An account number, or track data, with the last four digits only.
pub(super) fn masked_number(tag: Tag, value: &[u8]) -> String {
    let masked = match tag {
        Tag::PAN => AccountNumber::from_bcd(value).map(|number| number.masked()),
        _ => Track2::parse(value).map(|track| track.pan().masked()),
    };
    masked.map_or_else(|fault| format!("masked ({fault})"), |masked| masked.to_string())
}

fn one_line(tag: Tag, value: &[u8]) -> Option<String> {
    match tag {
        Tag::ADF_NAME | Tag::DF_NAME | Tag::AID_TERMINAL => codes::application(value).map(str::to_owned),
        Tag::TRANSACTION_DATE | Tag::EXPIRATION_DATE | Tag::EFFECTIVE_DATE => date(value),
        Tag::TRANSACTION_TIME => time(value),
        Tag::AMOUNT_AUTHORISED | Tag::AMOUNT_OTHER | Tag::READER_FLOOR_LIMIT => amount(value),
        Tag::READER_TRANSACTION_LIMIT | Tag::READER_TRANSACTION_LIMIT_CDCVM => amount(value),
        Tag::READER_CVM_REQUIRED_LIMIT => amount(value),
        Tag::TRANSACTION_CURRENCY_CODE | Tag::APPLICATION_CURRENCY_CODE => currency(value),
        Tag::ISSUER_COUNTRY_CODE | Tag::TERMINAL_COUNTRY_CODE => {
            codes::country(number(value)?.try_into().ok()?).map(str::to_owned)
        }
        Tag::TRANSACTION_TYPE => codes::transaction_type(*value.first()?).map(str::to_owned),
        Tag::CRYPTOGRAM_INFORMATION_DATA => {
            value.first().map(|code| codes::cryptogram_kind(*code).to_owned())
        }
        Tag::ATC | Tag::LAST_ONLINE_ATC => {
            Some(format!("{} in decimal", u16::from_be_bytes(value.try_into().ok()?)))
        }
        _ if tag.format() == Format::Text => text(value),
        _ => None,
    }
}

fn data_objects(value: &[u8]) -> Vec<String> {
    let entries = dol::entries(value).map(|entry| match entry {
        Ok(entry) => {
            let name = entry.tag.name().unwrap_or("unknown");
            format!("{} {name}, {} bytes", entry.tag, entry.length)
        }
        Err(fault) => format!("malformed from here: {fault}"),
    });
    entries.collect()
}

/// EMV 4.3 Book 3, 10.2
fn file_locator(value: &[u8]) -> Vec<String> {
    let (entries, rest) = value.as_chunks::<AFL_ENTRY_BYTES>();
    let mut lines: Vec<String> = entries
        .iter()
        .map(|[sfi, first, last, authenticated]| {
            let sfi = sfi >> 3;
            format!("SFI {sfi}, records {first} to {last}, {authenticated} of them authenticated offline")
        })
        .collect();
    if !rest.is_empty() {
        lines.push(format!("{} bytes are left over: entries have {AFL_ENTRY_BYTES}", rest.len()));
    }
    lines
}

/// EMV 4.3 Book 3, 10.5
fn cvm_list(value: &[u8]) -> Vec<String> {
    let Some((amounts, rules)) = value.split_first_chunk::<CVM_AMOUNTS_BYTES>() else { return Vec::new() };
    let [x0, x1, x2, x3, y0, y1, y2, y3] = *amounts;
    let (x, y) = (u32::from_be_bytes([x0, x1, x2, x3]), u32::from_be_bytes([y0, y1, y2, y3]));
    let mut lines = vec![format!("X is {x}, Y is {y} (in the currency's smallest unit)")];
    let (rules, rest) = rules.as_chunks::<2>();
    lines.extend(rules.iter().map(|[method, condition]| {
        let next = if method & 0x40 == 0 { "else fail" } else { "else the next" };
        format!("{}, {}, {next}", codes::cvm(*method), codes::cvm_condition(*condition))
    }));
    if !rest.is_empty() {
        lines.push("one byte is left over: rules have two".to_owned());
    }
    lines
}

fn cvm_results(value: &[u8]) -> Vec<String> {
    let [method, condition, result] = value else { return Vec::new() };
    vec![
        codes::cvm(*method).to_owned(),
        codes::cvm_condition(*condition).to_owned(),
        codes::cvm_result(*result).to_owned(),
    ]
}

/// Visa's begins with its own length, M/Chip's is told by its length; what else there is, only its issuer knows.
fn issuer_data(value: &[u8]) -> Vec<String> {
    match value {
        [0x06, key, version, results @ ..] if results.len() >= 4 => {
            let (results, rest) = results.split_at(4);
            let mut lines = vec![
                format!("Visa: key index {key:02X}, cryptogram version {version}"),
                format!("card verification results {}", hex::encode_upper(results)),
            ];
            if !rest.is_empty() {
                lines.push(format!("issuer discretionary data {}", hex::encode_upper(rest)));
            }
            lines
        }
        [key, version, rest @ ..] if MCHIP_ISSUER_DATA_BYTES.contains(&value.len()) => {
            let (results, rest) = rest.split_at(6);
            let (code, counters) = rest.split_at(2);
            vec![
                format!("M/Chip: key index {key:02X}, cryptogram version {version:02X}"),
                format!("card verification results {}", hex::encode_upper(results)),
                format!("DAC or ICC dynamic number {}", hex::encode_upper(code)),
                format!("counters {}", hex::encode_upper(counters)),
            ]
        }
        _ => Vec::new(),
    }
}

/// EMV Contactless Book C-3, annex A.
fn card_authentication(value: &[u8]) -> Vec<String> {
    let [version, u0, u1, u2, u3, ctq @ ..] = value else { return Vec::new() };
    let mut lines = vec![
        format!("fDDA version {version:02X}"),
        format!("card's unpredictable number {}", hex::encode_upper([u0, u1, u2, u3].map(|byte| *byte))),
    ];
    if !ctq.is_empty() {
        lines.push(format!("card transaction qualifiers {}", hex::encode_upper(ctq)));
        lines.extend(bits::lines(bits::of(Tag::CTQ).unwrap_or_default(), ctq));
    }
    lines
}

/// ISO/IEC 7813: what follows the account number. Only shown with it.
fn track2(value: &[u8]) -> Vec<String> {
    let Ok(track) = Track2::parse(value) else { return Vec::new() };
    let [year, month] = track.expiry();
    let text = hex::encode_upper(value);
    let (number, rest) = text.split_once('D').unwrap_or((&text, ""));
    let (service, discretionary) =
        rest.get(4..).and_then(|rest| rest.split_at_checked(3)).unwrap_or_default();
    vec![
        format!("account number {number}"),
        format!("expires 20{year:02X}-{month:02X}"),
        format!("service code {service}"),
        format!("discretionary data {}", discretionary.trim_end_matches('F')),
    ]
}

fn date(value: &[u8]) -> Option<String> {
    let [year, month, day] = value else { return None };
    number(value)?;
    let century = if *year < 0x50 { 20 } else { 19 };
    Some(format!("{century}{year:02X}-{month:02X}-{day:02X}"))
}

fn time(value: &[u8]) -> Option<String> {
    let [hour, minute, second] = value else { return None };
    number(value)?;
    Some(format!("{hour:02X}:{minute:02X}:{second:02X}"))
}

/// How many decimals there are, another object says: two is what nearly all currencies have.
fn amount(value: &[u8]) -> Option<String> {
    let minor = number(value)?;
    Some(format!("{}.{:02} where the currency has two decimals", minor / 100, minor % 100))
}

fn currency(value: &[u8]) -> Option<String> {
    let (letters, decimals) = codes::currency(number(value)?.try_into().ok()?)?;
    Some(format!("{letters}, {decimals} decimals"))
}

/// Printable text; other bytes as dots.
fn text(value: &[u8]) -> Option<String> {
    let shown = |byte: &u8| if matches!(byte, 0x20..=0x7E) { char::from(*byte) } else { '.' };
    (!value.is_empty()).then(|| format!("\"{}\"", value.iter().map(shown).collect::<String>()))
}

/// The number that decimal digits, two a byte, make; `None` when one is no digit, or when there are too many.
fn number(value: &[u8]) -> Option<u64> {
    value.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]).try_fold(0_u64, |number, digit| {
        if digit > 9 {
            return None;
        }
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}
