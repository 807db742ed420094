//! A refund's first step: the supervisor's code, and how much of the purchase is given back. The second and the third
//! are those of a sale.

use crate::{
    ToTerminal, causes,
    line::Line,
    page::{Page, decimal, money, signed},
    payment::Sale,
    place::{Deed, Go, Place, SaleOf, Told, Turn},
    supervisor::known_code,
    words::{Phrase, say},
};
use mpos_protocol::{
    Amount,
    admin::{AdminAnswer, Grant, SupervisorPurpose, Transaction},
    amount::AmountError,
    card::TransactionKind,
    screen::{ButtonStyle, InputKind, TextStyle},
    shell::{BankAsk, BeginRefund},
};

/// Step 1 of 3.
pub(crate) struct Refund {
    purchase: Transaction,
    code: Line,
    amount: Line,
    waits: Option<u32>,
    /// What the supervisor is asked to agree to.
    wanted: Amount,
    fault: Option<Phrase>,
}

impl Refund {
    /// Of all that is left of the purchase, unless the merchant types another amount.
    pub(crate) fn new(purchase: Transaction) -> Self {
        let left = decimal(signed(purchase.refundable().minor()));
        Self {
            code: Line::new("code", "supervisor-code", InputKind::SupervisorCode),
            amount: Line::new("amount", "refund-amount", InputKind::Amount).with(&left),
            waits: None,
            wanted: Amount::default(),
            fault: None,
            purchase,
        }
    }

    fn ask(&mut self, turn: &mut Turn<'_>) {
        self.fault = None;
        let amount = self.read_amount();
        let code = known_code(&self.code);
        match (amount, code) {
            (Ok(amount), Ok(code)) => {
                self.wanted = amount;
                let purpose = SupervisorPurpose::Refund { reference: self.purchase.reference.clone() };
                let ask = BankAsk::CheckSupervisorCode { code, purpose };
                self.waits = Some(turn.desk.ask(turn.now, ask));
            }
            (amount, code) => {
                self.amount.error = amount.err();
                self.code.error = code.err();
            }
        }
    }

    fn read_amount(&self) -> Result<Amount, Phrase> {
        let amount = Amount::parse(self.amount.text()).map_err(|error| {
            say(match error {
                AmountError::NotANumber => "amount-not-a-number",
                AmountError::Negative => "amount-negative",
                AmountError::TooFine => "amount-too-fine",
                AmountError::Zero => "amount-zero",
                AmountError::TooLarge => "amount-too-large",
            })
        })?;
        let left = self.purchase.refundable();
        if amount > left {
            return Err(say("refund-more-than-left")
                .text("left", money(self.purchase.currency, signed(left.minor()))));
        }
        Ok(amount)
    }

    fn answered(&mut self, answer: Result<AdminAnswer, Phrase>, turn: &mut Turn<'_>) -> Go {
        self.waits = None;
        match answer {
            Ok(AdminAnswer::Granted { grant, .. }) => return self.begin(grant, turn),
            Ok(AdminAnswer::SupervisorRefused(fault)) => {
                self.code.forget_code();
                self.fault = Some(causes::supervisor(fault, turn.now));
            }
            Ok(_) => self.fault = Some(say("ask-no-sense")),
            Err(phrase) => self.fault = Some(phrase),
        }
        Go::Stay
    }

    fn begin(&mut self, grant: Grant, turn: &mut Turn<'_>) -> Go {
        self.code.forget_code();
        let (reference, amount) = (self.purchase.reference.clone(), self.wanted);
        turn.desk.begin(ToTerminal::BeginRefund(BeginRefund { reference, amount, grant }));
        Go::On(Box::new(Sale::new(SaleOf { kind: TransactionKind::Refund, amount })))
    }
}

impl Place for Refund {
    fn draw(&self, page: &mut Page<'_>) {
        let currency = self.purchase.currency;
        let paid = money(currency, signed(self.purchase.amount.minor()));
        let left = money(currency, signed(self.purchase.refundable().minor()));
        page.titled("refund.code", "refund-title")
            .bank()
            .text(TextStyle::Heading, &say("refund-step-1"))
            .text(TextStyle::Body, &say("refund-explained"))
            .fields(vec![
                ("reference-number", self.purchase.reference.to_string()),
                ("card", self.purchase.card.to_string()),
                ("refund-paid", paid),
                ("refund-left", left),
            ])
            .line(&self.amount)
            .line(&self.code)
            .error(self.fault.as_ref())
            .asking(self.waits.is_some())
            .buttons(&[
                ("next", "next", ButtonStyle::Primary, self.waits.is_none()),
                ("cancel", "cancel", ButtonStyle::Danger, self.waits.is_none()),
            ]);
        page.back = self.waits.is_none();
    }

    fn act(&mut self, deed: Deed<'_>, turn: &mut Turn<'_>) -> Go {
        match deed {
            _ if self.waits.is_some() => {}
            Deed::Press("next") => self.ask(turn),
            Deed::Press("cancel") | Deed::Back => return Go::Back,
            _ => {}
        }
        Go::Stay
    }

    fn told(&mut self, told: Told, turn: &mut Turn<'_>) -> Go {
        match told {
            Told::Answer(answer) => return self.answered(answer, turn),
            Told::Failed(phrase) => self.fault = Some(phrase),
            _ => {}
        }
        Go::Stay
    }

    fn waits_for(&self) -> Option<u32> {
        self.waits
    }

    fn lines(&mut self) -> Vec<&mut Line> {
        vec![&mut self.amount, &mut self.code]
    }
}
