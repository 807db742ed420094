//! One transaction: all that the bank has of it, and what can be done with it.

use super::list::{at, counted};
use crate::{
    causes,
    page::{Page, money, signed},
    place::{Deed, Go, Place, Turn},
    refund::Refund,
    result::kind,
    sms::Sms,
    words::say,
};
use mpos_protocol::{
    admin::{Transaction, TransactionResult},
    sale::Cause,
    screen::{ButtonStyle, TextStyle},
};

/// A transaction.
pub(crate) struct Details {
    transaction: Transaction,
}

impl Details {
    pub(crate) fn new(transaction: Transaction) -> Self {
        Self { transaction }
    }

    fn is_approved(&self) -> bool {
        matches!(self.transaction.result, TransactionResult::Approved { .. })
    }

    fn may_refund(&self) -> bool {
        self.transaction.refundable().minor() > 0
    }

    fn draw_result(&self, page: &mut Page<'_>) {
        match self.transaction.result {
            TransactionResult::Approved { .. } => page.text(TextStyle::Success, &say("approved")),
            // What to do next was said when it happened.
            TransactionResult::Declined { reason } => page
                .text(TextStyle::Failure, &say("declined"))
                .text(TextStyle::Body, &causes::cause(Cause::Declined(reason), self.transaction.kind)),
            TransactionResult::Reversed => page
                .text(TextStyle::Warning, &say("reversed"))
                .text(TextStyle::Body, &say("reversed-explained")),
        };
    }
}

impl Place for Details {
    fn draw(&self, page: &mut Page<'_>) {
        let one = &self.transaction;
        page.titled("history.details", "details-title").with_back().bank();
        self.draw_result(page);
        page.plain(TextStyle::Amount, &money(one.currency, counted(one)));
        page.fields(vec![("receipt", one.receipt.to_string())]);
        page.plain(TextStyle::Body, &at(page.now, one.at_ms));
        let mut fields = vec![
            ("reference-number", one.reference.to_string()),
            ("terminal-id", one.terminal.to_string()),
            ("card", one.card.to_string()),
        ];
        if let TransactionResult::Approved { auth_code } = &one.result {
            fields.push(("auth-code", auth_code.to_string()));
        }
        fields.push(("card-type", one.scheme.name().to_owned()));
        fields.push(("transaction-type", page.say(&say(kind(one.kind)))));
        if one.refunded > 0 {
            let left = one.refundable().minor();
            fields.push(("refunded", money(one.currency, signed(one.refunded))));
            fields.push(("refund-left", money(one.currency, signed(left))));
        }
        fields.extend(one.refund_of.as_ref().map(|purchase| ("refund-of", purchase.to_string())));
        page.fields(fields);
        if self.is_approved() {
            page.button("sms", "sms-receipt", ButtonStyle::Plain);
        }
        if self.may_refund() {
            page.button("refund", "refund-transaction", ButtonStyle::Plain);
        }
    }

    fn act(&mut self, deed: Deed<'_>, _turn: &mut Turn<'_>) -> Go {
        match deed {
            Deed::Back => Go::Back,
            Deed::Press("sms") if self.is_approved() => {
                Go::On(Box::new(Sms::new(self.transaction.reference.clone())))
            }
            Deed::Press("refund") if self.may_refund() => {
                Go::On(Box::new(Refund::new(self.transaction.clone())))
            }
            _ => Go::Stay,
        }
    }
}
