//! Books in memory, for simulations and tests: the same rules, no disk, and a crash is dropping what was not kept.

use super::{
    Account, AccountId, AccountKey, Books, Changes, Holdings, KeptMessage, KeptSale, MessageId, Recall,
    TerminalState, Wanted,
    holdings::{GrantHash, RefundGrant},
};
use crate::{
    bank::IssuerKeys,
    error::BooksError,
    issuer::{AccountSeed, PIN_TRIES_MAX},
};
use mpos_protocol::{card::TransactionKind, terminal::TerminalId};
use std::collections::HashMap;

/// Books that end with the process.
#[derive(Clone, Debug, Default)]
pub struct MemoryBooks {
    /// Terminals.
    pub terminals: HashMap<TerminalId, TerminalState>,
    /// Accounts.
    pub accounts: HashMap<AccountId, Account>,
    /// Which account a card's number leads to.
    pub account_of: HashMap<AccountKey, AccountId>,
    /// Every message that has its place.
    pub messages: HashMap<(TerminalId, u64), KeptMessage>,
    /// Every sale.
    pub sales: HashMap<MessageId, KeptSale>,
    /// Refunds that a supervisor agreed to, and that were not made yet.
    pub grants: HashMap<GrantHash, RefundGrant>,
    /// How many messages were refused.
    pub refused: usize,
    last_message: MessageId,
}

impl MemoryBooks {
    /// Opens an account, found by its card's number.
    pub fn open_account(&mut self, keys: &IssuerKeys, seed: &AccountSeed) -> AccountId {
        let pan = seed.pan.expose().as_bytes();
        let id = AccountId(i64::try_from(self.accounts.len()).unwrap_or(i64::MAX).saturating_add(1));
        let account = Account {
            id,
            sequence: seed.sequence,
            expiry: u16::from(seed.expiry_year) * 100 + u16::from(seed.expiry_month),
            pin_reference: keys.pin_reference(pan, seed.pin.expose().as_bytes()),
            pin_tries_left: PIN_TRIES_MAX,
            balance: seed.balance.minor(),
            owed: 0,
            blocked: seed.blocked,
            last_atc: 0,
        };
        self.account_of.insert(keys.account_key(pan), id);
        self.accounts.insert(id, account);
        id
    }

    /// The sum of the sales of a kind that stand, in minor units.
    pub fn standing(&self, kind: TransactionKind) -> u64 {
        let of_kind = self.sales.values().filter(|sale| sale.kind == kind);
        of_kind.filter_map(KeptSale::standing).map(|(_, amount)| amount.minor()).sum()
    }

    fn load_sale(&self, holdings: &mut Holdings, id: MessageId) -> Result<(), BooksError> {
        let Some(sale) = self.sales.get(&id) else { return Ok(()) };
        holdings.sales.insert(id, sale.clone());
        if let Some((account, _)) = sale.moved {
            let state = self.accounts.get(&account).ok_or(BooksError::Nonsense("an account"))?;
            holdings.accounts.entry(account).or_insert_with(|| state.clone());
        }
        Ok(())
    }
}

impl Books for MemoryBooks {
    async fn open(&mut self, wanted: Wanted) -> Result<Holdings, BooksError> {
        let mut holdings = Holdings::default();
        holdings.last_message = self.last_message;
        for id in wanted.terminals {
            holdings.terminals.extend(self.terminals.get(&id).map(|state| (id, state.clone())));
        }
        for key in wanted.accounts {
            if let Some((id, account)) =
                self.account_of.get(&key).and_then(|id| self.accounts.get_key_value(id))
            {
                holdings.account_of.insert(key, *id);
                holdings.accounts.insert(*id, account.clone());
            }
        }
        for hash in wanted.grants {
            holdings.grants.extend(self.grants.get(&hash).map(|grant| (hash, grant.clone())));
        }
        Ok(holdings)
    }

    async fn recall(&mut self, holdings: &mut Holdings, recall: Recall) -> Result<(), BooksError> {
        let mut named = recall.purchases;
        for place in recall.places {
            let Some(kept) = self.messages.get(&place) else { continue };
            holdings.messages.insert(place, kept.clone());
            if let KeptMessage::Answered { id, .. } = kept {
                named.push(*id);
            }
        }
        for id in named {
            self.load_sale(holdings, id)?;
            let purchase = self.sales.get(&id).and_then(|sale| sale.refund_of);
            let refunds = self.sales.iter().filter(|(_, sale)| sale.refund_of == Some(id));
            for relative in refunds.map(|(refund, _)| *refund).chain(purchase) {
                self.load_sale(holdings, relative)?;
            }
        }
        Ok(())
    }

    async fn keep(&mut self, changes: &Changes) -> Result<(), BooksError> {
        self.terminals.extend(changes.terminals.iter().cloned());
        self.accounts.extend(changes.accounts.iter().map(|account| (account.id, account.clone())));
        self.refused += changes.refusals.len();
        for message in &changes.messages {
            self.last_message = self.last_message.max(message.id);
            self.messages.insert((message.terminal, message.sequence), message.kept());
            if let Some(sale) = &message.sale {
                self.sales.insert(message.id, sale.kept());
            }
        }
        for (sale, _) in &changes.reversals {
            self.sales.get_mut(sale).ok_or(BooksError::Nonsense("a sale"))?.reversed = true;
        }
        for (purchase, sum) in &changes.refunded {
            self.sales.get_mut(purchase).ok_or(BooksError::Nonsense("a purchase"))?.refunded = *sum;
        }
        for grant in &changes.grants_used {
            self.grants.remove(grant).ok_or(BooksError::Nonsense("a grant"))?;
        }
        Ok(())
    }
}
