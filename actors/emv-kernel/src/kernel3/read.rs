//! READ RECORD until the AFL is done (EMV Contactless Book C-3).

use alloc::boxed::Box;

use super::{State, decide};
use crate::apdu::Apdu;
use crate::next::{Halt, Next, Selected};
use crate::records::{RecordPlan, RecordRef, StaticData, take_record};

/// Waits for the answer to READ RECORD.
pub(crate) struct ExpectRecord {
    selected: Box<Selected>,
    plan: RecordPlan,
    current: RecordRef,
    static_data: StaticData,
}

/// The first record.
pub(super) fn start(selected: Box<Selected>, plan: RecordPlan) -> Result<Next<State>, Halt> {
    read_next(selected, plan, StaticData::new())
}

impl ExpectRecord {
    pub(super) fn step(self, response: &[u8]) -> Result<Next<State>, Halt> {
        let Self { mut selected, plan, current, mut static_data } = self;
        take_record(current, response, &mut selected.card, &mut static_data)?;
        read_next(selected, plan, static_data)
    }
}

fn read_next(
    selected: Box<Selected>,
    mut plan: RecordPlan,
    static_data: StaticData,
) -> Result<Next<State>, Halt> {
    match plan.next() {
        Some(current) => {
            let command = Apdu::read_record(current.sfi, current.record);
            let state = State::Record(ExpectRecord { selected, plan, current, static_data });
            Ok(Next::Send(command, state))
        }
        None => decide::decide(selected, static_data),
    }
}
