//! Do terminal and bank say the same of a transaction? A page of the terminal's book against what the books hold of the
//! same sequences. Sans-I/O: [`crate::admin::reconcile`] loads what is compared and keeps what comes of it.
//!
//! Nothing is guessed and nothing mended: where the two differ both are put into words, for a person to look at. A
//! request whose end the terminal does not know yet is no difference; it holds the mark back until its end is known. The
//! page is the terminal's word and may be anything: what contradicts itself is refused by name.

mod words;

use mpos_protocol::{
    Amount,
    card::TransactionKind,
    reconcile::{BookedOutcome, BookedTransaction, ChainHead, ReconcileFault, ReconcilePage},
    sale::ReceiptNumber,
    signed::Hash,
};
use std::{collections::BTreeMap, fmt};

/// What the bank holds at one place of a terminal's chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) sequence: u64,
    pub(crate) hash: Hash,
    pub(crate) what: HeldWhat,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HeldWhat {
    Transaction {
        receipt: ReceiptNumber,
        kind: TransactionKind,
        amount: Amount,
        outcome: BookedOutcome,
    },
    /// It was taken back before it came.
    TakenBack,
    /// A reversal: it moves the chain and is no transaction.
    NoTransaction,
}

/// What the bank holds from where a page begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BankPage {
    /// By their sequence.
    pub(crate) held: Vec<Held>,
    /// The first sequence that was not loaded, where there was too much for one page.
    pub(crate) cut: Option<u64>,
    pub(crate) chain: ChainHead,
}

/// How two books differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceKind {
    /// The bank has nothing of a transaction that the terminal has.
    OnlyTerminal,
    /// The terminal has nothing of a transaction that the bank has.
    OnlyBank,
    /// Both have it, not the same.
    Differs,
    /// The terminal's chain goes further than the bank's.
    TerminalAhead,
    /// The bank's chain goes further than the terminal's.
    TerminalBehind,
    /// Both chains are as long, and their last messages are not the same.
    ChainForked,
}

impl DifferenceKind {
    const ALL: [Self; 6] = [
        Self::OnlyTerminal,
        Self::OnlyBank,
        Self::Differs,
        Self::TerminalAhead,
        Self::TerminalBehind,
        Self::ChainForked,
    ];

    /// As the books name it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.to_string() == name)
    }
}

impl fmt::Display for DifferenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A difference, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// 0 where it is the chains themselves.
    pub(crate) sequence: u64,
    pub(crate) kind: DifferenceKind,
    pub(crate) receipt: Option<ReceiptNumber>,
    pub(crate) amount: Option<Amount>,
    pub(crate) terminal_says: String,
    pub(crate) bank_says: String,
}

/// The sequence under which the chains themselves are kept: no message has it.
pub(crate) const CHAIN_SEQUENCE: u64 = 0;

/// What came of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// Sequences from the page's first up to before this were looked at.
    pub(crate) end: u64,
    /// Of each transaction that either side has: its sequence.
    pub(crate) transactions: Vec<u64>,
    pub(crate) differences: Vec<Difference>,
    /// The first request whose end the terminal does not know yet.
    pub(crate) waiting: Option<u64>,
    /// Where the next page begins; none when this was the last.
    pub(crate) next: Option<u64>,
    /// The chains were compared too.
    pub(crate) with_chains: bool,
}

/// Holds a page against what the bank has.
///
/// # Errors
/// [`ReconcileFault::Nonsense`] for a page that contradicts itself.
pub(crate) fn compare(page: &ReconcilePage, bank: &BankPage) -> Result<Comparison, ReconcileFault> {
    if !makes_sense(page) {
        return Err(ReconcileFault::Nonsense);
    }
    let cut = bank.cut.unwrap_or(u64::MAX);
    // What the bank has beyond the terminal's end is only the bank's; what was not loaded is asked for again.
    let end = if page.is_last() { cut } else { page.to.min(cut) };
    let next = if cut < page.to {
        Some(cut)
    } else if page.is_last() {
        None
    } else {
        Some(page.to)
    };
    let mut places: BTreeMap<u64, (Option<&BookedTransaction>, Option<&Held>)> = BTreeMap::new();
    for transaction in page.transactions.iter().filter(|transaction| transaction.sequence < end) {
        places.entry(transaction.sequence).or_default().0 = Some(transaction);
    }
    for held in bank.held.iter().filter(|held| held.sequence < end) {
        places.entry(held.sequence).or_default().1 = Some(held);
    }
    let mut found = Comparison {
        end,
        transactions: Vec::new(),
        differences: Vec::new(),
        waiting: None,
        next,
        with_chains: false,
    };
    for (sequence, (told, held)) in places {
        found.look_at(sequence, told, held);
    }
    if page.is_last() && next.is_none() && found.waiting.is_none() {
        found.with_chains = true;
        found.differences.extend(chains(page.chain, bank.chain));
    }
    Ok(found)
}

/// Sequences go up, lie where the page says, and the page goes on to somewhere.
fn makes_sense(page: &ReconcilePage) -> bool {
    let ascends = page.transactions.windows(2).all(|pair| match pair {
        [one, next] => one.sequence < next.sequence,
        _ => true,
    });
    let lies_inside = |transaction: &BookedTransaction| {
        let is_tail = transaction.outcome == BookedOutcome::Refused
            && transaction.sequence == page.to
            && page.is_last();
        transaction.sequence >= page.from && (transaction.sequence < page.to || is_tail)
    };
    let goes_on = page.is_last() || page.to > page.from;
    page.from >= 1
        && page.from <= page.to
        && page.to <= page.chain.next_sequence
        // One more than any sequence must be a number still.
        && page.to < i64::MAX.unsigned_abs()
        && goes_on
        && ascends
        && page.transactions.iter().all(lies_inside)
}

impl Comparison {
    fn look_at(&mut self, sequence: u64, told: Option<&BookedTransaction>, held: Option<&Held>) {
        // What the bank refused takes no place: another message there is not held against it.
        let told = told.filter(|told| {
            told.outcome != BookedOutcome::Refused || held.is_some_and(|held| held.hash == told.hash)
        });
        if told.is_some_and(|told| told.outcome == BookedOutcome::Unresolved) {
            self.waiting = self.waiting.or(Some(sequence));
            return;
        }
        let kind = match (told, held) {
            (None, None) => return,
            (None, Some(held)) if held.what == HeldWhat::NoTransaction => return,
            (None, Some(_)) => Some(DifferenceKind::OnlyBank),
            (Some(_), None) => Some(DifferenceKind::OnlyTerminal),
            (Some(told), Some(held)) if agree(told, held) => None,
            (Some(_), Some(_)) => Some(DifferenceKind::Differs),
        };
        self.transactions.push(sequence);
        let Some(kind) = kind else { return };
        let bank_has = held.and_then(|held| match &held.what {
            HeldWhat::Transaction { receipt, amount, .. } => Some((*receipt, *amount)),
            HeldWhat::TakenBack | HeldWhat::NoTransaction => None,
        });
        let named = told.map(|told| (told.receipt, told.amount)).or(bank_has);
        let (terminal_says, bank_says) = words::of(told, held);
        self.differences.push(Difference {
            sequence,
            kind,
            receipt: named.map(|(receipt, _)| receipt),
            amount: named.map(|(_, amount)| amount),
            terminal_says,
            bank_says,
        });
    }
}

fn agree(told: &BookedTransaction, held: &Held) -> bool {
    let same = match &held.what {
        HeldWhat::Transaction { receipt, kind, amount, outcome } => {
            (told.receipt, told.kind, told.amount) == (*receipt, *kind, *amount) && told.outcome == *outcome
        }
        HeldWhat::TakenBack => told.outcome == BookedOutcome::Reversed,
        HeldWhat::NoTransaction => false,
    };
    same && told.hash == held.hash
}

fn chains(terminal: ChainHead, bank: ChainHead) -> Option<Difference> {
    let kind = match terminal.next_sequence.cmp(&bank.next_sequence) {
        std::cmp::Ordering::Greater => DifferenceKind::TerminalAhead,
        std::cmp::Ordering::Less => DifferenceKind::TerminalBehind,
        std::cmp::Ordering::Equal if terminal.head != bank.head => DifferenceKind::ChainForked,
        std::cmp::Ordering::Equal => return None,
    };
    Some(Difference {
        sequence: CHAIN_SEQUENCE,
        kind,
        receipt: None,
        amount: None,
        terminal_says: words::of_chain(terminal),
        bank_says: words::of_chain(bank),
    })
}

#[cfg(test)]
mod tests;
