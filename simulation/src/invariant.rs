//! What must hold when a run is over: the books of terminals, bank and issuer agree, nobody paid twice, and nothing
//! that a merchant was shown as approved is not so.

use crate::{
    disk::Disk,
    merchant::{Attempt, End},
    terminal::JOURNAL,
    world::World,
};
use mpos_host::books::{KeptMessage, KeptSale, MessageId, memory::MemoryBooks};
use mpos_ledger::{Book, Entry, salvage::salvage};
use mpos_protocol::{
    book::{RecordedOutcome, RequestSubject, SaleRecord},
    card::TransactionKind,
    host::HostRefusal,
    sale::SaleOutcome,
    signed::Hash,
    terminal::TerminalId,
};
use std::collections::BTreeMap;

/// How sales and refunds ended, over a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Shown as approved.
    pub approved: u64,
    /// Shown as declined.
    pub declined: u64,
    /// Shown as reversed.
    pub reversed: u64,
    /// Shown as unknown, and resolved afterwards.
    pub unknown: u64,
    /// Shown as cancelled or not begun.
    pub cancelled: u64,
    /// The program was gone before anything was shown.
    pub unseen: u64,
    /// Refunds among all of these.
    pub refunds: u64,
}

impl Tally {
    fn count(&mut self, attempt: &Attempt) {
        self.refunds += u64::from(attempt.kind == TransactionKind::Refund);
        let place = match &attempt.end {
            Some(End::Shown(receipt)) => match receipt.outcome {
                SaleOutcome::Approved => &mut self.approved,
                SaleOutcome::Declined => &mut self.declined,
                SaleOutcome::Reversed => &mut self.reversed,
                SaleOutcome::Unknown => &mut self.unknown,
                SaleOutcome::TryAnotherCard | SaleOutcome::Cancelled => &mut self.cancelled,
            },
            Some(End::Refused(_)) => &mut self.cancelled,
            Some(End::Lost) | None => &mut self.unseen,
        };
        *place += 1;
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            approved: self.approved + other.approved,
            declined: self.declined + other.declined,
            reversed: self.reversed + other.reversed,
            unknown: self.unknown + other.unknown,
            cancelled: self.cancelled + other.cancelled,
            unseen: self.unseen + other.unseen,
            refunds: self.refunds + other.refunds,
        }
    }
}

/// A sale in a terminal's journal.
struct Row {
    hash: Hash,
    record: SaleRecord,
    outcome: Option<RecordedOutcome>,
}

/// How many requests of the journal on this disk wait for their answer; none when it cannot be read.
pub(crate) fn unresolved(disk: &Disk) -> Option<usize> {
    opened(disk).map(|book| book.unresolved())
}

/// The book on this disk, of a copy.
fn opened(disk: &Disk) -> Option<Book> {
    let copy = Disk::holding(JOURNAL, &disk.content(JOURNAL));
    Book::open(Box::new(copy.file(JOURNAL)), None).ok()
}

/// The sales of a journal by their sequence; the later one where the first was refused.
fn rows(disk: &Disk) -> Option<BTreeMap<u64, Row>> {
    let salvaged = salvage(&disk.content(JOURNAL));
    if !salvaged.damaged.is_empty() {
        return None;
    }
    let mut rows: BTreeMap<u64, Row> = BTreeMap::new();
    let mut reversals: BTreeMap<u64, u64> = BTreeMap::new();
    for (_, entry) in salvaged.entries {
        match entry {
            Entry::Enrolled(_) => {}
            Entry::Request(request) => match request.subject {
                RequestSubject::Sale(record) => {
                    rows.insert(request.sequence, Row { hash: request.hash, record, outcome: None });
                }
                RequestSubject::Reversal { of } => {
                    reversals.insert(request.sequence, of);
                }
            },
            Entry::Answer(answer) => {
                let of = match (&answer.outcome, reversals.get(&answer.sequence)) {
                    (RecordedOutcome::Reversed, Some(of)) => *of,
                    (_, Some(_)) => continue,
                    (_, None) => answer.sequence,
                };
                if let Some(row) = rows.get_mut(&of) {
                    row.outcome = Some(answer.outcome);
                }
            }
        }
    }
    Some(rows)
}

/// Checks all of it; what does not hold is among the world's violations.
pub(crate) fn check(world: &mut World) -> Tally {
    let mut tally = Tally::default();
    world.merchants.iter().flat_map(|merchant| &merchant.attempts).for_each(|attempt| tally.count(attempt));
    if !world.violations.is_empty() {
        return tally;
    }
    world.bank.books.keep_late();
    let calm_ms = world.calm_since_ms.unwrap_or(u64::MAX);
    let mut found = Vec::new();
    {
        let disk = world.bank.books.disk();
        check_accounts(&disk.kept, world, &mut found);
        check_refunds(&disk.kept, &mut found);
        check_debits(&disk.kept, world, &mut found);
        check_refusals(&disk.refusals, &mut found);
        for (terminal, merchant) in world.terminals.iter().zip(&world.merchants) {
            let Some(rows) = rows(&terminal.disk) else {
                found.push(format!("{}: the journal is damaged", terminal.id));
                continue;
            };
            check_terminal(&disk.kept, terminal.id, &rows, &mut found);
            check_chain(&disk.kept, terminal.id, &terminal.disk, &mut found);
            let last = merchant.attempts.iter().rfind(|attempt| attempt.began_ms >= calm_ms);
            check_goes_on(terminal.id, last, &mut found);
            for attempt in &merchant.attempts {
                check_shown(&disk.kept, (terminal.id, &rows), attempt, &mut found);
            }
        }
    }
    found.into_iter().for_each(|what| world.violate(what));
    tally
}

/// The sale of a message.
fn sale_of(books: &MemoryBooks, place: (TerminalId, u64)) -> Option<(MessageId, &KeptSale, Hash)> {
    match books.messages.get(&place)? {
        KeptMessage::Answered { id, hash, .. } => books.sales.get(id).map(|sale| (*id, sale, *hash)),
        KeptMessage::TakenBack { .. } => None,
    }
}

/// Each account has what it had, less the purchases that stand, and what was given back of them.
fn check_accounts(books: &MemoryBooks, world: &World, found: &mut Vec<String>) {
    for (id, account) in &books.accounts {
        let opening = world.opening_balance(*id);
        let mut expected = i128::from(opening);
        for sale in books.sales.values() {
            if let Some((_, amount)) = sale.standing().filter(|(account, _)| account == id) {
                let minor = i128::from(amount.minor());
                expected += if sale.kind == TransactionKind::Refund { minor } else { -minor };
            }
        }
        let has = i128::from(account.balance) - i128::from(account.owed);
        if has != expected {
            found.push(format!("account {} has {has}, by the sales that stand it is {expected}", id.0));
        }
    }
}

/// No purchase gives back more than was paid.
fn check_refunds(books: &MemoryBooks, found: &mut Vec<String>) {
    for (id, purchase) in &books.sales {
        let refunds = books.sales.values().filter(|sale| sale.refund_of == Some(*id));
        let given: u64 = refunds.filter_map(KeptSale::standing).map(|(_, amount)| amount.minor()).sum();
        let paid = purchase.standing().map_or(0, |(_, amount)| amount.minor());
        if given > paid {
            found.push(format!("purchase {}: {given} given back of {paid}", purchase.reference));
        }
    }
}

/// What was begun once is debited once at most.
fn check_debits(books: &MemoryBooks, world: &World, found: &mut Vec<String>) {
    let mut debits: BTreeMap<u64, u32> = BTreeMap::new();
    for sale in books.sales.values().filter(|sale| sale.kind == TransactionKind::Purchase) {
        if let Some((_, amount)) = sale.standing() {
            *debits.entry(amount.minor()).or_default() += 1;
        }
    }
    let begun = |minor: u64| {
        let attempts = world.merchants.iter().flat_map(|merchant| &merchant.attempts);
        attempts.filter(|it| it.kind == TransactionKind::Purchase && it.amount.minor() == minor).count()
    };
    for (minor, count) in debits {
        if count != 1 || begun(minor) != 1 {
            found.push(format!(
                "a sale of {minor} that was begun {} times was debited {count} times",
                begun(minor)
            ));
        }
    }
}

/// Terminal and bank say the same of each sale, and of where their chain stands.
fn check_terminal(books: &MemoryBooks, id: TerminalId, rows: &BTreeMap<u64, Row>, found: &mut Vec<String>) {
    for (sequence, row) in rows {
        let receipt = row.record.receipt.0;
        let kept = sale_of(books, (id, *sequence)).filter(|(_, _, hash)| *hash == row.hash);
        let at_bank = kept.map(|(_, sale, _)| sale);
        let stands = at_bank.is_some_and(|sale| sale.standing().is_some());
        let agree = match &row.outcome {
            Some(RecordedOutcome::Approved { reference, .. }) => {
                stands && at_bank.is_some_and(|sale| sale.reference == *reference)
            }
            Some(RecordedOutcome::Declined { .. }) => at_bank.is_some_and(|sale| sale.moved.is_none()),
            Some(RecordedOutcome::Reversed | RecordedOutcome::Refused) => !stands,
            None => false,
        };
        if !agree {
            let says = &row.outcome;
            found.push(format!("{id} receipt {receipt}: the terminal says {says:?}, the bank {at_bank:?}"));
        }
    }
    for (place, _) in books.messages.iter().filter(|((terminal, _), _)| *terminal == id) {
        let Some((_, sale, hash)) = sale_of(books, *place) else { continue };
        let known = rows.get(&place.1).is_some_and(|row| row.hash == hash);
        if sale.standing().is_some() && !known {
            found.push(format!("{id}: the bank has a sale {} that the terminal has not", sale.reference));
        }
    }
    if let Some(state) = books.terminals.get(&id) {
        let last = books.messages.keys().filter(|(terminal, _)| *terminal == id).map(|(_, it)| *it).max();
        if state.next_sequence != last.unwrap_or(0) + 1 {
            found.push(format!("{id}: the bank's chain has a hole before {}", state.next_sequence));
        }
    }
}

/// Terminal and bank agree on what the next message is.
fn check_chain(books: &MemoryBooks, id: TerminalId, disk: &Disk, found: &mut Vec<String>) {
    let chain = opened(disk).map(|book| book.chain());
    let ours = chain.map(|chain| (chain.next_sequence, chain.head));
    let theirs = books.terminals.get(&id).map(|state| (state.next_sequence, state.last_hash));
    if ours != theirs {
        found.push(format!("{id}: the terminal's chain is at {ours:?}, the bank's at {theirs:?}"));
    }
}

/// When all is well again a sale goes well.
fn check_goes_on(id: TerminalId, last: Option<&Attempt>, found: &mut Vec<String>) {
    let outcome = last.and_then(|attempt| match &attempt.end {
        Some(End::Shown(receipt)) => Some(receipt.outcome),
        _ => None,
    });
    if !matches!(outcome, Some(SaleOutcome::Approved | SaleOutcome::Declined)) {
        found.push(format!("{id}: a sale when all was well again ended as {:?}", last.map(|it| &it.end)));
    }
}

/// What an honest terminal is never refused for, whatever becomes of its messages.
fn check_refusals(refusals: &[(TerminalId, HostRefusal)], found: &mut Vec<String>) {
    use HostRefusal::{
        BadKeySerial, BadSignature, KeyImpossible, KeyUnknown, KeyUsedBefore, Malformed, NotAllowed,
        TerminalBlocked, WrongTerminal,
    };
    for (id, refusal) in refusals {
        let never = matches!(
            refusal,
            BadKeySerial
                | BadSignature
                | KeyImpossible
                | KeyUnknown
                | KeyUsedBefore
                | Malformed
                | NotAllowed
                | TerminalBlocked
                | WrongTerminal
        );
        if never {
            found.push(format!("{id} was refused: {refusal}"));
        }
    }
}

/// What a merchant was shown is what the books say.
fn check_shown(
    books: &MemoryBooks,
    (id, rows): (TerminalId, &BTreeMap<u64, Row>),
    attempt: &Attempt,
    found: &mut Vec<String>,
) {
    let Some(End::Shown(receipt)) = &attempt.end else { return };
    let row = receipt.receipt.and_then(|number| rows.iter().find(|(_, row)| row.record.receipt == number));
    let stands = row.is_some_and(|(sequence, row)| {
        let kept = sale_of(books, (id, *sequence)).filter(|(_, _, hash)| *hash == row.hash);
        kept.is_some_and(|(_, sale, _)| sale.standing().is_some())
    });
    let good = match receipt.outcome {
        SaleOutcome::Approved => stands,
        // Whatever was not known then is known now, one way or the other: the books agree on it.
        SaleOutcome::Unknown => true,
        _ => !stands,
    };
    if !good {
        found.push(format!(
            "{id}: {} of {} was shown as {:?}, and at the bank it {}",
            if attempt.kind == TransactionKind::Refund { "a refund" } else { "a purchase" },
            attempt.amount,
            receipt.outcome,
            if stands { "stands" } else { "does not stand" }
        ));
    }
}
