//! Activation: the code goes to the bank through the link, and the terminal has a name.

use crate::{Activity, Out, Terminal, Till, refuse, wording};
use mpos_protocol::{
    Moment,
    link::{Enrol, EnrolmentEnded, EnrolmentFault},
    shell::{Activate, ActivationEnded, Refusal, TerminalOpened},
};

impl Till {
    pub(crate) fn begin_activation(&mut self, now: Moment, activate: Activate, outbox: &mut Out) {
        match (&self.terminal, &self.activity) {
            (Terminal::Activated(_), _) => refuse(Refusal::AlreadyActivated, outbox),
            (Terminal::NotActivated, Activity::Idle) => {
                self.activity = Activity::Activating;
                let flow = self.begin_flow(now);
                outbox.send_in(flow, Enrol { code: activate.code });
            }
            (Terminal::NotActivated, _) => refuse(Refusal::Busy, outbox),
            (Terminal::Closed | Terminal::Unusable, _) => refuse(Refusal::BookUnusable, outbox),
        }
    }

    pub(crate) fn enrolment_ended(&mut self, ended: EnrolmentEnded, outbox: &mut Out) {
        if !matches!(self.activity, Activity::Activating) {
            return;
        }
        self.activity = Activity::Idle;
        match ended {
            EnrolmentEnded::Failed(fault) => activation_failed(fault, outbox),
            EnrolmentEnded::Enrolled(profile) => {
                if let TerminalOpened::Activated { terminal, merchant } =
                    self.configure(Some(profile), outbox)
                {
                    outbox.send(ActivationEnded::Activated { terminal, merchant });
                }
            }
        }
    }
}

pub(crate) fn activation_failed(fault: EnrolmentFault, outbox: &mut Out) {
    outbox.send(ActivationEnded::Failed { fault, reason: wording::enrolment(fault) });
}
