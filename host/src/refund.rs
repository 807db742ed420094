//! May this be given back? A refund's own rules, after the card's ([`crate::authorise`]) and before any money.
//!
//! The supervisor agreed to this purchase on this terminal, a moment ago; the purchase is one of the same business,
//! was paid and not taken back; the card is the one that paid; and what is given back, with all refunds before it, is
//! no more than what was paid. No PIN is asked for, and a card that has expired or was blocked gets its money back too.

use crate::books::{AccountId, Holdings, KeptSale, MessageId, TerminalState, holdings::GrantHash};
use mpos_protocol::{
    Amount,
    card::TransactionKind,
    sale::{DeclineReason, RefundOf},
    terminal::TerminalId,
};
use sha2::{Digest, Sha256};

/// A refund as it is asked for, with the purchase that its reference names.
pub(crate) struct Asked<'a> {
    pub(crate) terminal: TerminalId,
    pub(crate) of: &'a RefundOf,
    pub(crate) purchase: Option<MessageId>,
    pub(crate) amount: Amount,
    pub(crate) account: AccountId,
    pub(crate) now_ms: u64,
}

/// By what the books find a grant.
pub fn grant_hash(grant: &[u8]) -> GrantHash {
    Sha256::digest(grant).into()
}

/// The purchase of this business that a reference names.
pub(crate) fn purchase_of(
    holdings: &Holdings,
    state: &TerminalState,
    reference: &str,
    named: Option<MessageId>,
) -> Option<MessageId> {
    let sale = holdings.sales.get(&named?)?;
    (sale.business == state.business
        && sale.kind == TransactionKind::Purchase
        && *sale.reference == *reference)
        .then_some(named?)
}

/// Gives the money back and uses the grant up, or says why not; then nothing has moved.
pub(crate) fn give_back(holdings: &mut Holdings, asked: &Asked<'_>) -> Result<(), DeclineReason> {
    let grant = grant_hash(&asked.of.grant);
    let agreed = holdings.grants.get(&grant).is_some_and(|kept| {
        kept.terminal == asked.terminal
            && kept.reference == asked.of.reference
            && asked.now_ms <= kept.expires_ms
    });
    if !agreed {
        return Err(DeclineReason::SupervisorRequired);
    }
    let purchase = asked.purchase.ok_or(DeclineReason::NotRefundable)?;
    let sale: &KeptSale = holdings.sales.get(&purchase).ok_or(DeclineReason::NotRefundable)?;
    let (account, paid) = sale.standing().ok_or(DeclineReason::NotRefundable)?;
    if account != asked.account {
        return Err(DeclineReason::OtherCard);
    }
    let sum = asked.amount.minor();
    if sum == 0 || sum > paid.minor().saturating_sub(sale.refunded) {
        return Err(DeclineReason::MoreThanPaid);
    }
    let account = holdings.account_mut(account).ok_or(DeclineReason::UnknownCard)?;
    account.credit(asked.amount).ok_or(DeclineReason::DoNotHonour)?;
    // An amount has twelve digits.
    holdings.add_refunded(purchase, i64::try_from(sum).unwrap_or(i64::MAX));
    holdings.use_up(grant);
    Ok(())
}
