//! The transactions of a range as people and programs take them away: a table, JSON, CSV, PDF.
//!
//! A phone saves them where its owner says, a desktop in a file or on the standard output: the same bytes. No file is
//! written here, and nothing is asked of the bank.
#![forbid(unsafe_code)]

pub mod csv;
pub mod json;
pub mod local_time;
pub mod pdf;
pub mod table;

use jiff::ZonedDateTime;
use mpos_protocol::{
    Amount,
    admin::{HistoryTotals, Transaction, TransactionResult},
    card::TransactionKind,
    terminal::{Merchant, TerminalId},
};

/// Why there are no bytes. What is written comes from messages that were decoded, so neither can be brought about.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A line of the spreadsheet.
    #[error("the spreadsheet cannot be written: {0}")]
    Csv(#[from] ::csv::Error),
    /// The object.
    #[error("the JSON cannot be written: {0}")]
    Json(#[from] serde_json::Error),
}

/// What is exported.
pub struct Report {
    /// The bank's heading.
    pub bank: String,
    /// The business.
    pub merchant: Merchant,
    /// Of this terminal alone; none for all of the business.
    pub terminal: Option<TerminalId>,
    /// From here.
    pub from: ZonedDateTime,
    /// To here.
    pub to: ZonedDateTime,
    /// Of the whole range.
    pub totals: HistoryTotals,
    /// Newest first.
    pub rows: Vec<Transaction>,
}

impl Report {
    /// `2022/09/02 00:00:00 to 2022/09/02 23:59:59`.
    fn range(&self) -> String {
        let [from, to] = [&self.from, &self.to].map(|time| local_time::written(time.datetime(), '/'));
        format!("{from} to {to}")
    }

    /// Whose transactions these are.
    fn scope(&self) -> String {
        match self.terminal {
            Some(terminal) => format!("Device Transactions of {terminal}"),
            None => "Merchant Transactions: all terminals".to_owned(),
        }
    }
}

/// When, as the brochure writes it.
fn time_of(row: &Transaction) -> String {
    local_time::text(row.at_ms)
}

/// How it ended, in a word or two.
fn result_of(row: &Transaction) -> String {
    match &row.result {
        TransactionResult::Approved { .. } if row.refunded > 0 => {
            format!("Refunded {}", minor(row.refunded))
        }
        TransactionResult::Approved { .. } => "Approved".to_owned(),
        TransactionResult::Declined { .. } => "Declined".to_owned(),
        TransactionResult::Reversed => "Reversed".to_owned(),
    }
}

fn auth_code_of(row: &Transaction) -> &str {
    match &row.result {
        TransactionResult::Approved { auth_code } => auth_code,
        _ => "",
    }
}

/// The amount with the sign that it has for the merchant.
fn signed_amount(row: &Transaction) -> String {
    match row.kind {
        TransactionKind::Purchase => row.amount.to_string(),
        TransactionKind::Refund => format!("-{}", row.amount),
    }
}

/// Minor units as an amount.
fn minor(minor: u64) -> String {
    Amount::from_minor(minor).unwrap_or(Amount::MAX).to_string()
}

/// The net sum, which may be below zero.
fn net(totals: &HistoryTotals) -> String {
    let net = totals.net();
    format!("{}{}", if net < 0 { "-" } else { "" }, minor(net.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use mpos_protocol::{
        Currency, Text,
        card::{CardScheme, Cvm, MaskedPan},
        sale::ReceiptNumber,
    };

    /// A report of `count` rows: purchases, each third one declined, and a refund of the first.
    fn report(count: u32) -> Report {
        let amount = |minor| Amount::from_minor(minor).unwrap();
        let row = |number: u32| Transaction {
            reference: Text::clipped(&format!("4864FC{number:06}")),
            terminal: TerminalId(16),
            receipt: ReceiptNumber(number),
            kind: if number == 2 { TransactionKind::Refund } else { TransactionKind::Purchase },
            at_ms: 1_795_537_840_000 + u64::from(number) * 60_000,
            amount: amount(u64::from(number) * 123),
            currency: Currency::Eur,
            card: MaskedPan(36),
            scheme: CardScheme::VisaElectron,
            cvm: Cvm::None,
            result: match number % 3 {
                0 => TransactionResult::Declined { reason: mpos_protocol::sale::DeclineReason::WrongPin },
                _ => TransactionResult::Approved { auth_code: Text::clipped("252095") },
            },
            refunded: if number == 1 { 123 } else { 0 },
            refund_of: (number == 2).then(|| Text::clipped("4864FC000001")),
            card_token: (number != 3).then(|| Text::clipped("7A0C51D2E9B3")),
        };
        let day = |hour, minute, second| {
            let time = jiff::civil::date(2026, 11, 24).at(hour, minute, second, 0);
            time.to_zoned_datetime(TimeZone::UTC).unwrap()
        };
        Report {
            bank: "ProCredit Bank".to_owned(),
            merchant: Merchant {
                name: Text::clipped("Furra Çaka, Đorđević & Shkëlqim"),
                address: Text::clipped("Prishtinë"),
            },
            terminal: Some(TerminalId(16)),
            from: day(0, 0, 0),
            to: day(23, 59, 59),
            totals: HistoryTotals {
                transactions: count,
                purchases: 4,
                purchased: 1230,
                refunds: 1,
                refunded: 246,
            },
            rows: (1..=count).rev().map(row).collect(),
        }
    }

    #[test]
    fn a_spreadsheet_has_a_line_a_transaction_and_refunds_below_zero() {
        let text = String::from_utf8(csv::write(&report(4)).unwrap()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 5);
        assert!(lines[0].starts_with("Time,Terminal ID,Receipt,Reference number"));
        assert!(
            lines[3].contains(",000002,4864FC000002,Refund,EUR,-2.46,***0036,VISA Electron,252095,Approved")
        );
        assert!(lines[4].ends_with(",252095,Refunded 1.23,7A0C51D2E9B3"));
    }

    #[test]
    fn json_has_totals_and_rows() {
        let value: serde_json::Value = serde_json::from_slice(&json::write(&report(3)).unwrap()).unwrap();
        assert_eq!(value["from"], "2026-11-24 00:00:00");
        assert_eq!(report(3).range(), "2026/11/24 00:00:00 to 2026/11/24 23:59:59");
        assert_eq!(value["totals"]["net"], "9.84");
        assert_eq!(value["transactions"][0]["result"], "declined");
        assert_eq!(value["transactions"][1]["refund_of"], "4864FC000001");
        assert_eq!(value["transactions"][1]["card_token"], "7A0C51D2E9B3");
        assert!(value["transactions"][0]["card_token"].is_null());
    }

    #[test]
    fn a_pdf_has_as_many_pages_as_it_needs_and_the_letters_of_the_region() {
        for (rows, pages) in [(0, 1), (50, 1), (51, 2), (1_000, 20)] {
            let bytes = pdf::write(&report(rows));
            assert!(bytes.starts_with(b"%PDF-") && bytes.ends_with(b"%%EOF"));
            let count = format!("/Count {pages}");
            assert!(bytes.windows(count.len()).any(|window| window == count.as_bytes()), "{rows} rows");
        }
        let bytes = pdf::write(&report(3));
        // Ç and ë as WinAnsi, Đ, đ and ć where the encoding puts them; such a string is written in hexadecimal.
        let written = String::from_utf8_lossy(&bytes).to_lowercase();
        for letters in [&b"Furra \xc7aka, \x85or\x82evi\x81"[..], b"Shk\xeblqim"] {
            assert!(written.contains(&hex::encode(letters)));
        }
        assert!(written.contains("/dcroat"));
        if let Some(path) = std::env::var_os("MPOS_SAMPLE_PDF") {
            std::fs::write(path, pdf::write(&report(60))).unwrap();
        }
    }
}
