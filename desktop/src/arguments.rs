//! The command line. `mpos help` and each `--help` are made from this file.

use crate::{
    bank::{DEMO_ADDRESS, DEMO_MERCHANT},
    error::ProgramError,
};
use clap::{Args, Parser, Subcommand, ValueEnum};
use mpos_protocol::{
    Amount,
    pin::{PIN_DIGITS_MAX, PIN_DIGITS_MIN},
};
use std::{net::SocketAddr, path::PathBuf};

/// A shop's Android phone as a card terminal; here on a desktop, with its bank and virtual cards.
#[derive(Debug, Parser)]
#[command(name = "mpos", version, max_term_width = 100, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// Folder that keeps everything: the bank's books and keys, the terminal's book, the cards' counters
    /// [default: mpos in the user's data directory]
    #[arg(long, global = true, value_name = "DIR", env = "MPOS_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// Say more about what happens (repeat for all of it)
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// What to do
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Arguments {
    /// What to log unless MPOS_LOG says otherwise.
    pub(crate) fn log_level(&self) -> &'static str {
        match self.verbose {
            0 => "error",
            1 => "info",
            _ => "debug",
        }
    }
}

/// Commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// One purchase, from the amount to the printed receipt
    ///
    /// Starts a bank host on a loopback port (unless --host is given), activates the terminal the first time, taps
    /// the card, asks the bank over mutual TLS and prints the receipt. Exit status: 0 approved, 1 declined by card
    /// or bank, 2 bad usage or input, 3 no outcome (the output says what happens next).
    Pay(Pay),
    /// A terminal that sells until its input ends: one sale a line, such as `1.23 mastercard`
    Terminal(Terminal),
    /// The bank's side
    #[command(subcommand)]
    Host(Host),
    /// The virtual cards, and what each shows
    Cards,
    /// EMV tools
    #[command(subcommand)]
    Emv(EmvCommand),
    /// Runs a recorded tap again, step by step, and compares each state
    Replay(Replay),
    /// Completions for a shell, on standard output
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// Where the bank is and how to reach it.
#[derive(Clone, Debug, Args)]
pub(crate) struct BankAddress {
    /// Use the bank host at this address, started elsewhere by `mpos host serve`, instead of one of our own
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) host: Option<String>,
    /// The certificate of the bank's CA, which pins the bank (PEM) [default: the one in the data folder]
    #[arg(long, value_name = "FILE", requires = "host")]
    pub(crate) bank_ca: Option<PathBuf>,
    /// The code that activates this terminal the first time (`mpos host activation-code` makes one)
    #[arg(long, value_name = "CODE", requires = "host")]
    pub(crate) activation_code: Option<String>,
}

/// One purchase.
#[derive(Debug, Args)]
pub(crate) struct Pay {
    /// How much, in euro, such as 1.23
    #[arg(long, value_parser = amount, allow_negative_numbers = true)]
    pub(crate) amount: Amount,
    /// Which virtual card is tapped: see `mpos cards`
    #[arg(long, default_value = "mastercard")]
    pub(crate) card: String,
    /// The PIN that the customer types: 4 to 12 digits; asked for above 40.00 EUR
    #[arg(long)]
    pub(crate) pin: Option<PinArgument>,
    /// Print one JSON object instead of the receipt
    #[arg(long)]
    pub(crate) json: bool,
    /// The bank
    #[command(flatten)]
    pub(crate) bank: BankAddress,
}

/// A terminal that sells until its input ends.
#[derive(Debug, Args)]
pub(crate) struct Terminal {
    /// The bank
    #[command(flatten)]
    pub(crate) bank: BankAddress,
    /// Which reader
    #[arg(long, value_enum, default_value_t = Reader::Virtual)]
    pub(crate) reader: Reader,
    /// Print one JSON object a sale instead of receipts
    #[arg(long)]
    pub(crate) json: bool,
}

/// Readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Reader {
    /// Virtual cards
    Virtual,
}

/// The bank's side.
#[derive(Debug, Subcommand)]
pub(crate) enum Host {
    /// Runs the bank host until it is interrupted
    Serve {
        /// Where to listen
        #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:7443")]
        listen: SocketAddr,
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
    /// Lists the newest messages that were refused, and why
    Refused {
        /// How many
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
        last: u32,
    },
}

/// EMV tools.
#[derive(Debug, Subcommand)]
pub(crate) enum EmvCommand {
    /// Plays a card's transcript against the kernel and prints the outcome as JSON (see docs/emv-run.md)
    Run(EmvRun),
}

/// A transcript.
#[derive(Debug, Args)]
pub(crate) struct EmvRun {
    /// The transcript
    #[arg(value_name = "FILE.json")]
    pub(crate) transcript: PathBuf,
    /// Terminal settings and scheme CA keys [default: this product's, with no CA key]
    #[arg(long, value_name = "TERMINAL.json")]
    pub(crate) config: Option<PathBuf>,
}

/// A recording.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// A recording of the flight recorder; `mpos pay` keeps its last one in the data folder
    #[arg(value_name = "FILE")]
    pub(crate) recording: PathBuf,
    /// Print each message too, not only its name
    #[arg(long)]
    pub(crate) messages: bool,
}

fn amount(text: &str) -> Result<Amount, String> {
    Amount::parse(text).map_err(|error| format!("it {error}"))
}

/// A PIN as typed. Its Debug shows nothing, and reading it never fails: an error of the argument reader would repeat
/// what was typed.
#[derive(Clone)]
pub(crate) struct PinArgument(zeroize::Zeroizing<String>);

impl From<&str> for PinArgument {
    fn from(typed: &str) -> Self {
        Self(zeroize::Zeroizing::new(typed.to_owned()))
    }
}

impl std::fmt::Debug for PinArgument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PIN")
    }
}

impl PinArgument {
    /// The digits.
    ///
    /// # Errors
    /// [`ProgramError::NotAPin`], which does not repeat what was typed.
    pub(crate) fn digits(self) -> Result<zeroize::Zeroizing<String>, ProgramError> {
        let digits = self.0.bytes().all(|byte| byte.is_ascii_digit());
        let fits = (PIN_DIGITS_MIN..=PIN_DIGITS_MAX).contains(&self.0.len());
        if digits && fits { Ok(self.0) } else { Err(ProgramError::NotAPin) }
    }
}
