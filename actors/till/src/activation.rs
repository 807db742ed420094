//! Activation: the code goes to the bank through the link, and the terminal has a name.

use crate::{Activity, Out, Terminal, Till, refuse, wording};
use mpos_protocol::{
    Flow, Moment,
    link::{CheckStanding, Enrol, EnrolmentFault},
    shell::{Activate, ActivationEnded, Refusal, TerminalOpened},
    terminal::TerminalProfile,
};

/// The longest an enrolment may take: the link has limits of its own, together well below.
const ACTIVATION_LIMIT_MS: u64 = 60_000;

impl Till {
    pub(crate) fn begin_activation(&mut self, now: Moment, activate: Activate, outbox: &mut Out) {
        match (&self.terminal, &self.activity) {
            (Terminal::Activated(_), _) => refuse(Refusal::AlreadyActivated, outbox),
            (Terminal::NotActivated, Activity::Idle) => {
                self.activity = Activity::Activating;
                let flow = self.begin_flow(now);
                self.allow_ms(ACTIVATION_LIMIT_MS);
                self.tick(outbox);
                outbox.send_in(flow, Enrol { code: activate.code });
            }
            (Terminal::NotActivated, _) => refuse(Refusal::Busy, outbox),
            (Terminal::Closed | Terminal::Lost | Terminal::Unusable, _) => {
                refuse(Refusal::BookUnusable, outbox)
            }
        }
    }

    pub(crate) fn enrolled(&mut self, profile: TerminalProfile, outbox: &mut Out) {
        if self.profile().is_some() {
            return;
        }
        if matches!(self.activity, Activity::Activating) {
            self.activity = Activity::Idle;
        }
        if let TerminalOpened::Activated { terminal, merchant } = self.configure(Some(profile), outbox) {
            outbox.send(ActivationEnded::Activated { terminal, merchant });
            outbox.send_in(Flow::default(), CheckStanding);
        }
    }

    pub(crate) fn enrolment_failed(&mut self, fault: EnrolmentFault, outbox: &mut Out) {
        if matches!(self.activity, Activity::Activating) {
            self.activity = Activity::Idle;
            outbox.send(ActivationEnded::Failed { fault, reason: wording::enrolment(fault) });
        }
    }
}
