//! The customer's receipt: lays out a finished sale with every field of the brochure.
//!
//! The labels are the brochure's own. Sending it by SMS is the bank's part and comes with the phone's screens.
#![forbid(unsafe_code)]

mod layout;

use mpos_protocol::{
    ActorId, Flow, Moment, Text, actor, inbox,
    sale::messages::{MakeReceipt, ReceiptMade},
    supervision::DeliveryFault,
};
use mpos_runtime::{Actor, Outbox};

/// Makes receipts; keeps nothing.
#[derive(Debug, Default)]
pub struct ReceiptSender;

impl Actor for ReceiptSender {
    type Name = actor::ReceiptSender;

    fn handle(
        &mut self,
        _now: Moment,
        _flow: Flow,
        message: inbox::ReceiptSender,
        outbox: &mut Outbox<Self::Name>,
    ) {
        let inbox::ReceiptSender::MakeReceipt(MakeReceipt { receipt }) = message;
        let text = Text::clipped(&layout::lines(&receipt));
        outbox.send(ReceiptMade { receipt, text });
    }

    /// The till is the only receiver: told that the receipt was lost, it tells the sale without its text.
    fn undelivered(
        &mut self,
        _now: Moment,
        _flow: Flow,
        to: ActorId,
        message: &'static str,
        cause: DeliveryFault,
        outbox: &mut Outbox<Self::Name>,
    ) {
        outbox.tell_undelivered(to, message, cause);
    }
}
