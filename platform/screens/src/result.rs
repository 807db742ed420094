//! How a sale ended: what is paid with every field of the brochure in its order; what is not with its reason and
//! what to do next.

use crate::{
    causes,
    page::{Page, money, signed},
    payment::AmountEntry,
    place::{Deed, Go, Place, Turn},
    sms::Sms,
    words::say,
};
use mpos_protocol::{
    card::TransactionKind,
    sale::{Receipt, ReceiptCard, SaleOutcome},
    screen::{ButtonStyle, TextStyle},
};

/// The result of a sale.
pub(crate) struct Ended {
    pub(crate) receipt: Receipt,
}

/// The word for a purchase or a refund.
pub(crate) fn kind(kind: TransactionKind) -> &'static str {
    match kind {
        TransactionKind::Purchase => "purchase",
        TransactionKind::Refund => "refund",
    }
}

impl Ended {
    /// Whether the same sale may be tried again: it is settled that this one took nothing.
    fn may_retry(&self) -> bool {
        let settled = !matches!(self.receipt.outcome, SaleOutcome::Approved | SaleOutcome::Unknown);
        settled && self.receipt.kind == TransactionKind::Purchase && self.receipt.amount.minor() > 0
    }

    fn draw_fields(&self, page: &mut Page<'_>) {
        let receipt = &self.receipt;
        if let Some(number) = receipt.receipt {
            page.fields(vec![("receipt", number.to_string())]);
        }
        page.plain(TextStyle::Body, &receipt.at.local().to_string());
        let mut fields = Vec::new();
        fields
            .extend(receipt.reference.as_ref().map(|reference| ("reference-number", reference.to_string())));
        fields.push(("terminal-id", receipt.terminal.to_string()));
        let card = receipt.card.as_ref();
        fields.extend(card.map(|card: &ReceiptCard| ("card", card.pan.to_string())));
        fields.extend(receipt.auth_code.as_ref().map(|code| ("auth-code", code.to_string())));
        fields.extend(card.map(|card| ("card-type", card.scheme.name().to_owned())));
        fields.push(("transaction-type", page.say(&say(kind(receipt.kind)))));
        fields.extend(receipt.refund_of.as_ref().map(|purchase| ("refund-of", purchase.to_string())));
        page.fields(fields);
    }
}

impl Place for Ended {
    fn draw(&self, page: &mut Page<'_>) {
        let receipt = &self.receipt;
        let (name, words, style) = match receipt.outcome {
            SaleOutcome::Approved => ("result.approved", "approved", TextStyle::Success),
            SaleOutcome::Declined => ("result.declined", "declined", TextStyle::Failure),
            SaleOutcome::TryAnotherCard => ("result.another", "another-card", TextStyle::Failure),
            SaleOutcome::Reversed => ("result.reversed", "reversed", TextStyle::Warning),
            SaleOutcome::Unknown => ("result.unknown", "unknown", TextStyle::Warning),
            SaleOutcome::Cancelled => ("result.cancelled", "cancelled", TextStyle::Warning),
        };
        let is_refund = receipt.kind == TransactionKind::Refund;
        page.titled(name, if is_refund { "refund-title" } else { "result-title" });
        page.plain(TextStyle::Heading, &receipt.bank);
        if is_refund {
            page.text(TextStyle::Heading, &say("refund-step-3"));
        }
        page.text(style, &say(words));
        page.plain(TextStyle::Amount, &money(receipt.currency, signed(receipt.amount.minor())));
        match receipt.cause {
            Some(cause) => {
                page.reason(TextStyle::Body, &causes::cause(cause, receipt.kind));
            }
            // In the till's own words, as there are no others.
            None => receipt.reason.iter().chain(&receipt.next).for_each(|words| {
                page.plain(TextStyle::Body, words);
            }),
        }
        self.draw_fields(page);
        if receipt.outcome == SaleOutcome::Approved && receipt.reference.is_some() {
            page.button("sms", "sms-receipt", ButtonStyle::Plain);
        }
        if self.may_retry() {
            page.button("again", "try-again", ButtonStyle::Plain);
        }
        page.button("done", "done", ButtonStyle::Primary);
    }

    fn act(&mut self, deed: Deed<'_>, _turn: &mut Turn<'_>) -> Go {
        match (deed, &self.receipt.reference) {
            (Deed::Press("sms"), Some(reference)) if self.receipt.outcome == SaleOutcome::Approved => {
                Go::On(Box::new(Sms::new(reference.clone())))
            }
            (Deed::Press("again"), _) if self.may_retry() => {
                Go::Over(Box::new(AmountEntry::with(self.receipt.amount)))
            }
            (Deed::Press("done"), _) => Go::Home(None),
            _ => Go::Stay,
        }
    }
}
