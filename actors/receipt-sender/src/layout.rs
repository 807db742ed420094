//! A receipt as lines of text, in the order of the brochure's result screen.

use mpos_protocol::sale::{Receipt, SaleOutcome};

/// Width of the label column, in characters: the longest label and two spaces.
const LABEL_WIDTH: usize = 18;

/// The receipt, a line a field, each ended by a line feed. A field that the sale does not have is left out.
pub(crate) fn lines(receipt: &Receipt) -> String {
    let mut text = format!(
        "{}\n{}\n{} {}\n",
        receipt.bank,
        headline(receipt.outcome),
        receipt.currency.code(),
        receipt.amount
    );
    let mut field = |label: &str, value: Option<String>| {
        if let Some(value) = value {
            text.push_str(&format!("{label:<LABEL_WIDTH$}{value}\n"));
        }
    };
    field("Receipt", receipt.receipt.map(|number| number.to_string()));
    field("Date and time", Some(receipt.at.local().to_string()));
    field("Reference number", receipt.reference.as_ref().map(ToString::to_string));
    field("Terminal ID", Some(receipt.terminal.to_string()));
    field("Card", receipt.card.as_ref().map(|card| card.pan.to_string()));
    field("Auth Code", receipt.auth_code.as_ref().map(ToString::to_string));
    field("Card type", receipt.card.as_ref().map(|card| card.scheme.name().to_owned()));
    field("Transaction Type", Some(receipt.kind.name().to_owned()));
    for sentence in [&receipt.reason, &receipt.next].into_iter().flatten() {
        text.push_str(&format!("{sentence}\n"));
    }
    text
}

fn headline(outcome: SaleOutcome) -> &'static str {
    match outcome {
        SaleOutcome::Approved => "Approved",
        SaleOutcome::Declined => "Declined",
        SaleOutcome::TryAnotherCard => "Not paid: try another card",
        SaleOutcome::Reversed => "Reversed",
        SaleOutcome::Unknown => "Not known yet",
        SaleOutcome::Cancelled => "Cancelled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mpos_protocol::{
        Amount, Bytes, Currency, Moment, Text,
        card::{CardScheme, Cvm, MaskedPan, TransactionKind},
        sale::{ReceiptCard, ReceiptNumber},
        terminal::TerminalId,
    };

    fn brochure() -> Receipt {
        Receipt {
            bank: Text::clipped("ProCredit Bank"),
            outcome: SaleOutcome::Approved,
            currency: Currency::Eur,
            amount: Amount::from_minor(123).unwrap(),
            receipt: Some(ReceiptNumber(1)),
            at: Moment { unix_ms: 1_666_621_840_000, utc_offset_s: 7200, uptime_ms: 0 },
            reference: Some(Text::clipped("4864FC149502")),
            terminal: TerminalId(16),
            card: Some(ReceiptCard {
                pan: MaskedPan(36),
                scheme: CardScheme::Mastercard,
                aid: Bytes::new(&[0xA0, 0, 0, 0, 4, 0x10, 0x10]).unwrap(),
                cvm: Cvm::None,
            }),
            auth_code: Some(Text::clipped("252095")),
            kind: TransactionKind::Purchase,
            refund_of: None,
            cause: None,
            reason: None,
            next: None,
        }
    }

    #[test]
    fn the_receipt_has_every_field_of_the_brochure() {
        let expected = "ProCredit Bank\n\
                        Approved\n\
                        EUR 1.23\n\
                        Receipt           000001\n\
                        Date and time     2022-10-24 16:30:40\n\
                        Reference number  4864FC149502\n\
                        Terminal ID       TM000016\n\
                        Card              ***0036\n\
                        Auth Code         252095\n\
                        Card type         Mastercard\n\
                        Transaction Type  Purchase\n";
        assert_eq!(lines(&brochure()), expected);
    }

    #[test]
    fn a_sale_that_never_reached_the_bank_has_no_empty_fields() {
        let cancelled = Receipt {
            outcome: SaleOutcome::Cancelled,
            receipt: None,
            reference: None,
            card: None,
            auth_code: None,
            reason: Some(Text::clipped("No card was presented in time.")),
            next: Some(Text::clipped("Start again.")),
            ..brochure()
        };
        let text = lines(&cancelled);
        assert!(!text.contains("Reference number") && !text.contains("Card "), "{text}");
        assert!(text.ends_with("No card was presented in time.\nStart again.\n"), "{text}");
    }
}
