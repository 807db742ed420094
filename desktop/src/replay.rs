//! `mpos replay`: runs a recorded tap again, step by step, through a fresh kernel and a fresh till.
//!
//! A recording holds no secret: card answers are masked and a PIN is a marker. So the kernel's verdict on the
//! card's certificates is the recorded one, and keys and random numbers are those it was recorded to use.

use crate::{arguments::Replay, error::ProgramError, exit::Exit};
use mpos_crypto::{
    dukpt::{KeyUsage, Ksn},
    key::SecretKey,
};
use mpos_emv_kernel::actor::EmvKernel;
use mpos_ports::{Entropy, KeyFault, KeyStore};
use mpos_protocol::{ActorId, card::TapOutcome, inbox};
use mpos_runtime::{Recording, ReplayReport, ReplayStep, ReplayedSend, SendText, replay};
use mpos_till::Till;
use std::{
    collections::VecDeque,
    fs::File,
    io::{self, BufReader, Write},
    sync::{Arc, Mutex, PoisonError},
};

/// Runs the command. Ends in 1 when a step differs from the recording.
///
/// # Errors
/// [`ProgramError`].
pub(crate) fn run(arguments: &Replay) -> Result<Exit, ProgramError> {
    let path = &arguments.recording;
    let file = File::open(path).map_err(|source| ProgramError::File { path: path.clone(), source })?;
    let recording = Recording::load(BufReader::new(file))
        .map_err(|source| ProgramError::Recording { path: path.clone(), source })?;
    let kernel = replay(&recording, || EmvKernel::new(recorded_keys(&recording)), &["CardAuthenticated"]);
    let till = replay(&recording, || Till::new(Box::new(recorded_entropy(&recording))), &[]);
    let mut out = io::stdout().lock();
    for report in [&till, &kernel] {
        print_report(&mut out, report, arguments.messages).map_err(ProgramError::Output)?;
    }
    let same = kernel.is_same() && till.is_same();
    let verdict = if same { "The same states as recorded." } else { "Not the same states as recorded." };
    writeln!(out, "{verdict}").map_err(ProgramError::Output)?;
    Ok(if same { Exit::Done } else { Exit::Declined })
}

fn print_report(out: &mut impl Write, report: &ReplayReport, messages: bool) -> io::Result<()> {
    writeln!(out, "{:?}: {} steps", report.actor, report.steps.len())?;
    for step in &report.steps {
        print_step(out, step, messages)?;
    }
    writeln!(out)
}

fn print_step(out: &mut impl Write, step: &ReplayStep, messages: bool) -> io::Result<()> {
    let time = step.at.local();
    writeln!(out, "{:>5}  {time}  {:?} -> {}", step.number, step.from, step.name)?;
    if messages {
        writeln!(out, "         {}", step.message)?;
    }
    for send in &step.sends {
        print_send(out, send, messages)?;
    }
    if step.panicked_then != step.panics_now {
        writeln!(out, "         DIFFERENT: a panic then: {}; now: {}", step.panicked_then, step.panics_now)?;
    }
    Ok(())
}

fn print_send(out: &mut impl Write, send: &ReplayedSend, messages: bool) -> io::Result<()> {
    let arrow = |text: &SendText| format!("{} -> {:?}", text.name, text.to);
    match send {
        ReplayedSend::Same(text) => {
            writeln!(out, "         sends {}", arrow(text))?;
            if messages { writeln!(out, "           {}", text.message) } else { Ok(()) }
        }
        ReplayedSend::RecordedVerdictUsed { recorded, .. } => {
            writeln!(out, "         sends {} (the recorded verdict is used)", arrow(recorded))
        }
        ReplayedSend::Different { recorded, replayed } => {
            writeln!(out, "         DIFFERENT")?;
            for (when, text) in [("then", recorded), ("now", replayed)] {
                match text {
                    Some(text) => writeln!(out, "           {when}: {} {}", arrow(text), text.message)?,
                    None => writeln!(out, "           {when}: nothing")?,
                }
            }
            Ok(())
        }
    }
}

/// The unpredictable numbers that the till was recorded to send, in order; zeros after the last.
fn recorded_entropy(recording: &Recording) -> RecordedEntropy {
    let to_kernel = recording.frames.iter().filter(|frame| frame.to == ActorId::EmvKernel);
    let taps = to_kernel.filter_map(|frame| match serde_json::from_str(&frame.message) {
        Ok(inbox::EmvKernel::StartTap(tap)) => Some(tap),
        _ => None,
    });
    RecordedEntropy(taps.flat_map(|tap| tap.unpredictable.into_iter().flatten()).collect())
}

struct RecordedEntropy(VecDeque<u8>);

impl Entropy for RecordedEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|byte| *byte = self.0.pop_front().unwrap_or_default());
    }
}

/// Serial numbers that the kernel was recorded to use. The keys themselves are not in a recording: what is
/// encrypted with them shows as a marker, then and now.
fn recorded_keys(recording: &Recording) -> Arc<dyn KeyStore> {
    let to_till = recording.frames.iter().filter(|frame| frame.to == ActorId::Till);
    let serials = to_till.filter_map(|frame| match serde_json::from_str(&frame.message) {
        Ok(inbox::Till::TapEnded(ended)) => Some(match ended.outcome {
            TapOutcome::OnlineRequest(online) => (*online.card_data.ksn).try_into().ok().map(Ksn::from_bytes),
            _ => None,
        }),
        _ => None,
    });
    Arc::new(RecordedKeys(Mutex::new(serials.collect())))
}

struct RecordedKeys(Mutex<VecDeque<Option<Ksn>>>);

impl KeyStore for RecordedKeys {
    fn next_working_key(&self, _usage: KeyUsage) -> Result<(Ksn, SecretKey), KeyFault> {
        let next = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front().flatten();
        let key = SecretKey::from_slice(&[0; 16]).map_err(|_| KeyFault::Unavailable)?;
        Ok((next.unwrap_or_else(|| Ksn::from_bytes([0; 12])), key))
    }

    fn device_public_key(&self) -> Result<[u8; 65], KeyFault> {
        Err(KeyFault::Unavailable)
    }

    fn sign(&self, _message: &[u8]) -> Result<[u8; 64], KeyFault> {
        Err(KeyFault::Unavailable)
    }

    fn begin_key_agreement(&self) -> Result<[u8; 65], KeyFault> {
        Err(KeyFault::Unavailable)
    }

    fn install_initial_key(&self, _wrapped: &[u8], _initial_key_id: [u8; 8]) -> Result<(), KeyFault> {
        Err(KeyFault::Unavailable)
    }

    fn next_tdea_key(&self, usage: KeyUsage) -> Result<(Ksn, SecretKey), KeyFault> {
        self.next_working_key(usage)
    }

    fn keys_left(&self) -> Result<u32, KeyFault> {
        Err(KeyFault::Unavailable)
    }

    fn certificate_request(&self, _subject: &str) -> Result<Vec<u8>, KeyFault> {
        Err(KeyFault::Unavailable)
    }
}
