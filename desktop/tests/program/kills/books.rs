//! The books held against each other: what merchants were told, what the terminals kept, what the bank kept, and the
//! money on the accounts.

use super::{
    journal::{Journal, Kept},
    till::{Asked, Card, Kind, Told},
};
use crate::{issuer::Issuer, support::World};
use mpos_host::console::SaleListed;
use mpos_protocol::{book::RecordedOutcome, terminal::TerminalId};
use std::collections::BTreeMap;

/// How the sales fell. Amounts are in minor units.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    /// What merchants were told, and how often.
    pub(crate) told: BTreeMap<String, u64>,
    /// In which words, where it was not approved.
    pub(crate) words: BTreeMap<String, u64>,
    /// What the books say of the sales of which merchants were told nothing.
    pub(crate) untold: BTreeMap<&'static str, u64>,
    pub(crate) purchases_standing: u64,
    pub(crate) refunds_standing: u64,
    pub(crate) taken_back: u64,
    pub(crate) net_minor: u64,
}

/// What a till did, and its book.
pub(crate) struct OfTill<'a> {
    pub(crate) terminal: TerminalId,
    pub(crate) asked: &'a [Asked],
    pub(crate) journal: Journal,
}

/// Compares all, and says all that does not fit.
pub(crate) fn compare(
    world: &World,
    tills: &[OfTill<'_>],
    cards: &[Card],
    opening: impl Fn(&Card) -> u64,
) -> Outcomes {
    let issuer = Issuer::of(&world.bank());
    let rows = issuer.console.sales(u32::MAX).unwrap();
    let mut findings = Findings::default();
    let mut outcomes = Outcomes::default();
    let mut booked: BTreeMap<(TerminalId, u32), &SaleListed> = BTreeMap::new();
    for row in &rows {
        if let Some(other) = booked.insert((row.terminal, row.receipt), row) {
            findings.add(format!("one receipt, two sales at the bank: {row:?} and {other:?}"));
        }
    }
    for till in tills {
        compare_told(till, &booked, &mut outcomes, &mut findings);
        compare_kept(till, &booked, &mut findings);
        refunds_are_covered(till, &mut findings);
    }
    let known: Vec<TerminalId> = tills.iter().map(|till| till.terminal).collect();
    for row in rows.iter().filter(|row| !known.contains(&row.terminal)) {
        findings.add(format!("a sale of a terminal that there is not: {row:?}"));
    }
    for row in &rows {
        match (row.reversed, &row.auth_code, row.kind.as_str()) {
            (true, ..) => outcomes.taken_back += 1,
            (false, Some(_), "Refund") => outcomes.refunds_standing += 1,
            (false, Some(_), _) => outcomes.purchases_standing += 1,
            (false, None, _) => {}
        }
    }
    for card in cards {
        let of_card = || rows.iter().filter(|row| row.last_four == card.last_four() && stands(row));
        let sum = |refunds: bool| -> u64 {
            of_card().filter(|row| (row.kind == "Refund") == refunds).map(|row| row.amount).sum()
        };
        let (opening, balance, paid, given_back) =
            (opening(card), issuer.balance(card.pan), sum(false), sum(true));
        if opening + given_back != balance + paid {
            findings.add(format!("{}: {opening} - {paid} + {given_back} is not {balance}", card.name));
        }
        outcomes.net_minor += paid - given_back;
    }
    findings.are_none();
    outcomes
}

#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn add(&mut self, finding: String) {
        self.0.push(finding);
    }

    fn are_none(&self) {
        assert!(self.0.is_empty(), "the books do not agree:\n{}", self.0.join("\n"));
    }
}

fn stands(row: &SaleListed) -> bool {
    row.auth_code.is_some() && !row.reversed
}

/// Walks through what was asked and what was kept together. Every sale kept is one that was asked for, and was told as
/// what it is.
fn compare_told(
    till: &OfTill<'_>,
    booked: &BTreeMap<(TerminalId, u32), &SaleListed>,
    outcomes: &mut Outcomes,
    findings: &mut Findings,
) {
    let mut kept = till.journal.sales.iter().peekable();
    for (asked, below) in till.asked.iter().zip(next_numbers(till.asked)) {
        let is_it = |kept: &&Kept| {
            let record = &kept.record;
            let same_kind = kept.is_refund() == (asked.kind == Kind::Refund);
            same_kind
                && record.amount.minor() == asked.minor
                && record.card.pan.0 == asked.card.last_four()
                && match number_of(asked) {
                    Some(number) => record.receipt.0 == number,
                    None => record.receipt.0 < below,
                }
        };
        let sale = kept.next_if(is_it);
        let row = sale.and_then(|sale| booked.get(&(till.terminal, sale.record.receipt.0)));
        match &asked.told {
            Told::Receipt(receipt) => {
                let number = sale.map(|sale| sale.record.receipt.0);
                let fits = match receipt.outcome.as_str() {
                    "approved" => {
                        receipt.number.is_some()
                            && receipt.number == number
                            && receipt.minor == asked.minor
                            && sale.is_some_and(Kept::is_approved)
                            && row.is_some_and(|row| {
                                stands(row)
                                    && Some(&row.reference) == receipt.reference.as_ref()
                                    && row.amount == asked.minor
                            })
                    }
                    _ => {
                        (receipt.number.is_none() || receipt.number == number)
                            && !row.is_some_and(|row| stands(row))
                            && !sale.is_some_and(Kept::is_approved)
                    }
                };
                if !fits {
                    findings.add(format!("told {receipt:?}, kept {sale:?}, at the bank {row:?}"));
                }
                *outcomes.told.entry(receipt.outcome.clone()).or_default() += 1;
                if !receipt.reason.is_empty() {
                    *outcomes.words.entry(receipt.reason.clone()).or_default() += 1;
                }
            }
            Told::Words(words) => {
                if sale.is_some() {
                    findings.add(format!("told {words}, kept {sale:?}, at the bank {row:?}"));
                }
                *outcomes.told.entry("refused by the terminal".to_owned()).or_default() += 1;
                *outcomes.words.entry(words.clone()).or_default() += 1;
            }
            Told::Nothing => {
                let end = match sale.map(|sale| &sale.outcome) {
                    None => "never left",
                    Some(Some(RecordedOutcome::Approved { .. })) => "approved",
                    Some(Some(RecordedOutcome::Declined { .. })) => "declined",
                    Some(Some(RecordedOutcome::Reversed)) => "taken back",
                    Some(Some(RecordedOutcome::Refused)) => "refused by the bank",
                    Some(None) => "open",
                };
                *outcomes.untold.entry(end).or_default() += 1;
            }
        }
    }
    for sale in kept {
        findings.add(format!("{} keeps a sale that was not asked for, or not then: {sale:?}", till.terminal));
    }
}

/// The receipt's number that a merchant saw.
fn number_of(asked: &Asked) -> Option<u32> {
    if let Told::Receipt(receipt) = &asked.told { receipt.number } else { None }
}

/// For each sale the number that was seen next: whatever had none has a lower one in the book, if any.
fn next_numbers(asked: &[Asked]) -> Vec<u32> {
    let mut next = u32::MAX;
    let mut numbers: Vec<u32> = Vec::with_capacity(asked.len());
    for asked in asked.iter().rev() {
        numbers.push(next);
        next = number_of(asked).unwrap_or(next);
    }
    numbers.reverse();
    numbers
}

/// What the terminal kept as approved stands at the bank, and what stands at the bank the terminal kept as approved.
fn compare_kept(
    till: &OfTill<'_>,
    booked: &BTreeMap<(TerminalId, u32), &SaleListed>,
    findings: &mut Findings,
) {
    let mut numbers: Vec<u32> = Vec::new();
    for sale in &till.journal.sales {
        let number = sale.record.receipt.0;
        let row = booked.get(&(till.terminal, number));
        let agrees = match &sale.outcome {
            Some(RecordedOutcome::Approved { reference, auth_code }) => row.is_some_and(|row| {
                stands(row)
                    && row.reference == reference.to_string()
                    && row.auth_code.as_ref() == Some(&auth_code.to_string())
                    && row.amount == sale.record.amount.minor()
                    && (row.kind == "Refund") == sale.is_refund()
            }),
            Some(RecordedOutcome::Declined { .. }) => row.is_some_and(|row| row.declined.is_some()),
            Some(RecordedOutcome::Refused) => row.is_none(),
            Some(RecordedOutcome::Reversed) => !row.is_some_and(|row| stands(row)),
            None => false,
        };
        if !agrees {
            findings.add(format!("{} kept {sale:?}, the bank {row:?}", till.terminal));
        }
        numbers.push(number);
    }
    if !numbers.is_sorted_by(|one, next| one < next) {
        findings.add(format!("{} gave a receipt's number twice: {numbers:?}", till.terminal));
    }
    for (_, row) in booked.iter().filter(|((terminal, _), _)| *terminal == till.terminal) {
        if !numbers.contains(&row.receipt) {
            findings.add(format!("the bank has a sale that {} does not know: {row:?}", till.terminal));
        }
    }
}

/// Of no purchase is more given back than was paid.
fn refunds_are_covered(till: &OfTill<'_>, findings: &mut Findings) {
    let mut given_back: BTreeMap<String, u64> = BTreeMap::new();
    for sale in till.journal.sales.iter().filter(|sale| sale.is_refund() && sale.is_approved()) {
        let purchase = sale.record.refund_of.as_ref().map(ToString::to_string).unwrap_or_default();
        *given_back.entry(purchase).or_default() += sale.record.amount.minor();
    }
    for (purchase, sum) in given_back {
        let paid = till.journal.sales.iter().find_map(|sale| match &sale.outcome {
            Some(RecordedOutcome::Approved { reference, .. }) if reference.to_string() == purchase => {
                Some(sale.record.amount.minor())
            }
            _ => None,
        });
        if paid.is_none_or(|paid| paid < sum) {
            findings.add(format!("of {purchase}, {paid:?} was paid and {sum} given back"));
        }
    }
}
