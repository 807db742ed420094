//! Arguments of `mpos host`, each with the words that its help shows.

use crate::bank::{DEMO_ADDRESS, DEMO_MERCHANT};
use clap::{Subcommand, ValueEnum};
use mpos_host::standing::{Finding, decision_named};
use mpos_protocol::{pin::PinBlockFormat, standing::Decision};
use std::net::SocketAddr;

/// The bank's side.
#[derive(Debug, Subcommand)]
pub(crate) enum Host {
    /// Runs the bank host until it is interrupted
    Serve {
        /// Where to listen
        #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:7443")]
        listen: SocketAddr,
        /// Format of PIN blocks (ISO 9564-1): 4, or 0 for a bank whose security module takes no other
        #[arg(long, value_enum, default_value_t = PinFormat::Format4)]
        pin_format: PinFormat,
    },
    /// Makes an activation code for a new terminal
    ActivationCode {
        /// The business, as receipts print it
        #[arg(long, default_value = DEMO_MERCHANT)]
        merchant: String,
        /// Its address
        #[arg(long, default_value = DEMO_ADDRESS)]
        address: String,
        /// For how long it may be used
        #[arg(long, value_name = "HOURS", default_value_t = 72, value_parser = clap::value_parser!(u32).range(1..=720))]
        valid_hours: u32,
    },
    /// Lists the terminals
    Terminals,
    /// Has a terminal fetch a new initial key, with its next report
    RenewKeys {
        /// Such as TM000016
        terminal: String,
    },
    /// Has a terminal fetch a new client certificate, with its next report (it does so by itself in the last third)
    RenewCertificate {
        /// Such as TM000016
        terminal: String,
    },
    /// Has a terminal prove anew where its key lives, with its next report
    Attest {
        /// Such as TM000016
        terminal: String,
    },
    /// Shows how far each terminal's book was compared with the bank's, and what differs (exit status 1 if anything does)
    ///
    /// A terminal is compared by itself as it reports, when enough is new or its chain of messages is not the bank's. No
    /// money moves by it and neither book is changed: each difference says what a person does about it.
    Reconcile {
        /// Only this one, such as TM000016
        #[arg(long, value_name = "TERMINAL")]
        terminal: Option<String>,
        /// Have all be compared again, from the first transaction, at the next connection
        #[arg(long)]
        again: bool,
        /// Print JSON, ended differences too
        #[arg(long)]
        json: bool,
    },
    /// Leaves the CA that certifies the host for the backup, which terminals pin too: when its key is lost or given away
    ///
    /// A running host shows the new certificate from its next start on. There is a new backup then: terminals must have the
    /// new file of CA certificates before the bank moves again.
    MoveToBackupCa,
    /// Revokes a terminal's certificate, at once
    Revoke {
        /// Such as TM000016
        terminal: String,
    },
    /// Lists the newest transactions
    Transactions {
        /// How many
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
        last: u32,
    },
    /// Lists the businesses, and whether each has a supervisor code
    Businesses,
    /// Takes a business's supervisor code away, so that its next terminal defines it anew
    ResetSupervisorCode {
        /// The business's number (`mpos host businesses` lists them)
        business: i64,
    },
    /// Lists the newest uses of supervisor codes, right and wrong
    SupervisorAudit {
        /// How many
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
        last: u32,
    },
    /// Shows the newest messages to customers
    Messages {
        /// How many
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
        last: u32,
    },
    /// Lists the newest messages that were refused, and why
    Refused {
        /// How many
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
        last: u32,
    },
    /// Shows what follows of what is found at a terminal's device, and from when on (see docs/attestation.md)
    Policy {
        /// Change a row first, such as debugger=block: allow, warn or block
        #[arg(long, value_name = "FINDING=DECISION", value_parser = policy_row)]
        set: Vec<PolicyRow>,
        /// Print JSON, as in policy.json
        #[arg(long)]
        json: bool,
    },
}

/// Which PIN blocks a bank takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PinFormat {
    /// AES, with random fill
    #[value(name = "4")]
    Format4,
    /// Triple DES
    #[value(name = "0")]
    Format0,
}

/// A row of the bank's table.
pub(crate) type PolicyRow = (Finding, Decision);

fn policy_row(text: &str) -> Result<PolicyRow, String> {
    let (finding, decision) = text.split_once('=').unwrap_or((text, ""));
    let known = || Finding::ALL.map(Finding::name).join(", ");
    let finding = Finding::from_name(finding)
        .ok_or_else(|| format!("there is no finding \"{finding}\"; there are {}", known()))?;
    let decision = decision_named(decision)
        .ok_or_else(|| format!("write {0}=allow, {0}=warn or {0}=block", finding.name()))?;
    Ok((finding, decision))
}

impl From<PinFormat> for PinBlockFormat {
    fn from(format: PinFormat) -> Self {
        match format {
            PinFormat::Format4 => Self::Format4,
            PinFormat::Format0 => Self::Format0,
        }
    }
}
