//! What goes wrong in a run: each kind by its name, how likely it is in this run, and how often it happened.
//!
//! A run draws for each kind whether it happens at all and how often, so that some runs are calm but for one kind and
//! others have all at once.

use crate::draw::Draw;

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $name:ident $rate:literal),+ $(,)?) => {
        /// A kind of fault. The number is how likely it is at most, in ten thousand of its occasions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Fault {
            $( $(#[doc = $doc])+ $name ),+
        }

        impl Fault {
            /// All of them.
            pub const ALL: &'static [Self] = &[$( Self::$name ),+];

            const fn rate_max(self) -> u32 {
                match self { $( Self::$name => $rate ),+ }
            }
        }
    };
}

faults! {
    /// A message between terminal and bank never arrives; nobody is told.
    MessageLost 1500,
    /// It arrives twice.
    MessageDuplicated 1500,
    /// It takes up to two minutes.
    MessageDelayed 1500,
    /// It arrives before one that was sent earlier, or long after one that was sent later.
    MessageReordered 1500,
    /// Its beginning arrives, at any of its bytes, and then the connection is gone.
    MessageCut 1500,
    /// A connection breaks between two messages.
    LineBroken 1000,
    /// A connection is refused.
    LineRefused 1500,
    /// A connection is never answered.
    LineSilent 800,
    /// The terminal's process is killed between two steps.
    ProcessKilled 25,
    /// The terminal's power fails between two steps: what was not synced may be lost, or torn.
    PowerLost 25,
    /// The terminal's process is killed in the middle of a call to the disk.
    KilledAtDiskCall 1500,
    /// The terminal's power fails in the middle of a call to the disk.
    PowerLostAtDiskCall 1500,
    /// A call to the disk fails.
    DiskCallFailed 1000,
    /// The disk is full for a while.
    DiskFull 400,
    /// An actor panics over a message before it has done anything.
    PanicBefore 40,
    /// An actor panics over a message after it has done everything, and nothing of it is sent.
    PanicAfter 40,
    /// A mailbox takes fewer messages than it should, for a while.
    MailboxFull 800,
    /// A step that may wait for a card or a disk takes seconds.
    SlowStep 250,
    /// The terminal's clock is set wrong, or right again.
    ClockJumped 500,
    /// The card leaves in the middle of a command.
    CardTaken 1500,
    /// The merchant presses Cancel.
    Cancelled 500,
    /// The bank's process is killed while its books are asked.
    BankKilledAtAwait 700,
    /// The bank's process is killed at any other time.
    BankKilled 400,
    /// The bank's process is stopped as it should be: it finishes what it holds.
    BankStopped 400,
    /// The bank's books refuse a batch.
    BooksRefused 1200,
    /// The bank's books keep a batch and report that they did not.
    CommitUnknown 1200,
    /// Two terminals give the same purchase back at once.
    RefundRace 3000,
    /// The phone's networks change, or it says so: its line may be alive all the same.
    NetworksChanged 800,
}

/// How likely each kind is in this run, and how often it happened.
#[derive(Clone, Debug)]
pub struct Faults {
    draw: Draw,
    rates: Vec<u32>,
    counts: Vec<u64>,
    /// From now on nothing goes wrong.
    calm: bool,
}

impl Faults {
    /// The rates of a run.
    pub fn new(mut draw: Draw) -> Self {
        // Most runs have about a third of all kinds; a few have one only, or all.
        let share = [3_300, 3_300, 3_300, 500, 10_000][draw.index(5)];
        let rates = Fault::ALL
            .iter()
            .map(|fault| {
                let most = u64::from(fault.rate_max());
                let rate = u32::try_from(draw.between(most / 8 + 1, most)).unwrap_or(0);
                if draw.chance(share) { rate } else { 0 }
            })
            .collect();
        Self { draw, rates, counts: vec![0; Fault::ALL.len()], calm: false }
    }

    /// Nothing goes wrong any more.
    pub fn end(&mut self) {
        self.calm = true;
    }

    /// Whether it happens now; counts it if so.
    pub fn strikes(&mut self, fault: Fault) -> bool {
        let rate = self.rates.get(fault as usize).copied().unwrap_or(0);
        // Drawn in any case: a run in calm draws as many as one that is not.
        let strikes = self.draw.chance(rate) && !self.calm;
        if strikes {
            self.note(fault);
        }
        strikes
    }

    /// It happened for another reason.
    pub fn note(&mut self, fault: Fault) {
        if let Some(count) = self.counts.get_mut(fault as usize) {
            *count += 1;
        }
    }

    /// How often each kind happened, in the order of [`Fault::ALL`].
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Chance for the details.
    pub fn draw(&mut self) -> &mut Draw {
        &mut self.draw
    }
}
