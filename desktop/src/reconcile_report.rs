//! `mpos host reconcile`: how far each terminal's book was compared with the bank's, and each difference in plain words
//! with what to do about it. Nothing is mended here: which side is right is for people to find out.

use crate::{
    error::ProgramError,
    exit::Exit,
    host_command::{named, print},
};
use mpos_export::local_time;
use mpos_host::{ChainRefusal, Console, DifferenceListed, ReconciliationListed, reconcile::DifferenceKind};
use mpos_protocol::{Amount, sale::ReceiptNumber};
use serde_json::{Value, json};
use std::io::{self, Write};

/// What is asked for.
pub(crate) struct Asked {
    pub(crate) terminal: Option<String>,
    pub(crate) again: bool,
    pub(crate) json: bool,
}

/// Orders that all be compared again, if that is asked for, and lists what was compared.
///
/// # Errors
/// [`ProgramError`].
pub(crate) fn run(console: &Console, asked: Asked) -> Result<Exit, ProgramError> {
    let terminal = asked.terminal.map(named).transpose()?;
    if asked.again {
        console.reconcile_again(terminal)?;
        let who = terminal.map_or_else(|| "Each terminal".to_owned(), |terminal| terminal.to_string());
        eprintln!(
            "{who} is compared again from the first transaction, with its next report, as it starts or sells"
        );
    }
    let listed = console.reconciliations(terminal)?;
    print(
        |out| if asked.json { writeln!(out, "{:#}", to_json(&listed)) } else { write_table(out, &listed) },
    )?;
    let agree = listed.iter().all(ReconciliationListed::agrees);
    Ok(if agree { Exit::Done } else { Exit::Differs })
}

fn write_table(out: &mut impl Write, listed: &[ReconciliationListed]) -> io::Result<()> {
    writeln!(
        out,
        "{:<10}{:<21}{:>11}{:>9}{:>13}{:>12}{:>7}  STATE",
        "TERMINAL", "COMPARED", "UP TO", "OF", "TRANSACTIONS", "DIFFERENCES", "ENDED"
    )?;
    for terminal in listed {
        let open = terminal.open().count();
        writeln!(
            out,
            "{:<10}{:<21}{:>11}{:>9}{:>13}{open:>12}{:>7}  {}",
            terminal.terminal.to_string(),
            terminal.compared_ms.map_or_else(|| "never".to_owned(), local_time::text),
            terminal.compared_to,
            terminal.messages,
            terminal.transactions,
            terminal.differences.len() - open,
            state(terminal, open)
        )?;
    }
    for terminal in listed {
        for difference in terminal.open() {
            write_difference(out, terminal, difference)?;
        }
        if let Some(refused) = &terminal.refused {
            write_refused(out, terminal, refused)?;
        }
    }
    Ok(())
}

fn state(terminal: &ReconciliationListed, open: usize) -> String {
    let mut states = Vec::new();
    if terminal.is_full {
        states.push("no more differences are kept of it".to_owned());
    }
    if terminal.refused.is_some() {
        states.push("a message was refused, and nothing compared since".to_owned());
    }
    if open > 0 {
        states.push("differs".to_owned());
    } else if terminal.compared_to > 0 {
        states.push("agrees".to_owned());
    }
    if let Some(sequence) = terminal.waiting {
        states.push(format!("message {sequence} is still open at the terminal"));
    }
    if terminal.wanted {
        states.push("is compared again at its next connection".to_owned());
    } else if terminal.compared_to < terminal.messages && terminal.waiting.is_none() {
        states.push("the rest is compared at a later connection".to_owned());
    }
    if states.is_empty() { "nothing to compare".to_owned() } else { states.join("; ") }
}

fn write_difference(
    out: &mut impl Write,
    terminal: &ReconciliationListed,
    difference: &DifferenceListed,
) -> io::Result<()> {
    let what = match (difference.receipt, difference.amount.and_then(Amount::from_minor)) {
        (Some(receipt), Some(amount)) => {
            format!("receipt {}, EUR {amount} (message {})", ReceiptNumber(receipt), difference.sequence)
        }
        _ if difference.sequence == 0 => "the chain of messages".to_owned(),
        _ => format!("message {}", difference.sequence),
    };
    writeln!(out, "\n{}: {what}, found {}", terminal.terminal, local_time::text(difference.found_ms))?;
    writeln!(out, "  the terminal says: {}", difference.terminal_says)?;
    writeln!(out, "  the bank says:     {}", difference.bank_says)?;
    writeln!(out, "  {}", what_to_do(difference.kind))
}

fn write_refused(
    out: &mut impl Write,
    terminal: &ReconciliationListed,
    refused: &ChainRefusal,
) -> io::Result<()> {
    let at = local_time::text(refused.at_ms);
    writeln!(out, "\n{}: a message was refused {at}, and nothing was compared since", terminal.terminal)?;
    writeln!(out, "  the bank says:     {}", refused.name)?;
    writeln!(
        out,
        "  It does not follow what the bank has of this terminal, which may have a sale open that cannot be settled so, \
         and then says nothing else. If an older copy of the bank's database was put back, put the newest one back; \
         otherwise ask the merchant, and revoke the terminal and activate it again."
    )
}

/// In which way they differ, and what a person does about it.
fn what_to_do(kind: DifferenceKind) -> &'static str {
    match kind {
        DifferenceKind::OnlyTerminal => {
            "It is missing at the bank. If an older copy of the bank's database was put back, put the newest one back; \
             otherwise settle it by the merchant's receipt and the terminal's signed page, which is kept."
        }
        DifferenceKind::OnlyBank => {
            "It is missing at the terminal. The bank has the terminal's signed request: its books count. If an older \
             copy of the terminal's data was put back, revoke the terminal and activate it again."
        }
        DifferenceKind::Differs => {
            "Hold both against the signed request and answer in the bank's books and against the merchant's receipt; \
             what the terminal says is signed by it and kept. Whichever was changed is to be put back or settled."
        }
        DifferenceKind::TerminalAhead => {
            "The terminal has messages that the bank has not: an older copy of the bank's database was put back. It \
             sells nothing until the newest one is back, or it is revoked and activated again."
        }
        DifferenceKind::TerminalBehind => {
            "The bank has messages that the terminal has not: an older copy of the terminal's data was put back. It \
             sells nothing until it is revoked and activated again."
        }
        DifferenceKind::ChainForked => {
            "The last messages are not the same: one of the two was changed, or both were put back. It sells nothing \
             until the right copy is back, or it is revoked and activated again."
        }
    }
}

fn to_json(listed: &[ReconciliationListed]) -> Value {
    let terminals = listed.iter().map(|terminal| {
        json!({
            "terminal": terminal.terminal.to_string(),
            "compared_to": terminal.compared_to,
            "messages": terminal.messages,
            "transactions": terminal.transactions,
            "compared": terminal.compared_ms.map(local_time::text),
            "waiting": terminal.waiting,
            "again": terminal.wanted,
            "full": terminal.is_full,
            "agrees": terminal.agrees(),
            "refused": terminal.refused.as_ref().map(|refused| {
                json!({ "name": refused.name, "at": local_time::text(refused.at_ms) })
            }),
            "differences": terminal.differences.iter().map(difference_json).collect::<Vec<_>>(),
        })
    });
    let terminals: Vec<Value> = terminals.collect();
    json!({ "agrees": listed.iter().all(ReconciliationListed::agrees), "terminals": terminals })
}

fn difference_json(difference: &DifferenceListed) -> Value {
    json!({
        "sequence": difference.sequence,
        "kind": difference.kind.to_string(),
        "receipt": difference.receipt.map(|receipt| ReceiptNumber(receipt).to_string()),
        "amount": difference.amount.and_then(Amount::from_minor).map(|amount| amount.to_string()),
        "terminal_says": difference.terminal_says,
        "bank_says": difference.bank_says,
        "next": what_to_do(difference.kind),
        "found": local_time::text(difference.found_ms),
        "ended": difference.ended_ms.map(local_time::text),
    })
}
