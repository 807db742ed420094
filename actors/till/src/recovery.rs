//! What happens to a flow when an actor panicked and was started anew, or a mailbox was full.
//!
//! Before the bank was asked, nothing is charged: the flow ends as cancelled. After that only the book knows: the
//! link reads it again and reports what became of the sale. A till that was itself started anew knows nothing of
//! the flow but its number; it reads the book and asks the link, which tells the sale with its whole record.

use crate::{
    Activity, Out, Till, activation, refuse,
    sale::{Ending, Stage},
    wording,
};
use mpos_protocol::{
    ActorId, Flow, Text,
    book::OpenLedger,
    card::messages::{AbortTap, ConfigureKernel},
    link::{AuthorisationEnded, ConfigureLink, EnrolmentFault, ResumeLink},
    pin::messages::StopPin,
    sale::{SaleOutcome, messages::ReceiptMade},
    shell::Refusal,
    supervision::DeliveryFailed,
};

/// What a till that was started anew waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    ExpectLedger,
    ExpectLink,
    ExpectReceipt,
}

impl Till {
    pub(crate) fn actor_restarted(&mut self, flow: Flow, who: ActorId, outbox: &mut Out) {
        match who {
            ActorId::Till => {
                self.flow = flow;
                self.activity = Activity::Recovering(Step::ExpectLedger);
                outbox.send(AbortTap);
                outbox.send(StopPin);
                outbox.send(OpenLedger);
            }
            // A new kernel or link knows nothing of this terminal.
            ActorId::EmvKernel => {
                if let Some(profile) = self.profile() {
                    outbox.send(ConfigureKernel { emv_settings: profile.emv_settings.clone() });
                }
                self.lost(self.flow, who, outbox);
            }
            ActorId::HostLink => {
                let profile = self.profile().cloned();
                outbox.send(ConfigureLink { bank_address: self.bank_address.clone(), profile });
                self.lost(self.flow, who, outbox);
            }
            _ => self.lost(self.flow, who, outbox),
        }
    }

    pub(crate) fn delivery_failed(&mut self, flow: Flow, failed: &DeliveryFailed, outbox: &mut Out) {
        match (failed.from, failed.to) {
            // A link or ledger that cannot reach its peer ends or resumes its own work; the till asks how.
            (from, ActorId::Shell) => self.lost(flow, from, outbox),
            (_, to) => self.lost(flow, to, outbox),
        }
    }

    /// `who` may have lost what it was doing for the flow in progress: end it, or find out how it ended.
    pub(crate) fn lost(&mut self, flow: Flow, who: ActorId, outbox: &mut Out) {
        if !self.is_current(flow) {
            return;
        }
        match &self.activity {
            Activity::Idle => {}
            Activity::Opening => {
                self.activity = Activity::Idle;
                refuse(Refusal::Interrupted, outbox);
            }
            Activity::Activating => {
                if matches!(who, ActorId::HostLink | ActorId::Ledger) {
                    self.activity = Activity::Idle;
                    activation::activation_failed(EnrolmentFault::Interrupted, outbox);
                }
            }
            Activity::Recovering(Step::ExpectReceipt) => self.receipt_lost(outbox),
            Activity::Recovering(_) => {
                self.activity = Activity::Idle;
                refuse(Refusal::Interrupted, outbox);
            }
            Activity::Sale(sale) => match (&sale.stage, who) {
                (Stage::ExpectTap { .. }, ActorId::EmvKernel | ActorId::NfcReader)
                | (Stage::ExpectPin(_), ActorId::PinPad | ActorId::EmvKernel) => self.interrupt(outbox),
                (Stage::ExpectBank, ActorId::HostLink | ActorId::Ledger) => {
                    self.resume(flow, Some(sale.transaction_number), outbox);
                }
                (Stage::ExpectReceipt, ActorId::ReceiptSender) => self.receipt_lost(outbox),
                _ => {}
            },
        }
    }

    /// Ends a sale before the bank was asked.
    pub(crate) fn interrupt(&mut self, outbox: &mut Out) {
        let flow = self.flow;
        outbox.send_in(flow, AbortTap);
        outbox.send_in(flow, StopPin);
        self.end(Ending { outcome: SaleOutcome::Cancelled, words: Some(wording::interrupted()) }, outbox);
    }

    /// Asks the link what became of the sale.
    pub(crate) fn resume(&mut self, flow: Flow, transaction_number: Option<u32>, outbox: &mut Out) {
        if let Activity::Recovering(step) = &mut self.activity {
            *step = Step::ExpectLink;
        }
        outbox.send_in(flow, ResumeLink { transaction_number });
    }

    /// The link's word to a till that was started anew.
    pub(crate) fn recovered(&mut self, ended: &AuthorisationEnded, outbox: &mut Out) {
        if ended.record.is_some() {
            self.activity = Activity::Recovering(Step::ExpectReceipt);
            let receipt = self.receipt_of(ended);
            self.lay_out(receipt, outbox);
        } else {
            self.activity = Activity::Idle;
            refuse(Refusal::Interrupted, outbox);
        }
    }

    /// Nobody lays the receipt out: the sale is told without its printed form, which can be made again.
    pub(crate) fn receipt_lost(&mut self, outbox: &mut Out) {
        if let Some(receipt) = self.laid_out.take() {
            self.receipt_made(ReceiptMade { receipt, text: Text::default() }, outbox);
        }
    }
}
