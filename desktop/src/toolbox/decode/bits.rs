//! What each bit of the bit fields means: EMV 4.3 Book 3, Annex C; Book 4, Annex A; EMV Contactless Books C-2 and C-3.

use mpos_tlv::Tag;

/// Byte and bit, both counted from 1 as the books do, and what it says when it is set.
type Bit = (u8, u8, &'static str);

/// The bits of a bit field; `None` for what is none.
pub(super) fn of(tag: Tag) -> Option<&'static [Bit]> {
    Some(match tag {
        Tag::TVR | Tag::IAC_DEFAULT | Tag::IAC_DENIAL | Tag::IAC_ONLINE => TVR,
        Tag::TAC_DEFAULT | Tag::TAC_DENIAL | Tag::TAC_ONLINE => TVR,
        Tag::TSI => TSI,
        Tag::AIP => AIP,
        Tag::APPLICATION_USAGE_CONTROL => USAGE_CONTROL,
        Tag::TERMINAL_CAPABILITIES => TERMINAL_CAPABILITIES,
        Tag::ADDITIONAL_TERMINAL_CAPABILITIES => ADDITIONAL_CAPABILITIES,
        Tag::TTQ => TTQ,
        Tag::CTQ => CTQ,
        _ => return None,
    })
}

/// A line for each bit that is set, also for those that the books leave free.
pub(super) fn lines(bits: &[Bit], value: &[u8]) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, byte) in (1_u8..=u8::MAX).zip(value) {
        for bit in (1..=8).rev().filter(|bit| byte >> (bit - 1) & 1 == 1) {
            let known = bits.iter().find(|(at_byte, at_bit, _)| (*at_byte, *at_bit) == (number, bit));
            let text = known.map_or("not assigned", |(.., text)| text);
            lines.push(format!("byte {number}, bit {bit}: {text}"));
        }
    }
    lines
}

/// EMV 4.3 Book 3, C5; the relay resistance bits are Book C-2's.
const TVR: &[Bit] = &[
    (1, 8, "offline data authentication was not performed"),
    (1, 7, "SDA failed"),
    (1, 6, "ICC data missing"),
    (1, 5, "card appears on the terminal exception file"),
    (1, 4, "DDA failed"),
    (1, 3, "CDA failed"),
    (1, 2, "SDA selected"),
    (2, 8, "ICC and terminal have different application versions"),
    (2, 7, "expired application"),
    (2, 6, "application not yet effective"),
    (2, 5, "requested service not allowed for card product"),
    (2, 4, "new card"),
    (3, 8, "cardholder verification was not successful"),
    (3, 7, "unrecognised CVM"),
    (3, 6, "PIN Try Limit exceeded"),
    (3, 5, "PIN entry required and PIN pad not present or not working"),
    (3, 4, "PIN entry required, PIN pad present, but PIN was not entered"),
    (3, 3, "online PIN entered"),
    (4, 8, "transaction exceeds floor limit"),
    (4, 7, "lower consecutive offline limit exceeded"),
    (4, 6, "upper consecutive offline limit exceeded"),
    (4, 5, "transaction selected randomly for online processing"),
    (4, 4, "merchant forced transaction online"),
    (5, 8, "default TDOL used"),
    (5, 7, "issuer authentication failed"),
    (5, 6, "script processing failed before final GENERATE AC"),
    (5, 5, "script processing failed after final GENERATE AC"),
    (5, 4, "relay resistance threshold exceeded"),
    (5, 3, "relay resistance time limits exceeded"),
    (5, 2, "relay resistance protocol performed"),
    (5, 1, "relay resistance protocol not performed"),
];

/// EMV 4.3 Book 3, C6.
const TSI: &[Bit] = &[
    (1, 8, "offline data authentication was performed"),
    (1, 7, "cardholder verification was performed"),
    (1, 6, "card risk management was performed"),
    (1, 5, "issuer authentication was performed"),
    (1, 4, "terminal risk management was performed"),
    (1, 3, "script processing was performed"),
];

/// EMV 4.3 Book 3, C1, with the contactless bits of Books C-2 and C-3.
const AIP: &[Bit] = &[
    (1, 7, "SDA supported"),
    (1, 6, "DDA supported"),
    (1, 5, "cardholder verification is supported"),
    (1, 4, "terminal risk management is to be performed"),
    (1, 3, "issuer authentication is supported"),
    (1, 2, "on-device cardholder verification is supported (C-2)"),
    (1, 1, "CDA supported"),
    (2, 8, "EMV mode is supported (C-2); mag-stripe mode is supported (C-3)"),
    (2, 7, "the card is a mobile device (C-3)"),
    (2, 1, "relay resistance protocol is supported (C-2)"),
];

/// EMV 4.3 Book 3, C2.
const USAGE_CONTROL: &[Bit] = &[
    (1, 8, "valid for domestic cash transactions"),
    (1, 7, "valid for international cash transactions"),
    (1, 6, "valid for domestic goods"),
    (1, 5, "valid for international goods"),
    (1, 4, "valid for domestic services"),
    (1, 3, "valid for international services"),
    (1, 2, "valid at ATMs"),
    (1, 1, "valid at terminals other than ATMs"),
    (2, 8, "domestic cashback allowed"),
    (2, 7, "international cashback allowed"),
];

/// EMV 4.3 Book 4, A2.
const TERMINAL_CAPABILITIES: &[Bit] = &[
    (1, 8, "manual key entry"),
    (1, 7, "magnetic stripe"),
    (1, 6, "IC with contacts"),
    (2, 8, "plaintext PIN for ICC verification"),
    (2, 7, "enciphered PIN for online verification"),
    (2, 6, "signature (paper)"),
    (2, 5, "enciphered PIN for offline verification"),
    (2, 4, "no CVM required"),
    (3, 8, "SDA"),
    (3, 7, "DDA"),
    (3, 6, "card capture"),
    (3, 4, "CDA"),
];

/// EMV 4.3 Book 4, A3.
const ADDITIONAL_CAPABILITIES: &[Bit] = &[
    (1, 8, "cash"),
    (1, 7, "goods"),
    (1, 6, "services"),
    (1, 5, "cashback"),
    (1, 4, "inquiry"),
    (1, 3, "transfer"),
    (1, 2, "payment"),
    (1, 1, "administrative"),
    (2, 8, "cash deposit"),
    (3, 8, "numeric keys"),
    (3, 7, "alphabetic and special character keys"),
    (3, 6, "command keys"),
    (3, 5, "function keys"),
    (4, 8, "print, attendant"),
    (4, 7, "print, cardholder"),
    (4, 6, "display, attendant"),
    (4, 5, "display, cardholder"),
    (4, 2, "code table 10"),
    (4, 1, "code table 9"),
    (5, 8, "code table 8"),
    (5, 7, "code table 7"),
    (5, 6, "code table 6"),
    (5, 5, "code table 5"),
    (5, 4, "code table 4"),
    (5, 3, "code table 3"),
    (5, 2, "code table 2"),
    (5, 1, "code table 1"),
];

/// EMV Contactless Book A, 5.7 and Book C-3.
const TTQ: &[Bit] = &[
    (1, 8, "mag-stripe mode supported"),
    (1, 6, "EMV mode supported"),
    (1, 5, "EMV contact chip supported"),
    (1, 4, "offline-only reader"),
    (1, 3, "online PIN supported"),
    (1, 2, "signature supported"),
    (1, 1, "offline data authentication for online authorisations supported"),
    (2, 8, "online cryptogram required"),
    (2, 7, "CVM required"),
    (2, 6, "(contact chip) offline PIN supported"),
    (3, 8, "issuer update processing supported"),
    (3, 7, "consumer device CVM supported"),
    (4, 8, "fDDA version 1.0 supported"),
];

/// EMV Contactless Book C-3.
const CTQ: &[Bit] = &[
    (1, 8, "online PIN required"),
    (1, 7, "signature required"),
    (1, 6, "go online if offline data authentication fails and the reader is online capable"),
    (1, 5, "switch interface if offline data authentication fails and the reader supports contact chip"),
    (1, 4, "go online if the application expired"),
    (1, 3, "switch interface for cash transactions"),
    (1, 2, "switch interface for cashback transactions"),
    (2, 8, "consumer device CVM performed"),
    (2, 7, "card supports issuer update processing at the point of sale"),
];
