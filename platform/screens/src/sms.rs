//! The receipt by SMS: the customer's number, in the format `383 4x xxx xxx`.

use crate::{
    causes,
    line::Line,
    page::Page,
    place::{Deed, Go, Place, Told, Turn},
    words::{Phrase, say},
};
use mpos_protocol::{
    admin::{AdminAnswer, ReceiptRequest},
    phone_number::PhoneNumber,
    sale::Reference,
    screen::{ButtonStyle, InputKind, TextStyle},
    shell::BankAsk,
};

/// A receipt to be sent.
pub(crate) struct Sms {
    reference: Reference,
    number: Line,
    waits: Option<u32>,
    fault: Option<Phrase>,
    /// What was asked last, without an answer: asked again it is the same receipt, which the bank sends once.
    unanswered: Option<([u8; 16], PhoneNumber)>,
    /// Where it goes.
    sent: Option<PhoneNumber>,
}

impl Sms {
    pub(crate) fn new(reference: Reference) -> Self {
        let number = Line::new("phone", "phone-number", InputKind::Phone);
        Self { reference, number, waits: None, fault: None, unanswered: None, sent: None }
    }

    fn send(&mut self, turn: &mut Turn<'_>) {
        self.fault = None;
        let phone = match PhoneNumber::parse(self.number.text()) {
            Ok(phone) => phone,
            Err(error) => return self.number.error = Some(causes::phone_number(error)),
        };
        let again = self.unanswered.take().filter(|(_, before)| *before == phone);
        let id = again.map_or_else(|| turn.desk.receipt_id(), |(id, _)| id);
        self.unanswered = Some((id, phone.clone()));
        let (reference, language) = (self.reference.clone(), turn.desk.language);
        let request = ReceiptRequest { id, reference, phone, language };
        self.waits = Some(turn.desk.ask(turn.now, BankAsk::SendReceipt(request)));
    }

    fn answered(&mut self, answer: Result<AdminAnswer, Phrase>) {
        self.waits = None;
        match answer {
            Ok(AdminAnswer::ReceiptQueued) => self.sent = self.unanswered.take().map(|(_, phone)| phone),
            Ok(AdminAnswer::ReceiptRefused(fault)) => {
                self.unanswered = None;
                self.fault = Some(causes::receipt(fault));
            }
            Ok(_) => self.fault = Some(say("ask-no-sense")),
            Err(phrase) => self.fault = Some(phrase),
        }
    }
}

impl Place for Sms {
    fn draw(&self, page: &mut Page<'_>) {
        if let Some(phone) = &self.sent {
            page.titled("sms.sent", "sms-receipt")
                .text(TextStyle::Success, &say("sms-sent").text("number", phone.grouped()))
                .button("done", "done", ButtonStyle::Primary);
            return;
        }
        page.titled("sms.number", "sms-receipt")
            .text(TextStyle::Body, &say("sms-explained"))
            .line(&self.number)
            .error(self.fault.as_ref())
            .asking(self.waits.is_some())
            .buttons(&[("send", "send", ButtonStyle::Primary, self.waits.is_none())]);
        page.back = self.waits.is_none();
    }

    fn act(&mut self, deed: Deed<'_>, turn: &mut Turn<'_>) -> Go {
        match deed {
            _ if self.waits.is_some() => {}
            Deed::Press("send") if self.sent.is_none() => self.send(turn),
            Deed::Press("done") if self.sent.is_some() => return Go::Back,
            Deed::Typed => self.fault = None,
            Deed::Back => return Go::Back,
            _ => {}
        }
        Go::Stay
    }

    fn told(&mut self, told: Told, _turn: &mut Turn<'_>) -> Go {
        if let Told::Answer(answer) = told {
            self.answered(answer);
        }
        Go::Stay
    }

    fn waits_for(&self) -> Option<u32> {
        self.waits
    }

    fn lines(&mut self) -> Vec<&mut Line> {
        vec![&mut self.number]
    }
}
