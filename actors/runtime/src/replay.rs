//! A recorded run, fed to one actor again: the same messages, in the same order, at the same times.
//!
//! What the actor sends is compared, in the masked form for people, with what was recorded. Secrets are absent from
//! a recording, so a verdict that was reached over them (a kernel's check of a card's certificates, which are
//! masked) cannot be reached again: such messages are named by the caller, and the recorded one is used.

use crate::{
    Actor, Inbox,
    codec::write_json,
    outbox::{Sent, Step, step, step_undelivered},
    recording::{RecordedFrame, Recording},
    supervisor::caught,
};
use mpos_protocol::{Actor as Name, Flow, Moment, inbox, routes::ActorId};

/// What came of a replay.
#[derive(Debug)]
pub struct ReplayReport {
    /// Whose.
    pub actor: ActorId,
    /// Each message that the actor had handled.
    pub steps: Vec<ReplayStep>,
}

/// One message handled, and what followed.
#[derive(Debug)]
pub struct ReplayStep {
    /// The message's number in the recording.
    pub number: u64,
    /// The time it was given.
    pub at: Moment,
    /// Its flow.
    pub flow: Flow,
    /// Who sent it.
    pub from: ActorId,
    /// The row's name.
    pub name: &'static str,
    /// The message as JSON.
    pub message: String,
    /// False for set-up messages whose answers the recorder's ring has dropped: the actor is given them, and what
    /// it sends is not compared.
    pub compared: bool,
    /// Whether the actor panicked then.
    pub panicked_then: bool,
    /// Whether it panics now.
    pub panics_now: bool,
    /// What it sent, in order, then and now.
    pub sends: Vec<ReplayedSend>,
}

/// A message that an actor sends, as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendText {
    /// For whom.
    pub to: ActorId,
    /// In which flow.
    pub flow: Flow,
    /// The row's name.
    pub name: &'static str,
    /// As JSON, secrets masked.
    pub message: String,
}

/// One send, then and now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplayedSend {
    /// The same.
    Same(SendText),
    /// Another, under a name for which the recorded verdict counts.
    RecordedVerdictUsed {
        /// Then.
        recorded: SendText,
        /// Now.
        replayed: SendText,
    },
    /// Not the same, or missing on one side.
    Different {
        /// Then.
        recorded: Option<SendText>,
        /// Now.
        replayed: Option<SendText>,
    },
}

impl ReplayStep {
    /// Whether the actor did what it did then.
    pub fn is_same(&self) -> bool {
        let differs = |send: &ReplayedSend| matches!(send, ReplayedSend::Different { .. });
        self.panicked_then == self.panics_now && !(self.compared && self.sends.iter().any(differs))
    }
}

impl ReplayReport {
    /// Whether each step is the same.
    pub fn is_same(&self) -> bool {
        self.steps.iter().all(ReplayStep::is_same)
    }
}

/// Feeds what `recording` holds for `A` to an actor that `fresh` builds (again wherever one had panicked), and
/// compares what it sends. `verdicts` names the rows of which the recorded message counts (`CardAuthenticated`).
///
/// A message that was still in its mailbox when the recording was saved has no recorded answers: its step, one of
/// the last, shows as different.
pub fn replay<A: Actor>(recording: &Recording, fresh: impl Fn() -> A, verdicts: &[&str]) -> ReplayReport {
    let mut replay = Replay {
        frames: &recording.frames,
        whole_from: whole_from(&recording.frames),
        actor: fresh(),
        fresh,
        verdicts,
    };
    let handled = |frame: &&RecordedFrame| frame.to == A::Name::ID && frame.undelivered.is_none();
    let steps = recording.frames.iter().filter(handled).filter_map(|frame| replay.step(frame)).collect();
    ReplayReport { actor: A::Name::ID, steps }
}

/// The number from which on no frame is missing: before it stand only set-up messages that the ring had dropped.
fn whole_from(frames: &[RecordedFrame]) -> u64 {
    let mut whole = frames.last().map_or(0, |frame| frame.number);
    for frame in frames.iter().rev().skip(1) {
        if frame.number.checked_add(1) != Some(whole) {
            break;
        }
        whole = frame.number;
    }
    whole
}

struct Replay<'a, A, F> {
    frames: &'a [RecordedFrame],
    whole_from: u64,
    actor: A,
    fresh: F,
    verdicts: &'a [&'a str],
}

impl<'a, A: Actor, F: Fn() -> A> Replay<'a, A, F> {
    /// `None` for a line whose message does not decode, which `Recording::load` has refused before.
    fn step(&mut self, frame: &RecordedFrame) -> Option<ReplayStep> {
        let message: Inbox<A> = serde_json::from_str(&frame.message).ok()?;
        let mut report = ReplayStep {
            number: frame.number,
            at: frame.at,
            flow: frame.flow,
            from: frame.from,
            name: frame.name,
            message: frame.message.clone(),
            compared: frame.number >= self.whole_from,
            panicked_then: self.panicked_then(frame.number),
            panics_now: false,
            sends: Vec::new(),
        };
        let who = A::Name::ID;
        let actor = &mut self.actor;
        let done = caught(who, frame.name, || step(actor, frame.at, frame.flow, message));
        match done {
            Some(step) => {
                let undelivered = self.compare(frame.number, step, &mut report);
                self.tell_undelivered(undelivered, &mut report);
            }
            None => report.panics_now = true,
        }
        if report.panics_now || report.panicked_then {
            self.actor = (self.fresh)();
        }
        Some(report)
    }

    /// Compares what one step sent; gives back what was not delivered then.
    fn compare(&self, cause: u64, step: Step, report: &mut ReplayStep) -> Vec<(&'a RecordedFrame, Sent)> {
        let mut recorded =
            self.frames.iter().filter(|frame| frame.cause == cause && frame.from == A::Name::ID);
        let mut undelivered = Vec::new();
        let mut replayed = step.sent.into_iter();
        loop {
            let (then, now) = (recorded.next(), replayed.next());
            if then.is_none() && now.is_none() {
                return undelivered;
            }
            let (recorded, replayed) = (then.map(text_of_recorded), now.as_ref().map(text_of_sent));
            report.sends.push(self.compare_one(recorded, replayed));
            if let (Some(then), Some(now)) = (then, now) {
                undelivered.extend(then.undelivered.is_some().then_some((then, now)));
            }
        }
    }

    /// As the adapter does after a step: what is sent in answer and fails as well is not told again.
    fn tell_undelivered(&mut self, undelivered: Vec<(&'a RecordedFrame, Sent)>, report: &mut ReplayStep) {
        for (then, now) in undelivered {
            let Some(fault) = then.undelivered else { continue };
            let actor = &mut self.actor;
            match caught(A::Name::ID, "undelivered", || step_undelivered(actor, then.at, &now, fault)) {
                Some(step) => drop(self.compare(then.number, step, report)),
                None => report.panics_now = true,
            }
        }
    }

    fn compare_one(&self, recorded: Option<SendText>, replayed: Option<SendText>) -> ReplayedSend {
        match (recorded, replayed) {
            (Some(recorded), Some(replayed)) if recorded == replayed => ReplayedSend::Same(recorded),
            (Some(recorded), Some(replayed))
                if recorded.name == replayed.name && self.verdicts.contains(&recorded.name) =>
            {
                ReplayedSend::RecordedVerdictUsed { recorded, replayed }
            }
            (recorded, replayed) => ReplayedSend::Different { recorded, replayed },
        }
    }

    /// A panic shows in a recording as the notice to the till that followed it.
    fn panicked_then(&self, number: u64) -> bool {
        self.frames.iter().any(|frame| {
            frame.cause == number
                && frame.from == ActorId::Supervisor
                && matches!(serde_json::from_str(&frame.message),
                    Ok(inbox::Till::ActorRestarted(restart)) if restart.who == A::Name::ID)
        })
    }
}

fn text_of_recorded(frame: &RecordedFrame) -> SendText {
    SendText { to: frame.to, flow: frame.flow, name: frame.name, message: frame.message.clone() }
}

fn text_of_sent(sent: &Sent) -> SendText {
    let mut json = Vec::new();
    let written = write_json(sent.to(), sent.frame(), &mut json);
    let message = if written { String::from_utf8(json).unwrap_or_default() } else { String::new() };
    SendText { to: sent.to(), flow: sent.flow(), name: sent.name(), message }
}
