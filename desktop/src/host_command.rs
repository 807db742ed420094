//! `mpos host`: the bank's side, on its own.

use crate::{
    data_folder::DataFolder,
    development_bank::DevelopmentBank,
    error::ProgramError,
    exit::Exit,
    host_arguments::{Host, PolicyRow},
    interrupt, reconcile_report,
};
use mpos_export::local_time;
use mpos_host::{
    BusinessId, Console, KeptMessages,
    standing::{Finding, decision_name},
};
use mpos_protocol::{
    Amount, Text,
    card::MaskedPan,
    sale::ReceiptNumber,
    terminal::{Merchant, TerminalId},
};
use std::{
    io::{self, Write},
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::Duration,
};

/// Runs the command.
///
/// # Errors
/// [`ProgramError`].
pub(crate) fn run(data: Option<&Path>, command: Host) -> Result<Exit, ProgramError> {
    let folder = DataFolder::open(data)?;
    let bank = DevelopmentBank::open(&folder)?;
    match command {
        Host::Serve { listen, pin_format } => return serve(&bank.taking(pin_format.into()), listen),
        Host::ActivationCode { merchant, address, valid_hours } => {
            let merchant =
                Merchant { name: bounded("merchant", &merchant)?, address: bounded("address", &address)? };
            let code = bank.activation_code(&merchant, Duration::from_secs(u64::from(valid_hours) * 3600))?;
            print(|out| writeln!(out, "{}", *code))?;
        }
        Host::MoveToBackupCa => {
            let moved = DevelopmentBank::move_to_backup_ca(&folder)?;
            eprintln!("The host shows a certificate of the backup CA from its next start on");
            print(|out| {
                writeln!(out, "For terminals, before the next move: {}", moved.server_ca_file().display())
            })?;
        }
        Host::Terminals => list_terminals(&bank.console()?)?,
        Host::Revoke { terminal } => {
            let id = named(terminal)?;
            bank.console()?.revoke(id)?;
            eprintln!("{id} is revoked: its next message is refused");
        }
        Host::RenewKeys { terminal } => {
            let id = named(terminal)?;
            bank.console()?.renew_keys(id)?;
            eprintln!("{id} fetches a new key with its next report, as it starts or sells");
        }
        Host::RenewCertificate { terminal } => {
            let id = named(terminal)?;
            bank.console()?.renew_certificate(id)?;
            eprintln!("{id} fetches a new certificate with its next report, as it starts or sells");
        }
        Host::Attest { terminal } => {
            let id = named(terminal)?;
            bank.console()?.ask_attestation(id)?;
            eprintln!("{id} proves where its key lives with its next report, as it starts or sells");
        }
        Host::Reconcile { terminal, again, json } => {
            let asked = reconcile_report::Asked { terminal, again, json };
            return reconcile_report::run(&bank.console()?, asked);
        }
        Host::Transactions { last } => list_transactions(&bank.console()?, last)?,
        Host::Businesses => list_businesses(&bank.console()?)?,
        Host::ResetSupervisorCode { business } => {
            bank.console()?.reset_supervisor_code(BusinessId(business))?;
            eprintln!("Business {business} has no supervisor code now: its next terminal defines it");
        }
        Host::SupervisorAudit { last } => list_supervisor_uses(&bank.console()?, last)?,
        Host::Messages { last } => show_messages(&bank.console()?, last)?,
        Host::Refused { last } => list_refused(&bank.console()?, last)?,
        Host::Policy { set, json } => policy(&bank, &set, json)?,
    }
    Ok(Exit::Done)
}

/// Serves until standard input's terminal or a supervisor interrupts.
fn serve(bank: &DevelopmentBank, listen: SocketAddr) -> Result<Exit, ProgramError> {
    let host = bank.start_host(Some(listen), Arc::new(KeptMessages))?;
    print(|out| {
        writeln!(out, "The bank host listens on {}", host.address)?;
        writeln!(out, "Its CA certificates: {}", bank.server_ca_file().display())
    })?;
    eprintln!("Interrupt it to stop: it finishes what it holds");
    interrupt::wait().map_err(ProgramError::Input)?;
    eprintln!("Stopping");
    host.stop();
    Ok(Exit::Done)
}

fn list_terminals(console: &Console) -> Result<(), ProgramError> {
    let terminals = console.terminals()?;
    print(|out| {
        writeln!(
            out,
            "{:<10}{:<21}{:<10}{:>9}  {:<20}{:<21}{:<10}{:<25}CONCERNS",
            "TERMINAL",
            "ENROLLED",
            "STATE",
            "MESSAGES",
            "MERCHANT",
            "REPORTED",
            "STANDING",
            "KEY ATTESTED IN"
        )?;
        for terminal in &terminals {
            let state = if terminal.revoked_ms.is_some() { "revoked" } else { "active" };
            writeln!(
                out,
                "{:<10}{:<21}{state:<10}{:>9}  {:<20}{:<21}{:<10}{:<25}{}",
                terminal.terminal.to_string(),
                local_time::text(terminal.enrolled_ms),
                terminal.messages,
                terminal.merchant,
                terminal.reported_ms.map_or_else(|| "never".to_owned(), local_time::text),
                terminal.decision.as_deref().unwrap_or("unknown").to_lowercase(),
                if terminal.attestation.is_empty() { "nothing" } else { &terminal.attestation },
                terminal.concerns
            )?;
        }
        Ok(())
    })
}

fn list_transactions(console: &Console, last: u32) -> Result<(), ProgramError> {
    let sales = console.sales(last)?;
    print(|out| {
        writeln!(
            out,
            "{:<21}{:<10}{:<9}{:<14}{:<10}{:>14}  {:<9}{:<15}RESULT",
            "TIME", "TERMINAL", "RECEIPT", "REFERENCE", "TYPE", "AMOUNT", "CARD", "CARD TYPE"
        )?;
        for sale in &sales {
            let amount = Amount::from_minor(sale.amount).unwrap_or(Amount::MAX);
            let result = match (&sale.auth_code, &sale.declined) {
                _ if sale.reversed => "reversed".to_owned(),
                (Some(code), _) => format!("approved {code}"),
                (None, Some(reason)) => format!("declined: {reason}"),
                (None, None) => "declined".to_owned(),
            };
            writeln!(
                out,
                "{:<21}{:<10}{:<9}{:<14}{:<10}{:>14}  {:<9}{:<15}{result}",
                local_time::text(sale.received_ms),
                sale.terminal.to_string(),
                ReceiptNumber(sale.receipt).to_string(),
                sale.reference,
                sale.kind,
                format!("{} {amount}", sale.currency),
                MaskedPan(sale.last_four).to_string(),
                sale.scheme,
            )?;
        }
        Ok(())
    })
}

fn list_businesses(console: &Console) -> Result<(), ProgramError> {
    let businesses = console.businesses()?;
    print(|out| {
        writeln!(
            out,
            "{:<10}{:>9}  {:<17}{:>11}  MERCHANT",
            "BUSINESS", "TERMINALS", "SUPERVISOR CODE", "WRONG CODES"
        )?;
        for listed in &businesses {
            let code = if listed.supervisor_defined { "defined" } else { "none" };
            let (merchant, address) = (&listed.merchant.name, &listed.merchant.address);
            writeln!(
                out,
                "{:<10}{:>9}  {code:<17}{:>11}  {merchant}, {address}",
                listed.business.0, listed.terminals, listed.wrong_codes
            )?;
        }
        Ok(())
    })
}

fn list_supervisor_uses(console: &Console, last: u32) -> Result<(), ProgramError> {
    let uses = console.supervisor_audit(last)?;
    print(|out| {
        writeln!(out, "{:<21}{:<10}{:<10}{:<22}RESULT", "TIME", "TERMINAL", "BUSINESS", "PURPOSE")?;
        for listed in &uses {
            let terminal = listed.terminal.map_or_else(|| "the bank".to_owned(), |id| id.to_string());
            writeln!(
                out,
                "{:<21}{terminal:<10}{:<10}{:<22}{}",
                local_time::text(listed.at_ms),
                listed.business.0,
                listed.purpose,
                listed.result
            )?;
        }
        Ok(())
    })
}

fn show_messages(console: &Console, last: u32) -> Result<(), ProgramError> {
    let messages = console.messages(last)?;
    print(|out| {
        for message in &messages {
            let sent = match message.delivered_ms {
                Some(at_ms) => format!("delivered {}", local_time::text(at_ms)),
                None => format!("waits, offered {} times", message.attempts),
            };
            writeln!(
                out,
                "{}  {}  to {}, {sent}\n{}\n",
                local_time::text(message.queued_ms),
                message.terminal,
                message.phone.grouped(),
                message.text
            )?;
        }
        Ok(())
    })
}

fn list_refused(console: &Console, last: u32) -> Result<(), ProgramError> {
    let refused = console.refused_messages(last)?;
    print(|out| {
        writeln!(out, "{:<21}{:<10}{:<23}{:<33} SHA-256", "TIME", "TERMINAL", "FROM", "WHY")?;
        for message in &refused {
            writeln!(
                out,
                "{:<21}{:<10}{:<23}{:<33} {}",
                local_time::text(message.at_ms),
                message.terminal.to_string(),
                message.peer,
                message.name,
                message.hash
            )?;
        }
        Ok(())
    })
}

/// A terminal by its name.
pub(crate) fn named(terminal: String) -> Result<TerminalId, ProgramError> {
    TerminalId::parse(&terminal).ok_or(ProgramError::NotATerminal { terminal })
}

/// Changes rows of the table, if any, and prints what is in force.
fn policy(bank: &DevelopmentBank, rows: &[PolicyRow], json: bool) -> Result<(), ProgramError> {
    let mut policy = bank.policy()?;
    if !rows.is_empty() {
        for (finding, decision) in rows {
            policy.set_decision(*finding, *decision);
        }
        bank.keep_policy(&policy)?;
        eprintln!("The policy is kept: a bank host that runs follows it when it is started again");
    }
    let fields = policy.to_json();
    print(|out| {
        if json {
            return writeln!(out, "{fields:#}");
        }
        writeln!(out, "{:<25}DECISION", "FINDING")?;
        for finding in Finding::ALL {
            writeln!(out, "{:<25}{}", finding.name(), decision_name(policy.decision(finding)))?;
        }
        writeln!(out, "\n{:<25}VALUE", "LIMIT")?;
        let limits = fields.as_object().into_iter().flatten();
        for (name, value) in limits.filter(|(name, _)| Finding::from_name(name).is_none()) {
            writeln!(out, "{name:<25}{value}")?;
        }
        Ok(())
    })
}

fn bounded<const MAX: usize>(field: &'static str, text: &str) -> Result<Text<MAX>, ProgramError> {
    if text.trim().is_empty() {
        return Err(ProgramError::FieldEmpty { field });
    }
    Text::new(text).map_err(|problem| ProgramError::FieldTooLong { field, problem })
}

/// Writes to standard output.
pub(crate) fn print(
    write: impl FnOnce(&mut io::StdoutLock<'_>) -> io::Result<()>,
) -> Result<(), ProgramError> {
    let mut out = io::stdout().lock();
    write(&mut out).and_then(|()| out.flush()).map_err(ProgramError::Output)
}
