//! The receipt's maker has one row, and the compiler must not guess it in the place of the missing one.
use mpos_protocol::{Message, Sends, actor, card::messages::AbortTap};

fn send<From: Sends<M>, M: Message>(_message: M) {}

fn main() {
    send::<actor::ReceiptSender, _>(AbortTap);
}
