//! What a receipt by SMS says: all that a customer needs to know it again, in one part and in three languages.

use super::{
    gsm::{SEPTETS_MAX, clipped, plain},
    kosovo_time,
};
use mpos_protocol::{
    Amount, Currency,
    admin::Language,
    card::{CardScheme, MaskedPan, TransactionKind},
    terminal::TerminalId,
};

/// Of the bank's name: with the longest of everything else it still is one part.
const BANK_SEPTETS_MAX: usize = 32;

/// What is said.
pub(crate) struct Said<'s> {
    pub(crate) bank: &'s str,
    pub(crate) kind: TransactionKind,
    pub(crate) amount: Amount,
    pub(crate) currency: Currency,
    pub(crate) scheme: CardScheme,
    pub(crate) card: MaskedPan,
    /// Milliseconds since 1970.
    pub(crate) at_ms: u64,
    pub(crate) reference: &'s str,
    pub(crate) terminal: TerminalId,
    pub(crate) auth_code: &'s str,
}

/// The message, at most 160 septets.
pub(crate) fn receipt(language: Language, said: &Said<'_>) -> String {
    let Said { amount, scheme, card, reference, terminal, auth_code, .. } = said;
    let (approved, code) = words(language, said.kind);
    let bank = plain(said.bank);
    let at = kosovo_time::local(said.at_ms);
    let text = plain(&format!(
        "{bank}\n{approved}: {amount} {currency}\n{scheme} {card}\n\
         {day:02}.{month:02}.{year} {hour:02}:{minute:02}\nRef {reference}\n{terminal}, {code} {auth_code}",
        bank = clipped(&bank, BANK_SEPTETS_MAX),
        currency = said.currency.code(),
        scheme = scheme.name(),
        day = at.day,
        month = at.month,
        year = at.year,
        hour = at.hour,
        minute = at.minute,
    ));
    clipped(&text, SEPTETS_MAX).to_owned()
}

const fn words(language: Language, kind: TransactionKind) -> (&'static str, &'static str) {
    match (language, kind) {
        (Language::Albanian, TransactionKind::Purchase) => ("Pagesa u miratua", "kodi"),
        (Language::Albanian, TransactionKind::Refund) => ("Rimbursimi u miratua", "kodi"),
        (Language::English, TransactionKind::Purchase) => ("Payment approved", "code"),
        (Language::English, TransactionKind::Refund) => ("Refund approved", "code"),
        (Language::Serbian, TransactionKind::Purchase) => ("Plaćanje odobreno", "kod"),
        (Language::Serbian, TransactionKind::Refund) => ("Povraćaj odobren", "kod"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_MS: u64 = 1_795_518_000_000;

    fn said(bank: &str) -> Said<'_> {
        Said {
            bank,
            kind: TransactionKind::Purchase,
            amount: Amount::from_minor(123).unwrap(),
            currency: Currency::Eur,
            scheme: CardScheme::Mastercard,
            card: MaskedPan(36),
            at_ms: AT_MS,
            reference: "4864FC149502",
            terminal: TerminalId(16),
            auth_code: "123456",
        }
    }

    #[test]
    fn a_receipt_says_all_that_a_customer_needs() {
        assert_eq!(
            receipt(Language::Serbian, &said("ProCredit Bank")),
            "ProCredit Bank\nPlacanje odobreno: 1.23 EUR\nMastercard ***0036\n24.11.2026 12:00\n\
             Ref 4864FC149502\nTM000016, kod 123456"
        );
    }

    #[test]
    fn the_longest_of_everything_is_one_part_and_nothing_of_it_is_cut() {
        let bank = "đ".repeat(32);
        for language in Language::ALL {
            for kind in [TransactionKind::Purchase, TransactionKind::Refund] {
                for scheme in [CardScheme::Mastercard, CardScheme::VisaElectron] {
                    let longest = Said {
                        kind,
                        scheme,
                        amount: Amount::MAX,
                        card: MaskedPan(9999),
                        at_ms: 253_402_300_799_000,
                        terminal: TerminalId(u32::MAX),
                        ..said(&bank)
                    };
                    let text = receipt(language, &longest);
                    assert!(text.chars().count() <= SEPTETS_MAX, "{}: {text}", text.chars().count());
                    assert!(text.ends_with("123456") && text.is_ascii(), "{text}");
                    assert_eq!(plain(&text), text);
                }
            }
        }
    }
}
