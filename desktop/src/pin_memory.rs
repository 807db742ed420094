//! A whole PIN through the wired terminal and the bank host, both in this process, with the recorder on: afterwards its
//! digits are nowhere in memory, neither the terminal's nor the bank's, which had to open the block to decline it.

#![cfg(target_os = "linux")]

#[path = "../../actors/pin-pad/tests/support/memory_search.rs"]
mod memory_search;

use crate::{
    arguments::BankAddress,
    bank::Bank,
    cards_command,
    counter::Counter,
    data_folder::DataFolder,
    terminal::{Bare, Terminal},
};
use memory_search::{Form, Rare};
use mpos_protocol::{
    Amount, Secret,
    inbox::Shell,
    pad::{Glyph, PadRole},
    pin::{
        PinFault,
        messages::{ArrangePinPad, PinAbandoned, PinPadChanged, PinPadTouched, ShowPinPad},
    },
    sale::{Cause, DeclineReason, SaleOutcome},
    shell::{BeginPurchase, SaleEnded, TerminalOpened},
};
use std::time::Duration;

/// The longest PIN.
const DIGITS: usize = 12;
const PATIENCE: Duration = Duration::from_secs(30);

/// A bank, and a terminal of it.
struct World {
    _root: tempfile::TempDir,
    bank: Bank,
    terminal: Terminal,
}

impl World {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(Some(root.path())).unwrap();
        let address = BankAddress { host: None, bank_ca: None, bank_data: None, activation_code: None };
        let bank = Bank::open(&folder, &address).unwrap();
        Counter::open(&folder, &bank).unwrap().close();
        let terminal = Terminal::start(&folder, &bank.contact().unwrap(), &Bare).unwrap();
        terminal.open_book().unwrap();
        let opened = terminal.wait(PATIENCE).unwrap();
        assert!(matches!(opened, Shell::TerminalOpened(TerminalOpened::Activated { .. })));
        Self { _root: root, bank, terminal }
    }

    /// The shuffled pad of a new sale, and the strokes of each digit, learned from the telephone's order.
    fn asked(&self) -> (ShowPinPad, Vec<Secret<Glyph>>) {
        let card = cards_command::find("mastercard").unwrap();
        self.terminal.hold(self.bank.personalise(&card).unwrap());
        self.terminal.send(BeginPurchase { amount: Amount::from_minor(4_100).unwrap() }).unwrap();
        let first = self.pad();
        let fixed = self.arranged(&first, true);
        let keys = fixed.keys.iter().filter(|key| key.role == PadRole::Digit);
        let mut shapes: Vec<_> = keys.map(|key| key.glyph.clone()).collect();
        // 0 is the last of them.
        shapes.rotate_right(1);
        (self.arranged(&fixed, false), shapes)
    }

    fn arranged(&self, pad: &ShowPinPad, fixed: bool) -> ShowPinPad {
        self.terminal.send(ArrangePinPad { pad: pad.pad, fixed }).unwrap();
        self.pad()
    }

    fn pad(&self) -> ShowPinPad {
        loop {
            match self.terminal.wait(PATIENCE).unwrap() {
                Shell::ShowPinPad(pad) => return pad,
                Shell::SaleProgress(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    fn types(&self, pad: &ShowPinPad, shapes: &[Secret<Glyph>], rare: &Rare) {
        for index in 0..rare.len() {
            let shape = &shapes[usize::from(rare.digit(index))];
            let key = pad.keys.iter().find(|key| key.glyph == *shape).unwrap();
            self.terminal.send(PinPadTouched { pad: pad.pad, at: Secret::new(key.area.centre()) }).unwrap();
            let dots = self.terminal.wait(PATIENCE).unwrap();
            let Shell::PinPadChanged(PinPadChanged { filled, .. }) = dots else { panic!("{dots:?}") };
            assert_eq!(usize::from(filled), index + 1);
        }
    }

    fn confirm(&self, pad: &ShowPinPad) {
        let key = pad.keys.iter().find(|key| key.role == PadRole::Confirm).unwrap();
        self.terminal.send(PinPadTouched { pad: pad.pad, at: Secret::new(key.area.centre()) }).unwrap();
    }

    fn ended(&self) -> SaleEnded {
        loop {
            if let Shell::SaleEnded(ended) = self.terminal.wait(PATIENCE).unwrap() {
                return ended;
            }
        }
    }
}

fn rare() -> Rare {
    Rare::new(DIGITS, || {
        let mut byte = [0];
        getrandom::fill(&mut byte).unwrap();
        byte[0]
    })
}

#[test]
fn no_digit_of_a_pin_is_in_memory_once_terminal_and_bank_have_handled_it() {
    let world = World::new();
    let control = rare();
    let mut planted = Box::new([0; DIGITS]);
    control.write(Form::Packed, &mut planted[..]);
    // An optimising compiler leaves out what nobody reads.
    std::hint::black_box(&mut planted);
    assert!(matches!(control.found()[..], [(Form::Packed, _)]), "what is there is found: {}", planted.len());
    for is_confirmed in [true, false] {
        let rare = rare();
        let (pad, shapes) = world.asked();
        world.types(&pad, &shapes, &rare);
        let during: Vec<_> = rare.found().into_iter().map(|(form, _)| form).collect();
        assert_eq!(during, [Form::Text], "in the pad's own memory, while they are typed, and nowhere else");
        let cause = if is_confirmed {
            world.confirm(&pad);
            Cause::Declined(DeclineReason::WrongPin)
        } else {
            world.terminal.send(PinAbandoned).unwrap();
            Cause::Pin(PinFault::Cancelled)
        };
        let receipt = world.ended().receipt;
        let outcome = if is_confirmed { SaleOutcome::Declined } else { SaleOutcome::Cancelled };
        assert_eq!((receipt.outcome, receipt.cause), (outcome, Some(cause)));
        assert_eq!(rare.found(), [], "confirmed: {is_confirmed}");
    }
    world.terminal.stop();
}
