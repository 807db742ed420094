//! The command line. `mpos help` and each `--help` are made from this file.

use crate::{
    error::ProgramError,
    history::GivenTime,
    host_arguments::Host,
    toolbox::{arqc::Arqc, decode::Decode, dukpt::Dukpt, oda::Oda, pin_block::PinBlock},
};
use clap::{Args, Parser, Subcommand, ValueEnum};
use mpos_protocol::{
    Amount, Secret, Text,
    admin::{Language, SUPERVISOR_CODE_DIGITS_MAX, SUPERVISOR_CODE_DIGITS_MIN},
    phone_number::PhoneNumber,
    pin::{PIN_DIGITS_MAX, PIN_DIGITS_MIN},
    sale::Reference,
    shell::TypedCode,
};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

/// Where the demo's page is.
const DEMO_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8383);

/// A shop's Android phone as a card terminal; here on a desktop, with its bank and virtual cards.
#[derive(Debug, Parser)]
#[command(name = "mpos", version, max_term_width = 100)]
pub(crate) struct Arguments {
    /// Folder that keeps everything: the bank's books and keys, the terminal's book, the cards' counters
    /// [default: mpos in the user's data directory]
    #[arg(long, global = true, value_name = "DIR", env = "MPOS_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// Say more about what happens (repeat for all of it)
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// What to do [default: demo]
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
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
    /// The merchant's phone in a browser, with cards to tap and the bank behind it
    ///
    /// Starts bank host, terminal and virtual cards in one process and prints the address of a page where the phone
    /// is shown. Nothing leaves this machine. Ends when it is interrupted.
    Demo(Demo),
    /// One purchase, from the amount to the printed receipt
    ///
    /// Starts a bank host on a loopback port (unless --host is given), activates the terminal the first time, taps
    /// the card, asks the bank over mutual TLS and prints the receipt. Exit status: 0 approved, 1 declined by card
    /// or bank, 2 bad usage or input, 3 no outcome (the output says what happens next).
    Pay(Pay),
    /// Gives a purchase back, with the supervisor's code and the card that paid
    ///
    /// The whole of what is left of it, unless --amount names a part. Exit status as for pay.
    Refund(Refund),
    /// The transactions of a range, of this terminal or of all the business's terminals
    History(History),
    /// Sends the receipt of a transaction by SMS
    Receipt(Receipt),
    /// Defines the business's supervisor code, which confirms refunds and the transactions of all terminals
    SupervisorCode(SupervisorCode),
    /// A terminal that sells until its input ends: one sale a line, such as `1.23 mastercard`
    Terminal(Terminal),
    /// What is whole of the terminal's book, entry by entry, and which entries are damaged
    ///
    /// Changes nothing and asks no bank. Exit status: 0 all of it is whole, 1 something is damaged.
    Journal(Journal),
    /// The bank's side
    #[command(subcommand)]
    Host(Host),
    /// The virtual cards, and what each shows
    Cards(Cards),
    /// EMV tools
    #[command(subcommand)]
    Emv(EmvCommand),
    /// Keys of AES-DUKPT (see docs/toolbox.md)
    #[command(subcommand)]
    Dukpt(Dukpt),
    /// PIN blocks of ISO 9564-1, formats 0 and 4 (see docs/toolbox.md)
    #[command(subcommand)]
    Pinblock(PinBlock),
    /// Runs a recorded tap again, step by step, and compares each state
    Replay(Replay),
    /// Completions for a shell, on standard output
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// The virtual cards.
#[derive(Debug, Args)]
pub(crate) struct Cards {
    /// Hold this one out to readers on this machine, until interrupted: each connection is a tap, and commands and
    /// answers follow their lengths in two bytes
    #[arg(long, value_name = "CARD")]
    pub(crate) hold: Option<String>,
    /// At which port of 127.0.0.1 [default: a free one]
    #[arg(long, value_name = "PORT", requires = "hold", default_value_t = 0, hide_default_value = true)]
    pub(crate) port: u16,
}

/// The phone in a browser.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Where the page is served
    #[arg(long, value_name = "ADDR:PORT", default_value_t = DEMO_LISTEN)]
    pub(crate) listen: SocketAddr,
    /// Serve the page to other machines too, as --listen says: whoever reaches it uses the phone, and nothing on the
    /// way is encrypted
    #[arg(long)]
    pub(crate) allow_remote: bool,
    /// How many phones of the business to show, each a terminal of its own
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=4))]
    pub(crate) phones: u8,
    /// The bank
    #[command(flatten)]
    pub(crate) bank: BankAddress,
}

impl Default for Demo {
    fn default() -> Self {
        Self { listen: DEMO_LISTEN, allow_remote: false, phones: 1, bank: BankAddress::default() }
    }
}

/// Where the bank is and how to reach it.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct BankAddress {
    /// Use the bank host at this address, started elsewhere by `mpos host serve`, instead of one of our own
    #[arg(long, value_name = "HOST:PORT", value_parser = host_address)]
    pub(crate) host: Option<String>,
    /// The certificates of the bank's CA and of its backup, which pin the bank (PEM) [default: those in the data folder]
    #[arg(long, value_name = "FILE", requires = "host")]
    pub(crate) bank_ca: Option<PathBuf>,
    /// That bank's data folder, on this machine: its CA and its cards are taken from there [default: the data folder,
    /// whose bank is another one unless the two share it]
    #[arg(long, value_name = "DIR", requires = "host", conflicts_with = "bank_ca")]
    pub(crate) bank_data: Option<PathBuf>,
    /// The code that activates this terminal the first time (`mpos host activation-code` makes one)
    #[arg(long, value_name = "CODE", requires = "host")]
    pub(crate) activation_code: Option<String>,
}

/// The terminal's book.
#[derive(Debug, Args)]
pub(crate) struct Journal {
    /// Print a JSON object for each entry instead of a table
    #[arg(long)]
    pub(crate) json: bool,
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
    pub(crate) pin: Option<SecretArgument>,
    /// Print one JSON object instead of the receipt
    #[arg(long)]
    pub(crate) json: bool,
    /// The bank
    #[command(flatten)]
    pub(crate) bank: BankAddress,
}

/// A refund.
#[derive(Debug, Args)]
pub(crate) struct Refund {
    /// The purchase's reference number, as on its receipt
    #[arg(long, value_name = "RRN", value_parser = reference)]
    pub(crate) reference: Reference,
    /// A part of it, in euro [default: all that is left]
    #[arg(long, value_parser = amount, allow_negative_numbers = true)]
    pub(crate) amount: Option<Amount>,
    /// The supervisor's code: 4 to 8 digits
    #[arg(long, value_name = "CODE")]
    pub(crate) supervisor_code: SecretArgument,
    /// Which virtual card is tapped: the one that paid
    #[arg(long, default_value = "mastercard")]
    pub(crate) card: String,
    /// Print one JSON object instead of the receipt
    #[arg(long)]
    pub(crate) json: bool,
    /// The bank
    #[command(flatten)]
    pub(crate) bank: BankAddress,
}

/// Transactions.
#[derive(Debug, Args)]
pub(crate) struct History {
    /// Of all the business's terminals, not of this one alone
    #[arg(long, requires = "supervisor_code")]
    pub(crate) merchant: bool,
    /// The supervisor's code: 4 to 8 digits
    #[arg(long, value_name = "CODE")]
    pub(crate) supervisor_code: Option<SecretArgument>,
    /// From this day or time on, such as 2026-11-24 or "2026-11-24 16:30:40" [default: today]
    #[arg(long, value_name = "TIME", value_parser = GivenTime::parse)]
    pub(crate) from: Option<GivenTime>,
    /// Up to this day or time, it included [default: today]
    #[arg(long, value_name = "TIME", value_parser = GivenTime::parse)]
    pub(crate) to: Option<GivenTime>,
    /// Only those with this in their reference, or of the card with these last four digits
    #[arg(long, value_name = "TEXT", value_parser = search)]
    pub(crate) search: Option<Text<12>>,
    /// As what
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Into this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The bank
    #[command(flatten)]
    pub(crate) bank: BankAddress,
}

/// As what transactions are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For reading
    Table,
    /// For a spreadsheet
    Csv,
    /// For a script
    Json,
    /// For paper, with the bank's heading
    Pdf,
}

/// A receipt by SMS.
#[derive(Debug, Args)]
pub(crate) struct Receipt {
    /// The transaction's reference number
    #[arg(long, value_name = "RRN", value_parser = reference)]
    pub(crate) reference: Reference,
    /// The customer's number: 383 4x xxx xxx
    #[arg(long, value_parser = phone)]
    pub(crate) phone: PhoneNumber,
    /// In which language
    #[arg(long, value_enum, default_value_t = ReceiptLanguage::Sq)]
    pub(crate) language: ReceiptLanguage,
    /// The bank
    #[command(flatten)]
    pub(crate) bank: BankAddress,
}

/// Languages of receipts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReceiptLanguage {
    /// Albanian
    Sq,
    /// English
    En,
    /// Serbian
    Sr,
}

impl From<ReceiptLanguage> for Language {
    fn from(language: ReceiptLanguage) -> Self {
        match language {
            ReceiptLanguage::Sq => Self::Albanian,
            ReceiptLanguage::En => Self::English,
            ReceiptLanguage::Sr => Self::Serbian,
        }
    }
}

/// The business's supervisor code.
#[derive(Debug, Args)]
pub(crate) struct SupervisorCode {
    /// 4 to 8 digits, not easily guessed
    #[arg(long, value_name = "CODE")]
    pub(crate) code: SecretArgument,
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
    /// Which reader (PC/SC readers are not supported yet)
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

/// EMV tools.
#[derive(Debug, Subcommand)]
pub(crate) enum EmvCommand {
    /// Plays a card's transcript against the kernel and prints the outcome as JSON (see docs/emv-run.md)
    Run(EmvRun),
    /// Decodes BER-TLV: names, bits, lists, dates, amounts (see docs/toolbox.md)
    Decode(Decode),
    /// Computes a card's cryptogram and its keys (see docs/toolbox.md)
    Arqc(Arqc),
    /// Recovers keys from certificates and what a card signed (see docs/toolbox.md)
    Oda(Oda),
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

fn reference(text: &str) -> Result<Reference, String> {
    let written = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let reference = Text::new(&text.to_ascii_uppercase()).ok().filter(|_| written);
    reference.ok_or_else(|| "a reference number has 12 letters and digits, such as 4864FC149502".to_owned())
}

fn host_address(text: &str) -> Result<String, String> {
    let parts = text.rsplit_once(':').filter(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    parts.map(|_| text.to_owned()).ok_or_else(|| "write it as 127.0.0.1:7443 or bank.example:7443".to_owned())
}

fn search(text: &str) -> Result<Text<12>, String> {
    Text::new(&text.to_ascii_uppercase()).map_err(|_| "it is longer than a reference number".to_owned())
}

fn phone(text: &str) -> Result<PhoneNumber, String> {
    PhoneNumber::parse(text).map_err(|error| error.to_string())
}

fn amount(text: &str) -> Result<Amount, String> {
    Amount::parse(text).map_err(|error| format!("it {error}"))
}

/// A PIN or a code as typed. Its Debug shows nothing, and reading it never fails: an error of the argument reader would repeat
/// what was typed.
#[derive(Clone)]
pub(crate) struct SecretArgument(zeroize::Zeroizing<String>);

impl From<&str> for SecretArgument {
    fn from(typed: &str) -> Self {
        Self(zeroize::Zeroizing::new(typed.to_owned()))
    }
}

impl std::fmt::Debug for SecretArgument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("secret")
    }
}

impl SecretArgument {
    /// The digits.
    ///
    /// # Errors
    /// [`ProgramError::NotAPin`], which does not repeat what was typed.
    pub(crate) fn pin(self) -> Result<zeroize::Zeroizing<String>, ProgramError> {
        let digits = self.0.bytes().all(|byte| byte.is_ascii_digit());
        let fits = (PIN_DIGITS_MIN..=PIN_DIGITS_MAX).contains(&self.0.len());
        if digits && fits { Ok(self.0) } else { Err(ProgramError::NotAPin) }
    }

    /// The supervisor's code.
    ///
    /// # Errors
    /// [`ProgramError::NotASupervisorCode`], which does not repeat what was typed.
    pub(crate) fn supervisor_code(self) -> Result<TypedCode, ProgramError> {
        let digits = self.0.bytes().all(|byte| byte.is_ascii_digit());
        let fits = (SUPERVISOR_CODE_DIGITS_MIN..=SUPERVISOR_CODE_DIGITS_MAX).contains(&self.0.len());
        let code = Text::new(&self.0).ok().filter(|_| digits && fits);
        code.map(Secret::new).ok_or(ProgramError::NotASupervisorCode)
    }
}
