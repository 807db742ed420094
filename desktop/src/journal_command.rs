//! `mpos journal`: what is whole of the terminal's book, entry by entry, and which entries are not.
//!
//! A book that is damaged sells nothing; what is in it must be readable all the same, for whoever settles with the bank.
//! Reads the file as it lies there, changes nothing, and needs no bank.

use crate::{
    arguments::Journal, data_folder::DataFolder, error::ProgramError, exit::Exit, terminal::JOURNAL_FILE,
};
use mpos_export::local_time;
use mpos_ledger::{
    Entry,
    salvage::{Salvage, salvage},
};
use mpos_protocol::book::{RecordedOutcome, RequestSubject};
use serde::Serialize;
use std::{fs, io::Write, path::Path};

/// An entry as it is printed.
#[derive(Serialize)]
struct Line {
    entry: u32,
    what: &'static str,
    sequence: Option<u64>,
    receipt: Option<String>,
    time: Option<String>,
    amount: Option<String>,
    card: Option<String>,
    outcome: Option<&'static str>,
    reference: Option<String>,
}

/// Runs the command. Its status is 1 when something of the book is damaged.
///
/// # Errors
/// [`ProgramError`] when there is no book, or it cannot be read.
pub(crate) fn run(data: Option<&Path>, arguments: &Journal) -> Result<Exit, ProgramError> {
    let path = DataFolder::open(data)?.terminal()?.join(JOURNAL_FILE);
    let bytes = fs::read(&path).map_err(|source| ProgramError::File { path, source })?;
    let Salvage { entries, damaged } = salvage(&bytes);
    let mut out = std::io::stdout().lock();
    let printed =
        if arguments.json { write_json(&mut out, &entries) } else { write_table(&mut out, &entries) };
    printed.map_err(ProgramError::Output)?;
    if damaged.is_empty() {
        return Ok(Exit::Done);
    }
    let numbers: Vec<_> = damaged.iter().map(ToString::to_string).collect();
    eprintln!(
        "mpos: {} of {} entries are damaged or missing: {}. The others are as they were written; the bank has the \
         signed messages of all (mpos host messages)",
        damaged.len(),
        damaged.len() + entries.len(),
        numbers.join(", ")
    );
    Ok(Exit::Declined)
}

fn write_json(out: &mut impl Write, entries: &[(u32, Entry)]) -> std::io::Result<()> {
    for (number, entry) in entries {
        serde_json::to_writer(&mut *out, &line(*number, entry)).map_err(std::io::Error::from)?;
        writeln!(out)?;
    }
    Ok(())
}

fn write_table(out: &mut impl Write, entries: &[(u32, Entry)]) -> std::io::Result<()> {
    writeln!(
        out,
        "{:<7}{:<10}{:>8}  {:<8}{:<21}{:>10}  {:<9}{:<10}REFERENCE",
        "ENTRY", "WHAT", "SEQUENCE", "RECEIPT", "TIME", "AMOUNT", "CARD", "OUTCOME"
    )?;
    for (number, entry) in entries {
        let line = line(*number, entry);
        writeln!(
            out,
            "{:<7}{:<10}{:>8}  {:<8}{:<21}{:>10}  {:<9}{:<10}{}",
            line.entry,
            line.what,
            line.sequence.map(|sequence| sequence.to_string()).unwrap_or_default(),
            line.receipt.unwrap_or_default(),
            line.time.unwrap_or_default(),
            line.amount.unwrap_or_default(),
            line.card.unwrap_or_default(),
            line.outcome.unwrap_or_default(),
            line.reference.unwrap_or_default()
        )?;
    }
    Ok(())
}

fn line(number: u32, entry: &Entry) -> Line {
    let blank = Line {
        entry: number,
        what: "enrolled",
        sequence: None,
        receipt: None,
        time: None,
        amount: None,
        card: None,
        outcome: None,
        reference: None,
    };
    match entry {
        Entry::Enrolled(profile) => Line { reference: Some(profile.terminal.to_string()), ..blank },
        Entry::Request(request) => match &request.subject {
            RequestSubject::Sale(sale) => Line {
                what: sale.kind.name(),
                sequence: Some(request.sequence),
                receipt: Some(sale.receipt.to_string()),
                time: Some(local_time::text(sale.at.unix_ms)),
                amount: Some(sale.amount.to_string()),
                card: Some(sale.card.pan.to_string()),
                reference: sale.refund_of.as_ref().map(|purchase| format!("of {purchase}")),
                ..blank
            },
            RequestSubject::Reversal { of } => Line {
                what: "reversal",
                sequence: Some(request.sequence),
                reference: Some(format!("of sequence {of}")),
                ..blank
            },
        },
        Entry::Answer(answer) => {
            let (outcome, reference) = match &answer.outcome {
                RecordedOutcome::Approved { reference, .. } => ("approved", Some(reference.to_string())),
                RecordedOutcome::Declined { reference, .. } => ("declined", Some(reference.to_string())),
                RecordedOutcome::Refused => ("refused", None),
                RecordedOutcome::Reversed => ("reversed", None),
            };
            Line {
                what: "answer",
                sequence: Some(answer.sequence),
                outcome: Some(outcome),
                reference,
                ..blank
            }
        }
    }
}
