//! `mpos emv run`: plays a card's transcript against the kernel and prints what came of it as JSON.
//!
//! The card is a list of commands and answers. A command that the list does not hold is answered with the
//! transcript's `not_found` status and shown with what was expected, so that a difference is found at its first
//! byte. `docs/emv-run.md` documents both files and the output.

use crate::{arguments::EmvRun, error::ProgramError, exit::Exit};
use mpos_emv_kernel::{
    NotPerformed, OdaVerdict, Outcome, PendingVerification, Step, Tap, TerminalSettings, Transaction,
    TransactionType,
};
use mpos_protocol::Amount;
use mpos_tlv::ber;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read, Write},
    path::Path,
    sync::Arc,
    time::Instant,
};

/// The longest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// A recorded card.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Transcript {
    /// As `0.01`; zero is allowed here.
    amount: String,
    /// ISO 4217 numeric, four digits.
    #[serde(with = "hex_fixed")]
    currency: [u8; 2],
    /// YYMMDD.
    #[serde(with = "hex_fixed")]
    date: [u8; 3],
    /// HHMMSS.
    #[serde(with = "hex_fixed")]
    time: [u8; 3],
    /// Unpredictable number (9F37), the same for each presentation.
    #[serde(with = "hex_fixed")]
    random: [u8; 4],
    /// 9C.
    #[serde(with = "hex_fixed", rename = "type")]
    kind: [u8; 1],
    apdus: Vec<Exchange>,
    /// Status word for a command that is not in the list.
    #[serde(with = "hex_fixed", default = "file_not_found")]
    not_found: [u8; 2],
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exchange {
    #[serde(with = "hex::serde")]
    cmd: Vec<u8>,
    #[serde(with = "hex::serde")]
    resp: Vec<u8>,
}

const fn file_not_found() -> [u8; 2] {
    [0x6A, 0x82]
}

/// Runs the command.
///
/// # Errors
/// [`ProgramError`], naming the file and where it is wrong.
pub(crate) fn run(arguments: &EmvRun) -> Result<Exit, ProgramError> {
    let path = arguments.transcript.as_path();
    let transcript: Transcript = read(path, "a transcript")?;
    let settings = match arguments.config.as_deref() {
        Some(config) => {
            let settings: TerminalSettings = read(config, "terminal settings")?;
            settings.validate().map_err(|fault| not_a(config, "terminal settings", &fault))?;
            settings
        }
        None => TerminalSettings::development(mpos_protocol::List::default()),
    };
    let transaction = transaction(path, &transcript)?;
    let report = play(Arc::new(settings), transaction, &transcript);
    let mut out = std::io::stdout().lock();
    let json = serde_json::to_string_pretty(&report).map_err(|error| ProgramError::Output(error.into()))?;
    writeln!(out, "{json}").map_err(ProgramError::Output)?;
    Ok(Exit::Done)
}

fn read<T: DeserializeOwned>(path: &Path, expected: &'static str) -> Result<T, ProgramError> {
    let file = |source| ProgramError::File { path: path.to_owned(), source };
    let mut text = String::new();
    File::open(path).map_err(file)?.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(file)?;
    serde_json::from_str(&text).map_err(|problem| not_a(path, expected, &problem))
}

fn not_a(path: &Path, expected: &'static str, problem: &dyn std::fmt::Display) -> ProgramError {
    ProgramError::NotA { path: path.to_owned(), expected, problem: problem.to_string() }
}

fn transaction(path: &Path, transcript: &Transcript) -> Result<Transaction, ProgramError> {
    let amount = match Amount::parse(&transcript.amount) {
        Ok(amount) => amount.minor(),
        Err(mpos_protocol::amount::AmountError::Zero) => 0,
        Err(problem) => {
            return Err(not_a(path, "a transcript", &format!("the amount {} {problem}", transcript.amount)));
        }
    };
    let [kind] = transcript.kind;
    let kind = TransactionType::from_code(kind)
        .ok_or_else(|| not_a(path, "a transcript", &format!("the type {kind:02X} is neither 00 nor 20")))?;
    let transaction = Transaction {
        amount,
        amount_other: 0,
        currency: transcript.currency,
        date: transcript.date,
        time: transcript.time,
        kind,
        unpredictable_numbers: [transcript.random; 4],
        sequence_counter: 1,
    };
    transaction.validate().map_err(|fault| not_a(path, "a transcript", &fault))?;
    Ok(transaction)
}

/// What is printed.
#[derive(Debug, Default, Serialize)]
struct Report {
    outcome: &'static str,
    message: String,
    kernel: Option<u8>,
    aid: Option<String>,
    label: Option<String>,
    scheme: Option<&'static str>,
    pan: Option<String>,
    cvm: &'static str,
    tvr: Option<String>,
    cvm_results: Option<String>,
    data_authentication: Option<Authentication>,
    cryptogram: Option<String>,
    cryptogram_kind: Option<&'static str>,
    reason: Option<String>,
    host_tags: BTreeMap<String, String>,
    exchanges: Vec<Played>,
    verification_us: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Authentication {
    /// `verified`, `not performed` or `failed`.
    result: &'static str,
    reason: Option<String>,
}

#[derive(Debug, Serialize)]
struct Played {
    command: String,
    response: String,
    /// What the kernel took to make this command of the answer before it, microseconds.
    kernel_us: f64,
    /// The next command of the transcript, when this one is not in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
}

/// The recorded card.
struct Card<'a> {
    transcript: &'a Transcript,
    next: usize,
}

impl Card<'_> {
    /// The answer, and what was expected when the command is not in the list. A command that is there twice is
    /// answered in the order of the list.
    fn answer(&mut self, command: &[u8]) -> (Vec<u8>, Option<String>) {
        let apdus = &self.transcript.apdus;
        let ahead = apdus.iter().enumerate().skip(self.next).find(|(_, exchange)| exchange.cmd == command);
        let found = ahead.or_else(|| apdus.iter().enumerate().find(|(_, exchange)| exchange.cmd == command));
        if let Some((index, exchange)) = found {
            self.next = index + 1;
            return (exchange.resp.clone(), None);
        }
        let expected =
            apdus.get(self.next).map_or_else(|| "nothing more".to_owned(), |next| hex_of(&next.cmd));
        (self.transcript.not_found.to_vec(), Some(expected))
    }
}

fn play(settings: Arc<TerminalSettings>, transaction: Transaction, transcript: &Transcript) -> Report {
    let mut card = Card { transcript, next: 0 };
    let mut report = Report::default();
    let mut clock = Instant::now();
    let (mut tap, mut step) = Tap::start(settings, transaction);
    loop {
        match step {
            Step::PresentCard(_) => step = tap.card_found(),
            Step::Command(command) => {
                let kernel_us = microseconds(clock);
                let (response, expected) = card.answer(command.as_bytes());
                report.exchanges.push(Played {
                    command: hex_of(command.as_bytes()),
                    response: hex_of(&response),
                    kernel_us,
                    expected,
                });
                clock = Instant::now();
                step = tap.card_answered(&response);
            }
            Step::CardDone(pending) => {
                let outcome = verified(*pending, &mut report);
                return conclude(report, &outcome);
            }
            Step::Ended(outcome) => return conclude(report, &outcome),
        }
    }
}

fn verified(pending: PendingVerification, report: &mut Report) -> Outcome {
    let clock = Instant::now();
    let verification = pending.verify();
    report.verification_us = Some(microseconds(clock));
    pending.finish(verification)
}

fn conclude(mut report: Report, outcome: &Outcome) -> Report {
    report.outcome = outcome.kind.name();
    report.message = format!("{:02X} {}", outcome.message.0, outcome.message.name());
    report.cvm = outcome.cvm.name();
    report.reason = outcome.reason.map(|reason| reason.to_string());
    if let Some(application) = &outcome.application {
        report.kernel = Some(application.kernel.number());
        report.aid = Some(hex_of(&application.aid));
        report.label = Some(String::from_utf8_lossy(&application.label).into_owned());
        report.scheme = Some(application.scheme.name());
    }
    if let Some(record) = &outcome.record {
        report.pan = Some(record.pan.to_string());
        report.tvr = Some(hex_of(&record.tvr));
        report.cvm_results = Some(hex_of(&record.cvm_results));
        report.data_authentication = Some(authentication(record.verdict));
        report.cryptogram = Some(hex_of(&record.cryptogram));
        report.cryptogram_kind = Some(record.cryptogram_kind.name());
        let tags = ber::decode(&record.host_tags).filter_map(Result::ok);
        report.host_tags = tags.map(|tlv| (tlv.tag.to_string(), hex_of(tlv.value))).collect();
    }
    report
}

fn authentication(verdict: OdaVerdict) -> Authentication {
    let (result, reason) = match verdict {
        OdaVerdict::Verified => ("verified", None),
        OdaVerdict::NotPerformed(why) => ("not performed", Some(NotPerformed::to_string(&why))),
        OdaVerdict::Failed(why) => ("failed", Some(why.to_string())),
    };
    Authentication { result, reason }
}

fn microseconds(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 1e7).round() / 10.0
}

fn hex_of(bytes: &[u8]) -> String {
    hex::encode_upper(bytes)
}

/// Exactly so many bytes in hexadecimal.
mod hex_fixed {
    use serde::{Deserialize, Deserializer, de::Error};

    pub(super) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<[u8; N], D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = hex::decode(&text).map_err(|error| D::Error::custom(format!("\"{text}\": {error}")))?;
        bytes.try_into().map_err(|_| D::Error::custom(format!("\"{text}\" has not {N} bytes")))
    }
}
