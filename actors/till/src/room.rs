//! Room in the book for the sale that begins, so that a full disk ends it before the card is read.
//!
//! The ledger is asked as the sale begins, beside the bank, and answered long before the card comes; no PIN is asked
//! for without its answer. The record of the request is held to the room that there is then, whatever was said here.

use crate::{
    Out, Till,
    sale::{Sale, Stage},
};
use mpos_protocol::{
    book::{MakeRoom, RoomMade},
    card::messages::AbortTap,
    link::NotSent,
    sale::Cause,
};

/// Whether the book can keep the sale in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    Awaited,
    Made,
}

impl Till {
    /// The ledger's word on the sale that began.
    pub(crate) fn room_made(&mut self, made: RoomMade, outbox: &mut Out) {
        match made.result {
            Ok(()) => {
                if let Some(sale) = self.sale() {
                    sale.room = Room::Made;
                }
                self.go_on_after_card(outbox);
            }
            Err(fault) => self.end_without_room(NotSent::Store(fault), outbox),
        }
    }

    /// The ledger lost the question, or its answer: asks again.
    pub(crate) fn ask_room_again(&mut self, outbox: &mut Out) {
        let flow = self.flow;
        if let Some(Sale { room: Room::Awaited, .. }) = self.sale() {
            outbox.send_in(flow, MakeRoom);
        }
    }

    /// Ends a sale that could not be kept, wherever the card is: nothing of it was asked of anybody.
    pub(crate) fn end_without_room(&mut self, why: NotSent, outbox: &mut Out) {
        let flow = self.flow;
        let Some(Sale { room: Room::Awaited, stage, .. }) = self.sale() else { return };
        match stage {
            Stage::ExpectTap { .. } => outbox.send_in(flow, AbortTap),
            Stage::ExpectStanding(_) => {}
            // It was asked again, and told in between.
            Stage::ExpectPin(_) | Stage::ExpectBank | Stage::ExpectReceipt => return,
        }
        self.refuse_to_sell(Cause::NotSent(why), outbox);
    }
}
