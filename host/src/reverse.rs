//! Taking a request back: the money returns to the account, once, however often it is asked.
//!
//! The rules of [`ReverseRequest`]: the request named may have been approved, declined, or never have come. In each
//! case the answer is the same, "reversed", and in each it is final.

use crate::books::{Holdings, KeptMessage, chain::Accepted};
use mpos_protocol::{
    host::{HostAnswer, HostRefusal, ReverseRequest},
    terminal::TerminalId,
};

/// Takes back what `request` names. Its own place in the chain was checked.
pub(crate) fn reverse(
    holdings: &mut Holdings,
    terminal: TerminalId,
    request: &ReverseRequest,
) -> Result<Accepted, HostRefusal> {
    let named = holdings.messages.get(&(terminal, request.sequence)).ok_or(HostRefusal::NotAllowed)?;
    if named.hash() != request.hash {
        return Err(HostRefusal::BrokenChain);
    }
    let sale_id = match named {
        KeptMessage::TakenBack { .. } => None,
        KeptMessage::Answered { id, .. } => Some(*id),
    };
    let Some(sale_id) = sale_id else {
        let answer = HostAnswer::Reversed { reference: None };
        return Ok(Accepted { id: holdings.next_message(), answer, sale: None });
    };
    // A reversal is no sale and is not taken back.
    let sale = holdings.sales.get(&sale_id).cloned().ok_or(HostRefusal::NotAllowed)?;
    if let (Some((account, amount)), false) = (sale.taken, sale.reversed) {
        let account = holdings.account_mut(account).ok_or(HostRefusal::NotAllowed)?;
        account.balance = account.balance.checked_add(amount.minor()).ok_or(HostRefusal::NotAllowed)?;
    }
    let id = holdings.next_message();
    if !sale.reversed {
        holdings.reverse(sale_id, id);
    }
    Ok(Accepted { id, answer: HostAnswer::Reversed { reference: Some(sale.reference) }, sale: None })
}
