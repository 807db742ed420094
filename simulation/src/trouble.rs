//! The world at large: every two seconds chance is asked about clocks, disks, mailboxes and the bank, and whether it is
//! time for calm.

use crate::{
    disk::End,
    fault::Fault,
    merchant::Doing,
    world::{Event, UPKEEP_MS, World},
};
use mpos_protocol::link::NetworkChanged;
use mpos_runtime::MAILBOX_FRAMES_MAX;

/// The part in which things go wrong ends then at the latest.
const TROUBLE_MS_MAX: u64 = 45 * 60_000;
/// A sale that takes longer, with the program running, is stuck.
const SALE_MS_MAX: u64 = 10 * 60_000;
/// A program that has not opened its book by then is started again.
const OPENING_MS_MAX: u64 = 60_000;

impl World {
    pub(crate) fn upkeep(&mut self) {
        self.at(UPKEEP_MS, Event::Upkeep);
        for place in 0..self.terminals.len() {
            self.look_after(place);
        }
        if self.faults.strikes(Fault::BankKilled) {
            self.kill_bank();
        } else if self.faults.strikes(Fault::BankStopped) {
            self.stop_bank();
        }
        let done = self.merchants.iter().all(|merchant| merchant.left == 0 && merchant.doing == Doing::Idle);
        if self.calm_since_ms.is_none() && (done || self.now_ms > TROUBLE_MS_MAX) {
            self.calm_down();
        }
    }

    fn look_after(&mut self, place: usize) {
        let (now_ms, calm) = (self.now_ms, self.calm_since_ms.is_some());
        let Some((doing, since_ms)) =
            self.merchants.get(place).map(|merchant| (merchant.doing.clone(), merchant.since_ms))
        else {
            return;
        };
        let waited_ms = now_ms.saturating_sub(since_ms);
        match doing {
            Doing::Selling(_) | Doing::Asking(_) if waited_ms > SALE_MS_MAX => {
                self.violate(format!("terminal {place} is stuck in {doing:?}"));
            }
            Doing::Opening if waited_ms > OPENING_MS_MAX && calm => {
                self.violate(format!("terminal {place} does not open its book"));
            }
            Doing::Opening if waited_ms > OPENING_MS_MAX => self.end_process(place, End::Killed),
            _ => {}
        }
        if self.faults.strikes(Fault::ClockJumped) {
            const MINUTE_MS: i64 = 60_000;
            let skews =
                [0, 0, 30_000, -30_000, 8 * MINUTE_MS, -8 * MINUTE_MS, 2_880 * MINUTE_MS, -2_880 * MINUTE_MS];
            let skew_ms = skews[self.draw.index(skews.len())];
            self.trace.note(now_ms, format_args!("{place} clock off by {skew_ms}"));
            if let Some(terminal) = self.terminals.get_mut(place) {
                terminal.skew_ms = skew_ms;
            }
        }
        if self.faults.strikes(Fault::NetworksChanged) {
            let available = self.draw.chance(5_000);
            self.trace.note(now_ms, format_args!("{place} networks changed, available: {available}"));
            // Undelivered is as good as not noticed.
            let _told = self.tell(place, &NetworkChanged { available });
        }
        if self.faults.strikes(Fault::DiskFull) {
            if let Some(terminal) = self.terminals.get(place) {
                terminal.disk.set_full(true);
            }
            let for_ms = self.draw.between(1_000, 60_000);
            self.at(for_ms, Event::RoomAgain(place));
        }
        if self.faults.strikes(Fault::MailboxFull) {
            let capacity = usize::try_from(self.draw.between(1, 4)).unwrap_or(1);
            let for_ms = self.draw.between(100, 3_000);
            if let Some(terminal) = self.terminals.get_mut(place) {
                let generation = terminal.generation;
                if let Some(process) = &mut terminal.process {
                    process.set_capacity(capacity);
                    self.at(for_ms, Event::SqueezeOver { terminal: place, generation });
                }
            }
        }
    }

    /// From now on nothing goes wrong, and what was begun must be resolved.
    fn calm_down(&mut self) {
        self.trace.note(self.now_ms, format_args!("calm"));
        self.faults.end();
        self.calm_since_ms = Some(self.now_ms);
        for place in 0..self.terminals.len() {
            let Some(terminal) = self.terminals.get_mut(place) else { continue };
            terminal.disk.heal();
            terminal.skew_ms = 0;
            if let Some(process) = &mut terminal.process {
                process.set_capacity(MAILBOX_FRAMES_MAX);
            }
            // Some are started once more: what is owed must outlive that too.
            if self.draw.chance(5_000) && self.terminals.get(place).is_some_and(|it| it.process.is_some()) {
                let end = if self.draw.chance(5_000) { End::Killed } else { End::PowerLost };
                self.end_process(place, end);
            }
        }
        // Each sells once more, which must go well.
        for place in 0..self.merchants.len() {
            if let Some(merchant) = self.merchants.get_mut(place) {
                merchant.left = 1;
            }
            self.act_later(place);
        }
        if !self.bank.is_up() {
            self.bank_starts();
        }
    }
}
