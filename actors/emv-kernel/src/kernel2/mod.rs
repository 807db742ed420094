//! Kernel 2 (EMV Contactless Book C-2): Mastercard and Maestro, EMV mode.
//!
//! Starts when an application was selected; ends with its cryptogram or on the way out. The states are
//! named for the answer that they wait for, and each step consumes the one before:
//!
//! ```text
//! start → ExpectGpo → ExpectRecord … → ExpectGenerateAc → card done
//! ```
//!
//! | file | phase | Book C-2 |
//! |---|---|---|
//! | `gpo` | GET PROCESSING OPTIONS, AFL | waiting for GPO |
//! | `read` | READ RECORD, then everything that is decided about the card | waiting for a record |
//! | `restrictions` | versions, dates, usage | processing restrictions |
//! | `cvm` | cardholder verification | CVM selection |
//! | `action_codes` | action analysis | action analysis |
//! | `cda` | whether CDA is asked for | data authentication |
//! | `generate_ac` | GENERATE AC and its answer | waiting for GENERATE AC |

mod action_codes;
mod cda;
mod cvm;
mod generate_ac;
mod gpo;
mod read;
mod restrictions;

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::next::{Halt, Next, Selected};
use crate::settings::{Kernel2Settings, KernelSettings};

pub(crate) use generate_ac::ExpectGenerateAc;
pub(crate) use gpo::ExpectGpo;
pub(crate) use read::ExpectRecord;

/// What kernel 2 waits for.
pub(crate) enum State {
    Gpo(ExpectGpo),
    Record(ExpectRecord),
    GenerateAc(ExpectGenerateAc),
}

/// What all states carry on.
pub(crate) struct Context {
    pub(crate) selected: Selected,
    pub(crate) kernel: Kernel2Settings,
    /// The PDOL's values as they were sent: CDA covers them.
    pub(crate) pdol_values: Vec<u8>,
}

/// Kernel 2's start: the first command.
pub(crate) fn start(selected: Selected) -> Result<Next<State>, Halt> {
    let KernelSettings::Kernel2(kernel) = selected.terminal.rules().kernel.clone() else {
        unreachable!("a combination of kernel 2 has the settings of kernel 2");
    };
    gpo::start(Box::new(Context { selected, kernel, pdol_values: Vec::new() }))
}

impl State {
    /// One answer of the card.
    pub(crate) fn step(self, response: &[u8]) -> Result<Next<State>, Halt> {
        match self {
            Self::Gpo(state) => state.step(response),
            Self::Record(state) => state.step(response),
            Self::GenerateAc(state) => state.step(response),
        }
    }

    /// Whether a card that leaves now may have counted the transaction.
    pub(crate) const fn is_at_cryptogram(&self) -> bool {
        matches!(self, Self::GenerateAc(_))
    }
}

impl Context {
    /// Book C-2, CVM limit: above the limit, not at it.
    pub(crate) fn is_over_cvm_limit(&self) -> bool {
        let limit = self.selected.terminal.rules().cvm_limit;
        limit.is_some_and(|limit| self.selected.transaction.amount > limit)
    }

    /// The AIP (82). Mandatory, so it is there once GPO was answered.
    pub(crate) fn aip(&self) -> [u8; 2] {
        self.selected.card.fixed(mpos_tlv::Tag::AIP).ok().flatten().unwrap_or_default()
    }

    /// Book C-2: verification on the customer's device, supported by card (AIP byte 1, bit 2) and
    /// terminal (kernel configuration, bit 6).
    pub(crate) fn has_on_device_cvm(&self) -> bool {
        self.aip()[0] & 0x02 != 0 && self.kernel.kernel_configuration & 0x20 != 0
    }
}
