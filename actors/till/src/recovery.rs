//! What happens to a flow when an actor panicked and was started anew, or a mailbox was full.
//!
//! Before the bank was asked, nothing is charged: the flow ends as cancelled. After that only the book knows: the
//! link reads it again and reports what became of the sale. A till that was itself started anew knows nothing of
//! the flow but its number; it reads the book and asks the link, which tells the sale with its whole record.

use crate::{
    Activity, Out, Terminal, Till, refuse,
    sale::{BANK_LIMIT_MS, Ending, Stage},
    wording,
};
use mpos_protocol::{
    ActorId, Flow, Message, Text,
    book::{MakeRoom, OpenLedger},
    card::messages::{AbortTap, ConfigureKernel},
    link::{
        AuthorisationEnded, AuthorisationResult, Authorise, CheckStanding, ConfigureLink, EnrolmentFault,
        NoReply, NotSent, ResumeLink,
    },
    pin::messages::StopPin,
    sale::{Cause, SaleOutcome, messages::ReceiptMade},
    shell::{Refusal, RequestRefused, SaleEnded},
    supervision::{DeliveryFailed, DeliveryFault},
};

/// The longest a till that was started anew waits for the book.
const BOOK_LIMIT_MS: u64 = 30_000;

/// What a till that was started anew waits for.
pub(crate) enum Step {
    /// The book; the link may have told how the sale ended before it is read.
    ExpectLedger {
        told: Option<Box<AuthorisationEnded>>,
        /// The question was lost: it is asked again with the next second.
        ask_again: bool,
    },
    ExpectLink,
    ExpectReceipt,
}

impl Till {
    pub(crate) fn actor_restarted(&mut self, flow: Flow, who: ActorId, outbox: &mut Out) {
        match who {
            ActorId::Till => {
                self.flow = flow;
                self.activity = Activity::Recovering(Step::ExpectLedger { told: None, ask_again: false });
                self.allow_ms(BOOK_LIMIT_MS);
                self.give_up_ms = self.uptime_ms.saturating_add(BOOK_LIMIT_MS + BANK_LIMIT_MS);
                self.tick(outbox);
                outbox.send(AbortTap);
                outbox.send(StopPin);
                return outbox.send(OpenLedger);
            }
            // A new kernel or link knows nothing of this terminal.
            ActorId::EmvKernel => self.configure_kernel(outbox),
            ActorId::HostLink => self.configure_link(outbox),
            _ => {}
        }
        // Whatever message it was that it could not bear, it forgot the flow in progress over it.
        self.lost(who, Refusal::Interrupted, outbox);
    }

    /// Tells the link which terminal it is and where the bank is.
    pub(crate) fn configure_link(&self, outbox: &mut Out) {
        outbox.send(ConfigureLink {
            bank_address: self.bank_address.clone(),
            profile: self.profile().cloned(),
        });
    }

    /// Hands the kernel its settings.
    pub(crate) fn configure_kernel(&self, outbox: &mut Out) {
        if let Some(profile) = self.profile() {
            outbox.send(ConfigureKernel { emv_settings: profile.emv_settings.clone() });
        }
    }

    pub(crate) fn delivery_failed(&mut self, flow: Flow, failed: &DeliveryFailed, outbox: &mut Out) {
        if !self.may_concern(flow) {
            return;
        }
        match failed.to {
            // Whoever cannot reach the shell or this till has ended its own work; the others are to be asked.
            ActorId::Shell | ActorId::Till => self.lost(failed.from, Refusal::Overloaded, outbox),
            to => self.not_delivered(to, &failed.message, failed.cause, outbox),
        }
    }

    /// A message to `to` did not arrive, in the flow in progress.
    pub(crate) fn not_delivered(
        &mut self,
        to: ActorId,
        message: &str,
        cause: DeliveryFault,
        outbox: &mut Out,
    ) {
        let expects_bank =
            matches!(&self.activity, Activity::Sale(sale) if matches!(sale.stage, Stage::ExpectBank));
        match message {
            // The link is busy: as if it had lost the question.
            CheckStanding::NAME => {
                self.standing_told(self.flow, Err(NoReply::NotSent(NotSent::Interrupted)), outbox)
            }
            // The ledger is busy, or gone: the sale could not be kept either.
            MakeRoom::NAME => self.end_without_room(NotSent::Interrupted, outbox),
            // The bank was not asked.
            Authorise::NAME if expects_bank => self.interrupt(outbox),
            // A full mailbox has room again in a moment; an actor that is gone says nothing more.
            ResumeLink::NAME if cause == DeliveryFault::Full => self.allow_ms(0),
            ResumeLink::NAME => self.end_as_unknown(outbox),
            SaleEnded::NAME if cause == DeliveryFault::Full && matches!(self.activity, Activity::Idle) => {
                self.activity = Activity::Telling;
                self.allow_ms(0);
                self.tick(outbox);
            }
            _ => self.lost(to, Refusal::Overloaded, outbox),
        }
    }

    /// `who` may have lost what it was doing for the flow in progress: end it, or find out how it ended.
    pub(crate) fn lost(&mut self, who: ActorId, refusal: Refusal, outbox: &mut Out) {
        let is_bank = matches!(who, ActorId::HostLink | ActorId::Ledger);
        match &self.activity {
            Activity::Opening if who == ActorId::Ledger => {
                self.activity = Activity::Idle;
                refuse(refusal, outbox);
            }
            Activity::Asking if is_bank => {
                self.bank_replied(Err(NoReply::NotSent(NotSent::Interrupted)), outbox);
            }
            Activity::Activating if is_bank => self.enrolment_failed(EnrolmentFault::Interrupted, outbox),
            Activity::Recovering(Step::ExpectReceipt) if who == ActorId::ReceiptSender => {
                self.receipt_lost(outbox);
            }
            Activity::Recovering(Step::ExpectLedger { .. }) if who == ActorId::Ledger => {
                if let Activity::Recovering(Step::ExpectLedger { ask_again, .. }) = &mut self.activity {
                    *ask_again = true;
                }
            }
            Activity::Reopening if who == ActorId::Ledger => self.activity = Activity::Idle,
            Activity::Recovering(Step::ExpectLink) if is_bank => self.resume_or_give_up(outbox),
            Activity::Sale(sale) => match (&sale.stage, who) {
                (Stage::ExpectTap { .. }, ActorId::EmvKernel | ActorId::NfcReader)
                | (Stage::ExpectPin(_), ActorId::PinPad | ActorId::EmvKernel) => self.interrupt(outbox),
                (Stage::ExpectTap { .. } | Stage::ExpectStanding(_), ActorId::HostLink | ActorId::Ledger) => {
                    if who == ActorId::Ledger {
                        self.ask_room_again(outbox);
                    }
                    self.ask_standing_again(outbox);
                }
                (Stage::ExpectBank, ActorId::HostLink | ActorId::Ledger) => self.resume_sale(outbox),
                (Stage::ExpectReceipt, ActorId::ReceiptSender) => self.receipt_lost(outbox),
                _ => {}
            },
            _ => {}
        }
    }

    /// Ends a sale before the bank was asked.
    pub(crate) fn interrupt(&mut self, outbox: &mut Out) {
        let flow = self.flow;
        outbox.send_in(flow, AbortTap);
        outbox.send_in(flow, StopPin);
        let ending = Ending { outcome: SaleOutcome::Cancelled, cause: Some(Cause::Interrupted) };
        self.end(ending, outbox);
    }

    /// Nobody says what became of the sale that the bank was, or may have been, asked for.
    pub(crate) fn end_as_unknown(&mut self, outbox: &mut Out) {
        let waits_for_link = match &self.activity {
            Activity::Sale(sale) => matches!(sale.stage, Stage::ExpectBank),
            Activity::Recovering(step) => !matches!(step, Step::ExpectReceipt),
            _ => false,
        };
        if waits_for_link {
            if matches!(self.terminal, Terminal::Closed) {
                self.terminal = Terminal::Lost;
            }
            let unknown = AuthorisationEnded { record: None, result: AuthorisationResult::Unknown };
            self.told_by_link(&unknown, outbox);
        }
    }

    /// Asks the link what became of the sale.
    pub(crate) fn resume_sale(&mut self, outbox: &mut Out) {
        let transaction_number = match &self.activity {
            Activity::Sale(sale) => Some(sale.transaction_number),
            _ => None,
        };
        self.allow_ms(BANK_LIMIT_MS);
        outbox.send_in(self.flow, ResumeLink { transaction_number });
    }

    /// A till whose book could not be read when it was started anew reads it when it is next wanted. Whoever wants it is
    /// refused this time.
    pub(crate) fn reopen(&mut self, outbox: &mut Out) {
        self.activity = Activity::Reopening;
        self.allow_ms(BOOK_LIMIT_MS);
        self.tick(outbox);
        outbox.send(OpenLedger);
    }

    /// A second of the recovery went by.
    pub(crate) fn ask_ledger_again(&mut self, outbox: &mut Out) {
        if let Activity::Recovering(Step::ExpectLedger { ask_again, .. }) = &mut self.activity
            && std::mem::take(ask_again)
        {
            outbox.send(OpenLedger);
        }
    }

    /// A till that was started anew has its book.
    pub(crate) fn book_is_read(&mut self, outbox: &mut Out) {
        let Activity::Recovering(step @ Step::ExpectLedger { .. }) = &mut self.activity else { return };
        match std::mem::replace(step, Step::ExpectLink) {
            Step::ExpectLedger { told: Some(told), .. } => self.told_by_link(&told, outbox),
            _ => self.resume_sale(outbox),
        }
    }

    pub(crate) fn recovery_took_too_long(&mut self, outbox: &mut Out) {
        match self.activity {
            Activity::Recovering(Step::ExpectReceipt) => self.receipt_lost(outbox),
            Activity::Recovering(Step::ExpectLink) => self.resume_or_give_up(outbox),
            _ => self.end_as_unknown(outbox),
        }
    }

    /// The link is silent, or had no room for the question.
    pub(crate) fn resume_or_give_up(&mut self, outbox: &mut Out) {
        if self.uptime_ms < self.give_up_ms {
            self.resume_sale(outbox);
        } else {
            self.end_as_unknown(outbox);
        }
    }

    /// The link's word to a till that was started anew.
    pub(crate) fn recovered(&mut self, ended: AuthorisationEnded, outbox: &mut Out) {
        match &mut self.activity {
            Activity::Recovering(Step::ExpectLedger { told, .. }) => *told = Some(Box::new(ended)),
            Activity::Recovering(Step::ExpectLink) => self.told_by_link(&ended, outbox),
            _ => {}
        }
    }

    fn told_by_link(&mut self, ended: &AuthorisationEnded, outbox: &mut Out) {
        let recovering = matches!(self.activity, Activity::Recovering(_));
        if recovering && ended.record.is_none() && ended.result != AuthorisationResult::Unknown {
            self.activity = Activity::Idle;
            let reason = wording::forgotten();
            return outbox.send(RequestRefused { refusal: Refusal::Interrupted, reason });
        }
        let receipt = self.receipt_of(ended);
        if recovering {
            self.activity = Activity::Recovering(Step::ExpectReceipt);
        }
        self.lay_out(receipt, outbox);
    }

    /// Nobody lays the receipt out: the sale is told without its printed form, which can be made again.
    pub(crate) fn receipt_lost(&mut self, outbox: &mut Out) {
        if let Some(receipt) = self.laid_out.take() {
            self.receipt_made(ReceiptMade { receipt, text: Text::default() }, outbox);
        }
    }
}
