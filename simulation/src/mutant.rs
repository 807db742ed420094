//! Broken safeguards. A simulation that does not find them proves nothing by finding nothing else.
//!
//! Each is made at a port or on the way of a message, so that the product's code is the one that ships.

macro_rules! mutants {
    ($($(#[doc = $doc:literal])+ $name:ident $text:literal $says:literal),+ $(,)?) => {
        /// A safeguard that is broken.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Mutant {
            $( $(#[doc = $doc])+ $name ),+
        }

        impl Mutant {
            /// All of them.
            pub const ALL: &'static [Self] = &[$( Self::$name ),+];

            /// As it is typed.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$name => $text ),+ }
            }

            /// What is broken.
            pub const fn says(self) -> &'static str {
                match self { $( Self::$name => $says ),+ }
            }
        }
    };
}

mutants! {
    /// The journal's syncs do nothing.
    JournalNotSynced "journal-not-synced" "the journal's sync does nothing",
    /// The key file's syncs do nothing, so that a key may be used twice.
    KeysNotSynced "keys-not-synced" "the key counter's sync does nothing",
    /// A request leaves before the ledger has it.
    SentBeforeRecorded "sent-before-recorded" "a request leaves before the journal has it",
    /// An answer is shown before the ledger has it.
    ShownBeforeRecorded "shown-before-recorded" "an answer is shown before the journal has it",
    /// What waits to be reversed is forgotten at a start.
    ReversalsDropped "reversals-dropped" "requests without an answer are forgotten at a start",
    /// The bank answers before it commits.
    AnsweredBeforeCommit "answered-before-commit" "the bank answers before its commit",
    /// The bank does not know a repeat when it sees one.
    AnswersForgotten "answers-forgotten" "the bank does not know a message that it answered",
    /// The bank does not count what was refunded.
    RefundsForgotten "refunds-forgotten" "the bank does not count what was given back before",
    /// The bank says that a sale is reversed, and leaves the money where it is.
    ReversalsNotBooked "reversals-not-booked" "the bank confirms a reversal and books nothing",
    /// The bank does not look at a message's place in the chain.
    SequenceUnchecked "sequence-unchecked" "the bank takes a message in any place of the chain",
}

impl Mutant {
    /// Within how many seeds it is found, from the first: several times what was measured (`docs/reliability.md`).
    pub const fn seeds_max(self) -> u64 {
        match self {
            Self::ShownBeforeRecorded | Self::SequenceUnchecked => 600,
            _ => 100,
        }
    }

    /// The mutant of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|mutant| mutant.name() == name)
    }
}
