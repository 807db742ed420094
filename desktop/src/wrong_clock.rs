//! The wired terminal with a clock two days ahead or behind, against the real bank host: nothing is sold, the merchant
//! is told what is wrong and how to mend it, and the same terminal sells once its clock is right.
//!
//! A clock of the phone's that somebody sets is how an old message would be passed off as a new one, so the bank takes
//! no message whose time is far from its own.

use crate::{
    arguments::BankAddress,
    bank::Bank,
    cards_command,
    counter::Counter,
    data_folder::DataFolder,
    terminal::{Bare, Terminal},
};
use mpos_ports::Clock;
use mpos_protocol::{
    Amount, Moment,
    host::HostRefusal,
    inbox::Shell,
    sale::{Cause, Receipt, SaleOutcome},
    shell::{BeginPurchase, TerminalOpened},
};
use mpos_std::clock::SystemClock;
use std::{sync::Arc, time::Duration};

const TWO_DAYS_S: i64 = 2 * 24 * 60 * 60;
/// What the bank's clock moves on at most until it has the message.
const ON_THE_WAY_S: i64 = 60;
const PATIENCE: Duration = Duration::from_secs(60);

/// The system's clock, set to another time.
struct SetClock {
    system: SystemClock,
    ahead_s: i64,
}

impl Clock for SetClock {
    fn now(&self) -> Moment {
        let now = self.system.now();
        Moment { unix_ms: now.unix_ms.checked_add_signed(self.ahead_s * 1000).unwrap(), ..now }
    }
}

/// A bank, and the folder of a terminal that it knows.
struct World {
    _root: tempfile::TempDir,
    folder: DataFolder,
    bank: Bank,
}

impl World {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(Some(root.path())).unwrap();
        let address = BankAddress { host: None, bank_ca: None, bank_data: None, activation_code: None };
        let bank = Bank::open(&folder, &address).unwrap();
        Counter::open(&folder, &bank).unwrap().close();
        Self { _root: root, folder, bank }
    }

    /// A sale of the terminal with its clock so far ahead.
    fn sell(&self, ahead_s: i64) -> Receipt {
        let clock = Arc::new(SetClock { system: SystemClock::new(), ahead_s });
        let contact = self.bank.contact().unwrap();
        let terminal = Terminal::start_at(&self.folder, &contact, &Bare, clock).unwrap();
        terminal.open_book().unwrap();
        let opened = terminal.wait(PATIENCE).unwrap();
        assert!(matches!(opened, Shell::TerminalOpened(TerminalOpened::Activated { .. })), "{opened:?}");
        terminal.hold(self.bank.personalise(&cards_command::find("mastercard").unwrap()).unwrap());
        terminal.send(BeginPurchase { amount: Amount::from_minor(123).unwrap() }).unwrap();
        loop {
            if let Shell::SaleEnded(ended) = terminal.wait(PATIENCE).unwrap() {
                terminal.stop();
                return ended.receipt;
            }
        }
    }

    /// How many sales the bank's books have, of any end.
    fn booked(&self) -> usize {
        self.bank.console().unwrap().sales(10).unwrap().len()
    }
}

#[test]
fn a_terminal_whose_clock_is_two_days_off_sells_nothing_until_it_is_right() {
    let world = World::new();
    for ahead_s in [TWO_DAYS_S, -TWO_DAYS_S] {
        let before = world.booked();
        let receipt = world.sell(ahead_s);
        assert_eq!(receipt.outcome, SaleOutcome::Cancelled, "{receipt:?}");
        let Some(Cause::Refused(HostRefusal::StaleTime(told_s))) = receipt.cause else {
            panic!("{:?}", receipt.cause)
        };
        assert!((told_s - ahead_s).abs() <= ON_THE_WAY_S, "{told_s} s of {ahead_s}");
        assert_eq!(&*receipt.reason.unwrap(), "The clock of this phone is wrong.");
        let next = receipt.next.unwrap();
        assert!(next.starts_with("Nothing was charged.") && next.contains("date and time"), "{next}");
        assert_eq!(world.booked(), before, "nothing was charged");
        assert_eq!(world.sell(0).outcome, SaleOutcome::Approved);
        assert_eq!(world.booked(), before + 1);
    }
}
