//! GET PROCESSING OPTIONS: what the card will do, and where its data are.
//!
//! EMV Contactless Book C-2, start and waiting for the answer to GPO.

use alloc::boxed::Box;

use mpos_tlv::Tag;

use super::{Context, State, read};
use crate::apdu::Apdu;
use crate::card_data::success;
use crate::error::{CardFault, CommandKind};
use crate::next::{Halt, Next};
use crate::records::RecordPlan;

/// Waits for the answer to GET PROCESSING OPTIONS.
pub(crate) struct ExpectGpo {
    context: Box<Context>,
}

/// Book C-2, state 1: before any answer, what depends on the amount alone.
pub(super) fn start(mut context: Box<Context>) -> Result<Next<State>, Halt> {
    if context.is_over_cvm_limit() && !context.selected.transaction.is_refund() {
        context.selected.terminal.capabilities[1] = context.kernel.cvm_capability_required;
        context.selected.terminal.require_on_device_cvm();
    }
    // A list that cannot be filled spoils this application, not the card.
    let selected = &context.selected;
    context.pdol_values = selected.terminal.fill(Tag::PDOL, &selected.card).map_err(Halt::select_next)?;
    let command = Apdu::get_processing_options(&context.pdol_values);
    Ok(Next::Send(command, State::Gpo(ExpectGpo { context })))
}

/// AIP byte 2, bit 8: EMV mode (Book C-2, Annex A).
const EMV_MODE: u8 = 0x80;
/// Kernel configuration, bit 8: no mag-stripe mode.
const NO_MAG_STRIPE: u8 = 0x80;
/// SFI 1, record 1, none signed: the record of mag-stripe mode.
const MAG_STRIPE_RECORD: [u8; 4] = [0x08, 0x01, 0x01, 0x00];

impl ExpectGpo {
    pub(super) fn step(self, response: &[u8]) -> Result<Next<State>, Halt> {
        let Self { mut context } = self;
        // Book C-2: a refused command spoils this application, not the card.
        let data = success(CommandKind::GetProcessingOptions, response).map_err(Halt::select_next)?;
        context.selected.card.keep_options(data)?;

        // What must be there.
        let aip: [u8; 2] = context.selected.card.require_fixed(Tag::AIP)?;
        let afl = context.selected.card.require(Tag::AFL)?;
        if aip[1] & EMV_MODE == 0 {
            return Err(CardFault::NoEmvMode.into());
        }
        // Relay resistance is not supported by this terminal, so it is not performed.
        // The mag-stripe record is skipped, unless the terminal has EMV mode only.
        let has_mag_stripe = context.kernel.kernel_configuration & NO_MAG_STRIPE == 0;
        let records = match afl.split_first_chunk::<4>() {
            Some((&MAG_STRIPE_RECORD, rest)) if has_mag_stripe => rest,
            _ => afl,
        };
        let plan = RecordPlan::parse(records)?;
        read::start(context, plan)
    }
}
