//! Numbers that stand for something: currencies, countries, schemes, verification methods.

/// ISO 4217: number, letters, decimals. Those of the region and the large ones.
const CURRENCIES: &[(u16, &str, u8)] = &[
    (8, "ALL", 2),
    (36, "AUD", 2),
    (124, "CAD", 2),
    (156, "CNY", 2),
    (203, "CZK", 2),
    (208, "DKK", 2),
    (348, "HUF", 2),
    (392, "JPY", 0),
    (578, "NOK", 2),
    (752, "SEK", 2),
    (756, "CHF", 2),
    (807, "MKD", 2),
    (826, "GBP", 2),
    (840, "USD", 2),
    (941, "RSD", 2),
    (946, "RON", 2),
    (949, "TRY", 2),
    (975, "BGN", 2),
    (977, "BAM", 2),
    (978, "EUR", 2),
    (985, "PLN", 2),
];

/// ISO 3166-1: number and name, of the region and of where cards come from.
const COUNTRIES: &[(u16, &str)] = &[
    (8, "Albania"),
    (36, "Australia"),
    (40, "Austria"),
    (56, "Belgium"),
    (70, "Bosnia and Herzegovina"),
    (100, "Bulgaria"),
    (124, "Canada"),
    (156, "China"),
    (191, "Croatia"),
    (203, "Czechia"),
    (208, "Denmark"),
    (246, "Finland"),
    (250, "France"),
    (276, "Germany"),
    (300, "Greece"),
    (348, "Hungary"),
    (372, "Ireland"),
    (380, "Italy"),
    (392, "Japan"),
    (499, "Montenegro"),
    (528, "Netherlands"),
    (578, "Norway"),
    (616, "Poland"),
    (620, "Portugal"),
    (642, "Romania"),
    (688, "Serbia"),
    (703, "Slovakia"),
    (705, "Slovenia"),
    (724, "Spain"),
    (752, "Sweden"),
    (756, "Switzerland"),
    (792, "Türkiye"),
    (807, "North Macedonia"),
    (826, "United Kingdom"),
    (840, "United States"),
];

/// How applications begin (ISO/IEC 7816-5), longer ones before those of the scheme alone.
const APPLICATIONS: &[(&[u8], &str)] = &[
    (&[0xA0, 0, 0, 0, 0x03, 0x10, 0x10], "Visa"),
    (&[0xA0, 0, 0, 0, 0x03, 0x20, 0x10], "Visa Electron"),
    (&[0xA0, 0, 0, 0, 0x03, 0x20, 0x20], "V PAY"),
    (&[0xA0, 0, 0, 0, 0x03], "Visa, another application"),
    (&[0xA0, 0, 0, 0, 0x04, 0x10, 0x10], "Mastercard"),
    (&[0xA0, 0, 0, 0, 0x04, 0x30, 0x60], "Maestro"),
    (&[0xA0, 0, 0, 0, 0x04], "Mastercard, another application"),
    (&[0xA0, 0, 0, 0, 0x25], "American Express"),
    (&[0xA0, 0, 0, 0, 0x65], "JCB"),
    (&[0xA0, 0, 0, 0x01, 0x52], "Discover"),
    (&[0xA0, 0, 0, 0x03, 0x33], "UnionPay"),
];

/// Letters and decimals of a currency.
pub(super) fn currency(number: u16) -> Option<(&'static str, u8)> {
    let known = CURRENCIES.iter().find(|(known, ..)| *known == number);
    known.map(|(_, letters, decimals)| (*letters, *decimals))
}

/// The name of a country.
pub(super) fn country(number: u16) -> Option<&'static str> {
    COUNTRIES.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
}

/// Whose application it is.
pub(super) fn application(aid: &[u8]) -> Option<&'static str> {
    APPLICATIONS.iter().find(|(begins, _)| aid.starts_with(begins)).map(|(_, name)| *name)
}

/// A cardholder verification method. EMV 4.3 Book 3, C3
pub(super) fn cvm(code: u8) -> &'static str {
    match code & 0x3F {
        0x00 => "fail CVM processing",
        0x01 => "plaintext PIN verified by the card",
        0x02 => "enciphered PIN verified online",
        0x03 => "plaintext PIN verified by the card, and signature",
        0x04 => "enciphered PIN verified by the card",
        0x05 => "enciphered PIN verified by the card, and signature",
        0x1E => "signature",
        0x1F => "no CVM required",
        0x3F => "no CVM performed",
        _ => "unknown method",
    }
}

/// When a method applies. EMV 4.3 Book 3, C3
pub(super) fn cvm_condition(code: u8) -> &'static str {
    match code {
        0x00 => "always",
        0x01 => "if unattended cash",
        0x02 => "if not unattended cash, manual cash or cashback",
        0x03 => "if the terminal supports it",
        0x04 => "if manual cash",
        0x05 => "if purchase with cashback",
        0x06 => "if in the application's currency and under X",
        0x07 => "if in the application's currency and over X",
        0x08 => "if in the application's currency and under Y",
        0x09 => "if in the application's currency and over Y",
        _ => "on an unknown condition",
    }
}

/// What became of a method. EMV 4.3 Book 4, A4
pub(super) fn cvm_result(code: u8) -> &'static str {
    match code {
        0x00 => "unknown (signature, or the host will say)",
        0x01 => "failed",
        0x02 => "successful",
        _ => "not assigned",
    }
}

/// Kind of transaction (9C). ISO 8583:1987, processing code
pub(super) fn transaction_type(code: u8) -> Option<&'static str> {
    match code {
        0x00 => Some("purchase"),
        0x01 => Some("cash"),
        0x09 => Some("purchase with cashback"),
        0x20 => Some("refund"),
        0x31 => Some("balance inquiry"),
        _ => None,
    }
}

/// Bits 8 and 7 of the cryptogram information data (9F27). EMV 4.3 Book 3, 6.5.5
pub(super) fn cryptogram_kind(code: u8) -> &'static str {
    match code & 0xC0 {
        0x00 => "AAC: declined",
        0x40 => "TC: approved offline",
        0x80 => "ARQC: the issuer is asked",
        _ => "not assigned",
    }
}
