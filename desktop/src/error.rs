//! Everything that can end a command before its outcome, each with a sentence that names it and what to do.

use crate::exit::Exit;
use mpos_protocol::{
    Amount,
    admin::{HistoryFault, ReceiptFault, SupervisorFault},
    link::EnrolmentFault,
    shell::{Refusal, RequestRefused},
};
use std::{io, net::SocketAddr, path::PathBuf};

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProgramError {
    /// No card of this name.
    #[error("there is no card \"{card}\". `mpos cards` lists them: {known}")]
    UnknownCard {
        /// As given.
        card: String,
        /// Those there are.
        known: String,
    },
    /// A fault that a card cannot have.
    #[error("the card \"{card}\": {source}")]
    CardFault {
        /// As given.
        card: String,
        /// What is wrong with it.
        source: mpos_cards::CardsError,
    },
    /// Settings of ours that do not fit.
    #[error("the terminals' settings cannot be made: {problem}")]
    Settings {
        /// Why.
        problem: String,
    },
    /// The user has no home to keep data in.
    #[error("there is no user data directory here: name a folder with --data DIR")]
    NoHome,
    /// A folder of ours cannot be made.
    #[error("the folder {} cannot be made: {source}. Name another with --data DIR", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be read or written.
    #[error("the file {} cannot be used: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("the file {} is not {expected}: {problem}", path.display())]
    NotA {
        /// Which.
        path: PathBuf,
        /// What it should be.
        expected: &'static str,
        /// Where it differs.
        problem: String,
    },
    /// The bank's files are damaged or of a newer version.
    #[error("the bank's keys cannot be used: {0}")]
    BankKeys(#[from] mpos_certs::CertsError),
    /// The host did not start, or a command of it failed.
    #[error("the bank host: {0}")]
    Host(#[from] mpos_host::HostError),
    /// The bank's table.
    #[error("the bank's policy: {0}")]
    Policy(#[from] mpos_host::standing::PolicyError),
    /// A folder that is no bank's.
    #[error("there is no bank in {}: `mpos --data {} host serve` makes one", path.display(), path.display())]
    NoBankThere {
        /// As given.
        path: PathBuf,
    },
    /// A card cannot be made or kept.
    #[error("the virtual card: {0}")]
    Card(#[from] mpos_cards::CardsError),
    /// The terminal's keys or files.
    #[error("the terminal: {0}")]
    Terminal(#[from] crate::terminal::TerminalError),
    /// A phone of the demo.
    #[error("the terminal: {0}")]
    Session(#[from] mpos_terminal::session::SessionError),
    /// A range that has no bytes.
    #[error(transparent)]
    Export(#[from] mpos_export::ExportError),
    /// No code to activate with.
    #[error(
        "this terminal is not activated: give the bank's code with --activation-code \
         (`mpos host activation-code` makes one)"
    )]
    NoActivationCode,
    /// Activation failed.
    #[error("{reason}")]
    Activation {
        /// What went wrong.
        fault: EnrolmentFault,
        /// As the terminal says it.
        reason: String,
    },
    /// The terminal's book.
    #[error("{reason} It is in {}", folder.display())]
    TerminalUnusable {
        /// Where the book is.
        folder: PathBuf,
        /// As the terminal says it.
        reason: String,
    },
    /// The till would not begin.
    #[error("{}", .0.reason)]
    Refused(RequestRefused),
    /// The actors said nothing for too long.
    #[error(
        "the terminal does not answer: nothing is known of this sale. `mpos host transactions` lists what was taken"
    )]
    Silent,
    /// A message that has no place here.
    #[error("the terminal answered out of turn: this is a fault of mPOS")]
    OutOfTurn,
    /// A line of the terminal's input.
    #[error(
        "\"{line}\" is not a sale: write an amount and a card, such as 1.23 mastercard, and the PIN if one is needed"
    )]
    NotASale {
        /// As typed.
        line: String,
    },
    /// An amount in a line of the terminal's input.
    #[error("the amount {amount} {problem}")]
    NotAnAmount {
        /// As typed.
        amount: String,
        /// What is wrong with it.
        problem: mpos_protocol::amount::AmountError,
    },
    /// A PIN that is none. What was typed is not repeated.
    #[error("that is not a PIN: it has 4 to 12 digits")]
    NotAPin,
    /// A supervisor's code that is none. What was typed is not repeated.
    #[error("that is not a supervisor code: it has 4 to 8 digits")]
    NotASupervisorCode,
    /// The supervisor's code was not taken.
    #[error("{0}")]
    Supervisor(SupervisorFault),
    /// The history cannot be shown.
    #[error("{0}")]
    History(HistoryFault),
    /// The receipt is not sent.
    #[error("{0}")]
    Receipt(ReceiptFault),
    /// No such transaction.
    #[error("there is no transaction {reference} within the last year (`mpos history` lists them)")]
    NoTransaction {
        /// As given.
        reference: String,
    },
    /// More than is left, or nothing left.
    #[error("{}", not_refundable(reference, *asked, *left))]
    NotRefundable {
        /// As given.
        reference: String,
        /// How much was asked for.
        asked: Amount,
        /// How much may be given back.
        left: Amount,
    },
    /// A range that has not begun.
    #[error("the range begins at {from}, in the future")]
    RangeInTheFuture {
        /// As given.
        from: String,
    },
    /// More than fit a list.
    #[error("{found} transactions are too many for one list: choose a shorter range")]
    TooManyTransactions {
        /// How many there are.
        found: u32,
    },
    /// A time that there is not.
    #[error("{time} is not a time here")]
    NotATime {
        /// As given.
        time: String,
    },
    /// The bank has no answer to what moves no money.
    #[error("{reason}")]
    Bank {
        /// As the terminal says it.
        reason: String,
    },
    /// A terminal's name.
    #[error("\"{terminal}\" is not a terminal: write it as TM000016 (`mpos host terminals` lists them)")]
    NotATerminal {
        /// As given.
        terminal: String,
    },
    /// A text that is none.
    #[error("the {field} is empty, and receipts print it")]
    FieldEmpty {
        /// Which.
        field: &'static str,
    },
    /// A text that a field does not hold.
    #[error("the {field} is too long (in bytes): {problem}")]
    FieldTooLong {
        /// Which.
        field: &'static str,
        /// By how much.
        problem: mpos_protocol::TooLong,
    },
    /// What a tool of the engineer's was given.
    #[error("{0}")]
    Tool(#[from] crate::toolbox::ToolError),
    /// Standard input.
    #[error("the input cannot be read: {0}")]
    Input(#[source] io::Error),
    /// The demo's page would be open to other machines.
    #[error(
        "{address} can be reached from other machines, and whoever reaches the page uses the phone. Listen on a \
         loopback address such as 127.0.0.1:8383, or say --allow-remote if that is what you want"
    )]
    NotLoopback {
        /// As given.
        address: SocketAddr,
    },
    /// The demo's page has no place.
    #[error(
        "{address} is taken, perhaps by another `mpos demo`: end that one, or serve this one elsewhere, such as \
         --listen 127.0.0.1:{}",
        address.port().wrapping_add(1).max(1024)
    )]
    AddressTaken {
        /// As given.
        address: SocketAddr,
    },
    /// The demo's page cannot be served there.
    #[error("the page cannot be served at {address}: {source}. Choose another address with --listen")]
    Listen {
        /// As given.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The demo's page.
    #[error("the page is no longer served: {0}")]
    Serve(#[source] io::Error),
    /// The output.
    #[error(
        "the output cannot be written: {0}. What was done stays done: `mpos history` lists the transactions"
    )]
    Output(#[source] io::Error),
    /// A recording.
    #[error("the recording {} cannot be used: {source}", path.display())]
    Recording {
        /// Which.
        path: PathBuf,
        /// Why.
        source: mpos_runtime::RecordingError,
    },
}

fn not_refundable(reference: &str, asked: Amount, left: Amount) -> String {
    if left.minor() == 0 {
        format!("nothing of {reference} can be given back: it is no paid purchase, or all of it was refunded")
    } else {
        format!("EUR {asked} of {reference} cannot be given back: EUR {left} is left of it")
    }
}

impl ProgramError {
    /// The status that the program ends in.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Supervisor(_) | Self::Receipt(_) | Self::NotRefundable { .. } => Exit::Declined,
            // A sale whose report is lost may have been made: nobody is to take it for one that never began.
            Self::Output(_)
            | Self::Bank { .. }
            | Self::Silent
            | Self::OutOfTurn
            | Self::TerminalUnusable { .. } => Exit::NoOutcome,
            Self::Refused(refused) => match refused.refusal {
                Refusal::AmountZero
                | Refusal::AmountOverLimit
                | Refusal::AlreadyActivated
                | Refusal::NotActivated => Exit::Usage,
                Refusal::Busy | Refusal::BookUnusable | Refusal::Overloaded | Refusal::Interrupted => {
                    Exit::NoOutcome
                }
            },
            Self::Activation { fault, .. } => match fault {
                EnrolmentFault::Refused(_) | EnrolmentFault::MalformedCode => Exit::Usage,
                _ => Exit::NoOutcome,
            },
            Self::Serve(_)
            | Self::Host(_)
            | Self::Terminal(_)
            | Self::BankKeys(_)
            | Self::Card(_)
            | Self::Session(_)
            | Self::Export(_) => Exit::NoOutcome,
            _ => Exit::Usage,
        }
    }
}
