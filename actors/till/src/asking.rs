//! Asking the bank something that moves no money: the shell's question goes to the link, its answer to the shell.
//!
//! It is a flow of its own, so nothing is sold meanwhile, and it ends whatever happens: nothing was done that asking
//! again could not do.

use crate::{Activity, Out, Terminal, Till, refuse, wording};
use mpos_protocol::{
    Moment,
    admin::AdminAnswer,
    link::{NoReply, PutToBank},
    shell::{AskBank, BankAnswered, Refusal},
};

/// The longest the link may take: what is open goes first (its reversal), then a connection and an answer, each with
/// its own limit.
const ASK_LIMIT_MS: u64 = 60_000;

impl Till {
    pub(crate) fn ask_the_bank(&mut self, now: Moment, ask: AskBank, outbox: &mut Out) {
        match (&self.terminal, &self.activity) {
            (Terminal::Activated(_), Activity::Idle) => {
                let flow = self.begin_flow(now);
                self.activity = Activity::Asking;
                self.allow_ms(ASK_LIMIT_MS);
                self.tick(outbox);
                outbox.send_in(flow, PutToBank { ask: ask.ask });
            }
            (Terminal::NotActivated, _) => refuse(Refusal::NotActivated, outbox),
            (Terminal::Unusable, _) | (Terminal::Closed | Terminal::Lost, Activity::Idle) => {
                refuse(Refusal::BookUnusable, outbox);
                self.read_lost_book(outbox);
            }
            _ => refuse(Refusal::Busy, outbox),
        }
    }

    pub(crate) fn bank_replied(&mut self, result: Result<AdminAnswer, NoReply>, outbox: &mut Out) {
        if !matches!(self.activity, Activity::Asking) {
            return;
        }
        self.activity = Activity::Idle;
        outbox.send_in(
            self.flow,
            match result {
                Ok(answer) => BankAnswered::Answered(answer),
                Err(fault) => BankAnswered::Failed { fault, reason: wording::no_reply(fault) },
            },
        );
    }
}
