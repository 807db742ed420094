//! Kernel 3 (EMV Contactless Book C-3): Visa, Electron and V PAY, qVSDC.
//!
//! Visa's cards do everything in GET PROCESSING OPTIONS: the terminal says what it can and wants (TTQ),
//! the card answers with its cryptogram and says what it wants (CTQ). Records follow only where offline
//! data authentication may be done; an answer without an AFL is the normal online card.
//!
//! ```text
//! start → ExpectGpo → (ExpectRecord …) → card done
//! ```
//!
//! | file | phase | Book C-3 |
//! |---|---|---|
//! | `ttq` | the qualifiers of terminal and card, bit by bit | Annex A |
//! | `gpo` | GET PROCESSING OPTIONS and its status words | GET PROCESSING OPTIONS |
//! | `read` | READ RECORD | read application data |
//! | `decide` | cryptogram, restrictions, what is asked of the bank | card decision, restrictions |
//! | `fdda` | whether fDDA is verified | offline data authentication |
//! | `cvm` | cardholder verification | cardholder verification |

mod cvm;
mod decide;
mod fdda;
mod gpo;
mod read;
mod ttq;

use alloc::boxed::Box;

use crate::next::{Halt, Next, Selected};

pub(crate) use gpo::ExpectGpo;
pub(crate) use read::ExpectRecord;

/// What kernel 3 waits for.
pub(crate) enum State {
    Gpo(ExpectGpo),
    Record(ExpectRecord),
}

/// Kernel 3's start: the first command.
pub(crate) fn start(selected: Selected) -> Result<Next<State>, Halt> {
    gpo::start(Box::new(selected))
}

impl State {
    /// One answer of the card.
    pub(crate) fn step(self, response: &[u8]) -> Result<Next<State>, Halt> {
        match self {
            Self::Gpo(state) => state.step(response),
            Self::Record(state) => state.step(response),
        }
    }
}
