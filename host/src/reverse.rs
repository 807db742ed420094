//! Taking a request back: the money returns to where it was, once, however often it is asked.
//!
//! The rules of [`ReverseRequest`]: the request named may have been approved, declined, or never have come. In each
//! case the answer is the same, "reversed", and in each it is final.
//!
//! A purchase that was refunded in part gives back what is left of it, and its refunds are taken back with it without
//! money of their own: the customer has it all, the merchant was paid nothing and owes nothing. A refund that is taken
//! back debits what it credited; what was spent of it meanwhile is owed ([`Account::take_back`]).

#[cfg(doc)]
use crate::books::Account;
use crate::books::{Holdings, KeptMessage, KeptSale, MessageId, chain::Accepted};
use mpos_protocol::{
    Amount,
    card::TransactionKind,
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
    return_money(holdings, &sale).ok_or(HostRefusal::NotAllowed)?;
    let id = holdings.next_message();
    if !sale.reversed {
        mark(holdings, (sale_id, &sale), id);
    }
    Ok(Accepted { id, answer: HostAnswer::Reversed { reference: Some(sale.reference) }, sale: None })
}

/// `None`, and nothing moves, when the account cannot hold it.
fn return_money(holdings: &mut Holdings, sale: &KeptSale) -> Option<()> {
    let Some((account, amount)) = sale.standing() else { return Some(()) };
    let account = holdings.account_mut(account)?;
    match sale.kind {
        TransactionKind::Purchase => {
            account.credit(Amount::from_minor(amount.minor().checked_sub(sale.refunded)?)?)
        }
        TransactionKind::Refund => account.take_back(amount),
    }
}

/// The sale does not stand any more, and of a purchase its refunds neither.
fn mark(holdings: &mut Holdings, (id, sale): (MessageId, &KeptSale), by: MessageId) {
    let stand = |(refund, kept): (&MessageId, &KeptSale)| {
        (kept.refund_of == Some(id) && kept.standing().is_some()).then_some(*refund)
    };
    let mut refunds: Vec<MessageId> = holdings.sales.iter().filter_map(stand).collect();
    refunds.sort_unstable();
    for refund in refunds {
        holdings.reverse(refund, by);
    }
    let given_back = match (sale.kind, sale.moved, sale.refund_of) {
        (TransactionKind::Refund, Some((_, amount)), Some(purchase)) => Some((purchase, amount.minor())),
        (TransactionKind::Purchase, Some(_), _) if sale.refunded > 0 => Some((id, sale.refunded)),
        _ => None,
    };
    if let Some((purchase, sum)) = given_back {
        // An amount has twelve digits.
        holdings.add_refunded(purchase, -i64::try_from(sum).unwrap_or(i64::MAX));
    }
    holdings.reverse(id, by);
}
