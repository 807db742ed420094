//! Books in memory, for simulations and tests: the same rules, no disk, and a crash is dropping what was not kept.

use super::{
    Account, AccountId, AccountKey, Books, Changes, Holdings, KeptMessage, KeptSale, MessageId,
    TerminalState, Wanted,
};
use crate::error::BooksError;
use mpos_protocol::terminal::TerminalId;
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
    /// How many messages were refused.
    pub refused: usize,
    last_message: MessageId,
}

impl MemoryBooks {
    /// What is taken from accounts and not taken back, in minor units.
    pub fn taken(&self) -> u64 {
        let standing = self.sales.values().filter(|sale| !sale.reversed);
        standing.filter_map(|sale| sale.taken).map(|(_, amount)| amount.minor()).sum()
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
        Ok(holdings)
    }

    async fn recall(
        &mut self,
        holdings: &mut Holdings,
        messages: Vec<(TerminalId, u64)>,
    ) -> Result<(), BooksError> {
        for place in messages {
            let Some(kept) = self.messages.get(&place) else { continue };
            holdings.messages.insert(place, kept.clone());
            let KeptMessage::Answered { id, .. } = kept else { continue };
            let Some(sale) = self.sales.get(id) else { continue };
            holdings.sales.insert(*id, sale.clone());
            if let Some((account, _)) = sale.taken {
                let state = self.accounts.get(&account).ok_or(BooksError::Nonsense("an account"))?;
                holdings.accounts.entry(account).or_insert_with(|| state.clone());
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
        Ok(())
    }
}
