//! The bank's word on this device: asked for at the start and as each sale begins, waited for before the PIN.
//!
//! It is asked for while the card is waited for, so that it costs the customer nothing: by the time the card was read
//! it is there. A device that may not sell asks for no PIN and sends no sale; why is told in the words of that reason.

use crate::{
    Out, Till,
    room::Room,
    sale::{Ending, Sale, Stage},
    wording,
};
use mpos_protocol::{
    Flow, Text,
    card::CardAuthorisation,
    link::{CheckStanding, LineFault, NoReply, NotSent},
    pin::{PinBlockFormat, messages::StopPin},
    sale::{Cause, SaleOutcome},
    shell::{SaleProgress, StandingChanged},
    standing::{BanksWord, Decision, Opinion},
};

/// The longest the bank's word is waited for once the card was read: a connection and two answers, each with its own
/// limit at the link.
pub(crate) const STANDING_LIMIT_MS: u64 = 45_000;

/// What the sale in progress knows of the bank's word.
#[derive(Clone, Copy)]
pub(crate) enum Word {
    Awaited,
    /// The device may sell; PINs in this form.
    Good(PinBlockFormat),
    /// It may not, or nobody knows.
    Bad(Cause),
}

impl Till {
    /// The bank's word, or why there is none.
    pub(crate) fn standing_told(&mut self, flow: Flow, result: Result<BanksWord, NoReply>, outbox: &mut Out) {
        if result == Err(NoReply::NotSent(NotSent::NotEnrolled)) && self.remind_link(flow, outbox) {
            return;
        }
        let word = match &result {
            Ok(BanksWord { opinion, .. }) if opinion.decision == Decision::Blocked => Word::Bad(
                opinion.concerns.first().map_or(Cause::NotSent(NotSent::Blocked), |why| Cause::Blocked(*why)),
            ),
            Ok(told) => Word::Good(told.pin_format),
            Err(why) => Word::Bad(cause_of(*why)),
        };
        if let Ok(told) = result {
            self.keep_opinion(told.opinion, outbox);
        }
        if !self.is_current(flow) {
            return;
        }
        let Some(sale) = self.sale() else { return };
        sale.word = word;
        self.go_on_after_card(outbox);
    }

    /// The link does not know that this terminal is activated: what it was told was lost with an earlier life of it. Tells
    /// it and asks again, once in a flow; false when that was done.
    fn remind_link(&mut self, flow: Flow, outbox: &mut Out) -> bool {
        if self.profile().is_none() || std::mem::replace(&mut self.link_reminded, true) {
            return false;
        }
        self.configure_link(outbox);
        outbox.send_in(flow, CheckStanding);
        true
    }

    /// The card was read: on to the PIN or the bank, once this device may and the sale could be kept.
    pub(crate) fn card_is_read(&mut self, authorisation: CardAuthorisation, outbox: &mut Out) {
        let Some(sale) = self.sale() else { return };
        sale.stage = Stage::ExpectStanding(Box::new(authorisation));
        let waits_for_bank = matches!(sale.word, Word::Awaited);
        self.allow_ms(STANDING_LIMIT_MS);
        if waits_for_bank {
            outbox.send(SaleProgress::Connecting);
        }
        self.go_on_after_card(outbox);
    }

    /// The bank or the ledger spoke, or the card was read: goes on when all of that was.
    pub(crate) fn go_on_after_card(&mut self, outbox: &mut Out) {
        let Some(Sale { stage: Stage::ExpectStanding(authorisation), word, room, .. }) = self.sale() else {
            return;
        };
        match (*word, *room) {
            (Word::Good(format), Room::Made) => {
                let authorisation = std::mem::take(&mut **authorisation);
                self.verify_customer(authorisation, format, outbox);
            }
            (Word::Bad(cause), _) => self.refuse_to_sell(cause, outbox),
            (Word::Awaited, _) | (_, Room::Awaited) => {}
        }
    }

    /// Nobody says whether this device may sell, or whether the sale could be kept.
    pub(crate) fn standing_took_too_long(&mut self, outbox: &mut Out) {
        match self.sale() {
            Some(Sale { word: Word::Good(_), .. }) => self.end_without_room(NotSent::Interrupted, outbox),
            _ => self.refuse_to_sell(cause_of(NoReply::NoAnswer), outbox),
        }
    }

    /// The link lost what it was asked, or never got it: asks again.
    pub(crate) fn ask_standing_again(&mut self, outbox: &mut Out) {
        let flow = self.flow;
        if let Some(Sale { word: Word::Awaited, .. }) = self.sale() {
            outbox.send_in(flow, CheckStanding);
        }
    }

    /// Ends the sale before anything was asked of the customer or the bank.
    pub(crate) fn refuse_to_sell(&mut self, cause: Cause, outbox: &mut Out) {
        let flow = self.flow;
        // The pad keeps no card that no PIN will be asked for.
        outbox.send_in(flow, StopPin);
        self.end(Ending { outcome: SaleOutcome::Cancelled, cause: Some(cause) }, outbox);
    }

    /// The shell is told of what it does not know.
    fn keep_opinion(&mut self, opinion: Opinion, outbox: &mut Out) {
        if opinion != self.opinion {
            let reason = opinion.concerns.first().map(|concern| wording::concern(*concern).reason);
            let reason = Text::clipped(&reason.unwrap_or_default());
            outbox.send(StandingChanged { opinion: opinion.clone(), reason });
            self.opinion = opinion;
        }
    }
}

/// Why nothing was asked of the bank.
fn cause_of(why: NoReply) -> Cause {
    match why {
        NoReply::NotSent(why) => Cause::NotSent(why),
        NoReply::NoAnswer => Cause::NotSent(NotSent::Line(LineFault::TimedOut)),
        NoReply::Refused(refusal) => Cause::Refused(refusal),
    }
}
