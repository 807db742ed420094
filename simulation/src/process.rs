//! A terminal's process: its actors, their mailboxes, and the supervisor's notices; three threads, as on a phone.
//!
//! Which mailbox is next is the world's choice; here is what a step does, and what becomes of what it sends. The rules
//! are the runtime's own (`actors/runtime/src/adapter.rs`, `notices.rs`): a step that panics sends nothing, a full
//! mailbox is told to the sender, what is not delivered then is told to the till.

use crate::{
    cell::{Cell, Letter, Stepped},
    mutant::Mutant,
};
use mpos_protocol::{
    Flow, Moment, Text, actor,
    book::{AnswerRecorded, RequestRecorded},
    frame, inbox,
    routes::ActorId,
    supervision::{ActorRestarted, DeliveryFailed, DeliveryFault},
};
use mpos_runtime::{Sent, Step, Thread};
use std::collections::VecDeque;

/// Most notices that wait, as in the runtime.
const NOTICES_MAX: usize = 64;
const THREADS: usize = 3;

/// How a step is made to panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PanicAt {
    /// Before it has done anything.
    Before,
    /// After it has done everything.
    After,
}

/// A timer that a step set.
pub struct TimerSet {
    /// After so long.
    pub delay_ms: u64,
    /// Whose life it belongs to.
    pub life: u32,
    /// What comes back.
    pub letter: Letter,
}

/// How a step ended.
pub enum Ended {
    /// It is to send this, when its time is over.
    Sends {
        /// What.
        step: Step,
        /// In which life of the actor.
        life: u32,
    },
    /// It panicked because it was made to.
    Panicked,
    /// It panicked by itself.
    Broke(String),
}

/// A process.
pub struct Process {
    cells: Vec<Box<dyn Cell>>,
    mailboxes: Vec<VecDeque<Letter>>,
    notices: VecDeque<Letter>,
    capacity: usize,
    busy_until_ms: [u64; THREADS],
    mutant: Option<Mutant>,
    /// How many messages did not find room.
    pub undelivered: u64,
}

const fn thread(who: ActorId) -> usize {
    match Thread::of(who) {
        Thread::Main => 0,
        Thread::Card => 1,
        Thread::Ledger => 2,
    }
}

impl Process {
    /// These actors, with nothing to do.
    pub fn new(cells: Vec<Box<dyn Cell>>, capacity: usize, mutant: Option<Mutant>) -> Self {
        Self {
            cells,
            mailboxes: vec![VecDeque::new(); ActorId::ALL.len()],
            notices: VecDeque::new(),
            capacity,
            busy_until_ms: [0; THREADS],
            mutant,
            undelivered: 0,
        }
    }

    /// How many messages a mailbox takes from now on.
    pub fn set_capacity(&mut self, capacity: usize) {
        self.capacity = capacity;
    }

    /// Who has something to do and is free to do it.
    pub fn runnable(&self, now_ms: u64) -> impl Iterator<Item = ActorId> + '_ {
        let free = move |who: &ActorId| self.busy_until_ms[thread(*who)] <= now_ms;
        let has_mail = |who: &ActorId| self.mailboxes.get(*who as usize).is_some_and(|box_| !box_.is_empty());
        ActorId::ALL.iter().copied().filter(has_mail).filter(free)
    }

    /// The thread of `who` has work until then.
    pub fn keep_busy(&mut self, who: ActorId, until_ms: u64) {
        self.busy_until_ms[thread(who)] = until_ms;
    }

    /// The next message in a mailbox.
    pub fn take(&mut self, who: ActorId) -> Option<Letter> {
        self.mailboxes.get_mut(who as usize)?.pop_front()
    }

    /// In which life an actor is.
    pub fn life(&self, who: ActorId) -> u32 {
        self.cells.iter().find(|cell| cell.who() == who).map_or(0, |cell| cell.life())
    }

    /// One step over `letter`.
    pub fn step(&mut self, letter: &Letter, panic: Option<PanicAt>) -> Option<Ended> {
        let cell = self.cells.iter_mut().find(|cell| cell.who() == letter.to)?;
        if panic == Some(PanicAt::Before) {
            return Some(Ended::Panicked);
        }
        let life = cell.life();
        match cell.handle(letter) {
            _ if panic == Some(PanicAt::After) => Some(Ended::Panicked),
            Stepped::Done(step) => Some(Ended::Sends { step, life }),
            Stepped::Panicked(text) => Some(Ended::Broke(text)),
            Stepped::Nothing => None,
        }
    }

    /// The actor is started anew, and the till is told.
    pub fn restart_actor(&mut self, handled: &Letter, now: Moment) {
        let who = handled.to;
        if let Some(cell) = self.cells.iter_mut().find(|cell| cell.who() == who) {
            cell.rebuild();
        }
        let notice = Letter::from_edge::<actor::Supervisor, _>(handled.flow, &ActorRestarted { who }, now);
        let Some(notice) = notice else { return };
        if who == ActorId::Till {
            // Before all that waits in its mailbox.
            self.mailboxes[ActorId::Till as usize].push_front(notice);
        } else {
            self.notify(notice);
        }
    }

    /// Lets what a step sends go.
    pub fn dispatch(&mut self, who: ActorId, step: Step, life: u32, at: Moment) -> Vec<TimerSet> {
        let mut timers = self.timers(&step, life, at);
        for sent in step.sent {
            let Err(fault) = self.put_sent(&sent, at) else { continue };
            let Some(cell) = self.cells.iter_mut().find(|cell| cell.who() == who) else { continue };
            let life = cell.life();
            if let Stepped::Done(again) = cell.undelivered(at, &sent, fault) {
                timers.extend(self.timers(&again, life, at));
                for sent in again.sent {
                    if let Err(fault) = self.put_sent(&sent, at) {
                        self.notify_lost(&sent, fault, at);
                    }
                }
            }
        }
        timers
    }

    fn timers(&self, step: &Step, life: u32, at: Moment) -> Vec<TimerSet> {
        let set = step.timers.iter();
        set.map(|timer| TimerSet {
            delay_ms: timer.delay_ms,
            life,
            letter: Letter::from_sent(&timer.message, at),
        })
        .collect()
    }

    fn put_sent(&mut self, sent: &Sent, at: Moment) -> Result<(), DeliveryFault> {
        let letter = self.tampered(Letter::from_sent(sent, at));
        self.put(letter)
    }

    /// Puts a message into its mailbox.
    ///
    /// # Errors
    /// `Full` when there is no room.
    pub fn put(&mut self, letter: Letter) -> Result<(), DeliveryFault> {
        let mailbox = self.mailboxes.get_mut(letter.to as usize).ok_or(DeliveryFault::Closed)?;
        if mailbox.len() >= self.capacity {
            self.undelivered += 1;
            return Err(DeliveryFault::Full);
        }
        mailbox.push_back(letter);
        Ok(())
    }

    /// What an edge sends: what does not arrive is told to the till, as the runtime's inlet does.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub fn put_from_edge(&mut self, letter: Letter) -> Result<(), DeliveryFault> {
        let lost = Lost { from: letter.from, to: letter.to, flow: letter.flow, name: letter.name };
        let at = letter.at;
        self.put(letter).inspect_err(|fault| {
            if lost.to != ActorId::Till {
                self.tell_lost(&lost, *fault, at);
            }
        })
    }

    fn notify_lost(&mut self, sent: &Sent, fault: DeliveryFault, at: Moment) {
        let lost = Lost { from: sent.from(), to: sent.to(), flow: sent.flow(), name: sent.name() };
        self.tell_lost(&lost, fault, at);
    }

    fn tell_lost(&mut self, lost: &Lost, fault: DeliveryFault, at: Moment) {
        let Lost { from, to, flow, name } = *lost;
        let failed = DeliveryFailed { from, to, message: Text::clipped(name), cause: fault };
        if let Some(notice) = Letter::from_edge::<actor::Supervisor, _>(flow, &failed, at) {
            self.notify(notice);
        }
    }

    fn notify(&mut self, notice: Letter) {
        if self.notices.len() < NOTICES_MAX {
            self.notices.push_back(notice);
        }
        self.flush_notices();
    }

    /// The till has handled a message: there may be room for a notice now.
    pub fn flush_notices(&mut self) {
        let till = ActorId::Till as usize;
        while self.mailboxes[till].len() < self.capacity
            && let Some(notice) = self.notices.pop_front()
        {
            self.mailboxes[till].push_back(notice);
        }
    }

    /// What a broken safeguard makes of a message.
    fn tampered(&mut self, letter: Letter) -> Letter {
        let at = letter.at;
        match (self.mutant, frame::decode::<actor::Ledger>(&letter.frame)) {
            (Some(Mutant::SentBeforeRecorded), Ok((_, inbox::Ledger::RecordRequest(request)))) => {
                let told = RequestRecorded { sequence: request.sequence };
                self.tell_early(Letter::from_edge::<actor::Ledger, _>(letter.flow, &told, at));
            }
            (Some(Mutant::ShownBeforeRecorded), Ok((_, inbox::Ledger::RecordAnswer(answer)))) => {
                let told = AnswerRecorded { sequence: answer.sequence };
                self.tell_early(Letter::from_edge::<actor::Ledger, _>(letter.flow, &told, at));
            }
            (Some(Mutant::ReversalsDropped), _) => {
                if let Ok((_, inbox::HostLink::ChainRestored(mut chain))) =
                    frame::decode::<actor::HostLink>(&letter.frame)
                {
                    chain.unresolved = Default::default();
                    return Letter::from_edge::<actor::Ledger, _>(letter.flow, &chain, at).unwrap_or(letter);
                }
            }
            _ => {}
        }
        letter
    }

    fn tell_early(&mut self, told: Option<Letter>) {
        // A full mailbox is only one more chance for the true message.
        let _told = told.map(|told| self.put(told));
    }
}

/// A message that did not arrive.
struct Lost {
    from: ActorId,
    to: ActorId,
    flow: Flow,
    name: &'static str,
}
