//! GET PROCESSING OPTIONS: the one command of an online Visa card, and what its status words mean.
//!
//! EMV Contactless Book C-3, GET PROCESSING OPTIONS.

use alloc::boxed::Box;

use mpos_tlv::{StatusWord, Tag, dol};

use super::{State, decide, read};
use crate::apdu::Apdu;
use crate::card_data::success;
use crate::error::{CardFault, CommandKind, Fault};
use crate::next::{Halt, Next, Selected};
use crate::records::{RecordPlan, StaticData};

/// Waits for the answer to GET PROCESSING OPTIONS.
pub(crate) struct ExpectGpo {
    selected: Box<Selected>,
}

pub(super) fn start(selected: Box<Selected>) -> Result<Next<State>, Halt> {
    // C-3: a card that does not ask for the TTQ has no qVSDC; its next application may.
    let pdol = selected.card.require(Tag::PDOL).map_err(Halt::select_next)?;
    if !dol::asks_for(pdol, Tag::TTQ) {
        return Err(Halt::select_next(CardFault::Value(Tag::PDOL)));
    }
    let values = selected.terminal.fill(Tag::PDOL, &selected.card).map_err(Halt::select_next)?;
    Ok(Next::Send(Apdu::get_processing_options(&values), State::Gpo(ExpectGpo { selected })))
}

impl ExpectGpo {
    pub(super) fn step(self, response: &[u8]) -> Result<Next<State>, Halt> {
        let Self { mut selected } = self;
        let data = success(CommandKind::GetProcessingOptions, response).map_err(refused)?;
        selected.card.keep_options(data)?;
        selected.card.require_fixed::<2>(Tag::AIP)?;
        // C-3: no AFL, no records: the normal online card.
        match selected.card.get(Tag::AFL) {
            None => decide::decide(selected, StaticData::new()),
            Some(afl) => {
                let plan = RecordPlan::parse(afl)?;
                read::start(selected, plan)
            }
        }
    }
}

/// Book C-3: what a refused GPO means.
fn refused(fault: CardFault) -> Halt {
    let CardFault::Status { status, .. } = fault else { return fault.into() };
    match status {
        StatusWord::USE_CONTACT => Halt::other_interface(),
        StatusWord::CONDITIONS_NOT_SATISFIED => Halt::SelectNext(Fault::Card(fault)),
        StatusWord::SEE_PHONE => Halt::SeePhone,
        _ => fault.into(),
    }
}
