//! What the books hold about the terminals, messages and accounts of one batch, and what the batch changes in it.

use mpos_protocol::{
    Amount, Currency,
    card::{CardScheme, Cvm, MaskedPan, TransactionKind},
    host::HostRefusal,
    sale::{AuthCode, DeclineReason, ReceiptNumber, Reference},
    signed::Hash,
    terminal::TerminalId,
};
use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    net::IpAddr,
};
use subtle::ConstantTimeEq;

/// An account by its PAN's keyed hash: what the books find it by, and no use to who has not the bank's key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountKey(pub [u8; 32]);

impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountKey")
    }
}

/// What the books keep instead of a PIN: a keyed hash of PAN and PIN. Compared in constant time, never printed.
#[derive(Clone, Copy)]
pub struct PinReference(pub [u8; 32]);

impl PartialEq for PinReference {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for PinReference {}

impl fmt::Debug for PinReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinReference")
    }
}

/// The number of an account in the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(pub i64);

/// The number of a message in the books: 1, 2, 3… over all terminals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub u64);

/// The number of a business in the books.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BusinessId(pub i64);

/// What the books find a supervisor's grant by: the SHA-256 of its bytes.
pub type GrantHash = [u8; 32];

/// A refund that a supervisor agreed to, and that was not made yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundGrant {
    /// The terminal that may make it.
    pub terminal: TerminalId,
    /// The purchase.
    pub reference: Reference,
    /// Until when, inclusive, milliseconds since 1970.
    pub expires_ms: u64,
}

/// A terminal as far as deciding needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalState {
    /// Whose it is.
    pub business: BusinessId,
    /// SHA-256 of its client certificate.
    pub certificate: [u8; 32],
    /// False once revoked.
    pub active: bool,
    /// Its DUKPT initial key.
    pub initial_key_id: [u8; 8],
    /// The one that takes its place when it is first used, if one was given.
    pub next_key_id: Option<[u8; 8]>,
    /// The sequence of the message that is expected.
    pub next_sequence: u64,
    /// The hash of the message before it.
    pub last_hash: Hash,
    /// Highest counter of a data key so far.
    pub data_counter: u32,
    /// Highest counter of a PIN key so far.
    pub pin_counter: u32,
}

/// An account of the embedded issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// The card's sequence number (5F34).
    pub sequence: u8,
    /// YYMM, decimal: 2812 is December 2028.
    pub expiry: u16,
    /// What the PIN is compared with.
    pub pin_reference: PinReference,
    /// How many wrong PINs are still forgiven.
    pub pin_tries_left: u8,
    /// Money, in minor units.
    pub balance: u64,
    /// What the customer owes the bank: a refund was taken back after its money had been spent.
    pub owed: u64,
    /// Lost, stolen or closed.
    pub blocked: bool,
    /// The highest application transaction counter seen (9F36).
    pub last_atc: u16,
}

impl Account {
    /// Gives money: what is owed is paid first. `None`, and nothing moves, when no balance is that large.
    #[must_use]
    pub fn credit(&mut self, amount: Amount) -> Option<()> {
        let pays = amount.minor().min(self.owed);
        self.balance = self.balance.checked_add(amount.minor() - pays)?;
        self.owed -= pays;
        Some(())
    }

    /// Takes back what was credited. The customer may have spent it; the bank then has a claim, so that the books are
    /// right without a balance below zero. `None`, and nothing moves, when no claim is that large.
    #[must_use]
    pub fn take_back(&mut self, amount: Amount) -> Option<()> {
        let there = amount.minor().min(self.balance);
        self.owed = self.owed.checked_add(amount.minor() - there)?;
        self.balance -= there;
        Some(())
    }
}

/// A message that has its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptMessage {
    /// It was processed.
    Answered {
        /// Its number.
        id: MessageId,
        /// Of its content.
        hash: Hash,
        /// The answer's bytes, as they were sent.
        answer: Vec<u8>,
    },
    /// It was taken back before it came.
    TakenBack {
        /// Of its content, as the reversal named it.
        hash: Hash,
    },
}

impl KeptMessage {
    /// Of its content.
    pub const fn hash(&self) -> Hash {
        match self {
            Self::Answered { hash, .. } | Self::TakenBack { hash } => *hash,
        }
    }
}

/// A sale as far as a reversal or a refund needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSale {
    /// The bank's reference.
    pub reference: Reference,
    /// Whose terminal made it.
    pub business: BusinessId,
    /// Purchase or refund.
    pub kind: TransactionKind,
    /// What moved, and on which account; none when it was declined.
    pub moved: Option<(AccountId, Amount)>,
    /// Whether it was taken back.
    pub reversed: bool,
    /// Of a refund: the purchase.
    pub refund_of: Option<MessageId>,
    /// Of a purchase: the sum of its refunds that stand, in minor units.
    pub refunded: u64,
}

impl KeptSale {
    /// Approved, and not taken back: whose money moved, and how much.
    pub fn standing(&self) -> Option<(AccountId, Amount)> {
        if self.reversed { None } else { self.moved }
    }
}

/// How a sale came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaleResult {
    /// Paid.
    Approved(AuthCode),
    /// Not paid.
    Declined(DeclineReason),
}

/// A sale to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSale {
    /// Purchase or refund.
    pub kind: TransactionKind,
    /// The terminal's receipt number.
    pub receipt: ReceiptNumber,
    /// How much.
    pub amount: Amount,
    /// In which currency.
    pub currency: Currency,
    /// The brand.
    pub scheme: CardScheme,
    /// The card.
    pub pan: MaskedPan,
    /// How the customer was verified.
    pub cvm: Cvm,
    /// Whose money; none when no account was found.
    pub account: Option<AccountId>,
    /// The bank's reference.
    pub reference: Reference,
    /// How it came out.
    pub result: SaleResult,
    /// When the terminal signed it, milliseconds since 1970.
    pub signed_ms: u64,
    /// Whose terminal made it.
    pub business: BusinessId,
    /// Of a refund: the purchase, when there is one.
    pub refund_of: Option<MessageId>,
}

/// A message to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// Its number.
    pub id: MessageId,
    /// Whose.
    pub terminal: TerminalId,
    /// Its place.
    pub sequence: u64,
    /// Of its content.
    pub hash: Hash,
    /// When it came, milliseconds since 1970.
    pub received_ms: u64,
    /// What was received and what is answered; none for one that was taken back before it came.
    pub bytes: Option<(Vec<u8>, Vec<u8>)>,
    /// The sale that it asked for.
    pub sale: Option<NewSale>,
}

impl NewMessage {
    /// As later messages see it.
    pub fn kept(&self) -> KeptMessage {
        match &self.bytes {
            Some((_, answer)) => {
                KeptMessage::Answered { id: self.id, hash: self.hash, answer: answer.clone() }
            }
            None => KeptMessage::TakenBack { hash: self.hash },
        }
    }
}

impl NewSale {
    /// As a reversal or a refund sees it.
    pub fn kept(&self) -> KeptSale {
        let moved = match (&self.result, self.account) {
            (SaleResult::Approved(_), Some(account)) => Some((account, self.amount)),
            _ => None,
        };
        KeptSale {
            reference: self.reference.clone(),
            business: self.business,
            kind: self.kind,
            moved,
            reversed: false,
            refund_of: self.refund_of,
            refunded: 0,
        }
    }
}

/// A message that was not processed, for the bank's staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRefusal {
    /// When, milliseconds since 1970.
    pub at_ms: u64,
    /// Why.
    pub refusal: HostRefusal,
    /// On whose connection.
    pub terminal: TerminalId,
    /// From where.
    pub peer: IpAddr,
    /// SHA-256 of the content, or of all that came when it does not decode.
    pub hash: Hash,
}

/// What a batch changes; kept all or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// New places in chains, in the order of their numbers.
    pub messages: Vec<NewMessage>,
    /// Terminals whose chain moved on.
    pub terminals: Vec<(TerminalId, TerminalState)>,
    /// Accounts as they are now.
    pub accounts: Vec<Account>,
    /// Sales taken back, and the message that did it.
    pub reversals: Vec<(MessageId, MessageId)>,
    /// Purchases of which another sum is given back now, in minor units.
    pub refunded: Vec<(MessageId, u64)>,
    /// Grants that are used up.
    pub grants_used: Vec<GrantHash>,
    /// Messages not processed.
    pub refusals: Vec<NewRefusal>,
}

impl Changes {
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.accounts.is_empty() && self.refusals.is_empty()
    }
}

/// What the books hold about one batch.
#[derive(Clone, Debug, Default)]
pub struct Holdings {
    /// Terminals of the batch.
    pub terminals: HashMap<TerminalId, TerminalState>,
    /// Messages that were recalled or are new.
    pub messages: HashMap<(TerminalId, u64), KeptMessage>,
    /// Sales of those messages.
    pub sales: HashMap<MessageId, KeptSale>,
    /// Accounts of the batch, and of the sales recalled.
    pub accounts: HashMap<AccountId, Account>,
    /// Which account a card's number leads to.
    pub account_of: HashMap<AccountKey, AccountId>,
    /// Grants that refunds of the batch show, and that are not used up.
    pub grants: HashMap<GrantHash, RefundGrant>,
    /// The newest message's number.
    pub last_message: MessageId,
    new_messages: Vec<NewMessage>,
    reversals: Vec<(MessageId, MessageId)>,
    refusals: Vec<NewRefusal>,
    grants_used: Vec<GrantHash>,
    refunded: BTreeSet<MessageId>,
    moved: BTreeSet<TerminalId>,
    touched: BTreeSet<AccountId>,
}

impl Holdings {
    /// The number that the next message gets.
    pub fn next_message(&mut self) -> MessageId {
        self.last_message = MessageId(self.last_message.0.saturating_add(1));
        self.last_message
    }

    /// The account to change.
    pub fn account_mut(&mut self, id: AccountId) -> Option<&mut Account> {
        self.touched.insert(id);
        self.accounts.get_mut(&id)
    }

    /// The terminal to change.
    pub fn terminal_mut(&mut self, terminal: TerminalId) -> Option<&mut TerminalState> {
        self.moved.insert(terminal);
        self.terminals.get_mut(&terminal)
    }

    /// A message has its place: later ones of the batch see it.
    pub fn place(&mut self, message: NewMessage) {
        self.messages.insert((message.terminal, message.sequence), message.kept());
        if let Some(sale) = &message.sale {
            self.sales.insert(message.id, sale.kept());
        }
        self.new_messages.push(message);
    }

    /// A sale is taken back.
    pub fn reverse(&mut self, sale: MessageId, by: MessageId) {
        if let Some(kept) = self.sales.get_mut(&sale) {
            kept.reversed = true;
        }
        self.reversals.push((sale, by));
    }

    /// Of a purchase, this much more is given back; less when `sum` is taken back from that.
    pub fn add_refunded(&mut self, purchase: MessageId, sum: i64) {
        if let Some(kept) = self.sales.get_mut(&purchase) {
            kept.refunded = kept.refunded.saturating_add_signed(sum);
            self.refunded.insert(purchase);
        }
    }

    /// A grant is used up: no other refund may show it.
    pub fn use_up(&mut self, grant: GrantHash) {
        self.grants.remove(&grant);
        self.grants_used.push(grant);
    }

    /// A message was not processed.
    pub fn refuse(&mut self, refusal: NewRefusal) {
        self.refusals.push(refusal);
    }

    /// All that was changed.
    pub fn into_changes(self) -> Changes {
        let Self { terminals, accounts, moved, touched, sales, refunded, .. } = self;
        let refunded = refunded.into_iter().filter_map(|id| Some((id, sales.get(&id)?.refunded)));
        Changes {
            messages: self.new_messages,
            terminals: moved.into_iter().filter_map(|id| Some((id, terminals.get(&id)?.clone()))).collect(),
            accounts: touched.into_iter().filter_map(|id| accounts.get(&id).cloned()).collect(),
            reversals: self.reversals,
            refunded: refunded.collect(),
            grants_used: self.grants_used,
            refusals: self.refusals,
        }
    }
}
